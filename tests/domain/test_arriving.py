"""A letter arrives: in which folder, and what of it its reader may see."""

from dataclasses import replace

from letterbook.domain.arriving import as_it_arrives, as_seen_by, redirected_by
from letterbook.domain.letter import ExtendedProperty, Header
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.sorting import LOOP_HEADER
from letterbook.domain.trust import SenderBlocked
from tests.domain.cast import (
    ADELE,
    ALEX,
    ARRIVED,
    DRAFT,
    EARLIER,
    INBOX,
    LETTER,
    MAILBOX,
    MEGAN,
    SAMANTHA_IN_CAPITALS,
    begun,
    deleted,
    received,
    samantha_mentioned,
    sent,
)
from tests.domain.harness import tell
from tests.domain.test_mailbox import opened

JUNK = well_known_id(MAILBOX, "junkemail")
IN_SECRET = LETTER.model_copy(update={"bcc": (MEGAN, SAMANTHA_IN_CAPITALS)})


def test_a_letter_arrives_in_the_inbox_with_all_that_it_carries() -> None:
    letter = tell(begun, samantha_mentioned, sent)
    arriving = as_it_arrives(letter, MEGAN.address, MAILBOX, tell(opened), None)
    assert (arriving.folder, arriving.thread, arriving.sent_at) == (INBOX, letter.thread, letter.sent_at)
    assert arriving.mentions == letter.mentions


def test_the_letter_of_whoever_is_blocked_arrives_in_junk_email() -> None:
    mailbox = tell(opened, SenderBlocked(on=EARLIER, address=ALEX.address))
    assert as_it_arrives(tell(begun, sent), MEGAN.address, MAILBOX, mailbox, None).folder == JUNK
    assert as_it_arrives(DRAFT, MEGAN.address, MAILBOX, mailbox, None).folder == INBOX, "it names no author"


def test_of_the_blind_copies_a_reader_sees_their_own() -> None:
    assert as_seen_by("samanthab@contoso.com", IN_SECRET).bcc == (SAMANTHA_IN_CAPITALS,)
    assert as_seen_by(ADELE.address, IN_SECRET).bcc == ()
    assert as_seen_by(None, IN_SECRET).bcc == ()


def test_what_only_the_author_or_the_post_office_may_say_does_not_arrive() -> None:
    said = [
        ("x-custom", "kept"),
        ("Received", "from nowhere"),
        ("X-Letterbook-Seal", "1"),
        ("Resent-To", "a@b.c"),
    ]
    letter = LETTER.model_copy(
        update={
            "headers": tuple(Header(name=name, value=value) for name, value in said),
            "delivery_receipt": True,
            "properties": (ExtendedProperty(id="String 0x1", value="mine"),),
        }
    )
    seen = as_seen_by(ADELE.address, letter)
    assert [header.name for header in seen.headers] == ["x-custom"]
    assert (seen.delivery_receipt, seen.properties) == (None, ())


def test_what_rules_send_on_says_whose_rules() -> None:
    assert redirected_by(MEGAN, ARRIVED) == MEGAN
    assert redirected_by(MEGAN, tell(received, deleted)) == MEGAN
    assert redirected_by(ALEX, tell(begun, sent)) is None
    assert redirected_by(ALEX, tell(begun, sent, deleted)) is None
    (header,) = as_seen_by(ADELE.address, replace(ARRIVED, letter=LETTER).letter, MEGAN).headers
    assert (header.name, header.value) == (LOOP_HEADER, MEGAN.address)
