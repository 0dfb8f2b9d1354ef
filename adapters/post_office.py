"""The post office at work: a thread that delivers what is due, when it is woken and every few seconds."""

import logging
import threading

from letterbook.application.delivery import Delivery

log = logging.getLogger("letterbook.delivery")


class PostOffice:
    """Delivers in the background from the first time it is woken until it is closed."""

    def __init__(self, delivery: Delivery, *, every: float = 5.0) -> None:
        """``every``: seconds between two looks at what is due again."""
        self._delivery = delivery
        self._every = every
        self._bell = threading.Event()
        self._closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to deliver."""
        self._bell.set()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing:
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
            except Exception:
                log.exception("delivery failed; it will be tried again")
            self._bell.wait(self._every)
