"""Another program keeps the file busy, or too many come at once: come again, said clearly; reads go on."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from letterbook import StoreBusy, StoreTrouble, open_book
from letterbook.adapters.book import Book
from letterbook.adapters.post_office import PostOffice
from letterbook.adapters.store import connections
from letterbook.adapters.store import sqlite as store_module
from letterbook.adapters.store.sqlite import HURRY_SECONDS, SqliteStore
from letterbook.application.group_commit import GroupCommit, Overloaded, Ticket
from letterbook.application.patience import hurrying, in_a_hurry
from tests.graph.client import ALEX, BASE, MEGAN, Graph, error_in, state_of

HOLDER = (
    "import sqlite3, sys\n"
    "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "connection.execute('BEGIN IMMEDIATE')\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)
"""Another program that begins to write and does not end before it is told to."""


class Lock:
    """The write lock of a file, in the hands of another process."""

    def __init__(self, file: Path) -> None:
        command = [sys.executable, "-c", HOLDER, str(file)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"held\n"

    def release(self) -> None:
        """The other program is through; safe to say twice."""
        self._process.communicate(timeout=30)


@contextmanager
def held(file: Path) -> Iterator[Lock]:
    """Another process writes for as long as the block, unless it is released."""
    lock = Lock(file)
    try:
        yield lock
    finally:
        if lock._process.poll() is None:
            lock.release()


def store_of(book: Book) -> SqliteStore:
    """The store below a book."""
    return cast(SqliteStore, book.engine.store)


@pytest.fixture
def impatient(book: Book) -> Book:
    """The book, whose store waits for a tenth of a second instead of half a minute."""
    store_of(book).patience = 0.1
    return book


def post(alex: Graph, subject: str) -> Awaitable[httpx.Response]:
    """A request for a draft, not yet made."""
    url = f"{BASE}/v1.0/me/messages"
    return alex.http.post(url, headers=alex.headers, json={"subject": subject})


def subjects(book: Book, owner: str = ALEX) -> list[str]:
    """The subjects of somebody's drafts, sorted."""
    return sorted(each.subject for each in book.mailbox(owner).drafts())


def check_busy(answer: httpx.Response) -> None:
    """503 in Graph's shape, when to come again, and nothing of what is behind it."""
    assert answer.status_code == 503
    assert error_in(answer)["code"] == "ServiceUnavailable"
    assert float(answer.headers["Retry-After"]) > 0
    assert not [word for word in ("database", "locked", "sqlite") if word in answer.text.lower()]


def test_a_request_is_told_to_come_again(impatient: Book, alex: Graph, file: Path) -> None:
    """And goes well when it does."""
    draft = alex.draft()
    before = state_of(impatient)
    with held(file):
        for method, path, said in (
            ("POST", "/me/messages", {"subject": "Meanwhile"}),
            ("PATCH", f"/me/messages/{draft['id']}", {"subject": "Meanwhile"}),
            ("POST", f"/me/messages/{draft['id']}/send", {}),
            ("DELETE", f"/me/messages/{draft['id']}", {}),
        ):
            check_busy(alex.request(method, path, json=said))
        assert state_of(impatient) == before
    assert alex.changed(f"/me/messages/{draft['id']}", {"subject": "After"})["subject"] == "After"


def test_python_is_told_by_type(impatient: Book, file: Path) -> None:
    """An exception that the package exports."""
    mailbox = impatient.mailbox(ALEX)
    with held(file):
        with pytest.raises(StoreBusy) as busy:
            mailbox.create_draft(subject="Meanwhile")
        assert isinstance(busy.value, StoreTrouble)
        assert mailbox.drafts() == []
    mailbox.create_draft(subject="After")
    assert subjects(impatient) == ["After"]


def test_opening_a_busy_store_is_told_apart(book: Book, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a store, and can be opened in a moment."""
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.1)
    with held(file), pytest.raises(StoreBusy):
        open_book(file)
    with open_book(file, deliver=False) as again:
        assert len(again.users()) == 3


def test_reads_are_answered_while_a_write_waits(alex: Graph, book: Book, file: Path) -> None:
    """In the same event loop; the write is done and acknowledged when the other program is through."""
    store_of(book).patience = 60
    url, order = f"{BASE}/v1.0/me/mailFolders/drafts/messages", []

    async def write(subject: str) -> httpx.Response:
        answer = await post(alex, subject)
        order.append(f"written: {subject}")
        return answer

    async def read_meanwhile(lock: Lock) -> None:
        await asyncio.sleep(0.1)
        for _ in range(20):
            answer = await alex.http.get(url, headers=alex.headers)
            assert (answer.status_code, answer.json()["value"]) == (200, [])
        order.append("read")
        lock.release()

    async def all_at_once(lock: Lock) -> list[int]:
        a, b, _ = await asyncio.gather(write("a"), write("b"), read_meanwhile(lock))
        return [a.status_code, b.status_code]

    with held(file) as lock:
        assert alex.loop.run(all_at_once(lock)) == [201, 201]
    assert order[0] == "read"
    assert subjects(book) == ["a", "b"]


def test_those_who_wait_together_are_told_together(
    impatient: Book, alex: Graph, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one after the other, each after waiting anew."""
    waits: list[float] = []
    store = store_of(impatient)
    begin = store._begin_to_write

    def count_patient_ones(patience: float) -> None:
        waits.extend([patience] if patience > HURRY_SECONDS else [])
        begin(patience)

    monkeypatch.setattr(store, "_begin_to_write", count_patient_ones)

    async def ask() -> list[httpx.Response]:
        return await asyncio.gather(*(post(alex, f"{n}") for n in range(16)))

    with held(file):
        answers = alex.loop.run(ask())
    for answer in answers:
        check_busy(answer)
    assert len(waits) <= 2
    assert subjects(impatient) == []


def test_threads_and_an_event_loop_get_through_when_it_is_over(book: Book, alex: Graph, file: Path) -> None:
    """Everyone who waited, once each."""
    store_of(book).patience = 60
    mailbox = book.mailbox(MEGAN)
    threads = [
        threading.Thread(target=mailbox.create_draft, kwargs={"subject": f"{n}"}, daemon=True)
        for n in range(8)
    ]

    async def ask(lock: Lock) -> list[int]:
        asked = [asyncio.ensure_future(post(alex, f"{n}")) for n in range(8)]
        await asyncio.sleep(0.2)
        lock.release()
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    with held(file) as lock:
        for thread in threads:
            thread.start()
        assert alex.loop.run(ask(lock)) == [201] * 8
    for thread in threads:
        thread.join(30)
    assert subjects(book, MEGAN) == subjects(book) == [f"{n}" for n in range(8)]


def test_a_long_write_of_this_program_itself_is_no_different(impatient: Book, alex: Graph) -> None:
    """Whoever rebuilds a mailbox in a thread, say: others are told to come again, and read meanwhile."""
    with impatient.engine.store.writing():
        check_busy(alex.post("/me/messages", json={"subject": "Meanwhile"}))
        assert alex.values("/me/messages") == []
    alex.draft(subject="After")
    assert subjects(impatient) == ["After"]


def test_delivery_waits_and_goes_on(impatient: Book, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line in the log; no letter is lost, no attempt counted, nothing is put off."""
    impatient.mailbox(ALEX).send_mail(subject="Offsite", to=[MEGAN])
    office = PostOffice(impatient._delivery, every=0.05)
    with held(file), caplog.at_level(logging.ERROR, "letterbook.delivery"):
        office.wake()
        wait_for(lambda: "delivery waits" in caplog.text)
    wait_for(lambda: impatient.waiting() == 0)
    office.close()
    assert [each.subject for each in impatient.mailbox(MEGAN).folder("inbox")] == ["Offsite"]
    assert all(record.exc_info is None for record in caplog.records)


def wait_for(done: Callable[[], bool]) -> None:
    """Until it is so; ten seconds at most."""
    pause = threading.Event()
    for _ in range(1000):
        if done():
            return
        pause.wait(0.01)
    raise AssertionError("it never was so")


# --- A line that is too long -----------------------------------------------------------------------


def test_a_line_that_is_too_long_is_503_over_http(book: Book, alex: Graph) -> None:
    """Those who found a place are served; what the others asked for was not done."""
    book.engine._commit._longest_line = 8

    async def ask() -> list[httpx.Response]:
        return await asyncio.gather(*(post(alex, f"{n:02}") for n in range(32)))

    answers = alex.loop.run(ask())
    done = [f"{n:02}" for n, answer in enumerate(answers) if answer.status_code == 201]
    assert 8 <= len(done) < 32
    for answer in answers:
        if answer.status_code != 201:
            check_busy(answer)
    assert subjects(book) == done


def test_too_many_is_a_way_to_be_busy() -> None:
    """Whoever catches the one catches the other."""
    desk: GroupCommit[Any] = GroupCommit(lambda _: None, longest_line=0)
    with pytest.raises(StoreBusy) as error:
        desk.queue(lambda _: None)
    assert error.type is Overloaded


# --- The line in front of a busy desk --------------------------------------------------------------


class Pages:
    """Takes anything."""

    def keep(self) -> None:
        """Well."""

    def undo(self) -> None:
        """Well."""


class Desk:
    """A store that is busy for whoever is in a hurry; writes down who asked how."""

    def __init__(self) -> None:
        self.busy = True
        self.hurried: list[bool] = []
        self.trouble: list[Exception] = []

    def transact(self, attempt_all: Callable[[Pages], None]) -> None:
        """One transaction."""
        self.hurried.append(in_a_hurry())
        if self.busy and in_a_hurry():
            raise StoreBusy("somebody else writes")
        attempt_all(Pages())
        if self.trouble:
            raise self.trouble.pop()


def test_whoever_waits_at_the_desk_in_person_is_patient() -> None:
    """A thread that runs a job is in no hurry."""
    desk = Desk()
    assert GroupCommit[Pages](desk.transact).run(lambda _: "done") == "done"
    assert desk.hurried == [False]


def test_a_hurried_flush_leaves_the_line_to_somebody_patient() -> None:
    """In the order in which they came, each job once, and each caller called."""
    desk, line, done = Desk(), [], []
    commit = GroupCommit[Pages](desk.transact)
    settled = threading.Semaphore(0)

    def call() -> bool:
        settled.release()
        return True

    def noting(number: int) -> Callable[[Pages], None]:
        return lambda _: done.append(number)

    tickets = [commit.queue(noting(number), call) for number in range(3)]
    line.append(len(commit._line))
    commit.flush()
    for _ in tickets:
        assert settled.acquire(timeout=10)
    assert (line, done, desk.hurried) == ([3], [0, 1, 2], [True, False])
    assert all(ticket.settled for ticket in tickets)


def bell() -> tuple[Callable[[], bool], threading.Event]:
    """How somebody in the line is called, and whether they were."""
    rung = threading.Event()

    def ring() -> bool:
        rung.set()
        return True

    return ring, rung


def test_a_loop_that_promises_to_come_again_needs_nobody_else() -> None:
    """Until it breaks the promise, and as long as no thread waits in the line."""
    desk, done, promises = Desk(), list[str](), [True, True, False]
    commit = GroupCommit[Pages](desk.transact)
    call, settled = bell()
    commit.queue(lambda _: done.append("asked from a loop"), call)
    for _ in range(2):
        commit.flush(lambda: promises.pop(0))
    assert (done, desk.hurried, promises) == ([], [True, True], [False])
    commit.flush(lambda: promises.pop(0))
    assert settled.wait(timeout=10)
    assert (done, desk.hurried) == (["asked from a loop"], [True, True, True, False])


def test_no_thread_waits_for_a_loop_to_come_again() -> None:
    """The loop may end before; somebody patient serves them both."""
    desk, done = Desk(), list[str]()
    commit = GroupCommit[Pages](desk.transact)
    call, settled = bell()
    commit.queue(lambda _: done.append("asked from a loop"), call)
    commit._line.append(Ticket(lambda _: done.append("asked by a thread")))
    commit.flush(lambda: pytest.fail("nobody asked it to"))
    assert settled.wait(timeout=10)
    wait_for(lambda: len(done) == 2)
    assert done == ["asked from a loop", "asked by a thread"]


def test_no_loop_waits_for_another_one_to_come_again() -> None:
    """That may end before as well, when whoever asked there gives up."""
    desk, done = Desk(), list[str]()
    commit = GroupCommit[Pages](desk.transact)
    call, settled = bell()
    other = threading.Thread(target=commit.queue, args=(lambda _: done.append("another loop"), call))
    other.start()
    other.join()
    commit.flush(lambda: True)
    assert settled.wait(timeout=10)
    assert done == ["another loop"]


class Crowded(Ticket[Pages, None]):
    """A job asked from a loop; while somebody looks at it, another thread comes."""

    def __init__(self, job: Callable[[Pages], None], comes: Callable[[], None]) -> None:
        super().__init__(job, lambda: True)
        self._comes = comes

    @property
    def is_waited_for(self) -> bool:
        """No thread waits for this one."""
        self._comes()
        return super().is_waited_for


def test_a_thread_that_comes_while_the_line_is_looked_at_is_served() -> None:
    """Also if the loop that promised to come again never does."""
    desk, done = Desk(), list[str]()
    commit = GroupCommit[Pages](desk.transact)
    thread = threading.Thread(target=lambda: commit.run(lambda _: done.append("a thread")), daemon=True)

    def come() -> None:
        thread.start()
        wait_for(lambda: "a thread" in done or len(commit._line) > 1)

    commit._line.append(Crowded(lambda _: done.append("a loop"), come))
    commit.flush(lambda: True)
    thread.join(timeout=10)
    assert done == ["a loop", "a thread"]


def test_nothing_is_done_twice_when_the_store_gets_busy_half_way() -> None:
    """A transaction fails; done again one by one, nobody is in a hurry any more."""
    desk, done = Desk(), []
    desk.busy, desk.trouble = False, [OSError("the first time only")]
    commit = GroupCommit[Pages](desk.transact)

    def work(_: Pages) -> None:
        done.append(len(desk.hurried))
        desk.busy = True

    tickets = [commit.queue(work, lambda: True) for _ in range(3)]
    commit.flush()
    assert desk.hurried == [True, False, False, False]
    assert done == [1, 1, 1, 2, 3, 4]
    assert [ticket.outcome() for ticket in tickets] == [None] * 3


def test_a_hurry_ends_with_its_block() -> None:
    """Also inside another one."""
    with hurrying():
        assert in_a_hurry()
        with hurrying(yes=False):
            assert not in_a_hurry()
        assert in_a_hurry()
    assert not in_a_hurry()
