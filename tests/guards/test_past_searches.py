"""What a search of an earlier moment costs: nothing for what happened since, nor for what was over before."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, open_book
from letterbook.adapters.store.connections import plain
from letterbook.adapters.views.past import SqlitePastLists
from tests.fakes import FakeClock
from tests.graph.client import ALEX
from tests.guards.counting import Ear, ear_at, store_of

MINUTE = timedelta(minutes=1)
FEW, MANY = 20, 240
_STEPS = 10
"""SQLite's own steps between two that are counted."""


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture
def book(tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """A new book."""
    with open_book(tmp_path / "mail.db", clock=clock, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book, clock: FakeClock) -> Mailbox:
    """Alex's mailbox, with as many letters about pizza as a page holds, and more."""
    alex = book.mailbox(ALEX, name="Alex Wilber")
    for number in range(40):
        clock.pass_by(MINUTE)
        alex.create_draft(subject=f"Pizza {number}", body="pizza and pasta")
    return alex


def head(alex: Mailbox) -> int:
    """Where the history ends."""
    return alex.changes()[-1].seq


def connections(book: Book) -> list[sqlite3.Connection]:
    """Every connection to the store, and to the file of its earlier lists."""
    pool, lists = store_of(book)._pool, book.travel.lists
    assert isinstance(lists, SqlitePastLists)
    return [plain(each) for each in (*pool._pool, *pool._in_use.values())] + lists._idle


@contextmanager
def counted(book: Book) -> Iterator[list[None]]:
    """One entry for every few of SQLite's steps in the block."""
    steps: list[None] = []
    for connection in connections(book):
        connection.set_progress_handler(partial(steps.append, None), _STEPS)
    yield steps
    for connection in connections(book):
        connection.set_progress_handler(None, 0)


def steps_of_a_search(book: Book, alex: Mailbox, at: int, query: str = "pizza") -> int:
    """What SQLite does for a page, once all is taken in."""
    then = alex.at(at)
    assert len(then.search(query, top=10)) == 10
    with counted(book) as steps:
        then.search(query, top=10)
    assert len(steps) > 20
    return len(steps)


def letters_come(alex: Mailbox, clock: FakeClock, many: int) -> None:
    for number in range(many):
        clock.pass_by(MINUTE)
        alex.create_draft(subject=f"Pizza, later {number}")


def letters_come_and_go(alex: Mailbox, clock: FakeClock, many: int) -> None:
    for number in range(many):
        clock.pass_by(MINUTE)
        alex.delete_for_good(alex.create_draft(subject=f"Pizza, for a while {number}"))


def one_is_written_over_and_over(alex: Mailbox, clock: FakeClock, many: int) -> None:
    draft = alex.drafts()[3]
    for number in range(many):
        alex.update_draft(draft, subject=f"Pizza {number}")


def one_is_moved_to_and_fro(alex: Mailbox, clock: FakeClock, many: int) -> None:
    draft = alex.drafts()[3]
    for number in range(many):
        alex.move(draft, "archive" if number % 2 else "inbox")


Happening = Callable[[Mailbox, FakeClock, int], None]
HAPPENINGS = [letters_come, letters_come_and_go, one_is_written_over_and_over, one_is_moved_to_and_fro]


@pytest.mark.parametrize("happen", HAPPENINGS)
@pytest.mark.parametrize("query", ["pizza", "NOT nothing", "pizza size>3"])
def test_what_happened_since_is_not_looked_at(
    book: Book, alex: Mailbox, clock: FakeClock, happen: Happening, query: str
) -> None:
    then = head(alex)
    happen(alex, clock, FEW)
    few = steps_of_a_search(book, alex, then, query)
    happen(alex, clock, MANY)

    assert steps_of_a_search(book, alex, then, query) < 1.3 * few


@pytest.mark.parametrize("happen", HAPPENINGS[1:])
def test_what_was_over_by_then_is_not_looked_at(
    book: Book, alex: Mailbox, clock: FakeClock, happen: Happening
) -> None:
    happen(alex, clock, FEW)
    few = steps_of_a_search(book, alex, head(alex))
    happen(alex, clock, MANY)
    then = head(alex)
    happen(alex, clock, FEW)

    assert steps_of_a_search(book, alex, then) < 1.3 * few


def test_a_page_of_what_all_was_written_over_looks_no_further(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    """Ten are wanted; forty or four hundred were there, and none of them says any more what it said."""
    then = head(alex)
    for draft in alex.drafts():
        alex.update_draft(draft, subject="Pizza, written over")
    few = steps_of_a_search(book, alex, then)
    letters_come(alex, clock, 4 * FEW)
    later = head(alex)
    for draft in alex.drafts():
        alex.update_draft(draft, subject="Pizza, written over again")

    assert steps_of_a_search(book, alex, later) < 1.3 * few


@pytest.mark.parametrize("happen", HAPPENINGS)
def test_as_many_statements_whatever_happened_since(
    book: Book, alex: Mailbox, clock: FakeClock, happen: Happening
) -> None:
    then = head(alex)
    happen(alex, clock, FEW)
    few = _statements(book, alex, then)
    happen(alex, clock, MANY)

    assert _statements(book, alex, then) <= few < 30


def _statements(book: Book, alex: Mailbox, at: int) -> int:
    """Those put to the store, and those put to the earlier lists."""
    alex.at(at).search("pizza", top=10)
    ear: Ear = ear_at(book)
    for connection in connections(book):
        connection.set_trace_callback(ear.hear)
    alex.at(at).search("pizza", top=10)
    for connection in connections(book):
        connection.set_trace_callback(None)
    return len(ear.heard)
