"""Replies, forwards, moves and copies, at a terminal."""

from pathlib import Path

import pytest

from tests.cli.terminal import ADELE, ALEX, MEGAN, Terminal


@pytest.fixture
def letter(office: Terminal) -> str:
    """The id of a letter from Adele that Alex got."""
    made = office.draft(
        "--as", ADELE, "--subject", "Lunch", "--body", "At noon?", "--to", ALEX, "--to", MEGAN
    )
    office.tell("send", made)
    (got,) = office.ask("folder", "inbox", "--as", ALEX)
    return str(got["id"])


def test_a_reply_is_sent_and_delivered(office: Terminal, letter: str) -> None:
    """In one go, as a person would."""
    said = office.tell("reply", letter, "--body", "Yes!")
    assert said.startswith('Sent "RE: Lunch".\n')
    assert f"{ADELE}  delivered via mailbox" in said
    (got,) = office.ask("folder", "inbox", "--as", ADELE)
    assert got["body"]["content"].startswith("Yes!\r\n")


def test_a_reply_to_all_names_everyone(office: Terminal, letter: str) -> None:
    """But not whoever answers."""
    sent = office.ask("reply", letter, "--all")
    assert [each["recipient"] for each in sent["deliveries"]] == [ADELE, MEGAN]


def test_a_forward_carries_files(office: Terminal, letter: str, tmp_path: Path) -> None:
    """Those of the original would come along, too."""
    plan = tmp_path / "plan.csv"
    plan.write_bytes(b"a,b\n")
    made = office.tell("forward", letter, "--to", MEGAN, "--attach", str(plan), "--draft").strip()
    shown = office.ask("show", made)
    assert (shown["subject"], shown["isDraft"]) == ("FW: Lunch", True)
    assert [each["name"] for each in shown["attachments"]] == ["plan.csv"]
    assert office.ask("forward", letter, "--to", MEGAN)["message"]["isDraft"] is False
    assert "Missing option '--to'" in office.refused("forward", letter, code=2)


def test_a_message_is_moved_to_a_folder_by_any_of_its_names(office: Terminal, letter: str) -> None:
    """The one people see, or Graph's."""
    assert office.tell("move", letter, "Archive") == 'Moved "Lunch".\n'
    assert [each["id"] for each in office.ask("folder", "archive", "--as", ALEX)] == [letter]
    office.tell("move", letter, "junkemail")
    assert len(office.ask("folder", "Junk Email", "--as", ALEX)) == 1
    assert "Id is malformed." in office.refused("move", letter, "Nowhere")


def test_a_copy_has_an_id_of_its_own(office: Terminal, letter: str) -> None:
    """The original stays."""
    made = office.tell("copy", letter, "archive").strip()
    assert made != letter
    assert office.ask("show", made)["subject"] == office.ask("show", letter)["subject"] == "Lunch"
    assert "Id is malformed." in office.refused("copy", letter, "Nowhere")
