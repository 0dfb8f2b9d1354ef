"""The facts of a store as JSON Lines: a file that anybody can read, and check, without a library.

The first line says what it is and where the history of each mailbox ends; then a line for each fact, and
before the first that names a blob one for each mebibyte of it. Of an encrypted store there are wrapped keys
before the facts of each mailbox, and blobs as they are kept, for whoever has its master key. The last line
says that it is the last.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from letterbook.adapters.files import DurableFile, make_folder
from letterbook.application.blobs import RawBlob
from letterbook.application.moving import MoveRefused
from letterbook.application.ports import Head, StoredFact, WrappedKey
from letterbook.application.transcribing import Blob, Contents, Entry, Keys
from letterbook.domain.letter import BlobRef

FORMAT = 1
"""The version of the lines that this program writes, and the newest one it reads."""
BEGINNING = b'{"letterbook":"facts"'

Line = dict[str, Any]


def write(path: Path, contents: Contents, entries: Iterator[Entry]) -> None:
    """Write a transcript, whole or not at all. Raises ``MoveRefused`` if the file is there already."""
    if path.exists():
        raise MoveRefused(f"{path} is there already.")
    make_folder(path.parent)
    with DurableFile(path.parent) as file:
        file.write(_line(_heading(contents)))
        for entry in entries:
            for line in _lines(entry):
                file.write(_line(line))
        file.write(_line({"end": contents.events}))
        file.keep(lambda part: part.rename(path))


def _heading(contents: Contents) -> Line:
    heads = {str(mailbox): {"seq": h.seq, "hash": h.hash.hex()} for mailbox, h in contents.heads.items()}
    return {"letterbook": "facts", "format": FORMAT, "mailboxes": heads}


def _lines(entry: Entry) -> Iterator[Line]:
    if isinstance(entry, StoredFact):
        yield _fact_line(entry)
        return
    if isinstance(entry, Keys):
        yield {"keys": [_key(each) for each in entry.keys]}
        return
    left, sealed = entry.raw.length, {"sealed": True} if entry.sealed else {}
    for piece in entry.raw.pieces:
        left -= len(piece)
        data = base64.b64encode(piece).decode()
        yield {"blob": entry.ref.sha256, "size": entry.ref.size, **sealed, "left": left, "base64": data}


def _key(key: WrappedKey) -> list[str | None]:
    aggregate = str(key.aggregate) if key.aggregate else None
    return [str(key.mailbox), aggregate, base64.b64encode(key.wrapped).decode()]


def _fact_line(fact: StoredFact) -> Line:
    return {
        "mailbox": str(fact.mailbox),
        "seq": fact.seq,
        "aggregate": str(fact.aggregate),
        "version": fact.version,
        "topic": fact.topic,
        "recorded": fact.recorded,
        "hash": fact.hash.hex(),
        **_state(fact.state),
    }


def _state(state: bytes) -> Line:
    """The stored bytes as text, which their JSON is unless it is encrypted or compressed."""
    try:
        return {"state": state.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(state).decode()}


def _line(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class FactsFile:
    """A transcript in a file. Keeps :class:`letterbook.application.transcribing.Transcript`."""

    def __init__(self, path: Path) -> None:
        """Raises ``MoveRefused`` if the file is none, or of a newer format."""
        self._path = path
        if not path.is_file():
            raise MoveRefused(f"There is no file {path}.")
        with path.open("rb") as file:
            self.contents = _contents(path, file.readline())

    def entries(self) -> Iterator[Entry]:
        """Every fact and blob, in order."""
        with self._path.open("rb") as file:
            file.readline()
            yield from _Lines(self._path.name, file).entries()


def is_facts(path: Path) -> bool:
    """Whether a path is a file of facts."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(BEGINNING)) == BEGINNING


def _contents(path: Path, first: bytes) -> Contents:
    try:
        said = json.loads(first)
        if said["letterbook"] != "facts":
            raise ValueError
        if said["format"] > FORMAT:
            raise MoveRefused(
                f"{path.name} was written in format {said['format']}; this program reads formats up to "
                f"{FORMAT}. Use a newer Letterbook."
            )
        heads = {UUID(m): Head(int(h["seq"]), bytes.fromhex(h["hash"])) for m, h in said["mailboxes"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MoveRefused(f"{path.name} is no file of facts that Letterbook wrote.") from None
    return Contents(heads)


class _Lines:
    """The lines behind the first."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name = name
        self._file = file
        self._number = 1

    def entries(self) -> Iterator[Entry]:
        """Every fact and blob up to the last line. A file without one was cut off."""
        while (line := self._next()) and "end" not in line:
            if "keys" in line:
                yield self._keys(line)
            else:
                yield self._blob(line) if "blob" in line else self._fact(line)

    def _next(self) -> Line | None:
        raw = self._file.readline()
        self._number += 1
        if not raw.endswith(b"\n"):
            return None
        try:
            line = json.loads(raw)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise self._unreadable()
        return line

    def _unreadable(self) -> MoveRefused:
        return MoveRefused(f"Line {self._number} of {self._name} cannot be read.")

    def _fact(self, line: Line) -> StoredFact:
        try:
            state = line["state"].encode() if "state" in line else base64.b64decode(line["base64"])
            return StoredFact(
                UUID(line["mailbox"]),
                int(line["seq"]),
                UUID(line["aggregate"]),
                int(line["version"]),
                str(line["topic"]),
                state,
                int(line["recorded"]),
                bytes.fromhex(line["hash"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._unreadable() from None

    def _keys(self, line: Line) -> Keys:
        try:
            return Keys(
                [
                    WrappedKey(UUID(mailbox), UUID(name) if name else None, base64.b64decode(wrapped))
                    for mailbox, name, wrapped in line["keys"]
                ]
            )
        except (ValueError, TypeError, AttributeError):
            raise self._unreadable() from None

    def _blob(self, line: Line) -> Blob:
        try:
            ref = BlobRef(sha256=line["blob"], size=line["size"])
        except (ValueError, KeyError):
            raise self._unreadable() from None
        first, left = self._piece(line)
        raw = RawBlob(len(first) + left, self._pieces(first, left))
        return Blob(ref, raw, sealed=line.get("sealed") is True)

    def _pieces(self, piece: bytes, left: int) -> Iterator[bytes]:
        """The bytes of a blob, from its first line on."""
        yield piece
        while left and (line := self._next()):
            piece, left = self._piece(line)
            yield piece

    def _piece(self, line: Line) -> tuple[bytes, int]:
        """Some bytes of a blob, and how many come behind them."""
        try:
            return base64.b64decode(line["base64"]), int(line["left"])
        except (ValueError, KeyError, TypeError):
            raise self._unreadable() from None
