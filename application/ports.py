"""What Letterbook needs from the world, as Protocols; ``adapters`` keeps the promises.

Every Protocol here has one contract suite in ``tests/contracts`` that each of its adapters runs; a session is
had from a store, and promised with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from letterbook.application.admitting import Gatekeeper as Gatekeeper
from letterbook.application.admitting import NotAdmitted as NotAdmitted
from letterbook.application.admitting import Visitor as Visitor
from letterbook.application.blobs import BlobDamaged as BlobDamaged
from letterbook.application.blobs import Blobs as Blobs
from letterbook.application.disturbances import Disturbances
from letterbook.application.evidence import Evidence
from letterbook.application.heralding import Subscriptions as Subscriptions
from letterbook.application.uses import Uses as Uses
from letterbook.application.view_ports import FreshRow as FreshRow
from letterbook.application.view_ports import FreshViews as FreshViews
from letterbook.application.view_ports import Views as Views
from letterbook.domain.attachments import Attachment, RecordAttachment
from letterbook.domain.facts import Fact
from letterbook.domain.letter import Letter, Thread
from letterbook.domain.message.retelling import Written

# --- The history -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact in its place: ``seq`` in its mailbox and ``version`` in its aggregate, both from 1, no gaps."""

    mailbox: UUID
    seq: int
    aggregate: UUID
    version: int
    recorded_at: datetime
    hash: bytes
    fact: Fact


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact in its place as the history keeps it: stored name and bytes, microseconds since 1970, seal."""

    mailbox: UUID
    seq: int
    aggregate: UUID
    version: int
    topic: str
    state: bytes
    recorded: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The key of an aggregate, or (``None``) of a mailbox, as an encrypted store keeps it."""

    mailbox: UUID
    aggregate: UUID | None
    wrapped: bytes


class SealBroken(Exception):
    """A stored fact is not what was sealed, or does not follow on the one before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a mailbox's history: its last position (0 if empty) and the hash that seals it."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Addition:
    """Facts to be added to an aggregate whose version is ``after``."""

    mailbox: UUID
    aggregate: UUID
    after: int
    facts: tuple[Fact, ...]


class History(Protocol):
    """The book itself: facts in order, one gapless sequence for each mailbox, never rewritten.

    Nobody is told a fact that is not what was recorded: whoever asks for it is told
    :class:`letterbook.application.troubles.StoreDamaged`. Only :meth:`stored` gives what is there.
    """

    def append(self, additions: Sequence[Addition]) -> dict[UUID, int]:
        """Add facts in this order; gives the last position of each mailbox that grew.

        Raises :class:`letterbook.domain.refusals.Conflict` if an aggregate has another version by now; the
        transaction around it must then be given up.
        """

    def of(self, mailbox: UUID, aggregate: UUID, after: int = 0) -> tuple[Recorded, ...]:
        """The facts of one aggregate with a version above ``after``, in order."""

    def told(self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False) -> list[Fact]:
        """The facts of one aggregate up to position ``end``, in order, without places. Made to be fast.

        Who knows that one of them is at ``end`` itself asks for the ``whole`` of it, and is told if it is
        missing: :class:`letterbook.application.troubles.StoreDamaged`.
        """

    def seek_strays(self, mailbox: UUID, aggregate: UUID) -> None:
        """Look for facts of an aggregate under every other name, and in every other mailbox, that one flipped
        bit makes of its own. Raises :class:`letterbook.application.troubles.StoreDamaged` if there is one."""

    def told_as_written(
        self, mailbox: UUID, aggregate: UUID, end: int, *, whole: bool = False
    ) -> list[Written]:
        """The same for whoever retells them, as :meth:`stories_as_written` tells many."""

    def read(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """Up to ``limit`` facts of a mailbox with a position above ``after``, in order."""

    def touched(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> list[tuple[bytes, int]]:
        """The aggregate and version of each fact that :meth:`read` would tell, checked but not read."""

    def stored(self, mailbox: UUID, after: int = 0, limit: int = 1000) -> tuple[StoredFact, ...]:
        """The same as :meth:`read`, as they are kept; also what this program has no word for."""

    def restore(self, facts: Sequence[StoredFact]) -> None:
        """Add facts exactly as another history kept them: each the next one of its mailbox and aggregate.

        Raises :class:`SealBroken` if one is not; the transaction around it must then be given up.
        """

    def keys(self, mailbox: UUID) -> list[WrappedKey]:
        """The keys of a mailbox, its own first, and of what is in it; none where nothing is encrypted."""

    def restore_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Keep keys as another history kept them, before its facts come.

        Raises :class:`letterbook.application.moving.MoveRefused` if they are of no use here.
        """

    def stories(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Fact]]]:
        """The facts of a mailbox up to position ``end``: one aggregate behind ``after`` after the other, by
        name, each with its facts in order. Made to be fast."""

    def stories_as_written(
        self, mailbox: UUID, end: int, after: UUID | None = None
    ) -> Iterator[tuple[UUID, Sequence[Written]]]:
        """The same for whoever retells them: facts as the fields they are stored as, checked just so.

        What is forgotten has the name of :class:`letterbook.domain.facts.Forgotten`, and no fields.
        """

    def head(self, mailbox: UUID) -> Head:
        """Where the history of a mailbox ends."""

    def position_at(
        self, mailbox: UUID, moment: datetime, between: tuple[int, int | None] = (0, None)
    ) -> int:
        """The position up to which a mailbox's history had come at a moment; 0 if it had not begun.

        Who knows a position before that and one behind it says so: it is looked for ``between`` them.

        Where the clock was set back, and a moment came twice, it is one of the two.
        """

    def mailboxes(self) -> tuple[UUID, ...]:
        """Every mailbox that has a history."""


# --- The outbox ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parcel:
    """One recipient that a sent message has yet to reach. ``attempts`` counts the failed ones.

    It is known by its recipient and by when it is due: one that is put off is another one.
    """

    mailbox: UUID
    message: UUID
    recipient: str
    due: datetime
    attempts: int = 0


class Outbox(Protocol):
    """What has been sent and not yet arrived."""

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Take in parcels; one that is there already replaces itself."""

    def due(self, now: datetime, limit: int) -> list[Parcel]:
        """Up to ``limit`` parcels whose time has come, the longest due first."""

    def holds(self, parcel: Parcel) -> bool:
        """Whether a parcel is still there."""

    def done(self, parcel: Parcel) -> None:
        """Take a parcel out."""

    def recall(self, mailbox: UUID, message: UUID | None) -> None:
        """Take out every parcel of a message, or (``None``) of a whole mailbox."""

    def waiting(self) -> int:
        """How many parcels there are, due or not."""


# --- The store -------------------------------------------------------------------------------------


class Session(Protocol):
    """One transaction: history, views and outbox change together or not at all."""

    @property
    def history(self) -> History:
        """The facts."""

    @property
    def views(self) -> Views:
        """What folders show."""

    @property
    def fresh(self) -> FreshViews:
        """What folders will show."""

    @property
    def outbox(self) -> Outbox:
        """What has yet to arrive."""

    @property
    def subscriptions(self) -> Subscriptions:
        """Who wants to be notified."""

    @property
    def uses(self) -> Uses:
        """When search folders were used last."""

    @property
    def evidence(self) -> Evidence:
        """The facts as they are stored, and the checkpoints that sign them."""

    @property
    def disturbances(self) -> Disturbances:
        """What this store has noticed that somebody else wrote. Believe nothing that was touched."""


class Store(Protocol):
    """Everything one book keeps, in one place.

    Whatever is asked of it may raise a :class:`letterbook.application.troubles.StoreTrouble`.
    """

    @property
    def blobs(self) -> Blobs: ...
    @property
    def secret(self) -> bytes:
        """32 random bytes of this store, made with it; they sign its local tokens and page links."""

    @property
    def encrypted(self) -> bool:
        """Whether what is in its history can be erased; a store is made so, or never is."""

    def writing(self) -> AbstractContextManager[Session]:
        """One transaction that writes: on disk when the block ends, undone if it raises. One at a time."""

    def reading(self) -> AbstractContextManager[Session]:
        """One consistent moment to read from; any number at a time, also beside a writer."""

    def rebuilding(self) -> AbstractContextManager[None]:
        """Held by the one who rebuilds the views, in any process; let go of even by a crash.

        Raises :class:`letterbook.application.troubles.StoreBusy` if somebody else holds it.
        """

    def pulse(self) -> int:
        """A number that changes whenever anybody, in any process, has written to the store."""

    def close(self) -> None:
        """Let go of files and connections."""


# --- Letters from and to the outside ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter outside any mailbox, complete: bodies and attachments hold their bytes, no blobs."""

    letter: Letter
    attachments: tuple[Attachment, ...] = ()
    thread: Thread | None = None
    sent_at: datetime | None = None
    extra_headers: dict[str, str] = field(default_factory=dict)


class Mime(Protocol):
    """The wire format of mail: RFC 5322 and MIME."""

    def parse(self, raw: bytes, now: datetime) -> Mail:
        """Read a MIME message, however damaged; refuse only one built to exhaust the reader."""

    def render(self, mail: Mail) -> bytes:
        """Write a MIME message, lines ending in CRLF, with every header the letter has, Bcc included."""

    def render_record(self, record: RecordAttachment) -> bytes:
        """Write an enclosed event as iCalendar, a contact as vCard; its content is at hand."""


class Transport(Protocol):
    """Takes letters to everyone who has no mailbox in this store."""

    name: str

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Hand a letter over; durable when this returns.

        ``key`` names the letter and the recipient: the same key again replaces, never doubles.
        Raises :class:`Undeliverable` if it never will be, :class:`TryLater` if it may be.
        """


class Undeliverable(Exception):
    """The letter cannot reach this recipient; the sentence goes into the non-delivery report."""


class TryLater(Exception):
    """The letter could not be handed over this time."""


# --- Time and names --------------------------------------------------------------------------------


class Clock(Protocol):
    """Knows what time it is."""

    def now(self) -> datetime:
        """This moment, in UTC."""


class Ids(Protocol):
    """Invents names that nobody else has."""

    def new(self) -> UUID:
        """A fresh name, later ones sorting after earlier ones (UUID version 7, RFC 9562)."""
