"""One message: change it, read it in other forms, delete it; what may be said and what comes back."""

import base64
import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

NOT_SETTABLE = (400, "ErrorInvalidPropertySet")


def mime_of(graph: Graph, message: str) -> EmailMessage:
    """A message as MIME, read back by Python's own parser."""
    answer = graph.get(f"/me/messages/{message}/$value")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    found = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


# --- Changing --------------------------------------------------------------------------------------


def test_a_change_leaves_the_rest_as_it_was(alex: Graph) -> None:
    draft = alex.draft(
        importance="high", categories=["Red"], body={"contentType": "text", "content": "Hello"}
    )
    changed = alex.changed(f"/me/messages/{draft['id']}", {"subject": "Another"})
    differing = {name for name in draft if draft[name] != changed[name]}
    assert differing <= {"subject", "@odata.etag", "changeKey", "lastModifiedDateTime"}
    assert {"subject", "@odata.etag", "changeKey"} <= differing
    assert alex.read(f"/me/messages/{draft['id']}") == changed


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"importance": "Low"}, {"importance": "low"}),
        ({"isRead": False}, {"isRead": False}),
        ({"categories": ["Red", "Blue"]}, {"categories": ["Red", "Blue"]}),
        ({"inferenceClassification": "Other"}, {"inferenceClassification": "other"}),
        ({"isDeliveryReceiptRequested": True}, {"isDeliveryReceiptRequested": True}),
        ({"isReadReceiptRequested": True}, {"isReadReceiptRequested": True}),
        ({"flag": {"flagStatus": "COMPLETE"}}, {"flag": {"flagStatus": "complete"}}),
        ({"internetMessageId": "<x@contoso.com>"}, {"internetMessageId": "<x@contoso.com>"}),
        ({"body": {"contentType": "TEXT", "content": "x"}}, {"bodyPreview": "x"}),
        ({"toRecipients": []}, {"toRecipients": []}),
        ({"subject": ""}, {"subject": ""}),
        ({"@odata.type": "#microsoft.graph.message", "subject": "x"}, {"subject": "x"}),
        ({}, {"subject": "A draft"}),
    ],
    ids=str,
)
def test_what_is_changed_is_shown(alex: Graph, said: dict[str, Any], shown: dict[str, Any]) -> None:
    changed = alex.changed(f"/me/messages/{alex.draft()['id']}", said)
    assert shown.items() <= changed.items()


def test_a_change_that_changes_nothing_leaves_no_fact(alex: Graph) -> None:
    draft = alex.draft(importance="high")
    path = f"/me/messages/{draft['id']}"
    before = len(alex.book.mailbox(ALEX).history(draft["id"]))
    for said in (
        {},
        {"subject": "A draft"},
        {"importance": "High"},
        {"isRead": True},
        {"toRecipients": to(ADELE)},
    ):
        assert alex.changed(path, said)["@odata.etag"] == draft["@odata.etag"]
    assert len(alex.book.mailbox(ALEX).history(draft["id"])) == before


@pytest.mark.parametrize(
    "said",
    [
        {"id": "x"},
        {"changeKey": "x"},
        {"isDraft": False},
        {"hasAttachments": True},
        {"bodyPreview": "x"},
        {"createdDateTime": "2017-01-01T00:00:00Z"},
        {"lastModifiedDateTime": "2017-01-01T00:00:00Z"},
        {"receivedDateTime": "2017-01-01T00:00:00Z"},
        {"sentDateTime": "2017-01-01T00:00:00Z"},
        {"parentFolderId": "inbox"},
        {"conversationId": "x"},
        {"conversationIndex": "eA=="},
        {"webLink": "https://contoso.com"},
        {"uniqueBody": {"content": "x"}},
        {"attachments": []},
        {"extensions": []},
        {"subject": "x", "isDraft": False},
    ],
    ids=str,
)
def test_what_only_the_server_sets_cannot_be_changed(alex: Graph, said: dict[str, Any]) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    assert alex.refused("PATCH", path, *NOT_SETTABLE, json=said) == "Set action is invalid for property."


@pytest.mark.parametrize(
    "said",
    [{"unsubscribeEnabled": True}, {"mentionsPreview": {"isMentioned": True}}, {"mentions": []}],
    ids=str,
)
def test_beta_has_more_that_cannot_be_changed(alex: Graph, said: dict[str, Any]) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    alex.beta.refused("PATCH", path, *NOT_SETTABLE, json=said)
    for method, where in (("PATCH", path), ("POST", "/me/messages")):
        text = alex.refused(method, where, 400, "RequestBodyRead", json=said)
        assert f"'{next(iter(said))}' does not exist on type 'microsoft.graph.message'" in text


def test_what_only_the_server_sets_is_passed_over_in_a_new_draft(alex: Graph) -> None:
    draft = alex.draft(id="x", isDraft=False, receivedDateTime="2017-01-01T00:00:00Z", hasAttachments=True)
    assert draft["isDraft"]
    assert not draft["hasAttachments"]
    assert draft["receivedDateTime"] > "2017-01-02"


@pytest.mark.parametrize("etag", ['W/"AAAA"', '"AAAA"', 'W/""', 'W/"A", "B" ,W/"C"'])
def test_a_change_of_something_older_is_refused(alex: Graph, etag: str) -> None:
    draft = alex.draft()
    path, headers = f"/me/messages/{draft['id']}", {"If-Match": etag}
    alex.refused("PATCH", path, 412, "ErrorIrresolvableConflict", json={"subject": "x"}, headers=headers)
    alex.refused("DELETE", path, 412, "ErrorIrresolvableConflict", headers=headers)


def test_of_two_who_read_the_same_only_the_first_changes_it(alex: Graph) -> None:
    draft = alex.draft()
    path = f"/me/messages/{draft['id']}"
    assert alex.get(path).headers["etag"] == draft["@odata.etag"]
    both = alex.saying(If_Match=draft["@odata.etag"])
    changed = both.changed(path, {"subject": "First"})
    both.refused("PATCH", path, 412, "ErrorIrresolvableConflict", json={"subject": "Second"})
    both.refused("DELETE", path, 412, "ErrorIrresolvableConflict")
    assert alex.saying(If_Match="*").changed(path, {"subject": "Any"})["subject"] == "Any"
    assert alex.saying(If_Match=changed["@odata.etag"]).delete(path).status_code == 412
    assert alex.saying(If_Match=alex.read(path)["@odata.etag"]).delete(path).status_code == 204


# --- Deleting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [False, True])
def test_a_message_is_deleted_in_three_steps(alex: Graph, sent: bool) -> None:
    message = (alex.lasting.sent() if sent else alex.lasting.draft())["id"]
    for folder in ("deleteditems", "recoverableitemsdeletions"):
        answer = alex.delete(f"/me/messages/{message}")
        assert (answer.status_code, answer.content) == (204, b"")
        there = alex.lasting.values(f"/me/mailFolders/{folder}/messages")
        assert [each["id"] for each in there] == [message]
    assert alex.delete(f"/me/messages/{message}").status_code == 204
    alex.refused("GET", f"/me/messages/{message}", 404, "ErrorItemNotFound")
    alex.refused("DELETE", f"/me/messages/{message}", 404, "ErrorItemNotFound")
    assert alex.book.mailbox(ALEX).history(message), "the history of a deleted message stays"


def test_a_message_can_be_deleted_through_its_folder(alex: Graph) -> None:
    message = alex.lasting.draft()["id"]
    assert alex.delete(f"/me/mailFolders/drafts/messages/{message}").status_code == 204
    assert alex.delete(f"/me/mailFolders/deleteditems/messages/{message}").status_code == 204


# --- Reading in other forms ------------------------------------------------------------------------


def test_a_body_is_shown_in_the_preferred_form(alex: Graph) -> None:
    html = alex.draft(body={"contentType": "html", "content": "<p>Fish &amp; <b>chips</b></p>"})["id"]
    text = alex.draft(body={"contentType": "text", "content": "a < b\nc"})["id"]
    plain = alex.saying(Prefer='outlook.body-content-type="text"')
    rich = alex.saying(Prefer="outlook.body-content-type=HTML; foo=bar, IdType=ImmutableId")
    answer = plain.get(f"/me/messages/{html}")
    assert answer.headers["preference-applied"] == 'outlook.body-content-type="text"'
    assert answer.json()["body"]["contentType"] == "text"
    assert answer.json()["body"]["content"].strip() == "Fish & chips"
    answer = rich.get(f"/me/messages/{text}")
    assert answer.headers["preference-applied"] == 'outlook.body-content-type="html", IdType="ImmutableId"'
    assert "a &lt; b<br>\r\nc" in answer.json()["body"]["content"]
    assert {each["body"]["contentType"] for each in plain.values("/me/messages")} == {"text"}
    assert {each["body"]["contentType"] for each in rich.values("/me/messages")} == {"html"}
    assert plain.read(f"/me/messages/{html}?$select=uniqueBody")["uniqueBody"]["contentType"] == "text"


def test_no_preference_is_applied_unless_there_was_one(alex: Graph) -> None:
    draft = alex.draft()["id"]
    for prefer in ('IdType="RestId"', "outlook.body-content-type=rtf", "return=minimal", ""):
        assert (
            "preference-applied" not in alex.get(f"/me/messages/{draft}", headers={"Prefer": prefer}).headers
        )


def test_the_mime_of_a_message_says_what_the_message_says(alex: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "päper.txt", "contentBytes": "SGVsbG8="}
    sent = alex.sent(
        subject="会議のお知らせ 💌",
        body={"contentType": "html", "content": "<p>Grüße</p>"},
        ccRecipients=[{"emailAddress": {"name": "Megan “M” Bowen, Ltd.", "address": MEGAN}}],
        bccRecipients=to("danas@contoso.com"),
        internetMessageHeaders=[{"name": "x-custom", "value": "wörth"}],
        attachments=[file],
    )
    mime = mime_of(alex, sent["id"])
    assert mime["subject"] == "会議のお知らせ 💌"
    assert mime["from"].addresses[0].addr_spec == ALEX
    assert mime["to"].addresses[0].addr_spec == ADELE
    assert mime["cc"].addresses[0].display_name == "Megan “M” Bowen, Ltd."
    assert mime["message-id"] == sent["internetMessageId"]
    assert mime["x-custom"] == "wörth"
    body = mime.get_body(("html",))
    assert body is not None
    assert "<p>Grüße</p>" in body.get_content()
    (attached,) = mime.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("päper.txt", "Hello")


def test_mime_that_came_in_goes_out_again(alex: Graph) -> None:
    raw = b"From: alexw@contoso.com\r\nTo: adelev@contoso.com\r\nSubject: =?utf-8?b?w6Q=?=\r\n\r\nB\xc3\xb6dy"
    answer = alex.post(
        "/me/messages",
        content=base64.encodebytes(raw),
        headers={"Content-Type": "text/plain; charset=us-ascii"},
    )
    assert answer.status_code == 201
    mime = mime_of(alex, answer.json()["id"])
    assert mime["subject"] == "ä"
    assert mime["to"].addresses[0].addr_spec == ADELE


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: all@contoso.com", "a\nBcc: all@contoso.com", "a\rBcc: all@contoso.com"]
)
def test_no_line_break_gets_into_the_headers_of_mime(alex: Graph, evil: str) -> None:
    person = {"emailAddress": {"name": evil, "address": ADELE}}
    nameless = {"emailAddress": {"address": evil}}
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "contentBytes": "SGVsbG8=", "name": evil}
    draft = alex.draft(
        subject=evil,
        toRecipients=[person, nameless],
        replyTo=[nameless],
        internetMessageId=evil,
        attachments=[file | {"contentType": f"text/plain\r\n{evil}", "contentId": evil, "isInline": True}],
    )
    assert "bcc" not in mime_of(alex, draft["id"])
    for part in mime_of(alex, draft["id"]).walk():
        assert "bcc" not in part


STRANGE = [
    "\0",
    "a\0b",
    "💌",
    "👩‍👩‍👧‍👦",
    "\u202e",
    "\ufffe",
    "\U0010ffff",
    "a\tb\r\nc",
    "x" * 100_000,
    "=?utf-8?q?x?=",
    "‮",
]


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: ascii(text[:20]))
def test_strange_text_is_kept_as_it_is(alex: Graph, text: str) -> None:
    draft = alex.draft(
        subject=text, body={"contentType": "text", "content": text}, categories=[text], replyTo=to(text)
    )
    shown = alex.read(f"/me/messages/{draft['id']}")
    assert shown["subject"] == text
    assert shown["body"]["content"] == text
    assert shown["categories"] == [text]
    assert shown["replyTo"][0]["emailAddress"] == {"name": text, "address": text.strip()}
    assert mime_of(alex, draft["id"])
    assert alex.get("/me/messages?$orderby=subject").status_code == 200


def test_a_large_body_comes_back_whole(alex: Graph) -> None:
    content = "Grüße 💌 " * 20_000
    draft = alex.draft(body={"contentType": "text", "content": content})
    path = f"/me/messages/{draft['id']}"
    assert alex.read(path)["body"]["content"] == content
    assert (
        alex.changed(path, {"body": {"contentType": "text", "content": content + "!"}})["body"]["content"][-1]
        == "!"
    )
    assert mime_of(alex, draft["id"]).get_content().replace("\r\n", "\n").strip() == (content + "!").strip()


# --- What every answer carries ---------------------------------------------------------------------


def test_the_request_ids_come_back(alex: Graph) -> None:
    given = "6F666666-4D14-4B0A-8D0E-1B7D36B2C3A1"
    answers = [
        alex.get("/me/messages", headers={"client-request-id": said}) for said in (given, "no guid", "")
    ]
    assert answers[0].headers["client-request-id"].lower() == given.lower()
    for answer in answers[1:]:
        assert answer.headers["client-request-id"] == answer.headers["request-id"]
    assert len({answer.headers["request-id"] for answer in answers}) == 3


def test_json_is_called_json(alex: Graph) -> None:
    for answer in (alex.get("/me/messages"), alex.get("/me/nowhere"), alex.post("/me/messages", json={})):
        assert answer.headers["content-type"].split(";")[0] == "application/json"


def test_a_new_message_says_where_it_is(alex: Graph) -> None:
    answer = alex.post("/me/messages", json={"subject": "x"})
    assert alex.read(answer.headers["location"])["id"] == answer.json()["id"]
    assert answer.headers["etag"] == answer.json()["@odata.etag"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json;odata.metadata=minimal;odata.streaming=False;IEEE754Compatible=False",
    ],
)
def test_json_is_known_by_many_names(alex: Graph, kind: str) -> None:
    headers = {"Content-Type": kind, "Accept": "application/json;odata.metadata=none"}
    assert alex.post("/me/messages", content=b'{"subject":"x"}', headers=headers).status_code == 201


def test_a_get_may_name_a_content_type(alex: Graph) -> None:
    assert alex.get("/me/messages", headers={"Content-Type": "application/json"}).status_code == 200


def test_extended_properties_are_shown_when_asked_for_by_id(alex: Graph) -> None:
    color = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
    palette = "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette"
    draft = alex.draft(
        singleValueExtendedProperties=[{"id": color, "value": "Green"}],
        multiValueExtendedProperties=[{"id": palette, "value": ["Green", "Aqua"]}],
    )
    path = f"/me/messages/{draft['id']}"
    unasked = set(draft) | set(alex.read(path))
    assert not {"singleValueExtendedProperties", "multiValueExtendedProperties"} & unasked
    single = f"$expand=singleValueExtendedProperties($filter=id eq '{color}')"
    multi = f"$expand=multiValueExtendedProperties($filter=id eq '{palette}')"
    assert alex.read(f"{path}?{single}")["singleValueExtendedProperties"] == [{"id": color, "value": "Green"}]
    shown = alex.read(f"{path}?{multi}")["multiValueExtendedProperties"]
    assert shown == [{"id": palette, "value": ["Green", "Aqua"]}]
    assert "singleValueExtendedProperties" not in alex.read(f"{path}?{single.replace('Color', 'Colour')}")
    alex.changed(path, {"singleValueExtendedProperties": [{"id": color, "value": "Red"}]})
    assert alex.read(f"{path}?{single}")["singleValueExtendedProperties"] == [{"id": color, "value": "Red"}]
    assert "multiValueExtendedProperties" in alex.read(f"{path}?{multi}")
