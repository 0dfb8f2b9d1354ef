"""B13: a page of a folder as of a random earlier position, beside the same page as it is.

The mailbox holds 100,000 events: letters come, are read, moved and thrown away, so that early lists are not
the ends of late ones. Both are asked of the Graph face in process: once with a new position each time, whose
answers have to be told from the history, and once with few positions, whose answers are remembered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from uuid import UUID

import httpx

from benchmarks import filling
from benchmarks.harness import Bench, Finding, Reading
from letterbook import Book, open_book
from letterbook.application import jobs
from letterbook.application.querying import PageQuery
from letterbook.application.work import Work
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Move, Update

LIVE, EARLIER, AGAIN = "a live page", "as of a random position", "as of one of few positions"
TIME, INTAKE = "ms", "events/s taken in"
_FOLDERS = ("inbox", "archive", "drafts", "deleteditems")
_BATCH = 500
_FEW = 20
_PATH = "/v1.0/me/mailFolders/inbox/messages?$top=25&n={new}"

Ask = Callable[[str], Awaitable[httpx.Response]]


def measure(bench: Bench) -> Iterator[Finding]:
    """Time of a page."""
    size = bench.sizes.as_of
    with open_book(bench.new_folder("as-of") / "mail.db", deliver=False) as book:
        end = fill(bench, book, size)
        begin = perf_counter()
        book.travel.follower.catch_up(_mailbox(book), end)
        rate = end / (perf_counter() - begin)
        with asyncio.Runner() as loop:
            turns = _Turns(book, loop, end, bench.sizes.seconds)
            ways = {LIVE: turns.live, EARLIER: turns.earlier, AGAIN: turns.again}
            rounds = bench.take_turns({name: partial(_reading, way, rate) for name, way in ways.items()})
            loop.run(turns.http.aclose())
    small = size < 100_000
    yield Finding(
        f"a page of 25 as of earlier, in a mailbox of {size:,} events",
        (
            rounds.claim("B13", f"time of {EARLIER} ÷ of {LIVE}", TIME, EARLIER, LIVE, smaller=small),
            rounds.claim("", f"time of {AGAIN} ÷ of {LIVE}", TIME, AGAIN, LIVE, smaller=small),
        ),
        (rounds.series(EARLIER, "p99 ms"), rounds.series(EARLIER, INTAKE)),
    )


def _reading(way: Callable[[], list[float]], rate: float) -> Reading:
    times = sorted(way())
    last = times[min(len(times) - 1, len(times) * 99 // 100)]
    return {TIME: median(times) * 1000, "p99 ms": last * 1000, INTAKE: rate}


def _mailbox(book: Book) -> UUID:
    return book.mailbox("alexw@contoso.com", name="Alex Wilber").id


class _Turns:
    """Somebody who asks for pages, over and over."""

    def __init__(self, book: Book, loop: asyncio.Runner, end: int, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._random = Random(13)
        self._end = end
        self._few = [self._random.randrange(end // 10, end) for _ in range(_FEW)]
        self._asked = 0
        token = book.token("alexw@contoso.com")
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=book.asgi()),
            base_url="http://localhost",
            headers={"Authorization": f"Bearer {token}"},
        )

    def live(self) -> list[float]:
        """Pages as they are; none is asked for twice in the same words."""
        return self._run(lambda: "")

    def earlier(self) -> list[float]:
        """Pages as of any position."""
        return self._run(lambda: f"&asOf={self._random.randrange(self._end // 10, self._end)}")

    def again(self) -> list[float]:
        """Pages as of some positions, again and again."""
        return self._run(lambda: f"&asOf={self._random.choice(self._few)}")

    def _run(self, more: Callable[[], str]) -> list[float]:
        return self._loop.run(self._times(more))

    async def _times(self, more: Callable[[], str]) -> list[float]:
        times: list[float] = []
        until = perf_counter() + self._seconds
        while perf_counter() < until:
            self._asked += 1
            path = _PATH.format(new=self._asked) + more()
            begin = perf_counter()
            answer = await self.http.get(path)
            times.append(perf_counter() - begin)
            answer.raise_for_status()
        return times


def fill(bench: Bench, book: Book, size: int) -> int:
    """Half as many letters as there are to be events, and then what becomes of them; gives the end."""
    home, random = _mailbox(book), Random(7)
    for start in range(0, size // 2, _BATCH):
        bench.tell(f"writing {size:,} events: {start:,}")
        filling.write_letters(book, home, range(start, start + _BATCH))
    found = book.engine.page(home, PageQuery(folder=well_known_id(home, "drafts"), top=size, bodies=False))
    names = [leaf.message for leaf in found]
    while (end := _head(book, home)) < size:
        bench.tell(f"writing {size:,} events: {end:,}")
        chosen = [(random.choice(names), random.choice(_FOLDERS)) for _ in range(_BATCH)]
        book.engine.run(partial(_live_on, book=book, home=home, chosen=chosen, random=random))
    return end


def _live_on(work: Work, book: Book, home: UUID, chosen: list[tuple[UUID, str]], random: Random) -> None:
    """Some messages are moved, or read and unread."""
    on = book.engine.occasion("alexw@contoso.com", "benchmark")
    for name, folder in chosen:
        moved = random.random() < 0.5
        ask = Move(well_known_id(home, folder)) if moved else Update(is_read=random.random() < 0.5)
        jobs.ask_message(work, home, name, ask, on)


def _head(book: Book, home: UUID) -> int:
    with book.engine.store.reading() as session:
        return session.history.head(home).seq
