"""B15: what a message takes on disk, beside the bytes that somebody said: its events and its search text."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks import filling, letters, mailboxes, sample
from benchmarks.bars import BARS, Bar
from benchmarks.harness import Bench, Claim, Finding, Series
from letterbook.domain.text import plain

STORED, SAID, EVENTS = "bytes on disk", "bytes of events and search text", "events alone"
_ON_DISK = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
_TABLES = "SELECT name, tbl_name FROM sqlite_master"


def measure(bench: Bench) -> Iterator[Finding]:
    """Whole lives of the sample message; and, without a bar, small letters that were only begun."""
    yield _finding("Bytes of a message of 2 KB on disk, after its life", BARS["B15"], *_lives(bench))
    yield _finding("Bytes of a draft of 0.5 KB on disk", None, *_drafts(bench))


def _lives(bench: Bench) -> tuple[Path, int, float]:
    """A store with lives: where, how many, and the search text of each."""
    path, lives = bench.new_folder("lives") / "mail.db", bench.sizes.rebuilt_lives
    with mailboxes.opened(path) as (book, alex):
        filling.fill(book, alex.id, lives)
        book.engine.catch_up_search()
    people = (("Alex Wilber", mailboxes.OWNER), *sample.TO)
    return path, lives, _length(sample.NEW_SUBJECT, plain(sample.NEW_BODY), *map(" ".join, people))


def _drafts(bench: Bench) -> tuple[Path, int, float]:
    size = bench.sizes.small
    every = (letters.letter(number) for number in range(0, size, 10))
    texts = [_length(each.subject, each.text, *each.to, "Alex Wilber", mailboxes.OWNER) for each in every]
    return mailboxes.to_write_to(bench, size), size, sum(texts) / len(texts)


def _length(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


def _finding(title: str, bar: Bar | None, path: Path, messages: int, text: float) -> Finding:
    files = sum(file.stat().st_size for file in path.parent.rglob("*") if file.is_file())
    with closing(sqlite3.connect(path)) as connection:
        disk = (files - _free(connection)) / messages
        events = connection.execute("SELECT SUM(LENGTH(state)) FROM events").fetchone()[0] / messages
        parts = _parts(connection)
    ours, said = Series("on disk", STORED, (disk,)), Series("said", SAID, (events + text,))
    beside = [Series("said", EVENTS, (events,))]
    beside += [Series("on disk", part, (size / messages,)) for part, size in parts.items()]
    return Finding(title, (Claim(f"{STORED} ÷ {SAID}", ours, said, bar),), tuple(beside))


def _free(connection: sqlite3.Connection) -> int:
    """Bytes of pages that a rebuild has left free: a kept mailbox may have been rebuilt."""
    pages, size = (
        connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_size")
    )
    return int(pages * size)


def _parts(connection: sqlite3.Connection) -> dict[str, int]:
    """How the file is divided, where this SQLite can tell."""
    try:
        sizes = connection.execute(_ON_DISK).fetchall()
    except sqlite3.OperationalError:
        return {}
    table_of = dict(connection.execute(_TABLES).fetchall())
    parts: dict[str, int] = {}
    for name, size in sizes:
        table = table_of.get(name, name)
        part = _PARTS.get(table, "search" if "search" in table else "the rest")
        part = f"{part}, indexes" if table != name else part
        parts[part] = parts.get(part, 0) + size
    return parts


_PARTS = {"events": "events", "view_messages": "view of messages", "parcels": "outbox"}
