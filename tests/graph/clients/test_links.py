"""Where the links in answers lead."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from letterbook.adapters.book import Book
from letterbook.adapters.cli.forwarded import Forwarded, networks
from tests.documents.ticking import ticks
from tests.graph.client import ADELE, ALEX, Graph, to
from tests.graph.clients.correspondence import MB, put, session

HOSTS = ("http://localhost:8025", "http://127.0.0.1:8025", "https://mail.contoso.com", "http://[::1]:8025")


def links(graph: Graph, base: str) -> Iterator[str]:
    """Every kind of link, asked for at an address."""
    draft = graph.draft()["id"]
    graph.draft()
    page = graph.read(f"{base}/v1.0/me/messages?$top=1&$select=subject")
    yield page["@odata.nextLink"]
    yield page["@odata.context"]
    delta = f"{base}/v1.0/me/mailFolders/drafts/messages/delta"
    first = graph.read(delta, headers={"Prefer": "odata.maxpagesize=1"})
    yield first["@odata.nextLink"]
    yield graph.read(delta)["@odata.deltaLink"]
    data = bytes(3 * MB)
    url = session(graph, draft, len(data))["uploadUrl"]
    begun = f"{base}/v1.0/me/messages/{draft}/attachments/createUploadSession"
    item = {"AttachmentItem": {"attachmentType": "file", "name": "flower.jpg", "size": len(data)}}
    url = graph.made(begun, item)["uploadUrl"]
    yield url
    yield put(graph, url, 0, data, len(data)).headers["location"]


@ticks("14", "16")
@pytest.mark.parametrize("base", HOSTS)
def test_links_lead_to_the_address_that_the_client_used(alex: Graph, base: str) -> None:
    """And begin with the version, so that clients which take a path apart find it."""
    found = list(links(alex, base))
    assert len(found) == 6
    for link in found:
        assert re.match(re.escape(base) + r"/v1\.0/[^/]+", link)


@ticks("14")
def test_links_keep_every_other_option(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=f"Number {number}")
    asked = {
        "$top": "1",
        "$select": "subject",
        "$filter": "startswith(subject,'Number')",
        "$orderby": "subject",
        "$count": "true",
        "$expand": "attachments",
    }
    page = alex.read("/me/messages", params=asked)
    assert dict(parse_qsl(urlsplit(page["@odata.nextLink"]).query)).items() >= asked.items()


def forwarded(book: Book, trusted: str, **headers: str) -> str:
    """The context of an answer that came through a proxy."""
    face = Forwarded(book.asgi(), networks(trusted))

    async def asked() -> Any:
        wire = httpx.ASGITransport(face, client=("10.1.2.3", 5000))
        async with httpx.AsyncClient(transport=wire, base_url="http://inside:8025") as client:
            bearer = {"Authorization": f"Bearer {book.token(ALEX)}"}
            return (await client.get("/v1.0/me/messages", headers=bearer | headers)).json()

    found: str = asyncio.run(asked())["@odata.context"]
    return found.partition("/v1.0/")[0]


@ticks("15")
def test_a_trusted_proxy_says_where_links_lead(book: Book) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mail.contoso.com"}
    assert forwarded(book, "10.1.2.3", **said) == "https://mail.contoso.com"
    assert forwarded(book, "10.9.9.9", **said) == "http://inside:8025"


@ticks("15")
def test_nobody_forges_links_by_a_header(alex: Graph) -> None:
    """Without a proxy that is trusted only the Host header counts."""
    said = {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Original-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Port": "1",
    }
    shown = alex.read("/me/messages", headers=said)
    assert shown["@odata.context"].startswith("https://graph.microsoft.com/v1.0/$metadata#")


@ticks("17")
def test_tokens_stand_in_a_url_as_they_are(alex: Graph) -> None:
    """Some clients take a link apart and put it together again without encoding anything."""
    for _ in range(3):
        alex.draft(toRecipients=to(ADELE))
    listed = alex.read("/me/messages?$top=1")["@odata.nextLink"]
    delta = alex.read("/me/mailFolders/drafts/messages/delta")["@odata.deltaLink"]
    for link in (listed, delta):
        ((token,),) = [re.findall(r"\$(?:skip|delta)token=([^&]+)", link)]
        assert re.fullmatch(r"[A-Za-z0-9_.~-]+", token)
        options = dict(parse_qsl(urlsplit(link).query))
        again = f"{link.partition('?')[0]}?{'&'.join(f'{key}={value}' for key, value in options.items())}"
        assert alex.read(again)["value"] == alex.read(link)["value"]
