"""Schemathesis asks what /openapi.json allows, and what it forbids: no 5xx, no answer outside the schema."""

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from requests import Request
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from letterbook.adapters.graph.openapi import document
from letterbook.adapters.graph.routes import ROUTES
from tests.chance import examples
from tests.conformance.lived_in import Builder, Names
from tests.graph.client import BASE, Graph
from tests.looping import Conversations
from tests.notifying.receiver import receiving

AnyCase = Case[Any]
CATEGORIES = "/v1.0/me/outlook/masterCategories"
SECONDS = 60
CASES = 6
"""For each turn of an operation, in which it meets a mailbox as it was at first."""
TURNS = settings(
    max_examples=examples(CASES),
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CALLED = {"message": ("letter", "draft", "sent", "invitation"), "folder": ("folder", "inbox", "search")}
"""What there is several of in the mailbox."""


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    """A furnished mailbox."""
    with Conversations() as loop, receiving() as endpoint:
        yield Builder(tmp_path, loop, endpoint.url)


@cache
def described() -> Any:
    """The document, as Schemathesis understands it."""
    return schemathesis.openapi.from_dict(document(ROUTES))


@cache
def operations() -> list[Any]:
    """Everything that can be asked, but each in one spelling of its path."""
    every = list(described().get_all_operations())
    found = [each.ok() for each in every if isinstance(each, Ok)]
    assert len(found) == len(every), "Schemathesis understands all of the document"
    return [each for each in found if not any(word in each.path for word in ("{user}", "{above}"))]


@pytest.mark.slow
def test_whatever_is_asked_the_answer_is_one_that_is_told(builder: Builder) -> None:
    until, wanted = monotonic() + SECONDS, list(operations())
    random.Random(1).shuffle(wanted)
    asked = 0
    for turn, operation in enumerate(cycle(wanted)):
        if monotonic() > until:
            break
        asked += _ask(builder, operation, turn)
    assert asked > CASES, "too slow to ask anything"


def _ask(builder: Builder, operation: Any, turn: int) -> int:
    """One turn of an operation; gives how often it was asked."""
    mode = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)[turn % 2]
    answers: list[httpx.Response] = []
    with builder.fresh() as alex:

        @seed(turn)
        @TURNS
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: AnyCase) -> None:
            _lead_somewhere(case, builder.names, len(answers))
            if "subscriptions" in case.path:
                _subscribe_here(case, builder.names, len(answers))
            answers.append(_answer(alex, case))
            judge(case, answers[-1])

        ask()
    return len(answers)


def _lead_somewhere(case: AnyCase, names: Names, number: int) -> None:
    """Two times in three the path names what is there; of these every other time without query options."""
    if number % 3 == 1:
        case.query = {}
    for key in case.path_parameters if number % 3 else ():
        choice = CALLED.get(key, (key,))
        case.path_parameters[key] = names.get(choice[number % len(choice)], case.path_parameters[key])


def _subscribe_here(case: AnyCase, names: Names, number: int) -> None:
    """Notifications go to an address on this machine, which answers at once; twice in three all else fits."""
    if not isinstance(case.body, dict):
        return
    for name in {"notificationUrl", "lifecycleNotificationUrl"} & case.body.keys():
        case.body[name] = names["endpoint"]
    if number % 3:
        case.body["expirationDateTime"] = names["later"]
    if number % 3 and case.method == "POST":
        case.body |= {"changeType": "updated", "notificationUrl": names["endpoint"]}
        case.body["resource"] = "me/messages?$select=subject"


def _answer(alex: Graph, case: AnyCase) -> httpx.Response:
    """The request as it would go over the wire."""
    ready = Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    said = httpx.Headers([(_raw(name), _raw(value)) for name, value in ready.headers.items()])
    said.update(alex.headers)
    body = ready.body if isinstance(ready.body, (str, bytes)) else b""
    asked = alex.http.build_request(case.method, str(ready.url), headers=said, content=body)
    return alex.loop.run(alex.http.send(asked))


def _raw(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def judge(case: AnyCase, answer: httpx.Response) -> None:
    """The answer is as told. Only what Graph itself answers with 501 may be: what no directory keeps."""
    if answer.status_code >= 500:
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotImplemented"), answer.text
        assert case.path == "/users", answer.text
    answer.elapsed = timedelta(0)  # nobody looked at the clock, and schemathesis asks
    case.validate_response(
        answer, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": {"code": "InternalServerError"}}),
        (503, {"error": {"code": "ServiceUnavailable"}}),
        (206, {"value": []}),
        (200, {"value": [{"id": "x", "colour": "red"}]}),
        (200, {"messages": []}),
        (404, {"error": "not found"}),
    ],
)
def test_an_answer_that_is_not_told_is_found(status: int, body: dict[str, Any]) -> None:
    wanted = described()[CATEGORIES]["GET"]
    judge(wanted.Case(), _told(200, {"value": []}))
    with pytest.raises((AssertionError, FailureGroup)):
        judge(wanted.Case(), _told(status, body))


def _told(status: int, body: dict[str, Any]) -> httpx.Response:
    asked = httpx.Request("GET", f"{BASE}{CATEGORIES}")
    return httpx.Response(status, json=body, request=asked)
