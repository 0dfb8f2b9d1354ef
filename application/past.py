"""Earlier moments of a store: whatever can be asked of an engine can be asked as of one of them.

The answers are those of a store that was stopped there: the history is cut off behind a position, and what
views would show is told from it. Only which messages a list held is looked up, in :mod:`past_lists`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar, cast
from uuid import UUID

from letterbook.application.blobs import Blobs
from letterbook.application.completeness import check_end
from letterbook.application.engine import Engine
from letterbook.application.evidence import Evidence
from letterbook.application.heralding import Subscriptions
from letterbook.application.past_glance import Glance, Glances, TooMuch
from letterbook.application.past_history import Ends, PastHistory
from letterbook.application.past_keeping import PastBlobs, RowCache
from letterbook.application.past_lists import (
    EarlierLists,
    Follower,
    Found,
    PastLists,
    Progress,
    nobody_watches,
)
from letterbook.application.ports import (
    FreshViews,
    History,
    Outbox,
    Session,
    Store,
)
from letterbook.application.projection import project_mailbox, row_of
from letterbook.application.querying import PageQuery, Place, Where
from letterbook.application.rows import (
    DropFolder,
    FolderRow,
    Leaf,
    MessageRow,
    PersonRow,
    PutFolder,
    ViewChange,
)
from letterbook.application.searching import Backlog, SearchQuery, Worded
from letterbook.application.uses import Uses
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.facts import Fact
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import MessageFact

T = TypeVar("T")

Point = datetime | int
"""An earlier point: a moment, or a position of the mailbox that is asked."""

_MOST_BYTES = 32 * 1024 * 1024
"""Bytes of earlier answers that are remembered."""


class Travel:
    """The way to earlier moments of one store."""

    def __init__(self, engine: Engine, lists: PastLists) -> None:
        self._engine = engine
        self.lists = lists
        self.follower = Follower(engine.store, lists)
        self.glances = Glances(self.follower)
        self.rows = RowCache(_MOST_BYTES)
        self.owners: dict[UUID, Mailbox] = {}
        self.progress: Progress = nobody_watches
        """Is told how far it is when somebody has to wait."""
        self.wake: Callable[[], None] = _let_sleep
        """Called when there is a past to be taken in."""

    def forget(self) -> None:
        """Something was erased: believe nothing that was told before."""
        self.rows.clear()
        self.owners.clear()
        self.follower.forget()
        self.glances.forget()

    def is_ready(self, mailbox: UUID, position: int) -> bool:
        """Whether nobody would wait for the lists of a position."""
        return self.follower.has(mailbox, position) or self.glances.has(mailbox, position)

    def make_ready(self, person: PersonRow, position: int) -> None:
        """Wait for the lists of a position."""
        engine, _ = self.at(person, position)
        with engine.store.reading() as session:
            session.views.count(person.mailbox, person.mailbox, None)  # no folder: nothing is counted

    def position(self, mailbox: UUID, point: Point) -> int:
        """The position of a mailbox's history at a point. Refuses one that has not come yet."""
        return position(self._engine, mailbox, point)

    def at(self, person: PersonRow, point: Point) -> tuple[Engine, int]:
        """The store as it was for one person, and the position of their mailbox.

        Refuses a point that has not come yet, and one at which they had no mailbox. Where ``point`` is a
        position, the other mailboxes are as they were at the moment when that was recorded.
        """
        position = self.position(person.mailbox, point)
        if position == 0:
            raise refusals.MailboxUnknown(person.address)
        moment = point if isinstance(point, datetime) else None
        return self._engine_at(Ends(self._engine.store, moment, {person.mailbox: position})), position

    def at_moment(self, moment: datetime) -> Engine:
        """The whole store as it was at a moment."""
        if moment > self._engine.clock.now():
            raise refusals.PointUnknown(moment.isoformat())
        return self._engine_at(Ends(self._engine.store, moment, {}))

    def _engine_at(self, ends: Ends) -> Engine:
        live = self._engine
        store = PastStore(live.store, ends, self)
        return Engine(store, clock=live.clock, ids=live.ids, mime=live.mime, read_search=live.read_search)


def _let_sleep() -> None:
    """Nobody takes it in by himself."""


def position(engine: Engine, mailbox: UUID, point: Point) -> int:
    """The position of a mailbox's history at a point. Refuses one that has not come yet."""
    if isinstance(point, datetime) and point > engine.clock.now():
        raise refusals.PointUnknown(point.isoformat())
    with engine.store.reading() as session:
        check_end(session.history, session.views, mailbox)
        end = session.history.head(mailbox).seq
        if isinstance(point, datetime):
            return session.history.position_at(mailbox, point)
        if not 0 <= point <= end:
            raise refusals.PointUnknown(str(point))
        return point


class PastStore:
    """A store as it was. Whatever would write is refused."""

    def __init__(self, store: Store, ends: Ends, travel: Travel) -> None:
        self._store = store
        self._ends = ends
        self._travel = travel
        self.blobs: Blobs = PastBlobs(store.blobs)
        self.secret = store.secret
        self.encrypted = store.encrypted

    def writing(self) -> AbstractContextManager[Session]:
        """Refused."""
        raise refusals.PastUnchangeable

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The earlier moment, which does not change any more."""
        with self._store.reading() as session:
            yield PastSession(session, self._ends, self._travel, self._store)

    def rebuilding(self) -> AbstractContextManager[None]:
        """Refused: there are no views to rebuild."""
        raise refusals.PastUnchangeable

    def pulse(self) -> int:
        """That of the store as it is."""
        return self._store.pulse()

    def close(self) -> None:
        """Nothing of its own to let go of."""


class PastSession:
    """One look at an earlier moment."""

    def __init__(self, session: Session, ends: Ends, travel: Travel, store: Store) -> None:
        self.disturbances = session.disturbances
        self.history: History = PastHistory(session, ends)
        self.views = PastViews(session, self.history, ends, travel, store)

    @property
    def fresh(self) -> FreshViews:
        """Refused."""
        raise refusals.PastUnchangeable

    @property
    def outbox(self) -> Outbox:
        """Refused: what had yet to arrive then has arrived, or will."""
        raise refusals.PastUnchangeable

    @property
    def subscriptions(self) -> Subscriptions:
        """Refused: who is notified is no part of the history."""
        raise refusals.PastUnchangeable

    @property
    def uses(self) -> Uses:
        """Refused: who looked is no part of the history."""
        raise refusals.PastUnchangeable

    @property
    def evidence(self) -> Evidence:
        """Refused: proofs are of a history as it is stored, whole."""
        raise refusals.PastUnchangeable


class PastViews:
    """What the folders showed: told from the history, which messages they held from the earlier lists."""

    def __init__(self, session: Session, history: History, ends: Ends, travel: Travel, store: Store) -> None:
        self._session = session
        self._live = session.views
        self._history = history
        self._ends = ends
        self._travel = travel
        self._store = store

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
        """One message."""
        if message == mailbox:
            return None
        return self._row(mailbox, message, [each.fact for each in self._history.of(mailbox, message)])

    def _row(self, mailbox: UUID, name: UUID, told: list[Fact]) -> MessageRow | None:
        owner, message = self._owner(mailbox), messages.fold(None, cast(list[MessageFact], told))
        if owner is None or message is None:
            return None
        return row_of(mailbox, name, owner, message, self._store.blobs.get)

    def _owner(self, mailbox: UUID) -> Mailbox | None:
        """The mailbox as it was opened: whose it is, which is all that its messages need to be shown."""
        owners = self._travel.owners
        if mailbox not in owners:
            first = self._history.read(mailbox, 0, 1)
            if not first:
                return None
            owners[mailbox] = mailboxes.evolve(None, cast(MailboxFact, first[0].fact))
        return owners[mailbox]

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages that a query asked for; others in the place of those that were erased since."""
        leaves: list[Leaf] = []
        while True:
            found = self._lists(mailbox, partial(self._found, mailbox, query))
            shown = self._leaves(mailbox, query, found)
            leaves += shown
            if len(shown) == len(found):
                return leaves
            last, missing = Place(found[-1].place, found[-1].message), len(found) - len(shown)
            query = replace(query, after=last, skip=0, top=missing)

    def _found(self, mailbox: UUID, query: PageQuery, lists: EarlierLists, end: int) -> list[Found]:
        """What lists found; lists that are behind those of now do not know whether anything lasts."""
        known = self._travel.follower.known(mailbox)  # before they are asked, as they may go on
        found = lists.page(mailbox, end, query)
        if isinstance(lists, Glance) or known >= self._live.position(mailbox):
            return found
        return [each._replace(lasts=False) for each in found]

    def _leaves(self, mailbox: UUID, query: PageQuery, found: list[Found]) -> list[Leaf]:
        lasting = [each.message for each in found if each.lasts]
        still = {leaf.name: leaf for leaf in self._as_now(mailbox, lasting, query.bodies)}
        leaves: list[Leaf] = []
        for each in found:
            now = still.get(each.message.bytes)
            leaf = now._replace(place=each.place) if now else self._leaf(mailbox, each, query.bodies)
            leaves += [leaf] if leaf else []
        return leaves

    def _as_now(self, mailbox: UUID, names: list[UUID], bodies: bool) -> list[Leaf]:
        """What is shown now of messages that have not changed since."""
        return self._live.leaves(mailbox, names, bodies) if names else []

    def _leaf(self, mailbox: UUID, found: Found, bodies: bool) -> Leaf | None:
        row = self._shown_since(mailbox, found.message, found.since)
        return _leaf_of(row, bodies, found.place) if row else None

    def _shown_since(self, mailbox: UUID, name: UUID, since: int) -> MessageRow | None:
        row = self._travel.rows.get((mailbox, name, since))
        if row is None:
            row = self._row(mailbox, name, self._history.told(mailbox, name, since, whole=True))
        if row is not None:
            self._travel.rows.keep((mailbox, name, since), row)
        return row

    def leaves(self, mailbox: UUID, names: Sequence[UUID], bodies: bool) -> list[Leaf]:
        """Some messages."""
        rows = (self.message(mailbox, name) for name in dict.fromkeys(names))
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
        """Refused: the index holds the words of what is there now."""
        raise refusals.SearchOnlyNow

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Nothing is to be indexed."""
        return Backlog((), is_all=True)

    def index(self, ready: Iterable[Worded]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder, in the order they were made, with what it counted."""
        rows = list(self._folders(mailbox).values())
        names = [row.folder for row in rows]
        tallies = self._lists(mailbox, lambda lists, end: lists.tallies(end, names))
        return [
            replace(row, total=total, unread=unread)
            for row, (total, unread) in zip(rows, tallies, strict=True)
        ]

    def _folders(self, mailbox: UUID) -> dict[UUID, FolderRow]:
        facts = [cast(MailboxFact, each.fact) for each in self._history.of(mailbox, mailbox)]
        owner, rows = mailboxes.fold(None, facts), dict[UUID, FolderRow]()
        for change in project_mailbox(mailbox, owner, facts, self._ends.of(mailbox)) if owner else ():
            if isinstance(change, PutFolder):
                rows[change.row.folder] = change.row
            elif isinstance(change, DropFolder):
                rows.pop(change.folder, None)
        return rows

    def _lists(self, mailbox: UUID, question: Callable[[EarlierLists, int], T]) -> T:
        """What the lists of this moment say: those that were taken in, or a glance at what changed since."""
        travel, end = self._travel, self._ends.of(mailbox)
        glance = travel.glances.cast(self._session, mailbox, end)
        if glance is not None:
            travel.wake()
            with suppress(TooMuch), glance.looking(self._session, travel.progress):
                return question(glance, end)
            travel.glances.give_up(mailbox, end)
        travel.follower.come_near(mailbox, end, self._live.position(mailbox), travel.progress)
        return travel.follower.ask(mailbox, end, question)

    def person(self, who: str) -> PersonRow | None:
        """The owner of a mailbox, if they had it then."""
        person = self._live.person(who)
        return person if person and self._ends.of(person.mailbox) else None

    def people(self) -> list[PersonRow]:
        """Everyone who had a mailbox."""
        return [person for person in self._live.people() if self._ends.of(person.mailbox)]

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
            digest.update(repr(self.message(mailbox, name)).encode())
        return digest.hexdigest()


def _leaf_of(row: MessageRow, bodies: bool, place: tuple[str | int, ...]) -> Leaf:
    return Leaf(row.message.bytes, row.head, row.beta, row.body if bodies else b"", row.tail, place)
