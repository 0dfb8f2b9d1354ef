"""Paired runs: everyone takes a turn in every round, and ratios are taken round by round."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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

    rounds: int = 7
    seconds: float = 1.5
    """How long each timed run takes: short and often, so that the runs of one round see the same machine."""
    warm_up: float = 0.4
    threads: int = 64
    connections: tuple[int, ...] = (1, 32)
    rebuilt_lives: int = 4000
    listed: int = 200
    """How many messages the listed folder holds."""
    peers: bool = True
    """Whether peers that are servers of their own are asked too, where they are installed."""


FULL = Sizes()
QUICK = Sizes(rounds=3, seconds=0.4, warm_up=0.15, rebuilt_lives=1000)


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
class Finding:
    """What one measured thing came to."""

    title: str
    claims: tuple[Claim, ...] = ()
    beside: tuple[Series, ...] = ()
    """Quantities that explain the claims and are in none of them."""


@dataclass(slots=True)
class Bench:
    """One run of the benchmark: sizes, a place on disk, and somebody to tell."""

    sizes: Sizes
    folder: Path
    tell: Callable[[str], None] = lambda _: None
    _fresh: int = field(default=0)

    def new_folder(self, name: str) -> Path:
        """An empty folder."""
        self._fresh += 1
        folder = self.folder / f"{self._fresh}-{name}"
        folder.mkdir()
        return folder

    def take_turns(self, runs: Mapping[str, Run]) -> "Rounds":
        """Let everyone run once in every round: A B A B..., each round beginning with another one."""
        names = list(runs)
        readings: dict[str, list[Reading]] = {name: [] for name in names}
        for number in range(self.sizes.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                self.tell(f"round {number + 1} of {self.sizes.rounds}: {name}")
                readings[name].append(runs[name]())
        return Rounds(readings)


@dataclass(frozen=True, slots=True)
class Rounds:
    """The readings of everyone who took turns."""

    readings: Mapping[str, list[Reading]]

    def series(self, who: str, quantity: str, unit: str = "") -> Series:
        """One quantity of one of them."""
        return Series(who, unit or quantity, tuple(reading[quantity] for reading in self.readings[who]))

    def claim(self, bar: str, what: str, quantity: str, ours: str, peer: str) -> Claim:
        """A ratio of one quantity, held to a bar; ``bar`` may be empty."""
        one, other = self.series(ours, quantity), self.series(peer, quantity)
        return Claim(what, one, other, BARS.get(bar))


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


@contextmanager
def scratch() -> Iterator[Path]:
    """A place on a real disk that is gone afterwards: ``BENCH_DIR``, or ``build/`` in the checkout."""
    home = Path(os.environ.get("BENCH_DIR") or "build")
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="bench-", dir=home)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
