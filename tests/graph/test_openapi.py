"""/openapi.json tells every route, its scopes and its types, and /docs shows it without anybody's help."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from letterbook.adapters.graph.batch import batch
from letterbook.adapters.graph.csdl import Shape, schema_of
from letterbook.adapters.graph.openapi import Place, asked_of, document, place_of
from letterbook.adapters.graph.openapi_types import types_of
from letterbook.adapters.graph.routes import ROUTES
from letterbook.adapters.graph.routing import Route, Router, spelled_out
from tests.graph.client import Graph

Described = dict[str, Any]


@pytest.fixture(scope="module")
def whole() -> Described:
    """The document."""
    return document(ROUTES)


def operations(whole: Described) -> Iterator[tuple[str, str, Described]]:
    """Path, method and description of everything that can be asked."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_the_document_is_openapi(whole: Described) -> None:
    """Each path in its first spelling; the others are told by the same words."""
    first = {
        f"/{version}/{next(spelled_out(route.path))}" for version in ("v1.0", "beta") for route in ROUTES
    }
    paths = {path: methods for path, methods in whole["paths"].items() if path in first}
    assert list(OpenAPIV31SpecValidator(whole | {"paths": paths}).iter_errors()) == []


@pytest.mark.slow
def test_so_it_is_with_every_spelling_of_every_path(whole: Described) -> None:
    assert list(OpenAPIV31SpecValidator(whole).iter_errors()) == []


def test_every_route_is_told_in_every_spelling_and_version(whole: Described) -> None:
    told = {(method, path) for path, method, _ in operations(whole)}
    assert told == {
        (route.method, f"/{version}/{path}")
        for version in ("v1.0", "beta")
        for route in ROUTES
        for path in spelled_out(route.path)
        if version == "beta" or not route.beta_only
    }


def test_what_is_told_leads_to_the_route_it_tells_of(whole: Described) -> None:
    router = Router(ROUTES)
    for path, method, operation in operations(whole):
        version, *segments = path.strip("/").split("/")
        route, keys = router.find(method, segments, beta=version == "beta")
        scopes = {name for each in operation["security"] for name in each["bearer"]}
        assert scopes == (set() if route.by_url else route.scopes)
        named = [each["name"] for each in operation["parameters"] if each.get("in") == "path"]
        assert set(named) == keys.keys()


def test_names_of_operations_are_unique(whole: Described) -> None:
    names = [operation["operationId"] for _, _, operation in operations(whole)]
    assert len(names) == len(set(names))


UNTYPED = {
    "GET U/mailboxSettings/{setting}",
    "POST $batch",
    "GET M/letterbook.timeline",
    "GET M/letterbook.diff",
    "GET F/letterbook.diff",
    "GET U/letterbook.diff",
}
"""Of the first the type depends on the key; the others are no part of Graph's schema."""


def test_the_schema_knows_what_every_route_leads_to() -> None:
    unknown = {
        f"{asked.route.method} {asked.route.path}"
        for asked in asked_of(ROUTES)
        if asked.place.shape is None and asked.place.done is None
    }
    assert unknown == UNTYPED


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("me", Shape("user")),
        ("users/{user}", Shape("user")),
        ("me/messages", Shape("message", many=True)),
        ("me/messages/{message}/attachments/{attachment}", Shape("attachment")),
        ("me/mailFolders/{folder}/childFolders", Shape("mailFolder", many=True)),
        ("me/messages/{message}/move", Shape("message")),
        ("me/messages/{message}/microsoft.graph.eventMessage", Shape("eventMessage")),
        ("me/outlook/supportedTimeZones/{standard}", Shape("timeZoneInformation", many=True)),
        ("me/calendar", None),
        ("me/messages/{message}/{again}", None),
    ],
)
def test_a_path_is_followed_through_the_schema(path: str, leads_to: Shape | None) -> None:
    found = place_of(types_of("beta"), path).shape
    assert (found and (found.type, found.many)) == (leads_to and (leads_to.type, leads_to.many))


def test_an_action_takes_its_parameters_and_gives_its_result() -> None:
    place = place_of(schema_of("v1.0"), "me/sendMail")
    assert place.done is not None
    assert list(place.done.takes) == ["Message", "SaveToSentItems"]
    assert place.shape is None
    assert place_of(schema_of("v1.0"), "me/messages/$count") == Place(Shape("message", many=True), raw=True)


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/v1.0/me/messages", "post", {"201"}),
        ("/v1.0/me/messages/{message}", "patch", {"200"}),
        ("/v1.0/me/messages/{message}", "delete", {"204"}),
        ("/v1.0/me/messages/{message}/send", "post", {"202"}),
        ("/v1.0/me/messages/{message}/move", "post", {"201"}),
        ("/v1.0/me/mailFolders/{folder}/move", "post", {"200"}),
        ("/v1.0/me/messages/{message}/permanentDelete", "post", {"204"}),
        ("/v1.0/users/{user}/messages/{message}/attachmentSessions/{session}", "put", {"200", "201"}),
    ],
)
def test_the_status_of_success_is_told(whole: Described, path: str, method: str, statuses: set[str]) -> None:
    assert whole["paths"][path][method]["responses"].keys() == statuses | {"4XX", "5XX"}


@pytest.mark.parametrize(
    ("path", "method", "takes"),
    [
        ("/v1.0/me/messages/{message}", "patch", True),
        ("/v1.0/me/messages/{message}/send", "post", True),
        ("/v1.0/me/messages/{message}/attachments/{attachment}", "delete", True),
        ("/v1.0/me/messages/{message}", "get", False),
        ("/v1.0/me/messages", "post", False),
        ("/v1.0/me/mailFolders/{folder}", "patch", False),
        ("/v1.0/users/{user}/messages/{message}/attachmentSessions/{session}", "delete", False),
    ],
)
def test_if_match_is_told_wherever_it_counts(whole: Described, path: str, method: str, takes: bool) -> None:
    told = [each.get("$ref") for each in whole["paths"][path][method]["parameters"]]
    assert ("#/components/parameters/If-Match" in told) == takes


def test_mentions_are_told_in_beta_alone(whole: Described) -> None:
    types = whole["components"]["schemas"]
    assert "mentions" in types["beta.message"]["properties"]
    assert "mentions" not in types["v1.0.message"]["properties"]


def test_a_type_that_has_kin_is_known_by_its_name(whole: Described) -> None:
    """So what only an invitation has is allowed to nothing that says it is a plain message."""
    types = whole["components"]["schemas"]
    for version in ("v1.0", "beta"):
        told = {
            name.removeprefix(f"{version}."): each["properties"]["@odata.type"]["enum"]
            for name, each in types.items()
            if name.startswith(f"{version}.") and "@odata.type" in each.get("properties", {})
        }
        assert {
            "message",
            "eventMessage",
            "eventMessageRequest",
            "fileAttachment",
            "mailFolder",
        } <= told.keys()
        assert not {"subscription", "outlookCategory", "openTypeExtension"} & told.keys()
        for name, spelled in told.items():
            assert spelled == [f"#microsoft.graph.{name}", f"microsoft.graph.{name}"]
        assert "meetingRequestType" in types[f"{version}.eventMessageRequest"]["properties"]
        assert "meetingRequestType" not in types[f"{version}.message"]["properties"]


def test_a_route_without_a_scope_cannot_exist() -> None:
    with pytest.raises(ValueError, match="names no scope"):
        Route("GET", "U/secrets", frozenset(), batch)


# --- Both are public -------------------------------------------------------------------------------


def test_the_document_is_served_to_anybody(nobody: Graph, whole: Described) -> None:
    answer = nobody.get("https://graph.microsoft.com/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == whole


def test_neither_is_served_by_another_method(nobody: Graph) -> None:
    for path in ("openapi.json", "docs"):
        assert nobody.post(f"https://graph.microsoft.com/{path}").status_code == 401


class Links(HTMLParser):
    """Everything that a page would load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]


def test_the_page_of_the_docs_loads_nothing_from_elsewhere(nobody: Graph) -> None:
    answer = nobody.get("https://graph.microsoft.com/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    links = Links()
    links.feed(answer.text)
    assert links.found == ["openapi.json"]
    assert re.findall(r'fetch\("([^"]+)"\)', answer.text) == ["openapi.json"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"https?://|innerHTML|import\(|url\(", answer.text), (
        "nothing is loaded, nothing is parsed"
    )
