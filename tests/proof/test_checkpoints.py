"""Checkpoints grow with the history they sign; nothing is signed or proved of a history that was changed."""

import json
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from letterbook import (
    Book,
    Checkpoint,
    CheckpointFile,
    Ed25519Notary,
    Mailbox,
    Refused,
    StoreDamaged,
    open_book,
)
from letterbook.adapters.store.chain import beginning, covered
from letterbook.application.checkpoints import PROOF, HistoryDamaged
from letterbook.application.merkle import root_of
from letterbook.application.notes import read_checkpoints, read_key, sign
from tests.contracts.history import HOME, LETTER, REPLY
from tests.proof.independent import verifier

ALEX = "alexw@contoso.com"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "mail.db"


@pytest.fixture(params=["file", "memory"])
def book(request: pytest.FixtureRequest, file: Path) -> Iterator[Book]:
    """A book on disk and one in memory."""
    with open_book(file if request.param == "file" else ":memory:", deliver=False) as book:
        yield book


@pytest.fixture
def on_disk(file: Path) -> Iterator[Book]:
    """A book on disk."""
    with open_book(file, deliver=False) as book:
        yield book


def tamper(file: Path, statement: str) -> None:
    """Change the file behind everybody's back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount


def hashes(book: Book, box: Mailbox) -> list[bytes]:
    """The hashes of a mailbox's events."""
    with book.engine.store.reading() as session:
        return [each.hash for each in session.evidence.events(box.id)]


def keys(box: Mailbox) -> list[bytes]:
    """What the independent verifier believes."""
    return [read_key(box.checkpoint_key())]


def test_a_checkpoint_signs_the_history_of_now(book: Book) -> None:
    alex = book.mailbox(ALEX)
    for size in (1, 2, 3):
        checkpoint = alex.checkpoint()
        assert (checkpoint.mailbox, checkpoint.size) == (alex.id, size)
        assert checkpoint.root == root_of(hashes(book, alex))
        alex.create_draft(subject="Lunch")


def test_a_checkpoint_of_the_same_history_is_the_same(book: Book) -> None:
    told: list[Checkpoint] = []
    book.checkpoints._witnesses = (told.append,)
    alex = book.mailbox(ALEX)
    first = alex.checkpoint()
    assert alex.checkpoint() == first
    assert told == [first], "a witness is told once"


@pytest.mark.parametrize("events", [255, 256, 257, 700])
def test_histories_of_any_length_are_signed(book: Book, events: int) -> None:
    """However they end within a tile, and wherever they were signed before."""
    alex = book.mailbox(ALEX)
    for number in range(1, events):
        alex.create_draft(subject=f"{number}")
        if number % 97 == 0:
            alex.checkpoint()
    assert alex.checkpoint().root == root_of(hashes(book, alex))
    assert alex.checkpoint().size == events
    assert book.verify().good


def test_every_mailbox_has_its_own(book: Book) -> None:
    for who in (ALEX, "adelev@contoso.com"):
        book.mailbox(who)
    assert {each.mailbox for each in book.checkpoint()} == {each.mailbox for each in book.users()}


def test_a_message_is_proved(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    """All of its events, to somebody who has nothing but the proof and the key."""
    alex = book.mailbox(ALEX)
    draft = alex.create_draft(subject="Lunch", to=["adelev@contoso.com"])
    for number in range(300):
        alex.create_draft(subject=f"{number}")
    alex.send(draft)
    proof = json.loads(json.dumps(alex.prove(draft)))
    assert verifier.check_proof(proof, keys(alex))
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("draft-created", "message.sent", "2 events, all of them signed"))


SPOILT = [
    ("events", 0, "seq", 3),
    ("events", 0, "recorded", 0),
    ("events", 0, "topic", "message.deleted.v1"),
    ("events", 0, "state", "e30="),
    ("events", 0, "previous", "AAAA"),
    ("events", 0, "seq", 0),
    ("events", 1, "path", []),
    ("message", None, None, "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
]


@pytest.mark.parametrize(("part", "number", "name", "value"), SPOILT)
def test_a_proof_that_was_changed_proves_nothing(
    book: Book, part: str, number: int | None, name: str | None, value: object
) -> None:
    """Whatever was changed in it."""
    alex = book.mailbox(ALEX)
    draft = alex.create_draft(subject="Lunch")
    alex.update_draft(draft, subject="Dinner")
    proof: dict[str, Any] = alex.prove(draft)
    assert verifier.check_proof(proof, keys(alex))
    if number is None:
        proof[part] = value
    else:
        assert proof[part][number][name] != value
        proof[part][number][name] = value
    with pytest.raises((ValueError, IndexError)):
        verifier.check_proof(proof, keys(alex))


def test_a_proof_without_its_first_event_proves_nothing(book: Book) -> None:
    """The versions of a message are counted from one. Without any event there is nothing to prove."""
    alex = book.mailbox(ALEX)
    draft = alex.create_draft(subject="Lunch")
    alex.update_draft(draft, subject="Dinner")
    proof = alex.prove(draft)
    with pytest.raises(ValueError, match="version 1"):
        verifier.check_proof({**proof, "events": proof["events"][1:]}, keys(alex))
    assert not verifier.check_proof({**proof, "events": []}, keys(alex))


def test_fields_cannot_be_read_at_other_places() -> None:
    """Whoever hides a whole event in what an event says cannot prove that it happened."""
    place = (HOME.bytes, 1, LETTER.bytes, 1, 0, b"message.sent.v1", b"{}")
    hidden = covered(*place)
    outer = covered(HOME.bytes, 1, REPLY.bytes, 1, 0, b"message.said.v1", hidden)
    sealed = sha256(beginning(HOME).hash + outer).digest()
    signed = sign(Ed25519Notary.of_store(b"a store"), HOME, 1, root_of([sealed]))
    before = beginning(HOME).hash + outer.removesuffix(hidden)
    assert sha256(before + hidden).digest() == sealed, "the hash alone would let it pass"
    event = {"seq": 1, "recorded": 0, "topic": "message.sent.v1", "state": "e30=", "path": []}
    event["previous"] = b64encode(before).decode()
    proof = {"format": PROOF, "message": str(LETTER), "checkpoint": signed.note, "events": [event]}
    with pytest.raises(ValueError, match="not in the history"):
        verifier.check_proof(proof, [Ed25519Notary.of_store(b"a store").public])


def test_what_never_was_is_not_proved(book: Book) -> None:
    adele = book.mailbox("adelev@contoso.com")
    hers = adele.create_draft(subject="Hers")
    with pytest.raises(Refused, match="not found"):
        book.mailbox(ALEX).prove(hers)


def test_growth_is_proved(book: Book) -> None:
    """From any checkpoint to now, given as such or as its note; to nobody else's."""
    alex, adele = book.mailbox(ALEX), book.mailbox("adelev@contoso.com")
    older: list[Checkpoint] = [alex.checkpoint()]
    for number in range(270):
        alex.create_draft(subject=f"{number}")
        if number % 50 == 0:
            older.append(alex.checkpoint())
    for each in (*older, alex.checkpoint()):
        assert verifier.check_proof(alex.prove_growth(each), keys(alex))
        assert alex.prove_growth(each.note) == alex.prove_growth(each)
    with pytest.raises(ValueError, match="another mailbox"):
        adele.prove_growth(older[0])


def test_growth_from_another_history_is_not_proved(book: Book) -> None:
    """Nor does a proof that was changed prove it."""
    alex = book.mailbox(ALEX)
    alex.create_draft(subject="Lunch")
    older = alex.checkpoint()
    alex.create_draft(subject="Dinner")
    with pytest.raises(StoreDamaged, match="does not begin"):
        alex.prove_growth(Checkpoint(alex.id, older.size, bytes(32), older.note))
    with pytest.raises(StoreDamaged, match="does not begin"):
        alex.prove_growth(Checkpoint(alex.id, 99, older.root, older.note))
    proof = alex.prove_growth(older)
    for path in ([], proof["path"][1:], [*proof["path"], proof["path"][0]]):
        with pytest.raises((ValueError, IndexError)):
            verifier.check_proof({**proof, "path": path}, keys(alex))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET recorded=recorded+1 WHERE seq=4",
        "UPDATE events SET hash=zeroblob(32) WHERE seq=4",
        "UPDATE events SET version='one' WHERE seq=4",
        "UPDATE events SET seq=9 WHERE seq=4",
        "DELETE FROM events WHERE seq>2",
    ],
)
def test_a_history_that_does_not_continue_what_was_signed_is_not_signed(
    on_disk: Book, file: Path, statement: str
) -> None:
    """A checkpoint that contradicts an earlier one would be worse than none."""
    alex = on_disk.mailbox(ALEX)
    for number in range(3):
        alex.create_draft(subject=f"{number}")
        if number == 1:
            assert alex.checkpoint().size == 3
    tamper(file, statement)
    with pytest.raises(HistoryDamaged, match=str(alex.id)):
        alex.checkpoint()


def test_what_was_gathered_before_is_not_read_again_to_sign(on_disk: Book, file: Path) -> None:
    """A checkpoint takes no longer the longer the history is; whoever verifies reads all of it."""
    alex = on_disk.mailbox(ALEX)
    for number in range(3):
        alex.create_draft(subject=f"{number}")
    older = alex.checkpoint()
    tamper(file, "UPDATE events SET recorded=recorded+1 WHERE seq=2")
    alex.create_draft(subject="One more")
    assert verifier.check_proof(alex.prove_growth(older), keys(alex))
    (found,) = on_disk.verify().findings
    assert (found.mailbox, found.seq) == (alex.id, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoints SET note=replace(note, char(10) || '2' || char(10), char(10) || '9' || char(10))",
        "UPDATE checkpoints SET note='nothing'",
    ],
)
def test_changed_evidence_is_not_built_upon(on_disk: Book, file: Path, statement: str) -> None:
    """What was signed before has to be what was signed; tiles are gathered anew (see ``test_tiles``)."""
    alex = on_disk.mailbox(ALEX)
    alex.create_draft(subject="Lunch")
    alex.checkpoint()
    tamper(file, statement)
    alex.create_draft(subject="Dinner")
    with pytest.raises(HistoryDamaged):
        alex.checkpoint()


@pytest.mark.parametrize(
    "change",
    [
        "state=replace(CAST(state AS TEXT), 'Lunch', 'Munch')",
        "topic=CAST(x'ff' AS TEXT)",
        "recorded=recorded+1",
        "version=3",
        "aggregate=zeroblob(16)",
    ],
)
def test_a_changed_event_is_not_proved(on_disk: Book, file: Path, change: str) -> None:
    """Neither as it is now nor by leaving it out."""
    alex = on_disk.mailbox(ALEX)
    draft = alex.create_draft(subject="Lunch")
    alex.update_draft(draft, subject="Dinner")
    alex.checkpoint()
    tamper(file, f"UPDATE events SET {change} WHERE seq=2")  # noqa: S608 - the test tampers on purpose
    with pytest.raises(HistoryDamaged):
        alex.prove(draft)


# --- Outside the store -----------------------------------------------------------------------------


def test_checkpoints_are_added_to_a_file(tmp_path: Path) -> None:
    """One after the other, on disk when the call returns; the file of an earlier run is continued."""
    kept = tmp_path / "checkpoints.txt"
    signed: list[Checkpoint] = []
    for _ in range(2):
        with open_book(tmp_path / "mail.db", deliver=False, witnesses=[CheckpointFile(kept)]) as book:
            alex = book.mailbox(ALEX)
            alex.create_draft(subject="Lunch")
            signed.append(alex.checkpoint())
    assert read_checkpoints(kept.read_text(encoding="utf-8")) == signed


def test_a_mailbox_is_signed_whenever_so_many_events_have_come(tmp_path: Path) -> None:
    """Beside the writing; and the witnesses are told."""
    told: list[Checkpoint] = []
    with open_book(tmp_path / "mail.db", deliver=False, witnesses=[told.append], checkpoint_every=10) as book:
        alex = book.mailbox(ALEX)
        for number in range(9):
            book.checkpoints.keep_up()
            alex.create_draft(subject=f"{number}")
        assert told == []
        book.checkpoints.keep_up()
        alex.create_draft(subject="One more")
        book.checkpoints.keep_up()
        assert [each.size for each in told] == [10]


def test_a_witness_that_fails_is_told_again(tmp_path: Path) -> None:
    """And one mailbox that cannot be signed keeps no other from it."""
    told: list[Checkpoint] = []

    def fail_at_first(checkpoint: Checkpoint) -> None:
        told.append(checkpoint)
        if len(told) == 1:
            raise OSError("the disk of the witness is full")

    with open_book(
        tmp_path / "mail.db", deliver=False, witnesses=[fail_at_first], checkpoint_every=1
    ) as book:
        boxes = {book.mailbox(who).id for who in (ALEX, "adelev@contoso.com")}
        with pytest.raises(ExceptionGroup):
            book.checkpoints.keep_up()
        assert {each.mailbox for each in told} == boxes
        book.checkpoints.keep_up()
        assert told[2:] == told[:1]
        book.checkpoints.keep_up()
        assert len(told) == 3


@pytest.mark.usefixtures("hasty_post_office")
def test_signing_goes_on_in_the_background(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a witness does; the log says so."""
    signed, told = threading.Event(), list[Checkpoint]()

    def witness(checkpoint: Checkpoint) -> None:
        told.append(checkpoint)
        if len(told) == 1:
            raise ValueError("not today")
        signed.set()

    with open_book(tmp_path / "mail.db", witnesses=[witness], checkpoint_every=2) as book:
        book.mailbox(ALEX).create_draft(subject="Lunch")
        assert signed.wait(60)
    assert (told[0], len(told)) == (told[1], 2)
    assert "not today" in caplog.text


def test_without_being_asked_nothing_is_signed(book: Book) -> None:
    alex = book.mailbox(ALEX)
    for number in range(20):
        alex.create_draft(subject=f"{number}")
    book.checkpoints.keep_up()
    with book.engine.store.reading() as session:
        assert session.evidence.latest(alex.id) is None


def test_reading_tells_no_witness(tmp_path: Path) -> None:
    """Verifying, proving what was signed and rebuilding act on nothing."""
    told: list[Checkpoint] = []
    with open_book(tmp_path / "mail.db", deliver=False, witnesses=[told.append]) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject="Lunch")
        alex.checkpoint()
        told.clear()
        alex.prove(draft)
        book.verify()
        book.rebuild()
        assert told == []


def test_a_store_may_be_signed_for_by_somebody_else(tmp_path: Path) -> None:
    """A key that is not in the file."""
    notary = Ed25519Notary.of_store(b"kept elsewhere")
    with open_book(tmp_path / "mail.db", deliver=False, notary=notary) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject="Lunch")
        assert verifier.check_proof(alex.prove(draft), [notary.public])
        assert book.verify().good
