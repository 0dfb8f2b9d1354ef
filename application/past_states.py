"""The states of messages while their history is read on: what changed in the lists from event to event."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, cast
from uuid import UUID

from letterbook.application.ports import Head, Recorded, Session
from letterbook.application.projection import bare_row_of, speaks_otherwise
from letterbook.application.rows import MessageRow
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.letter import BlobRef, Body
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import Message, MessageFact
from letterbook.domain.message.facts import Moved, ReadStateChanged

_AT_ONCE = 100
"""Events that are in memory at once with all that they say."""
_MILE = 64
"""Of so many events the time of one is kept, to find moments by."""
_REMEMBERED = 50_000
"""Messages whose states are kept between two slices."""

NOTHING_YET = Head(0, b"")


class Turn(NamedTuple):
    """One position at which a message began to be shown differently; the rows have no ready answers."""

    seq: int
    message: UUID
    before: MessageRow | None
    after: MessageRow | None
    revision: int = 1
    moves: int = 0
    said: int | None = 0
    """Since when nothing has changed but its folder and whether it was read: 0 is just now, ``None`` as long
    as that was so before."""
    reworded: bool = True
    """Whether a search may find it by other words, or at another place."""


class _Known(NamedTuple):
    """A message, how it was listed, and since when it says what it says, if that is known."""

    message: Message | None
    row: MessageRow | None
    said: int | None


class PastStates:
    """The states of messages while their history is read on, without the words of their bodies."""

    def __init__(self, mailbox: UUID) -> None:
        self._mailbox = mailbox
        self.head = NOTHING_YET
        self.times: list[tuple[int, datetime]] = []
        """When some of the events that were read last were recorded."""
        self._owner: Mailbox | None = None
        self._known: OrderedDict[UUID, _Known] = OrderedDict()

    def follows(self, mailbox: UUID, head: Head) -> bool:
        """Whether these are the states at the end of what was read."""
        return self._mailbox == mailbox and self.head == head

    def read_on(self, session: Session, head: Head, most: int) -> list[Turn]:
        """What the next events behind ``head`` changed in the lists."""
        turns: list[Turn] = []
        self.head, self.times, left = head, [], most
        while left and (news := session.history.read(self._mailbox, self.head.seq, min(left, _AT_ONCE))):
            turns += self._turns(session, news)
            self.times += [(each.seq, each.recorded_at) for each in news if each.seq % _MILE == 0]
            self.head, left = Head(news[-1].seq, news[-1].hash), left - len(news)
        return turns

    def _turns(self, session: Session, news: Iterable[Recorded]) -> Iterator[Turn]:
        """What some events changed in the lists."""
        for each in news:
            if each.aggregate == self._mailbox:
                continue
            before, row, said = self._before(session, each)
            after = messages.evolve(before, cast(MessageFact, each.fact))
            if after is before:
                continue
            shown = self._row(session, each.aggregate, after)
            if not isinstance(each.fact, Moved | ReadStateChanged):
                said = each.seq
            light = after if before and after.letter is before.letter else _lightened(after)
            self._keep(each.aggregate, _Known(light, shown, said))
            if row or shown:
                reworded = before is None or speaks_otherwise(before, after)
                yield Turn(each.seq, each.aggregate, row, shown, after.revision, after.moves, said, reworded)

    def _before(self, session: Session, each: Recorded) -> "_Known":
        if each.version == 1:
            return _Known(None, None, None)
        known = self._known.get(each.aggregate)
        if known is None:
            told = session.history.told(self._mailbox, each.aggregate, each.seq - 1)
            message = messages.fold(None, cast(list[MessageFact], told))
            known = _Known(message, self._row(session, each.aggregate, message), None)
        return known

    def _row(self, session: Session, name: UUID, message: Message | None) -> MessageRow | None:
        """How lists found and sorted a message; the answers themselves are made when they are asked for."""
        return bare_row_of(self._mailbox, name, self._owned(session), message)

    def _owned(self, session: Session) -> Mailbox:
        """The mailbox as it was opened: whose it is, which is all that rows need of it."""
        if self._owner is None:
            (first,) = session.history.read(self._mailbox, 0, 1)
            self._owner = mailboxes.evolve(None, cast(MailboxFact, first.fact))
        return self._owner

    def _keep(self, name: UUID, known: "_Known") -> None:
        self._known[name] = known
        self._known.move_to_end(name)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _lightened(message: Message) -> Message:
    """A message without what no list goes by, and that no later fact builds on."""
    letter = message.letter
    light = {"body": _wordless(letter.body), "to": (), "cc": (), "bcc": (), "reply_to": (), "headers": ()}
    return replace(message, letter=letter.model_copy(update=light))


def _wordless(body: Body) -> Body:
    """A body that only knows how long it is."""
    return body if body.content is None else _of_size(len(body.content))


@lru_cache(maxsize=4096)
def _of_size(size: int) -> Body:
    return Body.model_construct(content=None, blob=BlobRef.model_construct(sha256="", size=size))
