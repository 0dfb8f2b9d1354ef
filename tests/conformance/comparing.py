"""Compare an answer with the printed one and with the types of the schema: what differs, in words."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from letterbook.adapters.graph.openapi import Asked, document
from letterbook.adapters.graph.openapi_types import types_of
from letterbook.adapters.graph.routes import ROUTES
from letterbook.adapters.graph.routing import Route, spelled_out
from tests.conformance.examples import Example

LINKS = frozenset({"@odata.nextLink", "@odata.deltaLink"})
"""Which of them an answer has depends on how much there is to tell."""
FULL_METADATA = frozenset({"@odata.id", "@odata.editLink"})
"""Annotations of ``odata.metadata=full``, which older samples print; the default is ``minimal``."""
ALWAYS = frozenset({"id"})
"""Members that ``$select`` need not name."""
_WORDS = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def differences(example: Example, route: Route | None, answer: httpx.Response) -> list[str]:
    """Everything in which an answer is not what the page and the schema say."""
    wanted = example.status or "any success"
    if answer.status_code != wanted and (example.status or not answer.is_success):
        return [f"answers {answer.status_code} {_code(answer)}, not {wanted}"]
    found = [f"has no header {name}" for name in example.answer_headers if name not in answer.headers]
    if example.answer is not None:
        found += _of_bodies(example, answer)
    if route is not None:
        found += of_types(route, example.version, answer)
    return found


def _code(answer: httpx.Response) -> str:
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return str(answer.json().get("error", {}).get("code", "")) if is_json else ""


def _of_bodies(example: Example, answer: httpx.Response) -> list[str]:
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return ["has no JSON"]
    ours = answer.json()
    return [*missing(example.answer, ours), *_unasked(example, ours)]


# --- What the page prints --------------------------------------------------------------------------


def missing(printed: Any, ours: Any, at: str = "") -> Iterator[str]:
    """What the page prints and the answer does not have, or has as another type or value."""
    match printed:
        case {"is": value} if len(printed) == 1:
            if ours != value:
                yield f"{at} is {ours!r}, not {value!r}"
        case dict():
            yield from _members_missing(printed, ours, at)
        case list():
            yield from _elements_missing(printed, ours, at)
        case "null":
            pass
        case str() if _word(ours) != printed:
            yield f"{at} is of type {_word(ours)}, not {printed}"


def _word(value: Any) -> str:
    return _WORDS.get(type(value), type(value).__name__)


def _members_missing(printed: dict[str, Any], ours: Any, at: str) -> Iterator[str]:
    if not isinstance(ours, dict):
        yield f"{at} is of type {_word(ours)}, not object"
        return
    for name, inner in printed.items():
        if name == "@odata.type":
            yield from _type_missing(inner["is"], ours, at)
        elif name in ours:
            yield from missing(inner, ours[name], f"{at}/{name}")
        elif name not in LINKS | FULL_METADATA:
            yield f"{at}/{name} is not there"
    if LINKS & printed.keys() and "@odata.deltaLink" in printed and not LINKS & ours.keys():
        yield f"{at} has no link"


def _type_missing(printed: str, ours: dict[str, Any], at: str) -> Iterator[str]:
    """A type has to be named where it is not the declared one, by whatever name of its namespace."""
    wanted, told = _kind_of(printed), _kind_of(ours.get("@odata.type", ""))
    if wanted in _derived() and told != wanted:
        yield f"{at} is a {told or 'thing without a type'}, not a {wanted}"


def _kind_of(type_name: str) -> str:
    return type_name.rpartition(".")[2].lower()


@cache
def _derived() -> frozenset[str]:
    """Types that are derived from one that is more than a thing with an id."""
    kinds = types_of("beta").kinds.values()
    return frozenset(kind.name.lower() for kind in kinds if kind.base not in (None, "entity", "outlookItem"))


def _elements_missing(printed: list[Any], ours: Any, at: str) -> Iterator[str]:
    """Each printed element has to have one that is like it."""
    if not isinstance(ours, list):
        yield f"{at} is of type {_word(ours)}, not array"
        return
    for place, inner in enumerate(printed):
        least = min((list(missing(inner, each, f"{at}/{place}")) for each in ours), key=len, default=None)
        yield from [f"{at}/{place} has nothing like it"] if least is None else least


def _unasked(example: Example, ours: Any) -> Iterator[str]:
    """Members that a complete printed answer does not have, or that ``$select`` did not ask for."""
    selected = _selected(example.query)
    if not selected and not example.whole:
        return
    printed, shown = example.answer, ours
    if "value" in printed and isinstance(printed["value"], list):
        printed = {name: "" for each in printed["value"] for name in each}
        shown = {name: "" for each in ours.get("value", []) for name in each}
    known = {name.lower() for name in printed} | selected | ALWAYS
    yield from (
        f"/{name} was not asked for" for name in shown if "@" not in name and name.lower() not in known
    )


def _selected(query: str) -> set[str]:
    for option in query.split("&"):
        name, _, value = option.partition("=")
        if name == "$select":
            return {each.strip().lower() for each in value.split(",")}
    return set()


# --- What the schema says --------------------------------------------------------------------------


@cache
def _document() -> dict[str, Any]:
    return document(ROUTES)


@cache
def _validator(route: Route, version: str, status: str) -> Draft202012Validator | None:
    """What judges an answer of a route, whatever the spelling of its path."""
    asked = Asked(route, next(spelled_out(route.path)), version)
    answers = asked.operation()["responses"]
    found = answers.get(status) or _document()["components"]["responses"]["refused"]
    content = found.get("content", {}).get("application/json")
    if content is None:
        return None
    checker = Draft202012Validator.FORMAT_CHECKER
    whole = {"components": _document()["components"], **content["schema"]}
    return Draft202012Validator(whole, format_checker=checker)


def of_types(route: Route, version: str, answer: httpx.Response) -> list[str]:
    """What is not as the types of the schema say."""
    judge = _validator(route, version, str(answer.status_code))
    if judge is None:
        return []
    worst = best_match(judge.iter_errors(answer.json()))
    while worst and worst.context:
        worst = _of_nearest(worst.context)
    return [f"{worst.json_path}: {worst.message[:300]}"] if worst else []


def _of_nearest(wrong: Sequence[ValidationError]) -> ValidationError:
    """Of the types that something could have, what is wrong by the one that fits it best."""
    by_type = [list(group) for _, group in groupby(wrong, key=_which)]
    return min(by_type, key=len)[0]


def _which(error: ValidationError) -> int:
    return int(error.relative_schema_path[0])
