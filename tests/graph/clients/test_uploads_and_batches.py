"""Large files and many requests at once, as clients send them."""

from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from letterbook.adapters.book import Book
from tests.documents.ticking import ticks
from tests.documents.wire import is_empty
from tests.graph.client import ALEX, BASE, Graph
from tests.graph.clients.correspondence import MB, put, session
from tests.serving import Served

SIZE = 3 * MB + 5
CUT = 2 * MB
DATA = bytes(SIZE)


@pytest.fixture
def draft(alex: Graph) -> str:
    """A draft without attachments."""
    return str(alex.draft()["id"])


def files(graph: Graph, draft: str) -> list[int]:
    """How large the attachments of a draft are."""
    return [each["size"] for each in graph.values(f"/me/messages/{draft}/attachments?$select=size")]


@ticks("33")
def test_a_session_says_what_clients_ask_it_for(alex: Graph, draft: str) -> None:
    begun = session(alex, draft, SIZE)
    assert begun["nextExpectedRanges"] == ["0-"]
    assert begun["uploadUrl"].startswith(BASE)
    assert begun["expirationDateTime"].endswith("Z")
    item = {"AttachmentItem": {"attachmentType": "file", "name": "a", "size": 2_999_999}}
    place = f"/me/messages/{draft}/attachments/createUploadSession"
    alex.refused("POST", place, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", json=item)


@ticks("34", "35")
@pytest.mark.parametrize("token", ["none", "its own", "a foreign one"])
def test_pieces_come_with_any_token(alex: Graph, draft: str, token: str) -> None:
    asker = {"none": alex.holding(None), "its own": alex, "a foreign one": alex.holding("None")}[token]
    url = session(alex, draft, SIZE)["uploadUrl"]
    first = put(asker, url, 0, DATA[:CUT], SIZE)
    assert (first.status_code, first.json()["nextExpectedRanges"]) == (200, [f"{CUT}-{SIZE - 1}"])
    last = put(asker, url, CUT, DATA[CUT:], SIZE)
    assert last.status_code == 201
    assert is_empty(last)
    location = last.headers["location"]
    found = location[location.find("Attachments(") + 13 : -2]  # as Office365-REST-Python-Client cuts it out
    assert alex.read(f"/me/messages/{draft}/attachments/{found}")["size"] == SIZE
    assert alex.read(location)["id"] == found


@ticks("36")
def test_one_request_too_many_changes_nothing(alex: Graph, draft: str) -> None:
    url = session(alex, draft, SIZE)["uploadUrl"]
    done = put(alex, url, 0, DATA, SIZE)
    headers = {"Content-Range": f"bytes {SIZE}-{SIZE - 1}/{SIZE}"}
    for said in ({"content": b"", "headers": headers}, {"content": DATA[CUT:], "headers": headers}):
        again = alex.request("PUT", url, **said)
        assert (again.status_code, again.headers["location"]) == (201, done.headers["location"])
    assert files(alex, draft) == [SIZE]


@ticks("32")
def test_a_connection_stays_open_and_takes_bodies_in_chunks(book: Book, alex: Graph, draft: str) -> None:
    """Over HTTP: in process there are no connections."""
    size = 8 * MB
    url = session(alex, draft, size)["uploadUrl"]
    served = Served(book)
    try:
        with closing(HTTPConnection("127.0.0.1", served.port, timeout=30)) as wire:
            wire.connect()
            wire.auto_open = 0  # a connection that was closed would not be opened again
            for start, status in ((0, 200), (4 * MB, 201)):
                said = {"Content-Range": f"bytes {start}-{start + 4 * MB - 1}/{size}"}
                wire.request("PUT", url.removeprefix(BASE), iter([bytes(MB)] * 4), said)
                assert _status(wire) == status
            bearer = {"Authorization": f"Bearer {book.token(ALEX)}", "Content-Type": "application/json"}
            wire.request("POST", "/v1.0/me/messages", iter([b'{"subject":', b'"In chunks"}']), bearer)
            assert _status(wire) == 201
    finally:
        served.stop()
    assert "In chunks" in {each["subject"] for each in alex.values("/me/messages")}
    assert files(alex, draft) == [size]


def _status(wire: HTTPConnection) -> int:
    """How a request went; its answer is read to the end."""
    answer = wire.getresponse()
    answer.read()
    assert answer.version == 11
    return answer.status


def batch(graph: Graph, *parts: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to the parts of a batch, as they come."""
    answer = graph.post("/$batch", json={"requests": list(parts)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["responses"]
    return found


@ticks("37")
@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/v1.0/me/mailFolders/inbox",
        "/v1.0/me/mailFolders/inbox",
        "/me/mailFolders/inbox",
        "me/mailFolders/inbox",
        "/users/me-token-to-replace/mailFolders/inbox",
    ],
)
def test_a_part_may_have_any_url(alex: Graph, url: str) -> None:
    (found,) = batch(alex, {"id": "1", "method": "GET", "url": url, "headers": {}, "depends_on": []})
    assert (found["status"], found["body"]["displayName"]) == (200, "Inbox")


@ticks("37")
def test_headers_of_a_part_may_be_written_small(alex: Graph) -> None:
    said = {"headers": {"content-type": "application/json", "accept": "application/json"}, "depends_on": []}
    (found,) = batch(
        alex, said | {"id": "1", "method": "POST", "url": "/me/messages", "body": {"subject": "x"}}
    )
    assert (found["status"], found["body"]["subject"]) == (201, "x")


@ticks("38")
def test_every_part_is_answered_in_full(alex: Graph, draft: str) -> None:
    found = batch(
        alex,
        {"id": "1", "method": "GET", "url": f"/me/messages/{draft}"},
        {"id": "2", "method": "GET", "url": f"/me/messages/{draft}/$value"},
        {"id": "3", "method": "GET", "url": "/me/messages/nonsense"},
        {"id": "4", "method": "GET", "url": "/me/messages", "dependsOn": ["3"]},
    )
    assert {each["id"]: each["status"] for each in found} == {"1": 200, "2": 200, "3": 400, "4": 424}
    bodies = {each["id"]: each["body"] for each in found}
    assert {name: type(body) for name, body in bodies.items()} == {"1": dict, "2": str, "3": dict, "4": dict}
    assert bodies["3"]["error"]["code"] == "ErrorInvalidIdMalformed"
    for each in found:
        kind = "text/plain" if each["id"] == "2" else "application/json"
        assert each["headers"]["Content-Type"].partition(";")[0] == kind
    many = [{"id": str(number), "method": "GET", "url": "/me/messages"} for number in range(21)]
    alex.refused("POST", "/$batch", 400, "BadRequest", json={"requests": many})
