"""One transaction's work: load a state, let the rules decide, keep the facts and what they change.

Everything is gathered first and written at the end in one go, so a refused job leaves nothing behind and a
message that changes four times in one transaction is put into its folder once.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn
from uuid import UUID

from letterbook.application.completeness import check_current, check_known
from letterbook.application.disturbances import Numbers
from letterbook.application.held import Life, ReadSearch, unread
from letterbook.application.ports import Addition, Parcel, Session
from letterbook.application.projection import counts_of, project_mailbox, project_message, row_of
from letterbook.application.querying import Where
from letterbook.application.rows import ClearMailbox, Count, MessageRow, PersonRow, PutPerson, ViewChange
from letterbook.application.showing import ReadBlob
from letterbook.application.telling import NOTHING, Known
from letterbook.application.telling import tell as tell
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.holds import NoteRefusal, Removal
from letterbook.domain.mailbox import ErasedMailbox, Mailbox, MailboxCommand
from letterbook.domain.message import Deleted, Erased, Message, MessageCommand, MessageFact

_REMOVALS = {Deleted: Removal.DELETE, Erased: Removal.ERASE}
"""The facts that a hold forbids."""


class Memory:
    """The states of the aggregates used last. Only right as long as nobody else writes to the store."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._known: OrderedDict[Numbers, Known] = OrderedDict()
        self.people: dict[str, PersonRow | None] = {}

    def get(self, numbers: Numbers) -> Known | None:
        """What is remembered of an aggregate."""
        return self._known.get(numbers)

    def learn(self, pages: Mapping[Numbers, "_Page"]) -> None:
        """Remember what a transaction has made true, and forget what was learned longest ago."""
        for numbers, page in pages.items():
            self._known[numbers] = page.now
            self._known.move_to_end(numbers)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        if len(self.people) > self._most:
            self.people.clear()

    def forget(self) -> None:
        """Believe nothing any more."""
        self._known.clear()
        self.people.clear()

    def forget_these(self, touched: Iterable[Numbers]) -> None:
        """Believe nothing of these any more; the owner of a mailbox is known by the mailbox itself."""
        for numbers in touched:
            self._known.pop(numbers, None)
            if numbers[0] == numbers[1]:
                self.people.clear()


class _Page:
    """An aggregate in this transaction: as it was before, as the last good job left it, and as it is now."""

    __slots__ = ("before", "drawn", "kept", "mailbox", "name", "now", "row")

    def __init__(self, mailbox: UUID, name: UUID, known: Known) -> None:
        self.mailbox, self.name = mailbox, name
        self.before = self.kept = self.now = known
        self.drawn: Known | None = None
        """The state that ``row`` shows."""
        self.row: MessageRow | None = None


class _Gathered:
    """What is to be written, in order; what was gathered since the last mark can be thrown away."""

    __slots__ = ("additions", "changes", "done", "marks", "parcels", "people", "recalled")

    def __init__(self) -> None:
        self.additions: list[Addition] = []
        self.changes: list[tuple[UUID, ViewChange]] = []
        self.parcels: list[Parcel] = []
        self.done: list[Parcel] = []
        self.people: list[PersonRow] = []
        self.recalled: list[tuple[UUID, UUID | None]] = []
        self.marks = (0, 0, 0, 0, 0, 0)

    def _lists(self) -> tuple[list[Any], ...]:
        return self.additions, self.changes, self.parcels, self.done, self.people, self.recalled

    def keep(self) -> None:
        """Up to here it is to be written."""
        self.marks = (
            len(self.additions),
            len(self.changes),
            len(self.parcels),
            len(self.done),
            len(self.people),
            len(self.recalled),
        )

    def undo(self) -> None:
        """Throw away what came behind the mark."""
        for gathered, mark in zip(self._lists(), self.marks, strict=True):
            del gathered[mark:]


class Work:
    """The open transaction, as jobs see it."""

    def __init__(
        self, session: Session, memory: Memory, read_blob: ReadBlob, read_search: ReadSearch = unread
    ) -> None:
        self.session = session
        self._memory = memory
        self._read_blob = read_blob
        self._read_search = read_search
        self._refused: list[tuple[UUID, NoteRefusal, Occasion]] = []
        self._pages: dict[Numbers, _Page] = {}
        self._changed: list[_Page] = []
        self._gathered = _Gathered()
        self._current: set[UUID] = set()
        """The mailboxes of which the newest fact was looked up: their holds are those of now."""

    def keep(self) -> None:
        """The job went well."""
        if self._refused:
            self._note_refusals()
        for page in self._changed:
            page.kept = page.now
        self._changed.clear()
        self._gathered.keep()

    def undo(self) -> None:
        """The job was refused."""
        for page in self._changed:
            page.now = page.kept
        self._changed.clear()
        self._gathered.undo()
        if self._refused:
            self.keep()

    def _note_refusals(self) -> None:
        """Write down what stayed because it is held, whatever became of the job that tried to remove it."""
        refused, self._refused = self._refused, []
        for mailbox, ask, on in refused:
            self.ask_mailbox(mailbox, ask, on)

    # -- messages --

    def message(self, mailbox: UUID, name: UUID) -> Message | None:
        """A message as it is now."""
        message: Message | None = self._page(mailbox, name).now.state
        return message

    def expect_new(self, mailbox: UUID, name: UUID) -> None:
        """This name was only just invented: there is nothing to look for; the history refuses doubles."""
        numbers = mailbox.int, name.int
        if numbers not in self._pages and self._memory.get(numbers) is None:
            self._pages[numbers] = _Page(mailbox, name, NOTHING)

    def ask_message(
        self, mailbox: UUID, name: UUID, ask: MessageCommand, on: Occasion
    ) -> tuple[Message | None, tuple[MessageFact, ...]]:
        """Put a command to a message; gives the state after it and the facts that were decided."""
        page = self._page(mailbox, name)
        facts = messages.decide(page.now.state, ask, on)
        if not facts:
            return page.now.state, facts
        owner = self.mailbox(mailbox)
        after = messages.fold(page.now.state, facts)
        _check_place(owner, page.now.state, after)
        if isinstance(facts[-1], (Deleted, Erased)):
            self.check_held(mailbox, name, _REMOVALS[type(facts[-1])], on)
        self._write(page, facts, after)
        return after, facts

    def story(self, mailbox: UUID, name: UUID) -> Iterator[Fact]:
        """All that happened to a message, in this transaction too."""
        page = self._page(mailbox, name)
        told = self.session.history.of(mailbox, name)
        check_known(name, told, page.before.version)
        yield from (recorded.fact for recorded in told)
        if page.now is not page.before:
            for added in self._gathered.additions:
                if (added.mailbox, added.aggregate) == (mailbox, name):
                    yield from added.facts

    def holds_on(self, mailbox: UUID, name: UUID, story: Iterable[Fact] | None = None) -> tuple[UUID, ...]:
        """The holds that are on a message; ``story`` is all that happened to it, if that is at hand."""
        owner = self.mailbox(mailbox)
        if mailbox not in self._current:
            check_current(self.session, mailbox, self._page(mailbox, mailbox).before.version)
            self._current.add(mailbox)
        if not owner.keeping.holds:
            return ()
        told = self.story(mailbox, name) if story is None else story
        return Life(owner, mailbox, name, told, self._read_search, self._read_blob).holds()

    def check_held(self, mailbox: UUID, name: UUID, removal: Removal, on: Occasion) -> None:
        """Refuse to remove a message that is held."""
        if holds := self.holds_on(mailbox, name):
            self.refuse_removal(mailbox, NoteRefusal(name, removal, holds), on)

    def refuse_removal(self, mailbox: UUID, note: NoteRefusal, on: Occasion) -> NoReturn:
        """Refuse to remove what is held. That is written down, although nothing else of the job is."""
        self._refused.append((mailbox, note, on))
        raise refusals.Held

    def row(self, mailbox: UUID, name: UUID) -> MessageRow | None:
        """The row of a message as it will be if no later job of this transaction changes it."""
        page = self._page(mailbox, name)
        return self.session.views.message(mailbox, name) if page.now is page.before else self._drawn(page)

    def _drawn(self, page: _Page) -> MessageRow | None:
        if page.drawn is not page.now:
            owner = self.mailbox(page.mailbox)
            page.row = row_of(page.mailbox, page.name, owner, page.now.state, self._read_blob)
            page.drawn = page.now
        return page.row

    def names_in(self, mailbox: UUID, folder: UUID, where: Where | None = None) -> list[UUID]:
        """The messages of a folder as this transaction leaves them so far.

        ``where`` chooses among those that were there before it; what it has looked at is named anyway.
        """
        names = dict.fromkeys(self.session.views.names(mailbox, folder, where))
        for page in self._pages.values():
            if page.mailbox == mailbox != page.name and page.now.state is not None:
                names.pop(page.name, None)
                names |= {page.name: None} if page.now.state.folder == folder else {}
        return list(names)

    def names_looked_at(self, mailbox: UUID) -> list[UUID]:
        """The messages of a mailbox that this transaction has looked at."""
        return [page.name for page in self._pages.values() if page.mailbox == mailbox != page.name]

    def names_found(self, mailbox: UUID, where: Where) -> list[UUID]:
        """The messages of a mailbox that a condition finds, as they were before this transaction."""
        return self.session.views.names(mailbox, None, where)

    # -- mailboxes --

    def mailbox(self, mailbox: UUID) -> Mailbox:
        """A mailbox as it is now; refuses one that nobody opened."""
        state: Mailbox | None = self._page(mailbox, mailbox).now.state
        if state is None:
            raise refusals.MailboxUnknown(str(mailbox))
        return state

    def is_open(self, mailbox: UUID) -> bool:
        """Whether somebody opened this mailbox, and it was not erased since."""
        state = self._page(mailbox, mailbox).now.state
        return state is not None and not isinstance(state, ErasedMailbox)

    def ask_mailbox(self, mailbox: UUID, ask: MailboxCommand, on: Occasion) -> Mailbox:
        """Put a command to a mailbox; gives the state after it."""
        page = self._page(mailbox, mailbox)
        facts = mailboxes.decide(page.now.state, ask, on)
        after = mailboxes.fold(page.now.state, facts)
        assert after is not None, "an answered command leaves a mailbox"
        if facts:
            self._write(page, facts, after)
            news = project_mailbox(mailbox, after, facts, self._end(mailbox))
            self._gathered.changes.extend((mailbox, change) for change in news)
            self._gathered.people.extend(change.row for change in news if isinstance(change, PutPerson))
        return after

    def _end(self, mailbox: UUID) -> int:
        """The last position of a mailbox as this transaction leaves it so far."""
        end = self.session.history.head(mailbox).seq
        return end + sum(len(each.facts) for each in self._gathered.additions if each.mailbox == mailbox)

    def person(self, address: str) -> PersonRow | None:
        """Whose mailbox in this store an address names."""
        people = self._memory.people
        key = address.casefold()
        for opened in self._gathered.people:
            if opened.address.casefold() == key:
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
        self._gathered.parcels.extend(parcels)

    def awaits(self, parcel: Parcel) -> bool:
        """Whether a parcel is still to be delivered, as far as this transaction knows."""
        return parcel not in self._gathered.done and self.session.outbox.holds(parcel)

    def put_off(self, parcel: Parcel, later: Parcel) -> None:
        """A parcel did not get through this time, unless somebody else got it through meanwhile."""
        if self.awaits(parcel):
            self.delivered(parcel)
            self.post([later])

    def delivered(self, parcel: Parcel) -> None:
        """A parcel is through, or another one takes its place."""
        self._gathered.done.append(parcel)

    def recall(self, mailbox: UUID, message: UUID | None = None) -> None:
        """Nothing that a message, or a whole mailbox, has sent is to be delivered any more."""
        self._gathered.recalled.append((mailbox, message))

    # -- the end of the transaction --

    def write(self) -> None:
        """Write everything that was gathered into the session."""
        gathered = self._gathered
        if gathered.additions:
            ends = self.session.history.append(gathered.additions)
            for mailbox, changes in self._changes(ends).items():
                self.session.views.apply(mailbox, ends[mailbox], changes)
        for parcel in gathered.done:
            self.session.outbox.done(parcel)
        if gathered.parcels:
            self.session.outbox.put(gathered.parcels)
        for mailbox, message in gathered.recalled:
            self.session.outbox.recall(mailbox, message)

    def _changes(self, mailboxes_: Iterable[UUID]) -> dict[UUID, list[ViewChange]]:
        """The changes of each mailbox: folders and people as they came, then each message, then counts."""
        changes: dict[UUID, list[ViewChange]] = {mailbox: [] for mailbox in mailboxes_}
        for mailbox, change in self._gathered.changes:
            changes[mailbox].append(change)
        counts: dict[tuple[UUID, UUID], Count] = {}
        for page in self._pages.values():
            if page.now is not page.before and page.name != page.mailbox:
                before, after = page.before.state, page.now.state
                if before is not after:
                    changes[page.mailbox].append(project_message(page.name, before, after, self._drawn(page)))
                    for count in counts_of(before, after):
                        known = counts.get((page.mailbox, count.folder))
                        counts[page.mailbox, count.folder] = count + known if known else count
        for (mailbox, _), count in counts.items():
            changes[mailbox].append(count)
        for at, (mailbox, change) in enumerate(self._gathered.changes):
            if isinstance(change, ClearMailbox):  # whatever else this transaction did to it
                changes[mailbox] = [each for home, each in self._gathered.changes[at:] if home == mailbox]
        return changes

    def remember(self) -> None:
        """The transaction is on disk: what it made true can be believed."""
        self._memory.learn(self._pages)
        self._memory.people.update((each.address.casefold(), each) for each in self._gathered.people)

    def _write(self, page: _Page, facts: tuple[Fact, ...], after: object) -> None:
        now = page.now
        self._gathered.additions.append(Addition(page.mailbox, page.name, after=now.version, facts=facts))
        page.now = Known(after, now.version + len(facts))
        self._changed.append(page)

    def _page(self, mailbox: UUID, name: UUID) -> _Page:
        numbers = mailbox.int, name.int
        page = self._pages.get(numbers)
        if page is None:
            known = self._memory.get(numbers) or tell(self.session, (mailbox, name))
            page = self._pages[numbers] = _Page(mailbox, name, known)
        return page


def _check_place(owner: Mailbox, before: Message | None, after: Message | None) -> None:
    """A message only comes to where its mailbox keeps messages, whatever brought it there."""
    if after and after.folder and (before is None or before.folder != after.folder):
        owner.check_holds_messages(after.folder)
