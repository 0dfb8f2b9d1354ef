"""How long somebody waits for a message, or a small page, while somebody else asks what is hard to answer.

The hard questions are asked over and over on a connection of their own: the last thousand messages of a
folder by ``$skip``, and a search that finds nothing and has to look at every message for it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from urllib.parse import quote

from benchmarks import mailboxes
from benchmarks.bars import Bar
from benchmarks.harness import Bench, Claim, Finding, Reading, Run
from benchmarks.load import Load
from benchmarks.processes import answer, put_load, serving
from letterbook import open_book

P50, P99 = "p50 ms", "p99 ms"
QUIET = "quiet"
ASKED = (ONE, PAGE) = ("one message", "a page of 10")
BAR = Bar("-", "p99 of a bystander ÷ its quiet value", 2, at_most=True)
_FOLDER = "/v1.0/me/mailFolders/drafts/messages"
_NOWHERE = quote('"hasattachment:true AND size>900000000"')


def measure(bench: Bench) -> Iterator[Finding]:
    """One request at a time, beside nobody, and beside each of the hard questions."""
    size = bench.sizes.large
    path = mailboxes.store(bench, size)
    with open_book(path, deliver=False) as book:
        token = book.token(mailboxes.OWNER)
    with serving(str(path)) as port:
        (first,) = answer(port, token, f"{_FOLDER}?$top=1&$select=id")["value"]
        asked = {ONE: f"/v1.0/me/messages/{first['id']}?n={{new}}", PAGE: f"{_FOLDER}?$top=10&n={{new}}"}
        hard = hard_questions(size)
        runs = {
            _who(what, beside): _run(bench, port, token, asked[what], hard.get(beside, ""))
            for what in ASKED
            for beside in (QUIET, *hard)
        }
        rounds = bench.take_turns(runs, bench.sizes.few_rounds)
    claims = (
        Claim(
            f"p99 of {what} beside {beside} ÷ {QUIET}",
            rounds.series(_who(what, beside), P99),
            rounds.series(_who(what, QUIET), P99),
            BAR,
            smaller=size < 1_000_000,
        )
        for what in ASKED
        for beside in hard
    )
    beside = tuple(rounds.series(who, quantity) for who in runs for quantity in (P50, P99))
    yield Finding(f"A bystander of hard questions to a folder of {size:,} messages", tuple(claims), beside)


def hard_questions(size: int) -> dict[str, str]:
    """The paths of what is hard to answer, in a folder of so many messages."""
    last = max(0, size - 1000)
    return {
        f"$skip={last}": f"{_FOLDER}?$top=1000&$skip={last}&n={{new}}",
        "a search without end": f"/v1.0/me/messages?$search={_NOWHERE}&n={{new}}",
    }


def _who(what: str, beside: str) -> str:
    return f"{what}, {beside}"


def _run(bench: Bench, port: int, token: str, path: str, hard: str) -> Run:
    seconds, warm_up = bench.sizes.seconds, bench.sizes.warm_up
    load = partial(Load, "gets", port, [token], seconds)
    return partial(_beside, partial(put_load, load(warm_up, path)), load(2 * warm_up, hard) if hard else None)


def _beside(run: Callable[[], Reading], hard: Load | None) -> Reading:
    """A run, while a load is put on the same server."""
    with ThreadPoolExecutor(1) if hard else nullcontext() as others:
        if others and hard:
            others.submit(put_load, hard)
        return run()
