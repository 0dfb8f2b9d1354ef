"""The tick list: every statement of the five documents by its number, and which tests tick it off."""

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CAPABILITIES = ROOT / "docs" / "capabilities.md"

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


def ticked_in(folder: Path) -> dict[str, list[str]]:
    """Every number that is ticked by the tests of a folder, and the tests that carry it."""
    found: dict[str, list[str]] = {}
    for name, test in _every_test(folder):
        for number in ticked_by(test):
            found.setdefault(number, []).append(name)
    return found


def _every_test(folder: Path) -> Iterator[tuple[str, object]]:
    for file in sorted(folder.glob("test_*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for name, value in vars(importlib.import_module(module)).items():
            if name.startswith("test_") and callable(value):
                yield f"{module}.{name}", value


def marks() -> dict[str, str]:
    """The marks of every statement by its number: B (behaviour), X (a choice), D (documentation)."""
    listed = json.loads((HERE / "ticklist.json").read_text("utf-8"))["statements"]
    found = {each["number"]: each["marks"] for each in listed}
    assert len(found) == len(listed), "no number is given twice"
    return found
