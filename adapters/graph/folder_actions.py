"""What can be done with a whole folder: move, copy, delete, mark as read.

However much is in it, each is one transaction, which another thread waits for.
"""

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import search_folders
from letterbook.adapters.graph.action_wire import WireDestination, WireReadState
from letterbook.adapters.graph.answers import collection
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.folders import shown
from letterbook.adapters.graph.wire import read
from letterbook.application import foldering
from letterbook.application.work import Work

T = TypeVar("T")


async def _done(call: Call, job: Callable[[Work], T]) -> T:
    return await run_in_threadpool(call.engine.run, job)


async def move(call: Call) -> Response:
    """POST F/move: with all that is in it; it keeps its id."""
    folder, on = call.folder_id(), call.on()
    parent = call.folder_named(read(WireDestination, await call.body()).destination_id)
    await _done(call, lambda work: foldering.move(work, call.mailbox, folder, parent, on))
    return shown(call, folder)


async def copy(call: Call) -> Response:
    """POST F/copy: with copies of all that is in it."""
    folder, on, ids = call.folder_id(), call.on(), call.engine.ids
    parent = call.folder_named(read(WireDestination, await call.body()).destination_id)
    made = await _done(call, lambda work: foldering.copy(work, call.mailbox, folder, parent, ids, on))
    return shown(call, made)


async def delete(call: Call) -> Response:
    """DELETE F: to Deleted Items; from there for good, its messages to Recoverable Items."""
    folder, on = call.folder_id(), call.on()
    await _done(call, lambda work: foldering.delete(work, call.mailbox, folder, on))
    return gone()


async def delete_for_good(call: Call) -> Response:
    """POST F/permanentDelete: with all that is in it."""
    folder, on = call.folder_id(), call.on()
    await _done(call, lambda work: foldering.delete_for_good(work, call.mailbox, folder, on))
    return gone()


async def mark_all(call: Call) -> Response:
    """POST F/updateAllMessagesReadState. No receipts are sent, so there are none to suppress."""
    folder, on = call.folder_id(), call.on()
    is_read = read(WireReadState, await call.body()).is_read
    _, found = search_folders.place(call.engine, call.mailbox, folder)
    if found is not None:
        await run_in_threadpool(call.use, folder)
    await _done(call, lambda work: foldering.mark_all(work, call.mailbox, folder, found, on, is_read=is_read))
    return gone()


async def operations(call: Call) -> Response:
    """GET F/operations: everything is done before it is answered, so nothing is ever found running."""
    call.engine.folder(call.mailbox, call.folder_id())
    folder = call.keys["folder"].replace("=", "%3D")
    context = f"{call.root}/$metadata#{call.owner_path}/mailFolders('{folder}')/operations"
    return call.json(collection(context, []))
