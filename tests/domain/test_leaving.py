"""A letter leaves, arrives, is filed and is thrown away. What was sent is for ever."""

from dataclasses import replace

import pytest

from letterbook.domain import refusals
from letterbook.domain.letter import (
    ExtendedProperty,
    Flag,
    FlagStatus,
    Header,
    Importance,
    Inference,
    Letter,
    ReportAction,
    write_body,
)
from letterbook.domain.meetings import Meeting, MeetingNews
from letterbook.domain.message import (
    Copy,
    Delete,
    DeleteForGood,
    Draft,
    Flagged,
    Message,
    MessageFact,
    Move,
    NoteDelivery,
    ReceivedMessage,
    Remarked,
    Report,
    Sent,
    SentMessage,
    Unsubscribe,
    Update,
    decide,
)
from letterbook.domain.message.rules import OPEN_AFTER_SENDING
from letterbook.domain.people import EmailAddress
from letterbook.domain.trust import SendingRight
from tests.domain.cast import (
    ADDRESSLESS,
    ADELE,
    ALEX,
    ARCHIVE,
    BEGIN,
    BEYOND,
    BIN,
    COPY,
    DELETE,
    DRAFTS,
    EARLIER,
    FOLLOW_UP,
    LETTER,
    MEGAN,
    NOW,
    RECEIVE,
    SEND,
    SEND_AND_KEEP_NOTHING,
    SENT_ITEMS,
    archived,
    begun,
    copied,
    deleted,
    delivered,
    filed,
    flagged,
    marked_read,
    marked_unread,
    not_delivered,
    received,
    remarked,
    reported,
    sent,
    sent_and_not_kept,
    thrown_away,
    thrown_further,
    unsubscribed,
)
from tests.domain.harness import given, tell

Past = tuple[MessageFact, ...]


def with_letter(**changes: object) -> MessageFact:
    """A draft of another letter."""
    return begun.model_copy(update={"letter": LETTER.model_copy(update=changes)})


# --- Sending ---------------------------------------------------------------------------------------


def test_a_draft_with_a_recipient_can_be_sent() -> None:
    given(begun).when(SEND).then(sent)


def test_the_sender_may_keep_no_copy() -> None:
    given(begun).when(SEND_AND_KEEP_NOTHING).then(sent_and_not_kept)


def test_a_draft_can_be_sent_from_any_folder() -> None:
    given(begun, thrown_away).when(SEND).then(sent)


def test_a_blind_copy_is_recipient_enough() -> None:
    given(with_letter(to=(), bcc=(ADELE,))).when(SEND).then(sent)


def test_a_letter_to_nobody_cannot_be_sent() -> None:
    given(with_letter(to=())).when(SEND).refused(refusals.NoRecipients)
    given(with_letter(to=(), reply_to=(ADELE,))).when(SEND).refused(refusals.NoRecipients)


@pytest.mark.parametrize(
    "address",
    ["", "Adele", "@contoso.com", "adelev@", "adele v@contoso.com", "a@b>\r\nRCPT TO:<c@d", "a@b,c@d"],
)
def test_every_recipient_needs_an_address_that_mail_can_go_to(address: str) -> None:
    somebody = EmailAddress(name="Somebody", address=address)
    given(with_letter(cc=(somebody,))).when(SEND).refused(refusals.RecipientUnresolved)


def test_a_recipient_without_an_address_may_stand_in_a_draft() -> None:
    to_be_completed = with_letter(to=(ADDRESSLESS,))
    given(to_be_completed).when(SEND).refused(refusals.RecipientUnresolved)


def test_nobody_writes_in_anothers_name() -> None:
    given(with_letter(author=MEGAN)).when(SEND).refused(refusals.SendAsDenied)


def test_a_mime_message_only_claims_its_author_and_leaves_in_its_owners_name() -> None:
    claims = with_letter(author=MEGAN).model_copy(update={"from_mime": True})
    given(claims).when(SEND).then(sent)


def test_the_owner_may_be_named_as_author_in_any_case() -> None:
    shouting = EmailAddress(name="A. Wilber", address="ALEXW@contoso.com")
    in_this_name = Sent(on=EARLIER, author=shouting, sender=ALEX, kept_in=SENT_ITEMS)
    given(with_letter(author=shouting)).when(SEND).then(in_this_name)


def test_a_letter_leaves_once() -> None:
    given(begun, sent).when(SEND).refused(refusals.NotADraft)
    given(begun, sent_and_not_kept).when(SEND).refused(refusals.NotFound)


def test_what_arrived_or_is_gone_cannot_be_sent() -> None:
    given(received).when(SEND).refused(refusals.NotADraft)
    given(begun, deleted).when(SEND).refused(refusals.NotFound)
    given().when(SEND).refused(refusals.NotFound)


# --- Sent is for ever ------------------------------------------------------------------------------

CONTENT = {
    "subject": "Another game",
    "body": write_body("text", "They were not."),
    "to": (MEGAN,),
    "cc": (MEGAN,),
    "bcc": (MEGAN,),
    "reply_to": (MEGAN,),
    "author": MEGAN,
    "sender": MEGAN,
    "internet_message_id": "<2@contoso.com>",
    "headers": (Header(name="x-colour", value="red"),),
    "properties": (ExtendedProperty(id="String {1} Name Colour", value="red"),),
    "meeting": Meeting(news=MeetingNews.CANCELLED),
}


@pytest.mark.parametrize("past", [(begun, sent), (received,)], ids=["sent", "received"])
@pytest.mark.parametrize("field", sorted(CONTENT))
def test_what_a_letter_said_is_for_ever(past: Past, field: str) -> None:
    given(*past).when(Update(changes=Letter.model_validate({field: CONTENT[field]}))).refused(
        refusals.NotADraft
    )


def test_every_field_of_a_letter_is_either_content_or_an_open_mark() -> None:
    assert CONTENT.keys() | OPEN_AFTER_SENDING == Letter.model_fields.keys()
    assert not CONTENT.keys() & OPEN_AFTER_SENDING


def test_a_refused_rewrite_takes_the_marks_in_the_same_request_with_it() -> None:
    ask = Update(changes=Letter(subject="Another game"), is_read=False)
    given(begun, sent).when(ask).refused(refusals.NotADraft)


@pytest.mark.parametrize("past", [(begun, sent), (received,)], ids=["sent", "received"])
def test_importance_receipts_and_inference_stay_open(past: Past) -> None:
    for changes in (
        Letter(importance=Importance.HIGH),
        Letter(read_receipt=True),
        Letter(delivery_receipt=True),
        Letter(inference=Inference.OTHER),
    ):
        given(*past).when(Update(changes=changes)).then(Remarked(on=EARLIER, changes=changes))


def test_a_mark_as_it_is_says_nothing_new() -> None:
    given(begun, sent).when(Update(changes=Letter(importance=LETTER.importance))).then()
    given(begun, sent, remarked).when(Update(changes=remarked.changes)).then()


def test_a_letter_that_left_can_still_be_marked_and_filed() -> None:
    ask = Update(is_read=False, flag=FOLLOW_UP, categories=("Red category",))
    given(begun, sent).when(ask).then(marked_unread, flagged, filed)


def test_the_flag_can_be_completed_and_cleared() -> None:
    for flag in (Flag(status=FlagStatus.COMPLETE), Flag()):
        given(begun, sent, flagged).when(Update(flag=flag)).then(Flagged(on=EARLIER, flag=flag))


# --- Arriving --------------------------------------------------------------------------------------


def test_a_letter_arrives() -> None:
    given().when(RECEIVE).then(received)


def test_a_letter_arrives_once() -> None:
    given(received).when(RECEIVE).then()
    given(received, deleted).when(RECEIVE).then()


def test_a_letter_arrives_unread_and_can_be_read() -> None:
    given(received).when(Update(is_read=False)).then()
    given(received).when(Update(is_read=True)).then(marked_read)


# --- What became of it -----------------------------------------------------------------------------

ARRIVED_THERE = NoteDelivery(recipient="adelev@contoso.com", via="mailbox")
DID_NOT = NoteDelivery(recipient="adelev@contoso.com", failure="550 no such user")


def test_what_became_of_a_letter_is_written_down() -> None:
    given(begun, sent).when(ARRIVED_THERE).then(delivered)
    given(begun, sent).when(DID_NOT).then(not_delivered)


def test_it_is_written_down_even_if_the_sender_kept_nothing() -> None:
    given(begun, sent_and_not_kept).when(ARRIVED_THERE).then(delivered)
    given(begun, sent, deleted).when(DID_NOT).then(not_delivered)


def test_it_is_written_down_for_a_letter_that_a_rule_sent_on() -> None:
    given(received).when(ARRIVED_THERE).then(delivered)
    given(received, deleted).when(DID_NOT).then(not_delivered)


def test_a_letter_that_has_not_left_reaches_nobody() -> None:
    given().when(ARRIVED_THERE).refused(refusals.NotFound)
    given(begun).when(DID_NOT).refused(refusals.NotFound)


# --- Moving and deleting ---------------------------------------------------------------------------


@pytest.mark.parametrize("past", [(begun,), (begun, sent), (received,)], ids=["draft", "sent", "received"])
def test_any_message_can_be_moved(past: Past) -> None:
    given(*past).when(Move(ARCHIVE)).then(archived)


def test_moving_a_message_to_where_it_is_says_nothing_new() -> None:
    given(begun).when(Move(DRAFTS)).then()
    given(begun, archived).when(Move(ARCHIVE)).then()


@pytest.mark.parametrize("past", [(begun,), (begun, sent), (received,)], ids=["draft", "sent", "received"])
def test_deleting_goes_three_steps(past: Past) -> None:
    given(*past).when(DELETE).then(thrown_away)
    given(*past, thrown_away).when(DELETE).then(thrown_further)
    given(*past, thrown_away, thrown_further).when(DELETE).then(deleted)


def test_the_first_two_steps_can_be_undone() -> None:
    for steps in ((thrown_away,), (thrown_away, thrown_further)):
        given(begun, archived, *steps).when(Move(ARCHIVE)).then(archived)


def test_what_is_gone_stays_gone() -> None:
    for past in (
        (),
        (begun, deleted),
        (begun, sent, deleted),
        (received, deleted),
        (begun, sent_and_not_kept),
    ):
        given(*past).when(DELETE).refused(refusals.NotFound)
        given(*past).when(Move(ARCHIVE)).refused(refusals.NotFound)
        given(*past).when(Update(is_read=False)).refused(refusals.NotFound)


def test_a_message_that_was_deleted_is_not_begun_again() -> None:
    given(begun, deleted).when(BEGIN).then()


def test_deleting_depends_only_on_where_the_message_is() -> None:
    given(begun, thrown_further).when(Delete(bin=BIN, beyond=BEYOND)).then(deleted)


# --- Writing in another's name ---------------------------------------------------------------------


def test_whoever_may_send_as_somebody_leaves_no_other_name() -> None:
    ask = replace(SEND, right=SendingRight.AS)
    in_megans_name = Sent(on=EARLIER, author=MEGAN, sender=MEGAN, kept_in=SENT_ITEMS)
    given(with_letter(author=MEGAN)).when(ask).then(in_megans_name)


def test_whoever_may_send_on_behalf_of_somebody_is_named_beside() -> None:
    ask = replace(SEND, right=SendingRight.ON_BEHALF)
    on_megans_behalf = Sent(on=EARLIER, author=MEGAN, sender=ALEX, kept_in=SENT_ITEMS)
    given(with_letter(author=MEGAN)).when(ask).then(on_megans_behalf)
    claims = with_letter(author=MEGAN).model_copy(update={"from_mime": True})
    given(claims).when(ask).then(on_megans_behalf)


# --- Copies, and the end ---------------------------------------------------------------------------


def test_a_copy_says_all_that_the_original_says() -> None:
    given().when(COPY).then(copied)
    given(copied).when(COPY).then()


@pytest.mark.parametrize(
    ("past", "kind"),
    [((begun,), Draft), ((begun, sent), SentMessage), ((received,), ReceivedMessage)],
    ids=["draft", "sent", "received"],
)
def test_a_copy_is_what_the_original_is(past: Past, kind: type[Message]) -> None:
    past = (*past, flagged, filed)
    news = decide(None, Copy(source=COPY.source, original=tell(*past), folder=ARCHIVE), NOW)
    copy, original = tell(*news), tell(*past)
    assert type(copy) is kind
    assert copy == replace(
        original, folder=ARCHIVE, created_at=NOW.at, modified_at=NOW.at, revision=1, moves=0
    )


def test_what_is_gone_cannot_be_copied() -> None:
    gone = tell(received, deleted)
    given().when(Copy(source=COPY.source, original=gone, folder=ARCHIVE)).refused(refusals.NotFound)


def test_a_copy_of_a_draft_can_be_sent() -> None:
    (copy,) = decide(None, Copy(source=COPY.source, original=tell(begun), folder=DRAFTS), NOW)
    given(copy).when(SEND).then(sent)


@pytest.mark.parametrize("past", [(begun,), (begun, sent), (received,), (received, thrown_further)])
def test_a_message_can_be_deleted_for_good_wherever_it_is(past: Past) -> None:
    given(*past).when(DeleteForGood()).then(deleted)
    given(*past, deleted).when(DeleteForGood()).refused(refusals.NotFound)


# --- Reported, unsubscribed from -------------------------------------------------------------------


def test_a_message_is_reported_as_something_once() -> None:
    given(received).when(Report(ReportAction.PHISH)).then(reported)
    given(received, reported).when(Report(ReportAction.PHISH)).then()
    other = reported.model_copy(update={"action": ReportAction.NOT_JUNK})
    given(received, reported).when(Report(ReportAction.NOT_JUNK)).then(other)


def test_a_list_is_asked_once_for_no_more_letters() -> None:
    given(received).when(Unsubscribe(unsubscribed.via)).then(unsubscribed)
    given(received, unsubscribed).when(Unsubscribe("elsewhere@contoso.com")).then()


def test_what_is_gone_is_neither_reported_nor_unsubscribed_from() -> None:
    for ask in (Report(ReportAction.JUNK), Unsubscribe(unsubscribed.via)):
        given(received, deleted).when(ask).refused(refusals.NotFound)
