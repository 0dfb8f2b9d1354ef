"""How a message about a meeting is shown: Graph's eventMessage and the two types that derive from it."""

from typing import Any

from letterbook.domain.meetings import Meeting, MeetingNews, Recurrence

Json = dict[str, Any]

MEETING_MEMBERS = {
    "eventMessage": (
        *("meetingMessageType", "type", "isOutOfDate", "isAllDay", "isDelegated"),
        *("startDateTime", "endDateTime", "location", "recurrence"),
    ),
    "eventMessageRequest": (
        *("responseRequested", "allowNewTimeProposals", "meetingRequestType"),
        *("previousLocation", "previousStartDateTime", "previousEndDateTime"),
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


def shown_news(meeting: Meeting | None) -> Json:
    """The members before the body. Nobody here has a delegate.

    Whether a later message overtook this one is for a calendar to know: ``null`` says that it is not known.
    """
    if meeting is None:
        return {}
    shown: Json = {
        "meetingMessageType": str(meeting.news),
        "type": meeting.kind,
        "isOutOfDate": None,
        "isAllDay": meeting.all_day,
        "isDelegated": False,
    }
    if meeting.news is MeetingNews.REQUEST:
        shown["responseRequested"] = meeting.response_requested
        shown["allowNewTimeProposals"] = meeting.allows_other_times
        shown["meetingRequestType"] = "fullUpdate" if meeting.sequence else "newMeetingRequest"
    elif meeting.news in _RESPONSES:
        shown["responseType"] = _RESPONSES[meeting.news]
    return shown


def shown_times(meeting: Meeting | None) -> Json:
    """The members behind the flag: when and where; for a proposal, when instead.

    No calendar part says when and where it was before: a calendar would know, so ``null``.
    """
    if meeting is None:
        return {}
    start, end = (
        {"dateTime": each, "timeZone": "UTC"} if each else None for each in (meeting.start, meeting.end)
    )
    shown: Json = {"startDateTime": start, "endDateTime": end}
    shown["location"] = {
        "displayName": meeting.location,
        "locationType": "default",
        "uniqueIdType": "unknown",
    }
    shown["recurrence"] = _shown_recurrence(meeting.recurrence)
    if meeting.news is MeetingNews.REQUEST:
        shown |= dict.fromkeys(("previousLocation", "previousStartDateTime", "previousEndDateTime"))
    if meeting.proposes_time and start and end:
        shown["proposedNewTime"] = {"start": start, "end": end}
    return shown


def _shown_recurrence(its: Recurrence | None) -> Json | None:
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
