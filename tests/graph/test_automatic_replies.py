"""Automatic replies: whoever writes to an absent owner is told so, once in each period."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from letterbook.domain.refusals import TooMany
from tests.graph.client import ADELE, ALEX, Graph, to

AWAY = {
    "status": "alwaysEnabled",
    "externalAudience": "all",
    "internalReplyMessage": "<html><body><p>I'm at our reunion.</p></body></html>",
    "externalReplyMessage": "We are closed.",
}


@pytest.fixture
def owner(adele: Graph) -> Graph:
    """Adele, who may read and write mail and settings."""
    return adele.holding(adele.book.token(ADELE, "MailboxSettings.ReadWrite Mail.ReadWrite Mail.Send"))


def away(owner: Graph, **said: Any) -> None:
    """The owner is away."""
    owner.changed("/me/mailboxSettings", {"automaticRepliesSetting": AWAY | said})


def inbox(graph: Graph) -> list[dict[str, Any]]:
    """What is in an inbox."""
    return graph.values("/me/mailFolders/inbox/messages")


def write(graph: Graph, **said: Any) -> None:
    """Somebody writes to Adele, and everything that follows from it is delivered."""
    graph.sent(**{"subject": "Lunch?"} | said)
    graph.book.deliver()
    graph.book.deliver()
    assert graph.book.waiting() == 0


def write_mime(graph: Graph, *headers: str) -> None:
    """The same, by a mail program with headers of its own."""
    lines = (f"To: {ADELE}", "Subject: Lunch?", *headers, "", "Are you there?")
    mime = base64.b64encode("\r\n".join(lines).encode())
    answer = graph.post("/me/sendMail", content=mime, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    graph.book.deliver()
    graph.book.deliver()


def test_whoever_writes_is_told(owner: Graph, alex: Graph) -> None:
    away(owner)
    write(alex)
    (reply,) = inbox(alex)
    assert reply["subject"] == "Automatic reply: Lunch?"
    assert reply["from"]["emailAddress"] == {"name": "Adele Vance", "address": ADELE}
    assert reply["body"] == {"contentType": "html", "content": AWAY["internalReplyMessage"]}
    sent = alex.values("/me/mailFolders/sentitems/messages")
    assert reply["conversationId"] == sent[0]["conversationId"]
    headers = alex.read(f"/me/messages/{reply['id']}?$select=internetMessageHeaders")[
        "internetMessageHeaders"
    ]
    said = {header["name"]: header["value"] for header in headers}
    assert said["Auto-Submitted"] == "auto-replied"
    assert said["X-Auto-Response-Suppress"] == "All"
    assert said["In-Reply-To"] == sent[0]["internetMessageId"]


def test_a_reply_is_kept_nowhere_and_the_letter_has_arrived(owner: Graph, alex: Graph) -> None:
    away(owner)
    write(alex)
    assert [got["subject"] for got in owner.values("/me/messages")] == ["Lunch?"]


def test_nobody_is_told_twice_in_a_period(owner: Graph, alex: Graph, megan: Graph) -> None:
    away(owner)
    for _ in range(2):
        write(alex)
        write(megan)
    assert (len(inbox(alex)), len(inbox(megan))) == (1, 1)
    owner.changed("/me/mailboxSettings", {"timeZone": "Romance Standard Time"})
    write(alex)
    assert len(inbox(alex)) == 1
    away(owner, internalReplyMessage="Still away.")
    write(alex)
    assert [got["bodyPreview"] for got in inbox(alex)] == ["Still away.", "I'm at our reunion."]


@pytest.mark.parametrize(("hours", "told"), [((-2, 2), 1), ((1, 2), 0)])
def test_replies_are_sent_when_they_are_scheduled(
    owner: Graph, alex: Graph, hours: tuple[int, int], told: int
) -> None:
    now: datetime = owner.book.engine.clock.now()
    starts, ends = (
        {"dateTime": f"{now + timedelta(hours=hour):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for hour in hours
    )
    away(owner, status="scheduled", scheduledStartDateTime=starts, scheduledEndDateTime=ends)
    write(alex)
    assert len(inbox(alex)) == told


@pytest.mark.parametrize("said", [{"status": "disabled"}, {"internalReplyMessage": " "}])
def test_nothing_is_sent_when_nothing_is_to_be_said(owner: Graph, alex: Graph, said: dict[str, str]) -> None:
    away(owner, **said)
    write(alex)
    assert inbox(alex) == []


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; type=report",
        "X-Auto-Response-Suppress: OOF, DR",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: List",
        "List-Id: Friends of lunch <lunch.contoso.com>",
        "List-Unsubscribe: <mailto:off@contoso.com>",
    ],
)
def test_machines_and_lists_are_not_answered(owner: Graph, alex: Graph, header: str) -> None:
    away(owner)
    write_mime(alex, header)
    assert inbox(alex) == []


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "X-Auto-Response-Suppress: DR, RN", "Precedence: first-class"]
)
def test_letters_that_allow_an_answer_get_one(owner: Graph, alex: Graph, header: str) -> None:
    away(owner)
    write_mime(alex, header)
    assert len(inbox(alex)) == 1


def test_two_who_are_away_do_not_answer_each_other_for_ever(owner: Graph, alex: Graph) -> None:
    his = alex.holding(alex.book.token(ALEX, "MailboxSettings.ReadWrite Mail.ReadWrite Mail.Send"))
    away(owner)
    away(his)
    write(his)
    assert [got["subject"] for got in inbox(his)] == ["Automatic reply: Lunch?"]
    assert [got["subject"] for got in inbox(owner)] == ["Lunch?"]


def test_owners_do_not_answer_themselves(owner: Graph) -> None:
    away(owner)
    write(owner, toRecipients=to(ADELE))
    assert [got["subject"] for got in inbox(owner)] == ["Lunch?"]


def test_the_name_of_a_machine_is_not_answered(owner: Graph) -> None:
    book = owner.book
    book.add_user("no-reply@contoso.com")
    machine = owner.holding(book.token("no-reply@contoso.com"))
    away(owner)
    write(machine)
    assert inbox(machine) == []


# --- Inside and outside ----------------------------------------------------------------------------


def mail_tip(owner: Graph) -> str:
    """What Adele is told of herself: nothing of what she tells others."""
    (tip,) = owner.post(
        "/me/getMailTips", json={"EmailAddresses": [ADELE], "MailTipsOptions": "automaticReplies"}
    ).json()["value"]
    return str(tip["automaticReplies"]["message"])


def test_owners_are_not_told_that_they_are_away(owner: Graph) -> None:
    away(owner)
    assert mail_tip(owner) == ""


def test_a_letter_that_cannot_be_answered_arrives_all_the_same(
    owner: Graph, alex: Graph, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TooMany("recipients", 501, 500)

    away(owner)
    alex.sent(subject="Lunch?")
    with monkeypatch.context() as patched:
        patched.setattr("letterbook.application.replying.jobs.create_draft", refuse)
        alex.book.deliver()
    assert [got["subject"] for got in inbox(owner)] == ["Lunch?"]
    assert "could not be sent" in caplog.text
    write(alex)
    assert len(inbox(alex)) == 1, "who was not told is told the next time"


def test_whoever_is_blocked_is_told_nothing(owner: Graph, alex: Graph) -> None:
    write(alex)
    (letter,) = inbox(owner)
    owner.beta.post(f"/me/messages/{letter['id']}/markAsJunk", json={"moveToJunk": True})
    away(owner)
    write(alex, subject="Are you there?")
    assert inbox(alex) == []
    assert [got["subject"] for got in owner.values("/me/mailFolders/junkemail/messages")] == [
        "Are you there?",
        "Lunch?",
    ]
