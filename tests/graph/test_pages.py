"""Pages of messages: whatever was asked for, following the links visits everything once."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from letterbook.adapters.book import Book
from tests.graph.client import ADELE, ALEX, Graph, book_of_three

WHOLE, DRAFTS = "/me/messages", "/me/mailFolders/drafts/messages"


@pytest.fixture(scope="module", params=["file", "memory"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """25 messages of Alex, only read here: 20 in Drafts, every fourth unread, and 5 sent.

    Both kinds of views have to answer alike."""
    place = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("book") / "mail.db"
    with book_of_three(place) as book:
        alex = book.mailbox(ALEX)
        for number in range(20):
            draft = alex.create_draft(subject=f"{number % 7} of {'Many' if number % 2 else 'many'}")
            alex.mark_read(draft, is_read=number % 4 != 0)
        for number in range(5):
            alex.send(alex.create_draft(subject=f"Sent {number}", to=[ADELE]))
        yield book


@pytest.fixture
def many(alex: Graph) -> list[str]:
    """The ids of the 25 messages, the newest first."""
    return [message["id"] for message in alex.values(f"{WHOLE}?$top=1000")]


def test_a_page_holds_ten_messages_the_newest_first(alex: Graph, many: list[str]) -> None:
    page = alex.read(WHOLE)
    assert [message["id"] for message in page["value"]] == many[:10]
    received = [message["receivedDateTime"] for message in page["value"]]
    assert received == sorted(received, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "$top=1",
        "$top=7",
        "$top=24",
        "$top=25",
        "$top=1000",
        "$orderby=subject&$top=4",
        "$orderby=subject desc&$top=4",
        "$orderby=receivedDateTime&$top=6",
        "$orderby=isRead,subject&$top=3",
        "$orderby=isRead,subject desc&$top=3",
        "$orderby=from/emailAddress/address,receivedDateTime desc&$top=9",
        "$orderby=importance desc,lastModifiedDateTime desc&$top=9",
        "$filter=receivedDateTime ge 2017-04-01&$top=6",
        "$filter=startswith(subject,'0') or not startswith(subject,'0')&$top=8",
        "$select=subject&$top=5",
        "$skip=0&$top=8&$count=true",
        "%24top=6&%24orderby=subject",
        "top=6&orderby=subject",
        "$top=6&custom=a%26b&a%20b=c",
    ],
)
def test_following_links_visits_all_messages_once(alex: Graph, many: list[str], query: str) -> None:
    for version in (alex, alex.beta):
        pages = version.walk(f"{WHOLE}?{query}")
        ids = [message["id"] for page in pages for message in page]
        assert sorted(ids) == sorted(many)
        top = int((parse_qs(query.replace("%24", "$").replace("$", "")).get("top") or ["10"])[0])
        assert [len(page) for page in pages[:-1]] == [top] * (len(pages) - 1)
        assert 0 < len(pages[-1]) <= top


def test_pages_come_in_the_order_that_was_asked_for(alex: Graph, many: list[str]) -> None:
    for order, descending in (("subject", False), ("subject%20desc", True)):
        found = [
            m["subject"].casefold() for page in alex.walk(f"{WHOLE}?$orderby={order}&$top=4") for m in page
        ]
        assert found == sorted(found, reverse=descending)


def test_two_orders_may_run_in_different_directions(alex: Graph, many: list[str]) -> None:
    pages = alex.walk(f"{WHOLE}?$orderby=isRead,subject desc&$top=4")
    found = [(message["isRead"], message["subject"].casefold()) for page in pages for message in page]
    assert found == sorted(sorted(found, key=lambda each: each[1], reverse=True), key=lambda each: each[0])


def test_a_folder_has_its_own_pages(alex: Graph, many: list[str]) -> None:
    for path in (DRAFTS, "/me/mailFolders('Drafts')/messages", f"/users/{ALEX}/mailFolders/drafts/messages"):
        pages = alex.walk(f"{path}?$top=6")
        assert [len(page) for page in pages] == [6, 6, 6, 2]
        assert len({message["id"] for page in pages for message in page}) == 20


def test_a_filter_stays_in_force_from_page_to_page(alex: Graph, many: list[str]) -> None:
    pages = alex.walk(f"{DRAFTS}?$filter=isRead eq false&$top=2&$count=true")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert not any(message["isRead"] for page in pages for message in page)


def test_a_link_repeats_what_was_asked_for(alex: Graph, many: list[str]) -> None:
    asked = "$top=3&$select=subject&$filter=isDraft eq true&$count=true&custom=a%26b"
    link = alex.read(f"{WHOLE}?{asked}")["@odata.nextLink"]
    query = parse_qs(urlsplit(link).query)
    assert query["$top"] == ["3"]
    assert query["$select"] == ["subject"]
    assert query["$filter"] == ["isDraft eq true"]
    assert query["custom"] == ["a&b"]
    page = alex.read(link)
    assert set(page["value"][0]) == {"@odata.etag", "id", "subject"}
    assert page["@odata.count"] == 20


def test_a_link_leads_to_the_host_that_was_asked(alex: Graph, many: list[str]) -> None:
    link = alex.saying(Host="localhost:8025").read(WHOLE)["@odata.nextLink"]
    assert link.startswith("https://localhost:8025/v1.0/me/messages?")


def test_skipping_leaves_out_the_first(alex: Graph, many: list[str]) -> None:
    for skip in (0, 1, 20, 24, 25, 1000, 2**31 - 1):
        found = alex.values(f"{WHOLE}?$skip={skip}&$top=50")
        assert [message["id"] for message in found] == many[skip:]
    assert [m["id"] for page in alex.walk(f"{WHOLE}?$skip=5&$top=7") for m in page] == many[5:]


def test_messages_can_be_counted(alex: Graph, many: list[str]) -> None:
    for path, query, count in (
        (WHOLE, "", 25),
        (DRAFTS, "", 20),
        (WHOLE, "$filter=isRead eq false", 5),
        (DRAFTS, "$filter=isRead eq true", 15),
        ("/me/mailFolders/inbox/messages", "", 0),
    ):
        assert alex.read(f"{path}?$count=true&$top=2&{query}")["@odata.count"] == count
        answer = alex.get(f"{path}/$count?{query}")
        assert answer.text == str(count)
        assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    assert "@odata.count" not in alex.read(f"{WHOLE}?$count=false")
