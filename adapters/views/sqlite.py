"""Views in SQLite tables, on sqlite-utils.

sqlite-utils makes the tables and indexes. On the connection it works on, rows of messages are written with
``executemany``, measured three times as fast as its ``upsert_all`` (ADR 6), and questions are asked.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any as AnyValue
from uuid import UUID

from sqlite_utils import Database

from letterbook.adapters.views import search
from letterbook.adapters.views.conditions import column_of, condition, ordering, place_condition
from letterbook.adapters.views.connection import Connection
from letterbook.application.moments import microseconds, moment
from letterbook.application.querying import PageQuery, Where, flat
from letterbook.application.rows import (
    Count,
    DropFolder,
    DropMessage,
    FolderRow,
    Leaf,
    MessageRow,
    PersonRow,
    PutFolder,
    PutMessage,
    PutPerson,
    ViewChange,
)
from letterbook.application.searching import Backlog, SearchQuery, Worded
from letterbook.domain.folders import FolderSearch

MESSAGE_COLUMNS: dict[str, type] = {
    "mailbox": bytes,
    "message": bytes,
    "folder": bytes,
    "in_mailbox": int,
    "received_at": int,
    "sent_at": int,
    "created_at": int,
    "modified_at": int,
    "is_read": int,
    "is_draft": int,
    "has_attachments": int,
    "mentions_owner": int,
    "size": int,
    "importance": str,
    "flag_status": str,
    "inference": str,
    "from_address": str,
    "from_name": str,
    "subject": str,
    "conversation": str,
    "internet_message_id": str,
    "attachment_names": str,
    "head": bytes,
    "beta": bytes,
    "tail": bytes,
}
_FOLDER_COLUMNS: dict[str, type] = {
    "mailbox": bytes,
    "folder": bytes,
    "name": str,
    "parent": bytes,
    "well_known": str,
    "hidden": int,
    "total": int,
    "unread": int,
    "search": str,
}
_PERSON_COLUMNS: dict[str, type] = {"key": str, "mailbox": bytes, "address": str, "name": str}
_TABLES = ("view_messages", "view_folders", "view_people")
TABLES = (*_TABLES, "view_bodies", "view_positions")
_SHAPE = {
    "view_messages": {"place", *MESSAGE_COLUMNS},
    "view_bodies": {"place", "body"},
    "view_folders": set(_FOLDER_COLUMNS),
    "view_people": set(_PERSON_COLUMNS),
    "view_positions": {"mailbox", "seq"},
    **search.SHAPE,
}
"""The tables and columns of this version. A file that has others is given these, and they are made anew."""


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
_PUT_FOLDER = _upsert("view_folders", _FOLDER_COLUMNS, ("mailbox", "folder"), kept=("total", "unread"))
_PUT_PERSON = _upsert("view_people", _PERSON_COLUMNS, ("key",))
_PUT_POSITION = _upsert("view_positions", ("mailbox", "seq"), ("mailbox",))
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
_DROP_BODIES = "DELETE FROM view_bodies WHERE place IN (SELECT place FROM view_messages WHERE "


class SqliteViews:
    """The views inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the tables and indexes."""
        db = Database(connection, execute_plugins=False)
        known = set(db.table_names())
        if "view_messages" in known and _shape(db) == _SHAPE:
            return
        _drop(db, known)
        _create_rows(db)
        search.create(connection)

    @staticmethod
    def prepare(connection: sqlite3.Connection) -> None:
        """Teach a fresh connection what the conditions need."""
        connection.create_function("fold", 1, str.casefold, deterministic=True)
        # SQLite's own substr() and length() end at a NUL.
        connection.create_function("starts", 2, str.startswith, deterministic=True)
        connection.create_function("ends", 2, str.endswith, deterministic=True)

    def apply(self, mailbox: UUID, position: int, changes: Iterable[ViewChange]) -> None:
        """Keep what changed."""
        rows: list[tuple[AnyValue, ...]] = []
        redrawn: list[tuple[AnyValue, ...]] = []
        bodies: list[tuple[AnyValue, ...]] = []
        counts: list[tuple[AnyValue, ...]] = []
        notes: list[search.Note] = []
        home = mailbox.bytes
        for change in changes:
            match change:
                case PutMessage(row):
                    values = message_values(home, row)
                    (rows if change.placed else redrawn).append(values)
                    if change.rewritten:
                        bodies.append((home, values[1], row.body))
                    if change.reworded:
                        notes.append((home, values[1], position))
                case Count(folder, total, unread):
                    counts.append((total, unread, home, folder.bytes))
                case _:
                    if isinstance(change, DropMessage):
                        notes.append((home, change.message.bytes, position))
                    self._write(rows, redrawn, bodies, counts)
                    self._apply_rare(mailbox, change)
        self._write(rows, redrawn, bodies, counts)
        search.note(self._connection, notes)
        self._connection.execute(_PUT_POSITION, (home, position))

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
                run(_PUT_FOLDER, _folder_values(mailbox, folder))
            case DropFolder(folder_id):
                run("DELETE FROM view_folders WHERE mailbox=? AND folder=?", (mailbox.bytes, folder_id.bytes))
            case PutPerson(person):
                values = (person.address.casefold(), person.mailbox.bytes, person.address, person.name)
                run(_PUT_PERSON, values)
            case PutMessage() | Count():
                raise AssertionError("written in bulk")

    def position(self, mailbox: UUID) -> int:
        """The position of the history that the rows hold."""
        statement = "SELECT seq FROM view_positions WHERE mailbox=?"
        found = self._connection.execute(statement, (mailbox.bytes,)).fetchone()
        return found[0] if found else 0

    def message(self, mailbox: UUID, message: UUID) -> MessageRow | None:
        """One message."""
        statement = _SELECT_MESSAGE + "WHERE mailbox=? AND message=?"
        found = self._connection.execute(statement, (mailbox.bytes, message.bytes)).fetchone()
        return _message_row(found) if found else None

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages that a query asks for."""
        where, values = _selection(mailbox, query.folder, query.where)
        if query.after:
            more, more_values = place_condition(query.order, query.after)
            where, values = f"{where} AND {more}", [*values, *more_values]
        sorted_by = ", ".join(column_of(each.by) for each in query.order)
        body, join = ("body", "CROSS JOIN view_bodies USING (place)") if query.bodies else ("x''", "")
        statement = (
            f"SELECT message, head, beta, {body}, tail, {sorted_by} FROM view_messages {join} WHERE {where} "
            f"ORDER BY {ordering(query.order)} LIMIT ? OFFSET ?"
        )
        found = self._connection.execute(statement, (*values, query.top, query.skip))
        return [
            Leaf(name, head, beta, body, tail, tuple(place)) for name, head, beta, body, tail, *place in found
        ]

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
        return [Leaf(name, head, beta, body, tail, (key,)) for name, head, beta, body, tail, key in found]

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Messages whose words are yet to be put into the index."""
        return search.noted(self._connection, mailbox, limit)

    def index(self, ready: Iterable[Worded]) -> None:
        """Put words into the index."""
        search.index(self._connection, ready)

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder of a mailbox."""
        statement = f"SELECT {', '.join(_FOLDER_COLUMNS)} FROM view_folders WHERE mailbox=? ORDER BY rowid"
        return [_folder_row(row) for row in self._connection.execute(statement, (mailbox.bytes,))]

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

    def clear(self, mailbox: UUID) -> None:
        """Forget all rows of a mailbox."""
        self._connection.execute(f"{_DROP_BODIES}mailbox=?)", (mailbox.bytes,))
        for table in (*_TABLES, "view_positions"):
            self._connection.execute(f"DELETE FROM {table} WHERE mailbox=?", (mailbox.bytes,))
        search.clear(self._connection, mailbox)

    def fingerprint(self, mailbox: UUID) -> str:
        """SHA-256 over every value of every row, in the order of the keys."""
        digest = hashlib.sha256()
        columns = (MESSAGE_COLUMNS, _FOLDER_COLUMNS, _PERSON_COLUMNS)
        keys = ("message", "folder", "key")
        for table, names, key in zip(_TABLES, columns, keys, strict=True):
            statement = f"SELECT {', '.join(names)} FROM {table} WHERE mailbox=? ORDER BY {key}"
            if table == "view_messages":
                statement = f"{_SELECT_MESSAGE}WHERE mailbox=? ORDER BY {key}"
            for row in self._connection.execute(statement, (mailbox.bytes,)):
                digest.update(repr(row).encode())
        return digest.hexdigest()


def _shape(db: Database) -> dict[str, set[str]]:
    """The tables of the views and their columns."""
    return {name: set(db.table(name).columns_dict) for name in _SHAPE if db.table(name).exists()}


def _drop(db: Database, known: Iterable[str]) -> None:
    """Everything that an earlier version kept in another shape: it can be made again."""
    for name in (*TABLES, *search.TABLES):
        for each in {name, name.replace("view_", "fresh_"), name.replace("view_", "old_")} & set(known):
            db.execute(f"DROP TABLE {each}")


def _create_rows(db: Database) -> None:
    """The tables and indexes of rows."""
    messages = db.table("view_messages")
    messages.create({"place": int, **MESSAGE_COLUMNS}, pk="place", not_null=set(MESSAGE_COLUMNS))
    messages.create_index(("mailbox", "message"), unique=True)
    messages.create_index(("mailbox", "folder", "received_at", "message"))
    messages.create_index(("mailbox", "in_mailbox", "received_at", "message"))
    db.execute(  # sqlite-utils has no words for an index of some rows
        "CREATE INDEX view_messages_unread ON view_messages (mailbox, folder, received_at, message) "
        "WHERE is_read = 0"
    )
    db.table("view_bodies").create({"place": int, "body": bytes}, pk="place", not_null={"body"})
    db.table("view_folders").create(_FOLDER_COLUMNS, pk=("mailbox", "folder"))
    db.table("view_people").create(_PERSON_COLUMNS, pk="key")
    db.table("view_people").create_index(("mailbox",))
    db.table("view_positions").create({"mailbox": bytes, "seq": int}, pk="mailbox")


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


def message_values(home: bytes, row: MessageRow) -> tuple[AnyValue, ...]:
    """The columns of a message."""
    return (
        home,
        row.message.bytes,
        row.folder.bytes,
        row.in_mailbox,
        microseconds(row.received_at),
        microseconds(row.sent_at),
        microseconds(row.created_at),
        microseconds(row.modified_at),
        row.is_read,
        row.is_draft,
        row.has_attachments,
        row.mentions_owner,
        row.size,
        row.importance,
        row.flag_status,
        row.inference,
        row.from_address,
        row.from_name,
        row.subject,
        row.conversation,
        row.internet_message_id,
        row.attachment_names,
        row.head,
        row.beta,
        row.tail,
    )


def _message_row(values: tuple[AnyValue, ...]) -> MessageRow:
    return MessageRow(
        message=UUID(bytes=values[1]),
        folder=UUID(bytes=values[2]),
        in_mailbox=bool(values[3]),
        received_at=moment(values[4]),
        sent_at=moment(values[5]),
        created_at=moment(values[6]),
        modified_at=moment(values[7]),
        is_read=bool(values[8]),
        is_draft=bool(values[9]),
        has_attachments=bool(values[10]),
        mentions_owner=bool(values[11]),
        size=values[12],
        importance=values[13],
        flag_status=values[14],
        inference=values[15],
        from_address=values[16],
        from_name=values[17],
        subject=values[18],
        conversation=values[19],
        internet_message_id=values[20],
        attachment_names=values[21],
        head=values[22],
        beta=values[23],
        tail=values[24],
        body=values[25],
    )


def _folder_values(mailbox: UUID, row: FolderRow) -> tuple[AnyValue, ...]:
    parent = row.parent.bytes if row.parent else None
    key = (mailbox.bytes, row.folder.bytes)
    search = row.search.model_dump_json() if row.search else None
    return (*key, row.name, parent, row.well_known, row.hidden, row.total, row.unread, search)


def _folder_row(values: tuple[AnyValue, ...]) -> FolderRow:
    _, folder, name, parent, well_known, hidden, total, unread, search = values
    return FolderRow(
        folder=UUID(bytes=folder),
        name=name,
        parent=UUID(bytes=parent) if parent else None,
        well_known=well_known,
        hidden=bool(hidden),
        total=total,
        unread=unread,
        search=FolderSearch.model_validate_json(search) if search else None,
    )
