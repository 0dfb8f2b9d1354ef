"""What is held stays although the fact that says so, or the one that it is held for, lost its name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from letterbook import Mailbox, StoreDamaged, open_book
from letterbook.domain.facts import Fact
from letterbook.domain.holds import HoldPlaced, HoldReleased
from letterbook.domain.message import DraftUpdated
from letterbook.domain.refusals import Held
from tests.fakes import FakeClock
from tests.graph.client import ALEX
from tests.proof.test_flipped_bits import Kept, kept
from tests.proof.test_lost_facts import flip
from tests.proof.test_verifying import put, value

WHY = "Fabrikam sues us."
NAMES = pytest.mark.parametrize("column", ["mailbox", "aggregate"])


def held(file: Path, hold: Callable[[Mailbox], object]) -> None:
    """A store in which a draft is old enough to go, and held by something."""
    with open_book(file, deliver=False, encrypted=True, clock=FakeClock()) as book:
        alex = book.mailbox(ALEX)
        alex.set_retention("drafts", days=1)
        draft = alex.create_draft(subject="Evidence", body="Of everything.")
        alex.update_draft(draft, subject="Lunch")
        hold(alex)


def place(search: str | None, alex: Mailbox) -> None:
    """One hold, and the newest fact of the mailbox."""
    alex.place_hold("Fabrikam", why=WHY, search=search)


def place_two(alex: Mailbox) -> None:
    """Two, of which the newest fact releases one."""
    alex.place_hold("Fabrikam", why=WHY)
    alex.place_hold("Audit", why=WHY)
    alex.release_hold("Audit", why="Done.")


def lose(file: Path, column: str, kind: type[Fact]) -> Callable[[], None]:
    """Flip a bit in the name of the newest fact of a kind; gives what puts it back."""
    event = [each for each in kept(file) if each.topic == kind.stored_name][-1]
    was = value(file, column, event.mailbox, event.seq)
    flip(file, event, column, Random(column))
    return partial(put_back, file, column, was, event)


def put_back(file: Path, column: str, was: object, event: Kept) -> None:
    """As it was, wherever the event is by now."""
    lost = next(each for each in kept(file) if each.seq == event.seq and each.topic == event.topic)
    put(file, column, was, lost.mailbox, event.seq)


def removals(file: Path) -> list[Callable[[], object]]:
    """Every way to get rid of the draft, each tried by a program that knows nothing."""

    def tried(way: Callable[[Mailbox], object]) -> Callable[[], object]:
        def job() -> object:
            with open_book(file, deliver=False) as book:
                return way(book.mailbox(ALEX))

        return job

    def by_age() -> object:
        with open_book(file, deliver=False) as book:
            return book.retain()

    def person() -> object:
        with open_book(file, deliver=False) as book:
            return book.erase_people(ALEX, why="She asked.")

    return [
        tried(lambda alex: alex.delete_for_good(alex.drafts()[0])),
        tried(lambda alex: alex.erase(alex.drafts()[0], why="It was asked for.")),
        by_age,
        person,
    ]


def check_stays(file: Path, column: str, kind: type[Fact]) -> None:
    """Whoever tries to remove it is told of the damage; all is there when that is mended."""
    before = kept(file)
    mend = lose(file, column, kind)
    for remove in removals(file):
        with pytest.raises(StoreDamaged):
            remove()
    mend()
    assert kept(file) == before
    with open_book(file, deliver=False) as book:
        assert [draft.subject for draft in book.mailbox(ALEX).drafts()] == ["Lunch"]
        assert book.verify().good


@NAMES
@pytest.mark.parametrize("search", [None, "subject:evidence"], ids=["all", "search"])
def test_a_hold_that_lost_its_name_holds(tmp_path: Path, column: str, search: str | None) -> None:
    held(tmp_path / "mail.db", partial(place, search))
    check_stays(tmp_path / "mail.db", column, HoldPlaced)


@NAMES
def test_a_release_that_lost_its_name_removes_nothing(tmp_path: Path, column: str) -> None:
    held(tmp_path / "mail.db", place_two)
    check_stays(tmp_path / "mail.db", column, HoldReleased)


@NAMES
def test_what_was_said_at_last_counts_although_it_lost_its_name(tmp_path: Path, column: str) -> None:
    """The search finds nothing but what the lost fact says."""
    held(tmp_path / "mail.db", partial(place, "subject:lunch"))
    check_stays(tmp_path / "mail.db", column, DraftUpdated)


@NAMES
def test_a_hold_of_another_program_holds_although_it_lost_its_name(tmp_path: Path, column: str) -> None:
    """Whoever remembers the mailbox as it was looks again before anything is removed."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False, encrypted=True) as book:
        alex = book.mailbox(ALEX)
        drafts = [alex.create_draft(subject=f"{number}") for number in range(3)]
        alex.delete_for_good(drafts.pop())
        with open_book(file, deliver=False) as other:
            other.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
        mend = lose(file, column, HoldPlaced)
        with pytest.raises(StoreDamaged):
            alex.delete_for_good(drafts[0])
        with pytest.raises(StoreDamaged):
            alex.erase(drafts[1], why="It was asked for.")
        mend()
        with pytest.raises(Held):
            alex.delete_for_good(drafts[0])
        assert [draft.subject for draft in alex.drafts()] == ["1", "0"]
