"""Whose subscriptions are whose, and how many there can be."""

import pytest

from tests.fakes import FakeClock
from tests.graph.client import ALEX, MEGAN, Graph
from tests.notifying.receiver import Receiver
from tests.notifying.subscribing import asking, subscribed


def test_lists_keep_the_secret(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock)

    (listed,) = alex.values("/subscriptions?$top=1&$select=id&$filter=resource eq 'Users'")

    del made["@odata.context"]
    assert listed == made | {"clientState": None}
    assert alex.read(f"/subscriptions/{made['id']}")["clientState"] == "secretClientValue"


def test_people_and_applications_do_not_see_each_others(
    alex: Graph, megan: Graph, robot: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    mine = subscribed(alex, endpoint, clock)
    theirs = subscribed(robot, endpoint, clock, resource=f"users/{ALEX}/messages")
    assert (theirs["applicationId"], theirs["creatorId"]) == ("a-daemon", "a-daemon")

    assert [each["id"] for each in alex.values("/subscriptions")] == [mine["id"]]
    assert [each["id"] for each in robot.values("/subscriptions")] == [theirs["id"]]
    assert megan.values("/subscriptions") == []
    for method in ("GET", "DELETE"):
        megan.refused(method, f"/subscriptions/{mine['id']}", 404, "ResourceNotFound")
        alex.refused(method, f"/subscriptions/{theirs['id']}", 404, "ResourceNotFound")


def test_one_scope_shows_all_but_changes_none(
    alex: Graph, nobody: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    mine = subscribed(alex, endpoint, clock)
    auditor = nobody.holding(nobody.book.token("an-auditor", "Subscription.Read.All", app=True))

    assert [each["id"] for each in auditor.values("/subscriptions")] == [mine["id"]]
    assert auditor.read(f"/subscriptions/{mine['id']}")["id"] == mine["id"]
    auditor.refused("DELETE", f"/subscriptions/{mine['id']}", 403, "ErrorAccessDenied")


def test_another_persons_mailbox_is_not_there(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    for who in (MEGAN, "nobody@contoso.com"):
        body = asking(endpoint, clock, resource=f"users/{who}/messages")
        alex.refused("POST", "/subscriptions", 404, "ExtensionError", json=body)


def test_an_application_has_no_mailbox_of_its_own(robot: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    robot.refused("POST", "/subscriptions", 400, "BadRequest", json=asking(endpoint, clock))


def test_the_same_twice_is_a_conflict(
    alex: Graph, megan: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed(alex, endpoint, clock, changeType="created,updated")

    for same in (
        {"changeType": "Updated, created"},
        {"changeType": "created,updated", "resource": "/me/Messages"},
    ):
        said = alex.refused("POST", "/subscriptions", 409, "Conflict", json=asking(endpoint, clock, **same))
        assert made["id"] in said
    assert subscribed(alex, endpoint, clock, changeType="created")
    assert subscribed(megan, endpoint, clock, changeType="created,updated")


def test_a_mailbox_has_room_for_so_many(
    alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letterbook.domain.subscriptions.MOST", 1)
    subscribed(alex, endpoint, clock)
    another = asking(endpoint, clock, changeType="created")
    alex.refused("POST", "/subscriptions", 403, "ExtensionError", json=another)


def test_beta_has_them_too(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex.beta, endpoint, clock)
    assert made["@odata.context"].endswith("/beta/$metadata#subscriptions/$entity")
    assert alex.read(f"/subscriptions/{made['id']}")["id"] == made["id"]
