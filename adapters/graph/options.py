"""The query options of a request: ``$select $top $skip $count $orderby $filter $search $expand``."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from letterbook.adapters.graph import errors, filters
from letterbook.adapters.graph.expanding import EVENT, ITEM, Expand, expanded
from letterbook.adapters.graph.option_values import LARGEST_PAGE, flag, number, select
from letterbook.application.querying import NEWEST_FIRST, Order, Where

DEFAULT_PAGE = 10
LONGEST = 8192
"""Characters of one query option."""

_KNOWN = ("select", "top", "skip", "count", "orderby", "filter", "expand", "search", "format", "skiptoken")
_TRACKED = {
    "message": frozenset({"$select", "$top", "$expand", "$filter", "$orderby", "changeType"}),
    "mailFolder": frozenset({"$select"}),
}
"""What can be asked of changes (Graph: *message: delta*, *mailFolder: delta*)."""
_WORKED_OUT = frozenset({"internetMessageHeaders", "uniqueBody"})
"""What is made anew of a whole message whenever it is selected."""
_COLLECTIONS = {"message": "Messages", "mailFolder": "MailFolders"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a request asks for beside its path. ``given`` is what it literally said, for links."""

    given: dict[str, str]
    select: tuple[str, ...] = ()
    top: int = DEFAULT_PAGE
    skip: int = 0
    count: bool = False
    order: tuple[Order, ...] = NEWEST_FIRST
    where: Where | None = None
    expand: tuple[Expand, ...] = ()
    skiptoken: str | None = None
    deltatoken: str | None = None
    search: str | None = None

    @property
    def opens(self) -> Expand | None:
        """What of the item in an item attachment is to be shown."""
        return next((each for each in self.expand if each.name == ITEM), None)

    @property
    def opens_events(self) -> bool:
        """Whether events are to be shown, each told from all messages about it."""
        return any(each.name == EVENT for each in self.expand)

    @property
    def shows_bodies(self) -> bool:
        """Whether the bodies of messages are asked for."""
        return not self.select or not {"body", "uniqueBody"}.isdisjoint(self.select)

    @property
    def is_long_to_answer(self) -> bool:
        """Whether more is to be shown than stands ready in a view."""
        return self.opens_events or not _WORKED_OUT.isdisjoint(self.select)

    def link(self, **changes: str) -> str:
        """The query of a link to another page: what was given, with changes."""
        merged = {**self.given, **{f"${name}": value for name, value in changes.items()}}
        return "&".join(
            f"{quote(name, safe='$')}={quote(value, safe='$,()/:')}"
            for name, value in merged.items()
            if value
        )


NO_OPTIONS = Options(given={})


def read_options(query: bytes, *, beta: bool, of: str = "message", tracks: bool = False) -> Options:
    """The options of a query string. Raises :class:`letterbook.adapters.graph.errors.GraphError`.

    ``of`` is the type of what is answered; ``tracks`` tells whether it is what changed.
    """
    if not query:
        return NO_OPTIONS
    given = _named(parse_qsl(query.decode("latin-1"), keep_blank_values=True), tracks=tracks)
    if tracks:
        _check_tracked(given, of)
    where, order = _chosen(given, of, beta=beta)
    return Options(
        given=given,
        select=select(given.get("$select", ""), of, beta=beta),
        top=number(given, "$top", DEFAULT_PAGE, 1, LARGEST_PAGE),
        skip=number(given, "$skip", 0, 0, 2**31 - 1),
        count=flag(given, "$count"),
        order=order,
        where=where,
        expand=() if of == "mailFolder" else expanded(given.get("$expand", ""), of, beta=beta),
        skiptoken=given.get("$skiptoken"),
        deltatoken=given.get("$deltatoken"),
        search=given.get("$search") if of == "message" else None,
    )


def _chosen(given: dict[str, str], of: str, *, beta: bool) -> tuple[Where | None, tuple[Order, ...]]:
    """Filter and order of messages; those of attachments are passed over, as by Graph, others read later."""
    if of == "mailFolder" and "$search" in given:
        raise errors.bad_request("The query parameter '$search' is not supported.")
    if of != "message":
        return None, NEWEST_FIRST
    if "$search" in given:
        _check_search(given)
    where = filters.parse_filter(given["$filter"], beta=beta) if "$filter" in given else None
    order = filters.parse_order(given["$orderby"], beta=beta) if "$orderby" in given else NEWEST_FIRST
    if where is not None and "$orderby" in given:
        filters.check_together(where, order)
    return where, order


def _check_search(given: dict[str, str]) -> None:
    """A search sorts by itself and chooses by itself (observed: the answer to ``$orderby``)."""
    for name, code in (("$orderBy", "SearchWithOrderBy"), ("$filter", "SearchWithFilter")):
        if name.lower() in given:
            message = f"The query parameter '{name}' is not supported with '$search'."
            raise errors.GraphError(400, code, message)


def _check_tracked(given: dict[str, str], of: str) -> None:
    """Much of what a list understands is not there for changes (observed: the answer for calendar views)."""
    for name in list(given):
        for spelled in ("changeType", "includeHiddenFolders"):
            if name.lower() == spelled.lower():
                given[spelled] = given.pop(name)
    known = {"changeType", *(f"${name}" for name in _KNOWN)} - {"$format", "$skiptoken"}
    if wrong := [name for name in given if name in known - _TRACKED[of]]:
        raise errors.not_tracked(_COLLECTIONS[of], wrong)


def _named(pairs: list[tuple[str, str]], *, tracks: bool = False) -> dict[str, str]:
    """Options by their full name; the ``$`` may be left out, the case does not matter."""
    named: dict[str, str] = {}
    options = (*_KNOWN, "deltatoken") if tracks else _KNOWN
    for name, value in pairs:
        plain = name.removeprefix("$").lower()
        if plain in options and len(value) > LONGEST:
            raise errors.bad_request(f"The query option '${plain}' is too long.")
        if plain in options:
            if f"${plain}" in named:
                raise errors.bad_request(f"Query option '{name}' was specified more than once.")
            named[f"${plain}"] = value
        elif name.startswith("$"):
            raise errors.bad_request(f"The query parameter '{name}' is not supported.")
        else:
            named[name] = value
    return named
