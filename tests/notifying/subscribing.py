"""How the tests of subscriptions talk: whoever subscribes, and a clock that is moved by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from letterbook import open_book
from letterbook.adapters.book import Book
from tests.fakes import FakeClock
from tests.graph.client import Graph, file_of_three, open_mailboxes
from tests.notifying.receiver import Receiver


def ending(clock: FakeClock, **later: float) -> str:
    """A moment so much later, as it is written in requests."""
    return ends(clock.now() + timedelta(**(later or {"days": 1})))


def ends(at: datetime) -> str:
    """A moment as it is written."""
    return at.isoformat().replace("+00:00", "Z")


@contextmanager
def local_book(place: str | Path, clock: FakeClock) -> Iterator[Book]:
    """A book with three people that may notify this machine; nobody is notified before a test says so."""
    if str(place) != ":memory:" and not Path(place).exists():
        Path(place).write_bytes(file_of_three(clock.now()))
    with open_book(place, deliver=False, clock=clock, allow_local_webhooks=True) as book:
        if not book.users():
            open_mailboxes(book)
        yield book


def asking(receiver: Receiver, clock: FakeClock, **said: Any) -> dict[str, Any]:
    """The body of a request for a subscription."""
    return {
        "changeType": "created,updated,deleted",
        "notificationUrl": receiver.url,
        "resource": "me/messages",
        "expirationDateTime": ending(clock),
        "clientState": "secretClientValue",
    } | said


def subscribed(graph: Graph, receiver: Receiver, clock: FakeClock, **said: Any) -> dict[str, Any]:
    """A subscription that was made."""
    return graph.made("/subscriptions", asking(receiver, clock, **said))


def subscribed_for_good(graph: Graph, receiver: Receiver, clock: FakeClock, **said: Any) -> dict[str, Any]:
    """The same to ids that no move changes, by which Python knows messages, too."""
    prefers = {"Prefer": 'IdType="ImmutableId"'}
    answer = graph.post("/subscriptions", json=asking(receiver, clock, **said), headers=prefers)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (201, prefers["Prefer"]), answer.text
    made: dict[str, Any] = answer.json()
    return made
