"""A book that can forget: encrypted, with Alex, Megan and Adele in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, open_book
from tests.graph.client import ADELE, ALEX, MEGAN


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    """The book; nothing is delivered before a test says so."""
    with open_book(file, deliver=False, encrypted=True) as book:
        for address, name in ((ALEX, "Alex Wilber"), (MEGAN, "Megan Bowen"), (ADELE, "Adele Vance")):
            book.add_user(address, name=name)
        yield book


@pytest.fixture
def alexs(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox(ALEX)


@pytest.fixture
def megans(book: Book) -> Mailbox:
    """Megan's mailbox."""
    return book.mailbox(MEGAN)


@pytest.fixture
def adeles(book: Book) -> Mailbox:
    """Adele's mailbox."""
    return book.mailbox(ADELE)
