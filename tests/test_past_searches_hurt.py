"""Searches of earlier moments where something is damaged, pretends to be from later, or is one of many."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from letterbook import Book, StoreDamaged, open_book
from letterbook.adapters.views.memory import MemoryViews, Rows
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application.past_lists import Present, Turn
from letterbook.application.ports import Head
from letterbook.application.rows import MessageRow, PutMessage
from letterbook.application.searching import Hit, HitQuery, Part, Says, SearchQuery
from tests.contracts.rows import HOME, row
from tests.fakes import MONDAY, FakeClock
from tests.forgetting.canaries import found
from tests.graph.client import ALEX

PIZZA = SearchQuery(sought=Says((Part.SUBJECT,), ("pizza",)))
FAR = MONDAY + timedelta(days=30)
Spoil = Callable[[sqlite3.Connection], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store in which what a letter had said for a while is lost: a body of 240 KB, in a blob."""
    path = tmp_path / "mail.db"
    with open_book(path, clock=FakeClock(), deliver=False) as book:
        alex = book.mailbox(ALEX, name="Alex Wilber")
        alex.create_draft(subject="Pizza")
        lost = alex.create_draft(subject="Other", body="lorem ipsum " * 20_000)
        alex.update_draft(lost, body="short")
        alex.delete_for_good(lost)
        alex.create_draft(subject="Pizza")
    (blob,) = (each for each in (tmp_path / "mail.db.blobs").rglob("*") if each.is_file())
    blob.unlink()
    return path


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    """The same, opened again."""
    with open_book(file, clock=FakeClock(), deliver=False) as opened:
        yield opened


def test_what_is_lost_matters_to_nobody_who_asks_of_another_moment(book: Book) -> None:
    alex = book.mailbox(ALEX)
    end = alex.changes()[-1].seq
    assert [len(alex.at(at).search("pizza")) for at in (2, 2, end)] == [1, 1, 2]
    with pytest.raises(StoreDamaged):
        alex.at(3).search("pizza")


def test_a_mailbox_with_a_lost_blob_is_followed_as_far_as_can_be(book: Book) -> None:
    alex = book.mailbox(ALEX)
    follower = book.travel.follower
    follower.catch_up(alex.id, alex.changes()[-1].seq)
    with pytest.raises(StoreDamaged):
        follower.spell_all(alex.id)
    assert follower.unspelled(alex.id) == 1, "the others are told"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda past: past.execute("DELETE FROM past_words_config"),
        lambda past: past.execute("DROP TABLE past_due"),
    ],
    ids=["the index's settings", "a table"],
)
def test_a_purge_that_meets_a_damaged_file_of_earlier_lists_is_put_off(tmp_path: Path, spoil: Spoil) -> None:
    """The store opens all the same, and says what to do."""
    path, past = tmp_path / "mail.db", tmp_path / "mail.db.past"
    with open_book(path, clock=FakeClock(), deliver=False, encrypted=True) as book:
        alex = book.mailbox(ALEX, name="Alex Wilber")
        draft = alex.create_draft(subject="Pizza", body="quokka")
        alex.update_draft(draft, subject="Pasta", body="no")
        assert len(alex.at(2).search("pizza")) == 1
    with closing(sqlite3.connect(past)) as connection, connection:
        spoil(connection)

    with open_book(path, clock=FakeClock(), deliver=False) as book:
        with pytest.raises(StoreDamaged, match="delete it, and it is made anew"):
            book.travel.lists.clear()
        book.mailbox(ALEX).erase(draft, why="Sent to the wrong person")
    for each in tmp_path.glob("mail.db.past*"):
        each.unlink()
    with open_book(path, clock=FakeClock(), deliver=False) as book:
        assert book.mailbox(ALEX).at(2).search("pizza") == []
    assert found(path, ("quokka", "Pizza")) == set()


# --- Letters that pretend ------------------------------------------------------------------------------


def nowhere(_message: UUID) -> None:
    """How a message was shown that nobody showed."""


def taken_in(*rows: MessageRow) -> tuple[SqlitePastLists, Present]:
    """Lists of a mailbox into which these came, one after the other, and all of which are still there."""
    lists, views = SqlitePastLists(None), MemoryViews(Rows())
    views.apply(HOME, 1, [PutMessage(each) for each in rows])
    turns = [Turn(seq, each.message, None, each) for seq, each in enumerate(rows, start=2)]
    lists.learn(HOME, 0, Head(len(rows) + 1, b"seal"), turns)
    return lists, Present(len(rows) + 1, views, nowhere)


def test_of_two_in_one_second_one_of_which_pretends_each_is_found_once() -> None:
    late = MONDAY + timedelta(days=5)
    lists, now = taken_in(
        row(1, subject="pizza", received_at=late, sent_at=late),
        row(2, subject="pizza", received_at=MONDAY, sent_at=late + timedelta(milliseconds=1)),
    )
    assert [each.message.int for each in lists.search(HOME, 3, PIZZA, now)] == [2, 1]


def test_of_many_that_pretend_a_page_looks_at_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends mail says when that was."""
    many = [row(n, subject="pizza", sent_at=FAR + timedelta(hours=n)) for n in range(1, 200)]
    lists, now = taken_in(*many)
    asked = list[HitQuery]()
    hits = now.views.hits

    def counted(mailbox: UUID, query: HitQuery) -> list[Hit]:
        asked.append(query)
        return hits(mailbox, query)

    monkeypatch.setattr(now.views, "hits", counted)
    page = lists.search(HOME, 200, SearchQuery(sought=PIZZA.sought, top=10), now)
    assert [each.message.int for each in page] == list(range(199, 189, -1))
    assert len(asked) < 40
