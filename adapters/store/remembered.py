"""What the one who writes remembers of the history: its ends, so that it does not have to look them up.

Another program may add events meanwhile. What it added is then read, and only what that touched is forgotten.
"""

import sqlite3
from typing import Any
from uuid import UUID

from letterbook.application.disturbances import Numbers
from letterbook.application.ports import Head

_MOST = 20_000
"""Aggregates of which the newest version is remembered."""
_TOO_MANY = 2_000
"""Events of others that are not looked through one by one."""


class Remembered:
    """The ends of a history. Whoever believes them holds the lock for writing, and has caught up."""

    def __init__(self, table: str) -> None:
        self.heads: dict[UUID, Head] = {}
        """Where each mailbox ends."""
        self.versions: dict[bytes, int] = {}
        """The newest version of each aggregate, by mailbox and aggregate."""
        self._last: tuple[int, bytes] | None = None
        """Number and seal of the newest row of the table."""
        self._read_last = f"SELECT rowid, hash FROM {table} ORDER BY rowid DESC LIMIT 1"
        columns = "mailbox, seq, aggregate, version, hash"
        self._read_new = f"SELECT {columns} FROM {table} WHERE rowid>=? ORDER BY rowid LIMIT ?"

    def make_room(self) -> None:
        """Remember no more than is useful. Not between events of one transaction: what the table does not
        know yet is nowhere else.
        """
        if len(self.versions) > _MOST:
            self.versions.clear()

    def added(self, mailbox: UUID, head: Head, count: int) -> None:
        """This writer has added so many rows to the table, all of one mailbox."""
        self.heads[mailbox] = head
        if self._last is not None:
            self._last = self._last[0] + count, head.hash

    def forget(self) -> None:
        """A transaction was undone, or nobody can say what others wrote: believe nothing."""
        self.heads.clear()
        self.versions.clear()
        self._last = None

    def catch_up(self, connection: sqlite3.Connection) -> list[Numbers] | None:
        """Take note of what others have added. Gives what that touched.

        ``None``: it cannot be told. Then all is forgotten; what comes next can be told again.
        """
        before = self._last
        newest: tuple[int, bytes] | None = connection.execute(self._read_last).fetchone()
        new = self._behind(connection, before) if before else None
        if new is None or not all(map(self._goes_on, new)):
            self.forget()
            self._last = newest
            return None
        self._last = newest
        return [(int.from_bytes(row[0]), int.from_bytes(row[2])) for row in new]

    def _behind(self, connection: sqlite3.Connection, last: tuple[int, bytes]) -> list[Any] | None:
        """The rows behind one, if it is still what it was and they are not too many."""
        number, sealed = last
        rows = connection.execute(self._read_new, (number, _TOO_MANY)).fetchall()
        return rows[1:] if rows and rows[0][4] == sealed and len(rows) < _TOO_MANY else None

    def _goes_on(self, row: tuple[bytes, int, bytes, int, bytes]) -> bool:
        """Whether an event follows on what is remembered; if so, that is remembered now."""
        home, seq, name, version, sealed = row
        mailbox, key = UUID(bytes=home), home + name
        head, known = self.heads.get(mailbox), self.versions.get(key)
        if (head and head.seq + 1 != seq) or (known is not None and known + 1 != version):
            return False
        if head:
            self.heads[mailbox] = Head(seq, sealed)
        if known is not None:
            self.versions[key] = version
        return True
