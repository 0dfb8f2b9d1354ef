"""A lock that one program holds among all, and that a crash lets go of."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from letterbook.adapters.store.troubles import troubles_told
from letterbook.application.troubles import StoreBusy


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of this name. SQLite knows how each system locks a file.

    The file stays, empty: whoever removed it could leave two programs with a lock each.
    """
    with troubles_told(), closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        _take(connection)
        yield


def _take(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreBusy("the views are being rebuilt already") from error
        raise
