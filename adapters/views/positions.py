"""How far the views of a mailbox are, where the mailbox itself changed last, and where the messages changed
that a search has yet to look at.

One table holds all, so that a write leaves its marks on one page: those of the views and of the mailbox sort
behind those of the messages, and so stand next to the newest of them.
"""

from collections.abc import Iterable
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views.connection import Connection

TABLE = "view_positions"
COLUMNS = ("mailbox", "name", "position")
_VIEWS = b"\xff" * 16
"""The name under which a mailbox's views have their mark; no message has it."""
_OWN = _VIEWS + b"own"
"""The name under which it is marked where a mailbox itself changed last, if that was not when it was opened,
with which every mailbox begins."""
_CREATE = (
    "CREATE TABLE view_positions (mailbox BLOB NOT NULL, name BLOB NOT NULL, position INTEGER NOT NULL, "
    "PRIMARY KEY (mailbox, name)) WITHOUT ROWID"
)
_SET = "INSERT INTO view_positions VALUES (?,?,?) ON CONFLICT DO UPDATE SET position=excluded.position"
OF_MESSAGES = f"name < x'{_VIEWS.hex()}'"
"""The condition that leaves out the marks of views."""


def create(connection: Connection) -> None:
    """Make the table."""
    connection.execute(_CREATE)


def put(connection: Connection, mailbox: UUID, position: int, messages: Iterable[bytes | bytearray]) -> None:
    """The views of a mailbox hold ``position``, at which the words of these messages changed."""
    home = blob(mailbox.bytes)
    marks = [(home, name, position) for name in (*messages, blob(_VIEWS))]
    connection.executemany(_SET, marks)


def position(connection: Connection, mailbox: UUID) -> int:
    """The position that the views of a mailbox hold; 0 before they hold any."""
    statement = "SELECT position FROM view_positions WHERE mailbox=? AND name=?"
    found = connection.execute(statement, (mailbox.bytes, _VIEWS)).fetchone()
    return int(found[0]) if found else 0


def put_own(connection: Connection, mailbox: UUID, position: int) -> None:
    """The newest fact about a mailbox itself stands at a position."""
    if position > 1:
        connection.execute(_SET, (mailbox.bytes, _OWN, position))


def ends(connection: Connection, mailbox: UUID) -> tuple[int, int]:
    """The position that the views hold, and where the mailbox itself changed last."""
    statement = "SELECT name, position FROM view_positions WHERE mailbox=? AND name>=?"
    found = dict(connection.execute(statement, (mailbox.bytes, _VIEWS)).fetchall())
    return found.get(_VIEWS, 0), found.get(_OWN, int(bool(found)))


def is_set(connection: Connection, mailbox: bytes, message: bytes) -> bool:
    """Whether a message still has its mark."""
    statement = "SELECT 1 FROM view_positions WHERE mailbox=? AND name=?"
    return connection.execute(statement, (mailbox, message)).fetchone() is not None


def remove(connection: Connection, marks: Iterable[tuple[bytes, bytes, int]]) -> None:
    """Take marks away, but for those that were set anew meanwhile."""
    connection.executemany("DELETE FROM view_positions WHERE mailbox=? AND name=? AND position=?", marks)


def clear(connection: Connection, mailbox: UUID) -> None:
    """Forget a mailbox."""
    connection.execute("DELETE FROM view_positions WHERE mailbox=?", (mailbox.bytes,))
