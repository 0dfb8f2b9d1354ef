"""The rows that views keep, and the changes that a fact makes to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from letterbook.domain.folders import FolderSearch
from letterbook.domain.letter import ExtendedProperty


class MarkKind(StrEnum):
    """What can hang on a message, any number of times."""

    CATEGORY = "category"
    EXTENSION = "extension"
    SINGLE = "single"
    """An extended property with one value."""
    MULTI = "multi"
    """An extended property with several values, as a whole."""
    VALUE = "value"
    """Each value of such a one."""
    MEETING = "meeting"
    """Which meeting it is about; its name tells what it says about it."""


class Mark(NamedTuple):
    """One thing that hangs on a message: its kind, its name, and its value without regard to case.

    A category has no name, an open extension no value. No mark holds a NUL.
    """

    kind: MarkKind
    name: str
    value: str


class MessageRow(NamedTuple):
    """One message as folders show it.

    ``head + body + tail`` is the ready answer for the message as JSON without its closing context: ``head``
    ends before the members that only the beta version has, ``beta`` holds those. The body is by itself
    because it is large and seldom changes.
    Moments are UTC. ``mentions_owner`` tells whether the mailbox's owner is among the mentioned.
    """

    message: UUID
    folder: UUID
    received_at: datetime
    sent_at: datetime
    created_at: datetime
    modified_at: datetime
    subject: str
    from_address: str
    from_name: str
    importance: str
    is_read: bool
    is_draft: bool
    has_attachments: bool
    flag_status: str
    inference: str
    conversation: str
    internet_message_id: str
    mentions_owner: bool
    in_mailbox: bool
    """Whether lists of the whole mailbox show it: not when it is beyond Deleted Items."""
    head: bytes
    beta: bytes
    body: bytes
    tail: bytes
    size: int = 0
    """Bytes of the body and of the attachments."""
    attachment_names: str = ""
    """One in each line."""
    sender_address: str | None = None
    sender_name: str | None = None
    """Who really sent it; ``None``: the author."""
    marks: tuple[Mark, ...] = ()
    """What hangs on it: most messages have none."""

    @property
    def ready(self) -> bytes:
        """The whole answer, with what only beta has."""
        return self.head + self.beta + self.body + self.tail


class Leaf(NamedTuple):
    """One message of a page: its ready answer, and what it was sorted by, as the views keep it.

    ``body`` is empty if the page was asked for without bodies.
    """

    name: bytes
    head: bytes
    beta: bytes
    body: bytes
    tail: bytes
    place: tuple[str | int, ...]

    @property
    def message(self) -> UUID:
        """The message's name."""
        return UUID(bytes=self.name)

    @property
    def ready(self) -> bytes:
        """The whole answer, with what only beta has."""
        return self.head + self.beta + self.body + self.tail


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRow:
    """One folder with its counts; those of a search folder stay 0, it counts what it finds."""

    folder: UUID
    name: str
    parent: UUID | None
    well_known: str | None
    hidden: bool
    total: int = 0
    unread: int = 0
    search: FolderSearch | None = None
    properties: tuple[ExtendedProperty, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """The owner of a mailbox of this store."""

    mailbox: UUID
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class PutMessage:
    """Show a message, or show it as it is now.

    ``reworded`` tells whether what a search goes by may have changed: words, folder, dates; ``placed``
    whether a list may have it elsewhere: folder, date of receiving, read or not; ``rewritten`` whether its
    body is another one. A new message is all three.
    """

    row: MessageRow
    reworded: bool = True
    placed: bool = True
    rewritten: bool = True


@dataclass(frozen=True, slots=True)
class DropMessage:
    """Show a message no longer."""

    message: UUID


@dataclass(frozen=True, slots=True)
class Count:
    """A folder holds so many messages more (or less), so many of them unread."""

    folder: UUID
    total: int
    unread: int

    def __add__(self, more: "Count") -> "Count":
        """Both together, of the same folder."""
        return Count(self.folder, self.total + more.total, self.unread + more.unread)


@dataclass(frozen=True, slots=True)
class PutFolder:
    """Show a folder, or give it another name or place; its counts stay."""

    row: FolderRow


@dataclass(frozen=True, slots=True)
class DropFolder:
    """Show a folder no longer."""

    folder: UUID


@dataclass(frozen=True, slots=True)
class PutPerson:
    """The directory knows somebody."""

    row: PersonRow


@dataclass(frozen=True, slots=True)
class ClearMailbox:
    """Show nothing any more of a mailbox, nor whose it was."""


@dataclass(frozen=True, slots=True)
class NoteOwn:
    """The newest of the facts about the mailbox itself stands at a position."""

    position: int


ViewChange = PutMessage | DropMessage | Count | PutFolder | DropFolder | PutPerson | ClearMailbox | NoteOwn
