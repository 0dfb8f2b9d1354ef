"""Compressed bodies, which some SDKs send unasked: unpacked as they come, no further than is wanted."""

import zlib

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.asked import Asked

_GZIP = frozenset({"gzip", "x-gzip"})
"""Both names mean the same (RFC 9110, section 8.4.1.3)."""
_NONE = frozenset({"", "identity"})
"""Elements of the list that say nothing (RFC 9110, sections 5.6.1.2 and 8.4.1)."""
_HEADER_AND_CHECKSUM = 16 + zlib.MAX_WBITS
"""Asks zlib for gzip's own frame around what is packed."""

_AT_ONCE = 1024
"""Packed bytes: whatever follows a member is copied, and there may be one in every twenty."""


async def body_of(request: Asked, most: int) -> bytes:
    """The body as it was before it was packed: whole, or more than ``most`` bytes of it.

    Raises :class:`letterbook.adapters.graph.errors.GraphError` where it is packed in any other way.
    """
    coding = coding_of(request)
    if not coding:
        return await request.body(most)
    if coding not in _GZIP:
        raise errors.wrong_coding(coding, "gzip")
    return await _unpacked(request, most)


def coding_of(request: Asked) -> str:
    """How a body is packed; empty if it comes as it is."""
    if not request.has(b"content-encoding"):
        return ""
    said = ",".join(request.headers.getlist("content-encoding")).lower().split(",")
    return ", ".join(each for each in map(str.strip, said) if each not in _NONE)


async def _unpacked(request: Asked, most: int) -> bytes:
    """A body that comes to more than ``most`` bytes, packed or unpacked, is read no further."""
    unpacking, taken = _Unpacking(most), 0
    try:
        async for piece in request.stream():
            taken += len(piece)
            if taken > most:
                raise errors.too_large()
            unpacking.take(piece)
    except zlib.error:
        raise errors.badly_packed() from None
    if not unpacking.is_whole:
        raise errors.badly_packed()
    return bytes(unpacking.found)


class _Unpacking:
    """A file of gzip, unpacked as it comes: members, one after the other (RFC 1952, section 2.2)."""

    def __init__(self, most: int) -> None:
        self.found = bytearray()
        self._most = most
        self._member = _member()
        self._is_begun = False

    @property
    def is_whole(self) -> bool:
        """Whether it could end here; nothing at all is whole, too."""
        return not self._is_begun or self._member.eof

    def take(self, piece: bytes) -> None:
        """Unpack what comes next. Raises ``zlib.error`` for what is no gzip."""
        for start in range(0, len(piece), _AT_ONCE):
            self._take(piece[start : start + _AT_ONCE])

    def _take(self, piece: bytes) -> None:
        while piece:
            if self._member.eof:
                self._member = _member()
            self._is_begun = True
            self.found += self._member.decompress(piece, self._most + 1 - len(self.found))
            if len(self.found) > self._most:
                raise errors.too_large()
            piece = self._member.unused_data


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(_HEADER_AND_CHECKSUM)
