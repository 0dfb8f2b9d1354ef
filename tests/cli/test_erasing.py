"""Erasing at a terminal."""

from pathlib import Path

import pytest

from tests.cli.terminal import ADELE, ALEX, MEGAN, Terminal
from tests.forgetting.canaries import found

WHY = "Sent to the wrong person"


@pytest.fixture
def sealed(nowhere: Terminal) -> Terminal:
    """An encrypted store in which Alex and Adele have mailboxes."""
    nowhere.tell("user", "add", ALEX, "--name", "Alex Wilber", "--encrypted")
    nowhere.tell("user", "add", ADELE, "--name", "Adele Vance")
    return nowhere


def test_a_message_is_erased(sealed: Terminal) -> None:
    draft = sealed.draft("--as", ALEX, "--subject", "Xylophone", "--to", ADELE)
    assert sealed.tell("erase", draft, "--why", WHY, "--by", ADELE) == "Erased: 1 message, 0 mailboxes.\n"
    assert found(sealed.store, ["Xylophone"]) == set()
    told = sealed.tell("history", draft, "--as", ALEX)
    assert "DraftCreated" in told
    assert "forgotten" in told
    assert WHY in " ".join(told.split())
    assert ADELE in told
    assert "good" in sealed.tell("verify")


def test_people_are_erased(sealed: Terminal) -> None:
    sealed.draft("--as", ADELE, "--subject", "Lunch", "--to", ALEX)
    sealed.draft("--as", ADELE, "--subject", "Dinner", "--to", MEGAN, "--body", f"{ALEX} comes, too.")
    told = sealed.tell("erase", "--person", ALEX, "--person", "nobody@contoso.com", "--why", WHY)
    assert told.splitlines()[:4] == [
        "Erased: 1 message, 1 mailbox.",
        f"  all of {ALEX}",
        "Still named, for you to look at:",
        f"  {ALEX} in {ADELE}: message.draft-created.v1 {told.split()[-1]}",
    ]
    assert "Dinner" in sealed.tell("drafts")
    assert "has no mailbox here" in sealed.refused("drafts", "--as", ALEX)
    assert "was erased" in sealed.refused("user", "add", ALEX)


def test_programs_are_told_in_json(sealed: Terminal) -> None:
    assert sealed.ask("erase", "--person", ALEX, "--why", WHY) == {
        "messages": 0,
        "mailboxes": [ALEX],
        "held_messages": 0,
        "held_mailboxes": [],
        "traces": [],
        "purged": True,
    }


def test_a_store_that_is_not_encrypted_says_what_to_do(alone: Terminal) -> None:
    draft = alone.draft("--subject", "Xylophone")
    for what in ([draft], ["--person", ALEX]):
        why = alone.refused("erase", *what, "--why", WHY)
        assert "This store is not encrypted" in why
        assert "docs/audit.md" in why
    assert "is not encrypted, and stays so" in alone.refused("user", "add", ADELE, "--encrypted")


def test_it_is_said_what_is_to_be_erased_and_why(sealed: Terminal) -> None:
    assert "Missing option '--why'" in sealed.refused("erase", "--person", ALEX, code=2)
    assert "Say which message" in sealed.refused("erase", "--why", WHY, code=2)
    assert "Say which message" in sealed.refused("erase", "x", "--person", ALEX, "--why", WHY, code=2)
    assert "for a reason" in sealed.refused("erase", "--person", ALEX, "--why", " ")


def test_without_its_key_nothing_is_opened(sealed: Terminal) -> None:
    Path(f"{sealed.store}.key").unlink()
    assert "its key is not there" in sealed.refused("drafts", "--as", ALEX)


def test_facts_are_brought_into_an_encrypted_store_with_the_same_key(
    sealed: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed.draft("--as", ALEX, "--subject", "Xylophone")
    sealed.tell("export", str(tmp_path / "facts.jsonl"), "--format", "facts")
    monkeypatch.setenv("LETTERBOOK_KEY_FILE", f"{sealed.store}.key")
    other = Terminal(tmp_path / "other.db")
    other.tell("import", str(tmp_path / "facts.jsonl"), "--encrypted")
    assert "Xylophone" in other.tell("drafts", "--as", ALEX)
