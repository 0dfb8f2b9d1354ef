"""Files that are on disk, whole, when a call returns."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Self

from letterbook.application.troubles import StoreFull, StoreUnavailable

PIECE = 1024 * 1024
"""Bytes of a file that are in memory at once, where it is read or written in pieces."""


def write_durably(path: Path, data: bytes) -> None:
    """Give a file these bytes, whole or not at all, on disk when this returns."""
    with DurableFile(path.parent) as file:
        file.write(data)
        file.keep(lambda part: part.replace(path))


class DurableFile:
    """A file that is being written, and gets a name when it is whole, or never.

    The bytes are synced before they get the name, and the folder after: a crash in between leaves the old
    file and at worst a ``.part`` beside it, which nobody reads.
    """

    def __init__(self, folder: Path) -> None:
        handle, part = mkstemp(dir=folder, prefix=".", suffix=".part")
        self._file = os.fdopen(handle, "wb")
        self._part = Path(part)

    def write(self, data: bytes) -> None:
        """Some more bytes."""
        self._file.write(data)

    def keep(self, name: Callable[[Path], object]) -> None:
        """``name`` gives the file its name; it is on disk when this returns."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name(self._part)
        sync_folder(self._part.parent)

    def close(self) -> None:
        """Forget what has no name."""
        with suppress(OSError):  # a full disk refuses what was not written yet
            self._file.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_in_pieces(path: Path) -> Iterator[bytes]:
    """What a file holds, a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def in_pieces(data: bytes) -> Iterator[bytes]:
    """Bytes, cut."""
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def overwrite(path: Path) -> None:
    """Have zeros on disk where the bytes of a file were."""
    with path.open("rb+") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, PIECE)))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def disk_troubles_told(what: str) -> Iterator[None]:
    """Whatever the disk does to the block is raised as the trouble that it is."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"there is no room left for {what} ({error.strerror})") from error
        raise StoreUnavailable(f"the folder of {what} cannot be used ({error.strerror or error})") from error


def make_folder(folder: Path) -> None:
    """Make a folder and the ones above it, as far as they are missing, for their owner alone, each on
    disk when this returns.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Have what was written to a file on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk. Windows offers no way to ask for it and does without."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
