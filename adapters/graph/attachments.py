"""Attachments of a message: list, add, read, take off."""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import collection, entity
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.inlays import AT_ONCE
from letterbook.adapters.graph.lists import counted
from letterbook.adapters.graph.reading import one_attachment_of
from letterbook.adapters.graph.wire import WireAttachment, read
from letterbook.application import jobs
from letterbook.application.beliefs import check_place
from letterbook.application.ports import Mail
from letterbook.application.public_ids import Kind, meant
from letterbook.application.whole import whole_attachment
from letterbook.application.work import Work
from letterbook.domain.attachments import Attachment, FileAttachment, ItemAttachment, RecordAttachment
from letterbook.domain.message import Attach, Detach, Message

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)


def _context(call: Call) -> str:
    message = call.keys["message"].replace("=", "%3D")
    return f"{call.root}/$metadata#{call.owner_path}/messages('{message}')/attachments"


async def list_(call: Call) -> Response:
    """GET M/attachments. Its filter is passed over, as Graph does (known issues)."""
    message = call.message()
    shown = await run_in_threadpool(lambda: [_shown(call, message, each) for each in message.attachments])
    return call.json(collection(_context(call), shown))


async def count(call: Call) -> Response:
    """GET M/attachments/$count."""
    return counted(call.message().attachments)


def _shown(call: Call, message: Message, attachment: Attachment) -> dict[str, Any]:
    chosen = {name.rpartition("/")[2].lower() for name in call.options.select} or None
    item = call.options.opens
    moves = None if call.has_immutable_ids else message.moves
    return call.attachments().object(attachment, _context(call), moves=moves, members=chosen, item=item)


async def add(call: Call) -> Response:
    """POST M/attachments."""
    name = call.meant()
    said = read(WireAttachment, await call.body())
    new = one_attachment_of(said, call.engine.ids, call.engine.clock.now(), beta=call.beta)
    attachment = await run_in_threadpool(call.engine.stowed_attachment, new)
    on = call.on()
    answer = await call.change(
        lambda work: jobs.ask_message(work, call.mailbox, name, Attach(attachment), on)
    )
    moves = None if call.has_immutable_ids else answer.message.moves
    shown = call.attachments().object(attachment, _context(call), moves=moves)
    where = f"{call.message_url(call.id_of(answer.row))}/attachments('{shown['id']}')"
    return call.json(entity(f"{_context(call)}/$entity", shown), 201, Location=where)


def _one(call: Call) -> tuple[Message, Attachment]:
    """The attachment of the path, and its message. A default id is good while the message is in its place."""
    message, said = call.message(), meant(Kind.ATTACHMENT, call.keys["attachment"])
    check_place(message, said.moves)
    return message, message.attachment(said.name)


async def get(call: Call) -> Response:
    """GET M/attachments/{id}; ``$expand=microsoft.graph.itemattachment/item`` shows the enclosed message."""
    shown = await run_in_threadpool(_shown, call, *_one(call))
    return call.json(entity(f"{_context(call)}/$entity", shown))


async def value(call: Call) -> Response:
    """GET M/attachments/{id}/$value: the bytes; a reference has none here."""
    match _one(call)[1]:
        case FileAttachment() as file:
            return await run_in_threadpool(_bytes, call, file)
        case ItemAttachment() as item:
            return Response(await run_in_threadpool(_item_mime, call, item), media_type="text/plain")
        case RecordAttachment() as record:
            return await run_in_threadpool(_written, call, record)
        case _:
            raise errors.method_not_allowed({"GET"})


def _bytes(call: Call, file: FileAttachment) -> Response:
    """The bytes of a file; those of a large one are read while they are sent."""
    kind = {"Content-Type": _as_header(file.content_type), "X-Content-Type-Options": "nosniff"}
    if file.content.blob is None or file.size <= AT_ONCE:
        return Response(call.engine.content(file.content), headers=kind)
    pieces = call.engine.store.blobs.pieces(file.content.blob)
    return StreamingResponse(pieces, headers=kind | {"Content-Length": str(file.size)})


def _written(call: Call, record: RecordAttachment) -> Response:
    """An event as iCalendar, a contact as vCard (*Get attachment*)."""
    whole = whole_attachment(call.engine, record)
    assert isinstance(whole, RecordAttachment)
    kind = "text/calendar" if record.kind == "event" else "text/vcard"
    return Response(call.engine.mime.render_record(whole), media_type=kind)


def _as_header(content_type: str | None) -> str:
    """A content type as it can stand in a header; one that cannot says only that there are bytes."""
    if content_type and len(content_type) <= 256 and _CONTENT_TYPE.fullmatch(content_type):
        return content_type
    return "application/octet-stream"


def _item_mime(call: Call, item: ItemAttachment) -> bytes:
    if item.mime:
        return call.engine.content(item.mime)
    inside = tuple(whole_attachment(call.engine, each) for each in item.attachments)
    letter = call.engine.whole_letter(item.item)
    return call.engine.mime.render(Mail(letter=letter, attachments=inside, sent_at=item.sent_at))


async def remove(call: Call) -> Response:
    """DELETE M/attachments/{id}."""
    name, on, said = call.meant(), call.on(), meant(Kind.ATTACHMENT, call.keys["attachment"])

    def job(work: Work) -> None:
        check_place(work.message(call.mailbox, name), said.moves)
        jobs.ask_message(work, call.mailbox, name, Detach(said.name), on)

    await call.change(job)
    return gone()
