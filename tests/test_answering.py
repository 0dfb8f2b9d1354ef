"""The Python face: answers, copies, and letters in another's name."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from letterbook import Book, Mailbox, Message, Refused, open_book
from letterbook.domain.attachments import FILE_LIMIT
from letterbook.domain.message import Copied, DraftCreated

ALEX, MEGAN, ADELE = "alexw@contoso.com", "meganb@contoso.com", "adelev@contoso.com"


@pytest.fixture
def book() -> Iterator[Book]:
    """A book in memory; nothing is delivered before a test says so."""
    with open_book(":memory:", deliver=False) as book:
        for address, name in ((ALEX, "Alex Wilber"), (MEGAN, "Megan Bowen"), (ADELE, "Adele Vance")):
            book.add_user(address, name=name)
        yield book


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox(ALEX)


@pytest.fixture
def letter(book: Book, alex: Mailbox) -> Message:
    """A letter from Megan to Alex and Adele, as Alex got it."""
    megan = book.mailbox(MEGAN)
    draft = megan.create_draft(subject="Lunch", body="At noon?", to=[ALEX, ADELE])
    megan.attach(draft, "menu.txt", b"Lasagna")
    megan.send(draft)
    book.deliver()
    return alex.folder("inbox")[0]


def arrived(book: Book, address: str) -> list[Message]:
    """What somebody got as an answer."""
    book.deliver()
    return [each for each in book.mailbox(address).folder("inbox") if each.subject != "Lunch"]


def test_a_reply_goes_to_the_author(book: Book, alex: Mailbox, letter: Message) -> None:
    alex.reply(letter, "Yes!", cc=[ADELE], attachments=[alex.file("map.txt", b"Here")])
    (got,) = arrived(book, MEGAN)
    assert got.subject == "RE: Lunch"
    assert got.body.content.startswith("Yes!\r\n")
    assert got.body.content.endswith("At noon?")
    assert got.conversation_id == letter.conversation_id
    assert [each.name for each in book.mailbox(MEGAN).state(got).attachments] == ["map.txt"]
    assert len(arrived(book, ADELE)) == 1
    assert [each.subject for each in alex.sent_items()] == ["RE: Lunch"]


def test_a_reply_to_all_goes_to_everyone(book: Book, alex: Mailbox, letter: Message) -> None:
    alex.reply_all(letter.id, "Yes!")
    assert len(arrived(book, MEGAN)) == len(arrived(book, ADELE)) == 1
    assert len(alex.folder("inbox")) == 1


def test_a_forward_carries_everything(book: Book, alex: Mailbox, letter: Message) -> None:
    alex.forward(letter, [f"Adele <{ADELE}>"], "For you")
    (got,) = arrived(book, ADELE)
    assert (got.subject, got.has_attachments) == ("FW: Lunch", True)
    (menu,) = book.mailbox(ADELE).state(got).attachments
    assert (menu.name, menu.size) == ("menu.txt", 7)
    assert arrived(book, MEGAN) == []


def test_a_forward_to_nobody_is_refused(alex: Mailbox, letter: Message) -> None:
    before = len(alex.drafts())
    with pytest.raises(Refused) as no:
        alex.forward(letter, [])
    assert no.value.code == "no-recipients"
    assert len(alex.drafts()) == before


def test_answers_can_be_begun(alex: Mailbox, letter: Message) -> None:
    begun = [alex.create_reply(letter, "1"), alex.create_reply_all(letter, "2"), alex.create_forward(letter)]
    assert [each.subject for each in begun] == ["RE: Lunch", "RE: Lunch", "FW: Lunch"]
    assert [len(each.to_recipients) for each in begun] == [1, 2, 0]
    assert {each.id for each in alex.drafts()} == {each.id for each in begun}
    for each in begun:
        first = alex.history(each)[0]
        assert isinstance(first, DraftCreated)
        assert first.answers is not None


def test_a_copy_is_a_message_of_its_own(alex: Mailbox, letter: Message) -> None:
    copy = alex.copy(letter, "archive")
    assert [each.id for each in alex.folder("archive")] == [copy.id]
    (fact,) = alex.history(copy)
    assert isinstance(fact, Copied)
    alex.delete_for_good(letter)
    assert alex.folder("inbox") == []
    assert alex.mime(copy).count(b"At noon?") == 1
    with pytest.raises(Refused):
        alex.copy(letter, "archive")


def test_somebody_else_can_be_let_write_in_ones_name(book: Book, alex: Mailbox) -> None:
    mime = f"From: {MEGAN}\r\nTo: {ADELE}\r\nSubject: In her name\r\n\r\nx".encode()
    book.mailbox(MEGAN).allow_sending(f"Alex <{ALEX}>", on_behalf=True)
    alex.send_mime(mime)
    book.mailbox(MEGAN).forbid_sending(ALEX)
    alex.send_mime(mime)
    alone, on_behalf = (each.from_ and each.from_.email_address.address for each in arrived(book, ADELE))
    assert (alone, on_behalf) == (ALEX, MEGAN)


def test_files_have_no_limit_of_a_request(book: Book, alex: Mailbox, letter: Message) -> None:
    """A program has them at hand: what is attached to a draft, an answer or in MIME may be large."""
    film = alex.file("film.mp4", bytes(FILE_LIMIT))
    mime = EmailMessage()
    mime["To"] = ADELE
    mime.add_attachment(film.content.inline or b"", maintype="video", subtype="mp4", filename="film.mp4")
    begun = [
        alex.create_draft(attachments=[film], to=[ADELE]),
        alex.create_draft_from_mime(mime.as_bytes(policy=SMTP)),
    ]
    assert [len(alex.state(draft).attachments) for draft in begun] == [1, 1]
    alex.reply(letter, "Seen this?", attachments=[film])
    book.deliver()
    (got,) = book.mailbox(MEGAN).folder("inbox")
    (file,) = book.mailbox(MEGAN).state(got).attachments
    assert (file.name, file.size) == ("film.mp4", FILE_LIMIT)
