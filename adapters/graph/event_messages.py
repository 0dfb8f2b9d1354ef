"""Messages about meetings, asked for by their type. The meetings themselves are in no calendar here."""

from starlette.responses import Response

from letterbook.adapters.graph import messages
from letterbook.adapters.graph.call import Call
from letterbook.domain.refusals import NotFound


async def get(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage: the message, if it is about a meeting."""
    if call.message().letter.meeting is None:
        raise NotFound
    return await messages.get(call)


async def event(call: Call) -> Response:
    """GET M/microsoft.graph.eventMessage/event: there is none, as for a meeting no calendar holds."""
    call.message()
    raise NotFound
