"""Asking as of an earlier point: ``?asOf=…``, or ``Prefer: letterbook.as-of="…"``.

Both are Letterbook's own; a point is a moment, or a position of the mailbox. The parameter comes before the
preference, and links to further pages carry it: as a position, so that all pages are of the same moment.
"""

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.aside import aside
from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.option_values import AS_OF
from letterbook.adapters.graph.routing import Route
from letterbook.application.engine import Engine
from letterbook.application.past import Point, Travel
from letterbook.application.points import read_point
from letterbook.domain import refusals

_PREFERRED = re.compile(r'\bletterbook\.as-of\s*=\s*"?([^",;]+)', re.IGNORECASE)
_NAME = AS_OF.lower()
_ESCAPED_LETTER = re.compile(rb"%[4-7]")
"""Nobody needs to escape a letter, but whoever does is understood."""


_TRIES = 3
"""How often somebody waits for the lists of a moment that others have let go of meanwhile."""


def asked(request: Asked) -> str | None:
    """The earlier point that a request is about, as it is written; ``None`` if it is about now."""
    query = request.query
    if _NAME.encode() in query.lower() or _ESCAPED_LETTER.search(query):
        given = [value for name, value in parse_qsl(query.decode("latin-1"), True) if name.lower() == _NAME]
        if len(given) > 1:
            raise errors.bad_request("Query option 'asOf' was specified more than once.")
        if given:
            return given[0] or " "
    preferred = _PREFERRED.search(request.preferred)
    return preferred[1] if preferred else None


async def travelled(call: Call, route: Route, travel: Travel, said: str) -> Call:
    """The same call, put to the store as it was. Only reading can be asked so, and not what changed since."""
    if route.method != "GET":
        raise refusals.PastUnchangeable
    if route.of == "subscription":
        raise errors.bad_request("Subscriptions cannot be asked for as of an earlier moment.")
    point = read_point(said)
    engine, pinned = _engine(call, route, travel, point)
    for _ in range(_TRIES if _looks_at_lists(call, route) else 0):
        if travel.is_ready(call.mailbox, int(pinned)):
            break
        await aside(partial(travel.make_ready, call.person, int(pinned)))
    others = {name: value for name, value in call.options.given.items() if name.lower() != _NAME}
    options = replace(call.options, given=others | {AS_OF: pinned})
    by_preference = None if len(others) < len(call.options.given) else said
    return replace(call, engine=engine, options=options, as_of=by_preference)


def _looks_at_lists(call: Call, route: Route) -> bool:
    """Whether it takes more than facts to answer: a list, a message that has to be in a folder, an event."""
    if route.whose != "mailbox":
        return False
    if "message" in call.keys:
        return "folder" in call.keys or call.options.opens_events
    return route.of in ("message", "mailFolder")


def _engine(call: Call, route: Route, travel: Travel, point: Point) -> tuple[Engine, str]:
    """The store as it was, and the point as links say it."""
    if route.whose == "nobody":
        if not isinstance(point, datetime):
            raise errors.bad_request("A position is one of a mailbox: ask for everybody as of a moment.")
        return travel.at_moment(point), point.isoformat()
    engine, position = travel.at(call.person, point)
    return engine, str(position)
