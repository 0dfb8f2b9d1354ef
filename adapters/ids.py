"""Names that nobody else has: UUID version 7, RFC 9562 section 5.7."""

from collections.abc import Callable
from os import urandom
from threading import Lock
from time import time_ns
from uuid import UUID

_VERSION_7 = 0x7000
_VARIANT = 1 << 63


class TimeOrderedIds:
    """Invents names that sort in the order they were made. Keeps :class:`letterbook.application.ports.Ids`.

    The 12 bits after the milliseconds count 4096ths of one (RFC 9562 section 6.2, method 3), so the names of
    several processes sort by time as well. Within a process no two names share a tick: a clock that stands
    still or goes back is overtaken tick by tick, as section 6.2 allows. The other 62 bits come from the
    operating system for every name, so a forked process does not repeat its parent.
    """

    def __init__(self, nanoseconds: Callable[[], int] = time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._last = 0
        self._lock = Lock()

    def new(self) -> UUID:
        """A name that sorts after every name this object has given."""
        tick = self._nanoseconds() * 4096 // 1_000_000
        with self._lock:
            if tick <= self._last:
                tick = self._last + 1
            self._last = tick
        moment = tick >> 12 << 16 | _VERSION_7 | tick & 0xFFF
        return UUID(int=moment << 64 | _VARIANT | int.from_bytes(urandom(8)) >> 2)
