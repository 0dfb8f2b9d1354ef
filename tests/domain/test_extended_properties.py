"""Ids of extended properties, and the values that go with them."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from letterbook.domain.extended_properties import is_property_id, is_property_value

SET = "{66f5a359-4659-4830-9070-00047ec6ac6e}"
SINGLE = [
    f"String {SET} Name Color",
    f"STRING {SET.upper()} Name a name with spaces, {{braces}} and\nlines",
    f"Integer {SET} Id 0x8233",
    f"Integer {SET} Id 33331",
    "String 0x4001",
    "Short 0x1",
    "Boolean 0xFFFE",
    "Binary 3616",
    "Binary 00016",
    "String 0x0037001F",
    f"String   {SET}  Name  Color",
    f"Integer {SET}  Id   0x8233",
    "String   0x4001",
    "String 0X3a",
    f"  CLSID {SET} Name C ",
    *(f"{kind} 0x10" for kind in ("ApplicationTime", "Currency", "Double", "Float", "Long", "SystemTime")),
]
MANY = [
    f"StringArray {SET} Name Palette",
    f"IntegerArray {SET} Id 0x1",
    "BinaryArray 0x10",
    "clsidarray 0x10",
]
NEITHER = [
    *("", " ", "bad", "String", "String ", "0x4001", f"{SET} Name C", f"String {SET}", f"String {SET} Name"),
    *("String {nope} Name C", f"Foo {SET} Name C", f"String {SET} Called C", f"String {SET} Id C"),
    *(
        "String 0x",
        "String 0x0",
        "String 0xFFFF",
        "String 0x12345",
        "String 0x0000001F",
        "String 0xFFFF001F",
        "String 0x00370001F",
        "String 99999",
        "String 4001h",
        "String -1",
        "String 00",
    ),
    *(
        f"String {SET[1:-1]} Name C",
        f"String {SET} Id -1",
        f"Array {SET} Name C",
        f"BooleanArray {SET} Name C",
    ),
    *("Null 0x10", "Object 0x10", "Error 0x10", "StringArrayArray 0x10", "String 0x4001 Name C", "String ٣"),
]


@pytest.mark.parametrize("named", SINGLE)
def test_an_id_names_a_property_of_one_value(named: str) -> None:
    assert (is_property_id(named, many=False), is_property_id(named, many=True)) == (True, False)


@pytest.mark.parametrize("named", MANY)
def test_an_id_names_a_property_of_many_values(named: str) -> None:
    assert (is_property_id(named, many=False), is_property_id(named, many=True)) == (False, True)


@pytest.mark.parametrize("named", NEITHER)
def test_anything_else_names_none(named: str) -> None:
    assert not is_property_id(named, many=False)
    assert not is_property_id(named, many=True)


@pytest.mark.parametrize(
    ("kind", "values", "others"),
    [
        ("String", ["", "abc", "5"], []),
        (
            "Integer",
            ["0", "-2147483648", "2147483647", "+5", " 5 "],
            ["abc", "", "5.0", "2147483648", "٣", "1_0"],
        ),
        ("Short", ["-32768", "32767"], ["32768", "x"]),
        ("Long", ["9223372036854775807", "-9223372036854775808"], ["9223372036854775808", "9" * 5000]),
        ("Boolean", ["true", "False", "1", "0"], ["yes", "", "2"]),
        (
            "Double",
            ["1", "-1.5", ".5", "1e10", "1.", "+1E-3", "NaN", "INF", "-INF"],
            ["", ".", "1,5", "nan", "0x1", "e5"],
        ),
        ("Float", ["1.5", "NaN", "INF", "-INF"], ["abc", "Infinity"]),
        ("Currency", ["12.50"], ["12.50 €", "NaN"]),
        ("ApplicationTime", ["41000.5"], ["today"]),
        ("SystemTime", ["2026-03-04T12:00:00Z", "2026-03-04"], ["", "soon", "2026-13-04T12:00:00Z"]),
        ("CLSID", [SET, SET[1:-1]], ["", SET[1:], "00062008"]),
        ("Binary", ["", "SGVsbG8=", "SGVs\r\n bG8=\t"], ["SGVsbG8", "***", "ä"]),
    ],
)
def test_a_value_is_one_of_its_type(kind: str, values: list[str], others: list[str]) -> None:
    for named in (f"{kind} 0x10", f"{kind.lower()}Array {SET} Name C"):
        assert [value for value in values if not is_property_value(named, value)] == []
        assert [value for value in others if is_property_value(named, value)] == []


NEARLY = st.from_regex(r"\A(String|integerArray|ſhort) ([0-9x]{1,7}|\{[0-9a-f-]{36}\} (Name|Id) .*)\Z")


@for_all(st.text() | NEARLY | st.sampled_from([*SINGLE, *MANY]), st.text() | st.sampled_from(["1", "true"]))
def test_whatever_is_said_is_judged(named: str, value: str) -> None:
    for many in (True, False):
        if is_property_id(named, many=many):
            assert is_property_value(named, value) in (True, False)
