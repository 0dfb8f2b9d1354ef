"""Maildir and Maildir++: a file for each letter, whose name says how it is marked.

The standard library's ``mailbox.Maildir`` is not used: it writes a letter with flags only after reading and
composing it anew, which changes its bytes.
"""

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path

from letterbook.adapters.files import make_folder
from letterbook.adapters.mail_files.heading import Heading
from letterbook.application.moments import moment
from letterbook.application.moving import Found, Marks, MoveRefused, Taken, Unreadable
from letterbook.domain.letter import Flag, FlagStatus

_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")
"""The end of a file name: after a colon, or what stands for it where a colon cannot."""
_PARTS = ("cur", "new", "tmp")


class MaildirSource:
    """The letters of a Maildir and the folders in it. Keeps :class:`letterbook.application.moving.Source`.

    Folders lie below as ``.Name.Below`` (Maildir++) or as folders in folders. A letter's origin is its
    folder and the part of its file's name that never changes.
    """

    def __init__(self, root: Path) -> None:
        if not _is_maildir(root):
            raise MoveRefused(f"{root.name} is no Maildir: it has no folders cur and new.")
        self._folders = [(folder, _names(folder, root)) for folder in _maildirs(root)]
        self.total = sum(1 for folder, _ in self._folders for _ in _files(folder))

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every letter of every folder."""
        for folder, names in self._folders:
            for file in sorted(_files(folder), key=lambda file: file.name):
                origin = "/".join((*names, _FLAGS.sub("", file.name)))
                try:
                    yield _found(origin, names, file)
                except OSError as error:
                    yield Unreadable(origin, error.strerror or str(error))

    def folders(self) -> Iterator[tuple[str, ...]]:
        """Every folder."""
        return (names for _, names in self._folders)


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _maildirs(root: Path) -> Iterator[Path]:
    yield root
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name not in _PARTS and _is_maildir(folder):
            yield from _maildirs(folder)


def _files(folder: Path) -> Iterator[Path]:
    for part in ("cur", "new"):
        yield from (file for file in (folder / part).iterdir() if not file.name.startswith("."))


def _names(folder: Path, root: Path) -> tuple[str, ...]:
    if folder == root:
        return ("Inbox",)
    steps = folder.relative_to(root).parts
    split = (step[1:].split(".") if step.startswith(".") else [step] for step in steps)
    return tuple(decoded_name(name) for names in split for name in names)


def _found(origin: str, names: tuple[str, ...], file: Path) -> Found | Unreadable:
    raw = file.read_bytes()
    heading = Heading(raw)
    if not heading:
        return Unreadable(origin, "it has no headers")
    said = _FLAGS.search(file.name)
    flags = said[1] if said else ""
    return Found(
        origin=origin,
        folder=("Trash",) if "T" in flags else names,
        mail=raw,
        message_id=heading.first(b"message-id"),
        received_at=heading.received_at() or moment(file.stat().st_mtime_ns // 1000),
        marks=Marks(
            is_read="S" in flags,
            is_draft="D" in flags,
            answered="R" in flags,
            forwarded="P" in flags,
            flag=Flag(status=FlagStatus.FLAGGED) if "F" in flags else Flag(),
        ),
    )


class MaildirTarget:
    """A new Maildir++. Keeps :class:`letterbook.application.moving.Target`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root
        self._make()

    def folder(self, names: tuple[str, ...]) -> None:
        """Begin a folder; the Inbox is the Maildir itself."""
        is_inbox = names == ("Inbox",)
        self._folder = self._root / ("" if is_inbox else "".join(f".{encoded_name(name)}" for name in names))
        self._make()

    def _make(self) -> None:
        for part in _PARTS:
            make_folder(self._folder / part)
        if self._folder != self._root:
            (self._folder / "maildirfolder").touch()

    def put(self, letter: Taken) -> None:
        """Write a letter; the time of its file is when it was received."""
        path = self._folder / "cur" / f"{letter.key}.letterbook:2,{_flags(letter.marks)}"
        path.write_bytes(letter.mime)
        os.utime(path, (letter.received_at.timestamp(), letter.received_at.timestamp()))

    def close(self) -> None:
        """Nothing is open."""

    def drop(self) -> None:
        """Nothing is open."""


def _flags(marks: Marks) -> str:
    """The flags, in the order of the alphabet as Maildir wants them."""
    flagged = marks.flag.status is FlagStatus.FLAGGED
    said = {"D": marks.is_draft, "F": flagged, "P": marks.forwarded, "R": marks.answered, "S": marks.is_read}
    return "".join(flag for flag, holds in said.items() if holds)


# --- Names of folders ------------------------------------------------------------------------------

_PLAIN = re.compile(r"[^ -\x25\x27-\x2d\x30-\x7e]+|&")
"""What is not written as it is: letters beyond ASCII, and the point and the slash, which part names."""
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def encoded_name(name: str) -> str:
    """A name in the modified UTF-7 of IMAP (RFC 3501 section 5.1.3)."""
    return _PLAIN.sub(lambda run: "&-" if run[0] == "&" else f"&{_shifted(run[0])}-", name)


def _shifted(text: str) -> str:
    raw = text.encode("utf-16-be", "surrogatepass")
    return base64.b64encode(raw).decode().rstrip("=").replace("/", ",")


def decoded_name(name: str) -> str:
    """The name that modified UTF-7 stands for; what is none stays as it is."""
    return _SHIFTED.sub(_unshifted, name)


def _unshifted(run: re.Match[str]) -> str:
    if not run[1]:
        return "&"
    try:
        raw = base64.b64decode(run[1].replace(",", "/") + "=" * (-len(run[1]) % 4))
        return raw.decode("utf-16-be")
    except ValueError:
        return run[0]
