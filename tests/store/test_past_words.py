"""What is said no more, in the file of earlier lists: found where it was said, and nowhere else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from letterbook.adapters.views.memory import MemoryViews, Rows
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.adapters.views.past_words import blocks, everything_at
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import Found, NotReached, Present, Turn
from letterbook.application.past_wording import Due, Saying
from letterbook.application.ports import Head, Views
from letterbook.application.querying import Place
from letterbook.application.rows import MessageRow, PutMessage
from letterbook.application.searching import Hit, HitQuery, Part, Says, SearchQuery
from tests.contracts.rows import AWAY, DRAFTS, HOME, INBOX, row
from tests.fakes import MONDAY

NOBODY: Views = MemoryViews(Rows())
"""Views in which nothing is left."""


@pytest.fixture(params=["file", "memory"])
def lists(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlitePastLists]:
    """Lists that know nothing yet, on disk or in memory."""
    made = SqlitePastLists(tmp_path / "mail.db.past" if request.param == "file" else None)
    yield made
    made.close()


def nowhere(_message: UUID) -> None:
    """How nothing was shown."""


def written(number: int, seconds: float = 0, folder: UUID = INBOX) -> MessageRow:
    """A message that was sent at some second of Monday."""
    return row(number, folder=folder, sent_at=MONDAY + timedelta(seconds=seconds))


def said(text: str, at: MessageRow) -> Saying:
    """Words in a body."""
    return Saying(microseconds(at.sent_at), {part: text if part is Part.BODY else "" for part in Part})


def learn(lists: SqlitePastLists, turns: list[Turn], mailbox: UUID = HOME) -> None:
    """Take in what happened."""
    lists.learn(mailbox, lists.reached(mailbox).seq, Head(turns[-1].seq, b"seal"), turns)


def spell(lists: SqlitePastLists, text: str, at: MessageRow, mailbox: UUID = HOME) -> int:
    """Whatever is due said this; gives how much that was."""
    due = lists.due(mailbox, 1000)
    lists.spell(mailbox, [(each, said(text, at)) for each in due])
    return len(due)


def page(
    lists: SqlitePastLists,
    at: int,
    word: str,
    mailbox: UUID = HOME,
    *,
    folder: UUID | None = None,
    top: int = 1000,
    after: Place | None = None,
) -> list[Found]:
    """A page of those that said a word at a position."""
    query = SearchQuery(sought=Says((Part.BODY,), (word,)), folder=folder, top=top, after=after)
    return lists.search(mailbox, at, query, Present(lists.reached(mailbox).seq, NOBODY, nowhere))


def search(
    lists: SqlitePastLists,
    at: int,
    word: str = "pizza",
    mailbox: UUID = HOME,
    folder: UUID | None = None,
) -> list[int]:
    """The numbers of the messages that said a word at a position."""
    return [found.message.int for found in page(lists, at, word, mailbox, folder=folder)]


# --- Blocks of positions ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_position_is_in_one_block_of_its_stretch_and_in_none_of_another(seed: int) -> None:
    random = Random(seed)
    for _ in range(300):
        begin = random.randrange(1, 5000)
        end = begin + random.choice([1, 3, 4, 64, random.randrange(1, 5000)])
        named = list(blocks(7, begin, end))
        assert len(named) == len(set(named)) <= 40
        for at in (begin - 1, begin, random.randrange(begin, end), end - 1, end, random.randrange(1, 12_000)):
            holding = [name for name in named if f'"{name}"' in everything_at(7, at)]
            assert len(holding) == (begin <= at < end), (begin, at, end)


def test_blocks_of_one_mailbox_are_not_those_of_another() -> None:
    assert not set(blocks(1, 1, 100)) & set(blocks(11, 1, 100))


# --- Sayings ---------------------------------------------------------------------------------------


def test_a_word_is_found_from_where_it_was_said_to_where_it_was_not(lists: SqlitePastLists) -> None:
    one = written(1)
    learn(
        lists,
        [Turn(2, one.message, None, one), Turn(5, one.message, one, one), Turn(9, one.message, one, None)],
    )
    assert lists.due(HOME, 9) == [Due(one.message, 2, 5), Due(one.message, 5, 9)]
    first, second = lists.due(HOME, 9)
    lists.spell(HOME, [(first, said("pizza", one)), (second, said("pasta", one))])

    assert [search(lists, at) for at in (2, 4, 5, 8, 9)] == [[1], [1], [], [], []]
    assert [search(lists, at, "pasta") for at in (4, 5, 8, 9)] == [[], [1], [1], []]


def test_what_only_moved_says_the_same(lists: SqlitePastLists) -> None:
    """It is found where it was; one saying is over when it goes."""
    one, there = written(1), written(1, folder=DRAFTS)
    learn(lists, [Turn(2, one.message, None, one), Turn(4, one.message, one, there, reworded=False)])
    assert lists.due(HOME, 9) == []
    learn(lists, [Turn(6, one.message, there, None)])
    assert lists.due(HOME, 9) == [Due(one.message, 2, 6)]
    spell(lists, "pizza", one)

    found = {at: [search(lists, at, folder=folder) for folder in (INBOX, DRAFTS)] for at in (3, 5, 6)}
    assert found == {3: [[1], []], 5: [[], [1]], 6: [[], []]}


def test_who_searches_while_words_are_due_is_told(lists: SqlitePastLists) -> None:
    """Or while the lists have not come to where the views are."""
    one = written(1)
    learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)])
    query = SearchQuery(sought=Says((Part.BODY,), ("pizza",)))
    with pytest.raises(NotReached):
        lists.search(HOME, 3, query, Present(5, NOBODY, nowhere))
    spell(lists, "pizza", one)
    with pytest.raises(NotReached):
        lists.search(HOME, 3, query, Present(6, NOBODY, nowhere))

    assert search(lists, 3) == [1]
    assert search(lists, 3, folder=AWAY) == [], "a list that never held anything"


def test_words_that_are_told_twice_are_taken_in_once(lists: SqlitePastLists) -> None:
    """By two who were told that they are due."""
    one = written(1)
    learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)])
    due = lists.due(HOME, 9)
    for _ in range(2):
        lists.spell(HOME, [(each, said("pizza", one)) for each in due])

    assert search(lists, 3) == [1]
    assert lists.due(HOME, 9) == []


def test_what_nobody_can_tell_any_more_is_due_no_more(lists: SqlitePastLists) -> None:
    one = written(1)
    learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)])
    lists.spell(HOME, [(each, None) for each in lists.due(HOME, 9)])

    assert (lists.due(HOME, 9), search(lists, 3)) == ([], [])


@pytest.mark.parametrize("apart", [0.0, 0.000_001, 0.4, 1])
def test_pages_follow_one_another_however_many_were_sent_at_once(
    lists: SqlitePastLists, apart: float
) -> None:
    """More of them than a microsecond has keys, and then other ones in the same second."""
    many = [written(number, 0 if number < 700 else number * apart) for number in range(1, 900)]
    learn(lists, [Turn(each.message.int, each.message, None, each) for each in many])
    learn(lists, [Turn(1000 + each.message.int, each.message, each, None) for each in many])
    rows = {each.message: each for each in many}
    due = lists.due(HOME, 1000)
    lists.spell(HOME, [(each, said("pizza", rows[each.message])) for each in due])

    whole = [(microseconds(each.sent_at), each.message.int) for each in many]
    found, after = list[int](), None
    while some := page(lists, 950, "pizza", top=170, after=after):
        found += [each.message.int for each in some]
        after = Place(some[-1].place, some[-1].message)
    assert found == [number for _, number in sorted(whole, reverse=True)]


def test_forgetting_one_mailbox_has_the_words_of_the_others_told_once_more(lists: SqlitePastLists) -> None:
    """From such an index only all can go."""
    one = written(1)
    for mailbox in (HOME, AWAY):
        learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)], mailbox)
        spell(lists, "pizza", one, mailbox)
    lists.forget(HOME)

    assert lists.due(AWAY, 9) == [Due(one.message, 2, 5)]
    assert spell(lists, "pizza", one, AWAY) == 1
    assert search(lists, 3, mailbox=AWAY) == [1]
    learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)])
    assert spell(lists, "pasta", one) == 1
    assert (search(lists, 3), search(lists, 3, "pasta")) == ([], [1])


def test_forgetting_one_that_said_nothing_leaves_the_others_alone(lists: SqlitePastLists) -> None:
    one = written(1)
    for mailbox in (HOME, AWAY):
        learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)], mailbox)
    spell(lists, "pizza", one, AWAY)
    lists.forget(HOME)

    assert lists.due(AWAY, 9) == []
    assert search(lists, 3, mailbox=AWAY) == [1]


def test_no_word_is_left_in_the_file_when_it_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "mail.db.past"
    lists, one = SqlitePastLists(path), written(1)
    learn(lists, [Turn(2, one.message, None, one), Turn(5, one.message, one, None)])
    spell(lists, "quokka", one)
    assert b"quokka" in path.read_bytes() + path.with_name("mail.db.past-wal").read_bytes()
    lists.clear()
    lists.close()

    assert b"quokka" not in path.read_bytes()


# --- What is still said ----------------------------------------------------------------------------


class Noticing(MemoryViews):
    """Views that count whom they tell of."""

    told = 0

    def hits(self, mailbox: UUID, asked: HitQuery) -> list[Hit]:
        """The same."""
        found = super().hits(mailbox, asked)
        self.told += len(found)
        return found


def pizza(number: int, days: float, sent_days: float | None = None, folder: UUID = INBOX) -> MessageRow:
    """A message received some days after Monday, and sent then, or pretending to be from another day."""
    received = MONDAY + timedelta(days=days)
    sent = received if sent_days is None else MONDAY + timedelta(days=sent_days)
    return row(number, folder=folder, subject="pizza", received_at=received, sent_at=sent)


def test_what_pretends_to_be_from_later_has_nothing_looked_at_that_came_later(
    lists: SqlitePastLists,
) -> None:
    """Thirty letters and two from years to come, one of which was moved since; then a thousand."""
    early = [pizza(number, number / 24) for number in range(1, 31)]
    early += [pizza(31, 1, sent_days=9000), pizza(32, 1, sent_days=9500, folder=DRAFTS)]
    late = [pizza(number, 10 + number / 24) for number in range(100, 1100)]
    moved = pizza(32, 1, sent_days=9500)
    views = Noticing(Rows())
    views.apply(HOME, 1, [PutMessage(each) for each in (*early, *late, moved)])
    learn(lists, [Turn(each.message.int, each.message, None, each) for each in early])
    last = Turn(50, moved.message, early[-1], moved, reworded=False)
    learn(lists, [last, *(Turn(each.message.int, each.message, None, each) for each in late)])

    def found(at: int, folder: UUID | None) -> list[int]:
        said = Says((Part.SUBJECT,), ("pizza",))
        query = SearchQuery(sought=said, folder=folder, top=6)
        return [each.message.int for each in lists.search(HOME, at, query, Present(1099, views, nowhere))]

    assert [found(at, None) for at in (31, 40, 60)] == [
        [31, 30, 29, 28, 27, 26],
        *[[32, 31, 30, 29, 28, 27]] * 2,
    ]
    assert [found(at, INBOX)[:2] for at in (40, 60)] == [[31, 30], [32, 31]]
    assert [found(at, DRAFTS) for at in (40, 60)] == [[32], []]
    assert views.told < 100
    assert found(1099, None)[:3] == [32, 31, 1099]
