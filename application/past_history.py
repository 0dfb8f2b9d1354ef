"""Histories cut off behind a position: what had been recorded at an earlier moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from letterbook.application.completeness import check_own, check_whole
from letterbook.application.ports import (
    Addition,
    Head,
    History,
    Recorded,
    Session,
    Store,
    StoredFact,
    WrappedKey,
)
from letterbook.domain import refusals
from letterbook.domain.facts import Fact
from letterbook.domain.message.retelling import Written


@dataclass(slots=True)
class Ends:
    """Where each history is cut off: at a moment, or at one position and when that was recorded."""

    store: Store
    moment: datetime | None
    known: dict[UUID, int]

    def of(self, mailbox: UUID) -> int:
        """The last position that had been recorded."""
        if mailbox not in self.known:
            with self.store.reading() as session:
                self.moment = self.moment or self._recorded_at(session.history)
                self.known[mailbox] = session.history.position_at(mailbox, self.moment)
        return self.known[mailbox]

    def _recorded_at(self, history: History) -> datetime:
        ((mailbox, position),) = self.known.items()
        return history.read(mailbox, position - 1, 1)[0].recorded_at


class PastHistory:
    """A history without its end."""

    def __init__(self, session: Session, ends: Ends) -> None:
        self._history = session.history
        self._live = session.views
        self._ends = ends

    def append(self, additions: Sequence[Addition]) -> dict[UUID, int]:
        """Refused."""
        raise refusals.PastUnchangeable

    def of(self, mailbox: UUID, aggregate: UUID, after: int = 0) -> tuple[Recorded, ...]:
        """The facts of one aggregate."""
        end, found = self._ends.of(mailbox), self._history.of(mailbox, aggregate, after)
        if aggregate == mailbox and not after:
            check_own(self._history, self._live, mailbox, found)
        elif not after:
            check_whole(self._live, mailbox, aggregate, found)
        return tuple(each for each in found if each.seq <= end)

    def told(self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False) -> list[Fact]:
        """The facts of one aggregate up to a position."""
        return self._history.told(mailbox, aggregate, min(end, self._ends.of(mailbox)), whole=whole)

    def seek_strays(self, mailbox: UUID, aggregate: UUID) -> None:
        """In all of the history."""
        self._history.seek_strays(mailbox, aggregate)

    def told_as_written(
        self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False
    ) -> list[Written]:
        """The same, as they were stored."""
        end = min(end, self._ends.of(mailbox))
        return self._history.told_as_written(mailbox, aggregate, end, whole=whole)

    def read(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """The facts of a mailbox."""
        left = self._ends.of(mailbox) - after
        return self._history.read(mailbox, after, min(limit, left)) if left > 0 else ()

    def touched(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> list[tuple[bytes, int]]:
        """What the facts of a mailbox are about."""
        left = self._ends.of(mailbox) - after
        return self._history.touched(mailbox, after, min(limit, left)) if left > 0 else []

    def stored(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[StoredFact, ...]:
        """The facts of a mailbox as they are kept."""
        left = self._ends.of(mailbox) - after
        return self._history.stored(mailbox, after, min(limit, left)) if left > 0 else ()

    def restore(self, facts: Sequence[StoredFact]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def keys(self, mailbox: UUID) -> list[WrappedKey]:
        """Those of now: the past has no others."""
        return self._history.keys(mailbox)

    def restore_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def stories(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Fact]]]:
        """The facts of a mailbox, one aggregate after the other."""
        return self._history.stories(mailbox, min(end, self._ends.of(mailbox)), after)

    def stories_as_written(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Written]]]:
        """The same, as they were stored."""
        return self._history.stories_as_written(mailbox, min(end, self._ends.of(mailbox)), after)

    def head(self, mailbox: UUID) -> Head:
        """Where the history ended."""
        end = self._ends.of(mailbox)
        last = self._history.read(mailbox, end - 1, 1) if end else ()
        return Head(last[0].seq, last[0].hash) if last else Head(0, b"")

    def position_at(
        self, mailbox: UUID, moment: datetime, between: tuple[int, int | None] = (0, None)
    ) -> int:
        """How far the history had come at a still earlier moment."""
        return min(self._history.position_at(mailbox, moment, between), self._ends.of(mailbox))

    def mailboxes(self) -> tuple[UUID, ...]:
        """Every mailbox that had a history."""
        return tuple(mailbox for mailbox in self._history.mailboxes() if self._ends.of(mailbox))
