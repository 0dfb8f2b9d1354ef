"""The outbox in the same SQLite file as the history."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.application.moments import microseconds, moment
from letterbook.application.ports import Parcel


class SqliteOutbox:
    """Parcels in a table, one row for each recipient of each message."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the table."""
        connection.execute(
            "CREATE TABLE IF NOT EXISTS outbox (mailbox BLOB NOT NULL, message BLOB NOT NULL, "
            "recipient TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, "
            "PRIMARY KEY (mailbox, message, recipient)) WITHOUT ROWID"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due)")

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Take in parcels."""
        rows = ((*_key(parcel), microseconds(parcel.due), parcel.attempts) for parcel in parcels)
        self._connection.executemany("INSERT OR REPLACE INTO outbox VALUES (?,?,?,?,?)", rows)

    def due(self, now: datetime, limit: int) -> list[Parcel]:
        """Parcels whose time has come."""
        found = self._connection.execute(
            "SELECT mailbox, message, recipient, due, attempts FROM outbox WHERE due<=? ORDER BY due LIMIT ?",
            (microseconds(now), limit),
        )
        return [
            Parcel(UUID(bytes=mailbox), UUID(bytes=message), recipient, moment(due), attempts)
            for mailbox, message, recipient, due, attempts in found
        ]

    def holds(self, parcel: Parcel) -> bool:
        """Whether a parcel is still there."""
        statement = "SELECT 1 FROM outbox WHERE mailbox=? AND message=? AND recipient=?"
        return self._connection.execute(statement, _key(parcel)).fetchone() is not None

    def done(self, parcel: Parcel) -> None:
        """Take a parcel out."""
        statement = "DELETE FROM outbox WHERE mailbox=? AND message=? AND recipient=?"
        self._connection.execute(statement, _key(parcel))

    def clear(self) -> None:
        """Take out everything."""
        self._connection.execute("DELETE FROM outbox")

    def waiting(self) -> int:
        """How many there are."""
        return int(self._connection.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])


def _key(parcel: Parcel) -> tuple[bytearray, bytearray, str]:
    return blob(parcel.mailbox.bytes), blob(parcel.message.bytes), parcel.recipient
