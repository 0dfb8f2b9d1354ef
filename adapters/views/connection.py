"""What the views need of a connection, so that the same statements can be about other tables."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Connection(Protocol):
    """Runs statements; SQLite's own, or one that renames tables on the way."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> sqlite3.Cursor:
        """Run a statement."""

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> sqlite3.Cursor:
        """Run a statement for each of the values."""
