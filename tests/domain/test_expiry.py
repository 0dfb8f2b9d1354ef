"""A message has been kept as long as its folder says: from when it was received, or thrown away."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from letterbook.domain.expiry import came_there, is_due, is_thrown_away
from letterbook.domain.facts import Fact
from letterbook.domain.message import MessageFact, Moved, ReadStateChanged
from tests.domain.cast import ARCHIVE, BEYOND, BIN, EARLIER, INBOX, archived, received, thrown_away
from tests.domain.harness import tell
from tests.domain.test_mailbox import opened

DAY = timedelta(days=1)
AT = EARLIER.at


def after(days: int, fact: MessageFact) -> MessageFact:
    """The same, some days later."""
    return fact.model_copy(update={"on": fact.on.model_copy(update={"at": AT + days * DAY})})


def unheard() -> Iterable[Fact]:
    """The story of a message about which nothing needs to be told."""
    raise AssertionError("nobody had to ask")


def due(past: tuple[MessageFact, ...], until: datetime, folder: UUID | None = None) -> bool:
    """Whether a message with this past goes from the folder that it is in."""
    message = tell(*past)
    where = message.folder if folder is None else folder
    binned = is_thrown_away(tell(opened), where)
    return is_due(message, where, until, lambda: past, thrown_away=binned)


@pytest.mark.parametrize(("folder", "away"), [(INBOX, False), (ARCHIVE, False), (BIN, True), (BEYOND, True)])
def test_what_is_in_deleted_items_or_beyond_was_thrown_away(folder: UUID, away: bool) -> None:
    assert is_thrown_away(tell(opened), folder) is away


def test_the_days_count_from_when_it_was_received_wherever_it_went() -> None:
    past = (received, after(5, archived))
    assert due(past, AT)
    assert not due(past, AT - timedelta(microseconds=1))


def test_what_was_thrown_away_is_kept_from_then_on() -> None:
    past = (received, after(5, thrown_away))
    assert not due(past, AT + 4 * DAY)
    assert due(past, AT + 5 * DAY)


def test_what_happened_to_it_there_does_not_keep_it_longer() -> None:
    past = (received, after(5, thrown_away), after(9, ReadStateChanged(on=EARLIER, is_read=True)))
    assert came_there(past) == AT + 5 * DAY
    assert due(past, AT + 5 * DAY)


def test_what_came_back_and_went_again_counts_anew() -> None:
    past = (received, after(1, thrown_away), after(2, Moved(on=EARLIER, folder=INBOX)), after(6, thrown_away))
    assert came_there(past) == AT + 6 * DAY
    assert not due(past, AT + 5 * DAY)


def test_what_is_elsewhere_by_now_or_nowhere_stays() -> None:
    assert not due((received,), AT + DAY, ARCHIVE)
    assert not is_due(None, INBOX, AT, unheard, thrown_away=False)


def test_the_story_is_asked_only_where_it_matters() -> None:
    message = tell(received, after(5, archived))
    assert is_due(message, ARCHIVE, AT, unheard, thrown_away=False)
    assert is_due(tell(received, thrown_away), BIN, AT + DAY, unheard, thrown_away=True)
