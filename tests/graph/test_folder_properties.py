"""Extended properties of mail folders: set, shown when asked for, found by."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.graph.client import BASE, Graph, state_of

COLOR = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
PALETTE = "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette"
GREEN = {"id": COLOR, "value": "Green"}
COLOURS = {"id": PALETTE, "value": ["Green", "Aqua"]}
SINGLE = f"singleValueExtendedProperties($filter=id eq '{COLOR}')"
MULTI = f"multiValueExtendedProperties($filter=id eq '{PALETTE}')"
FOLDERS = "/me/mailFolders"
SEARCH = "microsoft.graph.mailSearchFolder"


@pytest.fixture
def clubs(alex: Graph) -> str:
    """The path of a folder with both kinds."""
    said = {
        "displayName": "Clubs",
        "singleValueExtendedProperties": [GREEN],
        "multiValueExtendedProperties": [COLOURS],
    }
    made = alex.made(FOLDERS, said)
    assert not {"singleValueExtendedProperties", "multiValueExtendedProperties", "@marks"} & set(made)
    return f"{FOLDERS}/{made['id']}"


def names(graph: Graph, text: str, path: str = FOLDERS) -> list[str]:
    """The folders that a filter finds; counting has to agree."""
    query = f"$filter={quote(text, safe='')}&$count=true&$top=100"
    page = graph.read(f"{path}?{query}")
    assert all("@marks" not in each for each in page["value"])
    assert page["@odata.count"] == len(page["value"])
    return [each["displayName"] for each in page["value"]]


def test_they_are_shown_when_they_are_asked_for(alex: Graph, clubs: str) -> None:
    unasked = alex.read(clubs)
    assert not [name for name in unasked if "Extended" in name or "marks" in name]
    shown = alex.read(f"{clubs}?$expand={SINGLE}")
    assert shown["singleValueExtendedProperties"] == [GREEN]
    context = shown["singleValueExtendedProperties@odata.context"]
    assert context.endswith(
        f"/mailFolders('{unasked['id'].replace('=', '%3D')}')/singleValueExtendedProperties"
    )
    assert alex.read(f"{clubs}?$expand={MULTI}")["multiValueExtendedProperties"] == [COLOURS]
    both = alex.read(f"{clubs}?$expand={SINGLE},{MULTI}&$select=displayName")
    assert {name for name in both if "@" not in name} == {
        *("id", "displayName", "singleValueExtendedProperties", "multiValueExtendedProperties"),
    }
    assert "(displayName,singleValueExtendedProperties()," in both["@odata.context"]
    other = SINGLE.replace("Color", "Colour")
    assert "singleValueExtendedProperties" not in alex.read(f"{clubs}?$expand={other}")


def test_they_are_shown_in_lists_and_inside_other_folders(alex: Graph, clubs: str) -> None:
    listed = {each["displayName"]: each for each in alex.values(f"{FOLDERS}?$top=100&$expand={SINGLE}")}
    assert listed["Clubs"]["singleValueExtendedProperties"] == [GREEN]
    assert "singleValueExtendedProperties" not in listed["Inbox"]
    alex.made(f"{clubs}/childFolders", {"displayName": "Chess", "singleValueExtendedProperties": [GREEN]})
    within = f"childFolders($expand={SINGLE};$select=displayName)"
    (chess,) = alex.read(f"{clubs}?$expand={within}")["childFolders"]
    assert chess["singleValueExtendedProperties"] == [GREEN]
    both = alex.read(f"{clubs}?$expand={within},{SINGLE}")
    assert (both["childFolders"], both["singleValueExtendedProperties"]) == ([chess], [GREEN])


def test_they_are_changed_one_by_one(alex: Graph, clubs: str) -> None:
    red: dict[str, Any] = {"singleValueExtendedProperties": [GREEN | {"value": "Red"}]}
    changed = alex.changed(clubs, red | {"displayName": "Teams"})
    assert changed["displayName"] == "Teams"
    shown = alex.read(f"{clubs}?$expand={SINGLE},{MULTI}")
    assert shown["singleValueExtendedProperties"] == [GREEN | {"value": "Red"}]
    assert shown["multiValueExtendedProperties"] == [COLOURS]
    before = state_of(alex.book)
    assert alex.changed(clubs, red) == changed
    assert state_of(alex.book) == before, "asking twice says nothing new"


@pytest.mark.parametrize("prefer", ["return=minimal", 'Return="Minimal"', "respond-async, return=minimal"])
def test_whoever_wants_no_answer_to_a_change_gets_none(alex: Graph, clubs: str, prefer: str) -> None:
    """Of folders and messages; the change is made."""
    message = f"/me/messages/{alex.draft()['id']}"
    for path, said in ((clubs, {"displayName": "Teams"}), (message, {"subject": "Other"})):
        answer = alex.patch(path, json=said, headers={"Prefer": prefer})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["Preference-Applied"] == "return=minimal"
        assert said.items() <= alex.read(path).items()
        kept = alex.patch(path, json=said, headers={"Prefer": "return=representation, no-return=minimal"})
        assert (kept.status_code, "Preference-Applied" in kept.headers) == (200, False)
    etag = alex.patch(message, json={"subject": "x"}, headers={"Prefer": prefer}).headers["ETag"]
    assert alex.read(message)["@odata.etag"] == etag


def test_that_may_be_said_in_a_header_of_its_own(alex: Graph) -> None:
    draft, others = alex.draft(), [("Prefer", 'IdType="ImmutableId"'), ("Prefer", "return=minimal")]
    url, headers = f"{BASE}/v1.0/me/messages/{draft['id']}", [*alex.headers.items(), *others]
    answer = alex.loop.run(alex.http.patch(url, json={"subject": "Other"}, headers=headers))
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_distinguished_folder_and_a_search_folder_have_them_too(alex: Graph) -> None:
    alex.changed(f"{FOLDERS}/inbox", {"singleValueExtendedProperties": [GREEN]})
    search = {"sourceFolderIds": ["inbox"], "filterQuery": "isRead eq false", "includeNestedFolders": True}
    said = {"@odata.type": SEARCH, "displayName": "New", "singleValueExtendedProperties": [GREEN]} | search
    made = alex.made(f"{FOLDERS}/inbox/childFolders", said)
    assert names(alex, f"singleValueExtendedProperties/any(p:p/id eq '{COLOR}')") == ["Inbox"]
    found = alex.read(f"{FOLDERS}/{made['id']}?$expand={SINGLE}")
    assert found["singleValueExtendedProperties"] == [GREEN]
    alex.changed(f"{FOLDERS}/{made['id']}", {"singleValueExtendedProperties": [GREEN | {"value": "Red"}]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"singleValueExtendedProperties/Any(ep: ep/id eq '{COLOR}' and ep/value eq 'green')", ["Clubs"]),
        (f"singleValueExtendedProperties/any(ep: ep/id eq '{COLOR}' and contains(ep/value,'x'))", []),
        (
            f"multiValueExtendedProperties/any(p:p/id eq '{PALETTE}' and p/value/any(v:v eq 'aqua'))",
            ["Clubs"],
        ),
        (f"not singleValueExtendedProperties/any(p:p/id eq '{COLOR}') and displayName eq 'Inbox'", ["Inbox"]),
        (
            f"displayName eq 'Inbox' or singleValueExtendedProperties/any(p:p/id eq '{COLOR}')",
            ["Clubs", "Inbox"],
        ),
    ],
)
def test_folders_are_found_by_them(alex: Graph, clubs: str, text: str, found: list[str]) -> None:
    assert names(alex, text) == found


def test_a_copy_has_them_and_they_survive_a_rebuild(alex: Graph, clubs: str) -> None:
    copied = alex.post(f"{clubs}/copy", json={"destinationId": "archive"}).json()
    alex.book.rebuild()
    for path in (clubs, f"{FOLDERS}/{copied['id']}"):
        assert alex.read(f"{path}?$expand={SINGLE}")["singleValueExtendedProperties"] == [GREEN]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("$expand=singleValueExtendedProperties", 400, "BadRequest"),
        ("$expand=singleValueExtendedProperties($filter=value eq 'x')", 400, "BadRequest"),
        ("$expand=singleValueExtendedProperties($filter=id ne 'x')", 400, "BadRequest"),
        ("$expand=singleValueExtendedProperties($filter=id eq 'x' and id eq 'y')", 400, "BadRequest"),
        (f"$expand={SINGLE[:-1]};$select=nonsense)", 400, "RequestBroker--ParseUri"),
        (f"$expand={SINGLE[:-1]};$top=0)", 400, "BadRequest"),
        (f"$expand={SINGLE[:-1]};$search=x)", 400, "BadRequest"),
        (f"$expand={SINGLE},", 400, "BadRequest"),
        ("$expand=childFolders,childFolders", 400, "BadRequest"),
        ("$expand=messages", 400, "ExpandNotSupported"),
        ("$expand=extensions", 400, "ExpandNotSupported"),
        (f"$expand={SINGLE},attachments", 400, "ExpandNotSupported"),
        ("$filter=categories/any(c:c eq 'x')", 400, "ErrorInvalidUrlQueryFilter"),
        ("$filter=extensions/any(f:f/id eq 'x')", 400, "ErrorInvalidUrlQueryFilter"),
        (
            f"$filter=singleValueExtendedProperties/all(p:p/id eq '{COLOR}')",
            400,
            "ErrorInvalidUrlQueryFilter",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(alex: Graph, query: str, status: int, code: str) -> None:
    alex.refused("GET", f"{FOLDERS}?{query}", status, code)


def test_a_change_whose_answer_cannot_be_made_is_not_made(alex: Graph, clubs: str) -> None:
    for method, path in (("POST", FOLDERS), ("PATCH", clubs)):
        said = {"displayName": "Other"}
        alex.refused(method, f"{path}?$expand=extensions", 400, "ExpandNotSupported", json=said)


def test_what_cannot_be_set_is_refused(alex: Graph, clubs: str) -> None:
    def said(properties: object) -> dict[str, object]:
        return {"displayName": "Other", "singleValueExtendedProperties": properties}

    many = [{"id": COLOR.replace("Color", str(number)), "value": "x"} for number in range(251)]
    for method, path in (("POST", FOLDERS), ("PATCH", clubs)):
        for wrong in (
            [{"id": COLOR, "value": 5}],
            [{"value": "x"}],
            [{"id": COLOR}],
            "x",
            [GREEN | {"a": 1}],
        ):
            alex.refused(method, path, 400, "RequestBodyRead", json=said(wrong))
        alex.refused(method, path, 400, "ErrorInvalidArgument", json=said(many))
    alex.refused("PATCH", f"{FOLDERS}/AAAA", 400, "ErrorInvalidIdMalformed", json=said([GREEN]))


def test_some_of_several_properties_are_shown_as_they_are_asked_for(alex: Graph) -> None:
    """Of messages, too: by several ids, and only their values."""
    other = GREEN | {"id": COLOR.replace("Color", "Shape")}
    draft = alex.draft(singleValueExtendedProperties=[GREEN, other])["id"]
    wanted = f"$filter=id eq '{COLOR}' or id eq '{other['id']}'"
    shown = alex.read(f"/me/messages/{draft}?$expand=singleValueExtendedProperties({wanted};$select=value)")
    twice = alex.draft(singleValueExtendedProperties=[GREEN | {"value": "Red"}, GREEN])["id"]
    once = alex.read(f"/me/messages/{twice}?$expand={SINGLE}")
    assert once["singleValueExtendedProperties"] == [GREEN], "a property has one value"
    assert shown["singleValueExtendedProperties"] == [GREEN, other]
    assert "singleValueExtendedProperties@odata.context" in shown
    extension = {"extensionName": "Com.Contoso.Referral", "deal": 5, "company": "Wingtip Toys"}
    alex.made(f"/me/messages/{draft}/extensions", extension)
    (found,) = alex.read(f"/me/messages/{draft}?$expand=extensions($select=deal)")["extensions"]
    assert set(found) == {"@odata.type", "id", "deal"}
    older = "Microsoft.OutlookServices.OpenTypeExtension.Com.Contoso.Referral"
    by_id = f"/me/messages/{draft}?$expand=extensions($filter=id eq '{older}')"
    assert len(alex.read(by_id)["extensions"]) == 1
    assert alex.read(f"/me/messages/{draft}/extensions/{older}")["deal"] == 5
