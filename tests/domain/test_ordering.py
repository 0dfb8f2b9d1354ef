"""Whoever orders that something is kept, or forgotten for good, is somebody."""

import pytest

from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.holds import HoldPlaced, NoteRefusal, PlaceHold, ReleaseHold, Removal
from letterbook.domain.mailbox import EraseOwner, MailboxCommand, MailboxFact, MailboxOpened
from letterbook.domain.message import Erase
from letterbook.domain.people import check_ordered
from letterbook.domain.retention import ClearRetention, RetentionAction, RetentionSet, SetRetention
from tests.domain.cast import ALEX, EARLIER, NOW, begun, erased, numbered

WHY = "Article 17, request 4711"
CASE, BIN = numbered(40), numbered(41)

opened = MailboxOpened(on=EARLIER, owner=ALEX, folders=())
held = HoldPlaced(on=EARLIER, hold_id=CASE, name="Fabrikam", why=WHY)
kept = RetentionSet(on=EARLIER, folder=BIN, days=30, action=RetentionAction.DELETE)

SOMEBODY = ["danas@contoso.com", "app:0f4c2a4e", "system:retention"]
NOBODY = [
    "",
    " ",
    "nobody at all",
    "dana",
    "Dana <danas@contoso.com>",
    "app:",
    "system:",
    "system:a b",
    "app:\x1b",
]


def by(actor: str) -> Occasion:
    """Now, on the order of somebody."""
    return NOW.model_copy(update={"actor": actor})


def decided(past: tuple[MailboxFact, ...], ask: MailboxCommand, actor: str) -> tuple[Fact, ...]:
    """What follows for a mailbox."""
    return mailboxes.decide(mailboxes.fold(None, past), ask, by(actor))


@pytest.mark.parametrize("actor", SOMEBODY)
def test_an_address_or_a_program_is_somebody(actor: str) -> None:
    check_ordered(by(actor))


@pytest.mark.parametrize("actor", NOBODY)
def test_anything_else_is_nobody(actor: str) -> None:
    with pytest.raises(refusals.OrderedByNobody):
        check_ordered(by(actor))


@pytest.mark.parametrize(
    ("past", "ask"),
    [
        ((opened,), PlaceHold(CASE, "Fabrikam", WHY)),
        ((opened, held), ReleaseHold(CASE, WHY)),
        ((opened, kept), SetRetention(BIN, 30, RetentionAction.DELETE)),
        ((opened, kept), ClearRetention(BIN)),
        ((opened,), EraseOwner(WHY)),
    ],
    ids=["hold", "release", "retention", "no retention", "all of it"],
)
def test_nobody_orders_a_mailbox_what_to_keep(past: tuple[MailboxFact, ...], ask: MailboxCommand) -> None:
    with pytest.raises(refusals.OrderedByNobody):
        decided(past, ask, "nobody at all")


@pytest.mark.parametrize("past", [(begun,), (begun, erased)])
def test_nobody_orders_a_message_to_be_erased(past: tuple[messages.MessageFact, ...]) -> None:
    """Nor one that was erased."""
    with pytest.raises(refusals.OrderedByNobody):
        messages.decide(messages.fold(None, past), Erase(WHY), by(""))


def test_that_somebody_was_refused_is_written_down_whoever_it_was() -> None:
    """It is no order of theirs: tokens may name people otherwise."""
    note = NoteRefusal(None, Removal.ERASE, (CASE,))
    (noted,) = decided((opened, held), note, "an-id-of-a-token")
    assert noted.on.actor == "an-id-of-a-token"
