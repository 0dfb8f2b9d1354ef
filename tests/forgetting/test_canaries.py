"""Of people who were erased no byte is left in any file of the store, and all others keep their mail.

Each has a canary in their name, their address, and in subject, body and attachments of what they write; one
pattern finds them all, in every spelling.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from letterbook import Book, Witnesses, open_book
from letterbook.application import jobs
from letterbook.application.jobs import NewMessage
from letterbook.application.public_ids import Kind, private
from letterbook.application.uploading import begin
from letterbook.application.work import Work
from letterbook.domain.attachments import FILE_LIMIT, Content, FileAttachment
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.people import EmailAddress
from letterbook.domain.uploads import Upload
from tests.contracts.uploads import take_in
from tests.forgetting.canaries import files_of
from tests.proof.independent import verifier

CANARY = re.compile(rb"(?i)qz(\d{5})zq")
WIDE = re.compile(rb"(?i)q\0z\0((?:\d\0){5})z\0q")
WHY = "They left."
AT_ONCE = 500


def word(number: int) -> str:
    """Somebody's canary."""
    return f"Qz{number:05}zq"


def address(number: int) -> str:
    """Where somebody gets mail."""
    return f"{word(number)}@contoso.com"


def canaries(store: Path, *, beside: bool = False) -> set[int]:
    """Whose canaries are in any file of a store, or only in those of the blobs and uploads ``beside`` it."""
    found: set[int] = set()
    blobs = store.with_name(f"{store.name}.blobs")
    for path in files_of(store):
        if beside and blobs not in path.parents:
            continue
        held = path.read_bytes()
        found |= {int(digits) for digits in CANARY.findall(held)}
        found |= {int(digits.replace(b"\0", b"")) for digits in WIDE.findall(held)}
    return found


def settle(book: Book, people: int) -> None:
    """Everybody has a mailbox, and writes to whoever comes next."""
    together(book, (partial(_open, book, number) for number in range(people)))
    together(book, (partial(_send, book, number, people) for number in range(people)))
    for number in range(0, people, 25):
        _begin_upload(book, number)
    book.deliver()
    book.engine.catch_up_search()


def together(book: Book, asked: Iterable[partial[None]]) -> None:
    """Many jobs, some in each transaction."""
    waiting = iter(asked)
    while some := list(islice(waiting, AT_ONCE)):
        for ticket in book.engine.run_all(some):
            ticket.outcome()


def _open(book: Book, number: int, work: Work) -> None:
    owner = EmailAddress(name=f"{word(number)} Someone", address=address(number))
    jobs.open_mailbox(work, owner, book.engine.occasion("system:test"))


def _send(book: Book, number: int, people: int, work: Work) -> None:
    large = number % 25 == 0
    said = f"{word(number)} says a lot. " * (4_000 if large else 4)
    file = FileAttachment(
        id=book.engine.ids.new(),
        name=f"{word(number)}.txt",
        content_type="text/plain",
        modified_at=book.engine.clock.now(),
        content=Content(inline=said.encode()),
    )
    letter = Letter(
        subject=f"Re: {word(number)} \u00e9t\u00e9",
        body=write_body("text", said),
        to=(EmailAddress(address=address((number + 1) % people)),),
    )
    new = book.engine.stowed(NewMessage(letter=letter, attachments=(file,)))
    on = book.engine.occasion(address(number))
    owner = work.person(address(number))
    assert owner is not None, "they have a mailbox"
    jobs.send_mail(work, owner.mailbox, book.engine.ids.new(), new, on)


def _begin_upload(book: Book, number: int) -> None:
    """A file is on its way to a draft, and the first half of it is here."""
    box = book.mailbox(address(number))
    upload = Upload(
        id=book.engine.ids.new(),
        mailbox=box.id,
        message=private(Kind.MESSAGE, box.create_draft(subject=word(number)).id),
        actor=address(number),
        name=f"{word(number)}.txt",
        size=FILE_LIMIT,
        content_type="text/plain",
        is_inline=False,
        content_id=None,
        expires_at=book.engine.clock.now() + timedelta(days=1),
    )
    begin(book.engine, upload)
    take_in(book.engine.store.blobs.uploads, 0, word(number).encode() * 200_000, upload=upload)


def check(store: Path, people: int) -> None:
    """Erase every tenth, and look at everything."""
    gone = set(range(0, people, 10))
    with open_book(store, encrypted=True, deliver=False) as book:
        settle(book, people)
        then = book.engine.clock.now()
        left = book.mailbox(address(5))
        assert len(left.at(then).folder("inbox")) == 1
        before = book.checkpoint()
        assert canaries(store) == set(range(people)), "they were all there"
        assert canaries(store, beside=True) == set(), "what is beside the views nobody could ever read"
        uploads = book.engine.store.blobs.uploads
        assert len(uploads.all()) == len(range(0, people, 25))
        erasure = book.erase_people([address(number) for number in gone], why=WHY)
        assert erasure.purged
        assert (len(erasure.mailboxes), erasure.messages) == (len(gone), 2 * len(gone))
        assert canaries(store) == set(range(people)) - gone
        assert {each.actor for each in uploads.all()} == {
            address(number) for number in set(range(0, people, 25)) - gone
        }
        check_others(book, people, gone)
        assert book.verify(Witnesses(before)).good
        check_independently(store, [each.note for each in before], left.checkpoint_key())
    assert canaries(store) == set(range(people)) - gone


def check_others(book: Book, people: int, gone: set[int]) -> None:
    """Everybody else still has what they got from, and wrote to, everybody else."""
    with book.engine.store.reading() as session:
        for number in set(range(people)) - gone:
            person = session.views.person(address(number))
            assert person is not None
            counts = {row.well_known: row.total for row in session.views.folders(person.mailbox)}
            assert counts["inbox"] == ((number - 1) % people not in gone)
            assert counts["sentitems"] == ((number + 1) % people not in gone)
    number = next(each for each in range(people) if not {each, each + 1} & gone)
    box = book.mailbox(address(number))
    assert word(number) in box.sent_items()[0].body.content
    assert len(box.search(word(number))) == 1


def check_independently(store: Path, notes: list[str], key: str) -> None:
    """The verifier that knows nothing of Letterbook finds nothing wrong with what was signed before."""
    note, line = store.with_name("notes.txt"), store.with_name("keys.txt")
    note.write_text("\n".join(notes))
    line.write_text(key)
    assert verifier.main("store", str(store), str(line), str(note)) == 0


def test_after_erasing_6_of_60_people_none_of_their_canaries_is_left(tmp_path: Path) -> None:
    """The short version, on every run."""
    check(tmp_path / "mail.db", 60)


@pytest.mark.slow
def test_after_erasing_1000_of_10000_people_none_of_their_canaries_is_left(tmp_path: Path) -> None:
    """Takes some minutes."""
    check(tmp_path / "mail.db", 10_000)
