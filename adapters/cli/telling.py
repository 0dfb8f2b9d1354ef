"""How answers look: tables for people, plain JSON values for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from letterbook.application.ports import Recorded
from letterbook.application.public_ids import Kind, public
from letterbook.application.rows import FolderRow, PersonRow
from letterbook.application.shown import ShownMessage, ShownRecipient
from letterbook.domain.attachments import Attachment
from letterbook.domain.facts import name_of
from letterbook.domain.message import MentionAdded, Message
from letterbook.domain.people import EmailAddress

Row = Sequence[str]

_JOINERS = "\u200c\u200d"
"""Invisible, but parts of words and of emoji."""


# --- For people ------------------------------------------------------------------------------------


def clean(text: str, keep: str = _JOINERS) -> str:
    """Text that cannot command a terminal: whoever writes a letter does not get to move the cursor."""
    return "".join(c if c.isprintable() or c in keep else "\ufffd" for c in text)


def say(text: str = "", style: str = "") -> None:
    """One line."""
    from letterbook.adapters.cli import drawing  # programs want JSON, and start faster without rich

    drawing.line(clean(text), style)


def table(
    columns: Row, rows: Sequence[Row], *, title: str = "", nothing: str = "", drawn: bool = False
) -> None:
    """A table: drawn at a terminal (or if ``drawn``), else plain columns that other tools can cut."""
    from letterbook.adapters.cli import drawing  # see above

    if title:
        say(title, "bold")
    if rows:
        drawing.table(columns, [[clean(cell) for cell in row] for row in rows], drawn=drawn)
    else:
        say(nothing or "nothing", "dim")


def moment(at: datetime) -> str:
    """A moment in UTC, short."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def names(people: Sequence[ShownRecipient]) -> str:
    """People as a list shows them."""
    return "; ".join(each.email_address.name or each.email_address.address or "" for each in people)


def in_full(person: EmailAddress) -> str:
    """A person with name and address."""
    if not person.name or person.name == person.address:
        return person.address
    return f"{person.name} <{person.address}>"


def marks(message: ShownMessage) -> str:
    """What stands out about a message."""
    seen = {
        "unread": not message.is_read,
        message.importance: message.importance != "normal",
        "attachment": message.has_attachments,
        "mention": message.mentions_preview is not None,
        message.flag.flag_status: message.flag.flag_status != "notFlagged",
    }
    return " ".join(mark for mark, is_so in seen.items() if is_so)


def messages(
    shown: Sequence[ShownMessage],
    *,
    title: str = "",
    arrived: bool = False,
    ids: bool = True,
    drawn: bool = False,
) -> None:
    """A folder: who wrote what has ``arrived``, to whom all else goes."""
    columns = ["when", "from" if arrived else "to", "subject", "marks", "id"]
    rows = [
        [
            moment(each.received_date_time),
            names([each.from_] if each.from_ else []) if arrived else names(each.to_recipients),
            each.subject,
            marks(each),
            each.id,
        ]
        for each in shown
    ]
    last = None if ids else -1
    table(columns[:last], [row[:last] for row in rows], title=title, nothing="no messages", drawn=drawn)


# --- For programs ----------------------------------------------------------------------------------


def message_data(message: ShownMessage) -> dict[str, Any]:
    """A message as Graph writes it."""
    return message.members


def details_data(state: Message) -> dict[str, Any]:
    """What belongs to a message besides its own properties."""
    return {
        "attachments": [_attachment_data(each) for each in state.attachments],
        "mentions": [_mention_data(each) for each in state.mentions],
    }


def _attachment_data(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": public(Kind.ATTACHMENT, attachment.id),
        "name": attachment.name,
        "contentType": attachment.content_type,
        "size": attachment.size,
        "isInline": attachment.is_inline,
    }


def _mention_data(mention: MentionAdded) -> dict[str, Any]:
    return {
        "id": str(mention.mention_id),
        "mentioned": mention.mentioned.model_dump(),
        "createdBy": mention.created_by.model_dump(),
    }


def person_data(person: PersonRow) -> dict[str, str]:
    """The owner of a mailbox."""
    return {"address": person.address, "name": person.name, "mailbox": str(person.mailbox)}


def folder_data(folder: FolderRow) -> dict[str, Any]:
    """A folder as Graph writes it."""
    return {
        "id": public(Kind.FOLDER, folder.folder),
        "displayName": folder.name,
        "wellKnownName": folder.well_known,
        "parentFolderId": public(Kind.FOLDER, folder.parent) if folder.parent else None,
        "isHidden": folder.hidden,
        "totalItemCount": folder.total,
        "unreadItemCount": folder.unread,
    }


def fact_data(recorded: Recorded) -> dict[str, Any]:
    """A fact in its place, complete."""
    fact = recorded.fact
    return {
        "seq": recorded.seq,
        "version": recorded.version,
        "fact": name_of(fact),
        "at": fact.on.at.isoformat(),
        "actor": fact.on.actor,
        "cause": fact.on.cause,
        "recordedAt": recorded.recorded_at.isoformat(),
        "hash": recorded.hash.hex(),
        "data": fact.model_dump(mode="json", exclude_unset=True, exclude={"on"}),
    }
