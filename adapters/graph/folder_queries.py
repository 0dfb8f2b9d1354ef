"""What can be asked of a list of folders: ``$filter``, ``$orderby``, pages, and ``$expand=childFolders``.

A mailbox has few folders, so conditions look at the answers themselves.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from odata_query import ast

from letterbook.adapters.graph import errors, odata
from letterbook.adapters.graph.lambdas import PROPERTIES, hanging
from letterbook.adapters.graph.options import NO_OPTIONS, Expand, Options, expanded, parted, read_options
from letterbook.application.marks import holds_of
from letterbook.application.querying import Where

Json = dict[str, Any]
Holds = Callable[[Json], bool]
Compare = Callable[[Any, Any], bool]

_PROPERTIES: dict[str, tuple[str, type]] = {
    name.lower(): (name, kind)
    for name, kind in (
        ("id", str),
        ("displayName", str),
        ("parentFolderId", str),
        ("childFolderCount", int),
        ("unreadItemCount", int),
        ("totalItemCount", int),
        ("isHidden", bool),
        ("wellKnownName", str),
    )
}
_EXACT = frozenset({"id", "parentFolderId"})
"""Text that is compared as it is; all other without regard to case."""
MARKS = "@marks"
"""Where an answer keeps what hangs on a folder while it is being chosen; it is never shown."""
_DEEPEST = 50
_DEEPEST_EXPANSION = 10

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderQuery:
    """A page of folders: which, in what order, what of each, and whether with those below."""

    options: Options
    holds: Holds | None = None
    order: tuple[tuple[str, bool], ...] = ()
    """Properties, and whether each descends; by name, if there are none."""
    children: "FolderQuery | None" = None
    properties: tuple[Expand, ...] = ()
    """Extended properties that are to be shown inside each."""

    @property
    def looks(self) -> bool:
        """Whether it has to look at every folder to know what to show."""
        return self.holds is not None or bool(self.order)

    @property
    def beyond_basic(self) -> bool:
        """Whether it is about extended properties, which ``Mail.ReadBasic`` does not show."""
        asked = odata.words_of(self.options.given.get("$filter", ""))
        below = self.children is not None and self.children.beyond_basic
        return bool(self.properties) or below or "extendedproperties" in asked

    @property
    def selected(self) -> tuple[str, ...]:
        """The properties as a context names them."""
        below = () if self.children is None else (f"childFolders({','.join(self.children.selected)})",)
        return (*self.options.select, *(f"{each.name}()" for each in self.properties), *below)

    def cut(self, whole: Json) -> Json:
        """What is wanted of a folder."""
        if not self.options.select:
            return {name: value for name, value in whole.items() if name != MARKS}
        wanted = {"@odata.type", "id", *(name.rpartition("/")[2] for name in self.options.select)}
        return {name: value for name, value in whole.items() if name in wanted}

    def chosen(self, folders: list[Json]) -> list[Json]:
        """The folders that are wanted, in order, whatever the page."""
        kept = [each for each in folders if self.holds is None or self.holds(each)]
        for name, descending in reversed(self.order or (("displayName", False),)):
            kept.sort(key=lambda each: _sortable(each.get(name)), reverse=descending)
        return kept


NO_QUERY = FolderQuery(options=NO_OPTIONS)


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes first; text without regard to case."""
    return (value is not None, value.casefold() if isinstance(value, str) else value or 0)


def folder_query(options: Options, *, beta: bool, depth: int = 0) -> FolderQuery:
    """What the options of a request ask for. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    given = options.given
    children, properties = (
        _expanded(given["$expand"], beta=beta, depth=depth) if "$expand" in given else (None, ())
    )
    return FolderQuery(
        options=options,
        holds=parse_filter(given["$filter"]) if "$filter" in given else None,
        order=parse_order(given["$orderby"]) if "$orderby" in given else (),
        children=children,
        properties=properties,
    )


# --- $expand ---------------------------------------------------------------------------------------

_EXPAND = re.compile(r"\s*childFolders\s*(?:\((.*)\))?\s*", re.IGNORECASE | re.DOTALL)


def _expanded(text: str, *, beta: bool, depth: int) -> tuple[FolderQuery | None, tuple[Expand, ...]]:
    """The folders below, and the extended properties, that are to be shown inside."""
    if not text:
        raise errors.not_expandable(text)
    clauses = parted(text, ",")
    below = [found for each in clauses if (found := _EXPAND.fullmatch(each))]
    if len(below) > 1:
        raise errors.bad_request("$expand names 'childFolders' more than once.")
    others = ",".join(each for each in clauses if not _EXPAND.fullmatch(each))
    properties = expanded(others, "mailFolder", beta=beta) if others or not below else ()
    return _children(below[0], beta=beta, depth=depth) if below else None, properties


def _children(wanted: re.Match[str], *, beta: bool, depth: int) -> FolderQuery:
    if depth >= _DEEPEST_EXPANSION:
        raise errors.bad_request(f"$expand is nested deeper than {_DEEPEST_EXPANSION}.")
    pairs = [_pair(part) for part in parted(wanted[1] or "", ";") if part.strip()]
    inner = read_options(urlencode(pairs).encode(), beta=beta, of="mailFolder")
    return folder_query(inner, beta=beta, depth=depth + 1)


def _pair(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals or not name.strip().startswith("$"):
        raise errors.bad_request(f"Invalid expand clause: '{option.strip()[:200]}'.")
    return name.strip(), value.strip()


# --- $orderby --------------------------------------------------------------------------------------


def parse_order(text: str) -> tuple[tuple[str, bool], ...]:
    """An order such as ``totalItemCount desc, displayName``; the first naming of a property counts."""
    found: dict[str, bool] = {}
    for part in text.split(","):
        name, *direction = part.split() or [""]
        if [word.lower() for word in direction] not in ([], ["asc"], ["desc"]) or not name:
            raise errors.bad_request(f"Invalid orderby clause: '{part.strip()[:200]}'.")
        known, _ = _property(name)
        found.setdefault(known, [word.lower() for word in direction] == ["desc"])
    return tuple(found.items())


def _property(name: str) -> tuple[str, type]:
    try:
        return _PROPERTIES[name.lower()]
    except KeyError:
        raise errors.unknown_property(name, "mailFolder") from None


# --- $filter ---------------------------------------------------------------------------------------


def parse_filter(text: str) -> Holds:
    """A filter as a condition on answers."""
    return _condition(odata.parsed(text), 0)


def _condition(node: Any, depth: int) -> Holds:
    if depth > _DEEPEST:
        raise errors.inefficient()
    match node:
        case ast.BoolOp(op=op, left=left, right=right):
            one, other = _condition(left, depth + 1), _condition(right, depth + 1)
            return _all(one, other) if isinstance(op, ast.And) else _any(one, other)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _not(_condition(operand, depth + 1))
        case ast.Compare(comparator=ast.In(), left=left, right=ast.List(val=values)):
            return _in(left, values)
        case ast.Compare(comparator=sign, left=left, right=right) if type(sign) in _SIGNS:
            return _compared(left, _SIGNS[type(sign)], right)
        case ast.Call(func=ast.Identifier(name=name), args=[subject, value]) if name in _FUNCTIONS:
            return _compared(subject, _FUNCTIONS[name], value, only=str)
        case ast.Identifier():
            return _compared(node, operator.eq, ast.Boolean("true"))
        case ast.CollectionLambda():
            return _hanging(hanging(node, PROPERTIES))
        case ast.Call() | ast.BinOp():
            raise errors.bad_filter_node()
        case _:
            raise errors.bad_filter("it does not compare a property of a folder.")


def _hanging(where: Where) -> Holds:
    return lambda shown: holds_of(shown.get(MARKS, ()), where)


def _all(one: Holds, other: Holds) -> Holds:
    return lambda shown: one(shown) and other(shown)


def _any(one: Holds, other: Holds) -> Holds:
    return lambda shown: one(shown) or other(shown)


def _not(one: Holds) -> Holds:
    return lambda shown: not one(shown)


def _in(subject: Any, values: list[Any]) -> Holds:
    each = [_compared(subject, operator.eq, value) for value in values]
    return lambda shown: any(holds(shown) for holds in each)


def _compared(subject: Any, compare: Compare, literal: Any, only: type | None = None) -> Holds:
    if isinstance(subject, (ast.Call, ast.BinOp)):
        raise errors.bad_filter_node()
    if not isinstance(subject, ast.Identifier):
        raise errors.bad_request("Invalid filter clause: a property of a mail folder is expected first.")
    name, kind = _property(subject.name)
    wanted = _value(literal)
    if not _comparable(kind, compare, wanted) or (only and type(wanted) is not only):
        raise errors.bad_request(f"Invalid filter clause: '{subject.name}' cannot be compared like that.")
    fold = _as_it_is if kind is not str or name in _EXACT else _without_case
    return lambda shown: _holds(fold(shown.get(name)), compare, fold(wanted))


def _comparable(kind: type, compare: Compare, wanted: Any) -> bool:
    """Anything is or is not nothing, and a truth is or is not another; else the types have to be the same."""
    if compare not in (operator.eq, operator.ne) and (wanted is None or kind is bool):
        return False
    return wanted is None or type(wanted) is kind


def _as_it_is(value: Any) -> Any:
    return value


def _without_case(value: Any) -> Any:
    return value and value.casefold()


def _holds(here: Any, compare: Compare, wanted: Any) -> bool:
    """Nothing equals nothing, and is neither more nor less than anything (OData 4.01, part 2, 5.1.1.1)."""
    if here is None or wanted is None:
        return compare in (operator.eq, operator.ne) and compare(here, wanted)
    return compare(here, wanted)


def _value(node: Any) -> str | int | bool | None:
    match node:
        case ast.String(val=text):
            return str(text)
        case ast.Integer(val=digits):
            return int(digits)
        case ast.Boolean(val=word):
            return str(word).lower() == "true"
        case ast.Null():
            return None
        case _:
            raise errors.bad_request("Invalid filter clause: a literal value is expected.")
