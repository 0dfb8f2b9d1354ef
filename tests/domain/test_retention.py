"""Retention: a folder says for how many days messages are kept; so it counts for the folders below it."""

from dataclasses import replace
from typing import get_args

import pytest

from letterbook.domain import refusals
from letterbook.domain.holds import HoldFact
from letterbook.domain.keeping import Keeping, KeepingCommand, KeepingFact
from letterbook.domain.mailbox import FolderDeleted, well_known_id
from letterbook.domain.retention import (
    LONGEST,
    ClearRetention,
    RetentionAction,
    RetentionCleared,
    RetentionFact,
    Retentions,
    RetentionSet,
    SetRetention,
)
from tests.domain.cast import ARCHIVE, BIN, DRAFTS, EARLIER, INBOX, MAILBOX, numbered
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import ANALYTICS, CHESS, CLUBS, analytics_made, chess_made, clubs_made, opened

DELETE, ERASE = RetentionAction.DELETE, RetentionAction.ERASE
ROOT = well_known_id(MAILBOX, "msgfolderroot")

a_month = RetentionSet(on=EARLIER, folder=BIN, days=30, action=DELETE)
a_year = RetentionSet(on=EARLIER, folder=INBOX, days=365, action=ERASE)
clubs_a_week = RetentionSet(on=EARLIER, folder=CLUBS.id, days=7, action=DELETE)
month_cleared = RetentionCleared(on=EARLIER, folder=BIN)


def test_a_folder_says_how_long_messages_are_kept() -> None:
    given(opened).when(SetRetention(BIN, 30, DELETE)).then(a_month)
    given(opened, a_month).when(SetRetention(INBOX, 365, ERASE)).then(a_year)


def test_it_says_so_once() -> None:
    given(opened, a_month).when(SetRetention(BIN, 30, DELETE)).then()


def test_it_can_say_something_else() -> None:
    sooner = RetentionSet(on=EARLIER, folder=BIN, days=7, action=DELETE)
    for_ever = RetentionSet(on=EARLIER, folder=BIN, days=30, action=ERASE)
    given(opened, a_month).when(SetRetention(BIN, 7, DELETE)).then(sooner)
    given(opened, a_month).when(SetRetention(BIN, 30, ERASE)).then(for_ever)


@pytest.mark.parametrize("days", [-1, 0, LONGEST + 1])
def test_messages_are_kept_for_a_day_at_least_and_not_for_ever(days: int) -> None:
    given(opened).when(SetRetention(BIN, days, DELETE)).refused(refusals.RetentionImpossible)


@pytest.mark.parametrize("days", [1, LONGEST])
def test_the_shortest_and_the_longest_time_are_possible(days: int) -> None:
    kept = RetentionSet(on=EARLIER, folder=BIN, days=days, action=DELETE)
    given(opened).when(SetRetention(BIN, days, DELETE)).then(kept)


def test_only_a_folder_that_holds_messages_says_so() -> None:
    given(opened).when(SetRetention(numbered(99), 30, DELETE)).refused(refusals.NotFound)
    search = SetRetention(ANALYTICS.id, 30, DELETE)
    given(opened, analytics_made).when(search).refused(refusals.FolderIsASearch)


def test_a_folder_can_stop_saying_so() -> None:
    given(opened, a_month).when(ClearRetention(BIN)).then(month_cleared)
    given(opened).when(ClearRetention(BIN)).then()
    given(opened, a_month, month_cleared).when(ClearRetention(BIN)).then()


STORIES: list[tuple[tuple[RetentionFact, ...], Retentions]] = [
    ((a_month, a_year), {BIN: a_month, INBOX: a_year}),
    ((a_month, a_year, month_cleared), {INBOX: a_year}),
]


@pytest.mark.parametrize(("past", "known"), STORIES, ids=[type(past[-1]).__name__ for past, _ in STORIES])
def test_the_state_follows_from_the_past(past: tuple[RetentionFact, ...], known: Retentions) -> None:
    assert tell(opened, *past) == replace(tell(opened), keeping=Keeping(retentions=known))


def test_every_fact_has_a_meaning() -> None:
    assert {type(past[-1]) for past, _ in STORIES} | {RetentionSet} == set(get_args(RetentionFact))
    assert set(get_args(KeepingFact)) == {*get_args(HoldFact), *get_args(RetentionFact)}
    assert {SetRetention, ClearRetention} < set(get_args(KeepingCommand))


def test_what_a_folder_said_goes_with_it() -> None:
    gone = FolderDeleted(on=EARLIER, folder_id=CLUBS.id)
    assert tell(opened, clubs_made, clubs_a_week, a_month, gone).keeping.retentions == {BIN: a_month}


def test_the_nearest_folder_above_counts() -> None:
    mailbox = tell(opened, clubs_made, chess_made, a_year)
    for folder in (INBOX, CLUBS.id, CHESS.id):
        assert mailbox.keeping.retention_of(mailbox.folders, folder) == a_year
    assert mailbox.keeping.retention_of(mailbox.folders, ARCHIVE) is None
    nearer = tell(opened, clubs_made, chess_made, a_year, clubs_a_week)
    assert nearer.keeping.retention_of(nearer.folders, CHESS.id) == clubs_a_week
    assert nearer.keeping.retention_of(nearer.folders, INBOX) == a_year


def test_what_the_top_says_counts_wherever_nothing_else_is_said() -> None:
    of_all = RetentionSet(on=EARLIER, folder=ROOT, days=3650, action=DELETE)
    mailbox = tell(opened, of_all, a_month)
    said = {name: mailbox.keeping.retention_of(mailbox.folders, name) for name in (DRAFTS, INBOX, BIN)}
    assert said == {DRAFTS: of_all, INBOX: of_all, BIN: a_month}
    beyond = well_known_id(MAILBOX, "recoverableitemsdeletions")
    assert mailbox.keeping.retention_of(mailbox.folders, beyond) is None, "it is not below the top"
