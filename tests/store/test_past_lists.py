"""The earlier lists answer at every position as a view would that had been stopped there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from letterbook.adapters.views import past_lesson
from letterbook.adapters.views.memory import MemoryViews, Rows
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import NOTHING_YET, NotReached, Then, Turn
from letterbook.application.ports import Head
from letterbook.application.querying import (
    NEWEST_FIRST,
    All,
    Among,
    Any,
    Compare,
    Field,
    Is,
    Key,
    Marked,
    Not,
    Order,
    PageQuery,
    Place,
    Probe,
    Where,
)
from letterbook.application.rows import DropMessage, Mark, MarkKind, MessageRow, PutMessage
from tests.chance import examples
from tests.contracts.rows import AWAY, DRAFTS, HOME, INBOX, row
from tests.fakes import MONDAY

LISTS = (INBOX, DRAFTS, None)
UNREAD = Compare(Field.IS_READ, Is.EQUAL, False)
OFF = Compare(Field.SUBJECT, Is.STARTING_WITH, "off")
RED = Marked(MarkKind.CATEGORY, ("",), (Probe(Is.EQUAL, "red"),))
CATEGORISED = Marked(MarkKind.CATEGORY, ("",))


def received(how: Is, second: float) -> Compare:
    """Received before or after a second of Monday."""
    return Compare(Field.RECEIVED, how, MONDAY + timedelta(seconds=second))


WHERES: tuple[Where | None, ...] = (
    None,
    UNREAD,
    Compare(Field.IS_READ, Is.UNEQUAL, True),
    Compare(Field.IS_READ, Is.EQUAL, True),
    Not(UNREAD),
    All((UNREAD, OFF)),
    Any((UNREAD, OFF)),
    OFF,
    RED,
    Not(RED),
    All((RED, All((UNREAD,)))),
    Any((RED, All((CATEGORISED, OFF)))),
    Any((RED, OFF)),
    Any(()),
    All(()),
    received(Is.EQUAL, 30),
    received(Is.EQUAL, 30.5),
    received(Is.UNEQUAL, 30),
    Not(received(Is.ABOVE, 30)),
    All((received(Is.AT_LEAST, 20), received(Is.BELOW, 40), UNREAD)),
    All((received(Is.ABOVE, 20), received(Is.AT_MOST, 40.5), received(Is.AT_MOST, 30))),
    Among(Key.FOLDER, (INBOX,)),
    Among(Key.MESSAGE, (UUID(int=3), UUID(int=5))),
)
ORDERS = (
    NEWEST_FIRST,
    (Order(Field.RECEIVED),),
    (Order(Field.SUBJECT), Order(Field.RECEIVED)),
    (Order(Field.MODIFIED, descending=True),),
)


@pytest.fixture(params=["file", "memory"])
def lists(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlitePastLists]:
    """Lists that know nothing yet, on disk or in memory."""
    made = SqlitePastLists(tmp_path / "mail.db.past" if request.param == "file" else None)
    yield made
    made.close()


def some_row(random: Random, number: int) -> MessageRow:
    """One message, somewhere."""
    return row(
        number,
        folder=random.choice([INBOX, INBOX, DRAFTS]),
        in_mailbox=random.random() < 0.9,
        received_at=MONDAY + timedelta(seconds=random.randrange(60)),
        modified_at=MONDAY + timedelta(seconds=random.randrange(60)),
        subject=random.choice(["Offsite", "off", "Lunch"]),
        marks=tuple(
            Mark(MarkKind.CATEGORY, "", each) for each in random.choice([(), (), ("red",), ("blue",)])
        ),
        is_read=random.random() < 0.5,
    )


def story(random: Random, length: int) -> list[Turn]:
    """Messages come, change and go."""
    known: dict[int, MessageRow | None] = {}
    turns = []
    for seq in range(2, length + 2):
        number = random.randrange(1, 25)
        before = known.get(number)
        after = None if before and random.random() < 0.2 else some_row(random, number)
        if before and after and random.random() < 0.5:
            after = after._replace(folder=before.folder, received_at=before.received_at)
        known[number] = after
        turns.append(Turn(seq, UUID(int=number), before, after))
    return turns


def learn(lists: SqlitePastLists, turns: list[Turn], mailbox: UUID = HOME) -> None:
    """Take in a story, a few turns at a time."""
    for start in range(0, len(turns), 7):
        part = turns[start : start + 7]
        after = lists.reached(mailbox).seq
        lists.learn(mailbox, after, Head(part[-1].seq, b"seal"), part)


def stopped(turns: list[Turn], at: int) -> MemoryViews:
    """Views that never heard of what came behind a position."""
    views = MemoryViews(Rows())
    told = [turn for turn in turns if turn.seq <= at]
    views.apply(HOME, at, [PutMessage(t.after) if t.after else DropMessage(t.message) for t in told])
    return views


@pytest.fixture
def short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs that end soon."""
    monkeypatch.setattr(past_lesson, "_SHORTEST", 4)


@pytest.mark.usefixtures("short_epochs")
@pytest.mark.parametrize("seed", range(4))
def test_every_position_answers_as_a_view_that_was_stopped_there(lists: SqlitePastLists, seed: int) -> None:
    random = Random(seed)
    turns = story(random, 150)
    learn(lists, turns)
    for at in random.sample(range(1, 152), examples(25)):
        views = stopped(turns, at)
        for folder in LISTS:
            compare(lists, views, at, folder)
        compare_each(lists, views, turns, at)


def compare(lists: SqlitePastLists, views: MemoryViews, at: int, folder: UUID | None) -> None:
    """One list at one position, whatever is asked of it."""
    for where in WHERES:
        assert lists.count(HOME, at, folder, where) == views.count(HOME, folder, where)
        assert sorted(lists.names(HOME, at, folder, where)) == sorted(views.names(HOME, folder, where))
        for order in ORDERS:
            query = PageQuery(folder=folder, where=where, order=order, top=5, skip=1)
            page = lists.page(HOME, at, query)
            leaves = views.page(HOME, query)
            assert [(each.message, each.place) for each in page] == [(e.message, e.place) for e in leaves]
    if folder:
        rows = [views.message(HOME, name) for name in views.names(HOME, folder, None)]
        unread = sum(not each.is_read for each in rows if each)
        assert lists.tallies(HOME, at, [folder]) == [(len(rows), unread)]


def compare_each(lists: SqlitePastLists, views: MemoryViews, turns: list[Turn], at: int) -> None:
    """Every message by itself: whether it is there, since when it is shown so, and whether it still is."""
    end = turns[-1].seq
    for name in {turn.message for turn in turns}:
        own = [turn.seq for turn in turns if turn.message == name]
        since = max((seq for seq in own if seq <= at), default=0)
        found = lists.one(HOME, at, name, end)
        assert (found is not None) == (views.message(HOME, name) is not None)
        if found:
            assert (found.message, found.since, found.lasts) == (name, since, since == own[-1])
            assert not any(each and each.lasts for each in [lists.one(HOME, at, name, end + 1)])
    whole = PageQuery(top=99)
    for each in lists.page(HOME, at, whole, end):
        assert each._replace(place=()) == lists.one(HOME, at, each.message, end)
    assert not any(each.lasts for each in lists.page(HOME, at, whole, end + 1)), "nobody has looked so far"


@pytest.mark.usefixtures("short_epochs")
@pytest.mark.parametrize("order", [order for order in ORDERS if len(order) == 1])
def test_pages_follow_one_another(lists: SqlitePastLists, order: tuple[Order, ...]) -> None:
    turns = story(Random(9), 100)
    learn(lists, turns)
    whole = lists.page(HOME, 60, PageQuery(folder=INBOX, order=order, top=100))

    found, place = [], None
    while page := lists.page(HOME, 60, PageQuery(folder=INBOX, order=order, top=2, after=place)):
        found += page
        place = Place(page[-1].place, page[-1].message)

    assert found == whole
    assert len(whole) > 4


def test_what_was_learned_by_somebody_else_is_not_learned_twice(lists: SqlitePastLists) -> None:
    turns = story(Random(1), 20)
    learn(lists, turns)

    lists.learn(HOME, 0, Head(99, b"other"), turns)

    assert lists.reached(HOME) == Head(21, b"seal")
    assert lists.count(HOME, 21, INBOX, None) == stopped(turns, 21).count(HOME, INBOX, None)


def test_a_lesson_that_fails_leaves_nothing(lists: SqlitePastLists) -> None:
    turns = story(Random(1), 20)

    with pytest.raises(sqlite3.IntegrityError):
        lists.learn(HOME, 0, Head(21, b"seal"), [*turns, turns[0]])

    assert lists.reached(HOME) == NOTHING_YET
    with pytest.raises(NotReached):
        lists.count(HOME, 21, INBOX, None)
    learn(lists, turns)


@pytest.mark.parametrize("said", [4, None])
def test_what_was_only_moved_since_is_told_from_what_is_said_now(
    lists: SqlitePastLists, said: int | None
) -> None:
    """Up to a change of what it says; and only while it is there."""
    name, drafts = UUID(int=1), row(1, folder=DRAFTS, is_read=True)
    turns = [
        Turn(2, name, None, row(1), 1, 0, 2),
        Turn(3, name, row(1), drafts, 2, 1, 2),
        Turn(4, name, drafts, row(1), 3, 2),
        Turn(5, name, row(1), drafts, 4, 3, said),
    ]
    for each in (turns[:3], turns[3:]):
        learn(lists, each)
    now = microseconds(MONDAY)

    def then(at: int) -> Then | None:
        (found,) = lists.page(HOME, at, PageQuery(), lists.reached(HOME).seq)
        assert found.lasts == (at == lists.reached(HOME).seq)
        return found.then

    assert [then(at) for at in (2, 3, 4, 5)] == [None, None, Then(3, 2, now, INBOX.bytes, False), None]
    assert lists.page(HOME, 4, PageQuery(), 6)[0].then is None, "nobody has looked so far"
    learn(lists, [Turn(6, name, drafts, None, 5, 3, 6)])
    assert then(4) is None


def test_one_mailbox_is_forgotten_and_no_other(lists: SqlitePastLists) -> None:
    learn(lists, story(Random(1), 20))
    elsewhere = UUID(int=99)
    moved = Turn(5, UUID(int=7), None, row(7, folder=elsewhere))
    learn(lists, [moved], AWAY)

    lists.forget(HOME)

    assert (lists.reached(HOME), lists.reached(AWAY)) == (NOTHING_YET, Head(5, b"seal"))
    assert lists.names(AWAY, 5, elsewhere, None) == [UUID(int=7)]
    learn(lists, story(Random(2), 20))
    assert lists.count(HOME, 21, None, None) == stopped(story(Random(2), 20), 21).count(HOME, None, None)


def test_moments_are_known_by_some_of_their_positions(lists: SqlitePastLists) -> None:
    """Where a clock was set back, nothing is said that cannot be halved."""
    turns = story(Random(1), 20)
    times = [(number, MONDAY + timedelta(minutes=number // 2)) for number in range(4, 20, 4)]
    lists.learn(HOME, 0, Head(20, b"seal"), turns, times)

    asked = [MONDAY + timedelta(minutes=minutes) for minutes in (0, 2, 3, 6, 7.5, 8, 99)]
    found = [lists.around(HOME, moment) for moment in asked]
    assert found == [(0, 4), (4, 8), (4, 8), (12, 16), (12, 16), (16, None), (16, None)]
    assert lists.around(AWAY, MONDAY) == (0, None)
    lists.learn(HOME, 20, Head(30, b"seal"), [], [(24, MONDAY + timedelta(minutes=3)), (28, MONDAY)])
    assert [lists.around(HOME, moment) for moment in asked] == [
        *((0, None), (4, 24), (0, None), (12, 16), (12, 16)),
        *((16, None), (16, None)),
    ]
    lists.forget(HOME)
    assert lists.around(HOME, asked[-1]) == (0, None)


def test_who_asks_about_a_position_that_nobody_has_come_to_is_told(lists: SqlitePastLists) -> None:
    """Whatever he asks: it may have been emptied since somebody looked."""
    learn(lists, story(Random(1), 20))

    for mailbox, at in ((HOME, 22), (AWAY, 1)):
        for question in (
            partial(lists.page, mailbox, at, PageQuery()),
            partial(lists.one, mailbox, at, UUID(int=1)),
            partial(lists.count, mailbox, at, None, None),
            partial(lists.names, mailbox, at, None, None),
            partial(lists.tallies, mailbox, at, [INBOX]),
        ):
            with pytest.raises(NotReached):
                question()


def test_what_is_passed_over_does_not_grow_with_the_history(tmp_path: Path) -> None:
    """Fifteen times as much comes and goes through a list that holds ten."""
    steps = [_steps_of_a_page(tmp_path / f"{length}", length) for length in (1_000, 15_000)]

    assert steps[1] < 3 * steps[0]


def _steps_of_a_page(path: Path, length: int) -> int:
    """What SQLite does for one page, in its own steps, in the middle of a history."""
    lists = SqlitePastLists(path)
    lists.learn(HOME, 0, Head(length, b"seal"), _passing_through(length))
    found, steps = _counted(lists, length // 2 + 1)
    lists.close()
    assert found == 10
    return steps


def _counted(lists: SqlitePastLists, at: int, order: tuple[Order, ...] = NEWEST_FIRST) -> tuple[int, int]:
    """How many messages a page finds at a position, and in how many of SQLite's steps."""
    counted: list[None] = []
    lists.reached(HOME)
    (connection,) = lists._idle
    connection.set_progress_handler(partial(counted.append, None), 20)
    found = lists.page(HOME, at, PageQuery(folder=INBOX, top=20, order=order))
    connection.set_progress_handler(None, 0)
    assert len(counted) > 5
    return len(found), len(counted)


def _passing_through(length: int) -> Iterator[Turn]:
    """Each message that comes drives out the one that came ten before it."""
    for number in range(length // 2):
        here = partial(row, folder=INBOX, in_mailbox=False)
        came = MONDAY + timedelta(seconds=number)
        yield Turn(2 * number, UUID(int=number + 1), None, here(number + 1, received_at=came))
        if number >= 10:
            old = here(number - 9, received_at=came - timedelta(seconds=10))
            yield Turn(2 * number + 1, old.message, old, None)


@pytest.mark.parametrize("newest_first", [True, False])
def test_what_is_passed_over_does_not_grow_with_what_came_later(tmp_path: Path, newest_first: bool) -> None:
    """Messages only come, in either order, and what came later sorts before what is asked for."""
    steps = []
    for length in (2_000, 12_000):
        lists = SqlitePastLists(tmp_path / f"{length}.past")
        lists.learn(HOME, 0, Head(length, b"seal"), _coming(length, newest_first=newest_first))
        found, counted = _counted(lists, 1_500, (Order(Field.RECEIVED, descending=not newest_first),))
        lists.close()
        assert found == 20
        steps.append(counted)

    assert steps[1] < 1.5 * steps[0]


def _coming(length: int, *, newest_first: bool) -> Iterator[Turn]:
    for number in range(1, length + 1):
        came = MONDAY + timedelta(seconds=-number if newest_first else number)
        yield Turn(number, UUID(int=number), None, row(number, folder=INBOX, received_at=came))


def test_lists_of_another_shape_are_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "mail.db.past"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE past_lists (something)")
        connection.execute("PRAGMA user_version=99")
    lists = SqlitePastLists(path)

    learn(lists, story(Random(1), 20))

    assert lists.reached(HOME).seq == 21
    lists.close()


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mail.db.past"
    lists = SqlitePastLists(path)
    learn(lists, story(Random(1), 2))
    lists.close()

    assert path.stat().st_mode & 0o777 == 0o600
