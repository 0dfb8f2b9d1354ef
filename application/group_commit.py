"""Group commit: concurrent jobs share one transaction, and each is answered only after it is on disk.

Whoever comes while a transaction is being written waits in line; the first to get the lock serves the whole
line in one transaction. A job that is refused takes back what it did and does not hurt its neighbours. If
the transaction itself fails, every job of it runs again alone, so that only the culprit fails. If another
program keeps the store busy, nobody is the culprit: all are told so at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar, cast

from letterbook.application.patience import hurrying, in_a_hurry
from letterbook.application.troubles import StoreBusy
from letterbook.domain.refusals import Refused

T = TypeVar("T")
Work = TypeVar("Work", bound="Undoable")

_MOMENT = 0.000_05
"""Seconds to wait for others; far less than a transaction takes to reach the disk."""


class Undoable(Protocol):
    """The pages of one transaction; the last job's can be torn out again."""

    def keep(self) -> None:
        """The job went well: what it wrote stays."""

    def undo(self) -> None:
        """The job was refused: take back what it wrote since the last ``keep``."""


class Overloaded(StoreBusy):
    """Too many jobs wait already; nothing was done, and trying again in a moment may go well."""


class Interrupted(Exception):
    """Whoever wrote was stopped in the middle; read again to know what became of the job."""


class Ticket(Generic[Work, T]):
    """One job in the line, and what became of it."""

    __slots__ = ("_asked_in", "_call", "_error", "_gone", "_job", "_result", "_waiting", "settled")

    def __init__(self, job: Callable[[Work], T], call: Callable[[], bool] | None = None) -> None:
        """``call`` tells whoever asked to look again; without it a thread waits in :meth:`wait`."""
        self._job = job
        self._call = call
        self._asked_in = threading.get_ident()
        self._error: BaseException | None = None
        self._result: T | None = None
        self._waiting = threading.Lock()
        self._waiting.acquire()
        self._gone = False
        self.settled = False

    def attempt(self, work: Work) -> None:
        """Do the job; a refusal is its outcome, anything else fails the transaction."""
        self._error = None
        try:
            self._result = self._job(work)
            work.keep()
        except Refused as no:
            work.undo()
            self._error = no

    def fail(self, error: BaseException) -> None:
        """The job could not be done at all."""
        self._error = error

    def settle(self) -> None:
        """It is done, and on disk if it was not refused; whoever asked is let go of."""
        self.settled = True
        self.call()
        self._call = None

    def call(self) -> bool:
        """Call whoever asked: the job is settled, or it is their turn at the desk. ``False``: nobody came."""
        call = self._call  # somebody else may settle it meanwhile
        if call:
            return call()
        with suppress(RuntimeError):  # called already
            self._waiting.release()
        return not self._gone

    @property
    def is_waited_for(self) -> bool:
        """Whether a thread stands still until the job is done, or another loop than this thread's waits."""
        return self._call is None or self._asked_in != threading.get_ident()

    def wait(self) -> None:
        """Wait to be called."""
        self._waiting.acquire()

    def leave(self) -> None:
        """Nobody waits any more; the job is done all the same."""
        self._gone = True

    def outcome(self) -> T:
        """What the job returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return cast(T, self._result)


class GroupCommit(Generic[Work]):
    """The line in front of the one desk where a store is written."""

    def __init__(
        self, transact: Callable[[Callable[[Work], None]], None], *, longest_line: int = 10_000
    ) -> None:
        """``transact`` runs a function in one transaction: on disk when it returns, undone if it raises."""
        self._transact = transact
        self._longest_line = longest_line
        self._line: deque[Ticket[Work, Any]] = deque()
        self._desk = threading.Lock()
        self._last_served = 0
        self._pause = threading.Event()

    def run(self, job: Callable[[Work], T]) -> T:
        """Do a job and wait until it is on disk."""
        if not self._line and self._last_served <= 1 and self._desk.acquire(blocking=False):
            return self._alone(job)
        (ticket,) = self.run_all([job])
        return ticket.outcome()

    def _alone(self, job: Callable[[Work], T]) -> T:
        """Do the job of somebody who met nobody: no line, and nobody at the desk where this thread stands."""
        ticket = Ticket(job)
        try:
            self._transact(ticket.attempt)
        finally:
            self._leave()
        return ticket.outcome()

    def run_all(self, jobs: Iterable[Callable[[Work], T]]) -> list[Ticket[Work, T]]:
        """Do some jobs, each by itself, and wait until all are settled; they share a transaction."""
        tickets = [Ticket(job) for job in jobs]
        self._stand_in_line(tickets)
        for ticket in tickets:
            if not ticket.settled and (
                self._desk.acquire(blocking=False) or self._called_to_the_desk(ticket, tickets)
            ):
                self._lead(ticket)
        return tickets

    def _stand_in_line(self, tickets: Sequence[Ticket[Work, Any]]) -> None:
        """All of them or none."""
        if len(self._line) + len(tickets) > self._longest_line:
            raise Overloaded("too many writes are waiting")
        self._line.extend(tickets)

    def _called_to_the_desk(self, ticket: Ticket[Work, Any], tickets: Sequence[Ticket[Work, Any]]) -> bool:
        """Wait until somebody else has done the job, or it is this thread's turn at the desk.

        Whoever is interrupted leaves the line with all of its ``tickets``.
        """
        try:
            ticket.wait()
            return not ticket.settled and self._desk.acquire()
        except BaseException:
            for each in tickets:
                each.leave()
            self.flush()
            raise

    def queue(self, job: Callable[[Work], T], call: Callable[[], bool] | None = None) -> Ticket[Work, T]:
        """Put a job in the line. ``call`` is called when it is settled, and when it is its turn to
        :meth:`flush` the line; it may come from any thread. It tells whether somebody is there to do that.

        Raises :class:`Overloaded` if the line is too long.
        """
        ticket = Ticket(job, call)
        self._stand_in_line([ticket])
        return ticket

    def flush(self, come_again: Callable[[], bool] | None = None) -> None:
        """Serve everyone who stands in the line, unless somebody is at the desk: they call the next one.

        The caller does not wait for another program that writes: a thread does so in its place, or, if all in
        the line were asked from the caller's own loop, whoever promises to ``come_again``.
        """
        if self._desk.acquire(blocking=False):
            try:
                with hurrying():
                    self._serve_line()
            except StoreBusy:
                self._desk.release()  # first: whoever comes from now on finds nobody there
                awaited = any(ticket.is_waited_for for ticket in self._line.copy())
                if awaited or come_again is None or not come_again():
                    threading.Thread(target=self._wait_and_flush, name="letterbook-writing").start()
                return
            except BaseException:
                self._leave()
                raise
            self._leave()

    def _wait_and_flush(self) -> None:
        """Serve the line, however long another program writes."""
        self._desk.acquire()
        try:
            self._serve_line()
        finally:
            self._leave()

    def _lead(self, ticket: Ticket[Work, Any]) -> None:
        """Serve the line from the desk, where this thread stands."""
        try:
            if not ticket.settled:
                self._gather()
                self._serve_line()
        finally:
            self._leave()

    def _leave(self) -> None:
        """Leave the desk and call the next one in the line; serve those who left it without waiting."""
        self._desk.release()
        if self._line and not any(ticket.call() for ticket in self._line.copy()) and self._line:
            self.flush()

    def _gather(self) -> None:
        """Where many came together last time, give them a moment to come together again."""
        seen = 0
        while seen < len(self._line) < self._last_served:
            seen = len(self._line)
            self._pause.wait(_MOMENT)

    def _serve_line(self) -> None:
        tickets = [self._line.popleft() for _ in range(len(self._line))]
        self._last_served = len(tickets)
        try:
            self._serve(tickets)
        except StoreBusy:  # in a hurry: nothing was done, and somebody more patient will
            self._line.extendleft(reversed(tickets))
            raise
        except BaseException:
            for ticket in tickets:
                ticket.fail(Interrupted("the write was interrupted; it may or may not be on disk"))
            self._settle(tickets)
            raise
        self._settle(tickets)

    @staticmethod
    def _settle(tickets: Sequence[Ticket[Work, Any]]) -> None:
        for ticket in tickets:
            ticket.settle()

    def _serve(self, tickets: Sequence[Ticket[Work, Any]]) -> None:
        if not tickets:
            return

        def attempt_all(work: Work) -> None:
            for ticket in tickets:
                ticket.attempt(work)

        try:
            self._transact(attempt_all)
        except StoreBusy as busy:
            if in_a_hurry():
                raise
            for ticket in tickets:
                ticket.fail(StoreBusy(*busy.args))
        except Exception as error:
            if len(tickets) == 1:
                tickets[0].fail(error)
            else:
                self._serve_each(tickets)

    def _serve_each(self, tickets: Sequence[Ticket[Work, Any]]) -> None:
        """One by one, and in no hurry: what is done already is not done again."""
        with hurrying(yes=False):
            for ticket in tickets:
                self._serve([ticket])
