"""Extended properties that cannot be: neither on messages nor on folders nor on what is enclosed."""

import pytest

from tests.graph.client import Graph

SET = "{66f5a359-4659-4830-9070-00047ec6ac6e}"
BAD_IDS = ["bad", "", "String", "String {nope} Name C", f"Foo {SET} Name C", f"StringArray {SET} Name C"]
INVALID = (400, "ErrorInvalidExtendedProperty")
WORDS = "The extended property attribute combination is invalid."


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


def single(named: str, value: str = "x") -> dict[str, object]:
    """A thing with a property of one value."""
    return {"displayName": "Projects", "singleValueExtendedProperties": [{"id": named, "value": value}]}


@pytest.mark.parametrize("named", BAD_IDS)
def test_an_id_in_no_known_form_is_refused(alex: Graph, named: str) -> None:
    said = {"singleValueExtendedProperties": [{"id": named, "value": "x"}]}
    draft = f"/me/messages/{alex.draft()['id']}"

    assert alex.refused("POST", "/me/messages", *INVALID, json=said) == WORDS
    alex.refused("PATCH", draft, *INVALID, json=said)
    alex.refused("POST", "/me/sendMail", *INVALID, json={"message": said})
    alex.refused("POST", "/me/mailFolders", *INVALID, json=single(named))
    event = {"@odata.type": "microsoft.graph.event", "subject": "Lunch", **said}
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Lunch", "item": event}
    alex.refused("POST", f"{draft}/attachments", *INVALID, json=item)


def test_several_values_need_an_id_of_several(alex: Graph) -> None:
    said = {"multiValueExtendedProperties": [{"id": f"String {SET} Name C", "value": ["x"]}]}

    alex.refused("POST", "/me/messages", *INVALID, json=said)


@pytest.mark.parametrize("value", ["abc", "", "1.5"])
def test_a_value_of_another_type_is_refused(alex: Graph, value: str) -> None:
    kind, named = (400, "ErrorInvalidExtendedPropertyValue"), f"Integer {SET} Name N"
    several = {"multiValueExtendedProperties": [{"id": f"IntegerArray {SET} Name N", "value": ["1", value]}]}

    alex.refused("POST", "/me/mailFolders", *kind, json=single(named, value))
    alex.refused("POST", "/me/messages", *kind, json=several)


def test_whoever_looks_for_an_id_in_no_known_form_finds_nothing(alex: Graph) -> None:
    """Stores hold such ids from before they were refused: those can still be found by them."""
    draft = alex.draft()["id"]
    inside = alex.read(f"/me/messages/{draft}?$expand=singleValueExtendedProperties($filter=id eq 'bad')")

    assert "singleValueExtendedProperties" not in inside
    where = "singleValueExtendedProperties/any(p: p/id eq 'bad' and p/value eq 'x')"
    assert alex.values(f"/me/messages?$filter={where}") == []
