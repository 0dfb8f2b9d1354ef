"""``python -m benchmarks.server STORE`` serves a book as ``letterbook serve`` does; ``--empty`` nothing,
or as many bytes as the path says.

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
        face = book.asgi()
        with nothing_but_serving():
            serve(face)


if __name__ == "__main__":
    main()
