"""The lists of earlier moments are brought in step before anybody asks, a little at a time."""

import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic, sleep
from uuid import UUID

import pytest

from letterbook import Book, StoreDamaged, open_book
from letterbook.adapters.past_following import FollowingAtWork
from letterbook.application import past_following, past_lists
from letterbook.application.past_following import Following
from letterbook.application.past_lists import Follower
from letterbook.application.troubles import StoreFull
from tests.proof.test_verifying import flipped, put, value
from tests.store.test_history import tamper

ALEX, ADELE = "alexw@contoso.com", "adelev@contoso.com"


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    """Two people with some drafts each; nothing happens by itself."""
    with open_book(file, deliver=False) as book:
        for address in (ALEX, ADELE):
            for number in range(5):
                book.mailbox(address).create_draft(subject=f"Offsite {number}")
        yield book


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two events at a time, one step after a look."""
    monkeypatch.setattr(past_following, "_STEP", 2)
    monkeypatch.setattr(past_following, "_STEPS", 1)


def following(book: Book, *, everybody: bool = False) -> Following:
    """Whoever follows, having looked once: nothing was written since."""
    made = Following(book.engine.store, book.travel.follower, everybody=everybody)
    made.keep_up()
    return made


def reached(book: Book, address: str) -> int:
    """How far the lists of a mailbox are."""
    return book.travel.follower.reached(book.mailbox(address).id)


def past_of(file: Path) -> Path:
    """The file of the lists."""
    return file.with_name("mail.db.past")


def test_nothing_is_made_before_anybody_asks(book: Book, file: Path) -> None:
    assert following(book).keep_up()
    assert not past_of(file).exists()


def test_a_mailbox_that_was_asked_about_is_followed_step_by_step(book: Book) -> None:
    alex = book.mailbox(ALEX)
    assert alex.at(3).drafts()
    begun = reached(book, ALEX)
    alex.create_draft(subject="Lunch")
    alex.create_draft(subject="Budget")
    alex.create_draft(subject="Kick-off")
    follow = following(book)

    steps = []
    while not follow.keep_up():
        steps.append(reached(book, ALEX) - begun)

    assert steps == [2, 3]
    assert reached(book, ADELE) == 0


def test_everybody_is_followed_if_that_is_wanted(book: Book) -> None:
    follow = following(book, everybody=True)

    while not follow.keep_up():
        pass

    assert (reached(book, ALEX), reached(book, ADELE)) == (6, 6)
    assert follow.keep_up()


def test_whoever_writes_is_not_disturbed(book: Book) -> None:
    """Between two looks nothing may have been written."""
    follow = following(book, everybody=True)

    for number in range(3):
        book.mailbox(ALEX).create_draft(subject=f"Lunch {number}")
        assert not follow.keep_up()

    assert reached(book, ALEX) == 0
    assert not follow.keep_up()
    assert reached(book, ALEX) + reached(book, ADELE) == 2


def test_some_steps_are_taken_at_once_until_somebody_writes(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_following, "_STEPS", 2)
    follow, advance = following(book, everybody=True), book.travel.follower.advance
    first = min((ALEX, ADELE), key=lambda who: book.mailbox(who).id)

    def and_somebody_writes(mailbox: UUID, end: int, most: int) -> None:
        advance(mailbox, end, most)
        book.mailbox(first).create_draft(subject="Lunch")

    with monkeypatch.context() as disturbed:
        disturbed.setattr(book.travel.follower, "advance", and_somebody_writes)
        assert not follow.keep_up()
    assert reached(book, first) == 2
    assert not follow.keep_up()
    assert reached(book, first) == 2, "somebody has written since"
    assert not follow.keep_up()
    assert reached(book, first) == 6


def test_what_cannot_be_taken_in_waits_for_the_next_write(
    book: Book, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and nothing is repeated all the time."""
    alex = book.mailbox(ALEX)
    put(file, "state", flipped(value(file, "state", alex.id.bytes, 4), Random(4)), alex.id.bytes, 4)
    follow = FollowingAtWork(following(book, everybody=True))

    with caplog.at_level(logging.ERROR, "letterbook.past"):
        for _ in range(9):
            follow()

    assert [record.message for record in caplog.records] == [
        f"earlier moments were not brought in step: event 4 of mailbox {alex.id} is not what was recorded"
    ]
    with pytest.raises(StoreDamaged):
        alex.at(6).drafts()


def test_what_cannot_be_taken_in_keeps_no_other_mailbox_waiting(book: Book, file: Path) -> None:
    first, second = sorted((ALEX, ADELE), key=lambda who: book.mailbox(who).id)
    home = book.mailbox(first).id.bytes
    put(file, "state", flipped(value(file, "state", home, 4), Random(4)), home, 4)
    follow = FollowingAtWork(following(book, everybody=True))

    for _ in range(9):
        follow()

    assert reached(book, second) == 6


@pytest.mark.usefixtures("hasty_post_office")
def test_it_is_done_in_the_background(file: Path) -> None:
    with open_book(file, follow_past=True) as book:
        book.mailbox(ALEX).create_draft(subject="Offsite")
        home, until = book.mailbox(ALEX).id, monotonic() + 20
        while not book.travel.follower.has(home, 2) and monotonic() < until:
            sleep(0.05)
        assert book.travel.follower.has(home, 2)


def test_whoever_cannot_wait_has_all_of_it_brought_in_step(book: Book) -> None:
    told: dict[UUID, int] = {}

    def note(mailbox: UUID, events: int) -> None:
        told[mailbox] = told.get(mailbox, 0) + events

    book.follow_past(note)
    book.follow_past(note)

    assert told == {book.mailbox(ALEX).id: 6, book.mailbox(ADELE).id: 6}
    assert [each.subject for each in book.mailbox(ADELE).at(3).drafts()] == ["Offsite 1", "Offsite 0"]


@pytest.mark.parametrize("most", [1, 2, 5, 100])
def test_any_steps_lead_to_the_same(book: Book, file: Path, most: int) -> None:
    alex = book.mailbox(ALEX)
    alex.send(alex.update_draft(alex.drafts()[2], subject="Lunch", body="At noon?" * 100, to=[ADELE]))
    end = alex.changes()[-1].seq
    follower = book.travel.follower

    while not follower.has(alex.id, end):
        follower.advance(alex.id, end, most)

    assert alex.at(end).folder("sentitems") == alex.sent_items()
    assert alex.at(end).drafts() == alex.drafts()


def test_words_that_are_said_no_more_are_taken_in_before_anybody_searches(book: Book) -> None:
    """After the lists; as soon as somebody has asked about the past of a mailbox."""
    alex, follower = book.mailbox(ALEX), book.travel.follower
    alex.update_draft(alex.drafts()[0], subject="Lunch")
    assert len(alex.at(3).drafts()) == 2
    follow, waiting = following(book), [follower.unspelled(alex.id)]

    while not follow.keep_up():
        waiting.append(follower.unspelled(alex.id))

    assert waiting == [1, 0]
    assert [each.subject for each in alex.at(6).search("offsite 4")] == ["Offsite 4"]


def test_whoever_waits_for_words_is_told_how_many_there_are(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of which are taken in together."""
    monkeypatch.setattr(past_lists, "_SPELLED_AT_ONCE", 2)
    monkeypatch.setattr(past_lists, "_SPELLED", 3)
    alex, told = book.mailbox(ALEX), list[tuple[int, int]]()
    for number in range(7):
        alex.update_draft(alex.drafts()[0], subject=f"Lunch {number}")
    assert len(alex.at(13).drafts()) == 5
    book.travel.follower.spell(alex.id, 1)
    book.travel.follower.spell_all(alex.id, lambda done, of: told.append((done, of)))

    assert told == [(3, 6), (6, 6)]
    assert [len(alex.at(at).search("lunch")) for at in (6, 7, 13)] == [0, 1, 1]


def test_whoever_cannot_wait_has_the_words_taken_in_too(book: Book) -> None:
    alex = book.mailbox(ALEX)
    alex.update_draft(alex.drafts()[0], subject="Lunch")
    book.follow_past()

    assert not book.travel.follower.unspelled(alex.id)
    assert book.travel.follower.reached(alex.id) == 7


def test_a_history_that_is_too_short_is_said_so(book: Book, file: Path) -> None:
    home = book.mailbox(ALEX).id
    tamper(file, f"DELETE FROM events WHERE mailbox=x'{home.hex}' AND seq=6")  # noqa: S608 - on purpose
    with pytest.raises(StoreDamaged, match="ends before it did"):
        Follower(book.engine.store, book.travel.lists).catch_up(home, 6)
    with pytest.raises(StoreDamaged, match=f"event 6 of mailbox {home} is missing"):
        book.mailbox(ALEX).at(4)
    with book.engine.store.reading() as session:
        assert book.travel.lists.reached(home) == session.history.head(home)


def test_a_page_needs_nobody_to_take_in_what_is_new(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a disk with room for it, nor that whoever takes something in is through."""
    alex, follower = book.mailbox(ALEX), book.travel.follower
    before = [each.subject for each in alex.drafts()]
    end = alex.changes()[-1].seq
    follower.catch_up(alex.id, end)
    alex.update_draft(alex.drafts()[0], subject="Offsite in May")

    def full(*_: object) -> None:
        raise StoreFull("there is no room left")

    with follower._one:
        assert [each.subject for each in alex.at(end).drafts()] == before
    monkeypatch.setattr(book.travel.lists, "learn", full)
    assert [each.subject for each in alex.at(end).drafts()] == before
