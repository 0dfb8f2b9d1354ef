"""Whoever is unsure whether a request arrived may ask again: it says nothing new."""

from collections.abc import Iterable
from typing import get_args

import pytest

from letterbook.domain.categories import DefineCategory, RecolourCategory, RemoveCategory
from letterbook.domain.facts import Fact
from letterbook.domain.folder_properties import SetFolderProperties
from letterbook.domain.holds import ReleaseHold
from letterbook.domain.inbox_rules import DefineRule, RemoveRule, ReviseRule
from letterbook.domain.letter import Inference, Letter, ReportAction
from letterbook.domain.mailbox import (
    ChangeSearch,
    CopyFolder,
    CreateFolder,
    DeleteFolder,
    DiscardFolder,
    EraseOwner,
    MailboxCommand,
    MoveFolder,
    OpenMailbox,
    OrderResync,
    RenameFolder,
)
from letterbook.domain.meetings import Standing
from letterbook.domain.message import (
    Attach,
    CreateDraft,
    Delete,
    DeleteForGood,
    Detach,
    MessageCommand,
    Move,
    NoteDelivery,
    RemoveExtension,
    Report,
    SetExtension,
    Stand,
    Unmention,
    Unsubscribe,
    Update,
)
from letterbook.domain.overrides import Reclassify, RemoveOverride, SetOverride
from letterbook.domain.preferences import NoteAutomaticReply
from letterbook.domain.refusals import NotFound, Refused
from letterbook.domain.retention import ClearRetention, SetRetention
from letterbook.domain.settings import ChangeSettings, Settings
from letterbook.domain.trust import AllowSending, BlockSender, ForbidSending, SendingRight, UnblockSender
from tests.domain import test_categories as categories
from tests.domain import test_holds as holds
from tests.domain import test_inbox_rules as inbox_rules
from tests.domain import test_mailbox as mailbox
from tests.domain import test_overrides as overrides
from tests.domain import test_retention as retention
from tests.domain import test_trust as trust
from tests.domain.cast import (
    ADELE,
    ALEX,
    ARCHIVE,
    BEFORE,
    BEGIN,
    BIN,
    COPY,
    DELETE,
    DRAFTS,
    ERASE,
    FOLLOW_UP,
    IMPORT,
    INBOX,
    LETTER,
    MAILBOX,
    MENTION,
    MENU,
    RECEIVE,
    REFERRAL,
    REPLACE,
    SEND,
    SEND_AND_KEEP_NOTHING,
    THREAD,
    begun,
    menu_attached,
    numbered,
    overtaken,
    received,
    referral_set,
    samantha_mentioned,
    sent,
)
from tests.domain.harness import Command, answer

EVERYTHING = CreateDraft(
    folder=DRAFTS,
    letter=LETTER,
    thread=THREAD,
    is_read=False,
    flag=FOLLOW_UP,
    categories=("Red category",),
    attachments=(MENU,),
    mentions=(MENTION,),
    extensions=(REFERRAL,),
)
MARKS = Update(is_read=False, flag=FOLLOW_UP, categories=("Red category",))

ASKED: list[tuple[tuple[Fact, ...], Command]] = [
    ((), BEGIN),
    ((), EVERYTHING),
    ((), RECEIVE),
    ((begun,), Update(changes=Letter(subject="Next week's game"))),
    ((begun,), MARKS),
    ((begun, sent), MARKS),
    ((received,), Update(is_read=True, changes=Letter(read_receipt=True))),
    ((begun,), MENTION),
    ((begun, samantha_mentioned), Unmention(MENTION.mention_id)),
    ((begun,), Attach(MENU)),
    ((begun, menu_attached), Detach(MENU.id)),
    ((begun,), SetExtension(REFERRAL)),
    ((begun, referral_set), RemoveExtension(REFERRAL.name)),
    ((begun,), SEND),
    ((begun,), SEND_AND_KEEP_NOTHING),
    ((begun,), Move(ARCHIVE)),
    ((begun,), DeleteForGood()),
    ((begun,), REPLACE),
    ((), COPY),
    ((), IMPORT),
    ((received,), Report(ReportAction.JUNK)),
    ((received,), Unsubscribe("unsubscribe@contoso.com")),
    ((received,), Stand(Standing(earlier=BEFORE, overtaken_by=overtaken.by))),
    ((mailbox.opened,), BlockSender(ADELE.address)),
    ((mailbox.opened, trust.adele_blocked), UnblockSender(ADELE.address)),
    ((mailbox.opened,), AllowSending(ADELE, SendingRight.AS)),
    ((mailbox.opened, trust.adele_allowed), ForbidSending(ADELE)),
    ((), OpenMailbox(MAILBOX, ALEX)),
    ((mailbox.opened,), CreateFolder(folder_id=mailbox.CLUBS.id, name="Clubs", parent=INBOX)),
    ((mailbox.opened, mailbox.clubs_made), RenameFolder(mailbox.CLUBS.id, "Societies")),
    ((mailbox.opened, mailbox.clubs_made), MoveFolder(mailbox.CLUBS.id, ARCHIVE)),
    (
        (mailbox.opened, mailbox.clubs_made),
        CopyFolder(mailbox.CLUBS.id, ARCHIVE, {mailbox.CLUBS.id: mailbox.CLUBS_COPY.id}),
    ),
    (
        (mailbox.opened, mailbox.analytics_made),
        ChangeSearch(mailbox.ANALYTICS.id, mailbox.OTHER_SEARCH),
    ),
    ((mailbox.opened, mailbox.clubs_made), SetFolderProperties(mailbox.CLUBS.id, (mailbox.GREEN,))),
    ((mailbox.opened, mailbox.clubs_made), DiscardFolder(mailbox.CLUBS.id)),
    ((mailbox.opened, mailbox.clubs_made, mailbox.chess_made), DeleteFolder(mailbox.CLUBS.id)),
    ((mailbox.opened,), ChangeSettings(Settings(locale="fr-FR"))),
    ((mailbox.opened,), DefineCategory(categories.EXPENSES)),
    ((mailbox.opened, categories.expenses_defined), RecolourCategory(categories.EXPENSES.id, "preset1")),
    ((mailbox.opened, categories.expenses_defined), RemoveCategory(categories.EXPENSES.id)),
    ((mailbox.opened,), SetOverride(overrides.NAME, ALEX, Inference.OTHER)),
    ((mailbox.opened, overrides.other), Reclassify(overrides.NAME, Inference.FOCUSED)),
    ((mailbox.opened, overrides.other), RemoveOverride(overrides.NAME)),
    ((mailbox.opened,), DefineRule(inbox_rules.PARTNER)),
    ((mailbox.opened, inbox_rules.partner_defined), ReviseRule(inbox_rules.PARTNER.id, {"sequence": 7})),
    ((mailbox.opened, inbox_rules.partner_defined), RemoveRule(inbox_rules.PARTNER.id)),
    ((mailbox.opened,), NoteAutomaticReply("adelev@contoso.com")),
    ((mailbox.opened, mailbox.resync_ordered), OrderResync(numbered(31))),
    ((begun,), ERASE),
    ((mailbox.opened,), EraseOwner(ERASE.why)),
    ((mailbox.opened,), holds.HOLD_SOME),
    ((mailbox.opened, holds.all_held), ReleaseHold(holds.CASE, holds.OVER)),
    ((mailbox.opened, holds.all_held), holds.NOTE),
    ((mailbox.opened,), SetRetention(BIN, 30, retention.DELETE)),
    ((mailbox.opened, retention.a_month), ClearRetention(BIN)),
]

ONE_STEP_EACH_TIME = {Delete, NoteDelivery}
"""Deleting goes one step further at each time of asking, as in Graph. What became of a letter is asked for
by the post office, which takes the parcel out of the outbox in the same transaction."""


def answer_again(past: Iterable[Fact], ask: Command) -> tuple[Fact, ...]:
    """What a repeated command says; a refusal says nothing."""
    try:
        return answer(tuple(past), ask)
    except Refused:
        return ()


@pytest.mark.parametrize(("past", "ask"), ASKED, ids=[type(ask).__name__ for _, ask in ASKED])
def test_asking_twice_says_nothing_new(past: tuple[Fact, ...], ask: Command) -> None:
    first = answer(past, ask)
    assert first, "the first time something is said"
    assert answer_again((*past, *first), ask) == ()


def test_every_command_is_asked_twice() -> None:
    commands = {*get_args(MessageCommand), *get_args(MailboxCommand)}
    assert {type(ask) for _, ask in ASKED} | ONE_STEP_EACH_TIME == commands
    assert not {type(ask) for _, ask in ASKED} & ONE_STEP_EACH_TIME


def test_deleting_again_and_again_comes_to_an_end() -> None:
    past: tuple[Fact, ...] = (begun,)
    for _ in range(3):
        past = (*past, *answer(past, DELETE))
    assert len(past) == 4
    with pytest.raises(NotFound):
        answer(past, DELETE)
