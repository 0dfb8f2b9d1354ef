"""Many rows at once: the fewer statements, the less the interpreter has to do with them.

``executemany`` asks for the interpreter after every row. Whoever writes beside another thread that computes
would wait for it each time; a statement of hundreds of rows is worked off without it.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from letterbook.adapters.views.connection import Connection

_SIZES = tuple(1 << power for power in range(9, -1, -1))
"""512 rows in a statement, then half as many, and so on: a slice of any size needs few statements, and all
slices need the same. 512 rows of 30 columns stay below the 32,766 values that SQLite takes at once."""


def insert(connection: Connection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Put rows into a table. ``into`` names it, and its columns in parentheses."""
    begin = 0
    for size in _SIZES:
        while len(rows) - begin >= size:
            chosen = rows[begin : begin + size]
            connection.execute(_statement(into, len(chosen[0]), size), list(chain.from_iterable(chosen)))
            begin += size


@cache
def _statement(into: str, width: int, size: int) -> str:
    row = f"({','.join('?' * width)})"
    return f"INSERT INTO {into} VALUES {','.join([row] * size)}"  # noqa: S608 - of this program
