"""How it stands with a subscription: up to where it has been told, and how it goes with its endpoints."""

from datetime import datetime, timedelta
from enum import StrEnum

from letterbook.domain.facts import Value
from letterbook.domain.subscriptions import Subscription

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)
"""Between two attempts (Graph: *Throttling* of change notifications)."""
GIVE_UP_AFTER = timedelta(hours=4)
"""How long it is tried to get something through (Graph: *Processing the change notification*)."""
LEASE = timedelta(seconds=60)
"""How long whoever takes something to an endpoint keeps others from doing the same: longer than it takes."""
ASK_BEFORE = timedelta(hours=1)
ASK_AGAIN_AFTER = timedelta(minutes=15)
"""How often it is asked for a renewal in the last hour (Graph: *reauthorizationRequired notifications*)."""


class LifecycleEvent(StrEnum):
    """What is told about a subscription itself."""

    REAUTHORIZE = "reauthorizationRequired"
    REMOVED = "subscriptionRemoved"
    MISSED = "missed"


class Line(Value):
    """How it goes with one endpoint: when to try (again), since when it fails, and how often it did."""

    due: datetime
    since: datetime | None = None
    attempts: int = 0

    def taken(self, now: datetime) -> "Line":
        """Somebody is on the way."""
        return self.model_copy(update={"due": now + LEASE})

    def failed(self, now: datetime) -> "Line":
        """It did not get through: again later."""
        wait = min(FIRST_WAIT * 2 ** min(self.attempts, 10), LONGEST_WAIT)
        return Line(due=now + wait, since=self.since or now, attempts=self.attempts + 1)

    def is_given_up(self, now: datetime) -> bool:
        """Whether it has been failing for as long as it is tried."""
        return self.since is not None and now - self.since >= GIVE_UP_AFTER


class Standing(Value):
    """A subscription and how it stands: everything up to ``position`` has been told, or will never be.

    ``owed`` are events that its lifecycle endpoint has yet to be told of.
    """

    subscription: Subscription
    position: int
    news: Line
    lifecycle: Line
    owed: tuple[LifecycleEvent, ...] = ()
    asked_at: datetime | None = None
    """When it was last asked for a renewal."""
    reauthorized: bool = False
    removed: bool = False

    @classmethod
    def begun(cls, subscription: Subscription, position: int) -> "Standing":
        """One that has only just begun."""
        line = Line(due=subscription.begins_at)
        return cls(subscription=subscription, position=position, news=line, lifecycle=line)

    def holds(self, now: datetime) -> bool:
        """Whether it is still in force."""
        return not self.removed and now < self.subscription.expires_at

    def owing(self, event: LifecycleEvent) -> "Standing":
        """The same with one more event to tell, if anybody wants to be told."""
        if self.subscription.lifecycle_url is None or event in self.owed:
            return self
        return self.model_copy(update={"owed": (*self.owed, event)})

    def asks_for_renewal(self, now: datetime) -> bool:
        """Whether it is time to ask: in its last hour or last quarter, every now and then."""
        if self.reauthorized or not self.holds(now):
            return False
        its = self.subscription
        ahead = min(ASK_BEFORE, (its.expires_at - its.begins_at) / 4)
        if now < its.expires_at - ahead:
            return False
        return self.asked_at is None or now - self.asked_at >= ASK_AGAIN_AFTER
