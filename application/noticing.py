"""What the facts behind a position mean to a subscriber.

A subscriber watches a set: the messages of a folder or of the whole mailbox for which a condition holds.
What enters the set is created, what leaves it is deleted, and what else happens to something in it is an
update (Graph: *Change notifications for Outlook resources*, "Refine the conditions").
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from letterbook.application.following import MOST_FACTS, UNSEEN, Change, Lives, Shown, facts_between
from letterbook.application.heralding import Notice
from letterbook.application.matching import holds
from letterbook.application.ports import Recorded, Session
from letterbook.application.public_ids import change_key
from letterbook.application.querying import Where
from letterbook.application.standing import GIVE_UP_AFTER, Standing
from letterbook.domain.facts import Fact
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Erased, ErasedMessage, Message

MOST_NOTICES = 100
"""Notices that one request holds at most."""


@dataclass(slots=True)
class News:
    """What is to be told, and the position up to which that is all.

    Up to ``stale`` everything happened so long ago that it is not tried any more once it has failed so long.
    """

    reached: int
    stale: int
    notices: list[Notice] = field(default_factory=list)


def news_for(session: Session, standing: Standing, after: int, where: Where | None, now: datetime) -> News:
    """What happened behind a position, as far as one request can tell it."""
    its = standing.subscription
    head = session.history.head(its.mailbox).seq
    news = News(reached=after, stale=standing.position)
    look = _Look(session, standing, where)
    for recorded in facts_between(session.history, its.mailbox, after, head, MOST_FACTS):
        if recorded.recorded_at >= its.expires_at:
            news.reached = head
            break
        is_stale = now - recorded.recorded_at >= GIVE_UP_AFTER
        if len(news.notices) < MOST_NOTICES:
            look.at(recorded, news.notices)
            news.reached = recorded.seq
        elif not is_stale:
            break
        if is_stale:
            news.stale = recorded.seq
    return news


class _Look:
    """What facts say to one subscriber."""

    def __init__(self, session: Session, standing: Standing, where: Where | None) -> None:
        self._its = standing.subscription
        self._where = where
        self._lives = Lives(session, self._its.mailbox)
        self._shown = Shown(session, self._its.mailbox)
        self._beyond = well_known_id(self._its.mailbox, "recoverableitemsdeletions")
        self._told: dict[UUID, int] = {}
        """Where each message was told of last."""

    def at(self, recorded: Recorded, notices: list[Notice]) -> None:
        """Add what is to be told because of a fact; the same twice in a row is told once, as it is later."""
        if recorded.aggregate == self._its.mailbox or isinstance(recorded.fact, UNSEEN):
            return
        before, after = self._lives.around(recorded)
        change = self._change(recorded.fact, recorded.aggregate, before, after)
        if change is None:
            return
        if change not in self._its.changes:
            self._told.pop(recorded.aggregate, None)
            return
        there = before if change is Change.DELETED and before else after
        notice = self._notice(recorded, change, after, there.moves)
        place = self._told.get(recorded.aggregate)
        if place is not None and notices[place].change == change:
            notices[place] = notice
            return
        self._told[recorded.aggregate] = len(notices)
        notices.append(notice)

    def _change(self, fact: Fact, name: UUID, before: Message | None, after: Message) -> Change | None:
        if isinstance(before, ErasedMessage) and isinstance(fact, Erased):
            return Change.DELETED  # whoever knows it is told, and nobody knows any more who that is
        was = before is not None and self._shows(name, before)
        if self._shows(name, after):
            return Change.UPDATED if was else Change.CREATED
        return Change.DELETED if was else None

    def _shows(self, name: UUID, message: Message) -> bool:
        """Whether a message in this state is in the set."""
        if message.folder is None:
            return False
        if self._its.folder is None and message.folder == self._beyond:
            return False
        if self._its.folder not in (None, message.folder):
            return False
        if self._where is None:
            return True
        row = self._shown.row(name, message)
        return row is not None and holds(row, self._where)

    def _notice(self, recorded: Recorded, change: Change, after: Message, moves: int) -> Notice:
        name = recorded.aggregate
        shown = self._its.certificate is not None and change is not Change.DELETED
        return Notice(
            subscription=self._its,
            change=change,
            seq=recorded.seq,
            message=name,
            moves=moves,
            etag=f'W/"{change_key(self._its.mailbox, name, after.revision)}"',
            row=self._shown.row(name, after) if shown else None,
            state=after if shown else None,
        )
