"""Delta: what changed among the messages of a folder, told to whoever follows the links."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from letterbook import open_book
from tests.fakes import MONDAY, FakeClock
from tests.graph.client import ADELE, ALEX, BASE, Graph, stranger_at, to
from tests.graph.follower import ARCHIVE, DRAFTS, INBOX, SENT, drafts, follow

DELTA = f"{DRAFTS}/delta"
UNTRACKED = (400, "ErrorInvalidUrlQuery")
BAD = (400, "BadRequest")


def removed(page: list[dict[str, Any]]) -> dict[str, str]:
    """What a page says is gone, and why."""
    return {thing["id"]: thing["@removed"]["reason"] for thing in page if "@removed" in thing}


@pytest.fixture
def dated(loop: asyncio.Runner) -> Iterator[Graph]:
    """Alex, whose Inbox has three letters: a second early, on time (half past nine), and a second late."""
    clock = FakeClock(MONDAY - timedelta(seconds=1))
    with open_book(":memory:", clock=clock, deliver=False) as book:
        for address in (ALEX, ADELE):
            book.add_user(address)
        for subject in ("Early", "On time", "Late"):
            book.mailbox(ADELE).send_mail(subject=subject, to=[ALEX])
            book.deliver()
            clock.pass_by(timedelta(seconds=1))
        with stranger_at(book, loop) as nobody:
            yield nobody.holding(book.token(ALEX))


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


def test_who_moves_is_removed_here_and_added_there(alex: Graph) -> None:
    (draft,) = drafts(alex, 1)
    here, there, elsewhere = (follow(alex, path) for path in (DRAFTS, ARCHIVE, INBOX))
    for follower in (here, there, elsewhere):
        follower.round()
    alex.book.mailbox(ALEX).move(draft, "archive")
    assert removed(here.round()) == {draft: "changed"}
    assert [thing["id"] for thing in there.round()] == [draft]
    assert elsewhere.round() == []


def test_what_is_gone_for_good_was_deleted(alex: Graph) -> None:
    bin_ = follow(alex, "/me/mailFolders/deleteditems/messages")
    beyond = follow(alex, "/me/mailFolders/recoverableitemsdeletions/messages")
    (draft,) = drafts(alex, 1)
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
    (draft,) = drafts(alex, 1)
    alex.delete(f"/me/messages/{draft}")
    bin_ = follow(alex, "/me/mailFolders/deleteditems/messages")
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


# --- What is asked for at first --------------------------------------------------------------------


def test_options_are_given_once_and_live_in_the_token(alex: Graph) -> None:
    draft = alex.draft(body={"contentType": "html", "content": "<b>Bold</b>"})["id"]
    alex.made(
        f"/me/messages/{draft}/extensions",
        {
            "@odata.type": "microsoft.graph.openTypeExtension",
            "extensionName": "com.contoso.x",
            "theme": "dark",
        },
    )
    first = alex.read(f"{DELTA}?$select=subject&$expand=extensions&$top=3")
    assert [*parse_qs(urlsplit(first["@odata.deltaLink"]).query)] == ["$deltatoken"]
    drafts(alex, 4)
    alex.changed(f"/me/messages/{draft}", {"subject": "Changed"})
    second = alex.read(first["@odata.deltaLink"])
    assert len(second["value"]) == 3
    assert set(second["value"][0]) > {"subject", "extensions"}
    assert "body" not in second["value"][0]
    assert "extensions" in second["value"][0]
    repeated = alex.read(f"{first['@odata.deltaLink']}&$select=body&$top=1")
    assert repeated == second, "what is asked for again is passed over"


def test_bodies_come_in_the_format_that_is_preferred(alex: Graph) -> None:
    alex.draft(body={"contentType": "html", "content": "<b>Bold</b>"})
    text = alex.saying(Prefer='outlook.body-content-type="text"')
    assert [each["body"]["contentType"] for each in text.values(DELTA)] == ["text"]


def test_beta_tells_what_only_beta_has(alex: Graph) -> None:
    alex.draft()
    page = alex.beta.read(DELTA)
    assert page["@odata.context"] == f"{BASE}/beta/$metadata#Collection(message)"
    assert "mentionsPreview" in page["value"][0]
    assert page["@odata.deltaLink"].startswith(f"{BASE}/beta/")


def test_one_can_begin_from_now(alex: Graph) -> None:
    drafts(alex, 3)
    for word in ("latest", "Latest"):
        follower = follow(alex, DRAFTS, f"$deltatoken={word}&$select=subject")
        assert follower.step()["value"] == []
        assert not follower.in_round
        new = alex.draft(subject="New")["id"]
        assert [set(each) for each in follower.round()] == [{"@odata.type", "@odata.etag", "id", "subject"}]
        assert follower.told == [new]


@pytest.mark.parametrize("value", ["2026-03-02T09:30:00Z", "2026-03-02T10:30:00%2B01:00"])
@pytest.mark.parametrize(("sign", "found"), [("ge", {"On time", "Late"}), ("gt", {"Late"})])
def test_a_filter_bounds_the_moment_of_receiving(
    dated: Graph, value: str, sign: str, found: set[str]
) -> None:
    follower = follow(dated, INBOX, f"$filter=receivedDateTime {sign} {value}")
    assert {each["subject"] for each in follower.round()} == found
    mailbox = dated.book.mailbox(ALEX)
    for message in mailbox.folder("inbox"):
        mailbox.mark_read(message)
    assert {each["subject"] for each in follower.round()} == found
    for message in mailbox.folder("inbox"):
        mailbox.move(message, "archive")
    assert len(removed(follower.round())) == len(found)
    assert follower.known == {}


def test_an_order_is_kept_within_each_page(alex: Graph) -> None:
    made = drafts(alex, 6)
    follower = follow(alex, DRAFTS, "$orderby=receivedDateTime desc&$top=4")
    assert [each["id"] for each in follower.round()] == made[::-1]
    alex.delete(f"/me/messages/{made[2]}")
    for draft in (made[1], made[5], made[0], made[4]):
        alex.changed(f"/me/messages/{draft}", {"isRead": False})
    assert [each["id"] for each in follower.step()["value"]] == [made[5], made[1], made[0], made[2]]


@pytest.mark.parametrize(
    ("kind", "there", "after"),
    [
        ("created", {"A", "B", "C", "D"}, {"New"}),
        ("updated", set(), {"B"}),
        ("deleted", set(), {"C", "D"}),
        ("Created", {"A", "B", "C", "D"}, {"New"}),
    ],
)
def test_one_kind_of_change_can_be_asked_for(
    alex: Graph, kind: str, there: set[str], after: set[str]
) -> None:
    ids = {alex.draft(subject=subject)["id"]: subject for subject in "ABCD"}
    name = {subject: each for each, subject in ids.items()}
    follower = follow(alex, DRAFTS, f"changeType={kind}")
    assert {ids[each["id"]] for each in follower.round()} == there
    ids[alex.draft(subject="New")["id"]] = "New"
    alex.changed(f"/me/messages/{name['B']}", {"isRead": False})
    alex.delete(f"/me/messages/{name['C']}")
    alex.book.mailbox(ALEX).move(name["D"], "archive")
    assert {ids[each["id"]] for each in follower.round()} == after
    assert follower.round() == []


def test_what_is_new_and_changed_since_is_new(alex: Graph) -> None:
    (old,) = drafts(alex, 1)
    alex.book.mailbox(ALEX).move(old, "archive")
    created, updated = (follow(alex, DRAFTS, f"changeType={kind}") for kind in ("created", "updated"))
    for follower in (created, updated):
        follower.round()
    alex.changed(f"/me/messages/{old}", {"isRead": False})
    alex.book.mailbox(ALEX).move(old, "drafts")
    alex.changed(f"/me/messages/{old}", {"isRead": True})
    assert [each["id"] for each in created.round()] == [old]
    assert updated.round() == []


@pytest.mark.parametrize("name", ["$search", "$skip", "$count", "$count=true&$skip"])
def test_what_cannot_be_asked_of_changes_is_refused(alex: Graph, name: str) -> None:
    said = alex.refused("GET", f"{DELTA}?{name}=1", *UNTRACKED)
    named = ", ".join(part.partition("=")[0] for part in name.split("&"))
    assert said == (
        "The following parameters are not supported with change tracking over the 'Messages' resource: "
        f"'{named}'."
    )


@pytest.mark.parametrize(
    "query",
    [
        "$filter=isRead eq false",
        "$filter=receivedDateTime le 2026-01-01",
        "$filter=receivedDateTime eq 2026-01-01",
        "$filter=receivedDateTime ge 2026-01-01 and receivedDateTime lt 2026-02-01",
        "$filter=not (receivedDateTime ge 2026-01-01)",
        "$filter=sentDateTime ge 2026-01-01",
    ],
)
def test_other_filters_are_refused(alex: Graph, query: str) -> None:
    assert alex.refused("GET", f"{DELTA}?{query}", *UNTRACKED) == (
        "The '$filter' parameter value is not supported for 'Messages' resource; only a value of "
        "'receivedDateTime ge value' is supported."
    )


@pytest.mark.parametrize(
    "query",
    [
        "$orderby=subject",
        "$orderby=receivedDateTime",
        "$orderby=receivedDateTime desc,subject",
        "changeType=moved",
        "changeType=",
        "changeType=created,updated",
        "$filter=receivedDateTime ge 2026-01-01&$orderby=receivedDateTime",
    ],
)
def test_other_orders_and_kinds_are_refused(alex: Graph, query: str) -> None:
    alex.refused("GET", f"{DELTA}?{query}", *UNTRACKED)


@pytest.mark.parametrize("query", ["$top=0", "$top=1001", "$filter=", "$nonsense=1", "$top=1&$top=2"])
def test_what_no_list_understands_is_refused(alex: Graph, query: str) -> None:
    alex.refused("GET", f"{DELTA}?{query}", *BAD)


def test_options_that_no_token_could_carry_are_refused(alex: Graph) -> None:
    alex.refused("GET", f"{DELTA}?$select={'subject,' * 600}", *BAD)
    assert alex.get(f"{DELTA}?$select={'subject,' * 400}").status_code == 200
