"""``kill -9`` in the middle of an upload: the pieces that were acknowledged stay, half a piece does not."""

import json
import os
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from letterbook import open_book
from tests.crash.test_kill import post, served

FLOWER = os.urandom(3_483_322)
CUT = 2_097_152


def asked(
    port: int, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """One request to an upload URL, wherever the server is by now."""
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def made(port: int, token: str, path: str, said: object) -> dict[str, Any]:
    """Something that was made."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    status, body = post(connection, token, path, said)
    connection.close()
    assert status == 201, body
    found: dict[str, Any] = json.loads(body)
    return found


def placed(start: int, after: int) -> dict[str, str]:
    """The header that says where a piece belongs."""
    return {"Content-Range": f"bytes {start}-{after - 1}/{len(FLOWER)}"}


def half_sent(port: int, url: str) -> HTTPConnection:
    """A connection on which half of the second piece was sent, and arrived."""
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("PUT", f"{parts.path}?{parts.query}")
    connection.putheader("Content-Range", f"bytes {CUT}-{len(FLOWER) - 1}/{len(FLOWER)}")
    connection.putheader("Content-Length", str(len(FLOWER) - CUT))
    connection.endheaders(FLOWER[CUT:-1])
    return connection


@pytest.mark.parametrize("encrypted", [False, True])
def test_an_upload_goes_on_after_a_kill(tmp_path: Path, encrypted: bool) -> None:
    """From where the last answer said, and the file is whole in the end."""
    store = tmp_path / "mail.db"
    open_book(store, encrypted=encrypted, deliver=False).close()
    with served(store) as (process, port, token):
        draft = made(port, token, "messages", {"subject": "A draft"})["id"]
        item = {"attachmentType": "file", "name": "flower", "size": len(FLOWER)}
        path = f"messages/{draft}/attachments/createUploadSession"
        url = made(port, token, path, {"AttachmentItem": item})["uploadUrl"]
        assert asked(port, "PUT", url, FLOWER[:CUT], placed(0, CUT))[0] == 200
        connection = half_sent(port, url)
        assert asked(port, "GET", url)[0] == 200
        process.kill()
        connection.close()
    with served(store) as (_, port, token):
        assert json.loads(asked(port, "GET", url)[1])["NextExpectedRanges"] == [str(CUT)]
        assert asked(port, "PUT", url, FLOWER[CUT:], placed(CUT, len(FLOWER))) == (201, b"")
        headers = {"Authorization": f"Bearer {token}"}
        _, listed = asked(port, "GET", f"/v1.0/me/messages/{draft}/attachments?$select=id", headers=headers)
        (file,) = json.loads(listed)["value"]
        raw = asked(
            port, "GET", f"/v1.0/me/messages/{draft}/attachments/{file['id']}/$value?", headers=headers
        )
        assert raw == (200, FLOWER)
