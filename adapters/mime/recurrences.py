"""How a meeting repeats: the RRULE of a calendar part (RFC 5545 section 3.8.5.3) as Graph can say it.

A rule is told, never worked out. One that Graph has no pattern for (every hour, three days of a month, ...)
is told as none.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from letterbook.domain.meetings import Recurrence

_DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
_WEEK = tuple(_DAYS.values())
_INDEXES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_EVERYWHERE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_LAST_DAY = 31
"""Graph's word for the last day of any month (*recurrencePattern*, dayOfMonth)."""


def recurrence_of(rule: Mapping[str, Any], begins: date, zone: str) -> Recurrence | None:
    """How a meeting that begins at a moment repeats, if Graph has words for it."""
    pattern = _pattern({name.upper(): list(said) for name, said in rule.items()}, begins)
    if pattern is None:
        return None
    return Recurrence.model_validate(pattern | _range(rule, begins) | ({"zone": zone[:100]} if zone else {}))


def _pattern(rule: dict[str, list[Any]], begins: date) -> dict[str, Any] | None:
    """The members of a pattern that are not the usual ones."""
    shape = str(rule["FREQ"][0]).upper(), frozenset(rule) - _EVERYWHERE
    interval = _counted(rule.get("INTERVAL", [1])[0])
    common: dict[str, Any] = {"interval": interval} if interval != 1 else {}
    match shape:
        case "DAILY", extra if not extra:
            return {"pattern": "daily", **common}
        case "WEEKLY", extra if extra <= {"BYDAY"}:
            days = _plain_days(rule) if extra else [_WEEK[begins.weekday()]]
            first = _DAYS[str(rule.get("WKST", ["MO"])[0])]
            return {"pattern": "weekly", "days": days, "first_day": first, **common} if days else None
        case "MONTHLY", extra:
            return _on_a_day("Monthly", rule, extra, begins, common)
        case "YEARLY", extra:
            month = _only(rule.get("BYMONTH", [begins.month]))
            if month not in range(1, 13):
                return None
            return _on_a_day("Yearly", rule, extra - {"BYMONTH"}, begins, {"month": month, **common})
        case _:
            return None


def _on_a_day(
    often: str, rule: dict[str, list[Any]], extra: frozenset[str], begins: date, common: dict[str, Any]
) -> dict[str, Any] | None:
    """On the fifteenth; or on the second Tuesday."""
    if extra <= {"BYMONTHDAY"}:
        day = _only(rule.get("BYMONTHDAY", [begins.day]))
        day = _LAST_DAY if day == -1 else day
        return {"pattern": f"absolute{often}", "day": day, **common} if day in range(1, 32) else None
    if "BYDAY" not in extra or extra - {"BYDAY", "BYSETPOS"}:
        return None
    place = _only(rule["BYSETPOS"]) if "BYSETPOS" in extra else _ordinal(rule)
    days = _plain_days(rule) if "BYSETPOS" in extra else [_DAYS[str(rule["BYDAY"][0])[-2:]]]
    if place not in _INDEXES or not days:
        return None
    return {"pattern": f"relative{often}", "days": days, "index": _INDEXES[place], **common}


def _plain_days(rule: dict[str, list[Any]]) -> list[str]:
    """Days of the week, if none of them has a number before it."""
    said = [str(day) for day in rule["BYDAY"]]
    return [_DAYS[day] for day in said] if all(day in _DAYS for day in said) else []


def _ordinal(rule: dict[str, list[Any]]) -> int | None:
    """Which one of a month: the number before its only day."""
    said = [str(day)[:-2] for day in rule["BYDAY"]]
    return int(said[0]) if len(said) == 1 and said[0] else None


def _counted(said: Any) -> int:
    """A number of times that Graph can say: Edm.Int32, and none is no number."""
    if not 1 <= int(said) < 2**31:
        raise ValueError("no number of times")
    return int(said)


def _only(said: list[Any]) -> int | None:
    return int(said[0]) if len(said) == 1 else None


def _range(rule: Mapping[str, Any], begins: date) -> dict[str, Any]:
    """From when to when, or how often."""
    said: dict[str, Any] = {"starts": _day(begins, begins)}
    if "COUNT" in rule:
        said["occurrences"] = _counted(rule["COUNT"][0])
    elif "UNTIL" in rule:
        said["ends"] = _day(rule["UNTIL"][0], begins)
    return said


def _day(when: date, begins: date) -> str:
    """The day of a moment, where the meeting is."""
    if not isinstance(when, datetime):
        return when.isoformat()
    zone = begins.tzinfo if isinstance(begins, datetime) else None
    return (when.astimezone(zone) if when.tzinfo and zone else when).date().isoformat()
