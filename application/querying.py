"""What can be asked of a view: conditions, order and page, without the words of any query language."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from letterbook.application.moments import microseconds
from letterbook.application.rows import MarkKind, MessageRow


class Field(StrEnum):
    """The properties of a message that views can find and sort by."""

    RECEIVED = "received_at"
    SENT = "sent_at"
    CREATED = "created_at"
    MODIFIED = "modified_at"
    SUBJECT = "subject"
    FROM_ADDRESS = "from_address"
    FROM_NAME = "from_name"
    SENDER_ADDRESS = "sender_address"
    SENDER_NAME = "sender_name"
    IMPORTANCE = "importance"
    IS_READ = "is_read"
    IS_DRAFT = "is_draft"
    HAS_ATTACHMENTS = "has_attachments"
    FLAG = "flag_status"
    INFERENCE = "inference"
    CONVERSATION = "conversation"
    INTERNET_MESSAGE_ID = "internet_message_id"
    MENTIONS_OWNER = "mentions_owner"
    SIZE = "size"


EXACT = frozenset({Field.IMPORTANCE, Field.FLAG, Field.INFERENCE, Field.CONVERSATION})
"""Properties whose text is compared as it is; all other text is compared without regard to case."""


class Is(StrEnum):
    """How a property is compared."""

    EQUAL = "eq"
    UNEQUAL = "ne"
    BELOW = "lt"
    AT_MOST = "le"
    ABOVE = "gt"
    AT_LEAST = "ge"
    STARTING_WITH = "startswith"
    ENDING_WITH = "endswith"
    CONTAINING = "contains"


Comparable = str | bool | int | datetime


@dataclass(frozen=True, slots=True)
class Compare:
    """One property against one value; text is compared without regard to case."""

    field: Field
    how: Is
    value: Comparable


class Cast(StrEnum):
    """What the text of a mark is read as, to be compared."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TRUTH = "truth"
    NAME = "name"
    """A UUID."""
    MOMENT = "moment"
    """Microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the value of a mark is asked; ``denied``: the opposite."""

    how: Is
    value: str | int | float
    cast: Cast = Cast.TEXT
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """Something of a kind hangs on the message, with one of these names, and its value passes every test."""

    kind: MarkKind
    names: tuple[str, ...]
    tests: tuple[Probe, ...] = ()


class Key(StrEnum):
    """What tells one message, or the folder that it is in, from all others."""

    MESSAGE = "message"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Among:
    """The message, or its folder, is one of these."""

    key: Key
    names: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Outside:
    """The message is none of these, by the bytes of its name. There may be very many, and more later."""

    names: AbstractSet[bytes]


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these holds."""

    of: tuple["Where", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of these holds."""

    of: tuple["Where", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    of: "Where"


Where = Compare | Marked | Among | Outside | All | Any | Not

DEEPEST = 20
"""How deep a condition may be nested, once it is :func:`flat`, for every view to understand it."""


def flat(where: Where) -> Where:
    """The same condition with as little nesting as can be: a chain of one word is one list."""
    match where:
        case All(parts):
            every = tuple(_chain(All, parts))
            return every[0] if len(every) == 1 else All(every)
        case Any(parts):
            some = tuple(_chain(Any, parts))
            return some[0] if len(some) == 1 else Any(some)
        case Not(part):
            denied = flat(part)
            return denied.of if isinstance(denied, Not) else Not(denied)
        case Compare() | Marked() | Among() | Outside():
            return where


def _chain(word: type[All] | type[Any], parts: Iterable[Where]) -> Iterator[Where]:
    for part in map(flat, parts):
        if isinstance(part, word):
            yield from part.of
        else:
            yield part


def is_true(where: Where, of_one: Callable[[Compare | Marked | Among | Outside], bool]) -> bool:
    """Whether a condition holds, if ``of_one`` tells it of each of its parts that has no parts itself."""
    match where:
        case All(parts):
            return all(is_true(part, of_one) for part in parts)
        case Any(parts):
            return any(is_true(part, of_one) for part in parts)
        case Not(part):
            return not is_true(part, of_one)
        case Compare() | Marked() | Among() | Outside():
            return of_one(where)


def nesting(where: Where) -> int:
    """How deep a condition is nested; a comparison alone is not."""
    match where:
        case All(parts) | Any(parts):
            return 1 + max(map(nesting, parts), default=0)
        case Not(part):
            return 1 + nesting(part)
        case Compare() | Marked() | Among() | Outside():
            return 0


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by one property."""

    by: Field
    descending: bool = False


NEWEST_FIRST = (Order(Field.RECEIVED, descending=True),)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort values of its last message, as the view keeps them, and its id."""

    values: tuple[str | int, ...]
    message: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """A page of a folder (``None``: of the whole mailbox but what is beyond Deleted Items).

    ``after`` continues behind a place; ``skip`` counts from the start (or from ``after``). Without
    ``bodies`` the ready answers lack that member, and nothing that large is read.
    """

    folder: UUID | None = None
    where: Where | None = None
    order: tuple[Order, ...] = NEWEST_FIRST
    top: int = 10
    skip: int = 0
    after: Place | None = None
    bodies: bool = True


def seconds_found(how: Is, value: datetime) -> tuple[int | None, int | None]:
    """The stretch of time that a comparison finds: from a second (included) to a second (excluded).

    Moments are shown in whole seconds, so they are compared as they are shown: what is shown as 10:00:00
    equals 10:00:00 whatever its fraction. Seconds count from 1970. :data:`Is.UNEQUAL` gives what to
    leave out.
    """
    at = microseconds(value)
    floor, ceiling = at // 1_000_000, -(-at // 1_000_000)
    match how:
        case Is.ABOVE:
            return floor + 1, None
        case Is.AT_LEAST:
            return ceiling, None
        case Is.BELOW:
            return None, ceiling
        case Is.AT_MOST:
            return None, floor + 1
        case Is.EQUAL | Is.UNEQUAL:
            return ceiling, floor + 1
        case _:
            raise ValueError(f"a moment cannot be compared by {how}")


THE_AUTHOR = {Field.SENDER_ADDRESS: Field.FROM_ADDRESS, Field.SENDER_NAME: Field.FROM_NAME}
"""Where views keep nothing about the sender of a message, it is the author."""


def value_of(row: MessageRow, field: Field) -> str | bool | int | datetime:
    """The property of a message."""
    value: str | bool | int | datetime | None = getattr(row, field.value)
    return getattr(row, THE_AUTHOR[field].value) if value is None else value


def sort_value(row: MessageRow, by: Field) -> str | int:
    """What a message is sorted by, as views keep it: text without regard to case, moments as numbers."""
    value = value_of(row, by)
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, str):
        return value if by in EXACT else value.casefold()
    return int(value)
