"""A message as MIME, with large files read when it is on its way.

It is written with a line of base64 where the lines of a large file belong. Only this store can work that line
out, so nothing that is attached can pass for one, and it is the same each time. All such lines begin alike:
one look through the message finds them, however many there are.
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
_ALIKE = 30
"""Those of them that are the same in every line that stands for a file: 40 characters."""


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
        self._begins = self._secret("a file stands here")[:_ALIKE]

    def stand_in(self, attachment: Attachment) -> Attachment:
        """An attachment with its bytes, or with a line in the place of a file for which there is no room."""
        self._room -= attachment.size
        if self._room >= 0 or not isinstance(attachment, FileAttachment) or attachment.content.blob is None:
            return whole_attachment(self._engine, attachment)
        ref = attachment.content.blob
        self._engine.store.blobs.pieces(ref)  # refuses at once what is not there
        mark = self._begins + self._secret(f"stands for {ref.sha256}")[: _LINE - _ALIKE]
        self._later[b64encode(mark)] = ref
        return attachment.model_copy(update={"content": Content(inline=mark)})

    def _secret(self, what: str) -> bytes:
        """Bytes that nobody else can know."""
        return hmac.digest(self._engine.store.secret, what.encode(), "sha512")

    def response(self, written: bytes) -> Response:
        """The message, whose lines give way to what belongs there while it is sent."""
        if not self._later:
            return Response(written, media_type="text/plain")
        begins = re.escape(b64encode(self._begins))
        cut = re.split(b"(%b[A-Za-z0-9+/]{36})\r\n" % begins, written)
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
