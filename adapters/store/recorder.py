"""The event table, as a recorder of the ``eventsourcing`` library.

The library counts events for a whole database; here every mailbox counts its own, without gaps, and every
event is sealed into its mailbox's chain. :class:`MailboxRecorder` replaces the table and the statements of
the library's SQLite recorder and keeps its way of being made: ``PERSISTENCE_MODULE`` names this module.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing import sqlite
from eventsourcing.persistence import IntegrityError, Notification, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteCursor,
    SQLiteDatastore,
)
from eventsourcing.utils import Environment

from letterbook.adapters.binding import blob
from letterbook.adapters.store.belief import LinkedRow, damaged
from letterbook.adapters.store.chain import beginning, check_next, seal
from letterbook.adapters.store.connections import DurableDatastore
from letterbook.adapters.store.remembered import Remembered
from letterbook.application.ports import Head, StoredFact
from letterbook.application.troubles import StoreDamaged

EventRow = tuple[bytes, int, bytes, int, str, bytes, int, bytes]
"""mailbox, seq, aggregate, version, topic, state, recorded, hash"""

NewEvent = tuple[UUID, int, str, bytes]
"""aggregate, version, topic, state"""

_COLUMNS = "mailbox, seq, aggregate, version, topic, state, recorded, hash"


@dataclass(frozen=True)
class SealedEvent(Notification):
    """A stored event with its place in a mailbox (``id``), its time and its seal."""

    mailbox: UUID
    recorded: int
    hash: bytes


class MailboxRecorder(SQLiteApplicationRecorder):
    """Events with a place in their mailbox and a seal.

    Every question of the library's recorder is asked of one mailbox: it takes the keyword ``mailbox``.
    """

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "events") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.insert_events_statement = (
            f"INSERT INTO {events_table_name} ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"
        )
        self._select = f"SELECT {_COLUMNS} FROM {events_table_name} WHERE mailbox=? "
        named = ", ".join(f"e.{column}" for column in _COLUMNS.split(", "))
        linked = (
            f"SELECT {named}, p.hash FROM {events_table_name} AS e LEFT JOIN {events_table_name} AS p "
            "ON p.mailbox=e.mailbox AND p.seq=e.seq-1 WHERE "
        )
        self._linked = f"{linked}e.mailbox=? "
        some = ",".join("?" * 128)
        self._near_name = f"{linked}e.mailbox=? AND e.aggregate IN ({some})"
        self._near_home = f"{linked}e.mailbox IN ({some}) AND e.aggregate=?"
        self.remembered = Remembered(events_table_name)

    def construct_create_table_statements(self) -> list[str]:
        """One table; both of its keys begin with the mailbox."""
        table = (
            f"CREATE TABLE IF NOT EXISTS {self.events_table_name} ("
            "mailbox BLOB NOT NULL, seq INTEGER NOT NULL, "
            "aggregate BLOB NOT NULL, version INTEGER NOT NULL, "
            "topic TEXT NOT NULL, state BLOB NOT NULL, recorded INTEGER NOT NULL, hash BLOB NOT NULL, "
            "PRIMARY KEY (mailbox, seq), UNIQUE (mailbox, aggregate, version))"
        )
        return [table]

    # -- writing: inside a transaction of the caller's --

    def add(
        self, connection: sqlite3.Connection, mailbox: UUID, events: Iterable[NewEvent], recorded: int
    ) -> int:
        """Seal events and add them; gives the last position of the mailbox.

        Raises the library's ``IntegrityError`` if an event does not follow on the version before it.
        """
        head = self.head(connection, mailbox)
        self.remembered.make_room()
        home = mailbox.bytes
        place, rows = blob(home), list[tuple[object, ...]]()
        for aggregate, version, topic, state in events:
            name = aggregate.bytes
            self._follow(connection, home, name, version)
            sealed = seal(head.hash, home, head.seq + 1, name, version, recorded, topic, state)
            head = Head(head.seq + 1, sealed)
            rows.append((place, head.seq, blob(name), version, topic, blob(state), recorded, blob(sealed)))
        connection.executemany(self.insert_events_statement, rows)
        self.remembered.added(mailbox, head, len(rows))
        return head.seq

    def restore(self, connection: sqlite3.Connection, facts: Iterable[StoredFact]) -> None:
        """Add events as another store has them. Raises ``SealBroken`` for one that does not follow."""
        for fact in facts:
            head = check_next(self.head(connection, fact.mailbox), fact)
            self._follow(connection, fact.mailbox.bytes, fact.aggregate.bytes, fact.version)
            place = (fact.mailbox.bytes, fact.seq, fact.aggregate.bytes, fact.version)
            row = (*place, fact.topic, fact.state, fact.recorded, fact.hash)
            connection.execute(self.insert_events_statement, row)
            self.remembered.added(fact.mailbox, head, 1)

    def head(self, connection: sqlite3.Connection, mailbox: UUID) -> Head:
        """Where the mailbox's history ends, as this writer knows it."""
        heads = self.remembered.heads
        if mailbox not in heads:
            heads[mailbox] = self.read_head(connection, mailbox)
        return heads[mailbox]

    def _follow(self, connection: sqlite3.Connection, mailbox: bytes, aggregate: bytes, version: int) -> None:
        key = mailbox + aggregate
        if version == 1:  # the table itself refuses a second first version
            known = 0
        elif (known := self.remembered.versions.get(key, -1)) < 0:
            known = self._last_version(connection, mailbox, aggregate)
        if version != known + 1:
            raise IntegrityError(f"version {version} does not follow {known}")
        self.remembered.versions[key] = version

    def _last_version(self, connection: sqlite3.Connection, mailbox: bytes, aggregate: bytes) -> int:
        statement = f"SELECT MAX(version) FROM {self.events_table_name} WHERE mailbox=? AND aggregate=?"
        found = connection.execute(statement, (mailbox, aggregate)).fetchone()
        return int(found[0] or 0)

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **options: Any
    ) -> Sequence[int]:
        """The library's way to write; ``mailbox`` and ``recorded`` (microseconds) are keywords."""
        self.remembered.forget()
        connection = c.sqlite_cursor.connection
        events = (
            (_uuid(event.originator_id), event.originator_version, event.topic, event.state)
            for event in stored_events
        )
        last = self.add(connection, options["mailbox"], events, options["recorded"])
        return range(last - len(stored_events) + 1, last + 1)

    # -- reading --

    def read_head(self, connection: sqlite3.Connection, mailbox: UUID) -> Head:
        """Where the mailbox's history ends, as the table says."""
        statement = (
            f"SELECT seq, hash FROM {self.events_table_name} WHERE mailbox=? ORDER BY seq DESC LIMIT 1"
        )
        found = connection.execute(statement, (mailbox.bytes,)).fetchone()
        if found and not isinstance(found[0], int):
            damaged(mailbox.bytes, found[0])
        return Head(found[0], found[1]) if found else beginning(mailbox)

    def position_at(
        self,
        connection: sqlite3.Connection,
        mailbox: UUID,
        moment: int,
        low: int = 0,
        high: int | None = None,
    ) -> int:
        """The last position recorded at a moment or before, by halving; the table has no index of times."""
        statement = f"SELECT recorded FROM {self.events_table_name} WHERE mailbox=? AND seq=?"
        end = self.read_head(connection, mailbox).seq
        low, high = min(low, end), end + 1 if high is None else min(high, end + 1)
        while high - low > 1:
            middle = (low + high) // 2
            found = connection.execute(statement, (mailbox.bytes, middle)).fetchone()
            if found is None:
                damaged(mailbox.bytes, middle)
            low, high = (middle, high) if found[0] <= moment else (low, middle)
        return low

    def rows(self, connection: sqlite3.Connection, mailbox: UUID, after: int, limit: int) -> list[EventRow]:
        """The events of a mailbox behind a position, in order."""
        statement = self._select + "AND seq>? ORDER BY seq LIMIT ?"
        return connection.execute(statement, (mailbox.bytes, after, limit)).fetchall()

    def aggregate_rows(
        self, connection: sqlite3.Connection, mailbox: UUID, aggregate: UUID, after: int
    ) -> list[EventRow]:
        """The events of one aggregate behind a version, in order."""
        statement = self._select + "AND aggregate=? AND version>? ORDER BY version"
        return connection.execute(statement, (mailbox.bytes, aggregate.bytes, after)).fetchall()

    def linked_rows(
        self, connection: sqlite3.Connection, mailbox: UUID, which: str, values: tuple[object, ...]
    ) -> sqlite3.Cursor:
        """Events of a mailbox, each with the hash that it follows on.

        ``which`` goes on with the condition, for a table named ``e``.
        """
        return connection.execute(f"{self._linked}{which}", (mailbox.bytes, *values))

    def near_rows(
        self, connection: sqlite3.Connection, mailbox: bytes, aggregate: bytes
    ) -> Iterator[LinkedRow]:
        """Events whose aggregate, or whose mailbox, differs from these in one bit; each as above."""
        yield from connection.execute(self._near_name, (mailbox, *_near(aggregate)))
        yield from connection.execute(self._near_home, (*_near(mailbox), aggregate))

    def copy(self, connection: sqlite3.Connection, other: str, mailbox: UUID, end: int) -> None:
        """Put the events of a mailbox up to a position into an attached database, as they are."""
        statement = (
            f"INSERT INTO {other}.{self.events_table_name} ({_COLUMNS}) "
            f"SELECT {_COLUMNS} FROM main.{self.events_table_name} WHERE mailbox=? AND seq<=? ORDER BY seq"
        )
        connection.execute(statement, (mailbox.bytes, end))

    def own_ends(self, connection: sqlite3.Connection) -> list[tuple[UUID, int]]:
        """The position of the newest event of each mailbox itself; one step in the index for each."""
        statement = (
            f"SELECT seq FROM {self.events_table_name} WHERE mailbox=?1 AND aggregate=?1 "
            "ORDER BY version DESC LIMIT 1"
        )
        found = [(each, connection.execute(statement, (each.bytes,))) for each in self.mailboxes(connection)]
        return [(mailbox, seq) for mailbox, rows in found for (seq,) in rows]

    def mailboxes(self, connection: sqlite3.Connection) -> list[UUID]:
        """Every mailbox that has events; one step in the index for each."""
        found: list[UUID] = []
        step = f"SELECT MIN(mailbox) FROM {self.events_table_name} WHERE mailbox>?"
        last = connection.execute(step, (b"",)).fetchone()[0]
        while last is not None:
            if len(last) != 16:
                raise StoreDamaged("the name of a mailbox is not what was recorded")
            found.append(UUID(bytes=last))
            last = connection.execute(step, (last,)).fetchone()[0]
        return found

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
        mailbox: UUID | None = None,
    ) -> Sequence[SealedEvent]:
        """The library's way to read one aggregate."""
        owner = mailbox or _uuid(originator_id)
        with self.datastore.transaction(commit=False) as c:
            rows = self.aggregate_rows(c.sqlite_cursor.connection, owner, _uuid(originator_id), gt or 0)
        chosen = [_sealed(row) for row in rows if lte is None or row[3] <= lte]
        return (chosen[::-1] if desc else chosen)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
        mailbox: UUID | None = None,
    ) -> Sequence[SealedEvent]:
        """The library's way to read a whole mailbox."""
        if mailbox is None:
            raise TypeError("positions are counted for each mailbox: say which")
        after = (start or 0) - (1 if inclusive_of_start and start else 0)
        wanted = f"AND topic IN ({','.join('?' * len(topics))}) " if topics else ""
        statement = f"{self._select}AND seq>? AND seq<=? {wanted}ORDER BY seq LIMIT ?"
        values = (mailbox.bytes, after, _LAST if stop is None else stop, *topics, limit)
        with self.datastore.transaction(commit=False) as c:
            found = c.sqlite_cursor.connection.execute(statement, values).fetchall()
        return [_sealed(tuple(row)) for row in found]


_LAST = 2**63 - 1


def _near(name: bytes) -> list[bytes]:
    """Every name of 16 bytes that differs in one bit."""
    number = int.from_bytes(name)
    return [(number ^ 1 << bit).to_bytes(16) for bit in range(128)]


def _uuid(name: UUID | str) -> UUID:
    return name if isinstance(name, UUID) else UUID(name)


def stored_fact(row: EventRow) -> StoredFact:
    """A row as it is kept."""
    mailbox, seq, aggregate, version, topic, state, recorded, sealed = row
    try:
        name = UUID(bytes=aggregate)
    except (TypeError, ValueError):
        damaged(mailbox, seq)
    return StoredFact(UUID(bytes=mailbox), seq, name, version, topic, state, recorded, sealed)


def _sealed(row: EventRow) -> SealedEvent:
    mailbox, seq, aggregate, version, topic, state, recorded, sealed = row
    return SealedEvent(
        originator_id=UUID(bytes=aggregate),
        originator_version=version,
        topic=topic,
        state=state,
        id=seq,
        mailbox=UUID(bytes=mailbox),
        recorded=recorded,
        hash=sealed,
    )


class Factory(sqlite.SQLiteFactory):
    """Makes the recorder; found by the library through ``PERSISTENCE_MODULE``."""

    application_recorder_class = MailboxRecorder

    def __init__(self, env: Environment | dict[str, str] | None) -> None:
        super().__init__(env)
        self.datastore.close()
        self.datastore: DurableDatastore = DurableDatastore(self.env.get(self.SQLITE_DBNAME) or "")
