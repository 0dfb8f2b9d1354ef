"""Keeping house in the background: what the post office looks after now and then."""

import logging
from datetime import datetime, timedelta

from letterbook.application.engine import Engine
from letterbook.application.expiring import expire
from letterbook.application.troubles import StoreTrouble

EVERY = timedelta(hours=1)

log = logging.getLogger("letterbook.housekeeping")


class Expiry:
    """Removes search folders that nobody uses, looking for them every hour."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked: datetime | None = None

    def __call__(self) -> bool:
        """Look, if it is time; ``True``, as nothing of it is left for a moment."""
        now = self._engine.clock.now()
        if self._looked is None or now - self._looked >= EVERY:
            self._looked = now
            try:
                expire(self._engine)
            except StoreTrouble as trouble:
                log.error("search folders were not removed, it will be tried again: %s", trouble)
        return True
