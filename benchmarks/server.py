"""``python -m benchmarks.server STORE 2`` serves a book as ``letterbook serve`` does, with 2 workers;
``--empty`` serves nothing, or as many bytes as the path says.

The first line it prints is its port. Letters stay in the outbox: no peer delivers any either.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from letterbook import open_book
from letterbook.adapters.cli.server import nothing_but_serving

EMPTY = "--empty"


async def _nothing(request: Request) -> Response:
    await request.body()
    return Response(b"")


async def _bytes(request: Request) -> Response:
    return Response(b" " * int(request.path_params["size"]))


def _empty() -> ASGIApp:
    nothing = Route("/", _nothing, methods=["GET", "POST"])
    return Starlette(routes=[nothing, Route("/{size:int}", _bytes)])


def _serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _among(workers: int) -> Iterator[Callable[[], bool]]:
    """What so many processes do; the first one ends the others.

    Gives what each of them calls when it is ready: the first one waits for all others, and is told so.
    """
    others: list[int] = []
    heard, told = os.pipe()
    while len(others) < workers - 1:
        if not (worker := os.fork()):
            others.clear()
            break
        others.append(worker)

    def is_first_of_all() -> bool:
        os.close(told)
        return bool(others or workers == 1) and os.read(heard, 1) == b""

    try:
        yield is_first_of_all
    finally:
        for worker in others:
            os.kill(worker, signal.SIGTERM)
            os.waitpid(worker, 0)


def main() -> None:
    """Serve what the command line names on a free port of the loopback interface."""
    what, workers = sys.argv[1], int([*sys.argv, "1"][2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what uvicorn does at the end, too
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener, ExitStack() as stack:
        is_first_of_all = stack.enter_context(_among(workers))
        face = _empty() if what == EMPTY else _face(what, stack)
        if is_first_of_all():
            print(listener.getsockname()[1], flush=True)
        _serve(face, listener)


def _face(path: str, stack: ExitStack) -> ASGIApp:
    """The Graph face of a book, and nothing else to do for this process."""
    face = stack.enter_context(open_book(path, deliver=False)).asgi()
    stack.enter_context(nothing_but_serving())
    return face


if __name__ == "__main__":
    main()
