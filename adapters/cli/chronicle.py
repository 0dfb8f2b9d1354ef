"""The history of a message, one line for each fact."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from letterbook.adapters.book import MailboxHandle
from letterbook.adapters.cli.telling import in_full, moment, table
from letterbook.application.ports import Recorded
from letterbook.domain.attachments import Attachment
from letterbook.domain.facts import Fact
from letterbook.domain.message import (
    AttachmentAdded,
    Categorised,
    Delivered,
    DeliveryFailed,
    DraftCreated,
    DraftUpdated,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    Imported,
    MentionAdded,
    Moved,
    ReadStateChanged,
    Received,
    Remarked,
    Sent,
)

Folders = Mapping[UUID, str]


def history(box: MailboxHandle, records: Sequence[Recorded], *, title: str = "", drawn: bool = False) -> None:
    """What happened to a message, first to last."""
    folders = {folder.folder: folder.name for folder in box.folders()}
    columns = ["version", "when", "fact", "by", "what"]
    table(columns, [_row(each, folders) for each in records], title=title, drawn=drawn)


def _row(recorded: Recorded, folders: Folders) -> list[str]:
    fact = recorded.fact
    return [
        str(recorded.version),
        moment(fact.on.at),
        type(fact).__name__,
        fact.on.actor,
        _what(fact, folders),
    ]


def _what(fact: Fact, folders: Folders) -> str:
    """The part of a fact that a reader wants to see first."""
    match fact:
        case DraftCreated():
            return fact.letter.subject
        case Received():
            return f"{fact.letter.subject} (from {in_full(fact.letter.author)})" if fact.letter.author else ""
        case Imported():
            return f"{fact.letter.subject} (found in {fact.origin})"
        case DraftUpdated() | Remarked():
            return ", ".join(sorted(fact.changes.model_fields_set))
        case MentionAdded():
            return in_full(fact.mentioned)
        case AttachmentAdded():
            return _attached(fact.attachment)
        case Sent():
            return f"from {in_full(fact.author)}, {_kept(fact, folders)}"
        case Delivered():
            return f"{fact.recipient} via {fact.via}"
        case DeliveryFailed():
            return f"{fact.recipient}: {fact.reason}"
        case Moved():
            return f"to {folders.get(fact.folder, 'a folder that is gone')}"
        case _:
            return _mark(fact)


def _mark(fact: Fact) -> str:
    match fact:
        case ReadStateChanged():
            return "read" if fact.is_read else "unread"
        case Flagged():
            return fact.flag.status.value
        case Categorised():
            return ", ".join(fact.categories)
        case ExtensionSet():
            return fact.extension.name
        case ExtensionRemoved():
            return fact.name
        case _:
            return ""


def _attached(attachment: Attachment) -> str:
    inline = ", inline" if attachment.is_inline else ""
    return f"{attachment.name} ({attachment.size:,} bytes{inline})"


def _kept(fact: Sent, folders: Folders) -> str:
    return f"kept in {folders.get(fact.kept_in, 'a folder that is gone')}" if fact.kept_in else "no copy kept"
