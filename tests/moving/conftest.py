"""A book with Alex's mailbox in a file, and a way to tell its every letter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, open_book
from tests.fakes import FakeClock, FakeTransport
from tests.moving.letters import no_mail


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book whose transport must never be asked."""
    transport = FakeTransport(trouble=no_mail)
    with open_book(tmp_path / "mail.db", clock=FakeClock(), transport=transport, deliver=False) as book:
        yield book


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex Wilber's mailbox."""
    return book.mailbox("alexw@contoso.com", name="Alex Wilber")


@pytest.fixture
def adele(book: Book) -> Mailbox:
    """Adele Vance's mailbox, which is empty."""
    return book.mailbox("adelev@contoso.com", name="Adele Vance")
