"""The notifier at work: a thread that tells subscribers what is new, as soon as something is committed."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from letterbook.application.troubles import StoreBusy, StoreTrouble

EVERY = 0.5
"""Seconds between two looks while there are subscriptions: other processes write without a word."""
SELDOM = 5.0
"""The same while there are none."""

PATIENCE = 2.0
"""Seconds that those outside get to answer when the program ends."""

log = logging.getLogger("letterbook.notifying")


class Teller(Protocol):
    """Whoever has something to tell to others outside."""

    def notify_due(self, stop: Callable[[], bool]) -> int:
        """Tell everyone what is due now."""

    def anybody(self) -> bool:
        """Whether anybody wants to be told."""


def _wait_on() -> None:
    """However long it takes."""


class NotifierAtWork:
    """Tells in the background from the first time it is started until it is closed."""

    def __init__(
        self,
        notifier: Teller,
        *,
        every: float = EVERY,
        seldom: float = SELDOM,
        give_up: Callable[[], None] = _wait_on,
    ) -> None:
        """``give_up`` has those raise who wait for somebody outside."""
        self._notifier = notifier
        self._give_up = give_up
        self._every, self._seldom = every, seldom
        self._bell = threading.Event()
        self._anybody = False
        self._closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something was written. Costs next to nothing where nobody wants to know."""
        if self._anybody:
            self._bell.set()

    def start(self) -> None:
        """There may be subscribers."""
        with self._lock:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._work, name="letterbook-notifier", daemon=True)
                self._thread.start()
        self._bell.set()

    def close(self) -> None:
        """Finish what is on its way, if that does not take long, and stop; the rest stays behind each
        subscription's position."""
        self._closing = True
        self._bell.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                self._give_up()
            self._thread.join()

    def _work(self) -> None:
        while not self._closing:
            self._bell.clear()
            self._look()
            self._bell.wait(self._every if self._anybody else self._seldom)

    def _look(self) -> None:
        try:
            self._anybody = True  # whoever writes while it is looked has to be noticed
            self._notifier.notify_due(stop=self._is_closing)
            self._anybody = self._notifier.anybody()
        except StoreTrouble as trouble:
            level = logging.INFO if isinstance(trouble, StoreBusy) else logging.ERROR
            log.log(level, "notifications wait, they will be tried again: %s", trouble)
        except Exception:
            log.exception("notifying failed; it will be tried again")

    def _is_closing(self) -> bool:
        return self._closing
