"""``$filter`` and ``$orderby`` of things of which there are few: conditions on them as they are shown."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from odata_query import ast

from letterbook.adapters.graph import errors, odata

Json = dict[str, Any]
Holds = Callable[[Json], bool]
Compare = Callable[[Any, Any], bool]
Sorting = tuple[tuple[str, bool], ...]
"""Properties, and whether each descends."""
T = TypeVar("T")

_DEEPEST = 50
_SIGNS: dict[type, Compare] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


def _nothing_hangs(_node: ast.CollectionLambda) -> Holds:
    raise errors.bad_filter_node()


@dataclass(frozen=True, slots=True)
class Words:
    """An enumeration: its type in Graph, and its words in lower case."""

    of: str
    words: frozenset[str]

    def check(self, name: str, compare: Compare, wanted: object) -> None:
        """Refuse what is none of the words, and comparisons that need an order or letters."""
        if compare not in (operator.eq, operator.ne):
            raise errors.bad_filter(f"'{name}' cannot be compared like that.")
        if wanted is not None and str(wanted).lower() not in self.words:
            raise errors.bad_filter(f"'{str(wanted)[:100]}' is not one of the values it can have.")


@dataclass(frozen=True, slots=True)
class Findable:
    """What things of a type are chosen and sorted by.

    ``properties`` have the type of their values, by the path to them; text of those that are ``exact`` is
    compared as it is, all other without regard to case. ``enums`` are those that are one of a few words.
    ``hanging`` reads ``any()``.
    """

    of: str
    properties: Mapping[str, type]
    exact: frozenset[str] = frozenset()
    enums: Mapping[str, Words] = field(default_factory=dict)
    hanging: Callable[[ast.CollectionLambda], Holds] = _nothing_hangs

    def named(self, path: str) -> tuple[str, type]:
        """A property by its path in any case."""
        for name, kind in self.properties.items():
            if name.lower() == path.lower():
                return name, kind
        raise errors.unknown_property(path, self.of)

    def order(self, text: str) -> Sorting:
        """An order such as ``totalItemCount desc, displayName``; the first naming of a property counts."""
        found: dict[str, bool] = {}
        for part in text.split(","):
            name, *direction = part.split() or [""]
            if [word.lower() for word in direction] not in ([], ["asc"], ["desc"]) or not name:
                raise errors.bad_request(f"Invalid orderby clause: '{part.strip()[:200]}'.")
            known, _ = self.named(name)
            found.setdefault(known, [word.lower() for word in direction] == ["desc"])
        return tuple(found.items())

    def filter(self, text: str) -> Holds:
        """A filter as a condition. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
        return self._condition(odata.parsed(text), 0)

    def _condition(self, node: Any, depth: int) -> Holds:
        if depth > _DEEPEST:
            raise errors.inefficient()
        match node:
            case ast.BoolOp(op=op, left=left, right=right):
                one, other = self._condition(left, depth + 1), self._condition(right, depth + 1)
                return _all(one, other) if isinstance(op, ast.And) else _any(one, other)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _not(self._condition(operand, depth + 1))
            case ast.Compare(comparator=ast.In(), left=left, right=ast.List(val=values)):
                return _one_of([self._compared(left, operator.eq, value) for value in values])
            case ast.Compare(comparator=sign, left=left, right=right) if type(sign) in _SIGNS:
                return self._compared(left, _SIGNS[type(sign)], right)
            case ast.Call(func=ast.Identifier(name=name), args=[subject, value]) if name in _FUNCTIONS:
                return self._compared(subject, _FUNCTIONS[name], value, only=str)
            case ast.Identifier() | ast.Attribute():
                return self._compared(node, operator.eq, ast.Boolean("true"))
            case ast.CollectionLambda():
                return self.hanging(node)
            case ast.Call() | ast.BinOp():
                raise errors.bad_filter_node()
            case _:
                raise errors.bad_filter(f"it does not compare a property of a {self.of}.")

    def _compared(self, subject: Any, compare: Compare, literal: Any, only: type | None = None) -> Holds:
        name, kind = self.named(odata.path_of(subject))
        enum = self.enums.get(name)
        wanted = _value(odata.untyped(literal, name, enum.of if enum else None))
        if not _comparable(kind, compare, wanted) or (only and type(wanted) is not only):
            raise errors.bad_request(f"Invalid filter clause: '{name}' cannot be compared like that.")
        if enum:
            enum.check(name, compare, wanted)
        read = _READ.get(kind, _as_it_is) if name not in self.exact else _as_it_is
        wanted = read(wanted)
        return lambda shown: _holds(read(value_in(shown, name)), compare, wanted)


def value_in(shown: Json, path: str) -> Any:
    """The value at the end of a path."""
    found: Any = shown
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def in_order(things: Iterable[T], order: Sorting, shown: Callable[[T], Json]) -> list[T]:
    """Things sorted by properties that they are shown with."""
    found = list(things)
    for name, descending in reversed(order):
        found.sort(key=lambda each: _sortable(value_in(shown(each), name)), reverse=descending)
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes first; text without regard to case."""
    return (value is not None, value.casefold() if isinstance(value, str) else value or 0)


def _all(one: Holds, other: Holds) -> Holds:
    return lambda shown: one(shown) and other(shown)


def _any(one: Holds, other: Holds) -> Holds:
    return lambda shown: one(shown) or other(shown)


def _not(one: Holds) -> Holds:
    return lambda shown: not one(shown)


def _one_of(each: Sequence[Holds]) -> Holds:
    return lambda shown: any(holds(shown) for holds in each)


def _comparable(kind: type, compare: Compare, wanted: Any) -> bool:
    """Anything is or is not nothing, and a truth is or is not another; else the types have to be the same."""
    if compare not in (operator.eq, operator.ne) and (wanted is None or kind is bool):
        return False
    return wanted is None or type(wanted) is kind


def _as_it_is(value: Any) -> Any:
    return value


def _without_case(value: Any) -> Any:
    return value and value.casefold()


def _moment(value: Any) -> Any:
    return odata.moment(value) if isinstance(value, str) else value


_READ: dict[type, Callable[[Any], Any]] = {str: _without_case, datetime: _moment}
"""What values are compared as."""


def _holds(here: Any, compare: Compare, wanted: Any) -> bool:
    """Nothing equals nothing, and is neither more nor less than anything (OData 4.01, part 2, 5.1.1.1)."""
    if here is None or wanted is None:
        return compare in (operator.eq, operator.ne) and bool(compare(here, wanted))
    return bool(compare(here, wanted))


def _value(node: Any) -> str | int | bool | datetime | None:
    match node:
        case ast.String(val=text):
            return str(text)
        case ast.Integer(val=digits):
            return int(digits)
        case ast.Boolean(val=word):
            return str(word).lower() == "true"
        case ast.DateTime(val=text) | ast.Date(val=text):
            return odata.moment(text)
        case ast.Null():
            return None
        case _:
            raise errors.bad_request("Invalid filter clause: a literal value is expected.")
