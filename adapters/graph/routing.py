"""From a path to a route: words in any case, keys as ``/id`` or ``('id')``, a trailing slash or none."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from letterbook.adapters.graph import errors

if TYPE_CHECKING:
    from starlette.responses import Response

    from letterbook.adapters.graph.call import Call

Handler = Callable[["Call"], Awaitable["Response"]]

_NAMESPACE = "microsoft.graph."
"""Actions may be called by their full name: ``/microsoft.graph.reply`` (OData 4.0, part 2, section 4.6)."""

_SHORTHAND = {
    "U": ("me", "users/{user}"),
    "F": ("U/mailFolders/{folder}", "U/mailFolders/{above}/childFolders/{folder}"),
    "M": ("U/messages/{message}", "F/messages/{message}"),
}
"""U is a mailbox, F a folder in it, M a message by itself or in a folder."""


BY_URL = frozenset({"the URL itself"})
"""Stands where scopes do for a URL that is its own key."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table of contents."""

    method: str
    path: str
    scopes: frozenset[str]
    handler: Handler
    beta_only: bool = False
    of: str = "message"
    """The type of what is answered, whose properties ``$select`` chooses from."""
    whose: Literal["mailbox", "person", "nobody"] = "mailbox"
    """Whether ``U`` is a mailbox that is opened, a person who is looked at, or not in the path at all."""
    tracks: bool = False
    """Whether it answers what changed, to whoever follows its links."""

    def __post_init__(self) -> None:
        """A line without a scope would be open to everybody, or to nobody: it cannot be written."""
        if not self.scopes:
            raise ValueError(f"{self.method} {self.path} names no scope")

    @property
    def by_url(self) -> bool:
        """Whether the URL itself is the key, so that no token is asked for."""
        return self.scopes == BY_URL


@dataclass(slots=True)
class _Node:
    words: dict[str, "_Node"] = field(default_factory=dict)
    key: tuple[str, "_Node"] | None = None
    routes: dict[str, Route] = field(default_factory=dict)
    """By method; what is only in the beta version is not ``released``."""
    released: dict[str, Route] = field(default_factory=dict)


class Router:
    """The routes as a tree."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            for path in spelled_out(route.path):
                node = self._plant(path)
                node.routes[route.method] = route
                if not route.beta_only:
                    node.released[route.method] = route

    def _plant(self, path: str) -> _Node:
        """The place of a path. What is below a child folder is what is below any folder, however deep."""
        before = node = self._root
        for part in path.split("/"):
            if part.startswith("{"):
                below = before if node is before.words.get("childfolders") else _Node()
                node.key = node.key or (part[1:-1], below)
                node = node.key[1]
            else:
                before, node = node, node.words.setdefault(part.lower(), _Node())
        return node

    def find(self, method: str, segments: list[str], *, beta: bool) -> tuple[Route, dict[str, str]]:
        """The route and the keys of its path. Raises :class:`letterbook.adapters.graph.errors.GraphError`."""
        node, keys = self._root, dict[str, str]()
        for segment in segments:
            named = segment.lower()
            word = node.words.get(named)
            if word is None and named.startswith(_NAMESPACE):
                word = node.words.get(named.removeprefix(_NAMESPACE))
            if word is not None:
                node = word
            elif node.key is not None:
                name, node = node.key
                if name in keys:  # a folder below that one
                    keys["above"] = f"{keys['above']}/{keys[name]}" if "above" in keys else keys[name]
                keys[name] = segment
            else:
                raise errors.unknown_segment(segment)
        routes = node.routes if beta else node.released
        if not routes:
            raise errors.unknown_segment(segments[-1] if segments else "")
        if method not in routes:
            raise errors.method_not_allowed(set(routes))
        return routes[method], keys


def spelled_out(path: str) -> Iterator[str]:
    """Every path that a line with a shorthand stands for."""
    head, slash, rest = path.partition("/")
    if head not in _SHORTHAND:
        yield path
        return
    for longer in _SHORTHAND[head]:
        yield from spelled_out(f"{longer}{slash}{rest}")


_CALLED = re.compile(r"^([A-Za-z.]+)\((\w+=[^()]*)\)$", re.ASCII)
_KEY = re.compile(r"^([^()']+)\('((?:[^']|'')*)'\)$")


def segments_of(path: str) -> list[str]:
    """The segments of a path; ``messages('id')`` gives two, as does ``function(Name='value')``.

    A second slash behind the version is passed over: some clients write one.
    """
    version, _, rest = path.strip("/").partition("/")
    parts = (version, *rest.lstrip("/").split("/")) if rest else (version,)
    return _taken_apart(parts) if "(" in path else [*parts]


def _taken_apart(parts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        keyed = _KEY.match(part)
        if called := _CALLED.match(part):
            found += [called[1], called[2]]
        elif keyed:
            found += [keyed[1], keyed[2].replace("''", "'")]
        else:
            found.append(part.removesuffix("()"))
    return found
