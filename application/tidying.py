"""Tidying up beside the history: what no fact names, and nobody waits for any more.

A blob is written before the fact that names it, so one that nothing names may be about to be named. It is
left alone until it is old; and it goes inside a transaction, when no fact can be recorded, after a look at
those recorded meanwhile. Whoever puts the same bytes at that moment is seen by the keeper of the blobs.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from pydantic import BaseModel

from letterbook.application.blobs import KeptBlob
from letterbook.application.engine import Engine
from letterbook.application.expiring import expire
from letterbook.application.ports import History
from letterbook.application.troubles import StoreBusy
from letterbook.application.uploading import drop_expired
from letterbook.application.work import Work
from letterbook.domain.letter import BlobRef

GRACE = timedelta(days=1)
"""How long a blob that no fact names is left alone: far longer than a request takes to record its fact."""
BATCH = 100
"""Blobs that go in one transaction, while other writers wait."""


Stop = Callable[[], bool]
"""Whether to leave the rest for another time."""


def go_on() -> bool:
    """There is time for all of it."""
    return False


def check_time(stop: Stop) -> None:
    """Raise ``StoreBusy`` if the rest is to be left."""
    if stop():
        raise StoreBusy("the program ends, and the rest is left for another time")


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was tidied away: blobs and their bytes, expired uploads, what crashes left half written, and
    search folders that nobody used."""

    blobs: int = 0
    bytes: int = 0
    uploads: int = 0
    leftovers: int = 0
    searches: int = 0


@dataclass(slots=True)
class Named:
    """The blobs that facts name, and how far each history was read for them."""

    name: Callable[[BlobRef], str]
    """Under which name a blob is kept."""
    stop: Stop = go_on
    names: set[bytes] = field(default_factory=set)
    read_to: dict[UUID, int] = field(default_factory=dict)

    def read_on(self, history: History) -> None:
        """Read what was recorded since."""
        for mailbox in history.mailboxes():
            while facts := history.read(mailbox, self.read_to.get(mailbox, 0)):
                check_time(self.stop)
                for recorded in facts:
                    self.names.update(bytes.fromhex(self.name(ref)) for ref in blobs_in(recorded.fact))
                self.read_to[mailbox] = facts[-1].seq

    def has(self, name: str) -> bool:
        """Whether a fact names the blob that is kept under a name."""
        return bytes.fromhex(name) in self.names


def tidy(engine: Engine, grace: timedelta = GRACE, *, stop: Stop = go_on) -> Tidied:
    """Remove what nothing needs; safe while others write."""
    before = engine.clock.now() - grace
    uploads, searches = drop_expired(engine), expire(engine)
    named = Named(engine.store.blobs.name, stop)
    old = (blob for blob in engine.store.blobs.kept() if blob.put_at <= before)
    with engine.store.reading() as session:
        named.read_on(session.history)
    orphans = (blob for blob in old if not named.has(blob.name))
    gone: list[KeptBlob] = []
    while batch := list(islice(orphans, BATCH)):
        gone += engine.run(partial(_discard, engine, batch, named))
    leftovers = engine.store.blobs.clear(before)
    return Tidied(len(gone), sum(blob.size for blob in gone), uploads, leftovers, searches)


def _discard(engine: Engine, batch: list[KeptBlob], named: Named, work: Work) -> list[KeptBlob]:
    """The job that lets go of blobs that no fact names, those of this moment included."""
    named.read_on(work.session.history)
    unnamed = (blob for blob in batch if not named.has(blob.name))
    return [blob for blob in unnamed if engine.store.blobs.discard(blob)]


def blobs_in(value: object) -> Iterator[BlobRef]:
    """Every blob that a fact, or a value in it, names."""
    if isinstance(value, BlobRef):
        yield value
    elif isinstance(value, BaseModel):
        yield from _blobs_in_all(value.__dict__.values())
    elif isinstance(value, tuple):
        yield from _blobs_in_all(value)


def _blobs_in_all(values: Iterable[object]) -> Iterator[BlobRef]:
    for each in values:
        yield from blobs_in(each)
