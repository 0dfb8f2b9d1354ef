"""The lists of earlier positions in SQLite, in a file of their own beside the store.

A message is in a list for a stretch of positions. Lists are cut into epochs, each of which begins with a copy
of what is in the list and ends when as much has changed: so what has to be passed over to answer a question
about one position depends on how much the list held then, not on how long the history is (ADR 46).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from letterbook.adapters.files import disk_troubles_told
from letterbook.adapters.store.troubles import troubles_told
from letterbook.adapters.views import past_asking, past_searching, past_tables, past_words
from letterbook.adapters.views.past_asking import Asked
from letterbook.adapters.views.past_lesson import Lesson
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application.past_lists import Found, Present, Turn
from letterbook.application.past_wording import Due, Saying
from letterbook.application.ports import Head
from letterbook.application.querying import PageQuery, Where
from letterbook.application.searching import SearchQuery
from letterbook.application.troubles import StoreBusy, StoreClosed, StoreDamaged

T = TypeVar("T")

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-8192", "temp_store=MEMORY")
_OF_THE_WRITER = ("cache_size=-32768", "wal_autocheckpoint=8000")
"""A slice changes pages all over the file: they are kept until it is written, and not moved at once."""


class SqlitePastLists:
    """Earlier lists in a file; ``None`` keeps them in memory. Any number of threads and processes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

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
    def _troubles_told(self) -> Iterator[None]:
        """Full-text indexes and schemas have ways of their own to say that they are damaged."""
        try:
            with troubles_told():
                yield
        except (sqlite3.OperationalError, UnicodeDecodeError) as error:
            why = f"{self._path} is damaged: delete it, and it is made anew ({error})"
            raise StoreDamaged(why) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; one at a time."""
        with self._writing, self._troubles_told():
            if self._closed:
                raise StoreClosed
            connection = self._writer = self._writer or self._connect(_OF_THE_WRITER)
            connection.execute("BEGIN IMMEDIATE")
            try:
                past_tables.make(connection)
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def _asked(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What is answered by one moment of the file."""
        if self._path is None:
            with self._transaction() as connection:
                return question(connection)
        with self._troubles_told():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._begun()
            try:
                connection.execute("BEGIN")
                return question(connection)
            finally:
                connection.rollback()
                self._idle.append(connection)
                if self._closed:
                    self._close_idle()

    def _begun(self) -> sqlite3.Connection:
        """A connection to a file that has the tables."""
        with self._transaction():
            pass
        return self._connect()

    def close(self) -> None:
        """Close every connection that nobody uses; whoever uses one closes it. Afterwards ``StoreClosed`` is
        all that is answered.
        """
        with self._writing:
            self._closed = True
            self._close_idle()
            if self._writer:
                self._writer.close()
            self._writer = None

    def _close_idle(self) -> None:
        """Each is taken out of the list first: SQLite crashes if two threads have one in hand."""
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                self._idle.pop().close()

    # -- learning --

    def begun(self) -> bool:
        """Whether there is anything; a file that is not there is not made."""
        return self._writer is not None if self._path is None else self._path.exists()

    def reached(self, mailbox: UUID) -> Head:
        """Up to which event the lists are right."""
        return self._asked(lambda connection: past_tables.reached(connection, mailbox))

    def around(self, mailbox: UUID, moment: datetime) -> tuple[int, int | None]:
        """Positions before and behind a moment."""
        return self._asked(lambda connection: past_tables.around(connection, mailbox, moment))

    def learn(
        self,
        mailbox: UUID,
        after: int,
        end: Head,
        turns: Iterable[Turn],
        times: Sequence[tuple[int, datetime]] = (),
    ) -> None:
        """Take in what happened."""
        with self._transaction() as connection:
            if past_tables.reached(connection, mailbox).seq == after:
                home = past_tables.begun(connection, mailbox, end)
                Lesson(connection, mailbox, home).learn(turns)
                past_tables.keep_times(connection, home, times)

    def due(self, mailbox: UUID, limit: int) -> list[Due]:
        """What is said no more, and not taken in."""
        return self._asked(lambda connection: past_words.due(connection, mailbox, limit))

    def unspelled(self, mailbox: UUID) -> int:
        """How much that is."""
        return self._asked(lambda connection: past_words.count_due(connection, mailbox))

    def spell(self, mailbox: UUID, told: Iterable[tuple[Due, Saying | None]]) -> None:
        """Take in words."""
        with self._transaction() as connection:
            past_words.learn(connection, mailbox, told)

    def forget(self, mailbox: UUID) -> None:
        """Begin anew."""
        with self._transaction() as connection:
            past_tables.drop(connection, mailbox)

    def clear(self) -> None:
        """Begin anew, with a file in which nothing is left."""
        if self._path is not None and not self._path.exists():
            return
        with self._transaction() as connection:
            past_tables.empty(connection)
        with self._writing, self._troubles_told(), closing(self._connect()) as connection:
            connection.execute("VACUUM")
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise StoreBusy("somebody has been reading earlier lists for too long")

    # -- asking --

    def page(self, mailbox: UUID, at: int, query: PageQuery, now: int = 0) -> list[Found]:
        """The messages that a query asked for."""
        return self._asked(lambda there: Asked.of(there, mailbox, query.folder, at).page(query, now))

    def one(self, mailbox: UUID, at: int, message: UUID, now: int = 0) -> Found | None:
        """A message that some list held."""
        return self._asked(lambda there: past_asking.one(there, mailbox, message, at, now))

    def count(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""
        return self._asked(lambda there: Asked.of(there, mailbox, folder, at).count(where))

    def names(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found."""
        return self._asked(lambda there: Asked.of(there, mailbox, folder, at).names(where))

    def search(self, mailbox: UUID, at: int, query: SearchQuery, now: Present) -> list[Found]:
        """What a search found."""
        return self._asked(lambda there: past_searching.page(there, mailbox, at, query, now))

    def tallies(self, mailbox: UUID, at: int, folders: Sequence[UUID]) -> list[tuple[int, int]]:
        """What each folder counted."""
        counted = self._asked(lambda there: past_tables.tallies(there, mailbox, at))
        return [counted.get(folder.bytes, (0, 0)) for folder in folders]
