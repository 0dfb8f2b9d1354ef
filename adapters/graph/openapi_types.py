"""The types of Graph's mail as JSON Schema, which is what OpenAPI 3.1 describes types with."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from letterbook.adapters.graph.csdl import Kind, Schema, Shape, schema_of
from letterbook.adapters.graph.folder_wire import WireFolder
from letterbook.adapters.graph.unpublished import complete
from letterbook.adapters.graph.wire import Wire, WireMessage

Described = dict[str, Any]

VERSIONS = ("v1.0", "beta")
_INT32, _INT64 = 2**31, 2**63
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_PRIMITIVES: dict[str, Described] = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Int32": {"type": "integer", "minimum": -_INT32, "maximum": _INT32 - 1},
    "Edm.Int64": {"type": "integer", "minimum": -_INT64, "maximum": _INT64 - 1},
    "Edm.Double": {"type": "number"},
    "Edm.Guid": {"type": "string", "format": "uuid"},
    "Edm.Binary": {"type": "string", "contentEncoding": "base64", "pattern": r"^[A-Za-z0-9+/_=-]*$"},
    "Edm.Date": {"type": "string", "pattern": f"^{_DATE}$"},
    "Edm.TimeOfDay": {"type": "string", "pattern": f"^{_TIME}$"},
    "Edm.DateTimeOffset": {"type": "string", "pattern": f"^{_DATE}T{_TIME}(Z|[+-][0-9]{{2}}:[0-9]{{2}})$"},
}
_ANNOTATIONS: Described = {"@": {}}
"""Members with an ``@`` say something about the answer or another member (OData JSON 4.0, section 4.5)."""


def _only_answered(model: type[Wire]) -> frozenset[str]:
    return frozenset(
        info.alias or name for name, info in model.model_fields.items() if info.annotation is Any
    )


_SERVER_SET = {
    "entity": frozenset({"id"}),
    "message": _only_answered(WireMessage),
    "mailFolder": _only_answered(WireFolder),
}
_NAMED_BY_CLIENTS = {"singleValueLegacyExtendedProperty", "multiValueLegacyExtendedProperty"}
"""Types whose ids are chosen by clients."""

ERROR: Described = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "innerError"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "innerError": {
                    "type": "object",
                    "required": ["date", "request-id", "client-request-id"],
                    "properties": {
                        "date": {"type": "string", "pattern": f"^{_DATE}T[0-9:]{{8}}$"},
                        "request-id": {"type": "string", "format": "uuid"},
                        "client-request-id": {"type": "string", "format": "uuid"},
                    },
                },
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
"""What every refusal looks like."""


@cache
def types_of(version: str) -> Schema:
    """Every type that is served in a version."""
    return complete(schema_of(version), beta=version == "beta")


def components() -> Described:
    """Every type of both versions by its name in the document."""
    found = {"error": ERROR}
    for version in VERSIONS:
        schema = types_of(version)
        found |= {f"{version}.{kind.name}": _object(version, kind) for kind in schema.kinds.values()}
        found |= {f"{version}.{name}": _enum(schema, name) for name in schema.enums}
    return found


def reference(version: str, name: str) -> Described:
    """Points to a type."""
    return {"$ref": f"#/components/schemas/{version}.{name}"}


def described(version: str, shape: Shape) -> Described:
    """What something of a shape looks like in JSON."""
    one = _one(version, shape.type)
    if shape.many:
        return {"type": "array", "items": one}
    return {"anyOf": [one, {"type": "null"}]} if shape.nullable else one


def _one(version: str, name: str) -> Described:
    if name in _PRIMITIVES:
        return _PRIMITIVES[name]
    schema = types_of(version)
    kinds = schema.concrete(name) if name in schema.kinds else [name]
    if len(kinds) == 1:
        return reference(version, kinds[0])
    return {"anyOf": [reference(version, kind) for kind in kinds]}


def _object(version: str, kind: Kind) -> Described:
    """A type with its members. Only extensions say more than their type does, whatever other types allow."""
    schema = types_of(version)
    members = schema.members(kind.name)
    found: Described = {
        "type": "object",
        "properties": dict(_properties(version, members, _server_set(schema, kind.name))),
        "patternProperties": _ANNOTATIONS,
    }
    if _has_kin(schema, kind.name):
        names = [f"{mark}microsoft.graph.{kind.name}" for mark in ("#", "")]
        found["properties"]["@odata.type"] = {"type": "string", "enum": names}
    if not any(each == "extension" for each in schema.lineage(kind.name)):
        found["additionalProperties"] = False
    return found


def _has_kin(schema: Schema, name: str) -> bool:
    """Whether something of a type could be of a kindred one, too: then ``@odata.type`` tells which it is."""
    lineage = [each for each in schema.lineage(name) if each not in ("entity", "outlookItem")]
    return bool(lineage) and len(schema.concrete(lineage[-1])) > 1


def _server_set(schema: Schema, name: str) -> frozenset[str]:
    """Members of a type that only a server sets."""
    lineage = set(schema.lineage(name))
    found = frozenset[str]().union(*(_SERVER_SET.get(each, frozenset()) for each in lineage))
    return found - {"id"} if lineage & _NAMED_BY_CLIENTS else found


def _properties(
    version: str, members: dict[str, Shape], server_set: Collection[str] = ()
) -> Iterator[tuple[str, Described]]:
    for name, shape in members.items():
        found = described(version, shape)
        yield name, {**found, "readOnly": True} if name in server_set else found


def _enum(schema: Schema, name: str) -> Described:
    words = list(schema.enums[name])
    if name not in schema.flags:
        return {"type": "string", "enum": words}
    word = "|".join(words)
    return {"type": "string", "pattern": f"^({word})(, ?({word}))*$"}


def collection(version: str, shape: Shape) -> Described:
    """A page of a collection."""
    return {
        "type": "object",
        "required": ["value"],
        "properties": {"value": described(version, Shape(shape.type, many=True))},
        "patternProperties": _ANNOTATIONS,
        "additionalProperties": False,
    }


def parameters_of(version: str, takes: dict[str, Shape]) -> Described:
    """The body of an action: its parameters, with a small first letter as the pages write them."""
    return {
        "type": "object",
        "properties": dict(_properties(version, {name[0].lower() + name[1:]: takes[name] for name in takes})),
    }
