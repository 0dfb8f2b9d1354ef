"""Which holds are on a message.

What a search of a hold finds is held, and so is what it would have found at any time before: a message keeps
all that it ever said, and nobody gets rid of that by writing something else over it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import cast
from uuid import UUID

from letterbook.application.matching import finds
from letterbook.application.projection import row_of
from letterbook.application.rows import MessageRow
from letterbook.application.searching import Both, Sought, Wording, wording
from letterbook.application.showing import ReadBlob
from letterbook.domain import message as messages
from letterbook.domain.facts import Fact
from letterbook.domain.holds import HoldPlaced
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.message import ErasedMessage, Message, MessageFact

ReadSearch = Callable[[str, datetime], Sought]
"""The question in a text, as it was meant at a moment; raises ``ValueError`` if it cannot be read."""

EVERYTHING: Sought = Both(())
_NOWHERE = UUID(int=0)


@dataclass(frozen=True)
class Life:
    """All that a message ever was: its facts, and what they are looked at with."""

    owner: Mailbox
    mailbox: UUID
    name: UUID
    facts: Iterable[Fact]
    read_search: ReadSearch
    read_blob: ReadBlob

    def holds(self) -> tuple[UUID, ...]:
        """The holds that are on it."""
        return tuple(hold.hold_id for hold in self.owner.keeping.holds.placed.values() if self._is_held(hold))

    def _is_held(self, hold: HoldPlaced) -> bool:
        sought = self._sought(hold)
        return sought == EVERYTHING or any(finds(row, said, sought) for row, said in self._shown)

    def _sought(self, hold: HoldPlaced) -> Sought:
        """What a hold looks for. A search that nobody can read any more holds everything."""
        try:
            return EVERYTHING if hold.search is None else self.read_search(hold.search, hold.on.at)
        except ValueError:
            return EVERYTHING

    @cached_property
    def _shown(self) -> list[tuple[MessageRow, Wording]]:
        """Every version of it, as a search looks at it."""
        return [(row, wording(row)) for row in map(self._row, self._versions())]

    def _versions(self) -> Iterator[Message]:
        message: Message | None = None
        for fact in self.facts:
            message = messages.evolve(message, cast(MessageFact, fact))
            if not isinstance(message, ErasedMessage):
                yield message

    def _row(self, message: Message) -> MessageRow:
        placed = message if message.folder else replace(message, folder=_NOWHERE)
        row = row_of(self.mailbox, self.name, self.owner, placed, self.read_blob)
        assert row is not None, "it is in a folder"
        return row


def unread(_text: str, _at: datetime) -> Sought:
    """Where nobody reads searches, every hold holds everything."""
    raise ValueError("nobody reads searches here")
