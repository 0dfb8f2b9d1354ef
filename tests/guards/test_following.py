"""What a round of delta costs: it follows the number of changes, not the size of the mailbox."""

from functools import partial

import pytest

from letterbook.application import following, jobs, message_changes
from letterbook.application.jobs import NewMessage
from letterbook.domain.letter import Letter
from letterbook.domain.message import Update
from tests.graph.client import ALEX, Graph
from tests.graph.follower import ARCHIVE, DRAFTS, FOLDERS, drafts, follow
from tests.guards.counting import Ear

PULSE = ["PRAGMA data_version"]
FOLDER = ["BEGIN", "SELECT view_folders", "ROLLBACK"]
WHOLE = ["SELECT events", "SELECT view_positions", "SELECT events"]
"""The mailbox's own facts, held against what the lists know of their end, and of the end of all."""
CAUGHT_UP = ["BEGIN", "SELECT events", *WHOLE]
"""Where the history ends, and whether the follower was told to begin anew."""


def happen_at_once(alex: Graph, message: str, number: int) -> None:
    """A message is marked read and unread, and so on, so many times in one transaction."""
    mailbox = alex.book.mailbox(ALEX)
    engine, name = alex.book.engine, mailbox._name(message)
    on = engine.occasion(ALEX)
    for ticket in engine.run_all(
        partial(jobs.ask_message, mailbox=mailbox.id, name=name, ask=Update(is_read=bool(each % 2)), on=on)
        for each in range(number)
    ):
        ticket.outcome()


@pytest.mark.parametrize("size", [3, 60])
def test_a_round_asks_for_what_changed(alex: Graph, ear: Ear, size: int) -> None:
    """One look at the facts behind the link, one at each message they speak of; where one left, its life."""
    made = drafts(alex, size)
    follower = follow(alex, DRAFTS, size=50)
    follower.round()
    alex.changed(f"/me/messages/{made[0]}", {"isRead": False})
    alex.changed(f"/me/messages/{made[0]}", {"subject": "Changed"})
    alex.delete(f"/me/messages/{made[1]}")
    ear.clear()
    assert len(follower.round()) == 2
    row, life = "SELECT view_messages", "SELECT events"
    assert ear.told == [*PULSE, *FOLDER, *CAUGHT_UP, "SELECT events", row, row, life, "ROLLBACK"]
    ear.clear()
    assert follower.round() == []
    assert ear.told == [*PULSE, *FOLDER, *CAUGHT_UP, "ROLLBACK"]


@pytest.mark.parametrize("size", [3, 60])
def test_a_round_about_folders_asks_for_what_changed(alex: Graph, ear: Ear, size: int) -> None:
    """The folders then and now are told from the mailbox's own facts, the counts from what happened."""
    made = drafts(alex, size)
    follower = follow(alex, FOLDERS)
    follower.round()
    alex.delete(f"/me/messages/{made[1]}")
    ear.clear()
    assert len(follower.round()) == 2
    facts, life = ["SELECT events"] * 2
    folders = "SELECT view_folders"
    assert ear.told == [*PULSE, *FOLDER, *CAUGHT_UP, folders, *WHOLE, facts, life, "ROLLBACK", *FOLDER]


def test_every_one_of_many_changes_is_told(alex: Graph) -> None:
    """However many reads of the history it takes."""
    engine, on = alex.book.engine, alex.book.engine.occasion(ALEX)
    home, new = alex.book.mailbox(ALEX).id, NewMessage(letter=Letter())
    follower = follow(alex, DRAFTS, size=1000)
    follower.round()
    for ticket in engine.run_all(
        partial(jobs.create_draft, mailbox=home, name=engine.ids.new(), new=new, on=on)
        for _ in range(2 * following._SLICE + 50)
    ):
        ticket.outcome()
    assert len(follower.round()) == 2 * following._SLICE + 50


def test_a_page_looks_at_no_more_than_so_many_facts(alex: Graph) -> None:
    """A round in which little concerns the folder says that there is more, and ends."""
    (filed,) = drafts(alex, 1)
    alex.book.mailbox(ALEX).move(filed, "archive")
    follower = follow(alex, DRAFTS)
    follower.round()
    happen_at_once(alex, filed, 2 * following.MOST_FACTS)
    new = alex.draft()["id"]
    pages = [follower.step()["value"]]
    while follower.in_round:
        pages.append(follower.step()["value"])
    assert [[each["id"] for each in page] for page in pages] == [[], [], [new]]


def test_one_message_is_told_once_however_often_it_changed(alex: Graph, ear: Ear) -> None:
    (filed,) = drafts(alex.lasting, 1)
    alex.book.mailbox(ALEX).move(filed, "archive")
    follower = follow(alex, ARCHIVE, lasting=True)
    follower.round()
    happen_at_once(alex, filed, 1000)
    ear.clear()
    assert [each["id"] for each in follower.round()] == [filed]
    assert ear.count("SELECT view_messages") == 1
    assert ear.count("SELECT events") == 3 + 5


def test_after_very_much_all_folders_are_told(alex: Graph, ear: Ear) -> None:
    """Nobody looks through it to find out which of a few folders it was."""
    (draft,) = drafts(alex, 1)
    follower = follow(alex, FOLDERS, size=50)
    follower.round()
    happen_at_once(alex, draft, following.MOST_FACTS + 1)
    ear.clear()
    assert len(follower.round()) == 8
    assert ear.count("SELECT events") == 3 + 2


def test_a_first_round_with_a_filter_tells_so_many(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 with Graph; fewer here, to see it. What happens later is told of all."""
    monkeypatch.setattr(message_changes, "MOST_FILTERED", 5)
    made = drafts(alex, 7)
    for size in (1, 2, 3, 5, 50):
        follower = follow(alex, DRAFTS, "$filter=receivedDateTime ge 2020-01-01", size=size)
        pages = [follower.step()["value"]]
        while follower.in_round:
            pages.append(follower.step()["value"])
        assert [each["id"] for page in pages for each in page] == made[:1:-1]
        assert len(pages) == -(-5 // size)
        assert len(follow(alex, DRAFTS, size=size).round()) == 7
    alex.changed(f"/me/messages/{made[0]}", {"subject": "Changed"})
    assert [each["id"] for each in follower.round()] == made[:1]


def test_a_message_with_a_long_life_is_read_once(alex: Graph, ear: Ear) -> None:
    """Moved to and fro a hundred times, its history is read once for a page."""
    (draft,) = drafts(alex, 1)
    follower, mailbox = follow(alex, "/me/mailFolders/inbox/messages"), alex.book.mailbox(ALEX)
    follower.round()
    for _ in range(50):
        mailbox.move(draft, "archive")
        mailbox.move(draft, "drafts")
    ear.clear()
    assert follower.round() == []
    assert ear.count("SELECT view_messages") == 1
    assert ear.count("SELECT events") == 3 + 1 + 1
