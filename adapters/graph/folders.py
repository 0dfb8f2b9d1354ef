"""Mail folders: list, read, make."""

from uuid import UUID

from starlette.responses import Response

from letterbook.adapters.graph.answers import collection, entity, folder_object
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.wire import WireFolder, read
from letterbook.application import jobs
from letterbook.application.rows import FolderRow
from letterbook.domain.mailbox import ROOT, well_known_id


def _context(call: Call, below: str = "", *, entity_: bool) -> str:
    chosen = f"({','.join(call.options.select)})" if call.options.select else ""
    path = f"{call.owner_path}/mailFolders{below}{chosen}"
    return f"{call.root}/$metadata#{path}{'/$entity' if entity_ else ''}"


def _shown(call: Call, row: FolderRow, children: int) -> dict[str, object]:
    whole = folder_object(row, children, beta=call.beta)
    wanted = {"id", *call.options.select} if call.options.select else set(whole)
    return {name: value for name, value in whole.items() if name in wanted}


async def list_(call: Call) -> Response:
    """GET U/mailFolders: the folders directly below the root."""
    return _children(call, well_known_id(call.mailbox, ROOT), "")


async def list_children(call: Call) -> Response:
    """GET F/childFolders: one level."""
    parent = call.engine.folder(call.mailbox, call.folder_id())
    return _children(call, parent.folder, f"('{call.keys['folder'].replace('=', '%3D')}')/childFolders")


def _children(call: Call, parent: UUID, below: str) -> Response:
    folders = call.engine.folders(call.mailbox)
    hidden_too = call.options.given.get("includeHiddenFolders", "").lower() == "true"
    children = [f for f in folders if f.parent == parent and (hidden_too or not f.hidden)]
    children.sort(key=lambda folder: folder.name.casefold())
    page = children[call.options.skip : call.options.skip + call.options.top]
    shown = [_shown(call, each, _child_count(folders, each)) for each in page]
    more: dict[str, object] = {"@odata.count": len(children)} if call.options.count else {}
    if call.options.skip + call.options.top < len(children):
        query = call.options.link(skip=str(call.options.skip + call.options.top))
        more["@odata.nextLink"] = call.link(query)
    return call.json(collection(_context(call, below, entity_=False), shown, **more))


def _child_count(folders: list[FolderRow], folder: FolderRow) -> int:
    return sum(1 for each in folders if each.parent == folder.folder and not each.hidden)


async def get(call: Call) -> Response:
    """GET F, by id or well-known name."""
    folder = call.engine.folder(call.mailbox, call.folder_id())
    children = _child_count(call.engine.folders(call.mailbox), folder)
    return call.json(entity(_context(call, entity_=True), _shown(call, folder, children)))


async def create(call: Call) -> Response:
    """POST U/mailFolders: below the root."""
    return await _create(call, well_known_id(call.mailbox, ROOT))


async def create_child(call: Call) -> Response:
    """POST F/childFolders."""
    return await _create(call, call.folder_id())


async def _create(call: Call, parent: UUID) -> Response:
    said = read(WireFolder, await call.body())
    folder_id, on = call.engine.ids.new(), call.on()
    await call.engine.run_async(
        lambda work: jobs.create_folder(
            work, call.mailbox, folder_id, said.display_name or "", parent, on, hidden=bool(said.is_hidden)
        )
    )
    folder = call.engine.folder(call.mailbox, folder_id)
    return call.json(entity(_context(call, entity_=True), _shown(call, folder, 0)), 201)
