"""Searching an earlier moment: what some sources find, each a batch at a time, put into one order.

The order goes by what a message was then, when it was sent and its name, and by nothing that changes: so it
comes once, however many pages there are, and whatever happens to it between two of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from letterbook.application.past_lists import Found
from letterbook.application.querying import (
    All,
    Among,
    Any,
    Compare,
    Field,
    Key,
    Marked,
    Not,
    Outside,
    Place,
    Where,
)
from letterbook.application.searching import (
    EVER,
    Both,
    Either,
    Says,
    SearchQuery,
    Sought,
    Without,
    about_text,
)

_MORE_THAN_WANTED = 2
"""So many more are asked for at first: the last ones may not be told whole."""


class Batch(NamedTuple):
    """Some of what a source finds; whatever else it finds was sent at the microsecond ``rest`` or before.

    ``None``: it finds nothing else.
    """

    found: Sequence[Found]
    rest: int | None


Ask = Callable[[int, int], Batch]
"""Finds about so many of those that were sent at a microsecond or before, the last first."""


@dataclass(slots=True)
class _Source:
    ask: Ask
    limit: int
    rest: int | None
    found: list[Found] = field(default_factory=list)

    def go_on(self, query: SearchQuery) -> None:
        assert self.rest is not None, "there is more"
        batch = self.ask(self.rest, self.limit)
        self.found += (each for each in batch.found if is_behind(each, query.after))
        self.limit, self.rest = 2 * self.limit, batch.rest


def page(asks: Iterable[Ask], query: SearchQuery) -> list[Found]:
    """A page of all that is found."""
    wanted = query.skip + query.top
    until = int(query.after.values[0]) if query.after else EVER
    sources = [_Source(ask, wanted + _MORE_THAN_WANTED, until) for ask in asks]
    while True:
        rest = max((each.rest for each in sources if each.rest is not None), default=None)
        found = [one for each in sources for one in each.found if rest is None or int(one.place[0]) > rest]
        if rest is None or len(found) >= wanted:
            return sorted(found, key=_order, reverse=True)[query.skip : wanted]
        for each in sources:
            if each.rest == rest:
                each.go_on(query)


def _order(found: Found) -> tuple[int, bytes]:
    return int(found.place[0]), found.name


def is_behind(found: Found, after: Place | None) -> bool:
    """Whether a message comes behind a place: when one was sent, and its name."""
    return after is None or _order(found) < (int(after.values[0]), after.message.bytes)


# --- What an index can tell, and what lists ---------------------------------------------------------


class Parted(NamedTuple):
    """A search in parts: what an index of words finds all of, and what else must be true.

    ``besides``: what that needs to know of the words.
    """

    spoken: Both
    rest: tuple[Sought, ...]
    besides: tuple[Sought, ...]

    @staticmethod
    def of(sought: Sought) -> "Parted":
        """The parts; when something was sent is looked at by both."""
        parts = sought.of if isinstance(sought, Both) else (sought,)
        rest = tuple(part for part in parts if not about_text(part))
        dated = (part for part in rest if isinstance(part, Compare) and part.field is Field.SENT)
        spoken = Both((*(part for part in parts if about_text(part)), *dated))
        return Parted(spoken, rest, tuple(dict.fromkeys(text for part in rest for text in _texts(part))))

    def where(self, true_of: Sequence[Sequence[bytes]]) -> Where:
        """What else must be true, if it is known of which messages each of those ``besides`` is."""
        known = {text: _among(names) for text, names in zip(self.besides, true_of, strict=True)}
        return All(tuple(_where(part, known) for part in self.rest))


def _texts(sought: Sought) -> Iterator[Sought]:
    """The largest parts that are about nothing but words."""
    if about_text(sought):
        yield sought
        return
    match sought:
        case Both(parts) | Either(parts):
            for part in parts:
                yield from _texts(part)
        case Without(part):
            yield from _texts(part)
        case Says() | Compare() | Marked() | Among() | Outside():
            pass


def _among(names: Iterable[bytes]) -> Where:
    return Among(Key.MESSAGE, tuple(UUID(bytes=name) for name in names))


def _where(sought: Sought, known: Mapping[Sought, Where]) -> Where:
    """The same condition as lists ask it."""
    if sought in known:
        return known[sought]
    match sought:
        case Both(parts):
            return All(tuple(_where(part, known) for part in parts))
        case Either(parts):
            return Any(tuple(_where(part, known) for part in parts))
        case Without(part):
            return Not(_where(part, known))
        case Compare() | Marked() | Among() | Outside():
            return sought
        case Says():
            raise AssertionError("asked of the index")
