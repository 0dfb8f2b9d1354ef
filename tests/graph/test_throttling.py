"""Throttling: how much one application may ask of one mailbox, as Graph documents it for Outlook."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest

from letterbook import Limits, open_book
from letterbook.adapters.graph import throttling
from letterbook.adapters.graph.throttling import Throttle
from letterbook.application.rows import PersonRow
from letterbook.application.troubles import StoreBusy
from tests.fakes import MONDAY, FakeClock
from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, error_in, stranger_at, to
from tests.looping import Conversations

TOO_MANY, TOO_MANY_AT_ONCE = (429, "TooManyRequests"), (429, "ApplicationThrottled")
LIST = "/me/messages"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is set by hand."""
    return FakeClock(MONDAY)


@contextmanager
def throttled(loop: Conversations, clock: FakeClock, **limits: Any) -> Iterator[Graph]:
    """Alex at a Graph face that keeps to these limits."""
    with (
        open_book(":memory:", clock=clock, deliver=False, throttle=Limits(**limits)) as book,
        stranger_at(book, loop) as nobody,
    ):
        for address in (ALEX, MEGAN, ADELE):
            book.add_user(address)
        yield nobody.holding(book.token(ALEX))


def statuses(graph: Graph, number: int, path: str = LIST) -> list[int]:
    """How so many requests are answered, one after the other."""
    return [graph.get(path).status_code for _ in range(number)]


def wait_of(answer: httpx.Response) -> int:
    """How long a refused request has to wait."""
    return int(answer.headers["retry-after"])


# --- Requests in a period --------------------------------------------------------------------------


def test_the_limits_are_those_of_graphs_page() -> None:
    graph, ten, five = Limits(), timedelta(minutes=10), timedelta(minutes=5)
    assert (graph.requests, graph.period, graph.at_once) == (10_000, ten, 4)
    assert (graph.uploaded, graph.upload_period) == (150 * 1024 * 1024, five)


def test_nothing_is_throttled_unless_somebody_asks_for_it(alex: Graph) -> None:
    assert set(statuses(alex, 50)) == {200}


def test_too_many_requests_are_refused_in_graphs_words(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, requests=3) as alex:
        assert statuses(alex, 3) == [200] * 3
        assert alex.refused("POST", LIST, *TOO_MANY, json={}) == "Please retry again later."
        answer = alex.get(LIST)
        inner = error_in(answer)["innerError"]
        assert (inner["code"], inner["status"], inner["message"]) == ("429", "429", "Please retry after")
        assert wait_of(answer) == 600


def test_after_the_time_that_is_told_there_is_room_again(loop: Conversations, clock: FakeClock) -> None:
    """Requests that are refused count too, so whoever does not wait, waits longer."""
    with throttled(loop, clock, requests=3) as alex:
        for _ in range(3):
            assert alex.get(LIST).status_code == 200
            clock.pass_by(timedelta(seconds=100))
        refused = alex.get(LIST)
        assert (refused.status_code, wait_of(refused)) == (429, 400)
        clock.pass_by(timedelta(seconds=399))
        refused = alex.get(LIST)
        assert (refused.status_code, wait_of(refused)) == (429, 101)
        clock.pass_by(timedelta(seconds=wait_of(refused)))
        assert statuses(alex, 2) == [200, 429]


def test_each_mailbox_and_each_application_counts_for_itself(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, requests=2) as alex:
        megan = alex.holding(alex.book.token(MEGAN))
        robot, other = (alex.holding(alex.book.token(name, app=True)) for name in ("robot", "other"))
        assert statuses(alex, 3) == [200, 200, 429]
        assert statuses(megan, 3) == [200, 200, 429]
        for application in (robot, other):
            for person in (ALEX, MEGAN):
                assert statuses(application, 3, f"/users/{person}/messages") == [200, 200, 429]


def test_two_programs_of_one_person_are_told_apart(loop: Conversations, clock: FakeClock) -> None:
    """By the claim that names the application, as the Microsoft identity platform writes it."""
    with throttled(loop, clock, requests=1) as alex:
        said = jwt.decode(alex.book.token(ALEX), options={"verify_signature": False})
        secret = alex.book.engine.store.secret
        for claim, name in (("appid", "one"), ("azp", "other"), ("appid", "third")):
            graph = alex.holding(jwt.encode(said | {claim: name}, secret, algorithm="HS256"))
            assert statuses(graph, 2) == [200, 429]


def test_what_asks_no_mailbox_is_not_counted(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, requests=2) as alex:
        looking = alex.holding(alex.book.token(ALEX, "User.Read Mail.Read"))
        assert set(statuses(looking, 5, "/me")) == {200}
        assert set(statuses(looking, 5, f"{BASE}/v1.0/$metadata")) == {200}
        assert set(statuses(alex.holding(None), 5)) == {401}
        assert statuses(alex, 3) == [200, 200, 429]


def test_errors_count_and_answers_from_memory_too(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, requests=4) as alex:
        assert statuses(alex, 2) == [200, 200]
        assert statuses(alex, 3, f"{LIST}/nonsense") == [400, 400, 429]


# --- Subscriptions ---------------------------------------------------------------------------------


def test_the_limits_of_subscriptions_are_those_of_graphs_page() -> None:
    graph = Limits()
    assert (graph.subscription_requests, graph.subscription_changes) == (5_000, 1_000)
    assert graph.subscription_period == timedelta(seconds=20)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_changes_of_subscriptions_count_for_the_application(
    loop: Conversations, clock: FakeClock, method: str
) -> None:
    """In all mailboxes together, and whatever becomes of them."""
    with throttled(loop, clock, subscription_changes=2, requests=1) as alex:
        path = f"/subscriptions/{UUID(int=1)}" if method != "POST" else "/subscriptions"
        megan = alex.holding(alex.book.token(MEGAN))
        for graph in (alex, megan):
            assert graph.request(method, path, json={}).status_code in (400, 404)
        refused = alex.request(method, path, json={})
        assert (refused.status_code, error_in(refused)["code"], wait_of(refused)) == (*TOO_MANY, 20)
        assert statuses(alex, 3, "/subscriptions") == [200, 200, 200], "looking is no change"
        assert statuses(alex, 2) == [200, 429], "a mailbox counts for itself"
        clock.pass_by(timedelta(seconds=20))
        assert alex.request(method, path, json={}).status_code in (400, 404)


def test_looking_at_subscriptions_counts_too(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, subscription_requests=2) as alex:
        robot = alex.holding(alex.book.token("robot", "Mail.Read", app=True))
        other = alex.holding(alex.book.token("other", "Mail.Read", app=True))
        assert statuses(alex, 3, "/subscriptions") == [200, 200, 429]
        assert statuses(robot, 3, "/subscriptions") == [200, 200, 429]
        assert statuses(other, 1, "/subscriptions") == [429], "all applications together ask twice as much"


# --- At once ---------------------------------------------------------------------------------------


async def at_once(alex: Graph, number: int, method: str, path: str, **said: Any) -> list[httpx.Response]:
    """So many requests at the same time."""
    asked = (alex.http.request(method, f"/v1.0{path}", headers=alex.headers, **said) for _ in range(number))
    return [*await asyncio.gather(*asked)]


def test_too_many_at_once_are_refused(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock) as alex:
        answers = loop.run(at_once(alex, 6, "POST", LIST, json={"subject": "At once"}))
        assert sorted(each.status_code for each in answers) == [201, 201, 201, 201, 429, 429]
        refused = next(each for each in answers if each.status_code == 429)
        error = error_in(refused)
        assert error["code"] == TOO_MANY_AT_ONCE[1]
        assert error["message"] == "Application is over its MailboxConcurrency limit."
        assert wait_of(refused) == 1
        again = loop.run(at_once(alex, 4, "POST", LIST, json={"subject": "Again"}))
        assert {each.status_code for each in again} == {201}, "whoever is answered makes room"


def test_room_is_made_also_by_requests_that_fail(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, at_once=1) as alex:
        assert statuses(alex, 3, f"{LIST}/nonsense") == [400] * 3
        assert statuses(alex, 1) == [200]


# --- Uploads ---------------------------------------------------------------------------------------


def test_too_much_that_is_uploaded_is_refused(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, uploaded=3000) as alex:
        for _ in range(2):
            assert alex.post(LIST, json={"subject": "x" * 1000}).status_code == 201
            clock.pass_by(timedelta(seconds=100))
        alex.refused("POST", LIST, *TOO_MANY, json={"subject": "x" * 1000})
        assert alex.get(LIST).status_code == 200, "reading goes on"
        answer = alex.post(LIST, json={"subject": "x" * 1000})
        assert (answer.status_code, wait_of(answer)) == (429, 100)
        clock.pass_by(timedelta(seconds=100))
        assert alex.post(LIST, json={"subject": "x" * 1000}).status_code == 201


def test_what_does_not_say_how_long_it_is_counts_as_it_comes(loop: Conversations, clock: FakeClock) -> None:
    async def in_pieces() -> Any:
        yield b'{"subject": "'
        yield b"x" * 2000 + b'"}'

    with throttled(loop, clock, uploaded=2500) as alex:
        json = {"Content-Type": "application/json"}
        assert alex.post(LIST, content=in_pieces(), headers=json).status_code == 201
        alex.refused("POST", LIST, *TOO_MANY, json={"subject": "x" * 1000})


def test_parts_of_a_batch_count_as_what_they_bring(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, uploaded=2000) as alex:
        headers = {"Content-Type": "application/json"}
        part = {"method": "POST", "url": LIST, "headers": headers, "body": {"subject": "x" * 1000}}
        follow = [part | {"id": str(number), "dependsOn": [str(number - 1)]} for number in (1, 2, 3)]
        found = alex.post("/$batch", json={"requests": [part | {"id": "0"}, *follow]}).json()["responses"]
        assert [each["status"] for each in found] == [201, 201, 429, 424]


def test_one_request_larger_than_all_of_it_is_let_in_first(loop: Conversations, clock: FakeClock) -> None:
    """Else it would be refused for ever."""
    with throttled(loop, clock, uploaded=100) as alex:
        assert alex.post(LIST, json={"subject": "x" * 1000}).status_code == 201
        answer = alex.post(LIST, json={"subject": "x" * 1000})
        assert (answer.status_code, wait_of(answer)) == (429, 300)


def test_pieces_of_a_file_count_by_themselves(loop: Conversations, clock: FakeClock) -> None:
    """They bring no token, so nobody knows for which application."""
    with throttled(loop, clock, uploaded=4_000_000, requests=3) as alex:
        draft = alex.draft()["id"]
        item = {"attachmentType": "file", "name": "x", "size": 6_000_000}
        url = alex.made(f"{LIST}/{draft}/attachments/createUploadSession", {"AttachmentItem": item})[
            "uploadUrl"
        ]
        put = alex.holding(None)
        half = b"x" * 3_000_000
        first = put.request("PUT", url, content=half, headers={"Content-Range": "bytes 0-2999999/6000000"})
        second = {"Content-Range": "bytes 3000000-5999999/6000000"}
        assert first.status_code == 200
        refused = put.request("PUT", url, content=half, headers=second)
        assert (refused.status_code, error_in(refused)["code"]) == TOO_MANY
        assert alex.get(LIST).status_code == 200
        clock.pass_by(timedelta(seconds=wait_of(refused)))
        assert put.request("PUT", url, content=half, headers=second).status_code == 201


# --- Inside a batch --------------------------------------------------------------------------------


def test_the_parts_of_a_batch_are_counted_one_by_one(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock, requests=2) as alex:
        parts = [{"id": str(number), "method": "GET", "url": LIST} for number in range(3)]
        answer = alex.post("/$batch", json={"requests": parts})
        assert answer.status_code == 200
        first, second, third = answer.json()["responses"]
        assert [each["status"] for each in (first, second, third)] == [200, 200, 429]
        assert third["headers"]["Retry-After"] == "600"
        assert third["body"]["error"]["code"] == TOO_MANY[1]
        assert statuses(alex, 1) == [429]


def test_the_parts_of_a_batch_are_asked_at_once(loop: Conversations, clock: FakeClock) -> None:
    with throttled(loop, clock) as alex:
        headers = {"Content-Type": "application/json"}
        part = {"method": "POST", "url": LIST, "headers": headers, "body": {"toRecipients": to(ADELE)}}
        parts = [part | {"id": str(number)} for number in range(6)]
        found = alex.post("/$batch", json={"requests": parts}).json()["responses"]
        assert sorted(each["status"] for each in found) == [201, 201, 201, 201, 429, 429]
        refused = next(each for each in found if each["status"] == 429)
        assert refused["body"]["error"]["code"] == TOO_MANY_AT_ONCE[1]
        follow = [part | {"id": str(number), "dependsOn": [str(number - 1)]} for number in range(1, 6)]
        chain = [part | {"id": "0"}, *follow]
        found = alex.post("/$batch", json={"requests": chain}).json()["responses"]
        assert {each["status"] for each in found} == {201}, "one after the other is never too much at once"


# --- Beside Graph ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limit", ["requests", "at_once", "uploaded", "subscription_requests", "subscription_changes"]
)
def test_a_limit_lets_something_through(limit: str) -> None:
    said: dict[str, Any] = {limit: 0}
    with pytest.raises(ValueError, match="none"):
        Limits(**said)


def test_a_store_in_trouble_is_told_of_by_the_face(
    loop: Conversations, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with throttled(loop, clock) as alex:

        def busy(_who: str) -> PersonRow:
            raise StoreBusy

        monkeypatch.setattr(alex.book.engine, "person", busy)
        alex.refused("GET", LIST, 503, "ServiceUnavailable")


# --- What is remembered ----------------------------------------------------------------------------


def test_whoever_subscribes_to_nothing_any_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_MOST_KNOWN", 3)
    clock = FakeClock(MONDAY)
    throttle = Throttle(Limits(), clock)
    for name in "ab":
        throttle.subscribe(name, changes=False)
    clock.pass_by(timedelta(seconds=21))
    throttle.subscribe("c", changes=False)
    assert [who for who, _ in throttle._subscribing] == ["c", None]


def test_whoever_asks_nothing_any_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_MOST_KNOWN", 3)
    clock = FakeClock(MONDAY)
    throttle = Throttle(Limits(requests=1), clock)
    mailbox = UUID(int=1)

    def ask(name: str) -> None:
        with throttle.turn((name, mailbox), 0):
            pass

    for name in "abc":
        ask(name)
    clock.pass_by(timedelta(seconds=601))
    ask("d")
    assert [who for who, _ in throttle._accounts] == ["d"]
