"""Mailboxes of up to a million messages, made once and kept for the next run.

A kept mailbox is used again only if the code would still write the same: it is filed under a hash of what a
small mailbox looks like in the file today.
"""

import hashlib
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from benchmarks import filling, letters
from benchmarks.harness import Bench
from letterbook import Book, Mailbox, open_book

OWNER = "alexw@contoso.com"
LARGEST_COPY = 100_000
"""Messages of the largest mailbox that is copied for a run that changes it."""
_BYTES_EACH = 12_000
"""Free space asked for each message: its place in the file, and in a write-ahead log during a rebuild."""


def store(bench: Bench, size: int) -> Path:
    """A store whose one mailbox holds so many messages, or some more. Only to be read, or rebuilt."""
    shelf = bench.kept or bench.folder / "kept"
    folder = shelf / f"{size}-{file_key()}"
    if folder.exists() and held(folder / "mail.db") > 1.1 * size:
        shutil.rmtree(folder)
    if not folder.exists():
        for old in shelf.glob(f"{size}-*"):
            shutil.rmtree(old)
        _make(bench, folder, size)
    return folder / "mail.db"


def to_write_to(bench: Bench, size: int) -> Path:
    """The same to be written to: a copy, but of a very large one, which may grow a little."""
    path = store(bench, size)
    if size > LARGEST_COPY:
        return path
    return Path(shutil.copy(path, bench.new_folder("copy") / path.name))


@contextmanager
def opened(path: Path) -> Iterator[tuple[Book, Mailbox]]:
    """A store's book, and its one mailbox."""
    with open_book(path, deliver=False) as book:
        yield book, book.mailbox(OWNER, name="Alex Wilber")


def held(path: Path) -> int:
    """How many messages a store's mailbox holds."""
    with opened(path) as (_, alex):
        return sum(folder.total for folder in alex.folders())


def _make(bench: Bench, folder: Path, size: int) -> None:
    part = fresh(folder.with_suffix(".part"))
    if shutil.disk_usage(part).free < size * _BYTES_EACH:
        sys.exit(
            f"{size * _BYTES_EACH / 1e9:.0f} GB must be free for a mailbox of {size:,} messages: "
            "BENCH_DIR names another place, BENCH_QUICK=1 makes smaller ones"
        )
    with opened(part / "mail.db") as (book, alex):
        for numbers in letters.batches(size):
            bench.tell(f"writing a mailbox of {size:,} messages, kept for the next run: {numbers.start:,}")
            filling.write_letters(book, alex.id, numbers)
        book.engine.catch_up_search()
    part.rename(folder)


def fresh(folder: Path) -> Path:
    """An empty folder, whatever an earlier run left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@cache
def file_key() -> str:
    """A hash of everything that a small mailbox leaves in the file, with a clock and names that repeat."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mail.db"
        with open_book(path, deliver=False, clock=_Standing()) as book:
            book.engine.ids = _Counted()
            filling.write_letters(book, book.mailbox(OWNER, name="Alex Wilber").id, range(20))
        return _hash(path)


def _hash(path: Path) -> str:
    """Over all tables but the store's own, which holds its secret."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        found = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        for name, sql in connection.execute(found).fetchall():
            digest.update(sql.encode())
            if sql.startswith("CREATE TABLE") and name != "letterbook":
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - from the schema
                    digest.update(repr(row).encode())
    return digest.hexdigest()[:12]


class _Standing:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)


class _Counted:
    """Names that are the same in every run."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> UUID:
        return UUID(int=next(self._numbers))
