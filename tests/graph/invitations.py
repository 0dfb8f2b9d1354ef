"""Letters about meetings as mail programs send them: text, and beside it a calendar."""

import base64
from typing import Any

from tests.graph.client import ALEX, Graph

EVENT = (
    "UID:040000008200E00074C5B7101A82E008",
    "SEQUENCE:0",
    'DTSTART;TZID="Pacific Standard Time":20260302T120000',
    "DTEND;TZID=America/Los_Angeles:20260302T133000",
    "LOCATION:Room 3\\; first floor\\, l",
    " eft",
    f'ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Wilber; Alex":mailto:{ALEX}',
)


def calendar(method: str, *event: str) -> str:
    """A calendar part's content."""
    zone = ("BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", "DTSTART:16010101T000000", "END:STANDARD")
    alarm = ("BEGIN:VALARM", "UID:not-this-one", "TRIGGER:-PT15M", "END:VALARM")
    lines = ("BEGIN:VCALENDAR", f"METHOD:{method}", "VERSION:2.0", *zone, "END:VTIMEZONE")
    return "\r\n".join((*lines, "BEGIN:VEVENT", *alarm, *event, "END:VEVENT", "END:VCALENDAR", ""))


def mime(method: str, *event: str, kind: str = "text/calendar", disposition: str = "") -> bytes:
    """An invitation as mail programs send it: text, and beside it the calendar."""
    beside = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    return (
        f"To: {ALEX}\r\nSubject: Debrief\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLet us debrief.\r\n"
        f"--b\r\nContent-Type: {kind}; charset=utf-8; method={method}\r\n{beside}\r\n"
        f"{calendar(method, *event)}\r\n--b--\r\n"
    ).encode()


def arrived(alex: Graph, megan: Graph, raw: bytes) -> dict[str, Any]:
    """What Alex has in his inbox when Megan sent it."""
    said = {"content": base64.b64encode(raw), "headers": {"Content-Type": "text/plain"}}
    assert megan.post("/me/sendMail", **said).status_code == 202
    alex.book.deliver()
    return alex.read(f"/me/messages/{alex.values('/me/mailFolders/inbox/messages')[0]['id']}")


def shown(alex: Graph, megan: Graph, method: str, *event: str) -> dict[str, Any]:
    """The same of a calendar part."""
    return arrived(alex, megan, mime(method, *event))
