"""What a search would have found at an earlier moment.

What nothing has happened to since is found by the index of now. Of everything else is told what it said then,
and that is looked at message by message: a search costs what happened since.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from uuid import UUID

from letterbook.application.matching import finds
from letterbook.application.ports import History, Views
from letterbook.application.querying import Outside, Place
from letterbook.application.rows import Leaf, MessageRow
from letterbook.application.searching import Both, SearchQuery, Sought, wording

Told = Callable[[UUID], MessageRow | None]
"""How a message was shown then; ``None``: nowhere."""

_KEPT = 4
"""Moments for which it is remembered what happened since."""
_BATCH = 1000
_FIRST = UUID(int=0)


class Since:
    """The messages to which something has happened since some moments, as far as that was looked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[UUID, int], tuple[int, Set[bytes]]] = OrderedDict()

    def touched(self, history: History, mailbox: UUID, end: int) -> Set[bytes]:
        """Their names, in a mailbox behind a position. Every event is checked, none is read."""
        with self._lock:
            known = self._kept.get((mailbox, end), (end, frozenset[bytes]()))
        position, names = known
        new: set[bytes] = set()
        while found := history.touched(mailbox, position, _BATCH):
            new.update(name for name, _ in found)
            position += len(found)
        if new - names:
            names = names | new
        with self._lock:
            self._kept[mailbox, end] = position, names
            self._kept.move_to_end((mailbox, end))
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return names

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._kept.clear()


def search(live: Views, told: Told, touched: Set[bytes], mailbox: UUID, query: SearchQuery) -> list[Leaf]:
    """A page of what a search would have found, sorted as one of now."""
    wanted = query.skip + query.top
    found = [*_lasting(live, touched, mailbox, query, wanted), *_changed(live, told, touched, query)]
    found.sort(key=_order, reverse=True)
    return found[query.skip : wanted]


def _lasting(live: Views, touched: Set[bytes], mailbox: UUID, query: SearchQuery, wanted: int) -> list[Leaf]:
    """What is as it was. The views of now know no place between two messages, and are asked for more."""
    parts = query.sought.of if isinstance(query.sought, Both) else (query.sought,)
    sought: Sought = Both((*parts, Outside(touched))) if touched else query.sought
    after = Place((int(query.after.values[0]) + 1,), _FIRST) if query.after else None
    asked = wanted
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
