"""The page of bars shows the run that is kept, and nothing else."""

import json

import pytest

from benchmarks import page
from benchmarks.bars import BARS
from benchmarks.plots import PLOT_KINDS, PLOTS
from benchmarks.report import RESULTS


def test_the_page_shows_what_was_measured() -> None:
    shown = page.PAGE.read_text(encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert page.written(shown, results) == shown
    for bar in BARS:
        assert f"\n| {bar} | " in shown


def test_a_claim_is_a_line() -> None:
    claim = {
        "what": "lives/s ÷ stock",
        "median": 0.5,
        "rounds": [0.4, 0.5, 0.6],
        "ours": {"median": 100.0},
        "peer": {"median": 200.0},
        "bar": {"name": "B3", "needed": "≥ 1.5", "met": False},
    }
    machine = {
        "system": "Linux",
        "architecture": "x86_64",
        "cores": 2,
        "python": "3.11.7",
        "sqlite": "3.40.1",
    }
    without = claim | {"bar": None}
    results = {
        "machine": machine,
        "measured_at": "2026-11-21T12:00:00+00:00",
        "findings": [{"claims": [claim, without]}],
    }
    last = page.bars(results).splitlines()[-1]
    assert last == "| B3 | lives/s ÷ stock | 100 | 200 | **0.5** | 0.4 to 0.6 | ≥ 1.5 | missed |"
    assert page.bars(results).startswith("Measured 2026-11-21 on Linux x86_64, 2 cores, Python 3.11.7")


@pytest.mark.parametrize("plot", [each.name for each in PLOT_KINDS])
def test_every_plot_is_there(plot: str) -> None:
    shown = page.PAGE.read_text(encoding="utf-8")
    assert (PLOTS / f"{plot}.svg").is_file()
    assert f"(plots/{plot}.svg)" in shown
