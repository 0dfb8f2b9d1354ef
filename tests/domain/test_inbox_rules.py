"""The rules of an inbox: who may make, change and remove them, and in which order they are followed."""

from letterbook.domain import refusals
from letterbook.domain.inbox_rules import (
    LONGEST_NAME,
    MOST_RULES,
    Actions,
    Conditions,
    DefineRule,
    InboxRule,
    RemoveRule,
    ReviseRule,
    RuleDefined,
    RuleRemoved,
    RuleRevised,
    in_order,
)
from letterbook.domain.letter import Importance
from letterbook.domain.people import EmailAddress
from tests.domain.cast import ADDRESSLESS, ADELE, ALEX, ARCHIVE, EARLIER, numbered
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import ANALYTICS, CLUBS, analytics_made, clubs_deleted, clubs_made, opened

PARTNER = InboxRule(
    id=numbered(50),
    name="From partner",
    sequence=2,
    conditions=Conditions(sender_contains=("ADELE",)),
    actions=Actions(forward_to=(ALEX,), stop_processing_rules=True),
)
CLOSED = PARTNER.model_copy(update={"read_only": True})
URGENT = PARTNER.model_copy(update={"actions": Actions(mark_importance=Importance.HIGH)})

partner_defined = RuleDefined(on=EARLIER, rule=PARTNER)
partner_revised = RuleRevised(on=EARLIER, rule=URGENT)
partner_removed = RuleRemoved(on=EARLIER, rule_id=PARTNER.id)
closed_defined = RuleDefined(on=EARLIER, rule=CLOSED)


def with_actions(**actions: object) -> DefineRule:
    """Ask for a rule that does this."""
    return DefineRule(PARTNER.model_copy(update={"actions": Actions.model_validate(actions)}))


def test_a_rule_can_be_made() -> None:
    given(opened).when(DefineRule(PARTNER)).then(partner_defined)
    given(opened, partner_defined).when(DefineRule(PARTNER)).then()
    assert tell(opened, partner_defined).preferences.rules == {PARTNER.id: PARTNER}


def test_a_rule_can_be_changed_in_part() -> None:
    ask = ReviseRule(PARTNER.id, {"actions": URGENT.actions})
    given(opened, partner_defined).when(ask).then(partner_revised)
    given(opened, partner_defined).when(ReviseRule(PARTNER.id, {"sequence": 2})).then()
    assert tell(opened, partner_defined, partner_revised).preferences.rules == {PARTNER.id: URGENT}


def test_a_rule_can_be_removed() -> None:
    given(opened, partner_defined).when(RemoveRule(PARTNER.id)).then(partner_removed)
    assert tell(opened, partner_defined, partner_removed).preferences.rules == {}


def test_an_unknown_rule_cannot_be_changed() -> None:
    for ask in (ReviseRule(PARTNER.id, {"name": "x"}), RemoveRule(PARTNER.id)):
        given(opened).when(ask).refused(refusals.NotFound)


def test_a_rule_that_is_read_only_stays() -> None:
    for ask in (ReviseRule(CLOSED.id, {"name": "x"}), RemoveRule(CLOSED.id)):
        given(opened, closed_defined).when(ask).refused(refusals.RuleReadOnly)
    given(opened, closed_defined).when(ReviseRule(CLOSED.id, {"name": "From partner"})).then()


def test_a_rule_has_a_name_of_some_length() -> None:
    for name, refusal in (
        ("", refusals.RuleNameMissing),
        (" ", refusals.RuleNameMissing),
        ("x" * (LONGEST_NAME + 1), refusals.TooLong),
    ):
        given(opened).when(DefineRule(PARTNER.model_copy(update={"name": name}))).refused(refusal)
        given(opened, partner_defined).when(ReviseRule(PARTNER.id, {"name": name})).refused(refusal)
    longest = PARTNER.model_copy(update={"name": "x" * LONGEST_NAME})
    given(opened).when(DefineRule(longest)).then(RuleDefined(on=EARLIER, rule=longest))


def test_a_rule_does_something() -> None:
    given(opened).when(with_actions()).refused(refusals.RuleWithoutActions)
    given(opened).when(with_actions(delete=False)).refused(refusals.RuleWithoutActions)


def test_a_rule_files_into_folders_that_are_there() -> None:
    for action in ("move_to_folder", "copy_to_folder"):
        for folder in (ARCHIVE, CLUBS.id):
            ask = with_actions(**{action: folder})
            given(opened, clubs_made).when(ask).then(RuleDefined(on=EARLIER, rule=ask.rule))
        given(opened, clubs_made, clubs_deleted).when(ask).refused(refusals.NotFound)


def test_a_rule_names_people_that_mail_could_be_sent_to() -> None:
    for action in ("forward_to", "forward_as_attachment_to", "redirect_to"):
        given(opened).when(with_actions(**{action: (ADDRESSLESS,)})).refused(refusals.AddressImpossible)
    for condition in ("from_addresses", "sent_to_addresses"):
        for part in ("conditions", "exceptions"):
            asked = Conditions.model_validate({condition: (ADELE, ADDRESSLESS)})
            rule = PARTNER.model_copy(update={part: asked})
            given(opened).when(DefineRule(rule)).refused(refusals.AddressImpossible)


def test_a_rule_passes_on_to_as_many_as_a_letter_can_have() -> None:
    people = tuple(EmailAddress(address=f"reader{number}@contoso.com") for number in range(501))
    ask = with_actions(redirect_to=people[:500])
    given(opened).when(ask).then(RuleDefined(on=EARLIER, rule=ask.rule))
    asked = with_actions(redirect_to=people[:250], forward_to=people[250:])
    given(opened).when(asked).refused(refusals.TooManyRecipients)


def test_an_inbox_has_room_for_so_many_rules() -> None:
    many = [
        RuleDefined(on=EARLIER, rule=PARTNER.model_copy(update={"id": numbered(1000 + number)}))
        for number in range(MOST_RULES)
    ]
    given(opened, *many[:-1]).when(DefineRule(PARTNER)).then(partner_defined)
    given(opened, *many).when(DefineRule(PARTNER)).refused(refusals.TooManyRules)


def test_rules_are_followed_by_sequence_and_equals_by_age() -> None:
    numbers = (3, 1, 2, 1)
    rules = [
        PARTNER.model_copy(update={"id": numbered(60 + place), "sequence": number})
        for place, number in enumerate(numbers)
    ]
    known = tell(opened, *(RuleDefined(on=EARLIER, rule=rule) for rule in rules)).preferences.rules
    assert [rule.id for rule in in_order(known)] == [numbered(61), numbered(63), numbered(62), numbered(60)]


def test_a_rule_cannot_file_into_a_search_folder() -> None:
    for action in ("move_to_folder", "copy_to_folder"):
        ask = with_actions(**{action: ANALYTICS.id})
        given(opened, analytics_made).when(ask).refused(refusals.FolderIsASearch)
        given(opened, analytics_made, partner_defined).when(
            ReviseRule(PARTNER.id, {"actions": ask.rule.actions})
        ).refused(refusals.FolderIsASearch)


def test_a_rule_whose_folder_is_gone_can_be_changed_but_not_pointed_there_again() -> None:
    rule = with_actions(move_to_folder=CLUBS.id).rule
    past = (opened, clubs_made, RuleDefined(on=EARLIER, rule=rule), clubs_deleted)
    off = RuleRevised(on=EARLIER, rule=rule.model_copy(update={"enabled": False}))
    given(*past).when(ReviseRule(rule.id, {"enabled": False})).then(off)
    elsewhere = RuleRevised(on=EARLIER, rule=with_actions(delete=True).rule)
    back = ReviseRule(rule.id, {"actions": rule.actions})
    given(*past, elsewhere).when(back).refused(refusals.NotFound)
