"""What the benchmark says in the end: one table, and the same as JSON."""

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bars import BARS, Bar
from benchmarks.harness import Claim, Finding, Series, Sizes

RESULTS = Path(__file__).parent / "results.json"
_VERDICT = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}


def table(findings: Sequence[Finding]) -> Table:
    """Every claim with its raw numbers, ratio, spread and bar; then the bars nobody measured."""
    shown = Table(title="Letterbook: medians of the rounds, and the lowest and highest of them")
    shown.add_column("bar")
    shown.add_column("what", max_width=46)
    for title in ("Letterbook", "peer", "ratio", "spread", "bar is", ""):
        shown.add_column(title, justify="right" if title else "left")
    for finding in findings:
        shown.add_section()
        shown.add_row("", f"[bold]{finding.title}[/]")
        for claim in finding.claims:
            shown.add_row(*_claim_row(claim))
        for series in finding.beside:
            shown.add_row(
                "", f"{series.who}: {series.unit}", number(series.median), "", "", _spread(series.values)
            )
    shown.add_section()
    for bar in unmeasured(findings):
        shown.add_row(bar.name, bar.what, "", "", "", "", bar.needed, "not measured")
    return shown


def unmeasured(findings: Iterable[Finding]) -> list[Bar]:
    """The bars that no claim of this run is held to."""
    measured = {claim.bar for finding in findings for claim in finding.claims}
    return [bar for bar in BARS.values() if bar not in measured]


def _claim_row(claim: Claim) -> tuple[str, ...]:
    bar, peer = claim.bar, number(claim.peer.median) if claim.peer else ""
    spread = _spread(claim.values)
    ratio = number(claim.median)
    head = (bar.name if bar else "", claim.what, number(claim.ours.median), peer, ratio, spread)
    return (*head, bar.needed if bar else "", _VERDICT[claim.met])


def _spread(values: Sequence[float]) -> str:
    return f"{number(min(values))} to {number(max(values))}"


def number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def as_json(findings: Sequence[Finding], sizes: Sizes) -> dict[str, Any]:
    """Everything measured, with what it was measured on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "system": platform.system(),
            "cores": os.cpu_count(),
            "load": load(),
        },
        "rounds": sizes.rounds,
        "seconds_per_run": sizes.seconds,
        "findings": [_finding(finding) for finding in findings],
        "not_measured": [bar.name for bar in unmeasured(findings)],
    }


def load() -> float | None:
    """How many processes wanted to run in the last minutes, ours too: many more than cores is noise."""
    return round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title,
        "claims": [_claim(claim) for claim in finding.claims],
        "beside": [_series(series) for series in finding.beside],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    bar = {"name": claim.bar.name, "needed": claim.bar.needed, "met": claim.met} if claim.bar else None
    return {
        "what": claim.what,
        "median": _digits(claim.median),
        "rounds": [_digits(value) for value in claim.values],
        "ours": _series(claim.ours),
        "peer": _series(claim.peer) if claim.peer else None,
        "bar": bar,
    }


def _series(series: Series) -> dict[str, Any]:
    values = [_digits(value) for value in series.values]
    return {"who": series.who, "unit": series.unit, "median": _digits(series.median), "rounds": values}


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def publish(findings: Sequence[Finding], sizes: Sizes, console: Console, path: Path | None = RESULTS) -> None:
    """Print the table and, if there is a ``path``, write the file."""
    if path:
        path.write_text(json.dumps(as_json(findings, sizes), indent=1, ensure_ascii=False) + "\n")
    console.print(table(findings))
