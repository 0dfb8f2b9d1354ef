"""Where a mailbox itself changed last is noted beside the lists, and the history is held against it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from letterbook import Book, StoreDamaged, open_book
from letterbook.application.ports import Store
from letterbook.domain.holds import RemovalRefused
from letterbook.domain.message import DeleteForGood
from letterbook.domain.trust import BlockSender
from tests.graph.client import ALEX, MEGAN
from tests.proof.test_flipped_bits import kept
from tests.proof.test_verifying import put, tamper

NOTES = "SELECT mailbox, position FROM view_positions WHERE LENGTH(name)>16"


def notes(file: Path) -> dict[UUID, int]:
    """What is noted in the file."""
    with closing(sqlite3.connect(file)) as connection:
        return {UUID(bytes=mailbox): position for mailbox, position in connection.execute(NOTES)}


def newest(book: Book) -> dict[UUID, int]:
    """What the histories say, of each mailbox that changed since it was opened."""
    with book.engine.store.reading() as session:
        own = {each: session.history.of(each, each)[-1].seq for each in session.history.mailboxes()}
    return {mailbox: seq for mailbox, seq in own.items() if seq > 1}


def known(store: Store, mailbox: UUID) -> int:
    """What the views say."""
    with store.reading() as session:
        return session.views.ends(mailbox)[1]


def live(book: Book) -> None:
    """Mailboxes change, and their messages in between; several facts come in one transaction."""
    alex, megan = book.mailbox(ALEX), book.mailbox(MEGAN)
    alex.allow_sending(MEGAN)
    draft = alex.create_draft(subject="Offsite", to=[MEGAN])
    alex.place_hold("Audit", why="Tax")
    alex.send(draft)
    book.deliver()
    megan.mark_read(megan.folder("inbox")[0])
    alex.set_retention("drafts", days=30)


@pytest.fixture(params=["in-a-file", "in-memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is."""
    return ":memory:" if request.param == "in-memory" else str(tmp_path / "mail.db")


def test_what_is_noted_is_what_the_history_says(place: str) -> None:
    with open_book(place, deliver=False) as book:
        live(book)
        told = newest(book)
        assert len(told) == 1
        assert {mailbox: known(book.engine.store, mailbox) for mailbox in told} == told
        assert known(book.engine.store, book.mailbox(MEGAN).id) == 1
        assert known(book.engine.store, UUID(int=7)) == 0


def test_it_is_noted_again_by_a_rebuild_a_fork_and_an_import(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        live(book)
        told, alex = newest(book), book.mailbox(ALEX)
        assert all(each.equal for each in book.rebuild(verify=True))
        assert notes(tmp_path / "mail.db") == told
        book.export_facts(tmp_path / "facts.jsonl")
        (middle,) = {each.seq for each in alex.changes() if type(each.fact).__name__ == "HoldPlaced"}
        with (
            book.fork(tmp_path / "whole.db") as whole,
            book.fork(tmp_path / "part.db", at=middle + 1, only=ALEX) as part,
        ):
            assert notes(tmp_path / "whole.db") == newest(whole) == told
            assert notes(tmp_path / "part.db") == newest(part) == {alex.id: middle}
    with open_book(tmp_path / "new.db", deliver=False) as book:
        book.import_facts(tmp_path / "facts.jsonl")
        assert notes(tmp_path / "new.db") == newest(book) == told


def test_a_refusal_that_is_written_down_is_noted(place: str) -> None:
    """It is written although the job that led to it was undone, and others were done in between."""
    with open_book(place, deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject="Evidence")
        alex.place_hold("Audit", why="Tax")
        on = book.engine.occasion(ALEX)
        jobs = [
            lambda work: work.ask_mailbox(alex.id, BlockSender("a@fabrikam.com"), on),
            lambda work: work.ask_message(alex.id, alex._name(draft), DeleteForGood(), on),
            lambda work: work.ask_mailbox(alex.id, BlockSender("b@fabrikam.com"), on),
        ]
        book.engine.run_all(jobs)
        own = [each.fact for each in alex.changes() if each.aggregate == alex.id]
        assert isinstance(own[-2], RemovalRefused)
        assert known(book.engine.store, alex.id) == newest(book)[alex.id]


def test_two_programs_note_it_for_each_other(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False) as one:
        one.add_user(ALEX)
        with open_book(tmp_path / "mail.db", deliver=False) as other:
            for number in range(3):
                for book in (one, other):
                    book.mailbox(ALEX).place_hold(f"{number} {book is one}", why="Tax")
            assert one.mailbox(ALEX).holds() == other.mailbox(ALEX).holds()
            assert len(one.mailbox(ALEX).holds()) == 6


def test_an_erased_mailbox_is_still_noted(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False, encrypted=True) as book:
        live(book)
        mailbox = book.mailbox(MEGAN).id
        book.erase_people(MEGAN, why="She asked.")
        assert notes(tmp_path / "mail.db")[mailbox] == newest(book)[mailbox]
        assert all(each.equal for each in book.rebuild(verify=True))
        assert notes(tmp_path / "mail.db")[mailbox] == newest(book)[mailbox]


def test_a_store_of_before_is_told_of_it_once(tmp_path: Path) -> None:
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        live(book)
        told = newest(book)
    tamper(file, "DELETE FROM letterbook WHERE key='own noted'")
    tamper(file, "DELETE FROM view_positions WHERE LENGTH(name)>16")
    with open_book(file, deliver=False) as book:
        assert notes(file) == told
        assert len(book.mailbox(ALEX).holds()) == 1
    tamper(file, "DELETE FROM view_positions WHERE LENGTH(name)>16")
    with open_book(file, deliver=False) as book, pytest.raises(StoreDamaged):
        book.mailbox(ALEX).holds()


@pytest.mark.parametrize("wrong", [-1, 1, 1 << 40])
def test_a_note_that_is_wrong_is_damage_and_a_rebuild_mends_it(tmp_path: Path, wrong: int) -> None:
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        live(book)
        alex, told = book.mailbox(ALEX), newest(book)
        book.mailbox(ALEX).create_draft(subject="Something else")
        tamper(file, "UPDATE view_positions SET position=position+? WHERE LENGTH(name)>16", wrong)
        with open_book(file, deliver=False) as other, pytest.raises(StoreDamaged, match=str(alex.id)):
            other.mailbox(ALEX).holds()
        (rebuilt,) = (each for each in book.rebuild(verify=True) if each.mailbox == alex.id)
        assert not rebuilt.equal
        assert notes(file) == told
        assert len(book.mailbox(ALEX).holds()) == 1


@pytest.mark.parametrize("column", ["aggregate", "mailbox"])
def test_the_event_that_is_missing_is_named(tmp_path: Path, column: str) -> None:
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        live(book)
        alex = book.mailbox(ALEX).id
    event = [each for each in kept(file) if each.mailbox == each.aggregate == alex.bytes][-1]
    put(file, column, bytes(15) + b"\1", event.mailbox, event.seq)
    with (
        open_book(file, deliver=False) as book,
        pytest.raises(StoreDamaged, match=rf"event {event.seq} of mailbox {alex}"),
    ):
        book.engine.mailbox(alex)


@pytest.mark.parametrize("left", [5, 0])
def test_a_history_that_was_cut_off_is_not_shown_anew_without_a_word(tmp_path: Path, left: int) -> None:
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        live(book)
        alex, before = book.mailbox(ALEX).id, book.mailbox(ALEX).folders()
        tamper(file, "DELETE FROM events WHERE mailbox=? AND seq>?", alex.bytes, left)
    with open_book(file, deliver=False) as book:
        with pytest.raises(StoreDamaged, match=rf"mailbox {alex}, event {left + 1}: is missing"):
            book.rebuild()
        assert book.mailbox(ALEX).folders() == before
        if not left:  # what is shown is the last trace of it
            return
        told = {each.mailbox: each.equal for each in book.rebuild(verify=True)}
        assert told[alex] is False
