"""A letter that has left or arrived is for ever, but for the marks of its owner."""

from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

SENT_IS_SENT = (400, "ErrorInvalidPropertySet")
ONLY_IN_DRAFTS: list[dict[str, Any]] = [
    {"subject": "Another"},
    {"subject": "A draft"},
    {"body": {"contentType": "text", "content": "x"}},
    {"toRecipients": []},
    {"ccRecipients": to(MEGAN)},
    {"bccRecipients": to(MEGAN)},
    {"replyTo": to(MEGAN)},
    {"from": to(ALEX)[0]},
    {"sender": to(ALEX)[0]},
    {"internetMessageId": "<x@contoso.com>"},
    {"internetMessageHeaders": [{"name": "x-a", "value": "b"}]},
]


@pytest.mark.parametrize("said", ONLY_IN_DRAFTS, ids=lambda said: next(iter(said)))
def test_what_was_sent_cannot_be_rewritten(alex: Graph, adele: Graph, said: dict[str, Any]) -> None:
    path = f"/me/messages/{alex.sent()['id']}"
    assert alex.refused("PATCH", path, *SENT_IS_SENT, json=said) == "Message is not draft."
    alex.refused("PATCH", path, *SENT_IS_SENT, json=said | {"isRead": False})
    alex.book.deliver()
    (received,) = adele.values("/me/mailFolders/inbox/messages")
    adele.refused("PATCH", f"/me/messages/{received['id']}", *SENT_IS_SENT, json=said)


def test_what_was_sent_is_sent_once_and_takes_nothing_in(alex: Graph) -> None:
    path = f"/me/messages/{alex.sent()['id']}"
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
    alex.refused("POST", f"{path}/send", *SENT_IS_SENT)
    alex.refused("POST", f"{path}/attachments", *SENT_IS_SENT, json=file)
    alex.beta.refused("POST", f"{path}/mentions", *SENT_IS_SENT, json={"mentioned": {"address": ADELE}})


def test_what_was_received_cannot_be_sent(alex: Graph, adele: Graph) -> None:
    alex.sent()
    alex.book.deliver()
    (received,) = adele.values("/me/mailFolders/inbox/messages")
    adele.refused("POST", f"/me/messages/{received['id']}/send", *SENT_IS_SENT)


def test_an_attachment_and_a_mention_stay_with_what_was_sent(alex: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
    sent = alex.beta.sent(attachments=[file], mentions=[{"mentioned": {"address": MEGAN}}])
    path = f"/me/messages/{sent['id']}"
    for what in ("attachments", "mentions"):
        (kept,) = alex.beta.values(f"{path}/{what}")
        alex.beta.refused("DELETE", f"{path}/{what}/{kept['id']}", *SENT_IS_SENT)


def test_the_marks_of_the_owner_can_be_changed_for_ever(alex: Graph) -> None:
    path = f"/me/messages/{alex.sent()['id']}"
    marks = {
        "isRead": False,
        "flag": {"flagStatus": "flagged"},
        "categories": ["Red"],
        "importance": "high",
        "inferenceClassification": "other",
        "isDeliveryReceiptRequested": True,
        "isReadReceiptRequested": True,
    }
    assert marks.items() <= alex.changed(path, marks).items()
    assert alex.read(path)["subject"] == "A draft"
