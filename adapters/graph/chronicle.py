"""What changed, at the Graph face: functions of Letterbook's own, which Graph has not.

They are not in the metadata, and ``letterbook.`` before their names tells them from Graph's.
"""

from datetime import datetime
from functools import partial

from starlette.responses import Response

from letterbook.adapters.chronicle import difference_data, differences, moment_data, moments
from letterbook.adapters.graph import errors
from letterbook.adapters.graph.aside import aside
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.lists import several
from letterbook.adapters.graph.shown_filters import Findable
from letterbook.application.past import Point
from letterbook.application.points import read_point
from letterbook.domain import refusals

_TIMELINE = Findable(
    of="timelineEntry",
    properties={
        **dict.fromkeys(("position", "version"), int),
        **dict.fromkeys(("fact", "who", "why"), str),
        **dict.fromkeys(("when", "recorded"), datetime),
    },
)
_DIFFERENCES = Findable(of="difference", properties=dict.fromkeys(("what", "id", "name", "how"), str))


async def timeline(call: Call) -> Response:
    """GET M/letterbook.timeline: every change of a message; also after it is gone."""
    found = await aside(partial(moments, call.engine, call.mailbox, call.meant()))
    shown = [moment_data(each) for each in found]
    return several(call, "Collection(letterbook.timelineEntry)", shown, _TIMELINE)


async def diff(call: Call) -> Response:
    """GET U/letterbook.diff, F/letterbook.diff, M/letterbook.diff: ``?from=…&to=…``, points of time."""
    since, until = _point(call, "from"), _point(call, "to")
    if since is None:
        raise errors.bad_request("The query option 'from' is required: a moment or a position.")
    message = call.meant() if "message" in call.keys else None
    folder = call.folder_id() if "folder" in call.keys and message is None else None
    asked = partial(differences, call.engine, call.mailbox, since, until, message=message, folder=folder)
    shown = [difference_data(each) for each in await aside(asked)]
    return several(call, "Collection(letterbook.difference)", shown, _DIFFERENCES)


def _point(call: Call, name: str) -> Point | None:
    given = {key.lower(): value for key, value in call.options.given.items()}
    if name not in given:
        return None
    if not given[name]:
        raise refusals.PointUnknown("")
    return read_point(given[name])
