"""Delta of folders: the whole tree, or what is below one folder."""

from typing import Any

import pytest

from letterbook.application.public_ids import Kind, private
from letterbook.domain.mailbox import DeleteFolder, MailboxCommand, MoveFolder, RenameFolder, well_known_id
from tests.graph.client import ADELE, ALEX, BASE, Graph
from tests.graph.follower import FOLDERS, follow
from tests.graph.test_folders import BORN_VISIBLE

DELTA = f"{FOLDERS}/delta"
CHANGED, DELETED = {"reason": "changed"}, {"reason": "deleted"}


def make(alex: Graph, name: str, above: str = "msgfolderroot", *, hidden: bool = False) -> str:
    """A new folder: its id."""
    said = {"displayName": name, "isHidden": hidden}
    made: str = alex.made(f"{FOLDERS}/{above}/childFolders", said)["id"]
    return made


def ask(alex: Graph, command: MailboxCommand) -> None:
    """Something is asked of Alex's mailbox."""
    engine, mailbox = alex.book.engine, alex.book.mailbox(ALEX).id
    on = engine.occasion(ALEX)
    engine.run(lambda work: work.ask_mailbox(mailbox, command, on))


def rename(alex: Graph, folder: str, name: str) -> None:
    """A folder gets another name."""
    ask(alex, RenameFolder(private(Kind.FOLDER, folder), name))


def move(alex: Graph, folder: str, above: str) -> None:
    """A folder goes below a well-known one."""
    above_id = well_known_id(alex.book.mailbox(ALEX).id, above)
    ask(alex, MoveFolder(private(Kind.FOLDER, folder), above_id))


def delete(alex: Graph, folder: str) -> None:
    """A folder goes, and those below it."""
    ask(alex, DeleteFolder(private(Kind.FOLDER, folder)))


def named(told: list[dict[str, Any]]) -> list[str]:
    """The names of the folders that were told."""
    return [folder["displayName"] for folder in told]


def test_the_first_round_tells_all_folders_of_the_tree(alex: Graph) -> None:
    below = make(alex, "Below", "inbox")
    make(alex, "Further below", below)
    make(alex, "Not counted", below, hidden=True)
    page = alex.read(DELTA, headers={"Prefer": "odata.maxpagesize=50"})
    assert page["@odata.context"] == f"{BASE}/v1.0/$metadata#Collection(mailFolder)"
    assert sorted(named(page["value"])) == sorted([*BORN_VISIBLE, "Below", "Further below"])
    assert {folder["@odata.type"] for folder in page["value"]} == {"#microsoft.graph.mailFolder"}
    for folder in page["value"]:
        single = alex.read(f"{FOLDERS}/{folder['id']}")
        assert {name: value for name, value in single.items() if name != "@odata.context"} == {
            name: value for name, value in folder.items() if name != "@odata.type"
        }


def test_folders_come_in_pages_too(alex: Graph) -> None:
    follower = follow(alex, FOLDERS, size=3)
    sizes = [len(follower.step()["value"])]
    while follower.in_round:
        sizes.append(len(follower.step()["value"]))
    assert sizes == [3, 3, 2]
    assert len(follow(alex, FOLDERS).step()["value"]) == 8
    assert follower.round() == []


@pytest.mark.parametrize("word", ["true", "True"])
def test_hidden_folders_are_told_on_request(alex: Graph, word: str) -> None:
    secret = make(alex, "Secret", hidden=True)
    make(alex, "Within", secret)
    seeing = follow(alex, FOLDERS, f"includeHiddenFolders={word}", size=50)
    plain = follow(alex, FOLDERS, size=50)
    assert {"Secret", "Within", "Clutter", "Conflicts"} <= {*named(seeing.round())}
    assert sorted(named(plain.round())) == BORN_VISIBLE
    make(alex, "Within too", secret)
    assert sorted(named(seeing.round())) == ["Secret", "Within too"]
    assert plain.round() == []


def test_new_names_and_places_are_told_with_the_counts_above(alex: Graph) -> None:
    follower = follow(alex, FOLDERS, "$select=displayName,childFolderCount")
    follower.round()
    clubs = make(alex, "Clubs", "inbox")
    assert [set(folder) for folder in follower.round()] == [
        {"@odata.type", "id", "displayName", "childFolderCount"}
    ] * 2
    assert sorted(named([*follower.known.values()])) == sorted([*BORN_VISIBLE, "Clubs"])
    rename(alex, clubs, "Societies")
    assert named(follower.round()) == ["Societies"]
    move(alex, clubs, "archive")
    told = {folder["displayName"]: folder["childFolderCount"] for folder in follower.round()}
    assert told == {"Inbox": 0, "Archive": 1, "Societies": 0}


def test_what_came_and_went_between_two_pages_is_told_as_gone(alex: Graph) -> None:
    """A page told of it, because pages tell what is there when they are made."""
    make(alex, "Clubs")
    follower = follow(alex, FOLDERS, size=4)
    follower.step()
    guest = make(alex, "Guest", "archive")
    follower.round()
    assert guest in follower.known
    delete(alex, guest)
    told = {folder["id"]: folder for folder in follower.round()}
    assert told[guest]["@removed"] == DELETED
    assert {folder["childFolderCount"] for folder in follower.known.values()} == {0}


def test_a_deleted_folder_is_removed_with_all_below_it(alex: Graph) -> None:
    clubs = make(alex, "Clubs")
    chess = make(alex, "Chess", clubs)
    follower = follow(alex, FOLDERS)
    follower.round()
    delete(alex, clubs)
    gone = {folder["id"]: folder for folder in follower.round()}
    assert gone == {
        folder: {"@odata.type": "#microsoft.graph.mailFolder", "id": folder, "@removed": DELETED}
        for folder in (clubs, chess)
    }


def test_the_folders_below_one_can_be_followed(alex: Graph) -> None:
    clubs = make(alex, "Clubs", "inbox")
    follower = follow(alex, f"{FOLDERS}/inbox/childFolders")
    assert named(follower.round()) == ["Clubs"]
    chess = make(alex, "Chess", clubs)
    make(alex, "Elsewhere", "archive")
    assert sorted(named(follower.round())) == ["Chess", "Clubs"]
    move(alex, clubs, "archive")
    assert {folder["id"]: folder["@removed"] for folder in follower.round()} == {
        clubs: CHANGED,
        chess: CHANGED,
    }
    rename(alex, chess, "Go")
    assert follower.round() == []
    move(alex, clubs, "inbox")
    assert sorted(named(follower.round())) == ["Clubs", "Go"]


def test_a_folder_that_goes_out_of_sight_is_removed(alex: Graph) -> None:
    secret, clubs = make(alex, "Secret", hidden=True), make(alex, "Clubs")
    follower = follow(alex, FOLDERS)
    follower.round()
    ask(alex, MoveFolder(private(Kind.FOLDER, clubs), private(Kind.FOLDER, secret)))
    assert [(folder["id"], folder["@removed"]) for folder in follower.round()] == [(clubs, CHANGED)]


def test_folders_are_told_when_their_counts_change(alex: Graph, adele: Graph) -> None:
    follower = follow(alex, FOLDERS)

    def told() -> dict[str, tuple[int, int]]:
        return {
            folder["displayName"]: (folder["totalItemCount"], folder["unreadItemCount"])
            for folder in follower.round()
        }

    told()
    alex.book.mailbox(ADELE).send_mail(subject="Hello", to=[ALEX])
    alex.book.deliver()
    assert told() == {"Inbox": (1, 1)}
    (letter,) = alex.values(f"{FOLDERS}/inbox/messages")
    alex.changed(f"/me/messages/{letter['id']}", {"isRead": True})
    assert told() == {"Inbox": (1, 0)}
    alex.changed(f"/me/messages/{letter['id']}", {"categories": ["Red category"]})
    assert told() == {}
    alex.delete(f"/me/messages/{letter['id']}")
    assert told() == {"Inbox": (0, 0), "Deleted Items": (1, 0)}
    draft = alex.draft()["id"]
    assert told() == {"Drafts": (1, 0)}
    alex.post(f"/me/messages/{draft}/send")
    assert told() == {"Drafts": (0, 0), "Sent Items": (1, 0)}
    alex.book.deliver()
    assert told() == {}, "that a letter was delivered is counted nowhere"


def test_a_search_folder_is_told_when_anything_happens(alex: Graph) -> None:
    said = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Unread drafts",
        "includeNestedFolders": False,
        "sourceFolderIds": ["drafts"],
        "filterQuery": "isRead eq false",
    }
    made = alex.made(f"{FOLDERS}/searchfolders/childFolders", said)
    follower = follow(alex, f"{FOLDERS}/searchfolders/childFolders")
    (told,) = follower.round()
    assert told["@odata.type"] == "#microsoft.graph.mailSearchFolder"
    assert told["filterQuery"] == "isRead eq false"
    alex.draft(isRead=False)
    (told,) = follower.round()
    assert (told["id"], told["totalItemCount"]) == (made["id"], 1)
    assert follower.round() == []


def test_one_can_begin_from_now(alex: Graph) -> None:
    follower = follow(alex, FOLDERS, "$deltatoken=latest")
    assert follower.step()["value"] == []
    make(alex, "Clubs")
    assert named(follower.round()) == ["Clubs"]


def test_beta_tells_well_known_names(alex: Graph) -> None:
    names = {folder["wellKnownName"] for folder in alex.beta.values(DELTA)}
    assert {"inbox", "drafts"} <= names


@pytest.mark.parametrize(
    "name", ["$filter", "$orderby", "$top", "$skip", "$search", "$expand", "$count", "changeType"]
)
def test_only_properties_can_be_chosen(alex: Graph, name: str) -> None:
    for path in (DELTA, f"{FOLDERS}/inbox/childFolders/delta"):
        assert alex.refused("GET", f"{path}?{name}=1", 400, "ErrorInvalidUrlQuery") == (
            "The following parameters are not supported with change tracking over the 'MailFolders' "
            f"resource: '{name}'."
        )


def test_properties_that_folders_do_not_have_are_refused(alex: Graph) -> None:
    alex.refused("GET", f"{DELTA}?$select=subject", 400, "RequestBroker--ParseUri")


def test_links_of_folders_expire_too(alex: Graph) -> None:
    link = alex.read(f"{DELTA}?includeHiddenFolders=true&$select=displayName")["@odata.nextLink"]
    alex.book.mailbox(ALEX).order_resync()
    alex.refused("GET", link, 410, "SyncStateNotFound")
    fresh = alex.get(link).headers["Location"]
    assert fresh == f"{BASE}/v1.0{DELTA}?$select=displayName&includeHiddenFolders=true&$deltatoken="
    assert alex.read(fresh)["@odata.nextLink"]


def test_a_token_fits_only_its_part_of_the_tree(alex: Graph) -> None:
    token = alex.read(f"{FOLDERS}/inbox/childFolders/delta")["@odata.deltaLink"].partition("?")[2]
    for path in (DELTA, f"{FOLDERS}/archive/childFolders/delta", f"{FOLDERS}/inbox/messages/delta"):
        alex.refused("GET", f"{path}?{token}", 400, "BadRequest")
    inbox = alex.read(f"{FOLDERS}/inbox")["id"]
    assert alex.get(f"{FOLDERS}('{inbox}')/childFolders/delta()?{token}").status_code == 200


def test_folders_below_one_that_is_not_there_cannot_be_followed(alex: Graph) -> None:
    strange = alex.read(f"{FOLDERS}/inbox")["id"]
    alex.refused("GET", f"{FOLDERS}/{strange[:-2]}A=/childFolders/delta", 404, "ErrorItemNotFound")
