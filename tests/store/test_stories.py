"""Stories as they were written: the fields of the facts of a mailbox, for whoever retells them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from letterbook.application.ports import Addition, History, Store
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.facts import Forgotten
from letterbook.domain.message import Erased
from letterbook.domain.message.retelling import Written
from tests.contracts.history import AWAY, HOME, LETTER, ON, REPLY, append, filed
from tests.domain.harness import stored
from tests.fakes import MONDAY, FakeClock, memory_store, opened_sqlite
from tests.store.test_history import tamper


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture(params=["memory", "clear", "encrypted"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield memory_store(clock)
        return
    key = bytes(32) if request.param == "encrypted" else None
    with opened_sqlite(tmp_path / "mail.db", clock, key=key) as opened:
        yield opened


def as_written(history: History, end: int, after: UUID | None = None) -> list[tuple[UUID, list[Written]]]:
    return [(name, list(story)) for name, story in history.stories_as_written(HOME, end, after)]


def in_order(history: History, end: int, after: UUID | None = None) -> list[tuple[UUID, list[Written]]]:
    """The same, from the facts."""
    return [
        (name, [(fact.stored_name, json.loads(stored(fact))) for fact in facts])
        for name, facts in history.stories(HOME, end, after)
    ]


@pytest.mark.parametrize(("end", "after"), [(6, None), (3, None), (3, LETTER), (6, REPLY), (0, None)])
def test_stories_are_the_same_as_they_were_written(store: Store, end: int, after: UUID | None) -> None:
    """Up to a position, and behind a name."""
    for number in range(3):
        for aggregate in (REPLY, LETTER):
            append(store, Addition(HOME, aggregate, number, filed(f"{number}")))
    append(store, Addition(AWAY, LETTER, 0, filed("elsewhere")))
    with store.reading() as session:
        assert as_written(session.history, end, after) == in_order(session.history, end, after)


@pytest.mark.parametrize("end", [0, 1, 3, 9])
def test_one_story_is_the_same_as_it_was_written(store: Store, end: int) -> None:
    append(store, Addition(HOME, LETTER, 0, filed("a")), Addition(HOME, REPLY, 0, filed("b")))
    append(store, Addition(HOME, LETTER, 1, filed("c")), Addition(AWAY, LETTER, 0, filed("elsewhere")))
    with store.reading() as session:
        told = [
            (fact.stored_name, json.loads(stored(fact))) for fact in session.history.told(HOME, LETTER, end)
        ]
        assert session.history.told_as_written(HOME, LETTER, end) == told
        assert len(told) == (0, 1, 2, 2)[(0, 1, 3, 9).index(end)]


def test_a_story_of_which_the_end_is_known_is_told_whole(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    with opened_sqlite(path, FakeClock()) as store:
        append(store, Addition(HOME, LETTER, 0, filed("a", "b", "c")))
        with store.reading() as session:
            assert len(session.history.told_as_written(HOME, LETTER, 3, whole=True)) == 3
        tamper(path, "DELETE FROM events WHERE seq=3")
        with store.reading() as session, pytest.raises(StoreDamaged, match="missing"):
            session.history.told_as_written(HOME, LETTER, 3, whole=True)


@pytest.mark.parametrize("between", [(0, None), (3, None), (0, 4), (2, 5), (3, 4), (0, 99)])
def test_a_moment_is_found_between_positions_that_are_known(
    store: Store, clock: FakeClock, between: tuple[int, int | None]
) -> None:
    """However wide apart, and also behind the end."""
    for number in range(6):
        append(store, Addition(HOME, LETTER, number, filed("a")))
        clock.pass_by(timedelta(hours=1))
    with store.reading() as session:
        assert session.history.position_at(HOME, MONDAY + timedelta(hours=2.5), between) == 3
        assert session.history.position_at(HOME, clock.at, (99, None)) == 6


def test_what_was_erased_is_forgotten_and_that_it_was_is_not(tmp_path: Path) -> None:
    with opened_sqlite(tmp_path / "mail.db", FakeClock(), key=bytes(32)) as store:
        append(store, Addition(HOME, LETTER, 0, filed("a")), Addition(HOME, REPLY, 0, filed("b")))
        append(store, Addition(HOME, LETTER, 1, (Erased(on=ON, why="Article 17"),)))
        with store.reading() as session:
            told = dict(as_written(session.history, 3))
    assert told[LETTER][0] == (Forgotten.stored_name, {})
    assert [name for name, _ in told[LETTER][1:]] == [Erased.stored_name]
    assert [name for name, _ in told[REPLY]] == ["message.categorised.v1"]


def test_nothing_is_told_that_was_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    with opened_sqlite(path, FakeClock()) as store:
        append(store, Addition(HOME, LETTER, 0, filed("a", "b")))
        tamper(path, "UPDATE events SET recorded=recorded+1 WHERE seq=2")
        with store.reading() as session, pytest.raises(StoreDamaged, match="event 2"):
            as_written(session.history, 2)
