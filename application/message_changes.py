"""What changed in a folder since a position of the history.

What happened behind the position is read there, and the messages it happened to are looked up: the cost
follows the number of changes, not the size of the mailbox.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from letterbook.application.following import (
    RESTING,
    UNSEEN,
    Change,
    Gone,
    Lives,
    Shown,
    Spot,
    Step,
    Why,
    facts_between,
)
from letterbook.application.matching import holds
from letterbook.application.ports import Recorded, Session
from letterbook.application.public_ids import Kind, meant
from letterbook.application.querying import All, Compare, PageQuery, Place, Where, flat
from letterbook.application.rows import Leaf, MessageRow
from letterbook.application.showing import default_id
from letterbook.domain.facts import Fact
from letterbook.domain.folders import FolderSearch
from letterbook.domain.mailbox import FolderDeleted, FolderMoved, SearchChanged, well_known_id
from letterbook.domain.message import Erased, Message, ReadStateChanged

MOST_FILTERED = 5000
"""Messages that a first round with a filter tells (Graph: *Get incremental changes to messages*)."""

Row = MessageRow | Leaf

_STAYING = (*RESTING, ReadStateChanged)
"""What leaves a message in its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderWatch:
    """What a follower of one folder wants to be told.

    ``search`` is what the folder finds, if it is a search folder: then messages enter and leave it by
    whatever happens to them. ``where`` bounds the moment of receiving from below; ``only`` asks for one kind
    of change. A first round tells what is there as created. A message that was away has come back as another
    one, unless the follower knows ``lasting`` ids, which do not change.
    """

    folder: UUID
    search: Where | None = None
    where: Compare | None = None
    only: Change | None = None
    top: int = 10
    newest_first: bool = False
    bodies: bool = True
    lasting: bool = False

    @property
    def place(self) -> UUID | None:
        """The folder that messages are kept in to be shown; of a search folder, any."""
        return self.folder if self.search is None else None

    @property
    def condition(self) -> Where | None:
        """What has to be true of them."""
        both = tuple(each for each in (self.search, self.where) if each is not None)
        return flat(All(both)) if both else None


def turns_search(folder: UUID, search: FolderSearch) -> Callable[[Fact], bool]:
    """Which facts of a mailbox let a search folder look elsewhere, or for something else.

    A folder that is made since has been empty, so that what comes into it is told like everything else.
    """

    def turns(fact: Fact) -> bool:
        match fact:
            case SearchChanged():
                return fact.folder_id == folder
            case FolderMoved():
                return search.nested
            case _:
                return isinstance(fact, FolderDeleted)

    return turns


def follow_messages(session: Session, mailbox: UUID, watch: FolderWatch, spot: Spot) -> Step[Row]:
    """The next page of a round about a folder's messages."""
    if spot.after is None:
        return _there(session, mailbox, watch, spot)
    return _changed(session, mailbox, watch, spot, spot.after)


def _there(session: Session, mailbox: UUID, watch: FolderWatch, spot: Spot) -> Step[Row]:
    """A page of what is in the folder. What changes meanwhile is behind the position of the round's end."""
    if watch.only not in (None, Change.CREATED):
        return Step([], spot.end())
    left = MOST_FILTERED - spot.told if watch.where else watch.top
    room = min(watch.top, left)
    query = PageQuery(
        folder=watch.place, where=watch.condition, top=room + 1, after=spot.place, bodies=watch.bodies
    )
    rows = session.views.page(mailbox, query)
    shown: list[Row | Gone] = [*rows[:room]]
    if len(rows) <= room or (watch.where and room == left):
        return Step(shown, spot.end())
    last = rows[room - 1]
    return Step(shown, replace(spot, place=Place(last.place, last.message), told=spot.told + room))


def _changed(session: Session, mailbox: UUID, watch: FolderWatch, spot: Spot, after: int) -> Step[Row]:
    """A page of what changed behind a position."""
    look = _Look(session, mailbox, watch)
    found: dict[tuple[UUID, int | None], MessageRow | Gone] = {}
    for recorded in facts_between(session.history, mailbox, after, spot.until):
        changes = {_known(recorded, change): change for change in look.at(recorded)}
        if found and len(found | changes) > watch.top:
            break
        found |= changes
        after = recorded.seq
    told: list[Row | Gone] = [*found.values()]
    if watch.newest_first:
        told = _sorted(found.values())
    return Step(told, replace(spot, after=after))


def _known(recorded: Recorded, change: MessageRow | Gone) -> tuple[UUID, int | None]:
    """What tells one change from another: the message, and under which id it is gone."""
    return recorded.aggregate, change.moves if isinstance(change, Gone) else None


def _sorted(found: Iterable[MessageRow | Gone]) -> list[Row | Gone]:
    """Newest first; what is gone has no date, and comes last."""
    rows = [each for each in found if not isinstance(each, Gone)]
    rows.sort(key=lambda row: (row.received_at, row.message.bytes), reverse=True)
    return [*rows, *(each for each in found if isinstance(each, Gone))]


class _Look:
    """What the facts of one page say to a follower of a folder."""

    def __init__(self, session: Session, mailbox: UUID, watch: FolderWatch) -> None:
        self._views = session.views
        self._mailbox = mailbox
        self._watch = watch
        self._lives = Lives(session, mailbox)
        self._shown = Shown(session, mailbox)
        self._rows: dict[UUID, MessageRow | None] = {}
        self._kinds: dict[UUID, Change] = {}
        self._bins = {well_known_id(mailbox, name) for name in ("deleteditems", "recoverableitemsdeletions")}

    def at(self, recorded: Recorded) -> Iterator[MessageRow | Gone]:
        """What to tell because of a fact: that the message is gone, what it is now, or both.

        Both only in a search folder, where a message may move within it: to another id.
        """
        if recorded.aggregate == self._mailbox or isinstance(recorded.fact, UNSEEN):
            return
        row = self._row(recorded.aggregate)
        there = row if row is not None and self._shows(row) else None
        gone = self._gone(recorded, row, there)
        if gone is not None:
            yield gone
        if there is not None and (gone is None or self._is_search) and self._wants(recorded, there):
            yield there

    @property
    def _is_search(self) -> bool:
        return self._watch.search is not None

    def _shows(self, row: MessageRow) -> bool:
        """Whether a row is one of those that are followed."""
        if self._watch.place not in (None, row.folder):
            return False
        return self._watch.condition is None or holds(row, self._watch.condition)

    def _showed(self, name: UUID, message: Message) -> bool:
        """Whether a message in a state was one of them."""
        if self._watch.condition is None or self._watch.place not in (None, message.folder):
            return self._watch.place in (None, message.folder)
        row = self._shown.row(name, message)
        return row is not None and self._shows(row)

    def _row(self, name: UUID) -> MessageRow | None:
        if name not in self._rows:
            self._rows[name] = self._views.message(self._mailbox, name)
        return self._rows[name]

    def _wants(self, recorded: Recorded, row: MessageRow) -> bool:
        """Whether a message that is there is wanted; its first fact in a page says what changed."""
        if self._watch.only in (None, Change.DELETED):
            return self._watch.only is None
        if recorded.aggregate not in self._kinds:
            self._kinds[recorded.aggregate] = self._kind(recorded, row)
        return self._kinds[recorded.aggregate] is self._watch.only

    def _kind(self, recorded: Recorded, row: MessageRow) -> Change:
        before, _ = self._lives.around(recorded)
        if before is None or not self._showed(recorded.aggregate, before):
            return Change.CREATED
        return Change.UPDATED if self._is_same(before, _moves(row)) else Change.CREATED

    def _is_same(self, before: Message, moves: int | None) -> bool:
        """Whether a follower knows a message that has moved so often by the id of before."""
        return self._watch.lasting or moves == before.moves

    def _gone(self, recorded: Recorded, row: MessageRow | None, there: MessageRow | None) -> Gone | None:
        """That a message left by this fact, and why, unless it is there under the same id."""
        if self._watch.only not in (None, Change.DELETED) or recorded.version == 1:
            return None
        if not self._is_search and isinstance(recorded.fact, _STAYING):
            return None
        name = recorded.aggregate
        before, after = self._lives.around(recorded)
        if isinstance(recorded.fact, Erased) and before is not None:  # nobody knows any more where it was
            return Gone(name, Why.DELETED, None if self._watch.lasting else before.moves)
        if before is None or not self._showed(name, before):
            return None
        stays = self._is_same(before, after.moves) and self._showed(name, after)
        if stays or (there is not None and self._is_same(before, _moves(there))):
            return None
        why = Why.DELETED if row is None or row.folder in self._bins else Why.CHANGED
        return Gone(name, why, None if self._watch.lasting else before.moves)


def _moves(row: MessageRow) -> int | None:
    """How often a message had moved, as its default id tells."""
    return meant(Kind.MESSAGE, default_id(row.head)).moves
