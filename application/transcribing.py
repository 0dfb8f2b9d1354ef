"""The facts of a whole store, written out and read into a new one, so that every seal is the same.

What is written are the stored bytes themselves, so nothing is lost that this program does not know. What
waits in the outbox is not written: a transcript acts on nobody.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol
from uuid import UUID

from letterbook.application.blobs import BlobDamaged, Blobs, RawBlob
from letterbook.application.completeness import check_end
from letterbook.application.engine import Engine
from letterbook.application.forking import recorded_after
from letterbook.application.moving import MoveRefused, Progress, refuse_other
from letterbook.application.ports import Head, SealBroken, StoredFact, WrappedKey
from letterbook.application.rebuilding import rebuild, unmake
from letterbook.application.tidying import blobs_in
from letterbook.application.troubles import StoreDamaged, StoreTrouble
from letterbook.application.work import Work
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.letter import BlobRef
from letterbook.domain.message import Erased
from letterbook.domain.versions import TODAY

SLICE = 1000
"""Events that are read, or restored in one transaction, at once."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob that facts behind it name, as it is kept: ``sealed`` or not."""

    ref: BlobRef
    raw: RawBlob
    sealed: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """Wrapped keys, which open facts behind them for whoever has the master key."""

    keys: Sequence[WrappedKey]


Entry = Blob | Keys | StoredFact


@dataclass(frozen=True, slots=True)
class Contents:
    """What a transcript holds: where the history of each mailbox ends."""

    heads: dict[UUID, Head]

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(head.seq for head in self.heads.values())


class Transcript(Protocol):
    """A written transcript, read from the beginning."""

    @property
    def contents(self) -> Contents:
        """What it should hold."""

    def entries(self) -> Iterator[Entry]:
        """Everything in it, in order; the pieces of a blob are to be read before what comes next.

        Raises :class:`letterbook.application.moving.MoveRefused` where it cannot be read on.
        """


@dataclass(frozen=True, slots=True)
class Restored:
    """What was read from a transcript: events that are new here, and those that were here before."""

    events: int
    already: int


def entries(engine: Engine, contents: Contents, progress: Progress | None = None) -> Iterator[Entry]:
    """The facts of a store up to where it ended, mailbox by mailbox, each behind the blobs it names."""
    told: set[str] = set()
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(done, contents.events)

    for mailbox, head in contents.heads.items():
        try:
            yield from _of_mailbox(engine, mailbox, head, told, count)
        except StoreDamaged:
            _check_unerased(engine, mailbox, head)
            raise
        _check_unerased(engine, mailbox, head)


def _of_mailbox(
    engine: Engine, mailbox: UUID, head: Head, told: set[str], count: Callable[[int], None]
) -> Iterator[Entry]:
    with engine.store.reading() as session:
        check_end(session.history, session.views, mailbox)
    yield from _keys(engine, mailbox)
    for facts in _slices(engine, mailbox, head.seq):
        for fact, refs in facts:
            yield from _blobs(engine, (ref for ref in refs if ref.sha256 not in told))
            told.update(ref.sha256 for ref in refs)
            yield fact
        count(len(facts))


def _check_unerased(engine: Engine, mailbox: UUID, head: Head) -> None:
    """Of what was erased behind the end, there may be the facts and no key, or the key and no erasure."""
    with engine.store.reading() as session:
        late = recorded_after(session.history, mailbox, head.seq)
        if any(isinstance(each.fact, (Erased, OwnerErased)) for each in late):
            raise MoveRefused("Something was erased while the facts were written out: write them out again.")


def _blobs(engine: Engine, refs: Iterable[BlobRef]) -> Iterator[Blob]:
    blobs = engine.store.blobs
    for ref in dict.fromkeys(refs):
        yield Blob(ref, blobs.raw(ref), blobs.sealed)


def _keys(engine: Engine, mailbox: UUID) -> Iterator[Keys]:
    with engine.store.reading() as session:
        left = session.history.keys(mailbox)
    while left:
        some, left = left[:SLICE], left[SLICE:]
        yield Keys(some)


def contents_of(engine: Engine) -> Contents:
    """What a store holds at this moment."""
    with engine.store.reading() as session:
        history = session.history
        return Contents({mailbox: history.head(mailbox) for mailbox in history.mailboxes()})


def _slices(engine: Engine, mailbox: UUID, end: int) -> Iterator[list[tuple[StoredFact, list[BlobRef]]]]:
    """The facts of a mailbox with the blobs they name, some at a time, each time at a moment of its own."""
    after = 0
    while after < end:
        limit = min(SLICE, end - after)
        with engine.store.reading() as session:
            stored = session.history.stored(mailbox, after, limit)
            read = session.history.read(mailbox, after, limit)
        yield [(fact, list(blobs_in(each.fact))) for fact, each in zip(stored, read, strict=True)]
        after = stored[-1].seq


def restore(engine: Engine, transcript: Transcript, progress: Progress | None = None) -> Restored:
    """Read a transcript into a store that holds nothing else.

    Whoever was stopped in the middle runs it again: it goes on where it stopped. Raises ``MoveRefused`` if
    the store holds other facts or the transcript was cut off, ``SealBroken`` if it was changed. The views
    are made when all facts are there.
    """
    here = contents_of(engine).heads
    _check_room(here, transcript.contents)
    reading = _Reading(engine, here)
    try:
        for facts in _gathered(_kept(engine, transcript.entries())):
            reading.take(facts)
            if progress:
                progress(reading.done, transcript.contents.events)
        _check_end(contents_of(engine), transcript.contents)
    except Exception as refused:
        reading.show_what_there_is(refused)
        raise
    engine.forget()
    rebuild(engine.store)
    return Restored(reading.new, reading.done - reading.new)


class _Reading:
    """A transcript on its way into a store."""

    def __init__(self, engine: Engine, here: dict[UUID, Head]) -> None:
        self.done = self.new = 0
        """Events that were read so far, and those that were not here before."""
        self._engine = engine
        self._here = here
        self._shows_nothing = False

    def take(self, facts: Sequence[StoredFact]) -> None:
        """Some facts, those that are new in one transaction."""
        fresh = [fact for fact in facts if _is_new(fact, self._here)]
        if fresh and not self._shows_nothing:
            unmake(self._engine.store)  # made of the beginning, if it was opened meanwhile
            self._shows_nothing = True
            self._engine.forget()
        if fresh:
            self._engine.run(partial(_restore, fresh))
        self.new += len(fresh)
        self.done += len(facts)

    def show_what_there_is(self, refused: Exception) -> None:
        """The rest was refused: whoever has the store open goes on with what came before."""
        if not self._shows_nothing:
            return
        self._engine.forget()
        try:
            rebuild(self._engine.store)
        except StoreTrouble as trouble:
            refused.add_note(f"The views could not be made, and will be when the store is opened: {trouble}")


def _restore(facts: Sequence[StoredFact], work: Work) -> None:
    """The job that adds facts as another store kept them."""
    work.session.history.restore(facts)


def _restore_keys(keys: Sequence[WrappedKey], work: Work) -> None:
    """The job that keeps keys as another store kept them."""
    work.session.history.restore_keys(keys)


def _check_room(here: dict[UUID, Head], contents: Contents) -> None:
    """Only a new store, or one that holds the beginning of this very transcript."""
    nothing = Head(0, b"")
    if any(head.seq > contents.heads.get(mailbox, nothing).seq for mailbox, head in here.items()):
        raise MoveRefused("This store holds facts of its own: a transcript is read into a new one.")


def _is_new(fact: StoredFact, here: dict[UUID, Head]) -> bool:
    """Whether a fact is not here yet; refuses another one in the place of one that is."""
    TODAY.check_known(fact.topic)
    head = here.get(fact.mailbox)
    if head is None or fact.seq > head.seq:
        return True
    if fact.seq == head.seq and fact.hash != head.hash:
        raise MoveRefused("This store holds other facts than these: a transcript is read into a new one.")
    return False


def _kept(engine: Engine, entries_: Iterable[Entry]) -> Iterator[StoredFact]:
    """The facts, after the blobs before them are on disk."""
    for entry in entries_:
        if isinstance(entry, StoredFact):
            yield entry
        elif isinstance(entry, Keys):
            engine.run(partial(_restore_keys, entry.keys))
        else:
            _restore_blob(engine.store.blobs, entry)


def _restore_blob(blobs: Blobs, entry: Blob) -> None:
    if blobs.sealed != entry.sealed:
        refuse_other(encrypted=entry.sealed)
    try:
        blobs.restore(entry.ref, entry.raw.pieces)
    except BlobDamaged:
        raise SealBroken(f"blob {entry.ref.sha256} is not what its name says") from None


def _gathered(facts: Iterator[StoredFact]) -> Iterator[list[StoredFact]]:
    while some := list(islice(facts, SLICE)):
        yield some


def _check_end(here: Contents, wanted: Contents) -> None:
    if here != wanted:
        raise MoveRefused("The transcript ends before its end: what it holds is here, the rest is missing.")
