"""Looking up names of hosts, which can take long and cannot be broken off: in threads that nobody waits for.

A program that ends waits for the threads of Python's own pools, however long a directory is silent.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread

Found = Sequence[str]
Question = Callable[[], Found]


class Lookups:
    """At most so many at a time; who comes then waits for one of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._starting = Lock()
        self._threads = 0
        self._asked: SimpleQueue[tuple[Future[Found], Question] | None] = SimpleQueue()

    def ask(self, question: Question) -> Future[Found]:
        """Answer a question when there is a thread for it."""
        answer: Future[Found] = Future()
        self._asked.put((answer, question))
        with self._starting:
            if self._threads < self._most:
                self._threads += 1
                Thread(target=self._work, name="letterbook-lookup", daemon=True).start()
        return answer

    def close(self) -> None:
        """Let the threads end; one that is asking does so when it is answered."""
        with self._starting:
            for _ in range(self._threads):
                self._asked.put(None)

    def _work(self) -> None:
        while asked := self._asked.get():
            answer, question = asked
            if answer.set_running_or_notify_cancel():
                _settle(answer, question)


def _settle(answer: Future[Found], question: Question) -> None:
    try:
        answer.set_result(question())
    except Exception as error:
        answer.set_exception(error)
