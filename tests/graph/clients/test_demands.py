"""Everything that clients demand on the wire has a test."""

import json
from pathlib import Path

from tests.documents.ticking import ticked_in

HERE = Path(__file__).parent


def demands() -> list[str]:
    """The numbers of the list."""
    listed = json.loads((HERE / "demands.json").read_text("utf-8"))["demands"]
    return [each["number"] for each in listed]


def test_every_demand_has_a_test() -> None:
    shown = ticked_in(HERE)
    assert [number for number in demands() if number not in shown] == []


def test_no_test_ticks_a_demand_that_is_not_on_the_list() -> None:
    assert sorted(ticked_in(HERE).keys() - set(demands())) == []


def test_the_list_is_whole() -> None:
    assert demands() == [str(number) for number in range(1, 40)]
