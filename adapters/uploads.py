"""Files that arrive in pieces: in a folder, where they outlive the program, or in memory."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from letterbook.adapters.file_forms import CLEAR, Form, Unreadable, Writing
from letterbook.adapters.files import (
    DurableFile,
    disk_troubles_told,
    make_folder,
    overwrite,
    sync_folder,
    write_durably,
)
from letterbook.application.blobs import Piece
from letterbook.application.moments import moment
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.refusals import NotFound
from letterbook.domain.uploads import Upload

_LABEL = "upload.json"
_DOOMED = ".doomed"
_PIECE = re.compile(r"\d{12}")
_HOME = re.compile(r"[0-9a-f]{32}")


class FolderUploads:
    """Each file in a folder of its own: a label, and its pieces named by where they begin.

    Keeps :class:`letterbook.application.blobs.Uploads`. A piece gets its name when it is whole, and never
    another content, so any number of threads and processes may share the folder without a lock. Where they
    are sealed the label holds the key of the pieces, and whoever overwrites it has overwritten them all.
    """

    def __init__(self, folder: Path, form: Form = CLEAR) -> None:
        self._folder = folder
        self._form = form

    def begin(self, upload: Upload) -> None:
        """Get ready for a file: it is on its way once its label is written."""
        home = self._home(upload.id)
        with disk_troubles_told("uploads"):
            make_folder(home)
            write_durably(home / _LABEL, self._form.label(upload.id, upload.model_dump_json().encode()))

    def find(self, name: UUID) -> Upload | None:
        """What the label says."""
        label = self._label(name)
        return _read_label(label[0]) if label else None

    def _label(self, name: UUID) -> tuple[bytes, bytes] | None:
        """What the label says, and the key of the pieces."""
        path = self._home(name) / _LABEL
        with disk_troubles_told("uploads"), suppress(FileNotFoundError):
            try:
                return self._form.read_label(name, path.read_bytes())
            except Unreadable:
                if path.exists():  # else somebody has just overwritten it
                    raise _damaged() from None
        return None

    def received(self, name: UUID) -> int:
        """How far the pieces reach without a gap."""
        with _troubles_told():
            return sum(size for _, size in self._pieces(name))

    def piece(self, name: UUID, start: int) -> Piece:
        """A file beside the label that may become a piece."""
        label = self._label(name)
        if label is None:
            raise NotFound
        with _troubles_told():
            key = self._form.piece_key(label[1], start)
            return _FilePiece(self._home(name), start, self._form.writing(), key)

    def pieces(self, name: UUID) -> Iterator[bytes]:
        """The bytes of the pieces, one after the other."""
        label = self._label(name)
        if label is None:
            return
        with _troubles_told(), _damage_told():
            for path, _ in self._pieces(name):
                yield from self._form.read(path, self._form.piece_key(label[1], int(path.name)))

    def drop(self, name: UUID) -> None:
        """Forget a file: the label first, so that nothing can be added to what is being removed."""
        home = self._home(name)
        with disk_troubles_told("uploads"), suppress(FileNotFoundError):
            (home / _LABEL).rename(home / _DOOMED)
            sync_folder(home)
        self._remove(home)

    def _remove(self, home: Path) -> None:
        """Remove what has no label any more, after its key."""
        with disk_troubles_told("uploads"), suppress(FileNotFoundError):
            if self._form.sealed:
                overwrite(home / _DOOMED)
        shutil.rmtree(home, ignore_errors=True)

    def all(self) -> list[Upload]:
        """Everything with a label. What has none was left behind by a crash, or is only just begun."""
        with disk_troubles_told("uploads"):
            homes = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        found = (self.find(UUID(hex=home.name)) for home in homes if _HOME.fullmatch(home.name))
        return [upload for upload in found if upload]

    def clear(self, before: datetime) -> int:
        """Remove folders without a label, and pieces that never got their name, left before then.

        What somebody had begun to remove goes at once.
        """
        with disk_troubles_told("uploads"):
            homes = [home for home in self._folder.glob("*") if not (home / _LABEL).exists()]
            lost = [home for home in homes if (home / _DOOMED).exists() or _is_older(home, before)]
            parts = [part for part in self._folder.glob("*/.*.part") if _is_older(part, before)]
        for home in lost:
            self._remove(home)
        with disk_troubles_told("uploads"):
            for part in parts:
                part.unlink(missing_ok=True)
        return len(lost) + len(parts)

    def _home(self, name: UUID) -> Path:
        return self._folder / name.hex

    def _pieces(self, name: UUID) -> Iterator[tuple[Path, int]]:
        """The pieces from the first byte on, up to the first gap, and how much is in them."""
        home, reached = self._home(name), 0
        named = (
            sorted(path for path in home.iterdir() if _PIECE.fullmatch(path.name)) if home.is_dir() else []
        )
        for path in named:
            if int(path.name) != reached:
                return
            size = max(0, self._form.size(path.stat().st_size))
            reached += size
            yield path, size


def _is_older(path: Path, before: datetime) -> bool:
    """Whether something was left before then; what is gone already is nobody's."""
    with suppress(FileNotFoundError):
        return moment(path.stat().st_mtime_ns // 1000) <= before
    return False


class _FilePiece:
    """The next bytes of a file, in a file of their own."""

    def __init__(self, home: Path, start: int, writing: Writing, key: bytes) -> None:
        self._file = DurableFile(home)
        self._path = home / f"{start:012}"
        self._writing = writing
        self._key = key

    def write(self, data: bytes) -> None:
        """Some of them."""
        with _troubles_told():
            self._file.write(self._writing.add(data))

    def keep(self) -> None:
        """Give the file the name of the piece, unless another one has it already."""
        with _troubles_told(), suppress(FileExistsError):
            self._file.write(self._writing.end(self._key))
            self._file.keep(lambda part: os.link(part, self._path))

    def close(self) -> None:
        """Forget what was not kept."""
        with _troubles_told():
            self._file.close()


@contextmanager
def _troubles_told() -> Iterator[None]:
    """A folder that is gone was that of a file which is no longer on its way."""
    with disk_troubles_told("uploads"):
        try:
            yield
        except FileNotFoundError:
            raise NotFound from None


@contextmanager
def _damage_told() -> Iterator[None]:
    """What cannot be read is damage, and not taken for something else."""
    try:
        yield
    except Unreadable:
        raise _damaged() from None


def _damaged() -> StoreDamaged:
    return StoreDamaged("what has arrived of an upload cannot be read")


def _read_label(label: bytes) -> Upload:
    try:
        return Upload.model_validate_json(label)
    except ValueError as error:
        raise StoreDamaged("the label of an upload cannot be read") from error


class MemoryUploads:
    """Keeps files for as long as it lives. Keeps :class:`letterbook.application.blobs.Uploads`."""

    def __init__(self) -> None:
        self._uploads: dict[UUID, tuple[Upload, dict[int, bytes]]] = {}

    def begin(self, upload: Upload) -> None:
        """Get ready for a file."""
        self._uploads.setdefault(upload.id, (upload, {}))

    def find(self, name: UUID) -> Upload | None:
        """A file that is on its way."""
        return self._uploads[name][0] if name in self._uploads else None

    def received(self, name: UUID) -> int:
        """How far the pieces reach without a gap."""
        return sum(len(piece) for piece in self.pieces(name))

    def piece(self, name: UUID, start: int) -> Piece:
        """Bytes that may become a piece."""
        if name not in self._uploads:
            raise NotFound
        return _MemoryPiece(self, name, start)

    def add(self, name: UUID, start: int, data: bytes) -> None:
        """A piece is whole."""
        if name not in self._uploads:
            raise NotFound
        self._uploads[name][1].setdefault(start, data)

    def pieces(self, name: UUID) -> Iterator[bytes]:
        """The pieces from the first byte on, up to the first gap."""
        reached = 0
        known = self._uploads[name][1] if name in self._uploads else {}
        while known.get(reached):
            yield known[reached]
            reached += len(known[reached])

    def drop(self, name: UUID) -> None:
        """Forget a file."""
        self._uploads.pop(name, None)

    def all(self) -> list[Upload]:
        """Every file that is on its way."""
        return [upload for upload, _ in self._uploads.values()]

    def clear(self, before: datetime) -> int:
        """A crash leaves nothing behind."""
        return 0


class _MemoryPiece:
    """The next bytes of a file, in memory."""

    def __init__(self, uploads: MemoryUploads, name: UUID, start: int) -> None:
        self._uploads = uploads
        self._place = (name, start)
        self._data = bytearray()

    def write(self, data: bytes) -> None:
        """Some of them."""
        self._data += data

    def keep(self) -> None:
        """Add the piece."""
        self._uploads.add(*self._place, bytes(self._data))

    def close(self) -> None:
        """Nothing to forget."""
