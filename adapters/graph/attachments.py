"""Attachments of a message: list, add, read, take off."""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.answers import attachment_object, collection, entity, item_object
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.reading import attachment_of
from letterbook.adapters.graph.wire import WireAttachment, read
from letterbook.application import jobs
from letterbook.application.ports import Mail
from letterbook.application.public_ids import Kind, private, public
from letterbook.domain.attachments import Attachment, FileAttachment, ItemAttachment
from letterbook.domain.message import Attach, Detach, Message

_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)


def _context(call: Call, message: str, *, entity_: bool) -> str:
    path = f"{call.owner_path}/messages('{message.replace('=', '%3D')}')/attachments"
    return f"{call.root}/$metadata#{path}{'/$entity' if entity_ else ''}"


async def list_(call: Call) -> Response:
    """GET M/attachments."""
    message = call.engine.message(call.mailbox, call.message_id())
    shown = [_shown(call, attachment) for attachment in message.attachments]
    return call.json(collection(_context(call, call.keys["message"], entity_=False), shown))


def _shown(call: Call, attachment: Attachment) -> dict[str, Any]:
    wanted = {"@odata.type", "id", *call.options.select} if call.options.select else None
    content = wanted is None or "contentBytes" in wanted
    shown = attachment_object(attachment, call.engine.content, content=content)
    return {name: value for name, value in shown.items() if wanted is None or name in wanted}


async def add(call: Call) -> Response:
    """POST M/attachments."""
    name = call.message_id()
    said = read(WireAttachment, await call.body())
    new = attachment_of(said, call.engine.ids.new(), call.engine.clock.now())
    attachment = await run_in_threadpool(call.engine.stowed_attachment, new)
    on = call.on()
    await call.engine.run_async(
        lambda work: jobs.ask_message(work, call.mailbox, name, Attach(attachment), on)
    )
    shown = attachment_object(attachment, call.engine.content)
    where = f"{call.message_url(name)}/attachments('{public(Kind.ATTACHMENT, attachment.id)}')"
    body = entity(_context(call, call.keys["message"], entity_=True), shown)
    return call.json(body, 201, Location=where)


def _one(call: Call) -> tuple[Message, Attachment]:
    message = call.engine.message(call.mailbox, call.message_id())
    return message, message.attachment(private(Kind.ATTACHMENT, call.keys["attachment"]))


async def get(call: Call) -> Response:
    """GET M/attachments/{id}; ``$expand=microsoft.graph.itemattachment/item`` shows the enclosed message."""
    _, attachment = _one(call)
    shown = _shown(call, attachment)
    if isinstance(attachment, ItemAttachment) and call.options.expands_item:
        body = attachment.item.body
        content = call.engine.store.blobs.get(body.blob).decode() if body.blob else body.content or ""
        shown["item"] = item_object(attachment.item, content)
    return call.json(entity(_context(call, call.keys["message"], entity_=True), shown))


async def value(call: Call) -> Response:
    """GET M/attachments/{id}/$value: the bytes; a reference has none here."""
    _, attachment = _one(call)
    match attachment:
        case FileAttachment():
            return Response(
                call.engine.content(attachment.content),
                headers={
                    "Content-Type": _as_header(attachment.content_type),
                    "X-Content-Type-Options": "nosniff",
                },
            )
        case ItemAttachment():
            return Response(_item_mime(call, attachment), media_type="text/plain")
        case _:
            raise errors.method_not_allowed({"GET"})


def _as_header(content_type: str | None) -> str:
    """A content type as it can stand in a header; one that cannot says only that there are bytes."""
    if content_type and len(content_type) <= 256 and _CONTENT_TYPE.fullmatch(content_type):
        return content_type
    return "application/octet-stream"


def _item_mime(call: Call, attachment: ItemAttachment) -> bytes:
    if attachment.mime:
        return call.engine.content(attachment.mime)
    letter = call.engine.whole_letter(attachment.item)
    return call.engine.mime.render(Mail(letter=letter, sent_at=attachment.sent_at))


async def remove(call: Call) -> Response:
    """DELETE M/attachments/{id}."""
    name, on = call.message_id(), call.on()
    ask = Detach(private(Kind.ATTACHMENT, call.keys["attachment"]))
    await call.engine.run_async(lambda work: jobs.ask_message(work, call.mailbox, name, ask, on))
    return gone()
