"""What is drawn for people, by rich: lines in colour, tables, bars. Imported by what draws something."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

Row = Sequence[str]

WIDTH = 120
"""Columns of a table that is drawn where there is no terminal."""


def line(text: str, style: str) -> None:
    """One line."""
    Console(highlight=False, soft_wrap=True).print(Text(text, style=style))


def table(columns: Row, rows: Sequence[Row], *, drawn: bool) -> None:
    """A table: drawn at a terminal (or if ``drawn``), else plain columns that other tools can cut."""
    console = Console()
    if console.is_terminal or drawn:
        console = console if console.is_terminal else Console(width=WIDTH)
        console.print(_drawn(columns, rows))
    else:
        _plain(columns, rows)


def _drawn(columns: Row, rows: Sequence[Row]) -> Table:
    drawn = Table(box=box.ROUNDED)
    for column in columns:
        drawn.add_column(column, header_style="bold cyan", overflow="fold", no_wrap=column in ("id", "when"))
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def _plain(columns: Row, rows: Sequence[Row]) -> None:
    lines = [[name.upper() for name in columns], *rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


# --- Bars ------------------------------------------------------------------------------------------


class _Rate(ProgressColumn):
    """How many events a second."""

    def render(self, task: Task) -> Text:
        """The rate, once it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def counting_events(what: str, total: int, *, quiet: bool) -> Iterator[tuple[Progress, TaskID]]:
    """A bar of events, with their rate."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("events"), _Rate(), TimeRemainingColumn())
    with _bar(what, columns, total, quiet) as bar:
        yield bar


@contextmanager
def sharing(what: str, *, quiet: bool) -> Iterator[tuple[Progress, TaskID]]:
    """A bar of the share that is done."""
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with _bar(what, columns, 100, quiet) as bar:
        yield bar


@contextmanager
def sharing_told(what: str, *, quiet: bool) -> Iterator[Callable[[float, float], None]]:
    """The same, by who is told how much is done, and of how much."""
    with sharing(what, quiet=quiet) as (progress, task):
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def _bar(
    what: str, columns: Sequence[ProgressColumn], total: int, quiet: bool
) -> Iterator[tuple[Progress, TaskID]]:
    """A bar at a terminal, on the side where errors go; nothing where nobody watches."""
    console = Console(stderr=True)
    off = quiet or not console.is_terminal
    with Progress(TextColumn(what), *columns, console=console, transient=True, disable=off) as progress:
        yield progress, progress.add_task(what, total=total)
