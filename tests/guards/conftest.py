"""A book in a file whose every statement is heard, and Alex and Megan at its Graph face."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook.adapters.book import Book
from tests.graph.client import ALEX, MEGAN, Graph, book_of_three, stranger_at
from tests.guards.counting import Ear, ear_at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "mail.db"


@pytest.fixture
def book(file: Path) -> Iterator[Book]:
    """A book with three people; nothing is delivered before a test says so."""
    with book_of_three(file) as book:
        yield book


@pytest.fixture
def ear(book: Book) -> Ear:
    """Hears every statement on every connection of the book."""
    return ear_at(book)


@pytest.fixture
def writer(book: Book) -> sqlite3.Connection:
    """The connection that writes."""
    found: sqlite3.Connection = book.engine.store._writer  # type: ignore[attr-defined]
    return found


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
