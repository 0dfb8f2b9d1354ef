"""``$search``: what its value says, and a page of what is found."""

import re
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from letterbook.adapters import kql
from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import MessageAnswers
from letterbook.adapters.graph.aside import aside
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.links import next_link, place_of
from letterbook.application.querying import Place, Where
from letterbook.application.rows import Leaf
from letterbook.application.searching import MOST_HITS, Both, SearchQuery, Sought, sought_where

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def sought_by(call: Call) -> Sought:
    """What the request looks for. ``Mail.ReadBasic`` does not suffice (Graph: permissions reference)."""
    if call.basic:
        raise errors.forbidden()
    try:
        return kql.read_query(unquoted(call.options.search or ""), call.engine.clock.now())
    except kql.Unreadable as no:
        raise errors.bad_request(f"Syntax error in $search: {no}") from None


def unquoted(value: str) -> str:
    """The text inside the quotes that Graph asks for around the whole value; ``\\"`` is a quote in it."""
    text = value.strip()
    whole = _QUOTED.fullmatch(text)
    return _ESCAPED.sub(r"\1", whole[1]) if whole else text


async def page(
    call: Call, folder: UUID | None, within: Where | None, answers: MessageAnswers
) -> tuple[Sequence[Leaf], str | None]:
    """A page of the messages that are found, and the link to the next one: at most 1,000 in all."""
    options, sought = call.options, _within(sought_by(call), within)
    after, seen = _reached(call)
    left = max(0, MOST_HITS - seen)
    skip = 0 if after else options.skip
    query = SearchQuery(sought=sought, folder=folder, after=after, skip=skip, top=min(options.top + 1, left))
    found = await _searched(call, query)
    shown = answers.fitting(found[: options.top])
    more = len(found) > len(shown)
    return shown, next_link(call, shown, seen + len(shown)) if more else None


def _reached(call: Call) -> tuple[Place | None, int]:
    """Behind which message to go on, and how many came before."""
    if call.options.skiptoken is None:
        return None, call.options.skip
    place = place_of(call, call.options.skiptoken)
    *values, seen = place.values
    return Place(tuple(values), place.message), int(seen)


async def count(call: Call, folder: UUID | None, within: Where | None) -> int:
    """How many messages are found, up to 1,000."""
    sought = _within(sought_by(call), within)
    return len(await _searched(call, SearchQuery(sought=sought, folder=folder)))


def _within(sought: Sought, within: Where | None) -> Sought:
    """What is looked for among what a search folder shows."""
    if within is None:
        return sought
    both = (sought, sought_where(within))
    return Both(tuple(part for each in both for part in (each.of if isinstance(each, Both) else (each,))))


async def _searched(call: Call, query: SearchQuery) -> list[Leaf]:
    return await aside(partial(call.engine.search, call.mailbox, query))
