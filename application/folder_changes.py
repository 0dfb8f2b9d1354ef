"""What changed among the folders since a position of the history: names, places, counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, cast
from uuid import UUID

from letterbook.application.completeness import own_facts
from letterbook.application.following import (
    MOST_FACTS,
    RESTING,
    UNSEEN,
    Gone,
    Lives,
    Spot,
    Step,
    Why,
    facts_between,
)
from letterbook.application.ports import Session
from letterbook.application.querying import Place
from letterbook.application.rows import FolderRow
from letterbook.domain import folders
from letterbook.domain import mailbox as mailboxes
from letterbook.domain.mailbox import Folder, MailboxFact

MOST_TREES = 100
"""Changes of the tree that are followed one by one; after more, everything is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeWatch:
    """What a follower of folders wants to be told: of all that are ``below`` one; of ``hidden`` ones too?"""

    below: UUID
    hidden: bool = False
    top: int = 10


class _InTree(Protocol):
    """A folder, of the views or of the domain."""

    @property
    def parent(self) -> UUID | None: ...
    @property
    def hidden(self) -> bool: ...


Tree = Mapping[UUID, _InTree]


def follow_folders(session: Session, mailbox: UUID, watch: TreeWatch, spot: Spot) -> Step[UUID]:
    """The next page of a round about folders: well-known ones first, then in the order they were made."""
    rows = {row.folder: row for row in session.views.folders(mailbox)}
    news = _news(session, mailbox, watch, spot, rows)
    left = sorted((_key(rows, name), name) for name in news)
    if spot.place is not None:
        left = [each for each in left if each[0] > (spot.place.values[0], spot.place.message.bytes)]
    page = [name for _, name in left[: watch.top]]
    found: list[UUID | Gone] = [news[name] or name for name in page]
    if len(left) <= watch.top:
        return Step(found, spot.end())
    return Step(found, replace(spot, place=Place((_key(rows, page[-1])[0],), page[-1])))


def _key(rows: Mapping[UUID, FolderRow], name: UUID) -> tuple[int, bytes]:
    row = rows.get(name)
    return int(row is None or row.well_known is None), name.bytes


def _news(
    session: Session, mailbox: UUID, watch: TreeWatch, spot: Spot, rows: Mapping[UUID, FolderRow]
) -> dict[UUID, Gone | None]:
    """Every folder that there is something to tell of; :class:`Gone` says that it is gone.

    What came and went again counts too: whoever follows may have seen it in between.
    """
    shown = _below(rows, watch)
    if spot.after is None:
        return dict.fromkeys(shown)
    touched, known = _moved(_trees(session, mailbox, spot.after), watch)
    touched |= _recounted(session, mailbox, spot.after, spot.until, rows)
    news: dict[UUID, Gone | None] = dict.fromkeys(touched & shown)
    gone = known - shown
    return news | {name: Gone(name, Why.CHANGED if name in rows else Why.DELETED) for name in gone}


def _moved(trees: list[Mapping[UUID, Folder]], watch: TreeWatch) -> tuple[set[UUID], set[UUID]]:
    """The folders that were touched from tree to tree, and those that whoever follows may know.

    In a long row of trees that may be any of them.
    """
    if len(trees) > MOST_TREES:
        everything = {name for tree in trees for name in tree}
        return everything, everything
    touched = {name for before, after in pairwise(trees) for name in _touched(before, after)}
    return touched, {name for tree in trees for name in _below(tree, watch)}


def _trees(session: Session, mailbox: UUID, after: int) -> list[Mapping[UUID, Folder]]:
    """The folders at a position, and after each fact that changed them since."""
    own = own_facts(session, mailbox)
    state = mailboxes.fold(None, (cast(MailboxFact, each.fact) for each in own if each.seq <= after))
    trees = [state.folders if state else {}]
    for each in own:
        if each.seq > after:
            state = mailboxes.evolve(state, cast(MailboxFact, each.fact))
            trees += [state.folders] if state.folders is not trees[-1] else []
    return trees


def _touched(before: Mapping[UUID, Folder], after: Mapping[UUID, Folder]) -> set[UUID]:
    """The folders that one fact changed; of one in another place also those above and below it."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) is not after.get(name)}
    places = {name: {tree[name].parent for tree in (before, after) if name in tree} for name in changed}
    placed = {name for name in changed if len(places[name]) > 1 or (name in before) != (name in after)}
    above = {parent for name in placed for parent in places[name] if parent is not None}
    below = {each for tree in (before, after) for each in folders.below(folders.parents(tree), *placed)}
    return changed | above | below


def _below(tree: Tree, watch: TreeWatch) -> set[UUID]:
    """All folders below one; nothing below a folder that is not shown is shown."""
    below: dict[UUID | None, list[UUID]] = {}
    for name, folder in tree.items():
        if watch.hidden or not folder.hidden:
            below.setdefault(folder.parent, []).append(name)
    found: set[UUID] = set()
    frontier = below.get(watch.below, [])
    while frontier:
        found |= set(frontier)
        frontier = [child for parent in frontier for child in below.get(parent, [])]
    return found


def _recounted(
    session: Session, mailbox: UUID, after: int, until: int, rows: Mapping[UUID, FolderRow]
) -> set[UUID]:
    """The folders that messages came to, left, or were read in; a search folder counts whatever happens.

    Where too much happened it is all folders.
    """
    if until - after > MOST_FACTS:
        return {*rows}
    lives, found = Lives(session, mailbox), set[UUID]()
    for recorded in facts_between(session.history, mailbox, after, until):
        if isinstance(recorded.fact, UNSEEN):
            continue
        found |= {name for name, row in rows.items() if row.search is not None}
        if recorded.aggregate == mailbox or isinstance(recorded.fact, RESTING):
            continue
        was, now = lives.around(recorded)
        if was is None or (was.folder, was.is_read) != (now.folder, now.is_read):
            found |= {each.folder for each in (was, now) if each is not None and each.folder is not None}
    return found
