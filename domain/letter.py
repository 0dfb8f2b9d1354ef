"""What a message says: body, people, marks. Values only; who may change them when is in ``message``."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from letterbook.domain import text
from letterbook.domain.facts import Value
from letterbook.domain.meetings import Meeting
from letterbook.domain.people import EmailAddress


class Importance(StrEnum):
    """How much the author says it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class FlagStatus(StrEnum):
    """Where a follow-up stands."""

    NOT_FLAGGED = "notFlagged"
    FLAGGED = "flagged"
    COMPLETE = "complete"


class Inference(StrEnum):
    """Which half of a focused inbox the message belongs to."""

    FOCUSED = "focused"
    OTHER = "other"


BodyKind = Literal["text", "html"]


class BlobRef(Value):
    """Bytes kept beside the history: their SHA-256 (hex) and how many there are."""

    sha256: str
    size: int


class Body(Value):
    """The body as the author wrote it, here or (when large) as a blob, and its first words.

    Exactly one of ``content`` and ``blob`` holds the text. ``preview`` is decided once, when the body is
    written, so that reading old mail never depends on today's rule for previews.
    """

    kind: BodyKind = "text"
    content: str | None = ""
    blob: BlobRef | None = None
    preview: str = ""


def write_body(kind: BodyKind, content: str) -> Body:
    """A body with its preview."""
    return Body(kind=kind, content=content, preview=text.preview(kind, content))


class Header(Value):
    """One internet message header."""

    name: str
    value: str


class DateTimeTimeZone(Value):
    """A wall-clock time (``2023-08-30T12:13:00``) and the zone it is read in (Graph: dateTimeTimeZone)."""

    date_time: str
    time_zone: str


class Flag(Value):
    """A follow-up flag (Graph: followupFlag)."""

    status: FlagStatus = FlagStatus.NOT_FLAGGED
    start: DateTimeTimeZone | None = None
    due: DateTimeTimeZone | None = None
    completed: DateTimeTimeZone | None = None


class ExtendedProperty(Value):
    """A MAPI property under its Graph id; several values make it multi-valued."""

    id: str
    value: str | tuple[str, ...]

    @property
    def key(self) -> str:
        """The id as it is compared."""
        return property_key(self.id)


def property_key(property_id: str) -> str:
    """The id of an extended property as it is compared: its name as it is written, the rest in any case.

    (Graph: *Get singleValueLegacyExtendedProperty*.)
    """
    head, name_is, name = property_id.strip().partition(" Name ")
    return f"{head.lower()}{name_is}{name}"


class Extension(Value):
    """Free data of some program, found by its name (Graph: openTypeExtension)."""

    name: str
    values: dict[str, JsonValue]


class Letter(Value):
    """What a message says.

    Only the fields that are set are stored, so a letter also serves as "what changed": the fields set are
    the changes. The defaults are those of an empty draft and belong to the file format.
    """

    subject: str = ""
    body: Body = Body()
    importance: Importance = Importance.NORMAL
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    bcc: tuple[EmailAddress, ...] = ()
    reply_to: tuple[EmailAddress, ...] = ()
    author: EmailAddress | None = None
    """Graph's ``from``: in whose name it is written."""
    sender: EmailAddress | None = None
    """Who really sends it."""
    internet_message_id: str = ""
    headers: tuple[Header, ...] = ()
    delivery_receipt: bool | None = False
    """``None`` where a MIME message did not say."""
    read_receipt: bool = False
    inference: Inference = Inference.FOCUSED
    properties: tuple[ExtendedProperty, ...] = ()
    meeting: Meeting | None = None
    """What its calendar part says, if it is about a meeting; only MIME has one."""

    @property
    def recipients(self) -> tuple[EmailAddress, ...]:
        """Everyone it goes to: To, Cc and Bcc."""
        return (*self.to, *self.cc, *self.bcc)

    def changed_by(self, changes: "Letter") -> "Letter":
        """This letter with every field that ``changes`` sets."""
        return self.model_copy(update={name: getattr(changes, name) for name in changes.model_fields_set})

    def what_changes(self, changes: "Letter") -> "Letter | None":
        """The part of ``changes`` that would make a difference, or ``None``."""
        given = changes.model_fields_set
        fresh = [name for name in given if getattr(changes, name) != getattr(self, name)]
        if len(fresh) == len(given):
            return changes if given else None
        update = {name: getattr(changes, name) for name in _IN_ORDER if name in fresh}
        return _BLANK.model_copy(update=update) if fresh else None


_IN_ORDER = tuple(Letter.model_fields)
_BLANK = Letter()
"""Says nothing; a copy with updates says just those."""


class AnswerKind(StrEnum):
    """How one message can answer another."""

    REPLY = "reply"
    REPLY_ALL = "replyAll"
    FORWARD = "forward"


class Answers(Value):
    """Which message of the same mailbox a draft answers, and how."""

    message: UUID
    how: AnswerKind


class ReportAction(StrEnum):
    """What an owner can report a message as (Graph: reportAction)."""

    UNKNOWN = "unknown"
    JUNK = "junk"
    NOT_JUNK = "notJunk"
    PHISH = "phish"


class Thread(Value):
    """Which conversation a message belongs to, and where in it (base64 of a Thread-Index)."""

    conversation: str
    index: str
