"""How large bytes are written into files: what a form says of them, and the form of those kept as they are.

The other one is in :mod:`letterbook.adapters.sealed_files` (ADR 56).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from letterbook.adapters.files import read_in_pieces
from letterbook.domain.letter import BlobRef


class Unreadable(Exception):
    """What is in a file was not written with this key, or has changed since."""


class Writing(Protocol):
    """The content of a file, while it is written."""

    def add(self, data: bytes) -> bytes:
        """Some more of it; gives what can be written."""

    def end(self, key: bytes) -> bytes:
        """That was all of it, to be read with a key; gives the rest of the file."""


class Form(Protocol):
    """A way to write large bytes into files."""

    sealed: bool
    """Whether they are read with a key alone."""

    def name(self, ref: BlobRef) -> str:
        """What the file of a blob is called: 64 hexadecimal digits."""

    def key(self, ref: BlobRef) -> bytes:
        """The key of a blob."""

    def size(self, written: int) -> int:
        """How many bytes are in a file of so many; none and less if there is no such file."""

    def writing(self) -> Writing:
        """The beginning of a file."""

    def read(self, path: Path, key: bytes) -> Iterator[bytes]:
        """What is in a file, a piece at a time. Raises :class:`Unreadable`."""

    def label(self, name: UUID, said: bytes) -> bytes:
        """What is written about an upload."""

    def read_label(self, name: UUID, label: bytes) -> tuple[bytes, bytes]:
        """What was said of an upload, and the key of what arrives. Raises :class:`Unreadable`."""

    def piece_key(self, key: bytes, start: int) -> bytes:
        """The key of the piece of an upload that begins there."""


class Clear:
    """Bytes are written as they are. Keeps :class:`Form`."""

    sealed = False

    def name(self, ref: BlobRef) -> str:
        """Their hash."""
        return ref.sha256

    def key(self, ref: BlobRef) -> bytes:
        """Nobody asks for one."""
        return b""

    def size(self, written: int) -> int:
        """The same."""
        return written

    def writing(self) -> Writing:
        """Nothing comes before the bytes."""
        return _AsItIs()

    def read(self, path: Path, key: bytes) -> Iterator[bytes]:
        """As they are."""
        return read_in_pieces(path)

    def label(self, name: UUID, said: bytes) -> bytes:
        """As it was said."""
        return said

    def read_label(self, name: UUID, label: bytes) -> tuple[bytes, bytes]:
        """As it is."""
        return label, b""

    def piece_key(self, key: bytes, start: int) -> bytes:
        """Nobody asks for one."""
        return b""


class _AsItIs:
    """Bytes that are written as they are."""

    def add(self, data: bytes) -> bytes:
        """These."""
        return data

    def end(self, key: bytes) -> bytes:
        """Nothing comes behind the bytes."""
        return b""


CLEAR = Clear()
