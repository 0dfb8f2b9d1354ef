"""The past at a terminal: history, --at, diff, fork."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from letterbook.adapters.cli import drawing
from tests.cli.terminal import ADELE, ALEX, Terminal


def written(alone: Terminal) -> str:
    """A draft that was rewritten: positions 2 and 3."""
    made = alone.draft("--subject", "Lunch", "--body", "At noon?")
    alone.tell("update", made, "--subject", "Dinner")
    return made


def test_history_shows_only_what_changed(alone: Terminal) -> None:
    made = written(alone)
    alone.tell("update", made, "--to", ADELE)

    first, second, third = alone.tell("history", made).splitlines()[1:]

    assert first.endswith("subject: Lunch; parentFolderId: Drafts")
    assert second.endswith("  subject: Lunch -> Dinner")
    assert re.search(r"alexw@contoso.com  request [0-9a-f]{8}  subject", second)
    assert third.endswith(f"  toRecipients: {ADELE}")
    changes = [each["changes"] for each in alone.ask("history", made)]
    assert changes[1] == [{"property": "subject", "before": "Lunch", "after": "Dinner"}]


def test_history_says_which_message_a_delivery_was_of(alone: Terminal) -> None:
    made = alone.draft("--subject", "Lunch", "--to", "alexw@contoso.com")
    alone.tell("send", made)
    delivered = alone.tell("history", made).splitlines()[-1]
    assert re.search(r"Delivered +system:delivery +message [0-9a-f]{8} ", delivered), delivered
    assert alone.ask("history", made)[-1]["cause"].startswith("message:")


def test_folders_and_messages_are_shown_as_they_were(alone: Terminal) -> None:
    made = written(alone)

    assert [each["subject"] for each in alone.ask("drafts", "--at", "2")] == ["Lunch"]
    assert [each["subject"] for each in alone.ask("drafts", "--at", "3")] == ["Dinner"]
    assert alone.ask("drafts", "--at", "1") == alone.ask("sent", "--at", "3") == []
    assert alone.ask("folder", "Inbox", "--at", "3") == []
    assert alone.ask("show", made, "--at", "2")["subject"] == "Lunch"
    assert "Subject: Lunch" in alone.tell("show", made, "--at", "2", "--mime")
    assert [each["subject"] for each in alone.ask("search", "lunch", "--at", "2")] == ["Lunch"]
    assert alone.ask("search", "lunch") == alone.ask("search", "dinner", "--at", "2") == []
    assert len(alone.ask("history", made, "--at", "2")) == 1
    drafts = [each for each in alone.ask("folders", "--at", "2") if each["wellKnownName"] == "drafts"]
    assert [each["totalItemCount"] for each in drafts] == [1]


def test_points_that_are_none_are_told(alone: Terminal) -> None:
    written(alone)

    assert "soon" in alone.refused("drafts", "--at", "soon")
    assert "not a moment" in alone.refused("drafts", "--at", "")
    assert "not a moment" in alone.refused("show", "AAMk", "--as", ALEX, "--at", "")
    assert "not a moment" in alone.refused("fork", f"{alone.store}2", "--at", "")
    assert "99" in alone.refused("drafts", "--at", "99")
    assert "not a moment" in alone.refused("search", "lunch", "--at", "soon")
    assert "2999" in alone.refused("drafts", "--at", "2999-01-01")
    assert ALEX in alone.refused("drafts", "--at", "1999-01-01")


def test_what_is_different_between_two_points(alone: Terminal) -> None:
    made = written(alone)
    alone.tell("move", made, "archive")

    lines = alone.tell("diff", "--from", "2").splitlines()

    assert lines[0].split() == ["HOW", "WHAT", "NAME", "WHAT", "CHANGED", "ID"]
    (line,) = lines[1:]
    assert "subject: Lunch -> Dinner; parentFolderId: Drafts -> Archive" in line
    (told,) = alone.ask("diff", "--from", "2", "--to", "3", "--message", made)
    assert (told["what"], told["how"], told["name"], told["id"]) == ("message", "changed", "Dinner", made)
    assert [each["how"] for each in alone.ask("diff", "--from", "2", "--in", "drafts")] == ["removed"]
    assert [each["how"] for each in alone.ask("diff", "--from", "2", "--in", "Archive")] == ["added"]
    assert alone.tell("diff", "--from", "4").strip() == "nothing is different"
    words = ("diff", "--from", "2", "--in", "drafts", "--message", made)
    assert "choose one" in alone.refused(*words, code=2)


def test_a_fork_at_a_terminal(office: Terminal) -> None:
    new = office.store.with_name("new.db")
    made = office.draft("--subject", "Lunch", "--as", ALEX, "--to", ADELE)
    office.tell("update", made, "--subject", "Dinner")

    told = office.tell("fork", str(new), "--at", "2", "--only", ALEX)

    assert told == f"{new} holds {ALEX}.\n"
    assert [each["subject"] for each in Terminal(new).ask("drafts")] == ["Lunch"]
    assert "is there already" in office.refused("fork", str(new))
    assert "99" in office.refused("fork", f"{new}2", "--at", "99", "--only", ALEX)
    whole = office.ask("fork", f"{new}3")
    assert [each["address"] for each in whole["mailboxes"]] == [ADELE, ALEX]
    assert not new.with_name("new.db2").exists()


@pytest.mark.usefixtures("at_a_glance")
def test_whoever_waits_for_an_earlier_moment_sees_how_far_it_is(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs do not, nor whoever has nothing to wait for."""
    told: list[object] = []

    @contextmanager
    def noted(what: str, *, quiet: bool) -> Iterator[Callable[[float, float], None]]:
        assert not quiet
        told.append(what)
        yield lambda done, of: told.append((done, of))
        told.append("gone")

    monkeypatch.setattr(drawing, "sharing_told", noted)
    for number in range(10):
        alone.draft("--subject", f"Offsite {number}")

    assert "Offsite 0" in alone.tell("drafts", "--at", "2")
    assert told == ["Looking back", (7, 9), (9, 9), "gone"]
    assert alone.ask("drafts", "--at", "2")
    assert alone.tell("drafts", "--at", "10")
    assert len(told) == 4


def test_who_had_a_mailbox_then_is_told(office: Terminal) -> None:
    """A position is one of a mailbox, and says nothing of all of them."""
    now = office.ask("user", "list")
    assert [each["address"] for each in now] == [ADELE, ALEX]
    assert office.ask("user", "list", "--at", str(datetime.now(UTC))) == now
    assert office.ask("user", "list", "--at", "1999-01-01") == []
    assert "2" in office.refused("user", "list", "--at", "2")
    assert "2999" in office.refused("user", "list", "--at", "2999-01-01")
