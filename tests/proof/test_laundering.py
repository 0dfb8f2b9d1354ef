"""Nobody is made to sign what was not recorded, and nobody is passed over, whatever is done to the file."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from letterbook import Checkpoint, StoreDamaged, Witnesses, open_book
from letterbook.application.merkle import root_of
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.proof.forger import Forger
from tests.proof.test_verifying import tamper


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A mailbox of 256 events that were signed, and 300 more that were not."""
    path = tmp_path / "mail.db"
    with open_book(path, deliver=False) as book:
        alex = book.mailbox(ALEX)
        for number in range(255):
            alex.create_draft(subject=f"{number}")
        alex.checkpoint()
        for number in range(300):
            alex.create_draft(subject=f"{number}")
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tiles SET number=1 WHERE number=0",
        "INSERT INTO tiles SELECT mailbox, 1, root, hashes FROM tiles WHERE number=0",
        "UPDATE tiles SET hashes=CAST(hashes||zeroblob(32) AS BLOB) WHERE number=0",
        "UPDATE tiles SET hashes=CAST(hashes||hashes AS BLOB) WHERE number=0",
    ],
)
def test_what_is_signed_is_the_root_of_the_events_or_nothing(file: Path, statement: str) -> None:
    """A tile where the next one belongs, or one that is too long, once made the root of no history."""
    tamper(file, statement)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        with book.engine.store.reading() as session:
            events = [each.hash for each in session.evidence.events(alex.id)]
        try:
            signed = alex.checkpoint()
        except StoreDamaged:
            signed = Checkpoint(alex.id, len(events), root_of(events), "")
        assert (signed.size, signed.root) == (len(events), root_of(events))
        assert book.verify().good


def test_a_history_that_was_rewritten_is_not_signed_when_its_checkpoints_are_gone(tmp_path: Path) -> None:
    """What was gathered still tells which event is another one now."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        for number in range(9):
            alex.create_draft(subject=f"{number}")
        kept = Witnesses([alex.checkpoint()])
    with closing(sqlite3.connect(file)) as connection, connection:
        (home,) = connection.execute("SELECT mailbox FROM events LIMIT 1").fetchone()
        forger = Forger(connection, UUID(bytes=home), Random(1))
        event, *others = forger.take(4)
        another = replace(event, state=event.state.replace(b'"2"', b'"Z"'))
        forger.put(forger.sealed([another, *others]))
        connection.execute("DELETE FROM checkpoints")

    with open_book(file, deliver=False) as book:
        with pytest.raises(StoreDamaged, match="event 4"):
            book.mailbox(ALEX).checkpoint()
        (finding,) = book.verify(kept).findings
        assert str(finding).startswith("event 4: is not the one that was signed"), finding


@pytest.fixture
def two(tmp_path: Path) -> Terminal:
    """A store of two people at whose terminal somebody sits."""
    terminal = Terminal(tmp_path / "two.db")
    with open_book(terminal.store, deliver=False) as book:
        for who in (ALEX, ADELE):
            book.mailbox(who).create_draft(subject="Lunch")
    return terminal


def test_a_mailbox_whose_events_are_gone_is_not_passed_over(two: Terminal) -> None:
    """And keeps nobody else from being signed."""
    two.run("checkpoint")
    with open_book(two.store, deliver=False) as book:
        adele = book.mailbox(ADELE).id
    with closing(sqlite3.connect(two.store)) as connection, connection:
        connection.execute("DELETE FROM events WHERE mailbox=?", (adele.bytes,))

    done = two.run("checkpoint")

    assert done.exit_code == 1
    assert str(adele) in done.stderr
    assert "letterbook/" in done.stdout, "Alex's is signed"
    assert str(adele) in two.run("key").stdout


def test_a_mailbox_can_be_named_by_its_id(two: Terminal) -> None:
    with open_book(two.store, deliver=False) as book:
        alex = book.mailbox(ALEX).id
    for command in ("key", "checkpoint", "verify"):
        assert two.run(command, "--as", str(alex)).exit_code == 0


def test_no_key_is_not_the_stores_own(two: Terminal, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("\n", encoding="utf-8")
    done = two.run("verify", "--keys", str(tmp_path / "none.txt"))
    assert done.exit_code == 1
    assert "no key in it" in done.stderr
