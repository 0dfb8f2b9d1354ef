"""Earlier lists that nobody took in are told from those of now: at a glance."""

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from letterbook import Book, Mailbox, StoreDamaged, open_book
from letterbook.adapters.past_following import FollowingAtWork
from letterbook.application import past_glance
from letterbook.application.past_following import Following
from tests.proof.test_verifying import flipped, put, value

ALEX = "alexw@contoso.com"


@pytest.fixture
def book(place: str) -> Iterator[Book]:
    """A book in which nothing happens by itself."""
    with open_book(place, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox(ALEX)


def names(box: Mailbox, folder: str = "drafts") -> list[str]:
    """The subjects in a folder."""
    return [each.subject for each in box.folder(folder)]


def looked_at(book: Book) -> list[tuple[int, int]]:
    """What whoever waits is told, from here on."""
    told: list[tuple[int, int]] = []
    book.travel.progress = lambda done, of: told.append((done, of))
    return told


@pytest.fixture
def moved(alex: Mailbox) -> dict[int, list[str]]:
    """What Alex's drafts were, by position, while twelve came, and came and went."""
    seen: dict[int, list[str]] = {}
    drafts = [alex.create_draft(subject=f"{number}") for number in range(12)]
    for turn in range(20):
        alex.move(drafts[turn * 5 % 12], "archive" if turn % 3 else "drafts")
        seen[alex.changes()[-1].seq] = names(alex)
    alex.delete_for_good(drafts[0])
    return seen


@pytest.mark.usefixtures("at_a_glance")
def test_every_position_is_told_and_nothing_is_kept(
    book: Book, alex: Mailbox, moved: dict[int, list[str]], file: Path
) -> None:
    assert {at: names(alex.at(at)) for at in moved} == moved
    assert not file.with_name("mail.db.past").exists()


@pytest.mark.usefixtures("at_a_glance")
def test_what_is_written_later_changes_nothing(book: Book, alex: Mailbox) -> None:
    """The second answer comes from the same glance, which only looks at what is new."""
    kept, changed = alex.create_draft(subject="Kept"), alex.create_draft(subject="Changed")
    then, told = alex.at(3), looked_at(book)
    assert names(then) == ["Changed", "Kept"]
    alex.update_draft(changed, subject="Anew")
    alex.move(kept, "archive")
    alex.create_draft(subject="New")
    assert names(then) == ["Changed", "Kept"]
    assert {each.name: each.total for each in then.folders()}["Drafts"] == 2
    assert told == [(3, 3)]


@pytest.mark.usefixtures("at_a_glance")
def test_a_glance_that_has_much_to_look_at_is_not_ready(
    book: Book, alex: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a server looks aside, also at what is new."""
    monkeypatch.setattr(past_glance, "_FEW", 2)
    alex.create_draft(subject="Kept")
    ready = []
    for number in range(5):
        then = alex.at(2)
        ready.append(book.travel.is_ready(alex.id, 2))
        if number in (0, 4):
            assert names(then) == ["Kept"]
        alex.create_draft(subject=f"New {number}")
    alex.at(2)
    ready.append(book.travel.is_ready(alex.id, 2))
    assert ready == [False, True, True, False, False, True]


@pytest.mark.usefixtures("at_a_glance")
def test_how_far_a_glance_is_is_told(book: Book, alex: Mailbox, moved: dict[int, list[str]]) -> None:
    end, told = alex.changes()[-1].seq, looked_at(book)
    names(alex.at(min(moved)))
    whole = end - min(moved)
    assert told == [*((done, whole) for done in range(7, whole, 7)), (whole, whole)]


def test_whoever_is_near_is_taken_in(book: Book, alex: Mailbox, moved: dict[int, list[str]]) -> None:
    """A few thousand events need no glance."""
    at = max(moved)
    assert names(alex.at(at)) == moved[at]
    assert book.travel.follower.has(alex.id, at)


@pytest.mark.usefixtures("at_a_glance")
def test_where_much_would_be_put_back_the_past_is_taken_in(
    book: Book, alex: Mailbox, moved: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_glance, "_MOST_PUT_BACK", 3)
    at = min(moved)
    assert names(alex.at(at)) == moved[at]
    assert book.travel.follower.has(alex.id, at)
    monkeypatch.setattr(past_glance, "_MOST_PUT_BACK", 99)
    assert names(alex.at(max(moved))) == moved[max(moved)]
    assert book.travel.follower.has(alex.id, max(moved)), "and so it stays"


def test_glances_are_no_more_work_than_taking_all_of_it_in(
    book: Book, alex: Mailbox, moved: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_glance, "_SOON", -1)
    monkeypatch.setattr(past_glance, "_WORTH_IT", 1)
    follower, glances = book.travel.follower, []
    for at in sorted(moved, reverse=True):
        assert names(alex.at(at)) == moved[at]
        glances.append(not follower.has(alex.id, at))
    assert glances == sorted(glances, reverse=True)
    assert (glances[0], glances[-1]) == (True, False)


@pytest.mark.usefixtures("at_a_glance")
def test_what_a_glance_was_cast_at_is_taken_in_when_all_is_quiet(book: Book, alex: Mailbox) -> None:
    alex.create_draft(subject="Lunch")
    follow = FollowingAtWork(Following(book.engine.store, book.travel.follower))
    woken: list[None] = []
    book.travel.wake = lambda: woken.append(None)
    assert follow()
    assert names(alex.at(2)) == ["Lunch"]
    assert woken
    while not follow():
        pass
    assert book.travel.follower.has(alex.id, 2)


@pytest.mark.usefixtures("at_a_glance")
def test_whoever_is_asked_about_while_all_is_quiet_is_followed_too(book: Book, alex: Mailbox) -> None:
    """Nothing was written between the two."""
    adele = book.mailbox("adelev@contoso.com")
    follow = FollowingAtWork(Following(book.engine.store, book.travel.follower))
    for box in (alex, adele):
        assert names(box.at(1)) == []
        while not follow():
            pass
        assert book.travel.follower.has(box.id, 1)


def test_what_is_damaged_later_keeps_nobody_from_what_was_taken_in(
    book: Book, alex: Mailbox, file: Path
) -> None:
    alex.create_draft(subject="Lunch")
    assert names(alex.at(2)) == ["Lunch"]
    alex.create_draft(subject="Budget")
    home = alex.id.bytes
    put(file, "state", flipped(value(file, "state", home, 3), Random(3)), home, 3)
    assert names(alex.at(2)) == ["Lunch"]
    with pytest.raises(StoreDamaged):
        names(alex.at(3))


@pytest.mark.usefixtures("at_a_glance")
@pytest.mark.parametrize("column", ["state", "aggregate", "version", "seq"])
def test_a_flipped_bit_in_what_happened_since_is_noticed(
    book: Book, alex: Mailbox, moved: dict[int, list[str]], file: Path, column: str
) -> None:
    home, at = alex.id.bytes, min(moved)
    old = value(file, column, home, at + 3)
    put(file, column, old ^ 64 if isinstance(old, int) else flipped(old, Random(2)), home, at + 3)
    with pytest.raises(StoreDamaged):
        names(alex.at(at))


@pytest.mark.usefixtures("at_a_glance")
def test_many_may_cast_the_same_glance(alex: Mailbox, moved: dict[int, list[str]]) -> None:
    wrong: list[int] = []

    def look(at: int) -> None:
        if names(alex.at(at)) != moved[at]:
            wrong.append(at)

    threads = [threading.Thread(target=look, args=(at,)) for at in list(moved)[:4] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
