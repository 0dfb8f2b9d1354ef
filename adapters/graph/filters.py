"""``$filter`` and ``$orderby`` for messages as conditions on views; the ``odata-query`` library parses."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any as AnyNode

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from letterbook.adapters.graph import errors
from letterbook.application.querying import (
    DEEPEST,
    All,
    Among,
    Any,
    Comparable,
    Compare,
    Field,
    Is,
    Not,
    Order,
    Where,
    flat,
    nesting,
)

PROPERTIES: dict[str, tuple[Field, type]] = {
    "receiveddatetime": (Field.RECEIVED, datetime),
    "sentdatetime": (Field.SENT, datetime),
    "createddatetime": (Field.CREATED, datetime),
    "lastmodifieddatetime": (Field.MODIFIED, datetime),
    "subject": (Field.SUBJECT, str),
    "from/emailaddress/address": (Field.FROM_ADDRESS, str),
    "from/emailaddress/name": (Field.FROM_NAME, str),
    "sender/emailaddress/address": (Field.FROM_ADDRESS, str),
    "sender/emailaddress/name": (Field.FROM_NAME, str),
    "importance": (Field.IMPORTANCE, str),
    "isread": (Field.IS_READ, bool),
    "isdraft": (Field.IS_DRAFT, bool),
    "hasattachments": (Field.HAS_ATTACHMENTS, bool),
    "flag/flagstatus": (Field.FLAG, str),
    "inferenceclassification": (Field.INFERENCE, str),
    "conversationid": (Field.CONVERSATION, str),
    "internetmessageid": (Field.INTERNET_MESSAGE_ID, str),
    "mentionspreview/ismentioned": (Field.MENTIONS_OWNER, bool),
}
"""The properties that filters and orders know, in lower case, and the type of their values."""

_SIGNS: dict[type, Is] = {
    ast.Eq: Is.EQUAL,
    ast.NotEq: Is.UNEQUAL,
    ast.Lt: Is.BELOW,
    ast.LtE: Is.AT_MOST,
    ast.Gt: Is.ABOVE,
    ast.GtE: Is.AT_LEAST,
}
_MIRRORED = {Is.BELOW: Is.ABOVE, Is.ABOVE: Is.BELOW, Is.AT_MOST: Is.AT_LEAST, Is.AT_LEAST: Is.AT_MOST}
_FUNCTIONS = {
    "startswith": Is.STARTING_WITH,
    "endswith": Is.ENDING_WITH,
    "contains": Is.CONTAINING,
}
_LONGEST = 4096
_DEEPEST = 100
_MOST = 200
"""Comparisons in one filter: far below what the SQL of any view can hold."""


def parse_filter(text: str) -> Where:
    """A filter as a condition. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    if len(text) > _LONGEST:
        raise errors.inefficient()
    try:
        tree = ODataParser().parse(ODataLexer().tokenize(text))
    except RecursionError:
        raise errors.inefficient() from None
    except ODataException as wrong:
        raise errors.bad_request(f"Invalid filter clause: {wrong}") from None
    if tree is None:
        raise errors.bad_request("Invalid filter clause: it is empty.")
    where = flat(_condition(tree, 0))
    if nesting(where) > DEEPEST or sum(1 for _ in _fields(where)) > _MOST:
        raise errors.inefficient()
    return where


def _condition(node: AnyNode, depth: int) -> Where:
    if depth > _DEEPEST:
        raise errors.inefficient()
    match node:
        case ast.BoolOp(op=op, left=left, right=right):
            parts = (_condition(left, depth + 1), _condition(right, depth + 1))
            return All(parts) if isinstance(op, ast.And) else Any(parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_condition(operand, depth + 1))
        case ast.Compare(comparator=ast.In(), left=left, right=ast.List(val=values)):
            return Any(tuple(_compare(left, Is.EQUAL, value) for value in values))
        case ast.Compare(comparator=sign, left=left, right=right):
            return _oriented(left, _sign(sign), right)
        case ast.Call(func=ast.Identifier(name=name), args=[subject, value]) if name in _FUNCTIONS:
            return _compare(subject, _FUNCTIONS[name], value)
        case ast.Identifier() | ast.Attribute():
            return _compare(node, Is.EQUAL, ast.Boolean("true"))
        case ast.CollectionLambda():
            raise errors.not_yet("A filter with any() or all()")
        case _:
            raise errors.bad_request("Invalid filter clause: it does not compare a property of a message.")


def _sign(sign: object) -> Is:
    try:
        return _SIGNS[type(sign)]
    except KeyError:
        raise errors.bad_request("Invalid filter clause: this comparison is not supported.") from None


def _oriented(left: AnyNode, how: Is, right: AnyNode) -> Where:
    """A filter may name the value first."""
    if isinstance(right, (ast.Identifier, ast.Attribute)) and not isinstance(
        left, (ast.Identifier, ast.Attribute)
    ):
        return _compare(right, _MIRRORED.get(how, how), left)
    return _compare(left, how, right)


def _compare(subject: AnyNode, how: Is, literal: AnyNode) -> Compare:
    field, kind = _property(_path(subject))
    value = _value(literal)
    if kind is datetime and isinstance(value, str):
        value = _moment(value)
    if not isinstance(value, kind) or (kind is bool and how not in (Is.EQUAL, Is.UNEQUAL)):
        raise errors.bad_request(f"Invalid filter clause: '{_path(subject)}' cannot be compared like that.")
    if kind is datetime and how in _FUNCTIONS.values():
        raise errors.bad_request("Invalid filter clause: a moment is not text.")
    return Compare(field, how, value)


def _property(path: str) -> tuple[Field, type]:
    try:
        return PROPERTIES[path.lower()]
    except KeyError:
        raise errors.unknown_property(path) from None


def _path(node: AnyNode) -> str:
    match node:
        case ast.Identifier(name=name):
            return str(name)
        case ast.Attribute(owner=owner, attr=attr):
            return f"{_path(owner)}/{attr}"
        case _:
            raise errors.bad_request("Invalid filter clause: a property is expected.")


def _value(node: AnyNode) -> Comparable:
    match node:
        case ast.String(val=text):
            return str(text)
        case ast.Boolean(val=word):
            return str(word).lower() == "true"
        case ast.DateTime(val=text):
            return _moment(text)
        case ast.Date(val=text):
            return _moment(text)
        case _:
            raise errors.bad_request("Invalid filter clause: a literal value is expected.")


def _moment(text: str) -> datetime:
    """A date or a moment; without a zone it is UTC. Fractions beyond microseconds are cut."""
    try:
        if "T" not in text.upper():
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise errors.bad_request(f"Invalid filter clause: '{text}' is not a date.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parse_order(text: str) -> tuple[Order, ...]:
    """An order such as ``from/emailAddress/address, receivedDateTime desc``; the first naming counts."""
    orders: list[Order] = []
    for part in text.split(","):
        words = part.split()
        if len(words) not in (1, 2) or [word.lower() for word in words[1:]] not in ([], ["asc"], ["desc"]):
            raise errors.bad_request(f"Invalid orderby clause: '{part.strip()}'.")
        field, _ = _property(words[0])
        descending = len(words) == 2 and words[1].lower() == "desc"
        if all(field != known.by for known in orders):
            orders.append(Order(field, descending=descending))
    return tuple(orders)


def check_together(where: Where, order: tuple[Order, ...]) -> None:
    """Every property of the order must come first, in the same order, in the filter (*List messages*).

    Where the filter asks for equality alone, an order that named all of it may go on (*query parameters*).
    """
    named = list(dict.fromkeys(_fields(where)))
    wanted = [each.by for each in order]
    first = wanted[: len(named)] if _is_equality(where) else wanted
    if named[: len(first)] != first:
        raise errors.inefficient()


def _is_equality(where: Where) -> bool:
    match where:
        case All(parts):
            return all(map(_is_equality, parts))
        case Compare(how=how):
            return how is Is.EQUAL
        case _:
            return False


def _fields(where: Where) -> Iterator[Field]:
    match where:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _fields(part)
        case Not(part):
            yield from _fields(part)
        case Compare(field):
            yield field
        case Among():
            return
