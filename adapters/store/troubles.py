"""What goes wrong in SQLite, told as what it means for whoever asked the store."""

import sqlite3
from types import TracebackType

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    ConnectionUnavailableError,
    InterfaceError,
)

from letterbook.application.troubles import (
    StoreBusy,
    StoreClosed,
    StoreDamaged,
    StoreFull,
    StoreTrouble,
    StoreUnavailable,
)

_KINDS: dict[int, tuple[type[StoreTrouble], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, "somebody else has been writing to the store for too long"),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "somebody else is changing the tables of the store"),
    sqlite3.SQLITE_PROTOCOL: (StoreBusy, "too many open the store at the same moment"),
    sqlite3.SQLITE_INTERRUPT: (StoreBusy, "it was broken off, and is left for another time"),
    sqlite3.SQLITE_FULL: (StoreFull, "there is no room left for the store"),
    sqlite3.SQLITE_READONLY: (StoreUnavailable, "the store may not be written to"),
    sqlite3.SQLITE_CANTOPEN: (StoreUnavailable, "the store cannot be opened any more"),
    sqlite3.SQLITE_IOERR: (StoreUnavailable, "the disk under the store fails"),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, "a part of the store is not what was written there"),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, "the file is no store any more"),
}
"""By SQLite's primary result code, which is the low byte of the one that its errors carry."""

_UNREADABLE = "Could not decode to UTF-8"
"""How Python's own complaint begins, which has no result code of SQLite's."""


def trouble(error: BaseException | None) -> StoreTrouble | None:
    """What an error means; ``None`` for a mistake of the program."""
    match error:
        case ConnectionUnavailableError():
            return StoreBusy("too many read the store at once")
        case ConnectionPoolClosedError():
            return StoreClosed()
        case InterfaceError():  # the library could not connect
            return trouble(error.__cause__)
        case sqlite3.OperationalError() if str(error).startswith(_UNREADABLE):
            return StoreDamaged("a part of the store is no text any more, and was")
        case sqlite3.Error():
            kind, why = _KINDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, (None, ""))
            return kind(f"{why} ({error})") if kind else None
        case _:
            return None


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock that was asked for."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


class troubles_told:
    """Whatever the disk or another program does to the block is raised as the trouble that it is."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is not None:
            raise_trouble(error)


def raise_trouble(error: BaseException) -> None:
    """Raise the trouble that an error is; do nothing if it is none."""
    if isinstance(error, _KNOWN) and (known := trouble(error)):
        raise known from error


_KNOWN = (sqlite3.Error, ConnectionPoolClosedError, ConnectionUnavailableError, InterfaceError)
