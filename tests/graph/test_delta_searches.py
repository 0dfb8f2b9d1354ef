"""What changed in a search folder: messages enter and leave it by whatever happens to them."""

from typing import Any

import pytest

from letterbook.application import following, message_changes
from tests.graph.client import ALEX, BASE, Graph
from tests.graph.follower import FOLDERS, Follower, follow, removed

MOVE = {"destinationId": "archive"}


def searching(alex: Graph, condition: str = "isRead eq false", **said: Any) -> str:
    """The path of a search folder for what is unread in the Inbox and in Archive."""
    usual = {"displayName": "Found", "includeNestedFolders": False, "sourceFolderIds": ["inbox", "archive"]}
    kind = {"@odata.type": "microsoft.graph.mailSearchFolder", "filterQuery": condition}
    return f"{FOLDERS}/{alex.made(f'{FOLDERS}/searchfolders/childFolders', usual | kind | said)['id']}"


def filed(alex: Graph, folder: str, **said: Any) -> str:
    """The id of a new unread message in a folder."""
    return str(alex.made(f"{FOLDERS}/{folder}/messages", {"isRead": False} | said)["id"])


def ids(page: list[dict[str, Any]]) -> list[str]:
    """What a page tells of that is there."""
    return [each["id"] for each in page if "@removed" not in each]


def followed(alex: Graph, path: str, **how: Any) -> Follower:
    """Somebody who has been told what is there."""
    follower = follow(alex, f"{path}/messages", **how)
    follower.round()
    return follower


def test_what_begins_to_fit_is_told_and_what_ceases_to_is_removed(alex: Graph) -> None:
    first, _elsewhere = filed(alex, "inbox"), filed(alex, "drafts")
    follower = follow(alex, f"{searching(alex)}/messages")
    assert ids(follower.round()) == [first]
    second = filed(alex, "archive")
    assert ids(follower.round()) == [second]
    alex.changed(f"/me/messages/{first}", {"isRead": True})
    assert removed(follower.round()) == {first: "changed"}
    alex.changed(f"/me/messages/{first}", {"importance": "high"})
    assert follower.round() == [], "what is not shown is not told of"
    alex.changed(f"/me/messages/{first}", {"isRead": False})
    assert ids(follower.round()) == [first]
    alex.delete(f"/me/messages/{first}")
    assert removed(follower.round()) == {first: "deleted"}


def test_what_left_and_came_back_meanwhile_was_never_away(alex: Graph) -> None:
    name = filed(alex, "inbox")
    follower = followed(alex, searching(alex))
    for is_read in (True, False):
        alex.changed(f"/me/messages/{name}", {"isRead": is_read})
    (told,) = follower.round()
    assert (told["id"], "@removed" in told) == (name, False)


@pytest.mark.parametrize("size", [0, 1])
def test_a_move_within_is_another_id(alex: Graph, size: int) -> None:
    name = filed(alex, "inbox")
    follower = followed(alex, searching(alex), size=size)
    lasting = followed(alex.lasting, searching(alex, displayName="Lasting"), size=size, lasting=True)
    moved = alex.post(f"/me/messages/{name}/move", json=MOVE).json()["id"]
    told = follower.round()
    assert (removed(told), ids(told)) == ({name: "changed"}, [moved])
    (same,) = lasting.round()
    assert same["id"] == alex.lasting.read(f"/me/messages/{moved}")["id"]


def test_kinds_of_changes_are_told_apart(alex: Graph) -> None:
    name, path = filed(alex, "inbox"), searching(alex)
    kinds = {
        kind: followed(alex, path, query=f"changeType={kind}") for kind in ("created", "updated", "deleted")
    }
    alex.changed(f"/me/messages/{name}", {"importance": "high"})
    alex.changed(f"/me/messages/{filed(alex, 'drafts')}", {"importance": "high"})
    came, left = filed(alex, "archive"), filed(alex, "inbox")
    alex.changed(f"/me/messages/{left}", {"isRead": True})
    told = {kind: follower.round() for kind, follower in kinds.items()}
    assert ids(told["created"]) == [came]
    assert ids(told["updated"]) == [name]
    assert removed(told["deleted"]) == {left: "changed"}


def test_what_was_received_before_is_not_told(alex: Graph) -> None:
    filed(alex, "inbox")
    follower = followed(alex, searching(alex), query="$filter=receivedDateTime ge 2099-01-01")
    filed(alex, "inbox")
    assert (follower.round(), follower.told) == ([], [])


@pytest.mark.parametrize("nested", [True, False])
def test_after_folders_went_elsewhere_one_begins_anew(alex: Graph, nested: bool) -> None:
    below = alex.made(f"{FOLDERS}/inbox/childFolders", {"displayName": "Below"})["id"]
    name = filed(alex, below)
    path = searching(alex, includeNestedFolders=nested, sourceFolderIds=["inbox", below])
    link = followed(alex, path).link
    alex.post(f"{FOLDERS}/{below}/move", json={"destinationId": "drafts"})
    if nested:
        alex.refused("GET", link, 410, "resyncRequired")
        fresh = alex.get(link).headers["Location"]
        assert fresh == f"{BASE}/v1.0{path}/messages/delta?$deltatoken="
        link = alex.read(fresh)["@odata.deltaLink"]
    assert alex.values(link) == []
    alex.changed(f"/me/messages/{name}", {"importance": "high"})
    assert ids(alex.values(link)) == [name]
    alex.post(f"{FOLDERS}/{below}/permanentDelete")
    alex.refused("GET", link, 410, "resyncRequired")


def test_after_it_looks_for_something_else_one_begins_anew(alex: Graph) -> None:
    path, other = searching(alex), searching(alex, displayName="Other")
    links = [followed(alex, each).link for each in (path, other)]
    kind = {"@odata.type": "microsoft.graph.mailSearchFolder"}
    alex.changed(path, kind | {"displayName": "The same by another name"})
    assert [alex.values(link) for link in links] == [[], []]
    alex.changed(path, kind | {"filterQuery": "isRead eq true"})
    alex.refused("GET", links[0], 410, "resyncRequired")
    assert alex.values(links[1]) == [], "another search folder is not concerned"


def test_a_new_folder_below_is_followed_from_then_on(alex: Graph) -> None:
    follower = followed(alex, searching(alex, includeNestedFolders=True))
    below = alex.made(f"{FOLDERS}/inbox/childFolders", {"displayName": "Below"})["id"]
    name = filed(alex, below)
    assert ids(follower.round()) == [name]


def test_one_can_begin_from_now_and_a_resync_counts_here_too(alex: Graph) -> None:
    filed(alex, "inbox")
    path = searching(alex)
    follower = follow(alex, f"{path}/messages", "$deltatoken=latest")
    assert follower.round() == []
    name = filed(alex, "inbox")
    assert ids(follower.round()) == [name]
    alex.book.mailbox(ALEX).order_resync()
    alex.refused("GET", follower.link, 410, "SyncStateNotFound")


def test_many_facts_that_mean_nothing_are_passed_over(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_changes, "facts_between", _few_at_a_time)
    follower = followed(alex, searching(alex))
    names = [filed(alex, folder) for folder in ("drafts", "drafts", "inbox", "drafts")]
    page = follower.step()
    assert (page["value"], follower.in_round) == ([], True)
    assert ids(follower.round()) == [names[2]]


def _few_at_a_time(history: Any, mailbox: Any, after: int, until: int) -> Any:
    return following.facts_between(history, mailbox, after, until, most=2)
