"""Drafts, updates, mentions and sending, at a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from letterbook.adapters.cli.commands import cli
from letterbook.domain.message import limits
from tests.cli.terminal import ADELE, ALEX, MEGAN, Terminal

MIME = Path(__file__).parent.parent / "mail" / "attachment.eml"


def test_a_draft_says_what_it_was_told(office: Terminal, tmp_path: Path) -> None:
    """Every option has its place in the message."""
    plan = tmp_path / "plan.csv"
    plan.write_bytes(b"a,b\n1,2\n")
    made = office.ask(
        *("draft", "--as", ALEX, "--subject", "Lunch", "--body", "<b>Noon?</b>", "--html"),
        *("--to", ADELE, "--to", "Megan Bowen <meganb@contoso.com>", "--cc", "danas@contoso.com"),
        *("--bcc", "randiw@contoso.com", "--reply-to", "samanthab@contoso.com", "--importance", "high"),
        *("--attach", str(plan), "--mention", ADELE),
    )
    assert (made["subject"], made["importance"], made["isDraft"]) == ("Lunch", "high", True)
    assert made["body"]["contentType"] == "html"
    assert "<b>Noon?</b>" in made["body"]["content"]
    assert made["toRecipients"] == [wrapped("Adele Vance", ADELE), wrapped("Megan Bowen", MEGAN)]
    assert made["ccRecipients"] == [wrapped("danas@contoso.com", "danas@contoso.com")]
    assert made["bccRecipients"] == [wrapped("randiw@contoso.com", "randiw@contoso.com")]
    assert made["replyTo"] == [wrapped("samanthab@contoso.com", "samanthab@contoso.com")]
    shown = office.ask("show", made["id"])
    assert shown | made == shown
    (attachment,), (mention,) = shown["attachments"], shown["mentions"]
    assert (attachment["name"], attachment["contentType"], attachment["size"]) == ("plan.csv", "text/csv", 8)
    assert mention["mentioned"] == {"name": "Adele Vance", "address": ADELE}


def wrapped(name: str, address: str) -> dict[str, Any]:
    """A recipient as Graph writes one."""
    return {"emailAddress": {"name": name, "address": address}}


def test_a_body_can_come_from_a_file_or_from_a_pipe(alone: Terminal, tmp_path: Path) -> None:
    """Long bodies are not typed."""
    file = tmp_path / "body.txt"
    file.write_text("来週 🎉", encoding="utf-8")
    for words, typed in ((("--body-file", str(file)), None), (("--body-file", "-"), "来週 🎉")):
        made = alone.tell("draft", *words, typed=typed).strip()
        assert alone.ask("show", made)["body"] == {"contentType": "text", "content": "来週 🎉"}


@pytest.mark.parametrize("typed", [False, True])
def test_a_draft_can_come_from_mime(alone: Terminal, typed: bool) -> None:
    """From a file or a pipe, with what is attached to it."""
    raw = MIME.read_bytes()
    done = CliRunner().invoke(
        cli,
        ["draft", "--json", "--store", str(alone.store), "--mime", "-" if typed else str(MIME)],
        input=raw if typed else None,
    )
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made["hasAttachments"]
    assert len(alone.ask("show", made["id"])["attachments"]) >= 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--body", "a", "--body-file", str(MIME)), "not both"),
        (("--html",), "--html says"),
        (("--mime", str(MIME), "--subject", "Lunch"), "--mime goes with none"),
        (("--mime", str(MIME), "--mention", ADELE), "--mime goes with none"),
        (("--attach", "no/such/file"), "does not exist"),
        (("--importance", "urgent"), "is not one of"),
    ],
)
def test_a_draft_that_makes_no_sense_is_a_slip(alone: Terminal, words: tuple[str, ...], why: str) -> None:
    """Exit code 2, and no draft."""
    assert why in alone.refused("draft", *words, code=2)
    assert alone.ask("drafts") == []


def test_a_large_file_is_attached(alone: Terminal, tmp_path: Path) -> None:
    """A file at hand has no limit of a request."""
    film = tmp_path / "film.mpg"
    film.write_bytes(bytes(3 * 1024 * 1024))
    made = alone.draft("--attach", str(film))
    assert alone.ask("show", made)["hasAttachments"]


def test_a_file_may_be_too_large_to_attach(
    alone: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is Graph's, and the refusal leaves nothing behind."""
    monkeypatch.setattr(limits, "UPLOAD_LIMIT", 1000)
    film = tmp_path / "film.mpg"
    film.write_bytes(bytes(1001))
    assert "too large" in alone.refused("draft", "--attach", str(film))
    assert alone.ask("drafts") == []


def test_an_update_changes_only_what_it_names(alone: Terminal, tmp_path: Path) -> None:
    """And can attach a file."""
    note = tmp_path / "note.txt"
    note.write_text("Bring cash.")
    made = alone.draft("--subject", "Lunch", "--body", "At noon?", "--to", ADELE)
    after = alone.ask("update", made, "--subject", "Dinner", "--to", MEGAN, "--attach", str(note))
    assert (after["subject"], after["body"]["content"]) == ("Dinner", "At noon?")
    assert after["toRecipients"] == [wrapped(MEGAN, MEGAN)]
    assert after["hasAttachments"]
    assert [each["fact"] for each in alone.ask("history", made)] == [
        "message.draft-created.v1",
        "message.draft-updated.v1",
        "message.attachment-added.v1",
    ]


def test_an_update_must_say_something(alone: Terminal) -> None:
    """An empty one is a slip."""
    assert "what should change" in alone.refused("update", alone.draft(), code=2)


def test_somebody_is_mentioned_once_and_not_any_more(alone: Terminal) -> None:
    """Saying it twice leaves one fact."""
    made = alone.draft("--subject", "Party")
    assert alone.tell("mention", made, "Dana Swope <danas@contoso.com>").startswith('Mentioned in "Party"')
    assert alone.ask("mention", made, "DanaS@contoso.com")["mentionsPreview"] == {"isMentioned": False}
    assert [each["mentioned"]["name"] for each in alone.ask("show", made)["mentions"]] == ["Dana Swope"]
    alone.tell("mention", made, "danas@contoso.com", "--remove")
    assert alone.ask("show", made)["mentions"] == []
    assert len(alone.ask("history", made)) == 3


def test_a_sent_letter_leaves_drafts_and_arrives(office: Terminal) -> None:
    """The main job, from draft to Sent Items and somebody's Inbox."""
    made = office.draft("--as", ALEX, "--subject", "Lunch", "--to", ADELE, "--cc", MEGAN)
    assert [each["id"] for each in office.ask("drafts", "--as", ALEX)] == [made]
    sent = office.ask("send", made)
    assert sent["message"]["isDraft"] is False
    assert sent["waiting"] == 0
    assert sorted(sent["deliveries"], key=lambda each: each["recipient"]) == [
        {"recipient": ADELE, "via": "mailbox"},
        {"recipient": MEGAN, "via": "eml-folder"},
    ]
    assert office.ask("drafts", "--as", ALEX) == []
    assert [each["id"] for each in office.ask("sent", "--as", ALEX)] == [made]
    assert [each["subject"] for each in office.ask("folder", "inbox", "--as", ADELE)] == ["Lunch"]


def test_people_are_told_who_got_it(office: Terminal) -> None:
    """One line for everyone, also for whom it did not reach."""
    words = ("--subject", "Lunch", "--to", ADELE, "--to", "someone@nowhere.invalid")
    lines = office.tell("send", office.draft("--as", ALEX, *words)).splitlines()
    assert lines[0] == 'Sent "Lunch".'
    assert f"  {ADELE}  delivered via mailbox" in lines
    assert any("someone@nowhere.invalid  not delivered: 550 5.1.2" in line for line in lines)
    assert [each["subject"] for each in office.ask("folder", "inbox", "--as", ALEX)] == [
        "Undeliverable: Lunch"
    ]


def test_what_was_sent_is_for_ever(office: Terminal) -> None:
    """No second send, no update, no mention; and no trace of the attempts."""
    made = office.draft("--as", ALEX, "--to", ADELE)
    office.tell("send", made)
    before = office.ask("history", made)
    for words in (("send", made), ("update", made, "--subject", "x"), ("mention", made, ADELE)):
        assert office.refused(*words) == "Message is not draft."
    assert office.ask("history", made) == before


def test_a_letter_to_nobody_stays_a_draft(alone: Terminal) -> None:
    """Refused before anything happened."""
    made = alone.draft("--subject", "Lunch")
    assert "no recipients" in alone.refused("send", made)
    assert [each["id"] for each in alone.ask("drafts")] == [made]
