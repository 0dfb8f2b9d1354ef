"""``python -m benchmarks.server STORE`` serves a book as ``letterbook serve`` does; ``--empty`` nothing.

The first line it prints is its port. Letters stay in the outbox: no peer delivers any either.
"""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from letterbook import open_book

EMPTY = "--empty"


async def _nothing(request: Request) -> Response:
    await request.body()
    return Response(b"")


def _empty() -> ASGIApp:
    return Starlette(routes=[Route("/", _nothing, methods=["GET", "POST"])])


def serve(app: ASGIApp) -> None:
    """Serve on a free port of the loopback interface until told to stop."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
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


def main() -> None:
    """Serve what the command line names."""
    if sys.argv[1] == EMPTY:
        serve(_empty())
        return
    with open_book(sys.argv[1], deliver=False) as book:
        serve(book.asgi())


if __name__ == "__main__":
    main()
