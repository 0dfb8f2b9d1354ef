"""Messages put elsewhere: moved, copied, deleted for good, junk or not, reported, unsubscribed from."""

import base64
from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
MIME = {"Content-Type": "text/plain"}


def folder_of(graph: Graph, message: dict[str, Any] | str) -> str:
    """The display name of the folder that a message is in."""
    name = message if isinstance(message, str) else message["id"]
    parent = graph.read(f"/me/messages/{name}")["parentFolderId"]
    return str(graph.read(f"/me/mailFolders/{parent}")["displayName"])


def counts(graph: Graph, folder: str) -> tuple[int, int]:
    """How many messages a folder holds, and how many unread ones."""
    shown = graph.read(f"/me/mailFolders/{folder}")
    return shown["totalItemCount"], shown["unreadItemCount"]


def inbox(graph: Graph) -> list[dict[str, Any]]:
    """What has arrived."""
    graph.book.deliver()
    return graph.values("/me/mailFolders/inbox/messages")


@pytest.fixture
def letter(megan: Graph, alex: Graph) -> dict[str, Any]:
    """A letter from Megan that Alex got, under the id that stays the same wherever it goes."""
    megan.sent(subject="Lunch", toRecipients=to(ALEX), attachments=[FILE])
    return inbox(alex.lasting)[0]


# --- Move ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["destinationId", "DestinationId"])
@pytest.mark.parametrize("path", ["/me/messages", "/me/mailFolders/inbox/messages"])
def test_a_message_is_moved(alex: Graph, letter: dict[str, Any], name: str, path: str) -> None:
    answer = alex.post(f"{path}/{letter['id']}/move", json={name: "Archive"})
    moved = answer.json()
    assert answer.status_code == 201
    assert list(moved)[:3] == ["@odata.context", "@odata.type", "@odata.etag"]
    assert moved["@odata.context"] == "https://graph.microsoft.com/v1.0/$metadata#message"
    assert moved["@odata.type"] == "#microsoft.graph.message"
    assert answer.headers["etag"] == moved["@odata.etag"] != letter["@odata.etag"]
    assert answer.headers["location"].endswith(f"/messages('{moved['id']}')")
    assert (moved["subject"], moved["isRead"]) == ("Lunch", False)
    assert folder_of(alex, moved) == "Archive"
    assert (counts(alex, "inbox"), counts(alex, "archive")) == ((0, 0), (1, 1))
    assert [type(fact).__name__ for fact in alex.book.mailbox(ALEX).history(moved["id"])] == [
        "Received",
        "Moved",
    ]


def test_a_message_is_moved_into_a_folder_of_ones_own(alex: Graph, letter: dict[str, Any]) -> None:
    clubs = alex.made("/me/mailFolders", {"displayName": "Clubs"})
    moved = alex.made(f"/me/messages/{letter['id']}/move", {"destinationId": clubs["id"]})
    assert moved["parentFolderId"] == clubs["id"]
    assert [each["id"] for each in alex.values(f"/me/mailFolders/{clubs['id']}/messages")] == [moved["id"]]


def test_what_was_deleted_can_be_moved_back(alex: Graph, letter: dict[str, Any]) -> None:
    alex.delete(f"/me/messages/{letter['id']}")
    alex.delete(f"/me/messages/{letter['id']}")
    alex.made(f"/me/messages/{letter['id']}/move", {"destinationId": "inbox"})
    assert [each["subject"] for each in inbox(alex)] == ["Lunch"]


# --- Copy ------------------------------------------------------------------------------------------


def test_a_copy_says_the_same_and_the_original_stays(alex: Graph, letter: dict[str, Any]) -> None:
    alex.changed(f"/me/messages/{letter['id']}", {"categories": ["Red category"], "isRead": True})
    before = alex.read(f"/me/messages/{letter['id']}")
    answer = alex.post(f"/me/messages/{letter['id']}/copy", json={"destinationId": "archive"})
    copy = answer.json()
    assert answer.status_code == 201
    assert copy["@odata.context"] == "https://graph.microsoft.com/v1.0/$metadata#message"
    assert alex.read(f"/me/messages/{letter['id']}") == before
    its_own = {"id", "parentFolderId", "webLink", "changeKey", "createdDateTime", "lastModifiedDateTime"}
    same = {key: value for key, value in before.items() if key not in its_own and "@" not in key}
    assert {key: copy[key] for key in same} == same
    assert copy["id"] not in (letter["id"], before["id"])
    assert (folder_of(alex, copy), folder_of(alex, letter)) == ("Archive", "Inbox")
    (file,) = alex.values(f"/me/messages/{copy['id']}/attachments")
    assert file["contentBytes"] == FILE["contentBytes"]


def test_a_copy_lives_its_own_life(alex: Graph) -> None:
    draft = alex.lasting.draft(subject="Original")
    copy = alex.made(f"/me/messages/{draft['id']}/copy", {"destinationId": "drafts"})
    assert copy["isDraft"] is True
    alex.changed(f"/me/messages/{copy['id']}", {"subject": "Copy"})
    alex.post(f"/me/messages/{draft['id']}/send")
    assert alex.read(f"/me/messages/{draft['id']}")["subject"] == "Original"
    assert [each["subject"] for each in alex.values("/me/mailFolders/drafts/messages")] == ["Copy"]
    kept = alex.made(f"/me/messages/{draft['id']}/copy", {"destinationId": "archive"})
    assert kept["isDraft"] is False
    alex.refused("POST", f"/me/messages/{kept['id']}/send", 400, "ErrorInvalidPropertySet")


def test_copies_are_found_by_searching(alex: Graph, letter: dict[str, Any]) -> None:
    alex.made(f"/me/messages/{letter['id']}/copy", {"destinationId": "archive"})
    assert len(alex.values('/me/messages?$search="lunch"')) == 2


# --- Refusals of both ------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["move", "copy"])
def test_a_message_goes_only_to_folders_that_are_there(
    alex: Graph, megan: Graph, letter: dict[str, Any], action: str
) -> None:
    path = f"/me/messages/{letter['id']}/{action}"
    hers = megan.read("/me/mailFolders/inbox")["id"]
    alex.refused("POST", path, 404, "ErrorItemNotFound", json={"destinationId": hers})
    alex.refused("POST", path, 400, "ErrorInvalidIdMalformed", json={"destinationId": "nonsense"})
    alex.refused("POST", path, 400, "ErrorInvalidIdMalformed", json={"destinationId": letter["id"]})
    slips: list[object] = [{}, {"destinationId": None}, {"destinationId": 1}, {"destination": "inbox"}, []]
    for wrong in slips:
        alex.refused("POST", path, 400, "RequestBodyRead", json=wrong)
    alex.refused("POST", path, 400, "BadRequest")


@pytest.mark.parametrize("action", ["move", "copy"])
def test_only_what_is_there_goes_elsewhere(
    alex: Graph, megan: Graph, letter: dict[str, Any], action: str
) -> None:
    there = {"destinationId": "archive"}
    megan.refused("POST", f"/me/messages/{letter['id']}/{action}", 404, "ErrorItemNotFound", json=there)
    wrong = f"/me/mailFolders/drafts/messages/{letter['id']}/{action}"
    alex.refused("POST", wrong, 404, "ErrorItemNotFound", json=there)
    alex.refused("POST", f"/me/messages/nonsense/{action}", 400, "ErrorInvalidIdMalformed", json=there)


# --- Deleted for good ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["/me/messages", f"/users/{ALEX}/mailFolders/inbox/messages"])
def test_what_is_deleted_for_good_is_out_of_reach(alex: Graph, letter: dict[str, Any], where: str) -> None:
    answer = alex.post(f"{where}/{letter['id']}/permanentDelete")
    assert (answer.status_code, answer.content) == (204, b"")
    alex.refused("GET", f"/me/messages/{letter['id']}", 404, "ErrorItemNotFound")
    alex.refused("POST", f"/me/messages/{letter['id']}/permanentDelete", 404, "ErrorItemNotFound")
    for folder in ("inbox", "deleteditems", "recoverableitemsdeletions"):
        assert alex.values(f"/me/mailFolders/{folder}/messages") == []
        assert counts(alex, folder) == (0, 0)
    history = alex.book.mailbox(ALEX).history(letter["id"])
    assert [type(fact).__name__ for fact in history] == ["Received", "Deleted"]


# --- Junk, or not ----------------------------------------------------------------------------------


def test_junk_is_moved_and_its_author_blocked(alex: Graph, megan: Graph, letter: dict[str, Any]) -> None:
    answer = alex.beta.post(f"/me/messages/{letter['id']}/markAsJunk", json={"moveToJunk": True})
    assert answer.status_code == 202
    assert answer.json()["@odata.context"] == "https://graph.microsoft.com/beta/$metadata#message"
    assert folder_of(alex, answer.json()) == "Junk Email"
    megan.sent(subject="Again", toRecipients=to(ALEX, ADELE))
    assert inbox(alex) == []
    junk = alex.values("/me/mailFolders/junkemail/messages")
    assert {each["subject"] for each in junk} == {"Lunch", "Again"}

    back = alex.beta.post(f"/me/messages/{letter['id']}/markAsNotJunk", json={"MoveToInbox": "true"})
    assert back.status_code == 202
    assert folder_of(alex, back.json()) == "Inbox"
    megan.sent(subject="At last", toRecipients=to(ALEX))
    assert {each["subject"] for each in inbox(alex)} == {"Lunch", "At last"}


def test_blocking_does_not_have_to_move(
    alex: Graph, megan: Graph, adele: Graph, letter: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = alex.beta.post(f"/me/messages/{letter['id']}/markAsJunk", json={"MoveToJunk": False})
        assert (answer.status_code, folder_of(alex, answer.json())) == (202, "Inbox")
    megan.sent(subject="Again", toRecipients=to(ALEX, ADELE))
    assert [each["subject"] for each in inbox(alex)] == ["Lunch"]
    assert [each["subject"] for each in inbox(adele)] == ["Again"]


def test_a_message_of_nobody_blocks_nobody(alex: Graph) -> None:
    draft = alex.lasting.draft()
    answer = alex.beta.post(f"/me/messages/{draft['id']}/markAsJunk", json={"moveToJunk": True})
    assert (answer.status_code, folder_of(alex, draft)) == (202, "Junk Email")


@pytest.mark.parametrize(
    ("action", "parameter"), [("markAsJunk", "moveToJunk"), ("markAsNotJunk", "moveToInbox")]
)
def test_what_is_junk_has_to_be_said_in_full(
    alex: Graph, megan: Graph, letter: dict[str, Any], action: str, parameter: str
) -> None:
    path = f"/me/messages/{letter['id']}/{action}"
    for wrong in ({}, {parameter: None}, {parameter: 1}, {parameter: "maybe"}):
        alex.beta.refused("POST", path, 400, "RequestBodyRead", json=wrong)
    said = {parameter: True}
    megan.beta.refused("POST", path, 404, "ErrorItemNotFound", json=said)
    alex.refused("POST", path, 400, "RequestBroker--ParseUri", json=said)


# --- Reported --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "moved", "folder"),
    [
        ("junk", "true", "Junk Email"),
        ("Junk", True, "Junk Email"),
        ("phish", True, "Deleted Items"),
        ("notJunk", True, "Inbox"),
        ("unknown", True, "Archive"),
        ("junk", False, "Archive"),
        ("phish", "False", "Archive"),
    ],
)
def test_a_message_is_reported(
    alex: Graph, letter: dict[str, Any], action: str, moved: object, folder: str
) -> None:
    alex.made(f"/me/messages/{letter['id']}/move", {"destinationId": "archive"})
    said = {"IsMessageMoveRequested": moved, "ReportAction": action}
    answer = alex.beta.post(f"/me/messages/{letter['id']}/reportMessage", json=said)
    assert answer.status_code == 200
    assert answer.json()["@odata.type"] == "#microsoft.graph.message"
    assert folder_of(alex, answer.json()) == folder
    history = [type(fact).__name__ for fact in alex.book.mailbox(ALEX).history(answer.json()["id"])]
    assert "Reported" in history


def test_a_report_says_both_things(alex: Graph, letter: dict[str, Any]) -> None:
    path = f"/me/messages/{letter['id']}/reportMessage"
    for wrong in (
        {},
        {"ReportAction": "junk"},
        {"IsMessageMoveRequested": True},
        {"IsMessageMoveRequested": True, "ReportAction": "spam"},
        {"IsMessageMoveRequested": 1, "ReportAction": "junk"},
    ):
        alex.beta.refused("POST", path, 400, "RequestBodyRead", json=wrong)
    said = {"IsMessageMoveRequested": True, "ReportAction": "junk"}
    alex.refused("POST", path, 400, "RequestBroker--ParseUri", json=said)


# --- Unsubscribed from -----------------------------------------------------------------------------


def from_list(graph: Graph, header: str) -> dict[str, Any]:
    """A letter with a List-Unsubscribe header, as Alex got it from Megan."""
    raw = f"To: {ALEX}\nSubject: News\nList-Unsubscribe: {header}\n\nNews".encode()
    megan = graph.holding(graph.book.token(MEGAN))
    assert megan.post("/me/sendMail", content=base64.b64encode(raw), headers=MIME).status_code == 202
    return next(each for each in inbox(graph.lasting) if each["subject"] == "News")


def test_a_list_is_asked_for_no_more_letters(alex: Graph, adele: Graph) -> None:
    news = from_list(alex, f"<https://contoso.com/leave>, <mailto:{ADELE}?subject=leave%20it&body=please>")
    assert alex.beta.read(f"/me/messages/{news['id']}")["unsubscribeEnabled"] is True
    for _ in range(2):  # once is enough
        answer = alex.beta.post(f"/me/messages/{news['id']}/unsubscribe")
        assert (answer.status_code, answer.content) == (202, b"")
    assert folder_of(alex, news) == "Deleted Items"
    (asked,) = inbox(adele)
    assert (asked["subject"], asked["body"]["content"]) == ("leave it", "please")
    assert asked["from"]["emailAddress"]["address"] == ALEX
    assert [each["subject"] for each in alex.values("/me/mailFolders/sentitems/messages")] == ["leave it"]


@pytest.mark.parametrize(
    ("link", "subject"),
    [
        (f"<MAILTO:{ADELE}>", "Unsubscribe"),
        (f"<mailto:adelev%40contoso.com?Subject=a+b%0D%0ABcc:%20{MEGAN}>", f"a+b Bcc: {MEGAN}"),
        (f"<mailto:nobody>, <mailto:{ADELE}?cc={MEGAN}&subject=first&subject=second>", "first"),
    ],
)
def test_links_are_read_with_care(alex: Graph, adele: Graph, megan: Graph, link: str, subject: str) -> None:
    news = from_list(alex, link)
    assert alex.beta.post(f"/me/messages/{news['id']}/unsubscribe").status_code == 202
    (asked,) = inbox(adele)
    assert (asked["subject"], asked["ccRecipients"], asked["bccRecipients"]) == (subject, [], [])
    assert inbox(megan) == []


@pytest.mark.parametrize(
    "header", ["<https://contoso.com/leave>", "nonsense", "<mailto:>", "<mailto:a@b,c@d>"]
)
def test_what_names_no_address_cannot_be_unsubscribed_from(alex: Graph, header: str) -> None:
    news = from_list(alex, header)
    path = f"/me/messages/{news['id']}/unsubscribe"
    alex.beta.refused("POST", path, 400, "ErrorInvalidOperation")
    alex.refused("POST", path, 400, "RequestBroker--ParseUri")


def test_only_what_is_there_can_be_unsubscribed_from(alex: Graph, adele: Graph) -> None:
    news = from_list(alex, f"<mailto:{ADELE}>")
    adele.beta.refused("POST", f"/me/messages/{news['id']}/unsubscribe", 404, "ErrorItemNotFound")
