"""Stores of every released format are read for ever: opened, verified, rebuilt, and shown as they were."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from letterbook import Book, open_book
from letterbook.adapters.store.chain import beginning, check_next
from letterbook.domain.facts import catalogue
from tests.old_mail.shown import views
from tests.old_mail.story import told

RELEASES = sorted(folder.parent for folder in Path(__file__).parent.glob("*/mail.db"))


@pytest.fixture(params=RELEASES, ids=lambda folder: str(folder.name))
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the frozen store of a release."""
    return Path(shutil.copytree(request.param, tmp_path / "frozen"))


def expected(release: Path) -> Any:
    """What the views of the store showed when it was frozen."""
    return json.loads((release / "expected.json").read_text(encoding="utf-8"))


def shown(book: Book) -> Any:
    """What the views show, as it is when it was written down and read."""
    return json.loads(json.dumps(views(book)))


def topics(book: Book) -> set[str]:
    """The stored names of all facts of a book, every seal checked."""
    found: set[str] = set()
    with book.engine.store.reading() as session:
        for mailbox in session.history.mailboxes():
            head = beginning(mailbox)
            for fact in session.history.stored(mailbox, 0, 100_000):
                head = check_next(head, fact)
                found.add(fact.topic)
            assert head == session.history.head(mailbox)
    return found


def test_there_is_an_old_store() -> None:
    assert RELEASES


def test_an_old_store_shows_what_it_showed(release: Path) -> None:
    with open_book(release / "mail.db", deliver=False) as book:
        assert shown(book) == expected(release)
        assert topics(book)


def test_its_views_are_made_again_as_they_were(release: Path) -> None:
    with open_book(release / "mail.db", deliver=False) as book:
        rebuilt = book.rebuild(verify=True)
        assert [each.equal for each in rebuilt] == [True, True, True]
        assert shown(book) == expected(release)


def test_an_old_file_of_facts_gives_the_same_store(release: Path, tmp_path: Path) -> None:
    with open_book(tmp_path / "new.db", deliver=False) as book:
        book.import_facts(release / "facts.jsonl")
        assert shown(book) == expected(release)
        assert book.waiting() == 0


def test_an_old_store_still_writes_the_same_facts(release: Path, tmp_path: Path) -> None:
    with open_book(release / "mail.db", deliver=False) as book:
        book.export_facts(tmp_path / "facts.jsonl")
    assert (tmp_path / "facts.jsonl").read_bytes() == (release / "facts.jsonl").read_bytes()


def test_an_old_store_goes_on(release: Path) -> None:
    with open_book(release / "mail.db", deliver=False) as book:
        alex, before = book.mailbox("alexw@contoso.com"), expected(release)["alexw@contoso.com"]["head"]
        alex.create_draft(subject="Today")
        (news,) = alex.changes(before[0])
        assert news.seq == before[0] + 1


def test_the_story_of_the_next_frozen_store_tells_every_kind_of_fact(tmp_path: Path) -> None:
    with told(tmp_path / "mail.db") as book:
        assert topics(book) == {kind.stored_name for kind in catalogue()}


def test_the_newest_frozen_store_holds_every_kind_of_fact() -> None:
    """Else a release would have facts of which no old store is kept."""
    lines = (RELEASES[-1] / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    held = {line["topic"] for line in map(json.loads, lines) if "topic" in line}
    assert held == {kind.stored_name for kind in catalogue()}
