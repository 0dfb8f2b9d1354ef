"""Paths, ids and methods that lead nowhere, and ids of things that belong to somebody else."""

from typing import Any
from urllib.parse import quote

import pytest

from letterbook.application.public_ids import Kind, public
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

NOT_FOUND = (404, "ErrorItemNotFound")
MALFORMED = (400, "ErrorInvalidIdMalformed")
NOWHERE = (400, "RequestBroker--ParseUri")
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
EXTENSION = {"extensionName": "com.contoso.x", "theme": "dark"}


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


def below(message: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Everything that can be asked of one message."""
    path = f"/messages/{message}"
    return [
        ("GET", path, {}),
        ("PATCH", path, {"json": {"subject": "x"}}),
        ("PATCH", path, {"json": {"isRead": False}}),
        ("DELETE", path, {}),
        ("POST", f"{path}/send", {}),
        ("GET", f"{path}/$value", {}),
        ("GET", f"{path}/attachments", {}),
        ("POST", f"{path}/attachments", {"json": FILE}),
        ("GET", f"{path}/mentions", {}),
        ("POST", f"{path}/mentions", {"json": {"mentioned": {"address": ADELE}}}),
        ("GET", f"{path}/extensions", {}),
        ("POST", f"{path}/extensions", {"json": EXTENSION}),
        ("PATCH", f"{path}/extensions/com.contoso.x", {"json": EXTENSION}),
        ("DELETE", f"{path}/extensions/com.contoso.x", {}),
    ]


# --- Ids -------------------------------------------------------------------------------------------


def test_an_unknown_message_is_not_found(alex: Graph) -> None:
    other = alex.lasting.draft()["id"]
    assert alex.delete(f"/me/messages/{other}").status_code == 204
    assert alex.delete(f"/me/messages/{other}").status_code == 204
    assert alex.delete(f"/me/messages/{other}").status_code == 204
    for method, path, said in below(other):
        alex.beta.refused(method, f"/me{path}", *NOT_FOUND, **said)


STRANGE_IDS = [
    "x",
    "0",
    "-1",
    "AAMkAQ==",
    "AAMk" * 5000,
    "id with spaces",
    "%00",
    "%F0%9F%92%8C",
    "%ED%A0%80",
    "null",
    "$value",
    "'; DROP TABLE view_messages; --",
    "..%2F..%2Fetc",
    "01a1fbd4-bfaa-7254-904d-b3d0b4235e0c",
]


@pytest.mark.parametrize("strange", [each for each in STRANGE_IDS if "%2F" not in each and each[0] != "$"])
def test_a_malformed_message_id_is_called_malformed(alex: Graph, strange: str) -> None:
    for method, path, said in below(strange):
        alex.beta.refused(method, f"/me{path}", *MALFORMED, **said)


@pytest.mark.parametrize("strange", STRANGE_IDS)
def test_a_strange_id_anywhere_is_refused(alex: Graph, strange: str) -> None:
    before = alex.draft()
    draft = f"/me/messages/{before['id']}"
    for path in (
        f"/me/messages/{strange}",
        f"/me/mailFolders/{strange}",
        f"/me/mailFolders/{strange}/messages",
        f"/me/mailFolders/{strange}/childFolders",
        f"/me/mailFolders/drafts/messages/{strange}",
        f"{draft}/attachments/{strange}",
        f"{draft}/mentions/{strange}",
        f"{draft}/extensions/{strange}",
        f"/users/{strange}/messages",
    ):
        assert 400 <= alex.beta.get(path).status_code < 500, path
        assert 400 <= alex.beta.delete(path).status_code < 500, path
    assert alex.read(draft)["changeKey"] == before["changeKey"]


def test_an_id_in_another_spelling_is_malformed(alex: Graph) -> None:
    draft = alex.draft()["id"]
    last = chr(ord(draft[-2]) + 1)
    for other in (draft.swapcase(), draft.rstrip("="), f"{draft[:-2]}{last}=", f"{draft}%0A"):
        alex.refused("GET", f"/me/messages/{other}", *MALFORMED)


def test_an_id_of_one_kind_does_not_name_another(alex: Graph) -> None:
    draft = alex.draft()
    for path in (
        f"/me/messages/{draft['parentFolderId']}",
        f"/me/mailFolders/{draft['id']}",
        f"/me/messages/{draft['id']}/attachments/{draft['id']}",
        f"/me/messages/{draft['conversationId']}",
    ):
        alex.refused("GET", path, *MALFORMED)


def test_unknown_folders_attachments_mentions_and_extensions_are_not_found(alex: Graph) -> None:
    anything = alex.book.engine.ids.new()
    draft = f"/me/messages/{alex.draft()['id']}"
    folder, attachment = public(Kind.FOLDER, anything), public(Kind.ATTACHMENT, anything)
    for method, path in (
        ("GET", f"/me/mailFolders/{folder}"),
        ("GET", f"/me/mailFolders/{folder}/messages"),
        ("GET", f"/me/mailFolders/{folder}/messages/$count"),
        ("GET", f"/me/mailFolders/{folder}/childFolders"),
        ("GET", f"{draft}/attachments/{attachment}"),
        ("GET", f"{draft}/attachments/{attachment}/$value"),
        ("DELETE", f"{draft}/attachments/{attachment}"),
        ("GET", f"{draft}/mentions/{anything}"),
        ("DELETE", f"{draft}/mentions/{anything}"),
        ("GET", f"{draft}/extensions/com.contoso.none"),
        ("DELETE", f"{draft}/extensions/com.contoso.none"),
    ):
        alex.beta.refused(method, path, *NOT_FOUND)
    alex.refused("POST", f"/me/mailFolders/{folder}/messages", *NOT_FOUND, json={"subject": "x"})
    alex.refused("POST", f"/me/mailFolders/{folder}/childFolders", *NOT_FOUND, json={"displayName": "x"})
    alex.refused("PATCH", f"{draft}/extensions/com.contoso.none", *NOT_FOUND, json=EXTENSION)


def test_a_message_is_only_in_its_own_folder(alex: Graph) -> None:
    draft = alex.draft()["id"]
    assert alex.read(f"/me/mailFolders/drafts/messages/{draft}")["id"] == draft
    for method, path, said in below(draft):
        if not path.endswith("/send"):
            alex.beta.refused(method, f"/me/mailFolders/inbox{path}", *NOT_FOUND, **said)


# --- Somebody else's -------------------------------------------------------------------------------


def test_somebody_elses_message_does_not_exist(alex: Graph, megan: Graph) -> None:
    hers = megan.draft()["id"]
    for method, path, said in below(hers):
        alex.beta.refused(method, f"/me{path}", *NOT_FOUND, **said)


def test_somebody_elses_mailbox_does_not_exist(alex: Graph, megan: Graph) -> None:
    hers = megan.draft()
    user_id = megan.read("/me/messages")["@odata.context"].split("'")[1]
    for user in (MEGAN, MEGAN.upper(), user_id, "danas@contoso.com"):
        for method, path, said in (
            *below(hers["id"]),
            ("GET", "/messages", {}),
            ("POST", "/messages", {"json": {"subject": "x"}}),
            ("POST", "/sendMail", {"json": {"message": {"toRecipients": to(ADELE)}}}),
            ("GET", "/mailFolders", {}),
            ("POST", "/mailFolders", {"json": {"displayName": "x"}}),
            ("GET", "/mailFolders/inbox/messages", {}),
        ):
            alex.beta.refused(method, f"/users/{user}{path}", 404, "ErrorInvalidUser", **said)


def test_somebody_elses_folder_does_not_exist(alex: Graph, megan: Graph) -> None:
    for hers in (megan.made("/me/mailFolders", {"displayName": "Hers"}), megan.read("/me/mailFolders/inbox")):
        path = f"/me/mailFolders/{hers['id']}"
        for below_it in ("", "/messages", "/messages/$count", "/childFolders"):
            alex.refused("GET", f"{path}{below_it}", *NOT_FOUND)
        alex.refused("POST", f"{path}/messages", *NOT_FOUND, json={"subject": "x"})
        alex.refused("POST", f"{path}/childFolders", *NOT_FOUND, json={"displayName": "x"})


def test_somebody_elses_attachment_does_not_exist(alex: Graph, megan: Graph) -> None:
    hers = megan.draft()["id"]
    attachment = megan.made(f"/me/messages/{hers}/attachments", FILE)["id"]
    mine = alex.draft()["id"]
    for message in (mine, hers):
        path = f"/me/messages/{message}/attachments/{attachment}"
        alex.refused("GET", path, *NOT_FOUND)
        alex.refused("GET", f"{path}/$value", *NOT_FOUND)
        alex.refused("DELETE", path, *NOT_FOUND)


def test_an_attachment_of_another_message_does_not_exist(alex: Graph) -> None:
    one, other = alex.draft()["id"], alex.draft()["id"]
    attachment = alex.made(f"/me/messages/{one}/attachments", FILE)["id"]
    alex.refused("GET", f"/me/messages/{other}/attachments/{attachment}", *NOT_FOUND)
    alex.refused("DELETE", f"/me/messages/{other}/attachments/{attachment}", *NOT_FOUND)


# --- Paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/me/events",
        "/me/messages/delta",
        "/me/messageRules",
        "/me/mailFolders/inbox/messages/x/y/z",
        "/me//messages",
        "//me//messages",
        "/me/messages/%2E%2E/messages",
        "/me/%2E/messages",
        "/me%2F..%2Fme/messages",
        "/me/messages%00",
        "/me/mess%61ges%20",
        "/me/messages;a=b",
        "/me/messages('",
        "/me/sendMail/x",
        "/ME/ＭＥＳＳＡＧＥＳ",
    ],
)
def test_a_path_that_leads_nowhere_is_refused(alex: Graph, path: str) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        answer = alex.request(method, f"/v1.0{path}", json={"subject": "x"})
        assert answer.status_code in (400, 404, 405), (method, path, answer.text)
    alex.refused("GET", f"/v1.0{path}", *((400, "BadRequest") if "delta" in path else NOWHERE))


def test_sending_has_no_path_through_a_folder(alex: Graph) -> None:
    draft = alex.draft()["id"]
    alex.refused("POST", f"/me/mailFolders/drafts/messages/{draft}/send", *NOWHERE)


@pytest.mark.parametrize("version", ["/v2.0", "/v1", "/v1.0beta", "", "/%00", "/" + "v" * 5000])
def test_an_unknown_version_is_refused(nobody: Graph, alex: Graph, version: str) -> None:
    bare = Graph(alex.book, alex.loop, alex.http, alex.headers, version="")
    said = bare.refused("GET", f"{version}/me/messages", 400, "BadRequest")
    assert said.startswith("Invalid version")


def test_the_root_is_refused(alex: Graph) -> None:
    bare = Graph(alex.book, alex.loop, alex.http, alex.headers, version="")
    for path in ("/", ""):
        bare.refused("GET", path, 400, "BadRequest")
    for path in ("/v1.0", "/beta/"):
        bare.refused("GET", path, *NOWHERE)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_a_method_that_a_path_does_not_have_is_refused(alex: Graph, method: str) -> None:
    answer = alex.request(method, "/me/messages")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


def test_the_methods_of_a_path_are_told(alex: Graph) -> None:
    draft = alex.draft()["id"]
    for method, path, allowed in (
        ("PUT", f"/me/messages/{draft}", "DELETE, GET, PATCH"),
        ("GET", f"/me/messages/{draft}/send", "POST"),
        ("GET", "/me/sendMail", "POST"),
        ("POST", f"/me/messages/{draft}/$value", "GET"),
        ("PATCH", "/me/mailFolders/inbox/messages", "GET, POST"),
        ("PUT", f"/me/messages/{draft}/attachments/x", "DELETE, GET"),
    ):
        alex.refused(method, path, 405, "BadRequest")
        assert alex.request(method, path).headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/me/messages",
        "/me/messages/",
        "/ME/Messages",
        "/Me/mailfolders/DRAFTS/MESSAGES",
        "/me/mailFolders('drafts')/messages",
        "/me/MailFolders('Drafts')/messages/",
        f"/users/{ALEX}/messages",
        f"/Users('{ALEX.upper()}')/messages",
        f"/users/{quote(ALEX, safe='')}/messages",
        "/users/me-token-to-replace/messages",
        "/me/messages()",
        "/me/mailFolders/msgfolderroot/childFolders/drafts/messages",
    ],
)
def test_many_paths_lead_to_the_same_messages(alex: Graph, path: str) -> None:
    draft = alex.draft()["id"]
    assert [message["id"] for message in alex.values(path)] == [draft]


def test_a_user_id_names_a_mailbox(alex: Graph) -> None:
    draft = alex.draft()["id"]
    context = alex.read("/me/messages")["@odata.context"]
    user_id = context.split("'")[1]
    for user in (user_id, user_id.upper()):
        assert [each["id"] for each in alex.values(f"/users/{user}/messages")] == [draft]


def test_a_key_may_stand_in_parentheses(alex: Graph) -> None:
    draft = alex.draft()["id"]
    attachment = alex.made(f"/me/messages('{draft}')/attachments", FILE)["id"]
    assert alex.read(f"/me/messages('{draft}')")["id"] == draft
    assert alex.read(f"/users('{ALEX}')/Messages('{quote(draft)}')/")["id"] == draft
    assert alex.get(f"/me/messages('{draft}')/attachments('{attachment}')/$value").content == b"Hello"
    assert alex.post(f"/me/messages('{draft}')/Send").status_code == 202


def test_the_version_may_be_written_in_any_case(alex: Graph) -> None:
    assert alex.get("/beta/me/messages").status_code == 200
    bare = Graph(alex.book, alex.loop, alex.http, alex.headers, version="")
    assert bare.get("/V1.0/me/messages").status_code == 200
