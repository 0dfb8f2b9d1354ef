"""What was gathered for checkpoints is believed by nobody: where it does not fit, it is gathered anew."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from letterbook import Book, Checkpoint, Mailbox, StoreDamaged, open_book
from letterbook.application.merkle import root_of
from letterbook.application.notes import read_checkpoint, read_key
from tests.proof.independent import verifier
from tests.proof.test_verifying import tamper

ALEX = "alexw@contoso.com"
FEW, MANY = 10, 600
TILES = "SELECT number, root, hashes FROM tiles ORDER BY mailbox, number"
DAMAGES = [
    "UPDATE tiles SET root=zeroblob(32)",
    "UPDATE tiles SET root='forged'",
    "UPDATE tiles SET hashes=x'0011'",
    "UPDATE tiles SET hashes='text'",
    "UPDATE tiles SET hashes=zeroblob(length(hashes))",
    "UPDATE tiles SET hashes=CAST(hashes||zeroblob(32) AS BLOB)",
    "UPDATE tiles SET hashes=CAST(zeroblob(32)||substr(hashes, 33) AS BLOB) WHERE number=0",
    "UPDATE tiles SET hashes=CAST(substr(hashes, 1, length(hashes)-32)||zeroblob(32) AS BLOB) WHERE number=0",
    "UPDATE tiles SET number=number+7",
    "DELETE FROM tiles",
]


@pytest.fixture(scope="module", params=[FEW, MANY])
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mailbox with few events, or with more than two tiles of them, signed twice; closed."""
    file = tmp_path_factory.mktemp("origin") / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        for number in range(request.param - 1):
            alex.create_draft(subject=f"{number}")
            if number == 3:
                alex.checkpoint()
        alex.checkpoint()
    return file


@pytest.fixture
def file(origin: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(origin, tmp_path / "mail.db"))


def tiles(file: Path) -> list[tuple[object, ...]]:
    """What is gathered in a file."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(TILES).fetchall()


def signed(file: Path) -> list[Checkpoint]:
    """What the store has signed."""
    with open_book(file, deliver=False) as book, book.engine.store.reading() as session:
        home = book.users()[0].mailbox
        return [read_checkpoint(note) for note in session.evidence.checkpoints(home)]


def is_content(proof: dict[str, object], alex: Mailbox) -> bool:
    """Whether the independent verifier is."""
    return bool(verifier.check_proof(proof, [read_key(alex.checkpoint_key())]))


def root(book: Book, alex: Mailbox) -> bytes:
    """The root that the events have."""
    with book.engine.store.reading() as session:
        return root_of(each.hash for each in session.evidence.events(alex.id))


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_tiles_are_gathered_anew_to_sign(file: Path, damage: str) -> None:
    """With or without something new to sign."""
    tamper(file, damage)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        assert alex.checkpoint().root == root(book, alex)
        alex.create_draft(subject="One more")
        assert alex.checkpoint().root == root(book, alex)
        assert book.verify().good


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_tiles_are_gathered_anew_to_prove(file: Path, damage: str) -> None:
    """Messages of the first tile and the last, and growth from within a tile."""
    older = signed(file)[0]
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        names = {each.subject: each for each in alex.drafts()}
        for subject in ("0", str(len(names) - 1)):
            tamper(file, damage)
            assert is_content(alex.prove(names[subject]), alex)
        tamper(file, damage)
        assert is_content(alex.prove_growth(older), alex)


def test_what_was_gathered_and_not_signed_is_not_believed(file: Path) -> None:
    """A witness failed, and before the next attempt somebody wrote other hashes."""
    with open_book(file, deliver=False) as book:
        alex, told = book.mailbox(ALEX), list[Checkpoint]()
        for _ in range(300):
            alex.create_draft(subject="More")

        def fail_at_first(checkpoint: Checkpoint) -> None:
            told.append(checkpoint)
            if len(told) == 1:
                raise OSError("the disk of the witness is full")

        book.checkpoints._witnesses = (fail_at_first,)
        with pytest.raises(OSError, match="full"):
            alex.checkpoint()
        last = max(number for number, *_ in tiles(file) if isinstance(number, int))
        tamper(file, "UPDATE tiles SET root=randomblob(32) WHERE number=?", last - 1)
        assert alex.checkpoint().root == root(book, alex)
        assert told[0] == told[1]
        assert book.verify().good


@pytest.mark.parametrize("damage", [DAMAGES[0], *DAMAGES[2:4]])
def test_nobody_is_accused_but_the_event_that_was_changed(file: Path, damage: str) -> None:
    """Tiles that are wrong stay with a history that is wrong: they may tell more of it."""
    tamper(file, "UPDATE events SET recorded=recorded+1 WHERE seq=5")
    tamper(file, damage)
    left = tiles(file)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        for _ in range(2):
            with pytest.raises(StoreDamaged, match=f"event 5 of mailbox {alex.id} is not what was recorded"):
                alex.checkpoint()
    assert tiles(file) == left


def test_tiles_that_are_right_are_not_made_to_fit_a_history_that_is_not(file: Path) -> None:
    """The newest event is gone: whoever verifies needs the hash that it had."""
    right = tiles(file)
    tamper(file, "DELETE FROM events WHERE seq=(SELECT max(seq) FROM events)")
    with open_book(file, deliver=False) as book:
        with pytest.raises(StoreDamaged):
            book.mailbox(ALEX).checkpoint()
        assert not book.verify().good
    assert tiles(file) == right
