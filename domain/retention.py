"""Retention: for how long the messages of a folder are kept, and what becomes of them then.

Part of the Mailbox. Read it from top to bottom: facts, commands, rules, fold. The stored names of the facts
*are* the storage format. Never rename one, never change what one means.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from letterbook.domain import folders, refusals
from letterbook.domain.facts import Fact, Occasion

LONGEST = 24_855
"""Days (Exchange: *Set-RetentionPolicyTag*, AgeLimitForRetention)."""

# --- Facts -----------------------------------------------------------------------------------------


class RetentionAction(StrEnum):
    """What becomes of messages that have been kept long enough."""

    DELETE = "delete"
    """They are deleted for good; their history stays."""
    ERASE = "erase"
    """They are erased: nobody can read them any more."""


class RetentionSet(Fact, stored_as="mailbox.retention-set.v1", in_clear=True):
    """Messages are kept so many days in a folder, and in the folders below it that say nothing else."""

    folder: UUID
    days: int
    action: RetentionAction


class RetentionCleared(Fact, stored_as="mailbox.retention-cleared.v1", in_clear=True):
    """A folder no longer says how long messages are kept."""

    folder: UUID


RetentionFact = RetentionSet | RetentionCleared
Retentions = Mapping[UUID, RetentionSet]
"""The state: what each folder says, if it says anything."""


def that_counts_for(retentions: Retentions, tree: folders.Tree, folder: UUID) -> RetentionSet | None:
    """What counts for a folder: what it says itself, or the nearest one above it that says anything."""
    above = (each.id for each in folders.ancestors(tree, folder))
    return next((retentions[each] for each in above if each in retentions), None)


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetRetention:
    """Keep messages so many days in a folder."""

    folder: UUID
    days: int
    action: RetentionAction


@dataclass(frozen=True, slots=True)
class ClearRetention:
    """Let a folder no longer say how long messages are kept."""

    folder: UUID


RetentionCommand = SetRetention | ClearRetention

# --- Rules -----------------------------------------------------------------------------------------


def decide(
    known: Retentions, ask: RetentionCommand, on: Occasion, check_folder: Callable[[UUID], None]
) -> tuple[RetentionFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case SetRetention():
            return _set(known.get(ask.folder), ask, on, check_folder)
        case ClearRetention(folder):
            return (RetentionCleared(on=on, folder=folder),) if folder in known else ()
        case _:
            assert_never(ask)


def _set(
    known: RetentionSet | None, ask: SetRetention, on: Occasion, check_folder: Callable[[UUID], None]
) -> tuple[RetentionFact, ...]:
    """Any folder that holds messages can say for how many days."""
    check_folder(ask.folder)
    if not 1 <= ask.days <= LONGEST:
        raise refusals.RetentionImpossible(LONGEST)
    if known is not None and (known.days, known.action) == (ask.days, ask.action):
        return ()
    return (RetentionSet(on=on, folder=ask.folder, days=ask.days, action=ask.action),)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(known: Retentions, fact: RetentionFact) -> Retentions:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case RetentionSet():
            return MappingProxyType({**known, fact.folder: fact})
        case RetentionCleared():
            return without(known, fact.folder)
        case _:
            assert_never(fact)


def without(known: Retentions, folder: UUID) -> Retentions:
    """The same without what one folder says."""
    return MappingProxyType({key: said for key, said in known.items() if key != folder})
