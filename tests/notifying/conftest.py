"""A book that may notify this machine, an endpoint here, and a clock that is moved by hand."""

from collections.abc import Iterator

import pytest

from letterbook.adapters.book import Book
from tests.fakes import FakeClock
from tests.notifying.receiver import Reader, Receiver, reader, receiving
from tests.notifying.subscribing import local_book


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


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
