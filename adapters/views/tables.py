"""The tables of the views: their columns, how they are made, and their rows as the application knows them."""

import sqlite3
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from letterbook.adapters.binding import blob
from letterbook.adapters.views import marks, positions, search
from letterbook.application.moments import microseconds, moment
from letterbook.application.rows import FolderRow, MessageRow
from letterbook.application.showing import USUAL_BETA
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
    "sender_address": str,
    "sender_name": str,
    "marks": str,
    "head": bytes,
    "beta": bytes,
    "tail": bytes,
}
FOLDER_COLUMNS: dict[str, type] = {
    "mailbox": bytes,
    "folder": bytes,
    "name": str,
    "parent": bytes,
    "well_known": str,
    "hidden": int,
    "total": int,
    "unread": int,
    "search": str,
    "properties": str,
}
PERSON_COLUMNS: dict[str, type] = {"key": str, "mailbox": bytes, "address": str, "name": str}
BY_MAILBOX = ("view_messages", "view_folders", "view_people")
TABLES = (*BY_MAILBOX, "view_bodies", positions.TABLE)
_SHAPE = {
    "view_messages": {"place", *MESSAGE_COLUMNS},
    "view_bodies": {"place", "body"},
    "view_folders": set(FOLDER_COLUMNS),
    "view_people": set(PERSON_COLUMNS),
    positions.TABLE: set(positions.COLUMNS),
    **search.SHAPE,
}
"""The tables and columns of this version. A file that has others is given these, and they are made anew."""
_RETIRED = ("view_search_notes",)
"""What earlier versions had."""


def make(connection: sqlite3.Connection) -> None:
    """Make the tables and indexes, where they are not there in just this shape."""
    known = _shape(connection)
    if {name: known.get(name) for name in _SHAPE} == _SHAPE:
        return
    _drop(connection, known)
    _create(connection)
    positions.create(connection)
    search.create(connection)


def _shape(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The tables of the file and their columns."""
    statement = (
        "SELECT tables.name, columns.name FROM sqlite_master AS tables "
        "JOIN pragma_table_info(tables.name) AS columns WHERE tables.type='table'"
    )
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(statement):
        found.setdefault(table, set()).add(column)
    return found


def _drop(connection: sqlite3.Connection, known: Iterable[str]) -> None:
    """Everything that an earlier version kept in another shape: it can be made again."""
    for name in (*TABLES, *search.TABLES, *_RETIRED):
        for each in {name, name.replace("view_", "fresh_"), name.replace("view_", "old_")} & set(known):
            connection.execute(f"DROP TABLE {each}")


def _create(connection: sqlite3.Connection) -> None:
    """The tables and indexes of rows."""
    from sqlite_utils import Database  # takes its time to start, and few programs make a store

    db = Database(connection, execute_plugins=False)
    messages = db.table("view_messages")
    needed = set(MESSAGE_COLUMNS) - {"sender_address", "sender_name"}
    messages.create({"place": int, **MESSAGE_COLUMNS}, pk="place", not_null=needed)
    messages.create_index(("mailbox", "message"), unique=True)
    messages.create_index(("mailbox", "folder", "received_at", "message"))
    messages.create_index(("mailbox", "in_mailbox", "received_at", "message"))
    db.execute(  # sqlite-utils has no words for an index of some rows
        "CREATE INDEX view_messages_unread ON view_messages (mailbox, folder, received_at, message) "
        "WHERE is_read = 0"
    )
    for statement in marks.INDEXES:
        db.execute(statement)
    db.table("view_bodies").create({"place": int, "body": bytes}, pk="place", not_null={"body"})
    db.table("view_folders").create(FOLDER_COLUMNS, pk=("mailbox", "folder"))
    db.table("view_people").create(PERSON_COLUMNS, pk="key")
    db.table("view_people").create_index(("mailbox",))


_NUMBERS = {beta: number for number, beta in enumerate(USUAL_BETA)}


def kept_beta(beta: bytes) -> bytearray | int:
    """The members that only beta has; the usual ones as their number."""
    number = _NUMBERS.get(beta)
    return blob(beta) if number is None else number


def read_beta(kept: bytes | int) -> bytes:
    """What :func:`kept_beta` kept."""
    return USUAL_BETA[kept] if isinstance(kept, int) else kept


def message_values(home: bytearray, row: MessageRow) -> tuple[Any, ...]:
    """The columns of a message. Its moments are often one."""
    received = microseconds(row.received_at)
    return (
        home,
        blob(row.message.bytes),
        blob(row.folder.bytes),
        int(row.in_mailbox),
        received,
        received if row.sent_at is row.received_at else microseconds(row.sent_at),
        microseconds(row.created_at),
        received if row.modified_at is row.received_at else microseconds(row.modified_at),
        int(row.is_read),
        int(row.is_draft),
        int(row.has_attachments),
        int(row.mentions_owner),
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
        row.sender_address,
        row.sender_name,
        marks.kept(row.marks),
        blob(row.head),
        kept_beta(row.beta),
        blob(row.tail),
    )


def message_row(values: tuple[Any, ...]) -> MessageRow:
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
        sender_address=values[22],
        sender_name=values[23],
        marks=marks.read_kept(values[24]),
        head=values[25],
        beta=read_beta(values[26]),
        tail=values[27],
        body=values[28],
    )


def folder_values(mailbox: UUID, row: FolderRow) -> tuple[Any, ...]:
    parent = row.parent.bytes if row.parent else None
    key = (mailbox.bytes, row.folder.bytes)
    search = row.search.model_dump_json() if row.search else None
    counted = (row.name, parent, row.well_known, row.hidden, row.total, row.unread)
    return (*key, *counted, search, marks.kept_properties(row.properties))


def folder_row(values: tuple[Any, ...]) -> FolderRow:
    _, folder, name, parent, well_known, hidden, total, unread, search, properties = values
    return FolderRow(
        folder=UUID(bytes=folder),
        name=name,
        parent=UUID(bytes=parent) if parent else None,
        well_known=well_known,
        hidden=bool(hidden),
        total=total,
        unread=unread,
        search=FolderSearch.model_validate_json(search) if search else None,
        properties=marks.read_properties(properties),
    )
