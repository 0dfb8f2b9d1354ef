"""When search folders were used last: in a table beside the outbox, or in memory."""

import sqlite3
from datetime import datetime
from uuid import UUID

from letterbook.application.moments import microseconds, moment


class SqliteUses:
    """A row for each search folder. Keeps :class:`letterbook.application.uses.Uses`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the table."""
        connection.execute(
            "CREATE TABLE IF NOT EXISTS search_uses (mailbox BLOB NOT NULL, folder BLOB NOT NULL, "
            "used INTEGER NOT NULL, PRIMARY KEY (mailbox, folder)) WITHOUT ROWID"
        )

    def note(self, mailbox: UUID, folder: UUID, at: datetime) -> None:
        """The last use counts."""
        row = (mailbox.bytes, folder.bytes, microseconds(at))
        self._connection.execute("INSERT OR REPLACE INTO search_uses VALUES (?,?,?)", row)

    def last(self, mailbox: UUID, folder: UUID) -> datetime | None:
        """Read from the table."""
        statement = "SELECT used FROM search_uses WHERE mailbox=? AND folder=?"
        found = self._connection.execute(statement, (mailbox.bytes, folder.bytes)).fetchone()
        return moment(found[0]) if found else None

    def before(self, at: datetime) -> list[tuple[UUID, UUID]]:
        """All of them are looked at: there are few."""
        statement = "SELECT mailbox, folder FROM search_uses WHERE used<? ORDER BY mailbox, folder"
        found = self._connection.execute(statement, (microseconds(at),))
        return [(UUID(bytes=mailbox), UUID(bytes=folder)) for mailbox, folder in found]

    def drop(self, mailbox: UUID, folder: UUID) -> None:
        """Take the row away."""
        statement = "DELETE FROM search_uses WHERE mailbox=? AND folder=?"
        self._connection.execute(statement, (mailbox.bytes, folder.bytes))


class MemoryUses:
    """Uses in a dictionary. Keeps :class:`letterbook.application.uses.Uses`."""

    def __init__(self, kept: dict[tuple[UUID, UUID], datetime]) -> None:
        self._kept = kept

    def note(self, mailbox: UUID, folder: UUID, at: datetime) -> None:
        """The last use counts."""
        self._kept[mailbox, folder] = at

    def last(self, mailbox: UUID, folder: UUID) -> datetime | None:
        """Read from the dictionary."""
        return self._kept.get((mailbox, folder))

    def before(self, at: datetime) -> list[tuple[UUID, UUID]]:
        """Those of the dictionary."""
        return sorted(names for names, used in self._kept.items() if used < at)

    def drop(self, mailbox: UUID, folder: UUID) -> None:
        """Take it away."""
        self._kept.pop((mailbox, folder), None)
