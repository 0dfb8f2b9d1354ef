"""The rules of an inbox: what the owner wants done with letters as they arrive.

What a rule does with a letter is in ``sorting``; here is what rules are, and who may change them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.facts import Fact, Occasion, Value
from letterbook.domain.letter import Importance
from letterbook.domain.message.limits import RECIPIENT_LIMIT
from letterbook.domain.named import one_of, put, without
from letterbook.domain.people import EmailAddress

# --- Facts -----------------------------------------------------------------------------------------

Sensitivity = Literal["normal", "personal", "private", "confidential"]
ActionFlag = Literal[
    "any",
    "call",
    "doNotForward",
    "followUp",
    "fyi",
    "forward",
    "noResponseNecessary",
    "read",
    "reply",
    "replyToAll",
    "review",
]
Words = tuple[str, ...]
People = tuple[EmailAddress, ...]


class SizeRange(Value):
    """From how many kilobytes to how many; ``None`` is no bound."""

    minimum: int | None = None
    maximum: int | None = None


class Conditions(Value):
    """What a letter must be for a rule to apply: all that is said here, of each list at least one.

    The fields are those of Graph's messageRulePredicates. A condition that is ``False`` asks for nothing.
    """

    body_contains: Words = ()
    body_or_subject_contains: Words = ()
    categories: Words = ()
    from_addresses: People = ()
    has_attachments: bool = False
    header_contains: Words = ()
    importance: Importance | None = None
    is_approval_request: bool = False
    is_automatic_forward: bool = False
    is_automatic_reply: bool = False
    is_encrypted: bool = False
    is_meeting_request: bool = False
    is_meeting_response: bool = False
    is_non_delivery_report: bool = False
    is_permission_controlled: bool = False
    is_read_receipt: bool = False
    is_signed: bool = False
    is_voicemail: bool = False
    message_action_flag: ActionFlag | None = None
    not_sent_to_me: bool = False
    recipient_contains: Words = ()
    sender_contains: Words = ()
    sensitivity: Sensitivity | None = None
    sent_cc_me: bool = False
    sent_only_to_me: bool = False
    sent_to_addresses: People = ()
    sent_to_me: bool = False
    sent_to_or_cc_me: bool = False
    subject_contains: Words = ()
    within_size_range: SizeRange | None = None


class Actions(Value):
    """What a rule does with a letter (Graph: messageRuleActions). Folders are named by their id."""

    assign_categories: Words = ()
    copy_to_folder: UUID | None = None
    delete: bool = False
    forward_as_attachment_to: People = ()
    forward_to: People = ()
    mark_as_read: bool = False
    mark_importance: Importance | None = None
    move_to_folder: UUID | None = None
    permanent_delete: bool = False
    redirect_to: People = ()
    stop_processing_rules: bool = False

    @property
    def folders(self) -> tuple[UUID, ...]:
        """The folders that letters are put into."""
        return tuple(folder for folder in (self.copy_to_folder, self.move_to_folder) if folder)

    @property
    def people(self) -> People:
        """Everyone that letters are passed on to."""
        return (*self.forward_as_attachment_to, *self.forward_to, *self.redirect_to)


class InboxRule(Value):
    """One rule. Rules are followed in the order of their ``sequence``."""

    id: UUID
    name: str
    sequence: int
    enabled: bool = True
    read_only: bool = False
    conditions: Conditions = Conditions()
    exceptions: Conditions = Conditions()
    actions: Actions = Actions()


class RuleDefined(Fact, stored_as="mailbox.rule-defined.v1"):
    """The owner made a rule for letters that arrive."""

    rule: InboxRule


class RuleRevised(Fact, stored_as="mailbox.rule-revised.v1"):
    """The owner changed a rule; it is told anew, as a whole."""

    rule: InboxRule


class RuleRemoved(Fact, stored_as="mailbox.rule-removed.v1"):
    """The owner took a rule away."""

    rule_id: UUID


RuleFact = RuleDefined | RuleRevised | RuleRemoved

# --- State -----------------------------------------------------------------------------------------

Rules = Mapping[UUID, InboxRule]


def in_order(known: Rules) -> tuple[InboxRule, ...]:
    """The rules as they are followed: by sequence, and of equals the older first."""
    return tuple(sorted(known.values(), key=lambda rule: rule.sequence))


# --- Commands --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefineRule:
    """Make a rule."""

    rule: InboxRule


@dataclass(frozen=True, slots=True)
class ReviseRule:
    """Change a rule: the fields that are set take the place of the old ones, each as a whole."""

    rule_id: UUID
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RemoveRule:
    """Take a rule away."""

    rule_id: UUID


RuleCommand = DefineRule | ReviseRule | RemoveRule

# --- Rules -----------------------------------------------------------------------------------------

LONGEST_NAME = 256
"""Characters of the name of a rule (Exchange: New-InboxRule)."""
MOST_RULES = 250
"""Rules of one inbox. Exchange bounds them by 256 KB for all; a number is easier to tell."""

FolderKnown = Callable[[UUID], object]
"""Refuses a folder that is not there, or that holds no messages."""


def decide(known: Rules, ask: RuleCommand, on: Occasion, folder: FolderKnown) -> tuple[RuleFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case DefineRule():
            return _define(known, ask.rule, on, folder)
        case ReviseRule():
            return _revise(known, ask, on, folder)
        case RemoveRule():
            _open_to_change(one_of(known, ask.rule_id))
            return (RuleRemoved(on=on, rule_id=ask.rule_id),)


def _define(known: Rules, rule: InboxRule, on: Occasion, folder: FolderKnown) -> tuple[RuleFact, ...]:
    """A rule has a name and does something, with folders and people that exist."""
    if known.get(rule.id) == rule:
        return ()
    if len(known) >= MOST_RULES:
        raise refusals.TooManyRules(MOST_RULES)
    _check(rule, folder)
    return (RuleDefined(on=on, rule=rule),)


def _revise(known: Rules, ask: ReviseRule, on: Occasion, folder: FolderKnown) -> tuple[RuleFact, ...]:
    """What is not named stays as it is."""
    earlier = one_of(known, ask.rule_id)
    rule = earlier.model_copy(update=dict(ask.changes))
    if rule == earlier:
        return ()
    _open_to_change(earlier)
    _check(rule, folder, earlier.actions.folders)
    return (RuleRevised(on=on, rule=rule),)


def _open_to_change(rule: InboxRule) -> None:
    if rule.read_only:
        raise refusals.RuleReadOnly


def _check(rule: InboxRule, folder: FolderKnown, named: Collection[UUID] = ()) -> None:
    """``named`` are folders that it named before: they may be gone, and the rule still be switched off."""
    if not rule.name.strip():
        raise refusals.RuleNameMissing
    if len(rule.name) > LONGEST_NAME:
        raise refusals.TooLong("name of the rule", LONGEST_NAME)
    if rule.actions == Actions():
        raise refusals.RuleWithoutActions
    for each in rule.actions.folders:
        if each not in named:
            folder(each)
    if len(rule.actions.people) > RECIPIENT_LIMIT:
        raise refusals.TooManyRecipients(len(rule.actions.people), RECIPIENT_LIMIT)
    _check_people((*rule.actions.people, *_people_in(rule.conditions), *_people_in(rule.exceptions)))


def _people_in(conditions: Conditions) -> People:
    return (*conditions.from_addresses, *conditions.sent_to_addresses)


def _check_people(people: Iterable[EmailAddress]) -> None:
    for person in people:
        if not person.deliverable:
            raise refusals.AddressImpossible(person.address or person.name)


# --- Fold ------------------------------------------------------------------------------------------


def evolve(known: Rules, fact: RuleFact) -> Rules:
    """Believe a fact. Never refuses: history is not up for debate."""
    match fact:
        case RuleDefined() | RuleRevised():
            return put(known, fact.rule.id, fact.rule)
        case RuleRemoved():
            return without(known, fact.rule_id)
