"""Both stores keep the promises; the one in a file also says clearly what it will not open."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from letterbook.adapters.store.connections import plain
from letterbook.adapters.store.opening import APPLICATION_ID, FORMAT, StoreRefused
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.application import jobs
from letterbook.application.ports import Addition, Store
from letterbook.application.rebuilding import rebuild
from letterbook.application.troubles import StoreFull
from letterbook.domain.letter import Letter
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Update
from letterbook.domain.people import EmailAddress
from tests.contracts.history import HOME, LETTER, append, ask, filed
from tests.contracts.store import StoreContract, change_everything, look
from tests.fakes import (
    ADELE,
    ALEX,
    MEGAN,
    FakeClock,
    FakeTransport,
    House,
    letter,
    memory_store,
    opened_sqlite,
    sqlite_store,
)
from tests.warm import started


class TestMemoryStore(StoreContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        return memory_store(FakeClock())


class TestSqliteStore(StoreContract):
    """In a file."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Where the store is."""
        return tmp_path / "mail.db"

    @pytest.fixture
    def store(self, file: Path) -> Iterator[SqliteStore]:
        """An empty store."""
        with opened_sqlite(file) as store:
            yield store

    def test_every_connection_makes_a_commit_durable(self, store: SqliteStore) -> None:
        """A write-ahead log, synced at each commit (``synchronous=FULL`` is 2)."""
        assert pragma(store._writer, "synchronous") == 2
        assert pragma(store._writer, "journal_mode") == "wal"
        pooled = store._pool.get_connection(is_writer=False)
        assert pragma(plain(pooled), "synchronous") == 2
        store._pool.put_connection(pooled)

    def test_the_file_says_what_it_is(self, store: SqliteStore, file: Path) -> None:
        """To ``file`` and to SQLite: application id, format, and a good state."""
        with closing(sqlite3.connect(file)) as connection:
            assert pragma(connection, "application_id") == APPLICATION_ID
            assert pragma(connection, "integrity_check") == "ok"
            (format_,) = connection.execute("SELECT value FROM letterbook WHERE key='format'").fetchone()
        assert format_ == FORMAT

    def test_every_key_begins_with_the_mailbox(self, store: SqliteStore, file: Path) -> None:
        """So that one mailbox can be taken elsewhere."""
        with closing(sqlite3.connect(file)) as connection:
            indexes = connection.execute("SELECT name FROM pragma_index_list('events')").fetchall()
            first = [
                connection.execute("SELECT name FROM pragma_index_info(?) WHERE seqno=0", index).fetchone()
                for index in indexes
            ]
        assert first == [("mailbox",)] * 2

    def test_opening_again_finds_everything(self, store: SqliteStore, file: Path) -> None:
        """The same content and the same secret; two stores have two secrets."""
        with store.writing() as session:
            change_everything(session)
        store.close()
        with opened_sqlite(file) as again, opened_sqlite(file.with_name("other.db")) as other:
            assert look(again) == (1, 1, 1)
            assert again.secret == store.secret != other.secret

    def test_a_closed_store_is_one_file(self, store: SqliteStore, file: Path) -> None:
        """SQLite folds its log into it."""
        with store.writing() as session:
            change_everything(session)
        store.close()
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    def test_a_failed_commit_undoes_everything(self, store: SqliteStore, file: Path) -> None:
        """The disk is full at the last moment: positions go on without a hole."""
        append(store, Addition(HOME, LETTER, 0, filed("a")))
        with pytest.raises(StoreFull):
            self.fill_the_disk(store)
        append(store, Addition(HOME, LETTER, 1, filed("b")))
        assert [each.seq for each in ask(store, lambda history: history.read(HOME))] == [1, 2]

    def fill_the_disk(self, store: SqliteStore) -> None:
        """Write more than the file may grow to."""
        with store.writing() as session:
            pages = pragma(store._writer, "page_count")
            store._writer.execute(f"PRAGMA max_page_count={pages}")
            try:
                session.history.append([Addition(HOME, LETTER, 1, filed("x" * 100_000))])
            finally:
                store._writer.execute("PRAGMA max_page_count=1073741823")


def pragma(connection: sqlite3.Connection, name: str) -> object:
    """What a connection says of itself."""
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


# --- What is refused -------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store would be."""
    return tmp_path / "mail.db"


def refusal(file: Path) -> str:
    """Why a file is not opened; it must stay as it is, and nothing may be left beside it."""
    before = state_of(file.parent)
    with pytest.raises(StoreRefused) as refused:
        sqlite_store(file, FakeClock())
    assert state_of(file.parent) == before
    return str(refused.value)


def state_of(folder: Path) -> dict[str, str]:
    """Every file below a folder, and the hash of what it holds."""
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else iter(())
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def made_by_the_future(file: Path) -> None:
    """A store of the next format."""
    with opened_sqlite(file) as store, store.writing() as session:
        change_everything(session)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE letterbook SET value=? WHERE key='format'", (FORMAT + 1,))


def test_a_newer_format_is_refused_and_left_alone(file: Path) -> None:
    """The sentence says which formats are known, and what to do."""
    made_by_the_future(file)
    why = refusal(file)
    assert f"format {FORMAT + 1}" in why
    assert f"up to {FORMAT}" in why
    assert "newer Letterbook" in why


def test_the_log_of_a_newer_program_that_crashed_is_left_alone(file: Path, tmp_path: Path) -> None:
    """What it had written is still for it to take up."""
    made_by_the_future(file)
    crashed = tmp_path / "crashed" / "mail.db"
    crashed.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE of_the_future (x)")
        for suffix in ("", "-wal"):
            connection.commit()
            shutil.copy(f"{file}{suffix}", f"{crashed}{suffix}")
    before = {name: hash_ for name, hash_ in state_of(crashed.parent).items() if not name.endswith("-shm")}
    assert set(before) == {"mail.db", "mail.db-wal"}
    with pytest.raises(StoreRefused, match="newer Letterbook"):
        sqlite_store(crashed, FakeClock())
    after = {name: hash_ for name, hash_ in state_of(crashed.parent).items() if not name.endswith("-shm")}
    assert after == before


def test_what_is_no_database_is_refused(file: Path) -> None:
    """A letter, say."""
    file.write_bytes(b"From: Alex Wilber <alexw@contoso.com>\r\nSubject: Offsite\r\n\r\n" * 100)
    assert "not a Letterbook store" in refusal(file)


def test_a_damaged_store_is_refused(file: Path) -> None:
    """Its first page is gone."""
    with opened_sqlite(file):
        pass
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    assert "not a Letterbook store" in refusal(file)


@pytest.mark.parametrize("table", ["CREATE TABLE notes (text)", "CREATE TABLE letterbook (page, text)"])
def test_somebody_else_s_database_is_refused(file: Path, table: str) -> None:
    """Also if it has a table of our name."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(table)
    assert "not a Letterbook store" in refusal(file)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    """A typing mistake should not start a new store."""
    assert "there is no folder" in refusal(tmp_path / "nowhere" / "mail.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """It says so, too."""
    folder = tmp_path / "mail.db"
    folder.mkdir()
    assert "store" in refusal(folder)


@pytest.mark.parametrize("forbidden", ["file", "folder"])
def test_what_cannot_be_written_to_is_refused(forbidden: str) -> None:
    """A file of somebody else, or in a folder of theirs: SQLite keeps its log beside the file."""
    with tempfile.TemporaryDirectory() as made, as_nobody(Path(made)):
        file = Path(made) / "mail.db"
        with opened_sqlite(file):
            pass
        (file if forbidden == "file" else file.parent).chmod(0o444 if forbidden == "file" else 0o555)
        assert "cannot be written to" in refusal(file)


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Give a folder to somebody without privileges and act as them: nothing is forbidden to root."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_empty_file_becomes_a_store(file: Path) -> None:
    """As ``mktemp`` leaves it."""
    file.touch()
    with opened_sqlite(file) as store:
        assert look(store) == (0, 0, 0)


@pytest.mark.parametrize("name", ["file:mail.db", "mail.db?mode=memory", "a :memory: 100% #1 'é'.db"])
def test_any_name_is_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """SQLite reads some names as addresses; a store is where it was said to be."""
    monkeypatch.chdir(tmp_path)
    with opened_sqlite(Path(name)) as store:
        with store.writing() as session:
            change_everything(session)
        assert (tmp_path / name).stat().st_size > 0
    with opened_sqlite(Path(name)) as again:
        assert look(again) == (1, 1, 1)


# --- Two at once -----------------------------------------------------------------------------------


@pytest.fixture
def houses(file: Path) -> Iterator[tuple[House, House]]:
    """Two programs with the same file open."""
    clock = FakeClock()
    with opened_sqlite(file, clock) as here, opened_sqlite(file, clock) as there:
        yield House(here, clock, FakeTransport()), House(there, clock, FakeTransport())


def rewrite(house: House, owner: EmailAddress, name: UUID, subject: str) -> None:
    """Change the subject of a draft."""
    home, on = house.mailbox(owner), house.engine.occasion(owner.address)
    ask_ = Update(changes=Letter(subject=subject))
    house.engine.run(lambda work: jobs.ask_message(work, home, name, ask_, on))


def test_two_programs_write_in_turn(houses: tuple[House, House]) -> None:
    """What one remembers is refreshed after the other wrote."""
    houses[0].invite(ALEX)
    name = houses[0].draft(ALEX, letter("0"))
    for number in range(1, 9):
        rewrite(houses[number % 2], ALEX, name, f"{number}")
    assert [row.subject for row in houses[0].folder(ALEX, "drafts")] == ["8"]
    assert len(houses[1].facts(ALEX, name)) == 9
    assert [each.equal for each in rebuild(houses[1].store, verify=True)] == [True]


def test_the_pulse_is_that_of_the_file(houses: tuple[House, House]) -> None:
    """Whoever wrote."""
    before = [house.store.pulse() for house in houses]
    houses[0].invite(ALEX)
    assert all(house.store.pulse() != was for house, was in zip(houses, before, strict=True))


def test_rebuilding_does_not_hide_that_somebody_else_wrote(houses: tuple[House, House]) -> None:
    """It goes past the engine's memory, which is asked to forget all the same."""
    houses[0].invite(ALEX)
    name = houses[0].draft(ALEX, letter("first"))
    rewrite(houses[1], ALEX, name, "second")
    rebuild(houses[0].store)
    rewrite(houses[0], ALEX, name, "third")
    assert houses[1].subjects(ALEX, "drafts") == ["third"]


def test_a_mailbox_opened_elsewhere_is_known_at_once(houses: tuple[House, House]) -> None:
    """A letter to it does not leave the house."""
    houses[0].invite(ALEX)
    houses[0].send(ALEX, letter(to=(MEGAN, ADELE)))
    houses[1].invite(MEGAN)
    houses[0].delivery.deliver_due()
    assert houses[0].subjects(MEGAN, "inbox") == ["Offsite"]


def test_two_programs_deliver_each_letter_once(houses: tuple[House, House]) -> None:
    """Whoever comes second finds nothing to do."""
    houses[0].invite(ALEX, MEGAN)
    houses[0].send(ALEX, letter(to=(MEGAN,)))
    parcels = houses[1].delivery._due(houses[1].clock.now())
    assert houses[0].delivery.deliver_due() == 1
    for parcel in parcels:
        houses[1].delivery._deliver_all([parcel], lambda: False)
    assert houses[0].subjects(MEGAN, "inbox") == ["Offsite"]
    inbox = houses[0].folder(MEGAN, "inbox")[0]
    assert len(houses[0].facts(MEGAN, inbox.message)) == 1


def test_processes_may_open_a_new_store_at_once_and_write(file: Path) -> None:
    """Each makes a mailbox and drafts of its own and writes to a common one; nothing is lost or doubled."""
    program = (
        "import sys\n"
        "from letterbook import open_book\n"
        "with open_book(sys.argv[1], deliver=False) as book:\n"
        "    alex = book.mailbox('alexw@contoso.com')\n"
        "    for number in range(10): alex.create_draft(subject=f'{sys.argv[2]}-{number}')\n"
    )
    with ExitStack() as running:
        processes = [running.enter_context(started("-c", program, str(file), f"{n}")) for n in range(4)]
        assert [process.wait() for process in processes] == [0] * 4
    with opened_sqlite(file) as store:
        house = House(store, FakeClock(), FakeTransport())
        wanted = sorted(f"{process}-{number}" for process in range(4) for number in range(10))
        assert house.subjects(ALEX, "drafts") == wanted
        home = house.mailbox(ALEX)
        assert ask(store, lambda history: history.head(home)).seq == 41
        drafts = house.engine.folder(home, well_known_id(home, "drafts"))
        assert drafts.total == 40
