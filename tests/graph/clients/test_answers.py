"""How answers must look, or clients stumble."""

import base64
import re
from datetime import datetime, timedelta

import httpx
import pytest

from letterbook.adapters.book import Book
from tests.documents.ticking import ticks
from tests.documents.wire import is_empty
from tests.graph.client import ADELE, Graph, error_in, to
from tests.graph.clients.correspondence import (
    FILE,
    MB,
    answers_of,
    full_of_mail,
    members,
    objects,
    put,
    session,
)

WORDS = {
    "importance": {"low", "normal", "high"},
    "flagStatus": {"notFlagged", "flagged", "complete"},
    "inferenceClassification": {"focused", "other"},
    "status": {"disabled", "alwaysEnabled", "scheduled"},
    "externalAudience": {"none", "contactsOnly", "all"},
}
NEVER_NULL = set(
    "body flag toRecipients ccRecipients bccRecipients replyTo attachments uniqueBody meetingMessageType "
    "automaticRepliesSetting".split()
)
NUMBERS = set("@odata.count childFolderCount unreadItemCount totalItemCount sizeInBytes size".split())


@pytest.fixture
def answers(alex: Graph, adele: Graph) -> list[httpx.Response]:
    """What every kind of place answers."""
    full_of_mail(alex, adele)
    return answers_of(alex)


def values(answers: list[httpx.Response], *names: str) -> list[object]:
    """The values of every member with one of these names; there are some."""
    found = [value for answer in answers for name, value in members(answer.json()) if name in names]
    assert found
    return found


def missing(answers: list[httpx.Response], name: str) -> list[str]:
    """The paths of answers that lack a header or a member."""
    return [answer.url.path for answer in answers if name not in answer.json()]


@ticks("1")
def test_json_is_announced_as_clients_compare_it(alex: Graph, answers: list[httpx.Response]) -> None:
    refused = alex.get("/me/messages/nonsense")
    for answer in [*answers, refused]:
        assert answer.headers["content-type"].split(";")[0] == "application/json"
        assert answer.content.decode("utf-8")[0] == "{"


@ticks("2")
def test_what_has_nothing_to_say_says_nothing(alex: Graph) -> None:
    sent = alex.sent()["id"]
    answer = {"comment": "Gladly."}
    said = [
        alex.post("/me/sendMail", json={"message": {"subject": "x", "toRecipients": to(ADELE)}}),
        alex.post(f"/me/messages/{alex.draft()['id']}/send"),
        alex.post(f"/me/messages/{sent}/reply", json=answer),
        alex.post(f"/me/messages/{sent}/replyAll", json=answer),
        alex.post(f"/me/messages/{sent}/forward", json=answer | {"toRecipients": to(ADELE)}),
    ]
    data = bytes(3 * MB)
    url = session(alex, alex.draft()["id"], len(data))["uploadUrl"]
    uploaded = put(alex, url, 0, data, len(data))
    gone = alex.delete(f"/me/messages/{sent}")
    assert [each.status_code for each in (*said, uploaded, gone)] == [202] * 5 + [201, 204]
    for each in (*said, uploaded):
        assert is_empty(each)
        assert each.headers["content-length"] == "0"
    assert gone.content == b""
    assert "content-type" not in gone.headers


@ticks("3")
def test_moments_are_those_that_clients_can_read(alex: Graph, answers: list[httpx.Response]) -> None:
    moments = [
        value
        for answer in answers
        for name, value in members(answer.json())
        if name.endswith("DateTime") and value is not None and not isinstance(value, dict)
    ]
    assert len(moments) > 20
    moments.append(session(alex, alex.draft()["id"], 3 * MB)["expirationDateTime"])
    for moment in moments:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z", moment)
        assert datetime.fromisoformat(moment).utcoffset() == timedelta(0)


@ticks("4")
@pytest.mark.parametrize("name", WORDS)
def test_words_are_spelled_as_in_the_schema(answers: list[httpx.Response], name: str) -> None:
    assert set(values(answers, name)) <= WORDS[name]


@ticks("4")
def test_kinds_of_bodies_are_spelled_as_in_the_schema(answers: list[httpx.Response]) -> None:
    bodies = [each for answer in answers for each in objects(answer.json()) if "content" in each]
    assert {body["contentType"] for body in bodies} == {"html", "text"}


@ticks("5")
def test_some_members_are_never_null(answers: list[httpx.Response]) -> None:
    assert None not in values(answers, *NEVER_NULL)


@ticks("6")
def test_truth_and_numbers_are_no_strings(answers: list[httpx.Response]) -> None:
    truths = [
        value
        for answer in answers
        for name, value in members(answer.json())
        if re.match(r"(is|has)[A-Z]", name)
    ]
    assert len(truths) > 50
    assert {type(value) for value in truths} <= {bool, type(None)}
    assert {type(value) for value in values(answers, *NUMBERS)} == {int}


@ticks("7")
def test_a_conversation_index_can_be_decoded(answers: list[httpx.Response]) -> None:
    for index in values(answers, "conversationIndex"):
        assert len(base64.b64decode(str(index), validate=True)) >= 22


@ticks("8")
def test_attachments_and_extensions_say_what_they_are(answers: list[httpx.Response]) -> None:
    every = [each for answer in answers for each in objects(answer.json())]
    for mark, kinds in (
        ("isInline", {"#microsoft.graph.fileAttachment", "#microsoft.graph.itemAttachment"}),
        ("extensionName", {"#microsoft.graph.openTypeExtension"}),
    ):
        assert {each.get("@odata.type") for each in every if mark in each} == kinds


@ticks("8")
def test_an_attachment_says_what_it_is_when_it_is_made_and_alone(alex: Graph) -> None:
    place = f"/me/messages/{alex.draft()['id']}/attachments"
    made = alex.made(place, FILE)
    alone = alex.read(f"{place}/{made['id']}")
    assert made["@odata.type"] == alone["@odata.type"] == "#microsoft.graph.fileAttachment"


@ticks("9")
def test_answers_have_contexts_messages_etags_and_counts_are_numbers(
    alex: Graph, answers: list[httpx.Response]
) -> None:
    assert missing(answers, "@odata.context") == []
    messages = [each for answer in answers for each in objects(answer.json()) if "conversationId" in each]
    assert messages
    assert [each for each in messages if not re.fullmatch(r'W/"[^"]+"', each.get("@odata.etag", ""))] == []
    assert alex.read("/me/messages?$count=true&$top=1")["@odata.count"] == 5


@ticks("10")
def test_errors_have_the_codes_that_clients_act_on(alex: Graph, nobody: Graph) -> None:
    reader = alex.holding(alex.book.token("alexw@contoso.com", "Mail.Read"))
    draft = alex.made("/me/messages", {})["id"]
    gone = alex.draft()["id"]
    alex.post(f"/me/messages/{gone}/permanentDelete")
    alex.made("/me/mailFolders", {"displayName": "Clubs"})
    small = {"AttachmentItem": {"attachmentType": "file", "name": "a", "size": 5}}
    mime = {"content": b"not base64!", "headers": {"Content-Type": "text/plain"}}
    said = "Invalid base64 string for MIME content."
    assert alex.refused("POST", "/me/messages", 400, "ErrorMimeContentInvalidBase64String", **mime) == said
    session = f"/me/messages/{draft}/attachments/createUploadSession"
    too_small = "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"
    nobody.refused("GET", "/me/messages", 401, "InvalidAuthenticationToken")
    reader.refused("POST", "/me/messages", 403, "ErrorAccessDenied", json={})
    alex.refused("GET", f"/me/messages/{gone}", 404, "ErrorItemNotFound")
    alex.refused("GET", "/me/messages/nonsense", 400, "ErrorInvalidIdMalformed")
    alex.refused("POST", f"/me/messages/{draft}/send", 400, "ErrorInvalidRecipients")
    alex.refused("POST", session, 400, too_small, json=small)
    alex.refused("POST", "/me/mailFolders", 409, "ErrorFolderExists", json={"displayName": "Clubs"})


@ticks("11")
@pytest.mark.parametrize("token", [None, "nonsense"])
def test_a_challenge_asks_for_a_token_and_for_no_claims(nobody: Graph, token: str | None) -> None:
    challenge = nobody.holding(token).get("/me/messages").headers["www-authenticate"]
    assert challenge.startswith("Bearer")
    assert "claims" not in challenge


@ticks("12")
def test_a_clients_mistake_is_never_the_servers(alex: Graph) -> None:
    """Clients try again after a 5xx, which would only make them slow."""
    for method, path, said in (
        ("POST", "/me/messages", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/me/messages", {"content": b"\xff", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/me/messages", {"content": b"<a/>", "headers": {"Content-Type": "application/xml"}}),
        ("POST", "/me/messages", {"json": {"subject": 5}}),
        ("PATCH", "/me/messages/nonsense", {"json": {}}),
        ("GET", "/me/messages?$filter=nonsense eq", {}),
        ("GET", "/me/messages?$top=x", {}),
        ("GET", "/nonsense", {}),
        ("POST", "/$batch", {"json": {"requests": []}}),
    ):
        answer = alex.request(method, path, **said)
        assert 400 <= answer.status_code < 500, path
        error_in(answer)


@ticks("13")
def test_ids_are_repeated_and_preferences_told(alex: Graph) -> None:
    name = "9d4a0f0c-5f0e-4a8b-8f0f-0c5f0e4a8b8f"
    for path in ("/me/messages", "/me/messages/nonsense"):
        answer = alex.get(path, headers={"client-request-id": name})
        assert answer.headers["client-request-id"] == name
        assert answer.headers["request-id"] != name
    wanted = 'outlook.body-content-type="text"'
    assert alex.get("/me/messages", headers={"Prefer": wanted}).headers["preference-applied"] == wanted
    assert "preference-applied" not in alex.get("/me/messages").headers


@ticks("30")
def test_what_was_made_or_changed_is_shown(alex: Graph, book: Book) -> None:
    folder = alex.made("/me/mailFolders", {"displayName": "Clubs"})
    place = f"/me/mailFolders/{folder['id']}"
    assert alex.changed(place, {"displayName": "Societies"})["displayName"] == "Societies"
    draft = alex.draft()
    assert alex.changed(f"/me/messages/{draft['id']}", {"subject": "New"})["subject"] == "New"
    attached = alex.made(f"/me/messages/{draft['id']}/attachments", FILE)
    assert attached["name"] == "a.txt"
    away = {"automaticRepliesSetting": {"status": "alwaysEnabled"}}
    kept = alex.holding(book.token("alexw@contoso.com", "MailboxSettings.ReadWrite"))
    assert kept.changed("/me/mailboxSettings", away)["automaticRepliesSetting"]["status"] == "alwaysEnabled"
