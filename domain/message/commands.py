"""What can be asked of a message."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from letterbook.domain.attachments import Attachment
from letterbook.domain.letter import Extension, Flag, Letter, Thread
from letterbook.domain.message.facts import MentionAdded
from letterbook.domain.people import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Call someone out."""

    mention_id: UUID
    mentioned: EmailAddress
    created_by: EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDraft:
    """Begin a letter, with everything that came along in the same request.

    ``letter.internet_message_id`` is already set: names are made outside.
    ``from_mime`` lifts the limits on custom headers: a MIME message brings all of its headers.
    ``uploaded``: the attachments were uploaded before, so they may be larger than one request.
    """

    folder: UUID
    letter: Letter
    thread: Thread
    sent_at: datetime | None = None
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    extensions: tuple[Extension, ...] = ()
    from_mime: bool = False
    uploaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change what a letter says, or how its owner filed it. Absent fields keep their value."""

    changes: Letter = Letter()
    is_read: bool | None = None
    flag: Flag | None = None
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unmention:
    """Take a mention back."""

    mention_id: UUID


@dataclass(frozen=True, slots=True)
class Attach:
    """Attach something. ``uploaded``: the file came in pieces, and may be larger than one request."""

    attachment: Attachment
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Detach:
    """Take an attachment off."""

    attachment_id: UUID


@dataclass(frozen=True, slots=True)
class SetExtension:
    """Leave data of a program with the message. ``must_exist`` asks to change data that is there."""

    extension: Extension
    must_exist: bool = False


@dataclass(frozen=True, slots=True)
class RemoveExtension:
    """Take data of a program away."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send the draft in the owner's name and keep a copy in a folder, or none."""

    owner: EmailAddress
    keep_in: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """Take in a letter that somebody sent."""

    folder: UUID
    letter: Letter
    thread: Thread
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[MentionAdded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDelivery:
    """Write down what became of the letter for one recipient; ``failure`` says why it did not arrive."""

    recipient: str
    via: str = ""
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Put the message into another folder."""

    folder: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete the message: from where it is to ``bin``, from there to ``beyond``, from there for good."""

    bin: UUID
    beyond: UUID


MessageCommand = (
    CreateDraft
    | Update
    | Mention
    | Unmention
    | Attach
    | Detach
    | SetExtension
    | RemoveExtension
    | Send
    | Receive
    | NoteDelivery
    | Move
    | Delete
)
