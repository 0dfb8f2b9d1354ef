"""Looking for what somebody changed: every event, every blob, every checkpoint of a store.

Reads, and does nothing else. What is found is told by the first event of each mailbox that is not what was
recorded. A chain shows where somebody was clumsy. Whoever computed new hashes is found by a checkpoint; the
hashes that were gathered for it, where they are still the ones that it signs, then tell the event. Whose a
mailbox is, its first event tells; that name, and the end of the history, are held against the lists of now.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import UUID

from letterbook.application.blobs import BlobDamaged, Blobs
from letterbook.application.checkpoints import cut
from letterbook.application.completeness import check_ends
from letterbook.application.evidence import Evidence, SealedEvent
from letterbook.application.merkle import EMPTY, Frontier
from letterbook.application.notes import Checkpoint, NoCheckpoint, Notary, read_checkpoint, standing
from letterbook.application.ports import Session, Store
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.facts import UnknownFact
from letterbook.domain.mailbox import MailboxOpened

_STEP = 1000
"""Events after which somebody who waits is told."""

Progress = Callable[[UUID, int], None]
"""Is told of every mailbox, and how many of its events were just read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what was recorded.

    ``seq`` is the first bad event; with ``until``, the first bad event is one of those from ``seq`` to there.
    Without ``seq`` it is not an event that is bad; without ``mailbox`` it is the store as a whole.
    """

    mailbox: UUID | None
    seq: int | None
    why: str
    until: int | None = None

    def __str__(self) -> str:
        match self.seq, self.until:
            case None, _:
                return self.why
            case seq, None:
                return f"event {seq}: {self.why}"
            case seq, until:
                return f"one of the events {seq} to {until}: {self.why}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How a mailbox was found: how many events were read, how many of them the store's own checkpoints and
    those from outside sign, and what is wrong.

    ``owner`` is the address for which it was opened: empty if that is forgotten, or not what was recorded.
    """

    mailbox: UUID
    events: int
    signed: int
    witnessed: int
    findings: tuple[Finding, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """How a store was found."""

    mailboxes: tuple[Verified, ...]
    store: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, the store itself first."""
        return (*self.store, *(finding for each in self.mailboxes for finding in each.findings))

    @property
    def good(self) -> bool:
        """Whether everything is what was recorded, as far as it can be told."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What somebody has kept outside the store: checkpoints, and the keys that are believed."""

    checkpoints: Sequence[Checkpoint] = ()
    keys: Sequence[bytes] = ()


def verify(
    store: Store,
    notary: Notary,
    witnesses: Witnesses | None = None,
    progress: Progress | None = None,
    *,
    only: UUID | None = None,
) -> Report:
    """Look at a whole store, or at ``only`` one mailbox. Without keys, the store's own key is believed."""
    kept = witnesses or Witnesses()
    keys = kept.keys or (notary.public,)
    with store.reading() as session:
        found = {*session.evidence.mailboxes(), *(each.mailbox for each in kept.checkpoints)}
        found.update(session.views.mailboxes())
        damages = session.evidence.damages() if only is None else []
    seen: set[str] = set()
    mailboxes: list[Verified] = []
    for mailbox in sorted(found) if only is None else [only]:
        outside = [each for each in kept.checkpoints if each.mailbox == mailbox]
        with store.reading() as session:
            look = Look(session.evidence, mailbox, notary, keys, store.blobs, seen, progress or _quiet)
            verified = look.at(outside)
            more = _shown_otherwise(session, verified)
            mailboxes.append(replace(verified, findings=(*verified.findings, *more)))
    return Report(tuple(mailboxes), tuple(Finding(None, None, why) for why in damages))


def _shown_otherwise(session: Session, verified: Verified) -> Iterator[Finding]:
    """Where the lists of now do not fit a history in which nothing else is wrong: its end, and its owner."""
    mailbox, shown = verified.mailbox, session.views.person(str(verified.mailbox))
    try:
        if not verified.findings:
            check_ends(session, mailbox)
    except StoreDamaged as damage:
        yield Finding(mailbox, None, str(damage))
        return
    if not (verified.events or verified.findings) and mailbox in session.views.mailboxes():
        yield Finding(
            mailbox, None, f"is shown as that of {shown.address if shown else 'nobody'}: no event is there"
        )
    elif shown and verified.owner and shown.address != verified.owner:
        yield Finding(mailbox, None, f"is shown as that of {shown.address}")


def first_bad(evidence: Evidence, mailbox: UUID) -> Finding | None:
    """The first event of a mailbox that does not follow on the one before it; blobs are not looked at."""
    previous, seq = evidence.beginning(mailbox), 0
    try:
        for seq, event in enumerate(evidence.events(mailbox), start=1):
            if event.seq > seq:
                return Finding(mailbox, seq, "is missing")
            if event.covered is None or sha256(previous + event.covered).digest() != event.hash:
                return Finding(mailbox, seq, "is not what was recorded: its hash does not fit")
            previous = event.hash
    except StoreDamaged as damage:
        return Finding(mailbox, seq + 1, f"cannot be read: {damage}")
    return None


def _quiet(_mailbox: UUID, _events: int) -> None:
    """Nobody waits."""


@dataclass(slots=True)
class Look:
    """One look at one mailbox, event by event."""

    evidence: Evidence
    mailbox: UUID
    notary: Notary
    keys: Sequence[bytes]
    blobs: Blobs | None = None
    """Where blobs are looked for; ``None``: nowhere."""
    seen: set[str] = field(default_factory=set)
    """The blobs that were looked at before."""
    progress: Progress = _quiet
    _tree: Frontier = field(default_factory=Frontier)
    _previous: bytes = b""
    _outside: set[int] = field(default_factory=set)
    """The sizes of which somebody outside keeps a checkpoint."""
    _owner: str = ""
    """For whom it was opened, as its first event says."""
    _sound: int = 0
    """The largest size at which the tree is the one that was signed: outside, if anything was."""

    def at(self, outside: Sequence[Checkpoint]) -> Verified:
        """Everything that is wrong with the mailbox, given checkpoints from outside the store."""
        own, broken = self._own()
        doubted = [each for each in outside if standing(self.notary, each, self.keys) is not True]
        broken += [
            self._finding(f"the checkpoint of {each.size} is not signed by a key that is believed")
            for each in doubted
        ]
        trusted = [each for each in outside if each not in doubted]
        self._outside = {each.size for each in trusted}
        bad = self._first(sorted([*own, *trusted], key=lambda each: each.size))
        if bad is not None:
            bad = self._located(bad, trusted or own)
        return Verified(
            self.mailbox,
            self._tree.size,
            _largest(own),
            _largest(trusted),
            (*([bad] if bad else []), *broken),
            self._owner,
        )

    def _own(self) -> tuple[list[Checkpoint], list[Finding]]:
        """The store's own checkpoints that a believed key has signed, and what is wrong with others."""
        good: list[Checkpoint] = []
        broken: list[Finding] = []
        for note in self.evidence.checkpoints(self.mailbox):
            try:
                checkpoint = read_checkpoint(note)
            except NoCheckpoint:
                broken.append(self._finding("a checkpoint that the store kept is none"))
                continue
            if checkpoint.mailbox != self.mailbox or standing(self.notary, checkpoint, self.keys) is False:
                broken.append(self._finding(f"the store's own checkpoint of {checkpoint.size} is forged"))
            elif standing(self.notary, checkpoint, self.keys):
                good.append(checkpoint)
        return good, broken

    # -- event by event --

    def _first(self, claims: Sequence[Checkpoint]) -> Finding | None:
        """The first thing that is wrong, as far as chain and checkpoints tell it."""
        try:
            return self._walk(claims)
        except StoreDamaged as damage:
            return self._finding(f"cannot be read: {damage}", self._tree.size + 1)

    def _walk(self, claims: Sequence[Checkpoint]) -> Finding | None:
        roots: dict[int, list[bytes]] = {}
        for each in claims:
            roots.setdefault(each.size, []).append(each.root)
        if any(root != EMPTY for root in roots.get(0, ())):
            return self._finding("a checkpoint of nothing has the root of something")
        self._previous = self.evidence.beginning(self.mailbox)
        add, told = self._tree.add, 0
        for event in self.evidence.events(self.mailbox):
            wrong = self._wrong(event)
            if wrong:
                return wrong
            add(event.hash)
            if event.seq in roots and (other := self._unsigned(roots[event.seq])):
                return other
            if event.seq - told >= _STEP:
                self.progress(self.mailbox, event.seq - told)
                told = event.seq
        self.progress(self.mailbox, self._tree.size - told)
        return self._cut_off(claims[-1].size if claims else 0)

    def _cut_off(self, signed: int) -> Finding | None:
        """At the end: whether something is missing that was signed."""
        size = self._tree.size
        if signed <= size:
            return None
        if self._sound == size:
            return self._finding(f"is missing, as are all up to {signed}, which was signed", size + 1)
        why = f"the history was written anew or cut off: it was signed at {signed}"
        return Finding(self.mailbox, self._sound + 1, why, size + 1)

    def _wrong(self, event: SealedEvent) -> Finding | None:
        """What is wrong with the next event by itself."""
        expected = self._tree.size + 1
        if event.seq != expected:
            missing = event.seq > expected
            return self._finding(
                "is missing" if missing else "is there twice or out of place",
                expected if missing else event.seq,
            )
        if event.covered is None:
            return self._finding("is no event at all", expected)
        if sha256(self._previous + event.covered).digest() != event.hash:
            return self._finding("is not what was recorded: its hash does not fit", expected)
        self._previous = event.hash
        if expected == 1:
            self._owner = _opened_for(self.evidence, event)
        return self._blobless(event)

    def _blobless(self, event: SealedEvent) -> Finding | None:
        """A blob that an event names and that is not there, or not what it was."""
        for ref in self.evidence.blobs(event) if self.blobs else ():
            if self.blobs and ref.sha256 not in self.seen:
                try:
                    for _ in self.blobs.pieces(ref):
                        pass
                except BlobDamaged as damage:
                    return self._finding(f"names a blob that is damaged: {damage}", event.seq)
                self.seen.add(ref.sha256)
        return None

    def _unsigned(self, signed: Iterable[bytes]) -> Finding | None:
        """At a size that was signed: whether it was this history."""
        size, root = self._tree.size, self._tree.root()
        if all(root == each for each in signed):
            if size in self._outside or not self._outside:
                self._sound = size
            return None
        return Finding(
            self.mailbox,
            min(self._sound + 1, size),
            f"the history was written anew: it is not the one that was signed at {size}",
            size,
        )

    # -- telling the event --

    def _located(self, bad: Finding, claims: Sequence[Checkpoint]) -> Finding:
        """The first event that is not the one that was signed, where the gathered hashes are witnesses."""
        try:
            known = self._known(claims)
            first = _first_difference(known, self.evidence.events(self.mailbox))
        except StoreDamaged:
            return bad
        if first is None or (bad.seq is not None and bad.until is None and bad.seq <= first):
            return bad
        return self._finding("is not the one that was signed", first)

    def _known(self, claims: Sequence[Checkpoint]) -> list[bytes]:
        """The gathered hashes, as far as they are those that a checkpoint signs."""
        gathered = list(self._gathered())
        roots = {each.size: each.root for each in claims if each.size <= len(gathered)}
        tree, sound = Frontier(), 0
        for number, event in enumerate(gathered, start=1):
            tree.add(event)
            if number in roots and tree.root() == roots[number]:
                sound = number
        return gathered[:sound]

    def _gathered(self) -> Iterator[bytes]:
        number = 0
        while tile := self.evidence.tile(self.mailbox, number):
            yield from cut(tile)
            number += 1

    def _finding(self, why: str, seq: int | None = None) -> Finding:
        return Finding(self.mailbox, seq, why)


def _opened_for(evidence: Evidence, event: SealedEvent) -> str:
    """Whose mailbox it is that begins with an event, if that can be told."""
    with suppress(UnknownFact, UnicodeDecodeError):
        fact = evidence.fact(event)
        if isinstance(fact, MailboxOpened):
            return fact.owner.address
    return ""


def owners(session: Session) -> dict[UUID, str]:
    """Every mailbox that has events, with the address for which it was opened.

    Empty where its first event does not tell it, or is not what was recorded.
    """
    found: dict[UUID, str] = {}
    views = session.views
    shown = (each for each in views.mailboxes() if views.position(each))
    for mailbox in sorted({*session.evidence.mailboxes(), *shown}):
        found[mailbox] = ""
        with suppress(StoreDamaged, UnknownFact):
            for first in session.history.read(mailbox, 0, 1):
                opened = first.fact if first.seq == 1 else None
                found[mailbox] = opened.owner.address if isinstance(opened, MailboxOpened) else ""
    return found


def _first_difference(known: Sequence[bytes], events: Iterable[SealedEvent]) -> int | None:
    """The first position at which there is another event, or none, where one is known."""
    seq = 0
    for seq, event in enumerate(events, start=1):
        if seq > len(known):
            return None
        if event.seq != seq or event.hash != known[seq - 1]:
            return seq
    return seq + 1 if seq < len(known) else None


def _largest(checkpoints: Iterable[Checkpoint]) -> int:
    return max((each.size for each in checkpoints), default=0)
