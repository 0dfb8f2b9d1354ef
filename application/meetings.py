"""How a message about a meeting is shown: Graph's eventMessage and the two types that derive from it."""

import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from orjson import dumps

from letterbook.application.troubles import StoreDamaged
from letterbook.domain.meetings import Earlier, Meeting, MeetingNews, Recurrence, Standing

Json = dict[str, Any]
ReadMeeting = Callable[[UUID], Meeting | None]
"""What a message says of its meeting, wherever it is by now; ``None`` if nobody knows any more."""

log = logging.getLogger("letterbook.meetings")

BEFORE = ("previousLocation", "previousStartDateTime", "previousEndDateTime")
"""What a request tells of the meeting as it was before."""
MEETING_MEMBERS = {
    "eventMessage": (
        *("meetingMessageType", "type", "isOutOfDate", "isAllDay", "isDelegated"),
        *("startDateTime", "endDateTime", "location", "recurrence"),
    ),
    "eventMessageRequest": (
        *("responseRequested", "allowNewTimeProposals", "meetingRequestType"),
        *BEFORE,
    ),
    "eventMessageResponse": ("responseType", "proposedNewTime"),
}
"""What the derived types have besides, by type."""

_RESPONSES = {
    MeetingNews.ACCEPTED: "accepted",
    MeetingNews.TENTATIVE: "tentativelyAccepted",
    MeetingNews.DECLINED: "declined",
}


def shown_type(meeting: Meeting | None) -> Json:
    """The type that is not the usual one."""
    if meeting is None:
        return {}
    if meeting.news is MeetingNews.REQUEST:
        return {"@odata.type": "#microsoft.graph.eventMessageRequest"}
    derived = "Response" if meeting.news in _RESPONSES else ""
    return {"@odata.type": f"#microsoft.graph.eventMessage{derived}"}


def shown_news(meeting: Meeting | None, standing: Standing) -> Json:
    """The members before the body. Nobody here has a delegate."""
    if meeting is None:
        return {}
    shown: Json = {
        "meetingMessageType": str(meeting.news),
        "type": meeting.kind,
        "isOutOfDate": standing.overtaken_by is not None,
        "isAllDay": meeting.all_day,
        "isDelegated": False,
    }
    if meeting.news is MeetingNews.REQUEST:
        shown["responseRequested"] = meeting.response_requested
        shown["allowNewTimeProposals"] = meeting.allows_other_times
        shown["meetingRequestType"] = _request_type(meeting, standing)
    elif meeting.news in _RESPONSES:
        shown["responseType"] = _RESPONSES[meeting.news]
    return shown


def _request_type(meeting: Meeting, standing: Standing) -> str:
    """What kind of request it is now; one whose predecessor is not here says itself whether it has any."""
    if standing.overtaken_by:
        return "outdated"
    if standing.earlier:
        return standing.earlier.update
    return "fullUpdate" if meeting.sequence else "newMeetingRequest"


def shown_times(meeting: Meeting | None, standing: Standing) -> Json:
    """The members behind the flag: when and where, and before; for a proposal, when instead."""
    if meeting is None:
        return {}
    start, end = shown_moment(meeting.start), shown_moment(meeting.end)
    shown: Json = {"startDateTime": start, "endDateTime": end}
    shown["location"] = shown_place(meeting.location)
    shown["recurrence"] = shown_recurrence(meeting.recurrence)
    if meeting.news is MeetingNews.REQUEST:
        shown |= _before(standing.earlier)
    if meeting.proposes_time and start and end:
        shown["proposedNewTime"] = {"start": start, "end": end}
    return shown


def _before(earlier: Earlier | None) -> Json:
    """Which message says when and where the meeting was before: it is read when somebody asks, as long as it
    can be."""
    said = shown_before(None)
    return said | {"previousLocation": {"uniqueId": str(earlier.message)}} if earlier else said


def shown_before(was: Meeting | None) -> Json:
    """When and where a meeting was, as the message before says."""
    return {
        "previousLocation": shown_place(was.location) if was else None,
        "previousStartDateTime": shown_moment(was.start) if was else None,
        "previousEndDateTime": shown_moment(was.end) if was else None,
    }


DAMAGED: Json = {
    "code": "ErrorCorruptData",
    "message": "The requested data is damaged in the mailbox store.",
}
"""What takes the place of what is not told because it is damaged: the code is that of Exchange."""
_UNTOLD = dumps({f"{member}@letterbook.error": DAMAGED for member in BEFORE})[1:-1]
_REQUEST = b'{"@odata.type":"#microsoft.graph.eventMessageRequest"'
_BEFORE = re.compile(
    rb'"previousLocation":\{"uniqueId":"([0-9a-f-]{36})"\},"previousStartDateTime":null,"previousEndDateTime":null'
)
"""The same in a ready answer; nothing that an author wrote has quotes in JSON."""


def with_before(head: bytes, tail: bytes, read: ReadMeeting) -> bytes:
    """The end of a ready answer, of a request with what the message before says of the meeting."""
    if not head.startswith(_REQUEST):
        return tail
    return _BEFORE.sub(lambda found: dumps(shown_before(read(UUID(found[1].decode()))))[1:-1], tail)


def as_far_as_known(head: bytes, tail: bytes, read: ReadMeeting) -> bytes:
    """The same, if the message before may be damaged: then its error stands where it would be told.

    What is shown is another message, so it is shown, and a list goes on with those behind it.
    """
    if not head.startswith(_REQUEST):
        return tail
    try:
        return with_before(head, tail, read)
    except StoreDamaged as damage:
        log.error("what a meeting was before cannot be told: %s", damage)
        return _BEFORE.sub(_UNTOLD, tail)


def shown_moment(moment: str | None) -> Json | None:
    """A wall-clock time in UTC."""
    return {"dateTime": moment, "timeZone": "UTC"} if moment else None


def shown_place(place: str) -> Json:
    """Where a meeting is."""
    return {"displayName": place, "locationType": "default", "uniqueIdType": "unknown"}


def shown_recurrence(its: Recurrence | None) -> Json | None:
    """A patternedRecurrence; what does not apply is as in Graph's samples."""
    if its is None:
        return None
    ends = "numbered" if its.occurrences else "endDate" if its.ends else "noEnd"
    return {
        "pattern": {
            "type": its.pattern,
            "interval": its.interval,
            "month": its.month,
            "dayOfMonth": its.day,
            "daysOfWeek": list(its.days),
            "firstDayOfWeek": its.first_day,
            "index": its.index,
        },
        "range": {
            "type": ends,
            "startDate": its.starts,
            "endDate": its.ends or "0001-01-01",
            "recurrenceTimeZone": its.zone,
            "numberOfOccurrences": its.occurrences,
        },
    }
