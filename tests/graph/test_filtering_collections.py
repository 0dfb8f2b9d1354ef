"""``any()``: messages found by their categories, open extensions and extended properties."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from letterbook.adapters.book import Book
from tests.graph.client import ALEX, MEGAN, Graph, book_of_three, stranger_at, to
from tests.looping import Conversations

COLOR = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
PALLETE = "Integer {66f5a359-4659-4830-9070-00047ec6ac6e} Name Pallete"
SENDER = "CLSID {00062008-0000-0000-C000-000000000046} Name ConnectorSenderGuid"
PALETTE = "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette"
REFERRAL = "Com.Contoso.Referral"
SINGLE = "singleValueExtendedProperties/any(p:{})"
MULTI = "multiValueExtendedProperties/any(p:{})"
GUID = "b9cf8971-7d55-4b73-9ffa-a584611b600b"
"""Ids and values of Graph's pages about extended properties and open extensions."""


def single(**values: str) -> list[dict[str, str]]:
    """Extended properties with one value each."""
    ids = {"color": COLOR, "pallete": PALLETE, "sender": SENDER}
    return [{"id": ids[name], "value": value} for name, value in values.items()]


@pytest.fixture(scope="module", params=["file", "memory"])
def book(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, loop: Conversations
) -> Iterator[Book]:
    """Letters of Alex, only read here. Both kinds of views have to answer alike."""
    place = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("book") / "mail.db"
    with book_of_three(place) as book, stranger_at(book, loop) as nobody:
        alex, megan = (nobody.holding(book.token(address)) for address in (ALEX, MEGAN))
        fill(alex, megan)
        yield book


def fill(alex: Graph, megan: Graph) -> None:
    """One letter that arrived, and drafts with something on them."""
    megan.sent(subject="Plain", toRecipients=to(ALEX))
    megan.book.deliver()
    alex.draft(subject="Red", categories=["Red category", "It's late"])
    alex.draft(subject="Both", categories=["Red category", "ЗЕЛЁНАЯ"])
    alex.draft(subject="Nul", categories=["a\0b"])
    alex.draft(subject="Green", singleValueExtendedProperties=single(color="Green", pallete="12"))
    alex.draft(subject="Blue", singleValueExtendedProperties=single(color="Dark blue", pallete="-7"))
    alex.draft(subject="Guid", singleValueExtendedProperties=single(sender=GUID.upper()))
    alex.draft(subject="Many", multiValueExtendedProperties=[{"id": PALETTE, "value": ["Green", "Aqua"]}])
    extension = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": REFERRAL, "deal": 5}
    alex.draft(subject="Referral", extensions=[extension])


def found(alex: Graph, text: str, more: str = "") -> list[str]:
    """What the messages are about for which a filter holds; counting has to agree."""
    query = f"$filter={quote(text, safe='')}&$count=true{more}"
    page: dict[str, Any] = alex.read(f"/me/messages?{query}")
    assert page["@odata.count"] == len(page["value"])
    count = alex.get(f"/me/messages/$count?$filter={quote(text, safe='')}")
    assert count.text == str(len(page["value"]))
    return sorted(each["subject"] for each in page["value"])


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("categories/any(c:c eq 'Red category')", ["Both", "Red"]),
        ("Categories/Any(c: c EQ 'red CATEGORY')", ["Both", "Red"]),
        ("categories/any(x:x eq 'It''s late')", ["Red"]),
        ("categories/any(c:'It''s late' eq c)", ["Red"]),
        ("categories/any(c:c eq 'зелёная')", ["Both"]),
        ("categories/any(c:c eq 'Red')", []),
        ("categories/any()", ["Both", "Nul", "Red"]),
        ("not categories/any()", ["Blue", "Green", "Guid", "Many", "Plain", "Referral"]),
        ("categories/any(c:startswith(c,'red'))", ["Both", "Red"]),
        ("categories/any(c:startsWith(c,'red') and endsWith(c,'late'))", []),
        ("categories/any(c:startswith(c,'it') or c eq 'ЗЕЛЁНАЯ')", ["Both", "Red"]),
        ("categories/any(c:not startswith(c,'red'))", ["Both", "Nul", "Red"]),
        ("categories/any(c:not (c in ('Red category','a\0b')))", ["Both", "Red"]),
        ("categories/any(c:c in ('It''s late'))", ["Red"]),
        ("categories/any(c:c ne 'Red category')", ["Both", "Nul", "Red"]),
        ("categories/any(c:contains(c,'\0'))", ["Nul"]),
        ("categories/any(c:c eq 'Red category') and not categories/any(c:c eq 'зелёная')", ["Red"]),
        ("categories/any(c:c eq 'Red category') or subject eq 'Plain'", ["Both", "Plain", "Red"]),
        (f"Extensions/any(f:f/id eq '{REFERRAL}')", ["Referral"]),
        (f"extensions/any(f:f/id eq 'microsoft.graph.openTypeExtension.{REFERRAL}')", ["Referral"]),
        (f"extensions/any(f:f/id eq 'Microsoft.OutlookServices.OpenTypeExtension.{REFERRAL}')", ["Referral"]),
        (f"extensions/any(f:f/id eq 'Com.Contoso.Other' or f/id eq '{REFERRAL}')", ["Referral"]),
        ("extensions/any(f:f/id eq 'Com.Contoso.Other')", []),
        (f"singleValueExtendedProperties/Any(ep: ep/id eq '{COLOR}' and ep/value eq 'Green')", ["Green"]),
        (SINGLE.format(f"p/id eq '{COLOR}'"), ["Blue", "Green"]),
        (SINGLE.format(f"P/Id eq '{COLOR}' and contains(p/Value, 'BLUE')"), ["Blue"]),
        (SINGLE.format(f"p/id eq '{COLOR}' and p/value ne 'green'"), ["Blue"]),
        (SINGLE.format(f"p/id eq '{COLOR.upper()}'"), []),
        (SINGLE.format(f"p/id eq '{COLOR[:44].upper()}{COLOR[44:]}'"), ["Blue", "Green"]),
        (SINGLE.format(f"p/id eq '{COLOR}' and p/id eq '{PALLETE}'"), []),
        (
            SINGLE.format(f"p/id eq '{COLOR}' and startswith(p/value,'d') or p/id eq '{SENDER}'"),
            ["Blue", "Guid"],
        ),
        (SINGLE.format(f"p/id eq '{PALLETE}' and cast(p/value, Edm.Int32) eq 12"), ["Green"]),
        (SINGLE.format(f"p/id eq '{PALLETE}' and cast(p/value,edm.int32) lt 3"), ["Blue"]),
        (SINGLE.format(f"p/id eq '{PALLETE}' and Cast(p/value,Edm.Double) gt -7.5"), ["Blue", "Green"]),
        (SINGLE.format(f"p/id eq '{SENDER}' and cast(p/value, Edm.Guid) eq ({GUID})"), ["Guid"]),
        (MULTI.format(f"p/id eq '{PALETTE}'"), ["Many"]),
        (MULTI.format(f"p/id eq '{PALETTE}' and p/value/any(v:v eq 'aqua')"), ["Many"]),
        (MULTI.format(f"p/id eq '{PALETTE}' and p/value/any(v:v eq 'blue')"), []),
    ],
)
def test_a_filter_finds_what_hangs_on_messages(alex: Graph, text: str, subjects: list[str]) -> None:
    assert found(alex, text) == subjects


def test_what_was_found_by_an_extension_can_be_shown_with_it(alex: Graph) -> None:
    """The sample of *Get openTypeExtension*."""
    wanted = f"id eq '{REFERRAL}'"
    query = f"$filter=Extensions/any(f:f/{wanted})&$expand=Extensions($filter={wanted})"
    (message,) = alex.values(f"/me/messages?{query}")
    assert [each["deal"] for each in message["extensions"]] == [5]


def test_the_pages_of_what_is_found_can_be_walked(alex: Graph) -> None:
    path = f"/me/messages?$top=1&$filter={quote('categories/any()')}"
    assert [len(page) for page in alex.walk(path)] == [1, 1, 1]
    drafts = f"/me/mailFolders/drafts/messages?$filter={quote('categories/any()')}"
    assert len(alex.values(drafts)) == 3
    assert alex.values(f"/me/mailFolders/inbox/messages?$filter={quote('categories/any()')}") == []


def test_a_folder_is_found_by_its_id(alex: Graph) -> None:
    inbox, drafts = (alex.read(f"/me/mailFolders/{name}")["id"] for name in ("inbox", "drafts"))
    assert found(alex, f"parentFolderId eq '{inbox}'") == ["Plain"]
    assert found(alex, f"parentFolderId ne '{drafts}'") == ["Plain"]
    assert len(found(alex, f"parentFolderId in ('{inbox}','{drafts}')")) == 9


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("from/emailAddress/address ne null and subject ne null", ["Plain"]),
        ("from eq null", None),
        ("from/emailAddress/address eq null and subject eq 'Red'", ["Red"]),
        ("sender/emailAddress/name eq null and subject eq 'Red'", ["Red"]),
        ("subject eq null", []),
        ("receivedDateTime eq null", []),
        ("isRead eq null or null eq receivedDateTime", []),
        ("isRead ne null and receivedDateTime ne null and subject eq 'Red'", ["Red"]),
        ("subject in ('Red')", ["Red"]),
        ("subject in ( 'Red' , 'in (''x'')' )", ["Red"]),
        ("subject eq ' in (''x'')'", []),
        ("StartsWith(subject,'re')", ["Red", "Referral"]),
        ("importance eq 'NORMAL' and flag/flagStatus eq 'NotFlagged' and subject eq 'Red'", ["Red"]),
    ],
)
def test_filters_are_read_as_graph_reads_them(alex: Graph, text: str, subjects: list[str] | None) -> None:
    if subjects is None:
        alex.refused("GET", f"/me/messages?$filter={quote(text)}", 400, "BadRequest")
    else:
        assert found(alex, text) == subjects
