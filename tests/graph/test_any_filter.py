"""Whatever filter is written, it finds what the same sentence finds in plain Python."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as some

from letterbook.adapters.graph.filters import parse_filter
from letterbook.application.ports import Store
from letterbook.application.rows import Mark, MarkKind, MessageRow
from tests.chance import examples
from tests.contracts.rows import found, put, row
from tests.fakes import begun, opened_sqlite

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ID = "Integer {66f5a359-4659-4830-9070-00047ec6ac6e} Name Pallete"
KEY = "integer {66f5a359-4659-4830-9070-00047ec6ac6e} Name Pallete"


@dataclass(frozen=True)
class Said:
    """A message as a filter sees it, in no form but Python's own."""

    subject: str
    importance: str
    is_read: bool
    hour: int
    categories: tuple[str, ...]
    number: str | None

    def as_row(self, number: int) -> MessageRow:
        """The same as views keep it."""
        marks = [Mark(MarkKind.CATEGORY, "", each.casefold()) for each in self.categories]
        marks += [] if self.number is None else [Mark(MarkKind.SINGLE, KEY, self.number)]
        return row(
            number,
            subject=self.subject,
            importance=self.importance,
            is_read=self.is_read,
            received_at=MONDAY + timedelta(hours=self.hour),
            marks=tuple(marks),
        )


T = TypeVar("T", str, int)
Holds = Callable[[Said], bool]
Sentence = tuple[str, Holds]
"""A filter, and what it means."""

words = some.text(some.sampled_from("aAbB'ßé "), max_size=3)
said = some.builds(
    Said,
    words,
    some.sampled_from(["low", "normal", "high"]),
    some.booleans(),
    some.integers(-2, 2),
    some.lists(words, max_size=2).map(tuple),
    some.none() | some.sampled_from(["-1", "0", "7", "seven", ""]),
)

SIGNS: dict[str, Callable[[int], bool]] = {
    "eq": lambda order: order == 0,
    "ne": lambda order: order != 0,
    "lt": lambda order: order < 0,
    "le": lambda order: order <= 0,
    "gt": lambda order: order > 0,
    "ge": lambda order: order >= 0,
}
MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda here, part: part in here,
}


def quoted(text: str) -> str:
    """A text as OData writes it."""
    return "'" + text.replace("'", "''") + "'"


def order_of(one: T, other: T) -> int:
    """Whether one is less, the same, or more."""
    return int(one > other) - int(one < other)


def about_subject(sign: str, value: str, value_first: bool) -> Sentence:
    """The subject, on either side."""
    text = f"{quoted(value)} {MIRRORED[sign]} subject" if value_first else f"subject {sign} {quoted(value)}"
    return text, lambda m: SIGNS[sign](order_of(m.subject.casefold(), value.casefold()))


def about_words(function: str, value: str) -> Sentence:
    """Part of the subject."""
    text = f"{function}(subject, {quoted(value)})"
    return text, lambda m: FUNCTIONS[function](m.subject.casefold(), value.casefold())


def about_importance(values: list[str], upper: bool) -> Sentence:
    """One of some words, in any case."""
    named = ",".join(quoted(each.upper() if upper else each) for each in values)
    return f"importance in ({named})", lambda m: m.importance in values


def about_reading(value: bool, sign: str) -> Sentence:
    """Yes or no."""
    return f"isRead {sign} {str(value).lower()}", lambda m: (m.is_read == value) == (sign == "eq")


def about_time(sign: str, hours: int, zone: int) -> Sentence:
    """A moment, in some zone."""
    at = MONDAY + timedelta(hours=hours)
    there = (at + timedelta(hours=zone)).strftime("%Y-%m-%dT%H:%M:%S") + f"{zone:+03}:00"
    return f"receivedDateTime {sign} {there}", lambda m: SIGNS[sign](order_of(m.hour, hours))


def about_a_category(function: str, value: str, denied: bool) -> Sentence:
    """Any of the categories is (or is not) so."""
    test = f"c {function} {quoted(value)}" if function == "eq" else f"{function}(c,{quoted(value)})"
    text = f"categories/any(c:{'not ' if denied else ''}({test}))"
    holds = FUNCTIONS.get(function, str.__eq__)
    return text, lambda m: any(holds(c.casefold(), value.casefold()) != denied for c in m.categories)


def about_a_number(sign: str, value: int) -> Sentence:
    """An extended property, read as a number; what is none is different from any."""
    text = f"singleValueExtendedProperties/any(p:p/id eq '{ID}' and cast(p/value,Edm.Int32) {sign} {value})"
    numbers = {"-1": -1, "0": 0, "7": 7}

    def holds(message: Said) -> bool:
        if message.number not in numbers:
            return message.number is not None and sign == "ne"
        return SIGNS[sign](order_of(numbers[message.number], value))

    return text, holds


signs = some.sampled_from(sorted(SIGNS))
plain = some.one_of(
    some.builds(about_subject, signs, words, some.booleans()),
    some.builds(about_words, some.sampled_from(sorted(FUNCTIONS)), words),
    some.builds(
        about_importance,
        some.lists(some.sampled_from(["low", "normal", "high"]), min_size=1, max_size=3),
        some.booleans(),
    ),
    some.builds(about_reading, some.booleans(), some.sampled_from(["eq", "ne"])),
    some.builds(about_time, signs, some.integers(-2, 2), some.integers(-11, 13)),
    some.builds(about_a_category, some.sampled_from(["eq", *sorted(FUNCTIONS)]), words, some.booleans()),
    some.builds(about_a_number, signs, some.integers(-2, 8)),
)


def joined(word: str, one: Sentence, other: Sentence) -> Sentence:
    """Two sentences in one."""
    both = all if word == "and" else any
    return f"({one[0]}) {word} ({other[0]})", lambda m: both([one[1](m), other[1](m)])


def denied(sentence: Sentence) -> Sentence:
    """The opposite."""
    return f"not ({sentence[0]})", lambda m: not sentence[1](m)


sentences = some.recursive(
    plain,
    lambda parts: some.one_of(
        some.builds(joined, some.sampled_from(["and", "or"]), parts, parts), some.builds(denied, parts)
    ),
    max_leaves=5,
)


@contextmanager
def mailbox(messages: list[Said]) -> Iterator[Store]:
    """A store with these messages."""
    with TemporaryDirectory() as folder, opened_sqlite(begun(Path(folder, "mail.db"))) as store:
        put(store, [each.as_row(number) for number, each in enumerate(messages)])
        yield store


@settings(max_examples=examples(40))
@given(
    messages=some.lists(said, min_size=1, max_size=8),
    asked=some.lists(sentences, min_size=1, max_size=12),
)
def test_a_filter_finds_what_it_means(messages: list[Said], asked: list[Sentence]) -> None:
    with mailbox(messages) as store:
        for text, holds in asked:
            wanted = {number for number, each in enumerate(messages) if holds(each)}
            assert found(store, parse_filter(text)) == wanted, text
