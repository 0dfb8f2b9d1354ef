"""Views that are made anew in tables of their own, and replace the live ones by being renamed."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views import bulk, positions, search
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.adapters.views.tables import MESSAGE_COLUMNS, TABLES, message_values
from letterbook.application.moments import microseconds
from letterbook.application.ports import FreshRow
from letterbook.application.rows import MessageRow
from letterbook.application.searching import Noted, Shown, Worded

_LIVE, _FRESH, _OLD = "view_", "fresh_", "old_"
_SWEPT = 5000
"""Rows that are deleted at once, and of which the indexes are made at once."""
_OF_FTS5 = 10
"""Up to here FTS5 keeps what it must be able to read to drop its tables."""
_MESSAGES = f"fresh_messages (place, {', '.join(MESSAGE_COLUMNS)})"
_BODIES = "fresh_bodies (place, body)"
_POSITIONS = f"{_FRESH}positions ({', '.join(positions.COLUMNS)})"
_DIFFERENT = (
    "SELECT live.message FROM view_messages AS live LEFT JOIN view_bodies AS said ON said.place=live.place "
    "LEFT JOIN fresh_messages AS fresh ON fresh.mailbox=live.mailbox AND fresh.message=live.message "
    "LEFT JOIN fresh_bodies AS says ON says.place=fresh.place "
    "WHERE live.mailbox=?1 AND (said.body IS NOT says.body OR "
    + " OR ".join(f"live.{name} IS NOT fresh.{name}" for name in MESSAGE_COLUMNS)
    + ") UNION ALL SELECT message FROM fresh_messages AS fresh WHERE mailbox=?1 AND NOT EXISTS "
    "(SELECT 1 FROM view_messages AS live WHERE live.mailbox=?1 AND live.message=fresh.message) "
    f"UNION ALL {search.UNSOUGHT}"
)


class Renamed:
    """A connection on which statements about the live tables are about the fresh ones."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement."""
        return self._connection.execute(_renamed(statement), values)

    def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        """Run a statement for each of the values."""
        return self._connection.executemany(_renamed(statement), values)


def _renamed(statement: str) -> str:
    return statement.replace(_LIVE, _FRESH)


class SqliteFreshViews:
    """The tables that are being filled, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = Renamed(connection)

    @property
    def views(self) -> SqliteViews:
        """The same views on other tables."""
        return SqliteViews(self._tables)

    def begin(self) -> None:
        """Tables like the live ones, without their indexes."""
        for name, sql in self._schema("table", _LIVE):
            if name in TABLES:
                self._connection.execute(_renamed(sql))
        search.create(self._tables)

    def fill(self, mailbox: UUID, position: int, rows: Iterable[FreshRow]) -> None:
        """Add rows, numbered as they come."""
        home, ready = blob(mailbox.bytes), list(rows)
        shown = list(enumerate((row for row, _ in ready), self._last_place() + 1))
        bulk.insert(self._connection, _MESSAGES, [(at, *message_values(home, row)) for at, row in shown])
        bulk.insert(self._connection, _BODIES, [(at, blob(row.body)) for at, row in shown])
        said = [_worded(mailbox.bytes, row, wording) for row, wording in ready if wording is not None]
        search.fill(self._tables, said)
        unsaid = [(home, blob(row.message.bytes), position) for row, wording in ready if wording is None]
        bulk.insert(self._connection, _POSITIONS, unsaid)
        positions.put(self._tables, mailbox, position, ())

    def make_index(self) -> bool:
        """An index that the live tables have, or all of them where there is little to look through."""
        known = {_neutral(name) for name, _ in self._schema("index", _FRESH)}
        missing = [each for each in self._schema("index", _LIVE) if _neutral(each[0]) not in known]
        made = missing[:1] if self._last_place() > _SWEPT else missing
        for name, sql in made:
            self._make_index(name, sql)
        return len(missing) > len(made)

    def _make_index(self, name: str, sql: str) -> None:
        """The same index of the fresh table; its name is the one of two that is not taken."""
        live, fresh = (_FRESH, _LIVE) if _FRESH in name else (_LIVE, _FRESH)
        head, on, rest = sql.partition(" ON ")
        self._connection.execute(head.replace(live, fresh) + on + _renamed(rest))

    def _last_place(self) -> int:
        """How many messages were filled in."""
        found = self._connection.execute("SELECT coalesce(max(place), 0) FROM fresh_messages").fetchone()
        return int(found[0])

    def different(self, mailbox: UUID) -> Iterator[UUID]:
        """SQLite itself compares every column of every row, and looks for each message in the index."""
        for (name,) in self._connection.execute(_DIFFERENT, (mailbox.bytes,)):
            yield UUID(bytes=name)

    def take_over(self) -> None:
        """Rename the tables."""
        for table in (*TABLES, *search.TABLES):
            self._connection.execute(f"ALTER TABLE {table} RENAME TO {table.replace(_LIVE, _OLD)}")
            self._connection.execute(f"ALTER TABLE {_renamed(table)} RENAME TO {table}")

    def leftovers(self) -> bool:
        """Whether there are tables under another name."""
        return bool(self._left())

    def sweep(self) -> None:
        """Some rows of the tables that hold many, and every table that holds few."""
        for name in self._left():
            if name.endswith(_MANY_ROWS) and self._thin_out(name):
                return
        for name in self._left():
            if not name.startswith((f"{_FRESH}search_", f"{_OLD}search_")) or name.endswith(_OWN_OF_SEARCH):
                self._connection.execute(f'DROP TABLE "{name}"')

    def _left(self) -> list[str]:
        return [name for prefix in (_FRESH, _OLD) for name, _ in self._schema("table", prefix)]

    def _thin_out(self, table: str) -> bool:
        """Drop an index or some rows of a table; ``True`` if it held many."""
        run = self._connection.execute
        many = f'SELECT rowid FROM "{table}" WHERE rowid > {_OF_FTS5} LIMIT 1 OFFSET {_SWEPT}'
        (behind,) = run(many).fetchone() or (None,)
        if behind is None:
            return False
        statement = "SELECT name FROM sqlite_master WHERE type='index' AND sql NOTNULL AND tbl_name=? LIMIT 1"
        (index,) = run(statement, (table,)).fetchone() or (None,)
        if index:
            run(f'DROP INDEX "{index}"')
        else:
            run(f'DELETE FROM "{table}" WHERE rowid > {_OF_FTS5} AND rowid < ?', (behind,))
        return True

    def _schema(self, kind: str, prefix: str) -> list[tuple[str, str]]:
        """Names and statements of what belongs to tables with a prefix."""
        statement = "SELECT name, sql FROM sqlite_master WHERE type=? AND tbl_name GLOB ? AND sql NOTNULL"
        return self._connection.execute(statement, (kind, f"{prefix}*")).fetchall()


_MANY_ROWS = ("_messages", "_bodies", "_search_data", "_search_content", "_search_keys")
_OWN_OF_SEARCH = "_keys"
"""The other tables whose names begin so belong to FTS5, which drops them itself."""


def _neutral(index: str) -> str:
    return index.replace(_FRESH, _LIVE)


def _worded(home: bytes, row: MessageRow, said: dict[Any, str]) -> Worded:
    """A row as the index takes it."""
    shown = Shown(row.folder.bytes, microseconds(row.sent_at), "", "", "", "", b"", b"")
    return Worded(Noted(home, row.message.bytes, 0, shown), said)
