"""Asking the Graph face as of an earlier moment, and what cannot be asked so."""

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from letterbook.application.public_ids import Kind, public
from letterbook.application.rows import PersonRow
from tests.graph.client import ADELE, ALEX, Graph, to

DRAFTS = "/me/mailFolders/drafts/messages"


def now() -> str:
    """This moment, as a client writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def subjects(alex: Graph, path: str, **said: object) -> list[str]:
    """The subjects on a page."""
    return [each["subject"] for each in alex.values(path, **said)]


def position(alex: Graph) -> int:
    """Where Alex's history ends."""
    with alex.book.engine.store.reading() as session:
        return session.history.head(alex.book.mailbox(ALEX).id).seq


def test_a_folder_as_of_a_moment(alex: Graph) -> None:
    draft = alex.draft(subject="Before")
    then = now()
    alex.changed(f"/me/messages/{draft['id']}", {"subject": "After"})
    alex.draft(subject="Another")

    assert subjects(alex, f"{DRAFTS}?asOf={then}") == ["Before"]
    assert subjects(alex, f"{DRAFTS}?$top=5&AsOf={then}&$select=subject") == ["Before"]
    assert sorted(subjects(alex, DRAFTS)) == ["After", "Another"]


def test_a_moment_may_be_in_any_zone(alex: Graph) -> None:
    alex.draft(subject="Before")
    then = datetime.now(UTC)
    alex.draft(subject="After")
    local = datetime.fromisoformat(then.isoformat()).astimezone().isoformat()

    assert subjects(alex, f"{DRAFTS}?asOf={local}") == ["Before"]
    assert subjects(alex, DRAFTS, params={"asOf": local}) == ["Before"]
    assert subjects(alex, f"{DRAFTS}?asOf={then.replace(tzinfo=None).isoformat()}") == ["Before"]


def test_a_folder_as_of_a_position_of_the_mailbox(alex: Graph) -> None:
    draft = alex.draft(subject="Before")
    before = position(alex)
    alex.delete(f"/me/messages/{draft['id']}")

    assert subjects(alex, f"{DRAFTS}?asOf={before}") == ["Before"]
    assert subjects(alex, f"{DRAFTS}?asOf={before + 1}") == []
    assert alex.read(f"/me/mailFolders/deleteditems?asOf={before}")["totalItemCount"] == 0
    assert alex.read(f"/me/mailFolders/deleteditems?asOf={before + 1}")["totalItemCount"] == 1


def test_the_preference_is_for_clients_that_cannot_add_a_parameter(alex: Graph) -> None:
    alex.draft(subject="Before")
    before = position(alex)
    alex.draft(subject="After")

    answer = alex.get(DRAFTS, headers={"Prefer": f'letterbook.as-of="{before}"'})

    assert [each["subject"] for each in answer.json()["value"]] == ["Before"]
    assert answer.headers["preference-applied"] == f'letterbook.as-of="{before}"'
    both = alex.get(f"{DRAFTS}?asOf={before - 1}", headers={"Prefer": f'letterbook.as-of="{before}"'})
    assert both.json()["value"] == []
    assert "preference-applied" not in both.headers
    assert "preference-applied" not in alex.get(DRAFTS).headers


def test_every_preference_counts_and_every_spelling_of_the_parameter(alex: Graph) -> None:
    """Also when the same page has been answered a moment ago with other ones."""
    alex.draft(subject="Before")
    before = position(alex)
    alex.draft(subject="After")
    other = ("Prefer", 'outlook.body-content-type="text"')

    for more in ([], [("Prefer", f'letterbook.as-of="{before}"')], []):
        headers = [*alex.headers.items(), other, *more]
        answer = alex.loop.run(alex.http.get(f"/v1.0{DRAFTS}", headers=headers))
        assert len(answer.json()["value"]) == (1 if more else 2)
    assert subjects(alex, f"{DRAFTS}?as%4Ff={before}") == ["Before"]


def test_all_pages_are_of_the_same_moment(alex: Graph) -> None:
    for number in range(5):
        alex.draft(subject=f"{number}")
    before, then = position(alex), now()

    first = alex.read(f"{DRAFTS}?$top=2&asOf={then}")
    for draft in alex.values(DRAFTS):
        alex.delete(f"/me/messages/{draft['id']}")
    alex.draft(subject="New")
    rest = alex.walk(first["@odata.nextLink"])

    assert [each["subject"] for page in ([first["value"], *rest]) for each in page] == list("43210")
    assert parse_qs(urlsplit(first["@odata.nextLink"]).query)["asOf"] == [str(before)]
    other = first["@odata.nextLink"].replace(f"asOf={before}", f"asOf={before - 1}")
    alex.refused("GET", other, 400, "BadRequest")


def test_pages_after_a_preference_are_of_its_moment(alex: Graph) -> None:
    for number in range(4):
        alex.draft(subject=f"{number}")
    then = {"Prefer": f'letterbook.as-of="{now()}"'}
    alex.draft(subject="New")

    first = alex.read(f"{DRAFTS}?$top=3", headers=then)

    assert subjects(alex, first["@odata.nextLink"]) == ["0"]
    assert subjects(alex, first["@odata.nextLink"], headers=then) == ["0"]


def test_what_is_gone_can_be_read_as_it_was(alex: Graph) -> None:
    file = {"name": "a.txt", "contentBytes": base64.b64encode(b"x" * 200_000).decode()}
    kind = {"@odata.type": "#microsoft.graph.fileAttachment"}
    draft = alex.draft(subject="Gone", attachments=[kind | file])
    before = position(alex)
    path = f"/me/messages/{draft['id']}"
    assert alex.post(f"{path}/permanentDelete").status_code == 204

    assert alex.get(path).status_code == 404
    assert alex.read(f"{path}?asOf={before}")["subject"] == "Gone"
    assert b"Subject: Gone" in alex.get(f"{path}/$value?asOf={before}").content
    (shown,) = alex.values(f"{path}/attachments?asOf={before}")
    raw = alex.get(f"{path}/attachments/{shown['id']}/$value?asOf={before}").content
    assert raw == b"x" * 200_000


WRITES = [
    ("POST", "/me/messages"),
    ("POST", "/me/sendMail"),
    ("PATCH", "/me/messages/{id}"),
    ("DELETE", "/me/messages/{id}"),
    ("POST", "/me/messages/{id}/send"),
    ("POST", "/me/messages/{id}/move"),
    ("POST", "/me/mailFolders"),
    ("POST", "/me/getMailTips"),
    ("POST", "/$batch"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writing_as_of_a_moment_is_refused(alex: Graph, method: str, path: str) -> None:
    draft, then = alex.draft(), now()

    whole = path.format(id=draft["id"])
    said = {"subject": "Never", "toRecipients": to(ADELE), "requests": []}

    message = alex.refused(method, f"{whole}?asOf={then}", 400, "ErrorInvalidOperation", json=said)
    prefer = {"Prefer": f'letterbook.as-of="{then}"'}
    alex.refused(method, whole, 400, "ErrorInvalidOperation", json=said, headers=prefer)
    assert "cannot be changed" in message


def test_a_search_finds_what_it_would_have_found(alex: Graph) -> None:
    """In the mailbox and in a folder, page by page, and counted."""
    for number in range(5):
        alex.draft(subject=f"Pizza {number}")
    then = now()
    for each in alex.values('/me/messages?$search="pizza"&$top=3'):
        alex.changed(f"/me/messages/{each['id']}", {"subject": "Pasta"})
    alex.draft(subject="Pizza tomorrow")

    for path in ("/me/messages", "/me/mailFolders/drafts/messages"):
        first = alex.read(f'{path}?$search="pizza"&$top=2&$select=subject&$count=true&asOf={then}')
        rest = alex.read(first["@odata.nextLink"].partition("/v1.0")[2])
        assert first["@odata.count"] == 5
        found = [each["subject"] for page in (first, rest) for each in page["value"]]
        assert found == ["Pizza 4", "Pizza 3", "Pizza 2", "Pizza 1"]
        assert alex.get(f'{path}/$count?$search="pizza"&asOf={then}').text == "5"
    assert alex.values(f'/me/messages?$search="pasta"&asOf={then}') == []


@pytest.mark.parametrize(
    "point",
    ["tomorrow", "2026-13-01", "", "-1", "9999", "2999-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00"],
)
def test_points_that_are_none(alex: Graph, point: str) -> None:
    alex.refused("GET", f"{DRAFTS}?asOf={point}", 400, "ErrorInvalidArgument")


def test_two_points_are_one_too_many(alex: Graph) -> None:
    alex.refused("GET", f"{DRAFTS}?asOf=1&asof=1", 400, "BadRequest")
    alex.refused("GET", f"{DRAFTS}?$asOf=1", 400, "BadRequest")


def test_a_mailbox_that_was_not_there_yet(alex: Graph) -> None:
    alex.refused("GET", f"{DRAFTS}?asOf=2000-01-01", 404, "ErrorInvalidUser")
    alex.refused("GET", f"{DRAFTS}?asOf=0", 404, "ErrorInvalidUser")


def test_each_part_of_a_batch_says_for_itself(alex: Graph) -> None:
    alex.draft(subject="Before")
    before = position(alex)
    alex.draft(subject="After")
    parts: list[dict[str, Any]] = [
        {"id": "then", "method": "GET", "url": f"{DRAFTS}?asOf={before}"},
        {"id": "now", "method": "GET", "url": DRAFTS},
        {"id": "by-header", "method": "GET", "url": DRAFTS},
    ]
    parts[2]["headers"] = {"Prefer": f'letterbook.as-of="{before}"'}

    answers = alex.post("/$batch", json={"requests": parts}).json()["responses"]

    assert [len(each["body"]["value"]) for each in answers] == [1, 2, 1]


def test_everybody_as_of_a_moment(robot: Graph) -> None:
    everyone = robot.holding(robot.book.token("a-daemon", "User.Read.All Mail.Read", app=True))
    then = now()
    robot.book.add_user("danas@contoso.com", name="Dana Swope")

    assert len(everyone.values("/users")) == 4
    assert len(everyone.values(f"/users?asOf={then}")) == 3
    everyone.refused("GET", "/users?asOf=3", 400, "BadRequest")
    everyone.refused("GET", f"/users/danas@contoso.com?asOf={then}", 404, "ErrorInvalidUser")


def test_others_see_as_little_of_the_past_as_of_now(alex: Graph, megan: Graph, nobody: Graph) -> None:
    draft = alex.draft()

    path = f"/users/{ALEX}/messages/{draft['id']}?asOf={now()}"

    megan.refused("GET", path, 404, "ErrorInvalidUser")
    nobody.refused("GET", path, 401, "InvalidAuthenticationToken")
    basic = alex.holding(alex.book.token(ALEX, "Mail.ReadBasic"))
    assert "body" not in basic.read(path)
    basic.refused("GET", f"/me/messages/{draft['id']}/attachments?asOf={now()}", 403, "ErrorAccessDenied")


def test_an_upload_is_something_of_now(alex: Graph) -> None:
    draft = alex.draft()
    item = {"AttachmentItem": {"attachmentType": "file", "name": "a", "size": 4_000_000}}
    begun = alex.post(f"/me/messages/{draft['id']}/attachments/createUploadSession", json=item)

    alex.refused("GET", f"{begun.json()['uploadUrl']}&asOf={now()}", 400, "ErrorInvalidOperation")


@pytest.mark.parametrize("what", ["", "/attachments", "/$value", "/mentions", "/letterbook.timeline"])
def test_the_mailbox_itself_is_no_message(alex: Graph, what: str) -> None:
    own: UUID = alex.book.mailbox(ALEX).id

    for query in ("", f"?asOf={now()}"):
        path = f"/me/messages/{public(Kind.MESSAGE, own)}{what}{query}"
        alex.beta.refused("GET", path, 404, "ErrorItemNotFound")


@pytest.mark.parametrize("what", ["in its folder", "with its event"])
def test_nobody_else_waits_for_what_one_message_takes(
    alex: Graph, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Where it lay then is told by the lists, which are made ready aside; so is what it is about."""
    draft = alex.draft(subject="Pizza")
    then = now()
    alex.made(f"/me/messages/{draft['id']}/move", {"destinationId": "archive"})
    ready: list[int] = []
    make_ready = alex.book.travel.make_ready

    def noted(person: PersonRow, position: int) -> None:
        ready.append(position)
        make_ready(person, position)

    monkeypatch.setattr(alex.book.travel, "make_ready", noted)
    folder = "/mailFolders/drafts" if what == "in its folder" else ""
    more = "" if folder else "$expand=microsoft.graph.eventMessage/event&"
    found = alex.read(f"/me{folder}/messages/{draft['id']}?{more}asOf={then}")
    assert (found["subject"], len(ready)) == ("Pizza", 1)
