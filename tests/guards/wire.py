"""Requests to the Graph face as a server makes them, without a client's library around them."""

import json
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from letterbook.adapters.book import Book
from tests.graph.client import ALEX
from tests.guards.counting import calls
from tests.looping import Conversations


class Wire:
    """Alex at the application itself, so that only its own calls are counted."""

    def __init__(self, book: Book, loop: Conversations) -> None:
        self._app: ASGIApp = book.asgi()
        self._token = book.token(ALEX)
        self._loop = loop

    def ask(self, method: str, path: str, said: object = None) -> tuple[dict[str, Any], Counter[str]]:
        """The answer, which has to be a yes, and what was called for it."""
        return self._loop.run(self._counted(method, path, _raw(said)))

    def answer(self, method: str, path: str, said: object = None) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer."""
        status, body = self._loop.run(self._answer(method, path, _raw(said)))
        return status, json.loads(body or b"{}")

    async def _counted(self, method: str, path: str, raw: bytes) -> tuple[dict[str, Any], Counter[str]]:
        with calls() as counted:
            status, body = await self._answer(method, path, raw)
        assert status < 300, body
        return json.loads(body or b"{}"), counted

    async def _answer(self, method: str, path: str, raw: bytes) -> tuple[int, bytes]:
        heard: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Message) -> None:
            heard.append(message)

        await self._app(self._scope(method, path), receive, send)
        begin, *parts = heard
        return begin["status"], b"".join(part["body"] for part in parts)

    def _scope(self, method: str, path: str) -> Scope:
        path, _, query = path.partition("?")
        return {
            "type": "http",
            "method": method,
            "scheme": "https",
            "path": f"/beta/me{path}",
            "query_string": query.encode(),
            "headers": [
                (b"host", b"graph.microsoft.com"),
                (b"authorization", f"Bearer {self._token}".encode()),
                (b"content-type", b"application/json"),
            ],
        }


def _raw(said: object) -> bytes:
    return b"" if said is None else json.dumps(said).encode()
