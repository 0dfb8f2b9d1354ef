"""B3, B4, B5: lives of messages through the library, alone and in a crowd, beside stock eventsourcing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from benchmarks import filling, limits
from benchmarks.bars import BARS
from benchmarks.harness import Bench, Claim, Finding, Reading, Rounds, Series, crowd
from benchmarks.maildir import DurableMaildir
from benchmarks.stock import stock_mail
from benchmarks.stock_projection import folder_view
from letterbook import open_book
from letterbook.application.ports import Session, Store

OURS, STOCK, MAILDIR = "Letterbook", "stock eventsourcing", "Maildir, synced"
STOCK_WITH_VIEW = "stock eventsourcing with a folder view"
SYNCS, COMMITS, GROUPS = "fdatasync of 4 KB", "SQLite commits of 1 event", "SQLite commits of 100 events"
LIVES, INDEXED = "lives/s", "lives/s, words indexed"


def measure(bench: Bench) -> Iterator[Finding]:
    """Lives per second for one thread and for many."""
    yield _alone(bench)
    yield _crowded(bench)


def _alone(bench: Bench) -> Finding:
    rounds = bench.take_turns(
        {
            OURS: lambda: ours(bench, 1),
            STOCK: lambda: stock(bench, 1),
            STOCK_WITH_VIEW: lambda: stock_with_view(bench),
            MAILDIR: lambda: maildir(bench),
            SYNCS: lambda: limits.syncs(bench),
            COMMITS: lambda: limits.commits(bench),
            GROUPS: lambda: limits.commits(bench, 100),
        }
    )
    bounds = tuple(rounds.series(who, "per second") for who in (SYNCS, COMMITS, GROUPS))
    writes = tuple(4 * lives for lives in rounds.series(OURS, LIVES).values)
    return Finding(
        "Lives in process, 1 thread",
        (
            rounds.claim("B3", f"{LIVES} ÷ {STOCK}", LIVES, OURS, STOCK),
            rounds.claim("", f"{LIVES} ÷ {STOCK_WITH_VIEW}", LIVES, OURS, STOCK_WITH_VIEW),
            _indexed(rounds),
            rounds.claim("", f"{LIVES} ÷ {MAILDIR}", LIVES, OURS, MAILDIR),
            Claim("acknowledged writes/s ÷ SQLite commits/s", Series(OURS, "writes/s", writes), bounds[1]),
        ),
        bounds,
    )


def _crowded(bench: Bench) -> Finding:
    threads = bench.sizes.threads
    rounds = bench.take_turns({OURS: lambda: ours(bench, threads), STOCK: lambda: stock(bench, threads)})
    fsyncs = rounds.series(OURS, "fsyncs per write")
    return Finding(
        f"Lives in process, {threads} threads",
        (
            rounds.claim("B4", f"{LIVES} ÷ {STOCK}", LIVES, OURS, STOCK),
            _indexed(rounds),
            Claim("fsyncs per acknowledged write", fsyncs, bar=BARS["B5"]),
        ),
        (rounds.series(OURS, "commits per write"),),
    )


def _indexed(rounds: Rounds) -> Claim:
    """The same when the time is counted that a search would then take to find them all."""
    series = rounds.series(OURS, INDEXED, LIVES)
    return Claim(f"{INDEXED} ÷ {STOCK}", series, rounds.series(STOCK, LIVES))


def ours(bench: Bench, threads: int, *, encrypted: bool = False) -> Reading:
    """Lives through :class:`letterbook.Mailbox`, on a fresh store."""
    path = bench.new_folder("ours") / "mail.db"
    with open_book(path, deliver=False, encrypted=encrypted) as book:
        alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        counting = CountingStore(book.engine.store)
        book.engine.store = cast(Store, counting)
        lives, restarts = 0, _restarts(path)

        def live() -> None:
            nonlocal lives
            filling.live(alex)
            lives += 1

        rate = crowd(live, threads, bench.sizes)
        writes, checkpoints, commits = 4 * lives, _restarts(path) - restarts, counting.commits
        begin = perf_counter()
        book.engine.catch_up_search()
        indexed = 1 / (1 / rate + (perf_counter() - begin) / lives)
    fsyncs = commits + 3 * checkpoints
    return {
        LIVES: rate,
        INDEXED: indexed,
        "commits per write": commits / writes,
        "fsyncs per write": fsyncs / writes,
    }


def stock(bench: Bench, threads: int) -> Reading:
    """Lives through the stock application."""
    with stock_mail(bench.new_folder("stock")) as app:
        return {LIVES: crowd(app.live, threads, bench.sizes)}


def stock_with_view(bench: Bench) -> Reading:
    """The same, and what was saved is in a folder before the next step: a table and one index."""
    folder = bench.new_folder("stock-with-view")
    with stock_mail(folder) as app, folder_view(folder / "view.db") as follow:
        return {LIVES: crowd(lambda: app.live(follow), 1, bench.sizes)}


def maildir(bench: Bench) -> Reading:
    """Lives in a Maildir."""
    return {LIVES: crowd(DurableMaildir(bench.new_folder("maildir")).live, 1, bench.sizes)}


class CountingStore:
    """A store that counts its transactions that write; each is one fsync of the write-ahead log."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.commits = 0

    def writing(self) -> AbstractContextManager[Session]:
        """One transaction, counted."""
        self.commits += 1
        return self._store.writing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def _restarts(path: Path) -> int:
    """How often SQLite began the write-ahead log anew (file format 4.1: bytes 12 to 15 of its header).

    Each time costs three more fsyncs: of the log, of the file it is folded into, and of the new header.
    """
    with path.with_name(f"{path.name}-wal").open("rb") as file:
        return int.from_bytes(file.read(16)[12:16], "big")
