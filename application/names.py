"""Names that follow from others, so that doing a thing twice makes one thing."""

from hashlib import sha256
from uuid import UUID


def received_name(mailbox: UUID, message: UUID, recipient: UUID) -> UUID:
    """The name of a sent message in a recipient's mailbox: the same however often it is delivered.

    A UUID of version 8 (RFC 9562 section 5.8): the time of the sent message's name, then a hash.
    """
    digest = sha256(mailbox.bytes + message.bytes + recipient.bytes).digest()
    number = int.from_bytes(message.bytes[:6] + digest[:10], "big")
    marked = number & ~(0xF000 << 64) & ~(0xC000 << 48) | (0x8000 << 64) | (0x8000 << 48)
    return UUID(int=marked)
