"""The command about who is notified."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from letterbook import open_book
from letterbook.domain.subscriptions import Subscription
from tests.cli.terminal import ALEX, Terminal
from tests.notifying.receiver import Receiver, receiving


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    """A subscriber's endpoint."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def subscription(alone: Terminal, endpoint: Receiver) -> Subscription:
    """Somebody who watches Alex's Inbox."""
    with open_book(alone.store, deliver=False, allow_local_webhooks=True) as book:
        return book.subscriptions.begin(
            ALEX,
            endpoint.url,
            folder="inbox",
            changes="created",
            lifecycle_url=endpoint.url,
            client_state="secret",
            lasting=timedelta(days=2),
        )


def told(terminal: Terminal, endpoint: Receiver) -> list[object]:
    """What is told when somebody looks."""
    with open_book(terminal.store, deliver=False, allow_local_webhooks=True) as book:
        book.notify()
    return [notice.get("lifecycleEvent", notice.get("changeType")) for notice in endpoint.notices]


def test_it_shows_who_is_notified_of_what(alone: Terminal, subscription: Subscription) -> None:
    """In a line for people, and all of it but the secret for programs."""
    line = alone.tell("subscriptions")
    for shown in (str(subscription.id), ALEX, "created", subscription.notification_url):
        assert shown in line
    (data,) = alone.ask("subscriptions")
    assert data["id"] == str(subscription.id)
    assert data["resource"] == f"users/{subscription.mailbox}/mailFolders('inbox')/messages"
    assert datetime.fromisoformat(data["expirationDateTime"]) == subscription.expires_at
    assert "secret" not in alone.tell("subscriptions", "--json")


def test_nobody_is_notified_at_first(alone: Terminal) -> None:
    """And it says so."""
    assert alone.tell("subscriptions") == "Nobody is notified.\n"
    assert alone.ask("subscriptions") == []


def test_one_is_taken_away_and_its_holder_told(
    alone: Terminal, subscription: Subscription, endpoint: Receiver
) -> None:
    """At the next look."""
    assert alone.ask("subscriptions", "--remove", str(subscription.id))[0]["id"] == str(subscription.id)
    assert alone.ask("subscriptions") == []
    assert told(alone, endpoint) == ["subscriptionRemoved"]


def test_an_event_can_be_ordered(alone: Terminal, subscription: Subscription, endpoint: Receiver) -> None:
    """So that a test sees what the other side does."""
    alone.tell("subscriptions", "--remind", str(subscription.id), "--event", "missed")
    assert len(alone.ask("subscriptions")) == 1
    assert told(alone, endpoint) == ["missed"]


def test_what_cannot_be_done_is_refused(alone: Terminal, subscription: Subscription) -> None:
    """One that never was, and two things at once."""
    assert "not found" in alone.refused("subscriptions", "--remove", str(uuid4()))
    assert "not found" in alone.refused("subscriptions", "--remind", str(uuid4()))
    both = ("--remove", str(subscription.id), "--remind", str(subscription.id))
    alone.refused("subscriptions", *both, code=2)
    alone.refused("subscriptions", "--remind", str(subscription.id), "--event", "never", code=2)
    assert len(alone.ask("subscriptions")) == 1
