"""After an erasure: what was told from the erased facts is cleared out of every file of the store.

Each step may be done again, and a note in the store says that they are due until all of them are done: a
crash, a full disk or somebody who keeps the store busy puts them off until the store is opened next.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Protocol

from letterbook.application.engine import Engine
from letterbook.application.past_lists import PastLists
from letterbook.application.ports import Store
from letterbook.application.rebuilding import sweep
from letterbook.application.tidying import Named, Stop, check_time, go_on, tidy
from letterbook.application.troubles import StoreBusy, StoreTrouble
from letterbook.application.uploading import is_erased
from letterbook.application.work import Work

Purge = Callable[[Stop], bool]
"""What purges: ``True`` if all is done."""

_PATIENCE, _PAUSE = 20, 0.1
"""How often somebody looks whether another one has done with the views, and the seconds in between."""


class Shredder(Protocol):
    """Whatever of the files of a store only the store itself can clear out."""

    def is_due(self) -> bool:
        """Whether something was erased, and not all of it is purged."""

    def begin(self) -> None:
        """What was erased up to now will be purged; what is erased from now on is purged another time."""

    def condemned(self) -> list[str]:
        """The names of the blobs that erased facts named."""

    def scrub(self, stop: Stop) -> None:
        """Write index and file anew, without what was deleted, and cut off the log.

        Raises :class:`letterbook.application.troubles.StoreTrouble` if that cannot be done now, or is not to
        be gone on with.
        """

    def finish(self) -> None:
        """Note that all is done, unless something was erased meanwhile."""


def purge(engine: Engine, lists: PastLists, shredder: Shredder, stop: Stop = go_on) -> bool:
    """Clear out what is left of what was erased: ``False`` if that has to wait, because others use the store,
    the disk is full, ``stop`` says so, or something else is the matter with it, which is no reason not to
    open it.
    """
    with suppress(StoreTrouble), ExitStack() as alone:
        while shredder.is_due():
            _be(alone, engine.store)
            for step in steps(engine, lists, shredder, stop):
                check_time(stop)
                step()
        return True
    return False


def _be(alone: ExitStack, store: Store) -> None:
    """Keep others from rebuilding views, and from purging, meanwhile; wait a little for one who does."""
    alone.close()
    for _ in range(_PATIENCE):
        with suppress(StoreBusy):
            alone.enter_context(store.rebuilding())
            return
        threading.Event().wait(_PAUSE)
    alone.enter_context(store.rebuilding())


def steps(
    engine: Engine, lists: PastLists, shredder: Shredder, stop: Stop = go_on
) -> list[Callable[[], object]]:
    """All that there is to do, in order. Views that are half made, and the index, come before the file.

    Uploads and blobs come last: they take a look at the whole history, which may be damaged somewhere.
    """
    return [
        shredder.begin,
        partial(sweep, engine.store),
        engine.catch_up_search,
        lists.clear,
        partial(shredder.scrub, stop),
        partial(_drop_uploads, engine),
        partial(_shred_blobs, engine, shredder, stop),
        partial(tidy, engine, stop=stop),
        shredder.finish,
        engine.forget,
    ]


def _drop_uploads(engine: Engine) -> None:
    """Files on their way to what was erased will not arrive."""
    uploads = engine.store.blobs.uploads
    with engine.store.reading() as session:
        lost = [each for each in uploads.all() if is_erased(session, each)]
    for upload in lost:
        uploads.drop(upload.id)


def _shred_blobs(engine: Engine, shredder: Shredder, stop: Stop) -> None:
    """Blobs that erased facts named, and none that can still be read."""
    condemned = shredder.condemned()
    if condemned:
        named = Named(engine.store.blobs.name, stop)
        with engine.store.reading() as session:
            named.read_on(session.history)
        engine.run(partial(_shred, engine, condemned, named))


def _shred(engine: Engine, condemned: list[str], named: Named, work: Work) -> None:
    """The job that lets go of them, unless a fact of this moment names them."""
    named.read_on(work.session.history)
    for name in condemned:
        if not named.has(name):
            engine.store.blobs.shred(name)
