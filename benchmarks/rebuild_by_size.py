"""B11, B12: making the views, full text included, of mailboxes that grow: time for each event, and memory."""

from collections.abc import Iterator
from functools import partial

from benchmarks import mailboxes
from benchmarks.bars import BARS
from benchmarks.harness import Bench, Claim, Dot, Finding, Reading
from benchmarks.processes import rebuilt
from benchmarks.rebuild_alone import EVENTS, MEGABYTES, SECONDS

COST, RATE = "µs per event", "events/s"
PLOT = "rebuild"


def measure(bench: Bench) -> Iterator[Finding]:
    """Rebuilds, each in a process of its own."""
    sizes = bench.sizes
    paths = {size: mailboxes.store(bench, size) for size in sizes.mailboxes}
    runs = {_who(size): partial(rebuild, str(path)) for size, path in paths.items()}
    rounds = bench.take_turns(runs, sizes.few_rounds, sizes.patience)
    large, medium = _who(sizes.large), _who(sizes.medium)
    smaller = sizes.large < 1_000_000
    memory = rounds.series(large, MEGABYTES)
    beside = (rounds.series(_who(size), what) for what in (RATE, SECONDS) for size in sizes.mailboxes)
    yield Finding(
        "Rebuild of a mailbox that grows, about one event for each message",
        (
            rounds.claim("B11", f"{COST} of {large} ÷ of {medium}", COST, large, medium, smaller=smaller),
            Claim(f"MB above idle, {large}", memory, bar=BARS["B12"], smaller=smaller),
        ),
        tuple(beside),
        tuple(Dot(PLOT, "rebuild", size, rounds.series(_who(size), SECONDS)) for size in sizes.mailboxes),
    )


def _who(size: int) -> str:
    return f"{size:,} messages"


def rebuild(path: str) -> Reading:
    """One rebuild: how long in all and for each event, and the peak of memory."""
    found = rebuilt(path)
    events, seconds = found[EVENTS], found[SECONDS]
    return {**found, COST: 1e6 * seconds / events, RATE: events / seconds}
