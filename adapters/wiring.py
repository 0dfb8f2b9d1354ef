"""The one place that knows every adapter: puts a book together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.book import Book
from letterbook.adapters.clock import SystemClock
from letterbook.adapters.door import Door
from letterbook.adapters.eml_folder import EmlFolder
from letterbook.adapters.file_forms import CLEAR
from letterbook.adapters.forking import fork_file
from letterbook.adapters.graph import late
from letterbook.adapters.graph.herald import GraphHerald
from letterbook.adapters.graph.limits import Limits
from letterbook.adapters.graph.tenant import TENANT
from letterbook.adapters.housekeeping import Expiry
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.kept_letters import KeptLetters
from letterbook.adapters.kql import read_query
from letterbook.adapters.mail_files.formats import FileFormats
from letterbook.adapters.master_key import lent_key, vault_of
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.notary import Ed25519Notary
from letterbook.adapters.notifying import NotifierAtWork
from letterbook.adapters.past_following import FollowingAtWork
from letterbook.adapters.post_office import PostOffice
from letterbook.adapters.signing import Signing
from letterbook.adapters.store.memory import MemoryStore
from letterbook.adapters.store.opening import StoreReadOnly, StoreRefused, check_place
from letterbook.adapters.store.sqlite import Protection, SqliteStore
from letterbook.adapters.subscribed import Subscriptions
from letterbook.adapters.views.fresh import SqliteFreshViews
from letterbook.adapters.views.memory import MemoryFreshViews, MemoryViews, Rows
from letterbook.adapters.views.past import SqlitePastLists
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.adapters.webhooks.late import LateCourier, LateSeals, WebhookRefused, check_webhook
from letterbook.application import forking
from letterbook.application.checkpoints import Checkpoints, Witness
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.forking import ForkAsk
from letterbook.application.notes import Notary
from letterbook.application.notifying import Notifier
from letterbook.application.past import Travel
from letterbook.application.past_following import Following
from letterbook.application.ports import Blobs, Clock, Gatekeeper, Transport
from letterbook.application.publishing import Publisher
from letterbook.application.purging import Purge, purge
from letterbook.application.rebuilding import make_missing
from letterbook.application.subscribing import Subscribing
from letterbook.application.tidying import Stop

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from letterbook.adapters.tokens import Keeper

__all__ = ["IN_MEMORY", "Limits", "StoreReadOnly", "StoreRefused", "WebhookRefused", "open_book"]

IN_MEMORY = ":memory:"


def open_book(
    path: str | Path = "letterbook.db",
    *,
    clock: Clock | None = None,
    transport: Transport | None = None,
    gatekeeper: Gatekeeper | None = None,
    provider: "Keeper | None" = None,
    public_url: str | None = None,
    deliver: bool = True,
    allow_local_webhooks: bool = False,
    throttle: Limits | None = None,
    notary: Notary | None = None,
    witnesses: Sequence[Witness] = (),
    checkpoint_every: int = 0,
    follow_past: bool = False,
    checkpoint_webhook: str | None = None,
    encrypted: bool = False,
    key: bytes | None = None,
) -> Book:
    """Open a store of mailboxes, or make one.

    ``path`` is one SQLite file; large parts of messages are kept in ``<path>.blobs`` beside it, letters to
    people without a mailbox here in ``<path>.outgoing`` unless a ``transport`` takes them. ``":memory:"``
    keeps everything in memory. ``gatekeeper`` reads the tokens of the Graph face; by default they are the
    ones this store signs (:meth:`Book.token`), and besides them those of an identity ``provider``. Links of
    that face begin with ``public_url``, path included; by default with the host that a request names and the
    path at which the face is mounted. With ``deliver=False`` nothing is delivered until :meth:`Book.deliver`
    is called, and nobody notified until :meth:`Book.notify` is. Notifications only go to public addresses, by
    https; ``allow_local_webhooks`` also lets them go to this machine, by http too. ``throttle`` bounds what
    one application may ask of one mailbox over the Graph face: ``Limits()`` are those of Graph.

    Checkpoints are signed with a key that follows from the store's secret, or by a ``notary``; each is told
    to the ``witnesses``, such as a :class:`letterbook.CheckpointFile`. With ``checkpoint_every`` a mailbox is
    signed in the background whenever so many events have come since it was. With ``follow_past`` the lists of
    earlier moments are kept in step when nobody writes, also those of mailboxes whose past nobody has asked
    about yet: the first who asks does not wait for them. Every checkpoint is also taken to the URL of a
    ``checkpoint_webhook``, in the background and until it is accepted; ``ValueError`` if none can be there.

    With ``encrypted``, or a ``key`` of 32 bytes, a new store is made an encrypted one, from which messages
    and people can be erased; it stays so, and is opened without saying it again. Where no ``key`` is given it
    is in the file that the variable ``LETTERBOOK_KEY_FILE`` names, or in ``<path>.key``.

    Raises ``TypeError`` if a ``transport`` has no ``name``, or one that is no text.
    Raises :class:`letterbook.StoreRefused` if the file is no store, one of a newer format, or one of which
    the key is missing or another. Whatever is
    asked of a book, opening included, may raise :class:`letterbook.StoreTrouble` when the disk is full or
    fails, or another program keeps the file busy: nothing of it was kept, and it may be asked again. A book
    that was closed raises :class:`letterbook.StoreClosed`.
    """
    if transport is not None and not isinstance(getattr(transport, "name", None), str):
        raise TypeError("a transport needs a name, which is text: histories tell by it how a letter left")
    if checkpoint_webhook is not None:
        check_webhook(checkpoint_webhook, local=allow_local_webhooks)
    clock = clock or SystemClock()
    keeping = Keeping(
        clock,
        transport,
        gatekeeper,
        provider,
        public_url,
        deliver,
        allow_local_webhooks,
        throttle,
        notary,
        witnesses,
        checkpoint_every,
        follow_past,
        checkpoint_webhook,
    )
    return _book(_store(path, clock, encrypted=encrypted, key=key), path, keeping)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a book is kept, whatever is in it."""

    clock: Clock
    transport: Transport | None = None
    gatekeeper: Gatekeeper | None = None
    provider: "Keeper | None" = None
    public_url: str | None = None
    deliver: bool = True
    allow_local_webhooks: bool = False
    throttle: Limits | None = None
    notary: Notary | None = None
    witnesses: Sequence[Witness] = ()
    checkpoint_every: int = 0
    follow_past: bool = False
    checkpoint_webhook: str | None = None


def _book(store: SqliteStore | MemoryStore[Rows], path: str | Path, how: Keeping) -> Book:
    """Everything around a store."""
    try:
        make_missing(store)
    except BaseException:
        store.close()
        raise
    clock, ids = how.clock, TimeOrderedIds()
    engine = Engine(store, clock=clock, ids=ids, mime=MimeCodec(ids.new), read_search=read_query)
    travel = Travel(engine, SqlitePastLists(None if str(path) == IN_MEMORY else _beside(Path(path), "past")))
    purge_all = _forgetting(engine, travel, store)
    delivery = Delivery(engine, how.transport or _transport(path))
    signer = how.notary or Ed25519Notary.of_store(store.secret)
    checkpoints = Checkpoints(store, signer, witnesses=how.witnesses, every=how.checkpoint_every)
    sign, expire = Signing(checkpoints), Expiry(engine)
    follow = FollowingAtWork(Following(store, travel.follower, everybody=how.follow_past))
    office = PostOffice(
        delivery,
        meanwhile=lambda: sign() and expire() and engine.catch_up_search(batches=8) and follow(),
    )
    door = Door(store.secret, clock, how.gatekeeper, how.provider)

    courier, seals = LateCourier(local=how.allow_local_webhooks), LateSeals(store, TENANT)
    herald = GraphHerald(courier, seals, clock)
    notifier = Notifier(engine, herald, late.read_filter)
    telling = NotifierAtWork(notifier, give_up=courier.close)
    subscribing = Subscribing(engine, herald, telling.start if how.deliver else _stay_asleep)
    engine.after_commit = telling.wake

    publisher = Publisher(store, courier, clock, how.checkpoint_webhook or "")
    publishing = NotifierAtWork(publisher, every=1.0, give_up=courier.close)
    if how.checkpoint_webhook and how.deliver:
        publishing.start()

    def make_asgi(book: Book) -> "ASGIApp":
        from letterbook.adapters.graph.app import GraphFace  # see graph.late
        from letterbook.adapters.graph.doorstep import Doorstep
        from letterbook.adapters.graph.throttling import Throttle, Throttled

        if how.deliver:
            telling.start()
        face = GraphFace(
            engine,
            door.keeper(),
            travel=travel,
            delivery_due=book.wake_delivery,
            subscribing=subscribing,
            seals=seals,
            public_url=how.public_url,
        )
        return Doorstep(Throttled(face, Throttle(how.throttle, clock)) if how.throttle else face)

    def fork(other: str | Path, ask: ForkAsk) -> Book:
        return _fork(engine, travel, store, other, ask)

    def close() -> None:
        office.close()
        telling.close()
        publishing.close()
        courier.close()
        travel.lists.close()
        store.close()

    wake = office.wake if how.deliver else _stay_asleep
    travel.wake = wake
    if how.checkpoint_every or how.follow_past:
        wake()
    if how.deliver and notifier.anybody():
        telling.start()
    formats = FileFormats(lambda at, named: late.json_source(at, named=named, ids=ids, clock=clock))
    return Book(
        engine,
        delivery,
        checkpoints,
        notifier,
        Subscriptions(subscribing, seals, partial(late.watched, engine)),
        travel,
        formats=formats,
        make_asgi=make_asgi,
        make_token=door.token,
        fork=fork,
        wake=wake,
        close=close,
        purge=purge_all,
    )


def _forgetting(engine: Engine, travel: Travel, store: SqliteStore | MemoryStore[Rows]) -> Purge:
    """What clears out all that was told of what was erased; what an earlier run left of it is cleared now."""
    if not isinstance(store, SqliteStore) or store.protection is None:
        return _nothing_left

    def forget() -> None:
        engine.forget()
        travel.forget()

    store.protection.forget = forget
    purge_all = partial(purge, engine, travel.lists, store.shredder)
    purge_all()
    return purge_all


def _nothing_left(_stop: Stop) -> bool:
    return True


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
    check_place(Path(other))
    protection = store.protection and store.protection.another()
    with lent_key(store.path, Path(other)):
        fork_file(
            store,
            Path(other),
            ends,
            ask,
            engine.clock.now(),
            lambda path: _sqlite_store(path, engine.clock, store.blobs, protection),
        )
    blobs = _blobs(Path(other), protection)
    return _book(_sqlite_store(Path(other), engine.clock, blobs, protection), other, keeping)


def _store(
    path: str | Path, clock: Clock, *, encrypted: bool, key: bytes | None
) -> SqliteStore | MemoryStore[Rows]:
    if str(path) == IN_MEMORY:
        if encrypted or key is not None:
            raise StoreRefused("a book in memory is kept nowhere, and is not encrypted")
        return _memory_store(clock)
    file = Path(path)
    check_place(file)
    vault = vault_of(file, encrypted=encrypted, key=key)
    return _sqlite_store(file, clock, _blobs(file, vault), vault)


def _blobs(file: Path, protection: Protection | None) -> FolderBlobs:
    return FolderBlobs(_beside(file, "blobs"), protection.form if protection else CLEAR)


def _memory_store(clock: Clock) -> MemoryStore[Rows]:
    return MemoryStore(
        rows=Rows(), views=MemoryViews, fresh=MemoryFreshViews, blobs=MemoryBlobs(), clock=clock
    )


def _sqlite_store(file: Path, clock: Clock, blobs: Blobs, protection: Protection | None) -> SqliteStore:
    return SqliteStore(
        file, views=SqliteViews, fresh=SqliteFreshViews, blobs=blobs, clock=clock, protection=protection
    )


def _transport(path: str | Path) -> Transport:
    return KeptLetters() if str(path) == IN_MEMORY else EmlFolder(_beside(Path(path), "outgoing"))


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.name}.{what}")


def _stay_asleep() -> None:
    """Nothing is delivered by itself."""
