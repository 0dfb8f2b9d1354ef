"""Who has to stop while something is purged leaves the rest of it to the next start."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import open_book
from letterbook.adapters.store import shredding
from letterbook.adapters.store.shredding import SqliteShredder
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application import purging
from tests.fakes import FakeClock
from tests.forgetting.canaries import found
from tests.graph.client import ALEX

SAID = "Kaleidoscope "
BEFORE_SCRUB = 5
"""How often it is asked whether there is time, before the file is written anew."""


def asked_more_than(times: int) -> Callable[[], bool]:
    """Says to stop after it was asked so often."""
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > times

    return stop


@pytest.fixture
def old(file: Path) -> FakeClock:
    """The time at which a store holds much that is to be erased as it is old."""
    clock = FakeClock()
    with open_book(file, deliver=False, encrypted=True, clock=clock) as book:
        alex = book.mailbox(ALEX)
        for _ in range(40):
            alex.create_draft(subject=SAID, body=SAID * 3_000)
        alex.search(SAID)
        alex.set_retention("drafts", days=1, action="erase")
    clock.pass_by(timedelta(days=2))
    return clock


@pytest.mark.parametrize("more", [1, 10, 100])
def test_writing_the_file_anew_is_broken_off_and_done_at_the_next_start(
    file: Path, old: FakeClock, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shredding, "_STEPS", 20)  # the file is small
    with open_book(file, deliver=False, clock=old) as book:
        shredder = SqliteShredder(file, SqliteViews.prepare)
        book._purge = lambda _stop: False
        assert sum(each.removed for each in book.retain()) == 40
        stop = asked_more_than(BEFORE_SCRUB + more)
        assert not purging.purge(book.engine, book.travel.lists, shredder, stop)
        assert stop()
        assert shredder.is_due()
        assert found(file, [SAID]) != set(), "it was broken off in the middle"
        assert book.mailbox(ALEX).drafts() == []
        assert book.verify().good
    with open_book(file, deliver=False, clock=old) as book:
        assert found(file, [SAID]) == set()
        assert book.verify().good
        assert not shredder.is_due()


def test_retention_that_is_to_stop_purges_nothing(file: Path, old: FakeClock) -> None:
    with open_book(file, deliver=False, clock=old) as book:
        book.retain(stop=asked_more_than(3))
        assert len(book.mailbox(ALEX).drafts()) < 40
        assert found(file, [SAID]) != set()
    with open_book(file, deliver=False, clock=old) as book:
        book.retain()
        assert book.mailbox(ALEX).drafts() == []
        assert found(file, [SAID]) == set()
