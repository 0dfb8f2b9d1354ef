"""Several messages about one meeting: which are out of date, what an update changes, what was before it."""

import base64
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.graph.client import ALEX, MEGAN, Graph
from tests.graph.invitations import arrived, mime, shown

UID = "UID:040000008200E00074C5B7101A82E008"
ORGANIZER = f"ORGANIZER;CN=Megan Bowen:mailto:{MEGAN}"
INVITED = f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ALEX}"
STANDING = ("isOutOfDate", "meetingRequestType")
BEFORE = ("previousLocation", "previousStartDateTime", "previousEndDateTime")


def event(sequence: int, hour: int = 9, place: str = "Room 3", *more: str, stamp: int = 1) -> tuple[str, ...]:
    """What a calendar part says of the meeting."""
    times = (f"DTSTART:20260302T{hour:02}0000Z", f"DTEND:20260302T{hour:02}3000Z")
    written = f"DTSTAMP:202603{stamp:02}T080000Z"
    return (UID, f"SEQUENCE:{sequence}", written, *times, f"LOCATION:{place}", ORGANIZER, INVITED, *more)


def standing(alex: Graph, message: dict[str, Any]) -> tuple[bool, str | None]:
    """Whether a message is out of date now, and what kind of request it is."""
    now = alex.read(f"/me/messages/{message['id']}")
    return now["isOutOfDate"], now.get("meetingRequestType")


def was(message: dict[str, Any]) -> tuple[str | None, ...]:
    """What the meeting was before, as a message tells it."""
    place, *times = (message[name] for name in BEFORE)
    return (place and place["displayName"], *(each and each["dateTime"][11:16] for each in times))


def test_an_update_overtakes_the_invitation_and_tells_what_was(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    assert was(first) == (None, None, None)
    second = shown(alex, megan, "REQUEST", *event(1, 11, "Room 5"))
    assert was(second) == ("Room 3", "09:00", "09:30")
    assert standing(alex, first) == (True, "outdated")
    assert standing(alex, second) == (False, "fullUpdate")
    assert second["previousStartDateTime"] == first["startDateTime"]


def test_what_was_is_told_wherever_the_update_is_shown(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    box = alex.book.mailbox(ALEX)
    start = box.changes()[-1].seq
    second = shown(alex, megan, "REQUEST", *event(1, 11, "Room 5"))
    assert was(box.message(second["id"]).members) == was(second)
    assert was(box.folder("inbox")[0].members) == was(second)
    (added,) = (each for each in box.diff(start) if each.how == "added")
    stood = box.timeline(second["id"])[-1]
    for changes in (stood.changes, added.changes):
        assert was({each.name: each.after for each in changes}) == was(second)


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        (event(1, 11), "fullUpdate"),
        (event(1, 9, "Room 5"), "informationalUpdate"),
        (event(1, 9, "Room 3", "ATTENDEE:mailto:adelev@contoso.com"), "informationalUpdate"),
        (event(1), "silentUpdate"),
        (event(1, 9, "Room 3", "RRULE:FREQ=DAILY;COUNT=3"), "fullUpdate"),
        (event(0, 9, "Room 5", stamp=2), "informationalUpdate"),
    ],
)
def test_what_an_update_changes(alex: Graph, megan: Graph, update: tuple[str, ...], kind: str) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    second = shown(alex, megan, "REQUEST", *update)
    assert (standing(alex, first), standing(alex, second)) == ((True, "outdated"), (False, kind))


@pytest.mark.parametrize(
    "other",
    [
        event(0),
        ("UID:another", *event(1)[1:]),
        (*event(1), "RECURRENCE-ID:20260302T090000Z"),
        event(0, 11, stamp=1),
    ],
    ids=["the same again", "another meeting", "one of a series", "as old"],
)
def test_what_is_not_newer_overtakes_nothing(alex: Graph, megan: Graph, other: tuple[str, ...]) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    second = shown(alex, megan, "REQUEST", *other)
    assert standing(alex, first) == (False, "newMeetingRequest")
    assert was(second) == (None, None, None)


def test_an_update_whose_beginning_never_came_says_so_itself(alex: Graph, megan: Graph) -> None:
    found = shown(alex, megan, "REQUEST", *event(4))
    assert (*standing(alex, found), *was(found)) == (False, "fullUpdate", None, None, None)


def test_what_comes_late_is_out_of_date_when_it_comes(alex: Graph, megan: Graph) -> None:
    second = shown(alex, megan, "REQUEST", *event(1, 11))
    first = shown(alex, megan, "REQUEST", *event(0))
    assert standing(alex, first) == (True, "outdated")
    now = alex.read(f"/me/messages/{second['id']}")
    assert (*standing(alex, second), *was(now)) == (False, "fullUpdate", "Room 3", "09:00", "09:30")


def test_a_cancellation_overtakes_and_an_invitation_after_it_is_new(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    over = shown(alex, megan, "CANCEL", *event(1))
    assert (standing(alex, first), standing(alex, over)) == ((True, "outdated"), (False, None))
    again = shown(alex, megan, "REQUEST", *event(2))
    assert (standing(alex, over), standing(alex, again)) == ((True, None), (False, "fullUpdate"))


def test_a_series_that_is_cancelled_takes_its_occurrences_with_it(alex: Graph, megan: Graph) -> None:
    one = shown(alex, megan, "REQUEST", *event(1, 11), "RECURRENCE-ID:20260302T090000Z")
    shown(alex, megan, "REQUEST", *event(2), "RRULE:FREQ=DAILY")
    assert standing(alex, one) == (False, "fullUpdate"), "a changed series leaves it"
    shown(alex, megan, "CANCEL", *event(3))
    assert standing(alex, one) == (True, "outdated")


def test_only_whoever_invites_can_overtake(alex: Graph, megan: Graph, adele: Graph) -> None:
    """The name in the calendar part is anybody's to write; who wrote the letter is not."""
    first = shown(alex, megan, "REQUEST", *event(0))
    forged = arrived(alex, adele, mime("CANCEL", *event(9)))
    answer = arrived(alex, adele, mime("REPLY", *event(9)[:-1], "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.c"))
    assert standing(alex, first) == (False, "newMeetingRequest")
    assert [standing(alex, each)[0] for each in (forged, answer)] == [False, False]


def test_who_invites_sees_their_own_overtaken_and_answers_to_it(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    accepted = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ALEX}"
    answer = arrived(megan, alex, _to_megan(mime("REPLY", *event(0)[:-1], accepted)))
    assert answer["isOutOfDate"] is False
    shown(alex, megan, "REQUEST", *event(0, 9, "Room 5", stamp=2))
    assert standing(megan, answer)[0] is False, "what is only written anew asks for no new answer"
    shown(alex, megan, "REQUEST", *event(1, 11))
    assert standing(megan, answer)[0] is True
    sent = megan.values("/me/mailFolders/sentitems/messages")
    assert [each["meetingRequestType"] for each in sent] == ["fullUpdate", "outdated", "outdated"]


def _to_megan(raw: bytes) -> bytes:
    return raw.replace(b"To: alexw@", b"To: meganb@")


def test_a_draft_overtakes_nothing_before_it_is_sent(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    (kept,) = megan.values("/me/mailFolders/sentitems/messages")
    arrives = partial(megan.post, "/me/messages", headers={"Content-Type": "text/plain"})
    draft = arrives(content=base64.b64encode(mime("REQUEST", *event(1, 11)))).json()
    assert standing(megan, kept) == (False, "newMeetingRequest")
    assert megan.post(f"/me/messages/{draft['id']}/send").status_code == 202
    alex.book.deliver()
    assert [standing(*each) for each in ((megan, kept), (alex, first))] == [(True, "outdated")] * 2


def test_it_is_a_change_that_followers_see(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    link = alex.read("/me/mailFolders/inbox/messages/delta")["@odata.deltaLink"]
    second = shown(alex, megan, "REQUEST", *event(1, 11))
    changed = {each["id"]: each for each in alex.read(link)["value"]}
    assert {name: each["isOutOfDate"] for name, each in changed.items()} == {
        first["id"]: True,
        second["id"]: False,
    }
    assert changed[first["id"]]["changeKey"] != first["changeKey"]


def test_earlier_moments_copies_and_new_views_tell_the_same(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    path = f"/me/messages/{first['id']}"
    seen = alex.read(f"{path}/letterbook.timeline")["value"][-1]["position"]
    second = shown(alex, megan, "REQUEST", *event(1, 11))
    assert alex.read(f"{path}?asOf={seen}")["isOutOfDate"] is False
    copies = [
        alex.post(f"/me/messages/{each['id']}/copy", json={"destinationId": "archive"}).json()
        for each in (first, second)
    ]
    assert [standing(alex, each) for each in copies] == [(True, "outdated"), (False, "fullUpdate")]
    assert was(copies[1]) == was(second) == ("Room 3", "09:00", "09:30")
    before = alex.values("/me/messages")
    assert all(each.equal for each in alex.book.rebuild(verify=True))
    assert alex.values("/me/messages") == before


def test_what_overtook_may_be_deleted_and_did_overtake(alex: Graph, megan: Graph) -> None:
    first = shown(alex, megan, "REQUEST", *event(0))
    second = shown(alex, megan, "REQUEST", *event(1, 11))
    assert alex.post(f"/me/messages/{second['id']}/permanentDelete").status_code == 204
    assert standing(alex, first) == (True, "outdated")
    third = shown(alex, megan, "REQUEST", *event(2, 12))
    assert was(third) == ("Room 3", "09:00", "09:30"), "of what is in the mailbox"


def test_whatever_order_a_mailbox_is_brought_in_it_tells_the_same(alex: Graph, tmp_path: Path) -> None:
    letters = [
        _letter("1", mime("REQUEST", *event(0))),
        _letter("2", mime("REQUEST", *event(1, 11, "Room 5"))),
        _letter("3", mime("REQUEST", *event(1, 11, "Room 6", stamp=2))),
    ]
    for number, order in enumerate(permutations(letters)):
        owner = f"reader{number}@contoso.com"
        mailbox = alex.book.mailbox(owner, name="A reader")
        file = tmp_path / f"{number}.mbox"
        file.write_bytes(b"".join(b"From megan Mon Mar  2 08:00:00 2026\n" + each for each in order))
        assert mailbox.import_mail(file).imported == 3
        reader = alex.holding(alex.book.token(owner))
        found = sorted(reader.values("/me/messages"), key=_by_message_id)
        told = [(*(each[name] for name in STANDING), *was(each)) for each in found]
        assert told == [
            (True, "outdated", None, None, None),
            (True, "outdated", "Room 3", "09:00", "09:30"),
            (False, "informationalUpdate", "Room 5", "11:00", "11:30"),
        ]


def _by_message_id(message: dict[str, Any]) -> str:
    return str(message["internetMessageId"])


def _letter(number: str, raw: bytes) -> bytes:
    head = f"From: {MEGAN}\r\nMessage-ID: <{number}@contoso.com>\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\n"
    return (head.encode() + raw).replace(b"\r\n", b"\n") + b"\n"
