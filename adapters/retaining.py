"""Retention at work: a thread that removes what has been kept long enough, when it begins and every hour."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from letterbook.application.retaining import Retained
from letterbook.application.troubles import StoreTrouble

EVERY = 3600.0
"""Seconds between two rounds."""

log = logging.getLogger("letterbook.retention")

Retain = Callable[[Callable[[], bool]], list[Retained]]


class RetentionAtWork:
    """Retention in the background, as long as the block lasts; a round that is stopped goes on next time."""

    def __init__(self, retain: Retain, *, every: float = EVERY) -> None:
        self._retain = retain
        self._every = every
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="letterbook-retention", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._round()
            self._closing.wait(self._every)

    def _round(self) -> None:
        try:
            for each in self._retain(self._closing.is_set):
                log.info("folder %s: %d removed, %d on hold", each.folder, each.removed, each.held)
                if each.impossible:
                    log.error("folder %s: %d cannot be erased here", each.folder, each.impossible)
        except StoreTrouble as trouble:
            log.error("retention waits, it will be tried again: %s", trouble)
        except Exception:
            log.exception("retention failed; it will be tried again")
