"""What is left of what was erased is purged, whoever pulls the plug, and whoever else has the store open."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, StoreBusy, StoreFull, open_book
from letterbook.adapters.blobs import FolderBlobs
from letterbook.adapters.store import sqlite
from letterbook.adapters.store.shredding import SqliteShredder
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.application import purging
from letterbook.application.querying import PageQuery
from letterbook.application.tidying import Stop
from letterbook.domain import refusals
from letterbook.domain.mailbox import well_known_id
from tests import warm
from tests.forgetting.canaries import found
from tests.graph.client import ADELE, ALEX
from tests.proof.test_verifying import flipped, put, value

WHY = "Article 17, request 4711"
SCRUBBED = 4
"""The number of the step that writes the file anew. What blobs say nobody can read even before."""
SECRET, SAID = "Xylophone", "Kaleidoscope "
WORDS = (SECRET, SAID)

_ERASE = """
import os, signal, sys
from functools import partial
from letterbook import open_book
from letterbook.application import purging

path, name, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
known = purging.steps

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def steps(*given):
    found = known(*given)
    return [*found[:last], kill]

purging.steps = steps
with open_book(path, deliver=False) as book:
    alex = book.mailbox("alexw@contoso.com")
    alex.search("Kaleidoscope")
    if last < 0:
        book.engine.store._session_of_writer.outbox.recall = lambda *_: kill()
    alex.erase(name, why="Article 17")
"""


def blob_files(file: Path) -> Iterator[Path]:
    """Every file beside the store that blobs are kept in."""
    return (each for each in file.with_name(f"{file.name}.blobs").rglob("*") if each.is_file())


@pytest.fixture
def letter(book: Book, alexs: Mailbox, adeles: Mailbox) -> str:
    """The id of a letter that says much, in a closed store."""
    alexs.send_mail(subject=SECRET, body=SAID * 6_000, to=[ADELE])
    (sent,) = alexs.sent_items()
    book.close()
    return sent.id


def erase_until(file: Path, letter: str, last: int) -> None:
    """Erase it in a program that is killed after so many steps of the purge; ``-1``: in the transaction."""
    done = warm.run("-c", _ERASE, str(file), letter, str(last))
    assert done.returncode == -signal.SIGKILL, done.stderr


def number_of_steps(book: Book) -> int:
    """How many there are."""
    shredder = SqliteShredder(Path("nowhere"), lambda _: None)
    return len(purging.steps(book.engine, book.travel.lists, shredder))


def test_a_purge_has_ten_steps(book: Book) -> None:
    assert number_of_steps(book) == 10


@pytest.mark.parametrize("last", range(10))
def test_whoever_is_killed_after_any_step_finds_nothing_left_at_the_next_start(
    file: Path, letter: str, last: int
) -> None:
    erase_until(file, letter, last)
    assert bool(found(file, WORDS)) == (last <= SCRUBBED), "one of the steps leaves nothing"
    with open_book(file, deliver=False) as book:
        assert found(file, WORDS) == set()
        assert book.mailbox(ALEX).sent_items() == []
        assert book.verify().good
        assert book.waiting() == 0
    assert found(file, WORDS) == set()


def test_whoever_is_killed_before_it_is_on_disk_has_erased_nothing(file: Path, letter: str) -> None:
    erase_until(file, letter, -1)
    with open_book(file, deliver=False) as book:
        assert [each.subject for each in book.mailbox(ALEX).sent_items()] == [SECRET]
        assert book.verify().good
        assert book.waiting() == 1


@pytest.mark.parametrize("trouble", [StoreBusy, StoreFull])
def test_a_purge_that_cannot_be_done_now_is_done_at_the_next_opening(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    def scrub(_shredder: SqliteShredder, _stop: Stop) -> None:
        raise trouble("not now")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteShredder, "scrub", scrub)
        with open_book(file, deliver=False) as book:
            alex = book.mailbox(ALEX)
            assert not alex.erase(letter, why=WHY).purged
            assert alex.sent_items() == []
    with open_book(file, deliver=False):
        assert found(file, WORDS) == set()


def test_a_reader_who_looks_at_an_old_moment_puts_it_off(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with open_book(file, deliver=False) as book, closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        assert not book.mailbox(ALEX).erase(letter, why=WHY).purged
        reader.rollback()
        assert book.mailbox(ALEX).sent_items() == []
    with open_book(file, deliver=False):
        assert found(file, WORDS) == set()


def test_whoever_else_has_the_store_open_forgets_too(file: Path, letter: str) -> None:
    with open_book(file, deliver=False) as one, open_book(file, deliver=False) as other:
        alex = other.mailbox(ALEX)
        then = other.engine.clock.now()
        assert [each.subject for each in alex.at(then).sent_items()] == [SECRET]
        assert [each.subject for each in alex.search("Kaleidoscope")] == [SECRET]
        one.erase_people([ALEX], why=WHY)
        with pytest.raises(refusals.Refused):
            alex.create_draft(subject="Still there?")
        assert ALEX not in {each.address for each in other.users()}
        assert alex.at(then).folders() == []
        with pytest.raises(refusals.MailboxUnknown):
            other.engine.person(ALEX)
        assert found(file, WORDS) == set()
        assert other.verify().good


def test_the_past_is_told_anew_by_whoever_else_has_it_open(file: Path, letter: str) -> None:
    with open_book(file, deliver=False) as one, open_book(file, deliver=False) as other:
        alex = other.mailbox(ALEX)
        alex.create_draft(subject="Lunch")
        then = other.engine.clock.now()
        assert [each.subject for each in alex.at(then).sent_items()] == [SECRET]
        one.mailbox(ALEX).erase(letter, why=WHY)
        assert alex.at(then).sent_items() == []
        assert [each.subject for each in alex.at(then).drafts()] == ["Lunch"]


def test_the_past_is_told_anew_while_somebody_else_purges(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the moment when the earlier lists are emptied and the end, which may never come."""
    with open_book(file, deliver=False) as one, open_book(file, deliver=False) as other:
        alex = other.mailbox(ALEX)
        alex.create_draft(subject="Lunch")
        then = other.engine.clock.now()
        clear, told = SqlitePastLists.clear, list[object]()

        def asked_before(lists: SqlitePastLists) -> None:
            assert [each.subject for each in alex.at(then).drafts()] == ["Lunch"]
            clear(lists)

        def never(_shredder: SqliteShredder, _stop: Stop) -> None:
            past = alex.at(then)
            told.extend([each.subject for each in (*past.drafts(), *past.sent_items())])
            told.extend(each.total for each in past.folders() if each.total)
            raise StoreBusy("not now")

        monkeypatch.setattr(SqlitePastLists, "clear", asked_before)
        monkeypatch.setattr(SqliteShredder, "scrub", never)
        assert not one.mailbox(ALEX).erase(letter, why=WHY).purged
        assert told == ["Lunch", 1]


def test_earlier_lists_miss_only_what_was_erased_while_a_purge_is_put_off(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others come in its place, so that a page which is not full is the last one."""
    monkeypatch.setattr(purging, "_PATIENCE", 1)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX)
        drafts = [alex.create_draft(subject=f"Draft {number}") for number in range(6)]
        then = alex.at(book.engine.clock.now())
        assert len(then.drafts()) == 6
        with book.engine.store.rebuilding():
            for each in (drafts[5], drafts[3], drafts[2]):
                assert not alex.erase(each, why=WHY).purged
            engine, home = then._engine, well_known_id(alex.id, "drafts")
            page = engine.page(alex.id, PageQuery(folder=home, top=2))
            assert [UUID(bytes=leaf.name) for leaf in page] == [alex._name(drafts[n]) for n in (4, 1)]
        assert [each.subject for each in then.drafts()] == ["Draft 4", "Draft 1", "Draft 0"]


@pytest.mark.parametrize("asked_before", [True, False])
def test_what_was_read_before_an_erasure_does_not_come_into_earlier_lists_after_it(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch, asked_before: bool
) -> None:
    with open_book(file, deliver=False) as one, open_book(file, deliver=False) as other:
        alex, follower = other.mailbox(ALEX), other.travel.follower
        if asked_before:
            assert other.mailbox(ADELE).at(1).drafts() == []
        learn, end = SqlitePastLists.learn, alex.changes()[-1].seq

        def late(lists: SqlitePastLists, *read: Any) -> None:
            monkeypatch.undo()
            assert one.mailbox(ALEX).erase(letter, why=WHY).purged
            learn(lists, *read)

        monkeypatch.setattr(SqlitePastLists, "learn", late)
        follower.catch_up(alex.id, end)
        assert alex.at(end).sent_items() == []
        assert found(file, WORDS) == set()


def test_damage_elsewhere_does_not_keep_words_in_the_files(file: Path, letter: str) -> None:
    """Only the files of blobs stay, as nobody can tell who else names them; what they say nobody can read."""
    with open_book(file, deliver=False) as book:
        adele, alex = book.mailbox(ADELE), book.mailbox(ALEX)
        assert [each.id for each in alex.search(SECRET)] == [letter]
        adele.create_draft(subject="Lunch")
        put(file, "state", flipped(value(file, "state", adele.id.bytes, 2), Random(2)), adele.id.bytes, 2)
        assert not alex.erase(letter, why=WHY).purged
    assert found(file, WORDS) == set()
    assert len(list(blob_files(file))) == 1


def test_it_goes_on_while_others_write(file: Path, letter: str) -> None:
    with open_book(file, deliver=False) as book, open_book(file, deliver=False) as other:
        adele = other.mailbox(ADELE)
        drafts = [adele.create_draft(subject=f"Draft {number}") for number in range(5)]
        book.mailbox(ALEX).erase(letter, why=WHY)
        adele.update_draft(drafts[0], subject="Changed")
        assert len(adele.drafts()) == 5
        assert other.verify().good


def test_what_is_erased_during_a_purge_is_purged_too(
    file: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = SqliteShredder.scrub
    monkeypatch.setattr(purging, "_PAUSE", 0.001)
    with open_book(file, deliver=False) as book:
        adele = book.mailbox(ADELE)
        other = adele.create_draft(subject="Quetzalcoatl")

        def scrub(shredder: SqliteShredder, stop: Stop) -> None:
            known(shredder, stop)
            monkeypatch.setattr(SqliteShredder, "scrub", known)
            assert not adele.erase(other, why=WHY).purged, "somebody else purges"

        monkeypatch.setattr(SqliteShredder, "scrub", scrub)
        assert book.mailbox(ALEX).erase(letter, why=WHY).purged
        assert found(file, [*WORDS, "Quetzalcoatl"]) == set()


# --- Blobs -----------------------------------------------------------------------------------------


def test_a_blob_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    ref = blobs.put(SAID.encode() * 100)
    (path,) = (each for each in (tmp_path / "blobs").glob("*/*") if each.is_file())
    with path.open("rb") as held:
        blobs.shred(blobs.name(ref))
        assert held.read() == bytes(ref.size)
    assert list((tmp_path / "blobs").glob("*/*")) == []


def test_a_blob_that_a_fork_has_too_is_left_to_it(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    ref = blobs.put(SAID.encode() * 100)
    (path,) = (each for each in (tmp_path / "blobs").glob("*/*") if each.is_file())
    forked = tmp_path / "forked"
    forked.hardlink_to(path)
    blobs.shred(blobs.name(ref))
    assert forked.read_bytes() == SAID.encode() * 100
    assert not path.exists()


def test_a_blob_that_lost_only_its_name_is_shredded_when_it_is_asked_again(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    ref = blobs.put(SAID.encode() * 100)
    (path,) = (each for each in (tmp_path / "blobs").glob("*/*") if each.is_file())
    path.rename(path.with_name(f".{path.name}.doomed"))
    blobs.shred(blobs.name(ref))
    assert list((tmp_path / "blobs").glob("*/*")) == []
