"""Paired runs: everyone takes a turn in every round, and ratios are taken round by round."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter

from benchmarks.bars import BARS, Bar

Reading = Mapping[str, float]
"""What one run measured, by name of the quantity."""
Run = Callable[[], Reading]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    rounds: int = 5
    few_rounds: int = 3
    """Rounds of what takes long, or has no bar and is only drawn."""
    patience: float = 60
    """Seconds after which nothing that takes long begins another round."""
    seconds: float = 1.2
    """How long each timed run takes: short and often, so that the runs of one round see the same machine."""
    warm_up: float = 0.3
    threads: int = 64
    connections: tuple[int, ...] = (1, 4, 16, 32, 64)
    rebuilt_lives: int = 4000
    listed: int = 200
    """How many messages the listed folder holds."""
    mailboxes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    """Messages of the mailboxes that grow, the largest last."""
    searched: int = 100_000
    as_of: int = 100_000
    """Events of the mailbox whose past is asked about."""
    peers: bool = True
    """Whether peers that are servers of their own are asked too, where they are installed."""

    @property
    def large(self) -> int:
        """The largest mailbox."""
        return self.mailboxes[-1]

    @property
    def medium(self) -> int:
        """The mailbox before the largest."""
        return self.mailboxes[-2]

    @property
    def small(self) -> int:
        """The mailbox that the largest is held against: a hundredth of it, or the smallest there is."""
        return self.mailboxes[-3:][0]


FULL = Sizes()
QUICK = Sizes(
    rounds=2,
    few_rounds=1,
    patience=1,
    seconds=0.1,
    warm_up=0.05,
    connections=(1, 32),
    rebuilt_lives=300,
    mailboxes=(1_000, 10_000),
    searched=10_000,
    as_of=3_000,
    peers=False,
)


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity, once for each round."""

    who: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of all rounds."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Claim:
    """A ratio (``ours`` over ``peer`` in one round), or a number by itself, and the bar it is held to."""

    what: str
    ours: Series
    peer: Series | None = None
    bar: Bar | None = None
    smaller: bool = False
    """Measured at smaller sizes than the bar speaks of, so that it is a hint and no verdict."""

    @property
    def values(self) -> tuple[float, ...]:
        """The ratio of every round."""
        if self.peer is None:
            return self.ours.values
        pairs = zip(self.ours.values, self.peer.values, strict=True)
        return tuple(one / other if other else float("inf") for one, other in pairs)

    @property
    def median(self) -> float:
        """The middle of the ratios."""
        return median(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the bar is cleared; ``None`` without a bar."""
        return None if self.bar is None else self.bar.cleared_by(self.median)


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a plot: on which line, and where."""

    plot: str
    line: str
    x: int
    series: Series


@dataclass(frozen=True, slots=True)
class Finding:
    """What one measured thing came to."""

    title: str
    claims: tuple[Claim, ...] = ()
    beside: tuple[Series, ...] = ()
    """Quantities that explain the claims and are in none of them."""
    dots: tuple[Dot, ...] = ()
    """What of it is drawn."""


@dataclass(slots=True)
class Bench:
    """One run of the benchmark: sizes, a place on disk, and somebody to tell."""

    sizes: Sizes
    folder: Path
    kept: Path | None = None
    """Where large mailboxes wait for the next run; ``None``: in ``folder``, so nowhere."""
    tell: Callable[[str], None] = lambda _: None
    _fresh: int = field(default=0)

    def new_folder(self, name: str) -> Path:
        """An empty folder."""
        self._fresh += 1
        folder = self.folder / f"{self._fresh}-{name}"
        folder.mkdir()
        return folder

    def take_turns(self, runs: Mapping[str, Run], rounds: int = 0, patience: float = inf) -> "Rounds":
        """Let everyone run once in every round: A B A B..., each round beginning with another one.

        No round begins after ``patience`` seconds but the first.
        """
        names, rounds, begin = list(runs), rounds or self.sizes.rounds, perf_counter()
        readings: dict[str, list[Reading]] = {name: [] for name in names}
        for number in range(rounds):
            if number and perf_counter() - begin > patience:
                break
            first = number % len(names)
            for name in names[first:] + names[:first]:
                self.tell(f"round {number + 1} of {rounds}: {name}")
                readings[name].append(runs[name]())
        return Rounds(readings)


@dataclass(frozen=True, slots=True)
class Rounds:
    """The readings of everyone who took turns."""

    readings: Mapping[str, list[Reading]]

    def series(self, who: str, quantity: str, unit: str = "") -> Series:
        """One quantity of one of them."""
        return Series(who, unit or quantity, tuple(reading[quantity] for reading in self.readings[who]))

    def claim(
        self, bar: str, what: str, quantity: str, ours: str, peer: str, *, smaller: bool = False
    ) -> Claim:
        """A ratio of one quantity, held to a bar; ``bar`` may be empty."""
        one, other = self.series(ours, quantity), self.series(peer, quantity)
        return Claim(what, one, other, BARS.get(bar), smaller)


def crowd(live: Callable[[], None], threads: int, sizes: Sizes) -> float:
    """How often per second some threads together do something, over and over, after a warm-up."""
    stop, done = threading.Event(), [0] * threads
    broken: list[BaseException] = []

    def work(number: int) -> None:
        try:
            while not stop.is_set():
                live()
                done[number] += 1
        except BaseException as error:
            broken.append(error)
            raise

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    stop.wait(sizes.warm_up)
    before, begin = sum(done), perf_counter()
    stop.wait(sizes.seconds)
    after, end = sum(done), perf_counter()
    stop.set()
    for worker in workers:
        worker.join()
    if broken:
        raise broken[0]
    return max(after - before, 1) / (end - begin)


def home() -> Path:
    """A place on a real disk: ``BENCH_DIR``, or ``build/`` in the checkout."""
    folder = Path(os.environ.get("BENCH_DIR") or "build").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder there that is gone afterwards."""
    folder = Path(mkdtemp(prefix="bench-", dir=home()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
