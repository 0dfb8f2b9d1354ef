"""What somebody who asks to change a message believes of it, looked at in the transaction of the change."""

from dataclasses import dataclass
from uuid import UUID

from letterbook.application.public_ids import change_key
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.message import Message


@dataclass(frozen=True, slots=True)
class Belief:
    """How often the message came to another folder, and its change key; ``None`` for whoever does not say.

    ``keys`` are alternatives: of several, the one that holds is enough.
    """

    moves: int | None = None
    keys: frozenset[str] | None = None

    def check(self, work: Work, mailbox: UUID, name: UUID) -> None:
        """Refuse if the message has moved, or changed, since the asker looked."""
        message = work.message(mailbox, name)
        check_place(message, self.moves)
        if message is None or message.folder is None or self.keys is None:
            return
        if change_key(mailbox, name, message.revision) not in self.keys:
            raise refusals.Conflict


def check_place(message: Message | None, moves: int | None) -> None:
    """Refuse a default id from before the message came to another folder: nothing has that id any more."""
    if message is not None and moves not in (None, message.moves):
        raise refusals.NotFound
