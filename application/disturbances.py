"""What others have written to a store: whoever remembers what it said has to forget that, and no more."""

from collections import deque
from collections.abc import Sequence

Numbers = tuple[int, int]
"""A mailbox and an aggregate in it, as the numbers of both: these have a faster hash than UUIDs."""

_MOST = 4096
"""Aggregates that are remembered as touched."""


class Disturbances:
    """The aggregates that others have touched, in the order in which a store noticed."""

    def __init__(self) -> None:
        self.count = 0
        """How many were noticed so far; ask with it again later."""
        self._touched: deque[Numbers] = deque(maxlen=_MOST)

    def note(self, touched: Sequence[Numbers]) -> None:
        """Somebody else has written facts of these."""
        self.count += len(touched)
        self._touched.extend(touched)

    def note_anything(self) -> None:
        """Somebody else has written, and nobody can say what."""
        self.count += 1
        self._touched.clear()

    def since(self, count: int) -> list[Numbers] | None:
        """What was touched since there were so many; ``None``: that can be anything."""
        new = self.count - count
        if not 0 <= new <= len(self._touched):
            return None
        return [self._touched[at] for at in range(-new, 0)]
