"""Folders as a tree: copies, search folders, Deleted Items, and the rules of names and places."""

from types import MappingProxyType
from uuid import UUID

import pytest

from letterbook.domain import folders, refusals
from letterbook.domain.folders import LONGEST_NAME, MOST_FOLDERS, Folder, FolderSearch
from letterbook.domain.mailbox import (
    ChangeSearch,
    CopyFolder,
    CreateFolder,
    DeleteFolder,
    DiscardFolder,
    FolderCopied,
    FolderCreated,
    FolderDeleted,
    FolderMoved,
    FolderRenamed,
    Mailbox,
    MoveFolder,
    RenameFolder,
    decide,
)
from tests.domain.cast import ALEX, ARCHIVE, BEYOND, BIN, EARLIER, INBOX, NOW, numbered
from tests.domain.harness import given, now, tell
from tests.domain.test_mailbox import (
    ANALYTICS,
    BORN_WITH,
    CHESS,
    CLUBS,
    CLUBS_COPY,
    OTHER_SEARCH,
    SEARCH,
    analytics_changed,
    analytics_made,
    chess_made,
    clubs_copied,
    clubs_deleted,
    clubs_made,
    opened,
)

clubs_discarded = FolderMoved(on=EARLIER, folder_id=CLUBS.id, parent=BIN)
MAKE_ANALYTICS = CreateFolder(folder_id=ANALYTICS.id, name=ANALYTICS.name, parent=INBOX, search=SEARCH)
NOWHERE = numbered(99)


def search_in(*sources: Folder) -> FolderSearch:
    """A search through some folders."""
    return FolderSearch(sources=tuple(each.id for each in sources), nested=False, condition="isRead eq false")


# --- Names and places ------------------------------------------------------------------------------


def test_a_name_has_an_end() -> None:
    longest, longer = "x" * LONGEST_NAME, "x" * (LONGEST_NAME + 1)
    made = FolderCreated(on=EARLIER, folder=CLUBS.model_copy(update={"name": longest}))
    given(opened).when(CreateFolder(folder_id=CLUBS.id, name=longest, parent=INBOX)).then(made)
    given(opened).when(CreateFolder(folder_id=CLUBS.id, name=longer, parent=INBOX)).refused(
        refusals.FolderNameTooLong
    )
    given(opened, clubs_made).when(RenameFolder(CLUBS.id, longer)).refused(refusals.FolderNameTooLong)


@pytest.mark.parametrize("parent", [BEYOND, ANALYTICS.id], ids=["beyond Deleted Items", "a search folder"])
def test_some_folders_have_no_folders_below_them(parent: UUID) -> None:
    past = (opened, clubs_made, analytics_made)
    for ask in (
        CreateFolder(folder_id=CHESS.id, name="Chess", parent=parent),
        MoveFolder(CLUBS.id, parent),
        CopyFolder(CLUBS.id, parent, {CLUBS.id: CHESS.id}),
    ):
        given(*past).when(ask).refused(refusals.FolderHoldsNoFolders)


def crowded(count: int) -> Mailbox:
    """A mailbox with so many folders."""
    more = {
        numbered(each): Folder(id=numbered(each), name=str(each), parent=INBOX)
        for each in range(1000, 1000 + count - len(BORN_WITH))
    }
    tree = {folder.id: folder for folder in BORN_WITH} | more
    return Mailbox(owner=ALEX, folders=MappingProxyType(tree))


def test_a_mailbox_holds_so_many_folders_and_no_more() -> None:
    ask = CreateFolder(folder_id=CLUBS.id, name="Clubs", parent=INBOX)
    assert decide(crowded(MOST_FOLDERS - 1), ask, NOW)
    with pytest.raises(refusals.TooManyFolders):
        decide(crowded(MOST_FOLDERS), ask, NOW)
    whole = crowded(MOST_FOLDERS // 2 + 20)
    names = {each: numbered(50_000 + at) for at, each in enumerate(whole.below(INBOX))}
    with pytest.raises(refusals.TooManyFolders):
        decide(whole, CopyFolder(INBOX, ARCHIVE, names), NOW)


# --- Copies ----------------------------------------------------------------------------------------


def test_a_folder_can_be_copied() -> None:
    ask = CopyFolder(CLUBS.id, ARCHIVE, {CLUBS.id: CLUBS_COPY.id})
    given(opened, clubs_made).when(ask).then(clubs_copied)


def test_a_folder_is_copied_with_all_folders_below_it_nearest_first() -> None:
    names = {CLUBS.id: CLUBS_COPY.id, CHESS.id: numbered(24)}
    chess = CHESS.model_copy(update={"id": numbered(24), "parent": CLUBS_COPY.id, "well_known": None})
    given(opened, clubs_made, chess_made).when(CopyFolder(CLUBS.id, ARCHIVE, names)).then(
        clubs_copied, FolderCopied(on=EARLIER, source=CHESS.id, folder=chess)
    )


def test_the_copy_of_a_well_known_folder_is_an_ordinary_one() -> None:
    mailbox = tell(opened, clubs_made)
    facts = decide(mailbox, CopyFolder(INBOX, ARCHIVE, {INBOX: numbered(30), CLUBS.id: numbered(31)}), NOW)
    made = [fact.folder for fact in facts if isinstance(fact, FolderCopied)]
    assert [(each.name, each.well_known) for each in made] == [("Inbox", None), ("Clubs", None)]


def test_the_copy_of_a_search_folder_looks_for_the_same() -> None:
    mailbox = tell(opened, analytics_made)
    (copied,) = decide(mailbox, CopyFolder(ANALYTICS.id, ARCHIVE, {ANALYTICS.id: CHESS.id}), NOW)
    assert isinstance(copied, FolderCopied)
    assert copied.folder.search == SEARCH


def test_a_folder_cannot_be_copied_below_itself() -> None:
    names = {CLUBS.id: numbered(30), CHESS.id: numbered(31)}
    for parent in (CLUBS.id, CHESS.id):
        given(opened, clubs_made, chess_made).when(CopyFolder(CLUBS.id, parent, names)).refused(
            refusals.FolderInsideItself
        )


def test_a_copy_needs_a_place_a_name_and_an_original() -> None:
    past = (opened, clubs_made)
    names = {CLUBS.id: CLUBS_COPY.id, NOWHERE: CLUBS_COPY.id}
    given(*past).when(CopyFolder(CLUBS.id, INBOX, names)).refused(refusals.FolderNameTaken)
    given(*past).when(CopyFolder(CLUBS.id, NOWHERE, names)).refused(refusals.NotFound)
    given(*past).when(CopyFolder(NOWHERE, ARCHIVE, names)).refused(refusals.NotFound)


# --- Search folders --------------------------------------------------------------------------------


def test_a_search_folder_can_be_made() -> None:
    given(opened).when(MAKE_ANALYTICS).then(analytics_made)


def test_a_search_folder_can_look_for_something_else() -> None:
    given(opened, analytics_made).when(ChangeSearch(ANALYTICS.id, OTHER_SEARCH)).then(analytics_changed)


def test_looking_for_the_same_says_nothing_new() -> None:
    given(opened, analytics_made).when(ChangeSearch(ANALYTICS.id, SEARCH)).then()


def test_an_ordinary_folder_looks_for_nothing() -> None:
    for folder in (CLUBS.id, INBOX):
        given(opened, clubs_made).when(ChangeSearch(folder, SEARCH)).refused(refusals.FolderIsNoSearch)
    given(opened).when(ChangeSearch(NOWHERE, SEARCH)).refused(refusals.NotFound)


@pytest.mark.parametrize(
    ("search", "reason"),
    [
        (search_in(), refusals.SearchIncomplete),
        (SEARCH.model_copy(update={"condition": " "}), refusals.SearchIncomplete),
        (search_in(CHESS), refusals.NotFound),
        (search_in(CLUBS, ANALYTICS), refusals.FolderIsASearch),
    ],
    ids=["nowhere", "for nothing", "in what is not there", "in another search"],
)
def test_a_search_needs_somewhere_to_look_and_something_to_look_for(
    search: FolderSearch, reason: type[refusals.Refused]
) -> None:
    past = (opened, clubs_made, analytics_made)
    given(*past).when(ChangeSearch(ANALYTICS.id, search)).refused(reason)
    made = CreateFolder(folder_id=CHESS.id, name="Chess", parent=INBOX, search=search)
    given(*past).when(made).refused(reason)


def test_messages_are_kept_in_folders_that_are_there_and_do_not_search() -> None:
    mailbox: Mailbox = tell(opened, clubs_made, analytics_made)
    mailbox.check_holds_messages(CLUBS.id)
    with pytest.raises(refusals.FolderIsASearch):
        mailbox.check_holds_messages(ANALYTICS.id)
    with pytest.raises(refusals.NotFound):
        mailbox.check_holds_messages(CHESS.id)


# --- Deleted Items ---------------------------------------------------------------------------------


def test_a_folder_can_be_discarded() -> None:
    given(opened, clubs_made).when(DiscardFolder(CLUBS.id)).then(clubs_discarded)


def test_what_was_discarded_is_in_deleted_items_with_all_below_it() -> None:
    mailbox: Mailbox = tell(opened, clubs_made, chess_made)
    assert not mailbox.is_discarded(CHESS.id)
    mailbox = tell(opened, clubs_made, chess_made, clubs_discarded)
    assert all(map(mailbox.is_discarded, (BIN, CLUBS.id, CHESS.id)))
    given(opened, clubs_made, chess_made, clubs_discarded).when(DiscardFolder(CHESS.id)).then()


def test_a_discarded_folder_gets_a_number_if_another_one_is_called_like_it() -> None:
    first, second = (
        FolderCreated(on=EARLIER, folder=Folder(id=numbered(30 + at), name=name, parent=BIN))
        for at, name in enumerate(("CLUBS", "clubs1"))
    )
    for past, name in (((opened, first), "Clubs1"), ((opened, first, second), "Clubs2")):
        given(*past, clubs_made).when(DiscardFolder(CLUBS.id)).then(
            FolderRenamed(on=EARLIER, folder_id=CLUBS.id, name=name), clubs_discarded
        )


def test_a_number_fits_into_the_longest_name() -> None:
    longest = "x" * LONGEST_NAME
    taken = FolderCreated(on=EARLIER, folder=Folder(id=numbered(30), name=longest, parent=BIN))
    assert folders.free_name(tell(opened, taken).folders, BIN, longest) == "x" * (LONGEST_NAME - 1) + "1"


def test_only_a_folder_that_is_there_can_be_discarded() -> None:
    given(opened, clubs_made, clubs_deleted).when(DiscardFolder(CLUBS.id)).refused(refusals.NotFound)


def test_a_search_folder_can_be_deleted() -> None:
    gone = FolderDeleted(on=EARLIER, folder_id=ANALYTICS.id)
    given(opened, analytics_made).when(DeleteFolder(ANALYTICS.id)).then(gone)
    assert ANALYTICS.id not in tell(opened, analytics_made, now(gone)).folders


# --- The tree --------------------------------------------------------------------------------------


def test_a_thousand_folders_one_in_another_are_no_trouble() -> None:
    chain = {numbered(at): numbered(at - 1) if at > 100 else None for at in range(100, 1100)}
    assert folders.below(chain, numbered(100)) == tuple(chain)
    assert folders.below(chain, numbered(1099), numbered(1099), NOWHERE) == (numbered(1099),)
