"""user: sendMail (S2)."""

import base64
from typing import Any

import pytest

from tests.documents.talking import GraphClient, Office, to
from tests.documents.ticking import ticks
from tests.documents.wire import Json, Sample, error_of, is_empty

SEND_MAIL = "/v1.0/me/sendMail"
LUNCH = {"subject": "Lunch?", "toRecipients": to("meganb@contoso.com")}
PLAIN = {"Content-Type": "text/plain"}
WELL_FORMED = [
    "sendmail-json",
    "sendmail-internet-headers",
    "sendmail-file-attachment",
    "sendmail-mime",
    "sendmail-flagged-without-message-wrapper",
]


@pytest.fixture
def adele(office: Office) -> GraphClient:
    """Adele Vance, who writes example 4, given a mailbox."""
    office.book.add_user("adelev@contoso.com", name="Adele Vance")
    return office.client("adelev@contoso.com")


@ticks("S2-2", "S2-10", "S2-17", "S2-20", "S2-23", "S2-24", "S2-25", "S2-29")
@pytest.mark.parametrize("name", WELL_FORMED)
def test_the_requests_of_the_page_are_accepted_with_nothing_in_the_answer(
    adele: GraphClient, sample: dict[str, Sample], name: str
) -> None:
    answer = adele.say(sample[name])

    assert answer.status_code == sample[name].status == 202
    assert is_empty(answer)


@ticks("S2-5", "S2-15", "S2-23", "Across-10")
def test_a_copy_is_saved_in_sent_items_by_default(alex: GraphClient, sample: dict[str, Sample]) -> None:
    alex.say(sample["sendmail-internet-headers"])

    (kept,) = alex.folder("sentitems")
    assert (kept["subject"], kept["isDraft"]) == ("9/9/2018: concert", False)
    assert alex.folder("drafts") == []
    path = f"/v1.0/me/messages/{kept['id']}?$select=internetMessageHeaders"
    said = sample["sendmail-internet-headers"].body["message"]["internetMessageHeaders"]
    assert alex.read(path)["internetMessageHeaders"] == said


@ticks("S2-20", "S2-21", "S2-22", "Across-4", "Across-10")
def test_example_1_reaches_both_and_leaves_no_copy(
    alex: GraphClient, office: Office, sample: dict[str, Sample]
) -> None:
    assert sample["sendmail-json"].body["saveToSentItems"] == "false"

    alex.say(sample["sendmail-json"])
    office.book.deliver()

    assert alex.folder("sentitems") == alex.folder("drafts") == []
    (arrived,) = office.client("danas@contoso.com").folder("inbox")
    assert arrived["body"] == {"contentType": "text", "content": "The new cafeteria is open."}
    people = [arrived[name][0]["emailAddress"]["address"] for name in ("toRecipients", "ccRecipients")]
    assert people == ["frannis@contoso.com", "danas@contoso.com"]


@ticks("S2-15", "S2-21", "Across-4")
@pytest.mark.parametrize(
    ("said", "copies"),
    [(True, 1), ("true", 1), ("True", 1), (None, 1), (False, 0), ("false", 0), ("FALSE", 0)],
)
@pytest.mark.parametrize("name", ["saveToSentItems", "SaveToSentItems"])
def test_keeping_a_copy_is_a_boolean_or_its_name_as_a_string(
    alex: GraphClient, said: Any, copies: int, name: str
) -> None:
    answer = alex.post(SEND_MAIL, json={"message": LUNCH, name: said})

    assert answer.status_code == 202
    assert len(alex.folder("sentitems")) == copies


@ticks("S2-21", "Across-4")
@pytest.mark.parametrize("said", ["no", "", 0, 1, [], {}])
def test_anything_else_is_no_boolean(alex: GraphClient, office: Office, said: Any) -> None:
    answer = alex.post(SEND_MAIL, json={"message": LUNCH, "saveToSentItems": said})

    assert error_of(answer) == (400, "RequestBodyRead")
    assert office.book.waiting() == 0


@ticks("S2-3", "S2-24")
def test_a_file_rides_along(alex: GraphClient, office: Office, sample: dict[str, Sample]) -> None:
    alex.say(sample["sendmail-file-attachment"])
    office.book.deliver()

    (kept,) = alex.folder("sentitems")
    megan = office.client("meganb@contoso.com")
    (arrived,) = megan.folder("inbox")
    for reader, message in ((alex, kept), (megan, arrived)):
        assert message["hasAttachments"] is True
        (file,) = reader.read(f"/v1.0/me/messages/{message['id']}/attachments")["value"]
        assert (file["name"], file["contentType"]) == ("attachment.txt", "text/plain")
        assert base64.b64decode(file["contentBytes"]) == b"Hello World!"


@ticks("S2-9")
def test_a_person_needs_mail_send_and_nothing_else(office: Office) -> None:
    writer = office.client("alexw@contoso.com", scope="Mail.ReadWrite Mail.Read")
    sender = office.client("alexw@contoso.com", scope="Mail.Send")

    assert error_of(writer.post(SEND_MAIL, json={"message": LUNCH})) == (403, "ErrorAccessDenied")
    assert office.book.waiting() == 0
    assert sender.post(SEND_MAIL, json={"message": LUNCH}).status_code == 202


@ticks("S2-9", "S2-11")
@pytest.mark.parametrize("user", ["{id}", "alexw@contoso.com", "AlexW@contoso.com"])
def test_an_application_sends_for_a_user_named_by_id_or_principal_name(
    alex: GraphClient, office: Office, user: str
) -> None:
    path = f"/v1.0/users/{user.format(id=office.user_id('alexw@contoso.com'))}/sendMail"

    assert error_of(office.program("Mail.ReadWrite").post(path, json={"message": LUNCH}))[0] == 403
    assert office.program("Mail.Send").post(path, json={"message": LUNCH}).status_code == 202
    (kept,) = alex.folder("sentitems")
    assert kept["from"]["emailAddress"]["address"] == "alexw@contoso.com"


@ticks("S2-12")
def test_without_a_token_nothing_is_sent(office: Office) -> None:
    answer = office.stranger().post(SEND_MAIL, json={"message": LUNCH})

    assert error_of(answer) == (401, "InvalidAuthenticationToken")
    assert office.book.waiting() == 0


@ticks("S2-13")
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/html"}, {"Content-Type": "application/xml"}])
def test_a_content_type_is_required(alex: GraphClient, office: Office, headers: dict[str, str]) -> None:
    answer = alex.post(SEND_MAIL, content='{"message": {}}', headers=headers)

    assert answer.status_code == 415
    assert office.book.waiting() == 0


@ticks("S2-13")
def test_the_content_type_decides_how_the_body_is_read(alex: GraphClient) -> None:
    as_text = alex.post(SEND_MAIL, content='{"message": {}}', headers=PLAIN)
    as_json = alex.post(SEND_MAIL, content="VG86IGE=", headers={"Content-Type": "application/json"})

    assert error_of(as_text) == (400, "ErrorMimeContentInvalidBase64String")
    assert error_of(as_json) == (400, "BadRequest")


@ticks("S2-14", "Across-3")
@pytest.mark.parametrize("body", [{}, {"saveToSentItems": True}, {"message": None}])
def test_a_message_is_required(alex: GraphClient, office: Office, body: Json) -> None:
    answer = alex.post(SEND_MAIL, json=body)

    assert error_of(answer) == (400, "RequestBodyRead")
    assert office.book.waiting() == 0


@ticks("S2-14")
@pytest.mark.parametrize("name", ["message", "Message"])
def test_the_message_is_read_under_either_name(alex: GraphClient, name: str) -> None:
    assert alex.post(SEND_MAIL, json={name: LUNCH}).status_code == 202


@ticks("S2-16")
def test_mime_always_leaves_a_copy(adele: GraphClient, sample: dict[str, Sample]) -> None:
    adele.say(sample["sendmail-mime"])

    (kept,) = adele.folder("sentitems")
    assert kept["subject"] == "Test Message"


@ticks("S2-18")
def test_accepted_is_not_yet_delivered(alex: GraphClient, office: Office) -> None:
    megan = office.client("meganb@contoso.com")

    assert alex.post(SEND_MAIL, json={"message": LUNCH}).status_code == 202

    assert megan.folder("inbox") == []
    assert office.book.waiting() == 1
    office.book.deliver()
    assert [message["subject"] for message in megan.folder("inbox")] == ["Lunch?"]
    assert office.book.waiting() == 0


@ticks("S2-19", "S2-28", "Across-9")
@pytest.mark.parametrize("body", ["not base64!", "", "A"])
def test_malformed_mime_is_answered_as_it_is_printed(
    alex: GraphClient, office: Office, sample: dict[str, Sample], body: str
) -> None:
    printed = sample["sendmail-mime-malformed"]

    answer = alex.post(SEND_MAIL, content=body, headers=PLAIN)

    assert answer.status_code == printed.status == 400
    assert answer.headers["content-type"].startswith("application/json")
    error = answer.json()["error"]
    assert {name: error[name] for name in error if name != "innerError"} == printed.answer["error"]
    assert office.book.waiting() == 0
    assert alex.folder("sentitems") == []


@ticks("S2-25", "S2-26")
def test_the_mime_of_example_4_is_what_the_page_prints(sample: dict[str, Sample]) -> None:
    lines = sample["sendmail-mime"].body.split("\n")
    payload = base64.b64decode(sample["sendmail-mime"].body)

    assert [len(line) for line in lines] == [76] * 19 + [20]
    assert (len(payload), b"\r" in payload, payload.endswith(b"--")) == (1098, False, True)
    assert b"Subject:Test Message\n" in payload
    assert b"\nDate:" not in payload
    assert b"\nMessage-ID:" not in payload


@ticks("S2-26", "S2-27")
def test_the_letter_of_example_4_arrives_with_its_html_and_its_file(
    adele: GraphClient, office: Office, sample: dict[str, Sample]
) -> None:
    adele.say(sample["sendmail-mime"])
    office.book.deliver()

    alex = office.client("alexw@contoso.com")
    (arrived,) = alex.folder("inbox")
    adeles = {"emailAddress": {"name": "Adele Vance", "address": "AdeleV@contoso.com"}}
    assert (arrived["subject"], arrived["from"]) == ("Test Message", adeles)
    assert arrived["toRecipients"] == [
        {"emailAddress": {"name": "Alex Wilber", "address": "AlexW@contoso.com"}}
    ]
    assert arrived["sentDateTime"] == "2021-04-23T18:13:44Z"
    assert arrived["internetMessageId"].endswith("@contoso.com>")
    assert arrived["body"]["contentType"] == "html"
    assert "test html body" in arrived["body"]["content"]
    assert arrived["bodyPreview"] == "test html body"
    assert arrived["hasAttachments"] is True
    (file,) = alex.read(f"/v1.0/me/messages/{arrived['id']}/attachments")["value"]
    assert (file["name"], file["contentType"]) == ("test.txt", "text/plain")
    assert base64.b64decode(file["contentBytes"]).strip() == b"this is the attachment text"


@ticks("S2-29", "S2-30", "S2-31", "Across-3")
def test_example_5_is_a_bare_message_with_a_flag_and_no_body(
    alex: GraphClient, sample: dict[str, Sample]
) -> None:
    said = sample["sendmail-flagged-without-message-wrapper"].body
    assert "message" not in said

    alex.say(sample["sendmail-flagged-without-message-wrapper"])

    (kept,) = alex.folder("sentitems")
    assert kept["subject"] == "Please respond by Friday"
    assert kept["flag"] == said["flag"]
    assert kept["body"] == {"contentType": "text", "content": ""}


@ticks("S2-30")
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_letter_without_a_body_is_accepted(alex: GraphClient, wrapped: bool) -> None:
    answer = alex.post(SEND_MAIL, json={"message": LUNCH} if wrapped else LUNCH)

    assert answer.status_code == 202
    assert alex.folder("sentitems")[0]["bodyPreview"] == ""
