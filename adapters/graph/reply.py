"""Answers that are ready when they are made: nothing is looked up or encoded while they are sent."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

_JSON = (b"content-type", JSON.encode())
_EMPTY_HANDED = frozenset({204, 304})
"""Answers that have no length, as they have no body."""
_NO_MORE: Mapping[str, str] = MappingProxyType({})


class Reply(Response):
    """JSON, or nothing at all. It says what Starlette's own answer would say, in the same order."""

    def __init__(self, body: bytes, status: int = 200, headers: Mapping[str, str] = _NO_MORE) -> None:
        self.status_code, self.body, self.background = status, body, None
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        if status not in _EMPTY_HANDED:
            raw.append((b"content-length", b"%d" % len(body)))
        if body:
            raw.append(_JSON)
        self.raw_headers = raw

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Say it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


class Page(Reply):
    """A page of a collection, which may be answered again as it is while nobody writes."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        super().__init__(body, headers=headers)
        self.more = headers
