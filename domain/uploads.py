"""Files that arrive in pieces: how large they may be, and which piece comes next.

An upload is no fact. Only when the last byte is there does something happen to a message: the file is
attached to it. What is given up on before leaves no trace in the history.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.attachments import UPLOAD_FROM, UPLOAD_LIMIT
from letterbook.domain.facts import Value

LIFETIME = timedelta(days=1)
"""How long an upload may take; Graph names no time, and does not extend it while bytes arrive."""


class Upload(Value):
    """A file on its way to a message. ``id`` will be the id of the attachment; ``actor`` began it."""

    id: UUID
    mailbox: UUID
    message: UUID
    actor: str
    name: str
    size: int
    content_type: str
    is_inline: bool = False
    content_id: str | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes ``start`` to ``end``, both included, of a file of ``total`` bytes (RFC 9110 section 14.4)."""

    start: int
    end: int
    total: int

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.end - self.start + 1


def check_size(size: int) -> None:
    """Smaller files fit into one request, in base64 too (Graph: attachment-createuploadsession)."""
    if size < UPLOAD_FROM:
        raise refusals.AttachmentTooSmall(UPLOAD_FROM)
    if size > UPLOAD_LIMIT:
        raise refusals.UploadTooLarge(UPLOAD_LIMIT)


def is_next(upload: Upload, received: int, piece: Range) -> bool:
    """Whether a piece is the next one (``True``) or here already (``False``); refuses any other.

    Pieces come in order; one that is sent again, because its sender heard no answer, does no harm.
    """
    if piece.total != upload.size or not 0 <= piece.start <= piece.end < piece.total:
        raise refusals.RangeUnfit(upload.size)
    if piece.start == received:
        return True
    if piece.end < received:
        return False
    raise refusals.RangeOutOfOrder(received)
