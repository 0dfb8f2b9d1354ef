"""What all commands have in common, and whose mailbox they mean."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from letterbook import open_book
from letterbook.adapters.cli.commands import cli
from tests.cli.terminal import ADELE, ALEX, MEGAN, Terminal

STRANGE_ID = "AAMkAQGh-90UlXnOszJBL5eAY-Y="


def every_command(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command there is, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = dict(every_command(cli))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(nowhere: Terminal, words: tuple[str, ...]) -> None:
    """Help needs no store."""
    said = nowhere.tell(*words, "--help")
    assert said.startswith(f"Usage: letterbook {' '.join(words)} ")
    assert all(option.help for option in COMMANDS[words].params if isinstance(option, click.Option))
    assert not nowhere.store.exists()


def test_every_command_answers_in_json() -> None:
    """Programs use the command line too."""
    assert [words for words, command in COMMANDS.items() if "as_json" not in names(command)] == []


def test_every_command_that_has_mail_to_do_with_takes_a_store() -> None:
    """A completion script is the same for all stores."""
    assert [words for words, command in COMMANDS.items() if "store" not in names(command)] == [
        ("completion",)
    ]


def names(command: click.Command) -> set[str | None]:
    """What a command can be told."""
    return {param.name for param in command.params}


def test_the_commands_are_those_of_the_issue() -> None:
    """A command that is gone would be missed."""
    wanted = "serve token draft update mention send drafts sent folder show history rebuild demo completion"
    assert set(wanted.split()) <= cli.commands.keys()


def test_reading_does_not_begin_a_store(nowhere: Terminal) -> None:
    """A slip in a path must not leave an empty store behind."""
    assert "There is no store" in nowhere.refused("drafts")
    assert not nowhere.store.exists()


def test_a_store_needs_a_folder(nowhere: Terminal, tmp_path: Path) -> None:
    """The folder is not made, for it may be a slip too."""
    missing = str(tmp_path / "missing" / "mail.db")
    assert "there is no folder" in nowhere.refused("user", "add", ALEX, "--store", missing)
    assert "there is no folder" in nowhere.refused("sent", "--store", missing)


def test_any_other_file_is_no_store(nowhere: Terminal) -> None:
    """What is in it stays as it is."""
    nowhere.store.write_text("Dear diary, today nothing happened.")
    assert "not a Letterbook store" in nowhere.refused("user", "list")
    assert nowhere.store.read_text() == "Dear diary, today nothing happened."


def test_a_store_in_memory_makes_no_sense_here(nowhere: Terminal) -> None:
    """It would be gone with the command."""
    assert "in memory" in nowhere.refused("user", "add", ALEX, "--store", ":memory:", code=2)


def test_a_store_on_the_command_line_beats_the_environment(office: Terminal, tmp_path: Path) -> None:
    """As everywhere else."""
    other = str(tmp_path / "other.db")
    office.tell("user", "add", MEGAN, "--store", other)
    assert [each["address"] for each in office.ask("user", "list", "--store", other)] == [MEGAN]


def test_with_several_mailboxes_one_has_to_say_whose(office: Terminal) -> None:
    """Guessing could put a letter into the wrong drawer."""
    for words in (("drafts",), ("draft", "--subject", "Lunch")):
        assert "Whose mailbox?" in office.refused(*words, code=2)


def test_the_environment_can_say_whose(office: Terminal) -> None:
    """For people who always mean the same."""
    made = office.draft("--as", ADELE, "--subject", "Hers")
    words = ["drafts", "--json", "--store", str(office.store)]
    done = CliRunner().invoke(cli, words, env={"LETTERBOOK_AS": ADELE})
    assert [each["id"] for each in json.loads(done.stdout)] == [made]


def test_a_stranger_has_no_mailbox(office: Terminal) -> None:
    """And does not get one by being asked for."""
    assert f"{MEGAN} has no mailbox here" in office.refused("drafts", "--as", MEGAN)
    assert len(office.ask("user", "list")) == 2


def test_with_no_mailbox_at_all_there_is_nobody_to_be(nowhere: Terminal) -> None:
    """A store without people, as `serve` makes it."""
    open_book(nowhere.store).close()
    assert "Nobody has a mailbox here" in nowhere.refused("drafts")
    assert nowhere.tell("user", "list") == "Nobody has a mailbox yet.\n"


def test_an_id_finds_its_mailbox(office: Terminal) -> None:
    """Names are never given twice, so an id says whose it is."""
    for who in (ALEX, ADELE):
        made = office.draft("--as", who, "--subject", f"From {who}")
        assert office.ask("show", made)["subject"] == f"From {who}"


@pytest.mark.parametrize("words", [("show",), ("history",), ("send",), ("update", "--subject", "x")])
def test_an_id_in_another_mailbox_is_unknown(office: Terminal, words: tuple[str, ...]) -> None:
    """Whoever says whose mailbox is meant gets nobody else's."""
    made = office.draft("--as", ALEX, "--subject", "Secret", "--to", ADELE)
    assert "not found" in office.refused(*words, made, "--as", ADELE)


@pytest.mark.parametrize("words", [("show",), ("history",), ("send",), ("update", "--subject", "x")])
@pytest.mark.parametrize(("message", "why"), [(STRANGE_ID, "not found"), ("x", "Id is malformed.")])
def test_an_unknown_id_is_refused(office: Terminal, words: tuple[str, ...], message: str, why: str) -> None:
    """Whether it could be one or not."""
    assert why in office.refused(*words, message)
