"""What nothing needs is removed, and nothing else: blobs without a fact, uploads without a future."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import Mailbox, open_book
from letterbook.adapters.book import Book
from letterbook.application import jobs
from letterbook.application.blobs import KeptBlob
from letterbook.application.tidying import GRACE, Tidied, tidy
from letterbook.domain.attachments import Content, FileAttachment, ItemAttachment
from letterbook.domain.letter import BlobRef, Letter, write_body
from letterbook.domain.message import Attach
from letterbook.domain.refusals import NotADraft
from tests.contracts.uploads import FLOWER, take_in

LONG = "Are we still on? " * 8000
NOTHING = Tidied()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "mail.db"


@pytest.fixture
def book(place: Path) -> Iterator[Book]:
    """A book with Alex and Adele in it."""
    with open_book(place, deliver=False) as book:
        book.add_user("alexw@contoso.com")
        book.add_user("adelev@contoso.com")
        yield book


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox("alexw@contoso.com")


def blob_files(place: Path) -> list[Path]:
    """The files that blobs are kept in."""
    return sorted(each for each in Path(f"{place}.blobs").rglob("*") if each.is_file())


def age(place: Path, by: timedelta = GRACE + timedelta(minutes=1)) -> None:
    """All files were written that long ago."""
    for file in blob_files(place):
        then = file.stat().st_mtime - by.total_seconds()
        os.utime(file, (then, then))


def orphan(alex: Mailbox, content: bytes = b"?" * 100_000) -> BlobRef:
    """What a refused request leaves behind: a blob that no fact names."""
    sent = alex.create_draft(to=["adelev@contoso.com"])
    alex.send(sent)
    with pytest.raises(NotADraft):
        alex.attach(sent, "late.bin", content)
    (kept,) = (each for each in alex._engine.store.blobs.kept() if each.size == len(content))
    return BlobRef(sha256=kept.name, size=kept.size)


def test_what_no_fact_names_goes(book: Book, alex: Mailbox, place: Path) -> None:
    """The bytes of a refused request, once they are a day old."""
    orphan(alex)
    assert tidy(book.engine) == NOTHING, "it may be about to be named"
    age(place)
    assert tidy(book.engine) == Tidied(blobs=1, bytes=100_000)
    assert blob_files(place) == []
    assert tidy(book.engine) == NOTHING


def test_what_a_fact_names_stays(book: Book, alex: Mailbox, place: Path) -> None:
    """Bodies, files, enclosed ones; of drafts, letters sent and received, changed or deleted."""
    draft = alex.create_draft(body=LONG, to=["adelev@contoso.com"])
    alex.attach(draft, "plan.bin", os.urandom(70_000))
    alex.update_draft(draft, body=LONG.upper())
    alex.create_draft_from_mime(b"Subject: x\r\n\r\n" + LONG.lower().encode())
    enclosing = alex.create_draft()
    inner = FileAttachment(
        id=book.engine.ids.new(),
        name="inner.bin",
        content_type=None,
        modified_at=book.engine.clock.now(),
        content=Content(inline=os.urandom(80_000)),
    )
    item = ItemAttachment(
        id=book.engine.ids.new(),
        name="Enclosed",
        content_type=None,
        modified_at=book.engine.clock.now(),
        item=Letter(body=write_body("text", LONG + "!")),
        mime=None,
        attachments=(inner,),
    )
    alex._ask(enclosing, Attach(book.engine.stowed_attachment(item)))
    alex.send(draft)
    book.deliver()
    deleted = alex.create_draft(body=LONG + "?")
    for _ in range(3):
        alex.delete(deleted)
    before = blob_files(place)
    assert len(before) == 7
    age(place)
    assert tidy(book.engine) == NOTHING
    assert blob_files(place) == before


def test_what_a_draft_was_replaced_with_stays(book: Book, alex: Mailbox, place: Path) -> None:
    draft = alex.create_draft(body=LONG)
    mail = book.engine.mime.parse(b"Subject: x\r\n\r\n" + LONG.lower().encode(), book.engine.clock.now())
    new, on = book.engine.stowed(jobs.new_from_mime(mail)), book.engine.occasion(alex.address)
    book.engine.run(lambda work: jobs.replace_draft(work, alex.id, alex._name(draft), new, on))
    before = blob_files(place)
    assert len(before) == 2
    age(place)
    assert tidy(book.engine) == NOTHING
    assert blob_files(place) == before


def test_blobs_named_and_not_named_are_told_apart(book: Book, alex: Mailbox, place: Path) -> None:
    """However many there are."""
    draft = alex.create_draft()
    named = [os.urandom(70_000) for _ in range(5)]
    for number, content in enumerate(named):
        alex.attach(draft, f"{number}.bin", content)
    for number in range(250):
        book.engine.store.blobs.put(number.to_bytes(2, "big") * 35_000)
    age(place)
    assert tidy(book.engine) == Tidied(blobs=250, bytes=250 * 70_000)
    kept = {BlobRef(sha256=each.name, size=each.size) for each in book.engine.store.blobs.kept()}
    assert kept == {each.content.blob for each in alex.state(draft).attachments if each.kind == "file"}


def test_bytes_that_are_put_again_stay_for_another_day(book: Book, alex: Mailbox, place: Path) -> None:
    """Somebody may be about to record a fact that names them."""
    orphan(alex)
    age(place)
    book.engine.store.blobs.put(b"?" * 100_000)
    assert tidy(book.engine) == NOTHING
    assert len(blob_files(place)) == 1


def meanwhile(book: Book, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something happens when the history has been read and the blobs have not gone yet."""
    run = book.engine.run

    def interrupted(job: object) -> object:
        monkeypatch.setattr(book.engine, "run", run)
        happens()
        return run(job)  # type: ignore[arg-type]

    monkeypatch.setattr(book.engine, "run", interrupted)


def test_a_fact_that_is_recorded_meanwhile_saves_its_blob(
    book: Book, alex: Mailbox, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one by another program, which says nothing about when the bytes were put."""
    ref = orphan(alex)
    age(place)
    draft = alex.create_draft()
    file = alex.file("late.bin", b"").model_copy(update={"content": Content(blob=ref)})

    def attach_elsewhere() -> None:
        with open_book(place, deliver=False) as other:
            other.mailbox("alexw@contoso.com")._ask(draft, Attach(file))

    meanwhile(book, monkeypatch, attach_elsewhere)
    assert tidy(book.engine) == NOTHING
    assert alex._engine.store.blobs.get(ref) == b"?" * 100_000


def test_bytes_that_are_put_meanwhile_stay(
    book: Book, alex: Mailbox, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their fact may come when the tidying is over."""
    orphan(alex)
    age(place)
    draft = alex.create_draft()
    meanwhile(book, monkeypatch, lambda: book.engine.store.blobs.put(b"?" * 100_000))
    assert tidy(book.engine) == NOTHING
    alex.attach(draft, "late.bin", b"?" * 100_000)
    assert len(blob_files(place)) == 1


def test_uploads_that_took_too_long_go(book: Book, place: Path) -> None:
    """Those that have not yet stay, with their bytes."""
    uploads, now = book.engine.store.blobs.uploads, book.engine.clock.now()
    late = FLOWER.model_copy(update={"expires_at": now})
    soon = FLOWER.model_copy(update={"id": book.engine.ids.new(), "expires_at": now + timedelta(hours=1)})
    for upload in (late, soon):
        uploads.begin(upload)
        take_in(uploads, 0, b"Roses", upload=upload)
    age(place)
    assert tidy(book.engine) == Tidied(uploads=1)
    assert uploads.all() == [soon]
    assert uploads.received(soon.id) == 5


def test_what_a_crash_left_half_written_goes(book: Book, alex: Mailbox, place: Path) -> None:
    """Once nobody can be writing to it any more."""
    ref = orphan(alex)
    part = Path(f"{place}.blobs") / ref.sha256[:2] / ".half.part"
    part.write_bytes(b"half a blo")
    assert tidy(book.engine) == NOTHING
    age(place)
    assert tidy(book.engine) == Tidied(blobs=1, bytes=100_000, leftovers=1)
    assert blob_files(place) == []


def test_a_store_in_memory_is_tidied_too() -> None:
    """By the same rules."""
    with open_book(":memory:", deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com")
        orphan(alex)
        draft = alex.create_draft()
        alex.attach(draft, "plan.bin", b"!" * 100_000)
        assert book.tidy() == NOTHING
        assert tidy(book.engine, -timedelta(minutes=1)) == Tidied(blobs=1, bytes=100_000)
        assert [each.size for each in book.engine.store.blobs.kept()] == [100_000]
        assert isinstance(next(book.engine.store.blobs.kept()), KeptBlob)


def test_tidying_an_empty_store_does_nothing(tmp_path: Path) -> None:
    """Not even a folder is made."""
    with open_book(tmp_path / "mail.db") as book:
        assert book.tidy() == NOTHING
    assert not (tmp_path / "mail.db.blobs").exists()
