"""Fresh names are UUIDs of version 7 (RFC 9562), unique, and sort in the order they were made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import time_ns
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from letterbook.adapters.clock import SystemClock
from letterbook.adapters.ids import TimeOrderedIds

NOW = 1_700_000_000_000 * 1_000_000
"""A moment in nanoseconds since 1970."""

READINGS = st.lists(st.integers(min_value=0, max_value=2**62), min_size=1, max_size=200)


def names_at(readings: list[int]) -> list[UUID]:
    """The names given while a clock shows these readings."""
    shown: Iterator[int] = iter(readings)
    ids = TimeOrderedIds(nanoseconds=lambda: next(shown))
    return [ids.new() for _ in readings]


def milliseconds(name: UUID) -> int:
    """The time in a name."""
    return name.int >> 80


@given(READINGS)
def test_every_name_says_version_7_and_the_standard_variant(readings: list[int]) -> None:
    """RFC 9562 sections 4.1 and 4.2, whatever the clock shows."""
    assert {(name.version, name.variant) for name in names_at(readings)} == {(7, RFC_4122)}


@given(READINGS)
def test_later_names_sort_after_earlier_ones_whatever_the_clock_does(readings: list[int]) -> None:
    """A clock may stand still, jump or go back."""
    names = names_at(readings)
    assert all(earlier < later for earlier, later in pairwise(names))
    assert all(str(earlier) < str(later) for earlier, later in pairwise(names))


def test_a_name_holds_its_millisecond() -> None:
    """RFC 9562 section 5.7: the first 48 bits."""
    (name,) = names_at([NOW])
    assert milliseconds(name) == 1_700_000_000_000


def test_a_name_holds_the_part_of_its_millisecond() -> None:
    """RFC 9562 section 6.2, method 3: half a millisecond is 2048 of 4096."""
    (name,) = names_at([NOW + 500_000])
    assert name.int >> 64 & 0xFFF == 2048


def test_more_names_than_a_millisecond_has_room_for_borrow_from_the_next() -> None:
    """The 4097th name of a clock that stands still."""
    names = names_at([NOW] * 4097)
    assert [milliseconds(names[4095]), milliseconds(names[4096])] == [1_700_000_000_000, 1_700_000_000_001]
    assert names == sorted(set(names))


def test_two_makers_at_one_moment_give_different_names() -> None:
    """The last 62 bits are random."""
    assert len({name for _ in range(1000) for name in names_at([NOW])}) == 1000


def test_names_follow_the_real_clock() -> None:
    """Without another clock, it is the machine's."""
    before = time_ns() // 1_000_000
    assert before <= milliseconds(TimeOrderedIds().new()) <= time_ns() // 1_000_000


def test_the_clock_is_that_of_the_machine() -> None:
    assert abs(datetime.now(UTC) - SystemClock().now()) < timedelta(seconds=10)
