"""How a message about a meeting is shown: Graph's eventMessage and the two types that derive from it."""

from typing import Any

from letterbook.domain.meetings import Meeting, MeetingNews

Json = dict[str, Any]

MEETING_MEMBERS = {
    "eventMessage": (
        *("meetingMessageType", "type", "isAllDay", "isDelegated"),
        *("startDateTime", "endDateTime", "location"),
    ),
    "eventMessageRequest": ("responseRequested", "allowNewTimeProposals", "meetingRequestType"),
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
    """The members before the body. Nobody here has a delegate."""
    if meeting is None:
        return {}
    shown: Json = {
        "meetingMessageType": str(meeting.news),
        "type": meeting.kind,
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
    """The members behind the flag: when and where; for a proposal, when instead."""
    if meeting is None:
        return {}
    start, end = (
        {"dateTime": each, "timeZone": "UTC"} if each else None for each in (meeting.start, meeting.end)
    )
    shown: Json = {"startDateTime": start, "endDateTime": end}
    shown["location"] = {"displayName": meeting.location, "locationType": "default"}
    if meeting.proposes_time and start and end:
        shown["proposedNewTime"] = {"start": start, "end": end}
    return shown
