"""Legal holds: each has a name and a reason, is placed once and released, and what it stopped is noted."""

from dataclasses import replace
from typing import get_args

import pytest

from letterbook.domain import refusals
from letterbook.domain.holds import (
    LONGEST_NAME,
    LONGEST_REASON,
    HoldFact,
    HoldPlaced,
    HoldReleased,
    Holds,
    NoteRefusal,
    PlaceHold,
    ReleaseHold,
    Removal,
    RemovalRefused,
)
from letterbook.domain.keeping import Keeping
from letterbook.domain.mailbox import MailboxOpened
from tests.domain.cast import ALEX, EARLIER, numbered
from tests.domain.harness import given, tell

CASE, AUDIT, LETTER = numbered(40), numbered(41), numbered(42)
WHY, OVER = "Fabrikam sues us.", "They settled."

opened = MailboxOpened(on=EARLIER, owner=ALEX, folders=())
all_held = HoldPlaced(on=EARLIER, hold_id=CASE, name="Fabrikam", why=WHY)
some_held = HoldPlaced(on=EARLIER, hold_id=AUDIT, name="Audit", why="Tax", search="subject:invoice")
released = HoldReleased(on=EARLIER, hold_id=CASE, why=OVER)
deletion_refused = RemovalRefused(on=EARLIER, message=LETTER, removal=Removal.DELETE, holds=(CASE, AUDIT))
erasure_refused = RemovalRefused(on=EARLIER, message=None, removal=Removal.ERASE, holds=(CASE,))

HOLD_ALL = PlaceHold(CASE, "Fabrikam", WHY)
HOLD_SOME = PlaceHold(AUDIT, "Audit", "Tax", "subject:invoice")
NOTE = NoteRefusal(LETTER, Removal.DELETE, (CASE, AUDIT))


def test_a_mailbox_or_what_a_search_finds_is_held() -> None:
    given(opened).when(HOLD_ALL).then(all_held)
    given(opened, all_held).when(HOLD_SOME).then(some_held)


def test_a_hold_is_placed_once() -> None:
    given(opened, all_held).when(HOLD_ALL).then()


@pytest.mark.parametrize(("name", "why"), [("", WHY), (" \t", WHY), ("Fabrikam", ""), ("Fabrikam", "\n")])
def test_a_hold_has_a_name_and_a_reason(name: str, why: str) -> None:
    given(opened).when(PlaceHold(CASE, name, why)).refused(refusals.HoldUnexplained)


def test_no_two_holds_share_a_name_in_any_case() -> None:
    given(opened, all_held).when(PlaceHold(AUDIT, "FABRIKAM", WHY)).refused(refusals.HoldNameTaken)
    again = HoldPlaced(on=EARLIER, hold_id=AUDIT, name="Fabrikam", why=WHY)
    given(opened, all_held, released).when(PlaceHold(AUDIT, "Fabrikam", WHY)).then(again)


def test_names_and_reasons_have_an_end() -> None:
    longest = PlaceHold(CASE, "n" * LONGEST_NAME, "w" * LONGEST_REASON)
    given(opened).when(longest).then(HoldPlaced(on=EARLIER, hold_id=CASE, name=longest.name, why=longest.why))
    given(opened).when(replace(longest, name=longest.name + "n")).refused(refusals.TooLong)
    given(opened).when(replace(longest, why=longest.why + "w")).refused(refusals.TooLong)
    too_long = ReleaseHold(CASE, "w" * (LONGEST_REASON + 1))
    given(opened, all_held).when(too_long).refused(refusals.TooLong)


def test_a_hold_is_released_for_a_reason() -> None:
    given(opened, all_held).when(ReleaseHold(CASE, OVER)).then(released)
    given(opened, all_held).when(ReleaseHold(CASE, " ")).refused(refusals.HoldUnexplained)


def test_a_hold_that_is_not_there_cannot_be_released() -> None:
    given(opened, some_held).when(ReleaseHold(CASE, OVER)).refused(refusals.HoldUnknown)
    given(opened, all_held, released).when(ReleaseHold(CASE, OVER)).refused(refusals.HoldUnknown)


def test_what_a_hold_stopped_is_noted_each_time() -> None:
    given(opened, all_held, some_held).when(NOTE).then(deletion_refused)
    given(opened, all_held, deletion_refused).when(NOTE).then(deletion_refused)
    given(opened, all_held).when(NoteRefusal(None, Removal.ERASE, (CASE,))).then(erasure_refused)


STORIES: list[tuple[tuple[HoldFact, ...], Holds]] = [
    ((all_held,), Holds({CASE: all_held})),
    ((all_held, some_held, released), Holds({AUDIT: some_held})),
    ((all_held, deletion_refused), Holds({CASE: all_held}, deletion_refused)),
]


@pytest.mark.parametrize(("past", "holds"), STORIES, ids=[type(past[-1]).__name__ for past, _ in STORIES])
def test_the_state_follows_from_the_past(past: tuple[HoldFact, ...], holds: Holds) -> None:
    assert tell(opened, *past) == replace(tell(opened), keeping=Keeping(holds))


def test_every_fact_has_a_meaning() -> None:
    assert {type(past[-1]) for past, _ in STORIES} == set(get_args(HoldFact))


def test_there_are_holds_or_there_are_none() -> None:
    assert not tell(opened).keeping.holds
    assert tell(opened, all_held).keeping.holds
    assert not tell(opened, all_held, deletion_refused, released).keeping.holds


def test_a_hold_is_found_by_name_in_any_case() -> None:
    holds = tell(opened, all_held, some_held).keeping.holds
    assert (holds.called("fabrikam"), holds.called("AUDIT")) == (all_held, some_held)
    with pytest.raises(refusals.HoldUnknown, match="Wingtip"):
        holds.called("Wingtip")


def test_a_hold_is_found_by_its_id_unless_another_one_has_that_for_a_name() -> None:
    called_so = some_held.model_copy(update={"name": str(all_held.hold_id).upper()})
    assert tell(opened, all_held, some_held).keeping.holds.called(str(all_held.hold_id)) == all_held
    both = tell(opened, all_held, called_so).keeping.holds
    assert both.called(str(some_held.hold_id)) == called_so
    with pytest.raises(refusals.HoldAmbiguous, match="More than one"):
        both.called(str(all_held.hold_id))
