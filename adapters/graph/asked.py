"""A request as it came: each header is found by one look, and a body that came in one piece is not copied."""

from collections.abc import AsyncIterator

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope


class Asked:
    """One request. Starlette's own looks through all headers for each one that it is asked for.

    ``root`` is where the face is mounted inside another application, ``path`` what is asked for below it.
    ``preferred`` is everything that the request prefers, in however many headers it says so.
    """

    __slots__ = ("_first", "_is_read", "_receive", "method", "path", "preferred", "query", "root", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.root: str = scope.get("root_path", "").rstrip("/")
        self.path: str = below(self.root, scope["path"]) or scope["path"]
        self.query: bytes = scope["query_string"]
        self._receive = receive
        self._is_read = False
        self._first: dict[bytes, bytes] = dict([*scope["headers"]][::-1])
        self.preferred = ", ".join(self.headers.getlist("prefer")) if b"prefer" in self._first else ""

    @property
    def headers(self) -> Headers:
        """All headers, for whoever wants more than the first of a name."""
        return Headers(raw=[*self.scope["headers"]])

    @property
    def query_params(self) -> QueryParams:
        """The parameters of the query."""
        return QueryParams(self.query)

    def header(self, name: bytes) -> str:
        """The first header of a name, which is given in lower case; empty if there is none."""
        return self._first.get(name, b"").decode("latin-1")

    def has(self, name: bytes) -> bool:
        """Whether there is such a header."""
        return name in self._first

    async def body(self, most: int) -> bytes:
        """The body: whole, or more than ``most`` bytes of it."""
        first = await self._piece()
        return first if self._is_read else await self._with_the_rest(bytearray(first), most)

    async def _with_the_rest(self, pieces: bytearray, most: int) -> bytes:
        while not self._is_read and len(pieces) <= most:
            pieces += await self._piece()
        return bytes(pieces)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body in the pieces in which it comes. Raises ``RuntimeError`` if it was read already."""
        if self._is_read:
            raise RuntimeError("Stream consumed")
        while not self._is_read:
            yield await self._piece()

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self._is_read = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


def below(root: str, path: str) -> str | None:
    """A path as it is seen from a place above it; ``None`` if it is not below that.

    ASGI has a path begin with the root (HTTP connection scope, ``root_path``); some servers leave it away.
    """
    return path[len(root) :] if path.startswith(f"{root}/") else None
