"""Every error that Graph's documentation and public reports of it know is reached by a conversation."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from letterbook import Limits, open_book
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, error_in, stranger_at, to
from tests.notifying.receiver import Answer, receiving
from tests.notifying.subscribing import asking

KNOWN: dict[str, dict[str, Any]] = {
    each["name"]: each
    for each in json.loads((Path(__file__).parent / "errors.json").read_text("utf-8"))["errors"]
}
UNREACHED = {
    "codes-of-files": "The general list is that of files; mail has invalidRange and resyncRequired of it.",
    "access-policy": "Application access policies are no part of Graph's own requests, and not here.",
    "upload-to-shared-mailbox": "A delegated token opens no mailbox but its own: 404, as if there were none.",
    "page-times-out": "A page is bounded by what it holds, and nothing is given up while it is made.",
    "item-of-another-mailbox": "What belongs to another mailbox is answered like what is not there (ADR 19).",
    "post-body-unread": "Nobody says when; a body that cannot be read is RequestBodyRead or BadRequest.",
    "does-not-match-schema": "The same is said as RequestBodyRead, which the pages of Graph have.",
    "sent-too-much": "There is no limit to how much somebody sends.",
}
"""What no conversation leads to, and why."""

Said = Callable[[Graph], httpx.Response]
CONVERSATIONS: dict[str, Said] = {}
TEXT = {"Content-Type": "text/plain"}
MB = 1024 * 1024


def leads_to(name: str) -> Callable[[Said], Said]:
    """Marks the conversation that reaches an error."""

    def mark(said: Said) -> Said:
        assert CONVERSATIONS.setdefault(name, said) is said
        return said

    return mark


@pytest.fixture
def everything(alex: Graph) -> Graph:
    """Alex, who may do anything."""
    scopes = "Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite User.Read"
    return alex.holding(alex.book.token(ALEX, scopes))


def test_the_table_has_a_conversation_or_a_reason_for_every_error() -> None:
    assert CONVERSATIONS.keys() | UNREACHED.keys() == KNOWN.keys()
    assert not CONVERSATIONS.keys() & UNREACHED.keys()


@pytest.mark.parametrize("name", sorted(set(KNOWN) - set(UNREACHED)))
def test_an_error_is_reached(everything: Graph, name: str) -> None:
    answer, known = CONVERSATIONS[name](everything), KNOWN[name]
    error = error_in(answer)
    assert answer.status_code == known["status"], answer.text
    assert known["code"] in (None, error["code"])
    assert known["message"] in (None, error["message"])


# --- Messages --------------------------------------------------------------------------------------


@leads_to("mime-no-base64")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", content="no base64!", headers=TEXT)


@leads_to("comment-and-body")
def _(alex: Graph) -> httpx.Response:
    said = {"comment": "Yes", "message": {"body": {"contentType": "text", "content": "Yes"}}}
    return alex.post(f"/me/messages/{alex.sent()['id']}/reply", json=said)


@leads_to("forward-to-nobody")
def _(alex: Graph) -> httpx.Response:
    return alex.post(f"/me/messages/{alex.sent()['id']}/forward", json={"comment": "Look"})


@leads_to("forward-told-twice")
def _(alex: Graph) -> httpx.Response:
    said = {"comment": "Look", "toRecipients": to(MEGAN), "message": {"toRecipients": to(ADELE)}}
    return alex.post(f"/me/messages/{alex.sent()['id']}/forward", json=said)


@leads_to("due-without-start")
def _(alex: Graph) -> httpx.Response:
    due = {"dateTime": "2023-09-01T17:00:00", "timeZone": "UTC"}
    return alex.post("/me/messages", json={"flag": {"flagStatus": "flagged", "dueDateTime": due}})


@leads_to("send-as-denied")
def _(alex: Graph) -> httpx.Response:
    message = {"toRecipients": to(ADELE), "from": to(MEGAN)[0]}
    return alex.post("/me/sendMail", json={"message": message})


@leads_to("no-recipients")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/sendMail", json={"message": {"subject": "To nobody"}})


@leads_to("recipient-unresolved")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/sendMail", json={"message": {"toRecipients": to("bad")}})


@leads_to("not-a-draft")
def _(alex: Graph) -> httpx.Response:
    return alex.patch(f"/me/messages/{alex.sent()['id']}", json={"subject": "Too late"})


@leads_to("read-only")
def _(alex: Graph) -> httpx.Response:
    return alex.patch(f"/me/messages/{alex.draft()['id']}", json={"bodyPreview": "x"})


@leads_to("header-not-custom")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", json={"internetMessageHeaders": [{"name": "N", "value": "v"}]})


@leads_to("too-many-headers")
def _(alex: Graph) -> httpx.Response:
    headers = [{"name": f"x-{number}", "value": "v"} for number in range(6)]
    return alex.post("/me/messages", json={"internetMessageHeaders": headers})


@leads_to("change-key-old")
@leads_to("if-match")
def _(alex: Graph) -> httpx.Response:
    draft = alex.draft()
    alex.changed(f"/me/messages/{draft['id']}", {"subject": "Newer"})
    old = {"If-Match": draft["@odata.etag"]}
    return alex.patch(f"/me/messages/{draft['id']}", json={"subject": "Newest"}, headers=old)


# --- Bodies ----------------------------------------------------------------------------------------


@leads_to("empty-body")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", headers={"Content-Type": "application/json"})


@leads_to("no-json")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", content="{", headers={"Content-Type": "application/json"})


@leads_to("media-type")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", content="<a/>", headers={"Content-Type": "application/xml"})


@leads_to("body-too-large")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", content=b"QUJD" * (MB + 1), headers=TEXT)


@leads_to("request-too-large")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", json={"subject": "x" * (4 * MB)})


@leads_to("message-too-large")
def _(alex: Graph) -> httpx.Response:
    return _session(alex, 151 * MB)


# --- Queries ---------------------------------------------------------------------------------------


@leads_to("too-complex")
def _(alex: Graph) -> httpx.Response:
    return alex.get("/me/messages?$filter=isRead eq true&$orderby=subject")


@leads_to("expand-impossible")
def _(alex: Graph) -> httpx.Response:
    return alex.get("/me/messages?$expand=Photo")


@leads_to("search-and-order")
def _(alex: Graph) -> httpx.Response:
    return alex.get('/me/messages?$search="pizza"&$orderby=subject')


@leads_to("unknown-property")
def _(alex: Graph) -> httpx.Response:
    return alex.get("/me/messages?$select=x")


@leads_to("attachment-of-no-type")
def _(alex: Graph) -> httpx.Response:
    return _attached(alex, {"name": "a.txt", "contentBytes": "YQ=="})


@leads_to("item-of-no-type")
def _(alex: Graph) -> httpx.Response:
    return _attached(alex, {"@odata.type": "#microsoft.graph.itemAttachment", "item": {"subject": "x"}})


@leads_to("type-unknown")
def _(alex: Graph) -> httpx.Response:
    return _attached(alex, {"@odata.type": "Contoso.FileAttachment", "name": "a.txt", "contentBytes": "YQ=="})


@leads_to("extended-property-invalid")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/messages", json={"singleValueExtendedProperties": [{"id": "bad", "value": "x"}]})


@leads_to("coding-unknown")
def _(alex: Graph) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Content-Encoding": "br"}
    return alex.post("/me/messages", content=b"{}", headers=headers)


def _attached(alex: Graph, said: object) -> httpx.Response:
    return alex.post(f"/me/messages/{alex.draft()['id']}/attachments", json=said)


@leads_to("collection-is-null")
def _(alex: Graph) -> httpx.Response:
    return alex.patch(f"/me/messages/{alex.draft()['id']}", json={"toRecipients": None})


@leads_to("unknown-segment")
def _(alex: Graph) -> httpx.Response:
    return alex.get("/me/x")


@leads_to("delta-link-gone")
@leads_to("sync-state-gone")
def _(alex: Graph) -> httpx.Response:
    link = alex.read("/me/mailFolders/inbox/messages/delta")["@odata.deltaLink"]
    alex.book.mailbox(ALEX).order_resync()
    answer = alex.get(link)
    assert answer.headers["location"].endswith("/delta?$deltatoken=")
    return answer


@leads_to("not-implemented")
def _(alex: Graph) -> httpx.Response:
    clerk = alex.holding(alex.book.token(ALEX, "User.ReadBasic.All"))
    return clerk.get("/users?$select=skills")


# --- Settings --------------------------------------------------------------------------------------


def _hours(alex: Graph, **said: Any) -> httpx.Response:
    return alex.patch("/me/mailboxSettings", json={"workingHours": said})


@leads_to("wrong-type")
def _(alex: Graph) -> httpx.Response:
    return _hours(alex, startTime="08")


@leads_to("hours-reversed")
def _(alex: Graph) -> httpx.Response:
    return _hours(alex, startTime="18:00:00", endTime="09:00:00")


@leads_to("unknown-word")
def _(alex: Graph) -> httpx.Response:
    return _hours(alex, daysOfWeek=["RandomDay"])


@leads_to("unknown-zone")
def _(alex: Graph) -> httpx.Response:
    return alex.patch("/me/mailboxSettings", json={"timeZone": "Nowhere"})


# --- Attachments -----------------------------------------------------------------------------------


def _session(alex: Graph, size: int) -> httpx.Response:
    item = {"attachmentType": "file", "name": "flower", "size": size}
    path = f"/me/messages/{alex.draft()['id']}/attachments/createUploadSession"
    return alex.post(path, json={"AttachmentItem": item})


@leads_to("upload-too-small")
def _(alex: Graph) -> httpx.Response:
    return _session(alex, 1)


@leads_to("range-unfit")
def _(alex: Graph) -> httpx.Response:
    url = _session(alex, 3 * MB).json()["uploadUrl"]
    return alex.request("PUT", url, content=b"x", headers={"Content-Range": "bytes 0-0/5"})


@leads_to("value-of-a-link")
def _(alex: Graph) -> httpx.Response:
    link = {"@odata.type": "#microsoft.graph.referenceAttachment", "name": "x", "sourceUrl": "https://x.com"}
    draft = alex.beta.draft(attachments=[link])
    (shown,) = alex.values(f"/me/messages/{draft['id']}/attachments")
    return alex.get(f"/me/messages/{draft['id']}/attachments/{shown['id']}/$value")


# --- Folders, ids and people -----------------------------------------------------------------------


@leads_to("folder-exists")
def _(alex: Graph) -> httpx.Response:
    return alex.post("/me/mailFolders", json={"displayName": "Inbox"})


@leads_to("folder-distinguished")
def _(alex: Graph) -> httpx.Response:
    return alex.delete("/me/mailFolders/inbox")


@leads_to("id-malformed")
def _(alex: Graph) -> httpx.Response:
    return alex.get("/me/messages/x")


@leads_to("not-found")
@leads_to("item-not-found")
def _(alex: Graph) -> httpx.Response:
    gone = alex.draft()["id"]
    assert alex.post(f"/me/messages/{gone}/permanentDelete").status_code == 204
    return alex.get(f"/me/messages/{gone}")


@leads_to("user-unknown")
def _(alex: Graph) -> httpx.Response:
    robot = alex.holding(alex.book.token("a-daemon", "Mail.ReadWrite", app=True))
    return robot.get("/users/nobody@contoso.com/messages")


@leads_to("no-mailbox")
def _(alex: Graph) -> httpx.Response:
    return alex.holding(alex.book.token("nobody@contoso.com")).get("/me/messages")


@leads_to("scope-missing")
def _(alex: Graph) -> httpx.Response:
    return alex.holding(alex.book.token(ALEX, "Mail.Read")).post("/me/messages", json={})


@leads_to("no-token")
def _(alex: Graph) -> httpx.Response:
    return alex.holding(None).get("/me/messages")


@leads_to("token-unread")
def _(alex: Graph) -> httpx.Response:
    return alex.holding("no-token").get("/me/messages")


# --- Throttling and subscriptions ------------------------------------------------------------------


@contextmanager
def opened(alex: Graph, clock: FakeClock, **how: Any) -> Iterator[Graph]:
    """Alex at a book that is opened in a way of its own."""
    with (
        open_book(":memory:", clock=clock, deliver=False, **how) as book,
        stranger_at(book, alex.loop) as nobody,
    ):
        book.add_user(ALEX)
        yield nobody.holding(book.token(ALEX))


@leads_to("throttled")
def _(alex: Graph) -> httpx.Response:
    with opened(alex, FakeClock(), throttle=Limits(requests=1)) as hasty:
        assert hasty.get("/me/messages").status_code == 200
        return hasty.get("/me/messages")


def _subscribed(alex: Graph, times: int, greeting: Answer) -> httpx.Response:
    """How the last of some requests for the same subscription is answered."""
    clock = FakeClock()
    with opened(alex, clock, allow_local_webhooks=True) as local, receiving() as endpoint:
        endpoint.greeting = greeting
        return [local.post("/subscriptions", json=asking(endpoint, clock)) for _ in range(times)][-1]


@leads_to("subscriber-silent")
def _(alex: Graph) -> httpx.Response:
    return _subscribed(alex, 1, Answer(503))


@leads_to("subscribed-twice")
def _(alex: Graph) -> httpx.Response:
    return _subscribed(alex, 2, Answer())
