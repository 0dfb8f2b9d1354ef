"""Settings: only what changed is said, what makes no sense is refused, and new replies begin a new period."""

from datetime import UTC, datetime, time, timedelta

import pytest

from letterbook.domain import refusals
from letterbook.domain.preferences import AutomaticReplySent, NoteAutomaticReply
from letterbook.domain.settings import (
    LONGEST_REPLY,
    Audience,
    AutomaticReplies,
    ChangeSettings,
    RepliesStatus,
    Settings,
    SettingsChanged,
    SwitchOver,
    WorkingHours,
    Zone,
)
from tests.domain.cast import ADELE, EARLIER, NOW
from tests.domain.harness import given, tell
from tests.domain.test_mailbox import opened

HOUR = datetime(2017, 12, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
AWAY = AutomaticReplies(
    status=RepliesStatus.ALWAYS, audience=Audience.NONE, internal="I am away.", external="We are closed."
)
NEXT_WEEK = AutomaticReplies(
    status=RepliesStatus.SCHEDULED, starts=HOUR + 7 * DAY, ends=HOUR + 14 * DAY, internal="I am away."
)
OWN_ZONE = Zone(
    name="Customized Time Zone",
    bias=-300,
    standard=SwitchOver(at=time(2), occurrence=2, weekday="sunday", month=10),
    daylight=SwitchOver(at=time(2), occurrence=4, weekday="sunday", month=5, bias=100),
)

in_paris = SettingsChanged(on=EARLIER, changes=Settings(time_zone="Romance Standard Time", locale="fr-FR"))
away = SettingsChanged(on=EARLIER, changes=Settings(replies=AWAY))
adele_told = AutomaticReplySent(on=EARLIER, recipient="adelev@contoso.com")


def change(**changes: object) -> ChangeSettings:
    """Ask for other settings."""
    return ChangeSettings(Settings.model_validate(changes))


def changed(**changes: object) -> SettingsChanged:
    """What is said when settings change."""
    return SettingsChanged(on=EARLIER, changes=Settings.model_validate(changes))


def settings(*past: SettingsChanged) -> Settings:
    """The settings that follow."""
    found: Settings = tell(opened, *past).preferences.settings
    return found


def test_a_new_mailbox_has_the_settings_of_graphs_samples() -> None:
    assert settings() == Settings()
    assert settings().working_hours.days == ("monday", "tuesday", "wednesday", "thursday", "friday")
    assert not settings().replies.active(NOW.at)


def test_only_what_changed_is_said() -> None:
    ask = change(time_zone="Romance Standard Time", locale="en-US", date_format="dd/MM/yyyy")
    given(opened).when(ask).then(changed(time_zone="Romance Standard Time", date_format="dd/MM/yyyy"))
    given(opened, in_paris).when(change(locale="fr-FR")).then()
    assert settings(in_paris) == Settings(time_zone="Romance Standard Time", locale="fr-FR")


def test_replies_and_working_hours_change_part_by_part() -> None:
    half = AutomaticReplies(internal="Back on Monday.", audience=Audience.NONE)
    given(opened, away).when(change(replies=half)).then(
        changed(replies=AutomaticReplies(internal="Back on Monday."))
    )
    late = changed(working_hours=WorkingHours(end=time(18, 30)))
    given(opened).when(change(working_hours=WorkingHours(end=time(18, 30), start=time(8)))).then(late)
    after = settings(away, late, changed(working_hours=WorkingHours(zone=OWN_ZONE)))
    assert after.replies == AWAY
    assert after.working_hours == WorkingHours(end=time(18, 30), zone=OWN_ZONE)


@pytest.mark.parametrize(
    "hours", [WorkingHours(end=time(7)), WorkingHours(start=time(17)), WorkingHours(end=time(8))]
)
def test_a_working_day_ends_after_it_begins(hours: WorkingHours) -> None:
    given(opened).when(change(working_hours=hours)).refused(refusals.HoursReversed)


def test_replies_can_be_scheduled_for_a_time_to_come() -> None:
    given(opened).when(change(replies=NEXT_WEEK)).then(changed(replies=NEXT_WEEK))
    replies = settings(changed(replies=NEXT_WEEK)).replies
    moments = (HOUR, HOUR + 7 * DAY, HOUR + 14 * DAY - timedelta(seconds=1), HOUR + 14 * DAY)
    assert [replies.active(moment) for moment in moments] == [False, True, True, False]


def test_the_dates_of_replies_can_be_taken_away() -> None:
    none = AutomaticReplies(starts=None, ends=None)
    given(
        opened, changed(replies=NEXT_WEEK), changed(replies=AutomaticReplies(status=RepliesStatus.DISABLED))
    ).when(change(replies=none)).then(changed(replies=none))
    given(opened).when(change(replies=none)).then()


def test_replies_scheduled_without_dates_are_for_a_day() -> None:
    ask = change(replies=AutomaticReplies(status=RepliesStatus.SCHEDULED))
    dated = AutomaticReplies(status=RepliesStatus.SCHEDULED, starts=HOUR, ends=HOUR + DAY)
    given(opened).when(ask).then(changed(replies=dated))


@pytest.mark.parametrize(
    ("starts", "ends"), [(HOUR - 2 * DAY, HOUR - DAY), (HOUR + 2 * DAY, HOUR + DAY), (HOUR + DAY, HOUR + DAY)]
)
def test_replies_are_not_scheduled_for_the_past_or_backwards(starts: datetime, ends: datetime) -> None:
    wrong = AutomaticReplies(status=RepliesStatus.SCHEDULED, starts=starts, ends=ends)
    given(opened).when(change(replies=wrong)).refused(refusals.RepliesPeriodInvalid)
    unused = AutomaticReplies(starts=starts, ends=ends)
    given(opened).when(change(replies=unused)).then(changed(replies=unused))


def test_a_period_that_is_over_does_not_stop_other_changes() -> None:
    over = changed(
        replies=AutomaticReplies(status=RepliesStatus.SCHEDULED, starts=HOUR - 2 * DAY, ends=HOUR - DAY)
    )
    given(opened, over).when(change(time_format="HH:mm")).then(changed(time_format="HH:mm"))


def test_a_reply_has_its_length() -> None:
    longest = AutomaticReplies(internal="x" * LONGEST_REPLY)
    given(opened).when(change(replies=longest)).then(changed(replies=longest))
    for wrong in (
        AutomaticReplies(internal="x" * LONGEST_REPLY + "x"),
        AutomaticReplies(external="x" * LONGEST_REPLY + "x"),
    ):
        given(opened).when(change(replies=wrong)).refused(refusals.TooLong)


def test_replies_that_are_always_on_are_on() -> None:
    assert settings(away).replies.active(NOW.at)


# --- Who was told ----------------------------------------------------------------------------------


def test_that_somebody_was_told_is_written_down_once() -> None:
    given(opened, away).when(NoteAutomaticReply("adelev@contoso.com")).then(adele_told)
    given(opened, away, adele_told).when(NoteAutomaticReply("AdeleV@Contoso.com")).then()
    assert tell(opened, away, adele_told).preferences.has_told(ADELE)


def test_new_replies_begin_a_new_period() -> None:
    other = changed(replies=AutomaticReplies(internal="Still away."))
    assert not tell(opened, away, adele_told, other).preferences.has_told(ADELE)
    assert tell(opened, away, adele_told, in_paris).preferences.has_told(ADELE)
