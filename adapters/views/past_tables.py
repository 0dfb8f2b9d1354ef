"""The tables of the file of earlier lists, and where a list stood at a position.

Mailboxes and lists are numbered: their names, which are long, are in one place each. Of every list there are
three kinds of entries: all messages, those that are unread, and those on which something hangs; what is
asked for often among many others is found without looking at the others.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from letterbook.adapters.views import past_words
from letterbook.adapters.views.tables import MESSAGE_COLUMNS
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import NOTHING_YET, NotReached
from letterbook.application.ports import Head

OPEN = 2**47
"""Until when a message is in a list that it has not left; six bytes, like every later position."""
ALL, UNREAD, MARKED = KINDS = range(3)
"""The entries of a list: of all messages, of the unread ones, of those on which something hangs."""
_PLACES = 4
"""Numbers that each list has for its entries, one for each kind."""
PLAIN = tuple(name for name in MESSAGE_COLUMNS if name not in ("mailbox", "message", "head", "beta", "tail"))
"""What filters and orders go by."""
OF_VERSIONS = (*PLAIN, "revision", "moves", "said", "worded")
"""What is kept of each version of a message."""

_SHAPE = 3
"""Of the tables; a file that has others is emptied (SQLite's ``user_version``)."""
_TABLES = (
    *("past_mailboxes", "past_names", "past_times", "past_versions", "past_lists", "past_heads"),
    "past_postdated",
)
_OF_HEADS = (
    *("newest", "last_sent", "epoch", "total", "changes"),
    *("unread_epoch", "unread", "unread_changes"),
    *("marked_epoch", "marked", "marked_changes"),
)
_CREATE = (
    (
        "CREATE TABLE past_mailboxes (home INTEGER PRIMARY KEY, mailbox BLOB NOT NULL UNIQUE, "
        "seq INTEGER NOT NULL, hash BLOB NOT NULL)"
    ),
    (
        "CREATE TABLE past_names (list INTEGER PRIMARY KEY, home INTEGER NOT NULL, name BLOB NOT NULL, "
        "UNIQUE (home, name))"
    ),
    (
        "CREATE TABLE past_times (home INTEGER, recorded INTEGER, seq INTEGER, "
        "PRIMARY KEY (home, recorded, seq)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_versions (home INTEGER, message BLOB, since INTEGER, "
        f"{', '.join(OF_VERSIONS)}, PRIMARY KEY (home, message, since)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_lists (list INTEGER, epoch INTEGER, received INTEGER, name BLOB, since INTEGER, "
        "until INTEGER NOT NULL, PRIMARY KEY (list, epoch, received, name, since)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_postdated (list INTEGER, sent INTEGER, name BLOB, since INTEGER, "
        "until INTEGER NOT NULL, PRIMARY KEY (list, sent, name, since)) WITHOUT ROWID"
    ),
    (
        f"CREATE TABLE past_heads (list INTEGER, seq INTEGER, {', '.join(_OF_HEADS)}, "
        "PRIMARY KEY (list, seq)) WITHOUT ROWID"
    ),
)
_BEGIN = (
    "INSERT INTO past_mailboxes (mailbox, seq, hash) VALUES (?,?,?) "
    "ON CONFLICT (mailbox) DO UPDATE SET seq=excluded.seq, hash=excluded.hash"
)
_HEAD_AT = "h.list=n.list AND h.seq=(SELECT max(x.seq) FROM past_heads AS x WHERE x.list=n.list AND x.seq<=?)"
_STAND = (
    f"SELECT m.home, m.seq, n.list, {', '.join(f'h.{name}' for name in _OF_HEADS)} FROM past_mailboxes AS m "
    f"LEFT JOIN past_names AS n ON n.home=m.home AND n.name=? LEFT JOIN past_heads AS h ON {_HEAD_AT} "
    "WHERE m.mailbox=?"
)
_TALLIES = (
    "SELECT n.name, h.total, h.unread FROM past_mailboxes AS m "
    f"CROSS JOIN past_names AS n ON n.home=m.home CROSS JOIN past_heads AS h ON {_HEAD_AT} WHERE m.mailbox=?"
)
_TIMED = (
    "SELECT t.seq FROM past_mailboxes AS m CROSS JOIN past_times AS t ON t.home=m.home "
    "WHERE m.mailbox=? AND t.recorded"
)
_BEFORE = f"{_TIMED}<=? ORDER BY t.recorded DESC, t.seq DESC LIMIT 1"
_BEHIND = f"{_TIMED}>? ORDER BY t.recorded, t.seq LIMIT 1"
_OF_LISTS = "(SELECT list FROM past_names WHERE home=?)"


class Course(NamedTuple):
    """The entries of one kind at a position: their epoch, how many they are, what changed in the epoch."""

    epoch: int = 0
    held: int = 0
    changes: int = 0
    """How often one left, or came below the newest: what is above that is never passed over."""


class Standing(NamedTuple):
    """A list at a position."""

    newest: int = -(2**62)
    """No message in it was received later."""
    last_sent: int = -(2**62)
    """No message in it was sent later, but for postdated ones."""
    courses: tuple[Course, ...] = (Course(), Course(), Course())

    @staticmethod
    def kept(values: tuple[int, ...]) -> "Standing":
        """As a row keeps it."""
        newest, last_sent, *rest = values
        return Standing(newest, last_sent, (Course(*rest[:3]), Course(*rest[3:6]), Course(*rest[6:])))

    @property
    def values(self) -> tuple[int, ...]:
        """As a row keeps it."""
        (all_, unread, marked) = self.courses
        return (self.newest, self.last_sent, *all_, *unread, *marked)


class Place(NamedTuple):
    """Where a list is in the tables: the number of its mailbox, its own, and how it stood at a position."""

    home: int
    number: int
    standing: Standing


def entries_of(number: int, kind: int) -> int:
    """The number under which a list has its entries of one kind."""
    return number * _PLACES + kind


def reached(connection: sqlite3.Connection, mailbox: UUID) -> Head:
    """Up to which event the lists of a mailbox are right."""
    statement = "SELECT seq, hash FROM past_mailboxes WHERE mailbox=?"
    found = connection.execute(statement, (mailbox.bytes,)).fetchone()
    return Head(*found) if found else NOTHING_YET


def begun(connection: sqlite3.Connection, mailbox: UUID, end: Head) -> int:
    """The number of a mailbox whose lists come to ``end`` in this transaction."""
    connection.execute(_BEGIN, (mailbox.bytes, end.seq, end.hash))
    statement = "SELECT home FROM past_mailboxes WHERE mailbox=?"
    return int(connection.execute(statement, (mailbox.bytes,)).fetchone()[0])


def named(connection: sqlite3.Connection, home: int, name: bytes) -> int:
    """The number of a list, a new one if it has none."""
    found = connection.execute("SELECT list FROM past_names WHERE home=? AND name=?", (home, name)).fetchone()
    if found is None:
        put = "INSERT INTO past_names (home, name) VALUES (?,?) RETURNING list"
        found = connection.execute(put, (home, name)).fetchone()
    return int(found[0])


def place(connection: sqlite3.Connection, mailbox: UUID, name: bytes, at: int) -> tuple[Place | None, int]:
    """Where a list is, if it ever held anything, and how far the lists have come.

    Raises :class:`NotReached` if they have not come to the position.
    """
    found = connection.execute(_STAND, (name, at, mailbox.bytes)).fetchone()
    if found is None or found[1] < at:
        raise NotReached
    home, seq, number, *rest = found
    if not rest or rest[0] is None:
        return None, seq
    return Place(home, number, Standing.kept(tuple(rest))), seq


def standing(connection: sqlite3.Connection, number: int) -> Standing:
    """A list as it was left last."""
    statement = f"SELECT {', '.join(_OF_HEADS)} FROM past_heads WHERE list=? ORDER BY seq DESC LIMIT 1"
    found = connection.execute(statement, (number,)).fetchone()
    return Standing.kept(found) if found else Standing()


def said(connection: sqlite3.Connection, home: int, message: bytes) -> tuple[int | None, int | None]:
    """Since when a message says what it said last, and since when in these words; if it was shown."""
    statement = (
        "SELECT said, worded FROM past_versions WHERE home=? AND message=? ORDER BY since DESC LIMIT 1"
    )
    found = connection.execute(statement, (home, message)).fetchone()
    return found or (None, None)


def tallies(connection: sqlite3.Connection, mailbox: UUID, at: int) -> dict[bytes, tuple[int, int]]:
    """What every list of a mailbox counted: messages, and unread ones."""
    if reached(connection, mailbox).seq < at:
        raise NotReached
    found = connection.execute(_TALLIES, (at, mailbox.bytes))
    return {name: (total, unread) for name, total, unread in found}


def keep_times(connection: sqlite3.Connection, home: int, times: Iterable[tuple[int, datetime]]) -> None:
    """When some events were recorded."""
    rows = ((home, microseconds(at), seq) for seq, at in times)
    connection.executemany("INSERT INTO past_times VALUES (?,?,?)", rows)


def around(connection: sqlite3.Connection, mailbox: UUID, moment: datetime) -> tuple[int, int | None]:
    """Positions before and behind a moment; they are in order, unless a clock was set back."""
    values = (mailbox.bytes, microseconds(moment))
    before, after = (connection.execute(statement, values).fetchone() for statement in (_BEFORE, _BEHIND))
    low, high = before[0] if before else 0, after[0] if after else None
    return (low, high) if high is None or low < high else (0, None)


def drop(connection: sqlite3.Connection, mailbox: UUID) -> None:
    """Everything about a mailbox."""
    found = connection.execute("SELECT home FROM past_mailboxes WHERE mailbox=?", (mailbox.bytes,)).fetchone()
    if found is None:
        return
    entries = f"SELECT list * {_PLACES} + kind.value FROM past_names, json_each('{[*KINDS]}') AS kind"
    connection.execute(f"DELETE FROM past_lists WHERE list IN ({entries} WHERE home=?)", found)
    for table in ("past_heads", "past_postdated"):
        connection.execute(f"DELETE FROM {table} WHERE list IN {_OF_LISTS}", found)
    past_words.drop(connection, found[0])
    for table in ("past_names", "past_times", "past_versions", "past_mailboxes"):
        connection.execute(f"DELETE FROM {table} WHERE home=?", found)


def empty(connection: sqlite3.Connection) -> None:
    """Everything about everybody."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")
    past_words.empty(connection)


def make(connection: sqlite3.Connection) -> None:
    """The tables of this version, empty, where there are none or others."""
    if connection.execute("PRAGMA user_version").fetchone() == (_SHAPE,):
        return
    for table in (*_TABLES, *past_words.TABLES):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in (*_CREATE, *past_words.CREATE):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={_SHAPE}")
