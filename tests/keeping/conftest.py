"""A book in which time stands still until a test lets it pass, in a file and in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, open_book
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """What time it is."""
    return FakeClock()


@pytest.fixture(params=["in-a-file", "in-memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """A book with Alex and Megan; nothing is delivered before a test says so."""
    where = ":memory:" if request.param == "in-memory" else tmp_path / "mail.db"
    with open_book(where, clock=clock, deliver=False) as book:
        book.add_user("alexw@contoso.com", name="Alex Wilber")
        book.add_user("meganb@contoso.com", name="Megan Bowen")
        yield book


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox("alexw@contoso.com")


@pytest.fixture
def megan(book: Book) -> Mailbox:
    """Megan's mailbox."""
    return book.mailbox("meganb@contoso.com")
