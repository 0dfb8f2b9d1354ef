"""B1, B2: lives of messages over a socket, beside Dovecot doing the same with IMAP.

The numbers of connections that no bar speaks of are only drawn, in fewer rounds.
"""

from collections.abc import Iterator

from benchmarks.dovecot import dovecot, program
from benchmarks.harness import Bench, Dot, Finding, Reading, Run
from benchmarks.load import Load
from benchmarks.processes import put_load, serving
from letterbook import open_book

OURS, DOVECOT = "Letterbook", "Dovecot sdbox"
WORKERS = 2
SHARED = f"Letterbook, {WORKERS} workers"
SHARED_BY = 32
"""The number of connections for which more than one process is measured, too: Dovecot has one for each."""
LIVES = "lives/s"
BARS_BY_CONNECTIONS = {1: "B2", 32: "B1"}
PLOT = "throughput"


def measure(bench: Bench) -> Iterator[Finding]:
    """Lives per second for each number of connections, every connection with a mailbox of its own."""
    for connections in bench.sizes.connections:
        yield _with(bench, connections)


def _with(bench: Bench, connections: int) -> Finding:
    runs: dict[str, Run] = {OURS: lambda: ours(bench, connections)}
    if bench.sizes.peers and program():
        runs[DOVECOT] = lambda: peer(bench, connections)
    if connections == SHARED_BY:
        runs[SHARED] = lambda: ours(bench, connections, WORKERS)
    bar, sizes = BARS_BY_CONNECTIONS.get(connections, ""), bench.sizes
    rounds = bench.take_turns(runs, sizes.rounds if bar else min(sizes.rounds, sizes.few_rounds))
    dots = tuple(Dot(PLOT, who, connections, rounds.series(who, LIVES)) for who in runs if who != SHARED)
    beside = tuple(rounds.series(who, quantity) for who in runs for quantity in ("p50 ms", "p99 ms"))
    title = f"Lives over a socket, {connections} connection{'s' if connections > 1 else ''}"
    if DOVECOT not in runs:
        alone = (*(rounds.series(who, LIVES) for who in runs), *beside)
        return Finding(f"{title}; Dovecot is not here", beside=alone, dots=dots)
    claims = [rounds.claim(bar, f"{LIVES} ÷ {DOVECOT}", LIVES, OURS, DOVECOT)]
    if SHARED in runs:
        claims.append(rounds.claim("", f"{LIVES}, {WORKERS} workers ÷ {DOVECOT}", LIVES, SHARED, DOVECOT))
    return Finding(title, tuple(claims), beside, dots)


def ours(bench: Bench, connections: int, workers: int = 1) -> Reading:
    """A server of ours on a fresh store, and the load on it."""
    path = bench.new_folder("served") / "mail.db"
    with open_book(path, deliver=False) as book:
        people = [f"alexw{number}@contoso.com" for number in range(connections)]
        for address in people:
            book.add_user(address, name="Alex Wilber")
        tokens = [book.token(address) for address in people]
    with serving(str(path), workers) as port:
        return put_load(load(bench, "graph-lives", port, tokens))


def peer(bench: Bench, connections: int) -> Reading:
    """Dovecot on an empty folder, and the load on it."""
    with dovecot(bench.new_folder("dovecot")) as port:
        users = [f"alexw{number}" for number in range(connections)]
        return put_load(load(bench, "imap-lives", port, users))


def load(bench: Bench, kind: str, port: int, callers: list[str], path: str = "/") -> Load:
    """A load of the size of this run."""
    return Load(kind, port, callers, bench.sizes.seconds, bench.sizes.warm_up, path)
