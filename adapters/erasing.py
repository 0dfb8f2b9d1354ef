"""Erasing: the part of the Python face for whoever answers for what has to be forgotten."""

from collections.abc import Iterable
from dataclasses import replace

from letterbook.adapters.handle import Handle, check_writable
from letterbook.application.engine import Engine
from letterbook.application.erasing import Erasure, Progress, erase_message, erase_people
from letterbook.application.purging import Purge
from letterbook.application.shown import ShownMessage
from letterbook.application.tidying import go_on

BOOK = "system:book"


class ErasingBook:
    """A book from which people can be erased."""

    engine: Engine
    _purge: Purge

    def erase_people(
        self, addresses: str | Iterable[str], *, why: str, by: str = BOOK, progress: Progress | None = None
    ) -> Erasure:
        """Make unreadable for ever whatever was written by, to or about people, and say ``why``.

        Their own mailboxes go whole. In all others goes every message that ever named one of the addresses as
        author, sender, recipient, to be replied to, or mentioned: in any earlier draft, and in what is
        attached. What is on hold stays, and is counted. The answer tells what else still names them. ``by``
        orders it: an address. It is all done or nothing, and all traces of it are cleared out of the files of
        the store; ``purged`` tells whether that had to be put off until it is opened next, as others use it.

        Raises :class:`letterbook.Refused` if the store is not encrypted, or an address is none.
        """
        check_writable(why)
        who = [addresses] if isinstance(addresses, str) else addresses
        erasure = erase_people(self.engine, who, why, self.engine.occasion(by), progress)
        return replace(erasure, purged=self._purge(go_on))


class ErasingHandle(Handle):
    """A hold on a mailbox from which messages can be erased."""

    _purge: Purge

    def erase(self, message: ShownMessage | str, *, why: str, by: str = BOOK) -> Erasure:
        """Make unreadable for ever what a message says and ever said, and say ``why``.

        One that was deleted for good can be erased, too: its history is still there. Nobody can undo it. One
        that was erased already stays erased as it was, and none is counted. ``by`` orders it: an address.
        Raises :class:`letterbook.Refused` if it is on hold, or the store is not encrypted.
        """
        check_writable(why)
        erasure = erase_message(self._engine, self.id, self._name(message), why, self._engine.occasion(by))
        return replace(erasure, purged=self._purge(go_on))
