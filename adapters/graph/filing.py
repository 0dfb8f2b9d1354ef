"""Messages put elsewhere: move, copy, permanentDelete, junk or not, reported, unsubscribed from."""

from starlette.responses import Response

from letterbook.adapters.graph.action_wire import WireDestination, WireJunk, WireNotJunk, WireReport
from letterbook.adapters.graph.call import Call, accepted, gone
from letterbook.adapters.graph.messages import etag_of
from letterbook.adapters.graph.wire import read
from letterbook.application import filing
from letterbook.application.jobs import Answer
from letterbook.application.unsubscribing import unsubscribe as leave_list


async def move(call: Call) -> Response:
    """POST M/move."""
    name, on = call.meant(), call.on()
    folder = call.folder_named(read(WireDestination, await call.body()).destination_id)
    answer = await call.change(lambda work: filing.move(work, call.mailbox, name, folder, on))
    return _result(call, answer, 201)


async def copy(call: Call) -> Response:
    """POST M/copy: the original stays."""
    name, new_name, on = call.meant(), call.engine.ids.new(), call.on()
    folder = call.folder_named(read(WireDestination, await call.body()).destination_id)
    answer = await call.change(lambda work: filing.copy(work, call.mailbox, name, new_name, folder, on))
    return _result(call, answer, 201)


def _result(call: Call, answer: Answer, status: int) -> Response:
    """The message that an action gives back."""
    headers = {"ETag": etag_of(answer.row.head)}
    if status == 201:
        headers["Location"] = call.message_url(call.id_of(answer.row))
    return call.json(call.messages().result(answer.row), status, **headers)


async def delete_for_good(call: Call) -> Response:
    """POST M/permanentDelete."""
    name, on = call.meant(), call.on()
    await call.change(lambda work: filing.delete_for_good(work, call.mailbox, name, on))
    return gone()


async def mark_as_junk(call: Call) -> Response:
    """POST M/markAsJunk: its author is blocked."""
    return await _mark(call, is_junk=True, moved=read(WireJunk, await call.body()).move_to_junk)


async def mark_as_not_junk(call: Call) -> Response:
    """POST M/markAsNotJunk: its author is no longer blocked."""
    return await _mark(call, is_junk=False, moved=read(WireNotJunk, await call.body()).move_to_inbox)


async def _mark(call: Call, *, is_junk: bool, moved: bool) -> Response:
    name, on = call.meant(), call.on()
    answer = await call.change(
        lambda work: filing.mark_junk(work, call.mailbox, name, on, is_junk=is_junk, moved=moved)
    )
    return _result(call, answer, 202)


async def report(call: Call) -> Response:
    """POST U/messages/{id}/reportMessage."""
    name, on, said = call.meant(), call.on(), read(WireReport, await call.body())
    action, moved = said.report_action, said.is_message_move_requested
    answer = await call.change(lambda work: filing.report(work, call.mailbox, name, action, on, moved=moved))
    return _result(call, answer, 200)


async def unsubscribe(call: Call) -> Response:
    """POST U/messages/{id}/unsubscribe: a letter goes to the list, the message to Deleted Items."""
    name, letter, on = call.meant(), call.engine.ids.new(), call.on()
    await call.change(lambda work: leave_list(work, call.mailbox, name, letter, on))
    call.delivery_due()
    return accepted()
