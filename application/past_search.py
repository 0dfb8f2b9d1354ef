"""What a search would have found at an earlier moment.

What nothing has happened to since is found by the index of now. Of everything else is told what it said then,
and that is looked at message by message: a search costs what happened since.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from heapq import nlargest
from itertools import chain
from uuid import UUID

from letterbook.application.matching import finds
from letterbook.application.ports import History, Views
from letterbook.application.querying import Outside, Place
from letterbook.application.rows import Leaf, MessageRow
from letterbook.application.searching import Both, SearchQuery, Sought, wording
from letterbook.application.troubles import StoreDamaged

Told = Callable[[UUID], MessageRow | None]
"""How a message was shown then; ``None``: nowhere."""

_KEPT = 4
"""Moments for which it is remembered what happened since."""
_MOST_NAMES = 1_000_000
"""Names in all that are remembered of them; of the last moment however many."""
_BATCH = 1000
_FIRST = UUID(int=0)


class Since:
    """The messages to which something has happened since some moments, as far as that was looked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[UUID, int], tuple[int, Set[bytes]]] = OrderedDict()

    def touched(self, history: History, mailbox: UUID, end: int, now: int) -> Set[bytes]:
        """Their names, in a mailbox behind a position. Every event is checked, none is read.

        Raises ``StoreDamaged`` if the history does not go as far as the views do, which is ``now``.
        """
        with self._lock:
            known = self._kept.get((mailbox, end), (end, frozenset[bytes]()))
        position, names = known
        new: set[bytes] = set()
        while found := history.touched(mailbox, position, _BATCH):
            new.update(name for name, _ in found)
            position += len(found)
        if position < now:
            raise StoreDamaged(f"event {position + 1} of mailbox {mailbox} is missing")
        if new - names:
            names = names | new
        with self._lock:
            self._kept[mailbox, end] = position, names
            self._kept.move_to_end((mailbox, end))
            while len(self._kept) > 1 and self._is_much():
                self._kept.popitem(last=False)
        return names

    def _is_much(self) -> bool:
        return len(self._kept) > _KEPT or sum(len(names) for _, names in self._kept.values()) > _MOST_NAMES

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._kept.clear()


def search(live: Views, told: Told, touched: Set[bytes], mailbox: UUID, query: SearchQuery) -> list[Leaf]:
    """A page of what a search would have found, sorted as one of now."""
    wanted = query.skip + query.top
    lasting = _lasting(live, touched, mailbox, query, wanted)
    found = nlargest(wanted, chain(lasting, _changed(live, told, touched, query)), key=_order)
    return found[query.skip :]


def _lasting(live: Views, touched: Set[bytes], mailbox: UUID, query: SearchQuery, wanted: int) -> list[Leaf]:
    """What is as it was. The views of now know no place between two messages, and are asked for more."""
    parts = query.sought.of if isinstance(query.sought, Both) else (query.sought,)
    sought: Sought = Both((*parts, Outside(touched))) if touched else query.sought
    after = Place((int(query.after.values[0]) + 1,), _FIRST) if query.after else None
    asked = wanted + 1  # the last of the page before may be among them
    while True:
        leaves = live.search(mailbox, replace(query, sought=sought, skip=0, top=asked, after=after))
        behind = [leaf for leaf in leaves if _is_behind(leaf, query.after)]
        if len(behind) >= wanted or len(leaves) < asked:
            return behind
        asked = 2 * asked + 1


def _changed(live: Views, told: Told, touched: Set[bytes], query: SearchQuery) -> Iterator[Leaf]:
    """What is no more as it was, looked at one by one."""
    for name in touched:
        row = told(UUID(bytes=name))
        if row is None or not (row.in_mailbox if query.folder is None else row.folder == query.folder):
            continue
        leaf = Leaf(name, row.head, row.beta, row.body, row.tail, (live.search_place(row),))
        if _is_behind(leaf, query.after) and finds(row, wording(row), query.sought):
            yield leaf


def _order(leaf: Leaf) -> tuple[int, bytes]:
    """When it was sent, as the views of now see it, and its name."""
    return int(leaf.place[0]), leaf.name


def _is_behind(leaf: Leaf, after: Place | None) -> bool:
    return after is None or _order(leaf) < (int(after.values[0]), after.message.bytes)
