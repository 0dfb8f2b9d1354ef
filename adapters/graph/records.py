"""Events and contacts that are attached to messages: read by their types, kept as said, shown in full."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from orjson import dumps, loads

from letterbook.adapters.graph import errors, zones
from letterbook.adapters.graph.csdl import Schema, Shape
from letterbook.adapters.graph.item_types import members_of
from letterbook.adapters.graph.types_said import kind_of
from letterbook.adapters.graph.wire import RECORDS, WireAttachment, WireRecord
from letterbook.application.showing import shown_time
from letterbook.domain import text
from letterbook.domain.attachments import Content, RecordAttachment
from letterbook.domain.people import EmailAddress

Json = dict[str, Any]

_SERVER_SET = frozenset(
    ("id", "changeKey", "createdDateTime", "lastModifiedDateTime", "bodyPreview", "webLink", "parentFolderId")
)
"""What an author may repeat, and only a server sets."""
_HANGING = frozenset(
    ("attachments", "extensions", "single_value_extended_properties", "multi_value_extended_properties")
)
"""What an item has besides its own members: each is read like that of a message."""
_ADDRESSES = frozenset(("imAddresses", "locationEmailAddress"))
"""Members that are addresses by themselves, one or many."""
_LARGEST = 1e300
"""Numbers below it can be written and read again; none of the others is less, nor is what is no number."""
_EXACT = 2**53
"""Whole numbers below it are kept as such; of larger ones JSON promises no more than of any others."""
_NEVER = "0001-01-01T00:00:00Z"


# --- Reading ---------------------------------------------------------------------------------------


def read_record(
    said: WireAttachment, item: WireRecord, name: UUID, now: datetime, *, beta: bool
) -> RecordAttachment:
    """An event or a contact that is to be attached; refuses what its type does not allow."""
    from letterbook.adapters.graph.openapi_types import types_of  # few letters bring one, and it is large

    kind = kind_of(item.odata_type, "", RECORDS)
    schema = types_of("beta" if beta else "v1.0")
    if kind == "contact" and item.attachments is not None:
        raise errors.unknown_member("attachments", kind)
    found = _members(schema, kind, item.model_dump(by_alias=True, exclude_unset=True, exclude={*_HANGING}))
    if kind == "event":
        _settle_times(found)
    people = {person.key: person for person in _people(found)}
    record = RecordAttachment(
        id=name,
        kind="event" if kind == "event" else "contact",
        name=said.name or _title(found) or kind.capitalize(),
        content_type=said.content_type,
        is_inline=bool(said.is_inline),
        modified_at=now,
        content=Content(inline=dumps(found)),
    )
    return record.model_copy(update={"people": tuple(people.values())}) if people else record


def _people(said: object) -> Iterator[EmailAddress]:
    """Everyone who is named by an address, wherever that is."""
    match said:
        case {"address": str(address), **others} if "@" in address:
            yield EmailAddress(name=str(others.get("name") or ""), address=address.strip())
        case dict():
            for name, each in said.items():
                yield from _people(_as_people(each) if name in _ADDRESSES else each)
        case list():
            for each in said:
                yield from _people(each)
        case _:
            pass  # a single value names nobody


def _as_people(addresses: object) -> list[Json]:
    """Addresses as those of people; some are written as links to a telephone."""
    many = addresses if isinstance(addresses, list) else [addresses]
    return [{"address": str(each).strip().removeprefix("sip:")} for each in many]


def _title(said: Json) -> str:
    return str(said.get("subject") or said.get("displayName") or _full_name(said))


def _full_name(said: Json) -> str:
    return " ".join(filter(None, (said.get("givenName"), said.get("surname"))))


def _members(schema: Schema, kind: str, given: Json) -> Json:
    """What is said of something, each member by its type; what is null is not said, but of many values."""
    known, found = schema.members(kind), Json()
    for name, value in given.items():
        if "@" in name or name in _SERVER_SET:
            continue
        if name not in known:
            raise errors.unknown_member(name, kind)
        if value is not None:
            found[name] = _value(schema, known[name], value, name)
        elif known[name].many:
            raise errors.null_value(name)
    return found


def _value(schema: Schema, shape: Shape, given: object, name: str) -> Any:
    if shape.many:
        if not isinstance(given, list):
            raise _unfit(name)
        return [_value(schema, Shape(shape.type), each, name) for each in given]
    if shape.type in schema.enums:
        words = {word.lower(): word for word in schema.enums[shape.type]}
        if not isinstance(given, str) or given.lower() not in words:
            raise _unfit(name)
        return words[given.lower()]
    if shape.type in schema.kinds:
        if not isinstance(given, dict):
            raise _unfit(name)
        return _members(schema, shape.type, given)
    if not _fits(shape.type, given):
        raise _unfit(name)
    return float(given) if isinstance(given, int) and abs(given) > _EXACT else given


def _unfit(name: str) -> errors.GraphError:
    return errors.body_unread(f"Property {name} in payload has a value that does not match schema.")


def _fits(primitive: str, given: object) -> bool:
    """Whether a value is one of a primitive type (OData CSDL 4.0, section 4.4)."""
    match primitive:
        case "Edm.Boolean":
            return isinstance(given, bool)
        case "Edm.Int32":
            return isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**31
        case "Edm.Double":
            return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < _LARGEST
        case "Edm.Date":
            return isinstance(given, str) and _is_read(date.fromisoformat, given)
        case "Edm.DateTimeOffset":
            return isinstance(given, str) and _is_read(datetime.fromisoformat, given.upper())
        case _:
            return isinstance(given, str)


def _is_read(reader: Any, given: str) -> bool:
    try:
        reader(given)
    except ValueError:
        return False
    return True


def _settle_times(event: Json) -> None:
    """Times as they are answered, in UTC; the zones they were said in are kept beside."""
    for end, zone in (("start", "originalStartTimeZone"), ("end", "originalEndTimeZone")):
        if (said := event.get(end)) is None:
            continue
        name = said.get("timeZone") or "UTC"
        moment = zones.shown_moment(zones.moment_of(said.get("dateTime", ""), name))
        if event.get("isAllDay"):  # days are the same wherever one is
            moment = zones.shown_moment(zones.moment_of(said["dateTime"], "UTC"))
        event |= {end: moment, zone: event.get(zone, name)}


# --- Showing ---------------------------------------------------------------------------------------


def shown_record(record: RecordAttachment, content: bytes, *, beta: bool) -> Json:
    """An event or a contact with what is not said of it, too; what only the other version has is left out."""
    at, known = shown_time(record.modified_at), members_of(record.kind, beta=beta)
    said = {name: it for name, it in loads(content).items() if name in known}
    usual = _usual_event(said) if record.kind == "event" else _usual_contact(said, known)
    return {
        "@odata.type": f"#microsoft.graph.{record.kind}",
        "id": "",
        "createdDateTime": at,
        "lastModifiedDateTime": at,
        "categories": [],
        **usual,
        **said,
        **_attached(record),
    }


def _attached(record: RecordAttachment) -> Json:
    """Whether files are attached to an event, which nobody can say of it otherwise."""
    if record.kind == "contact":
        return {}
    return {"hasAttachments": any(not each.is_inline for each in record.attachments)}


def _usual_event(said: Json) -> Json:
    """What Graph says of an event that was made with nothing."""
    body = {"contentType": "text", "content": ""} | said.get("body", {})
    place = {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"}
    return {
        "originalStartTimeZone": "UTC",
        "originalEndTimeZone": "UTC",
        "reminderMinutesBeforeStart": 15,
        "isReminderOn": False,
        "subject": "",
        "bodyPreview": text.preview(body["contentType"], body["content"]),
        "importance": "normal",
        "sensitivity": "normal",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": True,
        "responseRequested": True,
        "seriesMasterId": None,
        "showAs": "busy",
        "type": "seriesMaster" if said.get("recurrence") else "singleInstance",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "allowNewTimeProposals": True,
        "responseStatus": {"response": "organizer", "time": _NEVER},
        "body": body,
        "start": None,
        "end": None,
        "location": place,
        "locations": [said["location"]] if said.get("location") else [],
        "recurrence": None,
        "attendees": [],
        "organizer": None,
    }


def _usual_contact(said: Json, known: dict[str, Shape]) -> Json:
    """Every member of a contact; the name to show is made of its parts (Graph: *contact*)."""
    usual: Json = {name: [] if shape.many else None for name, shape in known.items()}
    return usual | {"displayName": _full_name(said), "fileAs": _full_name(said)}
