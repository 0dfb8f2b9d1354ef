"""Upload sessions: large files that arrive in pieces, at a URL that is its own key.

The URL carries a signature instead of a token (Graph: outlook-large-attachments), so that whoever holds it
can upload that one file and do nothing else. Whatever else a request says of its sender is passed over.
"""

import base64
import hmac
import re
from contextlib import suppress
from hashlib import sha256
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.action_wire import WireUploadSession
from letterbook.adapters.graph.answers import entity
from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.call import Call, gone
from letterbook.adapters.graph.codings import coding_of
from letterbook.adapters.graph.reading import type_by_name
from letterbook.adapters.graph.tenant import TENANT
from letterbook.adapters.graph.wire import read
from letterbook.application import uploading
from letterbook.application.blobs import Piece
from letterbook.application.public_ids import Kind, meant, private, public
from letterbook.application.showing import shown_time
from letterbook.domain import refusals
from letterbook.domain.attachments import UPLOAD_LIMIT
from letterbook.domain.uploads import LIFETIME, Range, Upload, is_next

BUFFER = 1024 * 1024
"""Bytes of one request that are in memory at once."""
_RANGE = re.compile(r"\s*bytes\s+(\d{1,12})-(\d{1,12})/(\d{1,12})\s*", re.ASCII | re.IGNORECASE)


# --- The session -----------------------------------------------------------------------------------


async def create(call: Call) -> Response:
    """POST M/attachments/createUploadSession."""
    said = read(WireUploadSession, await call.body()).attachment_item
    if said.attachment_type != "file":
        raise errors.bad_request(f"An attachment of type '{said.attachment_type}' cannot be uploaded.")
    row = call.row()
    upload = Upload(
        id=call.engine.ids.new(),
        mailbox=call.mailbox,
        message=row.message,
        actor=call.visitor.actor,
        name=said.name,
        size=said.size,
        content_type=said.content_type or type_by_name(said.name),
        is_inline=bool(said.is_inline),
        content_id=said.content_id,
        expires_at=call.engine.clock.now() + LIFETIME,
    )
    await run_in_threadpool(uploading.begin, call.engine, upload)
    shown = {
        "uploadUrl": _url(call, upload, call.id_of(row)),
        "expirationDateTime": shown_time(upload.expires_at),
        "nextExpectedRanges": ["0-"],
    }
    return call.json(entity(f"{call.root}/$metadata#microsoft.graph.uploadSession", shown), 201)


def _place(upload: Upload, message: str) -> str:
    """Where a session is, below the version; ``message`` is the id that its message had at the beginning.

    It stays so wherever the message goes. Its form is that of the ids which the last answer gives.
    """
    session = public(Kind.ATTACHMENT, upload.id)
    return f"Users('{upload.mailbox}@{TENANT}')/Messages('{message}')/AttachmentSessions('{session}')"


def _url(call: Call, upload: Upload, message: str) -> str:
    key = _key(call.engine.store.secret, upload.mailbox, upload.message, upload.id)
    return f"{call.root}/{_place(upload, message)}?authtoken={key}"


def _key(secret: bytes, *names: UUID) -> str:
    """What opens a session: it fits this file, for this message, in this store."""
    said = b"upload\0" + b"".join(name.bytes for name in names)
    return base64.urlsafe_b64encode(hmac.new(secret, said, sha256).digest()).rstrip(b"=").decode()


def check_key(request: Asked, secret: bytes, keys: dict[str, str]) -> UUID:
    """The mailbox of a URL that was made here; refuses any other. Nothing is looked for before."""
    try:
        mailbox = UUID(keys["user"].removesuffix(f"@{TENANT}"))
    except ValueError:
        raise errors.unauthorized("The upload URL is not valid.") from None
    wanted = _key(secret, mailbox, private(Kind.MESSAGE, keys["message"]), _session(keys))
    given = request.query_params.get("authtoken", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise errors.unauthorized("The upload URL is not valid.")
    return mailbox


def _session(keys: dict[str, str]) -> UUID:
    return private(Kind.ATTACHMENT, keys["session"])


# --- The bytes -------------------------------------------------------------------------------------


async def status(call: Call) -> Response:
    """GET {uploadUrl}: which bytes are expected next."""
    upload = await run_in_threadpool(uploading.find, call.engine, _session(call.keys))
    return _status(call, upload, await run_in_threadpool(uploading.received, call.engine, upload))


async def cancel(call: Call) -> Response:
    """DELETE {uploadUrl}: forget what was uploaded."""
    upload = await run_in_threadpool(uploading.find, call.engine, _session(call.keys))
    await run_in_threadpool(call.engine.store.blobs.uploads.drop, upload.id)
    return gone()


async def put(call: Call) -> Response:
    """PUT {uploadUrl}: the next bytes; with the last ones the file is attached.

    A client that heard no answer may send the same bytes again, also the last ones.
    """
    try:
        upload = await run_in_threadpool(uploading.find, call.engine, _session(call.keys))
        received = await _take(call, upload, _range(call.request))
        if received < upload.size:
            return _status(call, upload, received)
        on = call.engine.occasion(upload.actor, call.request_id)
        await run_in_threadpool(uploading.finish, call.engine, upload, on)
    except refusals.NotFound:
        if not await _is_attached(call):
            raise
    finally:
        await _pass_over(call.request)
    return _attached(call)


async def _is_attached(call: Call) -> bool:
    """Whether the file is attached already, so that its upload is no longer there."""
    names = (call.mailbox, call.meant(), _session(call.keys))
    return await run_in_threadpool(uploading.is_attached, call.engine, *names)


def _range(request: Asked) -> Range:
    said = _RANGE.fullmatch(request.headers.get("content-range", ""))
    if said is None:
        raise errors.bad_request("The Content-Range header must be 'bytes {start}-{end}/{total}'.")
    return Range(int(said[1]), int(said[2]), int(said[3]))


async def _take(call: Call, upload: Upload, piece: Range) -> int:
    """Take in a piece, unless it is here already; gives how many bytes are here then."""
    if coding := coding_of(call.request):  # its range counts the bytes as they come
        raise errors.wrong_coding(coding, "identity")
    uploads = call.engine.store.blobs.uploads
    received = await run_in_threadpool(uploading.received, call.engine, upload)
    if not is_next(upload, received, piece):
        return received
    taking = await run_in_threadpool(uploads.piece, upload.id, piece.start)
    try:
        await _write(call.request, piece.size, taking)
        await run_in_threadpool(taking.keep)
    finally:
        taking.close()
    return await run_in_threadpool(uploading.received, call.engine, upload)


async def _write(request: Asked, size: int, taking: Piece) -> None:
    """Write the body of a request, a buffer at a time; refuses one that is not as long as its range."""
    written, buffer = 0, bytearray()
    async for part in request.stream():
        buffer += part
        written += len(part)
        if written > size:
            raise _another_length(size)
        if len(buffer) >= BUFFER:
            await run_in_threadpool(taking.write, bytes(buffer))
            buffer.clear()
    if written != size:
        raise _another_length(size)
    await run_in_threadpool(taking.write, bytes(buffer))


def _another_length(size: int) -> errors.GraphError:
    return errors.bad_request(f"The request does not hold the {size} bytes of its Content-Range.")


async def _pass_over(request: Asked) -> None:
    """Read what is not needed, as far as a file could go on, so that the client reads the answer."""
    left = UPLOAD_LIMIT
    with suppress(RuntimeError, ClientDisconnect):  # it was read already, or nobody is there any more
        async for part in request.stream():
            left -= len(part)
            if left < 0:
                break


# --- The answers -----------------------------------------------------------------------------------


def _status(call: Call, upload: Upload, received: int) -> Response:
    """Where an upload stands: in the words of Graph's page, and in those that its SDKs read."""
    expires, missing = shown_time(upload.expires_at), received < upload.size
    shown = {
        "ExpirationDateTime": expires,
        "NextExpectedRanges": [str(received)] if missing else [],
        "expirationDateTime": expires,
        "nextExpectedRanges": [f"{received}-{upload.size - 1}"] if missing else [],
    }
    place = _place(upload, call.keys["message"]).replace("=", "%3D").replace("@", "%40").rpartition("(")[0]
    return call.json(entity(f"{call.root}/$metadata#{place}/$entity", shown))


def _attached(call: Call) -> Response:
    """201 with nothing in it but where the attachment is."""
    said = meant(Kind.MESSAGE, call.keys["message"])
    lasting = said.moves is None or call.has_immutable_ids
    moves = None if lasting else call.engine.message(call.mailbox, said.name).moves
    message, name = (
        public(Kind.MESSAGE, said.name, moves),
        public(Kind.ATTACHMENT, _session(call.keys), moves),
    )
    place = f"Users('{call.mailbox}@{TENANT}')/Messages('{message}')/Attachments('{name}')"
    return Response(status_code=201, headers={"Location": f"{call.root}/{place}"})
