"""The notifier: follows the history for everyone who wants to be notified, and tells them.

The path of a notification: a job is committed; the notifier is woken, reads what the history holds behind
the position of each subscription (``noticing``), takes those subscriptions for a minute, so that no other
process does the same, hands the notices to their endpoints (the herald), and writes down how far each got.
A crash anywhere leaves the position where it was: something may be told twice, nothing is lost. Replaying
or rebuilding tells nobody anything: they do not move a position.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from letterbook.application.engine import Engine
from letterbook.application.heralding import GivenUp, Herald, LifecycleNotice, Notice, Unheard
from letterbook.application.noticing import MOST_NOTICES, News, news_for
from letterbook.application.ports import Session
from letterbook.application.querying import Where
from letterbook.application.standing import LifecycleEvent, Line, Standing
from letterbook.application.troubles import StoreDamaged, StoreTrouble
from letterbook.application.work import Work

log = logging.getLogger("letterbook.notifying")

AT_ONCE = 8
"""Endpoints that are told at the same time."""
FAR = 2_000
"""Facts that mean nothing to a subscription, after which its position is moved on."""
IN_A_ROUND = 64
"""Errands that are taken together: so few that all are done before somebody else may take them."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be told of one subscription at one of its endpoints: news, or an event of its life."""

    standing: Standing
    url: str
    news: News | None = None
    event: LifecycleEvent | None = None

    @property
    def notices(self) -> list[Notice | LifecycleNotice]:
        """The same for the herald."""
        told: list[Notice | LifecycleNotice] = [*(self.news.notices if self.news else ())]
        if self.event:
            told.append(LifecycleNotice(self.standing.subscription, self.event))
        return told

    def line(self, standing: Standing) -> Line:
        """How it goes with this endpoint."""
        return standing.news if self.news else standing.lifecycle

    def with_line(self, standing: Standing, line: Line) -> Standing:
        """The same standing after a visit to this endpoint."""
        return standing.model_copy(update={"news" if self.news else "lifecycle": line})


@dataclass(slots=True)
class Notifier:
    """Tells the subscribers of one store. ``read_condition`` reads what a ``$filter`` says."""

    engine: Engine
    herald: Herald
    read_condition: Callable[[str], Where]
    _passed: dict[UUID, int] = field(default_factory=dict)
    """Up to where the facts mean nothing to a subscription: looking again would find nothing."""
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def notify_due(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Tell everyone what is due now; gives how many notices were handed over, or could not be."""
        handled = 0
        with self._looking:
            while (count := self._round()) and not stop():
                handled += count
        return handled

    def anybody(self) -> bool:
        """Whether there is any subscription."""
        with self.engine.store.reading() as session:
            return bool(session.subscriptions.all())

    def _round(self) -> int:
        now = self.engine.clock.now()
        with self.engine.store.reading() as session:
            standings = session.subscriptions.all()
            errands = [each for standing in standings for each in self._looked_at(session, standing, now)]
        self._forget_all_but(standings)
        self._keep_up(standings)
        self._drop_ended(standings, errands, now)
        if not errands:
            return 0
        taken = self.engine.run(partial(_take, errands[:IN_A_ROUND], now))
        self._tell_all(_packed(taken))
        return sum(len(errand.notices) for errand in taken)

    def _looked_at(self, session: Session, standing: Standing, now: datetime) -> list[Errand]:
        """What is to be told of a subscription; one that fails for no known reason, or whose mailbox is
        damaged, does not stop others."""
        try:
            return list(self._errands(session, standing, now))
        except StoreDamaged as damage:
            log.error("subscription %s cannot be looked at: %s", standing.subscription.id, damage)
        except StoreTrouble:
            raise
        except Exception:
            log.exception("subscription %s cannot be looked at", standing.subscription.id)
        return []

    def _errands(self, session: Session, standing: Standing, now: datetime) -> Iterator[Errand]:
        its = standing.subscription
        if not standing.removed and standing.news.due <= now:
            news = self._news(session, standing, now)
            if news.notices:
                yield Errand(standing, its.notification_url, news=news)
        if its.lifecycle_url and standing.lifecycle.due <= now:
            asks = standing.asks_for_renewal(now)
            event = LifecycleEvent.REAUTHORIZE if asks else next(iter(standing.owed), None)
            if event:
                yield Errand(standing, its.lifecycle_url, event=event)

    def _news(self, session: Session, standing: Standing, now: datetime) -> News:
        """What is new, however many facts mean nothing before it."""
        its = standing.subscription
        where = self.read_condition(its.condition) if its.condition else None
        after = max(standing.position, self._passed.get(its.id, 0))
        while True:
            news = news_for(session, standing, after, where, now)
            if news.notices or news.reached == after:
                return news
            after = self._passed[its.id] = news.reached

    def _forget_all_but(self, standings: Iterable[Standing]) -> None:
        known = {standing.subscription.id for standing in standings}
        for name in self._passed.keys() - known:
            del self._passed[name]

    def _keep_up(self, standings: Iterable[Standing]) -> None:
        """After many facts that mean nothing, write down that they are passed: a restart reads them again."""
        far = {each.subscription.id: self._passed.get(each.subscription.id, 0) for each in standings}
        behind = {each.subscription.id: each.position for each in standings}
        if passed := {name: at for name, at in far.items() if at - behind[name] >= FAR}:
            self.engine.run(partial(_pass, passed, behind))

    def _drop_ended(self, standings: list[Standing], errands: list[Errand], now: datetime) -> None:
        """What is over, and has nothing left to tell, now or later, is forgotten."""
        busy = {errand.standing.subscription.id for errand in errands}
        over = [each.subscription.id for each in standings if _is_over(each, now)]
        if ended := [name for name in over if name not in busy]:
            self.engine.run(partial(_drop, ended, now))

    # -- at the endpoints --

    def _tell_all(self, batches: list[list[Errand]]) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="letterbook-notifying") as pool:
            for batch, heard in zip(batches, pool.map(self._tell, batches), strict=True):
                self.engine.run(partial(_settle, batch, heard, self.engine.clock.now()))

    def _tell(self, batch: list[Errand]) -> bool | None:
        """Whether an endpoint accepted what it was told; ``None`` if nobody waited for its answer. A failure
        nobody foresaw counts as none."""
        notices = [notice for errand in batch for notice in errand.notices]
        try:
            self.herald.tell(batch[0].url, notices)
        except GivenUp:
            return None
        except Unheard as why:
            log.info("%d notifications were not accepted: %s", len(notices), why)
            return False
        except Exception:
            log.exception("notifications could not be sent; they will be tried again")
            return False
        return True


def _is_over(standing: Standing, now: datetime) -> bool:
    """Whether nothing of a subscription is to come: what is on its way, or waits to be tried again, is."""
    if standing.holds(now) or (standing.owed and standing.subscription.lifecycle_url):
        return False
    return standing.removed or standing.news.due <= now


def _packed(errands: list[Errand]) -> list[list[Errand]]:
    """Errands to the same address go together, as far as one request can hold their notices."""
    batches: dict[str, list[list[Errand]]] = {}
    for errand in errands:
        known = batches.setdefault(errand.url, [[]])
        if sum(len(each.notices) for each in known[-1]) + len(errand.notices) > MOST_NOTICES:
            known.append([])
        known[-1].append(errand)
    return [batch for known in batches.values() for batch in known if batch]


# --- Jobs ------------------------------------------------------------------------------------------


def _take(errands: list[Errand], now: datetime, work: Work) -> list[Errand]:
    """The errands that nobody else has taken, or made needless, meanwhile."""
    kept, taken = work.session.subscriptions, []
    for errand in errands:
        standing = kept.find(errand.standing.subscription.id)
        if standing is None or standing.subscription != errand.standing.subscription:
            continue
        line = errand.line(standing)
        if line.due <= now and standing.position == errand.standing.position:
            kept.put(errand.with_line(standing, line.taken(now)))
            taken.append(errand)
    return taken


def _settle(batch: list[Errand], heard: bool | None, now: datetime, work: Work) -> None:
    """Write down how a visit went; one that was broken off leaves everything as it was before."""
    kept = work.session.subscriptions
    for errand in batch:
        standing = kept.find(errand.standing.subscription.id)
        if standing is None:
            continue
        if heard is None:
            kept.put(errand.with_line(standing, errand.line(errand.standing)))
        else:
            kept.put(_heard(errand, standing, now) if heard else _unheard(errand, standing, now))


def _heard(errand: Errand, standing: Standing, now: datetime) -> Standing:
    """It is told."""
    after = errand.with_line(standing, Line(due=now))
    if errand.news:
        return after.model_copy(update={"position": max(standing.position, errand.news.reached)})
    return _told(after, errand, now)


def _told(standing: Standing, errand: Errand, now: datetime) -> Standing:
    """An event is told, or given up."""
    owed = tuple(event for event in standing.owed if event is not errand.event)
    asked = now if errand.event is LifecycleEvent.REAUTHORIZE else standing.asked_at
    return standing.model_copy(update={"owed": owed, "asked_at": asked})


def _unheard(errand: Errand, standing: Standing, now: datetime) -> Standing:
    """It is tried again later; what was tried for long enough is given up, and the subscriber told so."""
    failed = errand.line(standing).failed(now)
    after = errand.with_line(standing, failed)
    if not failed.is_given_up(now):
        return after
    if errand.news is None:
        return _told(errand.with_line(standing, Line(due=now)), errand, now)
    if errand.news.stale <= standing.position:
        return after
    dropped = after.model_copy(update={"position": errand.news.stale})
    return dropped.owing(LifecycleEvent.MISSED)


def _pass(passed: dict[UUID, int], behind: dict[UUID, int], work: Work) -> None:
    """Move positions on, but for subscriptions that somebody else has told something meanwhile."""
    for name, position in passed.items():
        standing = work.session.subscriptions.find(name)
        if standing is not None and standing.position == behind[name]:
            work.session.subscriptions.put(standing.model_copy(update={"position": position}))


def _drop(names: list[UUID], now: datetime, work: Work) -> None:
    for name in names:
        standing = work.session.subscriptions.find(name)
        if standing is not None and _is_over(standing, now):
            work.session.subscriptions.drop(name)
