"""A book that may notify this machine, an endpoint here, and a clock that is moved by hand."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook.adapters.book import Book
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, stranger_at
from tests.notifying.receiver import Reader, Receiver, reader, receiving
from tests.notifying.subscribing import local_book


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Where the book is kept: in a file, as in real life."""
    return str(tmp_path / "mail.db")


@pytest.fixture
def book(place: str, clock: FakeClock) -> Iterator[Book]:
    """A book with three people; nobody is notified before a test says so."""
    with local_book(place, clock) as book:
        yield book


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    """A subscriber's endpoint."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def owner() -> Reader:
    """Somebody with a certificate."""
    return reader()


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for all conversations."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def nobody(book: Book, loop: asyncio.Runner) -> Iterator[Graph]:
    """Somebody without a token."""
    with stranger_at(book, loop) as nobody:
        yield nobody


@pytest.fixture
def alex(nobody: Graph) -> Graph:
    """Alex Wilber, who may read, write and send."""
    return nobody.holding(nobody.book.token(ALEX))


@pytest.fixture
def megan(nobody: Graph) -> Graph:
    """Megan Bowen, who may read, write and send."""
    return nobody.holding(nobody.book.token(MEGAN))


@pytest.fixture
def adele(nobody: Graph) -> Graph:
    """Adele Vance, who may read, write and send."""
    return nobody.holding(nobody.book.token(ADELE))


@pytest.fixture
def robot(nobody: Graph) -> Graph:
    """An application, which has no mailbox and sees all."""
    return nobody.holding(nobody.book.token("a-daemon", "Mail.ReadWrite Mail.Send", app=True))
