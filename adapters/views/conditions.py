"""Conditions and orders as SQL, values always apart from the text."""

from collections.abc import Iterable
from datetime import datetime
from weakref import WeakValueDictionary

from letterbook.adapters.views.marks import Sql, marked
from letterbook.application.querying import (
    EXACT,
    THE_AUTHOR,
    All,
    Among,
    Any,
    Comparable,
    Compare,
    Field,
    Is,
    Marked,
    Not,
    Order,
    Outside,
    Place,
    Where,
    seconds_found,
)

_TEXT = frozenset(
    {
        Field.SUBJECT,
        Field.FROM_ADDRESS,
        Field.FROM_NAME,
        Field.SENDER_ADDRESS,
        Field.SENDER_NAME,
        Field.IMPORTANCE,
        Field.FLAG,
        Field.INFERENCE,
        Field.CONVERSATION,
        Field.INTERNET_MESSAGE_ID,
    }
)
_SIGNS = {
    Is.EQUAL: "=",
    Is.UNEQUAL: "<>",
    Is.BELOW: "<",
    Is.AT_MOST: "<=",
    Is.ABOVE: ">",
    Is.AT_LEAST: ">=",
}


def condition(where: Where) -> Sql:
    """A condition as SQL and its values."""
    match where:
        case All(parts):
            return _joined(" AND ", parts, of_none="1")
        case Any(parts):
            return _joined(" OR ", parts, of_none="0")
        case Not(part):
            text, values = condition(part)
            return f"NOT {text}", values
        case Compare(field, how, value):
            return _compared(field, how, value)
        case Marked():
            return marked(where)
        case Among(key, names):
            return f"{key.value} IN ({', '.join('?' * len(names))})", [name.bytes for name in names]
        case Outside():
            return "is_outside(?, message)", [_lent(where)]


_LENT: WeakValueDictionary[int, Outside] = WeakValueDictionary()
"""Names that are too many to be bound to a statement, by what stands for them in it."""


def _lent(where: Outside) -> int:
    _LENT[id(where)] = where
    return id(where)


def is_outside(lent: int, message: bytes) -> bool:
    """The function of SQL that tells whether a message is none of those that a condition names."""
    return message not in _LENT[lent].names


def _joined(word: str, parts: Iterable[Where], of_none: str) -> Sql:
    each = [condition(part) for part in parts]
    values = [value for _, values in each for value in values]
    return f"({word.join(text for text, _ in each) or of_none})", values


def _compared(field: Field, how: Is, value: Comparable) -> Sql:
    if isinstance(value, datetime):
        return _in_time(field, how, value)
    column = column_of(field)
    wanted = value.casefold() if isinstance(value, str) and field not in EXACT else value
    match how:
        case Is.STARTING_WITH:
            return f"starts({column}, ?)", [wanted]
        case Is.ENDING_WITH:
            return f"ends({column}, ?)", [wanted]
        case Is.CONTAINING:
            return f"instr({column}, ?) > 0", [wanted]
        case _:
            return f"{column} {_SIGNS[how]} ?", [wanted]


def _in_time(field: Field, how: Is, value: datetime) -> Sql:
    low, high = (bound and bound * 1_000_000 for bound in seconds_found(how, value))
    parts: list[tuple[str, int]] = []
    if low is not None:
        parts.append((f"{field.value} >= ?", low))
    if high is not None:
        parts.append((f"{field.value} < ?", high))
    text = " AND ".join(part for part, _ in parts)
    return f"{'NOT ' if how is Is.UNEQUAL else ''}({text})", [bound for _, bound in parts]


def column_of(field: Field) -> str:
    """What to compare and sort by: text without regard to case."""
    kept = f"coalesce({field.value}, {THE_AUTHOR[field].value})" if field in THE_AUTHOR else field.value
    return f"fold({kept})" if field in _TEXT - EXACT else kept


def ordering(order: tuple[Order, ...]) -> str:
    """The ORDER BY list; equal messages are sorted by id, in the direction of the first order."""
    parts = [f"{column_of(each.by)} {'DESC' if each.descending else 'ASC'}" for each in order]
    return ", ".join([*parts, f"message {'DESC' if order[0].descending else 'ASC'}"])


def place_condition(order: tuple[Order, ...], place: Place) -> Sql:
    """Behind a place in an order whose directions are all the same: one comparison of rows."""
    columns = ", ".join([*(column_of(each.by) for each in order), "message"])
    marks = ", ".join("?" * (len(order) + 1))
    sign = "<" if order[0].descending else ">"
    return f"({columns}) {sign} ({marks})", [*place.values, place.message.bytes]
