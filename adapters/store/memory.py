"""The store in memory: the same promises without a disk. For tests, lessons and throw-away books."""

import secrets
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Generic, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID

from letterbook.adapters.store.chain import beginning, check_next, seal
from letterbook.adapters.store.evidence import Kept, MemoryEvidence
from letterbook.adapters.store.mapper import FactMapper, FactTranscoder
from letterbook.adapters.store.subscriptions import MemorySubscriptions, Subscribed
from letterbook.adapters.store.uses import MemoryUses
from letterbook.application.disturbances import Disturbances
from letterbook.application.evidence import Evidence
from letterbook.application.moments import microseconds, moment
from letterbook.application.moving import refuse_keys
from letterbook.application.ports import (
    Addition,
    Blobs,
    Clock,
    FreshViews,
    Head,
    History,
    Outbox,
    Parcel,
    Recorded,
    SealBroken,
    Session,
    StoredFact,
    Subscriptions,
    Uses,
    Views,
    WrappedKey,
)
from letterbook.application.troubles import StoreBusy, StoreClosed
from letterbook.domain.facts import Fact
from letterbook.domain.letter import BlobRef
from letterbook.domain.message.retelling import Written
from letterbook.domain.refusals import Conflict


class Copyable(Protocol):
    """The rows of views that live in memory."""

    def copy(self) -> Self:
        """A copy that can be changed without changing this one."""


Rows = TypeVar("Rows", bound=Copyable)


class _Event(NamedTuple):
    """A fact, as it is kept and as it is read."""

    stored: StoredFact
    recorded: Recorded


@dataclass(slots=True)
class _Book(Generic[Rows]):
    """Everything that is kept."""

    rows: Rows
    events: dict[UUID, list[_Event]] = field(default_factory=dict)
    parcels: dict[tuple[UUID, UUID, str, datetime], Parcel] = field(default_factory=dict)
    subscribed: Subscribed = field(default_factory=Subscribed)
    kept: Kept = field(default_factory=Kept)
    uses: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)

    def copy(self) -> "_Book[Rows]":
        events = {mailbox: list(recorded) for mailbox, recorded in self.events.items()}
        parcels, subscribed = dict(self.parcels), self.subscribed.copy()
        return _Book(self.rows.copy(), events, parcels, subscribed, self.kept.copy(), dict(self.uses))


class MemoryHistory:
    """The history inside one transaction. Facts pass through their stored form, as on disk."""

    def __init__(self, events: dict[UUID, list[_Event]], clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._mapper = FactMapper(FactTranscoder())

    def append(self, additions: Sequence[Addition]) -> dict[UUID, int]:
        """Add facts, sealed and in order."""
        ends: dict[UUID, int] = {}
        for addition in additions:
            known = self.of(addition.mailbox, addition.aggregate)
            if (known[-1].version if known else 0) != addition.after:
                raise Conflict
            for version, fact in enumerate(addition.facts, start=addition.after + 1):
                self._add(addition.mailbox, addition.aggregate, version, *self._mapper.to_state(fact))
            ends[addition.mailbox] = self.head(addition.mailbox).seq
        return ends

    def evidence(self, kept: Kept) -> Evidence:
        """The facts in their stored form."""
        recorded = {name: [event.recorded for event in events] for name, events in self._events.items()}
        return MemoryEvidence(recorded, kept, self._mapper)

    def _add(self, mailbox: UUID, aggregate: UUID, version: int, topic: str, state: bytes) -> None:
        head, now = self.head(mailbox), microseconds(self._clock.now())
        place = (mailbox.bytes, head.seq + 1, aggregate.bytes, version)
        sealed = seal(head.hash, *place, now, topic, state)
        self._keep(StoredFact(mailbox, head.seq + 1, aggregate, version, topic, state, now, sealed))

    def _keep(self, stored: StoredFact) -> None:
        fact = self._mapper.to_fact(stored.topic, stored.state)
        at = moment(stored.recorded)
        place = (stored.mailbox, stored.seq, stored.aggregate, stored.version)
        event = _Event(stored, Recorded(*place, at, stored.hash, fact))
        self._events.setdefault(stored.mailbox, []).append(event)

    def of(self, mailbox: UUID, aggregate: UUID, after: int = 0) -> tuple[Recorded, ...]:
        """The facts of one aggregate."""
        events = (event.recorded for event in self._events.get(mailbox, []))
        return tuple(e for e in events if e.aggregate == aggregate and e.version > after)

    def told(self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False) -> list[Fact]:
        """The facts of one aggregate up to a position."""
        events = (event.recorded for event in self._events.get(mailbox, [])[:end])
        return [event.fact for event in events if event.aggregate == aggregate]

    def seek_strays(self, mailbox: UUID, aggregate: UUID) -> None:
        """There are none: what is in memory is under the name that it was given."""

    def told_as_written(
        self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False
    ) -> list[Written]:
        """The same, as they were stored."""
        events = (event.stored for event in self._events.get(mailbox, [])[:end])
        return [
            (e.topic, self._mapper.to_fields(e.topic, e.state)) for e in events if e.aggregate == aggregate
        ]

    def read(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """The facts of a mailbox."""
        return tuple(event.recorded for event in self._events.get(mailbox, [])[after : after + limit])

    def touched(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> list[tuple[bytes, int]]:
        """What the facts of a mailbox are about."""
        return [(each.aggregate.bytes, each.version) for each in self.read(mailbox, after, limit)]

    def stored(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[StoredFact, ...]:
        """The facts of a mailbox as they are kept."""
        return tuple(event.stored for event in self._events.get(mailbox, [])[after : after + limit])

    def keys(self, mailbox: UUID) -> list[WrappedKey]:
        """None: nothing is encrypted."""
        del mailbox
        return []

    def restore_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Refused: what they open could not be read here."""
        refuse_keys(keys)

    def restore(self, facts: Sequence[StoredFact]) -> None:
        """Add facts as another history kept them."""
        for fact in facts:
            check_next(self.head(fact.mailbox), fact)
            known = self.of(fact.mailbox, fact.aggregate)
            if fact.version != (known[-1].version if known else 0) + 1:
                raise SealBroken(f"version {fact.version} of {fact.aggregate} does not follow")
            self._keep(fact)

    def stories(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Fact]]]:
        """The facts of a mailbox, one aggregate after the other."""
        told: dict[UUID, list[Fact]] = {}
        for _, event in self._events.get(mailbox, [])[:end]:
            told.setdefault(event.aggregate, []).append(event.fact)
        yield from ((name, told[name]) for name in sorted(told) if after is None or name > after)

    def stories_as_written(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Written]]]:
        """The same, as they were stored."""
        told: dict[UUID, list[Written]] = {}
        for event, _ in self._events.get(mailbox, [])[:end]:
            written = event.topic, self._mapper.to_fields(event.topic, event.state)
            told.setdefault(event.aggregate, []).append(written)
        yield from ((name, told[name]) for name in sorted(told) if after is None or name > after)

    def head(self, mailbox: UUID) -> Head:
        """Where the history of a mailbox ends."""
        events = self._events.get(mailbox)
        return Head(events[-1].stored.seq, events[-1].stored.hash) if events else beginning(mailbox)

    def position_at(
        self, mailbox: UUID, moment: datetime, between: tuple[int, int | None] = (0, None)
    ) -> int:
        """How far the history had come at a moment."""
        return bisect_right(self._events.get(mailbox, []), moment, key=attrgetter("recorded.recorded_at"))

    def mailboxes(self) -> tuple[UUID, ...]:
        """Every mailbox that has a history."""
        return tuple(sorted(mailbox for mailbox, events in self._events.items() if events))


class MemoryOutbox:
    """Parcels in a dictionary."""

    def __init__(self, parcels: dict[tuple[UUID, UUID, str, datetime], Parcel]) -> None:
        self._parcels = parcels

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Take in parcels."""
        self._parcels.update({_key(parcel): parcel for parcel in parcels})

    def due(self, now: datetime, limit: int) -> list[Parcel]:
        """Parcels whose time has come."""
        due = [parcel for parcel in self._parcels.values() if parcel.due <= now]
        return sorted(due, key=lambda parcel: parcel.due)[:limit]

    def holds(self, parcel: Parcel) -> bool:
        """Whether a parcel is still there."""
        return _key(parcel) in self._parcels

    def done(self, parcel: Parcel) -> None:
        """Take a parcel out."""
        self._parcels.pop(_key(parcel), None)

    def recall(self, mailbox: UUID, message: UUID | None) -> None:
        """Take out what a message, or a whole mailbox, has sent."""
        for key in list(self._parcels):
            if key[0] == mailbox and message in (None, key[1]):
                del self._parcels[key]

    def waiting(self) -> int:
        """How many there are."""
        return len(self._parcels)


def _key(parcel: Parcel) -> tuple[UUID, UUID, str, datetime]:
    return parcel.mailbox, parcel.message, parcel.recipient, parcel.due


@dataclass(frozen=True, slots=True)
class MemorySession:
    """One transaction."""

    history: History
    views: Views
    fresh: FreshViews
    outbox: Outbox
    subscriptions: Subscriptions
    evidence: Evidence
    uses: Uses
    disturbances: Disturbances


class MemoryStore(Generic[Rows]):
    """A book in memory. A writer works on a copy, which becomes the book when it is done."""

    def __init__(
        self,
        *,
        rows: Rows,
        views: Callable[[Rows], Views],
        fresh: Callable[[Rows], FreshViews],
        blobs: Blobs,
        clock: Clock,
    ) -> None:
        self.blobs = blobs
        self.encrypted = False
        self.secret = secrets.token_bytes(32)
        self._views = views
        self._fresh = fresh
        self._rebuilding = threading.Lock()
        self._clock = clock
        self._book = _Book(rows)
        self._writing = threading.Lock()
        self._written = 0
        self._nobody = Disturbances()
        self._closed = False

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that writes."""
        self._check_open()
        with self._writing:
            fresh = self._book.copy()
            yield self._session(fresh)
            self._book = fresh
            self._written += 1

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One moment to read from."""
        self._check_open()
        yield self._session(self._book)

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """One at a time."""
        if not self._rebuilding.acquire(blocking=False):
            raise StoreBusy("the views are being rebuilt already")
        try:
            yield
        finally:
            self._rebuilding.release()

    def copy_to(self, other: "MemoryStore[Rows]", ends: Mapping[UUID, int]) -> None:
        """Put the history of some mailboxes, each up to a position, and all blobs into an empty store."""
        other._book.events = {mailbox: self._book.events[mailbox][:end] for mailbox, end in ends.items()}
        for blob in self.blobs.kept():
            other.blobs.put(self.blobs.get(BlobRef(sha256=blob.name, size=blob.size)))

    def pulse(self) -> int:
        """How many transactions there were."""
        self._check_open()
        return self._written

    def close(self) -> None:
        """Nothing to let go of; it is as closed as a file is."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed

    def _session(self, book: _Book[Rows]) -> Session:
        history = MemoryHistory(book.events, self._clock)
        outbox = MemoryOutbox(book.parcels)
        views, fresh = self._views(book.rows), self._fresh(book.rows)
        subscriptions, evidence = MemorySubscriptions(book.subscribed), history.evidence(book.kept)
        uses = MemoryUses(book.uses)
        return MemorySession(history, views, fresh, outbox, subscriptions, evidence, uses, self._nobody)
