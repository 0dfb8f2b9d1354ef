"""Concurrent jobs share a transaction; each is answered for itself, and only when it is on disk."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from itertools import count
from pathlib import Path

import pytest

from letterbook.application import jobs
from letterbook.application.group_commit import GroupCommit, Interrupted, Overloaded, Ticket
from letterbook.application.ports import Session
from letterbook.application.work import Work
from letterbook.domain.refusals import AddressTaken, Conflict, Refused
from tests.fakes import ALEX, MEGAN, FakeClock, FakeTransport, House, letter, opened_sqlite


class Ledger:
    """A store of lines; a transaction writes them all at once, or fails when told to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.transactions = 0
        self.before_commit: Callable[[], None] = lambda: None
        self._at_work = threading.Lock()

    def transact(self, attempt_all: Callable[["Page"], None]) -> None:
        """One transaction; never two at a time."""
        assert self._at_work.acquire(blocking=False), "somebody else is writing"
        try:
            self.transactions += 1
            page = Page()
            attempt_all(page)
            self.before_commit()
            self.lines += page.kept
        finally:
            self._at_work.release()


class Page:
    """What the jobs of one transaction write."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.fresh: list[str] = []

    def write(self, line: str) -> str:
        """A job writes a line."""
        self.fresh.append(line)
        return f"written: {line}"

    def keep(self) -> None:
        """The job went well."""
        self.kept += self.fresh
        self.fresh = []

    def undo(self) -> None:
        """The job was refused."""
        self.fresh = []


Job = Callable[[Page], str]


@pytest.fixture
def ledger() -> Ledger:
    """An empty one."""
    return Ledger()


@pytest.fixture
def desk(ledger: Ledger) -> GroupCommit[Page]:
    """The line in front of it."""
    return GroupCommit(ledger.transact, longest_line=64)


def writes(line: str) -> Job:
    """A job that goes well."""
    return lambda page: page.write(line)


def refuses(page: Page) -> str:
    """A job that is refused after it wrote."""
    page.write("refused")
    raise AddressTaken("alexw@contoso.com")


def breaks(page: Page) -> str:
    """A job that nobody foresaw."""
    page.write("broken")
    raise ZeroDivisionError


def together(ledger: Ledger, desk: GroupCommit[Page], *jobs: Job) -> list[str | type[BaseException]]:
    """Do jobs in one transaction, each from a thread of its own; gives their outcomes in order."""
    busy, go = threading.Event(), threading.Event()

    def hold(_: Page) -> str:
        busy.set()
        assert go.wait(10)
        return "held"

    def outcome(job: Job) -> str | type[BaseException]:
        try:
            return desk.run(job)
        except Exception as error:
            return type(error)

    with ThreadPoolExecutor(len(jobs) + 1) as threads:
        first = threads.submit(desk.run, hold)
        assert busy.wait(10)
        others = [threads.submit(outcome, job) for job in jobs]
        while len(desk._line) < len(jobs):
            pass
        go.set()
        first.result()
        return [other.result() for other in others]


def test_a_job_gives_its_result(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """Once it is written."""
    assert desk.run(writes("a")) == "written: a"
    assert ledger.lines == ["a"]


def test_jobs_that_wait_share_one_transaction(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """The holder's, and one for all the others."""
    outcomes = together(ledger, desk, *(writes(f"{n}") for n in range(50)))
    assert outcomes == [f"written: {n}" for n in range(50)]
    assert sorted(ledger.lines, key=int) == [f"{n}" for n in range(50)]
    assert ledger.transactions == 2


def test_a_refused_job_undoes_only_itself(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """Its neighbours are written in the same transaction."""
    outcomes = together(ledger, desk, writes("a"), refuses, writes("b"), refuses)
    assert outcomes == ["written: a", AddressTaken, "written: b", AddressTaken]
    assert (sorted(ledger.lines), ledger.transactions) == (["a", "b"], 2)


def test_a_broken_job_does_not_hurt_its_neighbours(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """They are done again, each alone, and written once."""
    outcomes = together(ledger, desk, writes("a"), breaks, writes("b"), refuses)
    assert outcomes == ["written: a", ZeroDivisionError, "written: b", AddressTaken]
    assert sorted(ledger.lines) == ["a", "b"]
    assert ledger.transactions == 1 + 1 + 4


def test_nobody_is_answered_before_the_commit(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """At the moment of the commit nothing is settled yet."""
    tickets = [desk.queue(writes(f"{n}")) for n in range(3)]
    seen: list[bool] = []
    ledger.before_commit = lambda: seen.extend(ticket.settled for ticket in tickets)
    desk.flush()
    assert seen == [False] * 3
    assert [ticket.settled for ticket in tickets] == [True] * 3


def test_a_failed_commit_is_nobody_s_success(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """Everyone is told, nothing is written, and the next job finds a free desk."""

    def power_cut() -> None:
        raise OSError("no space left")

    ledger.before_commit = power_cut
    assert together_failing(ledger, desk, 5) == [OSError] * 5
    assert ledger.lines == []
    ledger.before_commit = lambda: None
    assert desk.run(writes("after")) == "written: after"


def together_failing(ledger: Ledger, desk: GroupCommit[Page], jobs: int) -> list[type[BaseException]]:
    """Queue jobs and serve them; gives what each of them raised."""
    tickets = [desk.queue(writes(f"{n}")) for n in range(jobs)]
    desk.flush()
    raised: list[type[BaseException]] = []
    for ticket in tickets:
        with pytest.raises(Exception) as error:  # noqa: PT011 - the caller looks at the type
            ticket.outcome()
        raised.append(error.type)
    return raised


def test_a_commit_that_fails_once_is_made_good(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """The jobs are done again, one by one; in effect each once."""
    troubles = iter([OSError("busy")])

    def trouble() -> None:
        for error in troubles:
            raise error

    ledger.before_commit = trouble
    tickets = [desk.queue(writes(f"{n}")) for n in range(4)]
    desk.flush()
    assert [ticket.outcome() for ticket in tickets] == [f"written: {n}" for n in range(4)]
    assert ledger.lines == ["0", "1", "2", "3"]


def test_whoever_is_interrupted_tells_the_others(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """They get an error, never a result that may not be on disk; nobody waits for ever."""

    def stop() -> None:
        raise KeyboardInterrupt

    ledger.before_commit = stop
    ticket = desk.queue(writes("a"))
    with pytest.raises(KeyboardInterrupt):
        desk.flush()
    with pytest.raises(Interrupted):
        ticket.outcome()
    ledger.before_commit = lambda: None
    assert desk.run(writes("b")) == "written: b"
    assert ledger.lines == ["b"]


def test_whoever_stopped_waiting_does_not_hold_up_those_behind(
    ledger: Ledger, desk: GroupCommit[Page]
) -> None:
    """A caller that is gone is passed over, and its job is done."""
    behind: list[str] = []

    def come_late() -> None:
        ledger.before_commit = lambda: None
        desk.queue(writes("gone"), lambda: False)
        thread = threading.Thread(target=lambda: behind.append(desk.run(writes("behind"))))
        thread.start()
        threads.append(thread)
        while len(desk._line) < 2:
            pass

    threads: list[threading.Thread] = []
    ledger.before_commit = come_late
    desk.run(writes("first"))
    threads[0].join(10)
    assert behind == ["written: behind"]
    assert ledger.lines == ["first", "gone", "behind"]


def test_whoever_is_settled_while_they_are_called_is_called_all_the_same() -> None:
    """Others stand at the desk by then: what is looked at twice may be gone the second time."""

    class Caller:
        """Settled by somebody else as soon as it is looked at."""

        calls = 0

        def __bool__(self) -> bool:
            if not ticket.settled:
                ticket.settle()
            return True

        def __call__(self) -> bool:
            self.calls += 1
            return True

    caller = Caller()
    ticket: Ticket[Page, str] = Ticket(writes("a"), caller)
    assert ticket.call()
    assert caller.calls == 2


def test_jobs_that_everyone_left_behind_are_done(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """By whoever is at the desk last."""

    def come_late() -> None:
        ledger.before_commit = lambda: None
        desk.queue(writes("gone"), lambda: False)

    ledger.before_commit = come_late
    desk.run(writes("first"))
    assert ledger.lines == ["first", "gone"]


def test_a_thread_that_is_interrupted_while_it_waits_leaves_the_line(
    ledger: Ledger, desk: GroupCommit[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job is done; whoever is at the desk does not wait for it."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    def come_late() -> None:
        ledger.before_commit = lambda: None
        with monkeypatch.context() as patch:
            patch.setattr(Ticket, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                desk.run(writes("interrupted"))

    ledger.before_commit = come_late
    desk.run(writes("first"))
    assert ledger.lines == ["first", "interrupted"]


def test_a_line_that_is_too_long_is_turned_away(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """Nothing was done, and those in the line are served."""
    tickets = [desk.queue(writes(f"{n}")) for n in range(64)]
    with pytest.raises(Overloaded):
        desk.queue(writes("late"))
    with pytest.raises(Overloaded):
        desk.run(writes("late"))
    desk.flush()
    assert [ticket.settled for ticket in tickets] == [True] * 64
    assert "late" not in ledger.lines


def test_whoever_leaves_the_desk_calls_the_next(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """A flush while somebody is at the desk does nothing; its turn comes when they leave."""
    calls: list[list[str]] = []

    def come() -> bool:
        calls.append(list(ledger.lines))
        return True

    def come_late() -> None:
        ledger.before_commit = lambda: None
        desk.queue(writes("late"), come)
        desk.flush()
        assert ledger.lines == []

    ledger.before_commit = come_late
    desk.run(writes("first"))
    assert (ledger.lines, calls) == (["first"], [["first"]])
    desk.flush()
    assert (ledger.lines, calls[1:]) == (["first", "late"], [["first", "late"]])


def test_nothing_is_lost_in_a_crowd(ledger: Ledger, desk: GroupCommit[Page]) -> None:
    """Threads that come and go, some of them refused or broken: every success is written exactly once."""
    numbers = count()

    def visit(_: int) -> list[str]:
        written = []
        for number in (next(numbers) for _ in range(50)):
            job = {0: refuses, 1: breaks}.get(number % 10, writes(f"{number}"))
            with suppress(Refused, ZeroDivisionError):
                written.append(desk.run(job).removeprefix("written: "))
        return written

    with ThreadPoolExecutor(16) as threads:
        written = [line for lines in threads.map(visit, range(16)) for line in lines]
    assert sorted(written) == sorted(ledger.lines)
    assert len(set(ledger.lines)) == len(ledger.lines) == 16 * 50 * 8 // 10


# --- The engine ------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store in a file, with Alex in it."""
    clock = FakeClock()
    with opened_sqlite(tmp_path / "mail.db", clock) as store:
        made = House(store, clock, FakeTransport())
        made.invite(ALEX)
        yield made


def count_transactions(house: House, patch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with every writing transaction."""
    begun: list[int] = []
    writing = house.store.writing

    def counted() -> AbstractContextManager[Session]:
        begun.append(1)
        return writing()

    patch.setattr(house.store, "writing", counted)
    return begun


def wait_for(done: Callable[[], bool]) -> None:
    """Until it is so; a minute at most."""
    pause = threading.Event()
    assert any(done() or pause.wait(0.001) for _ in range(60_000)), "it never was so"


def test_many_threads_make_few_transactions(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 threads that come while somebody is at the desk, four times: one transaction for all of them."""
    begun = count_transactions(house, monkeypatch)
    line = house.engine._commit._line

    def until_all_stand_in_line(_: Work) -> None:
        wait_for(lambda: len(line) == 64)

    with ThreadPoolExecutor(65) as threads:
        for number in range(4):
            first = threads.submit(house.engine.run, until_all_stand_in_line)
            wait_for(lambda: len(begun) % 2 == 1)
            drafts = [threads.submit(house.draft, ALEX, letter(f"{each}-{number}")) for each in range(64)]
            first.result()
            wait(drafts)
            assert len(begun) == 2 * number + 2
    assert len(house.subjects(ALEX, "drafts")) == len(set(house.subjects(ALEX, "drafts"))) == 256


def test_jobs_of_an_event_loop_share_a_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one turn; each gets its own answer, a refusal included."""
    begun = count_transactions(house, monkeypatch)

    def job(number: int) -> Callable[[Work], int]:
        def work(_: Work) -> int:
            if number == 7:
                raise Conflict
            return number

        return work

    async def all_at_once() -> list[int | BaseException]:
        asked = (house.engine.run_async(job(number)) for number in range(100))
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(all_at_once())
    assert isinstance(outcomes[7], Conflict)
    assert [*outcomes[:7], *outcomes[8:]] == [n for n in range(100) if n != 7]
    assert len(begun) == 1


def test_an_event_loop_and_threads_work_at_once(house: House) -> None:
    """Every one is answered, in its own thread."""
    home = house.mailbox(ALEX)

    async def turns() -> list[str]:
        return [await house.engine.run_async(lambda work: work.mailbox(home).owner.name) for _ in range(50)]

    with ThreadPoolExecutor(8) as threads:
        drafting = [threads.submit(house.draft, ALEX, letter(f"{n}")) for n in range(100)]
        looping = [threads.submit(asyncio.run, turns()) for _ in range(3)]
        assert [each.result(30) for each in looping] == [["Alex Wilber"] * 50] * 3
        assert len({each.result(30) for each in drafting}) == 100
    assert len(house.subjects(ALEX, "drafts")) == 100


def test_whoever_stops_waiting_does_not_stop_the_work(house: House) -> None:
    """A cancelled request was asked all the same, and its neighbours are answered."""

    async def ask_and_leave() -> str:
        left = asyncio.ensure_future(house.engine.run_async(lambda _: "left"))
        stayed = asyncio.ensure_future(house.engine.run_async(lambda _: "stayed"))
        await asyncio.sleep(0)
        left.cancel()
        return await stayed

    assert asyncio.run(ask_and_leave()) == "stayed"


def test_an_event_loop_that_is_gone_holds_nobody_up(house: House) -> None:
    """A job it left in the line is done with the next one; a new loop in the same thread works."""
    done: list[str] = []

    async def leave() -> None:
        pending = house.engine.run_async(lambda _: done.append("left behind"))
        pending.close()  # type: ignore[attr-defined]

    loop = asyncio.new_event_loop()
    task = loop.create_task(leave())
    task.add_done_callback(lambda _: loop.stop())
    loop.run_forever()
    loop.close()

    async def come() -> str:
        return await house.engine.run_async(lambda _: "came")

    assert house.engine.run(lambda _: "thread") == "thread"
    assert asyncio.run(come()) == "came"
    assert done == ["left behind"]


def test_a_crash_before_the_commit_leaves_nothing_remembered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on disk nor in the engine's memory: the same can be asked again."""
    with monkeypatch.context() as patch:
        patch.setattr(Work, "write", crash)
        with pytest.raises(MemoryError):
            house.invite(MEGAN)
    with pytest.raises(Refused):
        house.mailbox(MEGAN)
    house.invite(MEGAN)
    assert house.subjects(MEGAN, "inbox") == []


def test_what_was_written_but_not_remembered_is_read_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted right after the commit: the next job sees what is on disk."""
    name = house.draft(ALEX, letter("first", to=(MEGAN,)))
    home, on = house.mailbox(ALEX), house.engine.occasion("alexw@contoso.com")
    with monkeypatch.context() as patch:
        patch.setattr(Work, "remember", crash)
        with pytest.raises(MemoryError):
            house.engine.run(lambda work: jobs.send(work, home, name, on))
    assert house.subjects(ALEX, "sentitems") == ["first"]
    house.engine.run(lambda work: jobs.delete(work, home, name, on))
    assert house.subjects(ALEX, "deleteditems") == ["first"]


def crash(_: Work) -> None:
    """What happens at the worst moment."""
    raise MemoryError


def test_a_mailbox_can_be_written_to_in_the_transaction_that_opens_it(house: House) -> None:
    """The directory knows its owner from then on."""
    on = house.engine.occasion("system:test")

    def open_and_look(work: Work) -> list[str | None]:
        before = work.name_of("meganb@contoso.com")
        jobs.open_mailbox(work, MEGAN, on)
        return [before, work.name_of("MeganB@contoso.com")]

    assert house.engine.run(open_and_look) == [None, "Megan Bowen"]
    assert house.engine.run(lambda work: work.name_of("meganb@contoso.com")) == "Megan Bowen"


def test_a_refused_opening_is_not_remembered(house: House) -> None:
    """Whoever was refused has no mailbox."""
    on = house.engine.occasion("system:test")

    def open_and_refuse(work: Work) -> None:
        jobs.open_mailbox(work, MEGAN, on)
        raise Conflict

    with pytest.raises(Conflict):
        house.engine.run(open_and_refuse)
    assert house.engine.run(lambda work: work.name_of("meganb@contoso.com")) is None
