"""What a letter says about a meeting: an invitation to one, its end, or an answer to an invitation."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from letterbook.domain.facts import Value
from letterbook.domain.people import EmailAddress


class MeetingNews(StrEnum):
    """What a message does with a meeting (Graph: meetingMessageType, whose spelling this is)."""

    REQUEST = "meetingRequest"
    CANCELLED = "meetingCancelled"
    ACCEPTED = "meetingAccepted"
    TENTATIVE = "meetingTenativelyAccepted"
    DECLINED = "meetingDeclined"

    @property
    def is_an_answer(self) -> bool:
        """Whether somebody who is invited says it, and not whoever invites."""
        return self not in (MeetingNews.REQUEST, MeetingNews.CANCELLED)


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


class Attendee(Value):
    """Somebody who is invited, and what they answered as far as whoever wrote knew (Graph: attendee)."""

    person: EmailAddress
    role: Literal["required", "optional", "resource"] = "required"
    answer: Literal["none", "accepted", "tentativelyAccepted", "declined"] = "none"


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
    stamp: datetime | None = None
    """When the part was written (``DTSTAMP``), which orders those of one ``sequence``."""
    occurrence: str | None = None
    """Which one of a series it is about (``RECURRENCE-ID``), in the form of ``start``."""
    organizer: EmailAddress | None = None
    attendees: tuple[Attendee, ...] = ()
    busy: Literal["free", "tentative", "busy", "oof", "workingElsewhere"] = "busy"
    """What whoever takes part is meanwhile (Graph: freeBusyStatus)."""
    sensitivity: Literal["normal", "personal", "private", "confidential"] = "normal"
    start_zone: str = ""
    end_zone: str = ""
    """The zones in which whoever invites thinks of both times, by the names that the part gives them."""


UpdateKind = Literal["fullUpdate", "informationalUpdate", "silentUpdate"]
"""What a request changes: when the meeting is, something else that it says, or nothing (Graph's words)."""


class Earlier(Value):
    """The message about the same meeting before a request, and how much that request changes.

    What the other one says is not said again: it goes when that one is erased.
    """

    message: UUID
    update: UpdateKind


class Standing(Value):
    """Where a message about a meeting stands among the others about it in its mailbox."""

    earlier: Earlier | None = None
    overtaken_by: UUID | None = None


ALONE = Standing()
"""No other message is known to be about the same meeting."""
