"""Replies and forwards, begun as drafts or sent in one go, from JSON and from MIME."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from letterbook.domain.answering import in_words
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, error_in, to

SAMANTHA, RANDI, DANA = "samanthab@contoso.com", "randiw@contoso.com", "danas@contoso.com"
MIME = {"Content-Type": "text/plain"}
CREATING = ("createReply", "createReplyAll", "createForward")
SENDING = ("reply", "replyAll", "forward")
FILE = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "guidelines.txt",
    "contentBytes": "bWFjIGFuZCBjaGVlc2UgdG9kYXk=",
}
LOGO = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "logo.png",
    "contentBytes": "iVBORw0KGgo=",
    "contentId": "logo",
    "isInline": True,
}
GROUP = {
    "subject": "Let's start a group",
    "body": {"contentType": "html", "content": "<p>That's a <b>great</b> idea!</p>"},
}


def received(sender: Graph, reader: Graph, **said: Any) -> dict[str, Any]:
    """A letter as somebody got it."""
    sender.sent(**GROUP | said)
    reader.book.deliver()
    newest: dict[str, Any] = reader.values("/me/mailFolders/inbox/messages")[0]
    return newest


def addresses(people: list[dict[str, Any]]) -> list[str]:
    """Recipients by address."""
    return [each["emailAddress"]["address"] for each in people]


def people_of(message: dict[str, Any]) -> tuple[list[str], list[str]]:
    """To and Cc, by address."""
    return addresses(message["toRecipients"]), addresses(message["ccRecipients"])


def encoded(raw: bytes) -> bytes:
    """MIME as the body of a request."""
    return base64.encodebytes(raw)


def headers_of(graph: Graph, message: dict[str, Any]) -> dict[str, str]:
    """The internet message headers by name."""
    shown = graph.read(f"/me/messages/{message['id']}?$select=internetMessageHeaders")
    return {each["name"]: each["value"] for each in shown["internetMessageHeaders"]}


@pytest.fixture
def letter(megan: Graph, alex: Graph) -> dict[str, Any]:
    """A letter from Megan to Alex and Adele, with copies to Samantha, that Alex got."""
    return received(megan, alex, toRecipients=to(ALEX, ADELE), ccRecipients=to(SAMANTHA))


# --- Drafts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"headers": {"Content-Length": "0"}},
        {"headers": {"Content-Type": "application/json", "Content-Length": "0"}},
        {"json": {}},
        {"json": {"comment": None}},
        {
            "json": {
                "@odata.type": "#microsoft.graph.createReplyPostRequestBody",
                "Comment": "",
                "Message": {},
            }
        },
        {"content": b" \r\n", "headers": {"Content-Type": "application/json"}},
    ],
    ids=str,
)
def test_a_reply_begins_whatever_the_body(alex: Graph, letter: dict[str, Any], said: dict[str, Any]) -> None:
    answer = alex.post(f"/me/messages/{letter['id']}/createReply", **said)
    assert answer.status_code == 201
    draft = answer.json()
    assert answer.headers["location"].endswith(f"/messages('{draft['id']}')")
    assert answer.headers["etag"] == draft["@odata.etag"]
    assert draft["@odata.context"].endswith("/messages/$entity")
    assert draft["parentFolderId"] == alex.read("/me/mailFolders/drafts")["id"]
    assert (draft["isDraft"], draft["isRead"], draft["subject"]) == (True, True, "RE: Let's start a group")
    assert people_of(draft) == ([MEGAN], [])
    assert draft["sender"]["emailAddress"] == {"name": "Alex Wilber", "address": ALEX}
    assert "from" not in draft


def test_a_draft_quotes_the_original_below_the_comment(alex: Graph, letter: dict[str, Any]) -> None:
    draft = alex.made(f"/me/messages/{letter['id']}/createReply", {"comment": "Would <i>you</i> name it?"})
    body = draft["body"]["content"]
    assert draft["body"]["contentType"] == "html"
    assert body.index("Would <i>you</i> name it?") < body.index(
        "<b>From:</b> Megan Bowen<br>\r\n<b>Sent:</b> "
    )
    assert "<b>To:</b> Alex Wilber; Adele Vance<br>\r\n<b>Cc:</b> samanthab@contoso.com<br>\r\n" in body
    assert body.index("<b>Subject:</b> Let's start a group") < body.index(
        "<p>That's a <b>great</b> idea!</p>"
    )
    assert (body.count("<html>"), body.count("</html>")) == (1, 1)
    assert draft["bodyPreview"].startswith("Would you name it?")


def test_a_text_is_answered_as_text(alex: Graph, megan: Graph) -> None:
    text = received(megan, alex, toRecipients=to(ALEX), body={"contentType": "text", "content": "1 < 2?"})
    draft = alex.made(
        f"/me/messages/{text['id']}/createForward", {"comment": "Yes", "toRecipients": to(DANA)}
    )
    content = draft["body"]["content"]
    assert draft["body"]["contentType"] == "text"
    assert content.startswith(f"Yes\r\n\r\n{'_' * 40}\r\nFrom: Megan Bowen\r\nSent: ")
    assert content.endswith("\r\nTo: Alex Wilber\r\nSubject: Let's start a group\r\n\r\n1 < 2?")


def test_the_time_of_the_original_is_told_in_the_zone_that_is_preferred(
    alex: Graph, letter: dict[str, Any]
) -> None:
    sent = datetime.fromisoformat(letter["sentDateTime"])
    zones = {
        'outlook.timezone="Asia/Kolkata"': timedelta(hours=5, minutes=30),
        "IdType=x, OUTLOOK.TIMEZONE=Asia/Kolkata": timedelta(hours=5, minutes=30),
        'outlook.timezone="India Standard Time"': timedelta(hours=5, minutes=30),
        'outlook.timezone="UTC"': timedelta(),
        'outlook.timezone="../etc/passwd"': timedelta(),
        'outlook.body-content-type="html"': timedelta(),
    }
    for prefer, offset in zones.items():
        draft = alex.saying(Prefer=prefer).made(f"/me/messages/{letter['id']}/createReply", {})
        assert f"<b>Sent:</b> {in_words(sent + offset)}<br>" in draft["body"]["content"]


def test_a_reply_to_all_goes_to_everyone_else(alex: Graph, letter: dict[str, Any]) -> None:
    draft = alex.made(f"/me/messages/{letter['id']}/createReplyAll", {})
    assert people_of(draft) == ([MEGAN, ADELE], [SAMANTHA])
    assert draft["toRecipients"][0]["emailAddress"]["name"] == "Megan Bowen"


def test_replies_go_where_the_author_wants_them(alex: Graph, megan: Graph) -> None:
    elsewhere = received(megan, alex, toRecipients=to(ALEX, ADELE), replyTo=to(RANDI))
    path = f"/me/messages/{elsewhere['id']}"
    assert people_of(alex.made(f"{path}/createReply", {})) == ([RANDI], [])
    assert people_of(alex.made(f"{path}/createReplyAll", {})) == ([RANDI, ADELE], [])


def test_nobody_learns_of_blind_copies(alex: Graph) -> None:
    own = alex.sent(**GROUP, toRecipients=to(ADELE), bccRecipients=to(DANA))
    for action, said in (("createReplyAll", {}), ("createForward", {"toRecipients": to(MEGAN)})):
        answer = alex.post(f"/me/messages/{own['id']}/{action}", json=said)
        assert "danas" not in answer.text
    assert people_of(alex.made(f"/me/messages/{own['id']}/createReplyAll", {})) == ([ADELE], [])


@pytest.mark.parametrize("action", CREATING)
def test_what_the_message_says_takes_the_place_of_what_was_worked_out(
    alex: Graph, letter: dict[str, Any], action: str
) -> None:
    message = {
        "subject": "Another subject",
        "toRecipients": to(SAMANTHA, RANDI),
        "isDeliveryReceiptRequested": True,
        "importance": "High",
        "internetMessageHeaders": [{"name": "x-project", "value": "group"}],
        "attachments": [FILE],
        "categories": ["Red category"],
        "body": {"contentType": "text", "content": "All of it"},
    }
    draft = alex.made(f"/me/messages/{letter['id']}/{action}", {"message": message, "comment": ""})
    assert draft["subject"] == "Another subject"
    assert people_of(draft)[0] == [SAMANTHA, RANDI]
    assert (draft["isDeliveryReceiptRequested"], draft["importance"]) == (True, "high")
    assert (draft["hasAttachments"], draft["categories"]) == (True, ["Red category"])
    assert draft["body"] == {"contentType": "text", "content": "All of it"}
    assert headers_of(alex, draft)["x-project"] == "group"


def test_people_and_a_comment_as_in_the_sample(alex: Graph, letter: dict[str, Any]) -> None:
    people = [
        {"emailAddress": {"address": SAMANTHA, "name": "Samantha Booth"}},
        {"emailAddress": {"address": RANDI, "name": "Randi Welch"}},
    ]
    comment = "Samantha, Randi, would you name the group if the project is approved, please?"
    draft = alex.beta.made(
        f"/me/messages/{letter['id']}/createReply", {"message": {"toRecipients": people}, "comment": comment}
    )
    assert draft["toRecipients"] == people
    assert comment in draft["body"]["content"]


def test_mentions_ride_along_in_beta(alex: Graph, letter: dict[str, Any]) -> None:
    said = {"message": {"mentions": [{"mentioned": {"address": DANA}}]}}
    draft = alex.beta.made(f"/me/messages/{letter['id']}/createReply", said)
    assert draft["mentions"][0]["mentioned"]["address"] == DANA
    alex.refused("POST", f"/me/messages/{letter['id']}/createReply", 400, "RequestBodyRead", json=said)


def test_a_forward_carries_what_was_attached_and_a_reply_what_is_shown(alex: Graph, megan: Graph) -> None:
    full = received(megan, alex, toRecipients=to(ALEX), attachments=[FILE, LOGO], importance="high")

    def attached(action: str, said: dict[str, Any]) -> list[tuple[str, str]]:
        draft = alex.made(f"/me/messages/{full['id']}/{action}", said)
        found = alex.values(f"/me/messages/{draft['id']}/attachments")
        assert not {each["id"] for each in found} & {each["id"] for each in originals}
        return [(each["name"], each["contentBytes"]) for each in found]

    originals = alex.values(f"/me/messages/{full['id']}/attachments")
    file, logo = (FILE["name"], FILE["contentBytes"]), (LOGO["name"], LOGO["contentBytes"])
    forward = {"toRecipients": to(DANA)}
    assert attached("createForward", forward) == [file, logo]
    assert attached("createForward", {"message": {"attachments": [LOGO]} | forward}) == [file, logo, logo]
    assert attached("createReply", {}) == attached("createReplyAll", {}) == [logo]
    assert attached("createReply", {"message": {"body": {"content": "Alone"}}}) == []
    assert alex.made(f"/me/messages/{full['id']}/createForward", forward)["importance"] == "high"
    assert alex.made(f"/me/messages/{full['id']}/createReply", {})["importance"] == "normal"


def test_large_bodies_and_attachments_come_along(alex: Graph, megan: Graph) -> None:
    large = "<p>" + "word " * 40_000 + "end</p>"
    contents = base64.b64encode(bytes(200_000)).decode()
    full = received(
        megan,
        alex,
        toRecipients=to(ALEX),
        body={"contentType": "html", "content": large},
        attachments=[FILE | {"contentBytes": contents}],
    )
    draft = alex.made(
        f"/me/messages/{full['id']}/createForward", {"comment": "See", "toRecipients": to(DANA)}
    )
    assert large in draft["body"]["content"]
    (file,) = alex.values(f"/me/messages/{draft['id']}/attachments")
    assert file["contentBytes"] == contents


def test_a_draft_made_so_can_be_changed_and_sent(alex: Graph, megan: Graph, letter: dict[str, Any]) -> None:
    draft = alex.made(f"/me/messages/{letter['id']}/createReply", {"comment": "First"})
    alex.changed(f"/me/messages/{draft['id']}", {"body": {"contentType": "text", "content": "Second"}})
    assert alex.post(f"/me/messages/{draft['id']}/send").status_code == 202
    megan.book.deliver()
    (answer,) = megan.values("/me/mailFolders/inbox/messages")
    assert (answer["subject"], answer["body"]["content"]) == ("RE: Let's start a group", "Second")


def test_drafts_and_sent_letters_can_be_answered_too(alex: Graph) -> None:
    draft = alex.draft(**GROUP, toRecipients=to(ADELE))
    assert people_of(alex.made(f"/me/messages/{draft['id']}/createReply", {})) == ([], [])
    alex.refused(
        "POST", f"/me/messages/{draft['id']}/reply", 400, "ErrorInvalidRecipients", json={"comment": "x"}
    )
    sent = alex.sent(**GROUP, toRecipients=to(ADELE))
    assert people_of(alex.made(f"/me/messages/{sent['id']}/createReply", {})) == ([ALEX], [])


# --- The thread ------------------------------------------------------------------------------------


def test_answers_stay_in_the_conversation(alex: Graph, megan: Graph, letter: dict[str, Any]) -> None:
    for action in CREATING:
        draft = alex.made(f"/me/messages/{letter['id']}/{action}", {"message": {"toRecipients": to(MEGAN)}})
        assert draft["conversationId"] == letter["conversationId"]
        was, now = (base64.b64decode(each["conversationIndex"]) for each in (letter, draft))
        assert now[: len(was)] == was
        assert len(now) == len(was) + 5
        alex.post(f"/me/messages/{draft['id']}/send")
    megan.book.deliver()
    for answer in megan.values("/me/mailFolders/inbox/messages"):
        assert answer["conversationId"] == letter["conversationId"]


def test_answers_name_what_they_answer(alex: Graph, megan: Graph, letter: dict[str, Any]) -> None:
    first = letter["internetMessageId"]
    assert alex.post(f"/me/messages/{letter['id']}/reply", json={"comment": "Yes"}).status_code == 202
    megan.book.deliver()
    (answer,) = megan.values("/me/mailFolders/inbox/messages")
    assert headers_of(megan, answer).items() >= {"In-Reply-To": first, "References": first}.items()
    again = megan.made(f"/me/messages/{answer['id']}/createReply", {})
    second = answer["internetMessageId"]
    mime = megan.get(f"/me/messages/{again['id']}/$value").text
    assert f"\r\nIn-Reply-To: {second}\r\n" in mime
    assert (
        " ".join(mime.partition("\r\nReferences: ")[2].split("\r\nThread")[0].split()[:2])
        == f"{first} {second}"
    )
    assert f"\r\nThread-Index: {again['conversationIndex']}\r\n" in mime


def test_an_author_cannot_untie_an_answer(alex: Graph, letter: dict[str, Any]) -> None:
    draft = alex.made(f"/me/messages/{letter['id']}/createReply", {})
    headers = [{"name": "x-project", "value": "group"}]
    alex.changed(f"/me/messages/{draft['id']}", {"internetMessageHeaders": headers})
    assert {*headers_of(alex, draft)} == {"In-Reply-To", "References", "x-project"}
    untied = {"message": {"internetMessageHeaders": [{"name": "References", "value": "<other@x>"}]}}
    path = f"/me/messages/{letter['id']}/createReply"
    alex.refused("POST", path, 400, "InvalidInternetMessageHeader", json=untied)


def test_the_history_tells_what_was_answered(alex: Graph, letter: dict[str, Any]) -> None:
    draft = alex.made(f"/me/messages/{letter['id']}/createReplyAll", {})
    begun = alex.book.mailbox(ALEX).history(draft["id"])[0]
    original = alex.book.mailbox(ALEX).records(letter["id"])[0].aggregate
    assert begun.model_dump(mode="json")["answers"] == {"message": str(original), "how": "replyAll"}


# --- In one go -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "said", "expected"),
    [
        ("reply", {"comment": "Yes"}, ([MEGAN], [])),
        ("reply", {"Comment": "Yes", "Message": {"toRecipients": to(MEGAN, ADELE)}}, ([MEGAN, ADELE], [])),
        ("reply", {"message": {"body": {"content": "Yes"}, "ccRecipients": to(ADELE)}}, ([MEGAN], [ADELE])),
        ("replyAll", {"comment": "Yes"}, ([MEGAN, ADELE], [SAMANTHA])),
        ("forward", {"comment": "Yes", "toRecipients": to(ADELE)}, ([ADELE], [])),
        ("forward", {"comment": "Yes", "message": {"toRecipients": to(ADELE)}}, ([ADELE], [])),
        ("forward", {"Comment": "Yes", "ToRecipients": to(ADELE), "Message": None}, ([ADELE], [])),
    ],
    ids=str,
)
def test_an_answer_is_sent_and_kept(
    alex: Graph, letter: dict[str, Any], action: str, said: Any, expected: tuple[list[str], list[str]]
) -> None:
    for path in ("/me/messages", "/me/mailFolders/Inbox/messages", f"/users/{ALEX}/messages"):
        answer = alex.post(f"{path}/{letter['id']}/{action}", json=said)
        assert (answer.status_code, answer.content) == (202, b""), answer.text
        assert "content-type" not in answer.headers
    assert alex.values("/me/mailFolders/drafts/messages") == []
    kept = alex.values("/me/mailFolders/sentitems/messages")
    assert [people_of(each) for each in kept] == [expected] * 3
    for each in kept:
        assert each["from"]["emailAddress"]["address"] == each["sender"]["emailAddress"]["address"] == ALEX
        assert each["subject"] == ("FW: " if action == "forward" else "RE: ") + "Let's start a group"
        assert "Yes" in each["body"]["content"]


def test_the_full_name_of_an_action_is_understood(alex: Graph, letter: dict[str, Any]) -> None:
    path = f"/me/messages/{letter['id']}/microsoft.graph.reply"
    assert alex.post(path, json={"comment": "Yes"}).status_code == 202
    alex.refused(
        "POST", f"/me/messages/{letter['id']}/microsoft.graph.nonsense", 400, "RequestBroker--ParseUri"
    )


def test_an_answer_arrives(alex: Graph, adele: Graph, letter: dict[str, Any]) -> None:
    alex.post(
        f"/me/messages/{letter['id']}/replyAll", json={"comment": "Yes", "message": {"attachments": [FILE]}}
    )
    adele.book.deliver()
    answer = adele.values("/me/mailFolders/inbox/messages")[0]
    assert (answer["subject"], answer["hasAttachments"]) == ("RE: Let's start a group", True)


# --- MIME ------------------------------------------------------------------------------------------

RAW = (
    b"To: Dana <danas@contoso.com>\nSubject: Re: S/MIME\nMessage-ID: <mime@contoso.com>\nX-Own: 1\n\nAs it is"
)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("createReply", ([DANA, MEGAN], [])),
        ("createReplyAll", ([DANA, MEGAN, ADELE], [SAMANTHA])),
        ("createForward", ([DANA], [])),
    ],
)
def test_mime_says_everything_but_who_has_to_get_it(
    alex: Graph, letter: dict[str, Any], action: str, expected: tuple[list[str], list[str]]
) -> None:
    answer = alex.post(f"/me/messages/{letter['id']}/{action}", content=encoded(RAW), headers=MIME)
    assert answer.status_code == 201
    draft = answer.json()
    assert people_of(draft) == expected
    assert (draft["subject"], draft["body"]["content"]) == ("Re: S/MIME", "As it is")
    assert draft["conversationId"] == letter["conversationId"]
    assert draft["hasAttachments"] is False
    headers = headers_of(alex, draft)
    assert headers["In-Reply-To"] == headers["References"] == letter["internetMessageId"]
    assert headers["X-Own"] == "1"


def test_mime_may_tie_itself(alex: Graph, letter: dict[str, Any]) -> None:
    raw = b"In-Reply-To: <other@contoso.com>\n\nx"
    answer = alex.post(f"/me/messages/{letter['id']}/createReply", content=encoded(raw), headers=MIME)
    assert headers_of(alex, answer.json()) == {"In-Reply-To": "<other@contoso.com>"}
    assert answer.json()["subject"] == "RE: Let's start a group"


@pytest.mark.parametrize("action", SENDING)
def test_mime_is_sent(alex: Graph, megan: Graph, letter: dict[str, Any], action: str) -> None:
    raw = b"From: danas@contoso.com\nTo: meganb@contoso.com\nSubject: Re: S/MIME\n\nAs it is"
    answer = alex.post(f"/me/messages/{letter['id']}/{action}", content=encoded(raw), headers=MIME)
    assert (answer.status_code, answer.content) == (202, b"")
    megan.book.deliver()
    (got,) = megan.values("/me/mailFolders/inbox/messages")
    assert (got["subject"], got["body"]["content"]) == ("Re: S/MIME", "As it is")
    assert got["from"]["emailAddress"]["address"] == ALEX


@pytest.mark.parametrize("action", CREATING + SENDING)
@pytest.mark.parametrize("content", [b"", b"  ", b"%%%", b"A"])
def test_what_is_no_base64_is_refused(
    alex: Graph, letter: dict[str, Any], action: str, content: bytes
) -> None:
    message = alex.refused(
        "POST",
        f"/me/messages/{letter['id']}/{action}",
        400,
        "ErrorMimeContentInvalidBase64String",
        content=content,
        headers=MIME,
    )
    assert message == "Invalid base64 string for MIME content."


def test_a_forward_of_mime_to_nobody_is_refused(alex: Graph, letter: dict[str, Any]) -> None:
    path, nobody = f"/me/messages/{letter['id']}/forward", encoded(b"Subject: x\n\nx")
    alex.refused("POST", path, 400, "ErrorInvalidRecipients", content=nobody, headers=MIME)


# --- Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", CREATING + SENDING)
def test_a_comment_and_a_body_do_not_go_together(alex: Graph, letter: dict[str, Any], action: str) -> None:
    message = {"body": {"contentType": "text", "content": "x"}, "toRecipients": to(DANA)}
    said = {"comment": "y", "message": message}
    alex.refused("POST", f"/me/messages/{letter['id']}/{action}", 400, "ErrorInvalidArgument", json=said)


@pytest.mark.parametrize("action", ["createForward", "forward"])
def test_a_forward_names_its_recipients_in_one_place(
    alex: Graph, letter: dict[str, Any], action: str
) -> None:
    path = f"/me/messages/{letter['id']}/{action}"
    twice = {"toRecipients": to(DANA), "message": {"toRecipients": to(ADELE)}}
    alex.refused("POST", path, 400, "ErrorInvalidArgument", json=twice)
    nobody: list[object] = [{"comment": "x"}, {"message": {"subject": "x"}}, {"toRecipients": []}]
    for never in nobody:
        alex.refused("POST", path, 400, "ErrorInvalidRecipients", json=never)


def test_a_forward_of_which_nothing_is_said_is_a_draft_to_nobody(alex: Graph, letter: dict[str, Any]) -> None:
    """The sample of *createForward* has no body."""
    path = f"/me/messages/{letter['id']}"
    nothing: list[dict[str, Any]] = [{}, {"json": {}}]
    for said in nothing:
        answer = alex.post(f"{path}/createForward", **said)
        assert (answer.status_code, answer.json()["toRecipients"]) == (201, [])
        alex.refused("POST", f"{path}/forward", 400, "ErrorInvalidRecipients", **said)


@pytest.mark.parametrize("action", CREATING + SENDING)
def test_what_makes_no_sense_is_refused(alex: Graph, letter: dict[str, Any], action: str) -> None:
    path = f"/me/messages/{letter['id']}/{action}"
    alex.refused("POST", path, 400, "BadRequest", content=b"{", headers={"Content-Type": "application/json"})
    alex.refused(
        "POST", path, 415, "UnsupportedMediaType", content=b"x", headers={"Content-Type": "text/html"}
    )
    alex.refused("POST", path, 415, "UnsupportedMediaType", content=b"{}")
    slips: list[object] = [{"comment": 1}, {"message": []}, {"nonsense": "x"}, {"toRecipients": "x"}, []]
    for wrong in slips:
        alex.refused("POST", path, 400, "RequestBodyRead", json=wrong)
    crowd = to(*(f"{n}@contoso.com" for n in range(501)))
    said = {"message": {"toRecipients": crowd}}
    alex.refused("POST", path, 400, "ErrorInvalidRecipients", json=said)
    if action in SENDING:
        unresolved = {"message": {"toRecipients": to("nobody")}}
        alex.refused("POST", path, 400, "ErrorInvalidRecipients", json=unresolved)


@pytest.mark.parametrize("action", CREATING + SENDING)
def test_only_what_is_there_can_be_answered(
    alex: Graph, megan: Graph, letter: dict[str, Any], action: str
) -> None:
    said = {"comment": "x", "toRecipients": to(DANA)} if "orward" in action else {"comment": "x"}
    megan.refused("POST", f"/me/messages/{letter['id']}/{action}", 404, "ErrorItemNotFound", json=said)
    path = f"/me/mailFolders/drafts/messages/{letter['id']}/{action}"
    alex.refused("POST", path, 404, "ErrorItemNotFound", json=said)
    alex.refused("POST", f"/me/messages/nonsense/{action}", 400, "ErrorInvalidIdMalformed", json=said)
    alex.post(f"/me/messages/{letter['id']}/permanentDelete")
    alex.refused("POST", f"/me/messages/{letter['id']}/{action}", 404, "ErrorItemNotFound", json=said)


def test_an_answer_in_anothers_name_is_refused(alex: Graph, letter: dict[str, Any]) -> None:
    said = {"comment": "x", "message": {"from": to(ADELE)[0]}}
    alex.refused("POST", f"/me/messages/{letter['id']}/reply", 403, "ErrorSendAsDenied", json=said)


def test_writing_is_not_sending_and_sending_is_not_writing(alex: Graph, letter: dict[str, Any]) -> None:
    for scope, actions in (("Mail.ReadWrite", SENDING), ("Mail.Send", CREATING)):
        holder = alex.holding(alex.book.token(ALEX, scope))
        for action in actions:
            answer = holder.post(f"/me/messages/{letter['id']}/{action}", json={})
            assert (answer.status_code, error_in(answer)["code"]) == (403, "ErrorAccessDenied")
