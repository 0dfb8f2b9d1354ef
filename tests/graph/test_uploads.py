"""Upload sessions: large files in pieces, at a URL that is its own key."""

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Message

from letterbook import open_book
from letterbook.application.uploading import finish
from letterbook.domain.message import AttachmentAdded
from letterbook.domain.refusals import NotFound
from tests.contracts.uploads import take_in
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, error_in, state_of, stranger_at, to
from tests.looping import Conversations

MB = 1024 * 1024
FLOWER = os.urandom(3_483_322)
CUT = 2_097_152
"""Where the first piece ends, as on the page of Graph that tells the story."""


def begun(graph: Graph, draft: str, **said: Any) -> dict[str, Any]:
    """A new upload session for a file of a draft."""
    item = {"attachmentType": "file", "name": "flower", "size": len(FLOWER)} | said
    return graph.made(f"/me/messages/{draft}/attachments/createUploadSession", {"AttachmentItem": item})


def put(graph: Graph, url: str, start: int, data: Any, *, end: int = 0, total: int = 0) -> httpx.Response:
    """A piece of a file, sent as the page says: without a token."""
    end, total = end or start + len(data) - 1, total or len(FLOWER)
    headers = {"Content-Range": f"bytes {start}-{end}/{total}", "Content-Type": "application/octet-stream"}
    return graph.holding(None).request("PUT", url, content=data, headers=headers)


@pytest.fixture
def draft(alex: Graph) -> str:
    """A draft of Alex's without attachments, under the id that stays the same."""
    return str(alex.lasting.draft()["id"])


@pytest.fixture
def url(alex: Graph, draft: str) -> str:
    """Where a file for it is uploaded."""
    return str(begun(alex, draft)["uploadUrl"])


def uploaded(graph: Graph, draft: str, data: bytes = FLOWER, **said: Any) -> str:
    """A file uploaded in one piece: where it is."""
    url = begun(graph, draft, size=len(data), **said)["uploadUrl"]
    answer = put(graph, url, 0, data, total=len(data))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def attached(graph: Graph, draft: str) -> list[dict[str, Any]]:
    """The attachments of a draft, without their bytes."""
    return graph.values(
        f"/me/messages/{draft}/attachments?$select=id,name,size,contentType,isInline,contentId"
    )


def facts(graph: Graph, draft: str) -> list[AttachmentAdded]:
    """Every attaching in the history of a draft."""
    return [fact for fact in graph.book.mailbox(ALEX).history(draft) if isinstance(fact, AttachmentAdded)]


# --- The story of Graph's page ---------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_file_is_uploaded_in_two_pieces(alex: Graph, draft: str, version: str) -> None:
    alex = alex.beta if version == "beta" else alex
    before = alex.read(f"/me/messages/{draft}")
    session = begun(alex, draft)
    assert session["@odata.context"] == f"{BASE}/{version}/$metadata#microsoft.graph.uploadSession"
    assert session["nextExpectedRanges"] == ["0-"]
    assert datetime.fromisoformat(session["expirationDateTime"]) > datetime.fromisoformat(
        before["createdDateTime"]
    )
    assert session["uploadUrl"].startswith(f"{BASE}/{version}/Users('")

    middle = put(alex, session["uploadUrl"], 0, FLOWER[:CUT])
    assert middle.status_code == 200
    said = middle.json()
    assert said["NextExpectedRanges"] == ["2097152"]
    assert said["nextExpectedRanges"] == ["2097152-3483321"]
    assert {said["ExpirationDateTime"], said["expirationDateTime"]} == {session["expirationDateTime"]}
    assert said["@odata.context"].endswith("/AttachmentSessions/$entity")
    assert alex.read(f"/me/messages/{draft}") == before, "nothing has happened to the draft yet"

    last = put(alex, session["uploadUrl"], CUT, FLOWER[CUT:])
    assert (last.status_code, last.content, last.headers["content-length"]) == (201, b"", "0")
    assert "content-type" not in last.headers
    where = last.headers["location"]
    assert "/Attachments('" in where
    (attachment,) = attached(alex, draft)
    assert where.endswith(f"/Attachments('{attachment['id']}')")
    assert (attachment["name"], attachment["size"]) == ("flower", len(FLOWER))
    assert alex.read(f"{where}?$select=name")["id"] == attachment["id"], "the link can be followed"
    assert alex.get(f"{where}/$value").content == FLOWER
    after = alex.read(f"/me/messages/{draft}")
    assert (after["hasAttachments"], after["@odata.etag"] != before["@odata.etag"]) == (True, True)


def test_an_attachment_is_what_the_session_said(alex: Graph, draft: str) -> None:
    uploaded(alex, draft, name="logo.png", isInline=True, contentId="logo")
    uploaded(alex, draft, name="film.mp4")
    uploaded(alex, draft, name="film", contentType="video/x-own")
    logo, film, own = attached(alex, draft)
    assert (logo["contentType"], logo["isInline"], logo["contentId"]) == ("image/png", True, "logo")
    assert (film["contentType"], film["isInline"], film["contentId"]) == ("video/mp4", False, None)
    assert own["contentType"] == "video/x-own"


def test_the_parameter_is_read_in_either_case(alex: Graph, draft: str) -> None:
    path = f"/me/messages/{draft}/attachments/microsoft.graph.createUploadSession"
    said = {"attachmentItem": {"attachmentType": "File", "name": "flower", "size": 3 * MB}}
    assert alex.made(path, said)["uploadUrl"]
    through = f"/me/mailFolders/drafts/messages/{draft}/attachments/CreateUploadSession"
    assert alex.made(through, said)["uploadUrl"]


def test_the_history_says_who_asked_for_the_url(alex: Graph, robot: Graph, draft: str) -> None:
    uploaded(alex, draft)
    path = f"/users/{ALEX}/messages/{draft}/attachments/createUploadSession"
    item = {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}
    put(alex, robot.made(path, {"AttachmentItem": item})["uploadUrl"], 0, FLOWER)
    assert [fact.on.actor for fact in facts(alex, draft)] == [ALEX, "app:a-daemon"]


def test_an_uploaded_file_travels_with_the_letter(alex: Graph, adele: Graph, draft: str) -> None:
    uploaded(alex, draft)
    assert alex.post(f"/me/messages/{draft}/send").status_code == 202
    alex.book.deliver()
    (received,) = adele.values("/me/mailFolders/inbox/messages")
    (file,) = adele.values(f"/me/messages/{received['id']}/attachments?$select=size")
    assert adele.get(f"/me/messages/{received['id']}/attachments/{file['id']}/$value").content == FLOWER


def test_an_uploaded_file_is_forwarded_and_copied_whole(alex: Graph, adele: Graph, draft: str) -> None:
    uploaded(alex, draft)
    menu = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu", "contentBytes": "bWVudQ=="}
    said = {"toRecipients": to(ADELE), "message": {"attachments": [menu]}}
    forward = alex.lasting.made(f"/me/messages/{draft}/createForward", said)["id"]
    copy = alex.made(f"/me/messages/{draft}/copy", {"destinationId": "archive"})["id"]
    assert alex.post(f"/me/messages/{forward}/send").status_code == 202
    alex.book.deliver()
    (received,) = adele.values("/me/mailFolders/inbox/messages")
    for graph, message in ((alex, forward), (alex, copy), (adele, received["id"])):
        path = f"/me/messages/{message}/attachments"
        file = graph.values(f"{path}?$select=size")[0]
        assert graph.get(f"{path}/{file['id']}/$value").content == FLOWER
    assert len(attached(alex, forward)) == 2


def test_a_file_is_uploaded_through_a_search_folder_that_finds_the_draft(alex: Graph) -> None:
    search = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Flowers",
        "sourceFolderIds": ["drafts"],
        "filterQuery": "subject eq 'Flower'",
    }
    folder = alex.made("/me/mailFolders/searchfolders/childFolders", search)["id"]
    shown, hidden = alex.draft(subject="Flower")["id"], alex.draft(subject="Tree")["id"]
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}}
    path = f"/me/mailFolders/{folder}/messages/{{}}/attachments/createUploadSession"
    assert put(alex, alex.made(path.format(shown), item)["uploadUrl"], 0, FLOWER).status_code == 201
    assert [each["name"] for each in attached(alex, shown)] == ["flower"]
    alex.refused("POST", path.format(hidden), 404, "ErrorItemNotFound", json=item)


# --- Pieces that are not the next one --------------------------------------------------------------


def test_a_piece_that_was_heard_may_be_sent_again(alex: Graph, draft: str, url: str) -> None:
    first = put(alex, url, 0, FLOWER[:CUT])
    again = put(alex, url, 0, FLOWER[:CUT])
    assert (again.status_code, again.json()) == (200, first.json())
    inside = put(alex, url, 1000, FLOWER[1000:2000])
    assert (inside.status_code, inside.json()) == (200, first.json())
    for _ in range(3):
        answer = put(alex, url, CUT, FLOWER[CUT:])
        assert (answer.status_code, answer.content) == (201, b"")
        assert answer.headers["location"].endswith(f"('{attached(alex, draft)[0]['id']}')")
    assert len(facts(alex, draft)) == 1


def test_a_client_may_end_with_an_empty_piece(alex: Graph, draft: str, url: str) -> None:
    """As the official Python SDK does."""
    done = put(alex, url, 0, FLOWER)
    for headers in ({}, {"Content-Range": "bytes 0-0/3483322"}, {"Content-Range": "nonsense"}):
        answer = alex.request("PUT", url, content=b"", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (201, done.headers["location"])
    assert len(facts(alex, draft)) == 1


@pytest.mark.parametrize(("start", "size"), [(1, 100), (CUT + 1, 100), (CUT - 1, 100), (0, CUT + 1)])
def test_a_piece_out_of_order_is_refused(alex: Graph, url: str, start: int, size: int) -> None:
    if start > 1 or size > CUT:
        put(alex, url, 0, FLOWER[:CUT])
    expected = alex.read(url)["nextExpectedRanges"]
    before = state_of(alex.book)
    answer = put(alex, url, start, FLOWER[start : start + size])
    assert (answer.status_code, error_in(answer)["code"]) == (416, "invalidRange")
    assert (alex.read(url)["nextExpectedRanges"], state_of(alex.book)) == (expected, before)
    reached = int(expected[0].partition("-")[0])
    assert put(alex, url, reached, FLOWER[reached:]).status_code == 201


@pytest.mark.parametrize(
    "said",
    [
        "bytes 0-99/3483321",
        "bytes 0-3483322/3483322",
        "bytes 100-99/3483322",
        "bytes 0-99/*",
        "bytes */3483322",
        "bytes=0-99",
        "0-99/3483322",
        "bytes -1-98/3483322",
        "bytes 0-99999999999999999999/3483322",
        "bytes \u0660-\u0669/3483322",
        "",
        None,
    ],
)
def test_a_range_that_is_none_is_refused(alex: Graph, url: str, said: str | None) -> None:
    headers = {} if said is None else {"Content-Range": said.encode()}
    before = state_of(alex.book)
    answer = alex.request("PUT", url, content=FLOWER[:100], headers=headers)
    assert answer.status_code == 400
    assert error_in(answer)["code"] in ("BadRequest", "invalidRange")
    assert (alex.read(url)["NextExpectedRanges"], state_of(alex.book)) == (["0"], before)


@pytest.mark.parametrize("size", [0, 99, 101, 3 * MB])
def test_a_piece_of_another_length_than_its_range_is_not_kept(alex: Graph, url: str, size: int) -> None:
    answer = put(alex, url, 0, FLOWER[:size], end=99)
    assert (answer.status_code, error_in(answer)["code"]) == (400, "BadRequest")
    assert alex.read(url)["NextExpectedRanges"] == ["0"]
    assert put(alex, url, 0, FLOWER[:100]).status_code == 200


def test_a_piece_whose_sender_goes_away_is_not_kept(alex: Graph, url: str, place: str) -> None:
    """Not even the part of it that arrived; and it can be sent again."""
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "https",
        "path": parts.path,
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(b"host", b"graph.microsoft.com"), (b"content-range", b"bytes 0-2097151/3483322")],
    }
    said: list[dict[str, Any]] = [
        {"type": "http.request", "body": FLOWER[:MB], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return said.pop(0) if len(said) > 1 else said[0]

    async def send(_: Message) -> None:
        raise AssertionError("there is nobody to answer")

    async def ask() -> None:
        await alex.book.asgi()(scope, receive, send)

    alex.loop.run(ask())
    assert alex.read(url)["NextExpectedRanges"] == ["0"]
    kept = [each for each in Path(f"{place}.blobs").rglob("*") if each.is_file()]
    assert [each.name for each in kept] == ["upload.json"]
    assert put(alex, url, 0, FLOWER).status_code == 201


@pytest.mark.parametrize("start", [0, CUT])
def test_the_last_piece_several_times_at_once_attaches_the_file_once(alex: Graph, start: int) -> None:
    """Every sender is told that it is attached, whoever was first."""
    for _ in range(5):
        draft = str(alex.draft()["id"])
        url = begun(alex, draft)["uploadUrl"]
        if start:
            put(alex, url, 0, FLOWER[:start])
        answers = alex.loop.run(at_once(alex, url, start, 4))
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert len(facts(alex, draft)) == 1
        assert alex.get(f"{answers[0].headers['location']}/$value").content == FLOWER


async def at_once(graph: Graph, url: str, start: int, senders: int) -> list[httpx.Response]:
    """The same last piece, from several senders."""
    headers = {"Content-Range": f"bytes {start}-{len(FLOWER) - 1}/{len(FLOWER)}"}
    asked = (graph.http.put(url, content=FLOWER[start:], headers=headers) for _ in range(senders))
    return await asyncio.gather(*asked)


# --- Status, cancel, expiry ------------------------------------------------------------------------


def test_a_session_can_be_asked_how_far_it_is(alex: Graph, url: str) -> None:
    assert alex.holding(None).read(url)["nextExpectedRanges"] == ["0-3483321"]
    said = put(alex, url, 0, FLOWER[:1000]).json()
    assert alex.holding(None).read(url) == said
    put(alex, url, 1000, FLOWER[1000:])
    alex.refused("GET", url, 404, "ErrorItemNotFound")


def test_an_upload_can_be_given_up(alex: Graph, draft: str, url: str, place: str) -> None:
    put(alex, url, 0, FLOWER[:CUT])
    before = state_of(alex.book)
    answer = alex.holding(None).delete(url)
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        alex.refused(method, url, 404, "ErrorItemNotFound")
    answer = put(alex, url, CUT, FLOWER[CUT:])
    assert (answer.status_code, error_in(answer)["code"]) == (404, "ErrorItemNotFound")
    assert (attached(alex, draft), state_of(alex.book)) == ([], before)
    assert [each for each in Path(f"{place}.blobs").rglob("*") if each.is_file()] == []


def test_what_is_attached_can_no_longer_be_given_up(alex: Graph, draft: str, url: str) -> None:
    put(alex, url, 0, FLOWER)
    alex.refused("DELETE", url, 404, "ErrorItemNotFound")
    (file,) = attached(alex, draft)
    assert alex.delete(f"/me/messages/{draft}/attachments/{file['id']}").status_code == 204
    answer = put(alex, url, 0, FLOWER)
    assert (answer.status_code, attached(alex, draft)) == (404, []), "taken off is taken off"


def test_an_upload_that_takes_too_long_is_forgotten(loop: Conversations, tmp_path: Path) -> None:
    clock = FakeClock()
    with (
        open_book(tmp_path / "mail.db", deliver=False, clock=clock) as book,
        stranger_at(book, loop) as nobody,
    ):
        book.add_user(ALEX)
        alex = nobody.holding(book.token(ALEX, lifetime=timedelta(days=30)))
        draft = alex.made("/me/messages", {"subject": "A draft"})["id"]
        url = begun(alex, draft)["uploadUrl"]
        clock.pass_by(timedelta(hours=23))
        put(alex, url, 0, FLOWER[:CUT])
        clock.pass_by(timedelta(hours=1))
        for method in ("GET", "DELETE"):
            alex.refused(method, url, 404, "ErrorItemNotFound")
        assert put(alex, url, CUT, FLOWER[CUT:]).status_code == 404
        assert len(book.engine.store.blobs.uploads.all()) == 1
        other = begun(alex, draft)["uploadUrl"]
        (left,) = book.engine.store.blobs.uploads.all()
        assert left.expires_at == clock.now() + timedelta(days=1), "the old one went when the new one came"
        assert put(alex, other, 0, FLOWER).status_code == 201
        assert book.engine.store.blobs.uploads.all() == []


# --- Crashes ---------------------------------------------------------------------------------------


def test_a_restart_in_the_middle_keeps_what_was_uploaded(loop: Conversations, tmp_path: Path) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, deliver=False) as book, stranger_at(book, loop) as nobody:
        book.add_user(ALEX)
        alex = nobody.holding(book.token(ALEX))
        draft = alex.made("/me/messages", {"subject": "A draft"})["id"]
        url = begun(alex, draft)["uploadUrl"]
        put(alex, url, 0, FLOWER[:CUT])
    with open_book(place, deliver=False) as book, stranger_at(book, loop) as nobody:
        alex = nobody.holding(book.token(ALEX))
        assert alex.read(url)["NextExpectedRanges"] == ["2097152"]
        where = put(alex, url, CUT, FLOWER[CUT:]).headers["location"]
        assert alex.get(f"{where}/$value").content == FLOWER


@pytest.mark.parametrize("before_the_fact", [True, False])
def test_a_crash_at_the_end_attaches_the_file_once(
    alex: Graph, draft: str, url: str, monkeypatch: pytest.MonkeyPatch, before_the_fact: bool
) -> None:
    """The last piece is sent again, as after an answer that was not heard."""
    blobs = alex.book.engine.store.blobs

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    put(alex, url, 0, FLOWER[:CUT])
    (upload,) = blobs.uploads.all()
    take_in(blobs.uploads, CUT, FLOWER[CUT:], upload=upload)
    with monkeypatch.context() as patch:
        target: tuple[object, str] = (blobs, "keep") if before_the_fact else (blobs.uploads, "drop")
        patch.setattr(target[0], target[1], dies)
        with pytest.raises(KeyboardInterrupt):
            finish(alex.book.engine, upload, alex.book.engine.occasion(ALEX))
    assert len(facts(alex, draft)) == (0 if before_the_fact else 1)
    answer = put(alex, url, CUT, FLOWER[CUT:])
    assert answer.status_code == 201
    assert len(facts(alex, draft)) == 1
    assert alex.get(f"{answer.headers['location']}/$value").content == FLOWER
    assert blobs.uploads.all() == []


def test_a_file_that_is_not_whole_is_never_attached(alex: Graph, draft: str, url: str) -> None:
    """Its bytes may be going while somebody who was slower puts them together."""
    put(alex, url, 0, FLOWER[:CUT])
    (upload,) = alex.book.engine.store.blobs.uploads.all()
    with pytest.raises(NotFound):
        finish(alex.book.engine, upload, alex.book.engine.occasion(ALEX))
    assert (facts(alex, draft), attached(alex, draft)) == ([], [])


# --- Memory ----------------------------------------------------------------------------------------


def test_a_large_file_is_never_in_memory(alex: Graph, draft: str) -> None:
    """40 MB in one request: a few buffers are all that it takes."""
    size = 40 * MB
    url = begun(alex, draft, size=size)["uploadUrl"]

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(size // 65_536):
            yield bytes([number % 251]) * 65_536

    headers = {"Content-Range": f"bytes 0-{size - 1}/{size}"}
    tracemalloc.start()
    answer = alex.request("PUT", url, content=pieces(), headers=headers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 201
    assert peak < 10 * MB
    (file,) = attached(alex, draft)
    assert file["size"] == size


@pytest.mark.parametrize("size", [3_000_000, 3_145_700, 3_145_727])
def test_a_file_that_base64_makes_too_large_for_a_request_is_uploaded(
    alex: Graph, draft: str, size: int
) -> None:
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": size}}
    url = alex.made(f"/me/messages/{draft}/attachments/createUploadSession", item)["uploadUrl"]
    headers = {"Content-Range": f"bytes 0-{size - 1}/{size}"}

    assert alex.request("PUT", url, content=bytes(size), headers=headers).status_code == 201
    (attached,) = alex.values(f"/me/messages/{draft}/attachments?$select=size")
    assert attached["size"] == size


# --- Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2_999_999])
def test_a_small_file_needs_no_session(alex: Graph, draft: str, size: int) -> None:
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": size}}
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    alex.refused("POST", path, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", json=item)


def test_a_file_above_150_mb_is_refused(alex: Graph, draft: str) -> None:
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    item = {"attachmentType": "file", "name": "flower", "size": 150 * MB}
    assert alex.made(path, {"AttachmentItem": item})
    item["size"] = 150 * MB + 1
    alex.refused("POST", path, 413, "ErrorMessageSizeExceeded", json={"AttachmentItem": item})


def test_all_files_of_a_message_together_have_150_mb_at_most(alex: Graph, draft: str) -> None:
    """Told before the bytes are sent, as far as it is known then."""
    url = begun(alex, draft)["uploadUrl"]
    uploaded(alex, draft)
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    item = {"attachmentType": "file", "name": "flower", "size": 150 * MB - len(FLOWER) + 1}
    alex.refused("POST", path, 413, "ErrorMessageSizeExceeded", json={"AttachmentItem": item})
    assert put(alex, url, 0, FLOWER).status_code == 201


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (None, "BadRequest"),
        ("nonsense", "BadRequest"),
        ({}, "RequestBodyRead"),
        ({"AttachmentItem": None}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "file", "name": "x"}}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "file", "size": 3 * MB}}, "RequestBodyRead"),
        ({"AttachmentItem": {"name": "x", "size": 3 * MB}}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "film", "name": "x", "size": 3 * MB}}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "file", "name": "", "size": 3 * MB}}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "file", "name": "x", "size": -1}}, "RequestBodyRead"),
        ({"AttachmentItem": {"attachmentType": "file", "name": "x", "size": "3145728"}}, "RequestBodyRead"),
        (
            {"AttachmentItem": {"attachmentType": "file", "name": "x", "size": 3 * MB, "y": 1}},
            "RequestBodyRead",
        ),
        ({"AttachmentItem": {"attachmentType": "item", "name": "x", "size": 3 * MB}}, "BadRequest"),
        ({"AttachmentItem": {"attachmentType": "reference", "name": "x", "size": 3 * MB}}, "BadRequest"),
    ],
)
def test_a_session_needs_a_file(alex: Graph, draft: str, said: Any, code: str) -> None:
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    content = {"content": b"{"} if said == "nonsense" else {} if said is None else {"json": said}
    alex.refused("POST", path, 400, code, **content)
    assert alex.book.engine.store.blobs.uploads.all() == []


def test_only_drafts_get_new_files(alex: Graph, draft: str, url: str) -> None:
    """Neither by a new session nor by one that was begun before the letter left."""
    path = f"/me/messages/{draft}/attachments/createUploadSession"
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}}
    assert alex.post(f"/me/messages/{draft}/send").status_code == 202
    alex.refused("POST", path, 400, "ErrorInvalidPropertySet", json=item)
    before = state_of(alex.book)
    answer = put(alex, url, 0, FLOWER)
    assert (answer.status_code, error_in(answer)["code"]) == (400, "ErrorInvalidPropertySet")
    assert (attached(alex, draft), state_of(alex.book)) == ([], before)


def test_a_message_that_is_not_there_gets_no_files(alex: Graph, megan: Graph, draft: str, url: str) -> None:
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}}
    path = "/me/messages/{}/attachments/createUploadSession"
    alex.refused("POST", path.format("nonsense"), 400, "ErrorInvalidIdMalformed", json=item)
    megan.refused("POST", path.format(draft), 404, "ErrorItemNotFound", json=item)
    for _ in range(3):
        alex.delete(f"/me/messages/{draft}")
    alex.refused("POST", path.format(draft), 404, "ErrorItemNotFound", json=item)
    assert put(alex, url, 0, FLOWER).status_code == 404


# --- Keys ------------------------------------------------------------------------------------------


def test_the_url_is_the_key_whatever_token_comes_along(
    alex: Graph, megan: Graph, nobody: Graph, url: str
) -> None:
    for who in (nobody, alex, megan, alex.holding("None"), alex.holding(alex.book.token(ADELE, "User.Read"))):
        assert who.read(url)["NextExpectedRanges"] == ["0"]


def test_a_url_that_was_not_given_out_opens_nothing(alex: Graph, draft: str, url: str) -> None:
    other = begun(alex, draft)["uploadUrl"]
    bare, _, key = url.partition("?authtoken=")
    other_bare, _, other_key = other.partition("?authtoken=")
    mailbox, megans = (str(alex.book.mailbox(who).id) for who in (ALEX, MEGAN))
    wrong = [
        bare,
        f"{bare}?authtoken=",
        f"{bare}?authtoken={other_key}",
        f"{other_bare}?authtoken={key}",
        f"{bare}?authtoken={key[:-1]}",
        f"{bare}?authtoken={key}x",
        f"{bare}?authtoken=%FF%FE",
        f"{bare.replace(mailbox, megans)}?authtoken={key}",
        f"{bare.replace(mailbox, ALEX)}?authtoken={key}",
    ]
    for each in wrong:
        for method in ("GET", "PUT", "DELETE"):
            for who in (alex, alex.holding(None)):
                who.refused(method, each, 401, "InvalidAuthenticationToken")
    assert alex.read(url)["NextExpectedRanges"] == ["0"]


def test_a_url_of_another_store_opens_nothing(alex: Graph, url: str, loop: Conversations) -> None:
    with open_book(":memory:") as book, stranger_at(book, loop) as nobody:
        book.add_user(ALEX)
        nobody.refused("GET", url, 401, "InvalidAuthenticationToken")


def test_ids_in_a_url_that_are_none_are_refused(alex: Graph, url: str) -> None:
    bare, _, query = url.partition("?")
    for key in ("Messages('x')", "AttachmentSessions('x')"):
        name = key.partition("(")[0]
        start, _, rest = bare.partition(name)
        changed = f"{start}{key}{rest.partition(')')[2]}?{query}"
        alex.refused("GET", changed, 400, "ErrorInvalidIdMalformed")
    alex.refused("POST", url, 405, "BadRequest")


def test_a_url_stays_good_when_the_client_came_by_another_name(alex: Graph, draft: str) -> None:
    """Links begin with the address that the client used."""
    path = f"http://127.0.0.1:8025/v1.0/me/messages/{draft}/attachments/createUploadSession"
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}}
    session = alex.made(path, item)
    assert session["uploadUrl"].startswith("http://127.0.0.1:8025/v1.0/Users(")
    assert (
        put(alex, session["uploadUrl"], 0, FLOWER)
        .headers["location"]
        .startswith("http://127.0.0.1:8025/v1.0/")
    )


def test_in_memory_it_is_the_same(loop: Conversations) -> None:
    with open_book(":memory:", deliver=False) as book, stranger_at(book, loop) as nobody:
        book.add_user(ALEX)
        alex = nobody.holding(book.token(ALEX))
        draft = alex.made("/me/messages", {"subject": "A draft"})["id"]
        url = begun(alex, draft)["uploadUrl"]
        put(alex, url, 0, FLOWER[:CUT])
        where = put(alex, url, CUT, FLOWER[CUT:]).headers["location"]
        assert alex.get(f"{where}/$value").content == FLOWER
