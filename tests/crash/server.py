"""A server to be killed: ``python -m tests.crash.server STORE`` prints its port and a token, and serves."""

import socket
import sys

import uvicorn

from letterbook import open_book

PEOPLE = {"alexw@contoso.com": "Alex Wilber", "meganb@contoso.com": "Megan Bowen"}


def main(store: str) -> None:
    """Open the store, make the people at home in it, and answer until the end."""
    with open_book(store) as book:
        for address, name in PEOPLE.items():
            book.mailbox(address, name=name)
        listening = socket.create_server(("127.0.0.1", 0))
        book.wake_delivery()
        sys.stdout.write(f"{listening.getsockname()[1]} {book.token('alexw@contoso.com')}\n")
        sys.stdout.flush()
        config = uvicorn.Config(book.asgi(), log_level="error", lifespan="off")
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main(sys.argv[1])
