"""What disk and SQLite allow: syncs of an appended block, and commits of a small transaction."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter

from benchmarks.harness import Bench, Reading

BLOCK = b"x" * 4096
EVENT = b"x" * 1024


def syncs(bench: Bench) -> Reading:
    """fdatasync after each appended block."""
    path = bench.new_folder("syncs") / "file"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        return {"per second": _rate(lambda: _append(handle), bench.sizes.seconds / 4)}
    finally:
        os.close(handle)


def _append(handle: int) -> None:
    os.write(handle, BLOCK)
    getattr(os, "fdatasync", os.fsync)(handle)


def commits(bench: Bench, events: int = 1) -> Reading:
    """Durable SQLite transactions of some events of 1 KB; gives the commits."""
    path = bench.new_folder("commits") / "file.db"
    rows = [(EVENT,)] * events
    with closing(durable(path)) as connection:
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, state BLOB)")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO events (state) VALUES (?)", rows)
            connection.execute("COMMIT")

        return {"per second": _rate(commit, bench.sizes.seconds / 4)}


def durable(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on disk when they return."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _rate(act: Callable[[], None], seconds: float) -> float:
    count, begin = 0, perf_counter()
    while (now := perf_counter()) < begin + seconds:
        act()
        count += 1
    return count / (now - begin)
