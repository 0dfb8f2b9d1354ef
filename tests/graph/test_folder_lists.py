"""Lists of folders: chosen, sorted, cut, counted, with those below; and paths through folders."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.graph.client import Graph

BORN_VISIBLE = [
    *("Archive", "Conversation History", "Deleted Items", "Drafts"),
    *("Inbox", "Junk Email", "Outbox", "Sent Items"),
]


def folder(graph: Graph, name: str, parent: str = "inbox", **said: Any) -> str:
    """The id of a new folder."""
    path = f"/me/mailFolders/{parent}/childFolders"
    return str(graph.made(path, {"displayName": name} | said)["id"])


def names(graph: Graph, path: str) -> list[str]:
    """The names of the folders in a list."""
    return [each["displayName"] for each in graph.values(path)]


def asked(**options: str) -> str:
    """Query options, as clients write them."""
    return "&".join(f"${name}={quote(value)}" for name, value in options.items())


@pytest.fixture
def clubs(alex: Graph) -> str:
    """Clubs in the Inbox; below it Chess with two unread drafts, Tennis, and a hidden one."""
    clubs = folder(alex, "Clubs")
    chess = folder(alex, "Chess", clubs)
    folder(alex, "Tennis", clubs)
    folder(alex, "Secret", clubs, isHidden=True)
    folder(alex, "Openings", chess)
    for _ in range(2):
        alex.made(f"/me/mailFolders/{chess}/messages", {"subject": "Move", "isRead": False})
    alex.made(f"/me/mailFolders/{chess}/messages", {"subject": "Draw"})
    return clubs


# --- Filter and order ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("displayName eq 'chess'", ["Chess"]),
        ("displayName ne 'CHESS'", ["Tennis"]),
        ("displayName gt 'd'", ["Tennis"]),
        ("displayName in ('tennis', 'golf')", ["Tennis"]),
        ("startswith(displayName, 'ch')", ["Chess"]),
        ("endswith(displayName,'IS')", ["Tennis"]),
        ("contains(displayName,'s')", ["Chess", "Tennis"]),
        ("totalItemCount gt 2", ["Chess"]),
        ("totalItemCount ge 0 and unreadItemCount lt 1", ["Tennis"]),
        ("unreadItemCount eq 2 or childFolderCount eq 5", ["Chess"]),
        ("childFolderCount le 0", ["Tennis"]),
        ("not (childFolderCount eq 0)", ["Chess"]),
        ("isHidden eq false", ["Chess", "Tennis"]),
        ("isHidden", []),
        ("wellKnownName eq null", ["Chess", "Tennis"]),
        ("wellKnownName ne null", []),
        ("wellKnownName gt 'a'", []),
        ("totalItemCount in (0, 3)", ["Chess", "Tennis"]),
        ("displayName eq 'it''s'", []),
    ],
)
def test_folders_are_chosen(alex: Graph, clubs: str, text: str, found: list[str]) -> None:
    path = f"/me/mailFolders/{clubs}/childFolders"
    assert names(alex.beta, f"{path}?{asked(filter=text)}") == found
    assert alex.beta.get(f"{path}/$count?{asked(filter=text)}").text == str(len(found))
    page = alex.beta.read(f"{path}?{asked(filter=text, count='true', top='1')}")
    assert page["@odata.count"] == len(found)


def test_a_folder_is_found_by_its_id_exactly(alex: Graph, clubs: str) -> None:
    inbox = alex.read("/me/mailFolders/inbox")["id"]
    path = "/me/mailFolders/inbox/childFolders"
    for text, found in (
        (f"id eq '{clubs}'", ["Clubs"]),
        (f"id eq '{clubs.swapcase()}'", []),
        (f"parentFolderId eq '{inbox}'", ["Clubs"]),
    ):
        assert names(alex, f"{path}?{asked(filter=text)}") == found


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("subject eq 'x'", 400, "RequestBroker--ParseUri"),
        ("displayName eq 5", 400, "BadRequest"),
        ("totalItemCount eq '5'", 400, "BadRequest"),
        ("totalItemCount eq true", 400, "BadRequest"),
        ("isHidden gt false", 400, "BadRequest"),
        ("totalItemCount gt null", 400, "BadRequest"),
        ("startswith(totalItemCount, 'x')", 400, "BadRequest"),
        ("startswith(displayName, null)", 400, "BadRequest"),
        ("'x' eq displayName", 400, "BadRequest"),
        ("displayName eq displayName", 400, "BadRequest"),
        ("length(displayName) eq 5", 400, "ErrorInvalidUrlQueryFilter"),
        ("displayName", 400, "BadRequest"),
        ("displayName eq", 400, "BadRequest"),
        ("", 400, "BadRequest"),
        ("messages/any(m:m/isRead eq false)", 400, "ErrorInvalidUrlQueryFilter"),
        ("(" * 60 + "isHidden" + ")" * 60, 200, ""),
        ("not (" * 60 + "isHidden" + ")" * 60, 400, "InefficientFilter"),
        ("displayName eq '" + "x" * 4096 + "'", 400, "InefficientFilter"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_conditions_that_make_no_sense_are_refused(alex: Graph, text: str, status: int, code: str) -> None:
    path = f"/me/mailFolders?{asked(filter=text)}"
    if status == 200:
        alex.read(path)
    else:
        alex.refused("GET", path, status, code)


def test_folders_are_sorted_by_name_unless_told_otherwise(alex: Graph, clubs: str) -> None:
    folder(alex, "ärger", clubs)
    folder(alex, "archery", clubs)
    path = f"/me/mailFolders/{clubs}/childFolders"
    by_name = ["archery", "Chess", "Tennis", "ärger"]
    assert names(alex, path) == names(alex, f"{path}?$orderby=displayName") == by_name
    assert names(alex, f"{path}?$orderby=displayname desc") == by_name[::-1]
    by_count = names(alex, f"{path}?$orderby=totalItemCount desc,displayName desc")
    assert by_count == ["Chess", "ärger", "Tennis", "archery"]
    names(alex.beta, "/me/mailFolders?$orderby=wellKnownName,isHidden asc,id")


@pytest.mark.parametrize("text", ["subject", "displayName up", "", "displayName desc desc", "displayName,"])
def test_orders_that_make_no_sense_are_refused(alex: Graph, text: str) -> None:
    code = "RequestBroker--ParseUri" if text == "subject" else "BadRequest"
    alex.refused("GET", f"/me/mailFolders?{asked(orderby=text)}", 400, code)


def test_a_chosen_and_sorted_list_has_pages(alex: Graph, clubs: str) -> None:
    for number in range(12):
        folder(alex, f"Club {number:02}", clubs)
    query = asked(filter="startswith(displayName,'club')", orderby="displayName desc", top="5")
    pages = alex.walk(f"/me/mailFolders/{clubs}/childFolders?{query}")
    shown = [[each["displayName"] for each in page] for page in pages]
    assert [len(page) for page in shown] == [5, 5, 2]
    found = [name for page in shown for name in page]
    assert found == [f"Club {number:02}" for number in range(11, -1, -1)]
    assert names(alex, f"/me/mailFolders/{clubs}/childFolders?{query}&$skip=10") == ["Club 01", "Club 00"]


def test_folders_are_not_searched(alex: Graph) -> None:
    alex.refused("GET", '/me/mailFolders?$search="x"', 400, "BadRequest")


def test_folders_are_counted(alex: Graph, clubs: str) -> None:
    assert alex.get("/me/mailFolders/$count").text == "8"
    answer = alex.get(f"/me/mailFolders/{clubs}/childFolders/$count")
    assert (answer.text, answer.headers["content-type"].partition(";")[0]) == ("2", "text/plain")
    hidden_too = f"/me/mailFolders/{clubs}/childFolders/$count?includeHiddenFolders=true"
    assert alex.get(hidden_too).text == "3"
    alex.post(f"/me/mailFolders/{clubs}/permanentDelete")
    alex.refused("GET", f"/me/mailFolders/{clubs}/childFolders/$count", 404, "ErrorItemNotFound")


# --- Folders inside folders ------------------------------------------------------------------------


def test_the_folders_below_come_along(alex: Graph, clubs: str) -> None:
    page = alex.read("/me/mailFolders?$expand=childFolders&$top=5")
    assert page["@odata.context"].endswith("/mailFolders(childFolders())")
    (inbox,) = [each for each in page["value"] if each["displayName"] == "Inbox"]
    assert [each["displayName"] for each in inbox["childFolders"]] == ["Clubs"]
    context = inbox["childFolders@odata.context"]
    assert context.endswith(f"/mailFolders('{inbox['id'].replace('=', '%3D')}')/childFolders")
    (archive, *_) = page["value"]
    assert archive["childFolders"] == []
    one = alex.read(f"/me/mailFolders/{clubs}?$select=displayName&$expand=childFolders")
    assert [each["displayName"] for each in one["childFolders"]] == ["Chess", "Tennis"]
    assert one["@odata.context"].endswith("/mailFolders(displayName,childFolders())/$entity")
    assert "totalItemCount" not in one


def test_the_folders_below_are_chosen_too(alex: Graph, clubs: str) -> None:
    inner = (
        "childFolders($select=displayName;$filter=contains(displayName,'s;s') or totalItemCount gt 0;"
        "$orderby=displayName desc;$count=true;$expand=childFolders($select=displayName))"
    )
    one = alex.read(f"/me/mailFolders/{clubs}?{asked(expand=inner)}")
    (chess,) = one["childFolders"]
    assert one["childFolders@odata.count"] == 1
    assert {name for name in chess if "@" not in name} == {"id", "displayName", "childFolders"}
    (openings,) = chess["childFolders"]
    assert set(openings) == {"id", "displayName"}
    assert one["@odata.context"].endswith(
        "/mailFolders(childFolders(displayName,childFolders(displayName)))/$entity"
    )


def test_hidden_folders_come_along_on_request(alex: Graph, clubs: str) -> None:
    path = f"/me/mailFolders/{clubs}?$expand=childFolders($top=2)&includeHiddenFolders=true"
    one = alex.read(path)
    assert [each["displayName"] for each in one["childFolders"]] == ["Chess", "Secret"]
    rest = alex.read(one["childFolders@odata.nextLink"])
    assert [each["displayName"] for each in rest["value"]] == ["Tennis"]
    assert one["childFolderCount"] == 2


def test_more_folders_below_than_fit_are_linked(alex: Graph) -> None:
    for number in range(12):
        folder(alex, f"Club {number:02}", "archive")
    (archive,) = alex.values("/me/mailFolders?$top=1&$expand=childFolders($select=displayName)")
    assert len(archive["childFolders"]) == 10
    rest = alex.walk(archive["childFolders@odata.nextLink"])
    assert [[each["displayName"] for each in page] for page in rest] == [["Club 10", "Club 11"]]
    assert set(rest[0][0]) == {"id", "displayName"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("messages", "ExpandNotSupported"),
        ("attachments", "ExpandNotSupported"),
        ("childFolders,messageRules", "ExpandNotSupported"),
        ("childFolders(subject)", "BadRequest"),
        ("childFolders(select=displayName)", "BadRequest"),
        ("childFolders($select=subject)", "RequestBroker--ParseUri"),
        ("childFolders($top=0)", "BadRequest"),
        ("childFolders($levels=2)", "BadRequest"),
        ("childFolders($search='x')", "BadRequest"),
        ("childFolders($filter=displayName eq 'x)", "BadRequest"),
        ("childFolders($top=1))", "BadRequest"),
        ("childFolders($expand=" * 12 + "childFolders" + ")" * 12, "BadRequest"),
        ("", "ExpandNotSupported"),
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_come_along_is_refused(alex: Graph, text: str, code: str) -> None:
    for path in ("/me/mailFolders", "/me/mailFolders/inbox", "/me/mailFolders/inbox/childFolders"):
        alex.refused("GET", f"{path}?{asked(expand=text)}", 400, code)


# --- Paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyed", ["/{}".format, "('{}')".format], ids=["slash", "parentheses"])
def test_a_path_leads_through_any_number_of_folders(
    alex: Graph, clubs: str, keyed: Callable[[str], str]
) -> None:
    path, parent = f"/me/mailFolders{keyed('Inbox')}/childFolders{keyed(clubs)}", clubs
    for number in range(12):
        parent = folder(alex, f"Level {number}", parent)
        path += f"/ChildFolders{keyed(parent)}"
        assert alex.read(path)["displayName"] == f"Level {number}"
    message = alex.made(f"{path}/messages", {"subject": "Deep"})
    assert message["parentFolderId"] == parent
    assert [each["id"] for each in alex.values(f"{path}/messages")] == [message["id"]]
    assert alex.read(f"{path}/messages{keyed(message['id'])}")["subject"] == "Deep"
    assert alex.get(f"{path}/messages/$count").text == "1"
    assert alex.values(f"{path}/messages{keyed(message['id'])}/attachments") == []
    assert alex.made(f"{path}/childFolders", {"displayName": "Deeper"})["parentFolderId"] == parent
    assert names(alex, f"{path}/childFolders") == ["Deeper"]
    assert alex.changed(path, {"displayName": "Renamed"})["displayName"] == "Renamed"
    assert alex.post(f"{path}/copy", json={"destinationId": "archive"}).status_code == 200
    assert alex.delete(path).status_code == 204
    alex.refused("GET", path, 404, "ErrorItemNotFound")


def test_a_path_through_the_wrong_folder_leads_nowhere(alex: Graph, clubs: str) -> None:
    for path in (
        f"/me/mailFolders/archive/childFolders/{clubs}",
        f"/me/mailFolders/msgfolderroot/childFolders/inbox/childFolders/inbox/childFolders/{clubs}",
        f"/me/mailFolders/{clubs}/childFolders/{clubs}",
    ):
        for below in ("", "/messages", "/childFolders"):
            alex.refused("GET", path + below, 404, "ErrorItemNotFound")
        alex.refused("POST", f"{path}/permanentDelete", 404, "ErrorItemNotFound")
        alex.refused("DELETE", path, 404, "ErrorItemNotFound")
        alex.refused("PATCH", path, 404, "ErrorItemNotFound", json={"displayName": "x"})
    through_root = f"/me/mailFolders/msgfolderroot/childFolders/inbox/childFolders/{clubs}"
    assert alex.read(through_root)["displayName"] == "Clubs"
    alex.refused("GET", f"/me/mailFolders/nonsense/childFolders/{clubs}", 400, "ErrorInvalidIdMalformed")


# --- Making ----------------------------------------------------------------------------------------


def test_a_new_folder_says_where_it_is(alex: Graph) -> None:
    answer = alex.post("/me/mailFolders", json={"displayName": "Clubs"})
    assert answer.status_code == 201
    assert alex.read(answer.headers["location"])["id"] == answer.json()["id"]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 400, "ErrorInvalidArgument"),
        ({"displayName": None}, 400, "ErrorInvalidArgument"),
        ({"displayName": "x" * 256}, 400, "ErrorInvalidArgument"),
        ({"displayName": "x", "isHidden": "yes"}, 400, "RequestBodyRead"),
        ({"displayName": "x", "colour": "red"}, 400, "RequestBodyRead"),
        ({"displayName": "x", "@odata.type": "#microsoft.graph.message"}, 400, "RequestBodyRead"),
        ({"displayName": "x", "sourceFolderIds": ["inbox"]}, 400, "RequestBodyRead"),
        ("x", 400, "RequestBodyRead"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_folder_is_not_made_like_that(alex: Graph, said: object, status: int, code: str) -> None:
    for path in ("/me/mailFolders", "/me/mailFolders/inbox/childFolders"):
        alex.refused("POST", path, status, code, json=said)


def test_what_only_the_server_knows_is_passed_over_when_a_folder_is_made(alex: Graph) -> None:
    said = {
        "@odata.type": "#microsoft.graph.mailFolder",
        "displayName": "Clubs",
        "id": None,
        "totalItemCount": 99,
        "wellKnownName": "inbox",
    }
    made = alex.beta.made("/me/mailFolders", said)
    assert (made["totalItemCount"], made["wellKnownName"]) == (0, None)
