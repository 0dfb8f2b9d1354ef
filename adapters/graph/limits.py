"""How much one application may ask over the Graph face, where somebody bounds it."""

import re
from dataclasses import dataclass
from datetime import timedelta

_PACE = re.compile(r"([1-9]\d{0,8})(?:/([1-9]\d{0,8}))?", re.ASCII)
_USUAL_SECONDS = 600


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

    @classmethod
    def of_requests(cls, requests: int, seconds: int) -> "Limits":
        """So many requests in so many seconds, about whatever they are; all else is as at Graph."""
        period = timedelta(seconds=seconds)
        return cls(
            requests=requests,
            period=period,
            subscription_requests=requests,
            subscription_changes=requests,
            subscription_period=period,
        )

    @classmethod
    def named(cls, words: str) -> "Limits | None":
        """``graph``, ``off``, or requests and seconds: ``5/10``, ``5``. Raises ``ValueError``."""
        if words in ("off", "graph"):
            return cls() if words == "graph" else None
        said = _PACE.fullmatch(words)
        if said is None:
            raise ValueError("It is off, graph, or a number of requests (in so many seconds): 5, or 5/10")
        return cls.of_requests(int(said[1]), int(said[2] or _USUAL_SECONDS))

    def __post_init__(self) -> None:
        at_least = (self.requests, self.at_once, self.uploaded)
        if min(*at_least, self.subscription_requests, self.subscription_changes) < 1:
            raise ValueError("A limit that lets nothing through is none.")
