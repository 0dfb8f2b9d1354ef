"""Every event, blob and checkpoint is looked at; one flipped bit anywhere is found, and named."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from letterbook import (
    Book,
    Checkpoint,
    Ed25519Notary,
    Finding,
    Mailbox,
    Report,
    StoreDamaged,
    Witnesses,
    open_book,
)
from tests.contracts.history import AWAY
from tests.proof.independent import verifier

ALEX, ADELE = "alexw@contoso.com", "adelev@contoso.com"
LONG = "At noon? " * 10_000


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with letters small and large, signed, and closed."""
    file = tmp_path_factory.mktemp("origin") / "mail.db"
    with open_book(file, deliver=False) as book:
        alex, adele = book.mailbox(ALEX), book.mailbox(ADELE)
        for number in range(6):
            alex.send(alex.create_draft(subject=f"Lunch {number}", to=[ADELE], body=LONG[: number * 20_000]))
        book.deliver()
        adele.mark_read(adele.folder("inbox")[0])
        book.checkpoint()
    return file


@pytest.fixture
def file(origin: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    copy = tmp_path / "mail.db"
    shutil.copy(origin, copy)
    shutil.copytree(origin.with_name("mail.db.blobs"), tmp_path / "mail.db.blobs")
    return copy


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A new book."""
    with open_book(tmp_path / "new.db", deliver=False) as book:
        yield book


def report(file: Path, witnesses: Witnesses | None = None) -> Report:
    """What is found in a store."""
    with open_book(file, deliver=False) as book:
        return book.verify(witnesses)


def auditor_is_content(file: Path, outside: str = "") -> bool:
    """Whether the independent verifier finds nothing."""
    with open_book(file, deliver=False) as book:
        public = book.checkpoints.notary.public
    try:
        return all(verifier.check_store(str(file), [public], outside))
    except Exception:
        return False


def tamper(file: Path, statement: str, *values: object) -> None:
    """Change the file behind everybody's back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement, values).rowcount


def events(file: Path) -> list[tuple[bytes, int]]:
    """The places of all events."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT mailbox, seq FROM events ORDER BY mailbox, seq").fetchall()


def flipped(value: bytes, chance: Random) -> bytes:
    """The same with one bit flipped."""
    raw = bytearray(value)
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw)


def value(file: Path, column: str, mailbox: bytes, seq: int) -> Any:
    """What a column of an event holds."""
    with closing(sqlite3.connect(file)) as connection:
        statement = f"SELECT {column} FROM events WHERE mailbox=? AND seq=?"  # noqa: S608
        return connection.execute(statement, (mailbox, seq)).fetchone()[0]


def put(file: Path, column: str, new: object, mailbox: bytes, seq: int) -> None:
    """Have something else there; what was text stays text, however broken."""
    kind = "CAST(? AS TEXT)" if column == "topic" else "?"
    tamper(file, f"UPDATE events SET {column}={kind} WHERE mailbox=? AND seq=?", new, mailbox, seq)  # noqa: S608


def test_a_store_that_nobody_touched_is_good(file: Path) -> None:
    """Every event is counted, and all of them are signed."""
    found = report(file)
    assert found.good
    assert sum(each.events for each in found.mailboxes) == len(events(file))
    assert all(each.signed == each.events and each.witnessed == 0 for each in found.mailboxes)
    assert auditor_is_content(file)


def test_a_book_in_memory_is_verified_too() -> None:
    with open_book(":memory:", deliver=False) as book:
        alex = book.mailbox(ALEX)
        alex.create_draft(subject="Lunch", body=LONG)
        assert book.verify(Witnesses([alex.checkpoint()])).good


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("column", ["mailbox", "aggregate", "topic", "state", "hash"])
def test_one_flipped_bit_of_an_event_is_found(file: Path, column: str, number: int) -> None:
    """In any column of any event; both verifiers name the event."""
    chance = Random(f"{column} {number}")
    mailbox, seq = chance.choice(events(file))
    raw = value(file, column, mailbox, seq)
    bad = flipped(raw.encode() if column == "topic" else raw, chance)
    put(file, column, bad, mailbox, seq)
    assert (UUID(bytes=mailbox), seq) in [(each.mailbox, each.seq) for each in report(file).findings]
    assert not auditor_is_content(file)


BITS = [("seq", 5), ("seq", 62), ("version", 5), ("version", 62), ("recorded", 0), ("recorded", 40)]


@pytest.mark.parametrize(("column", "bit"), BITS)
def test_one_flipped_bit_of_a_number_is_found(file: Path, column: str, bit: int) -> None:
    """Wherever that puts the event; a place that is taken the table itself refuses."""
    mailbox, seq = Random(f"{column} {bit}").choice(events(file))
    put(file, column, value(file, column, mailbox, seq) ^ 1 << bit, mailbox, seq)
    assert (UUID(bytes=mailbox), seq) in [(each.mailbox, each.seq) for each in report(file).findings]
    assert not auditor_is_content(file)


def test_one_flipped_bit_on_the_disk_is_found(file: Path) -> None:
    """Where SQLite keeps the bytes of an event, whatever SQLite thinks of it."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT mailbox, seq, state FROM events WHERE LENGTH(state)<500").fetchall()
    whole = file.read_bytes()
    for chance in map(Random, range(8)):
        mailbox, seq, state = chance.choice(rows)
        start = whole.index(state)
        file.write_bytes(whole[:start] + flipped(state, chance) + whole[start + len(state) :])
        (found,) = report(file).findings
        assert (found.mailbox, found.seq) == (UUID(bytes=mailbox), seq)
        assert not auditor_is_content(file)


def test_one_flipped_bit_of_a_blob_is_found_and_never_served(file: Path) -> None:
    """The first event that names it is told; reading the letter is refused."""
    chance = Random(0)
    blobs = sorted(file.with_name("mail.db.blobs").glob("??/*"))
    assert len(blobs) == 2
    for blob in blobs:
        good = blob.read_bytes()
        spoilt = bytearray(good)
        spoilt[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        for bad in (bytes(spoilt), good[:-1], None):
            blob.write_bytes(bad) if bad is not None else blob.unlink()
            found = report(file).findings
            assert found
            assert all(each.seq is not None and "blob" in each.why for each in found)
            assert not auditor_is_content(file)
        blob.write_bytes(good)
    assert report(file).good


@pytest.mark.parametrize("number", range(6))
def test_a_changed_event_is_never_told(file: Path, number: int) -> None:
    """Whoever asks for a history with a flipped bit in it, or with a gap, is told that it is damaged."""
    chance = Random(number)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        message = chance.choice(alex.sent_items())
        event = chance.choice(alex.records(message))
        where = (alex.id.bytes, event.seq)
        if number:
            column = chance.choice(["state", "hash"])
            put(file, column, flipped(value(file, column, *where), chance), *where)
        else:
            tamper(file, "DELETE FROM events WHERE mailbox=? AND seq=?", *where)
        with pytest.raises(StoreDamaged):
            alex.history(message)
        assert alex.folders(), "the rest is told as ever"
        if number:
            with pytest.raises(StoreDamaged):
                alex.changes()


# --- Checkpoints and the store itself --------------------------------------------------------------


def whole(book: Book) -> tuple[Mailbox, Checkpoint]:
    """A mailbox with ten drafts, and its checkpoint."""
    alex = book.mailbox(ALEX)
    for number in range(10):
        alex.create_draft(subject=f"{number}")
    return alex, alex.checkpoint()


def finding(book: Book, *outside: Checkpoint, keys: tuple[bytes, ...] = ()) -> Finding:
    """The only thing that is wrong."""
    (found,) = book.verify(Witnesses(outside, keys)).findings
    return found


def test_cutting_off_the_end_is_only_seen_by_whoever_kept_a_checkpoint(book: Book, tmp_path: Path) -> None:
    """Together with everything in the store that signed it. This is why checkpoints are kept elsewhere."""
    _, outside = whole(book)
    file = tmp_path / "new.db"
    tamper(file, "DELETE FROM events WHERE seq>6")
    assert finding(book).seq == 7, "the store's own checkpoint"
    tamper(file, "DELETE FROM checkpoints")
    assert "event 7" in str(finding(book)), "the lists of now"
    tamper(file, "DELETE FROM view_positions")
    assert book.verify().good
    found = finding(book, outside)
    assert (found.seq, found.until) == (7, None)
    tamper(file, "DELETE FROM tiles")
    found = finding(book, outside)
    assert (found.seq, found.until) == (1, 7), "nothing tells whether it was only cut off"


def test_a_mailbox_that_is_gone_is_missed(book: Book, tmp_path: Path) -> None:
    alex, outside = whole(book)
    for table in ("events", "tiles", "checkpoints"):
        tamper(tmp_path / "new.db", f"DELETE FROM {table}")  # noqa: S608
    found = finding(book, outside)
    assert (found.mailbox, found.seq) == (alex.id, 1)
    assert not auditor_is_content(tmp_path / "new.db", outside.note)


def test_a_checkpoint_of_another_signer_is_not_believed(book: Book) -> None:
    """Whoever names the keys to believe is not told others by the store."""
    alex, outside = whole(book)
    stranger = Ed25519Notary.of_store(b"another store")
    assert "not signed by a key" in finding(book, outside, keys=(stranger.public,)).why
    assert book.verify(Witnesses([outside], [stranger.public, book.checkpoints.notary.public])).good
    forged = Checkpoint(alex.id, 5, outside.root, outside.note.replace("\n11\n", "\n5\n"))
    assert "not signed by a key" in finding(book, forged).why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("SET note=replace(note, char(10) || '11' || char(10), char(10) || '7' || char(10))", "forged"),
        ("SET note='nothing'", "none"),
        (f"SET mailbox=x'{AWAY.hex}'", "forged"),
    ],
)
def test_forged_checkpoints_of_the_store_are_told(book: Book, tmp_path: Path, change: str, why: str) -> None:
    """They are not about an event."""
    whole(book)
    tamper(tmp_path / "new.db", f"UPDATE checkpoints {change}")
    found = finding(book)
    assert (found.seq, why in found.why) == (None, True)


def test_a_history_that_somebody_signed_anew_is_found_with_an_outside_checkpoint(
    book: Book, tmp_path: Path
) -> None:
    """Whoever holds the file holds its key: only what is kept elsewhere contradicts them."""
    alex, outside = whole(book)
    tamper(tmp_path / "new.db", "DELETE FROM events WHERE seq>6")
    for table in ("tiles", "checkpoints"):
        tamper(tmp_path / "new.db", f"DELETE FROM {table}")  # noqa: S608
    tamper(tmp_path / "new.db", "UPDATE view_positions SET position=6")
    book.engine._memory.forget()
    for number in range(9):
        alex.create_draft(subject=f"another {number}")
    alex.checkpoint()
    assert book.verify().good
    found = finding(book, outside)
    assert (found.seq, found.until) == (1, 11)
    assert "one of the events 1 to 11" in str(found)


def test_one_mailbox_can_be_looked_at_alone(file: Path) -> None:
    tamper(file, "UPDATE events SET recorded=0 WHERE seq=3")
    with open_book(file, deliver=False) as book:
        boxes = [book.mailbox(ALEX), book.mailbox(ADELE)]
        for box in boxes:
            (verified,) = book.verify(only=box.id).mailboxes
            assert (verified.mailbox, [each.seq for each in verified.findings]) == (box.id, [3])
        assert len(book.verify().findings) == 2


def test_a_damaged_index_is_told(file: Path) -> None:
    """SQLite finds out that an index does not lead to its row, though no event is wrong."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        change = "SET sql=replace(sql, 'version)', 'seq)')"
        connection.execute(f"UPDATE sqlite_master {change} WHERE name='events'")
    found = report(file)
    assert found.store
    assert all(each.mailbox is None for each in found.store)


def test_progress_is_told(file: Path) -> None:
    """Every event once."""
    told: dict[UUID, int] = {}

    def tell(mailbox: UUID, count: int) -> None:
        told[mailbox] = told.get(mailbox, 0) + count

    with open_book(file, deliver=False) as book:
        found = book.verify(progress=tell)
    assert told == {each.mailbox: each.events for each in found.mailboxes}
