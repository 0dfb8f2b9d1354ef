"""The part of a mailbox's Python face that proves what happened in it."""

from typing import Any

from letterbook.adapters.handle import Handle
from letterbook.application.checkpoints import Checkpoints
from letterbook.application.notes import Checkpoint, NoCheckpoint, read_checkpoint, verifier_key
from letterbook.application.shown import ShownMessage


class ProvingHandle(Handle):
    """A hold on a mailbox that signs checkpoints of it and takes proofs from it."""

    _checkpoints: Checkpoints

    def checkpoint(self) -> Checkpoint:
        """How long the history is and what is in it, signed. ``note`` is what to keep outside the store.

        Raises :class:`letterbook.StoreDamaged` if the history does not continue what was signed before.
        """
        return self._checkpoints.sign(self.id)

    def checkpoint_key(self) -> str:
        """The public key that checkpoints of this mailbox are signed with, as one line."""
        self._engine.store.pulse()  # a book that was closed says so
        return verifier_key(self._checkpoints.notary.public, self.id)

    def prove(self, message: ShownMessage | str) -> dict[str, Any]:
        """All that happened to a message so far, and that a checkpoint signs it: ready for ``json.dump``."""
        return self._checkpoints.prove(self.id, self._name(message))

    def prove_growth(self, older: Checkpoint | str) -> dict[str, Any]:
        """That the history of now begins with the one that an older checkpoint, or its note, signs.

        Raises :class:`letterbook.StoreDamaged` if it does not, ``ValueError`` if it is of another mailbox.
        """
        checkpoint = read_checkpoint(older) if isinstance(older, str) else older
        if checkpoint.mailbox != self.id:
            raise NoCheckpoint("The checkpoint is of another mailbox.")
        return self._checkpoints.prove_growth(checkpoint)
