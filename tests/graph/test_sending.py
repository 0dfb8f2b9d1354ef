"""Sending: of a draft, and in one go in every form that real clients use."""

import base64
from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

LETTER = {"subject": "Meet for lunch?", "toRecipients": to(ADELE)}
INVALID = (400, "ErrorInvalidRecipients")


def inbox(graph: Graph) -> list[dict[str, Any]]:
    """What has arrived."""
    graph.book.deliver()
    return graph.values("/me/mailFolders/inbox/messages")


def sent_items(graph: Graph) -> list[str]:
    """What has been sent and kept."""
    return [message["subject"] for message in graph.values("/me/mailFolders/sentitems/messages")]


# --- Of a draft ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"headers": {"Content-Length": "0"}},
        {"headers": {"Content-Type": "application/json", "Content-Length": "0"}},
        {"headers": {"Content-Type": "text/plain"}},
        {"json": {}},
        {"content": b"ignored", "headers": {"Content-Type": "application/xml"}},
    ],
    ids=str,
)
def test_a_draft_is_sent_whatever_the_body(alex: Graph, adele: Graph, said: dict[str, Any]) -> None:
    draft = alex.lasting.draft(**LETTER)
    answer = alex.post(f"/me/messages/{draft['id']}/send", **said)
    assert (answer.status_code, answer.content) == (202, b"")
    assert "content-type" not in answer.headers
    assert answer.headers["content-length"] == "0"
    assert alex.values("/me/mailFolders/drafts/messages") == []
    (kept,) = alex.lasting.values("/me/mailFolders/sentitems/messages")
    assert (kept["id"], kept["isDraft"]) == (draft["id"], False)
    assert (
        kept["sender"]["emailAddress"]
        == kept["from"]["emailAddress"]
        == {"name": "Alex Wilber", "address": ALEX}
    )
    (received,) = inbox(adele)
    assert (received["subject"], received["isRead"], received["isDraft"]) == ("Meet for lunch?", False, False)
    assert received["internetMessageId"] == kept["internetMessageId"]


def test_a_draft_without_recipients_is_not_sent(alex: Graph) -> None:
    for draft in (alex.draft(toRecipients=[]), alex.made("/me/messages", {})):
        message = alex.refused("POST", f"/me/messages/{draft['id']}/send", *INVALID)
        assert "no recipients" in message
    alex.refused("POST", "/me/sendMail", *INVALID, json={"message": {}})
    alex.refused("POST", "/me/sendMail", *INVALID, json={"message": {"subject": "x", "toRecipients": []}})
    raw = base64.b64encode(b"Subject: to nobody\n\nx")
    alex.refused("POST", "/me/sendMail", *INVALID, content=raw, headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    "address",
    ["adele", "@contoso.com", "adele@", "", " ", "a b@contoso.com", "a@b@", "<x@y>", "a\0@b", "a,b@c"],
)
def test_an_address_that_leads_nowhere_is_not_sent_to(alex: Graph, address: str) -> None:
    for field in ("toRecipients", "ccRecipients", "bccRecipients"):
        people = {"toRecipients": to(ADELE)} | {field: to(ADELE, address)}
        draft = alex.draft(**people)
        message = alex.refused("POST", f"/me/messages/{draft['id']}/send", *INVALID)
        assert "is not resolved" in message
        alex.refused("POST", "/me/sendMail", *INVALID, json={"message": people})


def test_a_person_without_an_address_is_not_sent_to(alex: Graph) -> None:
    nameless = [{"emailAddress": {"name": "Adele Vance"}}]
    alex.refused("POST", "/me/sendMail", *INVALID, json={"message": {"toRecipients": nameless}})


def test_nobody_writes_in_anothers_name(alex: Graph) -> None:
    megan = {"from": to(MEGAN)[0]}
    draft = alex.draft(**megan)
    alex.refused("POST", f"/me/messages/{draft['id']}/send", 403, "ErrorSendAsDenied")
    alex.refused("POST", "/me/sendMail", 403, "ErrorSendAsDenied", json={"message": LETTER | megan})


@pytest.mark.parametrize("on_behalf", [False, True])
def test_whoever_has_the_right_writes_in_anothers_name(
    alex: Graph, adele: Graph, megan: Graph, on_behalf: bool
) -> None:
    alex.book.mailbox(MEGAN).allow_sending(ALEX.upper(), on_behalf=on_behalf)
    letter = LETTER | {"from": to(MEGAN)[0]}
    assert alex.post("/me/sendMail", json={"message": letter}).status_code == 202
    raw = b"From: Megan <meganb@contoso.com>\nTo: adelev@contoso.com\nSubject: As MIME\n\nx"
    mime = {"content": base64.b64encode(raw), "headers": {"Content-Type": "text/plain"}}
    assert alex.post("/me/sendMail", **mime).status_code == 202
    got = inbox(adele)
    assert len(got) == 2
    for each in (*got, *alex.values("/me/mailFolders/sentitems/messages")):
        assert each["from"]["emailAddress"]["address"] == MEGAN
        assert each["sender"]["emailAddress"]["address"] == (ALEX if on_behalf else MEGAN)
    assert sent_items(megan) == []
    by_alex = adele.values(f"/me/messages?$filter=sender/emailAddress/address eq '{ALEX}'")
    assert len(by_alex) == (2 if on_behalf else 0)
    assert len(adele.values(f"/me/messages?$filter=from/emailAddress/address eq '{MEGAN}'")) == 2
    wire = adele.get(f"/me/messages/{got[0]['id']}/$value").text
    assert (f"\r\nSender: Alex Wilber <{ALEX}>\r\n" in wire) is on_behalf

    alex.book.mailbox(MEGAN).forbid_sending(ALEX)
    alex.refused("POST", "/me/sendMail", 403, "ErrorSendAsDenied", json={"message": letter})


def test_nothing_tells_who_wrote_in_anothers_name_and_kept_no_copy(
    alex: Graph, adele: Graph, megan: Graph
) -> None:
    alex.book.mailbox(MEGAN).allow_sending(ALEX, on_behalf=False)
    said = {"message": LETTER | {"from": to(MEGAN)[0]}, "saveToSentItems": False}
    assert alex.post("/me/sendMail", json=said).status_code == 202
    (got,) = inbox(adele)
    assert ALEX.encode() not in adele.get(f"/me/messages/{got['id']}/$value").content


def test_a_right_is_given_by_the_one_whose_name_it_is(alex: Graph) -> None:
    alex.book.mailbox(ALEX).allow_sending(MEGAN)
    for name in (MEGAN, "danas@contoso.com"):
        letter = LETTER | {"from": to(name)[0]}
        alex.refused("POST", "/me/sendMail", 403, "ErrorSendAsDenied", json={"message": letter})


def test_a_name_that_mime_claims_is_not_believed(alex: Graph, adele: Graph) -> None:
    raw = b"From: meganb@contoso.com\nTo: adelev@contoso.com\n\nx"
    headers = {"Content-Type": "text/plain"}
    assert alex.post("/me/sendMail", content=base64.b64encode(raw), headers=headers).status_code == 202
    (received,) = inbox(adele)
    for name in ("from", "sender"):
        assert received[name]["emailAddress"] == {"name": "Alex Wilber", "address": ALEX}
    assert MEGAN.encode() not in adele.get(f"/me/messages/{received['id']}/$value").content


def test_everybody_writes_in_their_own_name(alex: Graph, adele: Graph) -> None:
    letter = LETTER | {"from": {"emailAddress": {"name": "Alex at work", "address": ALEX.upper()}}}
    assert alex.post("/me/sendMail", json={"message": letter}).status_code == 202
    assert inbox(adele)[0]["from"]["emailAddress"]["name"] == "Alex at work"


def test_blind_copies_are_blind(alex: Graph, adele: Graph, megan: Graph) -> None:
    alex.sent(toRecipients=to(ADELE), bccRecipients=to(MEGAN, "danas@contoso.com"))
    assert inbox(adele)[0]["bccRecipients"] == []
    (to_megan,) = inbox(megan)
    assert [each["emailAddress"]["address"] for each in to_megan["bccRecipients"]] == [MEGAN]
    assert len(alex.values("/me/mailFolders/sentitems/messages")[0]["bccRecipients"]) == 2
    for reader in (adele, megan):
        (message,) = inbox(reader)
        assert b"danas" not in reader.get(f"/me/messages/{message['id']}/$value").content


def test_somebody_named_twice_gets_one_letter(alex: Graph, adele: Graph) -> None:
    alex.sent(toRecipients=to(ADELE, ADELE.upper()), ccRecipients=to(ADELE))
    assert len(inbox(adele)) == 1
    assert alex.book.waiting() == 0


def test_a_letter_to_oneself_is_both_sent_and_received(alex: Graph) -> None:
    sent = alex.sent(toRecipients=to(ALEX))
    (received,) = inbox(alex)
    assert received["id"] != sent["id"]
    assert sent_items(alex) == ["A draft"]


# --- In one go -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"message": LETTER}, True),
        ({"Message": LETTER}, True),
        ({"Message": LETTER, "SaveToSentItems": True}, True),
        ({"Message": LETTER, "SaveToSentItems": False}, False),
        ({"message": LETTER, "saveToSentItems": "false"}, False),
        ({"message": LETTER, "saveToSentItems": "False"}, False),
        ({"message": LETTER, "saveToSentItems": "true"}, True),
        ({"message": LETTER, "saveToSentItems": None}, True),
        ({"Message": LETTER, "save_to_sent_items": None}, True),
        ({"Message": {"@odata.type": "#microsoft.graph.message"} | LETTER, "SaveToSentItems": True}, True),
        ({"@odata.type": "#microsoft.graph.sendMailPostRequestBody", "message": LETTER}, True),
        (LETTER, True),
        ({"@odata.type": "#microsoft.graph.message"} | LETTER, True),
    ],
    ids=str,
)
def test_send_mail_is_understood_in_every_form(
    alex: Graph, adele: Graph, said: dict[str, Any], kept: bool
) -> None:
    for path in ("/me/sendMail", f"/users/{ALEX}/sendMail", "/me/sendmail"):
        answer = alex.post(path, json=said)
        assert (answer.status_code, answer.content) == (202, b"")
        assert "content-type" not in answer.headers
    assert [message["subject"] for message in inbox(adele)] == ["Meet for lunch?"] * 3
    assert sent_items(alex) == (["Meet for lunch?"] * 3 if kept else [])
    assert alex.values("/me/mailFolders/drafts/messages") == []


def test_mime_is_sent_as_it_is(alex: Graph, adele: Graph) -> None:
    raw = b"To: Adele <adelev@contoso.com>\nSubject:Test\nX-Custom: yes\n\nHello\n"
    answer = alex.post(
        "/me/sendMail", content=base64.encodebytes(raw), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 202
    (received,) = inbox(adele)
    assert (received["subject"], received["from"]["emailAddress"]["address"]) == ("Test", ALEX)
    assert received["body"]["content"].strip() == "Hello"
    assert sent_items(alex) == ["Test"]


def test_a_letter_to_somebody_outside_goes_out(alex: Graph) -> None:
    alex.sent(toRecipients=to("danas@fabrikam.com"))
    assert alex.book.waiting() == 1
    alex.book.deliver()
    assert alex.book.waiting() == 0
    kinds = [
        type(fact).__name__ for fact in alex.book.mailbox(ALEX).history(alex.values("/me/messages")[0]["id"])
    ]
    assert kinds == ["DraftCreated", "Sent", "Delivered"]


def test_a_copy_that_is_not_kept_cannot_be_seen(alex: Graph) -> None:
    alex.post("/me/sendMail", json={"message": LETTER, "saveToSentItems": False})
    assert alex.values("/me/messages") == []
    assert alex.read("/me/mailFolders/sentitems")["totalItemCount"] == 0
