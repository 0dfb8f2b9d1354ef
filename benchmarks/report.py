"""What the benchmark says in the end: one table, and the same as JSON."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.bars import BARS, Bar
from benchmarks.dovecot import program
from benchmarks.harness import Claim, Dot, Finding, Series, Sizes

RESULTS = Path(__file__).parent / "results.json"
_VERDICT = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
_HINT = "A verdict in brackets was reached with smaller mailboxes than its bar speaks of: a hint."


def table(findings: Sequence[Finding]) -> Table:
    """Every claim with its raw numbers, ratio, spread and bar; then the bars nobody measured."""
    title = "Letterbook: medians of the rounds, and the lowest and highest of them"
    hint = any(claim.smaller for finding in findings for claim in finding.claims)
    shown = Table(title=title, caption=_HINT if hint else None)
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
    verdict = _VERDICT[claim.met]
    return (*head, bar.needed if bar else "", f"({verdict})" if claim.smaller else verdict)


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return "one round"
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
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "load": load(),
        },
        "versions": versions(),
        "rounds": sizes.rounds,
        "seconds_per_run": sizes.seconds,
        "mailboxes": list(sizes.mailboxes),
        "findings": [_finding(finding) for finding in findings],
        "not_measured": [bar.name for bar in unmeasured(findings)],
    }


def versions() -> dict[str, str]:
    """Of what was measured and of its peers, as far as they are here."""
    packages = ("letterbook", "eventsourcing", "pydantic", "sqlite-utils", "starlette", "uvicorn", "uvloop")
    found = {name: version(name) for name in packages if find_spec(name.replace("-", "_"))}
    if dovecot := program():
        said = subprocess.run([dovecot, "--version"], capture_output=True, text=True, check=False).stdout
        found["dovecot"] = said.partition(" ")[0].strip()
    return found


def load() -> float | None:
    """How many processes wanted to run in the last minutes, ours too: many more than cores is noise."""
    return round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title,
        "claims": [_claim(claim) for claim in finding.claims],
        "beside": [_series(series) for series in finding.beside],
        "dots": [_dot(dot) for dot in finding.dots],
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
        "smaller": claim.smaller,
    }


def _dot(dot: Dot) -> dict[str, Any]:
    return {"plot": dot.plot, "line": dot.line, "x": dot.x, **_series(dot.series)}


def _series(series: Series) -> dict[str, Any]:
    values = [_digits(value) for value in series.values]
    return {"who": series.who, "unit": series.unit, "median": _digits(series.median), "rounds": values}


def _digits(value: float) -> float:
    return float(f"{value:.4g}")


def publish(findings: Sequence[Finding], sizes: Sizes, path: Path = RESULTS) -> dict[str, Any]:
    """Write the file; gives what is in it."""
    results = as_json(findings, sizes)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return results
