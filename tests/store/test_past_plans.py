"""What earlier lists pass over for a question does not grow with what is in them and is not asked for."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from typing import Any as Anything
from uuid import UUID

import pytest

from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import Turn
from letterbook.application.ports import Head
from letterbook.application.querying import (
    All,
    Any,
    Compare,
    Field,
    Is,
    Marked,
    Order,
    PageQuery,
    Place,
    Where,
)
from letterbook.application.rows import Mark, MarkKind, MessageRow
from tests.contracts.rows import HOME, INBOX, row
from tests.fakes import MONDAY

RED = (Mark(MarkKind.CATEGORY, "", "red"),)
UNREAD = Compare(Field.IS_READ, Is.EQUAL, False)
CATEGORISED = Marked(MarkKind.CATEGORY, ("",))
OLDEST_FIRST = (Order(Field.RECEIVED),)
Story = Callable[[int], Iterator[Turn]]
FEW, MANY = 3_000, 12_000
_OLDEST = 20


def letter(number: int, **said: object) -> MessageRow:
    """A message that came at its second, and was read: only the oldest are not, and are in a category."""
    came = MONDAY + timedelta(seconds=number)
    seldom = number <= _OLDEST
    usual = {"is_read": not seldom, "marks": RED if seldom else (), "received_at": came}
    return row(number, **(usual | said))


def coming(length: int) -> Iterator[Turn]:
    """Messages only come."""
    for number in range(1, length + 1):
        yield Turn(number, UUID(int=number), None, letter(number))


def being_read(length: int) -> Iterator[Turn]:
    """Messages come unread, and in a category; all but a few are read, and out of it, at once."""
    for number in range(1, length // 2 + 1):
        new, now = letter(number, is_read=False, marks=RED), letter(number)
        yield Turn(2 * number - 1, new.message, None, new)
        if new != now:
            yield Turn(2 * number, new.message, new, now)


def steps(lists: SqlitePastLists, at: int, query: PageQuery) -> tuple[int, int]:
    """How many messages a page finds at a position, and in how many tens of SQLite's steps."""
    counted: list[None] = []
    lists.reached(HOME)
    (connection,) = lists._idle
    connection.set_progress_handler(partial(counted.append, None), 10)
    found = lists.page(HOME, at, query)
    connection.set_progress_handler(None, 0)
    return len(found), len(counted)


Learnt = Callable[[Story, int], SqlitePastLists]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learnt]:
    """Lists that have come to the end of a story of some length, made once."""

    @cache
    def made(story: Story, length: int) -> SqlitePastLists:
        lists = SqlitePastLists(tmp_path_factory.mktemp("lists") / "past")
        lists.learn(HOME, 0, Head(length, b"seal"), story(length))
        opened.append(lists)
        return lists

    opened: list[SqlitePastLists] = []
    yield made
    for lists in opened:
        lists.close()


def growth(learnt: Learnt, story: Story, question: Callable[[int], PageQuery]) -> float:
    """How many times as many steps a page takes in a list that holds, or saw, four times as much."""
    counted = []
    for length in (FEW, MANY):
        found, tens = steps(learnt(story, length), length - 5, question(length))
        assert found == 10
        counted.append(tens)
    return counted[1] / counted[0]


@pytest.mark.parametrize("folder", [INBOX, None])
@pytest.mark.parametrize(
    "where",
    [
        UNREAD,
        Compare(Field.IS_READ, Is.UNEQUAL, True),
        CATEGORISED,
        All((CATEGORISED, UNREAD)),
        All((UNREAD, Compare(Field.SUBJECT, Is.EQUAL, "Offsite"))),
        Any((CATEGORISED, All((UNREAD, CATEGORISED)))),
    ],
)
@pytest.mark.parametrize("story", [coming, being_read])
def test_what_is_seldom_is_found_without_looking_at_the_rest(
    learnt: Learnt, where: Where, folder: UUID | None, story: Story
) -> None:
    def question(_length: int) -> PageQuery:
        return PageQuery(folder=folder, where=where, top=10)

    assert growth(learnt, story, question) < 1.5


def from_the_middle(length: int, **said: Anything) -> PageQuery:
    """A page behind the message in the middle."""
    middle = letter(length // 2)
    place = Place((microseconds(middle.received_at),), middle.message)
    return PageQuery(folder=INBOX, top=10, after=place, **said)


def behind_a_moment(length: int, how: Is, **said: Anything) -> PageQuery:
    """A page of what came before or after the moment in the middle."""
    where = Compare(Field.RECEIVED, how, letter(length // 2).received_at)
    return PageQuery(folder=INBOX, top=10, where=where, **said)


@pytest.mark.parametrize(
    "question",
    [
        from_the_middle,
        partial(from_the_middle, order=OLDEST_FIRST),
        partial(behind_a_moment, how=Is.BELOW),
        partial(behind_a_moment, how=Is.ABOVE, order=OLDEST_FIRST),
    ],
)
def test_a_page_begins_where_it_begins(learnt: Learnt, question: Callable[[int], PageQuery]) -> None:
    """What is in front of it in its order is not looked at."""
    assert growth(learnt, coming, question) < 1.5


def test_what_is_counted_is_not_looked_at(learnt: Learnt) -> None:
    lists = learnt(coming, FEW)
    lists.reached(HOME)
    (connection,) = lists._idle
    counted: list[None] = []
    connection.set_progress_handler(partial(counted.append, None), 100)
    found = [lists.count(HOME, FEW, folder, where) for folder in (INBOX, None) for where in (None, UNREAD)]
    connection.set_progress_handler(None, 0)

    assert found == [FEW, _OLDEST] * 2
    assert len(counted) < 10
