"""What a search folder shows: messages that are kept elsewhere."""

from collections.abc import Iterable
from uuid import UUID

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.filters import parse_filter
from letterbook.application.engine import Engine
from letterbook.application.querying import All, Among, Any, Compare, Field, Is, Key, Where, flat
from letterbook.application.rows import FolderRow
from letterbook.domain import refusals
from letterbook.domain.folders import FolderSearch, below

_NOTHING = Any(())


def understood(search: FolderSearch) -> Where | None:
    """The condition of a search; ``None`` if this version cannot read it."""
    try:
        return parse_filter(search.condition)
    except errors.GraphError:
        return None


def found_by(search: FolderSearch, folders: Iterable[FolderRow]) -> Where:
    """What a search finds, in the folders as they are now."""
    parents = {each.folder: each.parent for each in folders}
    tops = [source for source in search.sources if source in parents]
    looked_into = below(parents, *tops) if search.nested else tuple(tops)
    return flat(All((Among(Key.FOLDER, looked_into), understood(search) or _NOTHING)))


def place(engine: Engine, mailbox: UUID, folder: UUID) -> tuple[UUID | None, Where | None]:
    """Where to look for what a folder shows: in itself, or by a condition in the whole mailbox."""
    folders = engine.folders(mailbox)
    row = row_of(folders, folder)
    return (folder, None) if row.search is None else (None, found_by(row.search, folders))


def row_of(folders: Iterable[FolderRow], folder: UUID) -> FolderRow:
    """One folder of several; refuses one that is not there."""
    for each in folders:
        if each.folder == folder:
            return each
    raise refusals.NotFound


def shows(engine: Engine, mailbox: UUID, folder: UUID, message: UUID) -> bool:
    """Whether a folder is a search folder that finds a message."""
    _, found = place(engine, mailbox, folder)
    return found is not None and engine.count(mailbox, None, both(found, Among(Key.MESSAGE, (message,)))) > 0


def both(one: Where | None, other: Where | None) -> Where | None:
    """Two conditions that hold together, as far as there are any."""
    if one is None or other is None:
        return one or other
    return flat(All((one, other)))


def counts(engine: Engine, mailbox: UUID, found: Where) -> tuple[int, int]:
    """How many messages a search folder shows, and how many of them are unread."""
    unread = both(found, Compare(Field.IS_READ, Is.EQUAL, value=False))
    return engine.count(mailbox, None, found), engine.count(mailbox, None, unread)
