"""Whether a condition is true of a message, as its row shows it: what views ask in their own language."""

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any as AnyValue

from letterbook.application.moments import microseconds
from letterbook.application.querying import (
    EXACT,
    All,
    Among,
    Any,
    Compare,
    Is,
    Not,
    Where,
    seconds_found,
)
from letterbook.application.rows import MessageRow


def holds(row: MessageRow, where: Where) -> bool:
    """Whether a condition is true of a row."""
    match where:
        case All(parts):
            return all(holds(row, part) for part in parts)
        case Any(parts):
            return any(holds(row, part) for part in parts)
        case Not(part):
            return not holds(row, part)
        case Among(key, names):
            return getattr(row, key.value) in names
        case Compare(by, how, value):
            return _compared(getattr(row, by.value), how, value, exact=by in EXACT)


def _compared(here: object, how: Is, value: object, *, exact: bool) -> bool:
    if isinstance(here, datetime) and isinstance(value, datetime):
        low, high = seconds_found(how, value)
        second = microseconds(here) // 1_000_000
        inside = (low is None or second >= low) and (high is None or second < high)
        return inside != (how is Is.UNEQUAL)
    if isinstance(here, str) and isinstance(value, str):
        return (
            _text_compared(here, how, value)
            if exact
            else _text_compared(here.casefold(), how, value.casefold())
        )
    if isinstance(here, int) and isinstance(value, int):
        return _ordered(here, how, value)
    return (here == value) == (how is Is.EQUAL)


def _text_compared(here: str, how: Is, value: str) -> bool:
    match how:
        case Is.STARTING_WITH:
            return here.startswith(value)
        case Is.ENDING_WITH:
            return here.endswith(value)
        case Is.CONTAINING:
            return value in here
        case _:
            return _ordered(here, how, value)


_SIGNS: dict[Is, Callable[[AnyValue, AnyValue], bool]] = {
    Is.EQUAL: operator.eq,
    Is.UNEQUAL: operator.ne,
    Is.BELOW: operator.lt,
    Is.AT_MOST: operator.le,
    Is.ABOVE: operator.gt,
    Is.AT_LEAST: operator.ge,
}


def _ordered(here: AnyValue, how: Is, value: AnyValue) -> bool:
    return _SIGNS[how](here, value)
