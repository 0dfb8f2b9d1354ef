"""Names that follow from others, so that doing a thing twice makes one thing."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from letterbook.application.moments import microseconds


def received_name(mailbox: UUID, message: UUID, recipient: UUID) -> UUID:
    """The name of a sent message in a recipient's mailbox: the same however often it is delivered.

    A UUID of version 8 (RFC 9562 section 5.8): the time of the sent message's name, then a hash.
    """
    return _named(message.bytes[:6], mailbox.bytes + message.bytes + recipient.bytes)


def imported_name(mailbox: UUID, origin: str, message_id: str, at: datetime | None) -> UUID:
    """The name of a letter that is brought in: the same whenever it is brought in from the same place.

    ``at`` is the moment it was received; names of letters sort by it.
    """
    since = 0 if at is None else max(0, microseconds(at) // 1000)
    said = (text.encode("utf-8", "backslashreplace") for text in (origin, message_id))
    named = b"\0".join((mailbox.bytes, *said))
    return _named(since.to_bytes(6, "big"), named)


def _named(begin: bytes, said: bytes) -> UUID:
    number = int.from_bytes(begin + sha256(said).digest()[:10], "big")
    marked = number & ~(0xF000 << 64) & ~(0xC000 << 48) | (0x8000 << 64) | (0x8000 << 48)
    return UUID(int=marked)
