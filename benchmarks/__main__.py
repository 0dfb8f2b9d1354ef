"""``python -m benchmarks``: measure everything, print one table. ``BENCH_QUICK=1`` takes under a minute."""

import os
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from rich.console import Console

from benchmarks import listing, lives_in_process, lives_over_http, rebuild
from benchmarks.harness import FULL, QUICK, Bench, Finding, scratch
from benchmarks.report import RESULTS, load, publish

MEASURED: dict[str, Callable[[Bench], Iterator[Finding]]] = {
    "in-process": lives_in_process.measure,
    "http": lives_over_http.measure,
    "list": listing.measure,
    "rebuild": rebuild.measure,
}


def measured(bench: Bench, names: list[str]) -> Iterator[Finding]:
    """The findings of the things named, or of all."""
    for name in names or MEASURED:
        yield from MEASURED[name](bench)


def main() -> None:
    """Measure and report. Arguments name single things; then no results are written."""
    names, sizes = sys.argv[1:], QUICK if os.environ.get("BENCH_QUICK") else FULL
    if unknown := set(names) - set(MEASURED):
        sys.exit(f"nothing is called {', '.join(sorted(unknown))}; there is {', '.join(MEASURED)}")
    console, begin = Console(), perf_counter()
    with scratch() as folder, console.status("measuring") as status:
        bench = Bench(sizes, folder, tell=lambda what: status.update(what))
        findings = list(measured(bench, names))
    publish(findings, sizes, Console(width=max(console.width, 140)), None if names else RESULTS)
    console.print(f"measured in {perf_counter() - begin:.0f} s, load average {load()}")


if __name__ == "__main__":
    main()
