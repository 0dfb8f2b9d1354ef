"""Checkpoints, keys, proofs and verifying at a terminal."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from letterbook import Ed25519Notary, open_book
from letterbook.application.notes import read_checkpoints, read_key, verifier_key
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.contracts.history import HOME


def tamper(terminal: Terminal, statement: str) -> None:
    """Change the store behind everybody's back."""
    with closing(sqlite3.connect(terminal.store)) as connection, connection:
        assert connection.execute(statement).rowcount


def test_checkpoints_are_printed_and_nothing_else(office: Terminal) -> None:
    """So that they can be kept as they are; with --to they are added to a file as well."""
    kept = office.store.with_name("checkpoints.txt")
    printed = office.tell("checkpoint", "--to", str(kept))
    assert [each.size for each in read_checkpoints(printed)] == [1, 1]
    office.draft("--as", ALEX)
    again = office.tell("checkpoint", "--as", ALEX, "--to", str(kept))
    assert read_checkpoints(kept.read_text(encoding="utf-8")) == read_checkpoints(printed + again)
    answer = office.ask("checkpoint", "--as", ALEX)
    assert [(each["events"], each["note"]) for each in answer] == [(2, again)]


def test_keys_are_printed(office: Terminal) -> None:
    """One line for each mailbox, all with the key of the store."""
    lines = office.tell("key").splitlines()
    with open_book(office.store) as book:
        assert {read_key(line) for line in lines} == {book.checkpoints.notary.public}
    assert office.ask("key", "--as", ALEX)[0] in lines


def test_a_message_is_proved_to_a_file(alone: Terminal) -> None:
    """The id is enough; one that is nowhere is refused."""
    proof = json.loads(alone.tell("prove", alone.draft("--subject", "Lunch")))
    assert (proof["format"], len(proof["events"])) == ("letterbook-proof-v1", 1)
    assert "not found" in alone.refused("prove", "AAMkAQGh-90UlXnOszJBL5eAY-Y=")


def test_growth_is_proved_for_every_checkpoint_of_a_file(office: Terminal, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoints.txt"
    office.tell("checkpoint", "--to", str(kept))
    office.draft("--as", ALEX)
    proofs = json.loads(office.tell("prove", "--since", str(kept)))
    assert [each["format"] for each in proofs] == ["letterbook-growth-v1"] * 2
    assert len(json.loads(office.tell("prove", "--since", str(kept), "--as", ADELE))) == 1


@pytest.mark.parametrize("words", [("prove",), ("prove", "AAMk", "--since", __file__)])
def test_one_thing_is_proved_at_a_time(alone: Terminal, words: tuple[str, ...]) -> None:
    assert "Say which message, or --since" in alone.refused(*words, code=2)


def test_a_good_store_is_good(office: Terminal, tmp_path: Path) -> None:
    """And it is said what could not be seen without a checkpoint from outside."""
    office.draft("--as", ALEX)
    lines = [line.split() for line in office.tell("verify").splitlines()]
    assert [ALEX, "2", "0", "0", "good"] in lines
    assert "cut off" in office.tell("verify")
    kept = tmp_path / "checkpoints.txt"
    office.tell("checkpoint", "--to", str(kept))
    told = office.tell("verify", "--checkpoints", str(kept))
    assert [ALEX, "2", "2", "2", "good"] in [line.split() for line in told.splitlines()]
    assert "cut off" not in told
    report = office.ask("verify", "--as", ADELE)
    assert report == {
        "good": True,
        "mailboxes": [{"mailbox": ADELE, "events": 1, "signed": 1, "witnessed": 0}],
        "findings": [],
    }


def test_the_first_bad_event_is_named(office: Terminal) -> None:
    """Exit code 1."""
    for subject in ("Lunch", "Dinner"):
        office.draft("--as", ALEX, "--subject", subject)
    tamper(office, "UPDATE events SET recorded=recorded+1 WHERE seq=2")
    done = office.run("verify")
    assert done.exit_code == 1
    assert f"{ALEX}: event 2: is not what was recorded" in done.stdout
    done = office.run("verify", "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["mailbox"], finding["event"], finding["until"]) == (ALEX, 2, None)


def test_other_keys_can_be_believed(alone: Terminal, tmp_path: Path) -> None:
    """What the store's own key signed is then not enough."""
    kept, keys = tmp_path / "checkpoints.txt", tmp_path / "keys.txt"
    alone.tell("checkpoint", "--to", str(kept))
    keys.write_text(alone.tell("key"), encoding="utf-8")
    alone.tell("verify", "--checkpoints", str(kept), "--keys", str(keys))
    stranger = Ed25519Notary.of_store(b"another store")
    keys.write_text(verifier_key(stranger.public, HOME), encoding="utf-8")
    done = alone.run("verify", "--checkpoints", str(kept), "--keys", str(keys))
    assert (done.exit_code, "not signed by a key" in done.stdout) == (1, True)


@pytest.mark.parametrize("option", ["--checkpoints", "--keys"])
@pytest.mark.parametrize("content", [b"Dear diary", b"\xff\xfe"])
def test_a_file_that_is_something_else_is_refused(
    alone: Terminal, tmp_path: Path, option: str, content: bytes
) -> None:
    """Nothing is verified against it."""
    (tmp_path / "kept.txt").write_bytes(content)
    assert "is not made of" in alone.refused("verify", option, str(tmp_path / "kept.txt"))


def test_verifying_shows_how_far_it_is(alone: Terminal) -> None:
    """To whoever sits at a terminal, and beside the answer."""
    alone.colours = True
    done = alone.run("verify")
    assert done.exit_code == 0
    assert "Verifying" in done.stderr
    assert "Verifying" not in done.stdout
