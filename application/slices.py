"""A mailbox's history, slice by slice, as the rows that the views show in the end."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from letterbook.application.ports import FreshRow, Session
from letterbook.application.projection import row_of
from letterbook.application.redrawing import Redrawing
from letterbook.application.rows import Count, MessageRow
from letterbook.application.searching import row_wording
from letterbook.application.showing import ReadBlob
from letterbook.application.troubles import StoreDamaged
from letterbook.domain import message as messages
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.message import Message, MessageFact
from letterbook.domain.message.retelling import Written, made, retell

_EVENTS = 8000
"""Events that are read and folded at once."""
_ROWS = 2048
"""Rows that are written at once: other writers wait for them."""
_LARGE = 8 * 1024 * 1024
"""Bytes of rows that end a slice early, so that large letters need no more memory than small ones."""


class Slices:
    """What a mailbox held at position ``end``; each message is drawn once, as it was then."""

    def __init__(self, mailbox: UUID, end: int, owner: Mailbox, read_blob: ReadBlob, words: bool) -> None:
        self.all_read = False
        self.events = 0
        """How many the last slice took."""
        self.counts: dict[UUID, Count] = {}
        """What the folders hold of the messages read so far."""
        self._mailbox = mailbox
        self._end = end
        self._owner = owner
        self._read_blob = read_blob
        self._words = words
        self._redrawing = Redrawing(mailbox, owner, words=words)
        self._last: UUID | None = None
        self._read = 0

    def read(self, session: Session) -> list[FreshRow]:
        """The rows of the next slice."""
        rows: list[FreshRow] = []
        self.events = size = 0
        self.all_read = True
        for name, story in session.history.stories_as_written(self._mailbox, self._end, self._last):
            self._last = name
            self.events += len(story)
            if name != self._mailbox and (row := self._row(session, name, story)):
                rows.append(row)
                size += len(row[0].body) + len(row[0].tail)
            if self.events >= _EVENTS or len(rows) >= _ROWS or size >= _LARGE:
                self.all_read = False
                break
        self._read += self.events
        return rows

    def check_whole(self) -> None:
        """Each position is there once, so as many sealed events as there are positions are all of them."""
        if missing := self._end - self._read:
            raise StoreDamaged(f"of the {self._end} events of mailbox {self._mailbox}, {missing} are missing")

    def _row(self, session: Session, name: UUID, story: Sequence[Written]) -> FreshRow | None:
        try:
            return self._retold(session, name, story)
        except (KeyError, TypeError, AttributeError, ValueError):  # nobody ever wrote such facts
            return self._shown(name, self._told(session, name))

    def _retold(self, session: Session, name: UUID, story: Sequence[Written]) -> FreshRow | None:
        state = retell(story)
        if state is None:
            return self._shown(name, self._told(session, name))
        if state["folder"] is None:
            return None
        drawn = self._redrawing.draw(name, state)
        if drawn is None:
            return self._shown(name, made(state))
        self._count(drawn[0])
        return drawn

    def _shown(self, name: UUID, message: Message) -> FreshRow | None:
        """The same as the live views show it."""
        row = row_of(self._mailbox, name, self._owner, message, self._read_blob)
        if row is None:
            return None
        self._count(row)
        return row, row_wording(row) if self._words else None

    def _count(self, row: MessageRow) -> None:
        add(self.counts, (Count(row.folder, 1, 1 - row.is_read),))

    def _told(self, session: Session, name: UUID) -> Message:
        """A message to which something happened that only the fold tells."""
        facts = session.history.told(self._mailbox, name, self._end)
        message = messages.fold(None, cast(Iterable[MessageFact], facts))
        assert message is not None, "an aggregate has at least one fact"
        return message


def add(counts: dict[UUID, Count], more: Iterable[Count]) -> None:
    """Count more."""
    for count in more:
        known = counts.get(count.folder)
        counts[count.folder] = known + count if known else count
