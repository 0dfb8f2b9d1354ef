"""What changed: of one message fact by fact, and between two points of time."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from letterbook.application.public_ids import Kind, private, public
from tests.graph.client import ADELE, ALEX, Graph, to
from tests.graph.test_as_of import position


def told(entry: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The changes of an entry, by property."""
    return {each["property"]: (each["before"], each["after"]) for each in entry["changes"]}


def timeline(alex: Graph, message: str, query: str = "") -> list[dict[str, Any]]:
    """The timeline of a message."""
    return alex.values(f"/me/messages/{message}/letterbook.timeline{query}")


def test_only_what_changed_is_told_with_who_when_and_why(alex: Graph) -> None:
    draft = alex.draft(subject="Lunch")["id"]
    asked = alex.patch(f"/me/messages/{draft}", json={"subject": "Dinner", "isRead": True})
    alex.beta.post(f"/me/messages/{draft}/mentions", json={"mentioned": {"address": ADELE}})
    alex.post(f"/me/messages/{draft}/send")

    created, updated, mentioned, sent = timeline(alex, draft)

    assert told(created)["subject"] == (None, "Lunch")
    assert told(updated) == {"subject": ("Lunch", "Dinner")}
    assert updated["fact"] == "message.draft-updated.v1"
    assert (updated["version"], updated["who"]) == (2, ALEX)
    assert updated["why"] == f"request:{asked.headers['request-id']}"
    assert updated["position"] == created["position"] + 1
    assert abs((datetime.now(UTC) - datetime.fromisoformat(updated["when"])).total_seconds()) < 60
    ((_, after),) = told(mentioned).values()
    assert after[0]["mentioned"]["address"] == ADELE
    assert told(sent)["isDraft"] == (True, False)
    drafts, kept = (alex.read(f"/me/mailFolders/{name}")["id"] for name in ("drafts", "sentitems"))
    assert told(sent)["parentFolderId"] == (drafts, kept)


def test_what_changes_nothing_that_is_shown_tells_what_it_is(alex: Graph) -> None:
    sent = alex.sent()
    alex.book.deliver()

    last = timeline(alex, sent["id"])[-1]

    assert last["fact"] == "message.delivered.v1"
    assert told(last) == {"recipient": (None, ADELE), "via": (None, "mailbox")}
    assert last["who"] == "system:delivery"
    name = private(Kind.MESSAGE, sent["id"])
    assert last["why"] == f"message:{alex.book.engine.person(ALEX).mailbox}/{name}"


def test_a_message_that_is_gone_still_has_its_timeline(alex: Graph) -> None:
    draft = alex.draft()["id"]
    alex.post(f"/me/messages/{draft}/permanentDelete")

    last = timeline(alex, draft)[-1]

    assert last["fact"] == "message.deleted.v1"
    assert told(last)["parentFolderId"][1] is None


def test_a_timeline_as_of_an_earlier_point_ends_there(alex: Graph) -> None:
    draft = alex.draft()["id"]
    before = position(alex)
    alex.changed(f"/me/messages/{draft}", {"subject": "After"})

    assert len(timeline(alex, draft)) == 2
    assert len(timeline(alex, draft, f"?asOf={before}")) == 1
    alex.refused(
        "GET", f"/me/messages/{draft}/letterbook.timeline?asOf={before - 1}", 404, "ErrorItemNotFound"
    )


def test_timelines_come_in_pages(alex: Graph) -> None:
    draft = alex.draft()["id"]
    for number in range(4):
        alex.changed(f"/me/messages/{draft}", {"subject": f"{number}"})

    pages = alex.walk(f"/me/messages/{draft}/letterbook.timeline?$top=2&$select=version")

    assert [[each["version"] for each in page] for page in pages] == [[1, 2], [3, 4], [5]]


def differences(alex: Graph, path: str) -> dict[str, tuple[str, dict[str, tuple[Any, Any]]]]:
    """What is different, by its name."""
    return {each["name"]: (each["how"], told(each)) for each in alex.values(path)}


def test_a_mailbox_at_two_points(alex: Graph) -> None:
    stays = alex.draft(subject="Stays")["id"]
    goes = alex.draft(subject="Goes")["id"]
    alex.draft(subject="Is not touched")
    start = position(alex)
    alex.changed(f"/me/messages/{stays}", {"importance": "high"})
    alex.post(f"/me/messages/{goes}/permanentDelete")
    alex.draft(subject="Comes")
    alex.draft(subject="Comes and goes")
    gone = alex.values("/me/messages?$filter=subject eq 'Comes and goes'")[0]["id"]
    alex.post(f"/me/messages/{gone}/permanentDelete")
    alex.made("/me/mailFolders", {"displayName": "Club"})

    found = differences(alex, f"/me/letterbook.diff?from={start}")

    assert found.keys() == {"Stays", "Goes", "Comes", "Club"}
    assert found["Stays"] == ("changed", {"importance": ("normal", "high")})
    assert (found["Goes"][0], found["Comes"][0], found["Club"][0]) == ("removed", "added", "added")
    assert found["Comes"][1]["subject"] == (None, "Comes")
    back = differences(alex, f"/me/letterbook.diff?from={position(alex)}&to={start}")
    assert (back["Goes"][0], back["Comes"][0]) == ("added", "removed")
    assert back["Stays"] == ("changed", {"importance": ("high", "normal")})


def test_settings_at_two_points(alex: Graph) -> None:
    scopes = "Mail.ReadWrite MailboxSettings.ReadWrite"
    owner, start = alex.holding(alex.book.token(ALEX, scopes)), position(alex)
    owner.patch("/me/mailboxSettings", json={"timeZone": "Tokyo Standard Time"})

    assert differences(owner, f"/me/letterbook.diff?from={start}") == {
        "settings": ("changed", {"timeZone": ("UTC", "Tokyo Standard Time")})
    }


def test_a_folder_at_two_points(alex: Graph) -> None:
    moved, stays = alex.draft(subject="Moved")["id"], alex.draft(subject="Stays")["id"]
    start = position(alex)
    alex.post(f"/me/messages/{moved}/move", json={"destinationId": "archive"})
    alex.changed(f"/me/messages/{stays}", {"toRecipients": to(ALEX)})
    alex.made("/me/mailFolders/archive/childFolders", {"displayName": "Below"})

    drafts = differences(alex, f"/me/mailFolders/drafts/letterbook.diff?from={start}")
    archive = differences(alex, f"/me/mailFolders/archive/letterbook.diff?from={start}")

    assert {name: how for name, (how, _) in drafts.items()} == {"Moved": "removed", "Stays": "changed"}
    assert {name: how for name, (how, _) in archive.items()} == {"Moved": "added", "Below": "added"}
    assert drafts["Moved"][1].keys() == {"parentFolderId"}


def test_a_message_at_two_points(alex: Graph) -> None:
    draft = alex.draft(subject="First")["id"]
    start = position(alex)
    for subject in ("Second", "Third"):
        alex.changed(f"/me/messages/{draft}", {"subject": subject})
    path = f"/me/messages/{draft}/letterbook.diff"

    assert differences(alex, f"{path}?from={start}") == {
        "Third": ("changed", {"subject": ("First", "Third")})
    }
    assert differences(alex, f"{path}?From={start}&to={start + 1}") == {
        "Second": ("changed", {"subject": ("First", "Second")})
    }
    assert alex.values(f"{path}?from={start}&to={start}") == []
    assert differences(alex, f"{path}?from={start}&asOf={start + 1}").keys() == {"Second"}


def test_a_comparison_needs_points_that_were(alex: Graph) -> None:
    alex.draft()

    alex.refused("GET", "/me/letterbook.diff", 400, "BadRequest")
    for wrong in ("from=", "from=soon", "from=9999", "from=1&to=9999", "from=2999-01-01"):
        alex.refused("GET", f"/me/letterbook.diff?{wrong}", 400, "ErrorInvalidArgument")
    unknown = public(Kind.MESSAGE, uuid4())
    alex.refused("GET", f"/me/messages/{unknown}/letterbook.diff?from=1", 404, "ErrorItemNotFound")
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    basic.refused("GET", "/me/letterbook.diff?from=1", 403, "ErrorAccessDenied")
