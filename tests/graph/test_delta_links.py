"""Links of delta: they fit what they were made for, and nothing else; and they can be made to expire."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from letterbook import open_book
from letterbook.adapters.book import Book
from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, error_in, stranger_at
from tests.graph.follower import ARCHIVE, DRAFTS, FOLDERS, INBOX, drafts, follow

DELTA = f"{DRAFTS}/delta"
BAD = (400, "BadRequest")

# --- Paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/me/mailFolders/drafts/messages/delta()",
        "/me/mailfolders('Drafts')/Messages/Delta",
        "/me/mailFolders/drafts/messages/microsoft.graph.delta",
        "/me/mailFolders/drafts/messages/microsoft.graph.delta()",
        f"/users/{ALEX}/mailFolders/drafts/messages/delta",
        "/users/me-token-to-replace/mailFolders/drafts/messages/delta()",
        "/me/mailFolders/msgfolderroot/childFolders/drafts/messages/delta",
    ],
)
def test_a_link_fits_the_folder_however_it_is_spelled(alex: Graph, path: str) -> None:
    drafts(alex, 3)
    asker = alex.saying(Prefer="odata.maxpagesize=2")
    first = asker.read(path)
    assert first["@odata.nextLink"].startswith(f"{BASE}/v1.0{path}?")
    token = urlsplit(first["@odata.nextLink"]).query
    assert len(asker.values(f"{DELTA}?{token}")) == 1
    assert len(asker.values(first["@odata.nextLink"])) == 1


def test_a_link_leads_to_the_host_that_was_asked(alex: Graph) -> None:
    link = alex.saying(Host="localhost:8025").read(DELTA)["@odata.deltaLink"]
    assert link.startswith("https://localhost:8025/v1.0/me/mailFolders/drafts/messages/delta?")


def test_the_whole_mailbox_cannot_be_followed(alex: Graph) -> None:
    for path in ("/me/messages/delta", "/me/messages/delta()", f"/users/{ALEX}/messages/delta"):
        assert alex.refused("GET", path, *BAD) == (
            "Unsupported request: Change tracking is not supported against 'microsoft.graph.message'."
        )


def test_a_folder_that_is_not_there_cannot_be_followed(alex: Graph) -> None:
    alex.refused("GET", "/me/mailFolders/nonsense/messages/delta", 400, "ErrorInvalidIdMalformed")
    strange = alex.read("/me/mailFolders/inbox")["id"]
    alex.refused("GET", f"/me/mailFolders/{strange[:-2]}A=/messages/delta", 404, "ErrorItemNotFound")


# --- Tokens ----------------------------------------------------------------------------------------


def links(graph: Graph) -> dict[str, str]:
    """A next link and a delta link of Drafts, which holds two messages."""
    asker = graph.saying(Prefer="odata.maxpagesize=1")
    first = asker.read(DELTA)
    return {
        "$skiptoken": first["@odata.nextLink"],
        "$deltatoken": asker.read(first["@odata.nextLink"])["@odata.deltaLink"],
    }


@pytest.mark.parametrize("kind", ["$skiptoken", "$deltatoken"])
def test_a_forged_token_is_refused(alex: Graph, kind: str) -> None:
    drafts(alex, 2)
    link = links(alex)[kind]
    token = link.partition("=")[2]
    other = "A" if token[-8] != "A" else "B"
    for forged in (
        "x",
        "AAAA",
        "%00",
        "💌",
        token[:-1],
        token[1:],
        f"{token}A",
        f"{token[:10]}!{token[10:]}",
        f"{token[:-8]}{other}{token[-7:]}",
        f"{other}{token[1:]}" if token[0] != other else f"C{token[1:]}",
        f"{token[:10]}+/{token[12:]}",
    ):
        alex.refused("GET", f"{DELTA}?{kind}={forged}", *BAD)
    assert alex.get(link).status_code == 200


@pytest.mark.parametrize("kind", ["$skiptoken", "$deltatoken"])
def test_a_token_fits_only_what_it_was_made_for(alex: Graph, adele: Graph, robot: Graph, kind: str) -> None:
    for graph in (alex, adele):
        drafts(graph, 2)
    token = links(alex)[kind].partition("=")[2]
    other_kind = {"$skiptoken": "$deltatoken", "$deltatoken": "$skiptoken"}[kind]
    for graph, path, name in (
        (adele, DELTA, kind),
        (robot, f"/users/{ADELE}/mailFolders/drafts/messages/delta", kind),
        (alex, f"{INBOX}/delta", kind),
        (alex, f"{ARCHIVE}/delta", kind),
        (alex, "/me/mailFolders/delta", kind),
        (alex, "/me/mailFolders/drafts/childFolders/delta", kind),
        (alex, DELTA, other_kind),
    ):
        graph.refused("GET", f"{path}?{name}={token}", *BAD)
    assert robot.get(f"/users/{ALEX}/mailFolders/drafts/messages/delta?{kind}={token}").status_code == 200


def test_a_page_token_of_a_list_is_no_token_of_a_round(alex: Graph) -> None:
    drafts(alex, 2)
    of_list = urlsplit(alex.read(f"{DRAFTS}?$top=1")["@odata.nextLink"]).query
    alex.refused("GET", f"{DELTA}?{of_list}", *BAD)
    of_round = urlsplit(links(alex)["$skiptoken"]).query
    alex.refused("GET", f"{DRAFTS}?{of_round}", *BAD)
    alex.refused("GET", f"{DRAFTS}?$deltatoken=latest", *BAD)


def test_only_one_token_can_be_given(alex: Graph) -> None:
    drafts(alex, 2)
    both = "&".join(urlsplit(link).query for link in links(alex).values())
    alex.refused("GET", f"{DELTA}?{both}", *BAD)


def test_a_token_shows_nobody_more_than_they_may_see(alex: Graph) -> None:
    """A link of somebody who may read all, in the hands of somebody who may not."""
    draft = alex.draft(body={"contentType": "text", "content": "Secret"})["id"]
    whole = alex.read(f"{DELTA}?$expand=extensions")["@odata.deltaLink"]
    plain = alex.read(f"{DELTA}?$select=subject,body,bodyPreview")["@odata.deltaLink"]
    alex.changed(f"/me/messages/{draft}", {"subject": "Changed"})
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    basic.refused("GET", f"{DELTA}?$expand=extensions", 403, "ErrorAccessDenied")
    basic.refused("GET", whole, 403, "ErrorAccessDenied")
    assert [set(each) for each in basic.values(plain)] == [{"@odata.type", "@odata.etag", "id", "subject"}]


# --- Beginning anew --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["$skiptoken", "$deltatoken"])
def test_links_can_be_made_to_expire(alex: Graph, kind: str) -> None:
    made = drafts(alex, 2)
    asker = alex.saying(Prefer="odata.maxpagesize=1")
    follower = follow(asker, DRAFTS, "$select=subject")
    follower.step()
    if kind == "$deltatoken":
        follower.round()
    alex.book.mailbox(ALEX).order_resync()
    said = asker.refused("GET", follower.link, 410, "SyncStateNotFound")
    assert said == "The sync state generation is not found."
    answer = asker.get(follower.link)
    assert error_in(answer)["code"] == "SyncStateNotFound"
    fresh = answer.headers["Location"]
    assert fresh == f"{BASE}/v1.0{DELTA}?$select=subject&$deltatoken="
    again = follow(alex, DRAFTS)
    again.link = fresh
    assert [each["id"] for each in again.round()] == made[::-1]
    assert all(set(each) == {"@odata.etag", "id", "subject"} for each in again.known.values())
    assert again.round() == []


def test_only_links_from_before_expire_and_only_in_that_mailbox(alex: Graph, adele: Graph) -> None:
    mine, hers, folders = follow(alex, DRAFTS), follow(adele, DRAFTS), follow(alex, "/me/mailFolders")
    for follower in (mine, hers, folders):
        follower.round()
    alex.book.mailbox(ALEX).order_resync()
    alex.refused("GET", folders.link, 410, "SyncStateNotFound")
    assert hers.round() == []
    fresh = follow(alex, DRAFTS)
    fresh.round()
    drafts(alex, 1)
    assert len(fresh.round()) == 1
    alex.book.mailbox(ALEX).order_resync()
    alex.refused("GET", fresh.link, 410, "SyncStateNotFound")


def test_whoever_is_ahead_of_the_history_has_to_begin_anew(alex: Graph, book: Book) -> None:
    """As after a store was restored from a copy of before."""
    link = alex.read(DELTA)["@odata.deltaLink"]
    before = book.mailbox(ALEX).changes()
    drafts(alex, 1)
    newer = alex.read(DELTA)["@odata.deltaLink"]
    place = before[-1].seq, book.mailbox(ALEX).id.bytes
    with book.engine.store.writing() as session:
        run = session.history._connection.execute  # type: ignore[attr-defined]
        run("DELETE FROM events WHERE seq>? AND mailbox=?", place)
        run("UPDATE view_positions SET position=? WHERE mailbox=?", place)
    answer = alex.get(newer)
    assert (answer.status_code, error_in(answer)["code"]) == (410, "resyncRequired")
    assert answer.headers["Location"] == f"{BASE}/v1.0{DELTA}?$deltatoken="
    assert alex.get(link).status_code == 200


@pytest.mark.parametrize("changes", [1, 2])
def test_whoever_knows_later_settings_than_a_restored_store_has_to_begin_anew(
    alex: Graph, file: Path, tmp_path: Path, changes: int
) -> None:
    """It has gone on since it was restored, and is as long by now as the follower has seen it."""
    restored = tmp_path / "restored.db"
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(restored)) as there:
        here.backup(there)
    for who in (MEGAN, ADELE)[:changes]:
        alex.book.mailbox(ALEX).allow_sending(who)
    newer = [alex.read(f"{place}/delta")["@odata.deltaLink"] for place in (DRAFTS, FOLDERS)]
    with open_book(restored, deliver=False) as book, stranger_at(book, alex.loop) as nobody:
        again = nobody.holding(book.token(ALEX))
        drafts(again, 3)
        for link in newer:
            answer = again.get(link)
            assert (answer.status_code, error_in(answer)["code"]) == (410, "resyncRequired")
