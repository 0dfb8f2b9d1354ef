"""What each change of a message or a mailbox does to the rows of the views. Pure: same facts, same rows."""

from collections.abc import Iterable
from uuid import UUID

from letterbook.application.rows import (
    Count,
    DropFolder,
    DropMessage,
    FolderRow,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.showing import ReadBlob, show
from letterbook.domain.mailbox import (
    Folder,
    FolderCreated,
    FolderDeleted,
    FolderMoved,
    FolderRenamed,
    Mailbox,
    MailboxFact,
    MailboxOpened,
    well_known_id,
)
from letterbook.domain.message import Message

BEYOND = "recoverableitemsdeletions"


def project_message(
    mailbox: UUID, name: UUID, owner: Mailbox, before: Message | None, after: Message, read_blob: ReadBlob
) -> list[ViewChange]:
    """What the views show differently when a message was ``before`` and is ``after``."""
    if before is after:
        return []
    changes = _counts(before, after)
    if after.folder is not None:
        beyond = well_known_id(mailbox, BEYOND)
        row = show(mailbox, name, after, owner.owner, beyond, read_blob)
        changes.append(PutMessage(row, reworded=before is None or _reworded(before, after)))
    elif before is not None and before.folder is not None:
        changes.append(DropMessage(name))
    return changes


def _reworded(before: Message, after: Message) -> bool:
    """Whether a search may find it differently. What a fact does not touch stays the same object."""
    return (
        before.letter is not after.letter
        or before.attachments is not after.attachments
        or before.folder != after.folder
        or before.sent_at != after.sent_at
    )


def _counts(before: Message | None, after: Message) -> list[ViewChange]:
    if before is not None and before.folder == after.folder:
        unread = int(before.is_read) - int(after.is_read)
        return [Count(before.folder, 0, unread)] if unread and before.folder else []
    changes: list[ViewChange] = []
    if before is not None and before.folder is not None:
        changes.append(Count(before.folder, -1, int(before.is_read) - 1))
    if after.folder is not None:
        changes.append(Count(after.folder, 1, 1 - int(after.is_read)))
    return changes


def project_mailbox(mailbox: UUID, after: Mailbox, facts: Iterable[MailboxFact]) -> list[ViewChange]:
    """What the views show differently after these facts of a mailbox."""
    changes: list[ViewChange] = []
    for fact in facts:
        match fact:
            case MailboxOpened():
                person = PersonRow(mailbox, fact.owner.address, fact.owner.name)
                changes.append(PutPerson(person))
                changes.extend(_put(folder) for folder in fact.folders)
            case FolderCreated():
                changes.append(_put(fact.folder))
            case FolderRenamed() | FolderMoved():
                folder = after.folders.get(fact.folder_id)
                changes.extend([_put(folder)] if folder else [])
            case FolderDeleted():
                changes.append(DropFolder(fact.folder_id))
    return changes


def _put(folder: Folder) -> PutFolder:
    return PutFolder(
        FolderRow(
            folder=folder.id,
            name=folder.name,
            parent=folder.parent,
            well_known=folder.well_known,
            hidden=folder.hidden,
        )
    )
