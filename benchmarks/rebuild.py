"""B9: making the views again, beside a stock projection that commits every event by itself."""

from collections.abc import Iterator
from time import perf_counter

from benchmarks import filling
from benchmarks.harness import Bench, Finding, Reading
from benchmarks.stock import StockMail, stock_mail
from benchmarks.stock_projection import project
from letterbook import Book, open_book

OURS, STOCK = "Letterbook", "stock projection, FULL"
RATE = "events/s"


def measure(bench: Bench) -> Iterator[Finding]:
    """Events per second."""
    with (
        open_book(bench.new_folder("rebuilt") / "mail.db", deliver=False) as book,
        stock_mail(bench.new_folder("projected")) as app,
    ):
        bench.tell(f"writing {bench.sizes.rebuilt_lives} lives to make views of")
        alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        filling.fill(book, alex.id, bench.sizes.rebuilt_lives)
        app.fill(bench.sizes.rebuilt_lives)
        rounds = bench.take_turns({OURS: lambda: ours(book), STOCK: lambda: stock(bench, app)})
    claim = rounds.claim("B9", f"{RATE} ÷ {STOCK}", RATE, OURS, STOCK)
    yield Finding(f"Rebuild of {4 * bench.sizes.rebuilt_lives:,} events", (claim,))


def ours(book: Book) -> Reading:
    """Drop and make again all views of the book, and compare them with what was there."""
    begin = perf_counter()
    rebuilt = book.rebuild()
    seconds = perf_counter() - begin
    assert all(each.equal for each in rebuilt), "a rebuild changes nothing"
    return {RATE: sum(each.events for each in rebuilt) / seconds}


def stock(bench: Bench, app: StockMail) -> Reading:
    """Follow the stock application's events for a while."""
    return {RATE: project(app, bench.new_folder("view") / "view.db", bench.sizes.seconds)}
