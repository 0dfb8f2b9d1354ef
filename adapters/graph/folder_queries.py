"""What can be asked of a list of folders: ``$filter``, ``$orderby``, pages, and ``$expand=childFolders``.

A mailbox has few folders, so conditions look at the answers themselves.
"""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from odata_query import ast

from letterbook.adapters.graph import errors, odata
from letterbook.adapters.graph.expanding import Expand, expanded, parted
from letterbook.adapters.graph.hanging import as_it_is
from letterbook.adapters.graph.lambdas import PROPERTIES, hanging
from letterbook.adapters.graph.options import NO_OPTIONS, Options, read_options
from letterbook.adapters.graph.shown_filters import Findable, Holds, Sorting, in_order
from letterbook.application.marks import holds_of

Json = dict[str, Any]

MARKS = "@marks"
"""Where an answer keeps what hangs on a folder while it is being chosen; it is never shown."""
_DEEPEST_EXPANSION = 10


def _hanging(node: ast.CollectionLambda) -> Holds:
    where = hanging(node, PROPERTIES)
    return lambda shown: holds_of(shown.get(MARKS, ()), where)


FOLDERS = Findable(
    of="mailFolder",
    properties={
        **dict.fromkeys(("id", "displayName", "parentFolderId", "wellKnownName"), str),
        **dict.fromkeys(("childFolderCount", "unreadItemCount", "totalItemCount"), int),
        "isHidden": bool,
    },
    exact=frozenset({"id", "parentFolderId"}),
    hanging=_hanging,
)
"""What folders are found and sorted by."""
_OF_V1 = replace(
    FOLDERS, properties={name: kind for name, kind in FOLDERS.properties.items() if name != "wellKnownName"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderQuery:
    """A page of folders: which, in what order, what of each, and whether with those below."""

    options: Options
    holds: Holds | None = None
    order: Sorting = ()
    """By name, if there is none."""
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
        return in_order(kept, self.order or (("displayName", False),), as_it_is)


NO_QUERY = FolderQuery(options=NO_OPTIONS)


def folder_query(options: Options, *, beta: bool, depth: int = 0) -> FolderQuery:
    """What the options of a request ask for. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
    given, by = options.given, FOLDERS if beta else _OF_V1
    children, properties = (
        _expanded(given["$expand"], beta=beta, depth=depth) if "$expand" in given else (None, ())
    )
    return FolderQuery(
        options=options,
        holds=by.filter(given["$filter"]) if "$filter" in given else None,
        order=by.order(given["$orderby"]) if "$orderby" in given else (),
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
