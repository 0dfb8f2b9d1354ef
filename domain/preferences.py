"""Everything its owner wants of a mailbox, beside its folders: settings, categories, overrides, rules.

A part of the Mailbox: each kind has a module of its own, and this one puts them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, assert_never

from letterbook.domain import categories, inbox_rules, overrides, settings
from letterbook.domain.categories import (
    Categories,
    CategoryDefined,
    CategoryFact,
    CategoryRecoloured,
    CategoryRemoved,
    DefineCategory,
    RecolourCategory,
    RemoveCategory,
)
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.inbox_rules import (
    DefineRule,
    FolderKnown,
    RemoveRule,
    ReviseRule,
    RuleDefined,
    RuleFact,
    RuleRemoved,
    RuleRevised,
    Rules,
)
from letterbook.domain.overrides import (
    OverrideFact,
    OverrideRemoved,
    Overrides,
    OverrideSet,
    Reclassify,
    RemoveOverride,
    SetOverride,
)
from letterbook.domain.people import EmailAddress
from letterbook.domain.settings import ChangeSettings, Settings, SettingsChanged


class AutomaticReplySent(Fact, stored_as="mailbox.automatic-reply-sent.v1"):
    """Somebody who wrote to the absent owner was told so; they are told once in each period."""

    recipient: str


@dataclass(frozen=True, slots=True)
class NoteAutomaticReply:
    """Write down that somebody was told."""

    recipient: str


PreferenceFact = SettingsChanged | CategoryFact | OverrideFact | RuleFact | AutomaticReplySent
PreferenceCommand = (
    ChangeSettings
    | DefineCategory
    | RecolourCategory
    | RemoveCategory
    | SetOverride
    | Reclassify
    | RemoveOverride
    | DefineRule
    | ReviseRule
    | RemoveRule
    | NoteAutomaticReply
)


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the owner wants. ``told`` are those who got an automatic reply in this period."""

    settings: Settings = Settings()
    categories: Categories = field(default_factory=_nothing)
    overrides: Overrides = field(default_factory=_nothing)
    rules: Rules = field(default_factory=_nothing)
    told: frozenset[str] = frozenset()

    def has_told(self, person: EmailAddress) -> bool:
        """Whether somebody got an automatic reply in this period."""
        return person.key in self.told


def decide(
    wants: Preferences, ask: PreferenceCommand, on: Occasion, folder: FolderKnown
) -> tuple[PreferenceFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case ChangeSettings():
            return settings.change(wants.settings, ask, on)
        case DefineCategory() | RecolourCategory() | RemoveCategory():
            return categories.decide(wants.categories, ask, on)
        case SetOverride() | Reclassify() | RemoveOverride():
            return overrides.decide(wants.overrides, ask, on)
        case DefineRule() | ReviseRule() | RemoveRule():
            return inbox_rules.decide(wants.rules, ask, on, folder)
        case NoteAutomaticReply():
            told = ask.recipient.casefold() in wants.told
            return () if told else (AutomaticReplySent(on=on, recipient=ask.recipient),)
        case _:
            assert_never(ask)


def evolve(wants: Preferences, fact: PreferenceFact) -> Preferences:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case SettingsChanged():
            return _changed(wants, fact)
        case CategoryDefined() | CategoryRecoloured() | CategoryRemoved():
            return replace(wants, categories=categories.evolve(wants.categories, fact))
        case OverrideSet() | OverrideRemoved():
            return replace(wants, overrides=overrides.evolve(wants.overrides, fact))
        case RuleDefined() | RuleRevised() | RuleRemoved():
            return replace(wants, rules=inbox_rules.evolve(wants.rules, fact))
        case AutomaticReplySent():
            return replace(wants, told=wants.told | {fact.recipient.casefold()})
        case _:
            assert_never(fact)


def _changed(wants: Preferences, fact: SettingsChanged) -> Preferences:
    """New automatic replies begin a new period, in which everyone is told again."""
    told = frozenset() if "replies" in fact.changes.model_fields_set else wants.told
    return replace(wants, settings=settings.changed_by(wants.settings, fact.changes), told=told)
