"""Bodies that Graph refuses: each with its status and code, and none leaves a trace in any history."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from letterbook.adapters.graph.errors import REFUSALS
from letterbook.domain.refusals import Refused
from tests.graph.client import ADELE, Graph, to

MIB = 1024 * 1024
MAIL = b"From: alexw@contoso.com\nTo: adelev@contoso.com\nSubject: Hello\n\nThe body."
BAD_MIME = (400, "ErrorMimeContentInvalidBase64String")
UNREAD = (400, "RequestBodyRead")
BAD_JSON = (400, "BadRequest")
ADDRESS = {"emailAddress": {"address": ADELE}}


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


# --- MIME ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/me/messages", "/me/mailFolders/drafts/messages", "/me/sendMail"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \r\n ",
        b"Subject: not base64\n\nAt all.",
        b"SGVsbG8",
        b"SGVsbG8=====",
        "Привет".encode(),
        b"\xff\xfe\x00",
        b'{"subject":"JSON with the wrong content type"}',
        base64.urlsafe_b64encode(b"\xfb\xff\xfe" * 3),
    ],
    ids=["empty", "blank", "plain text", "cut", "padded", "letters", "bytes", "JSON", "other alphabet"],
)
def test_mime_that_is_not_base64_is_refused(alex: Graph, path: str, content: bytes) -> None:
    said = alex.refused("POST", path, *BAD_MIME, content=content, headers={"Content-Type": "text/plain"})
    assert said == "Invalid base64 string for MIME content."


@pytest.mark.parametrize("cut", [1, 5, 20, 40, 60, len(MAIL) - 1])
def test_mime_that_breaks_off_is_taken_as_far_as_it_goes(alex: Graph, cut: int) -> None:
    answer = alex.post(
        "/me/messages", content=base64.b64encode(MAIL[:cut]), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 201, answer.text


def test_a_multipart_that_breaks_off_keeps_what_arrived(alex: Graph) -> None:
    raw = b'Content-Type: multipart/mixed; boundary="x"\nSubject: Cut\n\n--x\n\nHere.\n--x\nContent-Ty'
    answer = alex.post("/me/messages", content=base64.b64encode(raw), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 201, answer.text
    assert "Here." in answer.json()["body"]["content"]


def test_a_mime_bomb_is_refused(alex: Graph) -> None:
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2000))
    headers = {"Content-Type": "text/plain"}
    alex.refused(
        "POST", "/me/messages", 400, "ErrorMimeContentInvalid", content=base64.b64encode(raw), headers=headers
    )


# --- JSON that is none -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/me/messages", "/me/sendMail", "/me/mailFolders"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"{",
        b"nonsense",
        b'{"subject":"x"',
        b"{'subject':'x'}",
        b'{"subject":"x",}',
        b'{"subject":"\xff"}',
        b'{"subject":"\\ud800"}',
        b'{"displayName":"\\ud800"}',
        b"\xef\xbb\xbf{}",
        '{"subject":"x"}'.encode("utf-16"),
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        b'{"categories":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
    ids=lambda content: f"{content[:16]!r}x{len(content)}",
)
def test_what_is_not_json_is_refused(alex: Graph, path: str, content: bytes) -> None:
    alex.refused("POST", path, *BAD_JSON, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"5", b"true", b"[{}]"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_json_that_is_no_object_is_refused(alex: Graph, content: bytes, method: str) -> None:
    path = "/me/messages" if method == "POST" else f"/me/messages/{alex.draft()['id']}"
    alex.refused(method, path, *UNREAD, content=content, headers={"Content-Type": "application/json"})


# --- Wrong types -----------------------------------------------------------------------------------

WRONG: list[dict[str, Any]] = [
    {"subject": 5},
    {"subject": ["x"]},
    {"subject": True},
    {"isRead": "yes"},
    {"isRead": 1},
    {"isReadReceiptRequested": "no"},
    {"importance": "urgent"},
    {"importance": 2},
    {"inferenceClassification": "neither"},
    {"body": "text"},
    {"body": []},
    {"body": {"contentType": "rtf", "content": "x"}},
    {"body": {"contentType": "text", "content": 5}},
    {"body": {"contentType": "text", "content": "x", "charset": "utf-8"}},
    {"toRecipients": ADDRESS},
    {"toRecipients": "adelev@contoso.com"},
    {"toRecipients": ["adelev@contoso.com"]},
    {"toRecipients": [None]},
    {"toRecipients": [{}]},
    {"toRecipients": [{"emailAddress": ADELE}]},
    {"toRecipients": [{"emailAddress": {"address": 5}}]},
    {"ccRecipients": [{"emailAddress": {"address": ADELE, "nickname": "A"}}]},
    {"bccRecipients": [[]]},
    {"replyTo": 1},
    {"from": []},
    {"sender": "alexw@contoso.com"},
    {"categories": "Red"},
    {"categories": [1]},
    {"categories": {"0": "Red"}},
    {"flag": "flagged"},
    {"flag": {"flagStatus": "waving"}},
    {"flag": {"dueDateTime": "2023-09-01"}},
    {"flag": {"dueDateTime": {"dateTime": 5, "timeZone": "UTC"}}},
    {"internetMessageHeaders": {"x-a": "b"}},
    {"internetMessageHeaders": [{"name": "x-a"}]},
    {"internetMessageHeaders": [{"name": "x-a", "value": 1}]},
    {"singleValueExtendedProperties": [{"id": "String 0x1", "value": 5}]},
    {"multiValueExtendedProperties": [{"id": "String 0x1", "value": "one"}]},
    {"unknownProperty": "x"},
    {"Subject ": "x"},
    {"to_recipients": []},
    {"to_recipients": None},
    {"toRecipients": None},
    {"internetMessageHeaders": None},
    {"categories": None},
    {"singleValueExtendedProperties": None},
    {"mentionsPreview": None},
]
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGk="}
WRONG_WHEN_NEW: list[dict[str, Any]] = [
    {"attachments": {}},
    {"attachments": [FILE | {"contentBytes": None}]},
    {"attachments": [FILE | {"name": None}]},
    {"attachments": [FILE | {"contentBytes": "not base64!"}]},
    {"attachments": [FILE | {"contentBytes": "日本"}]},
    {"attachments": [FILE | {"contentBytes": 5}]},
    {"attachments": [FILE | {"@odata.type": None}]},
    {"attachments": [FILE | {"@odata.type": "#contoso.fileAttachment"}]},
    {"attachments": [FILE | {"@odata.type": "fileAttachment"}]},
    {"attachments": [FILE | {"nonsense": None}]},
    {"attachments": [{"@odata.type": "#microsoft.graph.pigeon", "name": "a", "contentBytes": "SGk="}]},
    {"attachments": [{"@odata.type": "#microsoft.graph.itemAttachment", "name": "a"}]},
    {"attachments": [{"@odata.type": "#microsoft.graph.itemAttachment", "item": {"nonsense": 1}}]},
    {"attachments": [{"@odata.type": "#microsoft.graph.referenceAttachment", "name": "a"}]},
    {"extensions": [{"extensionName": 5}]},
    {"extensions": {}},
    {"@odata.type": "#microsoft.graph.event"},
    {"@odata.type": "#contoso.message"},
    {"@odata.type": 5},
]


def named(wrong: dict[str, Any]) -> str:
    """How the tests below are called."""
    return str(wrong)[:60]


@pytest.mark.parametrize("wrong", WRONG + WRONG_WHEN_NEW, ids=named)
def test_a_draft_with_a_wrong_type_is_refused(alex: Graph, wrong: dict[str, Any]) -> None:
    alex.refused("POST", "/me/messages", *UNREAD, json={"subject": "x"} | wrong)


@pytest.mark.parametrize("wrong", WRONG + WRONG_WHEN_NEW, ids=named)
def test_sending_a_wrong_type_is_refused(alex: Graph, wrong: dict[str, Any]) -> None:
    message = {"toRecipients": to(ADELE)} | wrong
    alex.refused("POST", "/me/sendMail", *UNREAD, json={"message": message})


@pytest.mark.parametrize("wrong", WRONG, ids=named)
def test_a_change_with_a_wrong_type_is_refused(alex: Graph, wrong: dict[str, Any]) -> None:
    alex.refused("PATCH", f"/me/messages/{alex.draft()['id']}", *UNREAD, json=wrong)


def test_the_refusal_names_the_property(alex: Graph) -> None:
    assert "'unknownProperty'" in alex.refused("POST", "/me/messages", *UNREAD, json={"unknownProperty": 1})
    assert "toRecipients.0" in alex.refused("POST", "/me/messages", *UNREAD, json={"toRecipients": [5]})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"saveToSentItems": True},
        {"message": None},
        {"message": "x"},
        {"message": []},
        {"message": {"toRecipients": to(ADELE)}, "saveToSentItems": "maybe"},
        {"message": {"toRecipients": to(ADELE)}, "saveToSentItems": 0},
        {"message": {"toRecipients": to(ADELE)}, "save_to_sent_items": True},
        {"message": {"toRecipients": to(ADELE)}, "extra": 1},
    ],
    ids=str,
)
def test_wrong_parameters_of_send_mail_are_refused(alex: Graph, said: dict[str, Any]) -> None:
    alex.refused("POST", "/me/sendMail", *UNREAD, json=said)


@pytest.mark.parametrize(
    "mentions", [[{}], [{"mentioned": None}], [{"mentioned": {}}], ["adele"], {}, [None]]
)
@pytest.mark.parametrize("path", ["/me/messages", "/me/sendMail"])
def test_a_mention_of_nobody_is_refused(alex: Graph, mentions: object, path: str) -> None:
    message = {"toRecipients": to(ADELE), "mentions": mentions}
    said = message if path.endswith("messages") else {"message": message}
    alex.beta.refused("POST", path, *UNREAD, json=said)


@pytest.mark.parametrize("said", [{}, {"mentioned": {"address": " "}}, {"mentioned": {"name": "Adele"}}])
def test_a_mention_of_nobody_cannot_be_added(alex: Graph, said: object) -> None:
    alex.beta.refused("POST", f"/me/messages/{alex.draft()['id']}/mentions", *UNREAD, json=said)


def test_v1_0_knows_no_mentions(alex: Graph) -> None:
    mentions = [{"mentioned": {"address": ADELE}}]
    message = {"toRecipients": to(ADELE), "mentions": mentions}
    alex.refused("POST", "/me/messages", *UNREAD, json=message)
    alex.refused("POST", "/me/sendMail", *UNREAD, json={"message": message})
    path = f"/me/messages/{alex.draft()['id']}"
    alex.refused("PATCH", path, *UNREAD, json={"mentions": mentions})
    alex.beta.refused("PATCH", path, 400, "ErrorInvalidPropertySet", json={"mentions": mentions})
    for method in ("GET", "POST"):
        alex.refused(method, f"{path}/mentions", 400, "RequestBroker--ParseUri", json=mentions[0])
    alex.refused("GET", f"{path}?$expand=mentions", 400, "ExpandNotSupported")


# --- Too much --------------------------------------------------------------------------------------


def crowd(count: int) -> list[dict[str, Any]]:
    """Many recipients."""
    return to(*(f"person{number}@contoso.com" for number in range(count)))


def test_501_recipients_are_too_many_and_500_are_not(alex: Graph) -> None:
    too_many = {"toRecipients": crowd(300), "ccRecipients": crowd(200), "bccRecipients": crowd(1)}
    enough = too_many | {"bccRecipients": []}
    for path, said in (("/me/messages", too_many), ("/me/sendMail", {"message": too_many})):
        alex.refused("POST", path, 400, "ErrorInvalidRecipients", json=said)
    draft = alex.made("/me/messages", enough)
    path = f"/me/messages/{draft['id']}"
    alex.refused("PATCH", path, 400, "ErrorInvalidRecipients", json={"bccRecipients": crowd(1)})


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody announces."""
    for _ in range(size // 65536 + 1):
        yield b" " * 65536


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("path", ["/me/messages", "/me/sendMail"])
def test_more_than_4_mb_are_refused(alex: Graph, kind: str, path: str) -> None:
    headers = {"Content-Type": kind}
    alex.refused("POST", path, 413, "BadRequest", content=b" " * (4 * MIB + 1), headers=headers)
    alex.refused("POST", path, 413, "BadRequest", content=in_chunks(4 * MIB), headers=headers)


def test_an_announced_length_is_believed_before_the_body_is_read(alex: Graph) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(4 * MIB + 1)}
    alex.refused("POST", "/me/messages", 413, "BadRequest", content=b"{}", headers=headers)


@pytest.mark.parametrize("length", ["-1", "many", "", "9" * 5000, "²"])
def test_a_nonsensical_length_breaks_nothing(alex: Graph, length: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": length.encode("latin-1")}
    assert alex.post("/me/messages", content=b"{}", headers=headers).status_code in (201, 400, 413)


def test_4_mb_exactly_are_read(alex: Graph) -> None:
    frame = b'{"subject":"large","body":{"content":""}}'
    content = frame.replace(b'""}', b'"%b"}' % (b"x" * (4 * MIB - len(frame))))
    assert len(content) == 4 * MIB
    answer = alex.post("/me/messages", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    assert len(alex.read(f"/me/messages/{answer.json()['id']}")["body"]["content"]) == 4 * MIB - len(frame)


def test_a_file_of_3_mb_is_refused_and_one_below_is_attached(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "large.bin"}
    large = base64.b64encode(b"x" * 3 * MIB).decode()
    alex.refused("POST", path, 413, "BadRequest", json=file | {"contentBytes": large})
    below = base64.b64encode(b"x" * 3_000_000).decode()
    assert alex.made(path, file | {"contentBytes": below})["size"] == 3_000_000


# --- Content types ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["application/xml", "text/html", "multipart/form-data", "", "json", "message/rfc822"]
)
def test_other_content_types_are_refused(alex: Graph, kind: str) -> None:
    headers = {"Content-Type": kind}
    draft = f"/me/messages/{alex.draft()['id']}"
    for method, path in (("POST", "/me/messages"), ("POST", "/me/sendMail"), ("PATCH", draft)):
        alex.refused(method, path, 415, "UnsupportedMediaType", content=b"{}", headers=headers)


def test_a_body_without_a_content_type_is_refused(alex: Graph) -> None:
    alex.refused("POST", "/me/messages", 415, "UnsupportedMediaType", content=b'{"subject":"x"}')


# --- Everything has an answer ----------------------------------------------------------------------


def test_every_refusal_of_the_domain_has_a_status_and_a_code() -> None:
    codes = {kind.code for kind in Refused.__subclasses__()}
    assert codes == set(REFUSALS)
