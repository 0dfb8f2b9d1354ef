"""How much one application may ask over the Graph face, where somebody bounds it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one application may ask of one mailbox, and of subscriptions; the defaults are Graph's."""

    requests: int = 10_000
    period: timedelta = timedelta(minutes=10)
    at_once: int = 4
    uploaded: int = 150 * 1024 * 1024
    """Bytes of requests that write."""
    upload_period: timedelta = timedelta(minutes=5)
    patience: int = 1
    """Seconds after which whoever asked too much at once may come again."""
    subscription_requests: int = 5_000
    """Of one application, about subscriptions to any mailbox; of all applications together twice as many."""
    subscription_changes: int = 1_000
    """How many of them may make, renew or end one."""
    subscription_period: timedelta = timedelta(seconds=20)

    def __post_init__(self) -> None:
        at_least = (self.requests, self.at_once, self.uploaded)
        if min(*at_least, self.subscription_requests, self.subscription_changes) < 1:
            raise ValueError("A limit that lets nothing through is none.")
