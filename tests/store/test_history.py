"""Both histories keep the promises; the one on disk also shows when somebody tampered with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, StoredEvent

from letterbook.adapters.store import recorder as recorders
from letterbook.adapters.store import remembered
from letterbook.adapters.store.chain import beginning, seal
from letterbook.adapters.store.recorder import MailboxRecorder
from letterbook.application.ports import Addition, Store
from letterbook.domain.facts import UnknownFact
from tests.contracts.history import (
    AWAY,
    HOME,
    LETTER,
    REPLY,
    ClearHistoryContract,
    HistoryContract,
    append,
    ask,
    filed,
)
from tests.fakes import FakeClock, memory_store, opened_sqlite

COPY = "INSERT INTO events SELECT"
ROWS = (
    "SELECT mailbox, seq, aggregate, version, recorded, topic, state, hash FROM events ORDER BY mailbox, seq"
)


@pytest.fixture
def clock() -> FakeClock:
    """The time of what is recorded."""
    return FakeClock()


class TestMemoryHistory(ClearHistoryContract):
    """In memory."""

    @pytest.fixture
    def store(self, clock: FakeClock) -> Store:
        """An empty store."""
        return memory_store(clock)


class TestSqliteHistory(ClearHistoryContract):
    """In a file."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Where the store is."""
        return tmp_path / "mail.db"

    @pytest.fixture
    def store(self, file: Path, clock: FakeClock) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(file, clock) as store:
            yield store

    def test_a_writer_that_remembers_little_keeps_several_facts_of_one_letter(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it forgets must not be what it is about to write."""
        monkeypatch.setattr(remembered, "_MOST", 0)
        append(
            store, Addition(HOME, LETTER, 0, filed("a", "b")), Addition(HOME, REPLY, 0, filed("c", "d", "e"))
        )
        assert [each.version for each in ask(store, lambda history: history.read(HOME))] == [1, 2, 1, 2, 3]

    def test_a_fact_of_another_program_is_never_dropped(self, store: Store, file: Path) -> None:
        """Whichever way the history is read."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        retell(file, "message.sung.v1")
        for read in (
            lambda: ask(store, lambda history: history.read(HOME)),
            lambda: ask(store, lambda history: history.of(HOME, LETTER)),
            lambda: ask(store, lambda history: list(history.stories(HOME, 9))),
        ):
            with pytest.raises(UnknownFact, match=r"message\.sung\.v1"):
                read()

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE events SET state=CAST(replace(CAST(state AS TEXT), 'b', 'B') AS BLOB) WHERE seq=2",
            "UPDATE events SET topic='message.flagged.v1' WHERE seq=2",
            "UPDATE events SET recorded=recorded+1 WHERE seq=2",
            f"UPDATE events SET aggregate=x'{REPLY.hex}' WHERE seq=2",  # noqa: S608 - the test tampers on purpose
            "UPDATE events SET version=9 WHERE seq=2",
            "UPDATE events SET hash=zeroblob(32) WHERE seq=2",
            "DELETE FROM events WHERE seq=2",
            "DELETE FROM events WHERE seq=1",
            "UPDATE events SET seq=CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)",
            f"{COPY} mailbox, -4, aggregate, 9, topic, state, recorded, hash FROM events WHERE seq=2",
        ],
    )
    def test_tampering_shows(self, store: Store, file: Path, tampering: str) -> None:
        """Editing, deleting, reordering and inserting break the chain at or behind the place."""
        append(store, Addition(HOME, LETTER, 0, filed(*"abcd")))
        assert chain_holds(file)
        tamper(file, tampering)
        tamper(file, "UPDATE events SET seq=-seq WHERE seq<-4 OR seq IN (-2, -3)")
        assert not chain_holds(file)

    def test_cutting_off_the_end_shows_to_whoever_kept_the_head(self, store: Store, file: Path) -> None:
        """A chain alone cannot know how long it was."""
        append(store, Addition(HOME, LETTER, 0, filed(*"abcd")))
        known = ask(store, lambda history: history.head(HOME))
        tamper(file, "DELETE FROM events WHERE seq=4")
        assert ask(store, lambda history: history.head(HOME)) != known

    def test_the_same_version_twice_cannot_be_stored(self, store: Store, file: Path) -> None:
        """The table itself refuses, whatever a program believes."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        with pytest.raises(sqlite3.IntegrityError):
            tamper(file, f"{COPY} mailbox, 2, aggregate, version, topic, state, recorded, hash FROM events")


class TestEncryptedHistory(HistoryContract):
    """In a file, encrypted."""

    @pytest.fixture
    def store(self, tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
        """An empty store."""
        with opened_sqlite(tmp_path / "mail.db", clock, key=bytes(32)) as store:
            yield store


class TestLibraryInterface:
    """The recorder as the ``eventsourcing`` library makes and asks it."""

    @pytest.fixture
    def recorder(self, tmp_path: Path) -> Iterator[MailboxRecorder]:
        """A recorder made by the library's own factory."""
        env = {"PERSISTENCE_MODULE": recorders.__name__, "SQLITE_DBNAME": str(tmp_path / "events.db")}
        factory = cast(recorders.Factory, InfrastructureFactory.construct(env))
        yield cast(MailboxRecorder, factory.application_recorder())
        factory.close()

    def insert(
        self, recorder: MailboxRecorder, aggregate: UUID, *versions: int, topic: str = "t"
    ) -> list[int]:
        """Insert events; gives their positions."""
        events = [StoredEvent(aggregate, version, topic, f"{version}".encode()) for version in versions]
        return list(recorder.insert_events(events, mailbox=HOME, recorded=7) or ())

    def test_inserting_gives_the_positions_in_the_mailbox(self, recorder: MailboxRecorder) -> None:
        """Gapless, from one."""
        assert self.insert(recorder, LETTER, 1, 2) == [1, 2]
        assert self.insert(recorder, REPLY, 1) == [3]

    def test_an_aggregate_can_be_selected(self, recorder: MailboxRecorder) -> None:
        """In a range, backwards, and a few at a time, as the library asks."""
        self.insert(recorder, LETTER, 1, 2, 3, 4)
        self.insert(recorder, REPLY, 1)

        def versions(**asked: int | bool) -> list[int]:
            found = recorder.select_events(LETTER, mailbox=HOME, **asked)  # type: ignore[arg-type]
            return [event.originator_version for event in found]

        assert versions() == [1, 2, 3, 4]
        assert versions(gt=1, lte=3) == [2, 3]
        assert versions(desc=True, limit=1) == [4]
        assert versions(gt=1, limit=2) == [2, 3]

    def test_a_mailbox_s_own_aggregate_needs_no_keyword(self, recorder: MailboxRecorder) -> None:
        """It has the mailbox's id."""
        self.insert(recorder, HOME, 1)
        assert [event.state for event in recorder.select_events(HOME)] == [b"1"]

    def test_notifications_are_those_of_one_mailbox(self, recorder: MailboxRecorder) -> None:
        """From a position, up to another, some topics only; the limit counts what is given."""
        self.insert(recorder, LETTER, 1, 2, topic="a")
        self.insert(recorder, REPLY, 1, 2, topic="b")
        recorder.insert_events([StoredEvent(LETTER, 1, "a", b"")], mailbox=AWAY, recorded=7)

        def positions(start: int | None, limit: int, **asked: object) -> list[int]:
            found = recorder.select_notifications(start, limit, mailbox=HOME, **asked)  # type: ignore[arg-type]
            return [event.id for event in found]

        assert positions(None, 10) == [1, 2, 3, 4]
        assert positions(2, 10) == [2, 3, 4]
        assert positions(2, 10, inclusive_of_start=False) == [3, 4]
        assert positions(1, 10, stop=3) == [1, 2, 3]
        assert positions(1, 2) == [1, 2]
        assert positions(1, 1, topics=["b"]) == [3]
        assert positions(1, 10, topics=["a", "b"]) == [1, 2, 3, 4]

    def test_notifications_of_all_mailboxes_do_not_exist(self, recorder: MailboxRecorder) -> None:
        """There is no global order; asking for it is a mistake that shows."""
        with pytest.raises(TypeError, match="mailbox"):
            recorder.select_notifications(1, 10)

    def test_events_are_sealed_on_this_way_too(self, recorder: MailboxRecorder, tmp_path: Path) -> None:
        """The same chain."""
        self.insert(recorder, LETTER, 1, 2)
        self.insert(recorder, REPLY, 1)
        assert chain_holds(tmp_path / "events.db")

    def test_a_version_that_does_not_follow_is_the_library_s_conflict(
        self, recorder: MailboxRecorder
    ) -> None:
        """And nothing of the batch stays."""
        self.insert(recorder, LETTER, 1)
        with pytest.raises(IntegrityError):
            self.insert(recorder, LETTER, 2, 2)
        assert len(recorder.select_events(LETTER, mailbox=HOME)) == 1
        assert self.insert(recorder, LETTER, 2) == [2]


def tamper(file: Path, statement: str) -> None:
    """Write to the file behind the program's back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)


def retell(file: Path, topic: str, state: bytes = b"") -> None:
    """Make the one fact of a store another program's, sealed as that program would have done it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        known, recorded = connection.execute("SELECT state, recorded FROM events").fetchone()
        said = state or known
        sealed = seal(beginning(HOME).hash, HOME.bytes, 1, LETTER.bytes, 1, recorded, topic, said)
        connection.execute("UPDATE events SET topic=?, state=?, hash=?", (topic, said, sealed))


def chain_holds(file: Path) -> bool:
    """Whether every stored row follows from the one before it."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(ROWS).fetchall()
    head = beginning(HOME)
    for mailbox, seq, aggregate, version, recorded, topic, state, sealed in rows:
        place = (mailbox, seq, aggregate, version)
        if seq != head.seq + 1 or sealed != seal(head.hash, *place, recorded, topic, state):
            return False
        head = type(head)(seq, sealed)
    return True
