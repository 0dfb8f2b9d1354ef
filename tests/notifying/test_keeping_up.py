"""What a subscription costs: positions that move on although there is nothing to tell."""

from uuid import UUID

import pytest

from tests.fakes import FakeClock
from tests.graph.client import ALEX, Graph
from tests.notifying.receiver import Receiver
from tests.notifying.subscribing import subscribed


def position(graph: Graph, name: str) -> int:
    """Up to where a subscription has been told, as it is kept."""
    with graph.book.engine.store.reading() as session:
        standing = session.subscriptions.find(UUID(name))
    assert standing is not None
    return standing.position


def test_facts_that_mean_nothing_are_not_written_down_one_by_one(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed(alex, endpoint, clock, resource="me/mailFolders('inbox')/messages")
    before = position(alex, made["id"])
    for _ in range(3):
        alex.draft()
        alex.book.notify()
    assert position(alex, made["id"]) == before
    assert alex.book.engine.store.pulse() == pulse_after_a_look(alex), "a look writes nothing"


def pulse_after_a_look(graph: Graph) -> int:
    """The store's pulse when somebody has looked once more."""
    graph.book.notify()
    return graph.book.engine.store.pulse()


def test_after_many_of_them_the_position_moves_on(
    alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letterbook.application.notifying.FAR", 5)
    made = subscribed(alex, endpoint, clock, resource="me/mailFolders('inbox')/messages")
    before = position(alex, made["id"])
    for _ in range(5):
        alex.draft()
    alex.book.notify()
    assert position(alex, made["id"]) == before + 5
    assert endpoint.told == []


def test_more_facts_than_one_look_takes_are_passed_at_once(
    alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letterbook.application.noticing.MOST_FACTS", 3)
    subscribed(alex, endpoint, clock, resource="me/mailFolders('archive')/messages", changeType="created")
    mailbox = alex.book.mailbox(ALEX)
    for _ in range(10):
        last = mailbox.create_draft(subject="Offsite")
    mailbox.move(last, "archive")

    alex.book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [last.id]
