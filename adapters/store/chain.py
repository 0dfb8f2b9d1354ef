"""The seal on the history: each event's hash covers the one before it in the same mailbox.

Editing, deleting, inserting or reordering an event changes every hash behind it. What is hashed are the
stored bytes, so that the seal can be checked without any key.
"""

from functools import lru_cache
from hashlib import sha256
from struct import Struct
from uuid import UUID

from letterbook.application.ports import Head, SealBroken, StoredFact

_FIXED = Struct(">16sQ16sQqH")


def beginning(mailbox: UUID) -> Head:
    """Before the first event of a mailbox."""
    return Head(0, sha256(b"letterbook chain v1\0" + mailbox.bytes).digest())


def seal(
    previous: bytes,
    mailbox: bytes,
    seq: int,
    aggregate: bytes,
    version: int,
    recorded: int,
    topic: str,
    state: bytes,
) -> bytes:
    """The hash of one event: SHA-256 over the previous hash (32 bytes) and what :func:`covered` gives."""
    name = _encoded(topic)
    place = _FIXED.pack(mailbox, seq, aggregate, version, recorded, len(name))
    return sha256(b"".join((previous, place, name, state))).digest()


@lru_cache(maxsize=256)
def _encoded(topic: str) -> bytes:
    return topic.encode()


def covered(
    mailbox: bytes, seq: int, aggregate: bytes, version: int, recorded: int, topic: bytes, state: bytes
) -> bytes:
    """What the hash of an event covers besides the hash before it.

    Mailbox (16 bytes), position (8), aggregate (16), version (8), time of recording in microseconds since
    1970 (8, signed), length of the topic (2), all big-endian; the topic in UTF-8; the stored state.
    """
    return b"".join((_FIXED.pack(mailbox, seq, aggregate, version, recorded, len(topic)), topic, state))


def check_next(head: Head, fact: StoredFact) -> Head:
    """The end of a history after one more fact. Raises :class:`SealBroken` if that is not what was sealed."""
    where = f"event {fact.seq} of mailbox {fact.mailbox}"
    if fact.seq != head.seq + 1:
        raise SealBroken(f"{where} does not follow on event {head.seq}")
    place = (fact.mailbox.bytes, fact.seq, fact.aggregate.bytes, fact.version)
    if seal(head.hash, *place, fact.recorded, fact.topic, fact.state) != fact.hash:
        raise SealBroken(f"{where} is not what was sealed")
    return Head(fact.seq, fact.hash)
