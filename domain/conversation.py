"""Threads: which conversation a message belongs to, and its place in it.

A conversation index is the ``Thread-Index`` of mail: a reserved byte 1, the five leading bytes of the time as
a FILETIME (100 ns since 1601, big-endian), the 16 bytes of the conversation's GUID, then five bytes
for each reply. Source: MS-OXOMSG, PidTagConversationIndex.

Beside it, ``In-Reply-To`` and ``References`` tie a message to those it answers (RFC 5322 section 3.6.4).
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from letterbook.domain.letter import Header, Letter, Thread

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_HEADER_LENGTH = 22
_BLOCK_LENGTH = 5
_MOST_BLOCKS = 100
"""Replies that an index counts: one that goes deeper stays where it is, so that no header grows for ever."""
_MOST_REFERENCES = 50
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_TIES = frozenset({"in-reply-to", "references"})
"""The headers that tie a message to those it answers, in lower case."""


def begin_thread(conversation: UUID, at: datetime) -> Thread:
    """The thread of a message that answers nothing."""
    index = b"\x01" + _ticks(at).to_bytes(8, "big")[:5] + conversation.bytes
    return Thread(conversation=conversation.hex, index=base64.b64encode(index).decode())


def _ticks(at: datetime) -> int:
    """A moment as a FILETIME."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10


def answer_in(thread: Thread, at: datetime, salt: int) -> Thread:
    """The thread one reply further; ``salt`` tells replies of one moment apart."""
    index = base64.b64decode(thread.index)
    if len(index) >= _HEADER_LENGTH + _MOST_BLOCKS * _BLOCK_LENGTH:
        return thread
    grown = index + _child_block(_ticks(at) - _began(index), salt)
    return Thread(conversation=thread.conversation, index=base64.b64encode(grown).decode())


def _began(index: bytes) -> int:
    """When the conversation began, as a FILETIME. Outlook lets the reserved byte be the time's own first."""
    own_first = index[1] != 1
    return int.from_bytes(index[:6], "big") << 16 if own_first else int.from_bytes(index[1:6], "big") << 24


def _child_block(ticks: int, salt: int) -> bytes:
    """How much later a reply is (31 bits, finer below 1.7 years), then chance (MS-OXOMSG 2.2.1.3)."""
    later = max(0, ticks)
    late = later >> 49 != 0
    delta = (later >> 23 if late else later >> 18) & 0x7FFFFFFF
    return (late << 39 | delta << 8 | salt & 0xFF).to_bytes(_BLOCK_LENGTH, "big")


def ties_of(letter: Letter) -> tuple[Header, ...]:
    """The headers that tie a letter to those it answers."""
    return tuple(header for header in letter.headers if header.name.lower() in _TIES)


def ties_to(original: Letter) -> tuple[Header, ...]:
    """The headers that tie an answer to its original; none if the original cannot be named."""
    named = _MESSAGE_ID.search(original.internet_message_id)
    if named is None:
        return ()
    earlier = [known for known in _earlier(original) if known != named[0]]
    kept = [*earlier[:1], *earlier[1:][-_MOST_REFERENCES + 2 :], named[0]]
    return (
        Header(name="In-Reply-To", value=named[0]),
        Header(name="References", value=" ".join(kept)),
    )


def _earlier(original: Letter) -> Iterator[str]:
    """The messages that the original is tied to: its references, or else the one it answers."""
    ties = {header.name.lower(): header.value for header in reversed(original.headers)}
    yield from _MESSAGE_ID.findall(ties.get("references") or ties.get("in-reply-to", ""))


def first_of_conversation(letter: Letter) -> str | None:
    """The Message-ID of the first message that a letter is tied to, or its own; ``None`` if it has none."""
    named = _MESSAGE_ID.search(letter.internet_message_id)
    return next(_earlier(letter), named[0] if named else None)


def join_thread(thread_index: str) -> Thread | None:
    """The thread that a ``Thread-Index`` header names; ``None`` if it is none (the header may be damaged)."""
    try:
        index = base64.b64decode(thread_index, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(index) < _HEADER_LENGTH:
        return None
    return Thread(conversation=UUID(bytes=index[6:22]).hex, index=base64.b64encode(index).decode())
