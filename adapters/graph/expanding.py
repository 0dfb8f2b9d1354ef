"""``$expand``: what leads from a thing to others, and what can be asked of those inside its parentheses."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args

from odata_query import ast

from letterbook.adapters.graph import errors, odata
from letterbook.adapters.graph.option_values import LARGEST_PAGE, flag, number, select
from letterbook.adapters.graph.shown_filters import Findable, Holds, Json, Sorting, Words, in_order
from letterbook.domain.categories import Colour
from letterbook.domain.letter import Inference

T = TypeVar("T")

ITEM = "microsoft.graph.itemattachment/item"
EVENT = "microsoft.graph.eventMessage/event"
_EXTENDED = {
    "singleValueExtendedProperties": "singleValueLegacyExtendedProperty",
    "multiValueExtendedProperties": "multiValueLegacyExtendedProperty",
}
_HANGING = ("attachments", "extensions", *_EXTENDED)
_NAVIGATIONS = {
    "message": (*_HANGING, "mentions", EVENT),
    "attachment": (ITEM,),
    "outlookItem": (*_HANGING, "mentions"),
    "event": _HANGING,
    "mailFolder": tuple(_EXTENDED),
    "outlookUser": ("masterCategories",),
    "inferenceClassification": ("overrides",),
}
"""What leads on from things of a type; version 1.0 knows no mentions."""
_TYPES = _EXTENDED | {
    "attachments": "attachment",
    "extensions": "extension",
    "mentions": "mention",
    ITEM: "outlookItem",
    EVENT: "event",
    "masterCategories": "outlookCategory",
    "overrides": "override",
}
"""The types of what is expanded."""
FINDABLE = {
    "attachments": Findable(
        of="attachment",
        properties={
            **dict.fromkeys(("id", "name", "contentType", "contentId"), str),
            "size": int,
            "isInline": bool,
            "lastModifiedDateTime": datetime,
        },
        exact=frozenset({"id"}),
    ),
    "mentions": Findable(
        of="mention",
        properties={
            **dict.fromkeys(("id", "mentionText", "clientReference", "deepLink", "application"), str),
            **{f"{who}/{part}": str for who in ("mentioned", "createdBy") for part in ("name", "address")},
            **dict.fromkeys(("createdDateTime", "serverCreatedDateTime"), datetime),
        },
        exact=frozenset({"id"}),
    ),
    "extensions": Findable(of="openTypeExtension", properties={"id": str, "extensionName": str}),
    "masterCategories": Findable(
        of="outlookCategory",
        properties=dict.fromkeys(("id", "displayName", "color"), str),
        exact=frozenset({"id"}),
        enums={"color": Words("categoryColor", frozenset(get_args(Colour)))},
    ),
    "overrides": Findable(
        of="inferenceClassificationOverride",
        properties=dict.fromkeys(
            ("id", "classifyAs", "senderEmailAddress/name", "senderEmailAddress/address"), str
        ),
        exact=frozenset({"id"}),
        enums={"classifyAs": Words("inferenceClassificationType", frozenset(Inference))},
    ),
    **{name: Findable(of=of, properties={"id": str, "value": str}) for name, of in _EXTENDED.items()},
}
"""What of those of which there are many they are found and sorted by."""

_ASKED = frozenset({"$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"})
_ASKED_OF_MANY = _ASKED - {"$select", "$expand"}
_CLAUSE = re.compile(r"\s*+([A-Za-z.]++(?:/[A-Za-z]++)?)\s*+(?:\((.*)\))?\s*+", re.DOTALL)
_CAST = re.compile(r"microsoft\.graph\.(?:message|event|contact)/", re.IGNORECASE)
_STOPS = re.compile(r"'[^']*+'?|[(),;]")
_OPEN_QUOTE = re.compile(r"'[^']*+")
_MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Expand:
    """One navigation to be shown inline, and which of what it leads to, how and how many.

    ``only`` are the ids that a filter asks for, where nothing else can be asked; ``members`` the members of
    each that are wanted, in lower case; ``None``: all. ``inside`` is what is to be shown inside each.
    """

    name: str
    only: tuple[str, ...] | None = None
    members: frozenset[str] | None = None
    inside: tuple["Expand", ...] = ()
    holds: Holds | None = None
    order: Sorting = ()
    top: int | None = None
    skip: int = 0
    count: bool = False

    def leading_to(self, name: str) -> "Expand | None":
        """What is asked of something that is to be shown inside; ``None`` if it is not."""
        return next((each for each in self.inside if each.name == name), None)

    @property
    def deeper(self) -> "Expand | None":
        """What of the items attached to an item is to be shown: all, unless something else was asked for."""
        return self.leading_to(ITEM) or (Expand(ITEM) if self.members is None else None)

    def chosen(self, things: Iterable[T], shown: Callable[[T], Json]) -> list[T]:
        """Those that are asked for, in the order that is, on all pages."""
        held = [each for each in things if self.holds is None or self.holds(shown(each))]
        return in_order(held, self.order, shown)

    def page(self, chosen: Sequence[T]) -> Sequence[T]:
        """Those of the page that is asked for."""
        return chosen[self.skip :][: self.top]

    def inlined(self, where: str, page: list[Json], count: int) -> Json:
        """The page as it is shown inside what it hangs on."""
        counted: Json = {f"{self.name}@odata.count": count} if self.count else {}
        return {f"{self.name}@odata.context": where, **counted, self.name: page}

    def members_of(self, shown: Json) -> Json:
        """What is wanted of one of them; its id, what it is and what is shown inside always come."""
        if self.members is None:
            return shown
        wanted = {"id", *self.members, *(each.name.lower() for each in self.inside)}
        return {name: it for name, it in shown.items() if name.lower() in wanted or "@" in name}


def expanded(text: str, of: str, *, beta: bool) -> tuple[Expand, ...]:
    """What is to be shown inside something of a type; of what is said twice the last counts."""
    found: dict[str, Expand] = {}
    for clause in parted(text, ",") if text else ():
        part = _CLAUSE.fullmatch(clause)
        if part is None:
            raise errors.bad_request(f"Invalid expand clause: '{text[:200]}'.")
        name = _navigation(part[1], of, beta=beta)
        found[name] = _expanded(name, part[2] or "", beta=beta)
    return tuple(found.values())


def parted(text: str, mark: str) -> list[str]:
    """The parts between marks that are neither in parentheses nor in quotes."""
    parts, depth, begun = [], 0, 0
    for found in _STOPS.finditer(text):  # only there anything changes: this is done on every level anew
        stop = found[0]
        depth += (stop == "(") - (stop == ")")
        if depth < 0 or _OPEN_QUOTE.fullmatch(stop):
            raise errors.bad_request(f"Invalid expand clause: '{text[:200]}'.")
        if stop == mark and not depth:
            parts.append(text[begun : found.start()])
            begun = found.end()
    if depth:
        raise errors.bad_request(f"Invalid expand clause: '{text[:200]}'.")
    return [*parts, text[begun:]]


def _navigation(name: str, of: str, *, beta: bool) -> str:
    """What leads on from something, by its name in any case; from an item also behind the item's type."""
    plain = _CAST.sub("", name) if of == "outlookItem" else name
    known = {each.lower(): each for each in _NAVIGATIONS.get(of, ())}.get(plain.lower())
    if known is None or (known == "mentions" and not beta):
        raise errors.not_expandable(name)
    return known


def _expanded(name: str, inner: str, *, beta: bool) -> Expand:
    given = _given(name, inner)
    if name in _EXTENDED and "$filter" not in given:
        raise errors.bad_request(f"$expand of {name} requires a $filter on id.")
    return asked_of(name, given, beta=beta)


def asked_of(name: str, given: dict[str, str], *, beta: bool) -> Expand:
    """What options ask of something that is expanded, or listed by itself."""
    ids_alone = name == "extensions" or name in _EXTENDED
    return Expand(
        name,
        only=tuple(_ids(odata.parsed(given["$filter"]), 0)) if ids_alone and "$filter" in given else None,
        members=_members(name, given.get("$select", ""), beta=beta),
        inside=expanded(given.get("$expand", ""), _TYPES[name], beta=beta),
        holds=FINDABLE[name].filter(given["$filter"]) if not ids_alone and "$filter" in given else None,
        order=FINDABLE[name].order(given["$orderby"]) if "$orderby" in given else (),
        top=number(given, "$top", LARGEST_PAGE, 1, LARGEST_PAGE) if "$top" in given else None,
        skip=number(given, "$skip", 0, 0, 2**31 - 1),
        count=flag(given, "$count"),
    )


def _given(name: str, inner: str) -> dict[str, str]:
    """The options in parentheses, by their full names; written without ``$`` or in any case, too."""
    found: dict[str, str] = {}
    for option in (part for part in parted(inner, ";") if part.strip()):
        said, equals, value = option.partition("=")
        full = f"${said.strip().removeprefix('$').lower()}"
        if not equals or full not in _ASKED:
            raise errors.bad_request(f"Invalid expand clause: '{option.strip()[:200]}'.")
        if full in found:
            raise errors.bad_request(f"Query option '{full}' was specified more than once.")
        if name in (ITEM, EVENT) and full in _ASKED_OF_MANY:
            raise errors.bad_request(
                f"The query option '{full}' cannot be applied to '{name}', which is one."
            )
        found[full] = value.strip()
    return found


def _members(name: str, text: str, *, beta: bool) -> frozenset[str] | None:
    """The members that are wanted of each, whatever type they are said to belong to."""
    names = select(_CAST.sub("", text) if name == ITEM else text, _TYPES[name], beta=beta)
    return frozenset(each.rpartition("/")[2].lower() for each in names) or None


def _ids(node: Any, depth: int) -> Iterator[str]:
    """The ids in a filter such as ``id eq 'a' or id eq 'b'``; nothing else chooses what is shown inside."""
    match node:
        case ast.BoolOp(op=ast.Or(), left=left, right=right) if depth < _MOST_IDS:
            yield from _ids(left, depth + 1)
            yield from _ids(right, depth + 1)
        case ast.Compare(ast.Eq(), ast.Identifier(name=name), ast.String(val=text)) if name.lower() == "id":
            yield str(text)
        case _:
            raise errors.bad_filter("only ids can be compared here.")
