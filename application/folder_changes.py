"""What changed among the folders since a position of the history: names, places, counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, cast
from uuid import UUID

from letterbook.application.following import (
    MOST_FACTS,
    RESTING,
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
from letterbook.domain import mailbox as mailboxes
from letterbook.domain.mailbox import Folder, MailboxFact


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeWatch:
    """What a follower of folders wants to be told: of all that are ``below`` one; of ``hidden`` ones too?"""

    below: UUID
    hidden: bool = False
    top: int = 10


class Counted(NamedTuple):
    """A folder, and how many folders it shows directly below it."""

    row: FolderRow
    children: int


class _InTree(Protocol):
    """A folder, of the views or of the domain."""

    @property
    def parent(self) -> UUID | None: ...
    @property
    def hidden(self) -> bool: ...


Tree = Mapping[UUID, _InTree]


def follow_folders(session: Session, mailbox: UUID, watch: TreeWatch, spot: Spot) -> Step[Counted]:
    """The next page of a round about folders: well-known ones first, then in the order they were made."""
    rows = {row.folder: row for row in session.views.folders(mailbox)}
    news = _news(session, mailbox, watch, spot, rows)
    left = sorted((_key(rows, name), name) for name in news)
    if spot.place is not None:
        left = [each for each in left if each[0] > (spot.place.values[0], spot.place.message.bytes)]
    children = _children(rows)
    page = [name for _, name in left[: watch.top]]
    found = [news[name] or Counted(rows[name], children[name]) for name in page]
    if len(left) <= watch.top:
        return Step(found, spot.end())
    return Step(found, replace(spot, place=Place((_key(rows, page[-1])[0],), page[-1])))


def _key(rows: Mapping[UUID, FolderRow], name: UUID) -> tuple[int, bytes]:
    row = rows.get(name)
    return int(row is None or row.well_known is None), name.bytes


def _news(
    session: Session, mailbox: UUID, watch: TreeWatch, spot: Spot, rows: Mapping[UUID, FolderRow]
) -> dict[UUID, Gone | None]:
    """Every folder that there is something to tell of; :class:`Gone` says that it is gone."""
    shown = _below(rows, watch)
    if spot.after is None:
        return dict.fromkeys(shown)
    before, now = _then_and_now(session, mailbox, spot.after)
    was = _below(before, watch)
    counts = _children(before), _children(now)
    news: dict[UUID, Gone | None] = {
        name: None
        for name in shown
        if name not in was or before[name] != now.get(name) or counts[0][name] != counts[1][name]
    }
    news |= dict.fromkeys(shown & _recounted(session, mailbox, spot.after, spot.until, shown))
    return news | {name: Gone(name, Why.CHANGED if name in rows else Why.DELETED) for name in was - shown}


def _then_and_now(
    session: Session, mailbox: UUID, after: int
) -> tuple[Mapping[UUID, Folder], Mapping[UUID, Folder]]:
    """The folders at a position, and now."""
    own = session.history.of(mailbox, mailbox)
    past = (cast(MailboxFact, each.fact) for each in own if each.seq <= after)
    since = (cast(MailboxFact, each.fact) for each in own if each.seq > after)
    then = mailboxes.fold(None, past)
    now = mailboxes.fold(then, since)
    return then.folders if then else {}, now.folders if now else {}


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


def _children(tree: Tree) -> Counter[UUID | None]:
    """How many folders each folder shows directly below it."""
    return Counter(folder.parent for folder in tree.values() if not folder.hidden)


def _recounted(
    session: Session, mailbox: UUID, after: int, until: int, everything: Iterable[UUID]
) -> set[UUID | None]:
    """The folders that messages came to, left, or were read in. Where too much happened: everything."""
    if until - after > MOST_FACTS:
        return set(everything)
    lives, found = Lives(session, mailbox), set[UUID | None]()
    for recorded in facts_between(session.history, mailbox, after, until):
        if recorded.aggregate == mailbox or isinstance(recorded.fact, RESTING):
            continue
        was, now = lives.around(recorded)
        if was is None or (was.folder, was.is_read) != (now.folder, now.is_read):
            found |= {now.folder, was.folder if was else None}
    return found
