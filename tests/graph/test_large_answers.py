"""Answers with large files in them: bounded where many messages are asked for, streamed where one is."""

import asyncio
import base64
import hmac
import json
import os
import tracemalloc
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Message, Scope

from letterbook.adapters.book import Book
from letterbook.adapters.graph import answers
from letterbook.adapters.graph.answers import ANSWER_LIMIT
from letterbook.adapters.graph.inlays import AT_ONCE
from letterbook.adapters.graph.whole_messages import _Large
from letterbook.application.blobs import BlobDamaged
from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.message import Attach
from tests.graph.client import ALEX, BASE, Graph, error_in

MB = 1024 * 1024


def attach(book: Book, draft: str, *contents: bytes) -> None:
    """Attach files of any size, as an upload session would."""
    mailbox = book.mailbox(ALEX)
    for number, content in enumerate(contents):
        file = mailbox.file(f"{number}.bin", b"")
        kept = Content(blob=book.engine.store.blobs.keep([content]))
        whole: FileAttachment = file.model_copy(update={"content": kept})
        mailbox._ask(draft, Attach(whole, uploaded=True))


def blob_files(place: str) -> list[Path]:
    """The files that blobs are kept in."""
    return sorted(each for each in Path(f"{place}.blobs").rglob("*") if each.is_file())


def asked_for(graph: Graph, path: str) -> tuple[list[dict[str, Any]], list[int]]:
    """What an ASGI server is told while it answers a GET, and how large each part of the body is."""
    parts = urlsplit(path)
    headers = [(b"host", b"graph.microsoft.com"), (b"authorization", graph.headers["Authorization"].encode())]
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": f"/v1.0{parts.path}",
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": headers,
    }
    told: list[dict[str, Any]] = []
    sizes: list[int] = []

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sizes.append(len(message.get("body", b"")))
        told.append({name: value for name, value in message.items() if name != "body"})

    async def ask() -> None:
        await graph.book.asgi()(scope, receive, send)

    graph.loop.run(ask())
    return told, sizes


# --- One message -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, AT_ONCE + 2, 2 * AT_ONCE + 7])
def test_a_large_file_comes_back_whole(alex: Graph, size: int) -> None:
    """Alone, in the list, in its message, and as bytes; each answer says how long it is."""
    content, draft = os.urandom(size), alex.draft()["id"]
    attach(alex.book, draft, content)
    path = f"/me/messages/{draft}/attachments"
    (listed,) = alex.values(path)
    assert base64.b64decode(listed["contentBytes"]) == content
    assert alex.read(f"{path}/{listed['id']}")["contentBytes"] == listed["contentBytes"]
    (inline,) = alex.read(f"/me/messages/{draft}?$expand=attachments")["attachments"]
    assert inline == listed
    raw = alex.get(f"{path}/{listed['id']}/$value")
    assert (raw.content, raw.headers["content-length"]) == (content, str(size))
    assert raw.headers["content-type"] == "application/octet-stream"


def test_several_large_files_each_come_back_in_their_place(alex: Graph) -> None:
    contents, draft = [os.urandom(size) for size in (3 * MB, 100, 2 * MB, 3 * MB + 1)], alex.draft()["id"]
    attach(alex.book, draft, *contents)
    answer = alex.get(f"/me/messages/{draft}/attachments")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-type"].startswith("application/json;")
    found = [base64.b64decode(each["contentBytes"]) for each in answer.json()["value"]]
    assert found == contents
    assert json.loads(answer.content)["value"][3]["name"] == "3.bin"


def test_what_a_message_says_cannot_pass_for_a_file(alex: Graph) -> None:
    """The place of a file in an answer is marked anew each time."""
    draft = alex.draft(body={"contentType": "text", "content": "inlay-0123456789abcdef-0-"})["id"]
    attach(alex.book, draft, os.urandom(AT_ONCE + 1))
    shown = alex.read(f"/me/messages/{draft}?$expand=attachments")
    assert shown["body"]["content"] == "inlay-0123456789abcdef-0-"


@pytest.mark.parametrize("what", ["/$value", ""])
def test_a_large_file_is_never_in_memory(alex: Graph, what: str) -> None:
    draft, size = alex.draft()["id"], 40 * MB
    attach(alex.book, draft, bytes(range(256)) * (size // 256))
    (listed,) = alex.values(f"/me/messages/{draft}/attachments?$select=id")
    tracemalloc.start()
    told, sizes = asked_for(alex, f"/me/messages/{draft}/attachments/{listed['id']}{what}")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told[0]["status"] == 200
    assert sum(sizes) == int(dict(told[0]["headers"])[b"content-length"])
    assert sum(sizes) >= size
    assert max(sizes) < 3 * MB
    assert peak < 12 * MB


# --- The whole message -----------------------------------------------------------------------------


def test_a_message_with_large_files_comes_whole_as_mime(alex: Graph) -> None:
    """With the lines that mail has, and the same bytes each time."""
    sizes, draft = (100, AT_ONCE + 1, 57, 3 * MB, AT_ONCE + 2), alex.draft()["id"]
    contents = [os.urandom(size) for size in sizes]
    attach(alex.book, draft, *contents)
    answer = alex.get(f"/me/messages/{draft}/$value")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert files_in(answer.content) == contents
    assert max(map(len, answer.content.split(b"\r\n"))) <= 998
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    assert alex.get(f"/me/messages/{draft}/$value").content == answer.content


def test_a_message_with_large_files_is_never_in_memory(alex: Graph) -> None:
    draft, size = alex.draft()["id"], 40 * MB
    attach(alex.book, draft, bytes(range(256)) * (size // 256))
    tracemalloc.start()
    told, sizes = asked_for(alex, f"/me/messages/{draft}/$value")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == int(dict(told[0]["headers"])[b"content-length"]) > size * 4 // 3
    assert max(sizes) < 3 * MB
    assert peak < 12 * MB


def test_many_files_in_mime_are_found_as_fast_as_one(alex: Graph) -> None:
    """Nobody else is served while a message is looked through."""
    engine = alex.book.engine
    ref, letter = engine.store.blobs.keep([b"x"]), base64.encodebytes(os.urandom(4 * MB))

    def seconds(number: int) -> float:
        large = _Large(engine)
        for each in range(number):
            line = base64.b64encode(large._begins + each.to_bytes(27))
            large._later[line] = ref
        written = letter + b"".join(line + b"\r\n" for line in large._later)
        began = process_time()
        answer = large.response(written)
        took = process_time() - began
        assert int(answer.headers["content-length"]) == len(letter) + number * len(b"eA==\r\n")
        return took

    assert min(seconds(200) for _ in range(3)) < 8 * min(seconds(1) for _ in range(3))


def test_a_file_cannot_pass_for_another_one_in_mime(alex: Graph) -> None:
    """What stands for it is made with the store's own secret."""
    secret, large = b"of another store", os.urandom(AT_ONCE + 1)
    begins = hmac.digest(secret, b"a file stands here", "sha512")[:30]
    mark = begins + hmac.digest(secret, f"stands for {sha256(large).hexdigest()}".encode(), "sha512")[:27]
    draft = alex.draft()["id"]
    attach(alex.book, draft, mark, large)
    assert files_in(alex.get(f"/me/messages/{draft}/$value").content) == [mark, large]


def files_in(mime: bytes) -> list[bytes]:
    """What another program finds in it."""
    found = message_from_bytes(mime, policy=policy.default)
    return [part.get_content() for part in found.iter_attachments()]


@pytest.mark.parametrize(
    "path", ["/$value", "/attachments/{}/$value", "/attachments/{}", "/attachments", "?$expand=attachments"]
)
def test_a_large_file_that_is_gone_is_said_so(alex: Graph, place: str, path: str) -> None:
    """Before the answer begins."""
    draft = alex.draft()["id"]
    attach(alex.book, draft, os.urandom(AT_ONCE + 1))
    (listed,) = alex.values(f"/me/messages/{draft}/attachments?$select=id")
    (blob,) = blob_files(place)
    blob.unlink()
    answer = alex.loop.run(
        alex.http.get(f"/v1.0/me/messages/{draft}{path.format(listed['id'])}", headers=alex.headers)
    )
    assert (answer.status_code, error_in(answer)["code"]) == (500, "ErrorCorruptData")


@pytest.mark.parametrize("what", ["/$value", ""])
def test_a_large_file_that_is_damaged_never_comes_whole(alex: Graph, place: str, what: str) -> None:
    """The answer breaks off, so that nobody takes it for the file."""
    draft = alex.draft()["id"]
    attach(alex.book, draft, bytes(2 * AT_ONCE))
    (listed,) = alex.values(f"/me/messages/{draft}/attachments?$select=id")
    (blob,) = blob_files(place)
    with blob.open("r+b") as file:
        file.write(b"!")
    with pytest.raises(BlobDamaged, match="not what it was"):
        asked_for(alex, f"/me/messages/{draft}/attachments/{listed['id']}{what}")


# --- Many messages ---------------------------------------------------------------------------------


LARGE = AT_ONCE + 1
"""Bytes of a file that is put into an answer while that is sent."""
LIMIT = 3 * LARGE + LARGE // 2
"""Bytes of files that a page may hold: the real limit takes as long again for each page."""


@pytest.fixture
def eight(alex: Graph, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Eight drafts, the newest first, with a large file each: the same one, so the store holds it once."""
    monkeypatch.setattr(answers, "ANSWER_LIMIT", LIMIT)
    content, drafts = os.urandom(LARGE), []
    for number in range(8):
        draft = alex.draft(subject=f"Number {number}")["id"]
        attach(alex.book, draft, content)
        drafts.append(draft)
    return drafts[::-1]


def sizes(page: list[dict[str, Any]]) -> int:
    """Bytes of the files in a page."""
    return sum(each["size"] for message in page for each in message.get("attachments", []))


@pytest.mark.parametrize(
    "query",
    [
        "$expand=attachments&$top=1000",
        "$expand=attachments&$top=1000&$orderby=subject desc,receivedDateTime",
        '$expand=attachments&$top=1000&$search="number"',
    ],
)
def test_a_page_ends_before_it_grows_too_large(alex: Graph, eight: list[str], query: str) -> None:
    """With a link to the rest: every message comes, once, in its order."""
    pages = alex.walk(f"/me/messages?{query}")
    assert [message["id"] for page in pages for message in page] == eight
    assert [len(page) for page in pages] == [3, 3, 2]
    assert all(sizes(page) <= LIMIT for page in pages)
    files = [message["attachments"][0] for page in pages for message in page]
    assert {len(base64.b64decode(file["contentBytes"])) for file in files} == {LARGE}


@pytest.mark.parametrize("query", ["", "&$orderby=subject desc,receivedDateTime", '&$search="number"'])
def test_a_page_of_a_search_folder_ends_before_it_grows_too_large(
    alex: Graph, eight: list[str], query: str
) -> None:
    search = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Some numbers",
        "sourceFolderIds": ["drafts"],
        "filterQuery": "not (subject eq 'Number 0' or subject eq 'Number 2')",
    }
    folder = alex.made("/me/mailFolders/searchfolders/childFolders", search)["id"]
    pages = alex.walk(f"/me/mailFolders/{folder}/messages?$expand=attachments&$top=1000{query}")
    assert [message["id"] for page in pages for message in page] == [*eight[:5], eight[6]]
    assert [len(page) for page in pages] == [3, 3]
    assert all(sizes(page) <= LIMIT for page in pages)


def test_a_page_without_bytes_holds_as_many_as_it_is_asked_for(alex: Graph, eight: list[str]) -> None:
    for query in ("$top=8", "$top=8&$expand=attachments($select=name,size)"):
        (page,) = alex.walk(f"/me/messages?{query}")
        assert [message["id"] for message in page] == eight


def test_one_message_is_always_shown(alex: Graph) -> None:
    drafts = [alex.draft()["id"] for _ in range(2)]
    for draft in drafts:
        attach(alex.book, draft, bytes(ANSWER_LIMIT + 1))
    pages = alex.walk("/me/messages?$expand=attachments&$select=id")
    assert [[message["id"] for message in page] for page in pages] == [[drafts[1]], [drafts[0]]]


def test_links_of_short_pages_repeat_what_was_asked(alex: Graph, eight: list[str]) -> None:
    page = alex.read("/me/messages?$expand=attachments&$top=1000&$select=subject&$count=true")
    assert (page["@odata.count"], len(page["value"])) == (8, 3)
    link = page["@odata.nextLink"]
    assert link.startswith(f"{BASE}/v1.0/me/messages?")
    assert all(
        option in link for option in ("$expand=attachments", "$top=1000", "$select=subject", "$count=true")
    )
