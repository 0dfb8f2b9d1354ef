"""The independent verifier leaves nothing behind, and never is content with nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from letterbook import open_book
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.proof.independent import FILE, verifier
from tests.proof.test_verifying import auditor_is_content, report


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A folder with a closed store, its key and its checkpoints."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    terminal = Terminal(folder / "mail.db")
    for who in (ALEX, ADELE):
        terminal.tell("user", "add", who)
    terminal.tell(
        "send", terminal.draft("--as", ALEX, "--to", ADELE, "--subject", "Lunch", "--body", "At noon?")
    )
    (folder / "keys.txt").write_text(terminal.tell("key"), encoding="utf-8")
    terminal.tell("checkpoint", "--to", str(folder / "checkpoints.txt"))
    return folder


def verify(evidence: Path, *first: str) -> "subprocess.CompletedProcess[str]":
    """Run the verifier as a program."""
    words = [str(evidence / name) for name in ("mail.db", "keys.txt", "checkpoints.txt")]
    command = [sys.executable, *first, str(FILE), "store", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


WITHOUT_RIGHTS = """
import os, runpy, sys
main = runpy.run_path(sys.argv[1])["main"]
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
sys.exit(main(*sys.argv[2:]))
"""
"""Nobody's program: rights to files are nothing to whoever may do anything."""


def test_nothing_is_left_beside_a_store_that_nobody_has_open(evidence: Path) -> None:
    before = sorted(path.name for path in evidence.iterdir())
    assert verify(evidence).returncode == 0
    assert sorted(path.name for path in evidence.iterdir()) == before


def test_a_copy_that_can_only_be_read_is_checked(evidence: Path) -> None:
    """For a store with a write-ahead log SQLite would need to write, even if the log is not there."""
    with TemporaryDirectory() as place:  # whose parents anybody may pass
        copy = Path(place)
        shutil.copytree(evidence, copy, dirs_exist_ok=True)
        for path in copy.iterdir():
            path.chmod(0o444)
        copy.chmod(0o555)
        done = verify(copy, "-c", WITHOUT_RIGHTS)
        copy.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count(" signed\n") == 2


def test_a_store_that_is_open_is_checked_with_what_is_in_its_log(evidence: Path) -> None:
    with open_book(evidence / "mail.db", deliver=False) as book:
        book.mailbox(ALEX).create_draft(subject="One more")
        assert "5 events good" in verify(evidence).stdout


def test_whoever_writes_while_it_looks_is_noticed(evidence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a lock, what was read may be of two moments: that is neither good nor tampered with."""
    file = evidence / "mail.db"

    def meanwhile(*_: object) -> tuple[int, int, None]:
        os.utime(file, ns=(1, 1))
        return 0, 0, None

    monkeypatch.setattr(verifier, "check_mailbox", meanwhile)
    with pytest.raises(ValueError, match="meanwhile"):
        list(verifier.check_store(str(file), [], ""))


@pytest.mark.parametrize(
    "change",
    [
        "state=CAST(state AS TEXT)",
        "aggregate=CAST(aggregate AS TEXT)",
        "hash=CAST(hash AS TEXT)",
        "topic=CAST(topic AS BLOB)",
        "aggregate=CAST(aggregate||x'00' AS BLOB)",
    ],
)
def test_what_is_sealed_alike_and_kept_otherwise_is_not_what_was_recorded(
    evidence: Path, change: str
) -> None:
    """Both verifiers say so: nobody finds an event by a longer name, so one could be hidden."""
    file = evidence / "mail.db"
    assert auditor_is_content(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE events SET {change} WHERE seq=2")  # noqa: S608
    assert not report(file).good
    assert not auditor_is_content(file)


def test_a_store_of_nothing_proves_nothing(evidence: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As an empty list of proofs."""
    with closing(sqlite3.connect(evidence / "mail.db")) as connection, connection:
        for table in ("events", "checkpoints", "tiles"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
    (evidence / "none.txt").write_text("", encoding="utf-8")
    assert verifier.main("store", str(evidence / "mail.db"), str(evidence / "none.txt")) == 1
    assert "BAD: there is nothing in it" in capsys.readouterr().out


def test_no_proof_proves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list is not a list of good proofs."""
    for name, text in (("proof.json", "[]"), ("keys.txt", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert verifier.main("proof", str(tmp_path / "proof.json"), str(tmp_path / "keys.txt")) == 1
    assert "BAD: there is nothing in it" in capsys.readouterr().out
