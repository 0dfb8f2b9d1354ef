"""Connections on which a commit is on disk when it returns, in the pool of the ``eventsourcing`` library."""

import sqlite3
from collections.abc import Callable

from eventsourcing.persistence import InterfaceError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool, SQLiteDatastore

BUSY_SECONDS = 30
"""How long a writer waits for another process that writes."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16384",
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",
    "secure_delete=FAST",
)


class DurablePool(SQLiteConnectionPool):
    """Connections for which a commit is on disk when it returns.

    ``prepare`` is called with each new connection. Rows are plain tuples, which are read faster.
    """

    prepare: Callable[[sqlite3.Connection], None] | None = None

    def close(self) -> None:
        """Close what nobody uses. The library closes the rest, too, under the hands of other threads: SQLite
        crashes.
        """
        with self._put_condition:
            while self._pool:
                self._pool.popleft().close()
            self._closed = True

    def put_connection(self, conn: SQLiteConnection) -> None:
        """Whoever brings a connection back after the end closes it."""
        with self._put_condition:
            if not self._closed:
                super().put_connection(conn)
            elif self._in_use.pop(id(conn), None):
                conn.in_use.release()
                conn.close()

    @staticmethod
    def detect_memory_mode(db_name: str) -> bool:
        """A file may have any name; the library takes some of them for addresses in memory."""
        return db_name == ":memory:"

    def _create_connection(self) -> SQLiteConnection:
        """The library's way to connect remembers one prepared statement; this one remembers them all.

        Preparing them anew for each transaction took half of its time (see ADR 7).
        """
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=256,
                timeout=BUSY_SECONDS,
            )
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        if self.prepare:
            self.prepare(connection)
        return SQLiteConnection(connection, max_age=self.max_age)


def plain(connection: SQLiteConnection) -> sqlite3.Connection:
    """The connection below the library's."""
    return connection._sqlite_conn


class DurableDatastore(SQLiteDatastore):
    """The library's datastore on durable connections."""

    def __init__(self, db_name: str) -> None:
        super().__init__(db_name)
        self.pool: DurablePool = DurablePool(
            db_name=db_name, lock_timeout=BUSY_SECONDS, pool_size=8, max_overflow=64
        )
