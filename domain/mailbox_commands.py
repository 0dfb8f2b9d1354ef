"""What can be asked of a mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from letterbook.domain.folder_properties import SetFolderProperties
from letterbook.domain.folders import FolderSearch
from letterbook.domain.keeping import KeepingCommand
from letterbook.domain.people import EmailAddress
from letterbook.domain.preferences import PreferenceCommand
from letterbook.domain.trust import TrustCommand


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """Give somebody a mailbox. ``mailbox`` is its id, named outside."""

    mailbox: UUID
    owner: EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFolder:
    """Make a folder below another one; a search folder if ``search`` says what to look for."""

    folder_id: UUID
    name: str
    parent: UUID
    hidden: bool = False
    search: FolderSearch | None = None


@dataclass(frozen=True, slots=True)
class RenameFolder:
    """Give a folder another name."""

    folder_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class MoveFolder:
    """Put a folder below another one."""

    folder_id: UUID
    parent: UUID


@dataclass(frozen=True, slots=True)
class CopyFolder:
    """Put a copy of a folder, with all folders below it, below another one.

    ``names`` has a new id for each of them.
    """

    folder_id: UUID
    parent: UUID
    names: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class ChangeSearch:
    """Let a search folder look for something else."""

    folder_id: UUID
    search: FolderSearch


@dataclass(frozen=True, slots=True)
class DiscardFolder:
    """Put a folder into Deleted Items."""

    folder_id: UUID


@dataclass(frozen=True, slots=True)
class DeleteFolder:
    """Remove a folder and the folders below it. What is in them is to be gone by then."""

    folder_id: UUID


@dataclass(frozen=True, slots=True)
class OrderResync:
    """Let whoever follows what changes begin anew. ``order`` is named outside; one order counts once."""

    order: UUID


@dataclass(frozen=True, slots=True)
class EraseOwner:
    """Make the mailbox unreadable for ever, with all that is and ever was in it, and say why."""

    why: str


MailboxCommand = (
    OpenMailbox
    | CreateFolder
    | RenameFolder
    | MoveFolder
    | CopyFolder
    | ChangeSearch
    | SetFolderProperties
    | DiscardFolder
    | DeleteFolder
    | KeepingCommand
    | PreferenceCommand
    | OrderResync
    | TrustCommand
    | EraseOwner
)
