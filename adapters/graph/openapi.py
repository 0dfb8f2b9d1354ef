"""/openapi.json: what can be asked, made from the table of routes and the types of the schema."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version as version_of
from typing import Any

from pydantic_core import to_json

from letterbook.adapters.graph.csdl import Operation, Schema, Shape
from letterbook.adapters.graph.openapi_types import (
    VERSIONS,
    Described,
    collection,
    components,
    described,
    parameters_of,
    types_of,
)
from letterbook.adapters.graph.routing import Route, spelled_out

_ANYTHING: Described = {}
_KEY = re.compile(r"\{(\w+)\}")
_STATUS = {
    **{("message", name): 201 for name in ("move", "copy", "createReply", "createReplyAll", "createForward")},
    **{("message", name): 202 for name in ("reply", "replyAll", "forward", "send", "unsubscribe")},
    **{("message", name): 202 for name in ("markAsJunk", "markAsNotJunk")},
    ("user", "sendMail"): 202,
    ("attachment", "createUploadSession"): 201,
}
"""How an action answers, where that is neither 200 with something nor 204 with nothing."""
_MIME = frozenset(
    {"createReply", "createReplyAll", "createForward", "reply", "replyAll", "forward", "sendMail"}
)
"""Actions that a letter can be given to as MIME."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a path leads to."""

    shape: Shape | None = None
    done: Operation | None = None
    """The action or function that is called."""
    raw: bool = False
    """Whether it is text or bytes, not JSON."""


_UNKNOWN = Place()


def place_of(schema: Schema, path: str) -> Place:
    """What a path leads to, found by following it through the types."""
    first, *rest = path.split("/")
    place = Place(schema.roots[first]) if first in schema.roots else _UNKNOWN
    for part in rest:
        place = _step(schema, place, part)
    return place


def _step(schema: Schema, place: Place, part: str) -> Place:
    if part.startswith("$"):
        return replace(place, raw=True)
    if place.shape is None or place.done:
        return place if part.startswith("{") else _UNKNOWN
    if part.startswith("{"):
        return Place(replace(place.shape, many=False)) if place.shape.many else _UNKNOWN
    cast = part.rpartition(".")[2]
    if cast != part and cast in schema.kinds:
        return Place(replace(place.shape, type=cast))
    if done := schema.operation(place.shape, cast):
        return Place(done.gives, done)
    found = None if place.shape.many else schema.member(place.shape.type, part)
    return Place(found) if found else _UNKNOWN


# --- One request -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One method of one path of one version."""

    route: Route
    path: str
    version: str

    @property
    def place(self) -> Place:
        """What the path leads to."""
        return place_of(types_of(self.version), self.path)

    @property
    def tag(self) -> str:
        """The section of the docs page: the mailbox's part that is asked."""
        words = [part for part in self.path.split("/") if not part.startswith("{")]
        return next((word for word in words if word not in ("me", "childFolders", "users")), "users")

    def operation(self) -> Described:
        """The request as OpenAPI tells it."""
        found: Described = {
            "operationId": _name(self),
            "summary": _summary(self.route),
            "tags": [self.tag],
            "parameters": [*_keys(self.path), *_options(self)],
            "responses": _responses(self),
            "security": _security(self.route),
        }
        if body := _body(self):
            found["requestBody"] = body
        return found


def _name(asked: Asked) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "_", f"{asked.version}_{asked.path}").strip("_")
    return f"{asked.route.method.lower()}_{words}"


def _summary(route: Route) -> str:
    said = (route.handler.__doc__ or "").partition("\n")[0].rstrip(".")
    return said or f"{route.method} {route.path}"


def _security(route: Route) -> list[Described]:
    return [] if route.by_url else [{"bearer": [scope]} for scope in sorted(route.scopes)]


def _keys(path: str) -> list[Described]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _KEY.findall(path)
    ]


# --- Query options and headers ---------------------------------------------------------------------

_TEXT: Described = {"type": "string"}
_OF_ONE = ("select", "expand")
_OF_PAGES = ("filter", "top", "skip", "count", "orderby", "search", "skiptoken")
_OF_CHANGES = ("select", "top", "expand", "filter", "orderby", "skiptoken", "deltatoken", "changeType")
_PLAIN = frozenset({"changeType", "includeHiddenFolders"})
"""Options without a ``$``."""
_SCHEMAS: dict[str, Described] = {
    "top": {"type": "integer", "minimum": 1, "maximum": 1000},
    "skip": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "count": {"type": "boolean"},
    "changeType": {"type": "string", "enum": ["created", "updated", "deleted"]},
    "includeHiddenFolders": {"type": "boolean"},
}


def _options(asked: Asked) -> list[Described]:
    """The parameters beside the path, as references."""
    place, names = asked.place, list[str]()
    if asked.route.method == "GET" and place.shape and not place.raw:
        of_one = _OF_CHANGES if asked.route.tracks else _OF_ONE
        names += (*of_one, *_OF_PAGES) if place.shape.many and not asked.route.tracks else of_one
        is_folders = place.shape.many and place.shape.type == "mailFolder"
        names += ["includeHiddenFolders"] if is_folders else []
    if "attachmentSessions" in asked.path and asked.route.method == "PUT":
        names.append("Content-Range")
    elif not asked.route.by_url:
        names += ["Prefer", "If-Match"] if _acts_on_message(asked) else ["Prefer"]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _acts_on_message(asked: Asked) -> bool:
    """Whether it is done on condition that the message is still the one that was seen, if so asked."""
    return asked.route.method != "GET" and "{message}" in asked.path


def _parameters() -> Described:
    options = dict.fromkeys((*_OF_ONE, *_OF_PAGES, *_OF_CHANGES, *sorted(_PLAIN)))
    found = {name: _parameter(name if name in _PLAIN else f"${name}", "query", name) for name in options}
    return found | {
        name: _parameter(name, "header", name) for name in ("Prefer", "If-Match", "Content-Range")
    }


def _parameter(name: str, where: str, kind: str) -> Described:
    return {"name": name, "in": where, "schema": _SCHEMAS.get(kind, _TEXT)}


# --- Bodies ----------------------------------------------------------------------------------------


def _body(asked: Asked) -> Described | None:
    """What the request holds."""
    method, place = asked.route.method, asked.place
    if method == "PUT":
        return {"required": True, "content": {"application/octet-stream": {"schema": _ANYTHING}}}
    if method not in ("POST", "PATCH"):
        return None
    if place.done:
        return _of_action(asked, place.done)
    if place.shape is None:
        return {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    content = {"application/json": {"schema": described(asked.version, _single(place.shape))}}
    if place.shape.type == "message":
        content["text/plain"] = {"schema": _TEXT}
    return {"required": True, "content": content}


def _single(shape: Shape) -> Shape:
    return Shape(shape.type, nullable=False)


def _of_action(asked: Asked, done: Operation) -> Described | None:
    if not done.takes:
        return None
    content = {"application/json": {"schema": parameters_of(asked.version, done.takes)}}
    if done.name in _MIME:
        content["text/plain"] = {"schema": _TEXT}
    return {"required": not done.name.startswith(("createReply", "createForward")), "content": content}


def _responses(asked: Asked) -> Described:
    """What is answered when all is well, and the shape of everything else."""
    good: dict[str, Described] = {
        str(status): {"description": "Done."} | _content(asked, status) for status in statuses(asked)
    }
    return good | {name: {"$ref": "#/components/responses/refused"} for name in ("4XX", "5XX")}


def statuses(asked: Asked) -> tuple[int, ...]:
    """The status of an answer when all is well."""
    method, place = asked.route.method, asked.place
    if "attachmentSessions" in asked.path:
        return {"PUT": (200, 201), "DELETE": (204,)}.get(method, (200,))
    if done := place.done:
        return (_STATUS.get((done.bound.type, done.name), 200 if done.gives else 204),)
    if method == "DELETE":
        return (204,)
    return (201,) if method == "POST" and place.shape and place.shape.many else (200,)


def _content(asked: Asked, status: int) -> Described:
    place = asked.place
    if status in (202, 204) and not (place.done and place.shape):
        return {}
    if status == 201 and asked.route.method == "PUT":
        return {}
    if place.raw:
        return {"content": {"*/*": {"schema": _ANYTHING}}}
    return {"content": {"application/json": {"schema": _answered(asked)}}}


def _answered(asked: Asked) -> Described:
    """One thing or a page of them; what no type is known of is an object."""
    shape = asked.place.shape
    if shape is None:
        return {"type": "object"}
    if shape.type.startswith("Edm.") or shape.type in types_of(asked.version).enums:
        return {"type": "object", "required": ["value"]}
    made = asked.route.method == "POST" and not asked.place.done
    if shape.many and not made:
        return collection(asked.version, shape)
    return described(asked.version, _single(shape))


# --- The document ----------------------------------------------------------------------------------


def asked_of(routes: Iterable[Route]) -> Iterator[Asked]:
    """Everything that the table of routes allows, in every spelling of the paths."""
    for version in VERSIONS:
        for route in routes:
            if version == "beta" or not route.beta_only:
                for path in spelled_out(route.path):
                    yield Asked(route, path, version)


def document(routes: Iterable[Route]) -> Described:
    """The OpenAPI document of a table of routes."""
    paths: dict[str, Described] = {}
    for asked in asked_of(routes):
        at = paths.setdefault(f"/{asked.version}/{asked.path}", {})
        at[asked.route.method.lower()] = asked.operation()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Letterbook",
            "version": version_of("letterbook"),
            "summary": "The mail part of Microsoft Graph",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": _components(),
    }


def _components() -> Described:
    return {
        "schemas": components(),
        "parameters": _parameters(),
        "responses": {
            "refused": {
                "description": "Refused, in Graph's shape.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
            }
        },
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "A token that holds one of the scopes named by the request.",
            }
        },
    }


_HERE = b'"servers":[{"url":"/"}]'


def document_at(routes: tuple[Route, ...], root: str) -> bytes:
    """The document as it is served by a face whose paths are below a root."""
    return _bytes(routes).replace(_HERE, b'"servers":%s' % to_json([{"url": root or "/"}]), 1)


@cache
def _bytes(routes: tuple[Route, ...]) -> bytes:
    found: Any = document(routes)
    return to_json(found)
