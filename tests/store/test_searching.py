"""Both kinds of views find the same, and the index on disk is kept right whatever happens around it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from letterbook.adapters.kql import Unreadable, read_query
from letterbook.adapters.post_office import PostOffice
from letterbook.application import jobs
from letterbook.application.engine import SEARCH_BATCH
from letterbook.application.ports import Store
from letterbook.application.querying import Place
from letterbook.application.rebuilding import rebuild
from letterbook.application.rows import MessageRow, PutMessage
from letterbook.application.searching import SearchQuery, Sought, worded
from letterbook.application.work import Work
from letterbook.domain.message import Move, Update
from tests.chance import examples
from tests.contracts.rows import AWAY, HOME, ask, keep, put
from tests.contracts.searching import catch_up, hits, leaves, saying
from tests.fakes import (
    ADELE,
    ALEX,
    MEGAN,
    MONDAY,
    FakeClock,
    FakeTransport,
    House,
    begun,
    letter,
    memory_store,
    opened_sqlite,
    sqlite_store,
)
from tests.test_rebuilding import tell

# --- Both find the same ----------------------------------------------------------------------------

LETTERS = "aAbé京都ガがｶﾞไทก้าß'_@. \0𠮷e\u0301한"
texts = some.text(some.sampled_from(LETTERS), max_size=8)
WORDS = some.sampled_from(["a", "b", "ab", "京", "京都", "がガ", "ไท", "ss", "한", "a@b", "aé", "e"])
VALUES = some.sampled_from(
    ["size>4", "size:2..6", "importance:high", "sent:today", "received<today", "kind:im"]
)
words = some.one_of(
    WORDS,
    some.builds("{}:{}".format, some.sampled_from(["subject", "to", "participants", "attachment"]), WORDS),
    some.builds('"{} {}"'.format, WORDS, WORDS),
    some.builds("{}{}*".format, WORDS, some.sampled_from(["ab", "京都", "ss", "がガ"])),
    VALUES,
)
questions = some.recursive(
    words,
    lambda part: some.one_of(
        some.builds("({} {})".format, part, part),
        some.builds("({} OR {})".format, part, part),
        some.builds("NOT {}".format, part),
    ),
    max_leaves=6,
)


@some.composite
def mailboxes(draw: some.DrawFn) -> list[MessageRow]:
    """Some messages in which a little is said, with ties among their dates."""
    parts = some.fixed_dictionaries(
        dict.fromkeys(("subject", "body", "from_name", "to", "cc", "attachment_names"), texts)
    )
    values = some.fixed_dictionaries(
        {
            "sent_at": some.integers(-2, 2).map(lambda days: MONDAY + timedelta(days=days)),
            "received_at": some.integers(-1, 1).map(lambda days: MONDAY + timedelta(days=days)),
            "size": some.integers(0, 9),
            "importance": some.sampled_from(["low", "high"]),
        }
    )
    said = draw(some.lists(some.tuples(parts, values), max_size=6))
    return [saying(n, **parts)._replace(**values) for n, (parts, values) in enumerate(said, 1)]  # type: ignore[arg-type]


@contextmanager
def both(rows: list[MessageRow]) -> Iterator[tuple[Store, Store]]:
    """The same messages in memory and in a file."""
    with TemporaryDirectory() as folder, opened_sqlite(begun(Path(folder, "mail.db"))) as on_disk:
        in_memory = memory_store(FakeClock())
        for store in (in_memory, on_disk):
            put(store, rows)
            catch_up(store)
        yield in_memory, on_disk


@settings(max_examples=examples(60))
@given(rows=mailboxes(), asked=some.lists(questions, min_size=1, max_size=12))
def test_a_search_finds_the_same_in_memory_and_on_disk(rows: list[MessageRow], asked: list[str]) -> None:
    """Whatever is asked of whatever messages; and what it does not find, its opposite does."""
    with both(rows) as (memory, disk):
        for text in asked:
            found = hits(memory, text)
            assert found == hits(disk, text)
            assert sorted(found + hits(disk, f"NOT ({text})")) == sorted(each.message.int for each in rows)


@settings(max_examples=examples(30))
@given(rows=mailboxes(), text=questions, size=some.integers(1, 3))
def test_walking_the_pages_of_a_search_visits_each_hit_once(
    rows: list[MessageRow], text: str, size: int
) -> None:
    """In memory and on disk alike."""
    with both(rows) as stores:
        walks = [walk(store, text, size) for store in stores]
        assert walks[0] == walks[1] == hits(stores[1], text)


def walk(store: Store, text: str, size: int) -> list[int]:
    """Every hit, page by page."""
    seen: list[int] = []
    after = None
    while found := leaves(store, text, top=size, after=after):
        seen += [each.message.int for each in found]
        after = Place(found[-1].place, found[-1].message)
    return seen


SYNTAX = "\"*(){}:^+-~<>=.,;'\\/[]|&%_#\0\n\t 1aé京"
PIECES = [
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "rank:",
    "subject:",
    "received:",
    "size>",
    "{in_body}:",
    "of_mailbox:",
    "..",
    "*",
]
anything = some.one_of(
    some.text(max_size=60),
    some.text(some.sampled_from(SYNTAX), max_size=60),
    some.lists(some.sampled_from([*PIECES, *SYNTAX]), max_size=30).map(" ".join),
)


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Store, Store]]:
    """One message of each of two mailboxes, in memory and on disk."""
    with both([saying(1, body="a 1 京 é", subject="in_body")]) as stores:
        for store in stores:
            keep(store, PutMessage(saying(2, body="a 1 京 é")), mailbox=AWAY)
            catch_up(store)
        yield stores


@settings(max_examples=examples(500))
@given(text=anything)
def test_nothing_that_is_typed_is_syntax_of_the_index(filled: tuple[Store, Store], text: str) -> None:
    """It is read or refused; what is read finds the same everywhere, and nothing of another mailbox."""
    try:
        sought = read_query(text, MONDAY)
    except Unreadable:
        return
    found = [searched(store, sought) for store in filled]
    assert found[0] == found[1]
    assert set(found[1]) <= {1}


def searched(store: Store, sought: Sought) -> list[int]:
    """The numbers of what is found, without catching up."""
    return [
        each.message.int for each in ask(store, lambda views: views.search(HOME, SearchQuery(sought=sought)))
    ]


# --- The index on disk -----------------------------------------------------------------------------


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """An empty store in a file."""
    with opened_sqlite(tmp_path / "mail.db", clock) as store:
        yield store


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Alex, Megan and Adele with a store in a file."""
    made = House(store, clock, FakeTransport())
    made.invite(ALEX, MEGAN, ADELE)
    return made


def noted(store: Store, mailbox: UUID | None = None) -> int:
    """How many messages wait to be put into the index."""
    return len(ask(store, lambda views: views.noted(mailbox, 10**6)).notes)


def found(house: House, text: str, **query: Any) -> list[str]:
    """The subjects of what Alex finds."""
    asked = SearchQuery(sought=read_query(text, house.clock.now()), **query)
    home = house.mailbox(ALEX)
    return [house.engine.row(home, leaf.message).subject for leaf in house.engine.search(home, asked)]


def test_what_is_written_is_found_at_once(house: House) -> None:
    """Whoever searches has the index brought up to date first."""
    name = house.draft(ALEX, letter("Offsite", "When is the picnic?", to=(MEGAN,)))
    assert found(house, "picnic") == ["Offsite"]
    tell(house, ALEX, name, Update(changes=letter("Offsite", "When is lunch?", to=(ADELE,))))
    assert (found(house, "picnic"), found(house, "lunch"), found(house, "to:adele")) == (
        [],
        ["Offsite"],
        ["Offsite"],
    )
    house.send(ALEX, letter("Another", "picnic", to=(MEGAN,)))
    assert found(house, "picnic") == ["Another"]


def test_only_what_changes_words_folder_or_date_is_noted(house: House) -> None:
    """Marks are not looked at through the index, and cost nothing more than before."""
    name = house.draft(ALEX, letter("Offsite", to=(MEGAN,)))
    house.engine.catch_up_search()
    home = house.mailbox(ALEX)
    tell(house, ALEX, name, Update(is_read=False))
    tell(house, ALEX, name, Update(categories=("Blue",)))
    assert noted(house.store) == 0
    for ask_ in (Update(changes=letter("Onsite", to=(MEGAN,))), Move(house.engine.folders(home)[1].folder)):
        tell(house, ALEX, name, ask_)
        assert noted(house.store) == 1
        house.engine.catch_up_search()


def test_several_changes_in_one_transaction_are_noted_together(house: House) -> None:
    """The last of them alone would not be."""
    home, on = house.mailbox(ALEX), house.engine.occasion("alexw@contoso.com")
    name = house.draft(ALEX, letter("Offsite", to=(MEGAN,)))
    house.engine.catch_up_search()

    def much(work: Work) -> None:
        jobs.ask_message(work, home, name, Update(changes=letter("Onsite", to=(MEGAN,))), on)
        jobs.ask_message(work, home, name, Update(is_read=False), on)

    house.engine.run(much)
    assert found(house, "onsite") == ["Onsite"]


def test_the_search_of_one_mailbox_waits_for_no_other(house: House) -> None:
    """Only its own notes are worked off."""
    house.draft(MEGAN, letter("Hers", to=(ALEX,)))
    house.draft(ALEX, letter("His", to=(ALEX,)))
    assert found(house, "his") == ["His"]
    assert (noted(house.store, house.mailbox(ALEX)), noted(house.store, house.mailbox(MEGAN))) == (0, 1)


def test_a_long_backlog_is_worked_off_in_batches(house: House) -> None:
    """A few when there is time, all of them when somebody searches."""
    for number in range(SEARCH_BATCH * 2 + 3):
        house.draft(ALEX, letter(f"Number {number}", to=(MEGAN,)))
    assert not house.engine.catch_up_search(batches=1)
    assert noted(house.store) == SEARCH_BATCH + 3
    assert len(found(house, "number")) == SEARCH_BATCH * 2 + 3
    assert house.engine.catch_up_search(batches=1)


def test_large_messages_are_read_a_few_at_a_time(store: Store) -> None:
    """Memory stays bounded; a very long body is found by its beginning."""
    put(store, [saying(n, body="start " + "middle " * 180_000 + "end") for n in range(1, 6)])
    backlog = ask(store, lambda views: views.noted(None, 200))
    assert (len(backlog.notes), backlog.is_all) == (2, False)
    assert (len(hits(store, "start")), hits(store, "end")) == (5, [])


def test_a_note_that_was_renewed_meanwhile_is_kept(store: Store) -> None:
    """Old words are written rather than none; the new ones follow."""
    put(store, [saying(1, body="old")])
    backlog = ask(store, lambda views: views.noted(None, 10))
    keep(store, PutMessage(saying(1, body="new")), position=2)
    with store.writing() as session:
        session.views.index(map(worded, backlog.notes))
    assert (searched(store, read_query("old", MONDAY)), noted(store)) == ([1], 1)
    assert (hits(store, "new"), hits(store, "old"), noted(store)) == ([1], [], 0)
    with store.writing() as session:  # somebody slow comes with what they read long ago
        session.views.index(map(worded, backlog.notes))
    assert hits(store, "new") == [1]


def test_a_thousand_messages_of_one_moment_are_all_found(store: Store) -> None:
    """More than there are keys for a microsecond; the neighbours keep their places."""
    moment, second = timedelta(microseconds=1), timedelta(seconds=1)
    put(store, [saying(n, body="same") for n in range(1, 701)])
    neighbours = [saying(1001, body="same")._replace(sent_at=MONDAY - moment)]
    neighbours += [saying(1002, body="same")._replace(sent_at=MONDAY + second)]
    keep(store, *map(PutMessage, neighbours))
    found = hits(store, "same")
    assert (found[0], found[-1], len(found)) == (1002, 1001, 702)
    assert sorted(found[1:-1]) == list(range(1, 701))


def test_a_rebuilt_index_answers_the_same(house: House) -> None:
    """And the views are equal to what they were."""
    for number in range(20):
        name = house.draft(ALEX, letter(f"Offsite {number}", "東京 café", to=(MEGAN,)))
        if number % 3 == 0:
            file = house.engine.message(house.mailbox(ALEX), name)
            tell(house, ALEX, name, Update(changes=file.letter.model_copy(update={"subject": "Onsite"})))
    questions = ("offsite", "東京 -onsite", "cafe", "to:megan", "kind:email", '"offsite 1"', "sent:today")
    before = [found(house, each) for each in questions]
    assert all(each.equal for each in rebuild(house.store, verify=True))
    assert [found(house, each) for each in questions] == before
    assert len(before[0]) == 13


def test_a_file_can_be_vacuumed(tmp_path: Path) -> None:
    """The index does not go by row ids that SQLite may change."""
    file = tmp_path / "mail.db"
    with opened_sqlite(file) as store:
        put(store, [saying(n, body=f"word number{n}") for n in range(1, 9)])
        catch_up(store)
        for number in (1, 4):
            with store.writing() as session:
                session.views.apply(HOME, 2, [])
                session.views._connection.execute(  # type: ignore[attr-defined]
                    "DELETE FROM view_messages WHERE message=?", (UUID(int=number).bytes,)
                )
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM")
    with opened_sqlite(file) as store:
        assert [hits(store, f"number{n}") for n in (2, 5, 4)] == [[2], [5], []]


def test_an_index_is_whole(house: House) -> None:
    """By SQLite's own check, after letters were rewritten, sent and deleted."""
    for number in range(30):
        name = house.draft(ALEX, letter(f"Offsite {number}", to=(MEGAN,)))
        found(house, "offsite")
        tell(house, ALEX, name, Update(changes=letter("Onsite", to=(MEGAN,))))
    found(house, "onsite")
    with house.store.writing() as session:
        run = session.views._connection.execute  # type: ignore[attr-defined]
        run("INSERT INTO view_search (view_search) VALUES ('integrity-check')")
        kept = run("SELECT (SELECT count(*) FROM view_search), (SELECT count(*) FROM view_search_keys)")
        assert kept.fetchone() == (30, 30)


def test_writers_and_searchers_do_not_disturb_each_other(house: House) -> None:
    """Whoever searches after a write was acknowledged finds it, while others write and search."""
    missing: list[int] = []

    def write_and_search(number: int) -> None:
        for turn in range(8):
            house.draft(ALEX, letter(f"mine{number}x{turn}", to=(MEGAN,)))
            if found(house, f"mine{number}x{turn}") != [f"mine{number}x{turn}"]:
                missing.append(number)

    threads = [threading.Thread(target=write_and_search, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []


def test_two_programs_keep_one_index(tmp_path: Path) -> None:
    """What one wrote the other finds, whoever puts it into the index."""
    file = tmp_path / "mail.db"
    with opened_sqlite(file) as one, closing(sqlite_store(file, FakeClock())) as other:
        houses = [House(store, FakeClock(), FakeTransport()) for store in (one, other)]
        houses[0].invite(ALEX, MEGAN)
        for number, house in enumerate(houses * 3):
            house.draft(ALEX, letter(f"Offsite {number}", to=(MEGAN,)))
            assert [len(found(each, "offsite")) for each in houses] == [number + 1] * 2


# --- In the background -----------------------------------------------------------------------------


def test_the_post_office_works_off_notes_when_all_is_quiet(house: House) -> None:
    """Nobody has to search for it."""
    house.send(ALEX, letter("Offsite", to=(MEGAN,)))
    office = PostOffice(house.delivery, every=0.01, meanwhile=house.engine.catch_up_search)
    office.wake()
    wait_for(lambda: house.delivery.waiting() == 0 and noted(house.store) == 0)
    office.close()
    assert searched_by_alex(house, "offsite") == 1


def searched_by_alex(house: House, text: str) -> int:
    """How many are found without catching up."""
    query = SearchQuery(sought=read_query(text, MONDAY))
    return len(ask(house.store, lambda views: views.search(house.mailbox(ALEX), query)))


def test_what_goes_wrong_in_the_background_is_told_and_tried_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Delivery goes on."""
    tries: list[int] = []

    def fail() -> bool:
        tries.append(1)
        raise RuntimeError("out of paper")

    office = PostOffice(house.delivery, every=0.01, meanwhile=fail)
    office.wake()
    wait_for(lambda: len(tries) > 1)
    office.close()
    assert "search index could not be brought up to date" in caplog.text


def wait_for(done: Callable[[], bool]) -> None:
    """Until it is so; ten seconds at most."""
    pause = threading.Event()
    for _ in range(1000):
        if done():
            return
        pause.wait(0.01)
    raise AssertionError("it never was so")
