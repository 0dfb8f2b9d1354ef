"""The master list of categories, and what is refused."""

from uuid import UUID

import pytest

from tests.graph.client import ALEX, BASE, MEGAN, Graph

LIST = "/me/outlook/masterCategories"
ANYTHING = "5a9a6aa8-b65f-4357-b1f9-60c6bf6330d8"


@pytest.fixture
def owner(alex: Graph) -> Graph:
    """Alex, who may read and write settings."""
    return alex.holding(alex.book.token(ALEX, "MailboxSettings.ReadWrite"))


def names(graph: Graph) -> list[tuple[str, str]]:
    """The master list."""
    return [(each["displayName"], each["color"]) for each in graph.values(LIST)]


BORN_WITH = [
    *(("Red category", "preset0"), ("Orange category", "preset1"), ("Yellow category", "preset3")),
    *(("Green category", "preset4"), ("Blue category", "preset7"), ("Purple category", "preset8")),
]


def test_a_new_mailbox_has_the_list_of_graphs_sample(owner: Graph) -> None:
    answer = owner.read(LIST)
    assert names(owner) == BORN_WITH
    mailbox = owner.book.mailbox(ALEX).id
    assert answer["@odata.context"] == f"{BASE}/v1.0/$metadata#users('{mailbox}')/outlook/masterCategories"
    for category in answer["value"]:
        assert str(UUID(category["id"])) == category["id"]
        assert owner.read(f"{LIST}/{category['id']}").items() >= category.items()


def test_the_lists_of_two_mailboxes_are_their_own(owner: Graph) -> None:
    hers = owner.holding(owner.book.token(MEGAN, "MailboxSettings.ReadWrite"))
    assert not {each["id"] for each in owner.values(LIST)} & {each["id"] for each in hers.values(LIST)}
    owner.made(LIST, {"displayName": "Of Alex"})
    assert names(hers) == BORN_WITH


def test_a_category_is_made_as_in_graphs_sample(owner: Graph) -> None:
    made = owner.made(LIST, {"displayName": "Project expenses", "color": "preset9"})
    assert made["@odata.context"].endswith("/outlook/masterCategories/$entity")
    assert list(made)[1:] == ["id", "displayName", "color"]
    assert owner.read(f"{LIST}('{made['id']}')") == made
    assert names(owner) == [*BORN_WITH, ("Project expenses", "preset9")]


@pytest.mark.parametrize("color", ["none", *(f"preset{number}" for number in range(25))])
def test_every_colour_can_be_chosen_in_any_case(owner: Graph, color: str) -> None:
    assert owner.made(LIST, {"displayName": color, "color": color.title()})["color"] == color


def test_a_category_without_a_colour_has_none(owner: Graph) -> None:
    assert owner.made(LIST, {"displayName": "Plain"})["color"] == "none"


def test_a_category_gets_another_colour_and_goes(owner: Graph) -> None:
    made = owner.made(LIST, {"displayName": "Project expenses", "color": "preset9"})
    path = f"{LIST}/{made['id']}"
    assert owner.changed(path, {"color": "preset14"}) == made | {"color": "preset14"}
    assert owner.changed(path, {"displayName": "Project expenses"}) == made | {"color": "preset14"}
    assert owner.delete(path).status_code == 204
    assert names(owner) == BORN_WITH
    owner.refused("DELETE", path, 404, "ErrorItemNotFound")


def test_messages_keep_the_names_of_categories_that_are_gone(owner: Graph, alex: Graph) -> None:
    draft = alex.draft(categories=["Red category"])
    red = owner.values(LIST)[0]["id"]
    assert owner.delete(f"{LIST}/{red}").status_code == 204
    assert alex.read(f"/me/messages/{draft['id']}")["categories"] == ["Red category"]


def test_a_part_of_the_list_can_be_asked_for(owner: Graph) -> None:
    pages = owner.walk(f"{LIST}?$top=4")
    assert [len(page) for page in pages] == [4, 2]
    assert [each["displayName"] for page in pages for each in page] == [name for name, _ in BORN_WITH]
    answer = owner.read(f"{LIST}?$count=true&$select=color&$skip=5")
    assert answer["@odata.count"] == 6
    assert [set(each) for each in answer["value"]] == [{"id", "color"}]


@pytest.mark.parametrize("name", ["Red category", "RED CATEGORY"])
def test_no_two_categories_share_a_name(owner: Graph, name: str) -> None:
    owner.refused("POST", LIST, 409, "ErrorNameAlreadyExists", json={"displayName": name})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "ErrorInvalidArgument"),
        ({"displayName": " "}, "ErrorInvalidArgument"),
        ({"displayName": "x" * 256}, "ErrorInvalidArgument"),
        ({"displayName": "x", "color": "preset25"}, "RequestBodyRead"),
        ({"displayName": "x", "color": 7}, "RequestBodyRead"),
        ({"displayName": ["x"]}, "RequestBodyRead"),
        ({"displayName": "x", "shade": "dark"}, "RequestBodyRead"),
    ],
)
def test_a_category_that_makes_no_sense_is_refused(owner: Graph, said: dict[str, object], code: str) -> None:
    owner.refused("POST", LIST, 400, code, json=said)


def test_a_category_never_changes_its_name(owner: Graph) -> None:
    red = f"{LIST}/{owner.values(LIST)[0]['id']}"
    for said in (
        {"displayName": "Crimson"},
        {"displayName": "Crimson", "color": "preset1"},
        {"id": ANYTHING},
    ):
        owner.refused("PATCH", red, 400, "ErrorInvalidPropertySet", json=said)


def test_a_category_that_is_not_there_is_not_found(owner: Graph) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        owner.refused(method, f"{LIST}/{ANYTHING}", 404, "ErrorItemNotFound", json={"color": "none"})
        owner.refused(method, f"{LIST}/x", 400, "ErrorInvalidIdMalformed", json={"color": "none"})
