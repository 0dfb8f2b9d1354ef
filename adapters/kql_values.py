"""Properties of the Keyword Query Language that are compared with a value: dates, sizes and marks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from letterbook.application.querying import Comparable, Compare, Field, Is
from letterbook.application.searching import Both, Either, Sought, Without


class Unreadable(ValueError):
    """The text is no query; the sentence says why."""


Restriction = Callable[[str, str, datetime], Sought]
"""A question from a sign, a value and the moment of asking."""

_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_IMPORTANCE = {"low": "low", "medium": "normal", "normal": "normal", "high": "high"}
_EVERYTHING: Sought = Both(())
_NOTHING: Sought = Either(())
_KINDS: dict[str, Sought] = {
    "email": _EVERYTHING,
    "message": _EVERYTHING,
    "messages": _EVERYTHING,
} | dict.fromkeys(
    "contacts docs faxes im journals meetings notes posts rssfeeds tasks voicemail".split(), _NOTHING
)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def _choice(name: str, field: Field, choices: dict[str, Comparable]) -> Restriction:
    """A property that has one of a few values."""

    def read(how: str, value: str, _now: datetime) -> Sought:
        if value.lower() not in choices or how not in (":", "=", "<>"):
            raise Unreadable(f"The property '{name}' cannot be '{how}{value[:40]}'.")
        return Compare(field, Is.UNEQUAL if how == "<>" else Is.EQUAL, choices[value.lower()])

    return read


def _kind(how: str, value: str, _now: datetime) -> Sought:
    """A mailbox holds messages only."""
    if value.lower() not in _KINDS or how not in (":", "=", "<>"):
        raise Unreadable(f"The property 'kind' cannot be '{how}{value[:40]}'.")
    return Without(_KINDS[value.lower()]) if how == "<>" else _KINDS[value.lower()]


def _sent_or_received(name: str, field: Field) -> Restriction:
    """A property that is a moment; a date is the whole day, in UTC."""

    def read(how: str, value: str, now: datetime) -> Sought:
        try:
            first, last = (_span(end, now) for end in _ends(how, value))
        except (ValueError, OverflowError):
            raise Unreadable(f"'{value[:40]}' is not a date that '{name}' can be compared with.") from None
        return _between(field, how, first[0], last[1], first[0] if how in ("<", ">=") else first[1])

    return read


def _size(how: str, value: str, _now: datetime) -> Sought:
    """A number of bytes."""
    try:
        first, last = (_number(end) for end in _ends(how, value))
    except ValueError:
        raise Unreadable(f"'{value[:40]}' is not a size.") from None
    return _between(Field.SIZE, how, first, last + 1, first if how in ("<", ">=") else last + 1)


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError(text)
    return int(text)


def _ends(how: str, value: str) -> tuple[str, str]:
    """``a..b`` is a range; only it can be equal or not."""
    first, dots, last = value.partition("..")
    if dots and how not in (":", "=", "<>"):
        raise ValueError(value)
    return first, last if dots else first


def _between(field: Field, how: str, start: Comparable, end: Comparable, edge: Comparable) -> Sought:
    """From ``start`` (included) to ``end`` (excluded), or before or behind an ``edge``."""
    match how:
        case "<" | "<=":
            return Compare(field, Is.BELOW, edge)
        case ">" | ">=":
            return Compare(field, Is.AT_LEAST, edge)
        case _:
            inside = Both((Compare(field, Is.AT_LEAST, start), Compare(field, Is.BELOW, end)))
            return Without(inside) if how == "<>" else inside


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """The stretch of time that a date or a moment names: from (included) and to (excluded)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    named = {"today": midnight, "yesterday": midnight - day}
    if start := named.get(text.lower()) or _day(text):
        return start, start + day
    moment = datetime.fromisoformat(text)
    at = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return at, at + timedelta(seconds=1)


def _day(text: str) -> datetime | None:
    if found := _US_DATE.fullmatch(text):
        month, day, year = map(int, found.groups())
        return datetime(year, month, day, tzinfo=UTC)
    if found := _DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
        return datetime(year, month, day, tzinfo=UTC)
    return None


RESTRICTIONS: dict[str, Restriction] = {
    "hasattachment": _choice("hasAttachment", Field.HAS_ATTACHMENTS, dict(_YES_NO)),
    "hasattachments": _choice("hasAttachments", Field.HAS_ATTACHMENTS, dict(_YES_NO)),
    "importance": _choice("importance", Field.IMPORTANCE, dict(_IMPORTANCE)),
    "kind": _kind,
    "received": _sent_or_received("received", Field.RECEIVED),
    "sent": _sent_or_received("sent", Field.SENT),
    "size": _size,
}
"""The properties by name, in lower case."""
