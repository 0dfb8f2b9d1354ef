"""B9, B10: making the views again, beside a stock projection that commits every event by itself.

With full text is what ``letterbook rebuild`` does; without it only the rows are made.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter

from benchmarks import filling, mailboxes
from benchmarks.harness import Bench, Finding, Reading
from benchmarks.stock import StockMail, stock_mail
from benchmarks.stock_projection import project
from letterbook import Book
from letterbook.application.rebuilding import Rebuilt, rebuild

OURS, WITH_TEXT, STOCK = "Letterbook", "Letterbook, full text", "stock projection, FULL"
RATE = "events/s"


def measure(bench: Bench) -> Iterator[Finding]:
    """Events per second."""
    lives = bench.sizes.rebuilt_lives
    with (
        mailboxes.opened(bench.new_folder("rebuilt") / "mail.db") as (book, alex),
        stock_mail(bench.new_folder("projected")) as app,
    ):
        bench.tell(f"writing {lives} lives to make views of")
        filling.fill(book, alex.id, lives)
        app.fill(lives)
        rounds = bench.take_turns(
            {OURS: lambda: rows(book), WITH_TEXT: lambda: all_views(book), STOCK: lambda: stock(bench, app)}
        )
    yield Finding(
        f"Rebuild of {4 * lives:,} events",
        (
            rounds.claim("B9", f"{RATE} ÷ {STOCK}", RATE, OURS, STOCK),
            rounds.claim("B10", f"with full text, {RATE} ÷ {STOCK}", RATE, WITH_TEXT, STOCK),
        ),
    )


def rows(book: Book) -> Reading:
    """Drop and make again all rows of the views, and compare them with what was there."""
    begin = perf_counter()
    rebuilt = rebuild(book.engine.store)
    seconds = perf_counter() - begin
    book.engine.catch_up_search()
    return {RATE: _events(rebuilt) / seconds}


def all_views(book: Book) -> Reading:
    """The same, and the index of words."""
    begin = perf_counter()
    rebuilt = book.rebuild()
    seconds = perf_counter() - begin
    return {RATE: _events(rebuilt) / seconds}


def _events(rebuilt: Iterable[Rebuilt]) -> int:
    every = list(rebuilt)
    assert all(each.equal for each in every), "a rebuild changes nothing"
    return sum(each.events for each in every)


def stock(bench: Bench, app: StockMail) -> Reading:
    """Follow the stock application's events for a while."""
    return {RATE: project(app, bench.new_folder("view") / "view.db", bench.sizes.seconds)}
