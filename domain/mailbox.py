"""The Mailbox: who it belongs to, its tree of folders, and what its owner wants of it (``preferences``).

Read it from top to bottom: facts, state, rules, fold; what can be asked is in
``mailbox_commands``. The stored names of the facts *are* the storage format. Never rename one, never change
what one means.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from letterbook.domain import categories, folder_properties, folders, keeping, preferences, refusals, trust
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import Fact, Forgotten, Occasion
from letterbook.domain.folder_properties import FolderPropertiesSet, SetFolderProperties
from letterbook.domain.folders import Folder as Folder
from letterbook.domain.folders import FolderSearch
from letterbook.domain.keeping import Keeping, KeepingCommand, KeepingFact
from letterbook.domain.mailbox_commands import ChangeSearch as ChangeSearch
from letterbook.domain.mailbox_commands import CopyFolder as CopyFolder
from letterbook.domain.mailbox_commands import CreateFolder as CreateFolder
from letterbook.domain.mailbox_commands import DeleteFolder as DeleteFolder
from letterbook.domain.mailbox_commands import DiscardFolder as DiscardFolder
from letterbook.domain.mailbox_commands import EraseOwner as EraseOwner
from letterbook.domain.mailbox_commands import MailboxCommand as MailboxCommand
from letterbook.domain.mailbox_commands import MoveFolder as MoveFolder
from letterbook.domain.mailbox_commands import OpenMailbox as OpenMailbox
from letterbook.domain.mailbox_commands import OrderResync as OrderResync
from letterbook.domain.mailbox_commands import RenameFolder as RenameFolder
from letterbook.domain.people import EmailAddress, check_ordered
from letterbook.domain.preferences import PreferenceCommand, PreferenceFact, Preferences
from letterbook.domain.trust import Trust, TrustFact
from letterbook.domain.well_known import BIN, ROOT, born_with
from letterbook.domain.well_known import WELL_KNOWN as WELL_KNOWN
from letterbook.domain.well_known import well_known_id as well_known_id

# --- Facts -----------------------------------------------------------------------------------------


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


class FolderCopied(Fact, stored_as="mailbox.folder-copied.v1"):
    """A folder was made that is what another one was; copies of what is in it are facts of their own."""

    source: UUID
    folder: Folder


class SearchChanged(Fact, stored_as="mailbox.search-changed.v1"):
    """A search folder looks for something else."""

    folder_id: UUID
    search: FolderSearch


class ResyncOrdered(Fact, stored_as="mailbox.resync-ordered.v1"):
    """Whoever follows what changes in this mailbox has to begin anew."""

    order: UUID


MailboxFact = (
    MailboxOpened
    | FolderCreated
    | FolderCopied
    | FolderRenamed
    | FolderMoved
    | FolderDeleted
    | SearchChanged
    | FolderPropertiesSet
    | KeepingFact
    | PreferenceFact
    | ResyncOrdered
    | TrustFact
    | OwnerErased
)


# --- State -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox: its owner, its folders by id, what its owner wants, and the last call to begin anew."""

    owner: EmailAddress
    folders: Mapping[UUID, Folder] = field(default_factory=dict)
    trust: Trust = Trust()
    preferences: Preferences = field(default_factory=Preferences)
    keeping: Keeping = field(default_factory=Keeping)
    last_resync: UUID | None = None

    def folder(self, folder_id: UUID) -> Folder:
        """One folder; refuses one that is not there."""
        return folders.folder(self.folders, folder_id)

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
        return folders.below(folders.parents(self.folders), folder_id)

    def ordinary(self, folder_id: UUID) -> Folder:
        """One folder that may go; refuses those that every mailbox is born with."""
        found = self.folder(folder_id)
        if found.well_known:
            raise refusals.FolderDistinguished
        return found

    def is_discarded(self, folder_id: UUID) -> bool:
        """Whether a folder is somewhere in Deleted Items."""
        return any(f.well_known == BIN for f in folders.ancestors(self.folders, folder_id))

    def holds_messages(self, folder_id: UUID) -> bool:
        """Whether messages can be put into a folder: it is there, and no search folder."""
        return folder_id in self.folders and self.folders[folder_id].search is None

    def check_holds_messages(self, folder_id: UUID) -> None:
        """Messages are kept in any folder that is there, but in no search folder."""
        if self.folder(folder_id).search is not None:
            raise refusals.FolderIsASearch


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedMailbox(Mailbox):
    """A mailbox of which nobody knows any more whose it was, nor what was in it."""


# --- Rules -----------------------------------------------------------------------------------------


def decide(mailbox: Mailbox | None, ask: MailboxCommand, on: Occasion) -> tuple[MailboxFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    if isinstance(mailbox, ErasedMailbox):
        return _answer_of_the_erased(ask)
    if isinstance(ask, OpenMailbox):
        return () if mailbox else (MailboxOpened(on=on, owner=ask.owner, folders=born_with(ask.mailbox)),)
    if mailbox is None:
        raise refusals.NotFound
    if isinstance(ask, PreferenceCommand):
        return preferences.decide(mailbox.preferences, ask, on, mailbox.check_holds_messages)
    if isinstance(ask, KeepingCommand):
        return keeping.decide(mailbox.keeping, ask, on, mailbox.check_holds_messages)
    match ask:
        case CreateFolder():
            return _create(mailbox, ask, on)
        case RenameFolder():
            return _rename(mailbox, ask, on)
        case MoveFolder():
            return _move(mailbox, ask, on)
        case CopyFolder():
            return _copy(mailbox, ask, on)
        case ChangeSearch():
            return _change_search(mailbox, ask, on)
        case SetFolderProperties():
            return folder_properties.decide(mailbox.folders, ask, on)
        case DiscardFolder():
            return _discard(mailbox, ask, on)
        case DeleteFolder():
            return _delete(mailbox, ask, on)
        case OrderResync(order):
            return () if order == mailbox.last_resync else (ResyncOrdered(on=on, order=order),)
        case EraseOwner(why):
            return _erase(why, on)
        case _:
            return trust.decide(mailbox.trust, mailbox.owner, ask, on)


def _create(mailbox: Mailbox, ask: CreateFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A new folder needs a place, and a name that none of its neighbours has."""
    if ask.folder_id in mailbox.folders:
        return ()
    folders.check_place(mailbox.folders, ask.parent)
    folders.check_name(mailbox.folders, ask.parent, ask.name)
    folders.check_room(mailbox.folders, 1)
    folder = Folder(id=ask.folder_id, name=ask.name, parent=ask.parent, hidden=ask.hidden)
    if ask.search is not None:
        folders.check_search(mailbox.folders, ask.search)
        folder = folder.model_copy(update={"search": ask.search})
    return (FolderCreated(on=on, folder=folder),)


def _rename(mailbox: Mailbox, ask: RenameFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder can be renamed to anything but the name of a neighbour."""
    folder = mailbox.folder(ask.folder_id)
    if folder.name == ask.name:
        return ()
    folders.check_name(mailbox.folders, folder.parent, ask.name, but=folder.id)
    return (FolderRenamed(on=on, folder_id=folder.id, name=ask.name),)


def _move(mailbox: Mailbox, ask: MoveFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder can go anywhere but below itself; the folders a mailbox is born with stay."""
    folder = mailbox.folder(ask.folder_id)
    if folder.well_known:
        raise refusals.FolderImmovable
    folders.check_place(mailbox.folders, ask.parent)
    if folder.parent == ask.parent:
        return ()
    folders.check_not_below(mailbox.folders, ask.parent, folder.id)
    folders.check_name(mailbox.folders, ask.parent, folder.name)
    return (FolderMoved(on=on, folder_id=folder.id, parent=ask.parent),)


def _copy(mailbox: Mailbox, ask: CopyFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder can be copied anywhere but below itself; a copy is no well-known folder."""
    if ask.names.get(ask.folder_id) in mailbox.folders:
        return ()
    tree = mailbox.folders
    folders.check_place(tree, ask.parent)
    folders.check_not_below(tree, ask.parent, ask.folder_id)
    folders.check_name(tree, ask.parent, mailbox.folder(ask.folder_id).name)
    folders.check_room(tree, len(mailbox.below(ask.folder_id)))
    made = folders.copies(tree, ask.folder_id, ask.parent, ask.names)
    return tuple(FolderCopied(on=on, source=source, folder=folder) for source, folder in made)


def _change_search(mailbox: Mailbox, ask: ChangeSearch, on: Occasion) -> tuple[MailboxFact, ...]:
    """Only a search folder looks for something, and it never becomes an ordinary one."""
    news = folders.looks_for_something_else(mailbox.folders, ask.folder_id, ask.search)
    return (SearchChanged(on=on, folder_id=ask.folder_id, search=ask.search),) if news else ()


def _discard(mailbox: Mailbox, ask: DiscardFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder goes into Deleted Items, with a number behind its name if one like it is there already."""
    folder = mailbox.ordinary(ask.folder_id)
    if mailbox.is_discarded(folder.id):
        return ()
    bin_ = mailbox.well_known(BIN).id
    name = folders.free_name(mailbox.folders, bin_, folder.name)
    moved = FolderMoved(on=on, folder_id=folder.id, parent=bin_)
    return (moved,) if name == folder.name else (FolderRenamed(on=on, folder_id=folder.id, name=name), moved)


def _delete(mailbox: Mailbox, ask: DeleteFolder, on: Occasion) -> tuple[MailboxFact, ...]:
    """A folder goes with all folders below it; the folders a mailbox is born with stay."""
    mailbox.ordinary(ask.folder_id)
    return tuple(FolderDeleted(on=on, folder_id=each) for each in reversed(mailbox.below(ask.folder_id)))


def _erase(why: str, on: Occasion) -> tuple[MailboxFact, ...]:
    """A mailbox is erased if somebody says why."""
    if not why.strip():
        raise refusals.ReasonMissing
    check_ordered(on)
    return (OwnerErased(on=on, why=why),)


def _answer_of_the_erased(ask: MailboxCommand) -> tuple[MailboxFact, ...]:
    """Nothing happens any more to a mailbox that was erased, and none is opened in its place."""
    match ask:
        case EraseOwner():
            return ()
        case OpenMailbox():
            raise refusals.MailboxErased(ask.owner.address)
        case _:
            raise refusals.NotFound


# --- Fold ------------------------------------------------------------------------------------------


def fold(mailbox: Mailbox | None, facts: Iterable[MailboxFact | Forgotten]) -> Mailbox | None:
    """Tell the state from what happened, in the order it happened."""
    for fact in facts:
        mailbox = evolve(mailbox, fact)
    return mailbox


def evolve(mailbox: Mailbox | None, fact: MailboxFact | Forgotten) -> Mailbox:
    """Believe a fact. Never refuses: history is not up for debate."""
    if isinstance(fact, MailboxOpened):
        return _opened(fact)
    if isinstance(fact, (OwnerErased, Forgotten)):
        return ErasedMailbox(owner=EmailAddress())
    assert mailbox is not None, "the first fact of a mailbox opens it"
    if isinstance(fact, PreferenceFact):
        return replace(mailbox, preferences=preferences.evolve(mailbox.preferences, fact))
    if isinstance(fact, KeepingFact):
        return replace(mailbox, keeping=keeping.evolve(mailbox.keeping, fact))
    match fact:
        case FolderCreated() | FolderCopied():
            return _with(mailbox, fact.folder)
        case FolderRenamed():
            return _changed(mailbox, fact.folder_id, name=fact.name)
        case FolderMoved():
            return _changed(mailbox, fact.folder_id, parent=fact.parent)
        case SearchChanged():
            return _changed(mailbox, fact.folder_id, search=fact.search)
        case FolderPropertiesSet():
            return _with(mailbox, folder_properties.evolve(mailbox.folders[fact.folder_id], fact))
        case FolderDeleted():
            left = {key: f for key, f in mailbox.folders.items() if key != fact.folder_id}
            kept = mailbox.keeping.without_folder(fact.folder_id)
            return replace(mailbox, folders=MappingProxyType(left), keeping=kept)
        case ResyncOrdered():
            return replace(mailbox, last_resync=fact.order)
        case _:
            return replace(mailbox, trust=trust.evolve(mailbox.trust, fact))


def _opened(fact: MailboxOpened) -> Mailbox:
    root = next((folder.id for folder in fact.folders if folder.well_known == ROOT), UUID(int=0))
    wants = Preferences(categories=categories.born_with(root))
    return Mailbox(
        owner=fact.owner, folders=MappingProxyType({f.id: f for f in fact.folders}), preferences=wants
    )


def _with(mailbox: Mailbox, folder: Folder) -> Mailbox:
    return replace(mailbox, folders=MappingProxyType({**mailbox.folders, folder.id: folder}))


def _changed(mailbox: Mailbox, folder_id: UUID, **changes: object) -> Mailbox:
    return _with(mailbox, mailbox.folders[folder_id].model_copy(update=changes))
