"""Large bytes beside the history, found by their SHA-256: in a folder, or in memory."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from letterbook.adapters.file_forms import CLEAR, Form, Unreadable
from letterbook.adapters.files import (
    DurableFile,
    disk_troubles_told,
    in_pieces,
    make_folder,
    overwrite,
    read_in_pieces,
    sync_folder,
)
from letterbook.adapters.uploads import FolderUploads, MemoryUploads
from letterbook.application.blobs import BlobDamaged, KeptBlob, RawBlob
from letterbook.application.moments import moment
from letterbook.domain.letter import BlobRef

_HASH = re.compile(r"[0-9a-f]{64}")
_SHELF = re.compile(r"[0-9a-f]{2}")
_REST = re.compile(r"[0-9a-f]{62}")
_ASIDE = ".aside"
_DOOMED = ".doomed"


class FolderBlobs:
    """Each blob in a file of its own, ``ab/cdef...``. Keeps :class:`letterbook.application.ports.Blobs`.

    Their form says what the files are called and what is written into them: the bytes, or the sealed bytes.

    Any number of threads and processes may share the folder: a file appears whole or not at all, and whoever
    writes the same bytes writes the same file. Its time is that of the last writing, so that a blob can be
    told from one that nobody has needed for long.
    """

    def __init__(self, folder: Path, form: Form = CLEAR) -> None:
        self._folder = folder
        self._form = form
        self.sealed = form.sealed
        self.uploads = FolderUploads(folder / "uploads", form)

    def name(self, ref: BlobRef) -> str:
        """What its file is called, without the bar."""
        return self._form.name(ref)

    def put(self, data: bytes) -> BlobRef:
        """Keep bytes, on disk when this returns. Heals a damaged file of the same bytes.

        A file that is there already may be so new that its name is not on disk yet: hence the sync.
        Raises StoreFull or StoreUnavailable if the disk does not take them.
        """
        ref = _named(data)
        path = self._path(self.name(ref))
        with disk_troubles_told("blobs"):
            if self._read(path, ref) == data and _put_again(path):
                sync_folder(path.parent)
                sync_folder(self._folder)
            else:
                make_folder(path.parent)
                self._write(path.parent, in_pieces(data), lambda part, _: part.replace(path))
                sync_folder(self._folder)
        return ref

    def _read(self, path: Path, ref: BlobRef) -> bytes | None:
        """What a file holds, if it can be read."""
        with suppress(FileNotFoundError, Unreadable):
            return b"".join(self._form.read(path, self._form.key(ref)))
        return None

    def _write(
        self, folder: Path, pieces: Iterable[bytes], place: Callable[[Path, BlobRef], object]
    ) -> BlobRef:
        """A file, begun in a folder, that is given its place when all pieces are in it."""
        hashing, writing = _Hashing(), self._form.writing()
        with DurableFile(folder) as file:
            for piece in pieces:
                hashing.add(piece)
                file.write(writing.add(piece))
            ref = hashing.ref()
            file.write(writing.end(self._form.key(ref)))
            file.keep(lambda part: place(part, ref))
        return ref

    def get(self, ref: BlobRef) -> bytes:
        """The bytes. Raises BlobDamaged if they are not there or not what they were."""
        path = self._path_of(ref)
        with disk_troubles_told("blobs"), _damage_told(ref):
            return _checked(b"".join(self._form.read(path, self._form.key(ref))), ref)

    def keep(self, pieces: Iterable[bytes]) -> BlobRef:
        """Keep bytes that come in pieces, on disk when this returns. What there was of them is replaced."""
        with disk_troubles_told("blobs"):
            make_folder(self._folder)
            return self._write(self._folder, pieces, self._place)

    def _place(self, part: Path, ref: BlobRef) -> None:
        path = self._path(self.name(ref))
        make_folder(path.parent)
        part.replace(path)
        sync_folder(path.parent)

    def pieces(self, ref: BlobRef) -> Iterator[bytes]:
        """The bytes in pieces; a blob that is not there, or has another size, is refused at once."""
        path = self._path_of(ref)
        with disk_troubles_told("blobs"):
            _check_size(self._form.size(path.stat().st_size) if path.exists() else None, ref)
        return self._checked_pieces(path, ref)

    def _checked_pieces(self, path: Path, ref: BlobRef) -> Iterator[bytes]:
        with _damage_told(ref):
            yield from _checked_pieces(self._form.read(path, self._form.key(ref)), ref)

    def raw(self, ref: BlobRef) -> RawBlob:
        """The file itself. Whether a sealed one is good cannot be seen as it goes: it is read once before."""
        if not self.sealed:
            return RawBlob(ref.size, self.pieces(ref))
        for _ in self.pieces(ref):
            pass
        path = self._path_of(ref)
        with _damage_told(ref):
            return RawBlob(path.stat().st_size, self._read_raw(path, ref))

    def _read_raw(self, path: Path, ref: BlobRef) -> Iterator[bytes]:
        with _damage_told(ref):
            yield from read_in_pieces(path)

    def restore(self, ref: BlobRef, raw: Iterable[bytes]) -> None:
        """The file is written, and gets its name once it was read."""
        self._path_of(ref)  # nothing is begun for what is no name
        with disk_troubles_told("blobs"):
            make_folder(self._folder)
            with DurableFile(self._folder) as file:
                for piece in raw:
                    file.write(piece)
                file.keep(lambda part: self._place_checked(part, ref))

    def _place_checked(self, part: Path, ref: BlobRef) -> None:
        for _ in self._checked_pieces(part, ref):
            pass
        self._place(part, ref)

    def kept(self) -> Iterator[KeptBlob]:
        """Every file that has the name of a blob."""
        with disk_troubles_told("blobs"):
            for shelf in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
                if _SHELF.fullmatch(shelf.name):
                    yield from self._on_shelf(shelf)

    def _on_shelf(self, shelf: Path) -> Iterator[KeptBlob]:
        for path in sorted(shelf.iterdir()):
            if _REST.fullmatch(path.name):
                size = max(0, self._form.size(path.stat().st_size))
                yield KeptBlob(shelf.name + path.name, size, _put_at(path))

    def discard(self, blob: KeptBlob) -> bool:
        """Let go of a file, unless it was written again after somebody looked at it.

        It loses its name before it is looked at once more: whoever writes the same bytes meanwhile either
        wrote in time to be seen, or finds no file and writes a new one.
        """
        path = self._path(blob.name)
        aside = path.with_name(f".{path.name}{_ASIDE}")
        with disk_troubles_told("blobs"), suppress(FileNotFoundError):
            path.rename(aside)
            return _decide(aside, blob.put_at)
        return False

    def shred(self, name: str) -> None:
        """Overwrite a file and remove it. It loses its name first, so that nobody is given half of it, and
        whoever puts the same bytes meanwhile writes a file of their own. What a fork has is left to it.
        """
        path = self._path(name)
        doomed = path.with_name(f".{path.name}{_DOOMED}")
        with disk_troubles_told("blobs"):
            with suppress(FileNotFoundError):
                path.rename(doomed)
            with suppress(FileNotFoundError):
                _shred(doomed)
                sync_folder(path.parent)

    def clear(self, before: datetime) -> int:
        """Remove what crashes left behind: files that never got their name, uploads that never began.

        A blob that was aside at that moment, because it was about to go, is decided on again.
        """
        removed = self.uploads.clear(before)
        with disk_troubles_told("blobs"):
            for aside in self._folder.glob(f"*/.*{_ASIDE}"):
                removed += _decide(aside, before)
            for part in (*self._folder.glob(".*.part"), *self._folder.glob("*/.*.part")):
                removed += _clear_part(part, before)
        return removed

    def _path_of(self, ref: BlobRef) -> Path:
        if not _HASH.fullmatch(ref.sha256):
            raise BlobDamaged(f"{ref.sha256!r} is not the name of a blob.")
        return self._path(self.name(ref))

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name[2:]


class MemoryBlobs:
    """Keeps blobs for as long as it lives. Keeps :class:`letterbook.application.ports.Blobs`."""

    sealed = False

    def __init__(self) -> None:
        self._blobs: dict[str, tuple[bytes, datetime]] = {}
        self.uploads = MemoryUploads()

    def name(self, ref: BlobRef) -> str:
        """Its hash."""
        return ref.sha256

    def put(self, data: bytes) -> BlobRef:
        """Keep bytes; the same bytes are kept once."""
        ref = _named(data)
        self._blobs[ref.sha256] = (data, datetime.now(UTC))
        return ref

    def get(self, ref: BlobRef) -> bytes:
        """The bytes. Raises BlobDamaged if they are not there."""
        return _checked(self._found(ref), ref)

    def keep(self, pieces: Iterable[bytes]) -> BlobRef:
        """Keep bytes that come in pieces."""
        return self.put(b"".join(pieces))

    def pieces(self, ref: BlobRef) -> Iterator[bytes]:
        """The bytes in pieces."""
        data = self._found(ref)
        _check_size(None if data is None else len(data), ref)
        whole = data or b""
        return _checked_pieces(in_pieces(whole), ref)

    def raw(self, ref: BlobRef) -> RawBlob:
        """The bytes."""
        return RawBlob(ref.size, self.pieces(ref))

    def restore(self, ref: BlobRef, raw: Iterable[bytes]) -> None:
        """The bytes."""
        self.put(_checked(b"".join(raw), ref))

    def _found(self, ref: BlobRef) -> bytes | None:
        return self._blobs.get(ref.sha256, (None, None))[0]

    def kept(self) -> Iterator[KeptBlob]:
        """Every blob."""
        for name, (data, put_at) in sorted(self._blobs.items()):
            yield KeptBlob(name, len(data), put_at)

    def discard(self, blob: KeptBlob) -> bool:
        """Let go of a blob, unless it was put again."""
        _, put_at = self._blobs.get(blob.name, (b"", None))
        if put_at is None or put_at > blob.put_at:
            return False
        del self._blobs[blob.name]
        return True

    def shred(self, name: str) -> None:
        """Let go of a blob."""
        self._blobs.pop(name, None)

    def clear(self, before: datetime) -> int:
        """A crash leaves nothing behind."""
        return 0


class _Hashing:
    """Names bytes that come in pieces."""

    def __init__(self) -> None:
        self._digest = sha256()
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Some more of them."""
        self._digest.update(piece)
        self._size += len(piece)

    def ref(self) -> BlobRef:
        """The name of all of them together."""
        return BlobRef(sha256=self._digest.hexdigest(), size=self._size)


def _named(data: bytes) -> BlobRef:
    """The name that these bytes have wherever they are kept."""
    return BlobRef(sha256=sha256(data).hexdigest(), size=len(data))


def _checked(data: bytes | None, ref: BlobRef) -> bytes:
    """The bytes, if they are the ones that the reference names."""
    if data is None:
        raise _missing(ref)
    if _named(data) != ref:
        raise _changed(ref)
    return data


def _check_size(size: int | None, ref: BlobRef) -> None:
    """Whether there is something of this size."""
    if size is None:
        raise _missing(ref)
    if size != ref.size:
        raise _changed(ref)


def _checked_pieces(pieces: Iterable[bytes], ref: BlobRef) -> Iterator[bytes]:
    """The pieces, the last one only if all of them are what the reference names."""
    hashing, held = _Hashing(), b""
    for piece in pieces:
        if held:
            yield held
        hashing.add(piece)
        held = piece
    if hashing.ref() != ref:
        raise _changed(ref)
    if held:
        yield held


@contextmanager
def _damage_told(ref: BlobRef) -> Iterator[None]:
    """A file that cannot be read is not what it was, and one that is not there is missing."""
    try:
        yield
    except FileNotFoundError:
        raise _missing(ref) from None
    except Unreadable:
        raise _changed(ref) from None


def _missing(ref: BlobRef) -> BlobDamaged:
    return BlobDamaged(f"Blob {ref.sha256} is missing.")


def _changed(ref: BlobRef) -> BlobDamaged:
    return BlobDamaged(f"Blob {ref.sha256} is not what it was.")


def _decide(aside: Path, before: datetime) -> bool:
    """Let go of a file that lost its name, or give the name back if it was written after ``before``."""
    unwanted = _put_at(aside) <= before
    if not unwanted:
        with suppress(FileExistsError):
            os.link(aside, aside.with_name(aside.name[1 : -len(_ASIDE)]))
    aside.unlink()
    return unwanted


def _shred(doomed: Path) -> None:
    """Overwrite a file, unless it is known by another name, too, and remove it."""
    if doomed.stat().st_nlink == 1:
        overwrite(doomed)
    doomed.unlink()


def _clear_part(part: Path, before: datetime) -> bool:
    """Remove a file that never got a name, unless it may still be written to; somebody may be faster."""
    with suppress(FileNotFoundError):
        if _put_at(part) <= before:
            part.unlink()
            return True
    return False


def _put_at(path: Path) -> datetime:
    """When a file was last written."""
    return moment(path.stat().st_mtime_ns // 1000)


def _put_again(path: Path) -> bool:
    """Give a file the time of now; ``False`` if it is not there any more."""
    with suppress(FileNotFoundError):
        os.utime(path)
        return True
    return False
