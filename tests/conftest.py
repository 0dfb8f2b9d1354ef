"""A book with Alex, Megan and Adele in it, and each of them at its Graph face, in process.

A folder whose book is another one says so in a conftest of its own; whoever talks to it is the same.
"""

import gc
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import settings

from letterbook.adapters import wiring
from letterbook.adapters.book import Book
from letterbook.adapters.post_office import PostOffice
from letterbook.application import past_glance
from tests import folders, warm
from tests.chance import profile_of
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, book_of_three, stranger_at
from tests.looping import Conversations

FAILED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """How much chance may choose, and where files are, is settled before anything that asks is imported."""
    settings.load_profile(profile_of(config.option.markexpr))
    folders.settle(config.option.markexpr)


def pytest_unconfigure() -> None:
    """The process that programs are forked from is let go."""
    warm.end()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays: to look it over for garbage takes a tenth of all the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whether a test went well is known to its fixtures."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the test's own, which is gone when all was well.

    For each of its own, pytest looks through all that it ever made.
    """
    folder = mkdtemp(
        prefix=f"{request.node.name.partition('[')[0][:30]}-", dir=tmp_path_factory.getbasetemp()
    )
    yield Path(folder)
    if FAILED not in request.node.stash:
        rmtree(folder, ignore_errors=True)  # a program that was killed may still write there


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store is, or would be: in a file, as in real life."""
    return tmp_path / "mail.db"


@pytest.fixture
def place(file: Path) -> str:
    """The same, as it is typed."""
    return str(file)


@pytest.fixture
def book(place: str) -> Iterator[Book]:
    """A book with three people; nothing is delivered before a test says so."""
    with book_of_three(place) as book:
        yield book


@pytest.fixture(scope="session")
def loop() -> Iterator[Conversations]:
    """One event loop for all conversations."""
    with Conversations() as runner:
        yield runner


@pytest.fixture
def nobody(book: Book, loop: Conversations) -> Iterator[Graph]:
    """Somebody without a token."""
    with stranger_at(book, loop) as nobody:
        yield nobody


@pytest.fixture
def alex(nobody: Graph) -> Graph:
    """Alex Wilber, who may read, write and send."""
    return nobody.holding(nobody.book.token(ALEX))


@pytest.fixture
def megan(nobody: Graph) -> Graph:
    """Megan Bowen, who may read, write and send."""
    return nobody.holding(nobody.book.token(MEGAN))


@pytest.fixture
def adele(nobody: Graph) -> Graph:
    """Adele Vance, who may read, write and send."""
    return nobody.holding(nobody.book.token(ADELE))


@pytest.fixture
def robot(nobody: Graph) -> Graph:
    """An application, which has no mailbox and sees all."""
    return nobody.holding(nobody.book.token("a-daemon", "Mail.ReadWrite Mail.Send", app=True))


@pytest.fixture
def hasty_post_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done in the background is looked after all the time."""
    monkeypatch.setattr(wiring, "PostOffice", partial(PostOffice, every=0.02))


@pytest.fixture
def at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks about the past is told from what is shown now, and has little of it put back at once."""
    monkeypatch.setattr(past_glance, "_SOON", -1)
    monkeypatch.setattr(past_glance, "_WORTH_IT", 10**9)
    monkeypatch.setattr(past_glance, "_SLICE", 7)
