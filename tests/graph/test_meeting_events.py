"""The event behind a message about a meeting: read only, told from the messages of its mailbox."""

import threading
from typing import Any

import pytest

from letterbook.adapters.graph.events import MEMBERS
from letterbook.adapters.graph.routes import ROUTES
from letterbook.application.events import Events
from letterbook.domain.meeting_events import Event
from tests.conformance.comparing import of_types
from tests.graph.client import ADELE, ALEX, MEGAN, Graph
from tests.graph.invitations import arrived, mime, shown

UID = "UID:040000008200E00074C5B7101A82E008"
ORGANIZER = f"ORGANIZER;CN=Megan Bowen:mailto:{MEGAN}"
ALSO_INVITED = (
    f"ATTENDEE;CN=Adele Vance;ROLE=OPT-PARTICIPANT;PARTSTAT=TENTATIVE:mailto:{ADELE}",
    "ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT:mailto:room3@contoso.com",
)
CAST = "/microsoft.graph.eventMessage"
EXPAND = "$expand=microsoft.graph.eventMessage/event"
ROUTE = next(route for route in ROUTES if route.path.endswith("eventMessage/event"))


def event(sequence: int, hour: int = 9, *more: str, place: str = "Mt. Hood") -> tuple[str, ...]:
    """What a calendar part says of the meeting."""
    zone = 'TZID="Pacific Standard Time"'
    times = (f"DTSTART;{zone}:20260302T{hour:02}0000", f"DTEND;{zone}:20260302T{hour:02}3000")
    invited = f"ATTENDEE;CN=Alex Wilber;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ALEX}"
    stamp = f"DTSTAMP:202603{sequence + 1:02}T080000Z"
    return (UID, f"SEQUENCE:{sequence}", stamp, *times, f"LOCATION:{place}", ORGANIZER, invited, *more)


def answered(megan: Graph, alex: Graph, said: str, sequence: int = 0) -> dict[str, Any]:
    """Alex answers, and Megan has it."""
    invited = f"ATTENDEE;PARTSTAT={said}:mailto:{ALEX}"
    raw = mime("REPLY", *event(sequence)[:-1], invited).replace(b"To: alexw@", b"To: meganb@")
    return arrived(megan, alex, raw)


def event_of(who: Graph, message: dict[str, Any]) -> dict[str, Any]:
    """The event that a message is about."""
    answer = who.get(f"/me/messages/{message['id']}{CAST}/event")
    assert answer.status_code == 200, answer.text
    assert of_types(ROUTE, who.version, answer) == []
    assert answer.headers["etag"] == answer.json()["@odata.etag"]
    found: dict[str, Any] = answer.json()
    return found


def no_event(who: Graph, message: dict[str, Any]) -> None:
    """A calendar would not hold it."""
    path = f"/me/messages/{message['id']}"
    who.refused("GET", f"{path}{CAST}/event", 404, "ErrorItemNotFound")
    assert who.read(f"{path}?{EXPAND}")["event"] is None


# --- What is shown ---------------------------------------------------------------------------------


def test_whoever_is_invited_sees_a_tentative_event(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0, 9, *ALSO_INVITED))
    found = event_of(alex, invitation)
    never = "0001-01-01T00:00:00Z"
    people = [
        ("Alex Wilber", ALEX, "required", "none"),
        ("Adele Vance", ADELE, "optional", "tentativelyAccepted"),
        ("room3@contoso.com", "room3@contoso.com", "resource", "none"),
    ]
    assert found["attendees"] == [
        {
            "type": role,
            "status": {"response": said, "time": never},
            "emailAddress": {"name": name, "address": address},
        }
        for name, address, role, said in people
    ]
    told = {name: found[name] for name in ("subject", "showAs", "type", "iCalUId", "isCancelled", "isAllDay")}
    assert told == {
        "subject": "Debrief",
        "showAs": "tentative",
        "type": "singleInstance",
        "iCalUId": UID[4:],
        "isCancelled": False,
        "isAllDay": False,
    }
    assert found["organizer"] == {"emailAddress": {"name": "Megan Bowen", "address": MEGAN}}
    assert (found["isOrganizer"], found["responseRequested"]) == (False, True)
    assert found["responseStatus"] == {"response": "notResponded", "time": never}
    assert found["start"] == invitation["startDateTime"]
    assert found["end"] == {"dateTime": "2026-03-02T17:30:00.0000000", "timeZone": "UTC"}
    assert found["originalStartTimeZone"] == "Pacific Standard Time"
    assert (found["location"]["displayName"], found["locations"]) == ("Mt. Hood", [found["location"]])
    assert (found["body"], found["bodyPreview"]) == (invitation["body"], invitation["bodyPreview"])
    assert found["webLink"].endswith("&exvsurl=1&path=/calendar/item")


def test_all_members_are_shown_in_both_versions(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    for who, besides in ((alex, {"uid"}), (alex.beta, set[str]())):
        members = {name for name in event_of(who, invitation) if "@" not in name}
        assert members == set(MEMBERS) - besides - {"originalStart"}, "which only one of a series has"


def test_both_forms_of_the_request_tell_the_same(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    path = f"/me/messages/{invitation['id']}"
    found = event_of(alex, invitation)
    context = found.pop("@odata.context")
    for query in (f"{path}?{EXPAND}", f"{path}/?{EXPAND}", f"{path}{CAST}/?{EXPAND}"):
        opened = alex.read(query)
        assert (opened["event@odata.context"], opened["event"]) == (context, found)
    assert context.endswith(f"/messages('{invitation['id'].replace('=', '%3D')}'){CAST}/event/$entity")
    alex.draft()
    listed = alex.values(f"/me/messages?{EXPAND}")
    assert sorted("event" in each for each in listed) == [False, True]
    assert next(each["event"] for each in listed if "event" in each) == found


def test_some_members_only(alex: Graph, megan: Graph) -> None:
    path = f"/me/messages/{shown(alex, megan, 'REQUEST', *event(0))['id']}"
    always = {"@odata.etag", "id", "start"}
    assert set(alex.read(f"{path}{CAST}/event?$select=start")) == {"@odata.context", *always}
    assert set(alex.read(f"{path}?{EXPAND}($select=start)")["event"]) == always
    alex.refused("GET", f"{path}?{EXPAND}($filter=id eq 'x')", 400, "BadRequest")
    for wrong in (f"{CAST}/event?$select=colour", f"?{EXPAND}($select=colour)", f"{CAST}/event?$select=uid"):
        alex.refused("GET", f"{path}{wrong}", 400, "RequestBroker--ParseUri")


def test_it_has_what_is_attached_to_the_request(alex: Graph, megan: Graph) -> None:
    agenda = b"--b\r\nContent-Disposition: attachment; filename=agenda.txt\r\n\r\nTea\r\n--b--"
    raw = mime("REQUEST", *event(0)).replace(b"--b--", agenda)
    path = f"/me/messages/{arrived(alex, megan, raw)['id']}"
    asked = "$expand=attachments($select=name;$count=true),extensions"
    inside = alex.read(f"{path}?{EXPAND}($select=subject;{asked})")["event"]
    alone = alex.read(f"{path}{CAST}/event?$select=subject&{asked}")
    names = {"subject", "id", "@odata.etag", "attachments", "extensions"}
    for found in (inside, alone):
        assert {name for name in found if "@odata.co" not in name} == names
        assert [each["name"] for each in found["attachments"]] == ["agenda.txt"]
        assert (found["attachments@odata.count"], found["extensions"]) == (1, [])
        assert found["attachments@odata.context"].endswith("eventMessage/event/attachments")
    assert inside["attachments"][0]["id"] == alex.values(f"{path}/attachments?$select=id")[-1]["id"]
    color = "singleValueExtendedProperties($filter=id eq 'String 0x1')"
    assert alex.read(f"{path}?{EXPAND}($expand={color})")["event"]["hasAttachments"] is True
    alex.refused("GET", f"{path}?{EXPAND}($expand=calendar)", 400, "ExpandNotSupported")
    alex.refused("GET", f"{path}{CAST}/event?$expand=instances", 400, "ExpandNotSupported")


def test_times_are_told_in_the_zone_that_is_preferred(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    zone = "Pacific Standard Time"
    there = alex.saying(Prefer=f'outlook.timezone="{zone}", outlook.body-content-type="html"')
    answer = there.get(f"/me/messages/{invitation['id']}{CAST}/event")
    assert answer.json()["start"] == {"dateTime": "2026-03-02T09:00:00.0000000", "timeZone": zone}
    assert answer.json()["body"]["contentType"] == "html"
    assert f'outlook.timezone="{zone}"' in answer.headers["preference-applied"]
    expanded = there.read(f"/me/messages/{invitation['id']}?{EXPAND}")
    assert expanded["event"]["start"]["timeZone"] == zone
    assert expanded["startDateTime"]["timeZone"] == "UTC", "mail times are always UTC"
    nowhere = alex.saying(Prefer='outlook.timezone="Nowhere"')
    assert event_of(nowhere, invitation)["start"]["timeZone"] == "UTC"


@pytest.mark.parametrize(
    ("at", "zone"),
    [("99991231T235959Z", "Tokyo Standard Time"), ("00010101T000000Z", "Pacific Standard Time")],
)
def test_where_no_clock_shows_so_late_or_early_a_time_it_is_told_in_utc(
    at: str, zone: str, alex: Graph, megan: Graph
) -> None:
    invitation = shown(alex, megan, "REQUEST", "UID:1", f"DTSTART:{at}", ORGANIZER)
    there = alex.saying(Prefer=f'outlook.timezone="{zone}"')
    assert event_of(there, invitation)["start"] == invitation["startDateTime"]
    (listed,) = there.values(f"/me/messages?{EXPAND}")
    assert listed["event"]["start"] == invitation["startDateTime"], "one odd letter keeps no list back"


def test_days_have_no_zone(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", "UID:1", "DTSTART;VALUE=DATE:20260302", ORGANIZER)
    found = event_of(alex.saying(Prefer='outlook.timezone="Pacific Standard Time"'), invitation)
    assert (found["isAllDay"], found["start"]["dateTime"]) == (True, "2026-03-02T00:00:00.0000000")


@pytest.mark.parametrize("query", ["$top=2", '$search="Debrief"'])
def test_nobody_waits_while_the_events_of_a_list_are_told(
    query: str, alex: Graph, megan: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of a hundred answers to one invitation is told from all of them."""
    shown(alex, megan, "REQUEST", *event(0))
    threads = set[int]()

    def watched(events: Events, *asked: Any) -> Event | None:
        threads.add(threading.get_ident())
        return about(events, *asked)

    about = Events.about
    monkeypatch.setattr(Events, "about", watched)
    assert alex.values(f"/me/messages?{EXPAND}&{query}")[0]["event"]
    assert threads.isdisjoint({threading.get_ident()})
    assert threads


# --- What changes it -------------------------------------------------------------------------------


def test_its_id_stays_while_updates_and_messages_come_and_go(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    before = event_of(alex, first)
    second = shown(alex, megan, "REQUEST", *event(1, 11, place="Room 5"))
    after = event_of(alex, first)
    assert after == event_of(alex, second) | {"@odata.context": after["@odata.context"]}
    assert (after["id"], after["createdDateTime"]) == (before["id"], before["createdDateTime"])
    assert after["changeKey"] != before["changeKey"]
    assert (after["start"]["dateTime"][11:16], after["location"]["displayName"]) == ("19:00", "Room 5")
    moved = alex.post(f"/me/messages/{second['id']}/move", json={"destinationId": "archive"}).json()
    assert alex.delete(f"/me/messages/{first['id']}").status_code == 204
    assert event_of(alex, moved)["id"] == before["id"]
    assert event_of(alex.lasting, alex.lasting.values("/me/messages")[0])["id"] == before["id"]


@pytest.mark.parametrize(
    ("said", "response", "busy"),
    [("ACCEPTED", "accepted", "busy"), ("TENTATIVE", "tentativelyAccepted", "tentative")],
)
def test_an_answer_that_was_sent_shows_on_both_sides(
    alex: Graph, megan: Graph, said: str, response: str, busy: str
) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    answer = answered(megan, alex, said)
    mine, theirs = event_of(alex, invitation), event_of(megan, answer)
    assert (mine["responseStatus"]["response"], mine["showAs"]) == (response, busy)
    assert mine["responseStatus"]["time"] > "2017"
    assert theirs["attendees"][0]["status"]["response"] == response
    assert (theirs["isOrganizer"], theirs["responseStatus"]["response"]) == (True, "organizer")
    assert theirs["showAs"] == "busy"
    assert theirs["id"] != mine["id"], "each has their own"
    shown(alex, megan, "REQUEST", *event(1, 11))
    assert event_of(alex, invitation)["responseStatus"]["response"] == "notResponded", "asked anew"


def test_what_its_owner_declined_is_gone(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    answer = answered(megan, alex, "DECLINED")
    no_event(alex, invitation)
    assert event_of(megan, answer)["attendees"][0]["status"]["response"] == "declined"
    again = shown(alex, megan, "REQUEST", *event(1, 11))
    assert event_of(alex, again)["id"] == event_of(alex, invitation)["id"]


def test_what_is_cancelled_is_told_so_and_gone_for_whoever_cancelled(alex: Graph, megan: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    over = shown(alex, megan, "CANCEL", *event(1))
    found = event_of(alex, over)
    assert (found["isCancelled"], found["showAs"]) == (True, "free")
    assert found["id"] == event_of(alex, invitation)["id"]
    no_event(megan, megan.values("/me/mailFolders/sentitems/messages")[0])


@pytest.mark.parametrize("method", ["CANCEL", "REPLY"])
def test_without_an_invitation_there_is_none(alex: Graph, megan: Graph, method: str) -> None:
    attendee = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{MEGAN}"
    no_event(alex, shown(alex, megan, method, *event(0)[:-1], attendee))


def test_nobody_else_can_change_it(alex: Graph, megan: Graph, adele: Graph) -> None:
    invitation = shown(alex, megan, "REQUEST", *event(0))
    before = event_of(alex, invitation)
    arrived(alex, adele, mime("REQUEST", *event(7, 20, place="Elsewhere")))
    arrived(alex, adele, mime("CANCEL", *event(8)))
    arrived(alex, adele, mime("REPLY", *event(9)[:-1], f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ALEX}"))
    assert event_of(alex, invitation) == before


def test_one_of_a_series_names_the_series(alex: Graph, megan: Graph) -> None:
    series = shown(alex, megan, "REQUEST", *event(0, 9, "RRULE:FREQ=DAILY;COUNT=5"))
    one = shown(alex, megan, "REQUEST", *event(1, 11, "RECURRENCE-ID:20260303T170000Z"))
    whole, part = event_of(alex, series), event_of(alex, one)
    assert (whole["type"], whole["recurrence"]["range"]["numberOfOccurrences"]) == ("seriesMaster", 5)
    assert (part["type"], part["seriesMasterId"]) == ("exception", whole["id"])
    assert (part["originalStart"], "originalStart" in whole) == ("2026-03-03T17:00:00Z", False)
    assert (part["start"]["dateTime"][11:16], whole["start"]["dateTime"][11:16]) == ("19:00", "17:00")


def test_an_earlier_moment_shows_the_event_as_it_was(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    path = f"/me/messages/{first['id']}"
    seen = alex.read(f"{path}/letterbook.timeline")["value"][-1]["position"]
    then = event_of(alex, first)
    shown(alex, megan, "REQUEST", *event(1, 11))
    earlier = alex.read(f"{path}{CAST}/event?asOf={seen}")
    assert earlier == then
    assert alex.read(f"{path}?{EXPAND}&asOf={seen}")["event"]["start"] == then["start"]


# --- What is refused -------------------------------------------------------------------------------


def test_what_is_about_no_meeting_or_not_sent_has_none(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    draft = alex.draft()
    alex.refused("GET", f"/me/messages/{draft['id']}{CAST}/event", 404, "ErrorItemNotFound")
    assert "event" not in alex.read(f"/me/messages/{draft['id']}?{EXPAND}")
    alex.refused("GET", "/me/events", 400, "RequestBroker--ParseUri")


def test_it_is_read_only(alex: Graph, megan: Graph) -> None:
    path = f"/me/messages/{shown(alex, megan, 'REQUEST', *event(0))['id']}{CAST}/event"
    for method in ("PATCH", "DELETE", "POST"):
        assert alex.request(method, path, json={}).status_code == 405


def test_basic_permissions_do_not_show_it(alex: Graph, megan: Graph) -> None:
    path = f"/me/messages/{shown(alex, megan, 'REQUEST', *event(0))['id']}"
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    basic.refused("GET", f"{path}{CAST}/event", 403, "ErrorAccessDenied")
    basic.refused("GET", f"{path}?{EXPAND}", 403, "ErrorAccessDenied")
