"""Every statement of the five documents has its test or its place in the documentation."""

import re

from tests.documents.ticking import CAPABILITIES, HERE, marks, ticked_in


def documented() -> set[str]:
    """The numbers that the documentation answers for."""
    return set(re.findall(r"\b(?:S\d|Across)-\d+\b", CAPABILITIES.read_text("utf-8")))


def test_every_behaviour_and_every_choice_has_a_test() -> None:
    shown = ticked_in(HERE)
    assert [
        number for number, mark in marks().items() if set(mark) & {"B", "X"} and number not in shown
    ] == []


def test_no_test_ticks_a_number_that_is_not_on_the_list() -> None:
    assert sorted(ticked_in(HERE).keys() - marks().keys()) == []


def test_every_statement_for_the_documentation_is_found_there() -> None:
    known = documented()
    assert [number for number, mark in marks().items() if "D" in mark and number not in known] == []


def test_the_documentation_names_no_number_that_is_not_on_the_list() -> None:
    assert sorted(documented() - marks().keys()) == []


def test_the_list_is_whole() -> None:
    """154 statements of five documents, and ten points where they disagree."""
    numbers: dict[str, list[int]] = {}
    for number in marks():
        document, _, place = number.partition("-")
        numbers.setdefault(document, []).append(int(place))

    expected = {"S0": 19, "S1": 64, "S2": 32, "S3": 13, "S4": 26, "Across": 10}
    assert numbers == {document: list(range(1, last + 1)) for document, last in expected.items()}
    assert {mark for marked in marks().values() for mark in marked} == {"B", "X", "D"}
