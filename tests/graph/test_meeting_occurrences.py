"""The event of one of a series that was only answered, or cancelled, alone: told from the series."""

from typing import Any

import pytest

from tests.graph.client import ALEX, Graph
from tests.graph.invitations import arrived, mime, shown
from tests.graph.test_meeting_events import event, event_of, no_event

DAILY = "RRULE:FREQ=DAILY;COUNT=5"
THIRD_OF_MARCH = "RECURRENCE-ID:20260303T170000Z"


def series(sequence: int = 0, *more: str) -> tuple[str, ...]:
    """What a calendar part says of a series, from the second of March on."""
    return event(sequence, 9, DAILY, *more)


def answered(megan: Graph, alex: Graph, said: str, *one: str) -> dict[str, Any]:
    """Alex answers, and Megan has it."""
    invited = f"ATTENDEE;PARTSTAT={said}:mailto:{ALEX}"
    raw = mime("REPLY", *event(0)[:-1], *one, invited).replace(b"To: alexw@", b"To: meganb@")
    return arrived(megan, alex, raw)


def sent(who: Graph) -> dict[str, Any]:
    """What somebody sent last."""
    return who.values("/me/mailFolders/sentitems/messages?$orderby=sentDateTime desc")[0]


def times(found: dict[str, Any]) -> tuple[str, str]:
    """When an event begins and ends."""
    return found["start"]["dateTime"][:16], found["end"]["dateTime"][:16]


def test_one_that_was_answered_alone_is_told_from_the_series(alex: Graph, megan: Graph) -> None:
    whole = event_of(alex, shown(alex, megan, "REQUEST", *series()))
    answer = answered(megan, alex, "TENTATIVE", THIRD_OF_MARCH)
    theirs, master = event_of(megan, answer), event_of(megan, sent(megan))
    assert times(theirs) == ("2026-03-03T17:00", "2026-03-03T17:30")
    assert (theirs["type"], theirs["recurrence"]) == ("exception", None)
    assert theirs["originalStart"] == "2026-03-03T17:00:00Z"
    assert theirs["seriesMasterId"] == master["id"] != theirs["id"]
    assert theirs["attendees"][0]["status"]["response"] == "tentativelyAccepted"
    assert master["attendees"][0]["status"]["response"] == "none", "the others are not answered"
    for member in ("subject", "location", "organizer", "iCalUId", "body", "isOrganizer"):
        assert theirs[member] == master[member]
    mine = event_of(alex, sent(alex))
    assert (mine["responseStatus"]["response"], mine["seriesMasterId"]) == (
        "tentativelyAccepted",
        whole["id"],
    )


def test_an_answer_to_the_series_holds_for_one_that_was_cancelled_alone(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *series())
    answered(megan, alex, "ACCEPTED")
    over = shown(alex, megan, "CANCEL", *event(1), THIRD_OF_MARCH)
    found = event_of(alex, over)
    assert (found["isCancelled"], found["showAs"]) == (True, "free")
    assert found["responseStatus"]["response"] == "accepted"
    assert times(found) == ("2026-03-03T17:00", "2026-03-03T17:30")
    whole = event_of(alex, invitation)
    assert (whole["isCancelled"], whole["showAs"], whole["type"]) == (False, "busy", "seriesMaster")
    no_event(megan, sent(megan))
    assert event_of(alex, over)["id"] == found["id"]


def test_one_that_was_declined_alone_is_gone_and_the_others_are_not(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *series())
    answered(megan, alex, "ACCEPTED")
    answer = answered(megan, alex, "DECLINED", THIRD_OF_MARCH)
    no_event(alex, sent(alex))
    assert event_of(alex, invitation)["responseStatus"]["response"] == "accepted"
    assert event_of(megan, answer)["attendees"][0]["status"]["response"] == "declined"


def test_one_that_was_asked_for_by_itself_is_told_from_that(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *series())
    answer = answered(megan, alex, "ACCEPTED", THIRD_OF_MARCH)
    later = event(1, 11, THIRD_OF_MARCH, place="Room 5")
    shown(alex, megan, "REQUEST", *later)
    found = event_of(megan, answer)
    assert (found["location"]["displayName"], times(found)[0]) == ("Room 5", "2026-03-02T19:00")
    assert found["attendees"][0]["status"]["response"] == "none", "asked anew"


def test_with_the_series_each_of_it_is_cancelled(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *series())
    answered(megan, alex, "TENTATIVE", THIRD_OF_MARCH)
    shown(alex, megan, "CANCEL", *series(1))
    assert event_of(alex, sent(alex))["isCancelled"] is True


def test_days_of_a_series_of_days_are_days(alex: Graph, megan: Graph) -> None:
    days = ("UID:1", "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304", DAILY, event(0)[-2])
    shown(alex, megan, "REQUEST", *days, f"ATTENDEE:mailto:{ALEX}")
    one = (
        "UID:1",
        "DTSTART;VALUE=DATE:20260304",
        "RECURRENCE-ID;VALUE=DATE:20260304",
        "SEQUENCE:1",
        event(0)[-2],
    )
    found = event_of(alex, shown(alex, megan, "CANCEL", *one))
    assert (found["isAllDay"], *times(found)) == (True, "2026-03-04T00:00", "2026-03-06T00:00")


@pytest.mark.parametrize(
    ("rule", "occurrence"),
    [
        (DAILY, "RECURRENCE-ID:20260301T170000Z"),
        ("RRULE:FREQ=DAILY;UNTIL=20260306T170000Z", "RECURRENCE-ID:20260320T170000Z"),
        ("CLASS:PUBLIC", THIRD_OF_MARCH),
        ("RRULE:FREQ=DAILY", "RECURRENCE-ID:99991231T235959Z"),
    ],
    ids=["before it", "behind it", "no series", "at the end of time"],
)
def test_what_is_none_of_the_series_has_no_event(
    alex: Graph, megan: Graph, rule: str, occurrence: str
) -> None:
    shown(alex, megan, "REQUEST", *event(0, 9, rule))
    no_event(alex, shown(alex, megan, "CANCEL", *event(1), occurrence))


def test_without_a_series_there_is_none(alex: Graph, megan: Graph) -> None:
    no_event(alex, shown(alex, megan, "CANCEL", *event(1), THIRD_OF_MARCH))


def test_a_series_in_a_zone_that_nobody_knows_tells_no_times(alex: Graph, megan: Graph) -> None:
    odd = ("UID:1", "DTSTART;TZID=Odd:20260302T090000", "DTEND;TZID=Odd:20260302T093000", DAILY, event(0)[-2])
    shown(alex, megan, "REQUEST", *odd, f"ATTENDEE:mailto:{ALEX}")
    one = ("UID:1", "SEQUENCE:1", "RECURRENCE-ID;TZID=Odd:20260303T090000", event(0)[-2])
    found = event_of(alex, shown(alex, megan, "CANCEL", *one))
    assert (found["start"], found["end"], found["isCancelled"]) == (None, None, True)
    assert "originalStart" not in found
