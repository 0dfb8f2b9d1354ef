"""What may be subscribed to, for how long, and by how many."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from letterbook.domain import refusals, subscriptions
from letterbook.domain.subscriptions import (
    LONGEST,
    LONGEST_WITH_DATA,
    SHORTEST,
    Certificate,
    Subscriber,
    Subscription,
    changes_in,
    check,
    check_room,
    end_of,
)
from tests.domain.cast import NOW as OCCASION

NOW = OCCASION.at

ASKED = Subscription(
    id=UUID(int=1),
    mailbox=UUID(int=2),
    resource="me/messages?$select=subject",
    select=("subject",),
    change_type="created,updated",
    notification_url="https://subscriber.contoso.com/",
    begins_at=NOW,
    expires_at=NOW + timedelta(days=1),
    certificate=Certificate(text="MIIB", id="one"),
    by=Subscriber(application="an app", creator="alexw@contoso.com"),
)


def asked(**said: Any) -> Subscription:
    """The same with some things said otherwise."""
    return ASKED.model_copy(update=said)


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("created", ("created",)),
        ("Created,DELETED", ("created", "deleted")),
        (" updated , created ", ("updated", "created")),
    ],
)
def test_kinds_of_change_are_read_in_any_case(said: str, changes: tuple[str, ...]) -> None:
    assert changes_in(said) == changes


@pytest.mark.parametrize("said", ["", ",", "created,", "moved", "created;updated"])
def test_other_kinds_are_refused(said: str) -> None:
    with pytest.raises(refusals.SubscriptionMalformed):
        changes_in(said)


def test_what_is_just_short_enough_is_taken() -> None:
    long = "https://subscriber.contoso.com/".ljust(2048, "x")
    check(asked(client_state="x" * 128, notification_url=long, lifecycle_url=long))
    check(asked(certificate=Certificate(text="MIIB", id="x" * 128), tls="v1_3", resource="x" * 4096))
    check(asked(certificate=None, select=()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_state": "x" * 129},
        {"resource": "x" * 4097},
        {"notification_url": "x" * 2049},
        {"lifecycle_url": "x" * 2049},
        {"change_type": "moved"},
        {"tls": "v1_1"},
        {"select": ()},
        {"select": ("subject", "body")},
        {"select": ("uniqueBody",)},
        {"certificate": Certificate(text="MIIB", id="")},
        {"certificate": Certificate(text="MIIB", id="x" * 129)},
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(refusals.SubscriptionMalformed):
        check(asked(**wrong))


@pytest.mark.parametrize(("with_data", "longest"), [(False, LONGEST), (True, LONGEST_WITH_DATA)])
def test_it_lasts_as_long_as_is_asked_for_up_to_a_limit(with_data: bool, longest: timedelta) -> None:
    for lasting in (SHORTEST, longest):
        assert end_of(NOW + lasting, NOW, with_data=with_data) == NOW + lasting
    with pytest.raises(refusals.SubscriptionTooLong):
        end_of(NOW + longest + timedelta(microseconds=1), NOW, with_data=with_data)


@pytest.mark.parametrize("lasting", [timedelta(days=-400), timedelta(), SHORTEST - timedelta(microseconds=1)])
def test_it_lasts_three_quarters_of_an_hour_at_least(lasting: timedelta) -> None:
    assert end_of(NOW + lasting, NOW, with_data=True) == NOW + timedelta(minutes=45)


def test_the_same_is_not_kept_twice() -> None:
    again = asked(id=UUID(int=9), resource="/ME/messages?$select=subject", change_type="UPDATED,created")
    with pytest.raises(refusals.SubscriptionTaken):
        check_room(again, [ASKED])
    check_room(ASKED, [ASKED])


@pytest.mark.parametrize(
    "other",
    [
        {"change_type": "created"},
        {"resource": "me/messages"},
        {"by": Subscriber(application="another app", creator="alexw@contoso.com")},
        {"by": Subscriber(application="an app", creator="meganb@contoso.com")},
    ],
    ids=str,
)
def test_something_else_is_not_the_same(other: dict[str, Any]) -> None:
    check_room(asked(id=UUID(int=9), **other), [ASKED])


def test_a_mailbox_has_room_for_a_thousand() -> None:
    many = [asked(id=UUID(int=10 + place), resource=str(place)) for place in range(subscriptions.MOST)]
    check_room(ASKED, many[1:])
    with pytest.raises(refusals.TooManySubscriptions):
        check_room(ASKED, many)
