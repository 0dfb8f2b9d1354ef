"""Search folders: they show what is kept elsewhere, as it is at the moment of looking."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.graph.client import ADELE, Graph, to

SEARCH = "#microsoft.graph.mailSearchFolder"
ANALYTICS = {
    "@odata.type": "microsoft.graph.mailSearchFolder",
    "displayName": "Get MyAnalytics",
    "includeNestedFolders": True,
    "filterQuery": "contains(subject, 'MyAnalytics')",
}


def folder(graph: Graph, name: str, parent: str) -> str:
    """The id of a new folder."""
    return str(graph.made(f"/me/mailFolders/{parent}/childFolders", {"displayName": name})["id"])


def filed(graph: Graph, place: str, subject: str, **said: Any) -> str:
    """The id of a new message in a folder."""
    return str(graph.made(f"/me/mailFolders/{place}/messages", {"subject": subject} | said)["id"])


def searching(graph: Graph, *sources: str, parent: str = "searchfolders", **said: Any) -> dict[str, Any]:
    """A new search folder."""
    body = ANALYTICS | {"sourceFolderIds": list(sources)} | said
    return graph.made(f"/me/mailFolders/{parent}/childFolders", body)


def subjects(graph: Graph, path: str) -> list[str]:
    """The subjects of the messages in a list, sorted."""
    return sorted(message["subject"] for message in graph.values(path))


@pytest.fixture
def mail(alex: Graph) -> dict[str, str]:
    """Messages about MyAnalytics and others: in the Inbox, in Projects below it, and in Archive."""
    projects = folder(alex, "Projects", "inbox")
    filed(alex, "inbox", "MyAnalytics | January", isRead=False)
    filed(alex, "inbox", "Lunch")
    filed(alex, projects, "myanalytics | February")
    filed(alex, "archive", "MyAnalytics | Last year", isRead=False)
    return {"projects": projects}


# --- What it shows ---------------------------------------------------------------------------------


def test_a_search_folder_says_what_it_looks_for(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox")
    root = alex.read("/me/mailFolders/searchfolders")["id"]
    assert list(made)[1] == "@odata.type"
    path = f"/me/mailFolders/{made['id']}"
    assert alex.read(path) == made
    for name in ("@odata.context", "id"):
        del made[name]
    assert made == {
        "@odata.type": SEARCH,
        "displayName": "Get MyAnalytics",
        "parentFolderId": root,
        "childFolderCount": 0,
        "unreadItemCount": 1,
        "totalItemCount": 2,
        "isHidden": False,
        "isSupported": True,
        "includeNestedFolders": True,
        "sourceFolderIds": [alex.read("/me/mailFolders/inbox")["id"]],
        "filterQuery": "contains(subject, 'MyAnalytics')",
    }
    beta = alex.beta.read(path)
    assert list(beta)[-6:-4] == ["wellKnownName", "isHidden"]


def test_it_shows_what_its_folders_hold_and_nothing_else(alex: Graph, mail: dict[str, str]) -> None:
    nested = searching(alex, "inbox")["id"]
    flat = searching(alex, "inbox", displayName="Flat", includeNestedFolders=False)["id"]
    both = searching(alex, "archive", mail["projects"], displayName="Both")["id"]
    path = "/me/mailFolders/{}/messages"
    january, february, last = "MyAnalytics | January", "myanalytics | February", "MyAnalytics | Last year"
    assert subjects(alex, path.format(nested)) == [january, february]
    assert subjects(alex, path.format(flat)) == [january]
    assert subjects(alex, path.format(both)) == [last, february]
    everything = searching(alex, "msgfolderroot", displayName="Everything")["id"]
    assert subjects(alex, path.format(everything)) == [january, last, february]


def test_it_shows_things_as_they_are_now(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox")["id"]
    path = f"/me/mailFolders/{made}"
    new = filed(alex, mail["projects"], "MyAnalytics | March", isRead=False)
    assert (alex.read(path)["totalItemCount"], alex.read(path)["unreadItemCount"]) == (3, 2)
    alex.changed(f"/me/messages/{new}", {"isRead": True})
    assert alex.read(path)["unreadItemCount"] == 1
    alex.changed(f"/me/messages/{new}", {"subject": "Lunch again"})
    assert alex.read(path)["totalItemCount"] == 2
    alex.post(f"/me/mailFolders/{mail['projects']}/move", json={"destinationId": "archive"})
    assert subjects(alex, f"{path}/messages") == ["MyAnalytics | January"]
    alex.post(f"/me/mailFolders/{mail['projects']}/move", json={"destinationId": "inbox"})
    assert alex.read(path)["totalItemCount"] == 2
    alex.post(f"/me/mailFolders/{mail['projects']}/permanentDelete")
    assert subjects(alex, f"{path}/messages") == ["MyAnalytics | January"]


def test_its_messages_are_listed_like_any_others(alex: Graph, mail: dict[str, str]) -> None:
    for number in range(12):
        filed(alex, mail["projects"], f"MyAnalytics {number:02}", isRead=number % 2 == 0)
    path = f"/me/mailFolders/{searching(alex, 'inbox')['id']}/messages"
    pages = alex.walk(f"{path}?$top=6")
    assert [len(page) for page in pages] == [6, 6, 2]
    assert len({message["id"] for page in pages for message in page}) == 14
    assert alex.read(f"{path}?$count=true")["@odata.count"] == 14
    assert alex.get(f"{path}/$count").text == "14"
    assert alex.get(f"{path}/$count?$filter=isRead eq false").text == "7"
    unread = alex.walk(f"{path}?$filter=isRead eq false&$top=4&$select=subject")
    assert [len(page) for page in unread] == [4, 3]
    by_subject = alex.values(f"{path}?$orderby=subject desc&$top=2")
    assert [each["subject"] for each in by_subject] == ["MyAnalytics | January", "myanalytics | February"]
    newest = alex.values(path)[0]
    assert newest["parentFolderId"] == mail["projects"]


def test_its_messages_are_searched_by_words(alex: Graph, mail: dict[str, str]) -> None:
    filed(alex, "inbox", "February lunch")
    either = "contains(subject,'MyAnalytics') and (isRead eq true or not (importance eq 'low'))"
    for text in (str(ANALYTICS["filterQuery"]), either):
        made = searching(alex, "inbox", displayName=text[:40], filterQuery=text)["id"]
        path = f"/me/mailFolders/{made}/messages"
        assert subjects(alex, f'{path}?$search="february"') == ["myanalytics | February"]
        assert subjects(alex, f'{path}?$search="lunch"') == []
        assert subjects(alex, f'{path}?$search="january OR february"') == [
            "MyAnalytics | January",
            "myanalytics | February",
        ]
        assert alex.get(f'{path}/$count?$search="NOT february"').text == "1"
        pages = alex.walk(f'{path}?$search="january OR february"&$top=1')
        assert [len(page) for page in pages] == [1, 1]


def test_a_message_is_read_and_changed_through_a_search_folder_that_finds_it(
    alex: Graph, mail: dict[str, str]
) -> None:
    path = f"/me/mailFolders/{searching(alex, 'inbox')['id']}/messages"
    (found, _) = sorted(alex.values(path), key=lambda each: str(each["subject"]))
    assert alex.read(f"{path}/{found['id']}")["subject"] == "MyAnalytics | January"
    assert alex.changed(f"{path}/{found['id']}", {"isRead": True})["isRead"]
    (lunch,) = [each for each in alex.values("/me/messages") if each["subject"] == "Lunch"]
    alex.refused("GET", f"{path}/{lunch['id']}", 404, "ErrorItemNotFound")
    assert alex.delete(f"{path}/{found['id']}").status_code == 204
    alex.refused("GET", f"{path}/{found['id']}", 404, "ErrorItemNotFound")


def test_what_it_finds_is_marked_at_once(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox", "archive")["id"]
    path = f"/me/mailFolders/{made}/updateAllMessagesReadState"
    assert alex.beta.post(path, json={"isRead": True}).status_code == 204
    assert alex.read(f"/me/mailFolders/{made}")["unreadItemCount"] == 0
    assert alex.beta.post(path, json={"isRead": False}).status_code == 204
    assert alex.read(f"/me/mailFolders/{made}")["unreadItemCount"] == 3
    assert alex.read("/me/mailFolders/inbox")["unreadItemCount"] == 1


def test_search_folders_are_listed_with_others(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox", parent="inbox")["id"]
    projects, analytics = sorted(
        alex.values("/me/mailFolders/inbox/childFolders"), key=lambda each: "@odata.type" in each
    )
    assert (projects["displayName"], analytics["@odata.type"]) == ("Projects", SEARCH)
    assert analytics["totalItemCount"] == 2
    cast = "microsoft.graph.mailSearchFolder/filterQuery"
    chosen = alex.values(
        f"/me/mailFolders/inbox/childFolders?$select=displayName,{cast}&$filter=id eq '{made}'"
    )
    assert chosen == [
        {
            "@odata.type": SEARCH,
            "id": made,
            "displayName": "Get MyAnalytics",
            "filterQuery": "contains(subject, 'MyAnalytics')",
        }
    ]
    alex.refused("GET", "/me/mailFolders?$select=filterQuery", 400, "RequestBroker--ParseUri")
    found = quote("unreadItemCount eq 1 and totalItemCount eq 2")
    assert [each["id"] for each in alex.values(f"/me/mailFolders/inbox/childFolders?$filter={found}")] == [
        made
    ]


def test_views_made_again_still_know_what_is_looked_for(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox")["id"]
    alex.changed(f"/me/mailFolders/{made}", {"@odata.type": SEARCH, "filterQuery": "isRead eq false"})
    before = alex.read(f"/me/mailFolders/{made}")
    assert all(rebuilt.equal for rebuilt in alex.book.rebuild(verify=True))
    assert alex.read(f"/me/mailFolders/{made}") == before


def test_a_search_folder_finds_what_hangs_on_messages(alex: Graph) -> None:
    """By a category, in words as well, and as the messages change."""
    filed(alex, "archive", "Red lunch", categories=["Red category"])
    filed(alex, "archive", "Red supper", categories=["Red category"], isRead=False)
    plain = filed(alex, "archive", "Plain lunch")
    made = searching(alex, "archive", filterQuery="categories/any(c:c eq 'red category')")
    path = f"/me/mailFolders/{made['id']}"
    assert (made["isSupported"], made["totalItemCount"], made["unreadItemCount"]) == (True, 2, 1)
    assert subjects(alex, f"{path}/messages") == ["Red lunch", "Red supper"]
    assert subjects(alex, f'{path}/messages?$search="lunch"') == ["Red lunch"]
    alex.changed(f"/me/messages/{plain}", {"categories": ["RED CATEGORY"]})
    assert subjects(alex, f'{path}/messages?$search="lunch"') == ["Plain lunch", "Red lunch"]
    assert subjects(alex, f"{path}/messages?$filter=isRead eq false") == ["Red supper"]


# --- Changing --------------------------------------------------------------------------------------


def test_a_search_folder_can_look_for_something_else(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox")
    path = f"/me/mailFolders/{made['id']}"
    said = {"@odata.type": "microsoft.graph.mailSearchFolder", "filterQuery": "contains(subject, 'Lunch')"}
    after = alex.changed(path, said)
    changed = {"filterQuery": "contains(subject, 'Lunch')", "unreadItemCount": 0, "totalItemCount": 1}
    assert after == made | changed
    assert subjects(alex, f"{path}/messages") == ["Lunch"]
    everything = {
        "@odata.type": SEARCH,
        "displayName": "Elsewhere",
        "includeNestedFolders": False,
        "sourceFolderIds": ["Archive", mail["projects"], "archive"],
        "filterQuery": "isRead eq false",
    }
    after = alex.changed(path, everything)
    archive = alex.read("/me/mailFolders/archive")["id"]
    assert after == made | everything | {
        "@odata.type": SEARCH,
        "sourceFolderIds": [archive, mail["projects"]],
        "unreadItemCount": 1,
        "totalItemCount": 1,
    }


def test_only_its_name_can_be_changed_without_naming_its_type(alex: Graph) -> None:
    made = searching(alex, "inbox")["id"]
    path = f"/me/mailFolders/{made}"
    assert alex.changed(path, {"displayName": "Other"})["@odata.type"] == SEARCH
    alex.refused("PATCH", path, 400, "RequestBodyRead", json={"filterQuery": "isRead eq false"})
    only_name = alex.changed(path, {"@odata.type": SEARCH, "displayName": "Another"})
    assert (only_name["displayName"], only_name["filterQuery"]) == ("Another", ANALYTICS["filterQuery"])


BAD: list[tuple[dict[str, object], int, str]] = [
    ({"filterQuery": "subject eq"}, 400, "BadRequest"),
    ({"filterQuery": ""}, 400, "BadRequest"),
    ({"filterQuery": "colour eq 'red'"}, 400, "RequestBroker--ParseUri"),
    ({"filterQuery": "subject eq '" + "x" * 4096 + "'"}, 400, "InefficientFilter"),
    ({"filterQuery": 5}, 400, "RequestBodyRead"),
    ({"sourceFolderIds": []}, 400, "ErrorInvalidArgument"),
    ({"sourceFolderIds": "inbox"}, 400, "RequestBodyRead"),
    ({"sourceFolderIds": ["nonsense"]}, 400, "ErrorInvalidIdMalformed"),
    ({"includeNestedFolders": "perhaps"}, 400, "RequestBodyRead"),
]


@pytest.mark.parametrize(("wrong", "status", "code"), BAD, ids=lambda value: str(value)[:50])
def test_what_cannot_be_looked_for_is_refused(
    alex: Graph, wrong: dict[str, object], status: int, code: str
) -> None:
    said = ANALYTICS | {"sourceFolderIds": ["inbox"]} | wrong
    alex.refused("POST", "/me/mailFolders/searchfolders/childFolders", status, code, json=said)
    path = f"/me/mailFolders/{searching(alex, 'inbox')['id']}"
    alex.refused("PATCH", path, status, code, json={"@odata.type": SEARCH} | wrong)


def test_a_search_needs_folders_that_are_there_and_hold_something(alex: Graph) -> None:
    made, gone = searching(alex, "inbox")["id"], folder(alex, "Gone", "inbox")
    alex.post(f"/me/mailFolders/{gone}/permanentDelete")
    path = "/me/mailFolders/searchfolders/childFolders"
    for source, status, code in (
        (gone, 404, "ErrorItemNotFound"),
        (made, 400, "ErrorInvalidFolderTypeForOperation"),
    ):
        said = ANALYTICS | {"displayName": "Other", "sourceFolderIds": ["inbox", source]}
        alex.refused("POST", path, status, code, json=said)
    for missing in ("sourceFolderIds", "filterQuery"):
        said = {k: v for k, v in (ANALYTICS | {"sourceFolderIds": ["inbox"]}).items() if k != missing}
        alex.refused("POST", path, 400, "ErrorInvalidArgument", json=said | {"displayName": "Other"})


def test_an_ordinary_folder_never_becomes_a_search_folder(alex: Graph) -> None:
    plain = folder(alex, "Plain", "inbox")
    for name in (plain, "inbox"):
        said = {"@odata.type": SEARCH, "sourceFolderIds": ["inbox"], "filterQuery": "isRead eq false"}
        code = "ErrorInvalidFolderTypeForOperation"
        alex.refused("PATCH", f"/me/mailFolders/{name}", 400, code, json=said)
        name_only = {"@odata.type": SEARCH, "displayName": "Other"}
        alex.refused("PATCH", f"/me/mailFolders/{name}", 400, code, json=name_only)


# --- Nothing is in it ------------------------------------------------------------------------------


def test_nothing_is_put_into_a_search_folder(alex: Graph, mail: dict[str, str]) -> None:
    made, draft = searching(alex, "inbox")["id"], alex.draft()["id"]
    path, code = f"/me/mailFolders/{made}", "ErrorInvalidFolderTypeForOperation"
    letter = {"subject": "MyAnalytics", "toRecipients": to(ADELE)}
    alex.refused("POST", f"{path}/messages", 400, code, json=letter)
    for action in ("move", "copy"):
        said = {"destinationId": made}
        alex.refused("POST", f"/me/messages/{draft}/{action}", 400, code, json=said)
        other = f"/me/mailFolders/{mail['projects']}/{action}"
        alex.refused("POST", other, 403, "ErrorCreateSubfolderAccessDenied", json=said)
    below = {"displayName": "Below"}
    alex.refused("POST", f"{path}/childFolders", 403, "ErrorCreateSubfolderAccessDenied", json=below)


@pytest.mark.parametrize("how", ["delete", "permanentDelete"])
def test_a_search_folder_goes_and_leaves_what_it_found(alex: Graph, mail: dict[str, str], how: str) -> None:
    path = f"/me/mailFolders/{searching(alex, 'inbox')['id']}"
    answer = alex.delete(path) if how == "delete" else alex.post(f"{path}/permanentDelete")
    assert answer.status_code == 204
    alex.refused("GET", path, 404, "ErrorItemNotFound")
    assert len(alex.values("/me/messages")) == 4
    assert alex.values("/me/mailFolders/deleteditems/childFolders") == []


def test_a_search_folder_is_copied_and_moved(alex: Graph, mail: dict[str, str]) -> None:
    made = searching(alex, "inbox")["id"]
    copied = alex.post(f"/me/mailFolders/{made}/copy", json={"destinationId": "archive"}).json()
    assert (copied["@odata.type"], copied["totalItemCount"]) == (SEARCH, 2)
    moved = alex.post(f"/me/mailFolders/{made}/move", json={"destinationId": "inbox"}).json()
    assert (moved["id"], moved["totalItemCount"]) == (made, 2)
    assert len(alex.values("/me/messages")) == 4


def test_a_search_folder_that_nobody_can_read_any_more_says_so(
    alex: Graph, mail: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = searching(alex, "inbox")["id"]
    monkeypatch.setattr("letterbook.adapters.graph.search_folders.understood", lambda _: None)
    shown = alex.read(f"/me/mailFolders/{made}")
    assert (shown["isSupported"], shown["totalItemCount"]) == (False, 0)
    assert alex.values(f"/me/mailFolders/{made}/messages") == []
