"""Earlier lists told from those of now: what has changed since is put back, and nothing is written.

So a question about a mailbox whose past nobody has taken in costs what happened since, and not what happened
before. A glance is kept for the next pages of the same answer; :mod:`past_lists` is for those who come often.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import cast
from uuid import UUID

from letterbook.application import past_search
from letterbook.application.matching import finds, holds
from letterbook.application.moments import microseconds
from letterbook.application.past_lists import Follower, Found, Present, Progress
from letterbook.application.past_search import Batch, is_behind
from letterbook.application.ports import Session
from letterbook.application.projection import BEYOND, bare_row_of
from letterbook.application.querying import (
    All,
    Among,
    Compare,
    Field,
    Is,
    Key,
    Marked,
    Outside,
    PageQuery,
    Where,
    sort_value,
)
from letterbook.application.rows import MessageRow
from letterbook.application.searching import Both, HitQuery, SearchQuery, Without, whole_groups, wording
from letterbook.application.troubles import StoreDamaged
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.mailbox import Mailbox, MailboxFact, well_known_id
from letterbook.domain.message import MessageFact

_SLICE = 4000
"""Events that are looked at between two words of progress."""
_SOON = 4000
"""Events that are taken in before anybody thinks of a glance: less than half a second."""
_WORTH_IT = 10
"""So many events are looked at in the time in which one is taken in."""
_FEW = 200
"""Events that are looked at while others wait: less than a fiftieth of a second."""
_MOST = 1_000_000
"""Events that are looked at for one glance: their names are remembered, some 100 bytes each."""
_MOST_PUT_BACK = 50_000
"""Messages that are put back for one glance; where there are more, the past is taken in."""
_KEPT = 4
"""Glances that are kept for the next question."""

_UNREAD = Compare(Field.IS_READ, Is.EQUAL, False)


class TooMuch(Exception):
    """So much has changed since that taking the past in is no more work."""


class Glance:
    """The lists of a mailbox at one position, for whoever is :meth:`looking`."""

    def __init__(self, mailbox: UUID, at: int) -> None:
        self._mailbox = mailbox
        self._at = at
        self.looked_to = at
        """The position up to which it knows what has changed since."""
        self._since: set[bytes] = set()
        self._then: dict[UUID, MessageRow] = {}
        self._session: Session | None = None
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether somebody is looking."""
        return self._lock.locked()

    @contextmanager
    def looking(self, session: Session, progress: Progress) -> Iterator["Glance"]:
        """One at a time, of one moment of the store: what has happened up to that is put back first.

        Raises :class:`TooMuch` if it is.
        """
        with self._lock:
            self._session = session
            try:
                self._look(session, session.views.position(self._mailbox), progress)
                yield self
            finally:
                self._session = None

    def _look(self, session: Session, now: int, progress: Progress) -> None:
        owner = _owner(session, self._mailbox)
        total = now - self._at
        while self.looked_to < now:
            limit = min(_SLICE, now - self.looked_to)
            touched = session.history.touched(self._mailbox, self.looked_to, limit)
            if len(touched) != limit:
                raise StoreDamaged(f"some of what happened in mailbox {self._mailbox} is missing")
            for name, version in touched:
                if name not in self._since:
                    self._put_back(session, owner, name, version)
            self.looked_to += limit
            progress(self.looked_to - self._at, total)

    def _put_back(self, session: Session, owner: Mailbox, name: bytes, version: int) -> None:
        """A message that first changed with a version, as it was before."""
        message = UUID(bytes=name)
        if version > 1 and message != self._mailbox:
            if len(self._then) >= _MOST_PUT_BACK:
                raise TooMuch
            told = session.history.told(self._mailbox, message, self._at)
            if len(told) != version - 1:
                raise StoreDamaged(f"some of what happened to {message} is missing")
            state = messages.fold(None, cast(list[MessageFact], told))
            row = bare_row_of(self._mailbox, message, owner, state)
            if row:
                self._then[message] = row
        self._since.add(name)

    # -- asking: as the lists that were taken in are asked, of this mailbox and this position --

    def page(self, mailbox: UUID, at: int, query: PageQuery, now: int = 0) -> list[Found]:
        """The messages that a query asked for; what has lasted is known: it has looked at all since."""
        del at, now
        wanted = query.skip + query.top
        still = replace(query, where=self._unchanged(query.where), top=wanted, skip=0, bodies=False)
        found = [Found(leaf.name, 0, True, leaf.place) for leaf in self._asked.views.page(mailbox, still)]
        found += self._put_back_on(query)
        found.sort(key=_name, reverse=query.order[0].descending)
        for place, order in reversed(list(enumerate(query.order))):
            found.sort(key=partial(_place, place), reverse=order.descending)
        return [self._dated(each) for each in found[query.skip : wanted]]

    def count(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""
        del at
        unchanged = self._asked.views.count(mailbox, folder, self._unchanged(where))
        return unchanged + len(self._rows(folder, where))

    def names(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found, in no order."""
        del at
        unchanged = self._asked.views.names(mailbox, folder, self._unchanged(where))
        return unchanged + [row.message for row in self._rows(folder, where)]

    def search(self, mailbox: UUID, at: int, query: SearchQuery, now: Present) -> list[Found]:
        """What a search found: by the index of now, and of what has changed since, one by one."""
        del at
        changed = list(self._put_back_of_search(query, now))
        asks = (partial(self._still_said, mailbox, query), partial(_at_once, changed))
        return [self._dated(each) for each in past_search.page(asks, query)]

    def _still_said(self, mailbox: UUID, query: SearchQuery, until: int, limit: int) -> Batch:
        """What nothing has happened to since."""
        parts = query.sought.of if isinstance(query.sought, Both) else (query.sought,)
        beyond = Among(Key.FOLDER, (well_known_id(mailbox, BEYOND),))
        where = Among(Key.FOLDER, (query.folder,)) if query.folder else Without(beyond)
        sought = Both((*parts, where, Outside(self._since)))
        hits = self._asked.views.hits(mailbox, HitQuery(sought=sought, until=until, limit=limit))
        told, rest = whole_groups(hits, limit)
        return Batch([Found(hit.name, 0, True, (hit.sent_at,)) for hit in told], rest)

    def _put_back_of_search(self, query: SearchQuery, now: Present) -> Iterator[Found]:
        """What has changed since, looked at as it was then; by its words, if nothing else tells it apart."""
        parts = query.sought.of if isinstance(query.sought, Both) else (query.sought,)
        wordless = [part for part in parts if isinstance(part, Compare | Marked | Among)]
        for bare in self._rows(query.folder, None):
            found = Found(bare.message.bytes, 0, False, (microseconds(bare.sent_at),))
            if is_behind(found, query.after) and all(holds(bare, part) for part in wordless):
                row = now.then(bare.message)
                if row and finds(row, wording(row), query.sought):
                    yield found

    def tallies(self, mailbox: UUID, at: int, folders: Sequence[UUID]) -> list[tuple[int, int]]:
        """How many messages each of these folders held, and how many of them were unread."""
        return [
            (
                self.count(mailbox, at, folder, None),
                self.count(mailbox, at, folder, _UNREAD),
            )
            for folder in folders
        ]

    @property
    def _asked(self) -> Session:
        assert self._session is not None, "whoever asks is looking"
        return self._session

    def _unchanged(self, where: Where | None) -> Where:
        outside = Outside(self._since)
        return outside if where is None else All((where, outside))

    def _rows(self, folder: UUID | None, where: Where | None) -> list[MessageRow]:
        """What has changed since, as it was then."""
        return [
            row
            for row in self._then.values()
            if (row.in_mailbox if folder is None else row.folder == folder)
            and (where is None or holds(row, where))
        ]

    def _put_back_on(self, query: PageQuery) -> Iterator[Found]:
        for row in self._rows(query.folder, query.where):
            each = Found(
                row.message.bytes, 0, False, tuple(sort_value(row, order.by) for order in query.order)
            )
            if query.after is None or _is_behind(each, query):
                yield each

    def _dated(self, found: Found) -> Found:
        """With the position since which it was shown so, where somebody has to know."""
        if found.lasts:
            return found
        told = self._asked.history.of(self._mailbox, found.message)
        return found._replace(since=max(each.seq for each in told if each.seq <= self._at))


def _at_once(found: list[Found], until: int, limit: int) -> Batch:
    """All that is found, whoever asks for how much."""
    del until, limit
    return Batch(found, None)


def _name(found: Found) -> bytes:
    return found.name


def _place(place: int, found: Found) -> str | int:
    return found.place[place]


def _is_behind(found: Found, query: PageQuery) -> bool:
    assert query.after is not None, "only where pages follow one another"
    here, there = (*found.place, found.name), (*query.after.values, query.after.message.bytes)
    return here < there if query.order[0].descending else here > there


def _owner(session: Session, mailbox: UUID) -> Mailbox:
    (first,) = session.history.read(mailbox, 0, 1)
    return mailboxes.evolve(None, cast(MailboxFact, first.fact))


class Glances:
    """The glances that were cast last; and whether it is worth while to cast one."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[UUID, int], Glance] = OrderedDict()
        self._spent: dict[UUID, int] = {}

    def forget(self) -> None:
        """Something was erased: believe nothing that was told before."""
        with self._lock:
            self._kept.clear()

    def give_up(self, mailbox: UUID, at: int) -> None:
        """It is too much: take in the past of this mailbox."""
        with self._lock:
            self._kept.pop((mailbox, at), None)
            self._spent[mailbox] = _MOST * _WORTH_IT

    def has(self, mailbox: UUID, at: int, now: int) -> bool:
        """Whether there is one that has no more than a few hundred events to look at."""
        glance = self._kept.get((mailbox, at))
        return glance is not None and not glance.is_busy and now - glance.looked_to <= _FEW

    def cast(self, session: Session, mailbox: UUID, at: int) -> Glance | None:
        """A glance, unless the lists are there, or as soon made; that they are wanted is remembered."""
        now = session.views.position(mailbox)
        if self._follower.has(mailbox, at) or not now:
            return None
        is_new = (mailbox, at) not in self._kept
        reached = (
            self._reached(mailbox) if is_new else 0
        )  # asked while no lock is held: others may wait for both
        with self._lock:
            known = self._kept.get((mailbox, at))
            if known is None and not self._is_worth_it(mailbox, now - at, at - reached):
                return None
            self._follower.wanted.add(mailbox)
            glance = known or Glance(mailbox, at)
            self._kept[mailbox, at] = glance
            self._kept.move_to_end((mailbox, at))
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return glance

    def _reached(self, mailbox: UUID) -> int:
        return self._follower.reached(mailbox) if self._follower.has_begun() else 0

    def _is_worth_it(self, mailbox: UUID, ahead: int, behind: int) -> bool:
        """What was spent on glances before counts: all in all they are no more work than taking it all in."""
        spent = self._spent.get(mailbox, 0) + ahead
        if behind <= _SOON or ahead > _MOST or spent > _WORTH_IT * behind:
            return False
        self._spent[mailbox] = spent
        return True
