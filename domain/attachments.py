"""What can be attached to a message."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from letterbook.domain.facts import Value
from letterbook.domain.letter import BlobRef, ExtendedProperty, Extension, Flag, Letter
from letterbook.domain.people import EmailAddress

FILE_LIMIT = 3 * 1024 * 1024
"""Bytes from which a file no longer fits into one request (Graph: message-post-attachments)."""
UPLOAD_FROM = 3_000_000
"""Bytes from which a file can be uploaded: in base64, even fewer than above may be too many for a request."""
UPLOAD_LIMIT = 150 * 1024 * 1024
"""Bytes of the largest file that can be uploaded (Graph: attachment-createuploadsession)."""


class Content(Value):
    """Bytes, kept in the fact itself or, when large, as a blob. Exactly one of the two is set."""

    inline: bytes | None = None
    blob: BlobRef | None = None

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.blob.size if self.blob else len(self.inline or b"")


class _Attached(Value):
    id: UUID
    name: str
    content_type: str | None
    is_inline: bool = False
    modified_at: datetime

    def model_post_init(self, _context: object) -> None:
        """Store the kind although it is a default: it tells the kinds apart when they are read back."""
        self.__pydantic_fields_set__.add("kind")


class FileAttachment(_Attached):
    """A file."""

    kind: Literal["file"] = "file"
    content: Content
    content_id: str | None = None

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.content.size


class ItemAttachment(_Attached):
    """Another message, enclosed.

    ``mime`` keeps the original where there was one: then what is attached to the enclosed message is found
    in there, and ``attachments`` is empty.
    """

    kind: Literal["item"] = "item"
    item: Letter
    sent_at: datetime | None = None
    mime: Content | None = None
    attachments: tuple["Attachment", ...] = ()
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    mentions: tuple[EmailAddress, ...] = ()
    extensions: tuple[Extension, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the enclosed message, as far as they are known."""
        if self.mime:
            return self.mime.size
        body = self.item.body
        of_body = body.blob.size if body.blob else len(body.content or "")
        return of_body + sum(each.size for each in self.attachments)


class RecordAttachment(_Attached):
    """An event or a contact, enclosed. There is neither a calendar nor an address book: it is only kept.

    ``content`` is what is said of it, as JSON in Graph's words.
    """

    kind: Literal["event", "contact"]
    content: Content
    attachments: tuple["Attachment", ...] = ()
    """What is attached to an event; a contact has no attachments."""
    extensions: tuple[Extension, ...] = ()
    properties: tuple[ExtendedProperty, ...] = ()
    people: tuple[EmailAddress, ...] = ()
    """Whom it names, each once: whoever looks for people need not read what is said."""

    @property
    def size(self) -> int:
        """Bytes of what is said of it, and of what is attached to it."""
        return self.content.size + sum(each.size for each in self.attachments)


class ReferenceAttachment(_Attached):
    """A link to a file kept elsewhere."""

    kind: Literal["reference"] = "reference"
    source_url: str
    provider_type: str = "other"
    permission: str = "other"
    is_folder: bool = False
    thumbnail_url: str | None = None
    preview_url: str | None = None

    @property
    def size(self) -> int:
        """Bytes of what is kept here, which is the link."""
        return len(self.source_url)


Attachment = Annotated[
    FileAttachment | ItemAttachment | RecordAttachment | ReferenceAttachment, Field(discriminator="kind")
]

ItemAttachment.model_rebuild()
RecordAttachment.model_rebuild()


def depth(attachment: Attachment) -> int:
    """How many items lie inside one another here: none in a file, one in a message without any.

    An event counts as soon as something is attached to it.
    """
    if not isinstance(attachment, ItemAttachment | RecordAttachment):
        return 0
    inside = max((depth(each) for each in attachment.attachments), default=-1)
    return 1 + max(inside, 0) if isinstance(attachment, ItemAttachment) else 1 + inside


def events_deep(attachment: Attachment) -> int:
    """How many events to which something is attached lie inside one another here, whatever is in between."""
    if not isinstance(attachment, ItemAttachment | RecordAttachment):
        return 0
    inside = max((events_deep(each) for each in attachment.attachments), default=-1)
    return max(inside, 0) if isinstance(attachment, ItemAttachment) else 1 + inside
