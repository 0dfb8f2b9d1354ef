"""mbox files (RFC 4155): one letter behind the other, each below a line that begins with ``From``.

The standard library's ``mailbox.mbox`` is not used: it takes any line that begins so for the start of a
letter, wherever it stands, leaves the quoting of such lines in, and lists all letters in memory first.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from letterbook.adapters.files import make_folder
from letterbook.adapters.mail_files.gmail import LABELS, labelled
from letterbook.adapters.mail_files.heading import Heading
from letterbook.adapters.mail_files.names import file_name, folder_name
from letterbook.application.moving import FOLDERS, Found, Marks, MoveRefused, Taken, Unreadable
from letterbook.domain.letter import Flag, FlagStatus

LARGEST = 256 * 1024 * 1024
"""Bytes of a letter that is read into memory."""

_MONTHS = {m: n for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MARK = re.compile(
    rb"From .*?\b[A-Z][a-z]{2},? +([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d)(?::(\d\d))?"
    rb"((?: .*)? (?:19|20)\d\d(?:\s.*)?)$"
)
"""The line before a letter: an address, and a moment in UTC as ``asctime`` writes it, or beside its zone."""
_YEAR = re.compile(rb" ((?:19|20)\d\d)\b")
_ZONE = re.compile(rb" ([+-])(\d\d)(\d\d)\b")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_TO_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)
_EMPTY = (b"\n", b"\r\n")
_NOTES = "DON'T DELETE THIS MESSAGE"
_KEPT_BY_MBOX = frozenset((b"status", b"x-status"))


class MboxSource:
    """The letters of mbox files. Keeps :class:`letterbook.application.moving.Source`.

    A letter's origin is its file and the byte at which it begins.
    """

    def __init__(self, root: Path, *, named: bool) -> None:
        self._root = root
        self._files = [root] if root.is_file() else sorted(root.rglob("*.mbox"))
        self._named = named
        for file in self._files:
            _check(file)
        self.total = sum(file.stat().st_size for file in self._files)

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every letter of every file."""
        for file in self._files:
            folder = self._folder(file)
            name = file.name if file == self._root else file.relative_to(self._root).as_posix()
            with file.open("rb") as opened:
                for start, mark, raw in _cut(opened):
                    yield from _found(f"{name}:{start}", folder, mark, raw)

    def folders(self) -> Iterator[tuple[str, ...]]:
        """The folder of every file."""
        return map(self._folder, self._files)

    def _folder(self, file: Path) -> tuple[str, ...]:
        if file != self._root:
            return tuple(map(folder_name, file.relative_to(self._root).with_suffix("").parts))
        return (file.stem,) if self._named and file.stem.casefold() in FOLDERS else ()


def _check(file: Path) -> None:
    with file.open("rb") as opened:
        begin = opened.readline(1000)
    if begin and not _MARK.match(begin):
        raise MoveRefused(
            f"{file.name} is no mbox file: it does not begin with a line such as "
            "'From alexw@contoso.com Mon Mar  2 09:30:00 2026'."
        )


def _cut(file: BinaryIO) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Where each letter begins, the line before it, and its bytes; ``None`` for one that is too large."""
    lines: list[bytes] = []
    start, at, size, mark, blank = 0, 0, 0, b"", True
    for line in file:
        if blank and line.startswith(b"From ") and _MARK.match(line):
            if mark:
                yield start, mark, _whole(lines) if size <= LARGEST else None
            lines, start, size, mark = [], at, 0, line
        elif size <= LARGEST:
            lines.append(line)
            size += len(line)
        elif lines:
            lines.clear()
        blank = line in _EMPTY
        at += len(line)
    if mark:
        yield start, mark, _whole(lines) if size <= LARGEST else None


def _whole(lines: list[bytes]) -> bytes:
    """A letter without the empty line that parts it from the next."""
    return b"".join(lines[:-1] if lines and lines[-1] in _EMPTY else lines)


def _found(
    origin: str, folder: tuple[str, ...], mark: bytes, quoted: bytes | None
) -> Iterator[Found | Unreadable]:
    if quoted is None:
        yield Unreadable(origin, f"it has more than {LARGEST} bytes")
        return
    weight = len(mark) + len(quoted)
    raw = _QUOTED.sub(rb"\1", quoted) if b">From " in quoted else quoted
    heading = Heading(raw)
    if not heading:
        yield Unreadable(origin, "it has no headers", weight)
        return
    if heading.first(b"subject").startswith(_NOTES) and (b"x-imap" in heading or b"x-imapbase" in heading):
        return  # a mail server's own notes (UW IMAP, Dovecot), in the place of a first letter
    marks = _marks(heading)
    if labels := heading.first(LABELS):
        folder, marks = labelled(labels, folder)
    yield Found(
        origin=origin,
        folder=folder,
        mail=heading.without(_KEPT_BY_MBOX),
        message_id=heading.first(b"message-id"),
        received_at=heading.received_at() or _moment(mark),
        marks=marks,
        weight=weight,
    )


def _marks(heading: Heading) -> Marks:
    """What ``Status`` (R: read) and ``X-Status`` (A: answered, F: flagged, T: draft) say."""
    status, more = heading.first(b"status"), heading.first(b"x-status")
    return Marks(
        is_read="R" in status,
        is_draft="T" in more,
        answered="A" in more,
        flag=Flag(status=FlagStatus.FLAGGED) if "F" in more else Flag(),
    )


def _moment(mark: bytes) -> datetime | None:
    """When the letter came; ``None`` for a moment that never was."""
    said = _MARK.match(mark)
    year = _YEAR.search(said[6]) if said else None
    if said is None or year is None:
        return None
    month, (day, hour, minute, second) = said[1].decode(), (int(each or 0) for each in said.groups()[1:5])
    try:
        at = datetime(int(year[1]), _MONTHS[month], day, hour, minute, min(second, 59), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
    zone = _ZONE.search(said[6])
    east = timedelta(hours=int(zone[2]), minutes=int(zone[3])) if zone else timedelta()
    return at + east if zone and zone[1] == b"-" else at - east


class MboxTarget:
    """A folder of mbox files, one for each folder. Keeps :class:`letterbook.application.moving.Target`.

    Lines that begin with ``From`` are quoted so that nothing is lost (the form called *mboxrd*).
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file: BinaryIO | None = None

    def folder(self, names: tuple[str, ...]) -> None:
        """Close the file of the folder before, and begin the one of this."""
        self.close()
        *above, last = map(file_name, names)
        path = self._root.joinpath(*above, f"{last}.mbox")
        make_folder(path.parent)
        self._file = path.open("xb")

    def put(self, letter: Taken) -> None:
        """Write a letter behind those before it."""
        assert self._file is not None, "its folder was named before"
        head = f"From {letter.sender} {_asctime(letter.received_at)}\n{_status(letter.marks)}".encode()
        body = _TO_QUOTE.sub(rb">\1", letter.mime.replace(b"\r\n", b"\n"))
        self._file.write(head + body + (b"\n" if body.endswith(b"\n") else b"\n\n"))

    def close(self) -> None:
        """The file of the last folder is whole."""
        if self._file is not None:
            self._file.close()
            self._file = None

    drop = close


def _status(marks: Marks) -> str:
    more = ("A" if marks.answered else "") + ("F" if marks.flag.status is FlagStatus.FLAGGED else "")
    more += "T" if marks.is_draft else ""
    return f"Status: {'RO' if marks.is_read else 'O'}\n" + (f"X-Status: {more}\n" if more else "")


def _asctime(at: datetime) -> str:
    """A moment in UTC as C's ``asctime`` writes it, whatever the language of the machine."""
    utc = at.astimezone(UTC)
    month = next(name for name, number in _MONTHS.items() if number == utc.month)
    return f"{_DAYS[utc.weekday()]} {month} {utc.day:2d} {utc:%H:%M:%S} {utc.year:04d}"
