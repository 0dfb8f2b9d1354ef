"""message: send. The page as it stands (S0) and the one of 2015 (S3)."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.documents.talking import GraphClient, Office, to
from tests.documents.ticking import ticks
from tests.documents.wire import Sample, error_of, is_empty

SEND = "/v1.0/me/messages/{}/send"


def still_a_draft(alex: GraphClient, draft_id: str) -> bool:
    return [message["id"] for message in alex.folder("drafts")] == [draft_id]


@ticks("S0-8", "S0-14", "S0-15", "S0-16", "S3-5", "S3-8", "S3-9", "S3-10", "S3-11", "Across-1")
@pytest.mark.parametrize("name", ["send-existing-draft", "send-existing-draft-2015"])
def test_the_request_of_the_page_is_accepted_with_nothing_in_the_answer(
    alex: GraphClient, sample: dict[str, Sample], name: str
) -> None:
    answer = alex.say(sample[name], id=alex.draft()["id"])

    assert answer.status_code == 202
    assert is_empty(answer)


@ticks("S0-2")
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_message_that_is_not_there_cannot_be_sent(alex: GraphClient, office: Office, version: str) -> None:
    elsewhere = office.client("meganb@contoso.com").draft()["id"]

    answer = alex.post(f"/{version}/me/messages/{elsewhere}/send")

    assert error_of(answer) == (404, "ErrorItemNotFound")


@ticks("S0-2")
def test_a_message_that_is_no_draft_any_more_cannot_be_sent_again(alex: GraphClient, office: Office) -> None:
    draft_id = alex.draft()["id"]
    alex.post(SEND.format(draft_id))
    told = office.book.mailbox("alexw@contoso.com").history(draft_id)

    assert error_of(alex.post(SEND.format(draft_id))) == (404, "ErrorItemNotFound")
    (kept,) = alex.folder("sentitems")
    again = alex.post(SEND.format(kept["id"]))

    assert error_of(again) == (400, "ErrorInvalidPropertySet")
    assert again.json()["error"]["message"] == "Message is not draft."
    assert office.book.mailbox("alexw@contoso.com").history(draft_id) == told
    assert office.book.waiting() == 1


def a_reply() -> str:
    lines = (
        "From: Alex Wilber <alexw@contoso.com>",
        "To: Megan Bowen <meganb@contoso.com>",
        "Subject: RE: Lunch",
        "In-Reply-To: <lunch@contoso.com>",
        "References: <lunch@contoso.com>",
        "",
        "Yes.",
    )
    return base64.b64encode("\r\n".join(lines).encode()).decode()


def new_draft(alex: GraphClient) -> str:
    return str(alex.draft()["id"])


def answer_to(alex: GraphClient, action: str, **said: Any) -> str:
    """The id of a draft that answers a letter, which is then taken out of the way."""
    original = alex.draft()["id"]
    made = alex.post(f"/v1.0/me/messages/{original}/{action}", **said)
    assert made.status_code == 201
    assert alex.ask("DELETE", f"/v1.0/me/messages/{original}").status_code == 204
    return str(made.json()["id"])


def reply_draft(alex: GraphClient) -> str:
    return answer_to(alex, "createReply", content=a_reply(), headers={"Content-Type": "text/plain"})


def reply_all_draft(alex: GraphClient) -> str:
    return answer_to(alex, "createReplyAll", json={"comment": "Yes."})


def forward_draft(alex: GraphClient) -> str:
    return answer_to(alex, "createForward", json={"toRecipients": to("danas@contoso.com")})


@ticks("S0-3", "S3-2")
@pytest.mark.parametrize("begin", [new_draft, reply_draft, reply_all_draft, forward_draft])
def test_drafts_of_every_origin_are_sent_by_the_same_action(
    alex: GraphClient, begin: Callable[[GraphClient], str]
) -> None:
    draft_id = begin(alex)
    subject = alex.read(f"/v1.0/me/messages/{draft_id}")["subject"]

    assert alex.post(SEND.format(draft_id)).status_code == 202
    assert [message["subject"] for message in alex.folder("sentitems")] == [subject]


@ticks("S0-4", "S3-3", "Across-10")
def test_a_sent_message_leaves_drafts_for_sent_items(alex: GraphClient, office: Office) -> None:
    draft = alex.draft()
    assert still_a_draft(alex, draft["id"])

    alex.post(SEND.format(draft["id"]))

    assert alex.folder("drafts") == []
    (kept,) = alex.folder("sentitems")
    assert (kept["internetMessageId"], kept["isDraft"]) == (draft["internetMessageId"], False)
    assert (kept["id"] == draft["id"], kept["subject"]) == (False, "Lunch")
    assert kept["parentFolderId"] == office.folder_id("alexw@contoso.com", "sentitems")
    assert kept["from"] == kept["sender"]
    assert kept["from"]["emailAddress"] == {"name": "Alex Wilber", "address": "alexw@contoso.com"}


@ticks("S0-7", "S3-4")
def test_a_person_needs_mail_send_and_nothing_else(alex: GraphClient, office: Office) -> None:
    draft_id = alex.draft()["id"]
    writer = office.client("alexw@contoso.com", scope="Mail.ReadWrite")
    sender = office.client("alexw@contoso.com", scope="Mail.Send")

    assert error_of(writer.post(SEND.format(draft_id))) == (403, "ErrorAccessDenied")
    assert still_a_draft(alex, draft_id)
    assert sender.post(SEND.format(draft_id)).status_code == 202


@ticks("S0-7")
def test_an_application_needs_mail_send_and_nothing_else(alex: GraphClient, office: Office) -> None:
    draft_id = alex.draft()["id"]
    path = f"/v1.0/users/alexw@contoso.com/messages/{draft_id}/send"

    assert error_of(office.program("Mail.ReadWrite").post(path)) == (403, "ErrorAccessDenied")
    assert still_a_draft(alex, draft_id)
    assert office.program("Mail.Send").post(path).status_code == 202


@ticks("S0-9", "S0-18", "S3-6")
@pytest.mark.parametrize("user", ["{id}", "alexw@contoso.com", "AlexW@Contoso.com"])
def test_a_user_is_named_by_id_or_by_principal_name(alex: GraphClient, office: Office, user: str) -> None:
    named = user.format(id=office.user_id("alexw@contoso.com"))

    answer = alex.post(f"/v1.0/users/{named}/messages/{alex.draft()['id']}/send")

    assert answer.status_code == 202
    assert is_empty(answer)


@ticks("S0-10")
def test_there_is_no_sending_through_a_folder(alex: GraphClient) -> None:
    draft_id = alex.draft()["id"]

    answer = alex.post(f"/v1.0/me/mailFolders/drafts/messages/{draft_id}/send")

    assert error_of(answer) == (400, "RequestBroker--ParseUri")
    assert still_a_draft(alex, draft_id)


@ticks("S0-11", "S3-7")
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic YWxleDpzZXNhbWU="}]
)
def test_without_a_bearer_token_nothing_is_sent(
    alex: GraphClient, office: Office, headers: dict[str, str]
) -> None:
    draft_id = alex.draft()["id"]

    answer = office.stranger().post(SEND.format(draft_id), headers=headers)

    assert error_of(answer) == (401, "InvalidAuthenticationToken")
    assert still_a_draft(alex, draft_id)


@ticks("S0-12", "S3-7", "Across-2")
@pytest.mark.parametrize("without", [(), ("Content-Length",)], ids=["announced", "not announced"])
def test_an_empty_body_may_be_announced_or_not(alex: GraphClient, without: tuple[str, ...]) -> None:
    answer = alex.post(SEND.format(alex.draft()["id"]), without=without)

    assert ("content-length" in answer.request.headers) == (without == ())
    assert answer.request.headers.get("content-length", "0") == "0"
    assert answer.status_code == 202


@ticks("S0-13", "S3-8")
@pytest.mark.parametrize("body", ["{}", '{"comment": "no such thing"}', "not even JSON"])
def test_a_body_is_passed_over(alex: GraphClient, body: str) -> None:
    draft = alex.draft()

    answer = alex.post(SEND.format(draft["id"]), content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 202
    assert alex.folder("sentitems")[0]["subject"] == draft["subject"]


@ticks("S3-1")
def test_a_draft_outside_of_drafts_can_be_sent(alex: GraphClient) -> None:
    draft = alex.draft("/v1.0/me/mailFolders/archive/messages")

    assert alex.post(SEND.format(draft["id"])).status_code == 202
    assert alex.folder("archive") == []


@ticks("S3-1")
def test_a_sent_message_that_was_moved_into_drafts_cannot_be_sent(alex: GraphClient, office: Office) -> None:
    draft_id = alex.draft()["id"]
    alex.post(SEND.format(draft_id))
    office.book.mailbox("alexw@contoso.com").move(draft_id, "drafts")

    (moved,) = alex.folder("drafts")
    answer = alex.post(SEND.format(moved["id"]))

    assert error_of(answer) == (400, "ErrorInvalidPropertySet")
    assert office.book.waiting() == 1
