"""A book that was closed says so, in a file as in memory, and keeps nothing of what it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, StoreClosed, open_book
from tests.graph.client import ALEX

LARGE = "A long story. " * 10_000
"""A body that is kept beside the history."""

OF_THE_BOOK: dict[str, Callable[[Book], object]] = {
    "users": lambda book: book.users(),
    "a new user": lambda book: book.add_user("danas@contoso.com"),
    "a mailbox": lambda book: book.mailbox(ALEX),
    "deliver": lambda book: book.deliver(),
    "waiting": lambda book: book.waiting(),
    "notify": lambda book: book.notify(),
    "subscriptions": lambda book: book.subscriptions.all(),
    "rebuild": lambda book: book.rebuild(),
    "tidy": lambda book: book.tidy(),
    "verify": lambda book: book.verify(),
    "checkpoint": lambda book: book.checkpoint(),
    "a token": lambda book: book.token(ALEX),
    "the Graph face": lambda book: book.asgi(),
}
OF_A_MAILBOX: dict[str, Callable[[Mailbox], object]] = {
    "drafts": lambda alex: alex.drafts(),
    "a draft": lambda alex: alex.create_draft(subject="Too late"),
    "a large draft": lambda alex: alex.create_draft(body=LARGE),
    "a letter": lambda alex: alex.send_mail(subject="Too late", to=[ALEX]),
    "a search": lambda alex: alex.search("lunch"),
    "the past": lambda alex: alex.at(2).drafts(),
    "the key of checkpoints": lambda alex: alex.checkpoint_key(),
}


@pytest.fixture(params=["file", "memory"])
def closed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Book, Mailbox]:
    """A book that was closed with a mailbox and a draft in it, and that mailbox."""
    book = open_book(tmp_path / "mail.db" if request.param == "file" else ":memory:", deliver=False)
    alex = book.mailbox(ALEX)
    alex.create_draft(subject="Lunch")
    book.close()
    return book, alex


@pytest.mark.parametrize("ask", OF_THE_BOOK.values(), ids=OF_THE_BOOK)
def test_a_closed_book_says_so(closed: tuple[Book, Mailbox], ask: Callable[[Book], object]) -> None:
    """Whatever it is asked, and as often."""
    for _ in range(2):
        with pytest.raises(StoreClosed, match="the book is closed"):
            ask(closed[0])


@pytest.mark.parametrize("ask", OF_A_MAILBOX.values(), ids=OF_A_MAILBOX)
def test_so_does_a_mailbox_in_it(closed: tuple[Book, Mailbox], ask: Callable[[Mailbox], object]) -> None:
    """It is no more open than its book."""
    for _ in range(2):
        with pytest.raises(StoreClosed, match="the book is closed"):
            ask(closed[1])


def test_whoever_reads_while_it_is_closed_reads_to_the_end(file: Path) -> None:
    """SQLite crashes if a connection is closed under the hands of another thread."""
    book = open_book(file, deliver=False)
    book.mailbox(ALEX)
    with book.engine.store.reading() as session:
        book.close()
        assert [each.address for each in session.views.people()] == [ALEX]
        with pytest.raises(StoreClosed):
            book.users()
    assert not file.with_name("mail.db-wal").exists(), "the last one out folds it into the file"


def test_it_may_be_closed_again(closed: tuple[Book, Mailbox]) -> None:
    """Nothing is left to do."""
    closed[0].close()


def test_a_new_book_goes_on_where_it_was(tmp_path: Path) -> None:
    """Nothing of what the closed one was asked is in the file."""
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        alex = book.mailbox(ALEX)
    with pytest.raises(StoreClosed):
        alex.create_draft(subject="Too late")
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        assert book.mailbox(ALEX).drafts() == []
