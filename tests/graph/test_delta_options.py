"""What can be asked of delta, once and for all rounds, and what cannot."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from letterbook import open_book
from letterbook.adapters.graph import answers
from letterbook.application.following import Change
from tests.fakes import MONDAY, FakeClock
from tests.graph.client import ADELE, ALEX, BASE, Graph, stranger_at
from tests.graph.follower import DRAFTS, INBOX, drafts, follow, removed
from tests.looping import Conversations

DELTA = f"{DRAFTS}/delta"
UNTRACKED = (400, "ErrorInvalidUrlQuery")
BAD = (400, "BadRequest")


@pytest.fixture
def dated(loop: Conversations) -> Iterator[Graph]:
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


def test_a_page_holds_no_more_files_than_an_answer_may(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ANSWER_LIMIT", 2500)
    made = drafts(alex, 5)
    file = {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "menu.txt",
        "contentBytes": b64encode(b"x" * 1000).decode(),
    }
    for draft in made:
        alex.made(f"/me/messages/{draft}/attachments", file)
    for query, sizes in (("$expand=attachments", [2, 2, 1]), ("$expand=attachments($select=name)", [5])):
        follower = follow(alex, DRAFTS, query)
        for _ in range(2):
            pages = [follower.step()["value"]]
            while follower.in_round:
                pages.append(follower.step()["value"])
            assert [len(page) for page in pages] == sizes
            for draft in made:
                alex.changed(f"/me/messages/{draft}", {"subject": f"Changed by {query}"})
    assert all(len(each["attachments"]) == 1 for each in follower.known.values())


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
    (old,) = drafts(alex.lasting, 1)
    alex.book.mailbox(ALEX).move(old, "archive")
    created, updated = (
        follow(alex, DRAFTS, f"changeType={kind}", lasting=True) for kind in ("created", "updated")
    )
    for follower in (created, updated):
        follower.round()
    alex.changed(f"/me/messages/{old}", {"isRead": False})
    alex.book.mailbox(ALEX).move(old, "drafts")
    alex.changed(f"/me/messages/{old}", {"isRead": True})
    assert [each["id"] for each in created.round()] == [old]
    assert updated.round() == []


@pytest.mark.parametrize(("lasting", "kind"), [(False, "created"), (True, "updated")])
def test_who_was_away_is_new_by_its_default_id_and_changed_by_the_other(
    alex: Graph, lasting: bool, kind: str
) -> None:
    (draft,) = drafts(alex, 1)
    followers = {each: follow(alex, DRAFTS, f"changeType={each}", lasting=lasting) for each in Change}
    for follower in followers.values():
        follower.round()
    alex.changed(f"/me/messages/{draft}", {"isRead": False})
    for folder in ("archive", "drafts"):
        alex.book.mailbox(ALEX).move(draft, folder)
    told = {each for each, follower in followers.items() if follower.round()}
    assert told == ({kind} if lasting else {kind, "deleted"})


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
