"""The ears and hands of the guards: every statement on a book is heard, and its writer is at hand."""

import sqlite3

import pytest

from letterbook.adapters.book import Book
from tests.guards.counting import Ear, ear_at


@pytest.fixture
def ear(book: Book) -> Ear:
    """Hears every statement on every connection of the book."""
    return ear_at(book)


@pytest.fixture
def writer(book: Book) -> sqlite3.Connection:
    """The connection that writes."""
    found: sqlite3.Connection = book.engine.store._writer  # type: ignore[attr-defined]
    return found
