"""Both kinds of views keep the promises, and agree on everything that can be asked of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from operator import methodcaller
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application.marks import without_nul
from letterbook.application.ports import Store
from letterbook.application.querying import (
    DEEPEST,
    EXACT,
    All,
    Any,
    Cast,
    Compare,
    Field,
    Is,
    Marked,
    Not,
    Order,
    PageQuery,
    Place,
    Probe,
    Where,
    flat,
    nesting,
)
from letterbook.application.rows import Leaf, Mark, MarkKind, MessageRow
from tests.chance import examples
from tests.contracts.fresh import FreshViewsContract
from tests.contracts.rows import HOME, INBOX, ask, place_of, put, row
from tests.contracts.views import ViewsContract
from tests.fakes import MONDAY, FakeClock, begun, memory_store, opened_sqlite


class TestMemoryViews(ViewsContract, FreshViewsContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        return memory_store(FakeClock())


class TestSqliteViews(ViewsContract, FreshViewsContract):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(begun(tmp_path / "mail.db")) as store:
            yield store

    def test_tables_are_made_once(self, store: Store) -> None:
        """Opening a store again finds them."""
        put(store, [row(1)])
        with store.writing() as session:
            SqliteViews.create(session.views._connection)  # type: ignore[attr-defined]
        assert ask(store, lambda views: views.message(HOME, UUID(int=1))) == row(1)


TIMES = [Field.RECEIVED, Field.SENT, Field.CREATED, Field.MODIFIED]
MARKS = [Field.IS_READ, Field.IS_DRAFT, Field.HAS_ATTACHMENTS, Field.MENTIONS_OWNER]
NUMBERS = [Field.SIZE]
TEXTS = [each for each in Field if each not in (*TIMES, *MARKS, *NUMBERS)]
VALUES = ["1", "-2", "1.0", "1e0", " 1", "1_0", "٣", "true", "nan", "inf", "9" * 30]
"""What is a number, and what only looks like one."""
SENDER = {"sender_address", "sender_name"}

moments = some.integers(-3_000_000, 3_000_000).map(lambda n: MONDAY + timedelta(microseconds=n))
words = some.text(some.sampled_from("aAbBéÉßsSİiıΣσς%_'\"\\\0 会🎉"), max_size=3)
texts = [Is.EQUAL, Is.UNEQUAL, Is.BELOW, Is.AT_MOST, Is.ABOVE, Is.AT_LEAST]

plain = words.map(without_nul)
names = some.sampled_from(["", "x"])
marks = some.builds(Mark, some.sampled_from(list(MarkKind)), names, plain | some.sampled_from(VALUES))
tests = some.one_of(
    some.builds(Probe, some.sampled_from(list(Is)), plain, some.just(Cast.TEXT), some.booleans()),
    some.builds(
        Probe,
        some.sampled_from(texts),
        some.integers(-3, 3),
        some.sampled_from([Cast.WHOLE, Cast.NUMBER]),
        some.booleans(),
    ),
    some.builds(
        Probe, some.sampled_from(texts[:2]), some.integers(0, 1), some.just(Cast.TRUTH), some.booleans()
    ),
)
marked = some.builds(
    Marked,
    some.sampled_from(list(MarkKind)),
    some.lists(names, min_size=1, max_size=2).map(tuple),
    some.lists(tests, max_size=2).map(tuple),
)
comparisons: some.SearchStrategy[Where] = some.one_of(
    marked,
    some.builds(Compare, some.sampled_from(TEXTS), some.sampled_from(list(Is)), words),
    some.builds(Compare, some.sampled_from(TIMES), some.sampled_from(texts), moments),
    some.builds(Compare, some.sampled_from(MARKS), some.sampled_from(texts[:2]), some.booleans()),
    some.builds(Compare, some.sampled_from(NUMBERS), some.sampled_from(texts), some.integers(0, 9)),
)
conditions: some.SearchStrategy[Where] = some.recursive(
    comparisons,
    lambda parts: some.one_of(
        some.builds(All, some.lists(parts, max_size=3).map(tuple)),
        some.builds(Any, some.lists(parts, max_size=3).map(tuple)),
        some.builds(Not, parts),
    ),
    max_leaves=6,
)
said = some.fixed_dictionaries(
    dict.fromkeys((each.value for each in TEXTS), words)
    | dict.fromkeys(SENDER, some.none() | words)
    | {"marks": some.lists(marks, max_size=3).map(tuple)}
    | dict.fromkeys((each.value for each in TIMES), moments)
    | dict.fromkeys((each.value for each in MARKS), some.booleans())
    | dict.fromkeys((each.value for each in NUMBERS), some.integers(0, 9))
)


@some.composite
def mailboxes(draw: some.DrawFn) -> list[MessageRow]:
    """Some messages, alike enough for ties."""
    return [row(number, **values) for number, values in enumerate(draw(some.lists(said, max_size=8)), 1)]


@some.composite
def orders(draw: some.DrawFn) -> tuple[Order, ...]:
    """Some fields, all in one direction."""
    descending = draw(some.booleans())
    fields = draw(some.lists(some.sampled_from(list(Field)), min_size=1, max_size=3, unique=True))
    return tuple(Order(by, descending) for by in fields)


@contextmanager
def both(rows: list[MessageRow]) -> Iterator[tuple[Store, Store]]:
    """The same messages in memory and in a file."""
    with TemporaryDirectory() as folder, opened_sqlite(begun(Path(folder, "mail.db"))) as on_disk:
        in_memory = memory_store(FakeClock())
        for store in (in_memory, on_disk):
            put(store, rows)
        yield in_memory, on_disk


@settings(max_examples=examples(60))
@given(rows=mailboxes(), wheres=some.lists(conditions, min_size=1, max_size=12))
def test_a_condition_finds_the_same_in_memory_and_on_disk(
    rows: list[MessageRow], wheres: list[Where]
) -> None:
    """Whatever is asked of whatever messages; and what it does not find, its opposite does."""
    with both(rows) as stores:
        for where in wheres:
            query = PageQuery(folder=INBOX, where=where, top=100)
            memory, disk = (ask(store, methodcaller("page", HOME, query)) for store in stores)
            assert memory == disk
            hits, misses = (
                ask(stores[1], methodcaller("count", HOME, INBOX, it)) for it in (where, Not(where))
            )
            assert (hits, hits + misses) == (len(memory), len(rows))


@settings(max_examples=examples(60))
@given(rows=mailboxes(), order=orders(), size=some.integers(1, 4))
def test_walking_the_pages_visits_each_message_once(
    rows: list[MessageRow], order: tuple[Order, ...], size: int
) -> None:
    """By place and by skip alike, in memory and on disk."""
    by_name = {each.message: each for each in rows}
    with both(rows) as stores:
        walks = [walk(store, order, size) for store in stores]
        whole = [
            ask(s, lambda v: v.page(HOME, PageQuery(folder=INBOX, order=order, top=100))) for s in stores
        ]
    assert walks[0] == walks[1] == whole[0] == whole[1]
    assert [place_of(by_name[each.message], order).values for each in whole[0]] == [e.place for e in whole[0]]
    assert {each.message for each in whole[0]} == {each.message for each in rows}


def walk(store: Store, order: tuple[Order, ...], size: int) -> list[Leaf]:
    """Every message, page by page; each page asked for by place and by skip."""
    seen: list[Leaf] = []
    while True:
        after = Place(seen[-1].place, seen[-1].message) if seen else None
        by_place = PageQuery(folder=INBOX, order=order, top=size, after=after)
        by_skip = PageQuery(folder=INBOX, order=order, top=size, skip=len(seen))
        pages = [ask(store, methodcaller("page", HOME, it)) for it in (by_place, by_skip)]
        assert pages[0] == pages[1]
        if not pages[0]:
            return seen
        seen += pages[0]


@settings(max_examples=examples(30))
@given(rows=mailboxes(), order=orders(), mixed=some.lists(some.booleans(), min_size=3, max_size=3))
def test_mixed_directions_sort_the_same_in_memory_and_on_disk(
    rows: list[MessageRow], order: tuple[Order, ...], mixed: list[bool]
) -> None:
    """Each order in its own direction."""
    directed = tuple(Order(each.by, down) for each, down in zip(order, mixed, strict=False))
    query = PageQuery(folder=INBOX, order=directed, top=100)
    with both(rows) as stores:
        memory, disk = (ask(store, lambda views: views.page(HOME, query)) for store in stores)
    assert memory == disk


UNREAD = Compare(Field.IS_READ, Is.EQUAL, False)
DEEP = {
    "a chain of or": lambda part: Any((part, UNREAD)),
    "a chain of and": lambda part: All((part, UNREAD)),
    "or in brackets": lambda part: Any((UNREAD, part)),
    "double negations": lambda part: Not(Not(part)),
    "lists of one": lambda part: All((Any((part,)),)),
}
DEEPER = {
    "and, or": lambda part, n: All((UNREAD, part)) if n % 2 else Any((UNREAD, part)),
    "and, not": lambda part, n: All((UNREAD, part)) if n % 2 else Not(part),
}


@pytest.mark.parametrize("deeper", DEEP.values(), ids=DEEP)
def test_long_chains_are_no_trouble(tmp_path: Path, deeper: Callable[[Where], Where]) -> None:
    """However they are nested, they are flat in the end."""
    where: Where = UNREAD
    for _ in range(200):
        where = deeper(where)
    assert nesting(flat(where)) <= 1
    with both([row(1), row(2, is_read=True)]) as stores:
        assert [ask(s, lambda v: v.count(HOME, INBOX, flat(where))) for s in stores] == [1, 1]


@pytest.mark.parametrize("deeper", DEEPER.values(), ids=DEEPER)
def test_conditions_may_be_nested_as_deep_as_promised(deeper: Callable[[Where, int], Where]) -> None:
    """Every view understands them."""
    where: Where = Not(UNREAD)
    for number in range(DEEPEST):
        where = deeper(where, number) if nesting(flat(deeper(where, number))) <= DEEPEST else where
    assert nesting(flat(where)) >= DEEPEST - 1
    with both([row(1), row(2, is_read=True)]) as stores:
        found = [ask(s, lambda v: v.page(HOME, PageQuery(folder=INBOX, where=where))) for s in stores]
    assert found[0] == found[1]


def test_exact_fields_are_a_few() -> None:
    """Everything else that is text is compared without regard to case."""
    assert set(TEXTS) > EXACT
