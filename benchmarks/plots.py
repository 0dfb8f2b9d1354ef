"""``python -m benchmarks.plots`` draws ``docs/plots/*.svg`` from ``results.json``; so does a full run.

SVG written by hand: no drawing library to install, text stays text, and a dark page gets light ink.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.report import RESULTS, number

PLOTS = Path(__file__).parent.parent / "docs" / "plots"
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 56, 52
_INKS = ("#2f6fd0", "#d0632f", "#2f9e6b", "#9a55c4")
_STYLE = f"""
text {{ font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #3a3f47; }}
.title {{ font-size: 16px; font-weight: 600; }}
.axis, .grid {{ stroke: #c9ced6; fill: none; }}
.grid {{ stroke-width: .6; }}
.line {{ fill: none; stroke-width: 2.2; stroke-linejoin: round; }}
.range {{ stroke-width: 1.2; opacity: .55; }}
{"".join(f".ink{at} {{ stroke: {ink}; }} .dot{at} {{ fill: {ink}; }} " for at, ink in enumerate(_INKS))}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #d5d9df; }}
  .axis, .grid {{ stroke: #4a505a; }}
}}
"""
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Plot:
    """What a plot says around its lines."""

    name: str
    title: str
    x: str
    y: str
    log_y: bool = False


PLOT_KINDS = (
    Plot("throughput", "Lives of a message per second, every write durable", "connections", "lives/s"),
    Plot("listing", "A page of 25 messages over HTTP, median", "messages in the mailbox", "ms"),
    Plot("rebuild", "Making all views again", "messages in the mailbox", "seconds", log_y=True),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A median, and the lowest and highest of the rounds."""

    x: float
    median: float
    low: float
    high: float


Lines = dict[str, list[Point]]


def draw(results: dict[str, Any], folder: Path = PLOTS) -> list[Path]:
    """Draw every plot that the results have points for."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for plot in PLOT_KINDS:
        if lines := lines_of(results, plot.name):
            path = folder / f"{plot.name}.svg"
            path.write_text(svg(plot, lines, _measured_on(results)), encoding="utf-8")
            drawn.append(path)
    return drawn


def _measured_on(results: dict[str, Any]) -> str:
    machine = results["machine"]
    return f"{results['measured_at'][:10]}, {machine['cores']} cores, Python {machine['python']}"


def lines_of(results: dict[str, Any], plot: str) -> Lines:
    """The lines of a plot, each from left to right."""
    lines: Lines = {}
    for finding in results["findings"]:
        for dot in finding["dots"]:
            if dot["plot"] == plot:
                rounds = dot["rounds"]
                point = Point(dot["x"], dot["median"], min(rounds), max(rounds))
                lines.setdefault(dot["line"], []).append(point)
    return {name: sorted(points, key=lambda point: point.x) for name, points in lines.items()}


def svg(plot: Plot, lines: Lines, measured_on: str) -> str:
    """A whole picture."""
    points = [point for line in lines.values() for point in line]
    across = _across(sorted({point.x for point in points}))
    ticks = _powers(points) if plot.log_y else _steps(max(point.high for point in points))
    up = _up(ticks[0], ticks[-1], logarithmic=plot.log_y)
    body = "\n".join(
        [
            _text(LEFT, 26, plot.title, kind="title"),
            _text(WIDTH - 12, HEIGHT - 12, measured_on, anchor="end"),
            *_y_axis(plot, ticks, up),
            *_x_axis(plot, across),
            *_drawn(lines, across, up),
        ]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        f"<title>{escape(plot.title)}</title>\n<desc>{escape(_in_words(plot, lines))}</desc>\n"
        f"<style>{escape(_STYLE)}</style>\n{body}\n</svg>\n"
    )


def _in_words(plot: Plot, lines: Lines) -> str:
    """The same numbers for whoever cannot see the lines."""
    return " ".join(
        f"{name}: {', '.join(f'{number(p.median)} {plot.y} at {p.x:,}' for p in points)}."
        for name, points in lines.items()
    )


def _across(places: Sequence[float]) -> dict[float, float]:
    """Where each x is: evenly, as they grow by factors."""
    step = (WIDTH - LEFT - RIGHT) / max(len(places) - 1, 1)
    return {x: LEFT + at * step for at, x in enumerate(places)}


def _up(low: float, high: float, *, logarithmic: bool) -> Scale:
    size = HEIGHT - TOP - BOTTOM
    if logarithmic:
        return lambda y: HEIGHT - BOTTOM - size * log10(y / low) / log10(high / low)
    return lambda y: HEIGHT - BOTTOM - size * (y - low) / (high - low)


def _steps(highest: float) -> list[float]:
    """Four to eight round numbers from 0 up to what is highest."""
    rough = highest / 6 or 1
    power = 10 ** floor(log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough)
    return [step * at for at in range(ceil(highest / step) + 1)]


def _powers(points: Iterable[Point]) -> list[float]:
    """The powers of ten around all points."""
    lows, highs = zip(*((point.low, point.high) for point in points), strict=True)
    first, last = floor(log10(min(lows))), ceil(log10(max(highs)))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def _y_axis(plot: Plot, ticks: Sequence[float], up: Scale) -> Iterable[str]:
    yield _text(LEFT - 8, TOP - 12, plot.y, anchor="end")
    for tick in ticks:
        yield f'<path class="grid" d="M{LEFT} {up(tick):.1f}H{WIDTH - RIGHT}"/>'
        yield _text(LEFT - 8, up(tick) + 4, _short(tick), anchor="end")


def _x_axis(plot: Plot, across: dict[float, float]) -> Iterable[str]:
    bottom = HEIGHT - BOTTOM
    yield f'<path class="axis" d="M{LEFT} {bottom}H{WIDTH - RIGHT}"/>'
    yield _text(LEFT, HEIGHT - 12, plot.x)
    for x, place in across.items():
        yield _text(place, bottom + 18, _short(x), anchor="middle")


def _short(value: float) -> str:
    """A number as an axis says it."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:.6g}"


def _drawn(lines: Lines, across: dict[float, float], up: Scale) -> Iterable[str]:
    names = list(lines)
    labels = _apart({name: up(lines[name][-1].median) for name in names})
    for at, name in enumerate(names):
        ink, points = at % len(_INKS), lines[name]
        path = "L".join(f"{across[point.x]:.1f} {up(point.median):.1f}" for point in points)
        yield f'<path class="line ink{ink}" d="M{path}"/>'
        for point in points:
            place = across[point.x]
            yield f'<path class="range ink{ink}" d="M{place:.1f} {up(point.low):.1f}V{up(point.high):.1f}"/>'
            yield _dot(place, up(point.median), ink, f"{name}: {number(point.median)}")
        yield f'<circle class="dot{ink}" cx="{WIDTH - RIGHT + 14}" cy="{labels[name] - 4:.1f}" r="4"/>'
        yield _text(WIDTH - RIGHT + 22, labels[name], f"{name} {number(points[-1].median)}")


def _apart(places: dict[str, float], least: float = 18) -> dict[str, float]:
    """Labels near the end of their lines, but not on top of one another."""
    ordered = sorted(places, key=lambda name: places[name])
    found = {ordered[0]: places[ordered[0]] + 4}
    for above, name in pairwise(ordered):
        found[name] = max(places[name] + 4, found[above] + least)
    over = max(0.0, found[ordered[-1]] - (HEIGHT - BOTTOM))
    return {name: place - over for name, place in found.items()}


def _dot(x: float, y: float, ink: int, says: str) -> str:
    return (
        f'<circle class="dot{ink}" cx="{x:.1f}" cy="{y:.1f}" r="3.4"><title>{escape(says)}</title></circle>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def main() -> None:
    """Draw what was measured last."""
    for path in draw(json.loads(RESULTS.read_text(encoding="utf-8"))):
        print(path.relative_to(PLOTS.parent.parent))


if __name__ == "__main__":
    main()
