"""How the tests talk to the Graph face: in process, in short sentences, one person at a time."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from starlette.types import ASGIApp, Message

from letterbook import open_book
from letterbook.adapters.book import Book
from tests.fakes import FakeClock
from tests.looping import Conversations

BASE = "https://graph.microsoft.com"
ALEX, MEGAN, ADELE = "alexw@contoso.com", "meganb@contoso.com", "adelev@contoso.com"

State = dict[UUID, tuple[int, bytes]]


def to(*addresses: str) -> list[dict[str, Any]]:
    """Recipients in Graph's shape."""
    return [{"emailAddress": {"address": address}} for address in addresses]


def state_of(book: Book) -> tuple[State, int]:
    """What a refused request must not change: the end of every history, and what waits to be delivered."""
    with book.engine.store.reading() as session:
        heads = {mailbox: session.history.head(mailbox) for mailbox in session.history.mailboxes()}
    return {mailbox: (head.seq, head.hash) for mailbox, head in heads.items()}, book.waiting()


@contextmanager
def book_of_three(place: str | Path) -> Iterator[Book]:
    """A book with three people; nothing is delivered before a test says so."""
    is_new_file = str(place) != ":memory:" and not Path(place).exists()
    if is_new_file:
        Path(place).write_bytes(file_of_three())
    with open_book(place, deliver=False) as book:
        if not is_new_file:
            open_mailboxes(book)
        yield book


def open_mailboxes(book: Book) -> None:
    """Give the three their mailboxes."""
    for address, name in ((ALEX, "Alex Wilber"), (MEGAN, "Megan Bowen"), (ADELE, "Adele Vance")):
        book.add_user(address, name=name)


@cache
def file_of_three(at: datetime | None = None) -> bytes:
    """A store with three mailboxes: made once and copied, as to make it takes longer than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "mail.db")
        with open_book(file, deliver=False, clock=FakeClock(at) if at else None) as book:
            open_mailboxes(book)
        return file.read_bytes()


@dataclass
class InProcess(httpx.AsyncBaseTransport):
    """Takes requests to an application, part by part.

    httpx has such a transport, which looks on the disk for a library named sniffio before each of them.
    """

    app: ASGIApp

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and wait for the whole answer."""
        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 123),
        }
        assert isinstance(request.stream, httpx.AsyncByteStream)
        told, said, ended = _told(request.stream), list[Message](), asyncio.Event()

        async def receive() -> Message:
            if message := await anext(told, None):
                return message
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)
            if not message.get("more_body") and message["type"] == "http.response.body":
                ended.set()

        await self.app(scope, receive, send)
        assert ended.is_set(), "the answer has an end"
        begin, *parts = said
        content = b"".join(part.get("body", b"") for part in parts) if request.method != "HEAD" else b""
        return httpx.Response(begin["status"], headers=begin["headers"], content=content, request=request)


class Client(httpx.AsyncClient):
    """A client of an application in process."""

    def __init__(self, way: InProcess) -> None:
        super().__init__(transport=way, base_url=BASE)
        self._way = way

    async def ask(self, request: httpx.Request) -> httpx.Response:
        """Make a request as it is, without cookies, redirects and time limits: that takes a third less."""
        for name, value in self.headers.raw:
            request.headers.setdefault(name.decode(), value.decode())
        return await self._way.handle_async_request(request)


async def _told(body: httpx.AsyncByteStream) -> AsyncIterator[Message]:
    """A body as an application is told of it."""
    async for chunk in body:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


@contextmanager
def stranger_at(book: Book, loop: Conversations) -> Iterator["Graph"]:
    """Somebody without a token at the Graph face of a book, in process."""
    http = Client(InProcess(book.asgi()))
    yield Graph(book, loop, http)
    loop.run(http.aclose())


@dataclass
class Graph:
    """A conversation with the Graph face. Paths begin behind the version; no answer may ever be a 500."""

    book: Book
    loop: Conversations
    http: "Client"
    headers: dict[str, str] = field(default_factory=dict)
    version: str = "v1.0"

    @property
    def beta(self) -> "Graph":
        """The same conversation about the other version."""
        return replace(self, version="beta")

    @property
    def lasting(self) -> "Graph":
        """The same conversation with ids that do not change when a message is moved or sent."""
        return self.saying(Prefer='IdType="ImmutableId"')

    def saying(self, **headers: str) -> "Graph":
        """The same conversation with more headers on every request."""
        return replace(self, headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()})

    def holding(self, token: str | None) -> "Graph":
        """The same conversation with another token, or with none."""
        others = {name: value for name, value in self.headers.items() if name != "Authorization"}
        return replace(self, headers=others | ({"Authorization": f"Bearer {token}"} if token else {}))

    def request(self, method: str, path: str, **said: Any) -> httpx.Response:
        """Ask; the answer carries the ids that every answer of Graph carries."""
        url = path if path.startswith("http") else f"{BASE}{self._versioned(path)}"
        headers = self.headers | said.pop("headers", {})
        answer = self.loop.run(self.http.ask(httpx.Request(method, url, headers=headers, **said)))
        assert answer.status_code != 500, answer.text
        for name in ("request-id", "client-request-id"):
            assert str(UUID(answer.headers[name])) == answer.headers[name]
        assert answer.headers["cache-control"] == "private"
        return answer

    def _versioned(self, path: str) -> str:
        whole = path.startswith(("/v1.0", "/beta")) or not self.version
        return path if whole else f"/{self.version}{path}"

    def get(self, path: str, **said: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **said)

    def post(self, path: str, **said: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **said)

    def patch(self, path: str, **said: Any) -> httpx.Response:
        """PATCH."""
        return self.request("PATCH", path, **said)

    def delete(self, path: str, **said: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **said)

    def read(self, path: str, **said: Any) -> dict[str, Any]:
        """GET that has to go well: the object or collection."""
        return _good(self.get(path, **said), 200)

    def values(self, path: str, **said: Any) -> list[dict[str, Any]]:
        """GET of a collection that has to go well: its members."""
        values: list[dict[str, Any]] = self.read(path, **said)["value"]
        return values

    def made(self, path: str, said: object) -> dict[str, Any]:
        """POST that has to make something: the thing that was made."""
        return _good(self.post(path, json=said), 201)

    def changed(self, path: str, said: object) -> dict[str, Any]:
        """PATCH that has to go well: the thing as it is now."""
        return _good(self.patch(path, json=said), 200)

    def draft(self, **said: Any) -> dict[str, Any]:
        """A new draft, to Adele unless somebody else is named."""
        return self.made("/me/messages", {"subject": "A draft", "toRecipients": to(ADELE)} | said)

    def sent(self, **said: Any) -> dict[str, Any]:
        """A letter that has been sent, as its sender keeps it."""
        draft = self.lasting.draft(**said)
        assert self.post(f"/me/messages/{draft['id']}/send").status_code == 202
        return self.read(f"/me/messages/{draft['id']}")

    def walk(self, path: str) -> list[list[dict[str, Any]]]:
        """Every page of a collection, by following its links as they are."""
        pages, link = [], path
        while link:
            page = self.read(link)
            pages.append(page["value"])
            link = page.get("@odata.nextLink", "")
            assert not link or link.startswith(f"{BASE}/{self.version}/"), "links are absolute, on this host"
            assert not re.search(r"\s", urlsplit(link).geturl()), "links can be followed as they are"
        return pages

    def refused(self, method: str, path: str, status: int, code: str, **said: Any) -> str:
        """Ask for something that must be refused in Graph's way and leave no trace: the message."""
        before = state_of(self.book)
        answer = self.request(method, path, **said)
        assert state_of(self.book) == before, "a refusal leaves no trace"
        error = error_in(answer)
        assert (answer.status_code, error["code"]) == (status, code), answer.text
        return str(error["message"])


def error_in(answer: httpx.Response) -> dict[str, Any]:
    """The error in an answer, which has Graph's shape."""
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    inner = error["innerError"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", inner["date"])
    assert inner["request-id"] == answer.headers["request-id"]
    assert inner["client-request-id"] == answer.headers["client-request-id"]
    assert error["message"]
    return error


def _good(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found
