"""The one place that knows every adapter: puts a book together."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.types import ASGIApp

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.book import Book
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.eml_folder import EmlFolder
from letterbook.adapters.graph.answers import TENANT
from letterbook.adapters.graph.app import GraphFace
from letterbook.adapters.graph.filters import parse_filter
from letterbook.adapters.graph.herald import GraphHerald
from letterbook.adapters.graph.throttling import Limits, Throttle, Throttled
from letterbook.adapters.graph.watched import watched_by_the_book
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.kept_letters import KeptLetters
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.notary import Ed25519Notary
from letterbook.adapters.notifying import NotifierAtWork
from letterbook.adapters.post_office import PostOffice
from letterbook.adapters.signing import Signing
from letterbook.adapters.store.memory import MemoryStore
from letterbook.adapters.store.sqlite import SqliteStore, StoreRefused
from letterbook.adapters.subscribed import Subscriptions
from letterbook.adapters.tokens import AnyOf, Keeper, LocalTokens
from letterbook.adapters.views.fresh import SqliteFreshViews
from letterbook.adapters.views.memory import MemoryFreshViews, MemoryViews, Rows
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.adapters.webhooks.late import LateCourier
from letterbook.adapters.webhooks.sealing import StoreSeals
from letterbook.application.checkpoints import Checkpoints, Witness
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.notes import Notary
from letterbook.application.notifying import Notifier
from letterbook.application.ports import Clock, Gatekeeper, Store, Transport
from letterbook.application.rebuilding import make_missing
from letterbook.application.subscribing import Subscribing

__all__ = ["IN_MEMORY", "Limits", "StoreRefused", "open_book"]

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
    allow_local_webhooks: bool = False,
    throttle: Limits | None = None,
    notary: Notary | None = None,
    witnesses: Sequence[Witness] = (),
    checkpoint_every: int = 0,
) -> Book:
    """Open a store of mailboxes, or make one.

    ``path`` is one SQLite file; large parts of messages are kept in ``<path>.blobs`` beside it, letters to
    people without a mailbox here in ``<path>.outgoing`` unless a ``transport`` takes them. ``":memory:"``
    keeps everything in memory. ``gatekeeper`` reads the tokens of the Graph face; by default they are the
    ones this store signs (:meth:`Book.token`), and besides them those of an identity ``provider``. With
    ``deliver=False`` nothing is delivered until :meth:`Book.deliver` is called, and nobody notified until
    :meth:`Book.notify` is. Notifications only go to public addresses, by https; ``allow_local_webhooks`` also
    lets them go to this machine, by http too. ``throttle`` bounds what one application may ask of one mailbox
    over the Graph face: ``Limits()`` are those of Graph.

    Checkpoints are signed with a key that follows from the store's secret, or by a ``notary``; each is told
    to the ``witnesses``, such as a :class:`letterbook.CheckpointFile`. With ``checkpoint_every`` a mailbox is
    signed in the background whenever so many events have come since it was.

    Raises :class:`letterbook.StoreRefused` if the file is no store, or one of a newer format. Whatever is
    asked of a book, opening included, may raise :class:`letterbook.StoreTrouble` when the disk is full or
    fails, or another program keeps the file busy: nothing of it was kept, and it may be asked again.
    """
    clock, ids = clock or SystemClock(), TimeOrderedIds()
    store = _store(path, clock)
    make_missing(store)
    engine = Engine(store, clock=clock, ids=ids, mime=MimeCodec(ids.new))
    delivery = Delivery(engine, transport or _transport(path))
    signer = notary or Ed25519Notary.of_store(store.secret)
    checkpoints = Checkpoints(store, signer, witnesses=witnesses, every=checkpoint_every)
    sign = Signing(checkpoints)
    office = PostOffice(delivery, meanwhile=lambda: sign() and engine.catch_up_search(batches=8))
    tokens = LocalTokens(store.secret, clock)
    keeper = gatekeeper or (AnyOf((tokens, provider)) if provider else tokens)

    courier, seals = LateCourier(local=allow_local_webhooks), StoreSeals(store, TENANT)
    herald = GraphHerald(courier, seals, clock)
    notifier = Notifier(engine, herald, parse_filter)
    telling = NotifierAtWork(notifier)
    subscribing = Subscribing(engine, herald, telling.start if deliver else _stay_asleep)
    engine.after_commit = telling.wake

    def make_asgi(book: Book) -> ASGIApp:
        if deliver:
            telling.start()
        face = GraphFace(
            engine,
            keeper,
            delivery_due=book.wake_delivery,
            subscribing=subscribing,
            seals=seals,
            public_url=public_url,
        )
        return Throttled(face, Throttle(throttle, clock)) if throttle else face

    def make_token(who: str, scope: str, app: bool, lifetime: timedelta) -> str:
        return tokens.issue(who, scope.split(), clock.now(), lifetime, app)

    def close() -> None:
        office.close()
        telling.close()
        courier.close()
        store.close()

    wake = office.wake if deliver else _stay_asleep
    if checkpoint_every:
        wake()
    if deliver and notifier.anybody():
        telling.start()
    return Book(
        engine,
        delivery,
        checkpoints,
        notifier,
        Subscriptions(subscribing, seals, partial(watched_by_the_book, engine)),
        make_asgi=make_asgi,
        make_token=make_token,
        wake=wake,
        close=close,
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
