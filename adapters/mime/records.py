"""Attached events and contacts as other programs read them: iCalendar (RFC 5545), vCard 3 (RFC 2426)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from letterbook.domain.attachments import RecordAttachment
from letterbook.domain.text import plain

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

Said = Mapping[str, Any]
"""What is said of an event or a contact, in Graph's words."""

_ROLES = {"optional": "OPT-PARTICIPANT", "resource": "NON-PARTICIPANT"}
_ANSWERS = {"accepted": "ACCEPTED", "tentativelyAccepted": "TENTATIVE", "declined": "DECLINED"}
_CLASSES = {"personal": "PRIVATE", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}
_PRIORITIES = {"high": 1, "low": 9}
_FREQUENCIES = {"daily": "DAILY", "weekly": "WEEKLY", "Monthly": "MONTHLY", "Yearly": "YEARLY"}
_FAR, _FARTHEST = 1900, 2200
"""Years between which rules for the summer mean anything."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f"]')
"""What a parameter or an address cannot hold (RFC 5545 section 3.1)."""
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Something attached to an event: its name, and its type and bytes, or where it is."""

    name: str
    media_type: str = ""
    content: bytes = b""
    link: str = ""


def written_record(record: RecordAttachment, enclosures: Iterable[Enclosure]) -> bytes:
    """An attached event or contact in the form that all programs know."""
    said = json.loads(record.content.inline or b"{}")
    return _calendar(record, said, enclosures) if record.kind == "event" else _card(record, said)


def _plain(body: Said | None) -> str:
    content = str((body or {}).get("content", ""))
    return plain(content) if (body or {}).get("contentType") == "html" else content


# --- Events ----------------------------------------------------------------------------------------


def _calendar(record: RecordAttachment, said: Said, enclosures: Iterable[Enclosure]) -> bytes:
    from icalendar import Calendar, Event  # a tenth of the time it takes to start

    event = Event()
    for name, value in _of_event(record, said):
        event.add(name, value)
    for person in said.get("attendees", ()):
        _invite(event, person)
    _organize(event, said.get("organizer"))
    for each in enclosures:
        _enclose(event, each)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Letterbook//EN")
    calendar.add_component(event)
    if said.get("recurrence"):
        calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _of_event(record: RecordAttachment, said: Said) -> Iterator[tuple[str, Any]]:
    """The properties of an event (RFC 5545 section 3.6.1)."""
    yield "uid", said.get("iCalUId") or str(record.id)
    yield "dtstamp", record.modified_at.astimezone(UTC)
    for name, end in (("dtstart", "start"), ("dtend", "end")):
        if said.get(end):
            yield name, _when(said, end)
    for name, text in (
        ("summary", said.get("subject")),
        ("description", _plain(said.get("body"))),
        ("location", (said.get("location") or {}).get("displayName")),
        ("categories", said.get("categories")),
    ):
        if text:
            yield name, text
    yield "class", _CLASSES.get(said.get("sensitivity", ""), "PUBLIC")
    yield "priority", _PRIORITIES.get(said.get("importance", ""), 5)
    yield "transp", "TRANSPARENT" if said.get("showAs") == "free" else "OPAQUE"
    yield "status", "CANCELLED" if said.get("isCancelled") else "CONFIRMED"
    if rule := _rule(said):
        yield "rrule", rule


def _when(said: Said, end: str) -> datetime | date:
    """A moment in UTC or, of what repeats, where its clock is; the days of an all-day event are just days."""
    at = datetime.fromisoformat(said[end]["dateTime"][:19]).replace(tzinfo=UTC)
    if said.get("isAllDay"):
        return at.date()
    return at.astimezone(_zone(said)) if said.get("recurrence") and _FAR < at.year < _FARTHEST else at


def _zone(said: Said) -> ZoneInfo:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    name = str(said.get("originalStartTimeZone", "UTC"))
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name) or name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _invite(event: "Event", person: Said) -> None:
    who = _person(person.get("emailAddress"))
    if who is not None:
        answer = (person.get("status") or {}).get("response", "")
        who.params["ROLE"] = _ROLES.get(person.get("type", ""), "REQ-PARTICIPANT")
        who.params["PARTSTAT"] = _ANSWERS.get(answer, "NEEDS-ACTION")
        event.add("attendee", who)


def _organize(event: "Event", organizer: Said | None) -> None:
    who = _person((organizer or {}).get("emailAddress"))
    if who is not None:
        event.add("organizer", who)


def _enclose(event: "Event", enclosure: Enclosure) -> None:
    """Something attached to an event (RFC 5545 section 3.8.1.1); its name as RFC 8607 section 4.1 has it."""
    from icalendar import vBinary, vUri

    value = vUri(_UNFIT.sub("", enclosure.link)) if enclosure.link else vBinary(enclosure.content)
    if enclosure.media_type:
        value.params["FMTTYPE"] = enclosure.media_type
    if name := _UNFIT.sub("", enclosure.name):
        value.params["FILENAME"] = name
    event.add("attach", value)


def _person(said: Said | None) -> "vCalAddress | None":
    """Somebody with their name; without an address they are nobody."""
    from icalendar import vCalAddress

    address = _UNFIT.sub("", str((said or {}).get("address", "")))
    if not address:
        return None
    who = vCalAddress(f"mailto:{address}")
    who.params["CN"] = _UNFIT.sub("", str((said or {}).get("name") or "")) or address
    return who


def _rule(said: Said) -> dict[str, Any] | None:
    """How it repeats (RFC 5545 section 3.3.10); ``None`` if it does not, or nobody can tell how."""
    its = said.get("recurrence") or {}
    pattern, stretch = its.get("pattern") or {}, its.get("range") or {}
    kind = str(pattern.get("type", ""))
    frequency = _FREQUENCIES.get(kind.removeprefix("absolute").removeprefix("relative"))
    if frequency is None:
        return None
    rule: dict[str, Any] = {"freq": frequency, "interval": max(1, int(pattern.get("interval") or 1))}
    rule |= _days(kind, pattern)
    if kind.endswith("Yearly") and 1 <= pattern.get("month", 0) <= 12:
        rule["bymonth"] = pattern["month"]
    return rule | _until(stretch)


def _days(kind: str, pattern: Said) -> dict[str, Any]:
    days = [str(day)[:2].upper() for day in pattern.get("daysOfWeek") or ()]
    if kind.startswith("relative") and days:
        first = _INDEXES.get(pattern.get("index", "first"), 1)
        return {"byday": [f"{first}{day}" for day in days]}
    if kind == "weekly" and days:
        return {"byday": days, "wkst": str(pattern.get("firstDayOfWeek", "sunday"))[:2].upper()}
    if kind.startswith("absolute") and 1 <= pattern.get("dayOfMonth", 0) <= 31:
        return {"bymonthday": pattern["dayOfMonth"]}
    return {}


def _until(stretch: Said) -> dict[str, Any]:
    match stretch.get("type"):
        case "numbered" if stretch.get("numberOfOccurrences", 0) > 0:
            return {"count": stretch["numberOfOccurrences"]}
        case "endDate" if stretch.get("endDate"):
            return {"until": datetime.combine(date.fromisoformat(stretch["endDate"]), time.max, UTC)}
        case _:
            return {}


# --- Contacts --------------------------------------------------------------------------------------

_TEXTS = (
    ("TITLE", "jobTitle"),
    ("ROLE", "profession"),
    ("NICKNAME", "nickName"),
    ("NOTE", "personalNotes"),
    ("URL", "businessHomePage"),
)
_PHONES = (("WORK", "businessPhones"), ("HOME", "homePhones"), ("CELL", "mobilePhone"))
_PLACES = (("WORK", "businessAddress"), ("HOME", "homeAddress"), ("POSTAL", "otherAddress"))
_KINDS_OF_PHONE = {"home": "HOME", "business": "WORK", "mobile": "CELL", "pager": "PAGER"}


def _card(record: RecordAttachment, said: Said) -> bytes:
    """A card; its lines are escaped and folded as those of a calendar are, which are the same."""
    from icalendar.parser import Contentline, Parameters
    from icalendar.prop import vInline

    lines = [b"BEGIN:VCARD", b"VERSION:3.0"]
    for name, kind, value in _of_contact(record, said):
        parameters = Parameters({"TYPE": kind} if kind else {})
        whole = Contentline.from_parts(name, parameters, vInline(_CONTROLS.sub("", value)))
        lines.append(whole.to_ical())
    return b"\r\n".join((*lines, b"END:VCARD", b""))


def _of_contact(record: RecordAttachment, said: Said) -> Iterator[tuple[str, str, str]]:
    """The lines of a card (RFC 2426 section 3): name, type, value."""
    names = ("surname", "givenName", "middleName", "title", "generation")
    whole = " ".join(filter(None, (said.get("givenName"), said.get("surname"))))
    yield "N", "", _parts(said.get(name) for name in names)
    yield "FN", "", _parts([said.get("displayName") or whole or record.name])
    if said.get("companyName") or said.get("department"):
        yield "ORG", "", _parts((said.get("companyName"), said.get("department")))
    for name, member in _TEXTS:
        if said.get(member):
            yield name, "", _parts([said[member]])
    for each in said.get("emailAddresses", ()):
        if each.get("address"):
            yield "EMAIL", "INTERNET", _parts([each["address"]])
    yield from _reached(said)
    if said.get("birthday"):
        yield "BDAY", "", _parts([str(said["birthday"])[:10]])
    if said.get("categories"):
        yield "CATEGORIES", "", ",".join(_parts([each]) for each in said["categories"])
    yield "UID", "", _parts([str(record.id)])
    yield "REV", "", _parts([f"{record.modified_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"])


def _reached(said: Said) -> Iterator[tuple[str, str, str]]:
    """Telephones and places, under the names that each version of Graph has for them."""
    for kind, member in _PHONES:
        numbers = said.get(member) or ()
        for number in [numbers] if isinstance(numbers, str) else numbers:
            yield "TEL", kind, _parts([number])
    for each in said.get("phones", ()):
        if each.get("number"):
            yield "TEL", _KINDS_OF_PHONE.get(each.get("type", ""), "VOICE"), _parts([each["number"]])
    for kind, member in _PLACES:
        if said.get(member):
            yield "ADR", kind, _place(said[member])
    for each in said.get("postalAddresses", ()):
        kind = {"home": "HOME", "business": "WORK"}.get(each.get("type", ""), "POSTAL")
        yield "ADR", kind, _place(each)


def _place(said: Said) -> str:
    members = ("postOfficeBox", "", "street", "city", "state", "postalCode", "countryOrRegion")
    return _parts(said.get(name) for name in members)


def _parts(values: Iterable[object]) -> str:
    """A value of several parts, each escaped (RFC 2426 section 4)."""
    from icalendar import vText

    return ";".join(vText(str(value or "")).to_ical().decode() for value in values)
