"""``python -m benchmarks.page`` puts bars of ``results.json`` on ``docs/speed.md``. So does a full run."""

import json
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS, number

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
BEGIN, END = "<!-- bars -->\n", "<!-- /bars -->"
_HEAD = (
    "| bar | what | Letterbook | peer | ratio | lowest to highest | needed | |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
)


def bars(results: dict[str, Any]) -> str:
    """A line for each claim that is held to a bar, and when and on what it was measured."""
    machine, claims = results["machine"], [each for found in results["findings"] for each in found["claims"]]
    lines = "".join(_line(claim) for claim in claims if claim["bar"])
    system = f"{machine['system']} {machine['architecture']}, {machine['cores']} cores"
    software = f"Python {machine['python']}, SQLite {machine['sqlite']}"
    return f"Measured {results['measured_at'][:10]} on {system}, {software}:\n\n{_HEAD}{lines}"


def _line(claim: dict[str, Any]) -> str:
    bar, peer = claim["bar"], claim["peer"]
    rounds = f"{number(min(claim['rounds']))} to {number(max(claim['rounds']))}"
    cells = (
        bar["name"],
        claim["what"],
        number(claim["ours"]["median"]),
        number(peer["median"]) if peer else "",
        f"**{number(claim['median'])}**",
        rounds,
        bar["needed"],
        "met" if bar["met"] else "missed",
    )
    return f"| {' | '.join(cells)} |\n"


def written(page: str, results: dict[str, Any]) -> str:
    """The page with these results in it."""
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}{bars(results)}{END}{tail}"


def write(results: dict[str, Any]) -> None:
    """Put results into the page."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text(encoding="utf-8")))
