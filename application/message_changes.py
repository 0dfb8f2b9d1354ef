"""What changed in a folder since a position of the history.

What happened behind the position is read there, and the messages it happened to are looked up: the cost
follows the number of changes, not the size of the mailbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from letterbook.application.following import (
    RESTING,
    UNSEEN,
    Change,
    Gone,
    Lives,
    Spot,
    Step,
    Why,
    facts_between,
)
from letterbook.application.moments import microseconds
from letterbook.application.ports import Recorded, Session
from letterbook.application.public_ids import Kind, meant
from letterbook.application.querying import Compare, PageQuery, Place, seconds_found
from letterbook.application.rows import Leaf, MessageRow
from letterbook.application.showing import default_id
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import ReadStateChanged

MOST_FILTERED = 5000
"""Messages that a first round with a filter tells (Graph: *Get incremental changes to messages*)."""

Row = MessageRow | Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderWatch:
    """What a follower of one folder wants to be told.

    ``where`` bounds the moment of receiving from below; ``only`` asks for one kind of change. A first round
    tells what is there as created. A message that was away has come back as another one, unless the follower
    knows ``lasting`` ids, which do not change.
    """

    folder: UUID
    where: Compare | None = None
    only: Change | None = None
    top: int = 10
    newest_first: bool = False
    bodies: bool = True
    lasting: bool = False

    def shows(self, folder: UUID | None, received_at: datetime) -> bool:
        """Whether a message in a folder, received at a moment, is one of those that are followed."""
        if folder != self.folder:
            return False
        if self.where is None:
            return True
        assert isinstance(self.where.value, datetime), "moments are compared with moments"
        since, _ = seconds_found(self.where.how, self.where.value)
        return since is None or microseconds(received_at) // 1_000_000 >= since


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
        folder=watch.folder, where=watch.where, top=room + 1, after=spot.place, bodies=watch.bodies
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
        change = look.at(recorded)
        if change is not None:
            known = (recorded.aggregate, change.moves if isinstance(change, Gone) else None)
            if len(found) == watch.top and known not in found:
                break
            found.setdefault(known, change)
        after = recorded.seq
    told: list[Row | Gone] = [*found.values()]
    if watch.newest_first:
        told = _sorted(found.values())
    return Step(told, replace(spot, after=after))


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
        self._rows: dict[UUID, MessageRow | None] = {}
        self._kinds: dict[UUID, Change] = {}
        self._bins = {well_known_id(mailbox, name) for name in ("deleteditems", "recoverableitemsdeletions")}

    def at(self, recorded: Recorded) -> MessageRow | Gone | None:
        """What to tell because of a fact: the message as it is now, that it is gone, or nothing."""
        if recorded.aggregate == self._mailbox or isinstance(recorded.fact, UNSEEN):
            return None
        row = self._row(recorded.aggregate)
        if row is None or not self._watch.shows(row.folder, row.received_at):
            return self._gone(recorded, row)
        gone = None if self._watch.lasting else self._gone(recorded, row)
        return gone or (row if self._wants(recorded, row) else None)

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
        if before is None or not self._watch.shows(before.folder, before.received_at):
            return Change.CREATED
        same = self._watch.lasting or meant(Kind.MESSAGE, default_id(row.head)).moves == before.moves
        return Change.UPDATED if same else Change.CREATED

    def _gone(self, recorded: Recorded, row: MessageRow | None) -> Gone | None:
        """That a message left the folder by this fact, and why."""
        if self._watch.only not in (None, Change.DELETED):
            return None
        if recorded.version == 1 or isinstance(recorded.fact, (*RESTING, ReadStateChanged)):
            return None
        before, after = self._lives.around(recorded)
        if before is None or not self._watch.shows(before.folder, before.received_at):
            return None
        if self._watch.shows(after.folder, after.received_at):
            return None
        deleted = row is None or row.folder in self._bins
        why = Why.DELETED if deleted else Why.CHANGED
        return Gone(recorded.aggregate, why, None if self._watch.lasting else before.moves)
