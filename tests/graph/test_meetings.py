"""Messages about meetings: what arrives as MIME with a calendar part is shown as an eventMessage."""

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from letterbook.adapters.mime.meetings import MOST_BYTES, meeting_in
from letterbook.adapters.mime.parts import read
from letterbook.application.meetings import MEETING_MEMBERS
from tests.chance import examples
from tests.graph.client import ALEX, MEGAN, Graph, to
from tests.graph.invitations import EVENT, arrived, mime, shown

MEMBERS = {"@odata.type", "meetingMessageType", "type", "isAllDay", "isDelegated", "startDateTime"}


# --- What is shown ---------------------------------------------------------------------------------


def test_an_invitation_is_an_event_message_request(alex: Graph, megan: Graph) -> None:
    found = shown(alex, megan, "REQUEST", *EVENT)
    assert list(found)[:4] == ["@odata.context", "@odata.type", "@odata.etag", "id"]
    assert found["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    told = {name: found[name] for name in found if name.startswith(("meeting", "is", "allow", "response"))}
    assert told == {
        "isDeliveryReceiptRequested": None,
        "isReadReceiptRequested": False,
        "isRead": False,
        "isDraft": False,
        "meetingMessageType": "meetingRequest",
        "isOutOfDate": False,
        "isAllDay": False,
        "isDelegated": False,
        "responseRequested": True,
        "allowNewTimeProposals": True,
        "meetingRequestType": "newMeetingRequest",
    }
    assert found["type"] == "singleInstance"
    assert found["startDateTime"] == {"dateTime": "2026-03-02T20:00:00.0000000", "timeZone": "UTC"}
    assert found["endDateTime"] == {"dateTime": "2026-03-02T21:30:00.0000000", "timeZone": "UTC"}
    place = {"displayName": "Room 3; first floor, left", "locationType": "default", "uniqueIdType": "unknown"}
    assert found["location"] == place
    assert found["body"]["content"].strip() == "Let us debrief."


def test_its_type_is_told_wherever_it_is(alex: Graph, megan: Graph) -> None:
    """In lists, in pages of delta, with some properties only, and by what an action gives back."""
    found = shown(alex, megan, "REQUEST", *EVENT)
    path, kind = f"/me/messages/{found['id']}", found["@odata.type"]
    (listed,) = alex.values("/me/mailFolders/inbox/messages")
    (followed,) = alex.values("/me/mailFolders/inbox/messages/delta")
    selected = alex.read(f"{path}?$select=subject")
    text = alex.read(path, headers={"Prefer": 'outlook.body-content-type="html"'})
    copied = alex.post(f"{path}/copy", json={"destinationId": "archive"})
    assert [each["@odata.type"] for each in (listed, followed, selected, text, copied.json())] == [kind] * 5
    assert copied.text.count('"@odata.type"') == 1
    assert set(selected) == {"@odata.context", "@odata.type", "@odata.etag", "id", "subject"}
    assert copied.headers["etag"] == copied.json()["@odata.etag"]
    lasting = alex.lasting.read(path)
    assert (lasting["@odata.type"], lasting["id"] == found["id"]) == (kind, False)


def test_its_own_members_are_selected_through_their_type(alex: Graph, megan: Graph) -> None:
    alex.draft()
    shown(alex, megan, "REQUEST", *EVENT)
    own = "microsoft.graph.eventMessage/startDateTime,Microsoft.Graph.EventMessageRequest/responseRequested"
    page = alex.read(f"/me/messages?$select=subject,{own}")
    by_type = {each.get("@odata.type"): set(each) for each in page["value"]}
    always = {"@odata.etag", "id", "subject"}
    assert by_type == {
        None: always,
        "#microsoft.graph.eventMessageRequest": always
        | {"@odata.type", "startDateTime", "responseRequested"},
    }
    assert "microsoft.graph.eventMessageRequest/responseRequested" in page["@odata.context"]
    for unknown in ("startDateTime", "microsoft.graph.eventMessage/responseRequested"):
        alex.refused("GET", f"/me/messages?$select={unknown}", 400, "RequestBroker--ParseUri")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "COUNTER", "REPLY"])
def test_every_member_that_is_shown_can_be_selected(alex: Graph, megan: Graph, method: str) -> None:
    event = (*EVENT[:4], f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{MEGAN}")
    found, draft = shown(alex, megan, method, *event), alex.draft()
    kind = found["@odata.type"].rpartition(".")[2]
    besides = set(found) - set(draft) - {"@odata.type", "sender", "from"}
    known = {*MEETING_MEMBERS["eventMessage"], *MEETING_MEMBERS.get(kind, ())}
    assert besides == known - ({"proposedNewTime"} if method == "REPLY" else set())


def test_its_owner_can_change_what_is_open_in_any_letter(alex: Graph, megan: Graph) -> None:
    found = shown(alex, megan, "REQUEST", *EVENT)
    said = {"isRead": True, "categories": ["Red category"], "importance": "high"}
    changed = alex.changed(f"/me/messages/{found['id']}", said)
    assert set(changed) >= MEMBERS
    assert alex.delete(f"/me/messages/{found['id']}").status_code == 204


@pytest.mark.parametrize(
    ("method", "answer", "news", "response"),
    [
        ("REPLY", "ACCEPTED", "meetingAccepted", "accepted"),
        ("REPLY", "tentative", "meetingTenativelyAccepted", "tentativelyAccepted"),
        ("REPLY", "DECLINED", "meetingDeclined", "declined"),
        ("COUNTER", "TENTATIVE", "meetingTenativelyAccepted", "tentativelyAccepted"),
    ],
)
def test_an_answer_is_an_event_message_response(
    alex: Graph, megan: Graph, method: str, answer: str, news: str, response: str
) -> None:
    attendee = f"ATTENDEE;PARTSTAT={answer}:mailto:{MEGAN}"
    found = shown(alex, megan, method, *EVENT[:4], attendee)
    assert found["@odata.type"] == "#microsoft.graph.eventMessageResponse"
    assert (found["meetingMessageType"], found["responseType"]) == (news, response)
    assert "responseRequested" not in found
    in_beta = alex.beta.read(f"/me/messages/{found['id']}")
    assert in_beta["meetingMessageType"] == news.replace("Tenatively", "Tentatively"), "v1.0 has a slip"
    proposed = {"start": found["startDateTime"], "end": found["endDateTime"]}
    assert found.get("proposedNewTime") == (proposed if method == "COUNTER" else None)


def test_a_cancelled_meeting_is_an_event_message(alex: Graph, megan: Graph) -> None:
    found = shown(alex, megan, "CANCEL", *EVENT)
    assert found["@odata.type"] == "#microsoft.graph.eventMessage"
    assert found["meetingMessageType"] == "meetingCancelled"
    assert {"responseType", "responseRequested", "meetingRequestType"} & set(found) == set()


def test_a_draft_in_mime_and_a_letter_that_was_sent_are_told_so_too(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *EVENT)
    (kept,) = megan.values("/me/mailFolders/sentitems/messages")
    headers = {"Content-Type": "text/plain"}
    draft = megan.post("/me/messages", content=base64.b64encode(mime("CANCEL", *EVENT)), headers=headers)
    assert kept["meetingMessageType"] == "meetingRequest"
    assert draft.json()["@odata.type"] == "#microsoft.graph.eventMessage"
    assert draft.headers["etag"] == draft.json()["@odata.etag"]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (("DTSTART;VALUE=DATE:20260302",), ("2026-03-02T00:00:00", "2026-03-03T00:00:00", True)),
        (
            ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260305"),
            ("2026-03-02T00:00:00", "2026-03-05T00:00:00", True),
        ),
        (
            ("DTSTART:20260302T090000Z", "DURATION:PT1H30M"),
            ("2026-03-02T09:00:00", "2026-03-02T10:30:00", False),
        ),
        (("DTSTART:20260302T090000",), ("2026-03-02T09:00:00", "2026-03-02T09:00:00", False)),
        (
            ("DTSTART:20260302T000000Z", "DTEND:20260303T000000Z", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"),
            ("2026-03-02T00:00:00", "2026-03-03T00:00:00", True),
        ),
        (("DTSTART;TZID=Odd:20260302T090000", "DTEND;TZID=Odd:20260302T100000"), (None, None, False)),
        ((), (None, None, False)),
    ],
)
def test_when_it_is(
    alex: Graph, megan: Graph, event: tuple[str, ...], told: tuple[str | None, str | None, bool]
) -> None:
    found = shown(alex, megan, "REQUEST", "UID:1", *event)
    start, end = (
        shown_["dateTime"].removesuffix(".0000000") if (shown_ := found[name]) else None
        for name in ("startDateTime", "endDateTime")
    )
    assert (start, end, found["isAllDay"]) == told


@pytest.mark.parametrize(
    ("event", "member", "value"),
    [
        (("RRULE:FREQ=SECONDLY",), "type", "seriesMaster"),
        (("RECURRENCE-ID:20260302T090000Z", "RRULE:FREQ=DAILY"), "type", "exception"),
        (("SEQUENCE:3",), "meetingRequestType", "fullUpdate"),
        (("X-MICROSOFT-DISALLOW-COUNTER:TRUE",), "allowNewTimeProposals", False),
        ((f"ATTENDEE;RSVP=FALSE:mailto:{ALEX}",), "responseRequested", False),
        ((f"ATTENDEE:mailto:{MEGAN}", f"ATTENDEE;RSVP=TRUE:mailto:{ALEX}"), "responseRequested", True),
    ],
)
def test_what_else_it_says(
    alex: Graph, megan: Graph, event: tuple[str, ...], member: str, value: object
) -> None:
    assert shown(alex, megan, "REQUEST", "UID:1", *event)[member] == value


# --- By its type -----------------------------------------------------------------------------------


def test_a_message_is_asked_for_by_its_type(alex: Graph, megan: Graph) -> None:
    found, draft = shown(alex, megan, "REQUEST", *EVENT), alex.draft()
    path = f"/me/messages/{found['id']}"
    assert alex.read(f"{path}/microsoft.graph.eventMessage") == found
    assert alex.read(f"{path}/Microsoft.Graph.EventMessage?$expand=microsoft.graph.eventMessage/event")
    alex.refused("GET", f"/me/messages/{draft['id']}/microsoft.graph.eventMessage", 404, "ErrorItemNotFound")
    alex.refused("GET", f"{path}/eventMessage", 400, "RequestBroker--ParseUri")


# --- What is none ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        mime("PUBLISH", *EVENT),
        mime("REQUEST", *EVENT[1:]),
        mime("REPLY", *EVENT[:4]),
        mime("REQUEST", *EVENT, disposition='attachment; filename="invite.ics"'),
        mime("REQUEST", *EVENT, kind="text/plain"),
        mime("REQUEST", "UID:1", "DTSTART:next Monday"),
        mime("REQUEST", "UID:1", "SEQUENCE:first"),
        mime("REQUEST", "UID:1", "DTSTART:00010101T000000Z", "DURATION:-P9999999W"),
    ],
    ids=str,
)
def test_what_is_no_news_of_a_meeting_is_a_message(alex: Graph, megan: Graph, raw: bytes) -> None:
    assert MEMBERS & set(arrived(alex, megan, raw)) == set()


def test_a_meeting_in_an_enclosed_message_is_not_that_of_the_message(alex: Graph, megan: Graph) -> None:
    raw = b"Subject: Look\r\nTo: alexw@contoso.com\r\nContent-Type: message/rfc822\r\n\r\n"
    assert "meetingMessageType" not in arrived(alex, megan, raw + mime("REQUEST", *EVENT))


def test_json_cannot_say_it(alex: Graph) -> None:
    said = {"@odata.type": "#microsoft.graph.eventMessageRequest", "meetingMessageType": "meetingRequest"}
    answer = alex.post("/me/messages", json={"subject": "x", "toRecipients": to(MEGAN)} | said)
    assert "meetingRequest" not in answer.text.replace("eventMessageRequest", "")
    assert not answer.is_success or "@odata.type" not in answer.json()


# --- What is hostile -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        ("RRULE:FREQ=SECONDLY;COUNT=999999999", "DTSTART:19000101T000000Z"),
        tuple(f"ATTENDEE;RSVP=TRUE;CN={'x' * 60}:mailto:{number}@contoso.com" for number in range(9000)),
        ("LOCATION:" + "\\n" * 400_000,),
        ("BEGIN:VALARM",) * 60_000,
        tuple("DTSTART:20260302T090000Z" for _ in range(30_000)),
        ("DTSTART;TZID=" + "A/" * 400_000 + ":20260302T090000",),
    ],
    ids=["repetition", "people", "place", "nesting", "starts", "zone"],
)
def test_a_calendar_that_is_a_bomb_costs_little(event: tuple[str, ...]) -> None:
    raw = mime("REQUEST", "UID:1", *event)
    part = read(raw)
    began = time.process_time()
    meeting = meeting_in(part)
    assert time.process_time() - began < 2, "some milliseconds for each 100 kB"
    assert meeting is None or meeting.uid == "1"


def test_a_calendar_that_is_too_long_is_not_read() -> None:
    assert meeting_in(read(mime("REQUEST", *EVENT))) is not None
    assert meeting_in(read(mime("REQUEST", *EVENT, "DESCRIPTION:" + "x" * MOST_BYTES))) is None


LINES = some.lists(
    some.one_of(
        some.sampled_from([*EVENT, "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "BEGIN:", "RRULE:", "UID"]),
        some.builds(
            "{}{}:{}".format,
            some.sampled_from(["DTSTART", "DTEND", "DURATION", "SEQUENCE", "LOCATION", "ATTENDEE", "RRULE"]),
            some.sampled_from(
                ["", ";VALUE=DATE", ";TZID=UTC", ";TZID=", ";VALUE=TIME", ';X="', ";;", ";RSVP="]
            ),
            some.text(max_size=12) | some.from_regex(r"[0-9]{8}(T[0-9]{6}Z?)?", fullmatch=True),
        ),
    ),
    max_size=12,
)


@settings(max_examples=examples(150), derandomize=True, database=None)
@given(method=some.sampled_from(["REQUEST", "REPLY", "CANCEL", "COUNTER"]), event=LINES)
def test_whatever_a_calendar_says_a_message_can_be_read(method: str, event: list[str]) -> None:
    raw = mime(method, "UID:1", *event)
    meeting = meeting_in(read(raw.decode("utf-8", "surrogatepass").encode("utf-8", "replace")))
    assert meeting is None or len(meeting.location) <= 1000
