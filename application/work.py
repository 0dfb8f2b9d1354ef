"""One transaction's work: load a state, let the rules decide, keep the facts and what they change.

Everything is gathered first and written at the end in one go, so a refused job leaves nothing behind and a
message that changes four times in one transaction is put into its folder once.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from letterbook.application.ports import Addition, Parcel, Recorded, Session
from letterbook.application.projection import project_mailbox, project_message
from letterbook.application.rows import (
    Count,
    DropMessage,
    MessageRow,
    PersonRow,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.showing import ReadBlob
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.mailbox import Mailbox, MailboxCommand, MailboxFact
from letterbook.domain.message import Message, MessageCommand, MessageFact

Key = tuple[UUID, UUID]
"""A mailbox, and an aggregate in it; a mailbox's own aggregate has the mailbox's id."""


@dataclass(frozen=True, slots=True)
class Known:
    """A state and the version it was told from."""

    state: Any
    version: int


NOTHING = Known(None, 0)


class Memory:
    """The states of the aggregates used last. Only right as long as nobody else writes to the store."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._known: OrderedDict[Key, Known] = OrderedDict()
        self.people: dict[str, PersonRow | None] = {}

    def get(self, key: Key) -> Known | None:
        """What is remembered of an aggregate."""
        return self._known.get(key)

    def learn(self, news: dict[Key, Known]) -> None:
        """Remember what a transaction has made true, and forget what was learned longest ago."""
        for key, known in news.items():
            self._known[key] = known
            self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        if len(self.people) > self._most:
            self.people.clear()

    def forget(self) -> None:
        """Believe nothing any more."""
        self._known.clear()
        self.people.clear()


@dataclass(slots=True)
class _Pages:
    """What one job wrote: facts, changed rows, parcels, and the states that follow from them."""

    additions: list[Addition] = field(default_factory=list)
    changes: list[tuple[UUID, ViewChange]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    done: list[Parcel] = field(default_factory=list)
    states: dict[Key, Known] = field(default_factory=dict)
    rows: dict[Key, MessageRow] = field(default_factory=dict)
    people: dict[str, PersonRow] = field(default_factory=dict)

    def add(self, later: "_Pages") -> None:
        self.additions += later.additions
        self.changes += later.changes
        self.parcels += later.parcels
        self.done += later.done
        self.states |= later.states
        self.rows |= later.rows
        self.people |= later.people


class Work:
    """The open transaction, as jobs see it."""

    def __init__(self, session: Session, memory: Memory, read_blob: ReadBlob) -> None:
        self.session = session
        self._memory = memory
        self._read_blob = read_blob
        self._kept = _Pages()
        self._job = _Pages()

    def keep(self) -> None:
        """The job went well."""
        self._kept.add(self._job)
        self._job = _Pages()

    def undo(self) -> None:
        """The job was refused."""
        self._job = _Pages()

    # -- messages --

    def message(self, mailbox: UUID, name: UUID) -> Message | None:
        """A message as it is now."""
        return cast(Message | None, self._known((mailbox, name)).state)

    def expect_new(self, mailbox: UUID, name: UUID) -> None:
        """This name was only just invented: there is nothing to look for; the history refuses doubles."""
        key = (mailbox, name)
        if self._memory.get(key) is None:
            self._kept.states.setdefault(key, NOTHING)

    def ask_message(
        self, mailbox: UUID, name: UUID, ask: MessageCommand, on: Occasion
    ) -> tuple[Message | None, tuple[MessageFact, ...]]:
        """Put a command to a message; gives the state after it and the facts that were decided."""
        key = (mailbox, name)
        before = self._known(key)
        facts = messages.decide(before.state, ask, on)
        after = messages.fold(before.state, facts)
        if facts and after is not None:
            self._write(key, before, facts, after)
            owner = self.mailbox(mailbox)
            news = project_message(mailbox, name, owner, before.state, after, self._read_blob)
            self._job.changes.extend((mailbox, change) for change in news)
            for change in news:
                if isinstance(change, PutMessage):
                    self._job.rows[key] = change.row
        return after, facts

    def row(self, mailbox: UUID, name: UUID) -> MessageRow | None:
        """The row of a message as it will be when this transaction is written."""
        key = (mailbox, name)
        return self._job.rows.get(key) or self._kept.rows.get(key) or self.session.views.message(*key)

    # -- mailboxes --

    def mailbox(self, mailbox: UUID) -> Mailbox:
        """A mailbox as it is now; refuses one that nobody opened."""
        state = self._known((mailbox, mailbox)).state
        if state is None:
            raise refusals.MailboxUnknown(str(mailbox))
        return cast(Mailbox, state)

    def is_open(self, mailbox: UUID) -> bool:
        """Whether somebody opened this mailbox."""
        return self._known((mailbox, mailbox)).state is not None

    def ask_mailbox(self, mailbox: UUID, ask: MailboxCommand, on: Occasion) -> Mailbox:
        """Put a command to a mailbox; gives the state after it."""
        key = (mailbox, mailbox)
        before = self._known(key)
        facts = mailboxes.decide(before.state, ask, on)
        after = mailboxes.fold(before.state, facts)
        assert after is not None, "an answered command leaves a mailbox"
        if facts:
            self._write(key, before, facts, after)
            news = project_mailbox(mailbox, after, facts)
            self._job.changes.extend((mailbox, change) for change in news)
            new = [change.row for change in news if isinstance(change, PutPerson)]
            self._job.people |= {person.address.casefold(): person for person in new}
        return after

    def person(self, address: str) -> PersonRow | None:
        """Whose mailbox in this store an address names."""
        people = self._memory.people
        key = address.casefold()
        if opened := self._job.people.get(key) or self._kept.people.get(key):
            return opened
        if key not in people:
            people[key] = self.session.views.person(key)
        return people[key]

    def name_of(self, address: str) -> str | None:
        """The directory: the name of whoever has a mailbox in this store."""
        person = self.person(address)
        return person.name if person else None

    # -- the outbox --

    def post(self, parcels: Iterable[Parcel]) -> None:
        """Something is to be delivered."""
        self._job.parcels.extend(parcels)

    def awaits(self, parcel: Parcel) -> bool:
        """Whether a parcel is still to be delivered, as far as this transaction knows."""
        return parcel not in self._job.done + self._kept.done and self.session.outbox.holds(parcel)

    def put_off(self, parcel: Parcel, later: Parcel) -> None:
        """A parcel did not get through this time, unless somebody else got it through meanwhile."""
        if self.awaits(parcel):
            self.post([later])

    def delivered(self, parcel: Parcel) -> None:
        """A parcel is through."""
        self._job.done.append(parcel)

    # -- the end of the transaction --

    def write(self) -> None:
        """Write everything that was kept into the session, and remember the new states."""
        kept = self._kept
        ends = self.session.history.append(kept.additions) if kept.additions else {}
        for mailbox, changes in _by_mailbox(kept.changes, ends).items():
            self.session.views.apply(mailbox, ends[mailbox], changes)
        if kept.parcels:
            self.session.outbox.put(kept.parcels)
        for parcel in kept.done:
            self.session.outbox.done(parcel)

    def remember(self) -> None:
        """The transaction is on disk: what it made true can be believed."""
        self._memory.learn(self._kept.states)
        self._memory.people.update(self._kept.people)

    def _write(self, key: Key, before: Known, facts: tuple[Fact, ...], after: object) -> None:
        self._job.additions.append(Addition(*key, after=before.version, facts=facts))
        self._job.states[key] = Known(after, before.version + len(facts))

    def _known(self, key: Key) -> Known:
        known = self._job.states.get(key) or self._kept.states.get(key) or self._memory.get(key)
        if known is None:
            known = tell(self.session, key)
            self._kept.states[key] = known
        return known


def tell(session: Session, key: Key) -> Known:
    """The state of an aggregate, told from its whole history."""
    mailbox, aggregate = key
    recorded = session.history.of(mailbox, aggregate)
    if not recorded:
        return NOTHING
    return Known(_fold(key, recorded), recorded[-1].version)


def _fold(key: Key, recorded: tuple[Recorded, ...]) -> object:
    mailbox, aggregate = key
    facts = (each.fact for each in recorded)
    if mailbox == aggregate:
        return mailboxes.fold(None, cast(Iterable[MailboxFact], facts))
    return messages.fold(None, cast(Iterable[MessageFact], facts))


def _by_mailbox(
    changes: list[tuple[UUID, ViewChange]], ends: dict[UUID, int]
) -> dict[UUID, list[ViewChange]]:
    """The changes of each mailbox, each message once as it is in the end, each folder counted once."""
    merged: dict[UUID, dict[object, ViewChange]] = {mailbox: {} for mailbox in ends}
    for mailbox, change in changes:
        rows = merged[mailbox]
        match change:
            case PutMessage(row, reworded):
                known = rows.get(row.message)
                earlier = isinstance(known, PutMessage) and known.reworded
                rows[row.message] = PutMessage(row, reworded or earlier)
            case DropMessage(message):
                rows[message] = change
            case Count(folder, total, unread):
                known = cast(Count, rows.get((Count, folder), Count(folder, 0, 0)))
                rows[Count, folder] = Count(folder, known.total + total, known.unread + unread)
            case _:
                rows[len(rows), type(change)] = change
    return {mailbox: list(rows.values()) for mailbox, rows in merged.items()}
