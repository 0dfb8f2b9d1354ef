"""When a message has been kept as long as its folder says.

The days count from when it was received (a draft: begun), as in Exchange, wherever it is by now. What was
thrown away can be fetched back for as long as the folder says: in Deleted Items, and beyond, they count from
when it came there.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from letterbook.domain.facts import Fact
from letterbook.domain.folders import CLOSED
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.message import Message, MessageFact, evolve

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def is_thrown_away(home: Mailbox, folder: UUID) -> bool:
    """Whether a folder holds what somebody threw away: it is in Deleted Items, or beyond."""
    return home.folder(folder).well_known == CLOSED or home.is_discarded(folder)


def is_due(
    message: Message | None,
    folder: UUID,
    until: datetime,
    story: Callable[[], Iterable[Fact]],
    *,
    thrown_away: bool,
) -> bool:
    """Whether a message goes from a folder in which what counts until a moment goes.

    ``story`` tells all that happened to it; it is asked only where that matters.
    """
    if message is None or message.folder != folder or message.received_at > until:
        return False
    if not thrown_away or message.modified_at <= until:
        return True
    return came_there(story()) <= until


def came_there(story: Iterable[Fact]) -> datetime:
    """When a message came into the folder that it is in."""
    folder, came = None, _NEVER
    message: Message | None = None
    for fact in story:
        message = evolve(message, cast(MessageFact, fact))
        if message.folder != folder:
            folder, came = message.folder, fact.on.at
    return came
