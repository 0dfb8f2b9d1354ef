"""The post office at work: a thread that delivers what is due, when it is woken and every few seconds.

When all is quiet, and now and then when it is not, it looks after other things that can wait.
"""

import logging
import threading
from collections.abc import Callable
from time import monotonic

from letterbook.application.delivery import Delivery
from letterbook.application.troubles import StoreTrouble

_QUIET = 0.5
"""Seconds without anything to deliver after which all is quiet."""

log = logging.getLogger("letterbook.delivery")


class PostOffice:
    """Delivers in the background from the first time it is woken until it is closed."""

    def __init__(
        self, delivery: Delivery, *, every: float = 5.0, meanwhile: Callable[[], bool] = lambda: True
    ) -> None:
        """``every``: seconds between two looks at what is due again. ``meanwhile`` does a little of what can
        wait, and tells whether all of it is done."""
        self._delivery = delivery
        self._meanwhile = meanwhile
        self._looked_after = monotonic()
        self._every = every
        self._bell = threading.Event()
        self._closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to deliver."""
        self._bell.set()
        if not self._is_at_work():
            self._start()

    def _is_at_work(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        with self._lock:
            if not self._is_at_work() and not self._closing:
                self._thread = threading.Thread(target=self._work, name="letterbook-delivery", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Finish the parcel in hand and stop; the rest stays in the outbox."""
        self._closing = True
        self._bell.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._closing:
            self._bell.clear()
            try:
                self._delivery.deliver_due(stop=lambda: self._closing)
            except StoreTrouble as trouble:
                log.error("delivery waits, it will be tried again: %s", trouble)
            except BaseException:  # not even SystemExit: who would deliver then?
                log.exception("delivery failed; it will be tried again")
            self._rest()

    def _rest(self) -> None:
        """Wait for the bell, and use the time."""
        quiet = not self._bell.wait(min(_QUIET, self._every))
        if quiet or monotonic() > self._looked_after + self._every:
            done = self._look_after()
            self._looked_after = monotonic()
            if quiet and done:
                self._bell.wait(self._every)

    def _look_after(self) -> bool:
        try:
            return self._closing or self._meanwhile()
        except StoreTrouble as trouble:
            log.error("the search index waits, it will be tried again: %s", trouble)
        except BaseException:
            log.exception("the search index could not be brought up to date; it will be tried again")
        return True
