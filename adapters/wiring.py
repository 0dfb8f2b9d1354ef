"""The one place that knows every adapter: puts a book together."""

from datetime import timedelta
from pathlib import Path

from starlette.types import ASGIApp

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.book import Book
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.eml_folder import EmlFolder
from letterbook.adapters.graph.app import GraphFace
from letterbook.adapters.graph.exported import GraphJsonSource
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.kept_letters import KeptLetters
from letterbook.adapters.mail_files.formats import FileFormats
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.post_office import PostOffice
from letterbook.adapters.store.memory import MemoryStore
from letterbook.adapters.store.sqlite import SqliteStore, StoreRefused
from letterbook.adapters.tokens import AnyOf, Keeper, LocalTokens
from letterbook.adapters.views.fresh import SqliteFreshViews
from letterbook.adapters.views.memory import MemoryFreshViews, MemoryViews, Rows
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.ports import Clock, Gatekeeper, Store, Transport
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
    clock, ids = clock or SystemClock(), TimeOrderedIds()
    store = _store(path, clock)
    try:
        make_missing(store)
    except BaseException:
        store.close()
        raise
    engine = Engine(store, clock=clock, ids=ids, mime=MimeCodec(ids.new))
    delivery = Delivery(engine, transport or _transport(path))
    office = PostOffice(delivery, meanwhile=lambda: engine.catch_up_search(batches=8))
    tokens = LocalTokens(store.secret, clock)
    keeper = gatekeeper or (AnyOf((tokens, provider)) if provider else tokens)

    def make_asgi(book: Book) -> ASGIApp:
        return GraphFace(engine, keeper, delivery_due=book.wake_delivery, public_url=public_url)

    def make_token(who: str, scope: str, app: bool, lifetime: timedelta) -> str:
        return tokens.issue(who, scope.split(), clock.now(), lifetime, app)

    def close() -> None:
        office.close()
        store.close()

    wake = office.wake if deliver else _stay_asleep
    formats = FileFormats(lambda at, named: GraphJsonSource(at, named=named, ids=ids, clock=clock))
    return Book(
        engine,
        delivery,
        make_asgi=make_asgi,
        make_token=make_token,
        wake=wake,
        close=close,
        formats=formats,
    )


def _store(path: str | Path, clock: Clock) -> Store:
    if str(path) == IN_MEMORY:
        return MemoryStore(
            rows=Rows(), views=MemoryViews, fresh=MemoryFreshViews, blobs=MemoryBlobs(), clock=clock
        )
    file = Path(path)
    return SqliteStore(
        file,
        views=SqliteViews,
        fresh=SqliteFreshViews,
        blobs=FolderBlobs(_beside(file, "blobs")),
        clock=clock,
    )


def _transport(path: str | Path) -> Transport:
    return KeptLetters() if str(path) == IN_MEMORY else EmlFolder(_beside(Path(path), "outgoing"))


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.name}.{what}")


def _stay_asleep() -> None:
    """Nothing is delivered by itself."""
