"""Subscriptions: begun once their endpoints answer, renewed, given up.

Notifications begin behind the position that the history has when the subscription is kept, in the same
transaction: what is written later is told, what was there before is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from letterbook.application.engine import Engine
from letterbook.application.heralding import Herald
from letterbook.application.standing import LifecycleEvent, Line, Standing
from letterbook.application.work import Work
from letterbook.domain import refusals, subscriptions
from letterbook.domain.subscriptions import Certificate, Subscriber, Subscription

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a resource names: messages of a mailbox or of a folder, and what is asked of them."""

    mailbox: UUID
    folder: UUID | None
    resource: str
    condition: str | None
    select: tuple[str, ...]
    expand: str
    beta: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a renewal changes; ``None``: nothing."""

    expires_at: datetime | None = None
    notification_url: str | None = None
    certificate: Certificate | None = None


Change = Callable[[Standing], Standing]


@dataclass(frozen=True, slots=True)
class Subscribing:
    """The subscriptions of one store. ``wake`` tells the notifier that there is one."""

    engine: Engine
    herald: Herald
    wake: Callable[[], None]

    def subscribe(self, asked: Subscription) -> Subscription:
        """Begin a subscription; its endpoints are asked first. Waits for them: not for event loops."""
        wanted = self._checked(asked)
        self._greet_and_wait(wanted.notification_url, wanted.lifecycle_url)
        return self._begun(wanted)

    async def subscribe_async(self, asked: Subscription) -> Subscription:
        """The same from an event loop: no thread is held while the endpoints think."""
        wanted = await _in_a_thread(self._checked, asked)
        await self._greet(wanted.notification_url, wanted.lifecycle_url)
        return await _in_a_thread(self._begun, wanted)

    def _checked(self, asked: Subscription) -> Subscription:
        """What is asked for, with its dates, if it can be."""
        now = self.engine.clock.now()
        subscriptions.check(asked)
        end = subscriptions.end_of(asked.expires_at, now, with_data=asked.certificate is not None)
        wanted = asked.model_copy(update={"begins_at": now, "expires_at": end})
        if wanted.certificate:
            self.herald.check(wanted.certificate)
        with self.engine.store.reading() as session:
            subscriptions.check_room(wanted, self._held(session.subscriptions.all(wanted.mailbox)))
        return wanted

    def _greet_and_wait(self, *urls: str | None) -> None:
        import asyncio  # see _in_a_thread

        asyncio.run(self._greet(*urls))

    async def _greet(self, *urls: str | None) -> None:
        """Ask every address whether it wants to be told."""
        for url in urls:
            if url:
                await self.herald.greet(url)

    def _begun(self, wanted: Subscription) -> Subscription:
        self.engine.run(partial(self._begin, wanted))
        self.wake()
        return wanted

    def find(self, name: UUID, by: Subscriber | None) -> Subscription:
        """One subscription of a subscriber; ``None`` sees all. Refuses one that is over."""
        with self.engine.store.reading() as session:
            return self._mine(session.subscriptions.find(name), by).subscription

    def all(self, by: Subscriber | None) -> list[Subscription]:
        """The subscriptions of a subscriber; ``None``: of all."""
        with self.engine.store.reading() as session:
            held = self._held(session.subscriptions.all())
        return [each for each in held if _is_of(each, by)]

    def renew(self, name: UUID, by: Subscriber | None, renewal: Renewal) -> Subscription:
        """Let a subscription last longer; another address is asked first. Not for event loops."""
        changes = self._changes(name, by, renewal)
        self._greet_and_wait(renewal.notification_url)
        return self._renewed(name, by, changes)

    async def renew_async(self, name: UUID, by: Subscriber | None, renewal: Renewal) -> Subscription:
        """The same from an event loop."""
        changes = await _in_a_thread(self._changes, name, by, renewal)
        await self._greet(renewal.notification_url)
        return await _in_a_thread(self._renewed, name, by, changes)

    def _changes(self, name: UUID, by: Subscriber | None, renewal: Renewal) -> dict[str, object]:
        """What a renewal changes, if it can."""
        now, known = self.engine.clock.now(), self.find(name, by)
        changes: dict[str, object] = {"begins_at": now}
        if renewal.certificate:
            if known.certificate is None:
                raise refusals.SubscriptionMalformed("The subscription does not include resource data.")
            self.herald.check(renewal.certificate)
            changes["certificate"] = renewal.certificate
        if renewal.expires_at:
            with_data = known.certificate is not None
            changes["expires_at"] = subscriptions.end_of(renewal.expires_at, now, with_data=with_data)
        if renewal.notification_url:
            changes["notification_url"] = renewal.notification_url
        subscriptions.check(known.model_copy(update=changes))
        return changes

    def _renewed(self, name: UUID, by: Subscriber | None, changes: dict[str, object]) -> Subscription:
        return self._change(name, by, partial(_renewed, changes, self.engine.clock.now())).subscription

    def reauthorize(self, name: UUID, by: Subscriber | None) -> None:
        """It may go on to its end; nobody need be asked again."""
        self._change(name, by, _reauthorized)

    def end(self, name: UUID, by: Subscriber | None) -> None:
        """Give a subscription up, by whoever holds it: nothing is sent any more."""
        self.engine.run(partial(self._end, name, by))

    def remove(self, name: UUID) -> None:
        """Take a subscription away from its holder, who is told so."""
        self.engine.run(partial(self._remove, name))
        self.wake()

    def remind(self, name: UUID, event: LifecycleEvent) -> None:
        """Tell the holder of an event of the subscription's life, as if it had come about."""
        if event is LifecycleEvent.REMOVED:
            self.remove(name)
            return
        self._change(name, None, partial(Standing.owing, event=event))
        self.wake()

    # -- in a transaction --

    def _begin(self, wanted: Subscription, work: Work) -> None:
        kept = work.session.subscriptions
        subscriptions.check_room(wanted, self._held(kept.all(wanted.mailbox)))
        kept.put(Standing.begun(wanted, work.session.history.head(wanted.mailbox).seq))

    def _change(self, name: UUID, by: Subscriber | None, change: Change) -> Standing:
        def job(work: Work) -> Standing:
            changed = change(self._mine(work.session.subscriptions.find(name), by))
            work.session.subscriptions.put(changed)
            return changed

        return self.engine.run(job)

    def _end(self, name: UUID, by: Subscriber | None, work: Work) -> None:
        work.session.subscriptions.drop(self._mine(work.session.subscriptions.find(name), by).subscription.id)

    def _remove(self, name: UUID, work: Work) -> None:
        kept = work.session.subscriptions
        standing = self._mine(kept.find(name), None).owing(LifecycleEvent.REMOVED)
        if standing.owed:
            kept.put(standing.model_copy(update={"removed": True}))
        else:
            kept.drop(name)

    # -- who may --

    def _mine(self, standing: Standing | None, by: Subscriber | None) -> Standing:
        if (
            standing is None
            or not standing.holds(self.engine.clock.now())
            or not _is_of(standing.subscription, by)
        ):
            raise refusals.SubscriptionUnknown
        return standing

    def _held(self, standings: list[Standing]) -> list[Subscription]:
        now = self.engine.clock.now()
        return [each.subscription for each in standings if each.holds(now)]


def _is_of(subscription: Subscription, by: Subscriber | None) -> bool:
    its = subscription.by
    return by is None or (its.application, its.creator) == (by.application, by.creator)


def _renewed(changes: dict[str, object], now: datetime, standing: Standing) -> Standing:
    """Renewed is authorized anew, too, and what failed is tried at once."""
    renewed = standing.subscription.model_copy(update=changes)
    news = Line(due=now) if "notification_url" in changes else standing.news
    update = {"subscription": renewed, "news": news, "asked_at": None, "reauthorized": False}
    return standing.model_copy(update=update)


def _reauthorized(standing: Standing) -> Standing:
    return standing.model_copy(update={"reauthorized": True})


async def _in_a_thread(work: Callable[P, T], *args: P.args, **said: P.kwargs) -> T:
    """Work that may wait for the disk."""
    import asyncio  # it brings half the network, and few programs that open a store have an event loop

    return await asyncio.to_thread(work, *args, **said)
