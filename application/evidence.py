"""The history as it is stored, byte for byte: what proofs are made of, and what whoever verifies looks at.

Nothing here makes facts of rows before their hashes have been looked at, and nothing believes a row.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from letterbook.application.notes import Checkpoint
from letterbook.domain.facts import Fact
from letterbook.domain.letter import BlobRef


class SealedEvent(NamedTuple):
    """An event, and what its hash covers besides the hash before it: ``None`` if the row can be no event."""

    seq: int
    covered: bytes | None
    hash: bytes
    topic: bytes
    state: bytes


class ProvenEvent(NamedTuple):
    """An event with everything that its hash covers, field by field."""

    seq: int
    version: int
    recorded: int
    topic: str
    state: bytes
    previous: bytes


class Tile(NamedTuple):
    """The hashes of 256 events that follow each other, or of fewer at the end of what was gathered.

    ``root``: of a full tile, the root of its branch; otherwise empty.
    """

    number: int
    root: bytes
    hashes: bytes


class Evidence(Protocol):
    """What one store holds as evidence, inside one transaction."""

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that has events or checkpoints."""

    def signed(self) -> list[UUID]:
        """Every mailbox of which this store keeps a checkpoint."""

    def beginning(self, mailbox: UUID) -> bytes:
        """The hash before the first event of a mailbox."""

    def events(self, mailbox: UUID, after: int | None = None) -> Iterator[SealedEvent]:
        """The events of a mailbox by position: those behind ``after``, or all, whatever theirs is."""

    def about(self, mailbox: UUID, aggregate: UUID) -> list[ProvenEvent]:
        """All events of one aggregate, by position."""

    def fact(self, event: SealedEvent) -> Fact:
        """What an event says, whose hash is known to be right; of an erased one, that it is forgotten.

        Raises :class:`letterbook.domain.facts.UnknownFact`.
        """

    def blobs(self, event: SealedEvent) -> Iterable[BlobRef]:
        """The blobs that an event names, whose hash is known to be right."""

    def damages(self) -> list[str]:
        """What the store itself finds wrong with the way it keeps events."""

    def tile_roots(self, mailbox: UUID) -> list[bytes]:
        """The roots of the full tiles of a mailbox, as far as they follow each other."""

    def tile(self, mailbox: UUID, number: int) -> bytes:
        """The hashes in a tile, one after the other; of one that is not there, none."""

    def keep_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep tiles; one that is there already only ever becomes longer."""

    def replace_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep these tiles of a mailbox, and no others."""

    def checkpoints(self, mailbox: UUID) -> list[str]:
        """The notes of the checkpoints of a mailbox that this store has signed, by size."""

    def latest(self, mailbox: UUID) -> str | None:
        """The note of the largest of them."""

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""

    def published(self, url: str) -> dict[UUID, int]:
        """Of each mailbox, the size of the largest checkpoint that an endpoint has accepted, if any."""

    def keep_published(self, url: str, checkpoint: Checkpoint) -> None:
        """Keep that an endpoint has accepted a checkpoint."""
