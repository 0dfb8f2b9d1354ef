"""Looking back in the largest mailbox, in process: the first question ever, and then any others.

The mailbox is a kept one, which is only read: what is taken in of its past is written beside a link to it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from benchmarks import mailboxes
from benchmarks.harness import Bench, Finding, Reading, Series
from letterbook import Book, Mailbox
from letterbook.application.engine import Engine
from letterbook.application.querying import Compare, Field, Is, PageQuery, Place
from letterbook.domain.mailbox import well_known_id

TIME = "ms"
FIRST, INTAKE = "the first question about its past, half way back", "taking in all of its past"
PAGE, ANYWHERE, UNREAD, COUNT, FOLDERS, ONE = (
    *("a page of 25", "a page of 25 anywhere", "a page of what is unread"),
    *("a count", "the folders", "one message"),
)
_TIMES = 40

Ask = Callable[[Engine], object]


def measure(bench: Bench) -> Iterator[Finding]:
    """Times in one process: first of the first question, then of others, now and as of random positions."""
    with mailboxes.opened(_linked(bench)) as (book, alex):
        with book.engine.store.reading() as session:
            end = session.history.head(alex.id).seq
        bench.tell(f"looking back in {end:,} events")
        begun = [
            _once(FIRST, partial(_page_as_of, book, end // 2)),
            _once(INTAKE, partial(book.travel.follower.catch_up, alex.id, end)),
        ]
        yield _finding(bench, _Looks(book, alex, end), begun)


def _finding(bench: Bench, looks: "_Looks", begun: list[Series]) -> Finding:
    runs = {_now(what): partial(looks.now, ask) for what, ask in looks.asks.items()}
    runs |= {_then(what): partial(looks.then, ask) for what, ask in looks.asks.items() if what != ANYWHERE}
    rounds = bench.take_turns(runs, bench.sizes.few_rounds)
    smaller = looks.end < 1_000_000
    pairs = [(what, what) for what in looks.asks if what != ANYWHERE] + [(PAGE, ANYWHERE)]
    claims = (
        rounds.claim(
            "", f"time of {_then(one)} ÷ of {_now(other)}", TIME, _then(one), _now(other), smaller=smaller
        )
        for one, other in pairs
    )
    return Finding(f"looking back in {looks.end:,} events, in process", tuple(claims), tuple(begun))


def _now(what: str) -> str:
    return f"{what}, now"


def _then(what: str) -> str:
    return f"{what}, as of a random position"


def _linked(bench: Bench) -> Path:
    """A link to the kept mailbox, so that nothing is put beside it."""
    link = bench.new_folder("as-of-large") / "mail.db"
    link.symlink_to(mailboxes.store(bench, bench.sizes.large).absolute())
    return link


def _page_as_of(book: Book, position: int) -> object:
    owner = book.engine.person(mailboxes.OWNER)
    engine, _ = book.travel.at(owner, position)
    return engine.page(owner.mailbox, PageQuery(folder=well_known_id(owner.mailbox, "drafts"), top=25))


def _once(what: str, ask: Callable[[], object]) -> Series:
    begin = perf_counter()
    ask()
    return Series(what, "s", (perf_counter() - begin,))


class _Looks:
    """Somebody who looks at one mailbox, now and then."""

    def __init__(self, book: Book, alex: Mailbox, end: int) -> None:
        self.end = end
        self._book = book
        self._owner = book.engine.person(mailboxes.OWNER)
        self._random = Random(13)
        home = alex.id
        self._drafts = drafts = well_known_id(home, "drafts")
        first = PageQuery(folder=drafts, top=25)
        unread = PageQuery(folder=drafts, top=25, where=Compare(Field.IS_READ, Is.EQUAL, False))
        oldest = [leaf.message for leaf in self._engine_then(2 + end // 100).page(home, first)]
        self._places = [self._place() for _ in range(_TIMES)]
        self.asks: dict[str, Ask] = {
            PAGE: lambda engine: engine.page(home, first),
            ANYWHERE: lambda engine: engine.page(home, self._anywhere()),
            UNREAD: lambda engine: engine.page(home, unread),
            COUNT: lambda engine: engine.count(home, drafts, None),
            FOLDERS: lambda engine: engine.folders(home),
            ONE: lambda engine: engine.row(home, self._random.choice(oldest)),
        }

    def now(self, ask: Ask) -> Reading:
        """As it is."""
        return self._median(ask, lambda: self._book.engine)

    def then(self, ask: Ask) -> Reading:
        """As it was, each time at another position."""
        return self._median(
            ask, lambda: self._engine_then(self._random.randrange(2 + self.end // 100, self.end))
        )

    def _median(self, ask: Ask, engine: Callable[[], Engine]) -> Reading:
        times = []
        for _ in range(_TIMES):
            begin = perf_counter()
            ask(engine())
            times.append(perf_counter() - begin)
        return {TIME: median(times) * 1000}

    def _engine_then(self, position: int) -> Engine:
        engine, _ = self._book.travel.at(self._owner, position)
        return engine

    def _place(self) -> Place:
        """Where the newest message of some earlier moment is now."""
        engine = self._engine_then(self._random.randrange(2 + self.end // 100, self.end))
        query = PageQuery(folder=self._drafts, top=1, bodies=False)
        (leaf,) = engine.page(self._owner.mailbox, query)
        return Place(leaf.place, leaf.message)

    def _anywhere(self) -> PageQuery:
        return PageQuery(folder=self._drafts, top=25, after=self._random.choice(self._places))
