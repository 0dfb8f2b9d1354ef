"""What a message shows only to whoever selects it: its unique body and its headers."""

import threading
from email import message_from_bytes
from typing import Any

import pytest

from letterbook.adapters.graph import answers
from tests.graph.client import ADELE, ALEX, Graph, to

INBOX = "/me/mailFolders/inbox/messages"


def received(graph: Graph, select: str) -> dict[str, Any]:
    """The newest letter in the inbox, as far as it is selected."""
    graph.book.deliver()
    return graph.values(f"{INBOX}?$select={select}")[0]


# --- The unique body -------------------------------------------------------------------------------


def test_the_unique_body_of_an_answer_is_what_it_adds(alex: Graph, adele: Graph) -> None:
    alex.sent(body={"contentType": "html", "content": "<p>Said before</p>"})
    letter = received(adele, "id")
    adele.post(f"/me/messages/{letter['id']}/reply", json={"comment": "Quite <b>new</b>"})

    answer = received(alex, "body,uniqueBody")

    assert "Said before" in answer["body"]["content"]
    assert answer["uniqueBody"]["contentType"] == "html"
    assert "Quite <b>new</b>" in answer["uniqueBody"]["content"]
    assert answer["uniqueBody"]["content"].endswith("</body></html>")
    assert "Said before" not in answer["uniqueBody"]["content"]


def test_it_is_in_the_format_that_is_preferred(alex: Graph, adele: Graph) -> None:
    alex.sent(body={"contentType": "html", "content": "<p>Said before</p>"})
    adele.post(f"/me/messages/{received(adele, 'id')['id']}/reply", json={"comment": "Quite <b>new</b>"})

    plain = received(alex.saying(Prefer='outlook.body-content-type="text"'), "uniqueBody")

    assert plain["uniqueBody"] == {"contentType": "text", "content": "Quite new"}


def test_it_was_so_at_an_earlier_moment(alex: Graph) -> None:
    draft = alex.draft(
        body={"contentType": "text", "content": "New\r\n\r\nOn 4 March 2026 Megan wrote:\r\n> Old"}
    )
    then = alex.book.engine.clock.now().isoformat().replace("+00:00", "Z")
    alex.changed(f"/me/messages/{draft['id']}", {"body": {"contentType": "text", "content": "Newer"}})

    shown = alex.read(f"/me/messages/{draft['id']}?$select=uniqueBody&asOf={then}")

    assert shown["uniqueBody"]["content"] == "New"


# --- Headers ---------------------------------------------------------------------------------------

CUSTOM = [{"name": "x-custom-header-group-name", "value": "Washington"}]


def test_a_letter_that_arrived_has_the_headers_of_its_way(alex: Graph, adele: Graph) -> None:
    alex.sent(
        subject="Grüße",
        ccRecipients=[{"emailAddress": {"name": "Megan Bowen", "address": "meganb@contoso.com"}}],
        bccRecipients=to("danas@contoso.com"),
        importance="high",
        internetMessageHeaders=CUSTOM,
        body={"contentType": "html", "content": "<p>Hello</p>"},
    )
    letter = received(adele, "id,internetMessageId,internetMessageHeaders")
    headers = letter["internetMessageHeaders"]
    written = message_from_bytes(adele.get(f"/me/messages/{letter['id']}/$value").content)

    names = [each["name"] for each in headers]
    assert names == [name for name in written if not name.lower().startswith("content-")]
    said = {each["name"]: each["value"] for each in headers}
    assert said["Subject"] == "Grüße"
    assert said["From"] == f"Alex Wilber <{ALEX}>"
    assert ADELE in said["To"]
    assert said["Cc"] == "Megan Bowen <meganb@contoso.com>"
    assert said["Message-ID"] == letter["internetMessageId"]
    assert said["Importance"] == "high"
    assert said["x-custom-header-group-name"] == "Washington"
    assert {"Date", "Thread-Index", "MIME-Version"} <= set(names)
    assert "danas" not in str(headers)


def test_a_draft_and_what_was_sent_have_their_authors_own(alex: Graph) -> None:
    draft = alex.draft(internetMessageHeaders=CUSTOM)
    sent = alex.sent(internetMessageHeaders=CUSTOM)

    for each in (draft, sent):
        shown = alex.read(f"/me/messages/{each['id']}?$select=internetMessageHeaders")
        assert shown["internetMessageHeaders"] == CUSTOM


def test_headers_are_shown_however_long_they_are(alex: Graph, adele: Graph) -> None:
    name, value = "漢" * 100_000, "漢" * 30_000
    more = [{"name": f"x-{number}", "value": value} for number in range(5)]
    alex.sent(toRecipients=[{"emailAddress": {"name": name, "address": ADELE}}], internetMessageHeaders=more)

    shown = received(adele, "internetMessageHeaders")["internetMessageHeaders"]

    assert {"name": "To", "value": f"{name} <{ADELE}>"} in shown
    assert [each for each in shown if each["name"].startswith("x-")] == more


# --- While others are answered ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [INBOX, "/me/messages", "/me/messages/{id}", "/me/messages?$search=%22said%22"]
)
@pytest.mark.parametrize(
    ("select", "work"), [("uniqueBody", "unique"), ("internetMessageHeaders", "headers_of")]
)
def test_it_is_worked_out_beside_the_loop(
    alex: Graph, adele: Graph, monkeypatch: pytest.MonkeyPatch, path: str, select: str, work: str
) -> None:
    alex.sent(body={"contentType": "html", "content": "<p>Said</p>"})
    path = path.format(id=received(adele, "id")["id"])
    made, real = list[bool](), getattr(answers, work)

    def noticing(*what: object) -> object:
        made.append(threading.current_thread() is not threading.main_thread())
        return real(*what)

    monkeypatch.setattr(answers, work, noticing)
    adele.read(f"{path}{'&' if '?' in path else '?'}$select={select}")

    assert made == [True]
