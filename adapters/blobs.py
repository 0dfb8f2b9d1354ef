"""Large bytes beside the history, found by their SHA-256: in a folder, or in memory."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from letterbook.adapters.files import make_folder, sync_folder, write_durably
from letterbook.application.ports import BlobDamaged
from letterbook.application.troubles import StoreFull, StoreUnavailable
from letterbook.domain.letter import BlobRef

_HASH = re.compile(r"[0-9a-f]{64}")


class FolderBlobs:
    """Each blob in a file of its own, ``ab/cdef...``. Keeps :class:`letterbook.application.ports.Blobs`.

    Any number of threads and processes may share the folder: a file appears whole or not at all, and whoever
    writes the same bytes writes the same file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> BlobRef:
        """Keep bytes, on disk when this returns. Heals a damaged file of the same bytes.

        A file that is there already may be so new that its name is not on disk yet: hence the sync.
        Raises StoreFull or StoreUnavailable if the disk does not take them.
        """
        ref = _named(data)
        with _troubles_told():
            self._write(self._path(ref), data)
        return ref

    def _write(self, path: Path, data: bytes) -> None:
        if _read(path) == data:
            sync_folder(path.parent)
        else:
            make_folder(path.parent)
            write_durably(path, data)
        sync_folder(self._folder)

    def get(self, ref: BlobRef) -> bytes:
        """The bytes. Raises BlobDamaged if they are not there or not what they were."""
        if not _HASH.fullmatch(ref.sha256):
            raise BlobDamaged(f"{ref.sha256!r} is not the name of a blob.")
        with _troubles_told():
            found = _read(self._path(ref))
        return _checked(found, ref)

    def _path(self, ref: BlobRef) -> Path:
        return self._folder / ref.sha256[:2] / ref.sha256[2:]


class MemoryBlobs:
    """Keeps blobs for as long as it lives. Keeps :class:`letterbook.application.ports.Blobs`."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, data: bytes) -> BlobRef:
        """Keep bytes; the same bytes are kept once."""
        ref = _named(data)
        self._blobs.setdefault(ref.sha256, data)
        return ref

    def get(self, ref: BlobRef) -> bytes:
        """The bytes. Raises BlobDamaged if they are not there."""
        return _checked(self._blobs.get(ref.sha256), ref)


@contextmanager
def _troubles_told() -> Iterator[None]:
    """Whatever the disk does to the block is raised as the trouble that it is."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"there is no room left for blobs ({error.strerror})") from error
        raise StoreUnavailable(f"the folder of blobs cannot be used ({error.strerror or error})") from error


def _named(data: bytes) -> BlobRef:
    """The name that these bytes have wherever they are kept."""
    return BlobRef(sha256=sha256(data).hexdigest(), size=len(data))


def _checked(data: bytes | None, ref: BlobRef) -> bytes:
    """The bytes, if they are the ones that the reference names."""
    if data is None:
        raise BlobDamaged(f"Blob {ref.sha256} is missing.")
    if _named(data) != ref:
        raise BlobDamaged(f"Blob {ref.sha256} is not what it was.")
    return data


def _read(path: Path) -> bytes | None:
    """What a file holds, or ``None`` if there is no such file."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None
