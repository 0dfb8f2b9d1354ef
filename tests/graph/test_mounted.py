"""The Graph face below a path of another application: whatever it answers leads back to where it is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from letterbook import Limits, open_book
from tests.graph.client import ADELE, ALEX, BASE, Client, Graph, InProcess, open_mailboxes
from tests.looping import Conversations

ROOT = "/products/mail box"
HERE = f"{BASE}/products/mail%20box"
CHUNK = b"x" * 5 * 320 * 1024


class Shorter:
    """A server, or a proxy, that hands on the path without the root; ``tells`` it as ASGI does, or not."""

    def __init__(self, face: ASGIApp, *, tells: bool) -> None:
        self._face = face
        self._tells = tells

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is below the root."""
        assert scope["path"].startswith(f"{ROOT}/"), scope["path"]
        told = {"path": scope["path"].removeprefix(ROOT), "root_path": ROOT if self._tells else ""}
        await self._face({**scope, **told}, receive, send)


def placed(face: ASGIApp, way: str) -> ASGIApp:
    """The face, below a root."""
    match way:
        case "mounted":
            return Starlette(routes=[Mount(ROOT, app=face)])
        case "mounted in what is mounted":
            inner = Starlette(routes=[Mount("/mail box", app=face)])
            return Starlette(routes=[Mount("/products", app=inner)])
        case "by a server that leaves the root away":
            return Shorter(face, tells=True)
        case _:
            return Shorter(face, tells=False)


WAYS = [
    "mounted",
    "mounted in what is mounted",
    "by a server that leaves the root away",
    "behind a proxy that nobody hears of",
]


@pytest.fixture(params=[*WAYS, "mounted behind a throttle"])
def alex(request: pytest.FixtureRequest, loop: Conversations) -> Iterator[Graph]:
    """Alex, at a face below a root."""
    way = request.param.removesuffix(" behind a throttle")
    address = HERE if way == WAYS[-1] else None
    throttle = Limits() if way != request.param else None
    with open_book(":memory:", deliver=False, public_url=address, throttle=throttle) as book:
        open_mailboxes(book)
        http = Client(InProcess(placed(book.asgi(), way)))
        yield Graph(book, loop, http, version="products/mail%20box/v1.0").holding(book.token(ALEX))
        loop.run(http.aclose())


def test_all_that_an_answer_links_to_is_below_the_root(alex: Graph) -> None:
    made = alex.post("/me/messages", json={"subject": "Hello"})
    assert made.status_code == 201, made.text
    assert made.json()["@odata.context"].startswith(f"{HERE}/v1.0/$metadata#users('")
    assert made.headers["location"].startswith(f"{HERE}/v1.0/users('")
    assert alex.read(made.headers["location"])["subject"] == "Hello"


def test_pages_can_be_followed(alex: Graph) -> None:
    for number in range(5):
        alex.draft(subject=f"{number}")
    pages = alex.walk("/me/messages?$top=2&$orderby=subject")
    assert [[each["subject"] for each in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]


def test_changes_can_be_followed(alex: Graph) -> None:
    first = alex.read("/me/mailFolders/drafts/messages/delta?$deltatoken=latest")
    assert first["@odata.deltaLink"].startswith(f"{HERE}/v1.0/me/")
    draft = alex.draft()
    assert [each["id"] for each in alex.values(first["@odata.deltaLink"])] == [draft["id"]]


def test_what_is_uploaded_goes_to_where_it_is_said(alex: Graph) -> None:
    """Both the URL for the pieces, and the one that the last answer gives."""
    draft, size = alex.draft()["id"], 2 * len(CHUNK)
    item = {"attachmentType": "file", "name": "a.bin", "size": size}
    session = alex.made(f"/me/messages/{draft}/attachments/createUploadSession", {"AttachmentItem": item})
    assert session["uploadUrl"].startswith(f"{HERE}/")
    url, anyone = session["uploadUrl"], alex.holding(None)
    for first, status in ((0, 200), (len(CHUNK), 201)):
        said = {"Content-Range": f"bytes {first}-{first + len(CHUNK) - 1}/{size}"}
        answer = anyone.request("PUT", url, content=CHUNK, headers=said)
        assert answer.status_code == status, answer.text
    assert answer.headers["location"].startswith(f"{HERE}/")
    assert [each["size"] for each in alex.values(f"/me/messages/{draft}/attachments")] == [size]


def parts(alex: Graph, *urls: str) -> list[tuple[int, Any]]:
    """How each of several urls in one batch is answered."""
    asked = [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(urls)]
    answer = alex.post("/$batch", json={"requests": asked})
    assert answer.status_code == 200, answer.text
    return [(each["status"], each["body"]) for each in answer.json()["responses"]]


def test_a_batch_takes_urls_as_they_were_answered(alex: Graph) -> None:
    """Relative to the version or to the host, with the root or without; and whole links."""
    for number in range(3):
        alex.draft(subject=f"{number}")
    page = alex.read("/me/messages?$top=1&$orderby=subject")
    link = page["@odata.nextLink"]
    found = parts(
        alex, "/me/messages?$top=1&$orderby=subject", link, link.removeprefix(BASE), "/beta/me/messages"
    )
    assert [status for status, _ in found] == [200] * 4
    assert [body["value"][0]["subject"] for _, body in found[:3]] == ["0", "1", "1"]
    assert found[0][1]["@odata.nextLink"] == link
    assert found[3][1]["@odata.context"].startswith(f"{HERE}/beta/")


def test_a_batch_takes_no_url_from_beside_the_root(alex: Graph) -> None:
    """What is there belongs to the application around it."""
    for url in (
        f"{BASE}/v1.0/me/messages",
        f"{HERE}er/v1.0/me",
        "https://example.com/products/mail%20box/v1.0/me",
    ):
        ((status, body),) = parts(alex, url)
        assert (status, body["error"]["code"]) == (400, "BadRequest")


def test_the_description_says_where_its_paths_begin(alex: Graph) -> None:
    document = alex.get(f"{HERE}/openapi.json").json()
    assert document["servers"] == [{"url": "/products/mail%20box"}]
    page = alex.get(f"{HERE}/docs").text
    assert re.findall(r"fetch\((.*?)\)", page) == ['"openapi.json"'], "from beside the page"


def test_the_keys_are_where_it_is_said(alex: Graph) -> None:
    said = alex.get(f"{HERE}/common/.well-known/openid-configuration").json()
    assert said["jwks_uri"].startswith(f"{HERE}/common/")
    assert alex.get(said["jwks_uri"]).json()["keys"]


def test_answers_of_one_place_are_not_given_at_another(loop: Conversations) -> None:
    """One face at two paths: what it remembers has links in it."""
    with open_book(":memory:", deliver=False) as book:
        open_mailboxes(book)
        face = book.asgi()
        both = Starlette(routes=[Mount("/a", app=face), Mount("/b", app=face)])
        http = Client(InProcess(both))
        graph = Graph(book, loop, http, version="").holding(book.token(ADELE))
        for _ in range(2):
            for place in ("a", "b"):
                context = graph.get(f"/{place}/v1.0/me/messages").json()["@odata.context"]
                assert context.startswith(f"{BASE}/{place}/v1.0/")
        loop.run(http.aclose())


def test_a_face_at_the_root_describes_itself_so(nobody: Graph) -> None:
    assert nobody.get(f"{BASE}/openapi.json").json()["servers"] == [{"url": "/"}]


def test_the_address_of_a_proxy_is_written_as_links_are(loop: Conversations) -> None:
    """Whether the path was escaped before or not; a batch may write host and port in other ways."""
    for address in (f"{BASE}{ROOT}/", HERE):
        with open_book(":memory:", deliver=False, public_url=address) as book:
            open_mailboxes(book)
            http = Client(InProcess(Shorter(book.asgi(), tells=False)))
            alex = Graph(book, loop, http, version="products/mail%20box/v1.0").holding(book.token(ALEX))
            assert alex.read("/me/messages")["@odata.context"].startswith(f"{HERE}/v1.0/$metadata")
            url = f"{HERE}/v1.0/me/messages".replace("microsoft.com", "Microsoft.com:443")
            asked = alex.post("/$batch", json={"requests": [{"id": "1", "method": "GET", "url": url}]})
            assert [each["status"] for each in asked.json()["responses"]] == [200]
            loop.run(http.aclose())


def test_whoever_wants_a_websocket_is_told_that_there_is_none(loop: Conversations) -> None:
    said = list[Message]()

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    with open_book(":memory:", deliver=False, throttle=Limits()) as book:
        scope = {"type": "websocket", "path": "/v1.0/me", "headers": [], "query_string": b""}
        face = book.asgi()

        async def knock() -> None:
            await face(scope, receive, send)

        loop.run(knock())
    assert said == [{"type": "websocket.close"}]
