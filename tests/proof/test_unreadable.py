"""What no program ever wrote, and what only a newer one writes: told in a sentence by whoever reads it."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from letterbook import StoreDamaged, open_book
from letterbook.adapters.store import opening
from letterbook.domain.message.known import says_only_known
from letterbook.domain.versions import UnreadableFact
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.proof.forger import Event, Forger
from tests.proof.test_verifying import tamper

DRAFT, UPDATE, SENT = 2, 3, 4
"""Where the events of the letter are."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter was begun, rewritten, and sent."""
    file = tmp_path_factory.mktemp("origin") / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject="Lunch", body="At noon?", to=[ADELE], cc=["danas@contoso.com"])
        alex.update_draft(draft, subject="Dinner", body="At eight?")
        alex.send(draft)
    return file


@pytest.fixture
def file(origin: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(origin, tmp_path / "mail.db"))


def rewrite(file: Path, seq: int, change: Callable[[Event], Event]) -> None:
    """Change an event, and seal it and all that follow anew."""
    with closing(sqlite3.connect(file)) as connection, connection:
        (home,) = connection.execute("SELECT mailbox FROM events LIMIT 1").fetchone()
        forger = Forger(connection, UUID(bytes=home), Random(1))
        event, *rest = forger.take(seq)
        forger.put(forger.sealed([change(event), *rest]))


def saying_more(path: tuple[str | int, ...], event: Event) -> Event:
    """The same event, with one field more than this version knows."""
    fields = value = json.loads(event.state)
    for name in path:
        value = value[name]
    value["mood"] = "cheerful"
    return replace(event, state=json.dumps(fields).encode())


@pytest.mark.parametrize(
    ("seq", "path"),
    [
        (DRAFT, ()),
        (DRAFT, ("on",)),
        (DRAFT, ("thread",)),
        (DRAFT, ("letter",)),
        (DRAFT, ("letter", "body")),
        (DRAFT, ("letter", "to", 0)),
        (DRAFT, ("letter", "cc", 0)),
        (UPDATE, ("changes",)),
        (UPDATE, ("changes", "body")),
        (SENT, ()),
        (SENT, ("author",)),
    ],
)
def test_a_field_of_a_newer_version_is_refused_by_every_reader(
    file: Path, seq: int, path: tuple[str | int, ...]
) -> None:
    """Never dropped in silence, however deep it is, and whatever came after it; and the views stay."""
    rewrite(file, seq, partial(saying_more, path))
    with open_book(file, deliver=False) as book:
        shown = book.mailbox(ALEX).sent_items()
        for ask in (
            book.rebuild,
            partial(book.rebuild, verify=True),
            partial(book.export_facts, file.with_name("facts.jsonl")),
            partial(book.mailbox(ALEX).history, shown[0]),
            book.tidy,
        ):
            with pytest.raises(UnreadableFact, match="mood: Extra inputs are not permitted"):
                ask()
        assert book.mailbox(ALEX).sent_items() == shown


@pytest.mark.parametrize(
    "words",
    [
        ("rebuild",),
        ("rebuild", "--verify"),
        ("tidy",),
        ("diff", "--from", "1", "--as", ALEX),
        ("folder", "sentitems", "--as", ALEX, "--at", "4"),
        ("export", "facts.jsonl", "--format", "facts"),
    ],
)
@pytest.mark.parametrize("state", [None, b"{", b"{}", b"[]", b'{"on": {"at": 5}}'])
def test_a_fact_that_cannot_be_read_is_told_in_one_line(
    file: Path, words: tuple[str, ...], state: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a newer version, or no JSON at all, though it is what was sealed."""
    monkeypatch.chdir(file.parent)
    change = partial(saying_more, ()) if state is None else partial(replace, state=state)
    rewrite(file, SENT, change)
    assert "'message.sent.v1' that cannot be read" in Terminal(file).refused(*words)


def test_verifying_does_not_need_to_know_every_fact(file: Path) -> None:
    """What was sealed was recorded, whoever can read it."""
    rewrite(file, UPDATE, partial(saying_more, ()))
    with open_book(file, deliver=False) as book:
        assert book.verify().good


@pytest.mark.parametrize("name", [b"\0", bytes(17), b""])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_name_that_nothing_can_have_is_damage(file: Path, name: bytes, sealed: bool) -> None:
    """Whoever reads it says so, even if somebody has sealed it."""
    if sealed:
        rewrite(file, UPDATE, partial(replace, aggregate=name))
    else:
        tamper(file, "UPDATE events SET aggregate=? WHERE seq=?", name, UPDATE)
    with open_book(file, deliver=False) as book:
        for ask in (
            book.rebuild,
            partial(book.rebuild, verify=True),
            partial(book.export_facts, file.with_name("facts.jsonl")),
            partial(book.mailbox(ALEX).changes, since=1),
        ):
            with pytest.raises(StoreDamaged):
                ask()


@pytest.mark.parametrize("place", [2.5, 3.5])
def test_a_position_that_is_none_is_damage(file: Path, place: float) -> None:
    tamper(file, "UPDATE events SET seq=? WHERE seq=?", place, int(place))
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        with pytest.raises(StoreDamaged):
            alex.prove(alex.sent_items()[0])
        with pytest.raises(StoreDamaged):
            book.rebuild(verify=True)


def test_a_last_position_that_is_none_is_damage(file: Path) -> None:
    """Of text nobody can say whether it is the next one."""
    tamper(file, "UPDATE events SET seq='last' WHERE seq=?", SENT)
    terminal = Terminal(file)
    for words in (
        ("checkpoint",),
        ("rebuild",),
        ("rebuild", "--verify"),
        ("export", "x.jsonl", "--format", "facts"),
    ):
        assert terminal.refused(*words)
    with open_book(file, deliver=False) as book:
        assert [finding.seq for finding in book.verify().findings] == [SENT]


def test_what_is_of_another_kind_is_not_known() -> None:
    """Nor is a fact of which nothing is known."""
    occasion = {"at": "2026-03-02T09:30:00Z", "actor": ALEX, "cause": "request:1"}
    assert says_only_known("message.deleted.v1", {"on": occasion})
    assert not says_only_known("message.deleted.v1", {"on": 7})
    assert not says_only_known("message.sung.v1", {"on": occasion})


def test_whoever_verifies_a_copy_that_may_only_be_read_is_told_how(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the program that needs no more than that."""
    monkeypatch.setattr(opening, "_writable", lambda _path: False)
    said = Terminal(file).refused("verify")
    assert "cannot be written to" in said
    assert "verifier.py checks a copy that may only be read" in said
