"""Whom the owner of a mailbox trusts: whose letters are junk, and who may write in the owner's name.

Part of the Mailbox. Read it from top to bottom: facts, state, commands, rules, fold. The stored names of the
facts *are* the storage format. Never rename one, never change what one means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.people import EmailAddress

# --- Facts -----------------------------------------------------------------------------------------


class SendingRight(StrEnum):
    """How somebody else may write in the owner's name (Graph: outlook-send-mail-from-other-user)."""

    AS = "sendAs"
    ON_BEHALF = "sendOnBehalf"


class SenderBlocked(Fact, stored_as="mailbox.sender-blocked.v1"):
    """The owner wants nothing from an address: what it sends is junk."""

    address: str


class SenderUnblocked(Fact, stored_as="mailbox.sender-unblocked.v1"):
    """What an address sends is no longer junk because of who sent it."""

    address: str


class SendingAllowed(Fact, stored_as="mailbox.sending-allowed.v1"):
    """Somebody else may write in the owner's name: as the owner, or on the owner's behalf."""

    delegate: EmailAddress
    how: SendingRight


class SendingForbidden(Fact, stored_as="mailbox.sending-forbidden.v1"):
    """Somebody else may no longer write in the owner's name."""

    delegate: EmailAddress


TrustFact = SenderBlocked | SenderUnblocked | SendingAllowed | SendingForbidden

# --- State -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trust:
    """Blocked addresses, and the rights of delegates by address, both without regard to case."""

    blocked: frozenset[str] = frozenset()
    delegates: Mapping[str, SendingRight] = field(default_factory=dict)

    def blocks(self, address: str) -> bool:
        """Whether what comes from this address is junk."""
        return address.casefold() in self.blocked

    def right_of(self, person: EmailAddress) -> SendingRight | None:
        """How somebody else may write in the owner's name, if at all."""
        return self.delegates.get(person.key)


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlockSender:
    """Take everything from an address for junk."""

    address: str


@dataclass(frozen=True, slots=True)
class UnblockSender:
    """Take nothing from an address for junk only because of who sent it."""

    address: str


@dataclass(frozen=True, slots=True)
class AllowSending:
    """Let somebody else write in the owner's name."""

    delegate: EmailAddress
    how: SendingRight


@dataclass(frozen=True, slots=True)
class ForbidSending:
    """Let somebody else no longer write in the owner's name."""

    delegate: EmailAddress


TrustCommand = BlockSender | UnblockSender | AllowSending | ForbidSending

# --- Rules -----------------------------------------------------------------------------------------


def decide(trust: Trust, owner: EmailAddress, ask: TrustCommand, on: Occasion) -> tuple[TrustFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case BlockSender():
            return _block(trust, owner, ask, on)
        case UnblockSender():
            return (SenderUnblocked(on=on, address=ask.address),) if trust.blocks(ask.address) else ()
        case AllowSending():
            return _allow(trust, owner, ask, on)
        case ForbidSending():
            known = trust.right_of(ask.delegate) is not None
            return (SendingForbidden(on=on, delegate=ask.delegate),) if known else ()
        case _:
            assert_never(ask)


def _block(trust: Trust, owner: EmailAddress, ask: BlockSender, on: Occasion) -> tuple[TrustFact, ...]:
    """Anybody can be blocked but the owner."""
    if trust.blocks(ask.address) or ask.address.casefold() == owner.key:
        return ()
    return (SenderBlocked(on=on, address=ask.address),)


def _allow(trust: Trust, owner: EmailAddress, ask: AllowSending, on: Occasion) -> tuple[TrustFact, ...]:
    """Somebody has one right at a time, the last that was given; the owner needs none."""
    if not ask.delegate.deliverable:
        raise refusals.AddressImpossible(ask.delegate.address)
    if ask.delegate.same_as(owner) or trust.right_of(ask.delegate) == ask.how:
        return ()
    return (SendingAllowed(on=on, delegate=ask.delegate, how=ask.how),)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(trust: Trust, fact: TrustFact) -> Trust:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case SenderBlocked():
            return replace(trust, blocked=trust.blocked | {fact.address.casefold()})
        case SenderUnblocked():
            return replace(trust, blocked=trust.blocked - {fact.address.casefold()})
        case SendingAllowed():
            rights = {**trust.delegates, fact.delegate.key: fact.how}
            return replace(trust, delegates=MappingProxyType(rights))
        case SendingForbidden():
            left = {key: how for key, how in trust.delegates.items() if key != fact.delegate.key}
            return replace(trust, delegates=MappingProxyType(left))
        case _:
            assert_never(fact)
