"""What a mailbox has to keep, and for how long: the part of the Python face for whoever answers for that."""

from collections.abc import Callable

from letterbook.adapters.erasing import BOOK
from letterbook.adapters.handle import Handle, check_writable
from letterbook.application import keeping
from letterbook.application.engine import Engine
from letterbook.application.ports import Recorded
from letterbook.application.purging import Purge
from letterbook.application.retaining import Progress, Retained, retain
from letterbook.application.shown import ShownMessage
from letterbook.domain.holds import HoldPlaced
from letterbook.domain.retention import ClearRetention, RetentionAction, RetentionSet, SetRetention


class KeepingBook:
    """A book whose mailboxes have rules of how long messages are kept."""

    engine: Engine
    _purge: Purge

    def retain(
        self, stop: Callable[[], bool] = lambda: False, progress: Progress | None = None
    ) -> list[Retained]:
        """Remove what has been kept as long as its folder says; what is held is passed over and counted.

        Tells of every folder in which there was something to do. ``stop`` is asked now and then whether to
        leave the rest for another time, ``progress`` is told how much is done, and of how much. A server does
        so by itself, once an hour.
        """
        try:
            return retain(self.engine, stop, progress)
        finally:
            self._purge(stop)


class KeepingHandle(Handle):
    """A hold on a mailbox in which something has to be kept. ``by`` is who orders it: an address."""

    def place_hold(self, name: str, *, why: str, search: str | None = None, by: str = BOOK) -> HoldPlaced:
        """Let nothing be removed from the mailbox any more, or nothing that a ``search`` finds.

        What is held can be moved to Deleted Items, but neither deleted for good nor erased, and retention
        passes it over. The search is one as :meth:`search` takes it; what a message said earlier counts, too.
        Raises ``ValueError`` if it cannot be read.
        """
        check_writable(name, why, search)
        return keeping.place_hold(self._engine, self.id, name, why, search, self._engine.occasion(by))

    def release_hold(self, which: str, *, why: str, by: str = BOOK) -> HoldPlaced:
        """Let be removed again what a hold was on, as far as no other one is; gives it as it was placed.

        ``which`` is its name or its id. Raises :class:`letterbook.Refused` if it is neither of any hold, or
        the name of one and the id of another.
        """
        check_writable(why)
        return keeping.release_hold(self._engine, self.id, which, why, self._engine.occasion(by))

    def holds(self) -> list[HoldPlaced]:
        """The holds that are on this mailbox, as they were placed."""
        return list(self._engine.mailbox(self.id).keeping.holds.placed.values())

    def holds_on(self, message: ShownMessage | str) -> list[HoldPlaced]:
        """The holds that are on one message, also on one that was deleted."""
        return keeping.holds_on(self._engine, self.id, self._name(message))

    def refused_removals(self) -> list[Recorded]:
        """Everything that stayed because it was held, first to last: who tried what, and when."""
        return keeping.refused_removals(self._engine, self.id)

    def set_retention(self, folder: str, *, days: int, action: str = "delete", by: str = BOOK) -> None:
        """Keep messages so many days in a folder, named by id or well-known name, and in those below it.

        After that they are deleted for good (``delete``) or made unreadable (``erase``): by
        :meth:`letterbook.Book.retain`, and once an hour by a server. The days count from when a message was
        received, or came into Deleted Items. ``msgfolderroot`` is for every folder that says nothing else.
        Only an encrypted store can erase; another one refuses to be told so.
        """
        ask = SetRetention(self._folder_id(folder), days, RetentionAction(action))
        keeping.set_retention(self._engine, self.id, ask, self._engine.occasion(by))

    def clear_retention(self, folder: str, *, by: str = BOOK) -> None:
        """Let a folder no longer say how long messages are kept."""
        ask, on = ClearRetention(self._folder_id(folder)), self._engine.occasion(by)
        self._engine.run(lambda work: work.ask_mailbox(self.id, ask, on))

    def retention(self) -> list[RetentionSet]:
        """What folders say of how long messages are kept."""
        return list(self._engine.mailbox(self.id).keeping.retentions.values())
