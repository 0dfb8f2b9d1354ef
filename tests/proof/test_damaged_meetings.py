"""A damaged invitation is refused to whoever asks for it; its update is shown, without what it said."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from letterbook import StoreDamaged
from letterbook.application.public_ids import Kind, private
from tests.graph.client import ALEX, BASE, MEGAN, Graph, error_in, to
from tests.graph.invitations import mime, shown
from tests.graph.test_meeting_events import EXPAND
from tests.graph.test_meeting_updates import BEFORE, event, was
from tests.proof.test_verifying import flipped, put, report, value

Json = dict[str, Any]
INBOX = "/me/mailFolders/inbox/messages"
PLACE = "microsoft.graph.eventMessageRequest/previousLocation"


@pytest.fixture
def told(alex: Graph, megan: Graph) -> list[Json]:
    """An invitation, its update and an ordinary letter, the newest first, as they were shown."""
    shown(alex, megan, "REQUEST", *event(0))
    shown(alex, megan, "REQUEST", *event(1, 11, "Room 5"))
    megan.sent(toRecipients=to(ALEX))
    alex.book.deliver()
    every = alex.values(INBOX)
    assert was(every[1]) == ("Room 3", "09:00", "09:30")
    return every


def events_of(file: Path, message: Json) -> list[tuple[bytes, int]]:
    """Where the events of a message are."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            "SELECT mailbox, seq FROM events WHERE aggregate = ? ORDER BY seq", (name_of(message).bytes,)
        )
        return found.fetchall()


def name_of(message: Json) -> UUID:
    """The name of a message in its history."""
    return private(Kind.MESSAGE, message["id"])


def flip(file: Path, message: Json, column: str, at: int) -> None:
    """One bit of one event of a message."""
    mailbox, seq = events_of(file, message)[at]
    old = value(file, column, mailbox, seq)
    if column == "recorded":
        put(file, column, old ^ 1, mailbox, seq)
    else:
        put(file, column, flipped(old.encode() if column == "topic" else old, Random(column)), mailbox, seq)


@pytest.fixture(params=["state", "aggregate", "topic", "recorded"])
def damaged(request: pytest.FixtureRequest, told: list[Json], file: Path) -> list[Json]:
    """The same, after a bit of the invitation's first event has flipped."""
    flip(file, told[2], request.param, 0)
    assert not report(file).good
    return told


def refusal(who: Graph, path: str) -> Json:
    """What is said to whoever asks for what is damaged."""
    answer = who.loop.run(who.http.get(f"{BASE}/v1.0{path}", headers=who.headers))
    assert answer.status_code == 500
    error = error_in(answer)
    return {name: error[name] for name in ("code", "message")}


def without(message: Json, error: Json) -> Json:
    """A message with an error in the place of what was before it."""
    kept = {name: each for name, each in message.items() if name not in BEFORE}
    return kept | {f"{name}@letterbook.error": error for name in BEFORE}


def test_lists_and_messages_are_shown_with_an_error_in_its_place(alex: Graph, damaged: list[Json]) -> None:
    error = refusal(alex, f"/me/messages/{damaged[2]['id']}/$value")
    letter, update, invitation = damaged
    expected = [letter, without(update, error), invitation]
    assert alex.values(INBOX) == expected
    assert alex.values("/me/messages")[:3] == expected
    assert alex.values(f"{INBOX}/delta")[1] == {"@odata.type": update["@odata.type"]} | expected[1]
    (now,) = alex.values('/me/messages?$search="subject:debrief"&$top=1')
    assert now == expected[1]
    single = alex.read(f"/me/messages/{update['id']}")
    assert {name: each for name, each in single.items() if name != "@odata.context"} == expected[1]


def test_who_selects_something_else_hears_nothing_of_it(
    alex: Graph, damaged: list[Json], caplog: pytest.LogCaptureFixture
) -> None:
    assert [each["subject"] for each in alex.values(f"{INBOX}?$select=subject")] == [
        each["subject"] for each in damaged
    ]
    assert not caplog.records
    chosen = alex.values(f"{INBOX}?$select={PLACE}")[1]
    assert {name for name in chosen if not name.startswith("@")} == {
        "id",
        "previousLocation@letterbook.error",
    }
    assert caplog.records


def test_who_asks_for_what_needs_the_damaged_fact_is_refused(alex: Graph, damaged: list[Json]) -> None:
    update = f"/me/messages/{damaged[1]['id']}"
    for path in (
        f"{update}/microsoft.graph.eventMessage/event",
        f"{update}?{EXPAND}",
        f"{update}/letterbook.timeline",
        f"{INBOX}?{EXPAND}",
    ):
        assert refusal(alex, path)["code"] == "ErrorCorruptData"


def test_what_is_done_with_the_update_is_answered(alex: Graph, damaged: list[Json]) -> None:
    path, error = f"/me/messages/{damaged[1]['id']}", refusal(alex, f"/me/messages/{damaged[2]['id']}/$value")
    assert alex.changed(path, {"isRead": True})["previousLocation@letterbook.error"] == error
    moved = alex.made(f"{path}/move", {"destinationId": "archive"})
    assert moved["previousLocation@letterbook.error"] == error
    assert [each["isRead"] for each in alex.values("/me/mailFolders/archive/messages")] == [True]


def test_in_python_it_is_the_same(alex: Graph, damaged: list[Json]) -> None:
    box = alex.book.mailbox(ALEX)
    _, update, invitation = box.folder("inbox")
    assert box.mark_read(update).is_read
    assert update.members["previousLocation@letterbook.error"]["code"] == "ErrorCorruptData"
    assert not set(BEFORE) & set(update.members)
    with pytest.raises(StoreDamaged):
        box.history(invitation)


def test_an_invitation_that_was_deleted_and_has_no_facts_any_more_is_damage(
    alex: Graph, told: list[Json], file: Path
) -> None:
    """Whoever follows on it was told of it; that nothing was before would be another story."""
    _, update, invitation = told
    assert alex.post(f"/me/messages/{invitation['id']}/permanentDelete").status_code == 204
    assert was(alex.read(f"/me/messages/{update['id']}")) == was(update)
    for mailbox, seq in events_of(file, invitation):
        old = value(file, "aggregate", mailbox, seq)
        put(file, "aggregate", flipped(old, Random(0)), mailbox, seq)
    now = alex.read(f"/me/messages/{update['id']}?$select={PLACE}")
    assert now["previousLocation@letterbook.error"]["code"] == "ErrorCorruptData"


def test_a_further_update_waits_in_the_outbox_and_other_letters_do_not(
    alex: Graph, megan: Graph, told: list[Json], file: Path
) -> None:
    flip(file, told[2], "state", 0)
    alex.book.engine.forget()
    megan.book.mailbox(MEGAN).send_mime(mime("REQUEST", *event(2, 12)))
    megan.sent(toRecipients=to(ALEX), subject="Lunch")
    alex.book.deliver()
    assert alex.values(INBOX)[0]["subject"] == "Lunch"
    assert (len(alex.values(INBOX)), alex.book.waiting()) == (len(told) + 1, 1)
