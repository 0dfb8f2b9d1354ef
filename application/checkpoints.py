"""Signing checkpoints of mailboxes, and taking proofs from a store.

Nothing of this is part of a write: hashes are gathered into tiles when a checkpoint is asked for, or when so
many events have come, slice by slice; each event's hash is checked on the way. What was gathered before is
not believed for that: where it does not fit, it is gathered anew, and then it is the events that have to fit.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain, islice
from typing import Any, TypeVar
from uuid import UUID

from letterbook.application.completeness import check_all, check_end
from letterbook.application.evidence import Evidence, ProvenEvent, SealedEvent, Tile
from letterbook.application.merkle import TILE, Tree, root_of
from letterbook.application.notes import Checkpoint, NoCheckpoint, Notary, read_checkpoint, sign
from letterbook.application.ports import Store
from letterbook.application.troubles import StoreDamaged
from letterbook.domain import refusals

PROOF = "letterbook-proof-v1"
GROWTH = "letterbook-growth-v1"
_SLICE = 64 * TILE
"""Events that are gathered at once: their hashes are written in one short transaction."""
_HASH = 32

T = TypeVar("T")

Witness = Callable[[Checkpoint], None]
"""Is told of every checkpoint before the store keeps it: once more the next time, if it raises."""


class HistoryDamaged(StoreDamaged):
    """The history is not what was recorded: nothing is signed or proved of it. Verifying says more."""


class Checkpoints:
    """The checkpoints of one store. Only signing writes to it, and only signing tells the witnesses."""

    def __init__(
        self, store: Store, notary: Notary, *, witnesses: Sequence[Witness] = (), every: int = 0
    ) -> None:
        """``every``: events after which :meth:`keep_up` signs a mailbox anew; 0: never."""
        self._store = store
        self.notary = notary
        self._witnesses = witnesses
        self._every = every
        self._pulse = -1
        self._given_up: dict[UUID, str] = {}
        """Why nothing could be gathered anew from a history: it is not read to its bad event every second."""

    def sign(self, mailbox: UUID) -> Checkpoint:
        """A checkpoint of a mailbox as it is now; the one there is, if nothing was recorded since.

        Raises :class:`HistoryDamaged` if the history does not continue what was signed before.
        """
        return self._well_gathered(mailbox, partial(self._sign, mailbox))

    def _sign(self, mailbox: UUID) -> Checkpoint:
        before = self._gather(mailbox)
        with self._store.reading() as session:
            evidence = session.evidence
            size, _ = _gathered(evidence, mailbox)
            tree = _tree(evidence, mailbox)
            checkpoint = sign(self.notary, mailbox, size, tree.root(size))
            if evidence.latest(mailbox) == checkpoint.note:
                return checkpoint
            signed = _check_growth(evidence, mailbox, size, tree)
            _check_gathered(evidence, mailbox, signed, before)
        for tell in self._witnesses:
            tell(checkpoint)
        with self._store.writing() as session:
            session.evidence.keep_checkpoint(checkpoint)
        return checkpoint

    def keep_up(self) -> None:
        """Sign the mailboxes in which much has happened since they were signed.

        One that cannot be signed keeps no other from it: all that went wrong is raised in the end.
        """
        if not self._every or (pulse := self._store.pulse()) == self._pulse:
            return
        wrong = [error for mailbox in self._due() if (error := self._trouble(mailbox))]
        if wrong:
            raise ExceptionGroup("some mailboxes were not signed", wrong)
        self._pulse = pulse

    def prove(self, mailbox: UUID, aggregate: UUID) -> dict[str, Any]:
        """All events of a message, and that they are in the history that a checkpoint signs."""
        return self._well_gathered(mailbox, partial(self._prove, mailbox, aggregate))

    def _prove(self, mailbox: UUID, aggregate: UUID) -> dict[str, Any]:
        checkpoint = self.sign(mailbox)
        with self._store.reading() as session:
            tree = _tree(session.evidence, mailbox)
            events = [
                each for each in session.evidence.about(mailbox, aggregate) if each.seq <= checkpoint.size
            ]
            if not events:
                raise refusals.NotFound
            for version, event in enumerate(events, start=1):
                if event.version != version:
                    raise HistoryDamaged(f"version {version} of {aggregate} is missing")
                self._check_place(session.evidence, mailbox, event)
            check_all(session, mailbox, aggregate)
            paths = [tree.inclusion(event.seq - 1, checkpoint.size) for event in events]
        return {
            "format": PROOF,
            "mailbox": str(mailbox),
            "message": str(aggregate),
            "checkpoint": checkpoint.note,
            "events": [_shown(event, path) for event, path in zip(events, paths, strict=True)],
        }

    def prove_growth(self, older: Checkpoint) -> dict[str, Any]:
        """That the history of now begins with the one that an older checkpoint signs.

        Raises :class:`HistoryDamaged` if it does not.
        """
        with self._store.reading() as session:
            end = session.history.head(older.mailbox).seq
        if not end:
            raise HistoryDamaged(f"there is no event of mailbox {older.mailbox}, signed at {older.size}")
        return self._well_gathered(older.mailbox, partial(self._prove_growth, older))

    def _prove_growth(self, older: Checkpoint) -> dict[str, Any]:
        newer = self.sign(older.mailbox)
        with self._store.reading() as session:
            tree = _tree(session.evidence, older.mailbox)
            if older.size > newer.size or tree.root(older.size) != older.root:
                raise HistoryDamaged(f"the history of {older.mailbox} does not begin with what was signed")
            _check_tile(session.evidence, older.mailbox, older.size // TILE)
            path = tree.consistency(older.size, newer.size)
        return {"format": GROWTH, "older": older.note, "newer": newer.note, "path": _encoded(path)}

    # -- inside --

    def _trouble(self, mailbox: UUID) -> Exception | None:
        """Sign a mailbox; what went wrong, if anything did."""
        try:
            self.sign(mailbox)
        except Exception as error:
            return error
        return None

    def _due(self) -> list[UUID]:
        with self._store.reading() as session:
            return [
                mailbox
                for mailbox in session.evidence.mailboxes()
                if session.history.head(mailbox).seq - _signed(session.evidence, mailbox) >= self._every
            ]

    def _well_gathered(self, mailbox: UUID, ask: Callable[[], T]) -> T:
        """Ask; if what was gathered may be why there is no answer, once more of what is gathered anew."""
        try:
            return ask()
        except (HistoryDamaged, IndexError):  # a tile may also hold too little
            if not self._gather_anew(mailbox):
                raise
        return ask()

    def _gather_anew(self, mailbox: UUID) -> bool:
        """Gather all events into tiles as if there were none; ``False`` if there were just these.

        Raises what is wrong with the history, if anything is: then the tiles stay, which may tell more.
        """
        if given_up := self._given_up.get(mailbox):
            raise HistoryDamaged(given_up)
        try:
            with self._store.reading() as session:
                evidence = session.evidence
                tiles = _all_tiles(evidence, mailbox)
                size = sum(len(tile.hashes) for tile in tiles) // _HASH
                signed = _check_growth(evidence, mailbox, size, _tree_of(tiles))
                _check_unsigned(evidence, mailbox, tiles, signed)
                check_end(session.history, session.views, mailbox)
                if _are_kept(evidence, mailbox, tiles):
                    return False
        except HistoryDamaged as damage:
            self._given_up[mailbox] = str(damage)
            raise
        with self._store.writing() as session:
            session.evidence.replace_tiles(mailbox, tiles)
        return True

    def _gather(self, mailbox: UUID) -> int:
        """Have the hashes of all events in tiles; gives how many there were before."""
        before: int | None = None
        known = -1
        while True:
            with self._store.reading() as session:
                end = session.history.head(mailbox)
                size, last = _gathered(session.evidence, mailbox)
                if before is None:
                    before = size
                    _check_clear(session.evidence, mailbox, end.seq)
                if size <= known:  # another tile is in the way
                    raise _ungathered(mailbox)
                known = size
                if end.seq < size or (end.seq == size and end.hash != last):
                    raise _damaged(mailbox, min(end.seq + 1, size))
                if end.seq == size:
                    check_end(session.history, session.views, mailbox)
                    return before
                tiles = _next_tiles(session.evidence, mailbox, size, last)
            with self._store.writing() as session:
                session.evidence.keep_tiles(mailbox, tiles)

    @staticmethod
    def _check_place(evidence: Evidence, mailbox: UUID, event: ProvenEvent) -> None:
        """An event that is about to be proved has the hash that the tree holds."""
        if not isinstance(event.seq, int):
            raise _damaged(mailbox, event.seq)
        (stored,) = islice(evidence.events(mailbox, event.seq - 1), 1)
        _check_tile(evidence, mailbox, (event.seq - 1) // TILE)
        place = (event.seq - 1) % TILE * _HASH
        known = evidence.tile(mailbox, (event.seq - 1) // TILE)[place : place + _HASH]
        if stored.covered is None or sha256(event.previous + stored.covered).digest() != known:
            raise _damaged(mailbox, event.seq)


def _check_growth(evidence: Evidence, mailbox: UUID, size: int, tree: Tree) -> int:
    """What is about to be signed continues what was signed last; gives how much that was."""
    note = evidence.latest(mailbox)
    try:
        last = read_checkpoint(note) if note else None
    except NoCheckpoint as error:
        raise HistoryDamaged(f"the last checkpoint of {mailbox} is not what was written") from error
    if last and (last.size > size or tree.root(last.size) != last.root):
        raise HistoryDamaged(f"the history of {mailbox} does not continue what was signed at {last.size}")
    return last.size if last else 0


def _check_gathered(evidence: Evidence, mailbox: UUID, start: int, end: int) -> None:
    """What was gathered earlier, and not signed then, is still what the events say."""
    numbers = range(start // TILE, -(-end // TILE) if end > start else 0)
    known = chain.from_iterable(cut(evidence.tile(mailbox, number)) for number in numbers)
    hashes = (event.hash for event in islice(evidence.events(mailbox, start), max(end - start, 0)))
    if any(one != other for one, other in zip(hashes, islice(known, start % TILE, None), strict=False)):
        raise _ungathered(mailbox)
    for number in numbers:
        _check_tile(evidence, mailbox, number)


def _check_unsigned(evidence: Evidence, mailbox: UUID, tiles: Sequence[Tile], signed: int) -> None:
    """Behind the last checkpoint only what was gathered tells whether this is what was gathered then."""
    for number in range(signed // TILE, len(tiles)):
        pairs = zip(cut(evidence.tile(mailbox, number)), cut(tiles[number].hashes), strict=False)
        for seq, (known, found) in enumerate(pairs, start=number * TILE + 1):
            if seq > signed and known != found:
                raise HistoryDamaged(f"event {seq} of mailbox {mailbox} is not the one that was gathered")


def _check_clear(evidence: Evidence, mailbox: UUID, end: int) -> None:
    """Nothing is where the next hashes belong: a tile that is there already is not written over."""
    full = len(evidence.tile_roots(mailbox))
    rest = len(evidence.tile(mailbox, full))
    if rest % _HASH or rest >= TILE * _HASH:
        raise _ungathered(mailbox)
    if any(evidence.tile(mailbox, number) for number in range(full + 1, end // TILE + 1)):
        raise _ungathered(mailbox)


def _check_tile(evidence: Evidence, mailbox: UUID, number: int) -> None:
    """The root of a full tile is that of its hashes."""
    roots = evidence.tile_roots(mailbox)
    if number < len(roots) and _as_tile(number, evidence.tile(mailbox, number)).root != roots[number]:
        raise _ungathered(mailbox)


def _signed(evidence: Evidence, mailbox: UUID) -> int:
    note = evidence.latest(mailbox)
    return read_checkpoint(note).size if note else 0


def _tree(evidence: Evidence, mailbox: UUID) -> Tree:
    return Tree(evidence.tile_roots(mailbox), lambda number: cut(evidence.tile(mailbox, number)))


def _tree_of(tiles: Sequence[Tile]) -> Tree:
    roots = [tile.root for tile in tiles if tile.root]
    return Tree(roots, lambda number: cut(tiles[number].hashes))


def _all_tiles(evidence: Evidence, mailbox: UUID) -> list[Tile]:
    """The hashes of all events, each one checked."""
    hashes = _sound(mailbox, evidence.events(mailbox), 0, evidence.beginning(mailbox))
    parts = iter(lambda: b"".join(islice(hashes, TILE)), b"")
    return [_as_tile(number, part) for number, part in enumerate(parts)]


def _are_kept(evidence: Evidence, mailbox: UUID, tiles: Sequence[Tile]) -> bool:
    roots = [tile.root for tile in tiles if tile.root]
    kept = (evidence.tile(mailbox, number) for number in range(len(tiles) + 1))
    return evidence.tile_roots(mailbox) == roots and [*kept] == [*(tile.hashes for tile in tiles), b""]


def _gathered(evidence: Evidence, mailbox: UUID) -> tuple[int, bytes]:
    """How many hashes are in tiles, and the last of them."""
    full = len(evidence.tile_roots(mailbox))
    rest = evidence.tile(mailbox, full)
    last = rest or (evidence.tile(mailbox, full - 1) if full else b"")
    return full * TILE + len(rest) // _HASH, last[-_HASH:] or evidence.beginning(mailbox)


def _next_tiles(evidence: Evidence, mailbox: UUID, size: int, last: bytes) -> list[Tile]:
    """The next hashes, with the tile that they fill up or begin."""
    events = islice(evidence.events(mailbox, size), _SLICE - size % TILE)
    new = b"".join(_sound(mailbox, events, size, last))
    hashes = evidence.tile(mailbox, size // TILE) + new if size % TILE else new
    return [_as_tile(number, part) for number, part in enumerate(_parts(hashes), start=size // TILE)]


def _sound(mailbox: UUID, events: Iterator[SealedEvent], seq: int, previous: bytes) -> Iterator[bytes]:
    """The hashes of events that follow on a hash, each one checked."""
    for event in events:
        seq += 1
        if event.seq != seq or event.covered is None:
            raise _damaged(mailbox, seq)
        if sha256(previous + event.covered).digest() != event.hash:
            raise _damaged(mailbox, seq)
        previous = event.hash
        yield previous


def _parts(hashes: bytes) -> Iterator[bytes]:
    for start in range(0, len(hashes), TILE * _HASH):
        yield hashes[start : start + TILE * _HASH]


def _as_tile(number: int, hashes: bytes) -> Tile:
    return Tile(number, root_of(cut(hashes)) if len(hashes) == TILE * _HASH else b"", hashes)


def cut(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[start : start + _HASH] for start in range(0, len(hashes), _HASH)]


def _ungathered(mailbox: UUID) -> HistoryDamaged:
    return HistoryDamaged(f"what was gathered of mailbox {mailbox} does not fit its events")


def _damaged(mailbox: UUID, seq: int) -> HistoryDamaged:
    return HistoryDamaged(f"event {seq} of mailbox {mailbox} is not what was recorded")


def _shown(event: ProvenEvent, path: list[bytes]) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "recorded": event.recorded,
        "topic": event.topic,
        "state": b64encode(event.state).decode(),
        "previous": b64encode(event.previous).decode(),
        "path": _encoded(path),
    }


def _encoded(hashes: list[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in hashes]
