"""The Mailbox: who it belongs to, its tree of folders, and what its owner wants of it (``preferences``).

Read it from top to bottom: facts, state, commands, rules, fold. The stored names of the facts *are* the
storage format. Never rename one, never change what one means.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import assert_never
from uuid import UUID, uuid5

from letterbook.domain import categories, preferences, refusals
from letterbook.domain.facts import Fact, Occasion, Value
from letterbook.domain.people import EmailAddress
from letterbook.domain.preferences import PreferenceCommand, PreferenceFact, Preferences

# --- Facts -----------------------------------------------------------------------------------------


class Folder(Value):
    """One folder. ``well_known`` is Graph's name for the folders every mailbox is born with."""

    id: UUID
    name: str
    parent: UUID | None
    well_known: str | None = None
    hidden: bool = False


class MailboxOpened(Fact, stored_as="mailbox.opened.v1"):
    """Somebody got a mailbox, with the folders that every mailbox has."""

    owner: EmailAddress
    folders: tuple[Folder, ...]


class FolderCreated(Fact, stored_as="mailbox.folder-created.v1"):
    """A folder was made."""

    folder: Folder


class FolderRenamed(Fact, stored_as="mailbox.folder-renamed.v1"):
    """A folder got another name."""

    folder_id: UUID
    name: str


class FolderMoved(Fact, stored_as="mailbox.folder-moved.v1"):
    """A folder went below another one, with all that is in it."""

    folder_id: UUID
    parent: UUID


class FolderDeleted(Fact, stored_as="mailbox.folder-deleted.v1"):
    """A folder and all folders below it were removed."""

    folder_id: UUID


MailboxFact = MailboxOpened | FolderCreated | FolderRenamed | FolderMoved | FolderDeleted | PreferenceFact

ROOT = "msgfolderroot"

WELL_KNOWN: tuple[tuple[str, str, str | None, bool], ...] = (
    ("msgfolderroot", "Top of Information Store", None, False),
    ("archive", "Archive", ROOT, False),
    ("clutter", "Clutter", ROOT, True),
    ("conflicts", "Conflicts", "syncissues", False),
    ("conversationhistory", "Conversation History", ROOT, False),
    ("deleteditems", "Deleted Items", ROOT, False),
    ("drafts", "Drafts", ROOT, False),
    ("inbox", "Inbox", ROOT, False),
    ("junkemail", "Junk Email", ROOT, False),
    ("localfailures", "Local Failures", "syncissues", False),
    ("outbox", "Outbox", ROOT, False),
    ("recoverableitemsdeletions", "Deletions", None, True),
    ("scheduled", "Scheduled", ROOT, True),
    ("searchfolders", "Finder", None, True),
    ("sentitems", "Sent Items", ROOT, False),
    ("serverfailures", "Server Failures", "syncissues", False),
    ("syncissues", "Sync Issues", ROOT, True),
)
"""The 17 well-known folders (Graph: mailFolder resource): name, display name, parent, hidden."""


@lru_cache(maxsize=8192)
def well_known_id(mailbox: UUID, well_known: str) -> UUID:
    """The id of a well-known folder of a mailbox; the same every time it is asked for."""
    return uuid5(mailbox, well_known)


def _born_with(mailbox: UUID) -> tuple[Folder, ...]:
    return tuple(
        Folder(
            id=well_known_id(mailbox, name),
            name=shown,
            parent=well_known_id(mailbox, parent) if parent else None,
            well_known=name,
            hidden=hidden,
        )
        for name, shown, parent, hidden in WELL_KNOWN
    )


# --- State -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox: its owner, its folders by id, and what its owner wants."""

    owner: EmailAddress
    folders: Mapping[UUID, Folder] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=Preferences)

    def folder(self, folder_id: UUID) -> Folder:
        """One folder; refuses one that is not there."""
        try:
            return self.folders[folder_id]
        except KeyError:
            raise refusals.NotFound from None

    def well_known(self, name: str) -> Folder:
        """One of the folders every mailbox is born with, by Graph's name in any case."""
        for folder in self.folders.values():
            if folder.well_known == name.lower():
                return folder
        raise refusals.NotFound

    def children(self, folder_id: UUID) -> tuple[Folder, ...]:
        """The folders directly below one."""
        return tuple(f for f in self.folders.values() if f.parent == folder_id)

    def below(self, folder_id: UUID) -> tuple[UUID, ...]:
        """A folder and everything below it, nearest first."""
        found, frontier = [folder_id], [folder_id]
        while frontier:
            frontier = [child.id for parent in frontier for child in self.children(parent)]
            found.extend(frontier)
        return tuple(found)


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """Give somebody a mailbox. ``mailbox`` is its id, named outside."""

    mailbox: UUID
    owner: EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFolder:
    """Make a folder below another one."""

    folder_id: UUID
    name: str
    parent: UUID
    hidden: bool = False


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
class DeleteFolder:
    """Remove a folder and the folders below it."""

    folder_id: UUID


MailboxCommand = OpenMailbox | CreateFolder | RenameFolder | MoveFolder | DeleteFolder | PreferenceCommand

# --- Rules -----------------------------------------------------------------------------------------


def decide(mailbox: Mailbox | None, ask: MailboxCommand, on: Occasion) -> tuple[MailboxFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    if isinstance(ask, OpenMailbox):
        return () if mailbox else (MailboxOpened(on=on, owner=ask.owner, folders=_born_with(ask.mailbox)),)
    if mailbox is None:
        raise refusals.NotFound
    if isinstance(ask, PreferenceCommand):
        return preferences.decide(mailbox.preferences, ask, on, mailbox.folder)
    match ask:
        case CreateFolder():
            return _create(mailbox, ask, on)
        case RenameFolder():
            return _rename(mailbox, ask, on)
        case MoveFolder():
            return _move(mailbox, ask, on)
        case DeleteFolder():
            return _delete(mailbox, ask, on)
        case _:
            assert_never(ask)


def _create(mailbox: Mailbox, ask: CreateFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A new folder needs a name that none of its neighbours has."""
    if ask.folder_id in mailbox.folders:
        return ()
    mailbox.folder(ask.parent)
    _check_name(mailbox, ask.parent, ask.name)
    folder = Folder(id=ask.folder_id, name=ask.name, parent=ask.parent, hidden=ask.hidden)
    return (FolderCreated(on=on, folder=folder),)


def _rename(mailbox: Mailbox, ask: RenameFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder can be renamed to anything but the name of a neighbour."""
    folder = mailbox.folder(ask.folder_id)
    if folder.name == ask.name:
        return ()
    _check_name(mailbox, folder.parent, ask.name, but=folder.id)
    return (FolderRenamed(on=on, folder_id=folder.id, name=ask.name),)


def _move(mailbox: Mailbox, ask: MoveFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder can go anywhere but below itself; the folders a mailbox is born with stay."""
    folder = _ordinary(mailbox, ask.folder_id)
    mailbox.folder(ask.parent)
    if folder.parent == ask.parent:
        return ()
    if ask.parent in mailbox.below(folder.id):
        raise refusals.FolderInsideItself
    _check_name(mailbox, ask.parent, folder.name)
    return (FolderMoved(on=on, folder_id=folder.id, parent=ask.parent),)


def _delete(mailbox: Mailbox, ask: DeleteFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder goes with all folders below it; the folders a mailbox is born with stay."""
    _ordinary(mailbox, ask.folder_id)
    return tuple(FolderDeleted(on=on, folder_id=each) for each in reversed(mailbox.below(ask.folder_id)))


def _ordinary(mailbox: Mailbox, folder_id: UUID) -> Folder:
    folder = mailbox.folder(folder_id)
    if folder.well_known:
        raise refusals.FolderDistinguished
    return folder


def _check_name(mailbox: Mailbox, parent: UUID | None, name: str, but: UUID | None = None) -> None:
    if not name.strip():
        raise refusals.FolderNameMissing
    if parent is None:
        return
    for neighbour in mailbox.children(parent):
        if neighbour.id != but and neighbour.name.casefold() == name.casefold():
            raise refusals.FolderNameTaken


# --- Fold ------------------------------------------------------------------------------------------


def fold(mailbox: Mailbox | None, facts: Iterable[MailboxFact]) -> Mailbox | None:
    """Tell the state from what happened, in the order it happened."""
    for fact in facts:
        mailbox = evolve(mailbox, fact)
    return mailbox


def evolve(mailbox: Mailbox | None, fact: MailboxFact) -> Mailbox:
    """Believe a fact. Never refuses: history is not up for debate."""
    if isinstance(fact, MailboxOpened):
        return _opened(fact)
    assert mailbox is not None, "the first fact of a mailbox opens it"
    if isinstance(fact, PreferenceFact):
        return replace(mailbox, preferences=preferences.evolve(mailbox.preferences, fact))
    match fact:
        case FolderCreated():
            return _with(mailbox, fact.folder)
        case FolderRenamed():
            return _with(mailbox, mailbox.folders[fact.folder_id].model_copy(update={"name": fact.name}))
        case FolderMoved():
            return _with(mailbox, mailbox.folders[fact.folder_id].model_copy(update={"parent": fact.parent}))
        case FolderDeleted():
            left = {key: f for key, f in mailbox.folders.items() if key != fact.folder_id}
            return replace(mailbox, folders=MappingProxyType(left))
        case _:
            assert_never(fact)


def _opened(fact: MailboxOpened) -> Mailbox:
    root = next((folder.id for folder in fact.folders if folder.well_known == ROOT), UUID(int=0))
    wants = Preferences(categories=categories.born_with(root))
    return Mailbox(
        owner=fact.owner, folders=MappingProxyType({f.id: f for f in fact.folders}), preferences=wants
    )


def _with(mailbox: Mailbox, folder: Folder) -> Mailbox:
    return replace(mailbox, folders=MappingProxyType({**mailbox.folders, folder.id: folder}))
