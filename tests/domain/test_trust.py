"""Whom a mailbox's owner trusts: whose letters are junk, and who may write in the owner's name."""

from dataclasses import replace
from typing import get_args

import pytest

from letterbook.domain import refusals
from letterbook.domain.mailbox import MailboxOpened
from letterbook.domain.people import EmailAddress
from letterbook.domain.trust import (
    AllowSending,
    BlockSender,
    ForbidSending,
    SenderBlocked,
    SenderUnblocked,
    SendingAllowed,
    SendingForbidden,
    SendingRight,
    Trust,
    TrustFact,
    UnblockSender,
)
from tests.domain.cast import ADDRESSLESS, ADELE, ALEX, EARLIER, MEGAN
from tests.domain.harness import given, tell

opened = MailboxOpened(on=EARLIER, owner=ALEX, folders=())
adele_blocked = SenderBlocked(on=EARLIER, address=ADELE.address)
adele_unblocked = SenderUnblocked(on=EARLIER, address=ADELE.address)
adele_allowed = SendingAllowed(on=EARLIER, delegate=ADELE, how=SendingRight.ON_BEHALF)
adele_promoted = SendingAllowed(on=EARLIER, delegate=ADELE, how=SendingRight.AS)
adele_forbidden = SendingForbidden(on=EARLIER, delegate=ADELE)

SHOUTED = EmailAddress(name="A.", address=ADELE.address.upper())


def test_a_sender_can_be_blocked_and_unblocked_in_any_case() -> None:
    given(opened).when(BlockSender(ADELE.address)).then(adele_blocked)
    given(opened, adele_blocked).when(BlockSender(SHOUTED.address)).then()
    given(opened, adele_blocked).when(UnblockSender(ADELE.address)).then(adele_unblocked)
    given(opened).when(UnblockSender(ADELE.address)).then()


def test_nobody_blocks_themselves() -> None:
    given(opened).when(BlockSender(ALEX.address.upper())).then()


def test_somebody_else_can_be_let_write_in_the_owners_name() -> None:
    given(opened).when(AllowSending(ADELE, SendingRight.ON_BEHALF)).then(adele_allowed)
    given(opened, adele_allowed).when(AllowSending(ADELE, SendingRight.AS)).then(adele_promoted)
    given(opened, adele_allowed).when(AllowSending(SHOUTED, SendingRight.ON_BEHALF)).then()


def test_the_owner_needs_no_right() -> None:
    given(opened).when(AllowSending(ALEX, SendingRight.AS)).then()


def test_nobody_can_be_let_who_has_no_address() -> None:
    given(opened).when(AllowSending(ADDRESSLESS, SendingRight.AS)).refused(refusals.AddressImpossible)


def test_a_right_can_be_taken_back() -> None:
    given(opened, adele_allowed).when(ForbidSending(ADELE)).then(adele_forbidden)
    given(opened).when(ForbidSending(ADELE)).then()
    given(opened, adele_allowed, adele_forbidden).when(ForbidSending(ADELE)).then()


STORIES: list[tuple[tuple[TrustFact, ...], Trust]] = [
    ((adele_blocked,), Trust(blocked=frozenset({ADELE.key}))),
    ((adele_blocked, adele_unblocked), Trust()),
    ((adele_allowed,), Trust(delegates={ADELE.key: SendingRight.ON_BEHALF})),
    ((adele_allowed, adele_promoted), Trust(delegates={ADELE.key: SendingRight.AS})),
    ((adele_allowed, adele_forbidden), Trust()),
]


@pytest.mark.parametrize(("past", "trust"), STORIES, ids=[type(past[-1]).__name__ for past, _ in STORIES])
def test_the_state_follows_from_the_past(past: tuple[TrustFact, ...], trust: Trust) -> None:
    assert tell(opened, *past) == replace(tell(opened), trust=trust)


def test_every_fact_has_a_meaning() -> None:
    assert {type(past[-1]) for past, _ in STORIES} == set(get_args(TrustFact))


def test_questions_are_answered_in_any_case() -> None:
    trust = tell(opened, adele_blocked, adele_allowed).trust
    assert trust.blocks(SHOUTED.address)
    assert trust.right_of(SHOUTED) is SendingRight.ON_BEHALF
    assert (trust.blocks(MEGAN.address), trust.right_of(MEGAN)) == (False, None)
