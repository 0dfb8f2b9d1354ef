"""How much is tried where chance chooses: all of it in ``make test-all``, a fourth on every change.

The one place that says how long an example may take, too: as long as it likes. A test that fails because the
machine is busy says nothing about the code.
"""

import pytest
from hypothesis import settings

WHOLE, PART = "whole", "part"
FEWEST = 10
"""Fewer examples are not worth their names."""

settings.register_profile(WHOLE, deadline=None, max_examples=100)
settings.register_profile(PART, deadline=None, max_examples=25)


def profile_of(marks: str) -> str:
    """How much is tried by a run that picks tests by these marks: all, unless it leaves out what is slow."""
    return PART if marks == "not slow" else WHOLE


def examples(number: int) -> int:
    """So many examples where all is tried, and as large a part of them as the profile says elsewhere."""
    profile = settings.get_current_profile_name()
    assert profile in (WHOLE, PART), "asked before it was known how much is to be tried"
    share = settings.get_profile(profile).max_examples
    return max(number * share // 100, min(number, FEWEST))


def seeds(number: int) -> list[object]:
    """So many beginnings of chance, each of which is a test of its own: a third is tried on every change."""
    slow = [pytest.mark.slow]
    return [pytest.param(seed, marks=slow if seed >= number // 3 else ()) for seed in range(number)]
