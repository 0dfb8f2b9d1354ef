"""What earlier moments are told from besides the history: blobs that stay, and rows made before."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from letterbook.application.blobs import Blobs, KeptBlob, RawBlob, Uploads
from letterbook.application.rows import MessageRow
from letterbook.domain import refusals
from letterbook.domain.letter import BlobRef


class PastBlobs:
    """Blobs that can be read; the past needs no others."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    @property
    def sealed(self) -> bool:
        """As they are now."""
        return self._blobs.sealed

    @property
    def uploads(self) -> Uploads:
        """Refused: an upload is something that goes on now."""
        raise refusals.PastUnchangeable

    def name(self, ref: BlobRef) -> str:
        """The same as now."""
        return self._blobs.name(ref)

    def put(self, data: bytes) -> BlobRef:
        """Refused."""
        raise refusals.PastUnchangeable

    def keep(self, pieces: Iterable[bytes]) -> BlobRef:
        """Refused."""
        raise refusals.PastUnchangeable

    def get(self, ref: BlobRef) -> bytes:
        """The bytes."""
        return self._blobs.get(ref)

    def pieces(self, ref: BlobRef) -> Iterator[bytes]:
        """The bytes in pieces."""
        return self._blobs.pieces(ref)

    def kept(self) -> Iterator[KeptBlob]:
        """Every blob."""
        return self._blobs.kept()

    def discard(self, blob: KeptBlob) -> bool:
        """Refused."""
        raise refusals.PastUnchangeable

    def shred(self, name: str) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def raw(self, ref: BlobRef) -> RawBlob:
        """As it is kept."""
        return self._blobs.raw(ref)

    def restore(self, ref: BlobRef, raw: Iterable[bytes]) -> None:
        """Refused."""
        raise refusals.PastUnchangeable

    def clear(self, before: datetime) -> int:
        """Refused."""
        raise refusals.PastUnchangeable


@dataclass(slots=True)
class RowCache:
    """Rows as they were since a position, the oldest forgotten first; any number of threads."""

    most: int
    era: int = 0
    """How often they were forgotten: whoever began to look before that has nothing to add."""
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _rows: OrderedDict[tuple[UUID, UUID, int], MessageRow] = field(default_factory=OrderedDict)

    def get(self, key: tuple[UUID, UUID, int]) -> MessageRow | None:
        """A row that was made before."""
        return self._rows.get(key)

    def keep(self, key: tuple[UUID, UUID, int], row: MessageRow, era: int) -> None:
        """Remember a row, unless it is so large that it would push out many."""
        if _size(row) > self.most // 32:
            return
        with self._lock:
            if era != self.era:
                return
            known = self._rows.pop(key, None)
            self._bytes += _size(row) - (_size(known) if known else 0)
            self._rows[key] = row
            while self._bytes > self.most:
                _, old = self._rows.popitem(last=False)
                self._bytes -= _size(old)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._rows.clear()
            self._bytes = 0
            self.era += 1


def _size(row: MessageRow) -> int:
    return 1000 + len(row.body) + len(row.head) + len(row.tail)
