"""What a subscription costs: positions that move on although there is nothing to tell."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from letterbook.application.notifying import Notifier
from tests.fakes import FakeClock
from tests.graph.client import ALEX, MEGAN, Graph
from tests.notifying.receiver import Answer, Receiver
from tests.notifying.subscribing import local_book, subscribed_for_good
from tests.proof.test_verifying import flipped, put, value


def position(graph: Graph, name: str) -> int:
    """Up to where a subscription has been told, as it is kept."""
    with graph.book.engine.store.reading() as session:
        standing = session.subscriptions.find(UUID(name))
    assert standing is not None
    return standing.position


def test_facts_that_mean_nothing_are_not_written_down_one_by_one(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed_for_good(alex, endpoint, clock, resource="me/mailFolders('inbox')/messages")
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
    made = subscribed_for_good(alex, endpoint, clock, resource="me/mailFolders('inbox')/messages")
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
    subscribed_for_good(
        alex, endpoint, clock, resource="me/mailFolders('archive')/messages", changeType="created"
    )
    mailbox = alex.book.mailbox(ALEX)
    for _ in range(10):
        last = mailbox.create_draft(subject="Offsite")
    mailbox.move(last, "archive")

    alex.book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [last.id]


def test_of_two_programs_that_look_at_the_same_time_one_tells(
    place: str, alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed_for_good(alex, endpoint, clock)
    alex.draft()
    with local_book(place, clock) as other:
        handled: list[int] = []
        drop_ended = Notifier._drop_ended

        def between_looking_and_taking(self: Notifier, *said: Any) -> None:
            if self is not other._notifier and not handled:
                handled.append(other.notify())
            drop_ended(self, *said)

        monkeypatch.setattr(Notifier, "_drop_ended", between_looking_and_taking)
        assert alex.book.notify() == 0
    assert handled == [1]
    assert len(endpoint.notices) == 1


def test_what_could_not_be_told_before_its_end_is_told_after_it(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed_for_good(alex, endpoint, clock)
    clock.pass_by(timedelta(hours=24, seconds=-10))
    draft = alex.book.mailbox(ALEX).create_draft(subject="At the last moment")
    endpoint.hearing = Answer(503, body=b"")
    alex.book.notify()
    clock.pass_by(timedelta(seconds=12))
    alex.book.notify()
    assert len(endpoint.told) == 1, "it is over, and waits to be tried again"

    endpoint.hearing = Answer(202, body=b"")
    clock.pass_by(timedelta(seconds=10))
    alex.book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.told[-1].notices] == [draft.id]
    assert len(endpoint.told) == 2


def test_what_happened_between_two_updates_keeps_them_apart(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    unread = "me/messages?$filter=isRead eq false"
    draft = alex.draft(isRead=False)
    subscribed_for_good(alex, endpoint, clock, resource=unread, changeType="updated")
    for change in ({"subject": "One"}, {"isRead": True}, {"isRead": False}, {"subject": "Two"}):
        alex.changed(f"/me/messages/{draft['id']}", change)

    alex.book.notify()

    assert endpoint.changes() == ["updated", "updated"]


def test_a_damaged_mailbox_keeps_nobody_else_from_being_told(
    file: Path, alex: Graph, megan: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    for each in (alex, megan):
        subscribed_for_good(each, endpoint, clock)
        each.draft()
    home = alex.book.mailbox(ALEX).id.bytes
    put(file, "state", flipped(value(file, "state", home, 2), Random(2)), home, 2)

    alex.book.notify()

    (draft,) = alex.book.mailbox(MEGAN).drafts()
    assert [each["resourceData"]["id"] for each in endpoint.notices] == [draft.id]
