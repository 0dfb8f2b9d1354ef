"""What the rules of an inbox make of a letter: which apply, and what is to be done."""

from collections.abc import Iterable

import pytest

from letterbook.domain.attachments import Attachment, FileAttachment
from letterbook.domain.inbox_rules import Actions, Conditions, InboxRule, SizeRange
from letterbook.domain.letter import Header, Importance, Letter
from letterbook.domain.people import EmailAddress
from letterbook.domain.sorting import CHECKS, LOOP_HEADER, Arrival, PassOn, applies, sort
from tests.domain.cast import ADELE, ALEX, ARCHIVE, BIN, DRAFTS, LOGO, MEGAN, MENU, SAMANTHA, numbered

MARK = Actions(mark_as_read=True)
PLAIN = Letter(subject="Enter to WIN", to=(ALEX,), author=ADELE, sender=ADELE)


def arrival(
    letter: Letter = PLAIN,
    *,
    headers: dict[str, str] | None = None,
    attachments: tuple[Attachment, ...] = (),
    size: int = 2048,
    body: str = "They were awesome!",
) -> Arrival:
    """A letter that reaches Alex."""
    said = tuple(Header(name=name, value=value) for name, value in (headers or {}).items())
    return Arrival(
        letter=letter.model_copy(update={"headers": said}),
        attachments=attachments,
        owner=ALEX,
        size=size,
        read_body=lambda: body,
    )


def rule(number: int = 1, *, actions: Actions = MARK, **said: object) -> InboxRule:
    """A rule."""
    return InboxRule.model_validate(
        {"id": numbered(number), "name": f"Rule {number}", "sequence": number, "actions": actions, **said}
    )


def invitation(method: str) -> FileAttachment:
    """A meeting in a letter."""
    return MENU.model_copy(update={"content_type": f'text/calendar; charset="utf-8"; METHOD="{method}"'})


TO_BOTH = PLAIN.model_copy(update={"to": (ALEX, MEGAN)})
COPIED = PLAIN.model_copy(update={"to": (MEGAN,), "cc": (ALEX,)})
BLIND = PLAIN.model_copy(update={"to": (MEGAN,), "bcc": (ALEX,)})
ON_BEHALF = PLAIN.model_copy(update={"author": SAMANTHA})
URGENT = PLAIN.model_copy(update={"importance": Importance.HIGH})
PROTECTED = MENU.model_copy(update={"name": "Message.rpmsg"})

HOLDS: list[tuple[str, object, Arrival, Arrival]] = [
    (
        "subject_contains",
        ("enter to win",),
        arrival(),
        arrival(URGENT.model_copy(update={"subject": "Lunch"})),
    ),
    ("body_contains", ("AWESOME", "nothing"), arrival(), arrival(body="They were not.")),
    ("body_or_subject_contains", ("win",), arrival(), arrival(PLAIN.model_copy(update={"subject": "Lunch"}))),
    (
        "header_contains",
        ("x-spam: y",),
        arrival(headers={"X-Spam": "Yes"}),
        arrival(headers={"X-Spam": "No"}),
    ),
    (
        "sender_contains",
        ("ADELE",),
        arrival(),
        arrival(PLAIN.model_copy(update={"author": ALEX, "sender": ALEX})),
    ),
    ("recipient_contains", ("megan",), arrival(TO_BOTH), arrival()),
    ("from_addresses", (SAMANTHA,), arrival(ON_BEHALF), arrival()),
    (
        "from_addresses",
        (EmailAddress(address="ADELEV@contoso.com"),),
        arrival(ON_BEHALF),
        arrival(PLAIN.model_copy(update={"author": ALEX, "sender": None})),
    ),
    ("sent_to_addresses", (MEGAN,), arrival(COPIED), arrival()),
    (
        "categories",
        ("Blue",),
        arrival(headers={"Keywords": "red, blue"}),
        arrival(headers={"Keywords": "bluebird"}),
    ),
    ("importance", Importance.HIGH, arrival(URGENT), arrival()),
    ("sensitivity", "normal", arrival(), arrival(headers={"Sensitivity": "Personal"})),
    ("sensitivity", "confidential", arrival(headers={"Sensitivity": "Company-Confidential"}), arrival()),
    (
        "message_action_flag",
        "followUp",
        arrival(headers={"X-Message-Flag": "Follow up"}),
        arrival(headers={"X-Message-Flag": "Review"}),
    ),
    ("message_action_flag", "any", arrival(headers={"X-Message-Flag": "Review"}), arrival()),
    ("within_size_range", SizeRange(minimum=2, maximum=2), arrival(), arrival(size=2049)),
    ("within_size_range", SizeRange(minimum=3), arrival(size=3072), arrival()),
    ("within_size_range", SizeRange(maximum=1), arrival(size=1024), arrival()),
    ("has_attachments", True, arrival(attachments=(LOGO, MENU)), arrival(attachments=(LOGO,))),
    ("sent_to_me", True, arrival(TO_BOTH), arrival(COPIED)),
    ("sent_cc_me", True, arrival(COPIED), arrival()),
    ("sent_to_or_cc_me", True, arrival(COPIED), arrival(BLIND)),
    ("sent_only_to_me", True, arrival(), arrival(TO_BOTH)),
    ("not_sent_to_me", True, arrival(BLIND), arrival(COPIED)),
    (
        "is_automatic_reply",
        True,
        arrival(headers={"Auto-Submitted": "auto-replied (vacation)"}),
        arrival(headers={"Auto-Submitted": "no"}),
    ),
    ("is_automatic_forward", True, arrival(headers={LOOP_HEADER: "meganb@contoso.com"}), arrival()),
    (
        "is_approval_request",
        True,
        arrival(headers={"Content-Class": "IPM.Note.Microsoft.Approval.Request"}),
        arrival(),
    ),
    (
        "is_encrypted",
        True,
        arrival(headers={"Content-Type": "application/pkcs7-mime;\r\n smime-type=enveloped-data"}),
        arrival(headers={"Content-Type": "application/pkcs7-mime; smime-type=signed-data"}),
    ),
    ("is_encrypted", True, arrival(headers={"Content-Type": "multipart/encrypted"}), arrival()),
    (
        "is_signed",
        True,
        arrival(headers={"Content-Type": "multipart/signed"}),
        arrival(headers={"Content-Type": "multipart/mixed"}),
    ),
    (
        "is_signed",
        True,
        arrival(headers={"Content-Type": 'application/pkcs7-mime; smime-type="signed-data"'}),
        arrival(),
    ),
    (
        "is_meeting_request",
        True,
        arrival(attachments=(invitation("REQUEST"),)),
        arrival(attachments=(invitation("REPLY"),)),
    ),
    ("is_meeting_response", True, arrival(attachments=(invitation("REPLY"),)), arrival(attachments=(MENU,))),
    (
        "is_non_delivery_report",
        True,
        arrival(headers={"Content-Type": 'multipart/report; report-type="delivery-status"'}),
        arrival(headers={"Content-Type": "multipart/report; report-type=disposition-notification"}),
    ),
    (
        "is_read_receipt",
        True,
        arrival(headers={"Content-Type": "multipart/report; report-type=disposition-notification"}),
        arrival(),
    ),
    ("is_permission_controlled", True, arrival(attachments=(PROTECTED,)), arrival(attachments=(MENU,))),
    ("is_voicemail", True, arrival(headers={"Message-Context": "Voice-Message"}), arrival()),
]


@pytest.mark.parametrize(
    ("name", "value", "this", "not_that"), HOLDS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(HOLDS)]
)
def test_a_condition_holds_of_some_letters(
    name: str, value: object, this: Arrival, not_that: Arrival
) -> None:
    asked = Conditions.model_validate({name: value})
    assert applies(this, rule(conditions=asked))
    assert not applies(not_that, rule(conditions=asked))
    assert not applies(this, rule(exceptions=asked))
    assert applies(not_that, rule(exceptions=asked))


def test_every_condition_of_graph_is_checked() -> None:
    assert CHECKS.keys() == Conditions.model_fields.keys()
    assert {name for name, *_ in HOLDS} == CHECKS.keys()


def test_a_rule_without_conditions_applies_to_all() -> None:
    assert applies(arrival(), rule())
    assert applies(arrival(), rule(conditions=Conditions(sent_to_me=False, subject_contains=())))


def test_all_conditions_must_hold_and_no_exception() -> None:
    both = Conditions(subject_contains=("win",), sender_contains=("MEGAN",))
    assert not applies(arrival(), rule(conditions=both))
    assert not applies(arrival(), rule(exceptions=both))
    assert applies(arrival(), rule(exceptions=Conditions(sender_contains=("MEGAN",))))


def test_a_body_is_only_read_when_a_rule_asks() -> None:
    def nobody_asked() -> str:
        raise AssertionError("the body was read")

    quiet = Arrival(letter=PLAIN, attachments=(), owner=ALEX, size=1, read_body=nobody_asked)
    assert applies(quiet, rule(conditions=Conditions(subject_contains=("win",))))


# --- What is to be done ----------------------------------------------------------------------------


def done(rules: Iterable[InboxRule]) -> tuple[object, ...]:
    """What is done with a plain letter: with which rules, where it goes, how it is marked."""
    wanted = sort(arrival(), rules)
    where = (wanted.folder, wanted.copies, wanted.discarded, wanted.destroyed)
    return (
        [each.int & 0xFFF for each in wanted.rules],
        where,
        wanted.is_read,
        wanted.importance,
        wanted.categories,
    )


INBOX_UNTOUCHED = (None, (), False, False)


def test_rules_that_do_not_apply_do_nothing() -> None:
    off = rule(1, enabled=False)
    other = rule(2, conditions=Conditions(subject_contains=("lunch",)))
    assert done([off, other]) == ([], INBOX_UNTOUCHED, None, None, ())


def test_every_rule_that_applies_adds_what_it_wants() -> None:
    first = rule(
        1, actions=Actions(mark_as_read=True, assign_categories=("Red", "Blue"), copy_to_folder=DRAFTS)
    )
    second = rule(2, actions=Actions(mark_importance=Importance.LOW, move_to_folder=BIN))
    third = rule(3, actions=Actions(assign_categories=("Blue", "Green"), move_to_folder=ARCHIVE))
    where = (ARCHIVE, (DRAFTS,), False, False)
    assert done([first, second, third]) == ([1, 2, 3], where, True, Importance.LOW, ("Red", "Blue", "Green"))


def test_a_rule_can_say_that_this_is_enough() -> None:
    enough = rule(1, actions=Actions(delete=True, stop_processing_rules=True))
    gone = rule(2, actions=Actions(permanent_delete=True))
    assert done([enough, gone]) == ([1], (None, (), True, False), None, None, ())
    assert done([gone, enough]) == ([2, 1], (None, (), True, True), None, None, ())


def test_letters_are_passed_on_in_three_ways() -> None:
    actions = Actions(forward_to=(MEGAN,), forward_as_attachment_to=(ADELE,), redirect_to=(SAMANTHA, MEGAN))
    passed_on = sort(arrival(), [rule(1, actions=actions)]).passed_on
    assert passed_on == (
        PassOn(rule=numbered(1), how="forward_to", people=(MEGAN,)),
        PassOn(rule=numbered(1), how="forward_as_attachment_to", people=(ADELE,)),
        PassOn(rule=numbered(1), how="redirect_to", people=(SAMANTHA, MEGAN)),
    )


def test_letters_do_not_go_in_circles() -> None:
    on = rule(1, actions=Actions(redirect_to=(MEGAN,)))
    assert sort(arrival(headers={LOOP_HEADER: "meganb@contoso.com"}), [on]).passed_on
    assert not sort(arrival(headers={LOOP_HEADER: "AlexW@contoso.com"}), [on]).passed_on
