"""A message as MIME, with large files read when it is on its way.

It is written with a line of base64 where the lines of a large file belong. Only this store can work that line
out, so nothing that is attached can pass for one, and it is the same each time.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from letterbook.adapters.graph.inlays import AT_ONCE, in_base64
from letterbook.application.engine import Engine
from letterbook.application.ports import Mail
from letterbook.application.whole import whole_attachment
from letterbook.domain.attachments import Attachment, Content, FileAttachment
from letterbook.domain.letter import BlobRef
from letterbook.domain.message import Message

_LINE = 57
"""Bytes that one line of base64 holds (RFC 2045 section 6.8: 76 characters)."""


def as_mime(engine: Engine, message: Message) -> Response:
    """The whole message; no more of its files is in memory at once than there is room for."""
    large = _Large(engine)
    mail = Mail(
        letter=engine.whole_letter(message.letter),
        attachments=tuple(map(large.stand_in, message.attachments)),
        thread=message.thread,
        sent_at=message.sent_at,
    )
    return large.response(engine.mime.render(mail))


class _Large:
    """The files that are not in memory while a message is written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._room = AT_ONCE
        self._later: dict[bytes, BlobRef] = {}

    def stand_in(self, attachment: Attachment) -> Attachment:
        """An attachment with its bytes, or with a line in the place of a file for which there is no room."""
        self._room -= attachment.size
        if self._room >= 0 or not isinstance(attachment, FileAttachment) or attachment.content.blob is None:
            return whole_attachment(self._engine, attachment)
        ref = attachment.content.blob
        self._engine.store.blobs.pieces(ref)  # refuses at once what is not there
        mark = hmac.digest(self._engine.store.secret, f"stands for {ref.sha256}".encode(), "sha512")[:_LINE]
        self._later[b64encode(mark)] = ref
        return attachment.model_copy(update={"content": Content(inline=mark)})

    def response(self, written: bytes) -> Response:
        """The message, whose lines give way to what belongs there while it is sent."""
        if not self._later:
            return Response(written, media_type="text/plain")
        cut = re.split(b"(" + b"|".join(map(re.escape, self._later)) + b")\r\n", written)
        length = sum(map(len, cut[::2])) + sum(_length(self._later[mark]) for mark in cut[1::2])
        return StreamingResponse(self._pieces(cut), 200, {"Content-Length": str(length)}, "text/plain")

    def _pieces(self, cut: list[bytes]) -> Iterator[bytes]:
        yield cut[0]
        for mark, text in zip(cut[1::2], cut[2::2], strict=True):
            yield from in_base64(self._engine.store.blobs.pieces(self._later[mark]), _LINE)
            yield text


def _length(ref: BlobRef) -> int:
    """Characters of all lines, with their ends."""
    return -(-ref.size // 3) * 4 + -(-ref.size // _LINE) * 2
