"""A message about a meeting among the others about it: what is written down, and which is newer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from letterbook.domain import refusals
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.meeting_events import Correspondence, Event, event_of
from letterbook.domain.meeting_order import MeetingLetter, standing
from letterbook.domain.meetings import ALONE, Attendee, Earlier, Meeting, MeetingNews, Recurrence, Standing
from letterbook.domain.message import Copied, MeetingFollowed, Stand
from letterbook.domain.people import EmailAddress
from tests.domain.cast import (
    ADELE,
    ALEX,
    ARCHIVE,
    ARRIVED,
    BEFORE,
    COPY,
    EARLIER,
    MEGAN,
    begun,
    copied,
    deleted,
    erased,
    followed,
    numbered,
    overtaken,
    received,
    sent,
)
from tests.domain.harness import given, tell

AFTER = Earlier(message=numbered(21), update="silentUpdate")


# --- What is written down --------------------------------------------------------------------------


def test_a_message_is_told_where_it_stands() -> None:
    both = Stand(Standing(earlier=BEFORE, overtaken_by=numbered(22)))
    given(received).when(both).then(followed, overtaken)
    given(begun, sent).when(both).then(followed, overtaken)
    assert tell(received, followed, overtaken).standing == both.standing


def test_a_draft_stands_nowhere() -> None:
    given(begun).when(Stand(Standing(earlier=BEFORE, overtaken_by=numbered(22)))).then()


def test_what_is_known_is_not_told_again() -> None:
    given(received).when(Stand(ALONE)).then()
    given(received, followed).when(Stand(Standing(earlier=BEFORE))).then()


def test_a_nearer_one_that_comes_late_takes_the_place() -> None:
    given(received, followed).when(Stand(Standing(earlier=AFTER))).then(
        MeetingFollowed(on=EARLIER, earlier=AFTER)
    )
    assert tell(received, followed, MeetingFollowed(on=EARLIER, earlier=AFTER)).standing.earlier == AFTER


def test_what_was_overtaken_stays_so() -> None:
    for now in (ALONE, Standing(overtaken_by=numbered(23))):
        given(received, overtaken).when(Stand(now)).then()


@pytest.mark.parametrize(
    "past", [(), (received, deleted), (received, erased)], ids=["none", "gone", "erased"]
)
def test_what_is_not_there_stands_nowhere(past: tuple[Copied, ...]) -> None:
    given(*past).when(Stand(Standing(earlier=BEFORE))).refused(refusals.NotFound)


def test_a_copy_stands_where_its_original_stood() -> None:
    stands = Standing(earlier=BEFORE, overtaken_by=numbered(22))
    copy = replace(COPY, original=replace(ARRIVED, standing=stands))
    fact = copied.model_copy(update={"standing": stands})
    given().when(copy).then(fact.model_copy(update={"folder": ARCHIVE}))
    assert (tell(fact).standing, tell(copied).standing) == (stands, ALONE)


# --- Which is newer --------------------------------------------------------------------------------

DAY = datetime(2026, 3, 1, 8, tzinfo=UTC)
AT_NINE, AT_TEN = "2026-03-02T09:00:00.0000000", "2026-03-02T10:00:00.0000000"


def about(
    number: int,
    news: MeetingNews = MeetingNews.REQUEST,
    *,
    by: EmailAddress | None = MEGAN,
    organizer: EmailAddress | None = MEGAN,
    sequence: int = 0,
    stamp: int | None = 0,
    start: str = AT_NINE,
    occurrence: str | None = None,
    text: str = "Let us debrief.",
) -> MeetingLetter:
    """A message about the meeting."""
    meeting = Meeting(
        news=news,
        uid="1",
        sequence=sequence,
        start=start,
        stamp=None if stamp is None else DAY + timedelta(days=stamp),
        occurrence=occurrence,
        organizer=organizer,
        attendees=(Attendee(person=ALEX),),
    )
    letter = Letter(subject="Debrief", author=by, body=write_body("text", text), meeting=meeting)
    return MeetingLetter(numbered(number), letter, meeting, DAY + timedelta(minutes=number))


def overtaker(older: MeetingLetter, *others: MeetingLetter) -> UUID | None:
    """Which message made another one out of date."""
    return standing(older, others).overtaken_by


FIRST = about(1)


@pytest.mark.parametrize(
    "newer",
    [
        about(2, sequence=1, stamp=-9),
        about(2, stamp=1),
        about(2, stamp=None),
        about(2, MeetingNews.CANCELLED, sequence=1),
        about(2, sequence=1, organizer=None),
    ],
    ids=["sequence", "stamp", "sent later", "cancelled", "no organizer named"],
)
def test_what_overtakes_an_invitation(newer: MeetingLetter) -> None:
    older = FIRST if newer.meeting.stamp else about(1, stamp=None)
    assert (overtaker(older, newer), overtaker(newer, older)) == (newer.name, None)


@pytest.mark.parametrize(
    "other",
    [
        about(2),
        about(2, sequence=1, by=ADELE),
        about(2, sequence=1, by=ADELE, organizer=ADELE),
        about(2, sequence=1, by=None),
        about(2, MeetingNews.DECLINED, sequence=1),
        about(2, sequence=1, occurrence=AT_NINE),
    ],
    ids=["the same", "another author", "another organizer", "nobody", "an answer", "one of a series"],
)
def test_what_does_not(other: MeetingLetter) -> None:
    assert overtaker(FIRST, other) is None


def test_a_program_that_writes_for_people_overtakes_what_it_wrote_itself() -> None:
    """The author is not the organizer, but wrote the invitation, too."""
    older, newer = about(1, by=ADELE), about(2, by=ADELE, sequence=1)
    assert overtaker(older, newer) == newer.name


def test_an_answer_is_out_of_date_with_what_it_answers() -> None:
    answer = about(1, MeetingNews.ACCEPTED, by=ALEX)
    assert overtaker(answer, about(2, stamp=5)) is None, "the same request, written anew"
    assert overtaker(answer, about(2, sequence=1)) == numbered(2)
    assert overtaker(answer, about(2, sequence=1, by=ADELE)) is None
    assert overtaker(about(1, MeetingNews.ACCEPTED, by=ALEX, organizer=None), about(2, sequence=1)) is None


def test_the_order_in_which_they_come_changes_nothing() -> None:
    three = [about(1), about(2, sequence=1, start=AT_TEN), about(3, sequence=2, start=AT_TEN, text="More.")]
    for order in permutations(three):
        told = {each.name: standing(each, [o for o in order if o is not each]) for each in three}
        assert told == {
            numbered(1): Standing(overtaken_by=numbered(2)),
            numbered(2): Standing(
                earlier=Earlier(message=numbered(1), update="fullUpdate"),
                overtaken_by=numbered(3),
            ),
            numbered(3): Standing(earlier=Earlier(message=numbered(2), update="informationalUpdate")),
        }


# --- The event behind them -------------------------------------------------------------------------


def event(asked: MeetingLetter, others: Iterable[MeetingLetter], owner: EmailAddress) -> Event | None:
    """What a mailbox with these letters in it tells of the one that is asked for."""
    return event_of(asked, Correspondence((asked, *others)), owner)


def test_what_others_write_for_an_organizer_counts_if_nothing_is_in_their_own_name() -> None:
    for_them = about(1, by=ADELE, start=AT_TEN)
    assert (found := event(for_them, [], ALEX))
    assert found.said == for_them
    both = event(for_them, [FIRST], ALEX)
    assert both
    assert both.said == FIRST


def test_every_answer_counts_for_the_request_it_answers() -> None:
    early = about(2, MeetingNews.ACCEPTED, by=ALEX)
    late = about(3, MeetingNews.TENTATIVE, by=ALEX, sequence=1)
    asked_again = about(4, sequence=1)
    for others, response in (
        ([early], "accepted"),
        ([early, asked_again], "notResponded"),
        ([late, early, asked_again], "tentativelyAccepted"),
    ):
        found = event(FIRST, others, ALEX)
        assert found
        assert found.response.answer == response


def test_an_answer_that_names_no_organizer_is_to_its_owner() -> None:
    answer = about(2, MeetingNews.ACCEPTED, by=ALEX, organizer=None)
    found = event(answer, [FIRST], MEGAN)
    assert found
    assert (found.is_organizer, found.attendees[0][1].answer) == (True, "accepted")
    assert event(answer, [FIRST], ADELE) is None


def one_of(series: MeetingLetter) -> MeetingLetter:
    """The request for a series."""
    its = Recurrence(pattern="daily", starts="2026-03-02", ends="2026-03-06")
    meeting = series.meeting.model_copy(update={"kind": "seriesMaster", "end": AT_TEN, "recurrence": its})
    return replace(series, meeting=meeting)


@pytest.mark.parametrize(
    ("occurrence", "ends"),
    [
        (AT_NINE, AT_TEN),
        ("2026-03-06T09:00:00.0000000", "2026-03-06T10:00:00.0000000"),
        ("2026-03-07T09:00:00.0000000", "2026-03-07T10:00:00.0000000"),
        ("2026-03-02T08:59:59.0000000", None),
        ("2026-03-08T09:00:00.0000000", None),
    ],
)
def test_one_of_a_series_is_told_from_the_series(occurrence: str, ends: str | None) -> None:
    """The last day is one where the meeting is, so the day after it may still be one in UTC."""
    answer = about(2, MeetingNews.ACCEPTED, by=ALEX, occurrence=occurrence)
    found = event(answer, [one_of(FIRST)], MEGAN)
    assert (found and found.said.meeting.end) == ends
    if found:
        assert (found.said.meeting.start, found.said.meeting.kind) == (occurrence, "exception")
        assert (found.attendees[0][1].answer, found.said.meeting.recurrence) == ("accepted", None)


def test_answers_to_the_series_and_to_one_of_it_count_by_which_came_last() -> None:
    whole = about(2, MeetingNews.DECLINED, by=ALEX, stamp=1)
    part = about(3, MeetingNews.ACCEPTED, by=ALEX, stamp=2, occurrence=AT_NINE)
    asked = about(4, MeetingNews.CANCELLED, stamp=9, occurrence=AT_NINE)
    found = event(asked, [part, whole, one_of(FIRST)], ALEX)
    assert found
    assert (found.response.answer, found.is_cancelled) == ("accepted", True)
    assert event(asked, [whole, one_of(FIRST)], ALEX) is None, "declined as a whole"
    series = event(one_of(FIRST), [asked, part], ALEX)
    assert series
    assert (series.response.answer, series.is_cancelled) == ("notResponded", False)


def test_of_a_meeting_that_is_no_series_there_are_no_others() -> None:
    assert event(about(2, MeetingNews.ACCEPTED, by=ALEX, occurrence=AT_TEN), [FIRST], MEGAN) is None


def test_of_two_answers_written_at_once_the_one_that_was_sent_last_counts() -> None:
    first, last = (
        about(n, news, by=ALEX) for n, news in ((2, MeetingNews.ACCEPTED), (3, MeetingNews.TENTATIVE))
    )
    for others in permutations((FIRST, first, last)):
        found = event(FIRST, others, ALEX)
        assert found
        assert found.response.answer == "tentativelyAccepted"
