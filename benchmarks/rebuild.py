"""B9, B10: making the views again, beside a stock projection that commits every event by itself.

With full text is what ``letterbook rebuild`` does; without it the words are left to whoever searches first.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter

from benchmarks import filling, mailboxes
from benchmarks.harness import Bench, Finding, Reading
from benchmarks.stock import StockMail, stock_mail
from benchmarks.stock_projection import project
from letterbook import Book
from letterbook.application.rebuilding import Rebuilt, rebuild

OURS, WITH_TEXT, VERIFIED = "Letterbook", "Letterbook, full text", "Letterbook, full text, verified"
STOCK = "stock projection, FULL"
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
            {
                OURS: lambda: rows(book),
                WITH_TEXT: lambda: all_views(book),
                VERIFIED: lambda: compared(book),
                STOCK: lambda: stock(bench, app),
            }
        )
    yield Finding(
        f"Rebuild of {4 * lives:,} events",
        (
            rounds.claim("B9", f"{RATE} ÷ {STOCK}", RATE, OURS, STOCK),
            rounds.claim("B10", f"with full text, {RATE} ÷ {STOCK}", RATE, WITH_TEXT, STOCK),
        ),
        (rounds.series(VERIFIED, RATE),),
    )


def rows(book: Book) -> Reading:
    """Make all rows of the views again."""
    begin = perf_counter()
    rebuilt = rebuild(book.engine.store, words=False)
    return {RATE: _events(rebuilt) / (perf_counter() - begin)}


def all_views(book: Book) -> Reading:
    """The same, and the index of words."""
    begin = perf_counter()
    rebuilt = book.rebuild()
    return {RATE: _events(rebuilt) / (perf_counter() - begin)}


def compared(book: Book) -> Reading:
    """The same, and every row compared with what was there."""
    begin = perf_counter()
    rebuilt = book.rebuild(verify=True)
    seconds = perf_counter() - begin
    assert all(each.equal for each in rebuilt), "a rebuild changes nothing"
    return {RATE: _events(rebuilt) / seconds}


def _events(rebuilt: Iterable[Rebuilt]) -> int:
    return sum(each.events for each in rebuilt)


def stock(bench: Bench, app: StockMail) -> Reading:
    """Follow the stock application's events for a while."""
    return {RATE: project(app, bench.new_folder("view") / "view.db", bench.sizes.seconds)}
