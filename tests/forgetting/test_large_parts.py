"""Attachments, long bodies and files on their way: sealed on the disk, and nobody reads them once erased."""

import sqlite3
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, MoveRefused, SealBroken, StoreRefused, StoreUnavailable, open_book
from letterbook.adapters.store import keys
from letterbook.application import purging, transcribing, uploading
from letterbook.application.delivery import GIVE_UP_AFTER
from letterbook.application.engine import Engine
from letterbook.application.public_ids import Kind, private
from letterbook.application.tidying import Tidied, tidy
from letterbook.application.transcribing import Keys
from letterbook.application.troubles import StoreBusy
from letterbook.domain import refusals
from letterbook.domain.attachments import Attachment, FileAttachment
from letterbook.domain.letter import BlobRef
from letterbook.domain.uploads import Upload
from tests.contracts.uploads import FLOWER, take_in
from tests.forgetting.canaries import files_of
from tests.graph.client import ADELE, ALEX
from tests.proof.test_verifying import flipped

WHY = "Sent to the wrong person"
PLAN = Random(56).randbytes(300_000)
FILM = Random(57).randbytes(3_200_000)
HIDDEN = "Wolpertinger "
LONG = "Lunch? " * 12_000 + HIDDEN * 6_000
"""A body that the views show, and the index finds; it is in clear there and nowhere else."""


def spans(data: bytes) -> list[bytes]:
    """Eight bytes from every sixty-four kilobytes of something."""
    return [data[start : start + 8] for start in range(0, len(data) - 8, 64 * 1024)]


def hits(file: Path, words: Iterable[bytes], *, views: bool = True) -> int:
    """How many of some bytes are in any file of a store, with or without that of the views and the index."""
    held = [path.read_bytes() for path in files_of(file) if views or not path.name.startswith(f"{file.name}")]
    return sum(any(word in each for each in held) for word in words)


def named(box: Mailbox, message: str) -> BlobRef:
    """What names the first attachment of a message."""
    first = box.state(message).attachments[0]
    assert isinstance(first, FileAttachment)
    assert first.content.blob
    return first.content.blob


def attached(book: Book, box: Mailbox, message: str) -> bytes:
    """The bytes of the first attachment of a message."""
    return book.engine.store.blobs.get(named(box, message))


def blob_files(file: Path) -> list[Path]:
    """Every file beside the store that blobs and uploads are in."""
    return sorted(each for each in Path(f"{file}.blobs").rglob("*") if each.is_file())


def upload_to(book: Book, box: Mailbox, message: str, *parts: bytes) -> Upload:
    """A file on its way to a draft, as far as it has come."""
    size, expires = max(len(FILM), sum(map(len, parts))), book.engine.clock.now() + timedelta(days=1)
    where = {"mailbox": box.id, "message": private(Kind.MESSAGE, message), "id": book.engine.ids.new()}
    known = {"name": "wolpertinger.jpg", "size": size, "expires_at": expires}
    upload = FLOWER.model_copy(update={**where, **known})
    uploading.begin(book.engine, upload)
    start = 0
    for part in parts:
        take_in(book.engine.store.blobs.uploads, start, part, upload=upload)
        start += len(part)
    return upload


@pytest.fixture
def letter(alexs: Mailbox) -> str:
    """The id of a draft with a long body and a plan."""
    draft = alexs.create_draft(subject="Offsite", body=LONG, to=[ADELE])
    alexs.attach(draft, "plan.bin", PLAN)
    return draft.id


# --- At rest ---------------------------------------------------------------------------------------


def test_no_byte_of_a_large_part_is_in_any_file(book: Book, alexs: Mailbox, letter: str, file: Path) -> None:
    upload_to(book, alexs, letter, FILM[:1_500_000], FILM[1_500_000:-1])
    half = book.engine.store.blobs.uploads.piece(upload_to(book, alexs, letter).id, 0)
    half.write(FILM)
    assert hits(file, spans(PLAN) + spans(FILM)) == 0
    assert hits(file, [b"wolpertinger.jpg"]) == 0
    assert hits(file, [HIDDEN.encode()], views=False) == 0
    with closing(sqlite3.connect(file)) as connection:
        states = [state for (state,) in connection.execute("SELECT state FROM events")]
    assert not any(HIDDEN.encode() in state or b"plan.bin" in state for state in states)
    assert len(blob_files(file)) == 2 + 3 + 2
    half.close()
    assert attached(book, alexs, letter) == PLAN
    assert alexs.message(letter).body.content == LONG


def test_no_byte_of_a_small_attachment_is_in_any_file_either(
    book: Book, alexs: Mailbox, adeles: Mailbox, letter: str, file: Path
) -> None:
    """It is in the fact; neither rows nor the index have it, also when it was delivered and looked for."""
    words = b"Quokka and numbat. " * 500
    alexs.attach(letter, "numbat.txt", words)
    alexs.send(letter)
    book.deliver()
    assert alexs.search("Quokka") == []
    assert adeles.at(book.engine.clock.now()).folder("inbox")
    encoded = b64encode(words)
    assert hits(file, [words[:20], *(encoded[at : at + 20] for at in range(40, 80))]) == 0
    assert words == _content(adeles, adeles.folder("inbox")[0].id, 1)


def _content(box: Mailbox, message: str, which: int) -> bytes | None:
    """The bytes of a small attachment."""
    small = box.state(message).attachments[which]
    assert isinstance(small, FileAttachment)
    return small.content.inline


def test_the_names_of_the_files_do_not_tell_what_is_in_them(alexs: Mailbox, letter: str, file: Path) -> None:
    known = {sha256(data).hexdigest() for data in (PLAN, LONG.encode())}
    names = {each.parent.name + each.name for each in blob_files(file)}
    assert not names & known
    assert all(len(name) == 64 for name in names)


def test_the_same_bytes_are_kept_once_whoever_has_them(
    book: Book, alexs: Mailbox, adeles: Mailbox, letter: str, file: Path
) -> None:
    alexs.send(letter)
    book.deliver()
    other = adeles.create_draft(subject="The same")
    adeles.attach(other, "copy.bin", PLAN)
    assert len(blob_files(file)) == 2
    alexs.erase(letter, why=WHY)
    (got,) = adeles.folder("inbox")
    assert attached(book, adeles, got.id) == PLAN
    assert book.verify().good


def test_the_same_bytes_are_other_bytes_in_another_store(tmp_path: Path) -> None:
    seen: list[set[bytes]] = []
    for name in ("one.db", "two.db"):
        with open_book(tmp_path / name, encrypted=True, deliver=False) as book:
            alex = book.mailbox(ALEX)
            alex.attach(alex.create_draft(), "plan.bin", PLAN)
        seen.append({each.read_bytes() for each in blob_files(tmp_path / name)})
    assert not seen[0] & seen[1]


@pytest.mark.parametrize("seed", range(6))
def test_one_flipped_bit_is_found_and_putting_the_bytes_again_heals_it(
    book: Book, alexs: Mailbox, letter: str, file: Path, seed: int
) -> None:
    blob = Random(seed).choice(blob_files(file))
    blob.write_bytes(flipped(blob.read_bytes(), Random(seed)))
    (finding,) = book.verify().findings
    assert "not what it was" in finding.why
    for data in (PLAN, LONG.encode()):
        book.engine.store.blobs.put(data)
    assert book.verify().good


def test_a_blob_that_takes_the_place_of_another_is_found(book: Book, letter: str, file: Path) -> None:
    one, other = blob_files(file)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert "not what it was" in " ".join(each.why for each in book.verify().findings)


def test_tidying_tells_what_facts_name_from_what_they_do_not(
    book: Book, alexs: Mailbox, letter: str, file: Path
) -> None:
    book.engine.store.blobs.put(FILM)
    assert tidy(book.engine, -timedelta(minutes=1)) == Tidied(blobs=1, bytes=len(FILM))
    assert len(blob_files(file)) == 2
    assert book.verify().good


@pytest.mark.parametrize("whole", [True, False])
def test_a_fork_has_them_too_and_keeps_them(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path, whole: bool
) -> None:
    with book.fork(tmp_path / "fork.db", at=None if whole else book.engine.clock.now()) as fork:
        assert len(blob_files(tmp_path / "fork.db")) == 2
        alexs.erase(letter, why=WHY)
        assert blob_files(tmp_path / "mail.db") == []
        assert fork.mailbox(ALEX).message(letter).body.content == LONG
        assert fork.verify().good


def test_a_store_whose_blobs_are_in_clear_is_not_opened(book: Book, file: Path) -> None:
    """It was made before any release."""
    book.close()
    master = bytes.fromhex(Path(f"{file}.key").read_text())
    with closing(sqlite3.connect(file)) as connection, connection:
        proof = keys.wrap(master, bytes(keys.SIZE), b"encrypted")
        connection.execute("UPDATE letterbook SET value=? WHERE key='encrypted'", (proof,))
    was = file.read_bytes()
    with pytest.raises(StoreRefused, match="but for the large parts"):
        open_book(file)
    assert file.read_bytes() == was


# --- Erased ----------------------------------------------------------------------------------------


def test_after_an_erasure_nothing_in_the_store_tells_the_hash_from_which_the_key_follows(
    book: Book, alexs: Mailbox, letter: str, file: Path
) -> None:
    hashes = [sha256(data) for data in (PLAN, LONG.encode())]
    ways = [way for each in hashes for way in (each.digest(), each.hexdigest().encode())]
    copy = {each: each.read_bytes() for each in blob_files(file)}
    alexs.erase(letter, why=WHY)
    for each, held in copy.items():  # what a disk may still hold of it
        each.write_bytes(held)
    assert hits(file, ways) == 0
    assert hits(file, spans(PLAN)) == 0


def test_the_key_goes_with_the_erasure_and_not_with_the_purge(
    book: Book, alexs: Mailbox, letter: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left to be purged is noted by the names of files."""
    ref = named(alexs, letter)
    monkeypatch.setattr(purging, "steps", lambda *_: [_stop])
    assert not alexs.erase(letter, why=WHY).purged
    assert hits(file, [ref.sha256.encode(), bytes.fromhex(ref.sha256)]) == 0
    with closing(sqlite3.connect(file)) as connection:
        noted = {name for (name,) in connection.execute("SELECT name FROM purge")}
    assert noted == {each.parent.name + each.name for each in blob_files(file)}
    monkeypatch.undo()
    book.close()
    with open_book(file, deliver=False):
        assert blob_files(file) == []


def _stop() -> None:
    raise StoreBusy("not now")


def test_a_file_on_its_way_to_what_is_erased_goes_with_its_key(
    book: Book, alexs: Mailbox, letter: str, file: Path
) -> None:
    upload_to(book, alexs, letter, FILM[:1_000_000])
    assert alexs.erase(letter, why=WHY).purged
    assert book.engine.store.blobs.uploads.all() == []
    assert blob_files(file) == []


def test_a_file_that_is_whole_while_its_draft_is_erased_is_kept_nowhere_that_can_be_read(
    book: Book, alexs: Mailbox, letter: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last piece came before the erasure, and its fact would have come after it."""
    upload, blobs = upload_to(book, alexs, letter, FILM), book.engine.store.blobs
    keep = blobs.keep

    def slowly(pieces: Iterable[bytes]) -> BlobRef:
        ref = keep(pieces)
        monkeypatch.undo()
        monkeypatch.setattr(purging, "_drop_uploads", lambda *_: None)  # it looked before the file was begun
        assert alexs.erase(letter, why=WHY).purged
        return ref

    monkeypatch.setattr(blobs, "keep", slowly)
    with pytest.raises(refusals.Refused):
        uploading.finish(book.engine, upload, book.engine.occasion(ALEX))
    assert blobs.uploads.all() == []
    assert hits(file, spans(FILM)) == 0
    digest = sha256(FILM)
    assert hits(file, [digest.digest(), digest.hexdigest().encode()]) == 0
    assert tidy(book.engine, -timedelta(minutes=1)).blobs == 1


def test_bytes_that_come_again_while_they_are_erased_are_not_lost_unnoticed(
    book: Book, alexs: Mailbox, adeles: Mailbox, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are there already when Adele brings them, and let go of before a fact of hers names them."""
    draft, stowed = adeles.create_draft().id, Engine.stowed_attachment

    def slowly(engine: Engine, attachment: Attachment) -> Attachment:
        found = stowed(engine, attachment)
        monkeypatch.undo()
        assert alexs.erase(letter, why=WHY).purged
        return found

    monkeypatch.setattr(Engine, "stowed_attachment", slowly)
    with pytest.raises(StoreUnavailable, match="bring it once more"):
        adeles.attach(draft, "plan.bin", PLAN)
    assert adeles.state(draft).attachments == ()
    adeles.attach(draft, "plan.bin", PLAN)
    assert attached(book, adeles, draft) == PLAN
    assert book.verify().good


def test_a_letter_of_which_a_part_is_lost_holds_nobody_up(
    book: Book, alexs: Mailbox, letter: str, file: Path
) -> None:
    """Its sender is told that it could not be delivered, though the report has it inside."""
    alexs.update_draft(letter, to=["pavelb@fabrikam.com"])
    alexs.send(letter)
    for each in blob_files(file):
        each.unlink()
    with book.engine.store.reading() as session:
        (parcel,) = session.outbox.due(book.engine.clock.now(), 2)
    last = replace(parcel, attempts=GIVE_UP_AFTER)
    book.engine.run(lambda work: work.put_off(parcel, last))
    book.deliver()
    assert book.waiting() == 0
    (report,) = alexs.folder("inbox")
    assert report.subject == "Undeliverable: Offsite"


# --- Elsewhere -------------------------------------------------------------------------------------


def key_of(file: Path) -> bytes:
    """The master key of a store."""
    return bytes.fromhex(Path(f"{file}.key").read_text())


def test_a_transcript_carries_them_as_they_are_kept(
    book: Book, alexs: Mailbox, letter: str, file: Path, tmp_path: Path
) -> None:
    book.export_facts(tmp_path / "facts.jsonl")
    assert HIDDEN.encode() * 2 not in (tmp_path / "facts.jsonl").read_bytes()
    with open_book(tmp_path / "new.db", key=key_of(file), deliver=False) as new:
        new.import_facts(tmp_path / "facts.jsonl")
        alex = new.mailbox(ALEX)
        assert alex.message(letter).body.content == LONG
        assert attached(new, alex, letter) == PLAN
        assert new.verify().good
        alex.erase(letter, why=WHY)
        assert blob_files(tmp_path / "new.db") == []


def test_a_transcript_in_which_one_was_changed_is_refused(
    book: Book, letter: str, file: Path, tmp_path: Path
) -> None:
    book.export_facts(tmp_path / "facts.jsonl")
    text = (tmp_path / "facts.jsonl").read_text()
    at = text.index('"base64":"', text.index('"sealed":true')) + 40
    (tmp_path / "facts.jsonl").write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    new = open_book(tmp_path / "new.db", key=key_of(file), deliver=False)
    with new, pytest.raises(SealBroken, match="blob"):
        new.import_facts(tmp_path / "facts.jsonl")
    assert blob_files(tmp_path / "new.db") == []


def test_blobs_in_clear_do_not_come_into_an_encrypted_store(tmp_path: Path) -> None:
    with open_book(tmp_path / "plain.db", deliver=False) as plain:
        plain.mailbox(ALEX).attach(plain.mailbox(ALEX).create_draft(), "plan.bin", PLAN)
        plain.export_facts(tmp_path / "facts.jsonl")
    assert hits(tmp_path / "plain.db", spans(PLAN)) == len(spans(PLAN)), "this is how they would be found"
    new = open_book(tmp_path / "new.db", encrypted=True, deliver=False)
    with new, pytest.raises(MoveRefused, match="could not be erased"):
        new.import_facts(tmp_path / "facts.jsonl")
    assert blob_files(tmp_path / "new.db") == []


@pytest.mark.parametrize("before", [True, False])
def test_facts_are_not_written_out_while_something_is_erased(
    book: Book, alexs: Mailbox, letter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    """There would be facts without their key in the file, or facts and a key without the erasure."""
    known = transcribing._keys

    def slowly(engine: Engine, mailbox: UUID) -> Iterator[Keys]:
        if mailbox == alexs.id and before:
            alexs.erase(letter, why=WHY)
        yield from known(engine, mailbox)
        if mailbox == alexs.id and not before:
            alexs.erase(letter, why=WHY)

    monkeypatch.setattr(transcribing, "_keys", slowly)
    with pytest.raises(MoveRefused, match="erased while"):
        book.export_facts(tmp_path / "facts.jsonl")
    assert not (tmp_path / "facts.jsonl").exists()
    monkeypatch.undo()
    assert book.export_facts(tmp_path / "facts.jsonl") > 0
