"""Delta: what changed among the messages of a folder, told to whoever follows the links."""

import pytest

from tests.graph.client import ADELE, ALEX, BASE, Graph, to
from tests.graph.follower import ARCHIVE, DRAFTS, INBOX, SENT, drafts, follow, removed

DELTA = f"{DRAFTS}/delta"
UNTRACKED = (400, "ErrorInvalidUrlQuery")
BAD = (400, "BadRequest")


# --- Rounds ----------------------------------------------------------------------------------------


def test_the_walk_of_graphs_own_page(alex: Graph) -> None:
    """*Get incremental changes to messages in a folder*: five in three pages, then one more round."""
    made = drafts(alex, 5)
    asker = alex.saying(Prefer="odata.maxpagesize=2")
    first = asker.read(f"{DELTA}?$select=subject,sender,isRead")
    assert first["@odata.context"] == f"{BASE}/v1.0/$metadata#Collection(message)"
    assert first["@odata.nextLink"].startswith(f"{BASE}/v1.0{DELTA}?$skiptoken=")
    assert "@odata.deltaLink" not in first
    for message in first["value"]:
        assert list(message)[:2] == ["@odata.type", "@odata.etag"]
        assert set(message) == {"@odata.type", "@odata.etag", "id", "subject", "isRead"}
        assert message["@odata.type"] == "#microsoft.graph.message"
    second = asker.read(first["@odata.nextLink"])
    third = asker.read(second["@odata.nextLink"])
    assert [len(page["value"]) for page in (first, second, third)] == [2, 2, 1]
    assert [m["id"] for page in (first, second, third) for m in page["value"]] == made[::-1]
    assert third["@odata.deltaLink"].startswith(f"{BASE}/v1.0{DELTA}?$deltatoken=")
    assert "@odata.nextLink" not in third
    alex.delete(f"/me/messages/{made[0]}")
    alex.changed(f"/me/messages/{made[1]}", {"isRead": False})
    after = asker.read(third["@odata.deltaLink"])
    gone, changed = after["value"]
    assert gone == {
        "@odata.type": "#microsoft.graph.message",
        "id": made[0],
        "@removed": {"reason": "deleted"},
    }
    assert set(changed) == {"@odata.type", "@odata.etag", "id", "subject", "isRead"}
    assert (changed["id"], changed["isRead"]) == (made[1], False)
    assert asker.read(after["@odata.deltaLink"])["value"] == []


def test_a_round_is_the_same_for_as_long_as_nothing_happens(alex: Graph) -> None:
    drafts(alex, 2)
    follower = follow(alex, DRAFTS)
    follower.round()
    link = follower.link
    assert [follower.round() for _ in range(3)] == [[], [], []]
    assert follower.link == link


def test_what_changed_is_told_in_full_and_once(alex: Graph) -> None:
    (draft,) = drafts(alex, 1)
    follower = follow(alex, DRAFTS)
    follower.round()
    for subject in ("One", "Two", "Three"):
        alex.changed(f"/me/messages/{draft}", {"subject": subject})
    (told,) = follower.round()
    whole = alex.read(f"/me/messages/{draft}")
    assert told == {"@odata.type": "#microsoft.graph.message"} | {
        name: value for name, value in whole.items() if name != "@odata.context"
    }


def test_a_message_made_and_gone_before_is_never_told(alex: Graph) -> None:
    (draft,) = drafts(alex, 1)
    for _ in range(3):
        alex.delete(f"/me/messages/{draft}")
    follower = follow(alex, DRAFTS)
    assert follower.round() == []


@pytest.mark.parametrize("lasting", [False, True])
def test_who_moves_is_removed_here_and_added_there(alex: Graph, lasting: bool) -> None:
    (draft,) = drafts(alex.lasting if lasting else alex, 1)
    here, there, elsewhere = (follow(alex, path, lasting=lasting) for path in (DRAFTS, ARCHIVE, INBOX))
    for follower in (here, there, elsewhere):
        follower.round()
    alex.book.mailbox(ALEX).move(draft, "archive")
    assert removed(here.round()) == {draft: "changed"}
    assert [thing["id"] == draft for thing in there.round()] == [lasting]
    assert elsewhere.round() == []


def test_who_comes_back_is_another_one_by_its_default_id(alex: Graph) -> None:
    (draft,) = drafts(alex, 1)
    mailbox, here, lasting = alex.book.mailbox(ALEX), follow(alex, DRAFTS), follow(alex, DRAFTS, lasting=True)
    for follower in (here, lasting):
        follower.round()
    alex.changed(f"/me/messages/{draft}", {"subject": "Back"})
    for folder in ("archive", "drafts", "archive", "drafts"):
        moved = mailbox.move(draft, folder)
    (back,) = alex.values("/me/mailFolders/drafts/messages")
    told = here.round()
    assert set(here.known) == {back["id"]} != {draft}
    assert len(removed(told)) == 2, "also the id that it had in between"
    assert removed(told)[draft] == "changed"
    assert set(removed(lasting.round())) == set()
    assert set(lasting.known) == {moved.id}


def test_a_link_serves_both_forms_of_ids(alex: Graph) -> None:
    (draft,) = drafts(alex, 1)
    here = follow(alex, DRAFTS)
    here.round()
    archived = alex.book.mailbox(ALEX).move(draft, "archive")
    by_default, lasting = (graph.values(here.link) for graph in (alex, alex.lasting))
    assert (removed(by_default), removed(lasting)) == ({draft: "changed"}, {archived.id: "changed"})


def test_what_is_gone_for_good_was_deleted(alex: Graph) -> None:
    bin_, beyond = (
        follow(alex, f"/me/mailFolders/{name}/messages", lasting=True)
        for name in ("deleteditems", "recoverableitemsdeletions")
    )
    (draft,) = drafts(alex.lasting, 1)
    alex.delete(f"/me/messages/{draft}")
    for follower in (bin_, beyond):
        follower.round()
    alex.delete(f"/me/messages/{draft}")
    assert removed(bin_.round()) == {draft: "deleted"}
    assert [thing["id"] for thing in beyond.round()] == [draft]
    alex.delete(f"/me/messages/{draft}")
    assert removed(beyond.round()) == {draft: "deleted"}
    assert bin_.round() == []


def test_who_is_taken_out_of_deleted_items_was_not_deleted(alex: Graph) -> None:
    (draft,) = drafts(alex.lasting, 1)
    alex.delete(f"/me/messages/{draft}")
    bin_ = follow(alex, "/me/mailFolders/deleteditems/messages", lasting=True)
    bin_.round()
    alex.book.mailbox(ALEX).move(draft, "inbox")
    assert removed(bin_.round()) == {draft: "changed"}


def test_sending_empties_drafts_and_fills_sent_items_and_an_inbox(alex: Graph, adele: Graph) -> None:
    (draft,) = drafts(alex, 1)
    box, kept, arrived = follow(alex, DRAFTS), follow(alex, SENT), follow(adele, INBOX)
    for follower in (box, kept, arrived):
        follower.round()
    alex.post(f"/me/messages/{draft}/send")
    assert removed(box.round()) == {draft: "changed"}
    assert [thing["isDraft"] for thing in kept.round()] == [False]
    alex.book.deliver()
    assert [thing["subject"] for thing in arrived.round()] == ["Draft 0"]
    assert alex.book.mailbox(ALEX).changes(since=3), "that it was delivered is known"
    assert kept.round() == [], "and changes nothing that is shown"


def test_a_letter_that_is_not_kept_is_deleted(alex: Graph) -> None:
    follower = follow(alex, DRAFTS)
    follower.round()
    said = {"message": {"subject": "Unkept", "toRecipients": to(ADELE)}, "saveToSentItems": False}
    assert alex.post("/me/sendMail", json=said).status_code == 202
    assert {*removed(follower.round()).values()} == {"deleted"}


def test_other_folders_are_nobodys_business(alex: Graph) -> None:
    follower = follow(alex, INBOX)
    follower.round()
    for draft in drafts(alex, 3):
        alex.changed(f"/me/messages/{draft}", {"subject": "Changed"})
        alex.delete(f"/me/messages/{draft}")
    assert follower.round() == []


# --- Pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "prefer", "sizes"),
    [
        ("", "", [10, 2]),
        ("$top=5", "", [5, 5, 2]),
        ("", "odata.maxpagesize=5", [5, 5, 2]),
        ("", 'ODATA.MaxPageSize = "5"', [5, 5, 2]),
        ("$top=4", "odata.maxpagesize=5", [4, 4, 4]),
        ("$top=5", 'outlook.body-content-type="text", odata.maxpagesize=4', [4, 4, 4]),
        ("", "odata.maxpagesize=12", [12]),
        ("", "odata.maxpagesize=999999", [12]),
        ("", "odata.maxpagesize=0", [10, 2]),
        ("", "odata.maxpagesize=many", [10, 2]),
    ],
)
def test_pages_are_as_large_as_asked_for(alex: Graph, query: str, prefer: str, sizes: list[int]) -> None:
    made = drafts(alex, 12)
    follower = follow(alex.saying(Prefer=prefer), DRAFTS, query)

    def sizes_of_round() -> list[int]:
        pages = [follower.step()]
        while follower.in_round:
            pages.append(follower.step())
        return [len(page["value"]) for page in pages]

    assert sizes_of_round() == sizes
    for draft in made:
        alex.changed(f"/me/messages/{draft}", {"isRead": False})
    assert sizes_of_round() == sizes


def test_the_preference_is_echoed(alex: Graph) -> None:
    for prefer, applied in (
        ("odata.maxpagesize=2", "odata.maxpagesize=2"),
        ("odata.maxpagesize=5000", "odata.maxpagesize=1000"),
        (
            'outlook.body-content-type="text", odata.maxpagesize=7',
            'outlook.body-content-type="text", odata.maxpagesize=7',
        ),
    ):
        for _ in range(2):  # answered anew, and from the memo
            assert alex.get(DELTA, headers={"Prefer": prefer}).headers["Preference-Applied"] == applied
    assert "Preference-Applied" not in alex.get(DELTA).headers
    assert "Preference-Applied" not in alex.get(DRAFTS, headers={"Prefer": "odata.maxpagesize=2"}).headers


def test_the_preference_can_change_from_page_to_page(alex: Graph) -> None:
    drafts(alex, 6)
    first = alex.saying(Prefer="odata.maxpagesize=1").read(DELTA)
    second = alex.saying(Prefer="odata.maxpagesize=3").read(first["@odata.nextLink"])
    third = alex.read(second["@odata.nextLink"])
    assert [len(page["value"]) for page in (first, second, third)] == [1, 3, 2]
