"""Overrides of the focused inbox: whose letters are always shown as focused, or always as other."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion, Value
from letterbook.domain.letter import Inference
from letterbook.domain.named import one_of, put, without
from letterbook.domain.people import EmailAddress

# --- Facts -----------------------------------------------------------------------------------------


class Override(Value):
    """How letters of one sender are classified from now on."""

    id: UUID
    sender: EmailAddress
    classify_as: Inference


class OverrideSet(Fact, stored_as="mailbox.override-set.v1"):
    """The owner said where letters of a sender belong, or said it anew."""

    override: Override


class OverrideRemoved(Fact, stored_as="mailbox.override-removed.v1"):
    """The owner has no more to say about letters of a sender."""

    override_id: UUID


OverrideFact = OverrideSet | OverrideRemoved

# --- State -----------------------------------------------------------------------------------------

Overrides = Mapping[UUID, Override]


def about(known: Overrides, sender: EmailAddress) -> Override | None:
    """What was said about letters of a sender, however the address is written."""
    return next((each for each in known.values() if each.sender.same_as(sender)), None)


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetOverride:
    """Say where letters of a sender belong; ``override_id`` is the name of a new override."""

    override_id: UUID
    sender: EmailAddress
    classify_as: Inference


@dataclass(frozen=True, slots=True)
class Reclassify:
    """Change what an override says."""

    override_id: UUID
    classify_as: Inference


@dataclass(frozen=True, slots=True)
class RemoveOverride:
    """Take an override away."""

    override_id: UUID


OverrideCommand = SetOverride | Reclassify | RemoveOverride

# --- Rules -----------------------------------------------------------------------------------------

MOST_OVERRIDES = 1000
"""Overrides of one mailbox (Graph: *Create override*)."""


def decide(known: Overrides, ask: OverrideCommand, on: Occasion) -> tuple[OverrideFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case SetOverride():
            return _set(known, ask, on)
        case Reclassify():
            override = one_of(known, ask.override_id)
            return _put(known, override.model_copy(update={"classify_as": ask.classify_as}), on)
        case RemoveOverride():
            one_of(known, ask.override_id)
            return (OverrideRemoved(on=on, override_id=ask.override_id),)


def _set(known: Overrides, ask: SetOverride, on: Occasion) -> tuple[OverrideFact, ...]:
    """A sender has one override: a second one takes its place, and its id."""
    if not ask.sender.deliverable:
        raise refusals.AddressImpossible(ask.sender.address or ask.sender.name)
    earlier = about(known, ask.sender)
    if earlier is None and len(known) >= MOST_OVERRIDES:
        raise refusals.TooManyOverrides(MOST_OVERRIDES)
    name = earlier.id if earlier else ask.override_id
    return _put(known, Override(id=name, sender=ask.sender, classify_as=ask.classify_as), on)


def _put(known: Overrides, override: Override, on: Occasion) -> tuple[OverrideFact, ...]:
    return () if known.get(override.id) == override else (OverrideSet(on=on, override=override),)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(known: Overrides, fact: OverrideFact) -> Overrides:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case OverrideSet():
            return put(known, fact.override.id, fact.override)
        case OverrideRemoved():
            return without(known, fact.override_id)
