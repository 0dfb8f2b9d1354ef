"""What the iCalendar part of a message says about a meeting (RFC 5545, 5546, 6047).

``icalendar`` reads the properties: their parameters, times and escapes. It is given the few lines of the
first event that are needed and nothing else, so that no description, alarm, list of zones or hostile
repetition makes work: repetitions are never worked out.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from letterbook.adapters.mime.parts import Part
from letterbook.adapters.mime.recurrences import recurrence_of
from letterbook.domain.meetings import Attendee, Meeting, MeetingNews, Recurrence
from letterbook.domain.people import EmailAddress

if TYPE_CHECKING:
    from icalendar import Component

MOST_BYTES = 1024 * 1024
"""A longer part is an attachment like any other."""
_LONGEST = 4096
"""Characters of a line that is read."""
_OF_PEOPLE = 48 * 1024
"""Characters of the lines about people that are read: an invitation has one for each."""

_FOLD = re.compile(r"\r\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_NEEDED = frozenset(
    "UID SEQUENCE DTSTART DTEND DURATION LOCATION RRULE RECURRENCE-ID "
    "X-MICROSOFT-CDO-ALLDAYEVENT X-MICROSOFT-DISALLOW-COUNTER DTSTAMP ORGANIZER CLASS TRANSP "
    "X-MICROSOFT-CDO-INTENDEDSTATUS X-MICROSOFT-CDO-BUSYSTATUS".split()
)
_HOSTILE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What a library may stumble over in a part that is no calendar: the message is an ordinary one then."""

_NEWS = {"REQUEST": MeetingNews.REQUEST, "CANCEL": MeetingNews.CANCELLED, "COUNTER": MeetingNews.TENTATIVE}
_ANSWERS = {
    "ACCEPTED": MeetingNews.ACCEPTED,
    "TENTATIVE": MeetingNews.TENTATIVE,
    "DECLINED": MeetingNews.DECLINED,
}
_SAID = {"ACCEPTED": "accepted", "TENTATIVE": "tentativelyAccepted", "DECLINED": "declined"}
_BUSY = {"FREE": "free", "TENTATIVE": "tentative", "OOF": "oof", "WORKINGELSEWHERE": "workingElsewhere"}
_CLASSES = {"PERSONAL": "personal", "PRIVATE": "private", "CONFIDENTIAL": "confidential"}


def meeting_in(message: Part) -> Meeting | None:
    """The meeting that a message is about: its first calendar part, unless that is a file attached to it."""
    part = next((each for each in _leaves(message) if each.kind == "text/calendar"), None)
    if part is None or part.disposition == "attachment" or part.body.end - part.body.start > MOST_BYTES:
        return None
    method, lines = _lines(part.text())
    try:
        return _meeting(method, _event(lines))
    except _HOSTILE:
        return None


def _leaves(part: Part) -> Iterator[Part]:
    """The parts of a message, not those of the messages in it."""
    if part.encloses:
        return
    if not part.parts:
        yield part
    for inner in part.parts:
        yield from _leaves(inner)


def _lines(text: str) -> tuple[str, list[str]]:
    """The method of a calendar, and the lines of its first event that are needed."""
    method, inside, found, people, room = "", [""], dict[str, str](), list[str](), _OF_PEOPLE
    for line in _FOLD.sub("", text).split("\r\n"):
        name = _NAME.match(line)
        word = name[0].upper() if name else ""
        if word == "BEGIN":
            inside.append(line[6:].strip().upper())
        elif word == "END":
            if inside.pop() == "VEVENT" or not inside:
                break
        elif word == "METHOD" and inside[-1] == "VCALENDAR":
            method = line[7:].strip().upper()
        elif inside[-1] != "VEVENT" or len(line) > _LONGEST:
            continue
        elif word == "ATTENDEE" and len(line) <= room:
            people.append(line)
            room -= len(line)
        elif word in _NEEDED:
            found.setdefault(word, line)
    return method, [*found.values(), *people]


def _event(lines: list[str]) -> "Component":
    from icalendar import Calendar  # a tenth of the time it takes to start, and few letters need it

    calendar = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    return Calendar.from_ical("\r\n".join(calendar)).walk("VEVENT")[0]


def _meeting(method: str, event: "Component") -> Meeting | None:
    news = _ANSWERS.get(_answer(event)) if method == "REPLY" else _NEWS.get(method)
    if news is None or not _first(event, "UID"):
        return None
    said = {
        "news": news,
        "uid": str(_first(event, "UID"))[:1000],
        "sequence": max(0, min(int(_first(event, "SEQUENCE") or 0), 2**31 - 1)),
        **_times(event),
        "location": str(_first(event, "LOCATION") or "")[:1000],
        "kind": _kind(event),
        "response_requested": any(_parameter(each, "RSVP") == "TRUE" for each in _all(event, "ATTENDEE")),
        "allows_other_times": _word(event, "X-MICROSOFT-DISALLOW-COUNTER") != "TRUE",
        "proposes_time": method == "COUNTER",
        "recurrence": _recurrence(event),
        "stamp": _stamp(event),
        "occurrence": _occurrence(event),
        "organizer": next(map(_person, _all(event, "ORGANIZER")), None),
        "attendees": tuple(_attendee(each) for each in _all(event, "ATTENDEE")),
        "busy": _busy(event),
        "sensitivity": _CLASSES.get(_word(event, "CLASS"), "normal"),
    }
    fields = Meeting.model_fields
    return Meeting.model_validate({name: what for name, what in said.items() if what != fields[name].default})


def _answer(event: "Component") -> str:
    """What whoever answers says: a reply names nobody else (RFC 5546 section 3.2.3)."""
    return next((_parameter(each, "PARTSTAT") for each in _all(event, "ATTENDEE")), "")


def _person(said: Any) -> EmailAddress:
    """Whom an address with a name beside it stands for (RFC 5545 sections 3.3.3, 3.2.2)."""
    address = re.sub(r"(?i)^mailto:", "", str(said).strip())
    name = str(said.params.get("CN", "")).strip('"')
    return EmailAddress(name=(name or address)[:256], address=address[:320])


def _attendee(said: Any) -> Attendee:
    """Somebody who is invited (RFC 5545 sections 3.2.3, 3.2.12, 3.2.16)."""
    role = "required" if _parameter(said, "ROLE") in ("", "CHAIR", "REQ-PARTICIPANT") else "optional"
    role = "resource" if _parameter(said, "CUTYPE") in ("RESOURCE", "ROOM") else role
    answer = _SAID.get(_parameter(said, "PARTSTAT"), "none")
    return Attendee.model_validate({"person": _person(said), "role": role, "answer": answer})


def _busy(event: "Component") -> str:
    """What the organizer wants it to be in calendars; something may also say only that it is no hindrance."""
    said = (_word(event, f"X-MICROSOFT-CDO-{name}STATUS") for name in ("INTENDED", "BUSY"))
    known = next((_BUSY.get(each, "busy") for each in said if each), None)
    return known or ("free" if _word(event, "TRANSP") == "TRANSPARENT" else "busy")


def _stamp(event: "Component") -> datetime | None:
    said = _first(event, "DTSTAMP")
    if said is None or not isinstance(said.dt, datetime):
        return None
    at: datetime = said.dt
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _occurrence(event: "Component") -> str | None:
    said = _first(event, "RECURRENCE-ID")
    return None if said is None else _shown(said.dt, _parameter(said, "TZID")) or str(said.dt)


def _kind(event: "Component") -> str:
    if _first(event, "RECURRENCE-ID") is not None:
        return "exception"
    return "seriesMaster" if _first(event, "RRULE") is not None else "singleInstance"


def _recurrence(event: "Component") -> Recurrence | None:
    rule, start = _first(event, "RRULE"), _first(event, "DTSTART")
    if rule is None or start is None:
        return None
    try:
        return recurrence_of(rule, start.dt, str(start.params.get("TZID", "")))
    except _HOSTILE:
        return None


def _times(event: "Component") -> dict[str, Any]:
    """When it begins and ends (RFC 5545 section 3.6.1), and whether that is whole days."""
    start = _first(event, "DTSTART")
    if start is None:
        return {}
    begins = start.dt
    whole_days = not isinstance(begins, datetime) or _word(event, "X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE"
    end, duration = _first(event, "DTEND"), _first(event, "DURATION")
    if end is not None:
        ends = _shown(end.dt, _parameter(end, "TZID"))
    else:
        ends = _shown(begins + _length(duration, begins), _parameter(start, "TZID"))
    zones = {"start_zone": _zone(start), "end_zone": _zone(start if end is None else end)}
    return {"start": _shown(begins, _parameter(start, "TZID")), "end": ends, "all_day": whole_days, **zones}


def _zone(said: Any) -> str:
    return str(said.params.get("TZID", ""))[:100]


def _length(duration: Any, begins: date) -> timedelta:
    if duration is not None:
        length: timedelta = duration.dt
        return length
    return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)


def _shown(when: date, zone: str) -> str | None:
    """A moment in UTC, or the midnight of a day; a time without a zone is one in UTC."""
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    if moment.tzinfo is None and zone and isinstance(when, datetime):
        return None  # a zone that only its own calendar describes
    plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return f"{plain.isoformat(timespec='seconds')}.0000000"


def _all(event: "Component", name: str) -> list[Any]:
    """All values of a property."""
    said = event.get(name)
    return said if isinstance(said, list) else [] if said is None else [said]


def _first(event: "Component", name: str) -> Any:
    return next(iter(_all(event, name)), None)


def _word(event: "Component", name: str) -> str:
    return str(_first(event, name) or "").strip().upper()


def _parameter(said: Any, name: str) -> str:
    return str(said.params.get(name, "")).upper()
