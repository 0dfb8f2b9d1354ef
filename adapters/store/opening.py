"""What is looked at before a file is opened as a store: whether it is one, of a format this program knows."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

FORMAT = 1
"""The version of the file format that this program writes, and the newest one it reads."""
APPLICATION_ID = 0x4C424F4B
"""Marks the file as a Letterbook store (SQLite's ``application_id``): "LBOK"."""

PROOF = "encrypted"
"""The row of the table ``letterbook`` that only the right master key opens; a plain store has none."""


class StoreRefused(Exception):
    """The file cannot be opened as a store; the sentence says why."""


class StoreReadOnly(StoreRefused):
    """The file is one that may be read and not written to."""


def check_place(path: Path) -> None:
    """A store is a file, with others beside it that are named after it."""
    if not path.name or path.is_dir():
        raise StoreRefused(f"{path} is a folder, and a store is a file in one")


def check_file(path: Path) -> None:
    """Look at a file before anything is written to it."""
    if not path.exists():
        if not path.parent.is_dir():
            raise StoreRefused(f"there is no folder {path.parent} for the store")
        _begin(path)
        return
    if path.stat().st_size == 0:
        _check_writable(path)
        path.chmod(0o600)
        return
    kept_in(path)


def _begin(path: Path) -> None:
    """A new file that only its owner may read: it will hold mail, and the secret that signs tokens."""
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreRefused(f"{path} cannot be made: {error.strerror}") from error


def _check_writable(path: Path) -> None:
    if not (_writable(path) and _writable(path.parent)):
        raise StoreReadOnly(f"{path} cannot be written to")


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def _peek(path: Path) -> Iterator[sqlite3.Connection]:
    """A look that leaves the file, and a log beside it, as they are, and nothing new beside them."""
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def _check_format(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether there is a store in a database; nothing at all may be there, but nothing else."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if "letterbook" not in tables:
        if tables:
            raise StoreRefused(f"{path} is a database, but not a Letterbook store")
        return False
    (version,) = connection.execute("SELECT value FROM letterbook WHERE key='format'").fetchone() or (0,)
    if version > FORMAT:
        raise StoreRefused(
            f"{path} was written in format {version}; this program reads formats up to {FORMAT}. "
            "Use a newer Letterbook."
        )
    return True


# --- Encrypted or not ------------------------------------------------------------------------------


class Opener(Protocol):
    """Whoever has a master key."""

    def opens(self, proof: bytes) -> bool:
        """Whether it is that of a store with such a proof."""


class Kept(NamedTuple):
    """What there is in a file, before it is opened."""

    begun: bool = False
    """Whether there is a store in it already."""
    proof: bytes | None = None
    """By what an encrypted store knows its key; ``None``: it is not encrypted, or not begun yet."""


def kept_in(path: Path) -> Kept:
    """What there is in a file already, in one look. Raises :class:`StoreRefused` if it is no store."""
    if not path.exists() or path.stat().st_size == 0:
        return Kept()
    _check_writable(path)
    try:
        with _peek(path) as connection:
            return _look(path, connection)
    except sqlite3.DatabaseError as error:
        raise StoreRefused(f"{path} is not a Letterbook store: {error}") from error


def _look(path: Path, connection: sqlite3.Connection) -> Kept:
    if not _check_format(path, connection):
        return Kept()
    found = connection.execute("SELECT value FROM letterbook WHERE key=?", (PROOF,)).fetchone()
    return Kept(begun=True, proof=bytes(found[0]) if found else None)


def check_protection(path: Path, proof: bytes | None, opener: Opener | None) -> None:
    """Whether a store is opened as what it is. Raises :class:`StoreRefused` if not; nothing was changed."""
    if opener is None:
        if proof is not None:
            raise StoreRefused(f"{path} is encrypted: it is opened with its key")
    elif proof is None:
        if kept_in(path).begun:
            raise unencrypted(path)
    elif not opener.opens(proof):
        raise StoreRefused(f"{path} is encrypted with another key")


def unencrypted(path: Path) -> StoreRefused:
    """What was written in clear stays so."""
    return StoreRefused(f"{path} is not encrypted, and stays so: make a new store for the mail in it")
