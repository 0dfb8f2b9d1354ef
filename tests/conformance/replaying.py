"""Replay one example: put what is there in the place of what the page calls by an id of its own, and ask."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from letterbook.domain.well_known import WELL_KNOWN
from tests.conformance.comparing import differences
from tests.conformance.examples import Example, examples
from tests.conformance.lived_in import REFERRAL, Builder, Names
from tests.graph.client import Graph

GIVEN: tuple[tuple[str, Names], ...] = (
    (r"eventmessage-post-attachments", {"message": "draft"}),
    (r"eventmessage-", {"message": "invitation"}),
    (r"/unsubscribe", {"message": "list"}),
    (r"item_attachment", {"attachment": "item"}),
    (r"mailsearchfolder", {"folder": "search"}),
    (
        r"/(send|createUploadSession|mentions/\{mention\}|attachmentSessions/\{session\}) ",
        {"message": "draft"},
    ),
    (r"^PATCH M ", {"message": "draft"}),
    (r"extendedproperty-get|/extensions|expand=extensions", {"message": "sent"}),
    (r"^GET F/childFolders", {"folder": "root"}),
    (r"^GET F/messages ", {"folder": "sent folder"}),
    (r"^(GET|PATCH) F(/messages.*)? ", {"folder": "inbox"}),
    (r"", {"message": "letter", "attachment": "file"}),
)
"""Which message, folder or attachment an endpoint's example talks about; the first line that fits counts.

What has only one of its kind in the mailbox (a rule, a category, ...) goes by its own name.
"""
SAID: dict[str, Any] = {
    "PATCH M/extensions/{extension}": REFERRAL | {"updated": "2015-10-29T11:00:00.000Z"},
    "POST subscriptions": {
        "changeType": "created",
        "notificationUrl": "https://webhook.azurewebsites.net/api/send/myNotifyClient",
        "resource": "me/mailFolders('Inbox')/messages",
        "expirationDateTime": "2016-11-20T18:23:45.9356913Z",
        "clientState": "secretClientValue",
    },
    "POST $batch": {"requests": [{"id": "1", "method": "GET", "url": "/me/messages"}]},
}
"""Bodies where the page prints none."""
FILLED = {
    "destinationId": "destination",
    "inputIds": "letter",
    "notificationUrl": "endpoint",
    "lifecycleNotificationUrl": "endpoint",
    "expirationDateTime": "later",
}
"""Members of bodies that name something in the mailbox, an endpoint, or a moment to come."""
PLACEHOLDERS = {("contentType", ""): "text", ("contentBytes", "value"): "TGFzYWduYQ=="}
"""What stands for words like ``contentBytes-value``, by the end of the word."""
_AS_IS = frozenset({"extension", "setting", "standard"}) | {name for name, *_ in WELL_KNOWN}
_TOKEN = re.compile(r"\$(skiptoken|deltatoken)=[^&]*")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Replayed:
    """An example and in what the answer to it differs."""

    example: Example
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the answer is as the page and the schema say."""
        return not self.differences


def replayed(builder: Builder, wanted: Iterable[Example] | None = None) -> Iterator[Replayed]:
    """Every example, each at a fresh server."""
    for example in examples() if wanted is None else wanted:
        if not example.method:
            yield Replayed(example, ("is no request of a client",))
            continue
        with builder.fresh() as alex:
            answer = _ask(example, alex, builder.names)
        found, printed = example.route(), _repeating(example, builder.names)
        yield Replayed(example, tuple(differences(printed, found[0] if found else None, answer)))


def _ask(example: Example, alex: Graph, names: Names) -> httpx.Response:
    url = _url(example, alex, names)
    content = _pieces(example, alex, url)
    said = {"content": content} if content is not None else _body(example, names)
    return alex.request(example.method, url, headers=example.headers, **said)


def _url(example: Example, alex: Graph, names: Names) -> str:
    found = example.route()
    if found is None:
        return example.path + (f"?{example.query}" if example.query else "")
    route, keys = found
    if "session" in keys:
        return names["session"]
    path, query = _path(example, route.path, keys, names), example.query
    if token := _TOKEN.search(query):
        return _link(alex, path, token[1])
    return path + (f"?{query}" if query else "")


def _path(example: Example, route: str, keys: Names, names: Names) -> str:
    called = f"{example.method} {route} {example.name} {example.query}"
    given = next(given for pattern, given in GIVEN if re.search(pattern, called, re.IGNORECASE))
    given = GIVEN[-1][1] | given
    done, rest = "", example.path
    for key, value in keys.items():
        before, _, rest = rest.partition(value)
        as_is = key in _AS_IS or value.lower() in _AS_IS
        done += before + (value if as_is else names.get(given.get(key, key), value))
    return done + rest


def _link(alex: Graph, path: str, word: str) -> str:
    """The link with such a token that a round of following changes gives."""
    name = "@odata.nextLink" if word == "skiptoken" else "@odata.deltaLink"
    page = alex.read(path, headers={"Prefer": "odata.maxpagesize=1"})
    while name not in page:
        page = alex.read(page["@odata.nextLink"])
    if word == "deltatoken":
        _go_on(alex, path)
    return str(page[name])


def _go_on(alex: Graph, path: str) -> None:
    """Something happens in a folder: a message is read, another leaves it."""
    folder = path.removesuffix("/messages/delta")
    read, left = alex.values(f"{folder}/messages?$top=2&$select=id")
    alex.changed(f"/me/messages/{read['id']}", {"isRead": True})
    alex.made(f"/me/messages/{left['id']}/move", {"destinationId": "archive"})


def _pieces(example: Example, alex: Graph, url: str) -> bytes | None:
    """The bytes of a piece of a file, after those that come before it."""
    piece = _RANGE.fullmatch(example.headers.get("Content-Range", ""))
    if piece is None:
        return None
    start, end, total = map(int, piece.groups())
    if start:
        before = {"Content-Range": f"bytes 0-{start - 1}/{total}"}
        alex.request("PUT", url, content=bytes(start), headers=before)
    return bytes(end + 1 - start)


def _body(example: Example, names: Names) -> dict[str, Any]:
    body = SAID.get(example.endpoint()) if example.body is None else example.body
    if body is None:
        return {}
    return {"content": body} if isinstance(body, str) else {"json": _filled(body, names)}


def _repeating(example: Example, names: Names) -> Example:
    """The example whose answer repeats what was really asked, not what the page asks."""
    if not isinstance(example.answer, dict):
        return example
    told = {
        key: {"is": _filling(key, value["is"], names)} if key in FILLED and "is" in value else value
        for key, value in example.answer.items()
    }
    return replace(example, answer=told)


def _filled(body: Any, names: Names) -> Any:
    """A body with what is there instead of words like ``destinationId-value``."""
    match body:
        case dict():
            return {key: _filling(key, value, names) for key, value in body.items()}
        case list():
            return [_filled(each, names) for each in body]
        case _:
            return body


def _filling(key: str, value: Any, names: Names) -> Any:
    if key == "resource":
        return value.replace("{id}", names["user"])
    if key in FILLED:
        name = names[FILLED[key]]
        return [name] if isinstance(value, list) else name
    word = value.rpartition("-")[2] if isinstance(value, str) else "no word"
    if (key, word) in PLACEHOLDERS:
        return PLACEHOLDERS[key, word]
    return _filled(value, names)
