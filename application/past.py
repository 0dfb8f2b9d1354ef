"""Earlier moments of a store: whatever can be asked of an engine can be asked as of one of them.

The answers are those of a store that was stopped there: the history is cut off behind a position, and what
views would show is told from it. Only which messages a list held is looked up, in :mod:`past_lists`.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from uuid import UUID

from letterbook.application.blobs import Blobs
from letterbook.application.completeness import check_end
from letterbook.application.engine import SEARCH_BATCH, Engine
from letterbook.application.evidence import Evidence
from letterbook.application.heralding import Subscriptions
from letterbook.application.past_history import Ends, PastHistory
from letterbook.application.past_keeping import PastBlobs
from letterbook.application.past_lists import PastLists
from letterbook.application.past_views import PastViews, Recollection
from letterbook.application.ports import FreshViews, History, Outbox, Session, Store
from letterbook.application.rows import PersonRow
from letterbook.application.uses import Uses
from letterbook.domain import refusals

Point = datetime | int
"""An earlier point: a moment, or a position of the mailbox that is asked."""


Around = Callable[[UUID, datetime], tuple[int, int | None]]
"""Tells positions before and behind a moment."""
_ANYWHERE = (0, None)

_MOMENTS = 1000
"""Moments whose positions are remembered."""


class Travel(Recollection):
    """The way to earlier moments of one store."""

    def __init__(self, engine: Engine, lists: PastLists) -> None:
        super().__init__(engine.store, lists)
        self._engine = engine
        self._ends: dict[UUID, tuple[int, int]] = {}
        """Where histories ended, and what the pulse of the store was before somebody looked."""
        self._moments: OrderedDict[tuple[UUID, datetime], int] = OrderedDict()
        """Positions at moments behind which something was recorded, so that they stay what they are."""

    def is_ready(self, mailbox: UUID, position: int) -> bool:
        """Whether nobody would wait for the lists of a position."""
        _, now = self._ends.get(mailbox, (0, 0))
        return self.follower.has(mailbox, position) or self.glances.has(mailbox, position, now)

    def make_ready(self, person: PersonRow, position: int) -> None:
        """Wait for the lists of a position."""
        engine, _ = self.at(person, position)
        with engine.store.reading() as session:
            session.views.count(person.mailbox, person.mailbox, None)  # no folder: nothing is counted

    def position(self, mailbox: UUID, point: Point) -> int:
        """The position of a mailbox's history at a point. Refuses one that has not come yet.

        Where the history ends is only looked up if somebody has written since the last time.
        """
        pulse = self._engine.store.pulse()
        known, end = self._ends.get(mailbox, (-1, 0))
        place = self._moments.get((mailbox, point)) if isinstance(point, datetime) else point
        if known == pulse and place is not None:
            return _within(place, end)
        found, end = _position(self._engine, mailbox, point if place is None else place, self._around)
        self._ends[mailbox] = pulse, end
        if isinstance(point, datetime) and found < end:
            self._moments[mailbox, point] = found
            if len(self._moments) > _MOMENTS:
                self._moments.popitem(last=False)
        return found

    def _around(self, mailbox: UUID, moment: datetime) -> tuple[int, int | None]:
        """Positions between which a moment is, where the lists are those of this history."""
        return self.lists.around(mailbox, moment) if self.follower.known(mailbox) else _ANYWHERE

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
        return PastEngine(live, store)


def position(engine: Engine, mailbox: UUID, point: Point) -> int:
    """The position of a mailbox's history at a point. Refuses one that has not come yet."""
    return _position(engine, mailbox, point, lambda *_: _ANYWHERE)[0]


def _position(engine: Engine, mailbox: UUID, point: Point, around: Around) -> tuple[int, int]:
    """The position, and the last one that there is."""
    if isinstance(point, datetime) and point > engine.clock.now():
        raise refusals.PointUnknown(point.isoformat())
    with engine.store.reading() as session:
        check_end(session.history, session.views, mailbox)
        end = session.history.head(mailbox).seq
        if isinstance(point, datetime):
            return session.history.position_at(mailbox, point, around(mailbox, point)), end
        return _within(point, end), end


def _within(point: int, end: int) -> int:
    if not 0 <= point <= end:
        raise refusals.PointUnknown(str(point))
    return point


class PastEngine(Engine):
    """What can be asked of a store, of an earlier moment of it."""

    def __init__(self, live: Engine, store: "PastStore") -> None:
        super().__init__(store, clock=live.clock, ids=live.ids, mime=live.mime, read_search=live.read_search)
        self._live = live

    def catch_up_search(
        self, mailbox: UUID | None = None, *, batches: int | None = None, size: int = SEARCH_BATCH
    ) -> bool:
        """Put into the index what was written: what has lasted since is found there."""
        return self._live.catch_up_search(mailbox, batches=batches, size=size)


class PastStore:
    """A store as it was. Whatever would write is refused."""

    def __init__(self, store: Store, ends: Ends, known: Recollection) -> None:
        self._store = store
        self._ends = ends
        self._known = known
        self.blobs: Blobs = PastBlobs(store.blobs)
        self.secret = store.secret
        self.encrypted = store.encrypted

    def writing(self) -> AbstractContextManager[Session]:
        """Refused."""
        raise refusals.PastUnchangeable

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The earlier moment, which does not change any more."""
        era = self._known.rows.era  # before the session begins, which notices what was erased
        with self._store.reading() as session:
            yield PastSession(session, self._ends, self._known, era, self._store.blobs)

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

    def __init__(self, session: Session, ends: Ends, known: Recollection, era: int, blobs: Blobs) -> None:
        self.disturbances = session.disturbances
        self.history: History = PastHistory(session, ends)
        self.views = PastViews(session, self.history, ends, known, era, blobs)

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
