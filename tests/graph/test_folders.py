"""Mail folders: the ones every mailbox is born with, and new ones."""

import pytest

from letterbook.domain.mailbox import WELL_KNOWN
from tests.graph.client import Graph

BORN_VISIBLE = [
    *("Archive", "Conversation History", "Deleted Items", "Drafts"),
    *("Inbox", "Junk Email", "Outbox", "Sent Items"),
]


def names(graph: Graph, path: str) -> list[str]:
    """The names of the folders in a list."""
    return [folder["displayName"] for folder in graph.values(path)]


def test_a_mailbox_shows_eight_folders(alex: Graph) -> None:
    assert names(alex, "/me/mailFolders") == BORN_VISIBLE
    root = alex.read("/me/mailFolders/msgfolderroot")
    assert {folder["parentFolderId"] for folder in alex.values("/me/mailFolders")} == {root["id"]}
    assert root["childFolderCount"] == 8


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_hidden_folders_are_listed_on_request(alex: Graph, word: str) -> None:
    listed = alex.values(f"/me/mailFolders?includeHiddenFolders={word}&$top=100")
    hidden = {folder["displayName"] for folder in listed if folder["isHidden"]}
    assert {folder["displayName"] for folder in listed} - hidden == set(BORN_VISIBLE)
    assert {"Clutter", "Scheduled"} <= hidden


@pytest.mark.parametrize("name", [name for name, *_ in WELL_KNOWN])
def test_a_well_known_folder_is_found_by_name_in_any_case(alex: Graph, name: str) -> None:
    folder = alex.read(f"/me/mailFolders/{name}")
    for other in (name.upper(), name.title(), folder["id"]):
        assert alex.read(f"/me/mailFolders/{other}") == folder
        assert alex.read(f"/me/MailFolders('{other}')") == folder
    assert "wellKnownName" not in folder
    assert alex.beta.read(f"/me/mailFolders/{name}")["wellKnownName"] == name


def test_a_folder_says_what_it_is(alex: Graph) -> None:
    folder = alex.read("/me/mailFolders/inbox")
    assert folder["@odata.context"].endswith("/mailFolders/$entity")
    del folder["@odata.context"], folder["id"], folder["parentFolderId"]
    assert folder == {
        "displayName": "Inbox",
        "childFolderCount": 0,
        "unreadItemCount": 0,
        "totalItemCount": 0,
        "isHidden": False,
    }


def test_the_counts_follow_the_messages(alex: Graph, adele: Graph) -> None:
    def counts(graph: Graph, name: str) -> tuple[int, int]:
        folder = graph.read(f"/me/mailFolders/{name}")
        return folder["totalItemCount"], folder["unreadItemCount"]

    draft = alex.lasting.draft(isRead=False)["id"]
    assert counts(alex, "drafts") == (1, 1)
    alex.changed(f"/me/messages/{draft}", {"isRead": True})
    assert counts(alex, "drafts") == (1, 0)
    alex.post(f"/me/messages/{draft}/send")
    assert (counts(alex, "drafts"), counts(alex, "sentitems")) == ((0, 0), (1, 0))
    alex.book.deliver()
    assert counts(adele, "inbox") == (1, 1)
    alex.delete(f"/me/messages/{draft}")
    assert (counts(alex, "sentitems"), counts(alex, "deleteditems")) == ((0, 0), (1, 0))


def test_a_new_folder_is_listed_found_and_filled(alex: Graph) -> None:
    made = alex.made("/me/mailFolders", {"displayName": "Projekte 💌/2024"})
    assert made["totalItemCount"] == 0
    assert names(alex, "/me/mailFolders") == sorted([*BORN_VISIBLE, "Projekte 💌/2024"])
    path = f"/me/mailFolders/{made['id']}"
    assert alex.read(path)["displayName"] == "Projekte 💌/2024"
    assert alex.beta.read(path)["wellKnownName"] is None
    message = alex.made(f"{path}/messages", {"subject": "Filed"})
    assert message["parentFolderId"] == made["id"]
    assert [each["id"] for each in alex.values(f"{path}/messages")] == [message["id"]]
    assert alex.read(path)["totalItemCount"] == 1
    assert alex.read(f"{path}/messages")["@odata.context"].endswith("/messages")


def test_a_folder_can_be_made_below_another(alex: Graph) -> None:
    child = alex.made("/me/mailFolders/Inbox/childFolders", {"displayName": "Below"})
    grandchild = alex.made(f"/me/mailFolders('{child['id']}')/childFolders", {"displayName": "Further below"})
    assert names(alex, "/me/mailFolders/inbox/childFolders") == ["Below"]
    assert names(alex, f"/me/mailFolders/{child['id']}/childFolders") == ["Further below"]
    assert alex.read("/me/mailFolders/inbox")["childFolderCount"] == 1
    assert names(alex, "/me/mailFolders") == BORN_VISIBLE
    message = alex.made(f"/me/mailFolders/inbox/childFolders/{child['id']}/messages", {"subject": "Deep"})
    assert message["parentFolderId"] == child["id"]
    assert grandchild["parentFolderId"] == child["id"]


def test_a_hidden_folder_stays_out_of_sight(alex: Graph) -> None:
    made = alex.made("/me/mailFolders", {"displayName": "Secret", "isHidden": True})
    assert made["isHidden"]
    assert "Secret" not in names(alex, "/me/mailFolders?$top=100")
    assert "Secret" in names(alex, "/me/mailFolders?includeHiddenFolders=true&$top=100")
    assert alex.read("/me/mailFolders/msgfolderroot")["childFolderCount"] == 8


@pytest.mark.parametrize("name", ["Inbox", "inbox", "SENT ITEMS"])
def test_two_folders_in_one_place_cannot_share_a_name(alex: Graph, name: str) -> None:
    said = alex.refused("POST", "/me/mailFolders", 409, "ErrorFolderExists", json={"displayName": name})
    assert said == "A folder with the specified name already exists."
    alex.made("/me/mailFolders/inbox/childFolders", {"displayName": name})
    alex.refused(
        "POST",
        "/me/mailFolders/inbox/childFolders",
        409,
        "ErrorFolderExists",
        json={"displayName": name.lower()},
    )


def test_a_list_of_folders_has_pages(alex: Graph) -> None:
    for number in range(5):
        alex.made("/me/mailFolders", {"displayName": f"Project {number}"})
    for query, sizes in (("", [10, 3]), ("$top=4", [4, 4, 4, 1]), ("$top=100", [13])):
        pages = alex.walk(f"/me/mailFolders?{query}")
        assert [len(page) for page in pages] == sizes
        assert len({folder["id"] for page in pages for folder in page}) == 13
    assert alex.read("/me/mailFolders?$count=true&$top=2")["@odata.count"] == 13


def test_properties_of_folders_can_be_selected(alex: Graph) -> None:
    page = alex.read("/me/mailFolders?$select=displayName,totalItemCount")
    assert page["@odata.context"].endswith("/mailFolders(displayName,totalItemCount)")
    assert {frozenset(folder) for folder in page["value"]} == {
        frozenset({"id", "displayName", "totalItemCount"})
    }
    one = alex.read("/me/mailFolders/inbox?$select=displayName")
    assert set(one) == {"@odata.context", "id", "displayName"}
    alex.refused("GET", "/me/mailFolders?$select=subject", 400, "RequestBroker--ParseUri")


def test_a_draft_can_be_made_in_any_folder_and_sent_from_there(alex: Graph) -> None:
    draft = alex.lasting.made(
        "/me/mailFolders/archive/messages",
        {
            "subject": "From the archive",
            "toRecipients": [{"emailAddress": {"address": "adelev@contoso.com"}}],
        },
    )
    assert draft["isDraft"]
    assert alex.post(f"/me/messages/{draft['id']}/send").status_code == 202
    kept = alex.lasting.values("/me/mailFolders/sentitems/messages")
    assert [each["id"] for each in kept] == [draft["id"]]
    assert alex.values("/me/mailFolders/archive/messages") == []
