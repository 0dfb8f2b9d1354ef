"""What each fact means: the state of a message, told from its past."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from letterbook.domain import refusals
from letterbook.domain.letter import Extension, Flag, Importance, Letter, ReportAction
from letterbook.domain.meetings import Standing
from letterbook.domain.message import (
    DeletedMessage,
    DraftCreated,
    DraftUpdated,
    ExtensionSet,
    Flagged,
    MentionAdded,
    Message,
    MessageFact,
    SentMessage,
)
from tests.domain.cast import (
    ALEX,
    ARCHIVE,
    ARRIVED,
    DRAFT,
    DRAFTS,
    EARLIER,
    ENCLOSED,
    FOLLOW_UP,
    LETTER,
    LINKED,
    LOGO,
    LONG_AGO,
    MENTION,
    MENU,
    NOW,
    REFERRAL,
    SENT_ITEMS,
    WHOLE,
    archived,
    begun,
    copied,
    deleted,
    delivered,
    erased,
    filed,
    flagged,
    followed,
    imported,
    logo_attached,
    marked_unread,
    mention_taken_back,
    menu_attached,
    menu_taken_off,
    not_delivered,
    nothing_known_since,
    overtaken,
    received,
    referral_removed,
    referral_set,
    remarked,
    replaced,
    reported,
    rewritten,
    samantha_mentioned,
    sent,
    sent_and_not_kept,
    unsubscribed,
)
from tests.domain.harness import now, tell


def changed(was: Message, revision: int = 2, **changes: Any) -> Message:
    """A state that somebody changed just now."""
    return replace(was, modified_at=NOW.at, revision=revision, **changes)


def became(kind: type[Message], was: Message, **changes: object) -> Message:
    """A state of another kind that follows just now."""
    fields = {name: getattr(was, name) for name in Message.__dataclass_fields__}
    return kind(**fields | {"modified_at": NOW.at, "revision": was.revision + 1} | changes)


LEFT = became(
    SentMessage,
    DRAFT,
    folder=SENT_ITEMS,
    letter=LETTER.model_copy(update={"author": ALEX, "sender": ALEX}),
    sent_at=NOW.at,
    received_at=NOW.at,
    moves=1,
)
ON_SECOND_THOUGHT = Extension(name=REFERRAL.name, values={"dealValue": 1, "won": True})

STORIES: list[tuple[tuple[MessageFact, ...], Message]] = [
    ((begun,), DRAFT),
    ((received,), ARRIVED),
    (
        (begun, now(rewritten)),
        changed(DRAFT, letter=LETTER.model_copy(update={"subject": "Next week's game"})),
    ),
    ((begun, now(samantha_mentioned)), changed(DRAFT, mentions=(now(samantha_mentioned),))),
    ((begun, samantha_mentioned, now(mention_taken_back)), changed(DRAFT, 3, mentions=())),
    ((begun, now(menu_attached)), changed(DRAFT, attachments=(MENU,))),
    ((begun, menu_attached, now(logo_attached)), changed(DRAFT, 3, attachments=(MENU, LOGO))),
    ((begun, menu_attached, logo_attached, now(menu_taken_off)), changed(DRAFT, 4, attachments=(LOGO,))),
    ((begun, now(sent)), LEFT),
    ((begun, now(sent_and_not_kept)), replace(LEFT, folder=None)),
    ((begun, now(sent), delivered), LEFT),
    ((begun, now(sent), not_delivered), LEFT),
    ((begun, now(archived)), changed(DRAFT, folder=ARCHIVE, moves=1)),
    ((begun, now(marked_unread)), changed(DRAFT, is_read=False)),
    ((begun, now(flagged)), changed(DRAFT, flag=FOLLOW_UP)),
    ((begun, flagged, now(Flagged(on=EARLIER, flag=Flag()))), changed(DRAFT, 3, flag=Flag())),
    ((begun, now(filed)), changed(DRAFT, categories=("Red category",))),
    (
        (received, now(remarked)),
        changed(ARRIVED, letter=LETTER.model_copy(update={"importance": Importance.HIGH})),
    ),
    ((begun, now(referral_set)), changed(DRAFT, extensions=(REFERRAL,))),
    (
        (begun, referral_set, now(ExtensionSet(on=EARLIER, extension=ON_SECOND_THOUGHT))),
        changed(
            DRAFT,
            3,
            extensions=(
                Extension(
                    name=REFERRAL.name,
                    values={"companyName": "Wingtip Toys", "dealValue": 1, "won": True},
                ),
            ),
        ),
    ),
    ((begun, referral_set, now(referral_removed)), changed(DRAFT, 3, extensions=())),
    (
        (begun, logo_attached, now(replaced)),
        changed(DRAFT, 3, letter=WHOLE, attachments=(MENU,), sent_at=NOW.at, from_mime=True),
    ),
    ((copied,), replace(ARRIVED, folder=ARCHIVE)),
    ((imported,), replace(ARRIVED, folder=ARCHIVE, received_at=LONG_AGO, categories=("Red category",))),
    ((received, now(reported)), changed(ARRIVED, reported=ReportAction.PHISH)),
    ((received, now(unsubscribed)), changed(ARRIVED, unsubscribed=True)),
    ((received, now(followed)), changed(ARRIVED, standing=Standing(earlier=followed.earlier))),
    ((received, now(overtaken)), changed(ARRIVED, standing=Standing(overtaken_by=overtaken.by))),
    ((received, now(deleted)), became(DeletedMessage, ARRIVED, folder=None, arrived=True)),
    ((received, now(erased)), nothing_known_since(NOW.at)),
]


@pytest.mark.parametrize(
    ("past", "state"), STORIES, ids=["-".join(type(fact).__name__ for fact in past) for past, _ in STORIES]
)
def test_the_state_follows_from_the_past(past: tuple[MessageFact, ...], state: Message) -> None:
    assert tell(*past) == state


def test_every_fact_has_a_meaning() -> None:
    assert {type(past[-1]) for past, _ in STORIES} == set(get_args(MessageFact))


def test_a_draft_from_mime_was_written_when_it_says() -> None:
    dated = begun.model_copy(update={"sent_at": NOW.at, "from_mime": True})
    assert tell(dated) == replace(DRAFT, sent_at=NOW.at, from_mime=True)


def test_what_comes_to_a_draft_comes_to_the_letter_that_leaves() -> None:
    was = tell(begun, samantha_mentioned, menu_attached, referral_set, marked_unread, flagged, filed)
    left = tell(
        begun, samantha_mentioned, menu_attached, referral_set, marked_unread, flagged, filed, now(sent)
    )
    assert left == became(
        SentMessage, was, folder=SENT_ITEMS, letter=LEFT.letter, sent_at=NOW.at, received_at=NOW.at, moves=1
    )


def test_a_letter_that_was_written_where_sent_ones_are_kept_stays_there() -> None:
    written_there = begun.model_copy(update={"folder": SENT_ITEMS})
    assert (found := tell(written_there, sent)) is not None
    assert (found.folder, found.moves) == (SENT_ITEMS, 0)


def test_every_move_counts_also_back_again() -> None:
    back = archived.model_copy(update={"folder": DRAFTS})
    moves = [
        told.moves for past in ((begun,), (begun, archived), (begun, archived, back)) if (told := tell(*past))
    ]
    assert moves == [0, 1, 2]


def test_the_author_that_was_set_is_replaced_by_the_one_who_sent() -> None:
    drafted = DraftCreated(
        on=EARLIER,
        folder=DRAFT.folder or MENU.id,
        letter=Letter(author=MENTION.mentioned),
        thread=DRAFT.thread,
    )
    assert tell(drafted, sent).letter == Letter(author=ALEX, sender=ALEX)


def test_a_rewrite_keeps_what_it_does_not_name() -> None:
    emptied = DraftUpdated(on=EARLIER, changes=Letter(to=()))
    assert tell(begun, rewritten, emptied).letter == LETTER.model_copy(
        update={"subject": "Next week's game", "to": ()}
    )


def test_data_of_other_programs_stays() -> None:
    other = Extension(name="Com.Fabrikam.Note", values={"a": 1})
    both = tell(begun, referral_set, ExtensionSet(on=EARLIER, extension=other))
    assert both.extensions == (REFERRAL, other)
    assert tell(
        begun, referral_set, ExtensionSet(on=EARLIER, extension=other), referral_removed
    ).extensions == (other,)


def test_one_mention_among_several_can_be_taken_back() -> None:
    other = MentionAdded(on=EARLIER, mention_id=MENU.id, mentioned=ALEX, created_by=ALEX)
    assert tell(begun, samantha_mentioned, other, mention_taken_back).mentions == (other,)


def test_what_becomes_of_a_letter_changes_nothing_its_owner_sees() -> None:
    assert tell(begun, sent, delivered, not_delivered).revision == tell(begun, sent).revision


# --- Questions to a state --------------------------------------------------------------------------


def test_has_attachments_ignores_inline_ones() -> None:
    assert not tell(begun).has_attachments
    assert not tell(begun, logo_attached).has_attachments
    assert tell(begun, logo_attached, menu_attached).has_attachments
    assert not tell(begun, logo_attached, menu_attached, menu_taken_off).has_attachments


def test_messages_and_links_are_attachments_too() -> None:
    for attachment in (ENCLOSED, LINKED):
        assert tell(begun, menu_attached.model_copy(update={"attachment": attachment})).has_attachments


def test_parts_are_found_by_name() -> None:
    message = tell(begun, samantha_mentioned, menu_attached, referral_set)
    assert message.attachment(MENU.id) == MENU
    assert message.mention(MENTION.mention_id) == samantha_mentioned
    assert message.extension(REFERRAL.name) == REFERRAL


def test_parts_that_are_not_there_are_refused() -> None:
    with pytest.raises(refusals.NotFound):
        DRAFT.attachment(MENU.id)
    with pytest.raises(refusals.NotFound):
        DRAFT.mention(MENTION.mention_id)
    with pytest.raises(refusals.NotFound):
        DRAFT.extension(REFERRAL.name)


def test_attachments_know_their_size() -> None:
    assert (MENU.size, LOGO.size) == (9, 4)
    assert ENCLOSED.size == len(LETTER.body.content or "")
    assert LINKED.size == len(LINKED.source_url)
    whole = ENCLOSED.model_copy(update={"mime": MENU.content})
    assert whole.size == 9
