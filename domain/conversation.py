"""Threads: which conversation a message belongs to, and its place in it.

A conversation index is the ``Thread-Index`` of mail: a reserved byte 1, the five leading bytes of the time as
a FILETIME (100 ns since 1601, big-endian), the 16 bytes of the conversation's GUID, then five bytes
for each reply. Source: MS-OXOMSG, PidTagConversationIndex.
"""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from letterbook.domain.letter import Thread

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_HEADER_LENGTH = 22


def begin_thread(conversation: UUID, at: datetime) -> Thread:
    """The thread of a message that answers nothing."""
    since = at - _EPOCH
    ticks = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
    index = b"\x01" + ticks.to_bytes(8, "big")[:5] + conversation.bytes
    return Thread(conversation=conversation.hex, index=base64.b64encode(index).decode())


def join_thread(thread_index: str) -> Thread | None:
    """The thread that a ``Thread-Index`` header names; ``None`` if it is none (the header may be damaged)."""
    try:
        index = base64.b64decode(thread_index, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(index) < _HEADER_LENGTH:
        return None
    return Thread(conversation=UUID(bytes=index[6:22]).hex, index=base64.b64encode(index).decode())
