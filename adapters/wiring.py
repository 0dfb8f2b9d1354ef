"""The one place that knows every adapter: puts a book together."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.types import ASGIApp

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.book import Book
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.eml_folder import EmlFolder
from letterbook.adapters.forking import fork_file
from letterbook.adapters.graph.app import GraphFace
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.kept_letters import KeptLetters
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.post_office import PostOffice
from letterbook.adapters.store.memory import MemoryStore
from letterbook.adapters.store.sqlite import SqliteStore, StoreRefused
from letterbook.adapters.tokens import AnyOf, Keeper, LocalTokens
from letterbook.adapters.views.fresh import SqliteFreshViews
from letterbook.adapters.views.memory import MemoryFreshViews, MemoryViews, Rows
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application import forking
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.forking import ForkAsk
from letterbook.application.past import Travel
from letterbook.application.ports import Blobs, Clock, Gatekeeper, Transport
from letterbook.application.rebuilding import make_missing

__all__ = ["IN_MEMORY", "StoreRefused", "open_book"]

IN_MEMORY = ":memory:"


def open_book(
    path: str | Path = "letterbook.db",
    *,
    clock: Clock | None = None,
    transport: Transport | None = None,
    gatekeeper: Gatekeeper | None = None,
    provider: Keeper | None = None,
    public_url: str | None = None,
    deliver: bool = True,
) -> Book:
    """Open a store of mailboxes, or make one.

    ``path`` is one SQLite file; large parts of messages are kept in ``<path>.blobs`` beside it, letters to
    people without a mailbox here in ``<path>.outgoing`` unless a ``transport`` takes them. ``":memory:"``
    keeps everything in memory. ``gatekeeper`` reads the tokens of the Graph face; by default they are the
    ones this store signs (:meth:`Book.token`), and besides them those of an identity ``provider``. With
    ``deliver=False`` nothing is delivered until :meth:`Book.deliver` is called.

    Raises :class:`letterbook.StoreRefused` if the file is no store, or one of a newer format. Whatever is
    asked of a book, opening included, may raise :class:`letterbook.StoreTrouble` when the disk is full or
    fails, or another program keeps the file busy: nothing of it was kept, and it may be asked again.
    """
    clock = clock or SystemClock()
    keeping = Keeping(clock, transport, gatekeeper, provider, public_url, deliver)
    return _book(_store(path, clock), path, keeping)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a book is kept, whatever is in it."""

    clock: Clock
    transport: Transport | None = None
    gatekeeper: Gatekeeper | None = None
    provider: Keeper | None = None
    public_url: str | None = None
    deliver: bool = True


def _book(store: SqliteStore | MemoryStore[Rows], path: str | Path, how: Keeping) -> Book:
    """Everything around a store."""
    make_missing(store)
    clock, ids = how.clock, TimeOrderedIds()
    engine = Engine(store, clock=clock, ids=ids, mime=MimeCodec(ids.new))
    travel = Travel(engine, SqlitePastLists(None if str(path) == IN_MEMORY else _beside(Path(path), "past")))
    delivery = Delivery(engine, how.transport or _transport(path))
    office = PostOffice(delivery, meanwhile=lambda: engine.catch_up_search(batches=8))
    tokens = LocalTokens(store.secret, clock)
    keeper = how.gatekeeper or (AnyOf((tokens, how.provider)) if how.provider else tokens)

    def make_asgi(book: Book) -> ASGIApp:
        return GraphFace(
            engine, keeper, travel=travel, delivery_due=book.wake_delivery, public_url=how.public_url
        )

    def make_token(who: str, scope: str, app: bool, lifetime: timedelta) -> str:
        return tokens.issue(who, scope.split(), clock.now(), lifetime, app)

    def fork(other: str | Path, ask: ForkAsk) -> Book:
        return _fork(engine, travel, store, other, ask)

    def close() -> None:
        office.close()
        travel.lists.close()
        store.close()

    wake = office.wake if how.deliver else _stay_asleep
    return Book(
        engine,
        delivery,
        travel,
        make_asgi=make_asgi,
        make_token=make_token,
        fork=fork,
        wake=wake,
        close=close,
    )


def _fork(
    engine: Engine,
    travel: Travel,
    store: SqliteStore | MemoryStore[Rows],
    other: str | Path,
    ask: ForkAsk,
) -> Book:
    """A book on a copy of a store as it was; in a file if this one is in a file, else in memory."""
    keeping = Keeping(engine.clock, deliver=ask.deliver)
    if (str(other) == IN_MEMORY) != isinstance(store, MemoryStore):
        raise StoreRefused("a store in a file is forked into a file, and one in memory into memory")
    ends = forking.ends(engine, travel, ask)
    if isinstance(store, MemoryStore):
        made = _memory_store(engine.clock)
        store.copy_to(made, ends)
        forking.finish(made, ends, ask, engine.clock.now())
        return _book(made, IN_MEMORY, keeping)
    fork_file(
        store,
        Path(other),
        ends,
        ask,
        engine.clock.now(),
        lambda path: _sqlite_store(path, engine.clock, store.blobs),
    )
    return _book(_store(other, engine.clock), other, keeping)


def _store(path: str | Path, clock: Clock) -> SqliteStore | MemoryStore[Rows]:
    if str(path) == IN_MEMORY:
        return _memory_store(clock)
    file = Path(path)
    return _sqlite_store(file, clock, FolderBlobs(_beside(file, "blobs")))


def _memory_store(clock: Clock) -> MemoryStore[Rows]:
    return MemoryStore(
        rows=Rows(), views=MemoryViews, fresh=MemoryFreshViews, blobs=MemoryBlobs(), clock=clock
    )


def _sqlite_store(file: Path, clock: Clock, blobs: Blobs) -> SqliteStore:
    return SqliteStore(file, views=SqliteViews, fresh=SqliteFreshViews, blobs=blobs, clock=clock)


def _transport(path: str | Path) -> Transport:
    return KeptLetters() if str(path) == IN_MEMORY else EmlFolder(_beside(Path(path), "outgoing"))


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.name}.{what}")


def _stay_asleep() -> None:
    """Nothing is delivered by itself."""
