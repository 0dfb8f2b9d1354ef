"""Compressed bodies, which some SDKs send unasked: unpacked as they come, no further than is wanted."""

import zlib

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.asked import Asked

_GZIP = frozenset({"gzip", "x-gzip"})
"""Both names mean the same (RFC 9110, section 8.4.1.3)."""
_HEADER_AND_CHECKSUM = 16 + zlib.MAX_WBITS
"""Asks zlib for gzip's own frame around what is packed."""


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
    said = ", ".join(request.headers.getlist("content-encoding")).strip().lower()
    return "" if said == "identity" else said


async def _unpacked(request: Asked, most: int) -> bytes:
    """A body that comes to more than ``most`` bytes, packed or unpacked, is read no further."""
    unpacking, found, taken = zlib.decompressobj(_HEADER_AND_CHECKSUM), bytearray(), 0
    try:
        async for piece in request.stream():
            taken += len(piece)
            found += unpacking.decompress(piece, most + 1 - len(found))
            if max(taken, len(found)) > most:
                raise errors.too_large()
            if unpacking.unused_data:
                raise errors.badly_packed()
    except zlib.error:
        raise errors.badly_packed() from None
    if not unpacking.eof:
        raise errors.badly_packed()
    return bytes(found)
