"""Files that arrive in pieces: in a folder, where they outlive the program, or in memory."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from letterbook.adapters.files import (
    DurableFile,
    disk_troubles_told,
    make_folder,
    read_in_pieces,
    sync_folder,
    write_durably,
)
from letterbook.application.blobs import Piece
from letterbook.application.moments import moment
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.refusals import NotFound
from letterbook.domain.uploads import Upload

_LABEL = "upload.json"
_PIECE = re.compile(r"\d{12}")
_HOME = re.compile(r"[0-9a-f]{32}")


class FolderUploads:
    """Each file in a folder of its own: a label, and its pieces named by where they begin.

    Keeps :class:`letterbook.application.blobs.Uploads`. A piece gets its name when it is whole, and never
    another content, so any number of threads and processes may share the folder without a lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, upload: Upload) -> None:
        """Get ready for a file: it is on its way once its label is written."""
        home = self._home(upload.id)
        with disk_troubles_told("uploads"):
            make_folder(home)
            write_durably(home / _LABEL, upload.model_dump_json().encode())

    def find(self, name: UUID) -> Upload | None:
        """What the label says."""
        with disk_troubles_told("uploads"), suppress(FileNotFoundError):
            label = (self._home(name) / _LABEL).read_bytes()
            return _read_label(label)
        return None

    def received(self, name: UUID) -> int:
        """How far the pieces reach without a gap."""
        with _troubles_told():
            return sum(path.stat().st_size for path in self._pieces(name))

    def piece(self, name: UUID, start: int) -> Piece:
        """A file beside the label that may become a piece."""
        if self.find(name) is None:
            raise NotFound
        with _troubles_told():
            return _FilePiece(self._home(name), start)

    def pieces(self, name: UUID) -> Iterator[bytes]:
        """The bytes of the pieces, one after the other."""
        with _troubles_told():
            for path in self._pieces(name):
                yield from read_in_pieces(path)

    def drop(self, name: UUID) -> None:
        """Forget a file: the label first, so that nothing can be added to what is being removed."""
        home = self._home(name)
        with disk_troubles_told("uploads"), suppress(FileNotFoundError):
            (home / _LABEL).unlink()
            sync_folder(home)
        shutil.rmtree(home, ignore_errors=True)

    def all(self) -> list[Upload]:
        """Everything with a label. What has none was left behind by a crash, or is only just begun."""
        with disk_troubles_told("uploads"):
            homes = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        found = (self.find(UUID(hex=home.name)) for home in homes if _HOME.fullmatch(home.name))
        return [upload for upload in found if upload]

    def clear(self, before: datetime) -> int:
        """Remove folders without a label, and pieces that never got their name, left before then."""
        with disk_troubles_told("uploads"):
            homes = [home for home in self._folder.glob("*") if not (home / _LABEL).exists()]
            unfinished = [*(self._folder.glob("*/.*.part")), *homes]
            old = [path for path in unfinished if moment(path.stat().st_mtime_ns // 1000) <= before]
            for path in old:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return len(old)

    def _home(self, name: UUID) -> Path:
        return self._folder / name.hex

    def _pieces(self, name: UUID) -> Iterator[Path]:
        """The pieces from the first byte on, up to the first gap."""
        home, reached = self._home(name), 0
        named = (
            sorted(path for path in home.iterdir() if _PIECE.fullmatch(path.name)) if home.is_dir() else []
        )
        for path in named:
            if int(path.name) != reached:
                return
            reached += path.stat().st_size
            yield path


class _FilePiece:
    """The next bytes of a file, in a file of their own."""

    def __init__(self, home: Path, start: int) -> None:
        self._file = DurableFile(home)
        self._path = home / f"{start:012}"

    def write(self, data: bytes) -> None:
        """Some of them."""
        with _troubles_told():
            self._file.write(data)

    def keep(self) -> None:
        """Give the file the name of the piece, unless another one has it already."""
        with _troubles_told(), suppress(FileExistsError):
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
