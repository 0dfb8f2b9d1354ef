"""The formats by their names: which one a path has, and who reads and writes it."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from letterbook.adapters.files import make_folder, sync_file, sync_folder
from letterbook.adapters.mail_files.eml import EmlSource, EmlTarget
from letterbook.adapters.mail_files.maildir import MaildirSource, MaildirTarget
from letterbook.adapters.mail_files.mbox import MboxSource, MboxTarget
from letterbook.application.moving import MoveRefused, Source, Target

MakeSource = Callable[[Path, bool], Source]
"""Makes the source of a path; whether a file by itself is a folder that its name says."""


class FileTarget(Target, Protocol):
    """A target on disk."""

    def close(self) -> None:
        """Everything is on disk when this returns."""

    def drop(self) -> None:
        """Let go of what is open."""


_TARGETS: Mapping[str, Callable[[Path], FileTarget]] = {
    "mbox": MboxTarget,
    "maildir": MaildirTarget,
    "eml": EmlTarget,
}
TARGETS = tuple(_TARGETS)
SOURCES = (*TARGETS, "graph")


class FileFormats:
    """Mail in files. Keeps :class:`letterbook.application.moving.MailFormats`."""

    def __init__(self, graph: MakeSource) -> None:
        """``graph`` reads the JSON of Microsoft Graph."""
        self._sources: dict[str, MakeSource] = {
            "mbox": lambda path, named: MboxSource(path, named=named),
            "maildir": lambda path, _: MaildirSource(path),
            "eml": lambda path, _: EmlSource(path),
            "graph": graph,
        }

    def source(self, path: Path, format_: str | None, *, named: bool) -> Source:
        """The mail at a path."""
        if not path.exists():
            raise MoveRefused(f"There is no file or folder {path}.")
        known = format_ or looks_like(path)
        if known not in self._sources:
            raise MoveRefused(
                f"There is no format {known!r} to read mail from: it is one of {_either(SOURCES)}."
            )
        return self._sources[known](path, named)

    @contextmanager
    def target(self, path: Path, format_: str) -> Iterator[Target]:
        """A new folder at a path, made beside it under another name until it is whole."""
        if format_ not in _TARGETS:
            raise MoveRefused(
                f"There is no format {format_!r} to write mail in: it is one of {_either(TARGETS)}."
            )
        if path.exists():
            raise MoveRefused(f"{path} is there already.")
        part = path.with_name(f".{path.name}.letterbook-part")
        shutil.rmtree(part, ignore_errors=True)
        make_folder(part)
        target = _TARGETS[format_](part)
        try:
            yield target
            target.close()
            _sync(part)
            part.rename(path)
            sync_folder(path.parent)
        except BaseException:
            target.drop()
            shutil.rmtree(part, ignore_errors=True)
            raise


def _sync(folder: Path) -> None:
    """Have everything in a folder on disk. All at once at the end: most of it is there by then."""
    for above, _, files in os.walk(folder):
        for file in files:
            sync_file(Path(above, file))
        sync_folder(Path(above))


def _either(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


_BY_ENDING = {".mbox": "mbox", ".mbx": "mbox", ".eml": "eml", ".json": "graph", ".jsonl": "graph"}


def looks_like(path: Path) -> str:
    """The format of what is at a path. Raises :class:`letterbook.application.moving.MoveRefused`."""
    found = _folder_format(path) if path.is_dir() else _file_format(path)
    if found is None:
        raise MoveRefused(f"{path} does not look like mail: say in which format it is, {_either(SOURCES)}.")
    return found


def _folder_format(path: Path) -> str | None:
    if (path / "cur").is_dir() and (path / "new").is_dir():
        return "maildir"
    endings = (_BY_ENDING.get(file.suffix.lower()) for file in sorted(path.rglob("*")) if file.is_file())
    return next((known for known in endings if known), None)


def _file_format(path: Path) -> str | None:
    with path.open("rb") as file:
        begin = file.read(100).lstrip()
    if begin.startswith(b"From "):
        return "mbox"
    if begin.startswith((b"{", b"[")):
        return "graph"
    return _BY_ENDING.get(path.suffix.lower())
