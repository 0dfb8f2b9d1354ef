"""Events and contacts inside messages: kept, given back, and written for other programs."""

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from icalendar import Calendar
from orjson import dumps

from letterbook.adapters.graph.errors import GraphError
from letterbook.adapters.graph.item_types import CONTACT, CONTACT_OF_V1, EVENT, HANGING
from letterbook.adapters.graph.openapi_types import types_of
from letterbook.adapters.graph.records import read_record
from letterbook.adapters.graph.routes import ROUTES
from letterbook.adapters.graph.wire import WireAttachment, WireRecord
from letterbook.adapters.mime.render import rendered_record
from tests.chance import examples
from tests.conformance.comparing import of_types
from tests.domain.cast import EARLIER, numbered
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

OPEN = "$expand=microsoft.graph.itemattachment/item"
ITEM = "#microsoft.graph.itemAttachment"
ONE = next(route for route in ROUTES if route.path == "M/attachments/{attachment}" and route.method == "GET")
PACIFIC = "Pacific Standard Time"
LUNCH: dict[str, Any] = {
    "@odata.type": "microsoft.graph.event",
    "subject": "Let's go for lunch",
    "body": {"contentType": "HTML", "content": "Does <b>noon</b> work?"},
    "start": {"dateTime": "2026-06-15T12:00:00", "timeZone": PACIFIC},
    "end": {"dateTime": "2026-06-15T14:00:00", "timeZone": PACIFIC},
    "location": {"displayName": "Harry's; Bar"},
    "attendees": [{"emailAddress": {"address": ADELE, "name": "Adele Vance"}, "type": "Optional"}],
    "organizer": {"emailAddress": {"address": MEGAN, "name": 'Megan "M" Bowen'}},
    "importance": "High",
    "categories": ["Food"],
}
PAVEL: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.contact",
    "givenName": "Pavel",
    "surname": "Bansky",
    "companyName": "Contoso, Ltd.",
    "jobTitle": "Baker",
    "emailAddresses": [{"address": "pavelb@contoso.com", "name": "Pavel Bansky"}],
    "businessPhones": ["+1 732 555 0102"],
    "mobilePhone": "+1 732 555 0103",
    "homeAddress": {"street": "1 Main; St", "city": "Redmond", "postalCode": "98052"},
    "birthday": "1974-07-22T00:00:00Z",
    "personalNotes": "Knows\nbread",
}


def attached(graph: Graph, item: dict[str, Any], **more: Any) -> str:
    """A new draft with this item: where the attachment is."""
    path = f"/me/messages/{graph.draft()['id']}/attachments"
    return f"{path}/{graph.made(path, {'@odata.type': ITEM, 'item': item} | more)['id']}"


def opened(graph: Graph, path: str) -> dict[str, Any]:
    """The item, as its type says it must be."""
    answer = graph.get(f"{path}?{OPEN}")
    assert answer.status_code == 200, answer.text
    assert of_types(ONE, graph.version, answer) == []
    item: dict[str, Any] = answer.json()["item"]
    return item


# --- Kept and given back ---------------------------------------------------------------------------


def test_an_event_is_kept_and_given_back(alex: Graph) -> None:
    path = attached(alex, LUNCH, name="Lunch")
    shown = alex.read(path)
    assert (shown["@odata.type"], shown["name"], shown["contentType"]) == (ITEM, "Lunch", None)
    assert shown["size"] > 300
    assert "item" not in shown
    item = opened(alex, path)
    assert (item["@odata.type"], item["id"]) == ("#microsoft.graph.event", "")
    assert set(item) - {"@odata.type", "id", "createdDateTime", "lastModifiedDateTime", "categories"} <= set(
        EVENT
    )
    assert (item["subject"], item["importance"], item["categories"]) == (LUNCH["subject"], "high", ["Food"])
    assert item["start"] == {"dateTime": "2026-06-15T19:00:00.0000000", "timeZone": "UTC"}
    assert (item["originalStartTimeZone"], item["originalEndTimeZone"]) == (PACIFIC, PACIFIC)
    assert (item["body"]["contentType"], item["bodyPreview"]) == ("html", "Does noon work?")
    assert item["attendees"] == [{**LUNCH["attendees"][0], "type": "optional"}]
    assert (item["type"], item["showAs"], item["isCancelled"]) == ("singleInstance", "busy", False)


def test_a_contact_is_kept_and_given_back(alex: Graph) -> None:
    path = attached(alex, PAVEL)
    assert alex.read(path)["name"] == "Pavel Bansky"
    item = opened(alex, path)
    assert {name: item[name] for name in PAVEL} == PAVEL
    assert (item["displayName"], item["fileAs"], item["nickName"]) == ("Pavel Bansky", "Pavel Bansky", None)
    assert set(CONTACT | CONTACT_OF_V1) <= set(item)


def test_they_come_along_with_a_message_and_arrive(alex: Graph, megan: Graph) -> None:
    enclosed = [{"@odata.type": ITEM, "name": "Both", "item": item} for item in (LUNCH, PAVEL)]
    said = {"subject": "Both", "toRecipients": to(MEGAN), "attachments": enclosed}
    assert alex.post("/me/sendMail", json={"message": said}).status_code == 202
    alex.book.deliver()
    (arrived,) = megan.values(f"/me/messages?$expand=attachments({OPEN})")
    lunch, pavel = (each["item"] for each in arrived["attachments"])
    assert (lunch["subject"], pavel["surname"]) == (LUNCH["subject"], "Bansky")
    assert [each["@odata.type"] for each in arrived["attachments"]] == [ITEM, ITEM]
    outer = {"@odata.type": "#microsoft.graph.message", "subject": "Outer", "attachments": enclosed}
    message = opened(alex, attached(alex, outer))
    assert [each["item"]["@odata.type"] for each in message["attachments"]] == [
        "#microsoft.graph.event",
        "#microsoft.graph.contact",
    ]


def test_a_large_one_is_kept_beside_the_history(alex: Graph) -> None:
    body = {"contentType": "text", "content": "Are we still on? " * 10_000}
    path = attached(alex, {"@odata.type": "#microsoft.graph.event", "subject": "Long", "body": body})
    assert opened(alex, path)["body"] == body
    assert b"BEGIN:VEVENT" in alex.get(f"{path}/$value").content
    assert alex.book.tidy().blobs == 0, "nothing that is needed"
    assert opened(alex, path)["body"] == body


def test_what_a_server_sets_is_passed_over_and_an_empty_one_is_one(alex: Graph) -> None:
    said = {"@odata.type": "#microsoft.graph.event", "id": "x", "webLink": "x", "createdDateTime": "x"}
    item = opened(alex, attached(alex, said))
    assert (item["id"], item["subject"], item["start"]) == ("", "", None)
    for kind in ("#microsoft.graph.contact", "Microsoft.Graph.Contact", "#Microsoft.OutlookServices.Contact"):
        assert alex.read(attached(alex, {"@odata.type": kind}))["name"] == "Contact"


@pytest.mark.parametrize("number", [47, 2**53, -(2**63), 2**64, 10**30, 47.5, 1e299])
def test_numbers_of_any_length_are_given_back(number: float, alex: Graph) -> None:
    place = {"displayName": "Redmond", "coordinates": {"latitude": number}}
    item = opened(alex, attached(alex, LUNCH | {"location": place}))
    assert item["location"]["coordinates"]["latitude"] == float(number)


def test_beta_has_other_members(alex: Graph) -> None:
    said = {"@odata.type": "#microsoft.graph.contact", "phones": [{"type": "Home", "number": "1"}]}
    kept = attached(alex.beta, said)
    assert opened(alex.beta, kept)["phones"] == [{"type": "home", "number": "1"}]
    assert "phones" not in opened(alex, kept), "each version has its own"
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    alex.refused("POST", path, 400, "RequestBodyRead", json={"@odata.type": ITEM, "item": said})


# --- Some members ----------------------------------------------------------------------------------


def test_some_members_of_an_item(alex: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    path = attached(alex, LUNCH)
    always = {"@odata.type", "id"}
    for names in ("subject,start", "microsoft.graph.event/subject,Microsoft.Graph.Event/start"):
        assert set(alex.read(f"{path}?{OPEN}($select={names})")["item"]) == always | {"subject", "start"}
    attachments = [file, {"@odata.type": ITEM, "item": LUNCH}]
    outer = {"@odata.type": "#microsoft.graph.message", "subject": "Outer", "attachments": attachments}
    message = attached(alex, outer)
    assert set(alex.read(f"{message}?{OPEN}($select=subject)")["item"]) == always | {"subject"}
    inside = "$expand=microsoft.graph.message/attachments"
    found = alex.read(f"{message}?{OPEN}($select=subject;{inside})")["item"]
    assert set(found) == always | {"subject", "attachments", "attachments@odata.context"}
    (first, second) = alex.read(f"{message}?{OPEN}({inside}($select=name))")["item"]["attachments"]
    assert set(first) == {"@odata.type", "@odata.mediaContentType", "id", "name"}
    assert set(second) == {"@odata.type", "id", "name"}
    deep = f"{OPEN}({inside}({OPEN}($select=subject)))"
    (_, second) = alex.read(f"{message}?{deep}")["item"]["attachments"]
    assert set(second["item"]) == always | {"subject"}
    assert alex.read(f"{path}?{OPEN}($select=*)")["item"] == opened(alex, path)
    for wrong in ("$select=colour", "$select=mentions", "$select=phones"):
        alex.refused("GET", f"{path}?{OPEN}({wrong})", 400, "RequestBroker--ParseUri")


# --- Other programs --------------------------------------------------------------------------------


def test_an_event_is_written_as_icalendar(alex: Graph) -> None:
    answer = alex.get(f"{attached(alex, LUNCH)}/$value")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (LUNCH["subject"], "Harry's; Bar")
    assert event["DTSTART"].to_ical() == b"20260615T190000Z"
    assert str(event["DESCRIPTION"]).strip() == "Does noon work?"
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == (f"mailto:{MEGAN}", "Megan M Bowen")
    assert (event["ATTENDEE"].params["ROLE"], event["PRIORITY"]) == ("OPT-PARTICIPANT", 1)


@pytest.mark.parametrize(
    ("pattern", "stretch", "rule"),
    [
        ({"type": "daily", "interval": 2}, {"type": "noEnd"}, "FREQ=DAILY;INTERVAL=2"),
        (
            {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "monday"},
            {"type": "numbered", "numberOfOccurrences": 5},
            "FREQ=WEEKLY;COUNT=5;INTERVAL=1;BYDAY=MO,FR;WKST=MO",
        ),
        (
            {"type": "relativeYearly", "interval": 1, "daysOfWeek": ["sunday"], "index": "last", "month": 3},
            {"type": "endDate", "endDate": "2028-01-01"},
            "FREQ=YEARLY;UNTIL=20280101T235959Z;INTERVAL=1;BYDAY=-1SU;BYMONTH=3",
        ),
        (
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
            {"type": "noEnd"},
            "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=31",
        ),
    ],
)
def test_what_repeats_does_so_where_its_clock_is(
    alex: Graph, pattern: dict[str, Any], stretch: dict[str, Any], rule: str
) -> None:
    said = LUNCH | {"recurrence": {"pattern": pattern, "range": stretch}}
    path = attached(alex, said)
    assert opened(alex, path)["type"] == "seriesMaster"
    text = alex.get(f"{path}/$value").text
    assert f"RRULE:{rule}" in text
    assert "DTSTART;TZID=America/Los_Angeles:20260615T120000" in text
    assert "BEGIN:VTIMEZONE" in text


def test_days_are_days(alex: Graph) -> None:
    days = {end: {"dateTime": f"2026-06-1{n}T00:00:00", "timeZone": PACIFIC} for end, n in _ENDS}
    path = attached(alex, {"@odata.type": "#microsoft.graph.event", "isAllDay": True, **days})
    assert opened(alex, path)["start"]["dateTime"] == "2026-06-15T00:00:00.0000000"
    assert "DTSTART;VALUE=DATE:20260615" in alex.get(f"{path}/$value").text


_ENDS = (("start", 5), ("end", 6))


def test_a_contact_is_written_as_a_card(alex: Graph) -> None:
    answer = alex.get(f"{attached(alex, PAVEL)}/$value")
    assert answer.headers["content-type"].startswith("text/vcard")
    assert answer.text.split("\r\n")[:11] == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Bansky;Pavel;;;",
        "FN:Pavel Bansky",
        "ORG:Contoso\\, Ltd.;",
        "TITLE:Baker",
        "NOTE:Knows\\nbread",
        "EMAIL;TYPE=INTERNET:pavelb@contoso.com",
        "TEL;TYPE=WORK:+1 732 555 0102",
        "TEL;TYPE=CELL:+1 732 555 0103",
        "ADR;TYPE=HOME:;;1 Main\\; St;Redmond;;98052;",
    ]
    assert answer.text.endswith("END:VCARD\r\n")


def test_they_leave_as_parts_that_all_programs_know_and_stay_files_when_they_come_back(alex: Graph) -> None:
    path = attached(alex, LUNCH)
    draft = path.partition("/attachments")[0]
    alex.made(f"{draft}/attachments", {"@odata.type": ITEM, "item": PAVEL})
    raw = alex.get(f"{draft}/$value").content
    mime = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in mime.walk() if part.get_filename()]
    assert [(part.get_content_type(), part.get_filename()) for part in parts] == [
        ("text/calendar", "Let's go for lunch.ics"),
        ("text/vcard", "Pavel Bansky.vcf"),
    ]
    assert isinstance(parts[0], EmailMessage)
    assert "SUMMARY:Let's go for lunch" in parts[0].get_content()
    alex.book.mailbox(ALEX).send_mime(b"To: alexw@contoso.com\r\n" + raw)
    alex.book.deliver()
    (back,) = alex.values("/me/mailFolders/inbox/messages?$expand=attachments")
    assert {each["@odata.type"] for each in back["attachments"]} == {"#microsoft.graph.fileAttachment"}
    assert "meetingMessageType" not in back


# --- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"colour": "red"}, 400, "RequestBodyRead"),
        ({"subject": 4}, 400, "RequestBodyRead"),
        ({"isAllDay": 1}, 400, "RequestBodyRead"),
        ({"showAs": "asleep"}, 400, "RequestBodyRead"),
        ({"attendees": {}}, 400, "RequestBodyRead"),
        ({"attendees": ["adele"]}, 400, "RequestBodyRead"),
        ({"attendees": [{"emailAddress": {"colour": "red"}}]}, 400, "RequestBodyRead"),
        ({"body": "text"}, 400, "RequestBodyRead"),
        ({"reminderMinutesBeforeStart": 2**40}, 400, "RequestBodyRead"),
        ({"reminderMinutesBeforeStart": True}, 400, "RequestBodyRead"),
        ({"location": {"coordinates": {"latitude": 10**400}}}, 400, "RequestBodyRead"),
        ({"location": {"coordinates": {"latitude": "north"}}}, 400, "RequestBodyRead"),
        ({"originalStart": "yesterday"}, 400, "RequestBodyRead"),
        ({"start": {"dateTime": "noon", "timeZone": "UTC"}}, 400, "RequestBodyRead"),
        ({"start": {"dateTime": "2026-06-15T12:00:00", "timeZone": "Nowhere"}}, 400, "InvalidTimeZone"),
        ({"attachments": [{"name": "a.txt"}]}, 422, "UnprocessableType"),
        ({"attachments": [{"name": "a.txt", "contentBytes": "YQ=="}]}, 400, "RequestBodyRead"),
        ({"attachments": {}}, 400, "RequestBodyRead"),
        ({"extensions": [{"extensionName": "a/b"}]}, 400, "RequestBodyRead"),
        ({"extensions": [{"theme": "dark"}]}, 400, "ErrorInvalidArgument"),
        ({"singleValueExtendedProperties": [{"id": "x"}]}, 400, "RequestBodyRead"),
        ({"@odata.type": "#microsoft.graph.contact", "start": {}}, 400, "RequestBodyRead"),
        ({"@odata.type": "#microsoft.graph.contact", "attachments": []}, 400, "RequestBodyRead"),
        ({"@odata.type": "#microsoft.graph.post"}, 400, "RequestBodyRead"),
        ({"@odata.type": 4}, 400, "RequestBodyRead"),
        ({"@odata.type": None}, 422, "UnprocessableType"),
        ({"@odata.type": "#contoso.event"}, 400, "RequestBodyRead"),
        ({"@odata.type": "#contact"}, 400, "RequestBodyRead"),
        ({"@odata.type": "#contoso.message"}, 400, "RequestBodyRead"),
        ({"attendees": None}, 400, "RequestBodyRead"),
        ({"nonsense": None}, 400, "RequestBodyRead"),
    ],
)
def test_what_its_type_does_not_allow_is_refused(
    alex: Graph, said: dict[str, Any], status: int, code: str
) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    item = {"@odata.type": "#microsoft.graph.event"} | said
    alex.refused("POST", path, status, code, json={"@odata.type": ITEM, "item": item})
    assert alex.values(path) == []


# --- What is hostile -------------------------------------------------------------------------------

_SCHEMA = types_of("v1.0")
_TEXTS = some.text(some.characters(codec="utf-8"), max_size=30)
_SIMPLE: dict[str, some.SearchStrategy[Any]] = {
    "Edm.Boolean": some.booleans(),
    "Edm.Int32": some.integers(-(2**31) + 1, 2**31 - 1),
    "Edm.Double": some.floats(allow_nan=False, allow_infinity=False),
    "Edm.Date": some.dates().map(str),
    "Edm.DateTimeOffset": some.datetimes().map(lambda at: f"{at.isoformat()}Z"),
}


def _said_of(kind: str) -> some.SearchStrategy[Any]:
    """Anything that the type allows."""
    if kind in _SCHEMA.enums:
        return some.sampled_from(_SCHEMA.enums[kind])
    if kind == "dateTimeTimeZone":
        return some.builds(
            lambda at, zone: {"dateTime": at.isoformat(), "timeZone": zone},
            some.datetimes(),
            some.sampled_from(["UTC", PACIFIC, "Europe/Berlin"]),
        )
    if kind not in _SCHEMA.kinds:
        return _SIMPLE.get(kind, _TEXTS)
    members = {
        name: some.lists(_said_of(shape.type), max_size=2) if shape.many else _said_of(shape.type)
        for name, shape in _SCHEMA.members(kind).items()
        if name not in HANGING["event"]
    }
    return some.fixed_dictionaries({}, optional=members)


@pytest.mark.parametrize("kind", ["event", "contact"])
def test_whatever_is_said_can_be_written_for_other_programs(kind: str) -> None:
    @settings(max_examples=examples(150), derandomize=True, database=None)
    @given(said=_said_of(kind))
    def written(said: dict[str, Any]) -> None:
        item = {"@odata.type": f"#microsoft.graph.{kind}"} | said
        wire = WireAttachment.model_validate_json(dumps({"@odata.type": ITEM, "item": item}))
        assert isinstance(wire.item, WireRecord)
        try:
            record = read_record(wire, wire.item, numbered(1), EARLIER.at, beta=False)
        except GraphError:
            assume(condition=False)  # a time that is none in UTC
        raw = rendered_record(record)
        if kind == "event":
            assert len(Calendar.from_ical(raw).walk("VEVENT")) == 1
        else:
            lines = raw.replace(b"\r\n ", b"").split(b"\r\n")
            assert [line for line in lines if line.endswith(b":VCARD")] == [b"BEGIN:VCARD", b"END:VCARD"]
            assert all(re.match(rb"[A-Z]+(;TYPE=[A-Z]+)?:", line) for line in lines[:-1])

    written()
