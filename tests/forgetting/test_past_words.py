"""What was said once and then written over is in the file of earlier lists, until it is erased."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, StoreDamaged, open_book
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application import purging
from letterbook.application.querying import Place
from letterbook.application.searching import Part, Says, SearchQuery
from tests.forgetting.canaries import found
from tests.graph.client import ADELE, ALEX

WHY = "Sent to the wrong person"
WORDS = ("xylophone", "quetzalcoatl", "wolpertinger")
PIZZA = Says((Part.SUBJECT,), ("pizza",))


@pytest.fixture
def letter(alexs: Mailbox) -> str:
    """The id of a letter that said all of the words, one after the other, and says none of them any more."""
    draft = alexs.create_draft(subject=WORDS[0], body=f"{WORDS[1]}, and so on")
    alexs.update_draft(draft, body="Nothing")
    alexs.update_draft(draft, subject="Lunch", body=WORDS[2] + " more" * 20_000)
    alexs.update_draft(draft, body="Nothing")
    alexs.create_draft(subject="Another")
    return draft.id


def found_in_past(file: Path) -> set[str]:
    """Which of the words are in the file of earlier lists, or in its log."""
    return {word for name, word in found(file, WORDS) if ".past" in name}


def test_no_byte_is_left_of_what_an_erased_message_said_once(alexs: Mailbox, letter: str, file: Path) -> None:
    assert [len(alexs.at(at).search(word)) for at, word in zip((2, 2, 4), WORDS, strict=True)] == [1, 1, 1]
    assert found_in_past(file) == set(WORDS), "they were there"
    assert alexs.erase(letter, why=WHY).purged

    assert found(file, WORDS) == set()
    assert [alexs.at(at).search(word) for at, word in zip((2, 2, 4), WORDS, strict=True)] == [[], [], []]
    assert found(file, WORDS) == set()
    assert [each.subject for each in alexs.at(6).search("another")] == ["Another"]


def test_what_is_written_over_is_in_no_file_before_somebody_searches(
    alexs: Mailbox, letter: str, file: Path
) -> None:
    """Long texts; subjects are kept of each version."""
    assert len(alexs.at(4).drafts()) == 1
    assert found_in_past(file) == {WORDS[0]}


def test_words_that_were_read_before_an_erasure_do_not_come_into_the_file_after_it(
    file: Path, book: Book, alexs: Mailbox, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spell, end = SqlitePastLists.spell, alexs.changes()[-1].seq
    with open_book(file, deliver=False) as other:
        follower = other.travel.follower
        follower.catch_up(alexs.id, end)

        def late(lists: SqlitePastLists, mailbox: UUID, told: Iterable[Any]) -> None:
            monkeypatch.undo()
            assert alexs.erase(letter, why=WHY).purged
            spell(lists, mailbox, told)

        monkeypatch.setattr(SqlitePastLists, "spell", late)
        follower.spell(alexs.id)
        assert found(file, WORDS) == set()
        assert other.mailbox(ALEX).at(2).search(WORDS[0]) == []
        assert found(file, WORDS) == set()


def test_a_page_has_others_in_the_place_of_what_was_erased_while_a_purge_is_put_off(
    book: Book, alexs: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "_PATIENCE", 1)
    drafts = [alexs.create_draft(subject=f"Pizza {number}") for number in range(6)]
    then, _ = book.travel.at(book.engine.person(ALEX), alexs.changes()[-1].seq)
    (first, *_) = page = then.search(alexs.id, SearchQuery(sought=PIZZA, top=2))
    assert [leaf.message for leaf in page] == [alexs._name(drafts[n]) for n in (5, 4)]
    alexs.update_draft(drafts[1], subject="Pasta")
    with book.engine.store.rebuilding():
        for each in (drafts[3], drafts[2]):
            assert not alexs.erase(each, why=WHY).purged
        after = Place(page[-1].place, page[-1].message)
        rest = then.search(alexs.id, SearchQuery(sought=PIZZA, top=2, after=after))
        assert [leaf.message for leaf in rest] == [alexs._name(drafts[n]) for n in (1, 0)]
    assert first not in rest


def test_damage_to_the_file_is_told_and_healed_by_deleting_it(tmp_path: Path) -> None:
    """It can be made again from the history."""
    file, past = tmp_path / "other.db", tmp_path / "other.db.past"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX, name="Alex Wilber")
        draft = alex.create_draft(subject="Pizza", to=[ADELE])
        alex.update_draft(draft, subject="Pasta")
        assert len(alex.at(2).search("pizza")) == 1
    with closing(sqlite3.connect(past)) as connection, connection:
        connection.execute("DELETE FROM past_words_data WHERE id>10")
    with open_book(file, deliver=False) as book, pytest.raises(StoreDamaged):
        book.mailbox(ALEX).at(2).search("pizza")
    past.unlink()
    with open_book(file, deliver=False) as book:
        assert len(book.mailbox(ALEX).at(2).search("pizza")) == 1
