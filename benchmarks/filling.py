"""Mailboxes filled through the library: lives of the sample message, or letters of many words."""

from functools import partial
from uuid import UUID

from benchmarks import letters, sample
from letterbook import Book, EmailAddress, Mailbox
from letterbook.application import jobs
from letterbook.application.jobs import NewMessage
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.message import Update

TO = tuple(EmailAddress(name=who.name, address=who.address) for who in sample.TO)
MEGAN = EmailAddress(name=sample.MEGAN.name, address=sample.MEGAN.address)


def live(alex: Mailbox) -> None:
    """The life of a message through the library, every step acknowledged."""
    draft = alex.create_draft(subject=sample.SUBJECT, body=sample.BODY, body_type="html", to=TO)
    alex.update_draft(draft, subject=sample.NEW_SUBJECT, body=sample.NEW_BODY, body_type="html")
    alex.mention(draft, MEGAN)
    alex.send(draft)


def fill(book: Book, mailbox: UUID, lives: int, *, drafts: bool = False) -> None:
    """Many lives, or (``drafts``) only their beginnings, a few hundred in each transaction."""
    for start in range(0, lives, 250):
        count = min(250, lives - start)
        book.engine.run(partial(_many, book=book, mailbox=mailbox, count=count, drafts=drafts))


def _many(work: Work, book: Book, mailbox: UUID, count: int, drafts: bool) -> None:
    new = NewMessage(letter=Letter(subject=sample.SUBJECT, body=write_body("html", sample.BODY), to=TO))
    update = Update(changes=Letter(subject=sample.NEW_SUBJECT, body=write_body("html", sample.NEW_BODY)))
    for _ in range(count):
        name, on = book.engine.ids.new(), book.engine.occasion("alexw@contoso.com", "benchmark")
        jobs.create_draft(work, mailbox, name, new, on)
        if not drafts:
            jobs.ask_message(work, mailbox, name, update, on)
            jobs.mention(work, mailbox, name, book.engine.ids.new(), MEGAN, on)
            jobs.send(work, mailbox, name, on)


def write_letters(book: Book, mailbox: UUID, numbers: range) -> None:
    """The letters with these numbers into Drafts, in one transaction."""
    book.engine.run(partial(_letters, book=book, mailbox=mailbox, numbers=numbers))


def _letters(work: Work, book: Book, mailbox: UUID, numbers: range) -> None:
    for number in numbers:
        writing = letters.letter(number)
        to = EmailAddress(name=writing.to.name, address=writing.to.address)
        body = write_body("text", writing.text)
        new = NewMessage(letter=Letter(subject=writing.subject, body=body, to=(to,)), is_read=writing.is_read)
        on = Occasion(at=writing.at, actor="alexw@contoso.com", cause="request:benchmark")
        jobs.create_draft(work, mailbox, book.engine.ids.new(), new, on)
