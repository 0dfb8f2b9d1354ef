"""The ids people see: opaque, safe in a URL as they are, and shaped like Graph's.

A public id is URL-safe base64 of a lead (``AAMk`` for things in a mailbox, ``AAQk`` for conversations), one
byte for the kind of thing, and the 16 bytes of its name. An id of one kind never passes for another.
"""

import base64
import binascii
from enum import IntEnum
from functools import lru_cache
from uuid import UUID

from letterbook.domain import refusals

_THING = b"\x00\x03\x24"
_CONVERSATION = b"\x00\x04\x24"


class Kind(IntEnum):
    """What an id names."""

    MESSAGE = 1
    FOLDER = 2
    ATTACHMENT = 3
    RULE = 21


def public(kind: Kind, name: UUID) -> str:
    """The id that people see."""
    return _public(kind._value_, name.int)


@lru_cache(maxsize=8192)
def _public(kind: int, name: int) -> str:
    """By numbers, which have a faster hash than what they stand for."""
    return base64.urlsafe_b64encode(_THING + bytes((kind,)) + name.to_bytes(16, "big")).decode()


@lru_cache(maxsize=8192)
def private(kind: Kind, text: str) -> UUID:
    """The name behind a public id; refuses what is not an id of this kind, written as it was given out."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise refusals.IdMalformed from None
    if len(raw) != 20 or raw[:4] != _THING + bytes((kind,)) or base64.urlsafe_b64encode(raw).decode() != text:
        raise refusals.IdMalformed
    return UUID(bytes=raw[4:])


def is_public(raw: bytes) -> bool:
    """Whether these are the bytes of an id of some kind."""
    return len(raw) == 20 and raw[:3] == _THING and raw[3] in frozenset(Kind)


@lru_cache(maxsize=8192)
def conversation_id(conversation: str) -> str:
    """The id of a conversation, from its hexadecimal name."""
    return base64.urlsafe_b64encode(_CONVERSATION + b"\x01" + bytes.fromhex(conversation)).decode()


def change_key(mailbox: UUID, message: UUID, revision: int) -> str:
    """The version of a message: another one after every change its owner can see."""
    raw = (
        b"\x09\x00\x00\x00\x16\x00\x00\x00"
        + mailbox.bytes[:8]
        + message.bytes[-8:]
        + revision.to_bytes(6, "big")
    )
    return base64.b64encode(raw).decode()
