"""The outbox in the same SQLite file as the history."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.application.moments import microseconds, moment
from letterbook.application.ports import Parcel

_TABLE = (
    "CREATE TABLE IF NOT EXISTS parcels (due INTEGER NOT NULL, mailbox BLOB NOT NULL, message BLOB NOT NULL, "
    "recipient TEXT NOT NULL, attempts INTEGER NOT NULL, "
    "PRIMARY KEY (due, mailbox, message, recipient)) WITHOUT ROWID"
)
_TAKE_OVER = (
    "INSERT INTO parcels SELECT due, mailbox, message, recipient, attempts FROM outbox",
    "DROP TABLE outbox",
)
"""From the table of an earlier version, which had the moment in an index of its own."""
_DUE = "SELECT mailbox, message, recipient, due, attempts FROM parcels WHERE due<=? ORDER BY due LIMIT ?"
_HOLDS = "SELECT 1 FROM parcels WHERE due=? AND mailbox=? AND message=? AND recipient=?"
_DONE = "DELETE FROM parcels WHERE due=? AND mailbox=? AND message=? AND recipient=?"


class SqliteOutbox:
    """Parcels in a table that is its own index, in the order in which they are due."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the table."""
        connection.execute(_TABLE)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name='outbox'").fetchone():
            for statement in _TAKE_OVER:
                connection.execute(statement)

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Take in parcels."""
        rows = [(*_key(parcel), parcel.attempts) for parcel in parcels]
        self._connection.executemany("INSERT OR REPLACE INTO parcels VALUES (?,?,?,?,?)", rows)

    def due(self, now: datetime, limit: int) -> list[Parcel]:
        """Parcels whose time has come."""
        found = self._connection.execute(_DUE, (microseconds(now), limit))
        return [
            Parcel(UUID(bytes=mailbox), UUID(bytes=message), recipient, moment(due), attempts)
            for mailbox, message, recipient, due, attempts in found
        ]

    def holds(self, parcel: Parcel) -> bool:
        """Whether a parcel is still there."""
        return self._connection.execute(_HOLDS, _key(parcel)).fetchone() is not None

    def done(self, parcel: Parcel) -> None:
        """Take a parcel out."""
        self._connection.execute(_DONE, _key(parcel))

    def recall(self, mailbox: UUID, message: UUID | None) -> None:
        """Take out what a message, or a whole mailbox, has sent."""
        statement = "DELETE FROM parcels WHERE mailbox=?1 AND (?2 IS NULL OR message=?2)"
        self._connection.execute(statement, (mailbox.bytes, message and message.bytes))

    def clear(self) -> None:
        """Take out everything."""
        self._connection.execute("DELETE FROM parcels")

    def waiting(self) -> int:
        """How many there are."""
        return int(self._connection.execute("SELECT COUNT(*) FROM parcels").fetchone()[0])


def _key(parcel: Parcel) -> tuple[int, bytearray, bytearray, str]:
    names = blob(parcel.mailbox.bytes), blob(parcel.message.bytes)
    return microseconds(parcel.due), *names, parcel.recipient
