"""What messages say no more, in the file of earlier lists: a full-text index, and what is yet to go into it.

A *saying* is what a message said from one position until another, at which it was given other words or
another date, or went. Only sayings that are over are kept here; the others are in the index of now.

A saying is found by a position, too: the stretch in which it was said is cut into blocks of 1, 4, 16, ...
positions, as few as can be, whose names are words of it. So the index itself passes over whatever was not
said then, however much that is.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views import search
from letterbook.application.past_wording import Due, Saying
from letterbook.application.searching import Part

_COLUMNS = ("held", *(f"in_{part.value}" for part in Part))
_GATHERED = 4 * 1024 * 1024
"""Bytes of entries that FTS5 gathers in memory."""
_INDEX = (
    f"CREATE VIRTUAL TABLE past_words USING fts5 ({', '.join(_COLUMNS)}, "
    "tokenize='ascii', columnsize=0, content='')"
)
INDEX, KEYS = "past_words", "past_sayings"
TABLES = ("past_due", KEYS, INDEX)
CREATE = (
    (
        "CREATE TABLE past_due (home INTEGER, name BLOB, worded INTEGER, ended INTEGER NOT NULL, "
        "PRIMARY KEY (home, name, worded)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_sayings (key INTEGER PRIMARY KEY, owner INTEGER NOT NULL, name BLOB NOT NULL, "
        "worded INTEGER NOT NULL, ended INTEGER NOT NULL)"
    ),
    _INDEX,
    f"INSERT INTO past_words (past_words, rank) VALUES ('hashsize', {_GATHERED})",
)
_ADD = f"INSERT INTO past_words (rowid, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
_BITS = 2
"""Of a position, for each size of blocks: of one size, four are one of the next."""


def note(connection: sqlite3.Connection, due: Iterable[tuple[int, bytearray, int, int]]) -> None:
    """Sayings that are over, and whose words are yet to be told: whose, of what, from when, until when."""
    connection.executemany("INSERT INTO past_due VALUES (?,?,?,?)", due)


def is_due(connection: sqlite3.Connection, home: int, at: int) -> bool:
    """Whether the words of something that was said at a position are yet to be told."""
    statement = "SELECT 1 FROM past_due WHERE home=? AND worded<=? AND ended>? LIMIT 1"
    return connection.execute(statement, (home, at, at)).fetchone() is not None


def due(connection: sqlite3.Connection, mailbox: UUID, limit: int) -> list[Due]:
    """Some of the sayings whose words are yet to be told, one message after the other."""
    found = connection.execute(
        "SELECT d.name, d.worded, d.ended FROM past_mailboxes AS m CROSS JOIN past_due AS d ON d.home=m.home "
        "WHERE m.mailbox=? ORDER BY d.name, d.worded LIMIT ?",
        (mailbox.bytes, limit),
    )
    return [Due(UUID(bytes=name), worded, ended) for name, worded, ended in found]


def count_due(connection: sqlite3.Connection, mailbox: UUID) -> int:
    """How many sayings there are whose words are yet to be told."""
    statement = (
        "SELECT count(*) FROM past_mailboxes AS m CROSS JOIN past_due AS d ON d.home=m.home WHERE m.mailbox=?"
    )
    return int(connection.execute(statement, (mailbox.bytes,)).fetchone()[0])


def learn(connection: sqlite3.Connection, mailbox: UUID, told: Iterable[tuple[Due, Saying | None]]) -> None:
    """Take in what was due, with its words; what somebody else has taken in meanwhile is passed over."""
    statement = "SELECT home FROM past_mailboxes WHERE mailbox=?"
    for (home,) in connection.execute(statement, (mailbox.bytes,)).fetchall():
        mine = [(each, saying) for each, saying in told if _settle(connection, home, each)]
        rows = sorted(_row(connection, home, each, saying) for each, saying in mine if saying)
        connection.executemany(_ADD, rows)


def _settle(connection: sqlite3.Connection, home: int, each: Due) -> bool:
    statement = "DELETE FROM past_due WHERE home=? AND name=? AND worded=? AND ended=?"
    key = (home, each.message.bytes, each.worded, each.ended)
    return connection.execute(statement, key).rowcount == 1


def _row(connection: sqlite3.Connection, home: int, each: Due, saying: Saying) -> tuple[int | str, ...]:
    key = search.free_key(connection, saying.sent_at, KEYS)
    values = key, home, blob(each.message.bytes), each.worded, each.ended
    connection.execute("INSERT INTO past_sayings VALUES (?,?,?,?,?)", values)
    held = " ".join(blocks(home, each.worded, each.ended))
    return key, held, *(saying.wording[part] for part in Part)


def blocks(home: int, begin: int, end: int) -> Iterator[str]:
    """The names of the largest blocks that together are the positions from ``begin`` to before ``end``."""
    while begin < end:
        level = 0
        while begin % (1 << level + _BITS) == 0 and begin + (1 << level + _BITS) <= end:
            level += _BITS
        yield f"{home}x{level}x{begin >> level}"
        begin += 1 << level


def everything_at(home: int, at: int) -> str:
    """What the index finds all by that a mailbox said at a position: one block of each size holds it.

    No block begins at 0, as nothing is said there.
    """
    names = (f'"{home}x{level}x{at >> level}"' for level in range(0, at.bit_length(), _BITS))
    return f"held : ({' OR '.join(names)})"


def drop(connection: sqlite3.Connection, home: int) -> None:
    """Everything about a mailbox. What others said is told once more: from the index only all can go."""
    connection.execute("DELETE FROM past_due WHERE home=?", (home,))
    if connection.execute("SELECT 1 FROM past_sayings WHERE owner=? LIMIT 1", (home,)).fetchone():
        connection.execute(
            "INSERT INTO past_due SELECT owner, name, worded, ended FROM past_sayings WHERE owner<>?", (home,)
        )
        connection.execute("DELETE FROM past_sayings")
        connection.execute("INSERT INTO past_words (past_words) VALUES ('delete-all')")


def empty(connection: sqlite3.Connection) -> None:
    """Everything about everybody."""
    connection.execute("DELETE FROM past_due")
    connection.execute("DELETE FROM past_sayings")
    connection.execute("INSERT INTO past_words (past_words) VALUES ('delete-all')")
