"""The store in one SQLite file: history, views and outbox change in one transaction."""

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.persistence import InfrastructureFactory

from letterbook.adapters.file_forms import Form
from letterbook.adapters.store import copying
from letterbook.adapters.store.connections import BUSY_SECONDS, plain
from letterbook.adapters.store.evidence import SqliteEvidence
from letterbook.adapters.store.history import SqliteHistory
from letterbook.adapters.store.lock import held
from letterbook.adapters.store.mapper import FactMapper, FactTranscoder
from letterbook.adapters.store.opening import (
    APPLICATION_ID,
    FORMAT,
    PROOF,
    StoreRefused,
    check_file,
    check_protection,
)
from letterbook.adapters.store.outbox import SqliteOutbox
from letterbook.adapters.store.recorder import (
    Factory,
    MailboxRecorder,
)
from letterbook.adapters.store.shredding import SqliteShredder
from letterbook.adapters.store.subscriptions import SqliteSubscriptions
from letterbook.adapters.store.troubles import is_busy, raise_trouble, troubles_told
from letterbook.adapters.store.uses import SqliteUses
from letterbook.application.disturbances import Disturbances
from letterbook.application.evidence import Evidence
from letterbook.application.patience import in_a_hurry
from letterbook.application.ports import (
    Blobs,
    Clock,
    FreshViews,
    Outbox,
    Session,
    Subscriptions,
    Uses,
    Views,
)
from letterbook.application.troubles import StoreBusy, StoreClosed, StoreDamaged, StoreUnavailable
from letterbook.domain.letter import BlobRef

HURRY_SECONDS = 0.000_2
"""How long a writer in a hurry waits for another that writes."""
_SHORT, _LONG = 0.000_05, 0.000_5
"""Seconds between the first two looks whether another writer is through, and between any two later on."""


class ViewTables(Protocol):
    """Views that live in tables of this file."""

    def __call__(self, connection: sqlite3.Connection) -> Views:
        """The views inside one transaction."""

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the tables."""

    def note_own(self, connection: sqlite3.Connection, mailbox: UUID, position: int) -> None:
        """Say of the rows of an earlier version where the mailbox itself changed last."""

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Teach a fresh connection what the views need."""


class Protection(Protocol):
    """What makes a store an encrypted one."""

    form: Form
    """How what is kept beside the file is written."""
    forget: Callable[[], None]
    """Called when somebody, in any process, has erased something: what was remembered may be that."""
    look_for: Callable[[BlobRef], object]
    """Looks for a blob. Raises :class:`letterbook.application.blobs.BlobDamaged` if it is not there."""

    def create(self, connection: sqlite3.Connection) -> None:
        """Make what the file holds besides."""

    def opens(self, proof: bytes) -> bool:
        """Whether it has the key of a store with such a proof."""

    def another(self) -> "Protection":
        """The same for another store."""

    def look(self, connection: sqlite3.Connection) -> None:
        """Called at the beginning of whatever reads."""

    def history(
        self, connection: sqlite3.Connection, recorder: MailboxRecorder, mapper: FactMapper, clock: Clock
    ) -> "SqliteHistory":
        """The history inside one transaction."""


FreshTables = Callable[[sqlite3.Connection], FreshViews]
"""Views that are made anew in tables of this file, inside one transaction."""


class SqliteSession:
    """One transaction on one connection."""

    def __init__(
        self,
        history: SqliteHistory,
        views: Views,
        fresh: FreshViews,
        outbox: Outbox,
        subscriptions: Subscriptions,
        uses: Uses,
    ) -> None:
        self.history = history
        self.views = views
        self.fresh = fresh
        self.outbox = outbox
        self.disturbances = Disturbances()
        """Noted by the one session that writes; what is read is of one moment."""
        self.subscriptions = subscriptions
        self.uses = uses

    @property
    def evidence(self) -> Evidence:
        """The rows themselves; made when somebody asks."""
        return self.history.evidence()


class SqliteStore:
    """A book in a file. Any number of threads and processes may hold it open."""

    def __init__(
        self,
        path: Path,
        *,
        views: ViewTables,
        fresh: FreshTables,
        blobs: Blobs,
        clock: Clock,
        protection: Protection | None = None,
    ) -> None:
        """Open the file, or make it: an encrypted one with ``protection``.

        Raises :class:`StoreRefused` if it is no store, a newer one's, encrypted otherwise or not at all, and
        :class:`letterbook.application.troubles.StoreTrouble` if it cannot be opened just now.
        """
        self.path = path
        self.blobs = blobs
        self._views = views
        self._fresh = fresh
        self._clock = clock
        self.protection = protection
        self._history = protection.history if protection else SqliteHistory
        if protection:
            protection.look_for = blobs.pieces
        check_file(path)
        env = {
            "PERSISTENCE_MODULE": Factory.__module__,
            "SQLITE_DBNAME": str(path.absolute()),
            "CREATE_TABLE": "no",
        }
        factory = cast(Factory, InfrastructureFactory.construct(env))
        self._recorder = cast(MailboxRecorder, factory.application_recorder())
        self._mapper = cast(FactMapper, factory.mapper(FactTranscoder(), FactMapper))
        self._pool = factory.datastore.pool
        self._pool.prepare = views.prepare
        with troubles_told():
            self._pooled_writer = self._pool.get_connection(is_writer=True)
            self._pooled_watcher = self._pool.get_connection(is_writer=False)
        self._writer = plain(self._pooled_writer)
        self._session_of_writer = self._session(self._writer)
        self._writing = _Writing(self)
        self._lock, self._watching = threading.Lock(), threading.Lock()
        self.patience = float(BUSY_SECONDS)
        self._data_version = -1
        try:
            self.secret = self._make_tables()
            self._writer.execute("PRAGMA busy_timeout=0")
        except BaseException as error:
            self.close()
            if isinstance(error, (sqlite3.DatabaseError, StoreDamaged, StoreUnavailable)):
                raise StoreRefused(f"{path} cannot be opened as a store: {error}") from error
            raise

    def _make_tables(self) -> bytes:
        """Make the tables of a new file; give the store's secret."""
        with self.writing():
            connection = self._writer
            connection.execute("CREATE TABLE IF NOT EXISTS letterbook (key TEXT PRIMARY KEY, value BLOB)")
            for statement in self._recorder.create_table_statements:
                connection.execute(statement)
            SqliteOutbox.create(connection)
            SqliteSubscriptions.create(connection)
            SqliteUses.create(connection)
            SqliteEvidence.create(connection)
            self._views.create(connection)
            self._protect(connection)
            self._note_own(connection)
            fresh = (("format", FORMAT), ("secret", secrets.token_bytes(32)))
            connection.executemany("INSERT OR IGNORE INTO letterbook VALUES (?, ?)", fresh)
            if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            found = connection.execute("SELECT value FROM letterbook WHERE key='secret'").fetchone()
        return bytes(found[0])

    def _note_own(self, connection: sqlite3.Connection) -> None:
        """Where each mailbox itself changed last, views know from then on; once their rows are told of it."""
        noted = connection.execute("INSERT OR IGNORE INTO letterbook VALUES ('own noted', 1)")
        for mailbox, seq in self._recorder.own_ends(connection) if noted.rowcount else ():
            self._views.note_own(connection, mailbox, seq)

    @property
    def encrypted(self) -> bool:
        """Whether what is in it can be erased."""
        return self.protection is not None

    @property
    def shredder(self) -> SqliteShredder:
        """Clears out of the file what was erased."""
        return SqliteShredder(self.path, self._views.prepare, self.patience)

    def _protect(self, connection: sqlite3.Connection) -> None:
        """Make a new store what it will stay; look once more whether an old one is that."""
        if self.protection and not connection.execute("SELECT 1 FROM letterbook LIMIT 1").fetchone():
            self.protection.create(connection)
        proof = connection.execute("SELECT value FROM letterbook WHERE key=?", (PROOF,)).fetchone()
        check_protection(self.path, proof and bytes(proof[0]), self.protection)

    def writing(self) -> AbstractContextManager[Session]:
        """One transaction that writes."""
        return self._writing

    def _begin(self) -> Session:
        """Hold the file's write lock from the start."""
        patience = HURRY_SECONDS if in_a_hurry() else self.patience
        if not self._lock.acquire(timeout=patience):
            raise StoreBusy("this program itself has been writing to the store for too long")
        if self._pool.closed:
            self._lock.release()
            raise StoreClosed
        try:
            self._begin_to_write(patience)
        except BaseException as error:  # nothing has begun
            self._lock.release()
            raise_trouble(error)
            raise
        try:
            self._look_around(self._writer)
            return self._session_of_writer
        except BaseException as error:
            self._undo(error)
            raise

    def _end(self, error: BaseException | None) -> None:
        """On disk, or undone."""
        if error is not None:
            self._undo(error)
            return
        try:
            self._writer.execute("COMMIT")
        except BaseException as failure:
            self._undo(failure)
            raise
        self._lock.release()

    def _undo(self, error: BaseException) -> None:
        """As if nothing had been asked; raises what the error means, if it is a trouble."""
        try:
            self._session_of_writer.history.forget()
            self._writer.rollback()
        finally:
            self._lock.release()
        raise_trouble(error)

    def _begin_to_write(self, patience: float) -> None:
        """Take the lock of the file, for which another program may be waited.

        SQLite itself would sleep for 1 ms, 2, 5, 10 ... 100 between two looks, and a transaction of another
        worker is over in one (ADR 64).
        """
        pause, end = _SHORT, monotonic() + patience
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or monotonic() > end:
                    raise
            sleep(pause)
            pause = min(2 * pause, _LONG)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One moment to read from."""
        with troubles_told():
            pooled = self._pool.get_connection(is_writer=False)
            connection = plain(pooled)
            try:
                connection.execute("BEGIN")
                if self.protection:
                    self.protection.look(connection)
                yield self._session(connection)
            finally:
                connection.rollback()
                self._pool.put_connection(pooled)

    def copy_events(self, other: Path, ends: Mapping[UUID, int]) -> None:
        """Put the history of some mailboxes, each up to a position, into another store that has none."""
        copying.copy_events(self.path, self._recorder, other, ends)

    def rebuilding(self) -> AbstractContextManager[None]:
        """A lock beside the file."""
        return held(self.path.with_name(f"{self.path.name}-rebuilding"))

    def pulse(self) -> int:
        """SQLite's ``data_version`` on a connection of its own, which never writes."""
        with self._watching, troubles_told():
            if self._pool.closed:
                raise StoreClosed
            return int(plain(self._pooled_watcher).execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every connection; SQLite then folds the write-ahead log into the file.

        Whoever is reading reads to the end, and closes the connection then.
        """
        with self._lock, self._watching:
            if self._pool.closed:
                return
            self._pool.put_connection(self._pooled_writer)
            self._pool.put_connection(self._pooled_watcher)
            self._pool.close()

    def _session(self, connection: sqlite3.Connection) -> SqliteSession:
        history = self._history(connection, self._recorder, self._mapper, self._clock)
        outbox = SqliteOutbox(connection)
        views, fresh = self._views(connection), self._fresh(connection)
        subscriptions = SqliteSubscriptions(connection)
        return SqliteSession(history, views, fresh, outbox, subscriptions, SqliteUses(connection))

    def _look_around(self, connection: sqlite3.Connection) -> None:
        """Notice that another connection has written: SQLite's ``data_version`` changes when one has."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._data_version:
            session = self._session_of_writer
            is_first = self._data_version < 0  # there may be no table yet
            touched = None if is_first else session.history.catch_up()
            if touched is None:
                session.disturbances.note_anything()
            else:
                session.disturbances.note(touched)
            self._data_version = version  # not before: whoever could not catch up has to do it next time


class _Writing:
    """A transaction that writes. A class: a generator for it takes longer than a small write."""

    __slots__ = ("_store",)

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def __enter__(self) -> Session:
        return self._store._begin()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._store._end(error)
