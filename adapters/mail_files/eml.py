"""Folders of ``.eml`` files: each holds one letter as MIME."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from letterbook.adapters.files import make_folder
from letterbook.adapters.mail_files.heading import Heading
from letterbook.adapters.mail_files.mbox import LARGEST
from letterbook.adapters.mail_files.names import file_name, folder_name
from letterbook.adapters.mime.fields import moment as moment_of
from letterbook.application.moments import moment
from letterbook.application.moving import Found, Taken, Unreadable


class EmlSource:
    """The ``.eml`` files in a folder and those below it. Keeps :class:`letterbook.application.moving.Source`.

    A letter's origin is the path of its file.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = [root] if root.is_file() else sorted(_eml_files(root))
        self.total = len(self._files)

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every letter, by the names of the files."""
        for file in self._files:
            inside = Path(file.name) if file == self._root else file.relative_to(self._root)
            try:
                yield _found(inside, file)
            except OSError as error:
                yield Unreadable(inside.as_posix(), error.strerror or str(error))

    def folders(self) -> Iterator[tuple[str, ...]]:
        """Every folder below."""
        below = sorted(self._root.rglob("*")) if self._root.is_dir() else []
        return (_names(folder.relative_to(self._root)) for folder in below if folder.is_dir())


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(map(folder_name, folder.parts))


def _eml_files(root: Path) -> Iterator[Path]:
    return (file for file in root.rglob("*") if file.suffix.lower() == ".eml" and not file.is_dir())


def _found(inside: Path, file: Path) -> Found | Unreadable:
    origin, size = inside.as_posix(), file.stat().st_size
    if size > LARGEST:
        return Unreadable(origin, f"it has more than {LARGEST} bytes")
    raw = file.read_bytes()
    heading = Heading(raw)
    if not heading:
        return Unreadable(origin, "it has no headers")
    return Found(
        origin=origin,
        folder=_names(inside.parent),
        mail=raw,
        message_id=heading.first(b"message-id"),
        received_at=heading.received_at() or _written_at(heading) or moment(file.stat().st_mtime_ns // 1000),
    )


def _written_at(heading: Heading) -> datetime | None:
    return moment_of(heading.first(b"date"))


class EmlTarget:
    """A new folder of ``.eml`` files. Keeps :class:`letterbook.application.moving.Target`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root
        make_folder(root)

    def folder(self, names: tuple[str, ...]) -> None:
        """Begin a folder."""
        self._folder = self._root.joinpath(*map(file_name, names))
        make_folder(self._folder)

    def put(self, letter: Taken) -> None:
        """Write a letter."""
        (self._folder / f"{letter.key}.eml").write_bytes(letter.mime)

    def close(self) -> None:
        """Nothing is open."""

    def drop(self) -> None:
        """Nothing is open."""
