"""The history in SQLite, inside one transaction: facts in, facts out, each of them checked."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from eventsourcing.persistence import RecordConflictError

from letterbook.adapters.store import belief
from letterbook.adapters.store.belief import LinkedRow
from letterbook.adapters.store.evidence import SqliteEvidence
from letterbook.adapters.store.mapper import FactMapper
from letterbook.adapters.store.recorder import (
    MailboxRecorder,
    NewEvent,
    stored_fact,
)
from letterbook.application.disturbances import Numbers
from letterbook.application.evidence import Evidence
from letterbook.application.moments import microseconds
from letterbook.application.moving import refuse_keys
from letterbook.application.ports import (
    Addition,
    Clock,
    Head,
    Recorded,
    SealBroken,
    StoredFact,
    WrappedKey,
)
from letterbook.domain.facts import Fact
from letterbook.domain.message.retelling import Written
from letterbook.domain.refusals import Conflict

_VERSIONS = "AND e.aggregate=? AND e.version>? ORDER BY e.version"
_TOLD = "AND e.aggregate=? AND +e.seq<=? ORDER BY e.version"
_STORIES = "AND e.aggregate>? AND +e.seq<=? ORDER BY e.aggregate, e.version"
"""The ``+`` keeps SQLite from looking through the whole mailbox for them."""


class SqliteHistory:
    """The history inside one transaction."""

    def __init__(
        self, connection: sqlite3.Connection, recorder: MailboxRecorder, mapper: FactMapper, clock: Clock
    ) -> None:
        self._connection = connection
        self._recorder = recorder
        self._mapper = mapper
        self._clock = clock

    def append(self, additions: Sequence[Addition]) -> dict[UUID, int]:
        """Add facts, sealed and in order."""
        recorded = microseconds(self._clock.now())
        by_mailbox: dict[UUID, list[NewEvent]] = {}
        for addition in additions:
            by_mailbox.setdefault(addition.mailbox, []).extend(self._new_events(addition))
        try:
            return {
                mailbox: self._recorder.add(self._connection, mailbox, events, recorded)
                for mailbox, events in by_mailbox.items()
            }
        except (RecordConflictError, sqlite3.IntegrityError):
            raise Conflict from None

    def of(self, mailbox: UUID, aggregate: UUID, after: int = 0) -> tuple[Recorded, ...]:
        """The facts of one aggregate."""
        rows = list(self._linked(mailbox, _VERSIONS, aggregate.bytes, after))
        found = tuple(belief.recorded(row, self._fact) for row in rows)
        if found and found[-1].version != after + len(found):
            belief.incomplete(aggregate.bytes)
        return found

    def told(self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False) -> list[Fact]:
        """The facts of one aggregate up to a position."""
        return belief.told(self._up_to(mailbox, aggregate, end, whole=whole), self._fact)

    def told_as_written(
        self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False
    ) -> list[Written]:
        """The same, as they were stored."""
        return belief.told(self._up_to(mailbox, aggregate, end, whole=whole), self._written)

    def seek_strays(self, mailbox: UUID, aggregate: UUID) -> None:
        """Look under every name that one flipped bit makes of this one."""
        for row in self._recorder.near_rows(self._connection, mailbox.bytes, aggregate.bytes):
            belief.check(row)

    def read(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """The facts of a mailbox."""
        rows = list(self._linked(mailbox, "AND e.seq>? ORDER BY e.seq LIMIT ?", after, limit))
        return tuple(belief.recorded(row, self._fact) for row in rows)

    def touched(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> list[tuple[bytes, int]]:
        """What the facts of a mailbox are about."""
        found: list[tuple[bytes, int]] = []
        for row in self._linked(mailbox, "AND e.seq>? ORDER BY e.seq LIMIT ?", after, limit):
            belief.check(row)
            found.append((row[2], row[3]))
        return found

    def stored(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[StoredFact, ...]:
        """The facts of a mailbox as they are kept."""
        return tuple(stored_fact(row) for row in self._recorder.rows(self._connection, mailbox, after, limit))

    def keys(self, mailbox: UUID) -> list[WrappedKey]:
        """None: nothing is encrypted."""
        del mailbox
        return []

    def restore_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Refused: what they open could not be read here."""
        refuse_keys(keys)

    def restore(self, facts: Sequence[StoredFact]) -> None:
        """Add facts as another history kept them."""
        try:
            self._recorder.restore(self._connection, facts)
        except (RecordConflictError, sqlite3.IntegrityError) as error:
            raise SealBroken(f"an event does not follow on the one before it: {error}") from error

    def stories(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Fact]]]:
        """The facts of a mailbox, one aggregate after the other; no more than facts is made of a row."""
        for name, group in self._stories(mailbox, after, end):
            told = belief.told(group, self._fact)
            yield belief.named(name), told

    def stories_as_written(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Written]]]:
        """The same, as they were stored."""
        for name, group in self._stories(mailbox, after, end):
            told = belief.told(group, self._written)
            yield belief.named(name), told

    def head(self, mailbox: UUID) -> Head:
        """Where the history of a mailbox ends."""
        return self._recorder.read_head(self._connection, mailbox)

    def position_at(
        self, mailbox: UUID, moment: datetime, between: tuple[int, int | None] = (0, None)
    ) -> int:
        """How far the history had come at a moment: the times on both sides of it are checked."""
        found = self._recorder.position_at(self._connection, mailbox, microseconds(moment), *between)
        for row in self._linked(mailbox, "AND e.seq IN (?,?)", found, found + 1):
            belief.check(row)
        return found

    def mailboxes(self) -> tuple[UUID, ...]:
        """Every mailbox that has a history."""
        return tuple(self._recorder.mailboxes(self._connection))

    def evidence(self) -> Evidence:
        """The rows themselves."""
        return SqliteEvidence(self._connection, self._mapper)

    def catch_up(self) -> list[Numbers] | None:
        """What others have added, and so is not believed any more; ``None``: it may be anything."""
        return self._recorder.remembered.catch_up(self._connection)

    def forget(self) -> None:
        """A transaction was undone, or nobody can say what others wrote: believe nothing."""
        self._recorder.remembered.forget()

    def _new_events(self, addition: Addition) -> Iterator[NewEvent]:
        for version, fact in enumerate(addition.facts, start=addition.after + 1):
            topic, state = self._mapper.to_state(fact)
            yield addition.aggregate, version, topic, state

    def _up_to(self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool) -> list[LinkedRow]:
        rows = list(self._linked(mailbox, _TOLD, aggregate.bytes, end))
        if whole and (not rows or rows[-1][1] != end):
            belief.incomplete(aggregate.bytes)
        return rows

    def _stories(
        self, mailbox: UUID, after: UUID | None, end: int
    ) -> Iterator[tuple[bytes, Iterator[LinkedRow]]]:
        """The rows of one aggregate after the other."""
        with closing(self._linked(mailbox, _STORIES, after.bytes if after else b"", end)) as rows:
            yield from groupby(rows, key=itemgetter(2))

    def _linked(self, mailbox: UUID, which: str, *values: object) -> sqlite3.Cursor:
        """Rows of events that have yet to be believed.

        Read to the end before any is looked at, or closed: an error keeps whatever was half read, and as long
        as a statement is not done, its connection goes on telling of the moment at which that began.
        """
        return self._recorder.linked_rows(self._connection, mailbox, which, values)

    def _fact(self, row: LinkedRow) -> Fact:
        """What a row says."""
        return self._mapper.to_fact(row[4], row[5])

    def _written(self, row: LinkedRow) -> Written:
        """What a row says, as it was stored."""
        return row[4], self._mapper.to_fields(row[4], row[5])
