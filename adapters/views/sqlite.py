"""Views in SQLite tables, on sqlite-utils.

sqlite-utils makes the tables and indexes (``tables``). On the connection it works on, rows of messages are
written with ``executemany``, measured three times as fast as its ``upsert_all`` (ADR 6), and read.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any as AnyValue
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views import marks, positions, search, tables
from letterbook.adapters.views.conditions import column_of, condition, is_outside, ordering, place_condition
from letterbook.adapters.views.connection import Connection
from letterbook.adapters.views.tables import (
    FOLDER_COLUMNS,
    MESSAGE_COLUMNS,
    PERSON_COLUMNS,
    folder_row,
    folder_values,
    message_row,
    message_values,
    read_beta,
)
from letterbook.application.querying import PageQuery, Where, flat
from letterbook.application.rows import (
    ClearMailbox,
    Count,
    DropFolder,
    DropMessage,
    FolderRow,
    Leaf,
    MessageRow,
    NoteOwn,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.searching import Backlog, Hit, HitQuery, SearchQuery, Worded


def _upsert(table: str, columns: Iterable[str], key: tuple[str, ...], kept: tuple[str, ...] = ()) -> str:
    names = tuple(columns)
    fresh = ", ".join(f"{name}=excluded.{name}" for name in names if name not in (*key, *kept))
    marks = ",".join("?" * len(names))
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {fresh}"
    )


_PUT_MESSAGE = _upsert("view_messages", MESSAGE_COLUMNS, ("mailbox", "message"))
_PLACE = ("mailbox", "message", "folder", "in_mailbox", "received_at", "is_read")
"""The columns of the indexes: SQLite writes an index again for every column that is set, changed or not."""
_REDRAW_MESSAGE = (
    "UPDATE view_messages SET "
    + ", ".join(f"{name}=?{at}" for at, name in enumerate(MESSAGE_COLUMNS, 1) if name not in _PLACE)
    + " WHERE mailbox=?1 AND message=?2"
)
_PUT_FOLDER = _upsert("view_folders", FOLDER_COLUMNS, ("mailbox", "folder"), kept=("total", "unread"))
_PUT_PERSON = _upsert("view_people", PERSON_COLUMNS, ("key",))
_ADD_COUNT = "UPDATE view_folders SET total=total+?, unread=unread+? WHERE mailbox=? AND folder=?"
_SELECT_MESSAGE = (
    f"SELECT {', '.join(MESSAGE_COLUMNS)}, body FROM view_messages CROSS JOIN view_bodies USING (place) "
)
_PUT_BODY = (
    "INSERT INTO view_bodies (place, body) "
    "SELECT place, ?3 FROM view_messages WHERE mailbox=?1 AND message=?2 "
    "ON CONFLICT (place) DO UPDATE SET body=excluded.body"
)
_WRITES = (_PUT_MESSAGE, _REDRAW_MESSAGE, _PUT_BODY, _ADD_COUNT)
_AT_ONCE = 512
"""Messages that are asked for by name in one statement."""
_DROP_BODIES = "DELETE FROM view_bodies WHERE place IN (SELECT place FROM view_messages WHERE "


class SqliteViews:
    """The views inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the tables and indexes."""
        tables.make(connection)

    @staticmethod
    def note_own(connection: sqlite3.Connection, mailbox: UUID, position: int) -> None:
        """Say of the rows of an earlier version where the mailbox itself changed last."""
        positions.put_own(connection, mailbox, position)

    @staticmethod
    def prepare(connection: sqlite3.Connection) -> None:
        """Teach a fresh connection what the conditions need."""
        connection.create_function("fold", 1, str.casefold, deterministic=True)
        # SQLite's own substr() and length() end at a NUL.
        connection.create_function("is_outside", 2, is_outside, deterministic=True)
        connection.create_function("starts", 2, str.startswith, deterministic=True)
        connection.create_function("ends", 2, str.endswith, deterministic=True)
        for name, (arguments, function) in marks.FUNCTIONS.items():
            connection.create_function(name, arguments, function, deterministic=True)

    def apply(self, mailbox: UUID, position: int, changes: Iterable[ViewChange]) -> None:
        """Keep what changed."""
        rows: list[tuple[AnyValue, ...]] = []
        redrawn: list[tuple[AnyValue, ...]] = []
        bodies: list[tuple[AnyValue, ...]] = []
        counts: list[tuple[AnyValue, ...]] = []
        spoken: list[bytearray] = []
        home = blob(mailbox.bytes)
        for change in changes:
            match change:
                case PutMessage(row):
                    values = message_values(home, row)
                    (rows if change.placed else redrawn).append(values)
                    if change.rewritten:
                        bodies.append((home, values[1], blob(row.body)))
                    if change.reworded:
                        spoken.append(values[1])
                case Count(folder, total, unread):
                    counts.append((total, unread, home, blob(folder.bytes)))
                case _:
                    if isinstance(change, DropMessage):
                        spoken.append(blob(change.message.bytes))
                    self._write(rows, redrawn, bodies, counts)
                    self._apply_rare(mailbox, change)
        self._write(rows, redrawn, bodies, counts)
        positions.put(self._connection, mailbox, position, spoken)

    def _write(self, *gathered: list[tuple[AnyValue, ...]]) -> None:
        """Write what was gathered, so that it is before what comes next."""
        for statement, values in zip(_WRITES, gathered, strict=True):
            if values:
                self._connection.executemany(statement, values)
                values.clear()

    def _apply_rare(self, mailbox: UUID, change: ViewChange) -> None:
        run = self._connection.execute
        match change:
            case DropMessage(message):
                key = (mailbox.bytes, message.bytes)
                run(f"{_DROP_BODIES}mailbox=? AND message=?)", key)
                run("DELETE FROM view_messages WHERE mailbox=? AND message=?", key)
            case PutFolder(folder):
                run(_PUT_FOLDER, folder_values(mailbox, folder))
            case DropFolder(folder_id):
                run("DELETE FROM view_folders WHERE mailbox=? AND folder=?", (mailbox.bytes, folder_id.bytes))
            case PutPerson(person):
                values = (person.address.casefold(), person.mailbox.bytes, person.address, person.name)
                run(_PUT_PERSON, values)
            case ClearMailbox():
                self.clear(mailbox)
            case NoteOwn(position):
                positions.put_own(self._connection, mailbox, position)
            case PutMessage() | Count():
                raise AssertionError("written in bulk")

    def position(self, mailbox: UUID) -> int:
        """The position of the history that the rows hold."""
        return positions.position(self._connection, mailbox)

    def ends(self, mailbox: UUID) -> tuple[int, int]:
        """The positions of the newest facts."""
        return positions.ends(self._connection, mailbox)

    def head(self, mailbox: UUID, message: UUID) -> bytes | None:
        """The head of its ready answer."""
        statement = "SELECT head FROM view_messages WHERE mailbox=? AND message=?"
        found = self._connection.execute(statement, (mailbox.bytes, message.bytes)).fetchone()
        return found[0] if found else None

    def message(self, mailbox: UUID, message: UUID) -> MessageRow | None:
        """One message."""
        statement = _SELECT_MESSAGE + "WHERE mailbox=? AND message=?"
        found = self._connection.execute(statement, (mailbox.bytes, message.bytes)).fetchone()
        return message_row(found) if found else None

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages that a query asks for."""
        where, values = _selection(mailbox, query.folder, query.where)
        if query.after:
            more, more_values = place_condition(query.order, query.after)
            where, values = f"{where} AND {more}", [*values, *more_values]
        sorted_by = ", ".join(column_of(each.by) for each in query.order)
        body, join = _bodies(query.bodies)
        statement = (
            f"SELECT message, head, beta, {body}, tail, {sorted_by} FROM view_messages {join} WHERE {where} "
            f"ORDER BY {ordering(query.order)} LIMIT ? OFFSET ?"
        )
        found = self._connection.execute(statement, (*values, query.top, query.skip))
        return [
            Leaf(name, head, read_beta(beta), body, tail, tuple(place))
            for name, head, beta, body, tail, *place in found
        ]

    def leaves(self, mailbox: UUID, names: Sequence[bytes], bodies: bool) -> list[Leaf]:
        """Some messages, however many."""
        body, join = _bodies(bodies)
        found: list[Leaf] = []
        for start in range(0, len(names), _AT_ONCE):
            some = _filled(names[start : start + _AT_ONCE])
            statement = (
                f"SELECT message, head, beta, {body}, tail FROM view_messages {join} "
                f"WHERE mailbox=? AND message IN ({', '.join('?' * len(some))})"
            )
            rows = self._connection.execute(statement, (mailbox.bytes, *some))
            found += [
                Leaf(name, head, read_beta(beta), said, tail, ()) for name, head, beta, said, tail in rows
            ]
        return found

    def count(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query finds."""
        if where is None and folder is not None:
            statement = "SELECT total FROM view_folders WHERE mailbox=? AND folder=?"
            kept = self._connection.execute(statement, (mailbox.bytes, folder.bytes)).fetchone()
            return int(kept[0]) if kept else 0
        chosen, values = _selection(mailbox, folder, where)
        statement = f"SELECT COUNT(*) FROM view_messages WHERE {chosen}"
        return int(self._connection.execute(statement, values).fetchone()[0])

    def names(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query finds."""
        chosen, values = _selection(mailbox, folder, where)
        found = self._connection.execute(f"SELECT message FROM view_messages WHERE {chosen}", values)
        return [UUID(bytes=name) for (name,) in found]

    def message_ids(self, mailbox: UUID) -> Iterator[str]:
        """The Message-ID of every message."""
        statement = "SELECT internet_message_id FROM view_messages WHERE mailbox=?"
        for (message_id,) in self._connection.execute(statement, (mailbox.bytes,)):
            yield message_id

    def search(self, mailbox: UUID, query: SearchQuery) -> list[Leaf]:
        """What a search finds."""
        found = self._connection.execute(*search.question(mailbox, query))
        return [
            Leaf(name, head, read_beta(beta), body, tail, (key,))
            for name, head, beta, body, tail, key in found
        ]

    def hits(self, mailbox: UUID, asked: HitQuery) -> list[Hit]:
        """Who says something."""
        return search.hits(self._connection, mailbox, asked)

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Messages whose words are yet to be put into the index."""
        return search.noted(self._connection, mailbox, limit)

    def index(self, ready: Iterable[Worded]) -> None:
        """Put words into the index."""
        search.index(self._connection, ready)

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder of a mailbox."""
        statement = f"SELECT {', '.join(FOLDER_COLUMNS)} FROM view_folders WHERE mailbox=? ORDER BY rowid"
        return [folder_row(row) for row in self._connection.execute(statement, (mailbox.bytes,))]

    def person(self, who: str) -> PersonRow | None:
        """The owner of a mailbox, by address or id."""
        found = self._connection.execute(
            "SELECT mailbox, address, name FROM view_people WHERE key=? OR mailbox=?",
            (who.casefold(), _maybe_uuid(who)),
        ).fetchone()
        return PersonRow(UUID(bytes=found[0]), found[1], found[2]) if found else None

    def people(self) -> list[PersonRow]:
        """The owners of all mailboxes."""
        found = self._connection.execute("SELECT mailbox, address, name FROM view_people ORDER BY key")
        return [PersonRow(UUID(bytes=mailbox), address, name) for mailbox, address, name in found]

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that has a row: one step in the index of each table for each."""
        held = (*tables.BY_MAILBOX, positions.TABLE)
        return sorted({UUID(bytes=name) for table in held for name in self._names_in(table)})

    def _names_in(self, table: str) -> Iterator[bytes]:
        """The mailboxes of a table; no query finds a row that has no such name."""
        step = f"SELECT MIN(mailbox) FROM {table} WHERE mailbox>?"
        (last,) = self._connection.execute(step, (b"",)).fetchone()
        while last is not None:
            if len(last) == 16:
                yield last
            (last,) = self._connection.execute(step, (last,)).fetchone()

    def clear(self, mailbox: UUID) -> None:
        """Forget all rows of a mailbox."""
        self._connection.execute(f"{_DROP_BODIES}mailbox=?)", (mailbox.bytes,))
        for table in tables.BY_MAILBOX:
            self._connection.execute(f"DELETE FROM {table} WHERE mailbox=?", (mailbox.bytes,))
        positions.clear(self._connection, mailbox)
        search.clear(self._connection, mailbox)

    def fingerprint(self, mailbox: UUID) -> str:
        """SHA-256 over every value of every row, in the order of the keys."""
        digest = hashlib.sha256()
        columns = (MESSAGE_COLUMNS, FOLDER_COLUMNS, PERSON_COLUMNS)
        keys = ("message", "folder", "key")
        for table, names, key in zip(tables.BY_MAILBOX, columns, keys, strict=True):
            statement = f"SELECT {', '.join(names)} FROM {table} WHERE mailbox=? ORDER BY {key}"
            if table == "view_messages":
                statement = f"{_SELECT_MESSAGE}WHERE mailbox=? ORDER BY {key}"
            for row in self._connection.execute(statement, (mailbox.bytes,)):
                digest.update(repr(row).encode())
        return digest.hexdigest()


def _filled(names: Sequence[bytes]) -> list[bytes]:
    """The same, some of them twice: statements of few sizes are prepared once."""
    size = 1
    while size < len(names):
        size *= 2
    return [*names, *([names[0]] * (size - len(names)))]


def _bodies(wanted: bool) -> tuple[str, str]:
    """The column of bodies and the table to join for it; nothing that large is read if it is not wanted."""
    return ("body", "CROSS JOIN view_bodies USING (place)") if wanted else ("x''", "")


def _selection(mailbox: UUID, folder: UUID | None, where: Where | None) -> tuple[str, list[AnyValue]]:
    chosen = "mailbox=? AND in_mailbox=1" if folder is None else "mailbox=? AND folder=?"
    values: list[AnyValue] = [mailbox.bytes, *([folder.bytes] if folder else [])]
    if where is None:
        return chosen, values
    more, more_values = condition(flat(where))
    return f"{chosen} AND {more}", [*values, *more_values]


def _maybe_uuid(text: str) -> bytes | None:
    try:
        return UUID(text).bytes
    except ValueError:
        return None
