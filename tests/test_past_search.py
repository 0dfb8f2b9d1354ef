"""What a search would have found at an earlier moment, in Python: of either kind of store, page by page."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, StoreDamaged, open_book
from letterbook.application.projection import speaks_otherwise
from letterbook.application.public_ids import Kind, private
from letterbook.application.querying import Place
from letterbook.application.searching import Both, Part, Says, SearchQuery
from tests.fakes import FakeClock

MINUTE = timedelta(minutes=1)
PIZZA = Says((Part.SUBJECT,), ("pizza",))


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """A new book of either kind."""
    path = tmp_path / "mail.db" if request.param == "sqlite" else ":memory:"
    with open_book(path, clock=clock, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox("alexw@contoso.com", name="Alex Wilber")


def head(box: Mailbox) -> int:
    """Where a history ends."""
    return box.changes()[-1].seq


def subjects(box: Mailbox, query: str) -> list[str]:
    """What a search finds."""
    return [each.subject for each in box.search(query)]


def test_words_that_were_written_over(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Pizza")
    then = head(alex)
    alex.update_draft(draft, subject="Pasta")

    assert (subjects(alex.at(then), "pizza"), subjects(alex.at(then), "pasta")) == (["Pizza"], [])
    assert (subjects(alex, "pizza"), subjects(alex, "pasta")) == ([], ["Pasta"])


def test_messages_that_came_later_or_are_gone(alex: Mailbox) -> None:
    gone = alex.create_draft(subject="Pizza, gone")
    alex.create_draft(subject="Pizza, still here")
    then = head(alex)
    alex.delete_for_good(gone)
    alex.create_draft(subject="Pizza, later")

    assert sorted(subjects(alex.at(then), "pizza")) == ["Pizza, gone", "Pizza, still here"]
    assert sorted(subjects(alex, "pizza")) == ["Pizza, later", "Pizza, still here"]


def test_other_words_or_another_date_are_another_saying_and_nothing_else_is(alex: Mailbox) -> None:
    said = alex.state(alex.create_draft(subject="Pizza"))
    moved = replace(said, folder=alex.id, is_read=False, revision=7, categories=("Blue",))
    later = replace(said, sent_at=said.sent_at + MINUTE)
    written = replace(said, letter=said.letter.model_copy(update={"subject": "Pasta"}))

    assert [speaks_otherwise(said, now) for now in (moved, later, written)] == [False, True, True]


def test_in_the_folder_where_it_was(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Pizza")
    then = head(alex)
    alex.move(draft, "archive")

    assert len(alex.at(then).search("pizza", folder="drafts")) == 1
    assert alex.at(then).search("pizza", folder="archive") == []


def test_what_comes_meanwhile_is_noticed(alex: Mailbox) -> None:
    """What is remembered of what happened since goes on from there."""
    draft = alex.create_draft(subject="Pizza")
    then = head(alex)

    for subject in ("Pasta", "Salad"):
        alex.update_draft(draft, subject=subject)
        assert subjects(alex.at(then), "pizza") == ["Pizza"]


def test_each_version_is_found_at_its_own_position(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Pizza 0")
    for number in range(1, 8):
        alex.update_draft(draft, subject=f"Pizza {number}")
    end = head(alex)
    told = [subjects(alex.at(position), "pizza") for position in range(end - 7, end + 1)]

    assert told == [[f"Pizza {number}"] for number in range(8)]


@pytest.mark.parametrize("apart", [MINUTE, timedelta(0)], ids=["one after the other", "all at once"])
@pytest.mark.parametrize("top", [1, 2, 3, 7])
def test_pages_are_the_whole_in_pieces(
    alex: Mailbox, book: Book, clock: FakeClock, apart: timedelta, top: int
) -> None:
    """However what changed later stands among the others, and where all were sent in the same microsecond."""
    drafts = []
    for number in range(9):
        clock.pass_by(apart)
        drafts.append(alex.create_draft(subject=f"Pizza {number}"))
    then = head(alex)
    for draft in drafts[1::3]:
        alex.update_draft(draft, subject="Pasta")
    alex.delete_for_good(drafts[5])
    engine, _ = book.travel.at(book.engine.person("alexw@contoso.com"), then)

    whole = engine.search(alex.id, SearchQuery(sought=PIZZA))
    found, after = [], None
    while page := engine.search(alex.id, SearchQuery(sought=Both((PIZZA,)), top=top, after=after)):
        found += page
        after = Place(page[-1].place, page[-1].message)

    assert [leaf.name for leaf in found] == [leaf.name for leaf in whole]
    assert len({leaf.name for leaf in whole}) == 9
    assert [leaf.name for leaf in engine.search(alex.id, SearchQuery(sought=PIZZA, skip=4, top=3))] == [
        leaf.name for leaf in whole[4:7]
    ]
    if apart:
        assert [leaf.message for leaf in whole] == [
            private(Kind.MESSAGE, draft.id) for draft in reversed(drafts)
        ]


def test_what_was_erased_is_found_no_more(tmp_path: Path) -> None:
    """As of no moment."""
    with open_book(tmp_path / "mail.db", deliver=False, encrypted=True) as book:
        alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        draft = alex.create_draft(subject="Pizza")
        alex.create_draft(subject="Pizza, too")
        then = head(alex)
        assert len(alex.at(then).search("pizza")) == 2
        alex.erase(draft, why="asked for")

        assert subjects(alex.at(then), "pizza") == ["Pizza, too"]


def test_an_end_that_was_cut_off_is_missed(tmp_path: Path) -> None:
    """Also by whoever has held the earlier moment in his hands since before."""
    path = tmp_path / "mail.db"
    with open_book(path, deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        draft = alex.create_draft(subject="Pizza")
        then = alex.at(head(alex))
        alex.update_draft(draft, subject="Pasta")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM events WHERE seq=(SELECT MAX(seq) FROM events)")

        with pytest.raises(StoreDamaged):
            then.search("pasta")


@pytest.mark.usefixtures("at_a_glance")
def test_a_page_that_was_told_at_a_glance_is_followed_by_what_lists_tell(
    alex: Mailbox, book: Book, clock: FakeClock
) -> None:
    """They are taken in between the two; many were sent at once."""
    drafts = []
    for number in range(12):
        clock.pass_by(MINUTE * (number % 3 == 0))
        drafts.append(alex.create_draft(subject=f"Pizza {number}"))
    then = head(alex)
    for draft in drafts[::2]:
        alex.update_draft(draft, subject="Pasta")
    engine, _ = book.travel.at(book.engine.person("alexw@contoso.com"), then)
    first = engine.search(alex.id, SearchQuery(sought=PIZZA, top=5))
    assert not book.travel.follower.has_begun()
    book.travel.follower.catch_up(alex.id, then)
    after = Place(first[-1].place, first[-1].message)
    rest = engine.search(alex.id, SearchQuery(sought=PIZZA, after=after))

    assert book.travel.follower.has(alex.id, then)
    assert engine.search(alex.id, SearchQuery(sought=PIZZA)) == [*first, *rest]
    assert {leaf.message for leaf in (*first, *rest)} == {private(Kind.MESSAGE, each.id) for each in drafts}
