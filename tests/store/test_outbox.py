"""Both outboxes keep the promises."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from letterbook.application.moments import microseconds
from letterbook.application.ports import Store
from tests.contracts.outbox import HOME, LETTER, MEGAN, OutboxContract, due
from tests.fakes import FakeClock, memory_store, opened_sqlite

_EARLIER = (
    "CREATE TABLE outbox (mailbox BLOB NOT NULL, message BLOB NOT NULL, recipient TEXT NOT NULL, "
    "due INTEGER NOT NULL, attempts INTEGER NOT NULL, "
    "PRIMARY KEY (mailbox, message, recipient)) WITHOUT ROWID"
)


class TestMemoryOutbox(OutboxContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        return memory_store(FakeClock())


class TestSqliteOutbox(OutboxContract):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(tmp_path / "mail.db") as store:
            yield store

    def test_what_an_earlier_version_has_to_deliver_is_taken_over(self, tmp_path: Path) -> None:
        """From a table of another name and shape."""
        path = tmp_path / "earlier.db"
        with opened_sqlite(path):
            pass
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(_EARLIER)
            values = (HOME.bytes, LETTER.bytes, MEGAN.recipient, microseconds(MEGAN.due), 3)
            connection.execute("INSERT INTO outbox VALUES (?,?,?,?,?)", values)
        for _ in range(2):
            with opened_sqlite(path) as store:
                assert due(store, 0) == [replace(MEGAN, attempts=3)]
