"""B6: a page of 25 messages, beside an empty answer of the same framework and server."""

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import filling
from benchmarks.harness import Bench, Finding, Reading
from benchmarks.lives_over_http import load
from benchmarks.processes import put_load, serving
from benchmarks.server import EMPTY
from letterbook import open_book

PAGE, SOME, EMPTY_ANSWER = "25 messages", "25 messages, $select", "empty answer"
RATE = "steps/s"
_PATH = "/v1.0/me/mailFolders/drafts/messages?$top=25"
_SELECT = "&$select=subject,from,receivedDateTime,isRead,bodyPreview"
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
        rounds = bench.take_turns(
            {
                PAGE: lambda: _get(bench, full, token, _PATH),
                SOME: lambda: _get(bench, full, token, _PATH + _SELECT),
                EMPTY_ANSWER: lambda: _get(bench, empty, token, "/"),
            }
        )
    yield Finding(
        f"GET of 25 messages of 2 KB, {CONNECTIONS} connections",
        (
            rounds.claim("B6", f"pages/s ÷ {EMPTY_ANSWER}s/s", RATE, PAGE, EMPTY_ANSWER),
            rounds.claim("", f"with $select, pages/s ÷ {EMPTY_ANSWER}s/s", RATE, SOME, EMPTY_ANSWER),
        ),
        tuple(rounds.series(PAGE, quantity) for quantity in ("p50 ms", "p99 ms")),
    )


def _get(bench: Bench, port: int, token: str, path: str) -> Reading:
    return put_load(load(bench, "gets", port, [token] * CONNECTIONS, path))
