"""Whether a condition is true of a message, as its row shows it: what views ask in their own language."""

import operator
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from letterbook.application.marks import carries
from letterbook.application.moments import microseconds
from letterbook.application.querying import (
    EXACT,
    Among,
    Compare,
    Is,
    Marked,
    Outside,
    Where,
    is_true,
    seconds_found,
    value_of,
)
from letterbook.application.rows import MessageRow
from letterbook.application.searching import Both, Either, Says, Sought, Without, Wording, holds_words


def holds(row: MessageRow, where: Where) -> bool:
    """Whether a condition is true of a row."""
    return is_true(where, partial(_is_so, row))


def finds(row: MessageRow, said: Wording, sought: Sought) -> bool:
    """Whether a search finds a row, whose words are ``said``."""
    match sought:
        case Says():
            return holds_words(said, sought)
        case Both(parts):
            return all(finds(row, said, part) for part in parts)
        case Either(parts):
            return any(finds(row, said, part) for part in parts)
        case Without(part):
            return not finds(row, said, part)
        case Compare() | Marked() | Among() | Outside():
            return holds(row, sought)


def _is_so(row: MessageRow, where: Compare | Marked | Among | Outside) -> bool:
    match where:
        case Marked():
            return carries(row.marks, where)
        case Among(key, names):
            return getattr(row, key.value) in names
        case Outside(others):
            return row.message.bytes not in others
        case Compare(by, how, value):
            return _compared(value_of(row, by), how, value, exact=by in EXACT)


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


_SIGNS: dict[Is, Callable[[Any, Any], bool]] = {
    Is.EQUAL: operator.eq,
    Is.UNEQUAL: operator.ne,
    Is.BELOW: operator.lt,
    Is.AT_MOST: operator.le,
    Is.ABOVE: operator.gt,
    Is.AT_LEAST: operator.ge,
}


def _ordered(here: Any, how: Is, value: Any) -> bool:
    return _SIGNS[how](here, value)
