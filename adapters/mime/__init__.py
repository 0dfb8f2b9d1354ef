"""The wire format of mail: RFC 5322 and MIME, read however damaged, written to the letter."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from letterbook.adapters.mime.bounds import MimeTooComplex
from letterbook.adapters.mime.parse import parsed
from letterbook.adapters.mime.render import headers_written, rendered, rendered_record
from letterbook.application.ports import Mail
from letterbook.domain.attachments import RecordAttachment
from letterbook.domain.letter import Header

__all__ = ["MimeCodec", "MimeTooComplex"]


class MimeCodec:
    """Reads and writes mail. Keeps :class:`letterbook.application.ports.Mime`.

    ``new_id`` names the attachments it finds.
    """

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id

    def parse(self, raw: bytes, now: datetime) -> Mail:
        """Read a MIME message, however damaged.

        Raises :class:`MimeTooComplex` for one built to exhaust the reader.
        """
        return parsed(raw, now, self._new_id)

    def render(self, mail: Mail) -> bytes:
        """Write a MIME message, lines ending in CRLF; the same mail gives the same bytes."""
        return rendered(mail)

    def headers(self, mail: Mail) -> tuple[Header, ...]:
        """The headers that a message is written with, but for what tells of its parts."""
        return tuple(headers_written(mail))

    def render_record(self, record: RecordAttachment) -> bytes:
        """Write an enclosed event as iCalendar, a contact as vCard."""
        return rendered_record(record)
