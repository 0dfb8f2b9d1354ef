"""Asks an ASGI application without a network."""

import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Event = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the application answered."""

    status: int
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object in the body; empty where there is no body."""
        read: dict[str, Any] = json.loads(self.body) if self.body else {}
        return read


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with a token, in the same process as the application."""

    app: "ASGIApp"
    token: str

    def ask(self, method: str, path: str, body: bytes = b"", content_type: str | None = None) -> Reply:
        """Make one request and wait for the answer."""
        headers = [(b"host", b"graph.microsoft.com"), (b"authorization", f"Bearer {self.token}".encode())]
        headers += [(b"content-type", content_type.encode())] if content_type else []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [*headers, (b"content-length", str(len(body)).encode())],
        }
        import asyncio  # no other command needs it

        return asyncio.run(self._exchange(scope, body))

    async def _exchange(self, scope: Event, body: bytes) -> Reply:
        said: list[Event] = []

        async def receive() -> Event:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Event) -> None:
            said.append(event)

        await self.app(scope, receive, send)
        return Reply(said[0]["status"], b"".join(event.get("body", b"") for event in said[1:]))
