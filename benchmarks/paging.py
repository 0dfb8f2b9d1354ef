"""B7: pages of mailboxes that grow. The last page of a million should cost what the first of a thousand does.

No page is asked for twice: each comes from the views, none from the server's memory of its answers.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from benchmarks import letters, mailboxes
from benchmarks.bars import BARS
from benchmarks.harness import Bench, Claim, Dot, Finding, Reading, Rounds, Run, Series
from benchmarks.load import Load
from benchmarks.processes import answer, put_load, serving
from letterbook import open_book

P50, P99 = "p50 ms", "p99 ms"
PAGES = (FIRST, LAST, BY_DATE, UNREAD) = ("first page", "last page", "$filter by date", "$filter by isRead")
PLOT = "listing"
_PATH = "/v1.0/me/mailFolders/drafts/messages?$top=25"


@dataclass(frozen=True, slots=True)
class Served:
    """A mailbox that somebody serves, and where each page of it is found."""

    size: int
    port: int
    token: str
    pages: dict[str, str]


def measure(bench: Bench) -> Iterator[Finding]:
    """How long a page takes, one request at a time."""
    with ExitStack() as servers:
        served = [_served(bench, size, servers) for size in bench.sizes.mailboxes]
        rounds = bench.take_turns(_runs(bench, served))
    yield _finding(bench, rounds)


def _finding(bench: Bench, rounds: Rounds) -> Finding:
    sizes = bench.sizes
    compared = f"at {sizes.large:,} ÷ at {sizes.small:,}"
    claims = [
        Claim(
            f"p99 of {page}, {compared}",
            _named(rounds, page, sizes.large, P99),
            _named(rounds, page, sizes.small, P99),
            BARS["B7"],
            smaller=sizes.large < 1_000_000,
        )
        for page in PAGES
    ]
    return Finding(
        "GET of 25 messages of a mailbox that grows, ms",
        tuple(claims),
        tuple(_named(rounds, page, size, P50) for page in PAGES for size in (sizes.large, sizes.small)),
        tuple(
            Dot(PLOT, page, size, _named(rounds, page, size, P99))
            for page in PAGES
            for size in sizes.mailboxes
        ),
    )


def _dot(rounds: Rounds, page: str, size: int) -> Dot:
    return Dot(PLOT, page, size, _named(rounds, page, size, P50))


def _named(rounds: Rounds, page: str, size: int, quantity: str) -> Series:
    return rounds.series(_who(page, size), quantity)


def _who(page: str, size: int) -> str:
    return f"{page} of {size:,}"


def _served(bench: Bench, size: int, servers: ExitStack) -> Served:
    path = mailboxes.store(bench, size)
    with open_book(path, deliver=False) as book:
        token = book.token(mailboxes.OWNER)
    port = servers.enter_context(serving(str(path)))
    at = letters.letter(size // 2).at
    day = f"receivedDateTime ge {at:%Y-%m-%dT%H:%M:%SZ} and receivedDateTime lt {at:%Y-%m-%dT}23:59:59Z"
    pages = {
        FIRST: _PATH,
        LAST: _last_page(port, token),
        BY_DATE: f"{_PATH}&$filter={quote(day)}",
        UNREAD: f"{_PATH}&$filter={quote('isRead eq false')}",
    }
    return Served(size, port, token, pages)


def _last_page(port: int, token: str) -> str:
    """The link that leads to the last page, from the page before it."""
    count = answer(port, token, f"{_PATH}&$count=true")["@odata.count"]
    link: str = answer(port, token, f"{_PATH}&$skip={count - 50}")["@odata.nextLink"]
    return link[link.index("/v1.0/") :]


def _runs(bench: Bench, served: list[Served]) -> dict[str, Run]:
    return {_who(page, each.size): partial(_get, bench, each, page) for each in served for page in PAGES}


def _get(bench: Bench, served: Served, page: str) -> Reading:
    seconds = bench.sizes.seconds / 2
    path = f"{served.pages[page]}&n={{new}}"
    return put_load(Load("gets", served.port, [served.token], seconds, bench.sizes.warm_up / 2, path))
