"""Legal holds: what must not be removed, whoever asks, until somebody releases it.

Part of the Mailbox. Read it from top to bottom: facts, state, commands, rules, fold. The stored names of the
facts *are* the storage format. Never rename one, never change what one means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion

LONGEST_NAME, LONGEST_REASON = 255, 4096
"""Characters of a hold's name, and of why it is placed or released."""

# --- Facts -----------------------------------------------------------------------------------------


class Removal(StrEnum):
    """How somebody tried to remove what is held."""

    DELETE = "delete"
    """Deleted for good: its owner could not get it back."""
    ERASE = "erase"
    """Erased: nobody could read it any more."""


class HoldPlaced(Fact, stored_as="mailbox.hold-placed.v1", in_clear=True):
    """Nothing that is held may be removed any more: neither erased, nor deleted for good, nor by age."""

    hold_id: UUID
    name: str
    why: str
    search: str | None = None
    """What is held, as a search in Graph's keyword query language; the whole mailbox if there is none."""


class HoldReleased(Fact, stored_as="mailbox.hold-released.v1", in_clear=True):
    """What was held may be removed again, as far as no other hold is on it."""

    hold_id: UUID
    why: str


class RemovalRefused(Fact, stored_as="mailbox.removal-refused.v1", in_clear=True):
    """Somebody tried to remove what is held, and it stayed."""

    message: UUID | None
    """The message; ``None``: all that the mailbox is."""
    removal: Removal
    holds: tuple[UUID, ...]
    """The holds that it stays for."""


HoldFact = HoldPlaced | HoldReleased | RemovalRefused

# --- State -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holds:
    """The holds that are on a mailbox, as they were placed, and what was refused last because of one."""

    placed: Mapping[UUID, HoldPlaced] = field(default_factory=lambda: MappingProxyType({}))
    refused: RemovalRefused | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.placed)

    def called(self, which: str) -> HoldPlaced:
        """The hold of a name, or of an id, in any case; refuses what is none, or may be one or another."""
        said = which.casefold()
        found = [hold for hold in self.placed.values() if said in (hold.name.casefold(), str(hold.hold_id))]
        if not found:
            raise refusals.HoldUnknown(which)
        if len(found) > 1:
            raise refusals.HoldAmbiguous(which)
        return found[0]


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Let nothing be removed any more, or nothing that a ``search`` finds."""

    hold_id: UUID
    name: str
    why: str
    search: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Let be removed again what was held."""

    hold_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Write down that something stayed because it is held."""

    message: UUID | None
    removal: Removal
    holds: tuple[UUID, ...]


HoldCommand = PlaceHold | ReleaseHold | NoteRefusal

# --- Rules -----------------------------------------------------------------------------------------


def decide(holds: Holds, ask: HoldCommand, on: Occasion) -> tuple[HoldFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case PlaceHold():
            return _place(holds, ask, on)
        case ReleaseHold():
            _check_said("reason", ask.why, LONGEST_REASON)
            if ask.hold_id not in holds.placed:
                raise refusals.HoldUnknown(str(ask.hold_id))
            return (HoldReleased(on=on, hold_id=ask.hold_id, why=ask.why),)
        case NoteRefusal(message, removal, which):
            noted = RemovalRefused(on=on, message=message, removal=removal, holds=which)
            return () if noted == holds.refused else (noted,)
        case _:
            assert_never(ask)


def _place(holds: Holds, ask: PlaceHold, on: Occasion) -> tuple[HoldFact, ...]:
    """A hold has a name that no other one has, and a reason; the same one is placed once."""
    if ask.hold_id in holds.placed:
        return ()
    _check_said("name", ask.name, LONGEST_NAME)
    _check_said("reason", ask.why, LONGEST_REASON)
    if any(known.name.casefold() == ask.name.casefold() for known in holds.placed.values()):
        raise refusals.HoldNameTaken(ask.name)
    placed = HoldPlaced(on=on, hold_id=ask.hold_id, name=ask.name, why=ask.why)
    return (placed if ask.search is None else placed.model_copy(update={"search": ask.search}),)


def _check_said(what: str, said: str, longest: int) -> None:
    if not said.strip():
        raise refusals.HoldUnexplained(what)
    if len(said) > longest:
        raise refusals.TooLong(f"{what} of a hold", longest)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(holds: Holds, fact: HoldFact) -> Holds:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case HoldPlaced():
            return replace(holds, placed=MappingProxyType({**holds.placed, fact.hold_id: fact}))
        case HoldReleased():
            left = {key: hold for key, hold in holds.placed.items() if key != fact.hold_id}
            return replace(holds, placed=MappingProxyType(left))
        case RemovalRefused():
            return replace(holds, refused=fact)
        case _:
            assert_never(fact)
