"""The headers of a message, as it came or as it would have come over the wire."""

from uuid import uuid4

from letterbook.adapters.mime import MimeCodec
from letterbook.application.ports import Mail
from letterbook.domain.letter import Header
from letterbook.domain.message import Message, ReceivedMessage

_MIME = MimeCodec(uuid4)


def headers_of(message: Message) -> tuple[Header, ...]:
    """The headers that an author set, or a MIME message had; of one that was received, the others too.

    What tells of parts is left out of those: it is decided whenever the message is written (``$value``).
    """
    letter = message.letter
    if not isinstance(message, ReceivedMessage) or any(
        each.name.lower() == "from" for each in letter.headers
    ):
        return letter.headers
    return _MIME.headers(Mail(letter=letter, thread=message.thread, sent_at=message.sent_at))
