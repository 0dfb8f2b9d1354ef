"""``$filter`` and ``$orderby`` for messages as conditions on views."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any as AnyNode

from odata_query import ast

from letterbook.adapters.graph import errors, odata
from letterbook.adapters.graph.lambdas import hanging
from letterbook.application.public_ids import Kind, private
from letterbook.application.querying import (
    DEEPEST,
    All,
    Among,
    Any,
    Comparable,
    Compare,
    Field,
    Is,
    Key,
    Marked,
    Not,
    Order,
    Outside,
    Where,
    flat,
    nesting,
)
from letterbook.application.rows import MarkKind
from letterbook.domain.letter import FlagStatus, Importance, Inference
from letterbook.domain.refusals import Refused

PROPERTIES: dict[str, tuple[Field, type]] = {
    "receiveddatetime": (Field.RECEIVED, datetime),
    "sentdatetime": (Field.SENT, datetime),
    "createddatetime": (Field.CREATED, datetime),
    "lastmodifieddatetime": (Field.MODIFIED, datetime),
    "subject": (Field.SUBJECT, str),
    "from/emailaddress/address": (Field.FROM_ADDRESS, str),
    "from/emailaddress/name": (Field.FROM_NAME, str),
    "sender/emailaddress/address": (Field.SENDER_ADDRESS, str),
    "sender/emailaddress/name": (Field.SENDER_NAME, str),
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

_WORDS = {
    field: {word.lower(): word.value for word in words}
    for field, words in (
        (Field.IMPORTANCE, Importance),
        (Field.FLAG, FlagStatus),
        (Field.INFERENCE, Inference),
    )
}
"""The values of properties that are one of a few words, which are written in any case."""
_TYPES = {
    Field.IMPORTANCE: "importance",
    Field.FLAG: "followupFlagStatus",
    Field.INFERENCE: "inferenceClassificationType",
}
"""The names of the enumerations that these words make."""
_PEOPLE = frozenset({Field.FROM_ADDRESS, Field.FROM_NAME, Field.SENDER_ADDRESS, Field.SENDER_NAME})
"""Properties that a message may lack; views keep nothing in their place."""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_IN_FOLDER = "parentfolderid"
_COLLECTIONS = frozenset(
    {
        *("torecipients", "ccrecipients", "bccrecipients", "replyto", "categories", "internetmessageheaders"),
        *("attachments", "mentions", "extensions", "unsubscribedata"),
        *("singlevalueextendedproperties", "multivalueextendedproperties"),
    }
)
_OBJECTS = frozenset({"body", "uniquebody", "flag", "from", "sender", "mentionspreview"})
_OBJECTS |= {"from/emailaddress", "sender/emailaddress"}
_UNSEARCHED = frozenset(
    {
        *("id", "changekey", "bodypreview", "conversationindex", "weblink", "unsubscribeenabled"),
        *("isdeliveryreceiptrequested", "isreadreceiptrequested"),
        *(f"{body}/{part}" for body in ("body", "uniquebody") for part in ("content", "contenttype")),
        *(
            f"flag/{moment}{part}"
            for moment in ("startdatetime", "duedatetime", "completeddatetime")
            for part in ("", "/datetime", "/timezone")
        ),
    }
)
"""What a message has, and cannot be found or sorted by."""
_OF_BETA = ("mentionspreview", "unsubscribe")
_DEEPEST = 100
_MOST = 200
"""Comparisons in one filter: far below what the SQL of any view can hold."""


def parse_filter(text: str, *, beta: bool = True) -> Where:
    """A filter as a condition. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    where = flat(_Reader(beta=beta).condition(odata.parsed(text), 0))
    if nesting(where) > DEEPEST or sum(1 for _ in _named(where)) > _MOST:
        raise errors.inefficient()
    return where


class _Reader:
    """Reads filters of one version of Graph."""

    def __init__(self, *, beta: bool) -> None:
        self._beta = beta

    def condition(self, node: AnyNode, depth: int) -> Where:
        """The condition that a part of a filter makes."""
        if depth > _DEEPEST:
            raise errors.inefficient()
        match node:
            case ast.BoolOp(op=op, left=left, right=right):
                parts = (self.condition(left, depth + 1), self.condition(right, depth + 1))
                return All(parts) if isinstance(op, ast.And) else Any(parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand, depth + 1))
            case ast.CollectionLambda():
                return hanging(node)
            case ast.Identifier() | ast.Attribute():
                return self._compared(node, Is.EQUAL, ast.Boolean("true"))
            case _ if (options := odata.each_of(node)) is not None:
                return Any(tuple(self._compared(*odata.comparison(each)) for each in options))
            case _:
                return self._compared(*odata.comparison(node))

    def _compared(self, subject: AnyNode, how: Is, literal: AnyNode) -> Where:
        path = odata.path_of(subject)
        if path.lower() == _IN_FOLDER:
            return _in_folder(how, literal)
        field, kind = _findable(path, beta=self._beta)
        literal = odata.untyped(literal, path, _TYPES.get(field))
        if isinstance(literal, (ast.Identifier, ast.Attribute)):
            _findable(odata.path_of(literal), beta=self._beta)
        if isinstance(literal, ast.Null):
            return _is_nothing(field, kind, how)
        return Compare(field, how, _checked(path, field, kind, how, odata.value_of(literal)))


def _checked(path: str, field: Field, kind: type, how: Is, value: Comparable) -> Comparable:
    """A value that a property can be compared with like that."""
    if kind is datetime and isinstance(value, str):
        value = odata.moment(value)
    by_function = how in odata.FUNCTIONS.values()
    if not isinstance(value, kind) or (kind is bool and how not in (Is.EQUAL, Is.UNEQUAL)):
        raise errors.bad_filter(f"'{path}' cannot be compared like that.")
    if by_function and (kind is not str or field in _WORDS):
        raise errors.bad_filter(f"'{path}' is not text.")
    if field in _WORDS:
        return _word(field, str(value))
    return value


def _word(field: Field, value: str) -> str:
    try:
        return _WORDS[field][value.lower()]
    except KeyError:
        raise errors.bad_filter(f"'{value[:100]}' is not one of the values it can have.") from None


def _is_nothing(field: Field, kind: type, how: Is) -> Where:
    """Whether a message has the property at all: of most of them it does, whatever the message."""
    if how not in (Is.EQUAL, Is.UNEQUAL):
        raise errors.bad_filter("nothing is neither more nor less than anything.")
    if field in _PEOPLE:
        return Compare(field, how, "")
    has: Where = Compare(field, Is.STARTING_WITH, "")
    if kind is datetime:
        has = Compare(field, Is.AT_LEAST, _LONG_AGO)
    elif kind is bool:
        has = Any(tuple(Compare(field, Is.EQUAL, value) for value in (False, True)))
    return has if how is Is.UNEQUAL else Not(has)


def _in_folder(how: Is, literal: AnyNode) -> Where:
    """A folder is named by its id, which is one or another."""
    if how not in (Is.EQUAL, Is.UNEQUAL) or not isinstance(literal, ast.String):
        raise errors.bad_filter("'parentFolderId' cannot be compared like that.")
    try:
        here = Among(Key.FOLDER, (private(Kind.FOLDER, literal.val),))
    except Refused as no:
        raise errors.refused(no) from None
    return here if how is Is.EQUAL else Not(here)


def _findable(path: str, *, beta: bool) -> tuple[Field, type]:
    """A property that messages are found by; refuses others as Graph does."""
    lower = path.lower()
    if not beta and lower.startswith(_OF_BETA):
        raise errors.unknown_property(path)
    if lower in PROPERTIES:
        return PROPERTIES[lower]
    if lower in _UNSEARCHED:
        raise errors.bad_filter_node()
    if lower in _OBJECTS or lower.partition("/")[0] in _COLLECTIONS:
        raise errors.bad_filter(f"'{path}' is not a single value.")
    raise errors.unknown_property(path)


def _sortable(path: str, *, beta: bool) -> Field:
    """A property that messages are sorted by."""
    lower = path.lower()
    if not beta and lower.startswith(_OF_BETA):
        raise errors.unknown_property(path)
    if lower in PROPERTIES:
        return PROPERTIES[lower][0]
    if lower in _UNSEARCHED or lower == _IN_FOLDER:
        raise errors.inefficient()
    if lower in _OBJECTS or lower.partition("/")[0] in _COLLECTIONS:
        raise errors.bad_request("The $orderby expression must evaluate to a single value of primitive type.")
    raise errors.unknown_property(path)


def parse_order(text: str, *, beta: bool = True) -> tuple[Order, ...]:
    """An order such as ``from/emailAddress/address, receivedDateTime desc``; the first naming counts."""
    orders: list[Order] = []
    for part in text.split(","):
        words = part.split()
        if len(words) not in (1, 2) or [word.lower() for word in words[1:]] not in ([], ["asc"], ["desc"]):
            raise errors.bad_request(f"Invalid orderby clause: '{part.strip()}'.")
        field = _sortable(words[0], beta=beta)
        descending = len(words) == 2 and words[1].lower() == "desc"
        if all(field != known.by for known in orders):
            orders.append(Order(field, descending=descending))
    return tuple(orders)


def check_together(where: Where, order: tuple[Order, ...]) -> None:
    """Every property of the order must come first, in the same order, in the filter (*List messages*).

    Where the filter asks for equality alone, an order that named all of it may go on (*query parameters*).
    """
    named = list(dict.fromkeys(_named(where)))
    wanted = [each.by for each in order]
    first = wanted[: len(named)] if _is_equality(where) else wanted
    if named[: len(first)] != first:
        raise errors.inefficient()


def beyond_basic(where: Where | None) -> bool:
    """Whether a condition asks for what ``Mail.ReadBasic`` does not show (Graph: permissions reference)."""
    return where is not None and any(each in _BEYOND_BASIC for each in _named(where))


_BEYOND_BASIC = frozenset(MarkKind) - {MarkKind.CATEGORY}


def _is_equality(where: Where) -> bool:
    match where:
        case All(parts):
            return all(map(_is_equality, parts))
        case Compare(how=how):
            return how is Is.EQUAL
        case _:
            return False


def _named(where: Where) -> Iterator[Field | Key | MarkKind]:
    """What a condition is about, in its order; what is asked of something that hangs counts by itself."""
    match where:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _named(part)
        case Not(part):
            yield from _named(part)
        case Compare(field):
            yield field
        case Marked(kind, _, tests):
            yield from (kind for _ in range(1 + len(tests)))
        case Among(key):
            yield key
        case Outside():
            pass  # no filter says so
