"""Group commit: concurrent jobs share one transaction, and each is answered only after it is on disk.

Whoever comes while a transaction is being written waits in line; the first to get the lock serves the whole
line in one transaction. A job that is refused takes back what it did and does not hurt its neighbours. If
the transaction itself fails, every job of it runs again alone, so that only the culprit fails.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from letterbook.domain.refusals import Refused

T = TypeVar("T")
Work = TypeVar("Work", bound="Undoable")


class Undoable(Protocol):
    """The pages of one transaction; the last job's can be torn out again."""

    def keep(self) -> None:
        """The job went well: what it wrote stays."""

    def undo(self) -> None:
        """The job was refused: take back what it wrote since the last ``keep``."""


class Overloaded(Exception):
    """Too many jobs wait already; nothing was done, and trying again in a moment may go well."""


class Ticket(Generic[Work, T]):
    """One job in the line, and what became of it."""

    __slots__ = ("_error", "_job", "_result", "_when_settled", "settled")

    def __init__(self, job: Callable[[Work], T], when_settled: Callable[[], None] | None = None) -> None:
        self._job = job
        self._when_settled = when_settled
        self._error: BaseException | None = None
        self._result: T | None = None
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
        """Tell whoever waits."""
        self.settled = True
        if self._when_settled:
            self._when_settled()

    def outcome(self) -> T:
        """What the job returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]


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

    def run(self, job: Callable[[Work], T]) -> T:
        """Do a job and wait until it is on disk."""
        ticket = self.queue(job)
        with self._desk:
            if not ticket.settled:
                self._serve_line()
        self.flush(wait=False)
        return ticket.outcome()

    def queue(
        self, job: Callable[[Work], T], when_settled: Callable[[], None] | None = None
    ) -> Ticket[Work, T]:
        """Put a job in the line; somebody has to call :meth:`flush` (or :meth:`run`) to serve it."""
        if len(self._line) >= self._longest_line:
            raise Overloaded("too many writes are waiting")
        ticket = Ticket(job, when_settled)
        self._line.append(ticket)
        return ticket

    def flush(self, *, wait: bool = True) -> None:
        """Serve everyone who stands in the line; without ``wait``, leave it to whoever is at the desk."""
        while self._line:
            if not self._desk.acquire(blocking=wait):
                return  # whoever holds the desk looks at the line once more after leaving it
            try:
                self._serve_line()
            finally:
                self._desk.release()

    def _serve_line(self) -> None:
        tickets = [self._line.popleft() for _ in range(len(self._line))]
        if tickets:
            self._serve(tickets)
            for ticket in tickets:
                ticket.settle()

    def _serve(self, tickets: Sequence[Ticket[Work, Any]]) -> None:
        def attempt_all(work: Work) -> None:
            for ticket in tickets:
                ticket.attempt(work)

        try:
            self._transact(attempt_all)
        except Exception as error:
            if len(tickets) == 1:
                tickets[0].fail(error)
                return
            for ticket in tickets:
                self._serve([ticket])
