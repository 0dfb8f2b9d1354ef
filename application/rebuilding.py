"""Making the views again from the history, beside the live ones, and proving that they are what they were.

The history is read in slices, message by message, up to where it ended at the beginning; each slice is
written in a transaction of its own, so that others write in between. Then the new views catch up with what
was written meanwhile, and in one short transaction they take the place of the live ones.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from letterbook.application.collecting import uncollected
from letterbook.application.ports import FreshRow, Recorded, Session, Store, Views
from letterbook.application.projection import counts_of, project_mailbox, project_message, row_of
from letterbook.application.rows import Count, MessageRow, ViewChange
from letterbook.application.slices import Slices, add
from letterbook.application.troubles import StoreBusy, StoreDamaged
from letterbook.application.verifying import first_bad
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.facts import Fact
from letterbook.domain.mailbox import ErasedMailbox, Mailbox, MailboxFact
from letterbook.domain.message import ErasedMessage, Message, MessageFact

_SLICE = 8000
"""Events that are looked at, or followed, at once."""
_NEARLY_THERE = 200
"""Events that are left for the transaction in which the new views take their place."""
_ROUNDS = 50
"""After so many rounds of catching up, whoever keeps writing waits for the rest."""
_BREATH = 0.002
"""Seconds in which others begin to write, after each slice."""

Progress = Callable[[UUID, int], None]
"""Is told of every mailbox, and how many of its events were just read."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the views of one mailbox.

    ``equal``: the new rows are what the old ones were; ``None`` if they were not compared. Where
    there are no ``events`` they never are.
    """

    mailbox: UUID
    events: int
    equal: bool | None = None


def rebuild(
    store: Store, progress: Progress | None = None, *, verify: bool = False, words: bool = True
) -> list[Rebuilt]:
    """Make the views of every mailbox again, while the live ones are read and written.

    With ``verify`` the new ones are compared with those they replace. Without ``words`` the search index is
    left to whoever searches. Raises ``StoreBusy`` if somebody else rebuilds this store, and ``StoreDamaged``,
    which names the first bad event, if its history is not what was recorded, or shorter than it was; the
    live views stay. With ``verify`` those of a shorter one are made, and are not equal; of a mailbox without
    any event the live views are all that is left, and stay.

    A mailbox that has no event is told, too, and is not equal: one that was signed here and is not shown, and
    one that is shown and of which nothing tells that it ever had an event. That one is shown no more.
    """
    with store.rebuilding():
        try:
            return _Rebuild(store, progress or _quiet, verify, words).run()
        except StoreDamaged as damage:
            raise _named(store) or damage from damage
        finally:
            sweep(store)


def make_missing(store: Store) -> None:
    """Make the views of a store that has none yet: one that an earlier version kept in another shape.

    What a rebuild that was killed has left is cleared away first.
    """
    with store.reading() as session:
        found = session.history.mailboxes()
        known = session.views.people() or all(_shows_erased(session, each) for each in found)
        littered = session.fresh.leftovers()
    if littered:
        with suppress(StoreBusy), store.rebuilding():  # busy: it is being built just now
            sweep(store)
    if not known:
        rebuild(store, words=False)


def unmake(store: Store) -> None:
    """Let a store have no views: its history goes on without them, and they are made again when it is opened.

    Raises ``StoreBusy`` if somebody else rebuilds this store.
    """
    with store.reading() as session:
        shown = any(map(session.views.position, session.history.mailboxes()))
    if not shown:
        return
    with store.rebuilding():
        sweep(store)
        with store.writing() as session:
            session.fresh.begin()
            while session.fresh.make_index():
                pass
            session.fresh.take_over()
        sweep(store)


def _shows_erased(session: Session, mailbox: UUID) -> bool:
    """Whether the views show nobody because a mailbox was erased, not because they have yet to be made."""
    told = _told(session, mailbox, mailbox, session.views.position(mailbox))
    return isinstance(mailboxes.fold(None, cast(list[MailboxFact], told)), ErasedMailbox)


def _quiet(_mailbox: UUID, _events: int) -> None:
    """Nobody wants to know."""


def _named(store: Store) -> StoreDamaged | None:
    """The first bad event of the first mailbox that has one."""
    with store.reading() as session:
        for mailbox in session.history.mailboxes():
            if bad := first_bad(session.evidence, mailbox):
                return StoreDamaged(f"mailbox {mailbox}, {bad}")
    return None


def sweep(store: Store) -> None:
    """Drop views that nobody is shown, slice by slice."""
    with store.reading() as session:
        left = session.fresh.leftovers()
    while left:
        with store.writing() as session:
            session.fresh.sweep()
            left = session.fresh.leftovers()
        _breathe()


def _breathe() -> None:
    threading.Event().wait(_BREATH)


class _Rebuild:
    """One rebuild, from empty views to the live ones."""

    def __init__(self, store: Store, progress: Progress, verify: bool, words: bool) -> None:
        self._store = store
        self._progress = progress
        self._verify = verify
        self._words = words
        self._unequal: set[UUID] = set()

    def run(self) -> list[Rebuilt]:
        """All of it."""
        sweep(self._store)
        with self._store.writing() as session:
            session.fresh.begin()
        for mailbox, end in self._ends():
            self._fill(mailbox, end)
        self._index()
        self._catch_up()
        if self._verify:
            self._compare()
        return self._take_over()

    def _ends(self) -> list[tuple[UUID, int]]:
        with self._store.reading() as session:
            history = session.history
            found = [(mailbox, history.head(mailbox).seq) for mailbox in history.mailboxes()]
            _eventless(session)
            if not self._verify:
                _check_not_shorter(session.views, dict(found))
            return found

    # -- in slices --

    def _fill(self, mailbox: UUID, end: int) -> None:
        """Show what a mailbox held at ``end``. A slice is written while the next one is read."""
        slices = Slices(mailbox, end, self._own(mailbox, end), self._store.blobs.get, self._words)
        with ThreadPoolExecutor(1, "letterbook-rebuild") as writer:
            written: Future[None] | None = None
            while not slices.all_read:
                with self._store.reading() as session, uncollected():
                    rows = slices.read(session)
                if written:
                    written.result()
                written = writer.submit(self._write, mailbox, end, rows)
                self._progress(mailbox, slices.events)
            if written:
                written.result()
        slices.check_whole()
        with self._store.writing() as session:
            session.fresh.views.apply(mailbox, end, slices.counts.values())

    def _own(self, mailbox: UUID, end: int) -> Mailbox:
        """The mailbox itself: its owner and folders."""
        with self._store.writing() as session:
            own = [each for each in session.history.of(mailbox, mailbox) if each.seq <= end]
            facts = [cast(MailboxFact, each.fact) for each in own]
            owner = mailboxes.fold(None, facts)
            if owner is None:
                raise StoreDamaged(f"mailbox {mailbox} has no beginning")
            session.fresh.views.apply(mailbox, end, project_mailbox(mailbox, owner, facts, own[-1].seq))
        return owner

    def _write(self, mailbox: UUID, end: int, rows: Sequence[FreshRow]) -> None:
        with self._store.writing() as session, uncollected():
            session.fresh.fill(mailbox, end, rows)
        _breathe()

    def _index(self) -> None:
        """Make the indexes, each in a transaction of its own."""
        left = True
        while left:
            with self._store.writing() as session:
                left = session.fresh.make_index()
            _breathe()

    # -- catching up --

    def _catch_up(self) -> None:
        """Show what was written since, until little is left to show."""
        for _ in range(_ROUNDS):
            behind = 0
            for mailbox, _end in self._ends():
                with self._store.writing() as session:
                    behind += self._follow(session, mailbox, 4 * _NEARLY_THERE)
                _breathe()
            if behind <= _NEARLY_THERE:
                return

    def _follow(self, session: Session, mailbox: UUID, limit: int) -> int:
        """Show what up to ``limit`` events changed; gives how many there were."""
        fresh = session.fresh.views
        position = fresh.position(mailbox)
        news = session.history.read(mailbox, position, limit)
        if news:
            fresh.apply(mailbox, news[-1].seq, self._changes(session, mailbox, position, news))
        return len(news)

    def _changes(
        self, session: Session, mailbox: UUID, position: int, news: Sequence[Recorded]
    ) -> Iterator[ViewChange]:
        """What events behind a position change, as it is when they are written one by one."""
        end, counts = news[-1].seq, dict[UUID, Count]()
        owner = mailboxes.fold(None, cast(list[MailboxFact], _told(session, mailbox, mailbox, end)))
        assert owner is not None, "a mailbox begins with being opened"
        own = [each for each in news if each.aggregate == mailbox]
        if own:
            facts = [cast(MailboxFact, each.fact) for each in own]
            yield from project_mailbox(mailbox, owner, facts, own[-1].seq)
        for name in dict.fromkeys(each.aggregate for each in news if each.aggregate != mailbox):
            before = _message(_told(session, mailbox, name, position))
            after = _message(_told(session, mailbox, name, end))
            assert after is not None, "something happened to it"
            row = row_of(mailbox, name, owner, after, self._store.blobs.get)
            if isinstance(after, ErasedMessage):
                add(counts, _uncounted(session.fresh.views.message(mailbox, name)))
            yield project_message(name, before, after, row)
            add(counts, counts_of(before, after))
        yield from counts.values()

    # -- comparing --

    def _compare(self) -> None:
        """Compare all messages, but those that have changed since: they are compared in the end."""
        with self._store.reading() as session:
            for mailbox in session.history.mailboxes():
                if session.views.person(str(mailbox)) is None:
                    continue  # erased, and shown no more: in the end it has to be so in the new ones, too
                touched = self._touched(session, mailbox)
                if any(name not in touched for name in session.fresh.different(mailbox)):
                    self._unequal.add(mailbox)

    def _touched(self, session: Session, mailbox: UUID) -> set[UUID]:
        """The messages that changed behind the position of the new views."""
        touched: set[UUID] = set()
        position = session.fresh.views.position(mailbox)
        while news := session.history.read(mailbox, position, _SLICE):
            touched |= {each.aggregate for each in news}
            position = news[-1].seq
        return touched

    # -- taking over --

    def _take_over(self) -> list[Rebuilt]:
        """Show the rest, compare what is left to compare, and become the live views: all or nothing."""
        with self._store.writing() as session:
            found = session.history.mailboxes()
            for mailbox in found:
                touched = self._touched(session, mailbox) if self._verify else set()
                while self._follow(session, mailbox, _SLICE):
                    pass
                if self._verify and not _same(session.views, session.fresh.views, mailbox, touched):
                    self._unequal.add(mailbox)
            self._unequal |= _otherwise_owned(session)
            rebuilt = [self._rebuilt(mailbox, session.history.head(mailbox).seq) for mailbox in found]
            rebuilt += [Rebuilt(mailbox, 0, equal=False) for mailbox in _eventless(session)]
            session.fresh.take_over()
            return rebuilt

    def _rebuilt(self, mailbox: UUID, events: int) -> Rebuilt:
        return Rebuilt(mailbox, events, mailbox not in self._unequal if self._verify else None)


def _check_not_shorter(live: Views, ends: Mapping[UUID, int]) -> None:
    """Nothing else tells that a history was cut off but the live views, which would be gone. Who has them
    compared is told that they are not equal."""
    for mailbox, end in ends.items():
        if end < live.position(mailbox):
            raise StoreDamaged(f"mailbox {mailbox}, event {end + 1}: is missing")


def _eventless(session: Session) -> list[UUID]:
    """The mailboxes that are shown or were signed, and have no event: they had one, or never were.

    Raises ``StoreDamaged`` for one that had, if what is shown of it is all that is left of it.
    """
    here = set(session.history.mailboxes())
    shown, signed = set(session.views.mailboxes()), set(session.evidence.signed())
    for mailbox in sorted(shown - here):
        if mailbox in signed or session.views.position(mailbox):
            raise StoreDamaged(f"mailbox {mailbox}, event 1: is missing")
    return sorted((shown | signed) - here)


def _otherwise_owned(session: Session) -> set[UUID]:
    """The mailboxes that only the live views, or only the new ones, show under some address or name."""
    return {person.mailbox for person in {*session.views.people()} ^ {*session.fresh.views.people()}}


def _same(live: Views, fresh: Views, mailbox: UUID, names: Iterable[UUID]) -> bool:
    """Whether both show the same of a mailbox: position, owner, folders with counts, and some messages."""
    owner = fresh.person(str(mailbox))
    return (
        live.ends(mailbox) == fresh.ends(mailbox)
        and live.person(owner.address if owner else str(mailbox)) == owner
        and live.folders(mailbox) == fresh.folders(mailbox)
        and all(live.message(mailbox, name) == fresh.message(mailbox, name) for name in names)
    )


def _uncounted(shown: MessageRow | None) -> list[Count]:
    """What a folder counts less that showed a message of which nobody knows any more where it was."""
    return [Count(shown.folder, -1, int(shown.is_read) - 1)] if shown else []


def _told(session: Session, mailbox: UUID, name: UUID, end: int) -> list[Fact]:
    return _facts(session.history.of(mailbox, name), end)


def _facts(recorded: Iterable[Recorded], end: int) -> list[Fact]:
    """The facts up to a position."""
    return [each.fact for each in recorded if each.seq <= end]


def _message(facts: Iterable[Fact]) -> Message | None:
    return messages.fold(None, cast(Iterable[MessageFact], facts))
