"""A message drawn from the fields of its facts looks as it does to whoever sees it live."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from letterbook.adapters.binding import blob
from letterbook.adapters.views.tables import message_values
from letterbook.application.projection import row_of
from letterbook.application.redrawing import Redrawing
from letterbook.application.searching import row_wording
from letterbook.domain import mailbox as mailboxes
from letterbook.domain.letter import BlobRef, Body, Header, Letter, write_body
from letterbook.domain.mailbox import Mailbox, MailboxOpened
from letterbook.domain.message import MessageFact, fold
from letterbook.domain.message.retelling import retell
from tests.domain import cast
from tests.domain.test_retelling import EVERYTHING_SAID, stories, written

NAME = cast.numbered(77)
OPENED = MailboxOpened(on=cast.EARLIER, owner=cast.ALEX, folders=())


@pytest.fixture
def owner() -> Mailbox:
    found = mailboxes.fold(None, [OPENED])
    assert found is not None
    return found


def no_blob(_ref: BlobRef) -> bytes:
    return b"Long story. "


def check(owner: Mailbox, *story: MessageFact) -> bool:
    """Whether it is drawn from its fields; if so, as it is drawn from its state."""
    state = retell(written(story))
    if state is None or state["folder"] is None:
        return False
    drawn = Redrawing(cast.MAILBOX, owner, words=True).draw(NAME, state)
    if drawn is None:
        return False
    message = fold(None, story)
    assert message is not None
    row = row_of(cast.MAILBOX, NAME, owner, message, no_blob)
    assert row is not None
    home = blob(cast.MAILBOX.bytes)
    assert drawn[0] == row
    assert message_values(home, drawn[0]) == message_values(home, row)
    assert drawn[1] == row_wording(row)
    return True


def test_every_short_story_looks_the_same(owner: Mailbox) -> None:
    assert sum(check(owner, *story) for story in stories()) > 140


LETTERS = (
    Letter(),
    Letter(subject="", body=Body(), to=()),
    Letter(body=write_body("text", "1 < 2 & 3\r\n")),
    Letter(body=write_body("html", "<p>会議は<b>9時</b>から</p>&nbsp;")),
    Letter(body=write_body("html", "<html><head><style>p {}</style></head><body>Ünal</body></html>")),
    EVERYTHING_SAID.model_copy(update={"properties": ()}),
    Letter(author=cast.ALEX, sender=cast.MEGAN, cc=(cast.ADDRESSLESS,)),
    Letter(author=cast.SAMANTHA, sender=cast.SAMANTHA_IN_CAPITALS),
    Letter(author=None, sender=None, delivery_receipt=None),
    Letter(headers=(Header(name="X-Spam", value="no"),)),
)


@pytest.mark.parametrize("letter", LETTERS)
def test_whatever_is_usual_is_drawn_from_its_fields(owner: Mailbox, letter: Letter) -> None:
    begun = cast.begun.model_copy(update={"letter": letter})
    received = cast.received.model_copy(update={"letter": letter, "attachments": ()})
    mentioned = cast.samantha_mentioned.model_copy(update={"mentioned": cast.ALEX})
    assert check(owner, begun)
    assert check(owner, begun, mentioned, cast.samantha_mentioned, cast.thrown_further)
    assert check(owner, begun, cast.rewritten, cast.samantha_mentioned, cast.sent)
    assert check(owner, received, cast.marked_read, cast.archived)


@pytest.mark.parametrize(
    "unusual",
    [
        Letter(body=Body(kind="html", content=None, blob=BlobRef(sha256="0" * 64, size=12))),
        Letter(headers=(Header(name="List-Unsubscribe", value="<mailto:leave@contoso.com>"),)),
        EVERYTHING_SAID,
    ],
)
def test_whatever_is_unusual_is_not(owner: Mailbox, unusual: Letter) -> None:
    assert not check(owner, cast.begun.model_copy(update={"letter": unusual}))
    for fact in (cast.menu_attached, cast.flagged, cast.filed):
        assert not check(owner, cast.begun, fact)


@pytest.mark.parametrize(
    ("moment", "is_usual"),
    [
        (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(1, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 1, 5, 9, 30, 0, 500000, tzinfo=UTC), True),
        (datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=2))), False),
    ],
)
def test_moments_are_told_alike(owner: Mailbox, moment: datetime, is_usual: bool) -> None:
    assert check(owner, cast.begun.model_copy(update={"sent_at": moment})) == is_usual
