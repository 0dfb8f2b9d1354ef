"""What a letter says about a meeting: an invitation to one, its end, or an answer to an invitation."""

from enum import StrEnum
from typing import Literal

from letterbook.domain.facts import Value


class MeetingNews(StrEnum):
    """What a message does with a meeting (Graph: meetingMessageType, whose spelling this is)."""

    REQUEST = "meetingRequest"
    CANCELLED = "meetingCancelled"
    ACCEPTED = "meetingAccepted"
    TENTATIVE = "meetingTenativelyAccepted"
    DECLINED = "meetingDeclined"


class Recurrence(Value):
    """How a meeting repeats (Graph: patternedRecurrence, whose words these are).

    ``starts`` and ``ends`` are days (``2026-03-02``); without an end and a number of occurrences it goes on.
    """

    pattern: Literal[
        "daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"
    ]
    interval: int = 1
    days: tuple[str, ...] = ()
    first_day: str = "sunday"
    day: int = 0
    month: int = 0
    index: Literal["first", "second", "third", "fourth", "last"] = "first"
    starts: str
    ends: str | None = None
    occurrences: int = 0
    zone: str = "UTC"


class Meeting(Value):
    """The meeting that a letter is about, as its iCalendar part said when it arrived (RFC 5546).

    ``start`` and ``end`` are wall-clock times in UTC (``2026-03-02T20:00:00.0000000``), or midnights of an
    all-day meeting; ``None`` where the part names a zone that nobody knows. Only the fields that are set are
    stored; the defaults belong to the file format.
    """

    news: MeetingNews
    uid: str = ""
    sequence: int = 0
    start: str | None = None
    end: str | None = None
    location: str = ""
    all_day: bool = False
    kind: Literal["singleInstance", "exception", "seriesMaster"] = "singleInstance"
    response_requested: bool = False
    allows_other_times: bool = True
    proposes_time: bool = False
    """An answer that asks for another time: ``start`` and ``end`` are that one."""
    recurrence: Recurrence | None = None
