"""A draft changed by MIME: all that it says and has attached is replaced, and nothing else."""

import base64
from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

MIME = {"Content-Type": "text/plain"}
SAMPLE = (
    b"Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluOyBjaGFyc2V0PSJ1cy1hc2NpaSINCk1pbWUtVmVyc2lvbjogMS4wDQpTdWJqZWN0OiBV"
    b"cGRhdGVkIG1lc3NhZ2UNCg0KVXBkYXRlZCBtZXNzYWdlIGJvZHkgdmlhIE1JTUUu"
)
"""The sample of *Update message* (2026-08-17)."""
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "old.txt", "contentBytes": "SGVsbG8="}
WHOLE = (
    b"From: Dana <danas@contoso.com>\nTo: Megan <meganb@contoso.com>\nSubject: New\n"
    b"Message-ID: <new@contoso.com>\n"
    b"Date: Sun, 28 Feb 2021 07:15:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    b"--x\nContent-Type: text/html\n\n<b>New</b>\n--x\nContent-Disposition: attachment; filename=new.txt\n\n"
    b"new\n--x--\n"
)


@pytest.fixture
def author(alex: Graph) -> Graph:
    """Alex, who may also change messages by MIME."""
    return alex.holding(alex.book.token(ALEX, "Mail.ReadWrite Mail.Send Mail.Advanced.ReadWrite"))


def replaced(graph: Graph, draft: dict[str, Any], raw: bytes) -> dict[str, Any]:
    """A draft after it was changed by MIME."""
    answer = graph.patch(f"/me/messages/{draft['id']}", content=raw, headers=MIME)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["@odata.context"].endswith("/messages/$entity")
    assert found == graph.read(f"/me/messages/{draft['id']}")
    return found


def test_the_sample_changes_a_draft(author: Graph) -> None:
    draft = author.draft(attachments=[FILE], categories=["Red category"], isRead=False)
    after = replaced(author, draft, SAMPLE)
    assert (after["subject"], after["body"]["content"]) == (
        "Updated message",
        "Updated message body via MIME.",
    )
    assert (after["toRecipients"], after["hasAttachments"]) == ([], False)
    assert (after["categories"], after["isRead"], after["isDraft"]) == (["Red category"], False, True)
    assert (after["internetMessageId"], after["conversationId"]) == (
        draft["internetMessageId"],
        draft["conversationId"],
    )
    assert after["@odata.etag"] != draft["@odata.etag"]


def test_everything_in_the_message_is_taken_over(author: Graph, megan: Graph) -> None:
    draft = author.draft(attachments=[FILE])
    after = replaced(author, draft, base64.encodebytes(WHOLE))
    assert (after["subject"], after["internetMessageId"]) == ("New", "<new@contoso.com>")
    assert after["sentDateTime"] == "2021-02-28T07:15:00Z"
    assert after["from"]["emailAddress"]["address"] == "danas@contoso.com"
    assert [each["name"] for each in author.values(f"/me/messages/{draft['id']}/attachments")] == ["new.txt"]
    assert author.post(f"/me/messages/{draft['id']}/send").status_code == 202
    megan.book.deliver()
    (got,) = megan.values("/me/mailFolders/inbox/messages")
    assert (got["subject"], got["from"]["emailAddress"]["address"]) == ("New", ALEX)


def test_large_parts_are_kept(author: Graph) -> None:
    text = b"word " * 40_000
    after = replaced(author, author.draft(), base64.b64encode(b"Subject: Large\n\n" + text))
    assert after["body"]["content"].split() == ["word"] * 40_000


def test_an_answer_stays_tied_to_its_original(author: Graph, megan: Graph) -> None:
    megan.sent(toRecipients=to(ALEX))
    author.book.deliver()
    (letter,) = author.values("/me/mailFolders/inbox/messages")
    draft = author.made(f"/me/messages/{letter['id']}/createReply", {})
    replaced(author, draft, SAMPLE)
    headers = author.read(f"/me/messages/{draft['id']}?$select=internetMessageHeaders")
    assert {"name": "In-Reply-To", "value": letter["internetMessageId"]} in headers["internetMessageHeaders"]


def test_the_name_that_mime_claims_can_be_corrected(author: Graph) -> None:
    draft = author.draft()
    replaced(author, draft, base64.b64encode(b"From: danas@contoso.com\nTo: adelev@contoso.com\n\nx"))
    author.changed(f"/me/messages/{draft['id']}", {"from": to(MEGAN)[0]})
    author.refused("POST", f"/me/messages/{draft['id']}/send", 403, "ErrorSendAsDenied")


def test_a_change_by_mime_needs_its_scope(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    alex.refused("PATCH", path, 403, "ErrorAccessDenied", content=SAMPLE, headers=MIME)
    advanced = alex.holding(alex.book.token(ALEX, "Mail.Advanced.ReadWrite"))
    assert advanced.patch(path, content=SAMPLE, headers=MIME).status_code == 200
    assert advanced.patch(path, json={"subject": "JSON"}).status_code == 200


@pytest.mark.parametrize("content", [b"", b"%%%"])
def test_what_is_no_base64_changes_nothing(author: Graph, content: bytes) -> None:
    path = f"/me/messages/{author.draft()['id']}"
    author.refused("PATCH", path, 400, "ErrorMimeContentInvalidBase64String", content=content, headers=MIME)


def test_only_a_draft_that_is_there_and_as_it_was_seen_is_changed(author: Graph, adele: Graph) -> None:
    sent = author.sent()
    said: dict[str, Any] = {"content": SAMPLE, "headers": MIME}
    author.refused("PATCH", f"/me/messages/{sent['id']}", 400, "ErrorInvalidPropertySet", **said)
    draft = author.draft()
    stranger = adele.holding(adele.book.token(ADELE, "Mail.Advanced.ReadWrite"))
    stranger.refused("PATCH", f"/me/messages/{draft['id']}", 404, "ErrorItemNotFound", **said)
    stale = author.saying(If_Match='W/"CQAAABYAAAA="')
    stale.refused("PATCH", f"/me/messages/{draft['id']}", 412, "ErrorIrresolvableConflict", **said)
    fresh = author.saying(If_Match=draft["@odata.etag"])
    assert fresh.patch(f"/me/messages/{draft['id']}", **said).status_code == 200
