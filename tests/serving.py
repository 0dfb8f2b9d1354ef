"""Servers: in a thread of the test, and in a process of its own."""

import json
import signal
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from letterbook.adapters.book import Book
from tests.warm import Program, started


async def unasked(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers nobody."""
    raise AssertionError("no book is served")


class Served:
    """Serves a book over HTTP on a free port of this machine, in a thread; now this one, now another."""

    def __init__(self, book: Book | None = None) -> None:
        self.face: ASGIApp = unasked if book is None else book.asgi()
        config = uvicorn.Config(
            self._answer,
            host="127.0.0.1",
            port=0,
            log_config=None,
            lifespan="off",
            ws="none",
            interface="asgi3",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        end = time.monotonic() + 10
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.005)
        assert self._server.started, "the server did not start"
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.face(scope, receive, send)

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.should_exit = True
        self._thread.join(10)


@dataclass
class Server:
    """A server in a process of its own."""

    process: Program
    said: dict[str, Any]
    client: httpx.Client

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        """Tell it to stop; gives its exit code and what it said on the side for errors."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=15)
        return self.process.wait(), errors


@contextmanager
def serving_on(store: Path, *words: str, trusting: ssl.SSLContext | bool = True) -> Iterator[Server]:
    """Start `letterbook serve` on a free port, and wait until it listens."""
    command = ["-m", "letterbook", "serve", "--store", str(store), "--port", "0", "--json"]
    with started(*command, *words) as process:
        said = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
        with httpx.Client(base_url=said["listening"], timeout=15, verify=trusting) as client:
            yield Server(process, said, client)
