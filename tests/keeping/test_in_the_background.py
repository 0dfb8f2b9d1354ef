"""Retention by itself: when a server begins and every hour, until it ends; trouble puts it off."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from letterbook import open_book
from letterbook.adapters.retaining import EVERY, RetentionAtWork
from letterbook.application import retaining
from letterbook.application.retaining import Retained
from letterbook.application.troubles import StoreBusy, StoreDamaged
from tests.fakes import FakeClock
from tests.proof.test_verifying import flipped, put, value
from tests.serving import serving_on

ALEX, MEGAN, ADELE = "alexw@contoso.com", "meganb@contoso.com", "adelev@contoso.com"
Stop = Callable[[], bool]


def wait_until(so: Callable[[], bool]) -> bool:
    """Whether it comes true soon."""
    until = time.monotonic() + 10
    while not so() and time.monotonic() < until:
        time.sleep(0.01)
    return so()


class Rounds:
    """Counts rounds; the first ones may fail."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.count = 0

    def __call__(self, _stop: Stop) -> list[Retained]:
        """One round."""
        self.count += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return []


def test_an_hour_is_between_two_rounds() -> None:
    assert EVERY == 3600
    rounds = Rounds()
    with RetentionAtWork(rounds):
        assert wait_until(lambda: rounds.count == 1)
        time.sleep(0.05)
    assert rounds.count == 1


def test_it_goes_on_round_by_round_until_it_ends() -> None:
    rounds = Rounds()
    with RetentionAtWork(rounds, every=0.01):
        assert wait_until(lambda: rounds.count >= 3)
    done = rounds.count
    time.sleep(0.05)
    assert rounds.count == done


def test_trouble_puts_it_off_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds(StoreBusy("somebody else writes"), RuntimeError("nobody foresaw this"))
    with RetentionAtWork(rounds, every=0.01):
        assert wait_until(lambda: rounds.count >= 3)
    assert "somebody else writes" in caplog.text
    assert "nobody foresaw this" in caplog.text


def test_a_round_in_hand_is_told_to_stop() -> None:
    told: list[bool] = []

    def long(stop: Stop) -> list[Retained]:
        told.append(stop())
        assert wait_until(stop)
        told.append(stop())
        return []

    with RetentionAtWork(long):
        assert wait_until(lambda: bool(told))
    assert told == [False, True]


def test_a_server_removes_what_has_been_kept_long_enough(tmp_path: Path) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, clock=FakeClock(datetime.now(UTC) - timedelta(days=2)), deliver=False) as book:
        alex = book.mailbox(ALEX)
        alex.set_retention("drafts", days=1)
        alex.create_draft(subject="Old")
    with open_book(place, deliver=False) as book, serving_on(place):
        alex = book.mailbox(ALEX)
        alex.create_draft(subject="New")
        assert wait_until(lambda: [each.subject for each in alex.drafts()] == ["New"])


def test_a_book_that_is_only_opened_removes_nothing_by_itself(tmp_path: Path) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, clock=FakeClock(datetime.now(UTC) - timedelta(days=2)), deliver=False) as book:
        book.mailbox(ALEX).set_retention("drafts", days=1)
        book.mailbox(ALEX).create_draft(subject="Old")
    with open_book(place) as book:
        book.wake_delivery()
        book.asgi()
        time.sleep(0.1)
        assert len(book.mailbox(ALEX).drafts()) == 1


def test_a_damaged_mailbox_keeps_no_other_from_it(tmp_path: Path, clock: FakeClock) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, clock=clock, deliver=False) as book:
        for address in (ALEX, MEGAN):
            book.mailbox(address).set_retention("drafts", days=1)
            book.mailbox(address).create_draft(subject="Old")
        clock.pass_by(timedelta(days=2))
        home = book.mailbox(ALEX).id.bytes
        put(place, "state", flipped(value(place, "state", home, 3), Random(3)), home, 3)

        with pytest.raises(StoreDamaged, match="event 3"):
            book.retain()

        assert book.mailbox(MEGAN).drafts() == []
        assert book.mailbox(ALEX).drafts() != []


def test_how_much_is_done_is_told(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retaining, "BATCH", 2)
    told: list[tuple[float, float]] = []
    with open_book(tmp_path / "mail.db", clock=clock, deliver=False) as book:
        book.add_user(ADELE)
        for address in (ALEX, MEGAN):
            book.mailbox(address).set_retention("drafts", days=1)
            for number in range(3):
                book.mailbox(address).create_draft(subject=f"{number}")
        clock.pass_by(timedelta(days=2))

        book.retain(progress=lambda done, of: told.append((done, of)))

    shares = [done for done, _ in told]
    assert {of for _, of in told} == {3}
    assert shares == sorted(shares)
    assert shares[-1] == 3
    assert len(set(shares)) > 4
