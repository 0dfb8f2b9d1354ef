"""$batch: up to twenty requests in one, each answered as if it had come alone.

Source: *Combine multiple requests in one HTTP call using JSON batching*. Requests that depend on no other are
asked side by side and share a transaction; one whose forerunner failed is answered 424 and never asked.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import SplitResult, quote, unquote, urlsplit

from pydantic import Field, JsonValue
from pydantic_core import from_json, to_json
from starlette.responses import Response
from starlette.types import Message

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.asked import below
from letterbook.adapters.graph.call import SAFE_IN_PATH, Call
from letterbook.adapters.graph.lists import Shown
from letterbook.adapters.graph.wire import Wire, read

MOST = 20
"""Requests in one batch (Graph: json-batching)."""
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_OURS = frozenset({"authorization", "host", "content-length", "transfer-encoding", "connection"})
"""Headers that a part does not choose for itself."""
_UNSAID = frozenset({"content-length", "request-id", "client-request-id"})
"""Headers that the answer to a part does not repeat."""


class WirePart(Wire):
    """One request of a batch. Unknown members are passed over: clients send ``depends_on: []`` and others."""

    id: str
    method: str
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    body: JsonValue = None
    depends_on: list[str] | None = None

    def header(self, name: str) -> str:
        """A header, whatever the case of its name."""
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


class WireBatch(Wire):
    """A batch."""

    graph_type: ClassVar[str] = "batch"

    requests: list[dict[str, Any]]


async def batch(call: Call) -> Response:
    """POST /$batch."""
    parts = [_part(each) for each in read(WireBatch, await call.body()).requests]
    _check(parts)
    answers: dict[str, Shown] = {}
    while waiting := [part for part in parts if part.id not in answers]:
        ready = [part for part in waiting if all(name in answers for name in part.depends_on or ())]
        answers |= await _asked(call, ready, answers)
    return call.json(to_json({"responses": [answers[part.id] for part in parts]}))


def _part(said: dict[str, Any]) -> WirePart:
    """One request as it was written, without the members that mean nothing."""
    known = {info.alias for info in WirePart.model_fields.values()}
    kept = {name: value for name, value in said.items() if name in known and value is not None}
    if isinstance(kept.get("id"), int):
        kept["id"] = str(kept["id"])
    return read(WirePart, to_json(kept))


# --- What makes a batch malformed ------------------------------------------------------------------


def _check(parts: list[WirePart]) -> None:
    """Refuse the whole batch for what is wrong with any part of it (wording: observed)."""
    if not parts:
        raise errors.bad_request("A batch must have at least one request.")
    if len(parts) > MOST:
        raise errors.bad_request(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    seen: set[str] = set()
    for part in parts:
        if not part.id or part.id in seen:
            raise errors.bad_request(f"Request id '{part.id}' is missing or not unique in the batch.")
        if not set(part.depends_on or ()) <= seen:
            raise errors.bad_request(f"Invalid dependency for request Id: {part.id}.")
        _check_body(part)
        seen.add(part.id)


def _check_body(part: WirePart) -> None:
    writes = part.method.upper() in _WRITES
    if (writes or part.body is not None) and not part.header("content-type"):
        raise errors.bad_request(f"Write request with id '{part.id}' does not contain a Content-Type header.")
    if writes and part.body is None:
        raise errors.bad_request(
            f"Write request id : {part.id} does not contain Content-Type header or body."
        )


# --- One part --------------------------------------------------------------------------------------


async def _asked(call: Call, ready: Iterable[WirePart], answers: dict[str, Shown]) -> dict[str, Shown]:
    """The answers to requests that need not wait for one another."""
    found = await asyncio.gather(*(_answer(call, part, answers) for part in ready))
    return {shown["id"]: shown for shown in found}


async def _answer(call: Call, part: WirePart, earlier: dict[str, Shown]) -> Shown:
    failed = [name for name in part.depends_on or () if earlier[name]["status"] >= 400]
    if failed:
        return _refused(call, part, _failed_dependency(failed[0]))
    try:
        scope = _scope(call, part)
    except errors.GraphError as wrong:
        return _refused(call, part, wrong)
    heard = _Heard(_body(part))
    await call.face(scope, heard.receive, heard.send)
    return _shown(part, heard.status, heard.headers, bytes(heard.body))


def _failed_dependency(name: str) -> errors.GraphError:
    message = f"The request was not sent because the request with id '{name}', on which it depends, failed."
    return errors.GraphError(424, "FailedDependency", message)


def _refused(call: Call, part: WirePart, wrong: errors.GraphError) -> Shown:
    body = errors.error_body(wrong, call.request_id, call.request_id, call.engine.clock.now())
    return _shown(part, wrong.status, [(b"content-type", b"application/json")], body)


def _scope(call: Call, part: WirePart) -> dict[str, Any]:
    """The request that a part stands for; who asks is the same as for the batch."""
    path, query = _path(call, part.url)
    if path.rstrip("/").lower().endswith("/$batch"):
        raise errors.bad_request("A batch cannot hold another batch.")
    outer, root = call.request.scope, call.request.root
    own = [(name, value) for name, value in outer["headers"] if name in (b"authorization", b"host")]
    said = [_header(name, value) for name, value in part.headers.items() if name.lower() not in _OURS]
    return {
        **outer,
        "method": part.method.upper(),
        "path": root + unquote(path, errors="surrogateescape"),
        "raw_path": (quote(root, safe=SAFE_IN_PATH) + path).encode(),
        "query_string": query.encode("ascii", "replace"),
        "headers": [*own, *said],
    }


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~\w-]+", name, re.ASCII) or re.search(r"[\r\n\0]", value):
        raise errors.bad_request(f"The header '{name[:40]}' is not valid.")
    return name.lower().encode(), value.encode("latin-1", "replace")


_VERSION = re.compile(r"/(?:v1\.0|beta)(?=/|$)", re.IGNORECASE)


def _path(call: Call, url: str) -> tuple[str, str]:
    """Path and query of a part: relative to the version of the batch, to the host, or absolute."""
    try:
        split, here = urlsplit(url), urlsplit(call.base)
        elsewhere = bool(split.netloc) and _host(split, here.scheme) != _host(here, here.scheme)
    except ValueError:
        raise errors.bad_request("The url of the request is not valid.") from None
    path = f"/{split.path.lstrip('/')}"
    inside = below(here.path, path)
    if not split.netloc:
        return _from_version(call, path, inside), split.query
    if inside is None or elsewhere:
        raise errors.bad_request(f"'{url[:200]}' leads elsewhere: host or path is not that of this service.")
    return inside, split.query


_PORTS = {"http": 80, "https": 443}


def _host(url: SplitResult, scheme: str) -> tuple[str | None, int | None]:
    """Host, whatever its case, and port; ``None`` if it is the usual one. A proxy may hide the scheme."""
    usual = _PORTS.get(url.scheme or scheme)
    return url.hostname, None if url.port == usual else url.port


def _from_version(call: Call, path: str, inside: str | None) -> str:
    """The path of a part that names no host, from the version on; ``inside`` the face, if it may be."""
    if inside is not None and _VERSION.match(inside):
        return inside
    return path if _VERSION.match(path) else f"/{'beta' if call.beta else 'v1.0'}{path}"


_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*", re.ASCII)


def _body(part: WirePart) -> bytes:
    """The body as it would be sent alone: JSON as it is, anything else from its base64."""
    if part.body is None:
        return b""
    if not isinstance(part.body, str) or "json" in part.header("content-type").lower():
        return to_json(part.body)
    raw = part.body.encode()
    try:
        inside = base64.b64decode(raw.translate(None, b" \r\n").replace(b"-", b"+").replace(b"_", b"/"))
    except (binascii.Error, ValueError):
        return raw
    is_text = part.header("content-type").lower().startswith("text/")
    return raw if is_text and not _BASE64.fullmatch(inside.decode("latin-1")) else inside


class _Heard:
    """What was asked, and what was answered, in ASGI's words."""

    def __init__(self, asked: bytes) -> None:
        self._asked: bytes | None = asked
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def receive(self) -> Message:
        """The body, once. Whoever listens on, for a client that hangs up, hears nothing more."""
        asked, self._asked = self._asked, None
        if asked is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": asked or b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


def _shown(part: WirePart, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Shown:
    """An answer inside the answer: JSON as it is, anything else as base64."""
    said = {name.decode().title(): value.decode("latin-1") for name, value in headers}
    shown: Shown = {"id": part.id, "status": status}
    shown["headers"] = {name: value for name, value in said.items() if name.lower() not in _UNSAID}
    if body:
        is_json = said.get("Content-Type", "").startswith("application/json")
        shown["body"] = from_json(body) if is_json else base64.b64encode(body).decode()
    return shown
