"""What every store promises about subscriptions; each adapter runs it with its own ``store``."""

from datetime import timedelta
from uuid import UUID

import pytest

from letterbook.application.ports import Store
from letterbook.application.standing import LifecycleEvent, Line, Standing
from letterbook.domain.subscriptions import Certificate, Subscriber, Subscription
from tests.fakes import MONDAY

HOME = UUID("11111111-1111-4111-8111-111111111111")
AWAY = UUID("22222222-2222-4222-8222-222222222222")


def subscription(name: int, mailbox: UUID = HOME) -> Subscription:
    """Somebody who wants to be notified."""
    return Subscription(
        id=UUID(int=name),
        mailbox=mailbox,
        resource="me/messages",
        change_type="created",
        notification_url="https://subscriber.contoso.com/",
        begins_at=MONDAY,
        expires_at=MONDAY + timedelta(days=1),
        by=Subscriber(application="an app", creator="alexw@contoso.com"),
    )


FIRST, SECOND = Standing.begun(subscription(1), 7), Standing.begun(subscription(2, AWAY), 8)
FULL = Standing(
    subscription=subscription(1).model_copy(
        update={
            "folder": AWAY,
            "condition": "isRead eq false",
            "select": ("subject",),
            "certificate": Certificate(text="MIIB", id="one"),
            "client_state": "secret",
            "lifecycle_url": "https://subscriber.contoso.com/lifecycle",
        }
    ),
    position=12,
    news=Line(due=MONDAY, since=MONDAY, attempts=3),
    lifecycle=Line(due=MONDAY + timedelta(microseconds=1)),
    owed=(LifecycleEvent.MISSED, LifecycleEvent.REMOVED),
    asked_at=MONDAY,
    reauthorized=True,
    removed=True,
)


def put(store: Store, *standings: Standing) -> None:
    """Keep some, in a transaction of their own."""
    with store.writing() as session:
        for standing in standings:
            session.subscriptions.put(standing)


def everyone(store: Store, mailbox: UUID | None = None) -> list[Standing]:
    """All that are kept."""
    with store.reading() as session:
        return session.subscriptions.all(mailbox)


class SubscriptionsContract:
    """Who wants to be notified."""

    def test_there_is_nobody_at_first(self, store: Store) -> None:
        assert everyone(store) == []
        with store.reading() as session:
            assert session.subscriptions.find(FIRST.subscription.id) is None

    @pytest.mark.parametrize("standing", [FIRST, FULL])
    def test_everything_about_a_subscription_is_kept(self, store: Store, standing: Standing) -> None:
        put(store, standing)
        with store.reading() as session:
            assert session.subscriptions.find(standing.subscription.id) == standing

    def test_the_last_word_counts(self, store: Store) -> None:
        put(store, FIRST)
        put(store, FULL)
        assert everyone(store) == [FULL]

    def test_they_come_in_order_of_all_mailboxes_or_of_one(self, store: Store) -> None:
        put(store, SECOND, FIRST)
        assert everyone(store) == [FIRST, SECOND]
        assert everyone(store, AWAY) == [SECOND]

    def test_a_forgotten_one_is_gone(self, store: Store) -> None:
        put(store, FIRST, SECOND)
        with store.writing() as session:
            session.subscriptions.drop(FIRST.subscription.id)
            session.subscriptions.drop(FIRST.subscription.id)
        assert everyone(store) == [SECOND]

    def test_what_is_given_up_was_never_kept(self, store: Store) -> None:
        class GivenUp(Exception):
            """The transaction ends here."""

        def fail() -> None:
            with store.writing() as session:
                session.subscriptions.put(FIRST)
                session.subscriptions.keep_signing_key(b"never")
                raise GivenUp

        with pytest.raises(GivenUp):
            fail()
        assert everyone(store) == []
        with store.reading() as session:
            assert session.subscriptions.signing_key() is None

    def test_the_first_signing_key_stays(self, store: Store) -> None:
        for key in (b"first", b"second"):
            with store.writing() as session:
                session.subscriptions.keep_signing_key(key)
        with store.reading() as session:
            assert session.subscriptions.signing_key() == b"first"
