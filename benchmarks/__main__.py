"""``python -m benchmarks``: measure everything, print one table; write ``results.json``, draw the plots.

``BENCH_QUICK=1`` takes under a minute, with smaller mailboxes, and writes and draws nothing.
"""

import os
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from rich.console import Console

from benchmarks import (
    as_of,
    as_of_large,
    bystander,
    creating,
    encrypted,
    importing,
    listing,
    lives_in_process,
    lives_over_http,
    on_disk,
    page,
    paging,
    plots,
    rebuild,
    rebuild_by_size,
    searching,
    verifying,
)
from benchmarks.harness import FULL, QUICK, Bench, Finding, home, scratch
from benchmarks.report import load, publish, table

MEASURED: dict[str, Callable[[Bench], Iterator[Finding]]] = {
    "in-process": lives_in_process.measure,
    "http": lives_over_http.measure,
    "list": listing.measure,
    "rebuild": rebuild.measure,
    "disk": on_disk.measure,
    "search": searching.measure,
    "as-of": as_of.measure,
    "as-of-large": as_of_large.measure,
    "pages": paging.measure,
    "bystander": bystander.measure,
    "create": creating.measure,
    "rebuild-by-size": rebuild_by_size.measure,
    "verify": verifying.measure,
    "import": importing.measure,
    "encrypted": encrypted.measure,
}


def measured(bench: Bench, names: list[str]) -> Iterator[Finding]:
    """The findings of the things named, or of all."""
    for name in names or MEASURED:
        yield from MEASURED[name](bench)


def main() -> None:
    """Measure and report. Arguments name single things; then nothing is written or drawn."""
    names, sizes = sys.argv[1:], QUICK if os.environ.get("BENCH_QUICK") else FULL
    if unknown := set(names) - set(MEASURED):
        sys.exit(f"nothing is called {', '.join(sorted(unknown))}; there is {', '.join(MEASURED)}")
    console, begin = Console(), perf_counter()
    with scratch() as folder, console.status("measuring") as status:
        bench = Bench(sizes, folder, home() / "mailboxes", lambda what: status.update(what))
        findings = list(measured(bench, names))
    Console(width=max(console.width, 140)).print(table(findings))
    if sizes is FULL and not names:
        results = publish(findings, sizes)
        plots.draw(results)
        page.write(results)
    console.print(f"measured in {perf_counter() - begin:.0f} s, load average {load()}")


if __name__ == "__main__":
    main()
