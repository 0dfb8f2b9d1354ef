"""Whatever is said to the Graph face, it answers; what it refuses leaves no trace, and views stay true."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from letterbook.adapters.book import Book
from letterbook.adapters.graph.filters import PROPERTIES
from letterbook.adapters.graph.wire import WireMessage
from tests.chance import examples
from tests.graph.client import ALEX, Graph, book_of_three, state_of, stranger_at
from tests.looping import Conversations

QUICK = settings(
    max_examples=examples(150),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = [info.alias or name for name, info in WireMessage.model_fields.items()]
BELOW = [
    "emailAddress",
    "address",
    "name",
    "content",
    "contentType",
    "flagStatus",
    "dateTime",
    "timeZone",
    "value",
]
WORDS = some.sampled_from(
    ["", "text", "html", "high", "flagged", ALEX, "x-a", "SGVsbG8=", "2024-01-01", "\0", "💌"]
)

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | WORDS | some.text(max_size=20),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(NAMES + BELOW) | some.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
messages = some.dictionaries(some.sampled_from(NAMES), anything, max_size=4)
plausible = some.fixed_dictionaries(
    {},
    optional={
        "subject": some.text(max_size=20),
        "importance": some.sampled_from(["low", "HIGH", "Normal"]),
        "isRead": some.booleans(),
        "categories": some.lists(some.text(max_size=5), max_size=3),
        "body": some.fixed_dictionaries(
            {"contentType": some.sampled_from(["text", "html"]), "content": some.text(max_size=200)}
        ),
        "toRecipients": some.lists(
            some.fixed_dictionaries(
                {"emailAddress": some.fixed_dictionaries({"address": some.text(max_size=10)})}
            ),
            max_size=3,
        ),
        "extensions": some.lists(
            some.fixed_dictionaries({"extensionName": some.text(max_size=8), "value": anything}), max_size=2
        ),
        "internetMessageHeaders": some.lists(
            some.fixed_dictionaries({"name": some.just("x-a"), "value": some.text(max_size=10)}), max_size=2
        ),
    },
)
bodies = (messages | plausible | anything).map(lambda said: json.dumps(said, allow_nan=True).encode())
damaged = some.tuples(bodies, some.integers(0, 200), some.binary(max_size=3)).map(
    lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
)


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    """One book for everything that is said here."""
    with book_of_three(":memory:") as book:
        yield book


@pytest.fixture(scope="module")
def alex(book: Book, loop: Conversations) -> Iterator[Graph]:
    """Alex, at both versions in turn."""
    with stranger_at(book, loop) as nobody:
        yield nobody.holding(book.token(ALEX)).beta


def say(graph: Graph, method: str, path: str, content: bytes, kind: str = "application/json") -> int:
    """Say something: the answer is no failure, and a refusal leaves no trace."""
    before = state_of(graph.book)
    answer = graph.request(method, path, content=content, headers={"Content-Type": kind})
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert state_of(graph.book) == before
        assert answer.json()["error"]["code"]
    else:
        assert answer.status_code in (200, 201, 202)
    return answer.status_code


@QUICK
@given(content=bodies | damaged)
def test_any_json_can_be_said_to_create(alex: Graph, content: bytes) -> None:
    say(alex, "POST", "/me/messages", content)


@QUICK
@given(content=bodies | damaged)
def test_any_json_can_be_said_to_send_mail(alex: Graph, content: bytes) -> None:
    say(alex, "POST", "/me/sendMail", content)
    say(alex, "POST", "/me/sendMail", b'{"message":' + content + b"}")


@QUICK
@given(content=bodies | damaged)
def test_any_json_can_be_said_to_change_a_draft(alex: Graph, content: bytes) -> None:
    draft = alex.draft()["id"]
    if say(alex, "PATCH", f"/me/messages/{draft}", content) == 200:
        assert alex.read(f"/me/messages/{draft}")["id"] == draft
        assert alex.get(f"/me/messages/{draft}/$value").status_code == 200


answers = (
    some.fixed_dictionaries(
        {},
        optional={
            "comment": some.text(max_size=20),
            "message": plausible | messages,
            "toRecipients": some.lists(
                some.fixed_dictionaries({"emailAddress": some.just({"address": ALEX})}), max_size=2
            ),
        },
    )
    | anything
).map(lambda said: json.dumps(said, allow_nan=True).encode())


@QUICK
@given(
    content=answers | damaged,
    action=some.sampled_from(
        ["createReply", "createReplyAll", "createForward", "reply", "replyAll", "forward"]
    ),
)
def test_any_json_can_be_said_to_an_answer(alex: Graph, content: bytes, action: str) -> None:
    original = alex.draft()["id"]
    say(alex, "POST", f"/me/messages/{original}/{action}", content)


@QUICK
@given(
    content=some.fixed_dictionaries(
        {},
        optional={
            name: anything | some.just("archive") | some.booleans() | some.just("junk")
            for name in ("destinationId", "moveToJunk", "IsMessageMoveRequested", "ReportAction")
        },
    ).map(lambda said: json.dumps(said, allow_nan=True).encode())
    | damaged,
    action=some.sampled_from(["move", "copy", "markAsJunk", "markAsNotJunk", "reportMessage"]),
)
def test_any_json_can_be_said_to_filing(alex: Graph, content: bytes, action: str) -> None:
    say(alex, "POST", f"/me/messages/{alex.draft()['id']}/{action}", content)


headers = some.lists(
    some.tuples(
        some.sampled_from(
            [b"To", b"From", b"Subject", b"Date", b"Content-Type", b"Message-ID", b"References", b"X-A"]
        ),
        some.binary(max_size=30)
        | some.sampled_from(
            [b"multipart/mixed; boundary=x", b"=?utf-8?b?w6Q=?=", b"text/html; charset=\xff", b"<>"]
        ),
    ).map(lambda pair: pair[0] + b": " + pair[1] + b"\r\n"),
    max_size=6,
).map(b"".join)
letters = some.binary(max_size=200) | some.tuples(headers, some.binary(max_size=60)).map(
    lambda parts: parts[0] + b"\r\n" + parts[1] + b"\r\n--x\r\n" + parts[0] + b"\r\n" + parts[1]
)


@QUICK
@given(raw=letters)
def test_any_bytes_can_be_said_as_mime(alex: Graph, raw: bytes) -> None:
    before = alex.get("/me/messages/$count").text
    status = say(alex, "POST", "/me/messages", base64.b64encode(raw), "text/plain")
    assert status == (201 if raw else 400)
    if status == 201:
        assert alex.get("/me/messages/$count").text == str(int(before) + 1)
        (newest,) = alex.values("/me/messages?$top=1")
        assert alex.get(f"/me/messages/{newest['id']}/$value").status_code == 200


@QUICK
@given(raw=letters)
def test_any_bytes_can_be_said_as_a_mime_answer(alex: Graph, raw: bytes) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    status = say(alex, "POST", f"{path}/createReply", base64.b64encode(raw), "text/plain")
    assert status == (201 if raw else 400)
    advanced = alex.holding(alex.book.token(ALEX, "Mail.ReadWrite Mail.Advanced.ReadWrite"))
    status = say(advanced, "PATCH", path, base64.b64encode(raw), "text/plain")
    assert status == (200 if raw else 400)
    assert alex.get(f"{path}/$value").status_code == 200


literals = some.one_of(
    some.text(max_size=10).map(lambda text: "'" + text.replace("'", "''") + "'"),
    some.sampled_from(["true", "false", "null", "5", "2024-01-01", "2024-01-01T00:00:00Z", "1e9", "''", "'"]),
)
comparisons = some.tuples(
    some.sampled_from([*PROPERTIES, "nonsense", "body/content"]),
    some.sampled_from(["eq", "ne", "lt", "le", "gt", "ge", "in", "has", ""]),
    literals,
).map(" ".join)
calls = some.tuples(
    some.sampled_from(["contains", "startswith", "endswith", "length", "cast", "nonsense"]),
    some.sampled_from([*PROPERTIES, "nonsense"]),
    literals,
).map(lambda parts: f"{parts[0]}({parts[1]},{parts[2]})")
filters = some.recursive(
    comparisons | calls,
    lambda inner: (
        some.tuples(inner, some.sampled_from([" and ", " or "]), inner).map("".join)
        | inner.map(lambda text: f"not ({text})")
    ),
    max_leaves=4,
)
options = some.one_of(
    filters.map(lambda text: ("$filter", text)),
    some.lists(some.sampled_from([*PROPERTIES, "subject desc", "isRead asc"]), max_size=3).map(
        lambda names: ("$orderby", ",".join(names))
    ),
    some.lists(some.sampled_from(NAMES), max_size=3).map(lambda names: ("$select", ",".join(names))),
    some.tuples(some.sampled_from(["$top", "$skip"]), some.integers(-5, 2000).map(str)),
    some.tuples(
        some.sampled_from(["$filter", "$orderby", "$select", "$expand", "$count", "$top", "$skiptoken", "x"]),
        some.text(max_size=20),
    ),
)
queries = some.lists(options, max_size=4).map(
    lambda chosen: "&".join(f"{name}={quote(text, safe='')}" for name, text in chosen)
)


@QUICK
@given(
    query=queries,
    path=some.sampled_from(["/me/messages", "/me/mailFolders/drafts/messages/$count", "/me/mailFolders"]),
)
def test_any_query_can_be_asked(alex: Graph, query: str, path: str) -> None:
    before = state_of(alex.book)
    answer = alex.get(f"{path}?{query}")
    assert answer.status_code in (200, 400), answer.text
    assert state_of(alex.book) == before


@QUICK
@given(
    path=some.lists(
        some.sampled_from(
            ["me", "users", ALEX, "messages", "mailFolders", "inbox", "$value", "$count", "attachments"]
        )
        | some.text(max_size=6),
        max_size=6,
    )
)
def test_any_path_can_be_asked_for(alex: Graph, path: list[str]) -> None:
    answer = alex.get("/" + "/".join(quote(each, safe="") for each in path))
    assert answer.status_code < 500


def test_after_all_this_the_history_still_tells_what_the_views_show(book: Book) -> None:
    assert all(result.equal for result in book.rebuild(verify=True))
