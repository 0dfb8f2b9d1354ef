"""Bringing the lists of earlier moments in step before anybody asks, while nobody writes."""

from collections.abc import Callable, Iterator
from uuid import UUID

from letterbook.application.past_lists import Follower
from letterbook.application.ports import Store

_STEP = 1000
"""Events that are taken in at once: less than a tenth of a second."""
_SPELLED = 500
"""Sayings whose words are taken in at once: as much work."""
_STEPS = 5
"""Steps that are taken one after the other while nobody writes."""

Progress = Callable[[UUID, int], None]
"""Is told of every mailbox, and how many of its events were just taken in."""


class Following:
    """Follows the mailboxes whose past somebody has asked about; with ``everybody``, all of them."""

    def __init__(self, store: Store, follower: Follower, *, everybody: bool = False) -> None:
        self._store = store
        self._follower = follower
        self._everybody = everybody
        self._last = self._done = (-1, 0)
        """How the store was, and how many mailboxes somebody had asked about."""
        self._failed: set[UUID] = set()
        """What cannot be taken in now is tried again when something else was written."""

    def keep_up(self) -> bool:
        """Take in a little, if nobody has written since the last time; ``True`` if nothing is left."""
        if not (self._everybody or self._follower.is_wanted()):
            return True
        now, before = (self._store.pulse(), len(self._follower.wanted)), self._last
        self._last = now
        if now == self._done:
            return True
        if now != before:
            self._failed.clear()
            return False
        for mailbox, end in self._wanted():
            self._failed.add(mailbox)
            is_level = self._take_some_in(mailbox, end, now[0])
            self._failed.remove(mailbox)
            if not is_level:
                return False
        self._done = now
        return True

    def _take_some_in(self, mailbox: UUID, end: int, pulse: int) -> bool:
        """A few steps, until somebody writes; ``True`` if none was to be taken."""
        for step in range(_STEPS):
            if not self._follower.has(mailbox, end):
                self._follower.advance(mailbox, end, _STEP)
            elif not (left := self._follower.unspelled(mailbox)):
                return not step
            elif (damage := self._follower.spell(mailbox, _SPELLED)) and (
                self._follower.unspelled(mailbox) >= left
            ):
                raise damage  # and nothing else is left to be told
            if self._store.pulse() != pulse:
                break
        return False

    def _wanted(self) -> Iterator[tuple[UUID, int]]:
        for mailbox, end in _ends(self._store):
            if mailbox not in self._failed and (self._everybody or self._follower.is_wanted(mailbox)):
                yield mailbox, end


def follow(store: Store, follower: Follower, progress: Progress) -> None:
    """Bring the lists of every mailbox in step, and wait for it."""
    for mailbox, end in _ends(store):
        while not follower.has(mailbox, end):
            before = follower.reached(mailbox)
            follower.advance(mailbox, end)
            progress(mailbox, follower.reached(mailbox) - before)
        follower.spell_all(mailbox)


def _ends(store: Store) -> list[tuple[UUID, int]]:
    with store.reading() as session:
        history = session.history
        return [(mailbox, history.head(mailbox).seq) for mailbox in history.mailboxes()]
