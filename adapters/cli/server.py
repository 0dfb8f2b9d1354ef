"""The server itself: what each of its processes runs, with the libraries that only a server needs."""

import gc
import json
import multiprocessing.process
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from letterbook.adapters.cli.forwarded import Forwarded, networks
from letterbook.adapters.cli.serving import Certificate, Settings
from letterbook.adapters.retaining import RetentionAtWork

SETTINGS = "LETTERBOOK_SERVING"
"""Where worker processes find what the command line said."""

PATIENCE = 5
"""Seconds that requests in hand get to finish when the server stops."""

GOODBYE = 0.05
"""Seconds that a client with nothing in hand gets to take its leave."""


class Served:
    """The Graph face of a book that is open as long as it is served."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._face: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take note of the beginning and the end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._face is not None:
            await self._face(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        with self._settings.open() as book, RetentionAtWork(book.retain):
            self._face = self._behind_proxies(book.asgi())
            book.wake_delivery()  # there may be letters that an earlier run could no longer deliver
            with nothing_but_serving():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def _behind_proxies(self, face: ASGIApp) -> ASGIApp:
        """A face that believes the proxies that are trusted, if there are any."""
        trusted = self._settings.proxies
        return Forwarded(face, networks(trusted)) if trusted else face


class Protocol(HttpToolsProtocol):
    """HTTP whose idle connections end with the server: over TLS, those who keep one open were waited for."""

    def shutdown(self) -> None:
        """Finish what is in hand, and nothing else."""
        is_sending = self.transport.get_write_buffer_size() > 0
        super().shutdown()
        if self.transport.is_closing() and not is_sending:
            self.loop.call_later(GOODBYE, self.transport.abort)


def app() -> Served:
    """What each worker process serves, as long as the process that started it is there."""
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_stop_with, args=(parent,), name="letterbook-parent", daemon=True).start()
    return Served(Settings(**json.loads(os.environ[SETTINGS])))


def _stop_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Stop when a parent has ended that could not say so any more, as one that was killed."""
    parent.join()
    signal.raise_signal(signal.SIGTERM)


def run(settings: Settings, certificate: Certificate | None, ear: socket.socket, workers: int) -> None:
    """Serve until told to stop, by Ctrl-C or by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if workers == 1:
            uvicorn.Server(_config(Served(settings), 1, certificate)).run([ear])
        else:
            os.environ[SETTINGS] = json.dumps(asdict(settings))
            Multiprocess(_config(f"{__name__}:app", workers, certificate), [ear]).run()
    except KeyboardInterrupt:
        pass  # the server has finished its work before it passes the signal on
    click.echo("Stopped.", err=True)


TURN = 0.000_5
"""Seconds that a thread which reads a long list keeps others waiting; Python's own 5 ms are many answers."""

NEW_OBJECTS = 20_000
"""How many more objects there have to be before cycles are looked for among them; Python's own 700 are a few
dozen requests. None of those leaves a cycle behind, so there is little to find."""


@contextmanager
def nothing_but_serving() -> Iterator[None]:
    """While a process does nothing else: turns are short, and cycles are seldom looked for.

    Among all that was there before, code above all, they are not looked for at all.
    """
    turn, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN)
    gc.set_threshold(NEW_OBJECTS, *thresholds[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(turn)


def _config(what: Served | str, workers: int, certificate: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        what,
        factory=isinstance(what, str),
        workers=workers,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # it knows nothing of X-Forwarded-Host
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
        timeout_graceful_shutdown=PATIENCE,
    )
