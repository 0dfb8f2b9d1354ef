"""A message retold from the fields of its facts is what the fold tells of them."""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import get_args

import pytest

from letterbook.domain.facts import Fact, Forgotten
from letterbook.domain.letter import ExtendedProperty, Flag, Header, Inference, Letter, write_body
from letterbook.domain.meetings import Standing
from letterbook.domain.message import Erased, MessageFact, fold
from letterbook.domain.message.facts import (
    AttachmentAdded,
    AttachmentRemoved,
    Categorised,
    Copied,
    Deleted,
    Delivered,
    DeliveryFailed,
    DraftCreated,
    DraftReplaced,
    DraftUpdated,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    Imported,
    MeetingFollowed,
    MeetingOvertaken,
    MentionAdded,
    MentionRemoved,
    Moved,
    ReadStateChanged,
    Received,
    Remarked,
    Reported,
    Sent,
    Unsubscribed,
)
from letterbook.domain.message.retelling import Written, made, retell
from tests.domain import cast
from tests.domain.harness import stored
from tests.domain.test_every_short_story import COMMANDS, told

SELDOM = (
    AttachmentRemoved,
    DraftReplaced,
    Erased,
    ExtensionRemoved,
    ExtensionSet,
    MeetingFollowed,
    MeetingOvertaken,
    MentionRemoved,
    Reported,
    Unsubscribed,
)
"""Left to the fold."""

BEGINNINGS: tuple[MessageFact, ...] = (
    cast.begun,
    cast.begun.model_copy(update={"letter": Letter(), "sent_at": cast.LONG_AGO, "from_mime": True}),
    cast.received,
    cast.received.model_copy(update={"mentions": (cast.samantha_mentioned,), "attachments": (cast.LINKED,)}),
    cast.copied,
    cast.copied.model_copy(update={"standing": Standing(overtaken_by=cast.overtaken.by)}),
    cast.copied.model_copy(update={"kind": "draft", "flag": cast.FOLLOW_UP, "categories": ("Blue",)}),
    cast.imported,
    cast.imported.model_copy(update={"kind": "sent", "attachments": (), "flag": Flag()}),
)
EVERYTHING_SAID = Letter(
    subject="Ünal, 会議",
    body=write_body("html", "<p>All of it &amp; more</p>"),
    to=(cast.ADELE, cast.MEGAN),
    cc=(cast.ADDRESSLESS,),
    bcc=(cast.SAMANTHA_IN_CAPITALS,),
    reply_to=(cast.ALEX,),
    author=cast.ALEX,
    sender=None,
    headers=(Header(name="X-Spam", value="no"),),
    delivery_receipt=None,
    read_receipt=True,
    inference=Inference.OTHER,
    properties=(ExtendedProperty(id="String 0x1", value=("a", "b")),),
)
CHANGES: tuple[MessageFact, ...] = (
    cast.rewritten,
    cast.rewritten.model_copy(update={"changes": EVERYTHING_SAID}),
    cast.remarked,
    cast.samantha_mentioned,
    cast.mention_taken_back,
    cast.menu_attached,
    cast.logo_attached,
    cast.menu_taken_off,
    cast.sent,
    cast.sent_and_not_kept,
    cast.delivered,
    cast.not_delivered,
    cast.archived,
    cast.marked_unread,
    cast.flagged,
    cast.filed,
    cast.referral_set,
    cast.referral_removed,
    cast.replaced,
    cast.reported,
    cast.unsubscribed,
    cast.deleted,
    cast.erased,
    cast.followed,
    cast.overtaken,
)


def written(facts: Iterable[MessageFact]) -> list[Written]:
    """Facts as they are stored."""
    return [(fact.stored_name, json.loads(stored(fact))) for fact in facts]


def stories() -> Iterator[tuple[MessageFact, ...]]:
    """Every beginning, and up to two of whatever can follow."""
    for beginning in BEGINNINGS:
        for length in range(3):
            for more in product(CHANGES, repeat=length):
                yield (beginning, *more)


def check(story: tuple[MessageFact, ...]) -> bool:
    """Retold as the fold tells it, or left to the fold because of what it holds."""
    state = retell(written(story))
    if state is None:
        assert any(isinstance(fact, SELDOM) for fact in story)
        return False
    assert made(state) == fold(None, story)
    return True


def test_every_kind_of_fact_takes_part() -> None:
    assert {type(fact) for fact in (*BEGINNINGS, *CHANGES)} == set(get_args(MessageFact))


def test_every_short_story_is_retold() -> None:
    retold = sum(map(check, stories()))
    assert retold > 8 * 15**2


def test_every_short_story_that_can_happen_is_retold() -> None:
    for story in product(COMMANDS, repeat=3):
        if facts := told(story)[0]:
            check(facts)


@pytest.mark.parametrize("seldom", SELDOM)
def test_what_happens_seldom_is_left_to_the_fold(seldom: type[MessageFact]) -> None:
    (fact,) = (each for each in CHANGES if type(each) is seldom)
    assert retell(written((cast.begun, fact, cast.sent))) is None


def test_what_is_forgotten_is_left_to_the_fold() -> None:
    forgotten: Written = (Forgotten.stored_name, {})
    assert retell([forgotten]) is None
    assert retell([*written((cast.begun,)), forgotten]) is None


def test_values_that_somebody_is_free_to_choose_are_left_to_the_fold() -> None:
    large = cast.REFERRAL.model_copy(update={"values": {"number": 2**80}})
    for whole in (cast.copied, cast.imported):
        assert retell(written((whole.model_copy(update={"extensions": (large,)}),))) is None


KNOWN = {
    DraftCreated: "on folder letter thread sent_at from_mime answers",
    Received: "on folder letter thread sent_at attachments mentions",
    Copied: "on source folder kind letter thread received_at sent_at is_read flag categories attachments "
    "mentions extensions from_mime standing",
    Imported: "on origin folder kind letter thread received_at sent_at is_read flag categories attachments "
    "extensions from_mime",
    DraftUpdated: "on changes",
    Remarked: "on changes",
    MentionAdded: "on mention_id mentioned created_by",
    AttachmentAdded: "on attachment",
    Sent: "on author sender kept_in",
    Moved: "on folder",
    Deleted: "on",
    Delivered: "on recipient via",
    DeliveryFailed: "on recipient reason",
    ReadStateChanged: "on is_read",
    Flagged: "on flag",
    Categorised: "on categories",
}
"""What a fact that is retold may say. Whoever adds a field looks whether it has to be retold, too."""


@pytest.mark.parametrize("kind", KNOWN)
def test_nothing_that_a_fact_says_is_passed_over(kind: type[Fact]) -> None:
    assert list(kind.model_fields) == KNOWN[kind].split()


def test_every_kind_is_either_retold_or_left_to_the_fold() -> None:
    assert {*KNOWN, *SELDOM} == set(get_args(MessageFact))


def test_messages_in_messages_are_left_to_the_fold() -> None:
    """They may hold such values, too."""
    enclosing = cast.received.model_copy(update={"attachments": (cast.MENU, cast.ENCLOSED)})
    attached = cast.menu_attached.model_copy(update={"attachment": cast.ENCLOSED})
    assert retell(written((enclosing,))) is None
    assert retell(written((cast.begun, attached))) is None


def test_the_fields_of_an_unusual_beginning_are_no_state() -> None:
    assert retell(written((cast.archived, cast.begun))) is None
