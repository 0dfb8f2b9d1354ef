"""Bodies that a client has compressed, as some SDKs do unasked."""

import gzip
import zlib
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from letterbook.adapters.graph.asked import Asked
from letterbook.adapters.graph.codings import body_of
from letterbook.adapters.graph.errors import GraphError
from tests.graph.client import Graph
from tests.looping import Conversations

MIB = 1024 * 1024
DRAFT = b'{"subject":"Packed"}'
JSON = {"Content-Type": "application/json"}


def packed(coding: str) -> dict[str, str]:
    """The headers of a body that is packed so."""
    return JSON | {"Content-Encoding": coding}


@pytest.fixture
def place() -> str:
    """In memory: nothing here is about files."""
    return ":memory:"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip ", ",gzip, ", "identity, gzip"])
def test_gzip_is_understood(alex: Graph, coding: str) -> None:
    answer = alex.post("/me/messages", content=gzip.compress(DRAFT), headers=packed(coding))

    assert (answer.status_code, answer.json()["subject"]) == (201, "Packed")


@pytest.mark.parametrize("coding", ["identity", "", " , ", "Identity,identity"])
def test_identity_is_no_packing(alex: Graph, coding: str) -> None:
    answer = alex.post("/me/messages", content=DRAFT, headers=packed(coding))

    assert answer.status_code == 201


def test_a_packed_change_is_a_change(alex: Graph) -> None:
    draft = alex.draft()

    content = gzip.compress(b'{"subject":"Another"}')
    answer = alex.patch(f"/me/messages/{draft['id']}", content=content, headers=packed("gzip"))

    assert answer.json()["subject"] == "Another"


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, br", "compress"])
def test_any_other_packing_is_415_so_that_clients_try_without(alex: Graph, coding: str) -> None:
    kind = (415, "UnsupportedMediaType")
    alex.refused("POST", "/me/messages", *kind, content=zlib.compress(DRAFT), headers=packed(coding))
    answer = alex.post("/me/messages", content=DRAFT, headers=packed(coding))

    assert answer.headers["accept-encoding"] == "gzip"


def test_the_packing_may_be_said_in_two_headers(alex: Graph) -> None:
    said = [*alex.headers.items(), *JSON.items(), ("Content-Encoding", "gzip"), ("Content-Encoding", "br")]
    request = alex.http.build_request("POST", "/v1.0/me/messages", content=gzip.compress(DRAFT), headers=said)

    assert alex.loop.run(alex.http.ask(request)).status_code == 415


@pytest.mark.parametrize(
    "spoilt",
    [
        DRAFT,
        gzip.compress(DRAFT) + gzip.compress(b"")[:-1],
        gzip.compress(DRAFT)[:-1],
        gzip.compress(DRAFT) + b"more",
        gzip.compress(DRAFT)[:-8] + bytes(8),
    ],
    ids=["as it was", "another cut", "cut", "with more behind", "another checksum"],
)
def test_what_is_no_gzip_is_refused(alex: Graph, spoilt: bytes) -> None:
    alex.refused("POST", "/me/messages", 400, "BadRequest", content=spoilt, headers=packed("gzip"))


def test_nothing_is_nothing_however_it_is_said_to_be_packed(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/createForward"

    assert alex.post(path, content=b"", headers=packed("gzip")).status_code == 201


def test_a_bomb_of_many_members_is_stopped(alex: Graph) -> None:
    bomb = gzip.compress(b" " * MIB) * 5

    alex.refused("POST", "/me/messages", 413, "BadRequest", content=bomb, headers=packed("gzip"))


def test_a_bomb_is_stopped(alex: Graph) -> None:
    bomb = gzip.compress(b'{"subject":"' + b"x" * (64 * MIB) + b'"}')

    assert len(bomb) < MIB
    alex.refused("POST", "/me/messages", 413, "BadRequest", content=bomb, headers=packed("gzip"))


def test_a_piece_of_an_upload_is_not_unpacked(alex: Graph) -> None:
    size = 4 * MIB
    item = {"attachmentType": "file", "name": "plan.pdf", "size": size}
    where = f"/me/messages/{alex.draft()['id']}/attachments"
    url = alex.made(f"{where}/createUploadSession", {"AttachmentItem": item})["uploadUrl"]
    headers = {"Content-Range": f"bytes 0-{size - 1}/{size}", "Content-Encoding": "gzip"}

    answer = alex.request("PUT", url, content=gzip.compress(bytes(size)), headers=headers)

    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    del headers["Content-Encoding"]
    assert alex.request("PUT", url, content=bytes(size), headers=headers).status_code == 201


# --- Piece by piece --------------------------------------------------------------------------------


def asked(pieces: Iterator[bytes]) -> Asked:
    """A request whose packed body comes in these pieces."""

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-encoding", b"gzip")]
    return Asked({"method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


@given(members=some.lists(some.binary(max_size=100), max_size=4), size=some.integers(1, 60))
def test_however_it_is_cut_it_is_what_was_packed(
    loop: Conversations, members: list[bytes], size: int
) -> None:
    whole = b"".join(map(gzip.compress, members))
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))

    assert loop.run(body_of(asked(pieces), 500)) == b"".join(members)


def test_a_file_of_nothing_but_members_is_gone_through_once(loop: Conversations) -> None:
    """Of quadratic work with as many nobody would see the end."""
    whole = gzip.compress(b"") * 50_000

    assert loop.run(body_of(asked(iter([whole])), MIB)) == b""


NOTHING_FOR_EVER = chain((gzip.compress(b"")[:10],), repeat(b"\x00\x00\x00\xff\xff" * 20))
WORDS_FOR_EVER = chain((gzip.compress(b"")[:10],), repeat(b"\x00\x02\x00\xfd\xffhi"))


@pytest.mark.parametrize("endless", [NOTHING_FOR_EVER, WORDS_FOR_EVER], ids=["nothing", "words"])
def test_what_is_too_long_is_not_read_to_its_end(loop: Conversations, endless: Iterator[bytes]) -> None:
    with pytest.raises(GraphError, match="4MB"):
        loop.run(body_of(asked(endless), 500))
