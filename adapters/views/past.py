"""The lists of earlier positions in SQLite, in a file of their own beside the store.

A message is in a list for a stretch of positions. Lists are cut into epochs, each of which begins with a copy
of what is in the list and ends when as much has changed: so what has to be passed over to answer a question
about one position depends on how much the list held then, not on how long the history is (ADR 46).
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.files import disk_troubles_told
from letterbook.adapters.store.troubles import troubles_told
from letterbook.adapters.views.conditions import column_of, condition, ordering, place_condition
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.adapters.views.tables import MESSAGE_COLUMNS, message_values
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import NOTHING_YET, Found, Turn
from letterbook.application.ports import Head
from letterbook.application.querying import Field, PageQuery, Where, flat
from letterbook.application.rows import MessageRow
from letterbook.application.troubles import StoreBusy

_SHAPE = 1
"""Of the tables; a file that has others is emptied (SQLite's ``user_version``)."""
_OPEN = 2**62
"""Until when a message is in a list that it has not left."""
_SHORTEST = 512
"""Changes of a list that an epoch has at least."""
_PLAIN = tuple(name for name in MESSAGE_COLUMNS if name not in ("mailbox", "message", "head", "beta", "tail"))
_TABLES = ("past_mailboxes", "past_versions", "past_lists", "past_heads")
_CREATE = (
    "CREATE TABLE past_mailboxes (mailbox BLOB PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL)",
    (
        "CREATE TABLE past_versions (mailbox BLOB, message BLOB, since INTEGER, "
        f"{', '.join(_PLAIN)}, PRIMARY KEY (mailbox, message, since)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_lists (list BLOB, epoch INTEGER, received INTEGER, name BLOB, since INTEGER, "
        "until INTEGER NOT NULL, PRIMARY KEY (list, epoch, received, name, since)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE past_heads (list BLOB, seq INTEGER, mailbox BLOB NOT NULL, epoch INTEGER NOT NULL, "
        "newest INTEGER NOT NULL, total INTEGER NOT NULL, unread INTEGER NOT NULL, changes INTEGER NOT NULL, "
        "PRIMARY KEY (list, seq)) WITHOUT ROWID"
    ),
)
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-8192", "temp_store=MEMORY")
_OF_THE_WRITER = ("cache_size=-32768", "wal_autocheckpoint=8000")
"""A slice changes pages all over the file: they are kept until it is written, and not moved at once."""
_PUT_VERSION = (
    f"INSERT INTO past_versions (mailbox, message, since, {', '.join(_PLAIN)}) "
    f"VALUES (?,?,?{',?' * len(_PLAIN)})"
)
_ENTER = "INSERT INTO past_lists VALUES (?,?,?,?,?,?)"
_LEAVE = "UPDATE past_lists SET until=? WHERE list=? AND epoch=? AND received=? AND name=? AND until=?"
_COPY = (
    "INSERT INTO past_lists SELECT list, epoch + 1, received, name, since, until FROM past_lists "
    "WHERE list=? AND epoch=? AND until=?"
)
_PUT_HEAD = "INSERT OR REPLACE INTO past_heads VALUES (?,?,?,?,?,?,?,?)"
_HEAD = (
    "SELECT epoch, newest, total, unread, changes FROM past_heads WHERE list=? AND seq<=? "
    "ORDER BY seq DESC LIMIT 1"
)
_LISTED = (
    "FROM past_lists AS l CROSS JOIN past_versions AS v ON v.mailbox=? AND v.message=l.name AND v.since="
    "(SELECT max(x.since) FROM past_versions AS x WHERE x.mailbox=? AND x.message=l.name AND x.since<=?) "
    "WHERE l.list=? AND l.epoch=? AND l.received<=? AND l.since<=? AND l.until>?"
)
_LASTS = (
    "NOT EXISTS (SELECT 1 FROM past_versions AS y "
    "WHERE y.mailbox=v.mailbox AND y.message=v.message AND y.since>v.since)"
)


_Entry = tuple[bytes, int, int, bytes]
"""A list, an epoch of it, where in it, and the message that is there."""


class _Head(NamedTuple):
    """A list at a position: its epoch, its counts, and how much has changed in this epoch."""

    epoch: int = 0
    newest: int = -_OPEN
    """No message in it was received later."""
    total: int = 0
    unread: int = 0
    changes: int = 0
    """How often one left, or came below the newest: what is above that is never passed over."""


class SqlitePastLists:
    """Earlier lists in a file; ``None`` keeps them in memory. Any number of threads and processes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []

    # -- connections --

    def _connect(self, more: Sequence[str] = ()) -> sqlite3.Connection:
        if self._path is not None and not self._path.exists():
            with disk_troubles_told("earlier lists"):
                self._path.touch(mode=0o600)  # it will hold what letters are about
        place = ":memory:" if self._path is None else str(self._path)
        connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False, timeout=30)
        for pragma in (*_PRAGMAS, *more):
            connection.execute(f"PRAGMA {pragma}")
        SqliteViews.prepare(connection)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; one at a time."""
        with self._writing, troubles_told():
            connection = self._writer = self._writer or self._connect(_OF_THE_WRITER)
            connection.execute("BEGIN IMMEDIATE")
            try:
                _make_tables(connection)
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if self._path is None:
            with self._transaction() as connection:
                yield connection
            return
        with troubles_told():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._begun()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    def _begun(self) -> sqlite3.Connection:
        """A connection to a file that has the tables."""
        with self._transaction():
            pass
        return self._connect()

    def close(self) -> None:
        """Close every connection."""
        with self._writing:
            for connection in [*self._idle, *([self._writer] if self._writer else [])]:
                connection.close()
            self._idle.clear()
            self._writer = None

    # -- learning --

    def begun(self) -> bool:
        """Whether there is anything; a file that is not there is not made."""
        return self._writer is not None if self._path is None else self._path.exists()

    def reached(self, mailbox: UUID) -> Head:
        """Up to which event the lists are right."""
        with self._reading() as connection:
            return _reached(connection, mailbox)

    def learn(self, mailbox: UUID, after: int, end: Head, turns: Iterable[Turn]) -> None:
        """Take in what happened."""
        with self._transaction() as connection:
            if _reached(connection, mailbox).seq != after:
                return
            _Lesson(connection, mailbox).learn(turns)
            values = (mailbox.bytes, end.seq, end.hash)
            connection.execute("INSERT OR REPLACE INTO past_mailboxes VALUES (?,?,?)", values)

    def forget(self, mailbox: UUID) -> None:
        """Begin anew."""
        with self._transaction() as connection:
            lists = "SELECT list FROM past_heads WHERE mailbox=?"
            connection.execute(f"DELETE FROM past_lists WHERE list IN ({lists})", (mailbox.bytes,))
            for table in ("past_heads", "past_versions", "past_mailboxes"):
                connection.execute(f"DELETE FROM {table} WHERE mailbox=?", (mailbox.bytes,))

    def clear(self) -> None:
        """Begin anew, with a file in which nothing is left."""
        if self._path is not None and not self._path.exists():
            return
        with self._transaction() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")
        with self._writing, troubles_told(), closing(self._connect()) as connection:
            connection.execute("VACUUM")
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise StoreBusy("somebody has been reading earlier lists for too long")

    # -- asking --

    def page(self, mailbox: UUID, at: int, query: PageQuery) -> list[Found]:
        """The messages that a query asked for."""
        order = query.order
        by_index = [each.by for each in order] == [Field.RECEIVED]
        way = "DESC" if order[0].descending else "ASC"
        sorted_by = "l.received" if by_index else ", ".join(column_of(each.by) for each in order)
        ordered = f"l.received {way}, l.name {way}" if by_index else ordering(order)
        more: list[tuple[str, list[Any]]] = []
        if query.after and by_index:
            sign, place = "<" if order[0].descending else ">", query.after
            more.append((f"(l.received, l.name) {sign} (?, ?)", [*place.values, place.message.bytes]))
        elif query.after:
            more.append(place_condition(order, query.after))
        what, end = f"l.name, v.since, {_LASTS}, {sorted_by}", f"ORDER BY {ordered} LIMIT ? OFFSET ?"
        listed = _Listed(mailbox, at, query.folder, query.where, more)
        with self._reading() as connection:
            rows = listed.ask(connection, what, end, query.top, query.skip)
        return [
            Found(UUID(bytes=name), since, bool(lasts), tuple(place)) for name, since, lasts, *place in rows
        ]

    def count(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""
        with self._reading() as connection:
            if where is None:
                return _head(connection, (folder or mailbox).bytes, at).total
            rows = _Listed(mailbox, at, folder, where).ask(connection, "count(*)", "")
        return int(rows[0][0]) if rows else 0

    def names(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found."""
        with self._reading() as connection:
            rows = _Listed(mailbox, at, folder, where).ask(connection, "l.name", "")
        return [UUID(bytes=name) for (name,) in rows]

    def tallies(self, at: int, folders: Sequence[UUID]) -> list[tuple[int, int]]:
        """What each folder counted."""
        with self._reading() as connection:
            heads = [_head(connection, folder.bytes, at) for folder in folders]
        return [(head.total, head.unread) for head in heads]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list at a position, as far as a condition chooses from it."""

    mailbox: UUID
    at: int
    folder: UUID | None
    where: Where | None
    more: Sequence[tuple[str, list[Any]]] = ()

    def ask(self, connection: sqlite3.Connection, what: str, end: str, *bounds: int) -> list[Any]:
        """A question about it; an epoch that nothing began holds nothing."""
        name, home = (self.folder or self.mailbox).bytes, self.mailbox.bytes
        head = _head(connection, name, self.at)
        chosen = [*([condition(flat(self.where))] if self.where is not None else []), *self.more]
        text = "".join(f" AND {part}" for part, _ in chosen)
        values = [home, home, self.at, name, head.epoch, head.newest, self.at, self.at]
        values += [value for _, part in chosen for value in part]
        return connection.execute(f"SELECT {what} {_LISTED}{text} {end}", (*values, *bounds)).fetchall()


class _Lesson:
    """Some turns of one mailbox, being written down: gathered, and then written together."""

    def __init__(self, connection: sqlite3.Connection, mailbox: UUID) -> None:
        self._connection = connection
        self._home = mailbox.bytes
        self._heads: dict[bytes, _Head] = {}
        self._new_heads: dict[tuple[bytes, int], _Head] = {}
        self._versions: list[tuple[Any, ...]] = []
        self._open: dict[_Entry, int] = {}
        """Since when what came to a list in this lesson is there."""
        self._entered: list[tuple[_Entry, int, int]] = []
        self._left: list[tuple[Any, ...]] = []

    def learn(self, turns: Iterable[Turn]) -> None:
        """Turn by turn."""
        home = blob(self._home)
        for turn in turns:
            if turn.after:
                values = message_values(home, turn.after)
                self._versions.append((home, values[1], turn.seq, *values[2:-3]))
            before, after = self._places(turn.before), self._places(turn.after)
            for name in before | after:
                self._move(turn, name, before.get(name), after.get(name))
        self._write()

    def _places(self, row: MessageRow | None) -> dict[bytes, tuple[int, int]]:
        """The lists that a message is in; in each, its place and whether it counts as unread."""
        if row is None:
            return {}
        place, folder = (microseconds(row.received_at), int(not row.is_read)), row.folder.bytes
        return {folder: place, self._home: place} if row.in_mailbox else {folder: place}

    def _move(
        self, turn: Turn, name: bytes, before: tuple[int, int] | None, after: tuple[int, int] | None
    ) -> None:
        """One list in which a message was, or is now, or both."""
        if before == after:
            return
        head, message = self._head(name), turn.message.bytes
        stays = bool(before and after and before[0] == after[0])
        if before and not stays:
            self._leave((name, head.epoch, before[0], message), turn.seq)
        if after and not stays:
            self._open[name, head.epoch, after[0], message] = turn.seq
        head = _Head(
            head.epoch,
            max(head.newest, after[0]) if after else head.newest,
            head.total + bool(after) - bool(before),
            head.unread + (after[1] if after else 0) - (before[1] if before else 0),
            head.changes + (not stays and not (after and after[0] > head.newest)),
        )
        self._put(name, turn.seq, head)

    def _leave(self, entry: "_Entry", seq: int) -> None:
        since = self._open.pop(entry, None)
        if since is None:
            name, epoch, received, message = entry
            self._left.append((seq, blob(name), epoch, received, blob(message), _OPEN))
        else:
            self._entered.append((entry, since, seq))

    def _head(self, name: bytes) -> _Head:
        if name not in self._heads:
            self._heads[name] = _head(self._connection, name, _OPEN)
        return self._heads[name]

    def _put(self, name: bytes, seq: int, head: _Head) -> None:
        """A list as it is from here on; in a new epoch, if half as much has changed as it holds.

        A list that only grows has changed as much then as it held in the beginning.
        """
        if head.changes >= max(_SHORTEST, head.total // 2):
            self._write_lists()
            self._connection.execute(_COPY, (name, head.epoch, _OPEN))
            head = head._replace(epoch=head.epoch + 1, changes=0)
        self._heads[name] = self._new_heads[name, seq] = head

    def _write(self) -> None:
        """All that was gathered, each table in the order of its keys."""
        home, many = blob(self._home), self._connection.executemany
        many(_PUT_VERSION, sorted(self._versions, key=itemgetter(1, 2)))
        self._write_lists()
        heads = sorted(self._new_heads.items())
        many(_PUT_HEAD, ((blob(name), seq, home, *head) for (name, seq), head in heads))

    def _write_lists(self) -> None:
        """First who left: none of them came in this lesson."""
        self._connection.executemany(_LEAVE, self._left)
        self._entered += [(entry, since, _OPEN) for entry, since in self._open.items()]
        rows = (
            (blob(name), epoch, received, blob(message), since, until)
            for (name, epoch, received, message), since, until in sorted(self._entered)
        )
        self._connection.executemany(_ENTER, rows)
        self._left, self._entered, self._open = [], [], {}


def _head(connection: sqlite3.Connection, name: bytes, at: int) -> _Head:
    found = connection.execute(_HEAD, (name, at)).fetchone()
    return _Head(*found) if found else _Head()


def _reached(connection: sqlite3.Connection, mailbox: UUID) -> Head:
    statement = "SELECT seq, hash FROM past_mailboxes WHERE mailbox=?"
    found = connection.execute(statement, (mailbox.bytes,)).fetchone()
    return Head(*found) if found else NOTHING_YET


def _make_tables(connection: sqlite3.Connection) -> None:
    """The tables of this version, empty, where there are none or others."""
    if connection.execute("PRAGMA user_version").fetchone() == (_SHAPE,):
        return
    for table in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _CREATE:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={_SHAPE}")
