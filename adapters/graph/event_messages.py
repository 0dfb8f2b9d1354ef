"""Messages about meetings, asked for by their type, and the events that they are about."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import messages
from letterbook.adapters.graph.answers import converted, entity
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.expanding import EVENT, Expand
from letterbook.domain.refusals import NotFound


async def get(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage: the message, if it is about a meeting."""
    if call.message().letter.meeting is None:
        raise NotFound
    return await messages.get(call)


async def event(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage/event: what the meeting is now, if a calendar would hold it."""
    message = call.keys["message"].replace("=", "%3D")
    where = (
        f"{call.root}/$metadata#{call.owner_path}/messages('{message}')/microsoft.graph.eventMessage/event"
    )
    shown = await run_in_threadpool(_event, call, where)
    return call.json(entity(f"{where}/$entity", shown), ETag=shown["@odata.etag"])


def _event(call: Call, where: str) -> dict[str, Any]:
    row = call.row()
    shown = call.event(row.message, call.message(), where, call.options.expand)
    if shown is None:
        raise NotFound
    wanted = call.body_type()
    if wanted and shown["body"]["contentType"] != wanted:
        shown["body"] = converted(shown["body"]["content"], wanted)
    members = frozenset(name.lower() for name in call.options.select) or None
    return Expand(EVENT, members=members, inside=call.options.expand).members_of(shown)
