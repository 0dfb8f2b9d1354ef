"""Looking back in the largest mailbox, in process: the first question ever, and then any others.

The mailbox is a kept one, which is only read: what is taken in of its past is written beside a link to it.
Questions of now and of earlier are held against each other of two kinds: the same one again and again, as of
one position; and each time another one, whose answer is at some place of a list that nobody has just read: of
now behind a random message, of earlier as of a random position.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from uuid import UUID

from benchmarks import letters, mailboxes
from benchmarks.harness import Bench, Finding, Reading, Series
from letterbook import Book, Mailbox
from letterbook.application.engine import Engine
from letterbook.application.moments import moment
from letterbook.application.querying import Compare, Field, Is, PageQuery, Place
from letterbook.application.rows import Leaf
from letterbook.application.searching import Both, Part, Says, SearchQuery, Sought
from letterbook.domain.mailbox import well_known_id

TIME = "ms"
FIRST, INTAKE = "the first question about its past, half way back", "taking in all of its past"
PAGE, UNREAD, COUNT, FOLDERS, ONE = (
    *("a page of 25", "a page of 25 unread", "a count"),
    *("the folders", "one message"),
)
SEARCHES = {"a search for a frequent word": letters.COMMON, "a search for a rare word": letters.RARE}
AGAIN, ANYWHERE = "again and again", "anywhere"
_TIMES = 40
_PLACES = 200

Ask = Callable[[Engine], object]


@dataclass(frozen=True, slots=True)
class _Question:
    """A question of now, and its like of an earlier position: of one, or each time of another."""

    what: str
    how: str
    now: Ask
    then: Ask

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.what}, {self.how}"


def measure(bench: Bench) -> Iterator[Finding]:
    """Times in one process: first of the first question, then of others, now and as of earlier positions."""
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
    runs: dict[str, Callable[[], Reading]] = {}
    for each in looks.questions:
        runs |= {_now(each): partial(looks.now, each), _then(each): partial(looks.then, each)}
    rounds = bench.take_turns(runs, bench.sizes.few_rounds)
    smaller = looks.end < 1_000_000
    claims = (
        rounds.claim(
            "",
            f"{each.name}: time as of earlier ÷ of now",
            TIME,
            _then(each),
            _now(each),
            smaller=smaller,
        )
        for each in looks.questions
    )
    return Finding(f"looking back in {looks.end:,} events, in process", tuple(claims), tuple(begun))


def _now(question: _Question) -> str:
    return f"{question.name}, now"


def _then(question: _Question) -> str:
    position = "one position" if question.how == AGAIN else "a random position"
    return f"{question.name}, as of {position}"


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
        self._home = home = alex.id
        self._random = Random(13)
        self._drafts = drafts = well_known_id(home, "drafts")
        self._newest = [self._newest_of_some_moment() for _ in range(_PLACES)]
        page = PageQuery(folder=drafts, top=25)
        unread = replace(page, where=Compare(Field.IS_READ, Is.EQUAL, False))
        oldest = [leaf.message for leaf in self._engine_then(self._early).page(home, page)]
        first, seldom = partial(self._page, page), partial(self._page, unread)
        one, any_one = partial(self._one, oldest[:1]), partial(self._one, oldest)
        self.questions = (
            _Question(PAGE, AGAIN, first, first),
            _Question(PAGE, ANYWHERE, partial(self._page_anywhere, page), first),
            _Question(UNREAD, AGAIN, seldom, seldom),
            _Question(UNREAD, ANYWHERE, partial(self._page_anywhere, unread), seldom),
            *(_Question(COUNT, how, self._count, self._count) for how in (AGAIN, ANYWHERE)),
            *(_Question(FOLDERS, how, self._folders, self._folders) for how in (AGAIN, ANYWHERE)),
            _Question(ONE, AGAIN, one, one),
            _Question(ONE, ANYWHERE, any_one, any_one),
            *(each for what, word in SEARCHES.items() for each in self._searches(what, word)),
        )

    def _searches(self, what: str, word: str) -> tuple[_Question, _Question]:
        """The newest 25 letters that hold a word; those of now anywhere are the newest until some moment."""
        says = Says((Part.AUTHOR, Part.SUBJECT, Part.BODY), (word,))
        first = partial(self._search, says)
        return (
            _Question(what, AGAIN, first, first),
            _Question(what, ANYWHERE, partial(self._search_anywhere, says), first),
        )

    def now(self, question: _Question) -> Reading:
        """As it is."""
        return self._median(question.now, lambda: self._book.engine)

    def then(self, question: _Question) -> Reading:
        """As it was."""
        at = self._somewhere if question.how == ANYWHERE else lambda: self.end // 2
        return self._median(question.then, lambda: self._engine_then(at()))

    def _median(self, ask: Ask, engine: Callable[[], Engine]) -> Reading:
        times = []
        for _ in range(_TIMES):
            begin = perf_counter()
            ask(engine())
            times.append(perf_counter() - begin)
        return {TIME: median(times) * 1000}

    @property
    def _early(self) -> int:
        """A position at which there is something to look at."""
        return 2 + self.end // 100

    def _somewhere(self) -> int:
        return self._random.randrange(self._early, self.end)

    def _engine_then(self, position: int) -> Engine:
        engine, _ = self._book.travel.at(self._owner, position)
        return engine

    def _newest_of_some_moment(self) -> Leaf:
        query = PageQuery(folder=self._drafts, top=1, bodies=False)
        (leaf,) = self._engine_then(self._somewhere()).page(self._home, query)
        return leaf

    def _page(self, query: PageQuery, engine: Engine) -> object:
        return engine.page(self._home, query)

    def _page_anywhere(self, query: PageQuery, engine: Engine) -> object:
        behind = self._random.choice(self._newest)
        return engine.page(self._home, replace(query, after=Place(behind.place, behind.message)))

    def _search(self, sought: Sought, engine: Engine) -> object:
        return engine.search(self._home, SearchQuery(sought=sought, top=25))

    def _search_anywhere(self, says: Says, engine: Engine) -> object:
        newest = moment(int(self._random.choice(self._newest).place[0]))
        return self._search(Both((says, Compare(Field.SENT, Is.AT_MOST, newest))), engine)

    def _count(self, engine: Engine) -> object:
        return engine.count(self._home, self._drafts, None)

    def _folders(self, engine: Engine) -> object:
        return engine.folders(self._home)

    def _one(self, names: list[UUID], engine: Engine) -> object:
        return engine.row(self._home, self._random.choice(names))
