"""Bytes inside JSON: small ones are put in at once, large ones when the answer is on its way.

An answer is written with a mark where a large file belongs. The mark is random for each answer, so nothing
that a message says can pass for one.
"""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterable, Iterator

from starlette.responses import Response, StreamingResponse

from letterbook.application.blobs import Blobs
from letterbook.domain.attachments import Content
from letterbook.domain.letter import BlobRef

AT_ONCE = 4 * 1024 * 1024
"""Bytes of files that one answer holds in memory; what is more is read while it is sent."""


class Inlays:
    """The files inside one answer."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._room = AT_ONCE
        self._later: list[BlobRef] = []
        self._mark = f"inlay-{secrets.token_hex(16)}-"

    def base64(self, content: Content) -> str:
        """The bytes as JSON holds them, or a mark in their place."""
        self._room -= content.size
        if content.blob is None:
            return b64encode(content.inline or b"").decode()
        if self._room >= 0:
            return b64encode(self._blobs.get(content.blob)).decode()
        self._blobs.pieces(content.blob)  # refuses at once what is not there
        self._later.append(content.blob)
        return f"{self._mark}{len(self._later) - 1}-"

    @property
    def are_to_come(self) -> bool:
        """Whether something in the answer is still to be read."""
        return bool(self._later)

    def response(self, body: bytes, status: int, headers: dict[str, str], media_type: str) -> Response:
        """The answer, whose marks give way to what belongs there while it is sent."""
        cut = re.split(self._mark.encode() + rb"(\d+)-", body)
        refs = [self._later[int(number)] for number in cut[1::2]]
        length = sum(map(len, cut[::2])) + sum(-(-ref.size // 3) * 4 for ref in refs)
        whole = headers | {"Content-Length": str(length)}
        return StreamingResponse(self._pieces(cut[::2], refs), status, whole, media_type)

    def _pieces(self, texts: list[bytes], refs: list[BlobRef]) -> Iterator[bytes]:
        yield texts[0]
        for ref, text in zip(refs, texts[1:], strict=True):
            yield from in_base64(self._blobs.pieces(ref))
            yield text


def in_base64(pieces: Iterable[bytes], line: int | None = None) -> Iterator[bytes]:
    """Base64 of bytes that come in pieces, in lines of so many bytes or in one; three make four letters."""
    rest, together = b"", line or 3
    for piece in pieces:
        rest += piece
        whole = len(rest) // together * together
        yield _encoded(rest[:whole], line)
        rest = rest[whole:]
    yield _encoded(rest, line)


def _encoded(data: bytes, line: int | None) -> bytes:
    if line is None:
        return b64encode(data)
    return b"".join(b64encode(data[at : at + line]) + b"\r\n" for at in range(0, len(data), line))
