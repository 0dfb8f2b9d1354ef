"""The types of Graph's mail, as the schema kept beside the code tells them (OData CSDL 4.0)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_NAMESPACE = "microsoft.graph."


@dataclass(frozen=True, slots=True)
class Shape:
    """What a member, a parameter or an answer is: a type, once or many times."""

    type: str
    many: bool = False
    nullable: bool = True

    @classmethod
    def named(cls, name: str, *, nullable: bool = True) -> "Shape":
        """The shape that CSDL spells ``Collection(microsoft.graph.message)``."""
        inner = name.removeprefix("Collection(").removesuffix(")")
        return cls(inner.removeprefix(_NAMESPACE), inner != name, nullable)


@dataclass(slots=True)
class Kind:
    """An entity type or a complex type, with the members of those it is derived from."""

    name: str
    base: str | None = None
    abstract: bool = False
    members: dict[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An action or a function: what it is bound to, what it takes and what it answers."""

    name: str
    bound: Shape
    takes: dict[str, Shape]
    gives: Shape | None


@dataclass(slots=True)
class Schema:
    """The types of one version."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    """Enums of which several members may be named at once, with commas."""
    operations: list[Operation] = field(default_factory=list)
    roots: dict[str, Shape] = field(default_factory=dict)
    """Where paths begin: ``me``, ``users``, ``subscriptions``."""

    def concrete(self, name: str) -> list[str]:
        """The types that something of a type can really have: itself and those derived from it."""
        own = [] if self.kinds[name].abstract else [name]
        derived = [kind.name for kind in self.kinds.values() if kind.base == name]
        return own + [each for below in derived for each in self.concrete(below)]

    def lineage(self, name: str) -> Iterator[str]:
        """A type and those it is derived from, the nearest first."""
        at: str | None = name
        while at in self.kinds:
            yield at
            at = self.kinds[at].base

    def member(self, of: str, name: str) -> Shape | None:
        """A member of a type or of those it is derived from, its name in any case."""
        for each in self.lineage(of):
            for spelled, shape in self.kinds[each].members.items():
                if spelled.lower() == name.lower():
                    return shape
        return None

    def members(self, of: str) -> dict[str, Shape]:
        """All members of a type, those it is derived from first."""
        found: dict[str, Shape] = {}
        for each in reversed(list(self.lineage(of))):
            found |= self.kinds[each].members
        return found

    def operation(self, bound: Shape, name: str) -> Operation | None:
        """What can be done to something by a name in any case."""
        fits = [
            each
            for each in self.operations
            if each.name.lower() == name.lower()
            and each.bound.many == bound.many
            and each.bound.type in self.lineage(bound.type)
        ]
        return min(fits, key=_fewest_parameters, default=None)


def _fewest_parameters(operation: Operation) -> int:
    return len(operation.takes)


def text_of(version: str) -> bytes:
    """The schema of a version as it is published, ``v1.0`` or ``beta``."""
    return (Path(__file__).parent / "schema" / f"{version}.xml").read_bytes()


def schema_of(version: str) -> Schema:
    """The types of a version."""
    schema = Schema()
    for element in ElementTree.fromstring(text_of(version)).iter():
        _read(schema, element)
    return schema


def _read(schema: Schema, element: ElementTree.Element) -> None:
    name = element.get("Name", "")
    match element.tag.removeprefix(_EDM):
        case "EnumType":
            schema.enums[name] = tuple(each.get("Name", "") for each in element)
            schema.flags |= {name} if element.get("IsFlags") == "true" else set()
        case "EntityType" | "ComplexType":
            schema.kinds[name] = _kind(element)
        case "Action" | "Function":
            schema.operations.append(_operation(element))
        case "EntitySet":
            schema.roots[name] = Shape.named(f"Collection({element.get('EntityType')})")
        case "Singleton":
            schema.roots[name] = Shape.named(element.get("Type", ""))
        case _:
            pass  # what belongs to one of these is read with it


def _kind(element: ElementTree.Element) -> Kind:
    base = element.get("BaseType", "").removeprefix(_NAMESPACE)
    return Kind(
        element.get("Name", ""),
        base or None,
        element.get("Abstract") == "true",
        {each.get("Name", ""): _shape(each) for each in element if each.get("Type")},
    )


def _operation(element: ElementTree.Element) -> Operation:
    bound, *parameters = element.findall(f"{_EDM}Parameter")
    gives = element.find(f"{_EDM}ReturnType")
    takes = {each.get("Name", ""): _shape(each) for each in parameters}
    return Operation(
        element.get("Name", ""), _shape(bound), takes, _shape(gives) if gives is not None else None
    )


def _shape(element: ElementTree.Element) -> Shape:
    return Shape.named(element.get("Type", ""), nullable=element.get("Nullable") != "false")
