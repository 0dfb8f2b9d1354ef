"""Messages about meetings, asked for by their type, and the events that they are about."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import messages
from letterbook.adapters.graph.answers import converted, entity
from letterbook.adapters.graph.call import Call
from letterbook.domain.refusals import NotFound


async def get(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage: the message, if it is about a meeting."""
    if call.message().letter.meeting is None:
        raise NotFound
    return await messages.get(call)


async def event(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage/event: what the meeting is now, if a calendar would hold it."""
    shown = await run_in_threadpool(_event, call)
    message = call.keys["message"].replace("=", "%3D")
    where = f"{call.owner_path}/messages('{message}')/microsoft.graph.eventMessage/event/$entity"
    return call.json(entity(f"{call.root}/$metadata#{where}", shown), ETag=shown["@odata.etag"])


def _event(call: Call) -> dict[str, Any]:
    row = call.row()
    shown = call.event(row.message, call.message())
    if shown is None:
        raise NotFound
    wanted = call.body_type()
    if wanted and shown["body"]["contentType"] != wanted:
        shown["body"] = converted(shown["body"]["content"], wanted)
    chosen = {"id", *call.options.select}
    return {
        name: it for name, it in shown.items() if not call.options.select or name in chosen or "@" in name
    }
