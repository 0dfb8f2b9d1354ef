"""Lists of messages: what changes them, what they show, and moments in filters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from letterbook import open_book
from tests.graph.client import ADELE, ALEX, Graph, stranger_at
from tests.looping import Conversations

WHOLE, DRAFTS = "/me/messages", "/me/mailFolders/drafts/messages"


@pytest.fixture(params=["file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both kinds of views have to answer alike."""
    return ":memory:" if request.param == "memory" else str(tmp_path / "mail.db")


def subjects(found: list[dict[str, Any]]) -> list[str]:
    """What the messages found are about."""
    return [message["subject"] for message in found]


# --- What is in a list -----------------------------------------------------------------------------


def test_a_message_that_arrives_between_pages_moves_no_page(alex: Graph) -> None:
    ids = [alex.draft(subject=str(number))["id"] for number in range(6)]
    first = alex.read(f"{WHOLE}?$top=2")
    alex.draft(subject="New in between")
    second = alex.read(first["@odata.nextLink"])
    assert [message["id"] for message in second["value"]] == [ids[3], ids[2]]


def test_a_book_behind_a_proxy_names_its_public_address(loop: Conversations) -> None:
    with open_book(":memory:", deliver=False, public_url="https://mail.contoso.com/") as book:
        for number in range(3):
            book.mailbox(ALEX).create_draft(subject=str(number))
        with stranger_at(book, loop) as nobody:
            page = nobody.holding(book.token(ALEX)).read(f"{WHOLE}?$top=1")
    assert page["@odata.nextLink"].startswith("https://mail.contoso.com/v1.0/me/messages?")
    assert page["@odata.context"].startswith("https://mail.contoso.com/v1.0/$metadata#")


def test_the_name_of_a_guest_can_be_followed(nobody: Graph) -> None:
    guest = "adele_fabrikam.com#EXT#@contoso.com"
    for number in range(3):
        nobody.book.mailbox(guest).create_draft(subject=str(number))
    someone = nobody.holding(nobody.book.token(guest))
    pages = someone.walk(f"/users/{quote(guest)}/messages?$top=2")
    assert [len(page) for page in pages] == [2, 1]


def test_an_empty_list_has_no_link(alex: Graph) -> None:
    page = alex.read(WHOLE)
    assert page["value"] == []
    assert "@odata.nextLink" not in page


def test_the_whole_mailbox_holds_deleted_items_but_not_what_is_beyond(alex: Graph) -> None:
    once, twice = (alex.lasting.draft(subject=each)["id"] for each in ("Once", "Twice"))
    for path in (once, twice, twice):
        assert alex.delete(f"/me/messages/{path}").status_code == 204
    assert subjects(alex.values(WHOLE)) == ["Once"]
    assert subjects(alex.values("/me/mailFolders/recoverableitemsdeletions/messages")) == ["Twice"]


# --- $select ---------------------------------------------------------------------------------------


def test_selecting_shows_what_was_chosen_and_says_so(alex: Graph) -> None:
    draft = alex.draft()
    page = alex.read(f"{WHOLE}?$select=subject, Sender ,TORECIPIENTS")
    assert page["@odata.context"].endswith("/messages(subject,sender,toRecipients)")
    assert set(page["value"][0]) == {"@odata.etag", "id", "subject", "toRecipients"}
    one = alex.read(f"{WHOLE}/{draft['id']}?$select=subject,isRead")
    assert one["@odata.context"].endswith("/messages(subject,isRead)/$entity")
    assert one["@odata.context"].startswith("https://graph.microsoft.com/v1.0/$metadata#users('")
    assert set(one) == {"@odata.context", "@odata.etag", "id", "subject", "isRead"}


def test_selecting_everything_shows_everything(alex: Graph) -> None:
    draft = alex.draft()
    for star in ("*", "subject,*", ""):
        assert set(alex.read(f"{WHOLE}/{draft['id']}?$select={star}")) == set(
            alex.read(f"{WHOLE}/{draft['id']}")
        )


def test_what_is_not_shown_by_itself_can_be_selected(alex: Graph) -> None:
    headers = [{"name": "x-b", "value": "2"}, {"name": "X-A", "value": "1"}]
    draft = alex.draft(internetMessageHeaders=headers, body={"contentType": "text", "content": "Unique"})
    assert not {"internetMessageHeaders", "uniqueBody"} & set(draft)
    shown = alex.read(f"{WHOLE}/{draft['id']}?$select=internetMessageHeaders,uniqueBody")
    assert shown["internetMessageHeaders"] == headers
    assert shown["uniqueBody"] == {"contentType": "text", "content": "Unique"}


# --- Moments and ids in filters --------------------------------------------------------------------


def stamp(moment: datetime) -> str:
    """A moment as a filter writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "name", ["receivedDateTime", "sentDateTime", "createdDateTime", "lastModifiedDateTime"]
)
def test_a_filter_finds_moments(alex: Graph, name: str) -> None:
    draft = alex.draft()
    then, now = draft[name], datetime.fromisoformat(draft[name])
    offset = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    east = (now + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S") + "+05:30"
    yesterday, tomorrow = now - timedelta(days=1), now + timedelta(days=1)
    for literal in (
        then,
        offset.replace("+", "%2B"),
        east.replace("+", "%2B"),
        then.replace("Z", ".0000000Z"),
    ):
        for sign, found in (("eq", 1), ("ge", 1), ("le", 1), ("gt", 0), ("lt", 0), ("ne", 0)):
            assert len(alex.values(f"{WHOLE}?$filter={name} {sign} {literal}")) == found, (sign, literal)
    for text, found in (
        (f"{name} ge {stamp(yesterday)} and {name} lt {stamp(tomorrow)}", 1),
        (f"{name} ge {yesterday:%Y-%m-%d} and {name} lt {tomorrow + timedelta(days=1):%Y-%m-%d}", 1),
        (f"{name} ge {stamp(tomorrow)}", 0),
        (f"{name} le {stamp(yesterday)}", 0),
        (f"{name} lt 9999-12-31T23:59:59Z", 1),
        (f"{name} gt 1601-01-01", 1),
    ):
        assert len(alex.values(f"{WHOLE}?$filter={text}")) == found, text


def test_conversations_and_message_ids_can_be_found(alex: Graph) -> None:
    draft = alex.draft()
    alex.draft()
    for name in ("conversationId", "internetMessageId"):
        query = quote(f"{name} eq '{draft[name]}'")
        assert [message["id"] for message in alex.values(f"{WHOLE}?$filter={query}")] == [draft["id"]]


def test_a_question_that_looks_like_sql_is_only_a_question(alex: Graph) -> None:
    alex.draft(subject="x' OR '1'='1")
    query = quote("subject eq 'x'' OR ''1''=''1'")
    assert len(alex.values(f"{WHOLE}?$filter={query}")) == 1
    assert alex.values(f"{WHOLE}?$filter={quote(chr(39).join(['subject eq ', ' OR 1=1 --', '']))}") == []


# --- What is inline --------------------------------------------------------------------------------


def test_attachments_mentions_and_extensions_can_be_shown_inline(alex: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
    extension = {"extensionName": "com.contoso.x", "theme": "dark"}
    mentions = [{"mentioned": {"address": ADELE}}]
    alex.beta.draft(attachments=[file], extensions=[extension], mentions=mentions)
    (shown,) = alex.beta.values(f"{WHOLE}?$expand=attachments,mentions,extensions&$select=subject")
    assert shown["attachments"][0]["contentBytes"] == "SGVsbG8="
    assert shown["mentions"][0]["mentioned"] == {"name": "Adele Vance", "address": ADELE}
    assert shown["extensions"][0]["theme"] == "dark"
    assert "body" not in shown
    (plain,) = alex.beta.values(WHOLE)
    assert not {"attachments", "mentions", "extensions"} & set(plain)
