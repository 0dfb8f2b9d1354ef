"""Retries, giving up, crashes, and what the lifecycle endpoint is told."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from letterbook.adapters.book import Book
from letterbook.application.notifying import Errand, Notifier
from letterbook.application.standing import Standing
from tests.fakes import FakeClock
from tests.graph.client import ALEX, Graph
from tests.notifying.receiver import Answer, Receiver, receiving
from tests.notifying.subscribing import ending, local_book, subscribed, subscribed_for_good

Subscribe = Callable[..., UUID]


@pytest.fixture
def lifecycle() -> Iterator[Receiver]:
    """The endpoint that is told of the subscription itself."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def subscribe(alex: Graph, endpoint: Receiver, lifecycle: Receiver, clock: FakeClock) -> Subscribe:
    """Makes a subscription with both endpoints."""

    def make(**said: str) -> UUID:
        both = {"lifecycleNotificationUrl": lifecycle.url} | said
        return UUID(subscribed_for_good(alex, endpoint, clock, **both)["id"])

    return make


def standing(book: Book, name: UUID) -> Standing:
    """How it stands with a subscription."""
    with book.engine.store.reading() as session:
        found = session.subscriptions.find(name)
    assert found is not None
    return found


def write(book: Book, subject: str = "A draft") -> str:
    """Something happens in Alex's mailbox."""
    return book.mailbox(ALEX).create_draft(subject=subject).id


def events(lifecycle: Receiver) -> list[str]:
    """What the lifecycle endpoint was told."""
    return [notice["lifecycleEvent"] for notice in lifecycle.notices]


# --- Retries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [Answer(500, body=b""), Answer(404, body=b""), Answer(301, location="http://127.0.0.1:9/", body=b"")],
)
def test_what_is_not_accepted_is_told_again_later(
    book: Book, subscribe: Subscribe, endpoint: Receiver, clock: FakeClock, answer: Answer
) -> None:
    subscribe()
    draft = write(book)
    endpoint.hearing = answer
    book.notify()
    assert len(endpoint.told) == 1
    book.notify()
    assert len(endpoint.told) == 1, "not at once"

    endpoint.hearing = Answer(202, body=b"")
    clock.pass_by(timedelta(seconds=15))
    book.notify()

    first, second = endpoint.notices
    assert second == first, "the same id tells that it is the same"
    assert first["resourceData"]["id"] == draft
    clock.pass_by(timedelta(hours=1))
    book.notify()
    assert len(endpoint.told) == 2


def test_an_endpoint_has_three_seconds(
    book: Book, subscribe: Subscribe, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letterbook.adapters.graph.herald.TO_HEAR", 0.1)
    name = subscribe()
    write(book)
    endpoint.hearing = Answer(202, body=b"", after=0.5)
    book.notify()

    assert standing(book, name).news.attempts == 1


def test_the_waits_grow_up_to_ten_minutes(
    book: Book, subscribe: Subscribe, endpoint: Receiver, clock: FakeClock
) -> None:
    name, waits = subscribe(), []
    write(book)
    endpoint.hearing = Answer(503, body=b"")
    for _ in range(9):
        book.notify()
        wait = standing(book, name).news.due - clock.now()
        waits.append(wait.total_seconds())
        clock.pass_by(wait)

    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]
    assert len(endpoint.told) == 9


def test_what_happens_meanwhile_comes_along(
    book: Book, subscribe: Subscribe, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribe()
    endpoint.hearing = Answer(503, body=b"")
    drafts = [write(book)]
    book.notify()
    drafts.append(write(book))
    book.notify()
    endpoint.hearing = Answer(200, body=b"")
    clock.pass_by(timedelta(minutes=1))
    book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.told[-1].notices] == drafts


def test_one_that_fails_does_not_hold_up_another(
    alex: Graph, megan: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    with receiving() as other:
        other.hearing = Answer(500, body=b"")
        subscribed_for_good(alex, other, clock)
        subscribed_for_good(megan, endpoint, clock)
        alex.draft()
        megan.draft()
        alex.book.notify()
        assert (len(other.told), len(endpoint.told)) == (1, 1)


def test_after_four_hours_it_is_given_up_and_said_so(
    book: Book, subscribe: Subscribe, endpoint: Receiver, lifecycle: Receiver, clock: FakeClock
) -> None:
    subscribe()
    write(book, "Lost")
    endpoint.hearing = Answer(503, body=b"")
    for _ in range(4 * 6 + 6):
        book.notify()
        clock.pass_by(timedelta(minutes=10))
    assert events(lifecycle) == ["missed"]
    endpoint.asked.clear()

    young = write(book, "Young")
    endpoint.hearing = Answer(202, body=b"")
    clock.pass_by(timedelta(minutes=10))
    book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [young]


def test_what_happened_late_in_those_hours_has_its_own_four(
    book: Book, subscribe: Subscribe, endpoint: Receiver, lifecycle: Receiver, clock: FakeClock
) -> None:
    subscribe()
    write(book, "Early")
    endpoint.hearing = Answer(503, body=b"")
    book.notify()
    clock.pass_by(timedelta(hours=3))
    late = write(book, "Late")
    book.notify()
    clock.pass_by(timedelta(hours=1, minutes=30))
    book.notify()
    assert events(lifecycle) == ["missed"]

    endpoint.asked.clear()
    endpoint.hearing = Answer(202, body=b"")
    clock.pass_by(timedelta(minutes=10))
    book.notify()
    assert [each["resourceData"]["id"] for each in endpoint.notices] == [late]


def test_without_a_lifecycle_endpoint_nobody_is_told_that_something_was_missed(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    name = UUID(subscribed_for_good(alex, endpoint, clock)["id"])
    alex.draft()
    endpoint.hearing = Answer(503, body=b"")
    for _ in range(26):
        alex.book.notify()
        clock.pass_by(timedelta(minutes=10))
    assert standing(alex.book, name).owed == ()
    assert standing(alex.book, name).position > 0


# --- Crashes and other processes -------------------------------------------------------------------


def test_a_book_that_is_opened_again_tells_what_it_had_not(
    place: str, alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed(alex, endpoint, clock)
    draft = alex.draft()
    alex.book.close()

    with local_book(place, clock) as again:
        again.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [draft["id"]]


class Crash(BaseException):
    """The program ends here."""


def test_a_crash_before_it_is_written_down_tells_it_again(
    place: str, alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(alex, endpoint, clock)
    draft = alex.draft()

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("letterbook.application.notifying._settle", crash)
        with pytest.raises(Crash):
            alex.book.notify()
    alex.book.close()

    with local_book(place, clock) as again:
        assert again.notify() == 0, "somebody else may still be on the way"
        clock.pass_by(timedelta(minutes=1))
        again.notify()
        again.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [draft["id"]] * 2
    assert endpoint.notices[0]["id"] == endpoint.notices[1]["id"]


def test_two_programs_do_not_tell_the_same(
    place: str, alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed_for_good(alex, endpoint, clock)
    alex.draft()
    with local_book(place, clock) as other:
        handled: list[int] = []
        tell = Notifier._tell_all

        def meanwhile(self: Notifier, batches: list[list[Errand]]) -> None:
            if self is not other._notifier:
                handled.append(other.notify())
            tell(self, batches)

        monkeypatch.setattr(Notifier, "_tell_all", meanwhile)
        assert alex.book.notify() == 1
    assert handled == [0]
    assert len(endpoint.notices) == 1


def test_a_subscription_that_is_given_up_on_the_way_stays_given_up(
    alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = UUID(subscribed_for_good(alex, endpoint, clock)["id"])
    alex.draft()
    tell = Notifier._tell_all

    def meanwhile(self: Notifier, batches: list[list[Errand]]) -> None:
        alex.book.subscriptions.end(name)
        tell(self, batches)

    monkeypatch.setattr(Notifier, "_tell_all", meanwhile)
    alex.book.notify()
    assert alex.book.subscriptions.all() == []


# --- The life of a subscription --------------------------------------------------------------------


def test_in_its_last_hour_it_is_asked_for_a_renewal_every_now_and_then(
    book: Book, subscribe: Subscribe, lifecycle: Receiver, clock: FakeClock
) -> None:
    name = subscribe()
    clock.pass_by(timedelta(hours=22, minutes=59))
    book.notify()
    assert lifecycle.told == []

    clock.pass_by(timedelta(minutes=1))
    for _ in range(4):
        book.notify()
        book.notify()
        clock.pass_by(timedelta(minutes=7, seconds=30))

    assert events(lifecycle) == ["reauthorizationRequired"] * 2
    assert lifecycle.notices[0] == {
        "subscriptionId": str(name),
        "subscriptionExpirationDateTime": ending(FakeClock()),
        "clientState": "secretClientValue",
        "tenantId": lifecycle.notices[0]["tenantId"],
        "lifecycleEvent": "reauthorizationRequired",
    }


@pytest.mark.parametrize("way", ["reauthorize", "renew"])
def test_whoever_answers_is_not_asked_again(
    alex: Graph, subscribe: Subscribe, lifecycle: Receiver, clock: FakeClock, way: str
) -> None:
    name = subscribe()
    clock.pass_by(timedelta(hours=23))
    alex.book.notify()
    alex = alex.holding(alex.book.token(ALEX))
    if way == "reauthorize":
        assert alex.post(f"/subscriptions/{name}/reauthorize").status_code == 204
    else:
        alex.changed(f"/subscriptions/{name}", {"expirationDateTime": ending(clock)})
    clock.pass_by(timedelta(minutes=30))
    alex.book.notify()

    assert events(lifecycle) == ["reauthorizationRequired"]


def test_after_a_renewal_it_is_asked_again_at_the_new_end(
    book: Book, subscribe: Subscribe, lifecycle: Receiver, clock: FakeClock
) -> None:
    name = subscribe()
    clock.pass_by(timedelta(hours=23))
    book.notify()
    book.subscriptions.renew(name)
    clock.pass_by(timedelta(hours=23))
    book.notify()
    assert events(lifecycle) == ["reauthorizationRequired"] * 2


def test_one_that_is_taken_away_is_said_goodbye_to(
    alex: Graph, subscribe: Subscribe, endpoint: Receiver, lifecycle: Receiver
) -> None:
    name = subscribe()
    alex.draft()
    alex.book.subscriptions.remove(name)
    alex.refused("GET", f"/subscriptions/{name}", 404, "ResourceNotFound")
    alex.book.notify()

    assert events(lifecycle) == ["subscriptionRemoved"]
    assert endpoint.told == []
    alex.book.notify()
    with alex.book.engine.store.reading() as session:
        assert session.subscriptions.all() == []


@pytest.mark.parametrize("event", ["reauthorizationRequired", "missed", "subscriptionRemoved"])
def test_a_test_can_order_any_event(
    book: Book, subscribe: Subscribe, lifecycle: Receiver, event: str
) -> None:
    book.subscriptions.remind(subscribe(), event)
    book.notify()
    assert events(lifecycle) == [event]


def test_events_are_retried_and_given_up_like_news(
    book: Book, subscribe: Subscribe, lifecycle: Receiver, clock: FakeClock
) -> None:
    name = subscribe(expirationDateTime=ending(clock, days=5))
    lifecycle.hearing = Answer(500, body=b"")
    book.subscriptions.remind(name, "missed")
    for _ in range(24 + 3):
        book.notify()
        clock.pass_by(timedelta(minutes=10))
    assert len(lifecycle.told) > 10
    assert standing(book, name).owed == ()


def test_both_endpoints_may_be_the_same(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed_for_good(alex, endpoint, clock, lifecycleNotificationUrl=endpoint.url)
    alex.draft()
    alex.book.subscriptions.remind(UUID(made["id"]), "missed")
    alex.book.notify()

    (asked,) = endpoint.told
    assert [each.get("lifecycleEvent") for each in asked.notices] == [None, "missed"]


def test_a_subscription_that_cannot_be_read_does_not_stop_the_others(
    alex: Graph, megan: Graph, endpoint: Receiver, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    name = UUID(subscribed_for_good(alex, endpoint, clock)["id"])
    subscribed(megan, endpoint, clock)
    known = standing(alex.book, name)
    broken = known.subscription.model_copy(update={"condition": "nonsense nonsense"})
    with alex.book.engine.store.writing() as session:
        session.subscriptions.put(known.model_copy(update={"subscription": broken}))
    alex.draft()
    theirs = megan.draft()
    alex.book.notify()

    assert [each["resourceData"]["id"] for each in endpoint.notices] == [theirs["id"]]
    assert str(name) in caplog.text
