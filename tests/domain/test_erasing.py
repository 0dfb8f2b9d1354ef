"""What was erased says nothing any more, and nothing happens to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from letterbook.domain import refusals
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import Fact, catalogue, forgotten
from letterbook.domain.letter import Letter
from letterbook.domain.mailbox import (
    CreateFolder,
    DeleteFolder,
    ErasedMailbox,
    EraseOwner,
    OpenMailbox,
    OrderResync,
)
from letterbook.domain.message import (
    Copy,
    DeleteForGood,
    Erase,
    Erased,
    ErasedMessage,
    MessageCommand,
    Move,
    NoteDelivery,
    SetExtension,
    Update,
)
from letterbook.domain.people import EmailAddress
from tests.domain.cast import (
    ADELE,
    ALEX,
    ARCHIVE,
    BEGIN,
    COPY,
    DELETE,
    EARLIER,
    ERASE,
    IMPORT,
    INBOX,
    MAILBOX,
    MENTION,
    NOW,
    RECEIVE,
    REFERRAL,
    REPLACE,
    SEND,
    archived,
    begun,
    deleted,
    erased,
    nothing_known_since,
    numbered,
    received,
    samantha_mentioned,
    sent,
)
from tests.domain.harness import given, now, tell
from tests.domain.test_mailbox import clubs_made, opened, owner_erased

WHY = "Article 17, request 4711"


@pytest.mark.parametrize(
    "past",
    [(begun,), (begun, sent), (received,), (received, deleted), (begun, sent, deleted)],
    ids=["draft", "sent", "received", "deleted", "sent and deleted"],
)
def test_whatever_was_there_once_can_be_erased(past: tuple[Fact, ...]) -> None:
    given(*past).when(Erase(WHY)).then(Erased(on=NOW, why=WHY))


def test_what_never_was_cannot_be_erased() -> None:
    given().when(ERASE).refused(refusals.NotFound)


@pytest.mark.parametrize("why", ["", "  \n"])
def test_whoever_erases_says_why(why: str) -> None:
    given(begun).when(Erase(why)).refused(refusals.ReasonMissing)
    given(opened).when(EraseOwner(why)).refused(refusals.ReasonMissing)


@pytest.mark.parametrize(
    "ask",
    [
        Update(is_read=True),
        Update(changes=Letter(subject="Again")),
        REPLACE,
        MENTION,
        SEND,
        Move(ARCHIVE),
        DELETE,
        DeleteForGood(),
        SetExtension(REFERRAL),
        NoteDelivery(recipient=ADELE.address, via="mailbox"),
    ],
    ids=lambda ask: type(ask).__name__,
)
def test_nothing_is_asked_any_more_of_a_message_that_was_erased(ask: MessageCommand) -> None:
    given(begun, sent, erased).when(ask).refused(refusals.NotFound)


@pytest.mark.parametrize("ask", [BEGIN, RECEIVE, COPY, IMPORT], ids=lambda ask: type(ask).__name__)
def test_what_was_erased_does_not_begin_again(ask: MessageCommand) -> None:
    given(received, erased).when(ask).then()


def test_what_was_erased_cannot_be_copied() -> None:
    copy = Copy(source=numbered(9), original=tell(received, erased), folder=ARCHIVE)
    given().when(copy).refused(refusals.NotFound)


def test_of_a_message_whose_key_is_gone_the_fold_knows_only_how_often_it_moved() -> None:
    past = [forgotten(each.stored_name, EARLIER.at) for each in (begun, samantha_mentioned, sent, archived)]
    known = [tell(*past[:length]) for length in range(1, len(past) + 1)]
    assert known == [replace(nothing_known_since(EARLIER.at), moves=moves) for moves in (0, 0, 1, 2)]
    assert tell(*past, now(erased)) == nothing_known_since(NOW.at)


def test_it_makes_no_difference_to_the_state_whether_the_past_can_still_be_read() -> None:
    gone = forgotten(received.stored_name, EARLIER.at - timedelta(days=1))
    assert tell(received, now(erased)) == tell(gone, now(erased))
    assert isinstance(tell(gone, now(erased)), ErasedMessage)


def test_a_fact_that_is_forgotten_says_when_it_was_recorded_and_what_kind_it_was() -> None:
    gone = forgotten("message.sent.v1", EARLIER.at)
    assert (gone.kind, gone.on.at, gone.on.actor, gone.on.cause) == ("message.sent.v1", EARLIER.at, "", "")
    assert "forgotten" not in {kind.stored_name for kind in catalogue()}, "it is never stored"


def test_a_mailbox_can_be_erased() -> None:
    given(opened, clubs_made).when(EraseOwner(WHY)).then(OwnerErased(on=NOW, why=WHY))


def test_nothing_happens_any_more_in_a_mailbox_that_was_erased() -> None:
    making = CreateFolder(folder_id=numbered(40), name="Clubs", parent=INBOX)
    for ask in (making, DeleteFolder(INBOX), OrderResync(numbered(41))):
        given(opened, owner_erased).when(ask).refused(refusals.NotFound)


def test_no_mailbox_is_opened_in_the_place_of_one_that_was_erased() -> None:
    given(opened, owner_erased).when(OpenMailbox(MAILBOX, ALEX)).refused(refusals.MailboxErased)


def test_a_mailbox_whose_key_is_gone_was_nobodys() -> None:
    past = [forgotten(fact.stored_name, EARLIER.at) for fact in (opened, clubs_made)]
    assert tell(past[0]) == tell(*past) == tell(*past, owner_erased)
    assert tell(*past) == ErasedMailbox(owner=EmailAddress())


def test_only_facts_about_forgetting_and_keeping_are_kept_in_clear() -> None:
    assert {kind.stored_name for kind in catalogue() if kind.in_clear} == {
        "mailbox.hold-placed.v1",
        "mailbox.hold-released.v1",
        "mailbox.owner-erased.v1",
        "mailbox.removal-refused.v1",
        "mailbox.retention-cleared.v1",
        "mailbox.retention-set.v1",
        "message.erased.v1",
    }
