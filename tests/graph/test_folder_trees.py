"""Whole folders: renamed, moved, copied, deleted, with all that is in them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from letterbook.application import filing, foldering, jobs
from letterbook.application.jobs import NewMessage
from letterbook.application.public_ids import Kind, private
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Letter
from letterbook.domain.mailbox import WELL_KNOWN, well_known_id
from tests.graph.client import ALEX, Graph, state_of

Job = Callable[[Work, UUID, UUID, Occasion], None]

INBOX, ARCHIVE = "/me/mailFolders/inbox", "/me/mailFolders/archive"
BEYOND, BIN = "/me/mailFolders/recoverableitemsdeletions", "/me/mailFolders/deleteditems"


def made(graph: Graph, name: str, parent: str = "inbox", **said: Any) -> str:
    """The id of a new folder."""
    path = f"/me/mailFolders/{parent}/childFolders"
    return str(graph.made(path, {"displayName": name} | said)["id"])


def filed(graph: Graph, folder: str, subject: str, **said: Any) -> str:
    """The id of a new message in a folder."""
    return str(graph.lasting.made(f"/me/mailFolders/{folder}/messages", {"subject": subject} | said)["id"])


def names(graph: Graph, path: str) -> list[str]:
    """The names of the folders in a list."""
    return [folder["displayName"] for folder in graph.values(path)]


def subjects(graph: Graph, path: str = "/me/messages?$top=100") -> list[str]:
    """The subjects of the messages in a list, sorted."""
    return sorted(message["subject"] for message in graph.values(path))


def counts(graph: Graph, folder: str) -> tuple[int, int]:
    """How many messages a folder has, and how many are unread; its list agrees."""
    shown = graph.read(f"/me/mailFolders/{folder}")
    assert len(graph.values(f"/me/mailFolders/{folder}/messages?$top=100")) == shown["totalItemCount"]
    return shown["totalItemCount"], shown["unreadItemCount"]


def stay_true(graph: Graph) -> None:
    """The views are what the history tells."""
    assert all(rebuilt.equal for rebuilt in graph.book.rebuild(verify=True))


@pytest.fixture
def tree(alex: Graph) -> dict[str, str]:
    """Clubs in the Inbox, with Chess below it; two messages in the first, one unread in the second."""
    clubs = made(alex, "Clubs")
    chess = made(alex, "Chess", clubs)
    for subject in ("Dues", "Meeting"):
        filed(alex, clubs, subject)
    filed(alex, chess, "Opening", isRead=False)
    return {"clubs": clubs, "chess": chess}


# --- Renaming --------------------------------------------------------------------------------------


def test_a_folder_is_renamed(alex: Graph, tree: dict[str, str]) -> None:
    path = f"/me/mailFolders/{tree['clubs']}"
    before = alex.read(path)
    after = alex.changed(path, {"displayName": "Societies"})
    assert after == before | {"displayName": "Societies"}
    assert after == alex.read(path)
    assert names(alex, f"{INBOX}/childFolders") == ["Societies"]
    stay_true(alex)


def test_renaming_to_the_same_name_changes_nothing(alex: Graph, tree: dict[str, str]) -> None:
    path = f"/me/mailFolders/{tree['clubs']}"
    before = state_of(alex.book)
    for said in ({"displayName": "Clubs"}, {}):
        assert alex.changed(path, said)["displayName"] == "Clubs"
    assert state_of(alex.book) == before
    assert alex.changed(path, {"displayName": "CLUBS"})["displayName"] == "CLUBS"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"displayName": ""}, 400, "ErrorInvalidArgument"),
        ({"displayName": None}, 400, "ErrorInvalidArgument"),
        ({"displayName": " \t"}, 400, "ErrorInvalidArgument"),
        ({"displayName": "x" * 256}, 400, "ErrorInvalidArgument"),
        ({"displayName": 5}, 400, "RequestBodyRead"),
        ({"displayName": {"name": "drafts"}}, 400, "RequestBodyRead"),
        ({"isHidden": True}, 400, "ErrorInvalidPropertySet"),
        ({"displayName": "Other", "totalItemCount": 5}, 400, "ErrorInvalidPropertySet"),
        ({"id": "AAA="}, 400, "ErrorInvalidPropertySet"),
        ({"parentFolderId": "inbox"}, 400, "ErrorInvalidPropertySet"),
        ({"wellKnownName": "inbox"}, 400, "RequestBodyRead"),
        ({"isHidden": None}, 400, "ErrorInvalidPropertySet"),
        ({"singleValueExtendedProperties": None}, 400, "RequestBodyRead"),
        ({"nonsense": None}, 400, "RequestBodyRead"),
        ({"subject": "x"}, 400, "RequestBodyRead"),
        ({"filterQuery": "isRead eq false"}, 400, "RequestBodyRead"),
        ({"@odata.type": "#microsoft.graph.contactFolder", "displayName": "x"}, 400, "RequestBodyRead"),
        (["displayName"], 400, "RequestBodyRead"),
    ],
    ids=str,
)
def test_a_folder_is_not_changed_like_that(
    alex: Graph, tree: dict[str, str], said: object, status: int, code: str
) -> None:
    alex.refused("PATCH", f"/me/mailFolders/{tree['clubs']}", status, code, json=said)


def test_a_property_that_no_folder_has_is_named(alex: Graph, tree: dict[str, str]) -> None:
    path = f"/me/mailFolders/{tree['clubs']}"
    text = alex.refused("PATCH", path, 400, "RequestBodyRead", json={"subject": "x"})
    assert "'subject' does not exist on type 'microsoft.graph.mailFolder'" in text


def test_a_folder_cannot_take_the_name_of_its_neighbour(alex: Graph, tree: dict[str, str]) -> None:
    made(alex, "Sports")
    text = alex.refused(
        "PATCH", f"/me/mailFolders/{tree['clubs']}", 409, "ErrorFolderExists", json={"displayName": "SPORTS"}
    )
    assert text == "A folder with the specified name already exists."


# --- Moving ----------------------------------------------------------------------------------------


def test_a_folder_is_moved_with_all_that_is_in_it(alex: Graph, tree: dict[str, str]) -> None:
    answer = alex.post(f"/me/mailFolders/{tree['clubs']}/move", json={"DestinationId": "Archive"})
    assert answer.status_code == 200
    moved = answer.json()
    assert moved["@odata.context"].endswith("/mailFolders/$entity")
    assert (moved["id"], moved["displayName"]) == (tree["clubs"], "Clubs")
    assert moved["parentFolderId"] == alex.read(ARCHIVE)["id"]
    assert (moved["childFolderCount"], moved["totalItemCount"]) == (1, 2)
    assert names(alex, f"{INBOX}/childFolders") == []
    assert names(alex, f"{ARCHIVE}/childFolders") == ["Clubs"]
    assert [alex.read(path)["childFolderCount"] for path in (INBOX, ARCHIVE)] == [0, 1]
    assert subjects(alex, f"/me/mailFolders/{tree['chess']}/messages") == ["Opening"]
    assert subjects(alex) == ["Dues", "Meeting", "Opening"]
    stay_true(alex)


def test_moving_a_folder_to_where_it_is_changes_nothing(alex: Graph, tree: dict[str, str]) -> None:
    before = state_of(alex.book)
    answer = alex.post(f"/me/mailFolders/{tree['clubs']}/move", json={"destinationId": "inbox"})
    assert (answer.status_code, answer.json()["id"]) == (200, tree["clubs"])
    assert state_of(alex.book) == before


@pytest.mark.parametrize("action", ["move", "copy"])
def test_a_folder_cannot_go_everywhere(alex: Graph, tree: dict[str, str], action: str) -> None:
    made(alex, "clubs", "archive")
    gone = made(alex, "Gone")
    assert alex.post(f"/me/mailFolders/{gone}/permanentDelete").status_code == 204
    path = f"/me/mailFolders/{tree['clubs']}/{action}"
    for target, status, code in (
        (tree["clubs"], 400, "ErrorInvalidArgument"),
        (tree["chess"], 400, "ErrorInvalidArgument"),
        ("archive", 409, "ErrorFolderExists"),
        ("recoverableitemsdeletions", 403, "ErrorCreateSubfolderAccessDenied"),
        (gone, 404, "ErrorItemNotFound"),
        ("nonsense", 400, "ErrorInvalidIdMalformed"),
        ("", 400, "ErrorInvalidIdMalformed"),
    ):
        alex.refused("POST", path, status, code, json={"destinationId": target})
    for said in ({}, {"destinationId": 5}, {"destination": "inbox"}):
        alex.refused("POST", path, 400, "RequestBodyRead", json=said)
    alex.refused("POST", path, 400, "BadRequest")
    for of in (gone, "nonsense"):
        status, code = (404, "ErrorItemNotFound") if of == gone else (400, "ErrorInvalidIdMalformed")
        other = f"/me/mailFolders/{of}/{action}"
        alex.refused("POST", other, status, code, json={"destinationId": "drafts"})


@pytest.mark.parametrize("name", [name for name, *_ in WELL_KNOWN])
def test_distinguished_folders_stay(alex: Graph, name: str) -> None:
    path = f"/me/mailFolders/{name}"
    said = {"destinationId": "archive"}
    text = alex.refused("POST", f"{path}/move", 400, "ErrorMoveDistinguishedFolder", json=said)
    assert text == "Distinguished folders cannot be moved."
    for method, of in (("DELETE", path), ("POST", f"{path}/permanentDelete")):
        text = alex.refused(method, of, 400, "ErrorDeleteDistinguishedFolder")
        assert text == "Distinguished folders cannot be deleted."


# --- Copying ---------------------------------------------------------------------------------------


def test_a_folder_is_copied_with_all_that_is_in_it(alex: Graph, tree: dict[str, str]) -> None:
    answer = alex.post(f"/me/mailFolders/{tree['clubs']}/copy", json={"destinationId": "archive"})
    assert answer.status_code == 200
    copied = answer.json()
    assert copied["id"] not in tree.values()
    assert copied["parentFolderId"] == alex.read(ARCHIVE)["id"]
    assert (copied["displayName"], copied["childFolderCount"], copied["totalItemCount"]) == ("Clubs", 1, 2)
    (chess,) = alex.values(f"/me/mailFolders/{copied['id']}/childFolders")
    assert chess["id"] not in tree.values()
    assert (counts(alex, tree["chess"]), counts(alex, chess["id"])) == ((1, 1), (1, 1))
    assert (counts(alex, tree["clubs"]), counts(alex, copied["id"])) == ((2, 0), (2, 0))
    assert subjects(alex) == ["Dues", "Dues", "Meeting", "Meeting", "Opening", "Opening"]
    stay_true(alex)


def test_a_copy_lives_its_own_life(alex: Graph, tree: dict[str, str]) -> None:
    copied = alex.post(f"/me/mailFolders/{tree['chess']}/copy", json={"destinationId": "archive"}).json()
    (message,) = alex.values(f"/me/mailFolders/{copied['id']}/messages")
    (original,) = alex.values(f"/me/mailFolders/{tree['chess']}/messages")
    assert message["id"] != original["id"]
    alex.changed(f"/me/messages/{message['id']}", {"subject": "Endgame", "isRead": True})
    assert alex.read(f"/me/messages/{original['id']}") | {"@odata.context": ""} == original | {
        "@odata.context": ""
    }
    assert alex.post(f"/me/mailFolders/{tree['clubs']}/permanentDelete").status_code == 204
    assert subjects(alex) == ["Endgame"]


def test_the_inbox_can_be_copied_though_not_moved(alex: Graph, tree: dict[str, str]) -> None:
    filed(alex, "inbox", "Hello")
    copied = alex.beta.post("/me/mailFolders/inbox/copy", json={"destinationId": "archive"}).json()
    assert (copied["displayName"], copied["wellKnownName"]) == ("Inbox", None)
    assert (copied["totalItemCount"], copied["childFolderCount"]) == (1, 1)
    assert subjects(alex).count("Opening") == 2
    root = {"destinationId": "inbox"}
    alex.refused("POST", "/me/mailFolders/msgfolderroot/copy", 400, "ErrorInvalidArgument", json=root)


# --- Deleting --------------------------------------------------------------------------------------


def test_a_deleted_folder_goes_to_deleted_items_with_all_that_is_in_it(
    alex: Graph, tree: dict[str, str]
) -> None:
    answer = alex.delete(f"/me/mailFolders/{tree['clubs']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert names(alex, f"{INBOX}/childFolders") == []
    assert names(alex, f"{BIN}/childFolders") == ["Clubs"]
    assert alex.read(f"/me/mailFolders/{tree['clubs']}")["parentFolderId"] == alex.read(BIN)["id"]
    assert subjects(alex) == ["Dues", "Meeting", "Opening"]
    assert counts(alex, tree["chess"]) == (1, 1)
    stay_true(alex)


def test_two_deleted_folders_of_one_name_are_told_apart(alex: Graph) -> None:
    for _ in range(3):
        assert alex.delete(f"/me/mailFolders/{made(alex, 'Clubs')}").status_code == 204
    assert names(alex, f"{BIN}/childFolders") == ["Clubs", "Clubs1", "Clubs2"]


def test_deleted_again_a_folder_goes_for_good_and_its_messages_beyond(
    alex: Graph, tree: dict[str, str]
) -> None:
    message = filed(alex, tree["chess"], "Endgame", isRead=False)
    for _ in range(2):
        assert alex.delete(f"/me/mailFolders/{tree['clubs']}").status_code == 204
    for folder in tree.values():
        for path in ("", "/messages", "/childFolders"):
            alex.refused("GET", f"/me/mailFolders/{folder}{path}", 404, "ErrorItemNotFound")
    assert names(alex, f"{BIN}/childFolders") == []
    assert subjects(alex) == []
    assert subjects(alex, f"{BEYOND}/messages") == ["Dues", "Endgame", "Meeting", "Opening"]
    assert counts(alex, "recoverableitemsdeletions") == (4, 2)
    assert alex.read(f"/me/messages/{message}")["parentFolderId"] == alex.read(BEYOND)["id"]
    alex.refused("DELETE", f"/me/mailFolders/{tree['clubs']}", 404, "ErrorItemNotFound")
    stay_true(alex)


def test_what_is_below_deleted_items_is_deleted_already(alex: Graph, tree: dict[str, str]) -> None:
    alex.delete(f"/me/mailFolders/{tree['clubs']}")
    (message,) = alex.values(f"/me/mailFolders/{tree['chess']}/messages")
    assert alex.delete(f"/me/messages/{message['id']}").status_code == 204
    assert subjects(alex, f"{BEYOND}/messages") == ["Opening"]
    assert alex.delete(f"/me/mailFolders/{tree['chess']}").status_code == 204
    assert names(alex, f"{BIN}/childFolders") == ["Clubs"]
    alex.refused("GET", f"/me/mailFolders/{tree['chess']}", 404, "ErrorItemNotFound")


@pytest.mark.parametrize("folder", ["clubs", "chess"])
def test_a_permanently_deleted_folder_is_gone_with_all_that_is_in_it(
    alex: Graph, tree: dict[str, str], folder: str
) -> None:
    inner = [message["id"] for message in alex.values(f"/me/mailFolders/{tree['chess']}/messages")]
    answer = alex.post(f"/me/mailFolders/{tree[folder]}/permanentDelete")
    assert (answer.status_code, answer.content) == (204, b"")
    assert subjects(alex) == ([] if folder == "clubs" else ["Dues", "Meeting"])
    assert alex.values('/me/messages?$search="Opening"') == []
    assert subjects(alex, f"{BEYOND}/messages") == subjects(alex, f"{BIN}/messages") == []
    for message in inner:
        alex.refused("GET", f"/me/messages/{message}", 404, "ErrorItemNotFound")
        alex.refused("PATCH", f"/me/messages/{message}", 404, "ErrorItemNotFound", json={"isRead": True})
    alex.refused("GET", f"/me/mailFolders/{tree['chess']}", 404, "ErrorItemNotFound")
    alex.refused("POST", f"/me/mailFolders/{tree[folder]}/permanentDelete", 404, "ErrorItemNotFound")
    alex.refused(
        "POST",
        f"/me/mailFolders/{tree['chess']}/messages",
        404,
        "ErrorItemNotFound",
        json={"subject": "Too late"},
    )
    assert alex.get("/me/messages/$count").text == str(len(subjects(alex)))
    stay_true(alex)


def test_every_message_of_a_permanently_deleted_folder_tells_what_became_of_it(
    alex: Graph, tree: dict[str, str]
) -> None:
    (message,) = alex.values(f"/me/mailFolders/{tree['chess']}/messages")
    alex.post(f"/me/mailFolders/{tree['clubs']}/microsoft.graph.permanentDelete")
    facts = alex.book.mailbox("alexw@contoso.com").history(message["id"])
    assert facts[-1].stored_name == "message.deleted.v1"
    assert facts[-1].on.actor == "alexw@contoso.com"


def test_a_message_cannot_come_into_a_folder_that_is_gone(alex: Graph, tree: dict[str, str]) -> None:
    draft = alex.draft()["id"]
    alex.post(f"/me/mailFolders/{tree['clubs']}/permanentDelete")
    for action in ("move", "copy"):
        for folder in tree.values():
            said = {"destinationId": folder}
            alex.refused("POST", f"/me/messages/{draft}/{action}", 404, "ErrorItemNotFound", json=said)


@pytest.mark.parametrize("job", [foldering.delete_for_good, foldering.delete])
def test_a_large_folder_goes_whole_or_not_at_all(
    alex: Graph, tree: dict[str, str], monkeypatch: pytest.MonkeyPatch, job: Job
) -> None:
    handle, engine = alex.book.mailbox(ALEX), alex.book.engine
    for number in range(200):
        handle.create_draft(subject=f"Number {number}", folder=tree["chess"])
    alex.delete(f"/me/mailFolders/{tree['clubs']}")
    clubs, before = private(Kind.FOLDER, tree["clubs"]), state_of(alex.book)
    with monkeypatch.context() as patched:
        patched.setattr(Work, "ask_message", failing_after(150, Work.ask_message))
        with pytest.raises(ZeroDivisionError):
            engine.run(lambda work: job(work, handle.id, clubs, engine.occasion(ALEX)))
    assert state_of(alex.book) == before
    assert alex.read(f"/me/mailFolders/{tree['chess']}")["totalItemCount"] == 201
    assert len(alex.values("/me/messages?$top=1000")) == 203
    engine.run(lambda work: job(work, handle.id, clubs, engine.occasion(ALEX)))
    assert alex.values("/me/messages?$top=1000") == []
    stay_true(alex)


def failing_after(times: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but the store fails when it has been asked so many times."""
    left = iter(range(times))

    def failing(*said: Any) -> Any:
        if next(left, None) is None:
            raise ZeroDivisionError
        return real(*said)

    return failing


def test_what_the_same_transaction_put_into_a_folder_goes_with_it(alex: Graph, tree: dict[str, str]) -> None:
    engine, mailbox = alex.book.engine, alex.book.mailbox(ALEX).id
    clubs, chess = (private(Kind.FOLDER, tree[name]) for name in ("clubs", "chess"))
    here, there = (private(Kind.MESSAGE, filed(alex, tree["clubs"], "Moved")) for _ in range(2))
    new, on = engine.ids.new(), engine.occasion(ALEX)
    engine.run_all(
        [
            lambda work: jobs.create_draft(
                work, mailbox, new, NewMessage(letter=Letter(subject="New"), folder=chess), on
            ),
            lambda work: filing.move(work, mailbox, here, well_known_id(mailbox, "inbox"), on),
            lambda work: filing.move(work, mailbox, there, chess, on),
            lambda work: foldering.delete_for_good(work, mailbox, clubs, on),
        ]
    )
    assert [message["subject"] for message in alex.values("/me/messages")] == ["Moved"]
    assert counts(alex, "inbox") == (1, 0)
    stay_true(alex)


# --- Reading everything ----------------------------------------------------------------------------


def test_all_messages_of_a_folder_are_marked_at_once(alex: Graph, tree: dict[str, str]) -> None:
    path = f"/me/mailFolders/{tree['clubs']}/updateAllMessagesReadState"
    for said, unread in (({"isRead": "false", "suppressReadReceipts": "true"}, 2), ({"isRead": True}, 0)):
        answer = alex.beta.post(path, json=said)
        assert (answer.status_code, answer.content) == (204, b"")
        assert counts(alex, tree["clubs"]) == (2, unread)
        assert counts(alex, tree["chess"]) == (1, 1)
    before = state_of(alex.book)
    assert alex.beta.post(path, json={"isRead": True}).status_code == 204
    assert state_of(alex.book) == before
    stay_true(alex)


def test_marking_all_says_how(alex: Graph) -> None:
    path = "/me/mailFolders/inbox/updateAllMessagesReadState"
    for said in ({}, {"isRead": "perhaps"}, {"isRead": None}, {"suppressReadReceipts": True}):
        alex.beta.refused("POST", path, 400, "RequestBodyRead", json=said)
    alex.refused("POST", path, 400, "RequestBroker--ParseUri", json={"isRead": True})
    gone = made(alex, "Gone")
    alex.post(f"/me/mailFolders/{gone}/permanentDelete")
    path = f"/me/mailFolders/{gone}/updateAllMessagesReadState"
    alex.beta.refused("POST", path, 404, "ErrorItemNotFound", json={"isRead": True})


def test_no_operation_on_a_folder_is_left_running(alex: Graph, tree: dict[str, str]) -> None:
    path = f"/me/mailFolders/{tree['clubs']}"
    alex.beta.post(f"{path}/updateAllMessagesReadState", json={"isRead": False})
    listed = alex.beta.read(f"{path}/operations")
    assert listed["value"] == []
    assert listed["@odata.context"].endswith("/operations")
    alex.refused("GET", f"{path}/operations", 400, "RequestBroker--ParseUri")
    alex.post(f"{path}/permanentDelete")
    alex.beta.refused("GET", f"{path}/operations", 404, "ErrorItemNotFound")
