"""Messages: create, read, list, change, delete, send."""

from functools import partial
from uuid import UUID

from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors, search, search_folders
from letterbook.adapters.graph.action_wire import WireSendMail
from letterbook.adapters.graph.aside import aside
from letterbook.adapters.graph.call import Call, accepted, gone
from letterbook.adapters.graph.hanging import extension_object, mention_object, newest_first
from letterbook.adapters.graph.links import next_link, place_of
from letterbook.adapters.graph.reading import decoded, new_message, update_of
from letterbook.adapters.graph.whole_messages import as_mime
from letterbook.adapters.graph.wire import WireMessage, read
from letterbook.application import jobs
from letterbook.application.engine import BLOB_LIMIT
from letterbook.application.jobs import Answer, NewMessage, new_from_mime
from letterbook.application.ports import Mail
from letterbook.application.querying import NEWEST_FIRST, PageQuery, Where
from letterbook.application.rows import MessageRow
from letterbook.domain.message import Update

MIME_UPDATE = "Mail.Advanced.ReadWrite"
"""The scope that a change by MIME needs (*Update message*, 2026)."""


async def create(call: Call) -> Response:
    """POST U/messages, POST F/messages: a draft, from JSON or MIME."""
    folder = call.folder_id() if "folder" in call.keys else None
    new = await _new(call, folder)
    name, on = call.engine.ids.new(), call.on()
    answer = await call.engine.run_async(lambda work: jobs.create_draft(work, call.mailbox, name, new, on))
    return created(call, answer)


def created(call: Call, answer: Answer) -> Response:
    """201 with a new draft, and where it is."""
    came_along, id_ = _came_along(call, answer), call.id_of(answer.row)
    odata_id = call.odata_id(id_) if "mentions" in came_along else None
    body = call.messages().entity(answer.row, f"{call.owner_path}/messages", odata_id)
    if came_along:
        body = body[:-1] + b"," + to_json(came_along)[1:]
    return call.json(body, 201, Location=call.message_url(id_), ETag=etag_of(answer.row.head))


def _came_along(call: Call, answer: Answer) -> dict[str, object]:
    """Mentions and extensions are shown by *Create message* without being asked for."""
    shown: dict[str, object] = {}
    if call.beta and answer.message.mentions:
        url = call.odata_id(call.id_of(answer.row))
        shown["mentions"] = [mention_object(m, url) for m in newest_first(answer.message)]
    if answer.message.extensions:
        shown["extensions"] = [extension_object(e) for e in answer.message.extensions]
    return shown


async def _new(call: Call, folder: UUID | None) -> NewMessage:
    """The message in the body of a request."""
    mime, raw = call.is_mime(), await call.body()
    if mime:
        return await run_in_threadpool(_from_mime, call, raw, folder)
    return await _from_json(call, read(WireMessage, raw), folder, len(raw))


def _from_mime(call: Call, raw: bytes, folder: UUID | None) -> NewMessage:
    return call.engine.stowed(new_from_mime(mail_in(call, raw), folder))


def mail_in(call: Call, raw: bytes) -> Mail:
    """The mail in a body of MIME as base64."""
    return call.engine.mime.parse(decoded(raw), call.engine.clock.now())


async def _from_json(call: Call, said: WireMessage, folder: UUID | None, size: int) -> NewMessage:
    """Only a large request can hold a large part; writing that to disk is left to another thread."""
    new = new_message(said, folder, call.engine.ids, call.engine.clock.now(), beta=call.beta)
    return new if size < BLOB_LIMIT // 4 else await run_in_threadpool(call.engine.stowed, new)


async def get(call: Call) -> Response:
    """GET M."""
    row = call.row()
    shown = partial(_shown, call, row)
    body = await aside(shown) if call.options.is_long_to_answer else shown()
    return call.json(body, ETag=etag_of(row.head))


def _changed(call: Call, row: MessageRow) -> Response:
    return call.changed(_shown(call, row), ETag=etag_of(row.head))


def _shown(call: Call, row: MessageRow) -> bytes:
    return call.messages().entity(row, f"{call.owner_path}/messages")


_ETAG = b'"@odata.etag":'


def etag_of(head: bytes) -> str:
    """The ETag of a message, which stands before its id in its ready answer."""
    before = head.index(_ETAG) + len(_ETAG)
    etag: str = from_json(head[before : head.index(b',"id":"', before)])
    return etag


async def list_(call: Call) -> Response:
    """GET U/messages, GET F/messages: a page."""
    options = call.options
    folder, within = await _existing_folder(call)
    if options.search is not None:
        return await _found(call, folder, within)
    after = place_of(call, options.skiptoken) if options.skiptoken else None
    query = PageQuery(
        folder=folder,
        where=search_folders.both(within, options.where),
        order=options.order,
        top=options.top + 1,
        skip=0 if after else options.skip,
        after=after,
        bodies=options.shows_bodies,
    )
    is_long = options.is_long_to_answer or _takes_long(query)
    body = await aside(partial(_page, call, query)) if is_long else _page(call, query)
    return (
        call.page(body) if within is None else call.json(body)
    )  # whoever looks into a search folder is seen


_FEW = 200
"""Messages that are passed over and answered while everybody waits: a millisecond."""


def _takes_long(query: PageQuery) -> bool:
    """Whether more may have to be read than a few messages of an index."""
    return query.skip + query.top > _FEW or query.where is not None or query.order != NEWEST_FIRST


def _page(call: Call, query: PageQuery) -> bytes:
    options = call.options
    rows, answers = call.engine.page(call.mailbox, query), call.messages()
    shown = answers.fitting(rows[: options.top])
    link = next_link(call, shown) if len(rows) > len(shown) else None
    count = call.engine.count(call.mailbox, query.folder, query.where) if options.count else None
    return answers.collection(shown, _collection_path(call), count, link)


async def _found(call: Call, folder: UUID | None, within: Where | None) -> Response:
    """What ``$search`` finds. It may ask for ``today``, so the answer is not kept for later."""
    answers = call.messages()
    shown, link = await search.page(call, folder, within, answers)
    count = await search.count(call, folder, within) if call.options.count else None
    written = partial(answers.collection, shown, _collection_path(call), count, link)
    return call.json(await aside(written) if call.options.is_long_to_answer else written())


async def _existing_folder(call: Call) -> tuple[UUID | None, Where | None]:
    """The folder of the path, if there is one in it; of a search folder, what it finds in the mailbox."""
    if "folder" not in call.keys:
        return None, None
    folder = call.folder_id()
    if call.names_well_known_folder():  # those are always there
        return folder, None
    within = search_folders.place(call.engine, call.mailbox, folder)
    if within[1] is not None:
        await run_in_threadpool(call.use, folder)
    return within


def _collection_path(call: Call) -> str:
    if "folder" not in call.keys:
        return f"{call.owner_path}/messages"
    folder = call.keys["folder"].replace("=", "%3D")
    return f"{call.owner_path}/mailFolders('{folder}')/messages"


async def count(call: Call) -> Response:
    """GET U/messages/$count, GET F/messages/$count."""
    folder, within = await _existing_folder(call)
    if call.options.search is not None:
        found = await search.count(call, folder, within)
    else:
        where = search_folders.both(within, call.options.where)
        found = await aside(partial(call.engine.count, call.mailbox, folder, where))
    return Response(str(found), media_type="text/plain")


async def update(call: Call) -> Response:
    """PATCH M."""
    if call.is_mime():
        return await _replace(call)
    name, raw = call.meant(), await call.body()
    ask = await _stowed_update(call, update_of(read(WireMessage, raw), beta=call.beta), len(raw))
    on = call.on()
    answer = await call.change(lambda work: jobs.ask_message(work, call.mailbox, name, ask, on))
    return _changed(call, answer.row)


async def _replace(call: Call) -> Response:
    """PATCH M with MIME, which takes the place of all that a draft says; it needs a scope of its own."""
    if MIME_UPDATE not in call.visitor.scopes:
        raise errors.forbidden()
    name, on = call.meant(), call.on()
    new = await run_in_threadpool(_from_mime, call, await call.body(), None)
    answer = await call.change(lambda work: jobs.replace_draft(work, call.mailbox, name, new, on))
    return _changed(call, answer.row)


async def _stowed_update(call: Call, ask: Update, size: int) -> Update:
    if size < BLOB_LIMIT // 4:
        return ask
    changes = await run_in_threadpool(call.engine.stowed_letter, ask.changes)
    return Update(changes=changes, is_read=ask.is_read, flag=ask.flag, categories=ask.categories)


async def delete(call: Call) -> Response:
    """DELETE M: to Deleted Items, from there beyond, from there for good."""
    name, on = call.meant(), call.on()
    await call.change(lambda work: jobs.delete(work, call.mailbox, name, on))
    return gone()


async def send(call: Call) -> Response:
    """POST U/messages/{id}/send: a body, if there is one, is passed over."""
    name, on = call.meant(), call.on()
    await call.change(lambda work: jobs.send(work, call.mailbox, name, on))
    call.delivery_due()
    return accepted()


async def send_mail(call: Call) -> Response:
    """POST U/sendMail: JSON with or without the ``message`` wrapper, or MIME."""
    mime, raw = call.is_mime(), await call.body()
    if mime:
        new, keep = await run_in_threadpool(_from_mime, call, raw, None), True
    else:
        said, keep = _letter_to_send(raw)
        new = await _from_json(call, said, None, len(raw))
    name, on = call.engine.ids.new(), call.on()
    await call.engine.run_async(lambda work: jobs.send_mail(work, call.mailbox, name, new, on, keep=keep))
    call.delivery_due()
    return accepted()


def _letter_to_send(raw: bytes) -> tuple[WireMessage, bool]:
    """The message of *sendMail*; one sample of its page has no wrapper, so a bare message is read too."""
    members = _members(raw)
    if not {"message", "Message"} & members and members - {"saveToSentItems", "SaveToSentItems"}:
        return read(WireMessage, raw), True
    said = read(WireSendMail, raw)
    if said.message is None:
        raise errors.body_unread("The parameter 'Message' is required.")
    return said.message, said.save_to_sent_items is not False


def _members(raw: bytes) -> set[str]:
    try:
        whole_body = from_json(raw or b"{}")
    except ValueError:
        raise errors.bad_json() from None
    return set(whole_body) if isinstance(whole_body, dict) else set()


async def mime(call: Call) -> Response:
    """GET M/$value: the message as MIME."""
    return await run_in_threadpool(lambda: as_mime(call.engine, call.message()))
