"""Views that are filled in bulk: many rows in few statements, and keys for the index that nobody has."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook.adapters.views import bulk
from letterbook.application.ports import Store
from letterbook.application.rows import MessageRow
from letterbook.application.searching import row_wording
from tests.contracts.rows import HOME, row
from tests.fakes import MONDAY, FakeClock, opened_sqlite


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 1300])
def test_every_row_is_inserted_once_and_in_order(count: int) -> None:
    rows = [(number, f"{number}") for number in range(count)]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE some (number INTEGER, word TEXT)")
        bulk.insert(connection, "some (number, word)", rows)
        assert connection.execute("SELECT number, word FROM some ORDER BY rowid").fetchall() == rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with opened_sqlite(file, FakeClock()) as opened:
        yield opened


def spoken(number: int, microseconds: int = 0) -> MessageRow:
    """A message that was sent at some moment."""
    sent_at = MONDAY + timedelta(microseconds=microseconds)
    body = b'"body":{"contentType":"text","content":"quokka"},'
    return row(number, sent_at=sent_at, body=body, subject=f"n{number}")


def fill(store: Store, *rows: MessageRow) -> None:
    with store.writing() as session:
        session.fresh.fill(HOME, 1, [(each, row_wording(each)) for each in rows])


def keys(file: Path) -> list[tuple[int, int]]:
    """Keys, and the numbers of the messages in the index under them."""
    statement = (
        "SELECT key, name, in_subject FROM fresh_search_keys JOIN fresh_search ON fresh_search.rowid=key "
        "ORDER BY key"
    )
    with closing(sqlite3.connect(file)) as connection:
        found = [
            (key, int.from_bytes(name, "big"), subject)
            for key, name, subject in connection.execute(statement)
        ]
    assert all(subject == f"n{number}" for _, number, subject in found), "each word under its own key"
    return [(key, number) for key, number, _ in found]


def test_keys_rise_with_the_moment_of_sending(store: Store, file: Path) -> None:
    with store.writing() as session:
        session.fresh.begin()
    fill(store, *(spoken(number, 10 - number) for number in range(10)))
    assert [number for _, number in keys(file)] == list(range(9, -1, -1))


def test_messages_of_one_moment_have_keys_of_their_own(store: Store, file: Path) -> None:
    """In one slice and in several; also more of them than a microsecond has keys."""
    with store.writing() as session:
        session.fresh.begin()
    fill(store, *(spoken(number) for number in range(300)), spoken(9000, 1))
    fill(store, *(spoken(number) for number in range(300, 700)), spoken(9001, 1))
    fill(store, *(spoken(number) for number in range(700, 720)))
    found = keys(file)
    assert len({key for key, _ in found}) == 722
    assert [number for _, number in found[:512]] == list(range(512))
    behind = [number for _, number in found[512:]]
    assert behind[:2] == [9000, 9001]
    assert behind[2:] == list(range(512, 720))
