"""``any()`` in a filter: what hangs on messages. Graph knows no ``all()`` of mail.

What is said of one element is brought into cases, each of which is a row of tests that have to be passed
together: ``any`` of several cases is any of them.
"""

from collections.abc import Callable
from itertools import product
from typing import Any as AnyNode
from uuid import UUID

from odata_query import ast

from letterbook.adapters.graph import errors, odata
from letterbook.adapters.graph.extension_names import plain_name
from letterbook.application.marks import without_nul
from letterbook.application.moments import microseconds
from letterbook.application.querying import All, Any, Cast, Is, Marked, Probe, Where
from letterbook.application.rows import MarkKind
from letterbook.domain.letter import property_key

Case = list[tuple[AnyNode, bool]]
"""Comparisons that have to hold, or (``True``) must not hold, of one element."""

_MOST = 200
_DEEPEST = 100


PROPERTIES = frozenset({"singlevalueextendedproperties", "multivalueextendedproperties"})
"""What hangs on folders, too."""


def hanging(node: ast.CollectionLambda, among: frozenset[str] | None = None) -> Where:
    """The condition that a lambda makes; ``among``: only about these collections."""
    path = odata.path_of(node.owner).lower()
    read = _READERS.get(path) if among is None or path in among else None
    if read is None or not isinstance(node.operator, ast.Any):
        raise errors.bad_filter_node()
    if node.lambda_ is None:
        return read("", [])
    name = node.lambda_.identifier.name
    return Any(tuple(read(name, case) for case in _cases(node.lambda_.expression, denied=False, depth=0)))


def _cases(node: AnyNode, *, denied: bool, depth: int) -> list[Case]:
    """The cases in which an expression holds, or is ``denied``."""
    if depth > _DEEPEST:
        raise errors.inefficient()
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _cases(operand, denied=not denied, depth=depth + 1)
        case ast.BoolOp(op=op, left=left, right=right):
            parts = [_cases(part, denied=denied, depth=depth + 1) for part in (left, right)]
            return _both(*parts) if isinstance(op, ast.And) != denied else _bounded([*parts[0], *parts[1]])
        case _:
            return _options(node, denied=denied)


def _options(node: AnyNode, *, denied: bool) -> list[Case]:
    """A comparison with a list is one with any of its values."""
    if (options := odata.each_of(node)) is None:
        return [[(node, denied)]]
    cases: list[Case] = [[(option, denied)] for option in options]
    return [[each for case in cases for each in case]] if denied else cases


def _both(one: list[Case], other: list[Case]) -> list[Case]:
    if len(one) * len(other) > _MOST:
        raise errors.inefficient()
    return _bounded([[*a, *b] for a, b in product(one, other)])


def _bounded(cases: list[Case]) -> list[Case]:
    if sum(map(len, cases)) > _MOST:
        raise errors.inefficient()
    return cases


# --- What hangs on a message -----------------------------------------------------------------------


def _category(element: str, case: Case) -> Where:
    tests = tuple(_test(node, element, denied=denied) for node, denied in case)
    return Marked(MarkKind.CATEGORY, ("",), tests)


def _extension(element: str, case: Case) -> Where:
    ids, others = _ids(element, case)
    if not ids or others:
        raise errors.bad_filter_node()
    return All(tuple(Marked(MarkKind.EXTENSION, (without_nul(plain_name(each)),)) for each in ids))


def _single(element: str, case: Case) -> Where:
    ids, others = _ids(element, case)
    value = f"{element}/value"
    tests = tuple(_test(node, value, denied=denied) for node, denied in others)
    return _property(MarkKind.SINGLE, ids, tests)


def _multi(element: str, case: Case) -> Where:
    """An extended property with several values: that it is there, or that one of its values is so."""
    ids, others = _ids(element, case)
    there = _property(MarkKind.MULTI, ids, ())
    return All((there, *(_one_of_its_values(element, node, ids, denied) for node, denied in others)))


def _one_of_its_values(element: str, node: AnyNode, ids: list[str], denied: bool) -> Where:
    match node:
        case ast.CollectionLambda(owner=owner, operator=ast.Any(), lambda_=ast.Lambda() as inner):
            if denied or not _is(owner, f"{element}/value"):
                raise errors.bad_filter_node()
            name = inner.identifier.name
            cases = _cases(inner.expression, denied=False, depth=0)
            tests = [tuple(_test(each, name, denied=not_so) for each, not_so in case) for case in cases]
            return Any(tuple(_property(MarkKind.VALUE, ids, each) for each in tests))
        case _:
            raise errors.bad_filter_node()


def _property(kind: MarkKind, ids: list[str], tests: tuple[Probe, ...]) -> Where:
    """The properties of a message are found by their ids; none has two."""
    keys = {without_nul(property_key(each)) for each in ids}
    if not keys:
        raise errors.bad_filter_node()
    return Marked(kind, (keys.pop(),), tests) if len(keys) == 1 else Any(())


_READERS: dict[str, Callable[[str, Case], Where]] = {
    "categories": _category,
    "extensions": _extension,
    "singlevalueextendedproperties": _single,
    "multivalueextendedproperties": _multi,
}


# --- Tests of one element --------------------------------------------------------------------------


def _ids(element: str, case: Case) -> tuple[list[str], Case]:
    """The ids that a case asks for, and what else it says."""
    ids: list[str] = []
    others: Case = []
    for node, denied in case:
        wanted = None if denied else _id(node, element)
        if wanted is None:
            others.append((node, denied))
        else:
            ids.append(wanted)
    return ids, others


def _id(node: AnyNode, element: str) -> str | None:
    if not isinstance(node, ast.Compare):
        return None
    subject, how, literal = odata.comparison(node)
    is_id = how is Is.EQUAL and _is(subject, f"{element}/id") and isinstance(literal, ast.String)
    return str(literal.val) if is_id else None


def _is(node: AnyNode, path: str) -> bool:
    named = isinstance(node, (ast.Identifier, ast.Attribute))
    return named and odata.path_of(node).lower() == path.lower()


def _test(node: AnyNode, subject: str, *, denied: bool) -> Probe:
    """A test of what ``subject`` names, read as the type that it is cast to."""
    found, how, literal = odata.comparison(node)
    cast = Cast.TEXT
    match found:
        case ast.Call(func=odata.CAST, args=[found, kind]):
            cast = _cast(kind)
        case _:
            pass
    if not _is(found, subject):
        raise errors.bad_filter_node()
    if how not in _SIGNS_OF.get(cast, _ORDERED):
        raise errors.bad_filter("a value of this type cannot be compared like that.")
    return Probe(how, _wanted(cast, literal), cast, denied)


_ORDERED = frozenset(odata.SIGNS.values())
_EQUALITY = frozenset({Is.EQUAL, Is.UNEQUAL})
_SIGNS_OF = {Cast.TEXT: frozenset(Is), Cast.TRUTH: _EQUALITY, Cast.NAME: _EQUALITY}
_CASTS = {
    **dict.fromkeys(("edm.byte", "edm.sbyte", "edm.int16", "edm.int32", "edm.int64"), Cast.WHOLE),
    **dict.fromkeys(("edm.single", "edm.double", "edm.decimal"), Cast.NUMBER),
    "edm.boolean": Cast.TRUTH,
    "edm.guid": Cast.NAME,
    "edm.datetimeoffset": Cast.MOMENT,
    "edm.string": Cast.TEXT,
}


def _cast(node: AnyNode) -> Cast:
    named = ".".join((*node.namespace, node.name)) if isinstance(node, ast.Identifier) else ""
    try:
        return _CASTS[named.lower()]
    except KeyError:
        raise errors.bad_filter_node() from None


def _wanted(cast: Cast, node: AnyNode) -> str | int | float:
    """A literal of the type that is asked for."""
    match cast, node:
        case (Cast.TEXT, ast.String(val=text)):
            return without_nul(str(text).casefold())
        case (Cast.WHOLE, ast.Integer(val=digits)) if abs(int(digits)) < 2**63:
            return int(digits)
        case (Cast.NUMBER, ast.Integer(val=digits) | ast.Float(val=digits)):
            return float(digits)
        case (Cast.TRUTH, ast.Boolean(val=word)):
            return int(str(word).lower() == "true")
        case (Cast.NAME, ast.GUID(val=name)):
            return str(UUID(name))
        case (Cast.MOMENT, ast.DateTime(val=text) | ast.Date(val=text)):
            return microseconds(odata.moment(text))
        case _:
            raise errors.bad_filter("a literal value of another type is expected.")
