"""What is looked at before a file is opened as a store: whether it is one, of a format this program knows."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = 1
"""The version of the file format that this program writes, and the newest one it reads."""
APPLICATION_ID = 0x4C424F4B
"""Marks the file as a Letterbook store (SQLite's ``application_id``): "LBOK"."""


class StoreRefused(Exception):
    """The file cannot be opened as a store; the sentence says why."""


def check_file(path: Path) -> None:
    """Look at a file before anything is written to it."""
    if not path.exists():
        if not path.parent.is_dir():
            raise StoreRefused(f"there is no folder {path.parent} for the store")
        _begin(path)
        return
    if not (_writable(path) and _writable(path.parent)):
        raise StoreRefused(f"{path} cannot be written to")
    if path.stat().st_size == 0:
        path.chmod(0o600)
        return
    try:
        with _peek(path) as connection:
            _check_format(path, connection)
    except sqlite3.DatabaseError as error:
        raise StoreRefused(f"{path} is not a Letterbook store: {error}") from error


def _begin(path: Path) -> None:
    """A new file that only its owner may read: it will hold mail, and the secret that signs tokens."""
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreRefused(f"{path} cannot be made: {error.strerror}") from error


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


def _check_format(path: Path, connection: sqlite3.Connection) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if "letterbook" not in tables:
        if tables:
            raise StoreRefused(f"{path} is a database, but not a Letterbook store")
        return
    (version,) = connection.execute("SELECT value FROM letterbook WHERE key='format'").fetchone() or (0,)
    if version > FORMAT:
        raise StoreRefused(
            f"{path} was written in format {version}; this program reads formats up to {FORMAT}. "
            "Use a newer Letterbook."
        )
