"""import and export at a terminal."""

import json
from pathlib import Path

import pytest

from letterbook.adapters.cli.moving import FACTS
from tests.cli.terminal import ALEX, Terminal
from tests.moving.letters import letter, mbox


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two letters."""
    (tmp_path / "Inbox.mbox").write_bytes(mbox(letter(1), letter(2)))
    return tmp_path / "Inbox.mbox"


def test_mail_is_brought_in(alone: Terminal, file: Path) -> None:
    """What was said is short where all went well."""
    assert alone.tell("import", str(file)) == "Imported: 2\n"
    assert alone.tell("import", str(file)) == "Imported: 0\nHere already from the same place: 2\n"
    assert {each["subject"] for each in alone.ask("folder", "inbox")} == {"Letter 1", "Letter 2"}


def test_what_was_left_out_is_named(alone: Terminal, tmp_path: Path) -> None:
    """And a letter that cannot be read makes the exit code 1."""
    (tmp_path / "a.mbox").write_bytes(mbox(letter(1), letter(1), b"\x00\n", letter(2)))
    done = alone.run("import", str(tmp_path / "a.mbox"))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "Imported: 2",
        "Left out, their Message-ID is here already: 1",
        "Left out, they cannot be read: 1",
    ]
    assert [line.partition(": ")[2] for line in lines[3:]] == [
        "duplicate of the message <1@contoso.com>",
        "it has no headers",
    ]


def test_programs_get_the_report(alone: Terminal, file: Path) -> None:
    """With the same members as in Python."""
    report = alone.ask("import", str(file), "--format", "mbox", "--folder", "archive")
    assert report == {"imported": 2, "already": 0, "duplicates": 0, "unreadable": 0, "left_out": []}
    assert len(alone.ask("folder", "archive")) == 2


def test_what_is_no_mail_is_refused(alone: Terminal, tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "notes.txt").write_text("Dear diary")
    assert "does not look like mail" in alone.refused("import", str(tmp_path / "notes.txt"))
    assert "no file or folder" in alone.refused("import", str(tmp_path / "nowhere"))
    assert "pst" in alone.refused("import", str(tmp_path), "--format", "pst", code=2)


def test_somebodys_mail_is_written(office: Terminal, file: Path, tmp_path: Path) -> None:
    """Whose has to be said where there are several."""
    office.tell("import", str(file), "--as", ALEX)
    said = office.tell("export", str(tmp_path / "out"), "--as", ALEX)
    assert said == f"2 letters are in {tmp_path / 'out'}.\n"
    assert len(list((tmp_path / "out" / "cur").iterdir())) == 2
    data = office.ask("export", str(tmp_path / "boxes"), "--format", "mbox", "--as", ALEX)
    assert data == {"path": str(tmp_path / "boxes"), "letters": 2}
    assert "is there already" in office.refused("export", str(tmp_path / "out"), "--as", ALEX)
    assert "Whose mailbox?" in office.refused("export", str(tmp_path / "other"), code=2)


def test_facts_go_into_a_new_store(office: Terminal, file: Path, tmp_path: Path) -> None:
    """Which the file itself says that they are; the new store has the same people."""
    office.tell("import", str(file), "--as", ALEX)
    facts = tmp_path / "facts.jsonl"
    assert office.tell("export", str(facts), "--format", FACTS) == f"4 facts are in {facts}.\n"
    other = Terminal(tmp_path / "other.db")
    assert other.tell("import", str(facts)) == "4 facts are here now, every seal as it was.\n"
    assert other.ask("user", "list") == office.ask("user", "list")
    assert other.ask("folder", "inbox", "--as", ALEX) == office.ask("folder", "inbox", "--as", ALEX)
    assert other.ask("import", str(facts)) == {"events": 0, "already": 4}
    again = other.tell("import", str(facts), "--format", FACTS)
    assert again == "0 facts are here now, every seal as it was, 4 were here before.\n"


def test_a_changed_file_of_facts_is_refused(office: Terminal, tmp_path: Path) -> None:
    """In one line, which names the event."""
    facts = tmp_path / "facts.jsonl"
    office.tell("export", str(facts), "--format", FACTS)
    facts.write_text(facts.read_text().replace("Alex Wilber", "Alex Milber"))
    other = Terminal(tmp_path / "other.db")
    assert "event 1 of mailbox" in other.refused("import", str(facts))


def test_the_history_says_where_a_letter_was_found(alone: Terminal, file: Path) -> None:
    """With the place in the file."""
    alone.tell("import", str(file))
    (message, _) = alone.ask("folder", "inbox")
    assert "Imported" in alone.tell("history", message["id"])
    assert "origin: Inbox.mbox" in alone.tell("history", message["id"])
    assert "Inbox.mbox" in json.dumps(alone.ask("history", message["id"]))


def test_a_bar_is_drawn_for_whoever_watches(alone: Terminal, file: Path) -> None:
    """On the side where errors go; the answer stands alone."""
    words = ("import", str(file))
    assert "Importing" in Terminal(alone.store, colours=True).run(*words).stderr
    assert alone.run(*words).stderr == ""
