"""Two who write at once: with an ETag one of them is told, without one the last word counts."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from letterbook import open_book
from letterbook.adapters.graph.errors import GraphError
from letterbook.adapters.graph.preferences import change_keys
from letterbook.adapters.graph.routes import ROUTES
from tests.graph.client import ADELE, ALEX, Graph, book_of_three, stranger_at, to
from tests.looping import Conversations

CONFLICT = (412, "ErrorIrresolvableConflict")
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
EXTENSION = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "com.contoso.x", "a": 1}

WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "", {"json": {"subject": "Other"}}),
    ("PATCH", "", {"content": "U3ViamVjdDogeAoKeA==", "headers": {"Content-Type": "text/plain"}}),
    ("DELETE", "", {}),
    ("POST", "/send", {}),
    ("POST", "/move", {"json": {"destinationId": "archive"}}),
    ("POST", "/copy", {"json": {"destinationId": "archive"}}),
    ("POST", "/permanentDelete", {}),
    ("POST", "/markAsJunk", {"json": {"moveToJunk": True}}),
    ("POST", "/markAsNotJunk", {"json": {"moveToInbox": True}}),
    ("POST", "/reportMessage", {"json": {"IsMessageMoveRequested": True, "ReportAction": "junk"}}),
    ("POST", "/createReply", {}),
    ("POST", "/createReplyAll", {}),
    ("POST", "/createForward", {}),
    ("POST", "/forward", {"json": {"toRecipients": to(ADELE)}}),
    ("POST", "/attachments", {"json": FILE}),
    ("POST", "/mentions", {"json": {"mentioned": {"address": ADELE}}}),
    ("POST", "/extensions", {"json": EXTENSION}),
]


@pytest.fixture
def author(alex: Graph) -> Graph:
    """Alex in beta, who may also write MIME in the place of a draft."""
    return alex.beta.holding(alex.book.token(ALEX, "Mail.ReadWrite Mail.Send Mail.Advanced.ReadWrite"))


def asked(graph: Graph, etag: str, said: dict[str, Any]) -> dict[str, Any]:
    """A request with an ETag."""
    return {**said, "headers": graph.headers | said.get("headers", {}) | {"If-Match": etag}}


@pytest.mark.parametrize(("method", "below", "said"), WRITES, ids=lambda each: str(each)[:30])
def test_every_write_looks_at_the_etag(author: Graph, method: str, below: str, said: dict[str, Any]) -> None:
    draft = author.draft()
    path = f"/me/messages/{draft['id']}"
    author.changed(path, {"importance": "high"})
    author.refused(method, path + below, *CONFLICT, **asked(author, draft["@odata.etag"], said))
    fresh = author.read(path)["@odata.etag"]
    answer = author.request(method, path + below, **asked(author, fresh, said))
    assert answer.is_success, answer.text


def test_every_write_that_a_table_of_routes_has_is_among_them() -> None:
    """Those that act on a message; what is left out needs more to be asked than a draft."""
    prefix = ("M", "U/messages/{message}")
    named = {
        (route.method, route.path.removeprefix(start))
        for route in ROUTES
        for start in prefix
        if route.method != "GET" and (route.path == start or route.path.startswith(f"{start}/"))
    }
    once = {(method, below) for method, below in named if below.count("/") <= 1}
    assert once - {(method, below) for method, below, _ in WRITES} == {
        ("POST", "/reply"),
        ("POST", "/replyAll"),
        ("POST", "/unsubscribe"),
    }


@pytest.mark.parametrize("below", ["/reply", "/replyAll"])
def test_an_answer_to_another_version_is_not_sent(alex: Graph, megan: Graph, below: str) -> None:
    megan.sent(toRecipients=to(ALEX))
    alex.book.deliver()
    (letter,) = alex.values("/me/mailFolders/inbox/messages")
    path = f"/me/messages/{letter['id']}"
    alex.changed(path, {"isRead": True})
    said = asked(alex, letter["@odata.etag"], {"json": {"comment": "Yes"}})
    alex.refused("POST", path + below, *CONFLICT, **said)
    assert alex.saying(If_Match="*").post(path + below, json={"comment": "Yes"}).status_code == 202


@pytest.mark.parametrize("form", ["{}", '"other", {}', ' W/"x" ,\t{} , W/"y"', "{},", '"{bare}"', "*", " * "])
def test_one_tag_that_fits_is_enough(alex: Graph, form: str) -> None:
    draft = alex.draft()
    etag = draft["@odata.etag"]
    said = form.replace("{bare}", etag[3:-1]).replace("{}", etag)
    answer = alex.saying(If_Match=said).patch(f"/me/messages/{draft['id']}", json={"subject": "Fits"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] != etag


@pytest.mark.parametrize(
    "wrong", ["", " ", "AAAA", 'W/"AAAA', 'w/"AAAA"', '"A" "B"', '*, "A"', 'W/ "A"', ","]
)
def test_what_is_no_list_of_tags_is_refused(alex: Graph, wrong: str) -> None:
    draft = alex.draft()["id"]
    for method, said in (("PATCH", {"json": {"subject": "x"}}), ("DELETE", {})):
        path = f"/me/messages/{draft}"
        alex.refused(method, path, 400, "ErrorInvalidChangeKey", **asked(alex, wrong, said))


def test_a_list_made_to_be_slow_is_refused_at_once() -> None:
    began = time.process_time()
    for hostile in (" , \t" * 10_000 + "x", '"a" , ' * 10_000 + "x", '"' * 20_000):
        with pytest.raises(GraphError):
            change_keys(Headers({"if-match": hostile}))
    assert time.process_time() - began < 2


def test_tags_may_come_in_several_headers(alex: Graph) -> None:
    draft = alex.draft()
    headers = [*alex.headers.items(), ("If-Match", '"other"'), ("If-Match", draft["@odata.etag"])]
    url = f"/v1.0/me/messages/{draft['id']}"
    answer = alex.loop.run(alex.http.patch(url, headers=headers, json={"subject": "Fits"}))
    assert answer.status_code == 200


def test_what_is_gone_is_not_found_whatever_the_etag(alex: Graph) -> None:
    draft = alex.draft()["id"]
    alex.post(f"/me/messages/{draft}/permanentDelete")
    for etag in ("*", 'W/"AAAA"'):
        alex.refused("DELETE", f"/me/messages/{draft}", 404, "ErrorItemNotFound", **asked(alex, etag, {}))


def test_folders_have_no_etag_so_it_means_nothing_to_them(alex: Graph) -> None:
    folder = alex.made("/me/mailFolders", {"displayName": "Clubs"})
    assert "@odata.etag" not in folder
    changed = alex.saying(If_Match='W/"AAAA"').changed(
        f"/me/mailFolders/{folder['id']}", {"displayName": "X"}
    )
    assert changed["displayName"] == "X"


# --- Two programs ----------------------------------------------------------------------------------


@dataclass
class Program:
    """Somebody's program with its own hold on the file, its own memory of it, and its own loop."""

    place: Path
    asked: Callable[[Graph], httpx.Response]
    start: threading.Barrier
    statuses: list[int] = field(default_factory=list)

    def run(self, times: int) -> None:
        """Ask again and again, each time at the same moment as the other."""
        with (
            open_book(self.place, deliver=False) as book,
            Conversations() as loop,
            stranger_at(book, loop) as nobody,
        ):
            alex = nobody.holding(book.token(ALEX))
            for _ in range(times):
                self.start.wait(timeout=30)
                self.statuses.append(self.asked(alex).status_code)
                self.start.wait(timeout=30)


def side_by_side(
    place: Path, times: int, between: Callable[[], None], *asked: Callable[[Graph], httpx.Response]
) -> list[tuple[int, ...]]:
    """Some programs ask so often at once, and somebody looks ``between``: how each time went."""
    start = threading.Barrier(len(asked) + 1)
    programs = [Program(place, each, start) for each in asked]
    threads = [threading.Thread(target=program.run, args=(times,)) for program in programs]
    for thread in threads:
        thread.start()
    for _ in range(times):
        start.wait(timeout=30)
        start.wait(timeout=30)
        between()
    for thread in threads:
        thread.join()
    return list(zip(*(program.statuses for program in programs), strict=True))


TIMES = 12


def test_without_an_etag_two_who_write_other_properties_lose_nothing(tmp_path: Path) -> None:
    """Often, from two programs, so that one of them now and then writes while the other does."""
    place = tmp_path / "mail.db"
    with book_of_three(place) as book:
        draft = book.mailbox(ALEX).create_draft(subject="0", body="0").id
        numbers, seen = {"subject": count(1), "body": count(1)}, list[tuple[str, str]]()

        def subject(alex: Graph) -> httpx.Response:
            return alex.patch(f"/me/messages/{draft}", json={"subject": str(next(numbers["subject"]))})

        def body(alex: Graph) -> httpx.Response:
            said = {"body": {"contentType": "text", "content": str(next(numbers["body"]))}}
            return alex.patch(f"/me/messages/{draft}", json=said)

        def look() -> None:
            shown = book.mailbox(ALEX).message(draft)
            seen.append((shown.subject, shown.body.content))

        assert side_by_side(place, TIMES, look, subject, body) == [(200, 200)] * TIMES
        assert seen == [(str(number), str(number)) for number in range(1, TIMES + 1)]


def test_with_an_etag_one_of_two_wins(tmp_path: Path) -> None:
    """Whoever comes second is told, and has written nothing."""
    place = tmp_path / "mail.db"
    with book_of_three(place) as book:
        mailbox = book.mailbox(ALEX)
        draft = mailbox.create_draft(subject="0").id
        etags, facts = [mailbox.message(draft).etag], [len(mailbox.history(draft))]

        def write(said: str, alex: Graph) -> httpx.Response:
            numbered = f"{said} {len(etags)}"
            asker = alex.saying(If_Match=etags[-1])
            return asker.patch(f"/me/messages/{draft}", json={"subject": numbered})

        def look() -> None:
            etags.append(mailbox.message(draft).etag)
            facts.append(len(mailbox.history(draft)))

        outcomes = side_by_side(place, TIMES, look, partial(write, "one"), partial(write, "other"))
        assert {tuple(sorted(each)) for each in outcomes} == {(200, 412)}
        assert facts == list(range(1, TIMES + 2))
