"""What was deleted from a SQLite file is still in it: in free pages, in the log, in the index of words."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from letterbook.adapters.store.connections import BUSY_SECONDS
from letterbook.adapters.store.troubles import troubles_told
from letterbook.application.troubles import StoreBusy

DUE = "purge"
"""The row of the table ``letterbook`` that says so; :data:`COUNT` counts what others have to forget."""
COUNT = "erasures"
_MORE = "INSERT INTO letterbook VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET value=value+1"
_CREATE = "CREATE TABLE IF NOT EXISTS purge (name TEXT PRIMARY KEY)"
_REINDEX = "INSERT INTO view_search (view_search) VALUES ('rebuild')"
_STEPS = 10_000
"""Steps of SQLite, some milliseconds, after which it is asked whether to go on."""
_PAUSE = 0.05
"""Seconds between two attempts to cut off the log while others read."""


def create(connection: sqlite3.Connection) -> None:
    """Make the table of what is to be purged."""
    connection.execute(_CREATE)


def condemn(connection: sqlite3.Connection, blobs: set[str]) -> None:
    """Note what an erasure leaves to be purged, and that everybody has something to forget.

    Blobs are noted by their names: whoever knew their hashes could still read them.
    """
    connection.executemany("INSERT OR IGNORE INTO purge VALUES (?)", [(name,) for name in blobs])
    connection.execute("INSERT OR REPLACE INTO letterbook VALUES (?, 1)", (DUE,))
    connection.execute(_MORE, (COUNT,))


def erasures(connection: sqlite3.Connection) -> int:
    """A number that changes when something was erased, and again when it was purged."""
    found = connection.execute("SELECT value FROM letterbook WHERE key=?", (COUNT,)).fetchone()
    return int(found[0]) if found else 0


class SqliteShredder:
    """Keeps :class:`letterbook.application.purging.Shredder` for one file."""

    def __init__(
        self, path: Path, prepare: Callable[[sqlite3.Connection], None], patience: float = BUSY_SECONDS
    ) -> None:
        self._path = path
        self._prepare = prepare
        self._patience = patience
        self._began = 0

    def is_due(self) -> bool:
        """Whether the note is there."""
        with troubles_told(), closing(self._connect()) as connection:
            statement = "SELECT 1 FROM letterbook WHERE key=?"
            return connection.execute(statement, (DUE,)).fetchone() is not None

    def begin(self) -> None:
        """Remember what has been erased up to now."""
        with troubles_told(), closing(self._connect()) as connection:
            self._began = erasures(connection)

    def condemned(self) -> list[str]:
        """What was noted by :func:`condemn`."""
        with troubles_told(), closing(self._connect()) as connection:
            found = connection.execute("SELECT name FROM purge ORDER BY name").fetchall()
        return [name for (name,) in found]

    def scrub(self, stop: Callable[[], bool]) -> None:
        """Index and file are written anew, and the log is cut off; what is broken off is undone by SQLite.

        Words that were taken out of the index stay in its pages until all of it is written again, and SQLite
        3.40 cannot be told to do that as it goes (FTS5's ``secure-delete`` came later).
        """
        with troubles_told(), closing(self._connect()) as connection:
            connection.set_progress_handler(stop, _STEPS)
            connection.execute(_REINDEX)
            connection.execute("VACUUM")
            self._cut_off_log(connection, stop)

    def finish(self) -> None:
        """Take the note away, unless it is there for something else, too; everybody forgets once more."""
        with troubles_told(), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            if erasures(connection) == self._began:
                connection.execute("DELETE FROM purge")
                connection.execute("DELETE FROM letterbook WHERE key=?", (DUE,))
            connection.execute(_MORE, (COUNT,))
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=self._patience)
        for pragma in ("synchronous=FULL", "secure_delete=ON", "temp_store=FILE"):
            connection.execute(f"PRAGMA {pragma}")
        self._prepare(connection)
        return connection

    def _cut_off_log(self, connection: sqlite3.Connection, stop: Callable[[], bool]) -> None:
        """Fold the log into the file and leave nothing of it, once nobody reads what is only in there."""
        until = time.monotonic() + self._patience
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if stop() or time.monotonic() > until:
                raise StoreBusy("somebody has been reading the store for too long")
            time.sleep(_PAUSE)
