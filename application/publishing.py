"""Taking checkpoints to an endpoint outside, each until it is accepted.

What was accepted is kept in the store, so that nothing is left out after a crash. Another program on the same
store may take the same one there, too: an endpoint may see a checkpoint twice, and the second is the same.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from letterbook.application.heralding import Courier, GivenUp, Unheard
from letterbook.application.notes import Checkpoint, read_checkpoint
from letterbook.application.ports import Clock, Store
from letterbook.application.standing import FIRST_WAIT, LONGEST_WAIT

_SECONDS = 30
"""How long an endpoint may take to answer."""
_NOTE = "text/plain; charset=utf-8"

log = logging.getLogger("letterbook.checkpoints")


@dataclass(slots=True)
class Publisher:
    """Takes the checkpoints of one store to one endpoint, those of a mailbox in order."""

    store: Store
    courier: Courier
    clock: Clock
    url: str
    _pulse: int = -1
    _not_before: datetime | None = None
    _wait: timedelta = FIRST_WAIT
    _one: threading.Lock = field(default_factory=threading.Lock)

    def notify_due(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Take what is due there; gives how many checkpoints were accepted."""
        with self._one:
            pulse, now = self.store.pulse(), self.clock.now()
            if pulse == self._pulse or (self._not_before and now < self._not_before):
                return 0
            accepted = 0
            for checkpoint in self._due():
                if stop() or not self._accepted(checkpoint):
                    return accepted
                accepted += 1
            if not accepted:
                self._pulse = pulse  # nothing is due before somebody writes again
            return accepted

    def anybody(self) -> bool:
        """Somebody wants them, or there would be no publisher."""
        return True

    def _due(self) -> Iterator[Checkpoint]:
        with self.store.reading() as session:
            evidence = session.evidence
            known = evidence.published(self.url)
            notes = [note for mailbox in evidence.mailboxes() for note in evidence.checkpoints(mailbox)]
        checkpoints = (read_checkpoint(note) for note in notes)
        yield from (each for each in checkpoints if each.size > known.get(each.mailbox, -1))

    def _accepted(self, checkpoint: Checkpoint) -> bool:
        """Take a checkpoint there; if it is not accepted, leave the endpoint alone for a while."""
        try:
            status = self.courier.post(self.url, checkpoint.note.encode(), _NOTE, _SECONDS).status
            trouble = "" if 200 <= status < 300 else f"it answered {status}"
        except GivenUp:
            return False
        except Unheard as unheard:
            trouble = str(unheard)
        if trouble:
            log.error("a checkpoint did not get to %s, it will be tried again: %s", self.url, trouble)
            self._not_before = self.clock.now() + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)
            return False
        with self.store.writing() as session:
            session.evidence.keep_published(self.url, checkpoint)
        self._not_before, self._wait = None, FIRST_WAIT
        return True
