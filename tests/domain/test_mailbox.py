"""The mailbox: it opens with the folders every mailbox has, and its tree of folders stays a tree."""

from dataclasses import replace
from types import MappingProxyType
from typing import get_args

import pytest

from letterbook.domain import refusals
from letterbook.domain.categories import born_with
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.folder_properties import FolderPropertiesSet, SetFolderProperties
from letterbook.domain.folders import FolderSearch
from letterbook.domain.keeping import KeepingCommand, KeepingFact
from letterbook.domain.letter import ExtendedProperty
from letterbook.domain.mailbox import (
    WELL_KNOWN,
    ChangeSearch,
    CopyFolder,
    CreateFolder,
    DeleteFolder,
    DiscardFolder,
    ErasedMailbox,
    EraseOwner,
    Folder,
    FolderCopied,
    FolderCreated,
    FolderDeleted,
    FolderMoved,
    FolderRenamed,
    Mailbox,
    MailboxCommand,
    MailboxFact,
    MailboxOpened,
    MoveFolder,
    OpenMailbox,
    OrderResync,
    RenameFolder,
    ResyncOrdered,
    SearchChanged,
    well_known_id,
)
from letterbook.domain.people import EmailAddress
from letterbook.domain.preferences import NoteAutomaticReply, PreferenceCommand, PreferenceFact, Preferences
from letterbook.domain.retention import ClearRetention
from letterbook.domain.trust import (
    AllowSending,
    BlockSender,
    ForbidSending,
    SendingRight,
    TrustFact,
    UnblockSender,
)
from tests.domain.cast import ADELE, ALEX, ARCHIVE, BIN, DRAFTS, EARLIER, INBOX, MAILBOX, MEGAN, NOW, numbered
from tests.domain.harness import given, tell

ROOT = well_known_id(MAILBOX, "msgfolderroot")
BORN_WITH = tuple(
    Folder(
        id=well_known_id(MAILBOX, name),
        name=shown,
        parent=well_known_id(MAILBOX, parent) if parent else None,
        well_known=name,
        hidden=hidden,
    )
    for name, shown, parent, hidden in WELL_KNOWN
)
CLUBS = Folder(id=numbered(20), name="Clubs", parent=INBOX, hidden=False)
CHESS = Folder(id=numbered(21), name="Chess", parent=CLUBS.id, hidden=False)

SEARCH = FolderSearch(sources=(INBOX,), nested=True, condition="contains(subject, 'MyAnalytics')")
OTHER_SEARCH = FolderSearch(sources=(ARCHIVE,), nested=False, condition="isRead eq false")
ANALYTICS = Folder(id=numbered(22), name="Get MyAnalytics", parent=INBOX, hidden=False, search=SEARCH)
CLUBS_COPY = Folder(id=numbered(23), name="Clubs", parent=ARCHIVE, well_known=None, hidden=False)

GREEN = ExtendedProperty(id="String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color", value="Green")

opened = MailboxOpened(on=EARLIER, owner=ALEX, folders=BORN_WITH)
owner_erased = OwnerErased(on=EARLIER, why="Article 17, request 4711")
clubs_made = FolderCreated(on=EARLIER, folder=CLUBS)
chess_made = FolderCreated(on=EARLIER, folder=CHESS)
clubs_renamed = FolderRenamed(on=EARLIER, folder_id=CLUBS.id, name="Societies")
clubs_archived = FolderMoved(on=EARLIER, folder_id=CLUBS.id, parent=ARCHIVE)
clubs_copied = FolderCopied(on=EARLIER, source=CLUBS.id, folder=CLUBS_COPY)
analytics_made = FolderCreated(on=EARLIER, folder=ANALYTICS)
analytics_changed = SearchChanged(on=EARLIER, folder_id=ANALYTICS.id, search=OTHER_SEARCH)
clubs_deleted = FolderDeleted(on=EARLIER, folder_id=CLUBS.id)
chess_deleted = FolderDeleted(on=EARLIER, folder_id=CHESS.id)
clubs_coloured = FolderPropertiesSet(on=EARLIER, folder_id=CLUBS.id, properties=(GREEN,))
resync_ordered = ResyncOrdered(on=EARLIER, order=numbered(30))

OPEN = OpenMailbox(MAILBOX, ALEX)
MAKE_CLUBS = CreateFolder(folder_id=CLUBS.id, name="Clubs", parent=INBOX)

# --- Opening ---------------------------------------------------------------------------------------


def test_a_mailbox_opens_with_the_folders_every_mailbox_has() -> None:
    given().when(OPEN).then(opened)


def test_a_mailbox_opens_once() -> None:
    given(opened).when(OPEN).then()
    given(opened).when(OpenMailbox(MAILBOX, MEGAN)).then()


def test_there_are_17_well_known_folders_and_each_has_its_place() -> None:
    mailbox = tell(opened)
    assert len(mailbox.folders) == 17
    assert all(folder.parent in mailbox.folders for folder in BORN_WITH if folder.parent)


def test_the_visible_top_level_folders_are_those_of_graph() -> None:
    visible = {folder.name for folder in tell(opened).children(ROOT) if not folder.hidden}
    assert visible == {
        "Archive",
        "Conversation History",
        "Deleted Items",
        "Drafts",
        "Inbox",
        "Junk Email",
        "Outbox",
        "Sent Items",
    }


def test_problems_of_synchronising_have_their_own_place() -> None:
    below = tell(opened).children(well_known_id(MAILBOX, "syncissues"))
    assert {folder.well_known for folder in below} == {"conflicts", "localfailures", "serverfailures"}


def test_the_folders_that_people_do_not_see_are_those_of_graph() -> None:
    hidden = {folder.well_known for folder in tell(opened).folders.values() if folder.hidden}
    assert hidden == {"clutter", "recoverableitemsdeletions", "scheduled", "searchfolders", "syncissues"}


def test_nothing_can_be_asked_of_a_mailbox_that_nobody_opened() -> None:
    asks = (
        MAKE_CLUBS,
        RenameFolder(CLUBS.id, "Societies"),
        MoveFolder(CLUBS.id, ARCHIVE),
        CopyFolder(CLUBS.id, ARCHIVE, {CLUBS.id: CHESS.id}),
        ChangeSearch(CLUBS.id, SEARCH),
        SetFolderProperties(CLUBS.id, (GREEN,)),
        DiscardFolder(CLUBS.id),
        DeleteFolder(CLUBS.id),
        BlockSender(ADELE.address),
        UnblockSender(ADELE.address),
        AllowSending(ADELE, SendingRight.AS),
        ForbidSending(ADELE),
        OrderResync(numbered(30)),
        EraseOwner("Article 17"),
    )
    given().when(NoteAutomaticReply("adelev@contoso.com")).refused(refusals.NotFound)
    given().when(ClearRetention(BIN)).refused(refusals.NotFound)
    about_folders = set(get_args(MailboxCommand)) - {*get_args(PreferenceCommand), *get_args(KeepingCommand)}
    assert {type(ask) for ask in asks} | {OpenMailbox} == about_folders
    for ask in asks:
        given().when(ask).refused(refusals.NotFound)


# --- Making ----------------------------------------------------------------------------------------


def test_a_folder_can_be_made_below_any_other() -> None:
    given(opened).when(MAKE_CLUBS).then(clubs_made)
    given(opened, clubs_made).when(CreateFolder(folder_id=CHESS.id, name="Chess", parent=CLUBS.id)).then(
        chess_made
    )


def test_a_folder_can_be_made_hidden() -> None:
    ask = CreateFolder(folder_id=CLUBS.id, name="Clubs", parent=INBOX, hidden=True)
    hidden = FolderCreated(on=EARLIER, folder=CLUBS.model_copy(update={"hidden": True}))
    given(opened).when(ask).then(hidden)


def test_making_the_same_folder_twice_says_nothing_new() -> None:
    given(opened, clubs_made).when(MAKE_CLUBS).then()


def test_a_folder_needs_a_parent_that_is_there() -> None:
    ask = CreateFolder(folder_id=CHESS.id, name="Chess", parent=CLUBS.id)
    given(opened).when(ask).refused(refusals.NotFound)


@pytest.mark.parametrize("name", ["", " ", "\t\r\n"])
def test_a_folder_needs_a_name_that_people_can_see(name: str) -> None:
    given(opened).when(CreateFolder(folder_id=CLUBS.id, name=name, parent=INBOX)).refused(
        refusals.FolderNameMissing
    )
    given(opened, clubs_made).when(RenameFolder(CLUBS.id, name)).refused(refusals.FolderNameMissing)


def test_neighbours_cannot_share_a_name_in_any_case() -> None:
    ask = CreateFolder(folder_id=CHESS.id, name="CLUBS", parent=INBOX)
    given(opened, clubs_made).when(ask).refused(refusals.FolderNameTaken)


def test_folders_in_different_places_can_share_a_name() -> None:
    other = Folder(id=CHESS.id, name="Clubs", parent=ARCHIVE, hidden=False)
    ask = CreateFolder(folder_id=CHESS.id, name="Clubs", parent=ARCHIVE)
    given(opened, clubs_made).when(ask).then(FolderCreated(on=EARLIER, folder=other))


# --- Renaming --------------------------------------------------------------------------------------


def test_a_folder_can_be_renamed() -> None:
    given(opened, clubs_made).when(RenameFolder(CLUBS.id, "Societies")).then(clubs_renamed)


def test_renaming_a_folder_to_its_name_says_nothing_new() -> None:
    given(opened, clubs_made).when(RenameFolder(CLUBS.id, "Clubs")).then()


def test_the_case_of_a_name_can_be_changed() -> None:
    louder = FolderRenamed(on=EARLIER, folder_id=CLUBS.id, name="CLUBS")
    given(opened, clubs_made).when(RenameFolder(CLUBS.id, "CLUBS")).then(louder)


def test_a_folder_cannot_take_the_name_of_a_neighbour() -> None:
    given(opened).when(RenameFolder(DRAFTS, "inbox")).refused(refusals.FolderNameTaken)


def test_only_a_folder_that_is_there_can_be_renamed() -> None:
    given(opened).when(RenameFolder(CLUBS.id, "Societies")).refused(refusals.NotFound)


def test_a_folder_without_a_parent_has_no_neighbours() -> None:
    top = FolderRenamed(on=EARLIER, folder_id=ROOT, name="Inbox")
    given(opened).when(RenameFolder(ROOT, "Inbox")).then(top)


# --- Moving ----------------------------------------------------------------------------------------


def test_a_folder_can_be_moved_below_another() -> None:
    given(opened, clubs_made).when(MoveFolder(CLUBS.id, ARCHIVE)).then(clubs_archived)


def test_moving_a_folder_to_where_it_is_says_nothing_new() -> None:
    given(opened, clubs_made).when(MoveFolder(CLUBS.id, INBOX)).then()


def test_a_folder_cannot_be_moved_below_itself() -> None:
    given(opened, clubs_made).when(MoveFolder(CLUBS.id, CLUBS.id)).refused(refusals.FolderInsideItself)
    given(opened, clubs_made, chess_made).when(MoveFolder(CLUBS.id, CHESS.id)).refused(
        refusals.FolderInsideItself
    )


def test_a_folder_cannot_be_moved_beside_one_of_the_same_name() -> None:
    namesake = FolderCreated(
        on=EARLIER, folder=Folder(id=CHESS.id, name="clubs", parent=ARCHIVE, hidden=False)
    )
    given(opened, clubs_made, namesake).when(MoveFolder(CLUBS.id, ARCHIVE)).refused(refusals.FolderNameTaken)


def test_a_folder_can_only_be_moved_from_and_to_what_is_there() -> None:
    given(opened).when(MoveFolder(CLUBS.id, ARCHIVE)).refused(refusals.NotFound)
    given(opened, clubs_made).when(MoveFolder(CLUBS.id, CHESS.id)).refused(refusals.NotFound)


# --- Deleting --------------------------------------------------------------------------------------


def test_a_folder_can_be_deleted() -> None:
    given(opened, clubs_made).when(DeleteFolder(CLUBS.id)).then(clubs_deleted)


def test_a_folder_goes_with_all_folders_below_it_deepest_first() -> None:
    given(opened, clubs_made, chess_made).when(DeleteFolder(CLUBS.id)).then(chess_deleted, clubs_deleted)


def test_only_a_folder_that_is_there_can_be_deleted() -> None:
    given(opened, clubs_made, clubs_deleted).when(DeleteFolder(CLUBS.id)).refused(refusals.NotFound)


@pytest.mark.parametrize("folder", BORN_WITH, ids=lambda folder: folder.well_known)
def test_the_folders_a_mailbox_is_born_with_stay(folder: Folder) -> None:
    given(opened).when(DeleteFolder(folder.id)).refused(refusals.FolderDistinguished)
    given(opened).when(DiscardFolder(folder.id)).refused(refusals.FolderDistinguished)
    given(opened).when(MoveFolder(folder.id, ARCHIVE)).refused(refusals.FolderImmovable)


# --- Followers -------------------------------------------------------------------------------------


def test_followers_are_told_to_begin_anew() -> None:
    given(opened).when(OrderResync(numbered(30))).then(ResyncOrdered(on=NOW, order=numbered(30)))
    given(opened, resync_ordered).when(OrderResync(numbered(31))).then(
        ResyncOrdered(on=NOW, order=numbered(31))
    )


def test_one_order_to_begin_anew_counts_once() -> None:
    given(opened, resync_ordered).when(OrderResync(resync_ordered.order)).then()


# --- State -----------------------------------------------------------------------------------------


def with_folders(*folders: Folder) -> Mailbox:
    """Alex's mailbox with these folders beside those it was born with."""
    known = MappingProxyType({f.id: f for f in (*BORN_WITH, *folders)})
    return Mailbox(owner=ALEX, folders=known, preferences=Preferences(categories=born_with(ROOT)))


STORIES: list[tuple[tuple[MailboxFact, ...], Mailbox]] = [
    ((opened,), with_folders()),
    ((opened, clubs_made), with_folders(CLUBS)),
    ((opened, clubs_made, clubs_renamed), with_folders(CLUBS.model_copy(update={"name": "Societies"}))),
    ((opened, clubs_made, clubs_archived), with_folders(CLUBS.model_copy(update={"parent": ARCHIVE}))),
    ((opened, clubs_made, clubs_copied), with_folders(CLUBS, CLUBS_COPY)),
    ((opened, analytics_made), with_folders(ANALYTICS)),
    (
        (opened, analytics_made, analytics_changed),
        with_folders(ANALYTICS.model_copy(update={"search": OTHER_SEARCH})),
    ),
    (
        (opened, clubs_made, clubs_coloured),
        with_folders(CLUBS.model_copy(update={"properties": (GREEN,)})),
    ),
    ((opened, clubs_made, chess_made, chess_deleted), with_folders(CLUBS)),
    ((opened, resync_ordered), replace(with_folders(), last_resync=resync_ordered.order)),
    ((opened, owner_erased), ErasedMailbox(owner=EmailAddress())),
]


@pytest.mark.parametrize(("past", "state"), STORIES, ids=[type(past[-1]).__name__ for past, _ in STORIES])
def test_the_state_follows_from_the_past(past: tuple[MailboxFact, ...], state: Mailbox) -> None:
    assert tell(*past) == state


def test_every_fact_has_a_meaning() -> None:
    elsewhere = {*get_args(PreferenceFact), *get_args(TrustFact), *get_args(KeepingFact)}
    about_folders = set(get_args(MailboxFact)) - elsewhere
    assert {type(past[-1]) for past, _ in STORIES} == about_folders


def test_well_known_folders_are_found_in_any_case() -> None:
    assert tell(opened).well_known("SentItems").name == "Sent Items"
    with pytest.raises(refusals.NotFound):
        tell(opened).well_known("Clubs")


def test_folders_below_are_told_nearest_first() -> None:
    mailbox = tell(opened, clubs_made, chess_made)
    assert mailbox.below(INBOX) == (INBOX, CLUBS.id, CHESS.id)
    assert mailbox.below(BIN) == (BIN,)
