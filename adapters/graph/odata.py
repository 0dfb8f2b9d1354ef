"""``$filter`` as OData writes it; the ``odata-query`` library parses, what Graph refuses is refused here."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any as AnyNode
from typing import NamedTuple

from odata_query import ast
from odata_query.exceptions import ODataException, ODataSyntaxError
from odata_query.grammar import ODATA_FUNCTIONS, ODataLexer, ODataParser

from letterbook.adapters.graph import errors
from letterbook.application.querying import Comparable, Is

SIGNS: dict[type, Is] = {
    ast.Eq: Is.EQUAL,
    ast.NotEq: Is.UNEQUAL,
    ast.Lt: Is.BELOW,
    ast.LtE: Is.AT_MOST,
    ast.Gt: Is.ABOVE,
    ast.GtE: Is.AT_LEAST,
}
FUNCTIONS = {
    "startswith": Is.STARTING_WITH,
    "endswith": Is.ENDING_WITH,
    "contains": Is.CONTAINING,
}
"""Those that Graph knows of mail; it refuses all others of OData."""
CAST = ast.Identifier("cast", ("odata",))
"""How a cast is handed to the parser, which knows no function of that name."""

_MIRRORED = {Is.BELOW: Is.ABOVE, Is.ABOVE: Is.BELOW, Is.AT_MOST: Is.AT_LEAST, Is.AT_LEAST: Is.AT_MOST}
_LONGEST = 4096
_TEXT = r"'(?:[^']|'')*+'"
_TYPE = r"\bmicrosoft\.graph\.[a-z]++"
_LITERAL = re.compile(_TEXT)
_SPELLED = re.compile(
    rf"(?P<text>{_TEXT})"
    rf"|(?P<type>{_TYPE})(?P<value>{_TEXT})"
    rf"|\bin\s*+\((?P<only>\s*+(?:(?:{_TYPE})?{_TEXT}|[\w.:+-]++)\s*+)\)"
    r"|\b(?P<function>[a-z]++)(?=\()",
    re.IGNORECASE,
)


def parsed(text: str) -> AnyNode:
    """A filter as a tree. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    if len(text) > _LONGEST:
        raise errors.inefficient()
    try:
        tree = ODataParser().parse(ODataLexer().tokenize(spelled(text)))
    except RecursionError:
        raise errors.inefficient() from None
    except ODataSyntaxError:
        raise errors.bad_filter(f"there is a syntax error in '{text[:200]}'.") from None
    except ODataException as wrong:
        raise errors.bad_filter(str(wrong)) from None
    if tree is None:
        raise errors.bad_filter("it is empty.")
    return tree


def spelled(text: str) -> str:
    """A filter as the parser spells it."""
    return _SPELLED.sub(_as_the_parser_spells_it, text)


_WORDS = frozenset(("not", "and", "or", "in"))
"""What is no function, though a parenthesis may follow at once (OData 4.01; Graph's pages write ``NOT(``)."""


def _as_the_parser_spells_it(part: re.Match[str]) -> str:
    """Functions in lower case, a comma behind the only value of a list, a typed value as a cast."""
    if part["type"]:
        return f"odata.cast({part['value']}, {part['type']})"
    if part["only"]:
        return f"in ({spelled(part['only'])},)"
    if part["function"]:
        name = part["function"].lower()
        if name in _WORDS:
            return f"{name} "
        return "odata.cast" if name == "cast" else name if name in ODATA_FUNCTIONS else part["function"]
    return part[0]


def words_of(text: str) -> str:
    """A filter without its texts, in lower case."""
    return _LITERAL.sub("''", text).lower()


class Comparison(NamedTuple):
    """What is compared, how, and with what."""

    subject: AnyNode
    how: Is
    literal: AnyNode


def comparison(node: AnyNode) -> Comparison:
    """A comparison, by a sign or a function; a filter may name the value first. Refuses all else."""
    match node:
        case ast.Compare(comparator=sign, left=left, right=right) if type(sign) in SIGNS:
            how = SIGNS[type(sign)]
            if _is_literal(left) and not _is_literal(right):
                return Comparison(right, _MIRRORED.get(how, how), left)
            return Comparison(left, how, right)
        case ast.Call(func=ast.Identifier(name=name), args=[subject, value]) if name in FUNCTIONS:
            return Comparison(subject, FUNCTIONS[name], value)
        case ast.Call() | ast.BinOp() | ast.CollectionLambda():
            raise errors.bad_filter_node()
        case _:
            raise errors.bad_filter("it does not compare a property.")


def each_of(node: AnyNode) -> Iterator[AnyNode] | None:
    """The comparisons with each value of a list; ``None`` if it is not one with a list."""
    match node:
        case ast.Compare(comparator=ast.In(), left=left, right=ast.List(val=values)):
            return (ast.Compare(ast.Eq(), left, value) for value in values)
        case _:
            return None


def untyped(node: AnyNode, path: str, wanted: str | None) -> AnyNode:
    """A literal without the type that may stand before it: the property's, if that is an enumeration."""
    found = _typed(node)
    if found is None:
        return node
    if found[0] != (wanted or "").lower():
        raise errors.bad_filter(f"'{path}' has values of another type.")
    return found[1]


def _typed(node: AnyNode) -> tuple[str, ast.String] | None:
    """The type, in lower case, and the value of ``microsoft.graph.importance'high'``."""
    match node:
        case ast.Call(func=func, args=[ast.String() as value, ast.Identifier(name=name, namespace=space)]):
            known = func == CAST and ".".join(space).lower() == "microsoft.graph"
            return (str(name).lower(), value) if known else None
        case _:
            return None


def _is_literal(node: AnyNode) -> bool:
    return _typed(node) is not None or not isinstance(
        node, (ast.Identifier, ast.Attribute, ast.Call, ast.BinOp)
    )


def path_of(node: AnyNode) -> str:
    """The property that is named. Graph compares properties, not what functions make of them."""
    match node:
        case ast.Identifier(name=name):
            return str(name)
        case ast.Attribute(owner=owner, attr=attr):
            return f"{path_of(owner)}/{attr}"
        case ast.Call() | ast.BinOp():
            raise errors.bad_filter_node()
        case _:
            raise errors.bad_filter("a property is expected.")


def value_of(node: AnyNode) -> Comparable:
    """A literal."""
    match node:
        case ast.String(val=text):
            return str(text)
        case ast.Boolean(val=word):
            return str(word).lower() == "true"
        case ast.DateTime(val=text) | ast.Date(val=text):
            return moment(text)
        case ast.Identifier() | ast.Attribute() | ast.Call() | ast.BinOp():
            raise errors.bad_filter_node()
        case _:
            raise errors.bad_filter("a literal value of another type is expected.")


def moment(text: str) -> datetime:
    """A date or a moment; without a zone it is UTC. Fractions beyond microseconds are cut."""
    try:
        if "T" not in text.upper():
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise errors.bad_filter(f"'{text}' is not a date.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
