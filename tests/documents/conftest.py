"""An office of people from Graph's own documentation, and a client that speaks in the name of one of them."""

from collections.abc import Iterator

import pytest

from letterbook import open_book
from tests.documents.talking import GraphClient, Office, StillClock
from tests.documents.wire import Sample, samples
from tests.looping import Conversations

PEOPLE = {
    "alexw@contoso.com": "Alex Wilber",
    "meganb@contoso.com": "Megan Bowen",
    "danas@contoso.com": "Dana Swope",
    "randiw@contoso.com": "Randi Welch",
    "samanthab@contoso.com": "Samantha Booth",
}
"""Everyone with a mailbox. Adele Vance has none: the samples answer her address in place of a name."""


@pytest.fixture(scope="session")
def runner() -> Iterator[Conversations]:
    """One event loop for all conversations."""
    with Conversations() as runner:
        yield runner


@pytest.fixture
def office(runner: Conversations) -> Iterator[Office]:
    """A fresh book where time stands still and nothing is delivered by itself."""
    clock = StillClock()
    with open_book(":memory:", clock=clock, deliver=False) as book:
        for address, name in PEOPLE.items():
            book.add_user(address, name=name)
        yield Office(book, clock, runner)


@pytest.fixture
def alex(office: Office) -> GraphClient:
    """Alex Wilber, who may read, write and send."""
    return office.client("alexw@contoso.com")


@pytest.fixture(scope="session")
def sample() -> dict[str, Sample]:
    """The documents' own requests and answers by name."""
    return samples()
