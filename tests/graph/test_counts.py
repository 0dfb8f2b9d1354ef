"""How many there are of everything that there are several of, and what small collections belong to."""

from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph

SCOPES = "Mail.ReadWrite MailboxSettings.ReadWrite User.Read.All"
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
RULE = {"displayName": "Old", "sequence": 1, "actions": {"markAsRead": True}}
CATEGORIES, OVERRIDES = "/me/outlook/masterCategories", "/me/inferenceClassification/overrides"


@pytest.fixture
def place() -> str:
    """In memory: nothing here is about files."""
    return ":memory:"


@pytest.fixture
def all_of(alex: Graph) -> Graph:
    """Alex with all scopes that anything here needs."""
    return alex.beta.holding(alex.book.token(ALEX, SCOPES))


def override(address: str) -> dict[str, Any]:
    """Letters of somebody are always other."""
    return {"classifyAs": "other", "senderEmailAddress": {"name": "", "address": address}}


def count(graph: Graph, path: str) -> int:
    """How many there are, as it is told: in plain text."""
    answer = graph.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return int(answer.text)


def test_what_hangs_on_a_message_is_counted(all_of: Graph) -> None:
    mentions = [{"mentioned": {"address": address}} for address in (ADELE, MEGAN)]
    extensions = [{"extensionName": f"com.contoso.{n}", "n": n} for n in range(3)]
    draft = all_of.draft(attachments=[FILE], mentions=mentions, extensions=extensions)
    path = f"/me/messages/{draft['id']}"

    counts = [count(all_of, f"{path}/{what}/$count") for what in ("attachments", "mentions", "extensions")]

    assert counts == [1, 2, 3]
    assert count(all_of, f"{path}/extensions/$count?$filter=id eq 'com.contoso.1'") == 1
    assert count(all_of, f"{path}/mentions/$count?$filter=mentioned/address eq '{ADELE}'") == 1
    assert count(all_of, f"/me/mailFolders/drafts/messages/{draft['id']}/attachments/$count") == 1
    assert count(all_of, f"{path}/attachments/$count?$filter=name ne 'x'&$orderby=size") == 1


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        (CATEGORIES, {"displayName": "Projects"}),
        (OVERRIDES, override(ADELE)),
        ("/me/mailFolders/inbox/messageRules", RULE),
    ],
)
def test_what_an_owner_keeps_is_counted(all_of: Graph, path: str, thing: dict[str, Any]) -> None:
    before = count(all_of, f"{path}/$count")
    all_of.made(path, thing)

    assert count(all_of, f"{path}/$count") == before + 1 == len(all_of.values(path))


def test_only_what_is_asked_for_is_counted(all_of: Graph) -> None:
    for address, classified in ((ADELE, "other"), (MEGAN, "focused")):
        all_of.made(OVERRIDES, override(address) | {"classifyAs": classified})
    for place, name in enumerate(("Old", "New"), 1):
        all_of.made("/me/mailFolders/inbox/messageRules", RULE | {"displayName": name, "sequence": place})

    assert count(all_of, f"{OVERRIDES}/$count?$filter=classifyAs eq 'focused'") == 1
    assert count(all_of, f"{CATEGORIES}/$count?$filter=color eq 'preset0'") == 1
    assert count(all_of, "/me/mailFolders/inbox/messageRules/$count?$filter=sequence gt 1") == 1


def test_only_the_inbox_has_rules_to_count(all_of: Graph) -> None:
    all_of.refused("GET", "/me/mailFolders/drafts/messageRules/$count", 400, "BadRequest")


def test_people_are_counted(all_of: Graph) -> None:
    assert count(all_of, "/users/$count") == 3
    assert count(all_of, "/users/$count?$filter=startswith(displayName,'A')") == 2
    assert count(all_of.saying(ConsistencyLevel="eventual"), '/users/$count?$search="displayName:Megan"') == 1


def test_whoever_may_not_list_may_not_count(alex: Graph) -> None:
    reader = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    path = f"/me/messages/{alex.draft()['id']}"

    for each in (f"{path}/attachments", f"{path}/extensions", CATEGORIES, OVERRIDES, "/users"):
        reader.refused("GET", f"{each}/$count", 403, "ErrorAccessDenied")


def test_nothing_is_counted_of_a_message_that_is_not_there(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    alex.delete(path)

    for what in ("attachments", "extensions"):
        alex.refused("GET", f"{path}/{what}/$count", 404, "ErrorItemNotFound")


def test_nothing_is_written_to_a_count(all_of: Graph) -> None:
    all_of.refused("DELETE", f"{CATEGORIES}/$count", 405, "BadRequest")


# --- What they belong to ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["outlook", "inferenceClassification"])
def test_what_a_collection_belongs_to_says_whose_it_is(all_of: Graph, path: str) -> None:
    me = all_of.read("/me")["id"]

    assert all_of.read(f"/me/{path}") == {
        "@odata.context": f"https://graph.microsoft.com/beta/$metadata#users('{me}')/{path}/$entity",
        "id": me,
    }


@pytest.mark.parametrize("path", [CATEGORIES, OVERRIDES])
def test_a_collection_is_shown_inside_what_it_belongs_to(all_of: Graph, path: str) -> None:
    all_of.made(OVERRIDES, override(ADELE))
    around, _, name = path.rpartition("/")

    shown = all_of.read(f"{around}?$expand={name}($count=true)&$select=id")

    assert shown[name] == all_of.values(path) != []
    assert shown[f"{name}@odata.count"] == len(shown[name])
    assert shown[f"{name}@odata.context"].endswith(f"{around.removeprefix('/me')}/{name}")


def test_of_what_is_inside_a_part_can_be_asked_for(all_of: Graph) -> None:
    for address in (ADELE, MEGAN):
        all_of.made(OVERRIDES, override(address))
    asked = f"$filter=senderEmailAddress/address eq '{ADELE}';$select=classifyAs"

    (one,) = all_of.read(f"/me/inferenceClassification?$expand=overrides({asked})")["overrides"]

    assert set(one) == {"id", "classifyAs"}
    (red,) = all_of.read("/me/outlook?$expand=masterCategories($filter=color eq 'preset0')")[
        "masterCategories"
    ]
    assert red["color"] == "preset0"


def test_nothing_else_is_inside(all_of: Graph) -> None:
    all_of.refused("GET", "/me/outlook?$expand=overrides", 400, "ExpandNotSupported")
    all_of.refused("GET", "/me/inferenceClassification?$expand=messages", 400, "ExpandNotSupported")
    all_of.refused("GET", "/me/outlook?$select=color", 400, "RequestBroker--ParseUri")
