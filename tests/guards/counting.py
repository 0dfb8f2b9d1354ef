"""Counts what a stopwatch would only guess at: statements, commits, bytes, encodings, calls.

Numbers like these are the same on every machine and on every run, so a guard can hold them to the letter.
"""

import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast

from letterbook.adapters.book import Book
from letterbook.adapters.store.connections import plain
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.adapters.views.sqlite import SqliteViews

_TABLE = re.compile(r"(?:INTO|UPDATE|FROM)\s+\"?(\w+)", re.IGNORECASE)

JSON_CALLS = frozenset({"to_json", "from_json", "validate_json", "dumps", "loads", "to_python"})
"""The functions of pydantic's core and of the standard library that write or read JSON, or walk a model."""


class Ear:
    """Every statement that SQLite was given since the last :meth:`clear`, with its values in it."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear(self, statement: str) -> None:
        """Called by SQLite; what begins with ``--`` is a statement inside another one."""
        if not statement.startswith("--"):
            self.heard.append(statement)

    def clear(self) -> None:
        """Forget what was heard."""
        self.heard.clear()

    @property
    def told(self) -> list[str]:
        """The statements in short: ``INSERT events``, ``PRAGMA data_version``, ``COMMIT``."""
        return [short(statement) for statement in self.heard]

    def count(self, told: str) -> int:
        """How often a statement was heard."""
        return self.told.count(told)


def short(statement: str) -> str:
    """A statement's verb and table."""
    verb = statement.split(None, 1)[0].upper()
    if verb == "PRAGMA":
        return f"PRAGMA {statement.split()[1].partition('=')[0]}"
    table = _TABLE.search(statement) if verb in ("SELECT", "INSERT", "UPDATE", "DELETE") else None
    return f"{verb} {table[1]}" if table else statement


def ear_at(book: Book) -> Ear:
    """An ear at every connection that a book has, and will have."""
    ear, pool = Ear(), store_of(book)._pool
    for connection in [*pool._pool, *pool._in_use.values()]:
        plain(connection).set_trace_callback(ear.hear)

    def prepare(connection: sqlite3.Connection) -> None:
        SqliteViews.prepare(connection)
        connection.set_trace_callback(ear.hear)

    pool.prepare = prepare
    return ear


def store_of(book: Book) -> SqliteStore:
    """The store below a book."""
    return cast(SqliteStore, book.engine.store)


def log_size(file: Path) -> int:
    """Bytes of the write-ahead log."""
    return file.with_name(f"{file.name}-wal").stat().st_size


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """How often each function was called in the block, by its bare name: Python's own and built-in ones."""
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            counted[frame.f_code.co_name] += 1
        elif event == "c_call":
            counted[argument.__name__] += 1

    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(None)
