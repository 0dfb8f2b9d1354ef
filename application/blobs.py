"""Large bytes beside the history: what is needed of whoever keeps them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from letterbook.application.troubles import StoreDamaged
from letterbook.domain.letter import BlobRef
from letterbook.domain.uploads import Upload


class BlobDamaged(StoreDamaged):
    """A blob is missing or its bytes have changed."""


@dataclass(frozen=True, slots=True)
class KeptBlob:
    """A blob where it is kept, under which name, and when somebody put it last."""

    name: str
    size: int
    put_at: datetime


@dataclass(frozen=True, slots=True)
class RawBlob:
    """A blob as it is kept: how many bytes that takes, and these in pieces."""

    length: int
    pieces: Iterator[bytes]


class Blobs(Protocol):
    """Large bytes, found by their SHA-256."""

    @property
    def sealed(self) -> bool:
        """Whether they are kept encrypted."""

    @property
    def uploads(self) -> "Uploads":
        """Where files are gathered that are to become blobs."""

    def name(self, ref: BlobRef) -> str:
        """Under which name a blob is kept, or would be; where they are sealed it does not tell the hash."""

    def put(self, data: bytes) -> BlobRef:
        """Keep bytes, on disk when this returns; the same bytes are kept once.

        Raises :class:`letterbook.application.troubles.StoreTrouble` if they cannot be kept now.
        """

    def get(self, ref: BlobRef) -> bytes:
        """The bytes, checked against their hash.

        Raises :class:`BlobDamaged` if they are not there or not what they were.
        """

    def keep(self, pieces: Iterable[bytes]) -> BlobRef:
        """The same as :meth:`put` for bytes that come in pieces, with one piece at a time in memory."""

    def pieces(self, ref: BlobRef) -> Iterator[bytes]:
        """The bytes in pieces, for those that are too many to have in memory at once.

        Raises :class:`BlobDamaged` at once if they are not there or have another size, and before the last
        piece if they are not what they were.
        """

    def kept(self) -> Iterator[KeptBlob]:
        """Every blob there is."""

    def discard(self, blob: KeptBlob) -> bool:
        """Let go of a blob; ``False``, and it stays, if somebody has put the same bytes again since."""

    def shred(self, name: str) -> None:
        """Let go of a blob, if it is there, and of its bytes on the disk; a crash in between is made up for
        by asking again.
        """

    def raw(self, ref: BlobRef) -> RawBlob:
        """A blob as it is kept, for :meth:`restore`. Raises :class:`BlobDamaged` as :meth:`pieces` does."""

    def restore(self, ref: BlobRef, raw: Iterable[bytes]) -> None:
        """Keep a blob as it was kept elsewhere, on disk when this returns.

        Raises :class:`BlobDamaged` if it is not the one that the reference names, or was sealed otherwise.
        """

    def clear(self, before: datetime) -> int:
        """Remove what crashes left half written before then; gives how many there were."""


class Piece(Protocol):
    """The next bytes of a file, while they arrive."""

    def write(self, data: bytes) -> None:
        """Some of them."""

    def keep(self) -> None:
        """That is all of them: on disk when this returns. Of two pieces with the same start the first stays.

        Raises :class:`letterbook.domain.refusals.NotFound` if the file is no longer on its way.
        """

    def close(self) -> None:
        """Forget them, unless they were kept."""


class Uploads(Protocol):
    """Files that arrive in pieces, kept until they are whole. What has arrived outlives the program."""

    def begin(self, upload: Upload) -> None:
        """Get ready for a file."""

    def find(self, name: UUID) -> Upload | None:
        """A file that is on its way; ``None`` if it never was, or is no longer."""

    def received(self, name: UUID) -> int:
        """How many bytes of it are here, without a gap from the first."""

    def piece(self, name: UUID, start: int) -> Piece:
        """Take in bytes from ``start`` on; to be closed.

        Raises :class:`letterbook.domain.refusals.NotFound` if the file is no longer on its way.
        """

    def pieces(self, name: UUID) -> Iterator[bytes]:
        """What has been received, as :meth:`Blobs.keep` takes it."""

    def drop(self, name: UUID) -> None:
        """Forget a file and what was received of it; one that is not there is forgotten already."""

    def all(self) -> list[Upload]:
        """Every file that is on its way."""

    def clear(self, before: datetime) -> int:
        """Remove what crashes left half written before then; gives how many there were."""
