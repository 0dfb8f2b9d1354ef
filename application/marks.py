"""What hangs on a message - categories, open extensions, extended properties - and how it is compared."""

import math
import operator
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any as AnyValue
from uuid import UUID

from letterbook.application.moments import microseconds
from letterbook.application.querying import Among, Cast, Compare, Is, Marked, Probe, Where, is_true
from letterbook.application.rows import Mark, MarkKind
from letterbook.domain.letter import ExtendedProperty
from letterbook.domain.meetings import Meeting
from letterbook.domain.message import Message

Read = str | int | float | None
"""A value that was read as something; ``None`` where it cannot be."""


def marks_of(message: Message) -> tuple[Mark, ...]:
    """Everything that hangs on a message, as views keep it."""
    properties, meeting = message.letter.properties, message.letter.meeting
    if not (message.categories or message.extensions or properties or meeting):
        return ()
    found = [_mark(MarkKind.CATEGORY, "", name) for name in message.categories]
    found += [_mark(MarkKind.EXTENSION, each.name, "") for each in message.extensions]
    found += [_mark(MarkKind.MEETING, _part(message, meeting), meeting.uid)] if meeting else []
    return (*found, *marks_of_properties(properties))


INVITES, ANSWERS, ANSWERED = "", "answer", "overtaken answer"
"""What a message says about a meeting, as marks name it: requests and cancellations, answers to what holds,
answers to what no longer does."""


def _part(message: Message, meeting: Meeting) -> str:
    if not meeting.news.is_an_answer:
        return INVITES
    return ANSWERED if message.standing.overtaken_by else ANSWERS


def about_meeting(uid: str, *parts: str) -> Marked:
    """The condition that a message says this about a meeting, as far as a mark tells.

    Cases are not told apart; a row of before answers had names has them among the requests.
    """
    value = _mark(MarkKind.MEETING, "", uid).value
    return Marked(MarkKind.MEETING, parts, (Probe(Is.EQUAL, value),))


def marks_of_properties(properties: Iterable[ExtendedProperty]) -> tuple[Mark, ...]:
    """Extended properties of a message or folder, as they are compared."""
    found: list[Mark] = []
    for each in properties:
        if isinstance(each.value, str):
            found.append(_mark(MarkKind.SINGLE, each.key, each.value))
        else:
            found.append(_mark(MarkKind.MULTI, each.key, ""))
            found += [_mark(MarkKind.VALUE, each.key, value) for value in each.value]
    return tuple(found)


def _mark(kind: MarkKind, name: str, value: str) -> Mark:
    return Mark(kind, without_nul(name), without_nul(value.casefold()))


def without_nul(text: str) -> str:
    """The text with something in the place of characters that SQLite's JSON functions end at."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def holds_of(marks: tuple[Mark, ...], where: Where) -> bool:
    """Whether a condition holds that is about nothing but marks."""
    return is_true(where, partial(_carries_one, marks))


def _carries_one(marks: tuple[Mark, ...], where: Compare | Marked | Among) -> bool:
    assert isinstance(where, Marked), "nothing but marks is asked for"
    return carries(marks, where)


def carries(marks: tuple[Mark, ...], where: Marked) -> bool:
    """Whether one of the marks is what is asked for."""
    return any(
        mark.kind == where.kind
        and mark.name in where.names
        and all(passes(mark.value, test) for test in where.tests)
        for mark in marks
    )


def passes(value: str, test: Probe) -> bool:
    """Whether a value passes a test. What cannot be read as the type asked for equals nothing of it."""
    here = read_as(test.cast, value)
    found = test.how is Is.UNEQUAL if here is None else _COMPARES[test.how](here, test.value)
    return found != test.denied


def read_as(cast: str, value: str) -> Read:
    """The value as a type, so that SQL and Python compare it alike."""
    try:
        return _READERS[Cast(cast)](value)
    except ValueError:
        return None


_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_LARGEST = 2**63 - 1


def _whole(value: str) -> Read:
    number = int(value) if _WHOLE.fullmatch(value) else None
    return None if number is None or not -_LARGEST - 1 <= number <= _LARGEST else number


def _number(value: str) -> Read:
    number = float(value) if _NUMBER.fullmatch(value) else math.inf
    return number if math.isfinite(number) else None


def _truth(value: str) -> Read:
    return {"true": 1, "false": 0}.get(value)


def _name(value: str) -> Read:
    return str(UUID(value))


def _moment(value: str) -> Read:
    at = datetime.fromisoformat(value.upper())
    return microseconds(at if at.tzinfo else at.replace(tzinfo=UTC))


_READERS: dict[Cast, Callable[[str], Read]] = {
    Cast.TEXT: str,
    Cast.WHOLE: _whole,
    Cast.NUMBER: _number,
    Cast.TRUTH: _truth,
    Cast.NAME: _name,
    Cast.MOMENT: _moment,
}
_COMPARES: dict[Is, Callable[[AnyValue, AnyValue], bool]] = {
    Is.EQUAL: operator.eq,
    Is.UNEQUAL: operator.ne,
    Is.BELOW: operator.lt,
    Is.AT_MOST: operator.le,
    Is.ABOVE: operator.gt,
    Is.AT_LEAST: operator.ge,
    Is.STARTING_WITH: str.startswith,
    Is.ENDING_WITH: str.endswith,
    Is.CONTAINING: operator.contains,
}
