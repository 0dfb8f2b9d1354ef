"""What a mailbox has to keep, and for how long: holds and retention, put together.

A part of the Mailbox: each kind has a module of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from letterbook.domain import holds, retention
from letterbook.domain.facts import Occasion
from letterbook.domain.folders import Tree
from letterbook.domain.holds import (
    HoldFact,
    HoldPlaced,
    HoldReleased,
    Holds,
    NoteRefusal,
    PlaceHold,
    ReleaseHold,
    RemovalRefused,
)
from letterbook.domain.people import check_ordered
from letterbook.domain.retention import (
    ClearRetention,
    RetentionCleared,
    RetentionFact,
    Retentions,
    RetentionSet,
    SetRetention,
)

KeepingFact = HoldFact | RetentionFact
KeepingCommand = PlaceHold | ReleaseHold | NoteRefusal | SetRetention | ClearRetention


@dataclass(frozen=True, slots=True)
class Keeping:
    """What has to be kept whoever asks, and what each folder says of how long messages are kept."""

    holds: Holds = Holds()
    retentions: Retentions = field(default_factory=lambda: MappingProxyType({}))

    def retention_of(self, tree: Tree, folder: UUID) -> RetentionSet | None:
        """What counts for the messages of a folder."""
        return retention.that_counts_for(self.retentions, tree, folder)

    def without_folder(self, folder: UUID) -> "Keeping":
        """The same when a folder is gone."""
        if folder not in self.retentions:
            return self
        return replace(self, retentions=retention.without(self.retentions, folder))


def decide(
    keeping: Keeping, ask: KeepingCommand, on: Occasion, check_folder: Callable[[UUID], None]
) -> tuple[KeepingFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case NoteRefusal():
            return holds.decide(keeping.holds, ask, on)
        case PlaceHold() | ReleaseHold():
            check_ordered(on)
            return holds.decide(keeping.holds, ask, on)
        case SetRetention() | ClearRetention():
            check_ordered(on)
            return retention.decide(keeping.retentions, ask, on, check_folder)
        case _:
            assert_never(ask)


def evolve(keeping: Keeping, fact: KeepingFact) -> Keeping:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case HoldPlaced() | HoldReleased() | RemovalRefused():
            return replace(keeping, holds=holds.evolve(keeping.holds, fact))
        case RetentionSet() | RetentionCleared():
            return replace(keeping, retentions=retention.evolve(keeping.retentions, fact))
        case _:
            assert_never(fact)
