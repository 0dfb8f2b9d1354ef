"""What the folders showed at an earlier moment: rows as views would have them that were stopped there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TypeVar, cast
from uuid import UUID

from letterbook.application.completeness import check_whole
from letterbook.application.past_folders import PastFolders
from letterbook.application.past_glance import Glances, TooMuch
from letterbook.application.past_heads import leaf_then
from letterbook.application.past_history import Ends
from letterbook.application.past_keeping import RowCache
from letterbook.application.past_lists import (
    EarlierLists,
    Follower,
    Found,
    NotReached,
    PastLists,
    Present,
    Progress,
    nobody_watches,
)
from letterbook.application.ports import Blobs, History, Session, Store
from letterbook.application.projection import row_of
from letterbook.application.querying import PageQuery, Place, Where
from letterbook.application.redrawing import Redrawing
from letterbook.application.rows import FolderRow, Leaf, MessageRow, PersonRow, ViewChange
from letterbook.application.searching import Backlog, Hit, HitQuery, SearchQuery, Worded
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.facts import Fact
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import MessageFact
from letterbook.domain.message.retelling import Written, made, retell

T = TypeVar("T")

_MOST_BYTES = 32 * 1024 * 1024
"""Bytes of earlier answers that are remembered."""


class Recollection:
    """What the earlier moments of one store are told from, besides its history."""

    def __init__(self, store: Store, lists: PastLists) -> None:
        self.lists = lists
        self.follower = Follower(store, lists)
        self.glances = Glances(self.follower)
        self.rows = RowCache(_MOST_BYTES)
        self.folders = PastFolders()
        self.owners: dict[UUID, Mailbox] = {}
        self.progress: Progress = nobody_watches
        """Is told how far it is when somebody has to wait."""
        self.wake: Callable[[], None] = _let_sleep
        """Called when there is a past to be taken in."""

    def forget(self) -> None:
        """Something was erased: believe nothing that was told before."""
        self.rows.clear()
        self.folders.clear()
        self.owners.clear()
        self.follower.forget()
        self.glances.forget()


def _let_sleep() -> None:
    """Nobody takes it in by himself."""


class PastViews:
    """What the folders showed: told from the history, which messages they held from the earlier lists."""

    def __init__(
        self, session: Session, history: History, ends: Ends, known: Recollection, era: int, blobs: Blobs
    ) -> None:
        """Of a session that began when so much had been forgotten as ``era`` says."""
        self._session = session
        self._live = session.views
        self._history = history
        self._ends = ends
        self._known = known
        self._era = era
        self._blobs = blobs

    def apply(self, mailbox: UUID, position: int, changes: Iterable[ViewChange]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def position(self, mailbox: UUID) -> int:
        """The position that the mailbox had."""
        return self._ends.of(mailbox)

    def ends(self, mailbox: UUID) -> tuple[int, int]:
        """Nothing that the history could be held against: it was held against the live ones."""
        del mailbox
        return 0, 0

    def head(self, mailbox: UUID, message: UUID) -> bytes | None:
        """The head of its ready answer."""
        row = self.message(mailbox, message)
        return row.head if row else None

    def message(self, mailbox: UUID, message: UUID) -> MessageRow | None:
        """One message: as it is now, if it was so then; told by its facts where no lists tell more."""
        end, follower = self._ends.of(mailbox), self._known.follower
        if message == mailbox:
            return None
        if not follower.has(mailbox, end):
            return self._told(mailbox, message, end)
        now = self._live.position(mailbox)
        follower.come_near(mailbox, end, now)
        try:
            found = self._known.lists.one(mailbox, end, message, now)
        except NotReached:  # somebody has emptied them; nobody waits for one message until they are back
            return self._told(mailbox, message, end)
        if found is None:
            return None
        shown = self._live.message(mailbox, message) if found.lasts else None
        return shown or self._shown_since(mailbox, message, found.since)

    def _told(self, mailbox: UUID, message: UUID, end: int) -> MessageRow | None:
        """One message, all of whose facts are looked at; it is as it is now if none of them came later."""
        recorded = self._session.history.of(mailbox, message)
        check_whole(self._live, mailbox, message, recorded)
        if recorded and recorded[-1].seq <= end:
            return self._live.message(mailbox, message)
        return self._row(mailbox, message, [each.fact for each in recorded if each.seq <= end])

    def _row(self, mailbox: UUID, name: UUID, told: Sequence[Fact]) -> MessageRow | None:
        owner, message = self._owner(mailbox), messages.fold(None, cast(Sequence[MessageFact], told))
        return row_of(mailbox, name, owner, message, self._blobs.get) if owner and message else None

    def _owner(self, mailbox: UUID) -> Mailbox | None:
        """The mailbox as it was opened: whose it is, which is all that its messages need to be shown."""
        owner = self._known.owners.get(mailbox)
        if owner is None and (first := self._history.read(mailbox, 0, 1)):
            owner = mailboxes.evolve(None, cast(MailboxFact, first[0].fact))
            if self._era == self._known.rows.era:
                self._known.owners[mailbox] = owner
        return owner

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages that a query asked for; others in the place of those that were erased since."""
        leaves: list[Leaf] = []
        now = self._live.position(mailbox)
        while True:
            found = self._lists(mailbox, partial(self._found, mailbox, query, now), now)
            shown = self._leaves(mailbox, found, query.bodies)
            leaves += shown
            if len(shown) == len(found):
                return leaves
            last, missing = Place(found[-1].place, found[-1].message), len(found) - len(shown)
            query = replace(query, after=last, skip=0, top=missing)

    @staticmethod
    def _found(mailbox: UUID, query: PageQuery, now: int, lists: EarlierLists, end: int) -> list[Found]:
        return lists.page(mailbox, end, query, now)

    def _leaves(self, mailbox: UUID, found: list[Found], bodies: bool) -> list[Leaf]:
        known = [each.name for each in found if each.lasts or each.then]
        now = {leaf.name: leaf for leaf in self._live.leaves(mailbox, known, bodies)} if known else {}
        leaves = (self._leaf(mailbox, each, now.get(each.name), bodies) for each in found)
        return [leaf for leaf in leaves if leaf]

    def _leaf(self, mailbox: UUID, found: Found, now: Leaf | None, bodies: bool) -> Leaf | None:
        """A message as it was: as it is ``now``, if it was so then, or all but so."""
        if now and found.lasts:
            return Leaf(*now[:-1], found.place)
        if now and found.then:
            return leaf_then(now, mailbox, found.then, found.place)
        row = self._shown_since(mailbox, found.message, found.since)
        return _leaf_of(row, bodies, found.place) if row else None

    def _shown_since(self, mailbox: UUID, name: UUID, since: int) -> MessageRow | None:
        rows, key = self._known.rows, (mailbox, name, since)
        row = rows.get(key) or self._redrawn(mailbox, name, since)
        if row is not None:
            rows.keep(key, row, self._era)
        return row

    def _redrawn(self, mailbox: UUID, name: UUID, since: int) -> MessageRow | None:
        """A message that something happened to at a position, as it was from there on."""
        story = self._history.told_as_written(mailbox, name, since, whole=True)
        try:
            return self._retold(mailbox, name, since, story)
        except (KeyError, TypeError, AttributeError, ValueError):  # nobody ever wrote such facts
            return self._row(mailbox, name, self._history.told(mailbox, name, since))

    def _retold(self, mailbox: UUID, name: UUID, since: int, story: Sequence[Written]) -> MessageRow | None:
        state, owner = retell(story), self._owner(mailbox)
        if state is None:  # only all its facts can tell it
            return self._row(mailbox, name, self._history.told(mailbox, name, since))
        if owner is None or state["folder"] is None:
            return None
        drawn = Redrawing(mailbox, owner, words=False).draw(name, state)
        return drawn[0] if drawn else row_of(mailbox, name, owner, made(state), self._blobs.get)

    def leaves(self, mailbox: UUID, names: Sequence[bytes], bodies: bool) -> list[Leaf]:
        """Some messages."""
        rows = (self.message(mailbox, UUID(bytes=name)) for name in dict.fromkeys(names))
        return [_leaf_of(row, bodies, ()) for row in rows if row]

    def count(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""
        return self._lists(mailbox, lambda lists, end: lists.count(mailbox, end, folder, where))

    def names(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found."""
        return self._lists(mailbox, lambda lists, end: lists.names(mailbox, end, folder, where))

    def message_ids(self, mailbox: UUID) -> Iterator[str]:
        """Refused: who asks wants to bring mail in."""
        raise refusals.PastUnchangeable

    def search(self, mailbox: UUID, query: SearchQuery) -> list[Leaf]:
        """What a search found; other messages in the place of those that were erased since."""
        leaves: list[Leaf] = []
        now = Present(self._live.position(mailbox), self._live, partial(self.message, mailbox))
        while True:
            found = self._searched(mailbox, query, now)
            shown = self._leaves(mailbox, found, bodies=True)
            leaves += shown
            if len(shown) == len(found):
                return leaves
            last, missing = Place(found[-1].place, found[-1].message), len(found) - len(shown)
            query = replace(query, after=last, skip=0, top=missing)

    def _searched(self, mailbox: UUID, query: SearchQuery, now: Present) -> list[Found]:
        def question(lists: EarlierLists, end: int) -> list[Found]:
            return lists.search(mailbox, end, query, now)

        found = self._glanced(mailbox, question)
        if found is None:
            known, end = self._known, self._ends.of(mailbox)
            found = known.follower.search(mailbox, end, now.position, question, known.progress)
        return found

    def hits(self, mailbox: UUID, asked: HitQuery) -> list[Hit]:
        """Nobody asks that of an earlier moment: it is asked for one."""
        raise refusals.PastUnchangeable

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Nothing is to be indexed."""
        return Backlog((), is_all=True)

    def index(self, ready: Iterable[Worded]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder, in the order they were made, with what it counted."""
        end = self._ends.of(mailbox)
        rows = self._known.folders.rows(self._session, mailbox, end, self._era)
        names = [row.folder for row in rows]
        tallies = self._lists(mailbox, lambda lists, end: lists.tallies(mailbox, end, names))
        return [
            replace(row, total=total, unread=unread) if total else row
            for row, (total, unread) in zip(rows, tallies, strict=True)
        ]

    def _lists(self, mailbox: UUID, question: Callable[[EarlierLists, int], T], now: int = 0) -> T:
        """What the lists of this moment say: those that were taken in, or a glance at what changed since.

        Who has to know what has lasted until ``now`` has what little has happened since taken in.
        """
        answer = self._glanced(mailbox, question)
        if answer is None:
            known, end = self._known, self._ends.of(mailbox)
            known.follower.come_near(mailbox, end, now, known.progress)
            answer = known.follower.ask(mailbox, end, question)
        return answer

    def _glanced(self, mailbox: UUID, question: Callable[[EarlierLists, int], T]) -> T | None:
        """What a glance tells; ``None`` if none is cast, or it is too much."""
        known, end = self._known, self._ends.of(mailbox)
        glance = known.glances.cast(self._session, mailbox, end)
        if glance is not None:
            known.wake()
            with suppress(TooMuch), glance.looking(self._session, known.progress):
                return question(glance, end)
            known.glances.give_up(mailbox, end)
        return None

    def person(self, who: str) -> PersonRow | None:
        """The owner of a mailbox, if they had it then."""
        person = self._live.person(who)
        return person if person and self._ends.of(person.mailbox) else None

    def people(self) -> list[PersonRow]:
        """Everyone who had a mailbox."""
        return [person for person in self._live.people() if self._ends.of(person.mailbox)]

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that had begun."""
        return [mailbox for mailbox in self._live.mailboxes() if self._ends.of(mailbox)]

    def clear(self, mailbox: UUID) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def fingerprint(self, mailbox: UUID) -> str:
        """SHA-256 over what was shown: its owner, folders, and every message of every folder."""
        folders, digest = self.folders(mailbox), sha256()
        for shown in (self.person(str(mailbox)), *folders):
            digest.update(repr(shown).encode())
        held = (name for row in folders for name in self.names(mailbox, row.folder, None))
        for name in sorted(held):
            told = self._history.told(mailbox, name, self._ends.of(mailbox))
            digest.update(repr(self._row(mailbox, name, told)).encode())
        return digest.hexdigest()


def _leaf_of(row: MessageRow, bodies: bool, place: tuple[str | int, ...]) -> Leaf:
    return Leaf(row.message.bytes, row.head, row.beta, row.body if bodies else b"", row.tail, place)
