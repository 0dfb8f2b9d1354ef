"""How the event that a message is about is shown. There is no calendar: it is read from messages only."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from uuid import UUID, uuid5

from letterbook.adapters.graph.zones import zone_or_utc
from letterbook.application.engine import Engine
from letterbook.application.events import Events, event_name
from letterbook.application.meetings import shown_moment, shown_place, shown_recurrence
from letterbook.application.public_ids import Kind, change_key, public
from letterbook.application.showing import ReadBlob, shown_body, shown_recipient, shown_time
from letterbook.domain.meeting_events import Event, Response
from letterbook.domain.meetings import Attendee, Meeting
from letterbook.domain.message import Message

Json = dict[str, Any]
_NEVER = "0001-01-01T00:00:00Z"
"""What Graph says of an answer of which it does not know when it was given (sample of *Get eventMessage*)."""
_REMIND_BEFORE = 15
"""Minutes that Graph's samples have; nobody is reminded here."""


class ShownEvents:
    """The events of one mailbox as one request shows them, each put into Graph's words once."""

    def __init__(self, engine: Engine, mailbox: UUID, *, beta: bool, zone: str) -> None:
        self._events = Events(engine, mailbox)
        self._read = cache(partial(engine.message, mailbox))
        self._show = partial(
            shown_event, mailbox=mailbox, read_blob=engine.store.blobs.get, beta=beta, zone=zone
        )
        self._known: dict[int, tuple[Event, Json]] = {}

    def about(self, name: UUID, message: Message) -> tuple[Callable[[], Message], Json] | None:
        """What reads the request that tells of the event, and its members, to which more can be added."""
        event = self._events.about(name, message)
        if event is None:
            return None
        if id(event) not in self._known:
            self._known[id(event)] = event, self._show(event)
        return partial(self._read, event.said.name), dict(self._known[id(event)][1])


def shown_event(event: Event, mailbox: UUID, read_blob: ReadBlob, *, beta: bool, zone: str) -> Json:
    """An event with Graph's members, times in the zone that the asker prefers."""
    meeting = event.said.meeting
    return {
        **_marks(event, mailbox),
        **_uid(meeting, beta=beta),
        **_about(event),
        **_kind(event, mailbox),
        "responseStatus": _status(event.response),
        "body": shown_body(event.said.letter.body, read_blob),
        "start": _in_zone(meeting.start, "" if meeting.all_day else zone),
        "end": _in_zone(meeting.end, "" if meeting.all_day else zone),
        "location": _place(meeting.location),
        "locations": [_place(meeting.location)] if meeting.location else [],
        "recurrence": shown_recurrence(meeting.recurrence),
        "attendees": [_attendee(each, response) for each, response in event.attendees],
        "organizer": shown_recipient(event.organizer),
        "onlineMeeting": None,
    }


def _marks(event: Event, mailbox: UUID) -> Json:
    """What tells this version of the event from others: another one whenever it is told by other messages."""
    meeting = event.said.meeting
    name = event_name(mailbox, meeting.uid, meeting.occurrence)
    importance = event.said.letter.importance
    version = uuid5(name, " ".join((importance, *map(str, event.told_by))))
    key = change_key(mailbox, version, len(event.told_by))
    return {
        "@odata.etag": f'W/"{key}"',
        "id": public(Kind.EVENT, name),
        "createdDateTime": shown_time(event.created_at),
        "lastModifiedDateTime": shown_time(event.modified_at),
        "changeKey": key,
        "categories": [],
        "transactionId": None,
        "originalStartTimeZone": meeting.start_zone or "UTC",
        "originalEndTimeZone": meeting.end_zone or "UTC",
    }


def _uid(meeting: Meeting, *, beta: bool) -> Json:
    """Beta's samples name it otherwise than v1.0's; its type has both."""
    return {"iCalUId": meeting.uid} | ({"uid": meeting.uid} if beta else {})


def _about(event: Event) -> Json:
    said, meeting = event.said, event.said.meeting
    return {
        "reminderMinutesBeforeStart": _REMIND_BEFORE,
        "isReminderOn": False,
        "hasAttachments": said.has_files,
        "subject": said.letter.subject,
        "bodyPreview": said.letter.body.preview,
        "importance": str(said.letter.importance),
        "sensitivity": meeting.sensitivity,
        "isAllDay": meeting.all_day,
        "isCancelled": event.is_cancelled,
        "isOrganizer": event.is_organizer,
        "responseRequested": meeting.response_requested,
    }


def _kind(event: Event, mailbox: UUID) -> Json:
    meeting = event.said.meeting
    id_ = public(Kind.EVENT, event_name(mailbox, meeting.uid, meeting.occurrence))
    series = event_name(mailbox, meeting.uid, None) if meeting.occurrence else None
    return {
        **_original(meeting),
        "seriesMasterId": public(Kind.EVENT, series) if series else None,
        "showAs": event.busy,
        "type": meeting.kind,
        "webLink": _link(id_),
        "onlineMeetingUrl": None,
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "allowNewTimeProposals": meeting.allows_other_times,
        "isDraft": False,
        "hideAttendees": False,
    }


def _original(meeting: Meeting) -> Json:
    """When one of a series was to begin at first, in UTC (*event*: not of single instances)."""
    at = meeting.occurrence or ""
    return {"originalStart": f"{at[:19]}Z"} if at[10:11] == "T" else {}


def _link(id_: str) -> str:
    item = id_.replace("=", "%3D")
    return f"https://outlook.office365.com/owa/?itemid={item}&exvsurl=1&path=/calendar/item"


def _place(place: str) -> Json:
    """Where it is: a name that stands for itself (sample of *Get eventMessage*)."""
    known = {"uniqueId": place, "uniqueIdType": "private"} if place else {}
    return shown_place(place) | known


def _status(response: Response) -> Json:
    return {"response": response.answer, "time": shown_time(response.at) if response.at else _NEVER}


def _attendee(attendee: Attendee, response: Response) -> Json:
    return {"type": attendee.role, "status": _status(response), **shown_recipient(attendee.person)}


def _in_zone(moment: str | None, name: str) -> Json | None:
    """A time of the event where clocks show another zone; without a name it is UTC."""
    if moment is None or not name:
        return shown_moment(moment)
    try:
        at = datetime.fromisoformat(moment[:19]).replace(tzinfo=UTC).astimezone(zone_or_utc(name))
    except OverflowError:  # that close to the first or the last moment clocks elsewhere show none
        return shown_moment(moment)
    return {"dateTime": f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}.0000000", "timeZone": name}


MEMBERS = (
    *("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "transactionId"),
    *("originalStartTimeZone", "originalEndTimeZone", "iCalUId", "uid", "reminderMinutesBeforeStart"),
    *("isReminderOn", "hasAttachments", "subject", "bodyPreview", "importance", "sensitivity", "isAllDay"),
    *("isCancelled", "isOrganizer", "responseRequested", "seriesMasterId", "showAs", "type", "webLink"),
    *("onlineMeetingUrl", "isOnlineMeeting", "onlineMeetingProvider", "allowNewTimeProposals", "isDraft"),
    *("hideAttendees", "responseStatus", "body", "start", "end", "location", "locations", "recurrence"),
    *("attendees", "organizer", "onlineMeeting", "originalStart"),
)
"""Everything that an event is shown with."""
