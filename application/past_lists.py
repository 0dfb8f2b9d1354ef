"""What lists held at every earlier position of a mailbox: the port, and who keeps it up to date.

Nothing of it is written when mail is: whoever first asks about the past has it caught up with the history,
and from then on only with what is new. It can be thrown away at any time and is made again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, cast
from uuid import UUID

from letterbook.application.ports import Head, Recorded, Session, Store
from letterbook.application.projection import row_of
from letterbook.application.querying import PageQuery, Where
from letterbook.application.rows import MessageRow
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.letter import BlobRef
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import Message, MessageFact

_SLICE = 1000
"""Events that are read and folded at once."""
_REMEMBERED = 20_000
"""Messages whose states are kept between two slices."""

NOTHING_YET = Head(0, b"")


class Turn(NamedTuple):
    """One position at which a message began to be shown differently; the rows have no ready answers."""

    seq: int
    message: UUID
    before: MessageRow | None
    after: MessageRow | None


class Found(NamedTuple):
    """A message of an earlier list: where it stood, and since which position it was shown as it was."""

    message: UUID
    since: int
    place: tuple[str | int, ...]


class PastLists(Protocol):
    """The lists of mailboxes at every position up to the one they have come to. Disposable."""

    def reached(self, mailbox: UUID) -> Head:
        """Up to which event they are right; ``NOTHING_YET`` if they never began."""

    def learn(self, mailbox: UUID, after: int, end: Head, turns: Iterable[Turn]) -> None:
        """Take in what happened behind the position ``after``; nothing, if they are elsewhere by now."""

    def forget(self, mailbox: UUID) -> None:
        """Begin anew."""

    def clear(self) -> None:
        """Begin anew with all of them; nothing of what they held is left in any file."""

    def page(self, mailbox: UUID, at: int, query: PageQuery) -> list[Found]:
        """The messages that a query asked for at a position, in its order."""

    def count(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""

    def names(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found, in no order."""

    def tallies(self, at: int, folders: Sequence[UUID]) -> list[tuple[int, int]]:
        """How many messages each of these folders held, and how many of them were unread."""

    def close(self) -> None:
        """Let go of files and connections."""


class Follower:
    """Keeps the lists of a store up to date, as far as somebody asks."""

    def __init__(self, store: Store, lists: PastLists) -> None:
        self._store = store
        self._lists = lists
        self._one = threading.Lock()
        self._checked: dict[UUID, int] = {}

    def has(self, mailbox: UUID, end: int) -> bool:
        """Whether the lists of a mailbox are known to be at ``end`` or behind it."""
        return self._checked.get(mailbox, 0) >= end

    def forget(self) -> None:
        """Look again how far the lists are."""
        self._checked.clear()

    def catch_up(self, mailbox: UUID, end: int) -> None:
        """Have the lists of a mailbox at ``end`` or behind it."""
        if self.has(mailbox, end):
            return
        with self._one:
            self._check(mailbox)
            states = _States(mailbox)
            while (reached := self._lists.reached(mailbox)).seq < end:
                self._step(mailbox, reached.seq, states)
            self._checked[mailbox] = reached.seq

    def _check(self, mailbox: UUID) -> None:
        """Lists of another history, such as one that a backup has replaced, are of no use."""
        reached = self._lists.reached(mailbox)
        if reached == NOTHING_YET:
            return
        with self._store.reading() as session:
            there = session.history.read(mailbox, reached.seq - 1, 1)
        if not there or there[0].hash != reached.hash:
            self._lists.forget(mailbox)

    def _step(self, mailbox: UUID, after: int, states: "_States") -> None:
        with self._store.reading() as session:
            news = session.history.read(mailbox, after, _SLICE)
            turns = list(states.turns(session, news))
        self._lists.learn(mailbox, after, Head(news[-1].seq, news[-1].hash), turns)


class _States:
    """The states of messages while their history is read on."""

    def __init__(self, mailbox: UUID) -> None:
        self._mailbox = mailbox
        self._owner: Mailbox | None = None
        self._known: OrderedDict[UUID, tuple[Message | None, MessageRow | None]] = OrderedDict()

    def turns(self, session: Session, news: Iterable[Recorded]) -> Iterator[Turn]:
        """What some events changed in the lists."""
        for each in news:
            if each.aggregate == self._mailbox:
                continue
            before, row = self._before(session, each)
            after = messages.evolve(before, cast(MessageFact, each.fact))
            shown = row if after is before else self._row(session, each.aggregate, after)
            self._keep(each.aggregate, after, shown)
            if after is not before and (row or shown):
                yield Turn(each.seq, each.aggregate, row, shown)

    def _before(self, session: Session, each: Recorded) -> tuple[Message | None, MessageRow | None]:
        if each.version == 1:
            return None, None
        if each.aggregate not in self._known:
            told = session.history.told(self._mailbox, each.aggregate, each.seq - 1)
            message = messages.fold(None, cast(list[MessageFact], told))
            self._keep(each.aggregate, message, self._row(session, each.aggregate, message))
        return self._known[each.aggregate]

    def _row(self, session: Session, name: UUID, message: Message | None) -> MessageRow | None:
        """How lists found and sorted a message; the answers themselves are made when they are asked for."""
        if message is None:
            return None
        row = row_of(self._mailbox, name, self._owned(session), message, _no_bytes)
        return row and row._replace(head=b"", beta=b"", body=b"", tail=b"")

    def _owned(self, session: Session) -> Mailbox:
        """The mailbox as it was opened: whose it is, which is all that rows need of it."""
        if self._owner is None:
            (first,) = session.history.read(self._mailbox, 0, 1)
            self._owner = mailboxes.evolve(None, cast(MailboxFact, first.fact))
        return self._owner

    def _keep(self, name: UUID, message: Message | None, row: MessageRow | None) -> None:
        self._known[name] = message, row
        self._known.move_to_end(name)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _no_bytes(_blob: BlobRef) -> bytes:
    """No list sorts by a body."""
    return b""
