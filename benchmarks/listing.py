"""B6: a page of 25 messages, beside an empty answer of the same framework and server.

A page that nobody asked for before is read from the view; one that is asked for again, with nothing written
between, may be answered from memory. Both are held to the bar. The limit of both is how fast the framework
sends as many bytes that mean nothing.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import filling
from benchmarks.harness import Bench, Finding, Reading
from benchmarks.lives_over_http import load
from benchmarks.processes import answer, put_load, serving
from benchmarks.server import EMPTY
from letterbook import open_book

NEW, AGAIN, SOME = "25 messages", "25 messages, asked again", "25 messages, $select"
EMPTY_ANSWER, BYTES = "empty answer", "as many bytes"
RATE = "steps/s"
_PATH = "/v1.0/me/mailFolders/drafts/messages?$top=25"
_SELECT = "&$select=subject,from,receivedDateTime,isRead,bodyPreview"
_NEW = "&n={new}"
CONNECTIONS = 16


def measure(bench: Bench) -> Iterator[Finding]:
    """Pages per second."""
    path = bench.new_folder("listed") / "mail.db"
    with open_book(path, deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        filling.fill(book, alex.id, bench.sizes.listed, drafts=True)
        token = book.token(alex.address)
    with ExitStack() as servers:
        full, empty = (servers.enter_context(serving(what)) for what in (str(path), EMPTY))
        size = len(json.dumps(answer(full, token, _PATH), ensure_ascii=False, separators=(",", ":")).encode())
        rounds = bench.take_turns(
            {
                NEW: lambda: _get(bench, full, token, _PATH + _NEW),
                AGAIN: lambda: _get(bench, full, token, _PATH),
                SOME: lambda: _get(bench, full, token, _PATH + _SELECT + _NEW),
                EMPTY_ANSWER: lambda: _get(bench, empty, token, "/"),
                BYTES: lambda: _get(bench, empty, token, f"/{size}"),
            }
        )
    yield Finding(
        f"GET of 25 messages of 2 KB, {CONNECTIONS} connections",
        (
            rounds.claim("B6", f"pages/s ÷ {EMPTY_ANSWER}s/s", RATE, NEW, EMPTY_ANSWER),
            rounds.claim("B6", f"asked again, pages/s ÷ {EMPTY_ANSWER}s/s", RATE, AGAIN, EMPTY_ANSWER),
            rounds.claim("", f"pages/s ÷ answers of {size:,} bytes/s", RATE, NEW, BYTES),
            rounds.claim("", f"with $select, pages/s ÷ {EMPTY_ANSWER}s/s", RATE, SOME, EMPTY_ANSWER),
        ),
        tuple(rounds.series(NEW, quantity) for quantity in ("p50 ms", "p99 ms")),
    )


def _get(bench: Bench, port: int, token: str, path: str) -> Reading:
    return put_load(load(bench, "gets", port, [token] * CONNECTIONS, path))
