"""How often a meeting comes again: the rule of its calendar part in the words of Graph."""

from typing import Any

import pytest

from tests.graph.client import Graph
from tests.graph.invitations import shown

START = 'DTSTART;TZID="Pacific Standard Time":20260303T120000'
"""The first Tuesday of March 2026."""
ALWAYS = {
    "interval": 1,
    "month": 0,
    "dayOfMonth": 0,
    "daysOfWeek": [],
    "firstDayOfWeek": "sunday",
    "index": "first",
}
FOR_EVER = {
    "type": "noEnd",
    "startDate": "2026-03-03",
    "endDate": "0001-01-01",
    "recurrenceTimeZone": "Pacific Standard Time",
    "numberOfOccurrences": 0,
}


def told(alex: Graph, megan: Graph, rule: str, start: str = START) -> Any:
    """The recurrence of an invitation with this rule."""
    return shown(alex, megan, "REQUEST", "UID:1", start, f"RRULE:{rule}")["recurrence"]


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("FREQ=DAILY", {"type": "daily"}),
        ("FREQ=DAILY;INTERVAL=3", {"type": "daily", "interval": 3}),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
            {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "friday"]},
        ),
        ("FREQ=WEEKLY", {"type": "weekly", "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}),
        ("FREQ=MONTHLY", {"type": "absoluteMonthly", "dayOfMonth": 3}),
        ("FREQ=MONTHLY;BYMONTHDAY=15", {"type": "absoluteMonthly", "dayOfMonth": 15}),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", {"type": "absoluteMonthly", "dayOfMonth": 31}),
        ("FREQ=MONTHLY;BYDAY=2TU", {"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "second"}),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=3",
            {"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last", "interval": 3},
        ),
        (
            "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1",
            {"type": "relativeMonthly", "daysOfWeek": ["saturday", "sunday"]},
        ),
        ("FREQ=YEARLY", {"type": "absoluteYearly", "month": 3, "dayOfMonth": 3}),
        (
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
            {"type": "absoluteYearly", "month": 12, "dayOfMonth": 24},
        ),
        (
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            {"type": "relativeYearly", "month": 11, "daysOfWeek": ["thursday"], "index": "fourth"},
        ),
    ],
)
def test_a_rule_is_told_as_a_pattern(alex: Graph, megan: Graph, rule: str, pattern: dict[str, Any]) -> None:
    assert told(alex, megan, rule) == {"pattern": ALWAYS | pattern, "range": FOR_EVER}


@pytest.mark.parametrize(
    ("rule", "until"),
    [
        ("COUNT=10", {"type": "numbered", "numberOfOccurrences": 10}),
        ("UNTIL=20260401T060000Z", {"type": "endDate", "endDate": "2026-03-31"}),
        ("UNTIL=20260401", {"type": "endDate", "endDate": "2026-04-01"}),
    ],
    ids=["count", "a moment, of which the zone has the day", "a day"],
)
def test_it_goes_on_for_so_long(alex: Graph, megan: Graph, rule: str, until: dict[str, Any]) -> None:
    assert told(alex, megan, f"FREQ=DAILY;{rule}")["range"] == FOR_EVER | until


@pytest.mark.parametrize(
    ("start", "zone"),
    [("DTSTART:20260303T120000Z", "UTC"), ("DTSTART;VALUE=DATE:20260303", "UTC")],
)
def test_without_a_zone_it_is_in_utc(alex: Graph, megan: Graph, start: str, zone: str) -> None:
    assert told(alex, megan, "FREQ=DAILY", start)["range"] == FOR_EVER | {"recurrenceTimeZone": zone}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;INTERVAL=2",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYMONTH=1,7",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        f"FREQ=DAILY;INTERVAL={'9' * 30}",
        "INTERVAL=1",
    ],
)
def test_a_rule_that_graph_has_no_words_for_is_told_as_none(alex: Graph, megan: Graph, rule: str) -> None:
    found = shown(alex, megan, "REQUEST", "UID:1", START, f"RRULE:{rule}")
    assert (found.get("recurrence"), found["type"]) == (None, "seriesMaster")


def test_a_meeting_that_comes_once_has_none(alex: Graph, megan: Graph) -> None:
    assert shown(alex, megan, "REQUEST", "UID:1", START)["recurrence"] is None
