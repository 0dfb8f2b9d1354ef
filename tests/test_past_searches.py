"""Page by page, a search of an earlier moment finds what it would in a store that was stopped there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from letterbook import Book, Mailbox, open_book
from letterbook.adapters.kql import read_query
from letterbook.adapters.views import past_lesson
from letterbook.application.engine import Engine
from letterbook.application.querying import Place
from letterbook.application.searching import MOST_HITS, SearchQuery
from letterbook.domain.mailbox import well_known_id
from tests.fakes import MONDAY, FakeClock
from tests.graph.client import ALEX, MEGAN

SUBJECTS = (
    "Pizza",
    "Quarterly report",
    "東京都で会議があります",
    "Straße",
    "Pizza for the quarterly report",
    "",
)
BODIES = ("pizza", "report, quarterly", "会議は東京です", "offsite in strasse", "offices")
FOLDERS = ("drafts", "inbox", "archive", "deleteditems", "recoverableitemsdeletions")
QUERIES = (
    *("pizza", "pizza report", '"quarterly report"', "pizza OR report", "NOT pizza", "off*", "strasse"),
    *("東京", "会議", "subject:会議 OR body:offsite", "kind:email", "subject:pizza AND NOT body:pizza"),
    *("to:meganb", "from:alexw", "hasAttachments:false pizza", "size>6", "received>=2026-03-02"),
    *("sent:2026-03-02..2026-03-02", "sent<2026-03-02", "pizza OR size<6", "NOT (pizza OR importance:high)"),
    *("(pizza AND size>5) OR (report AND NOT size>5)", "NOT sent>=2026-03-02 OR report", "nowhere"),
)


class Life:
    """What may happen to Alex's letters; each step is plausible."""

    def __init__(self, book: Book, clock: FakeClock, random: Random, *, erases: bool) -> None:
        self.alex = book.mailbox(ALEX, name="Alex Wilber")
        self._clock = clock
        self._random = random
        self._erases = erases and book.engine.store.encrypted

    def go_on(self, steps: int) -> None:
        """So many of them."""
        for _ in range(steps):
            self._clock.pass_by(timedelta(seconds=1))
            some = [each for folder in FOLDERS for each in self.alex.folder(folder)]
            letter = self._random.choice(some).id if some else None
            if letter is None or self._random.random() < 0.35:
                self._write()
            else:
                self._change(letter)

    def _write(self) -> None:
        choose = self._random.choice
        self.alex.create_draft(subject=choose(SUBJECTS), body=choose(BODIES), to=[choose([ALEX, MEGAN])])

    def _change(self, letter: str) -> None:
        choose = self._random.choice
        match choose("write write read move move send delete erase".split()):
            case "write" if self.alex.message(letter).is_draft:
                self.alex.update_draft(letter, subject=choose(SUBJECTS), body=choose(BODIES))
            case "read":
                self.alex.mark_read(letter, is_read=choose([True, False]))
            case "move":
                self.alex.move(letter, choose(FOLDERS))
            case "send" if self.alex.message(letter).is_draft:
                self.alex.send(letter)
            case "delete":
                self.alex.delete_for_good(letter)
            case "erase" if self._erases:
                self.alex.erase(letter, why="asked for")


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture(params=["file", "encrypted file", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """A new book of each kind."""
    path = ":memory:" if request.param == "memory" else tmp_path / "mail.db"
    encrypted = request.param == "encrypted file"
    with open_book(path, clock=clock, deliver=False, encrypted=encrypted) as opened:
        yield opened


@pytest.fixture(autouse=True)
def short_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that begin anew after few changes."""
    monkeypatch.setattr(past_lesson, "_SHORTEST", 8)


def head(alex: Mailbox) -> int:
    """Where the history ends."""
    return alex.changes()[-1].seq


def page_by_page(engine: Engine, alex: Mailbox, query: SearchQuery, life: Life | None = None) -> list[bytes]:
    """The names that are found, and whatever else happens between two pages."""
    found, after = list[bytes](), None
    while page := engine.search(alex.id, replace(query, after=after)):
        found += [leaf.name for leaf in page]
        after = Place(page[-1].place, page[-1].message)
        if life:
            life.go_on(1)
    return found


def wishes(alex: Mailbox, random: Random, most: int) -> Iterator[SearchQuery]:
    """Some searches, in some folder or in all of the mailbox."""
    for text in random.sample(QUERIES, most):
        place = random.choice([None, None, *FOLDERS])
        folder = well_known_id(alex.id, place) if place else None
        yield SearchQuery(sought=read_query(text, MONDAY), folder=folder, top=random.choice([1, 2, 5, 50]))


def check(book: Book, clock: FakeClock, place: Path, seed: int, *, moving: bool) -> int:
    """All kinds of searches as of all kinds of positions; gives how many messages were found in all."""
    random, seen = Random(seed), 0
    life = Life(book, clock, random, erases=not moving)
    life.go_on(60)
    for number in range(6):
        at = random.randrange(20, head(life.alex) + 1)
        then, _ = book.travel.at(book.engine.person(ALEX), at)
        file = place / f"{number}.db" if list(place.glob("mail.db")) else ":memory:"
        with book.fork(file, at=at, only=ALEX) as stopped:
            for query in wishes(life.alex, random, 8):
                found = page_by_page(then, life.alex, query, life if moving else None)
                whole = stopped.engine.search(life.alex.id, replace(query, top=MOST_HITS))
                assert found == [leaf.name for leaf in whole], (at, query)
                seen += len(found)
    return seen


@pytest.mark.parametrize("seed", range(2))
def test_any_search_is_that_of_a_store_that_was_stopped_there(
    book: Book, clock: FakeClock, tmp_path: Path, seed: int
) -> None:
    assert check(book, clock, tmp_path, seed, moving=False) > 30


@pytest.mark.parametrize("seed", [5])
def test_each_comes_once_whatever_happens_between_two_pages(
    book: Book, clock: FakeClock, tmp_path: Path, seed: int
) -> None:
    """It is written over, moved, sent or deleted for good."""
    assert check(book, clock, tmp_path, seed, moving=True) > 30


@pytest.mark.usefixtures("at_a_glance")
def test_a_glance_finds_the_same(book: Book, clock: FakeClock, tmp_path: Path) -> None:
    """Nothing is taken in, whatever happens between two pages."""
    assert check(book, clock, tmp_path, 7, moving=True) > 30
    assert not book.travel.follower.has_begun()
