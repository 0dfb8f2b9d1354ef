"""Graph's examples are answered as printed, and what is published about it is true."""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from letterbook.adapters.graph.routes import ROUTES
from letterbook.adapters.graph.routing import Route
from tests.conformance.comparing import differences, missing
from tests.conformance.examples import Example, examples, refused_on_purpose
from tests.conformance.lived_in import Builder
from tests.conformance.replaying import Replayed, replayed
from tests.conformance.report import PAGE, README, SCORE, page, score, unexpected
from tests.looping import Conversations
from tests.notifying.receiver import receiving


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """A furnished mailbox."""
    with Conversations() as loop, receiving() as endpoint:
        yield Builder(tmp_path_factory.mktemp("conformance"), loop, endpoint.url)


@pytest.fixture(scope="module")
def run(builder: Builder) -> list[Replayed]:
    """All examples, replayed once."""
    return list(replayed(builder))


def test_every_example_is_answered_as_printed_or_refused_on_purpose(run: list[Replayed]) -> None:
    assert unexpected(run) == []


def test_what_is_refused_on_purpose_is_an_example_once_and_has_a_reason() -> None:
    names = Counter(each.name for each in examples())
    assert set(names.values()) == {1}
    assert refused_on_purpose().keys() <= names.keys()
    assert all(refused_on_purpose().values())


def test_the_report_and_the_readme_tell_what_a_run_shows(run: list[Replayed]) -> None:
    assert PAGE.read_text("utf-8") == page(run), "run make conformance"
    told = SCORE.search(README.read_text("utf-8"))
    assert told is not None
    assert told[0] == score(run), "run make conformance"


# --- The replay itself can fail --------------------------------------------------------------------

GET_MESSAGE = next(route for route in ROUTES if (route.method, route.path) == ("GET", "M"))
PRINTED = Example("page: example", "GET", "/v1.0/me/messages/x", status=200, answer={"subject": "string"})


def told(
    body: object, status: int = 200, example: Example = PRINTED, route: Route = GET_MESSAGE
) -> list[str]:
    """In what an answer differs from an example."""
    return differences(example, route, httpx.Response(status, json=body))


def test_an_answer_as_printed_does_not_differ() -> None:
    assert told({"subject": "Lunch", "isRead": True}) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"isRead": True}, "/subject is not there"),
        ({"subject": 5}, "/subject is of type number, not string"),
        ({"subject": "Lunch", "importance": "urgent"}, "'urgent' is not"),
        ({"subject": "Lunch", "sentDateTime": "yesterday"}, "'yesterday' does not"),
        ({"subject": "Lunch", "isRead": "true"}, "'true' is not"),
        ({"subject": "Lunch", "toRecipients": None}, "None is not"),
        ({"subject": "Lunch", "colour": "red"}, "'colour' does not match"),
    ],
)
def test_an_answer_that_differs_from_page_or_schema_is_told(body: object, said: str) -> None:
    assert any(said in each for each in told(body)), told(body)


def test_what_is_wrong_is_told_by_the_type_that_the_answer_says_it_has() -> None:
    invitation = {
        "@odata.type": "#microsoft.graph.eventMessageRequest",
        "subject": "Lunch",
        "isAllDay": False,
    }
    assert told(invitation) == []
    assert told(invitation | {"@odata.type": "#microsoft.graph.message"}) != []
    (wrong,) = told(invitation | {"isAllDay": "no"})
    assert wrong == "$.isAllDay: 'no' is not of type 'boolean'"


def test_another_status_is_told_before_anything_else() -> None:
    assert told({"error": {"code": "ErrorItemNotFound"}}, 404) == ["answers 404 ErrorItemNotFound, not 200"]


def test_what_repeats_the_request_has_to_repeat_it() -> None:
    assert list(missing({"is": "Lunch"}, "Lunch")) == []
    assert list(missing({"is": "Lunch"}, "Dinner")) == [" is 'Dinner', not 'Lunch'"]


def test_each_printed_element_needs_one_that_is_like_it() -> None:
    printed = [{"name": "string"}, {"size": "number"}]
    assert list(missing(printed, [{"size": 1}, {"name": "menu"}])) == []
    assert list(missing(printed, [{"name": "menu"}])) == ["/1/size is not there"]
    assert list(missing(printed, [])) == ["/0 has nothing like it", "/1 has nothing like it"]


def test_a_derived_type_has_to_be_named() -> None:
    printed = {"@odata.type": {"is": "#microsoft.graph.fileAttachment"}}
    assert list(missing(printed, {"@odata.type": "#microsoft.graph.fileAttachment"})) == []
    assert list(missing(printed, {"@odata.type": "#microsoft.graph.itemAttachment"})) == [
        " is a itemattachment, not a fileattachment"
    ]


def test_what_select_did_not_ask_for_is_told() -> None:
    chosen = Example(
        "page: chosen", "GET", "/v1.0/me/messages/x?$select=subject", status=200, answer={"subject": "string"}
    )
    assert told({"subject": "Lunch", "isRead": True}, example=chosen) == ["/isRead was not asked for"]
