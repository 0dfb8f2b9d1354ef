"""Mail folders: list, read, make, change."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors, search_folders
from letterbook.adapters.graph.answers import collection, entity, folder_object
from letterbook.adapters.graph.call import Call
from letterbook.adapters.graph.folder_queries import MARKS, NO_QUERY, FolderQuery, Json, folder_query
from letterbook.adapters.graph.folder_wire import WireFolder, check_changeable, search_of
from letterbook.adapters.graph.hanging import shown_properties
from letterbook.adapters.graph.reading import extended_properties
from letterbook.adapters.graph.wire import read
from letterbook.application import foldering, jobs
from letterbook.application.marks import marks_of_properties
from letterbook.application.public_ids import Kind, public
from letterbook.application.rows import FolderRow
from letterbook.domain.folders import FolderSearch
from letterbook.domain.well_known import ROOT, well_known_id


class FolderAnswers:
    """The folders of one mailbox, as they are at the moment of one request, in the form that it wants."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._rows = {row.folder: row for row in call.engine.folders(call.mailbox)}
        self._hidden_too = call.options.given.get("includeHiddenFolders", "").lower() == "true"
        self._children: dict[UUID, list[FolderRow]] = {}
        self._found: dict[UUID, tuple[int, int]] = {}
        for row in self._rows.values():
            if row.parent is not None:
                self._children.setdefault(row.parent, []).append(row)

    def row(self, folder: UUID) -> FolderRow:
        """One folder; refuses one that is not there."""
        return search_folders.row_of(self._rows.values(), folder)

    def one(self, folder: UUID, query: FolderQuery) -> bytes:
        """One folder as a whole answer."""
        context = self._context("", query, "/$entity")
        return entity(context, self._shown(self._whole(self.row(folder)), query))

    def told(self, folder: UUID) -> Json | None:
        """One folder among what changed; ``None`` if it is not there any more."""
        row = self._rows.get(folder)
        return None if row is None else self._shown(self._whole(row), _query(self._call))

    def below(self, parent: UUID, query: FolderQuery, path: str) -> bytes:
        """A page of the folders directly below one, as a whole answer."""
        page, count, more = self._page(parent, query)
        said: Json = {"@odata.count": count} if query.options.count else {}
        if more:
            said["@odata.nextLink"] = self._call.link(more)
        return collection(self._context(path, query), page, **said)

    def count(self, parent: UUID, query: FolderQuery) -> int:
        """How many folders a query finds directly below one."""
        return len(self._chosen(parent, query))

    def _chosen(self, parent: UUID, query: FolderQuery) -> list[Json]:
        children = [row for row in self._children.get(parent, ()) if self._hidden_too or not row.hidden]
        whole = [self._whole(row) for row in children]
        return query.chosen([self._counted(each) for each in whole] if query.looks else whole)

    def _page(self, parent: UUID, query: FolderQuery) -> tuple[list[Json], int, str | None]:
        """What a page shows, how many there are in all, and the query of the next page."""
        chosen, start = self._chosen(parent, query), query.options.skip
        end = start + query.options.top
        more = query.options.link(skip=str(end)) if end < len(chosen) else None
        return [self._shown(each, query) for each in chosen[start:end]], len(chosen), more

    def _shown(self, whole: Json, query: FolderQuery) -> Json:
        shown = query.cut(self._counted(whole)) | self._properties(whole["id"], query)
        return shown if query.children is None else shown | self._inline(whole["id"], query.children)

    def _properties(self, public_id: str, query: FolderQuery) -> Json:
        """The extended properties that are asked for, inside a folder."""
        if not query.properties:
            return {}
        where = self._context(f"('{_quoted(public_id)}')", NO_QUERY)
        known = self._rows[self._call.folder_named(public_id)].properties
        return {
            name: it
            for each in query.properties
            for name, it in shown_properties(known, each, f"{where}/{each.name}").items()
        }

    def _inline(self, public_id: str, query: FolderQuery) -> Json:
        """The folders below one, inside it; a link leads to those that no longer fit."""
        path = f"('{_quoted(public_id)}')/childFolders"
        page, count, more = self._page(self._call.folder_named(public_id), query)
        said: Json = {"childFolders@odata.context": self._context(path, query)}
        if query.options.count:
            said["childFolders@odata.count"] = count
        said["childFolders"] = page
        if more:
            hidden = "&includeHiddenFolders=true" if self._hidden_too else ""
            here = f"{self._call.root}/{self._call.owner_path}/mailFolders{path}"
            said["childFolders@odata.nextLink"] = f"{here}?{more}{hidden}"
        return said

    def _whole(self, row: FolderRow) -> Json:
        """Everything that there is to say of a folder, but how much a search folder finds."""
        children = sum(1 for each in self._children.get(row.folder, ()) if not each.hidden)
        readable = row.search is None or search_folders.understood(row.search) is not None
        shown = folder_object(row, children, beta=self._call.beta, readable=readable)
        return shown | {MARKS: marks_of_properties(row.properties)} if row.properties else shown

    def _counted(self, whole: Json) -> Json:
        """The same, and how much a search folder finds now."""
        if "@odata.type" not in whole:
            return whole
        total, unread = self._found_in(self._call.folder_named(whole["id"]))
        return whole | {"unreadItemCount": unread, "totalItemCount": total}

    def _found_in(self, folder: UUID) -> tuple[int, int]:
        search = self._rows[folder].search
        assert search is not None, "only a search folder names its type"
        if folder not in self._found:
            found = search_folders.found_by(search, self._rows.values())
            self._found[folder] = search_folders.counts(self._call.engine, self._call.mailbox, found)
        return self._found[folder]

    def _context(self, path: str, query: FolderQuery, end: str = "") -> str:
        chosen = f"({','.join(query.selected)})" if query.selected else ""
        return f"{self._call.root}/$metadata#{self._call.owner_path}/mailFolders{path}{chosen}{end}"


def _quoted(public_id: str) -> str:
    return public_id.replace("=", "%3D")


def _query(call: Call) -> FolderQuery:
    query = folder_query(call.options, beta=call.beta)
    if call.basic and query.beyond_basic:
        raise errors.forbidden()
    return query


def shown(call: Call, folder: UUID, status: int = 200, **headers: str) -> Response:
    """One folder as it is now."""
    return call.json(FolderAnswers(call).one(folder, _query(call)), status, **headers)


# --- Reading ---------------------------------------------------------------------------------------


async def list_(call: Call) -> Response:
    """GET U/mailFolders: the folders directly below the root."""
    query = _query(call)
    return call.json(FolderAnswers(call).below(well_known_id(call.mailbox, ROOT), query, ""))


async def list_children(call: Call) -> Response:
    """GET F/childFolders: one level."""
    query, folders = _query(call), FolderAnswers(call)
    path = f"('{_quoted(call.keys['folder'])}')/childFolders"
    return call.json(folders.below(folders.row(call.folder_id()).folder, query, path))


async def count(call: Call) -> Response:
    """GET U/mailFolders/$count."""
    return _counted(call, well_known_id(call.mailbox, ROOT))


async def count_children(call: Call) -> Response:
    """GET F/childFolders/$count."""
    return _counted(call, call.folder_id())


def _counted(call: Call, parent: UUID) -> Response:
    query, folders = _query(call), FolderAnswers(call)
    found = folders.count(folders.row(parent).folder, query)
    return Response(str(found), media_type="text/plain")


async def get(call: Call) -> Response:
    """GET F, by id or well-known name."""
    folder, answers = call.folder_id(), FolderAnswers(call)
    if answers.row(folder).search is not None:
        await run_in_threadpool(call.use, folder)
    return call.json(answers.one(folder, _query(call)))


# --- Making and changing ---------------------------------------------------------------------------


async def create(call: Call) -> Response:
    """POST U/mailFolders: below the root."""
    return await _create(call, well_known_id(call.mailbox, ROOT))


async def create_child(call: Call) -> Response:
    """POST F/childFolders: a folder, or a search folder."""
    return await _create(call, call.folder_id())


async def _create(call: Call, parent: UUID) -> Response:
    query, said = _query(call), read(WireFolder, await call.body())
    said.check_type(beta=call.beta)
    search = search_of(said, call.folder_named, None)
    folder_id, on = call.engine.ids.new(), call.on()
    name, hidden, properties = said.display_name or "", bool(said.is_hidden), extended_properties(said)
    await call.engine.run_async(
        lambda work: jobs.create_folder(
            work,
            call.mailbox,
            folder_id,
            name,
            parent,
            on,
            hidden=hidden,
            search=search,
            properties=properties,
        )
    )
    location = f"{call.root}/{call.owner_path}/mailFolders('{public(Kind.FOLDER, folder_id)}')"
    return call.json(FolderAnswers(call).one(folder_id, query), 201, Location=location)


async def update(call: Call) -> Response:
    """PATCH F: another name, or something else to look for."""
    folder, query, said = call.folder_id(), _query(call), read(WireFolder, await call.body())
    check_changeable(said, beta=call.beta)
    search = search_of(said, call.folder_named, _search_in(call, folder)) if said.is_search else None
    on, properties = call.on(), extended_properties(said)
    name = "" if said.nulled("display_name") else said.display_name
    await call.engine.run_async(
        lambda work: foldering.change(
            work, call.mailbox, folder, on, name=name, search=search, properties=properties
        )
    )
    return call.changed(FolderAnswers(call).one(folder, query))


def _search_in(call: Call, folder: UUID) -> FolderSearch | None:
    """What a search folder looks for; refuses any other folder."""
    return call.engine.folder(call.mailbox, folder).search
