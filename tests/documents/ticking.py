"""The tick list: every statement of the five documents by its number, and which tests tick it off."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
CAPABILITIES = HERE.parents[1] / "docs" / "capabilities.md"

Test = TypeVar("Test", bound=Callable[..., Any])


def ticks(*numbers: str) -> Callable[[Test], Test]:
    """Say which statements of the tick list a test shows."""

    def ticked(test: Test) -> Test:
        vars(test)["ticks"] = numbers
        return test

    return ticked


def ticked_by(test: object) -> tuple[str, ...]:
    """The numbers that a test carries."""
    numbers: tuple[str, ...] = getattr(test, "ticks", ())
    return numbers


def marks() -> dict[str, str]:
    """The marks of every statement by its number: B (behaviour), X (a choice), D (documentation)."""
    listed = json.loads((HERE / "ticklist.json").read_text("utf-8"))["statements"]
    found = {each["number"]: each["marks"] for each in listed}
    assert len(found) == len(listed), "no number is given twice"
    return found
