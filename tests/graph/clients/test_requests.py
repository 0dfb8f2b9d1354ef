"""Requests as clients write them."""

import base64
import re
from typing import Any

import pytest

from tests.documents.ticking import ticks
from tests.graph.client import ADELE, ALEX, BASE, Graph, to
from tests.graph.clients.correspondence import EXTENSION, FILE

ARCHIVE = "/me/mailFolders/archive/messages"
MIME = b"Subject: From MIME\nTo: adelev@contoso.com\n\nHello, and a line that makes it longer.\n"


@pytest.fixture
def letter(alex: Graph, adele: Graph) -> str:
    """A letter of Adele's that Alex has."""
    adele.sent(subject="Lunch", toRecipients=to(ALEX))
    alex.book.deliver()
    (found,) = alex.values("/me/mailFolders/inbox/messages")
    return str(found["id"])


def subjects(graph: Graph, query: str, **said: Any) -> list[str]:
    """What a query finds, sorted."""
    return sorted(each["subject"] for each in graph.values(f"/me/messages?{query}", **said))


@ticks("18")
@pytest.mark.parametrize(
    "query",
    [
        "$filter=subject%20eq%20'At%20noon'",
        "%24filter=subject+eq+%27At+noon%27",
        "$filter=subject%20eq%20'At+noon'&%24select=subject",
    ],
)
def test_options_may_be_encoded_in_either_way(alex: Graph, query: str) -> None:
    alex.draft(subject="At noon")
    alex.draft(subject="At one")
    assert subjects(alex, query) == ["At noon"]


@ticks("18")
def test_ids_may_stand_in_a_path_as_they_are_or_encoded(alex: Graph) -> None:
    name = alex.draft()["id"]
    assert re.fullmatch(r"[A-Za-z0-9_.~-]+=*", name)
    assert name.endswith("=")
    for spelled in (name, name.replace("=", "%3D")):
        assert alex.read(f"/me/messages/{spelled}")["id"] == name


@ticks("19")
@pytest.mark.parametrize(
    "condition",
    [
        "startswith(subject, 'Bob''s')",
        "receivedDateTime ge 2016-01-01T00:00:00%2B00:00 and contains(subject, 'Bob')",
        "receivedDateTime ge 2016-01-01T00:00:00Z and contains(subject,'Bob')",
        "receivedDateTime lt 2999-01-01T02:00:00%2B02:00 and startswith(subject, 'Bob')",
    ],
)
def test_filters_are_read_as_clients_write_them(alex: Graph, condition: str) -> None:
    alex.draft(subject="Bob's lunch")
    alex.draft(subject="Lunch")
    assert subjects(alex, f"$filter={condition}") == ["Bob's lunch"]


@ticks("19")
def test_folders_are_found_by_names_with_quotes(alex: Graph) -> None:
    made = alex.made("/me/mailFolders", {"displayName": "Bob's reports"})
    (found,) = alex.values("/me/mailFolders?$filter=displayName eq 'Bob''s reports'")
    assert found["id"] == made["id"]


@ticks("20")
@pytest.mark.parametrize("query", ["\"'noon'\"", '"subject:noon"', "\"subject:'noon'\"", '"noon"'])
def test_searches_are_read_as_clients_write_them(alex: Graph, query: str) -> None:
    alex.draft(subject="Lunch at noon")
    alex.draft(subject="Lunch at one")
    headers = {"ConsistencyLevel": "eventual"}
    assert subjects(alex, f"$search={query}", headers=headers) == ["Lunch at noon"]


@ticks("21")
@pytest.mark.parametrize("delta", ["delta", "delta()"])
def test_delta_may_have_parentheses(alex: Graph, delta: str) -> None:
    drafts = [alex.draft()["id"] for _ in range(3)]
    place = f"/me/mailFolders/drafts/messages/{delta}"
    first = alex.read(place, headers={"Prefer": "odata.maxpagesize=2"})
    second = alex.read(first["@odata.nextLink"])
    assert [len(page["value"]) for page in (first, second)] == [2, 1]
    alex.post(f"/me/messages/{drafts[0]}/permanentDelete")
    (gone,) = alex.read(second["@odata.deltaLink"])["value"]
    assert (gone["id"], gone["@removed"]) == (drafts[0], {"reason": "deleted"})


@ticks("22")
def test_keys_may_be_in_parentheses(alex: Graph) -> None:
    name = alex.draft()["id"]
    for path in (
        f"/me/messages('{name}')",
        f"/users('{ALEX}')/messages('{name}')",
        f"/users/{ALEX}/mailFolders('drafts')/messages/{name}",
        f"/me/mailFolders('Drafts')/messages('{name}')",
    ):
        assert alex.read(path)["id"] == name


@ticks("23")
def test_words_of_a_path_may_be_written_in_any_case(alex: Graph) -> None:
    said = {"message": {"subject": "Lunch", "toRecipients": to(ADELE)}}
    assert alex.post("/me/sendmail", json=said).status_code == 202
    for path in ("/me/mailFolders/SentItems/messages", "/Me/MAILFOLDERS/sentItems/Messages"):
        assert [each["subject"] for each in alex.values(path)] == ["Lunch"]
    assert alex.read("/me/mailfolders/Inbox")["displayName"] == "Inbox"


@ticks("24")
@pytest.mark.parametrize(("keep", "kept"), [(True, 1), ("true", 1), (False, 0), ("false", 0), ("False", 0)])
def test_parameters_may_be_written_in_any_case(alex: Graph, keep: object, kept: int) -> None:
    said = {"Message": {"subject": "Lunch", "toRecipients": to(ADELE)}, "SaveToSentItems": keep}
    assert alex.post("/me/sendMail", json=said).status_code == 202
    assert len(alex.values("/me/mailFolders/sentitems/messages")) == kept


@ticks("24")
def test_parameters_of_other_actions_too(alex: Graph, letter: str) -> None:
    place = f"/me/messages/{letter}"
    assert alex.made(f"{place}/copy", {"DestinationId": "Archive"})["subject"] == "Lunch"
    draft = alex.made(f"{place}/createForward", {"Comment": "For you.", "ToRecipients": to(ADELE)})
    assert draft["toRecipients"][0]["emailAddress"]["address"] == ADELE
    for name in ("AttachmentItem", "attachmentItem"):
        item = {name: {"attachmentType": "file", "name": "a.txt", "size": 4_000_000}}
        alex.made(f"/me/messages/{draft['id']}/attachments/createUploadSession", item)


@ticks("25")
@pytest.mark.parametrize("mark", ["#", ""])
def test_a_body_may_say_what_it_is(alex: Graph, mark: str) -> None:
    kind = {"@odata.type": f"{mark}microsoft.graph.message"}
    files = {"attachments": [FILE | {"@odata.type": f"{mark}microsoft.graph.fileAttachment"}]}
    more = {"extensions": [EXTENSION | {"@odata.type": f"{mark}microsoft.graph.openTypeExtension"}]}
    draft = alex.draft(**kind, **files, **more)
    place = f"/me/messages/{draft['id']}"
    assert alex.changed(place, kind | {"subject": "New"})["subject"] == "New"
    shown = alex.read(f"{place}?$expand=attachments,extensions")
    assert (shown["attachments"][0]["name"], shown["extensions"][0]["theme"]) == ("a.txt", "dark")


@ticks("26")
def test_words_may_be_written_in_any_case(alex: Graph) -> None:
    body = {"contentType": "HTML", "content": "<b>Hello</b>"}
    draft = alex.draft(importance="Low", body=body, flag={"flagStatus": "FLAGGED"})
    assert (draft["importance"], draft["body"]["contentType"]) == ("low", "html")
    assert draft["flag"]["flagStatus"] == "flagged"
    text = alex.draft(body={"contentType": "Text", "content": "Hello"})
    assert text["body"] == {"contentType": "text", "content": "Hello"}


JSON = {"Content-Type": "application/json"}
NOTHING: dict[str, dict[str, Any]] = {
    "no type": {},
    "an empty body": {"content": b"", "headers": JSON | {"Content-Length": "0"}},
    "an empty object": {"content": b"{}", "headers": JSON},
}
REST = "application/json;odata.metadata=minimal;odata.streaming=False;IEEE754Compatible=False"


@ticks("27")
@pytest.mark.parametrize("said", NOTHING.values(), ids=NOTHING)
def test_an_action_may_say_nothing(alex: Graph, letter: str, said: dict[str, Any]) -> None:
    for action in ("createReply", "createReplyAll", "createForward"):
        assert alex.post(f"/me/messages/{letter}/{action}", **said).status_code == 201
    draft = alex.draft()["id"]
    assert alex.post(f"/me/messages/{draft}/send", **said).status_code == 202


@ticks("27", "28")
@pytest.mark.parametrize(
    "headers",
    [
        JSON,
        {"Content-Type": REST},
        {"Accept": "application/json;odata.metadata=none"},
        {"Accept": "*/*"},
    ],
)
def test_types_may_have_parameters(alex: Graph, headers: dict[str, str]) -> None:
    assert alex.get("/me/messages", headers=headers).status_code == 200
    made = alex.post("/me/messages", json={"subject": "x"}, headers=headers)
    assert (made.status_code, made.json()["subject"]) == (201, "x")


@ticks("29")
@pytest.mark.parametrize("coded", [base64.b64encode(MIME), base64.encodebytes(MIME)])
def test_mime_comes_as_base64_and_goes_as_text(alex: Graph, coded: bytes) -> None:
    made = alex.post("/me/messages", content=coded, headers={"Content-Type": "text/plain"})
    assert (made.status_code, made.json()["subject"]) == (201, "From MIME")
    shown = alex.get(f"/me/messages/{made.json()['id']}/$value")
    assert shown.headers["content-type"].partition(";")[0] == "text/plain"
    assert b"Subject: From MIME" in shown.content
    count = alex.get("/me/messages/$count")
    assert (count.text, count.headers["content-type"].partition(";")[0]) == ("1", "text/plain")


@ticks("31")
def test_immutable_ids_name_what_they_name(alex: Graph) -> None:
    asking = alex.saying(Prefer='IdType="ImmutableId"')
    draft = asking.draft()
    moved = asking.made(f"/me/messages/{draft['id']}/move", {"destinationId": "archive"})
    for name in (draft["id"], moved["id"]):
        assert asking.read(f"/me/messages/{name}")["subject"] == "A draft"
    assert [each["id"] for each in asking.values(ARCHIVE)] == [moved["id"]]


@ticks("39")
def test_a_second_slash_behind_the_version_is_passed_over(alex: Graph) -> None:
    """One elsewhere is a key that is missing."""
    name = alex.draft()["id"]
    assert alex.read(f"{BASE}/v1.0//me/messages/{name}")["id"] == name
    alex.refused("GET", f"{BASE}/v1.0/me//messages", 400, "RequestBroker--ParseUri")
    alex.refused("GET", f"{BASE}/v1.0//", 400, "RequestBroker--ParseUri")
