"""The ids people see: opaque, safe in a URL as they are, and shaped like Graph's.

A public id is URL-safe base64 of a lead (``AAMk`` for things in a mailbox, ``AAQk`` for conversations), one
byte for the kind of thing, and the 16 bytes of its name. An id of one kind never passes for another.

Messages and their attachments have two (Graph: *Obtain immutable identifiers for Outlook resources*): the
immutable one is as above; the default one holds besides how often the message came to another folder, so it
is another one after each move.
"""

import base64
import binascii
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from letterbook.domain import refusals

_THING = b"\x00\x03\x24"
_CONVERSATION = b"\x00\x04\x24"
_MOVES = 6
"""Bytes of the number of moves: together with the rest they fill whole groups of base64 up to one ``=``."""


class Kind(IntEnum):
    """What an id names."""

    MESSAGE = 1
    FOLDER = 2
    ATTACHMENT = 3
    EVENT = 13
    RULE = 21

    @property
    def is_of_an_item(self) -> bool:
        """Whether there are two ids, one of which changes when a message is moved."""
        return self in (Kind.MESSAGE, Kind.ATTACHMENT)


class Meant(NamedTuple):
    """What an id says: a name and, for a default id, how often the message had moved; else ``None``."""

    kind: Kind
    name: UUID
    moves: int | None

    @property
    def raw(self) -> bytes:
        """The bytes of the id."""
        return _raw(self.kind, self.name.int, self.moves)


def public(kind: Kind, name: UUID, moves: int | None = None) -> str:
    """The id that people see: with ``moves`` the default one of a message or attachment."""
    return _public(kind._value_, name.int, moves)


@lru_cache(maxsize=8192)
def _public(kind: int, name: int, moves: int | None) -> str:
    """By numbers, which have a faster hash than what they stand for."""
    return base64.urlsafe_b64encode(_raw(kind, name, moves)).decode()


def _raw(kind: int, name: int, moves: int | None) -> bytes:
    said = _THING + bytes((kind,)) + name.to_bytes(16, "big")
    return said if moves is None else said + moves.to_bytes(_MOVES, "big")


@lru_cache(maxsize=8192)
def meant(kind: Kind, text: str) -> Meant:
    """What a public id says; refuses what is not an id of this kind, written as it was given out."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise refusals.IdMalformed from None
    found = meant_by(raw)
    if found.kind is not kind or base64.urlsafe_b64encode(raw).decode() != text:
        raise refusals.IdMalformed
    return found


def meant_by(raw: bytes) -> Meant:
    """What the bytes of an id say; refuses what is no id."""
    if raw[:3] != _THING or raw[3:4] not in _KINDS:
        raise refusals.IdMalformed
    kind, name, moves = _KINDS[raw[3:4]], raw[4:20], raw[20:]
    if len(name) < 16 or (moves and (len(moves) != _MOVES or not kind.is_of_an_item)):
        raise refusals.IdMalformed
    return Meant(kind, UUID(bytes=name), int.from_bytes(moves, "big") if moves else None)


_KINDS = {bytes((kind,)): kind for kind in Kind}


def private(kind: Kind, text: str) -> UUID:
    """The name behind an id of either form, wherever the message has been moved since."""
    return meant(kind, text).name


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
