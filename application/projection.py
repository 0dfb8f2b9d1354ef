"""What each change of a message or a mailbox does to the rows of the views. Pure: same facts, same rows."""

from collections.abc import Iterable
from uuid import UUID

from letterbook.application.rows import (
    ClearMailbox,
    Count,
    DropFolder,
    DropMessage,
    FolderRow,
    MessageRow,
    NoteOwn,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.showing import ReadBlob, show, show_bare
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.folder_properties import FolderPropertiesSet
from letterbook.domain.keeping import KeepingFact
from letterbook.domain.mailbox import (
    Folder,
    FolderCopied,
    FolderCreated,
    FolderDeleted,
    FolderMoved,
    FolderRenamed,
    Mailbox,
    MailboxFact,
    MailboxOpened,
    ResyncOrdered,
    SearchChanged,
    well_known_id,
)
from letterbook.domain.message import Message
from letterbook.domain.preferences import PreferenceFact
from letterbook.domain.trust import SenderBlocked, SenderUnblocked, SendingAllowed, SendingForbidden

BEYOND = "recoverableitemsdeletions"


def row_of(
    mailbox: UUID, name: UUID, owner: Mailbox, message: Message, read_blob: ReadBlob
) -> MessageRow | None:
    """The row of a message; ``None`` for one that no folder shows."""
    if message.folder is None:
        return None
    return show(mailbox, name, message, owner.owner, well_known_id(mailbox, BEYOND), read_blob)


def bare_row_of(mailbox: UUID, name: UUID, owner: Mailbox, message: Message | None) -> MessageRow | None:
    """The same without the ready answer: how lists find and sort a message."""
    if message is None or message.folder is None:
        return None
    return show_bare(name, message, owner.owner, well_known_id(mailbox, BEYOND))


def project_message(
    name: UUID, before: Message | None, after: Message, row: MessageRow | None
) -> PutMessage | DropMessage:
    """What the lists show differently when a message was ``before`` and is ``after``, which ``row`` shows."""
    if row is None:
        return DropMessage(name)
    if before is None or before.folder is None:
        return PutMessage(row)
    return PutMessage(
        row,
        reworded=before.folder != after.folder or speaks_otherwise(before, after),
        placed=_placed(before, after),
        rewritten=before.letter.body is not after.letter.body,
    )


def speaks_otherwise(before: Message, after: Message) -> bool:
    """Whether other words or dates may find it. What a fact does not touch stays the same object."""
    return (
        before.letter is not after.letter
        or before.attachments is not after.attachments
        or before.sent_at != after.sent_at
    )


def _placed(before: Message, after: Message) -> bool:
    """Whether it may stand elsewhere in some list."""
    return (
        before.folder != after.folder
        or before.received_at != after.received_at
        or before.is_read != after.is_read
    )


def counts_of(before: Message | None, after: Message) -> list[Count]:
    """What the folders count differently."""
    if before is not None and before.folder == after.folder:
        unread = int(before.is_read) - int(after.is_read)
        return [Count(before.folder, 0, unread)] if unread and before.folder else []
    changes: list[Count] = []
    if before is not None and before.folder is not None:
        changes.append(Count(before.folder, -1, int(before.is_read) - 1))
    if after.folder is not None:
        changes.append(Count(after.folder, 1, 1 - int(after.is_read)))
    return changes


def project_mailbox(
    mailbox: UUID, after: Mailbox, facts: Iterable[MailboxFact], end: int
) -> list[ViewChange]:
    """What the views show differently after facts of a mailbox, the last of them at position ``end``."""
    changes: list[ViewChange] = []
    for fact in facts:
        if isinstance(fact, PreferenceFact | KeepingFact):
            continue  # no folder shows it
        match fact:
            case MailboxOpened():
                person = PersonRow(mailbox, fact.owner.address, fact.owner.name)
                changes.append(PutPerson(person))
                changes.extend(_put(folder) for folder in fact.folders)
            case FolderCreated() | FolderCopied():
                changes.append(_put(fact.folder))
            case FolderRenamed() | FolderMoved() | SearchChanged() | FolderPropertiesSet():
                folder = after.folders.get(fact.folder_id)
                changes.extend([_put(folder)] if folder else [])
            case FolderDeleted():
                changes.append(DropFolder(fact.folder_id))
            case SenderBlocked() | SenderUnblocked() | SendingAllowed() | SendingForbidden():
                pass  # no folder shows whom its owner trusts
            case ResyncOrdered():
                pass  # what is shown stays what it was
            case OwnerErased():
                changes.append(ClearMailbox())
    return [*changes, NoteOwn(end)]


def _put(folder: Folder) -> PutFolder:
    return PutFolder(
        FolderRow(
            folder=folder.id,
            name=folder.name,
            parent=folder.parent,
            well_known=folder.well_known,
            hidden=folder.hidden,
            search=folder.search,
            properties=folder.properties,
        )
    )
