"""What a book needs of the Graph face, imported by whoever needs it first.

With the libraries behind it, the face takes longer to import than all the rest, and most programs that
open a book, most commands among them, never speak it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from letterbook.application.engine import Engine
from letterbook.application.ports import Clock, Ids
from letterbook.application.querying import Where
from letterbook.application.subscribing import Watched

if TYPE_CHECKING:
    from letterbook.adapters.graph.exported import GraphJsonSource


def read_filter(text: str) -> Where:
    """What a ``$filter`` asks for."""
    from letterbook.adapters.graph.filters import parse_filter

    return parse_filter(text)


def watched(engine: Engine, resource: str) -> Watched:
    """What a program that holds the book subscribes to. Raises ValueError if it cannot be subscribed to."""
    from letterbook.adapters.graph.watched import watched_by_the_book

    return watched_by_the_book(engine, resource)


def json_source(path: Path, *, named: bool, ids: Ids, clock: Clock) -> "GraphJsonSource":
    """Messages as Graph answers them, in files."""
    from letterbook.adapters.graph.exported import GraphJsonSource

    return GraphJsonSource(path, named=named, ids=ids, clock=clock)
