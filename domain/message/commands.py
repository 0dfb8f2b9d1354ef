"""What can be asked of a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from letterbook.domain.attachments import Attachment
from letterbook.domain.letter import Answers, Extension, Flag, Header, Letter, ReportAction, Thread
from letterbook.domain.meetings import Standing
from letterbook.domain.message.facts import MentionAdded
from letterbook.domain.message.state import Message
from letterbook.domain.people import EmailAddress
from letterbook.domain.trust import SendingRight


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
    ``ties`` are the headers that tie an answer to the message that it ``answers``; ``carried`` is what was
    attached to that one, however large. ``uploaded``: its files may be larger than one request.
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
    answers: Answers | None = None
    ties: tuple[Header, ...] = ()
    carried: tuple[Attachment, ...] = ()
    uploaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change what a letter says, or how its owner filed it. Absent fields keep their value."""

    changes: Letter = Letter()
    is_read: bool | None = None
    flag: Flag | None = None
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Put a whole MIME message in the place of a draft; names in it are already looked up."""

    letter: Letter
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


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
    """Send the draft in the owner's name and keep a copy in a folder, or none.

    ``right`` is how the owner may write in the name of the draft's author, if that is somebody else.
    """

    owner: EmailAddress
    keep_in: UUID | None
    right: SendingRight | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Begin a second message that is all that ``original``, named ``source``, is now."""

    source: UUID
    original: Message
    folder: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Take over a letter that was written, sent or received elsewhere, with the marks it had there."""

    origin: str
    folder: UUID
    kind: Literal["draft", "sent", "received"]
    letter: Letter
    thread: Thread
    received_at: datetime
    sent_at: datetime
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    extensions: tuple[Extension, ...] = ()
    from_mime: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Put the message into another folder."""

    folder: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete the message: from where it is to ``bin``, from there to ``beyond``, from there for good."""

    bin: UUID
    beyond: UUID


@dataclass(frozen=True, slots=True)
class DeleteForGood:
    """Delete the message, wherever it is, so that its owner cannot get it back."""


@dataclass(frozen=True, slots=True)
class Report:
    """Say what the message really is."""

    action: ReportAction


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Ask, at this address, for no more messages like this one."""

    via: str


@dataclass(frozen=True, slots=True)
class Stand:
    """Write down where the message stands among those about its meeting."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Erase:
    """Make unreadable for ever what the message says and ever said, and say why."""

    why: str


MessageCommand = (
    CreateDraft
    | Update
    | Replace
    | Mention
    | Unmention
    | Attach
    | Detach
    | SetExtension
    | RemoveExtension
    | Send
    | Receive
    | Copy
    | Import
    | NoteDelivery
    | Move
    | Delete
    | DeleteForGood
    | Report
    | Unsubscribe
    | Stand
    | Erase
)
