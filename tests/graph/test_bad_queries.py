"""Query options that Graph refuses, and links to pages that were not made for the request."""

from urllib.parse import quote

import pytest

from tests.graph.client import ALEX, MEGAN, Graph, book_of_three, stranger_at
from tests.looping import Conversations

BAD = (400, "BadRequest")
UNKNOWN = (400, "RequestBroker--ParseUri")
COMPLEX = (400, "InefficientFilter")
LISTS = ("/me/messages", "/me/mailFolders/inbox/messages")


def ask(graph: Graph, query: str, status: int, code: str) -> None:
    """The query is refused on every list of messages."""
    for path in LISTS:
        graph.refused("GET", f"{path}?{query}", status, code)


@pytest.mark.parametrize(
    "query",
    [
        "$top=0",
        "$top=1001",
        "$top=-1",
        "$top=abc",
        "$top=",
        "$top=1.5",
        "$top=１０",
        "$top=%20",
        "$top=1e2",
        "$top=000000000000100000000",
        "$top=" + "9" * 6000,
        "$top=" + "0" * 6000 + "5000",
        "$skip=-1",
        "$skip=abc",
        "$skip=99999999999",
        "$skip=000000000000000999999999999999999999",
        "$skip=" + "0" * 6000 + "99999999999",
        "$count=maybe",
        "$count=1",
        "$top=5&$top=6",
        "$top=5&top=6",
        "$top=5&%24TOP=6",
        "$filter=isRead%20eq%20true&$filter=isRead%20eq%20false",
    ],
    ids=lambda query: query[:40],
)
def test_numbers_and_words_out_of_range_are_refused(alex: Graph, query: str) -> None:
    ask(alex, query, *BAD)


@pytest.mark.parametrize(
    "query", ["$nonsense=1", "$apply=groupby((isRead))", "$compute=1", "$=1", "$deltatoken=x"]
)
def test_unknown_options_are_refused(alex: Graph, query: str) -> None:
    ask(alex, query, *BAD)


def test_other_parameters_are_passed_over(alex: Graph) -> None:
    for query in ("", "?", "?&&", "?a=b", "?=", "?a", "?top=5", "?$format=json", "?%FF=%FF", "?a=%00"):
        for path in LISTS:
            assert alex.get(path + query).status_code == 200, query


@pytest.mark.parametrize(
    "query",
    [
        "$select=nonsense",
        "$select=subject,nonsense",
        "$select=subject%20body",
        "$select=emailAddress/address",
        "$orderby=nonsense",
        "$filter=nonsense eq 1",
        "$filter=nonsense eq null",
        "$filter=subject/length eq 'x'",
        "$filter=subject eq unquoted",
        "$filter=mentionsPreview/isMentioned eq true",
        "$filter=unsubscribeEnabled eq true",
        "$orderby=mentionsPreview/isMentioned",
    ],
)
def test_unknown_properties_are_refused(alex: Graph, query: str) -> None:
    ask(alex, query, *UNKNOWN)


@pytest.mark.parametrize(
    "query", ["$expand=photo", "$expand=mentions", "$expand=attachments,photo", "$expand=subject"]
)
def test_what_cannot_be_expanded_is_refused(alex: Graph, query: str) -> None:
    ask(alex, query, 400, "ExpandNotSupported")


@pytest.mark.parametrize(
    "query",
    [
        "$expand=attachments(",
        "$expand=,",
        "$expand=attachments;mentions",
        "$expand=%00",
        "$expand=singleValueExtendedProperties",
        "$expand=singleValueExtendedProperties($filter=value eq 'x')",
        "$expand=" + "attachments(" * 3000,
        "$expand=" + "(" * 20_000,
        "$expand=" + "a" * 20_000 + "!",
    ],
    ids=lambda query: query[:40],
)
def test_an_expand_that_cannot_be_read_is_refused(alex: Graph, query: str) -> None:
    ask(alex, query, *BAD)


@pytest.mark.parametrize(
    "query",
    [
        "$orderby=",
        "$orderby=,",
        "$orderby=subject,",
        "$orderby=subject upwards",
        "$orderby=subject subject",
        "$orderby=subject desc desc",
        "$orderby=subject;isRead",
    ],
)
def test_an_order_that_cannot_be_read_is_refused(alex: Graph, query: str) -> None:
    for path in LISTS:
        assert alex.get(f"{path}?{query}").status_code == 400


def test_an_order_may_be_long(alex: Graph) -> None:
    for query in ("subject," * 3000 + "subject", "isRead desc, receivedDateTime asc," * 500 + "subject"):
        assert alex.get(f"/me/messages?$orderby={query}").status_code in (200, 400)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%20",
        "isRead eq",
        "eq true",
        "(isRead eq true",
        "isRead eq true)",
        "isRead = true",
        "isRead eq true andd isDraft eq true",
        "isRead eq true and",
        "not",
        "subject eq 'unclosed",
        'subject eq "double"',
        "subject eq unquoted",
        "subject gt null",
        "subject eq 5",
        "subject eq true",
        "subject",
        "'x'",
        "5",
        "true",
        "'x' eq 'x'",
        "isRead eq 'true'",
        "isRead gt true",
        "isRead eq 1",
        "receivedDateTime eq 'yesterday'",
        "receivedDateTime ge 2016-13-45",
        "receivedDateTime ge 2016-02-30T00:00:00Z",
        "receivedDateTime ge 99999-01-01",
        "receivedDateTime ge 5",
        "startswith(receivedDateTime,'2016')",
        "startswith(receivedDateTime,2016-01-01)",
        "startswith(isRead,'t')",
        "startswith(subject)",
        "startswith(subject,'a','b')",
        "startswith('a')",
        "nonsense(subject,'x')",
        "subject in ()",
        "subject in 'x'",
        "subject in (5)",
        "isRead in ('x')",
        "subject has 'x'",
        "%00",
        "subject eq '%00",
        "💌 eq '💌'",
        "subject eq 'x' or",
        "not(not(not(",
        "((((((((((",
        "a/b/c/d eq 1",
        "$it eq 'x'",
        "subject eq @p",
        "-isRead",
        "subject eq duration'P1D'",
        "subject eq 01a1fbd4-bfaa-7254-904d-b3d0b4235e0c",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(alex: Graph, text: str) -> None:
    answer = alex.get(f"/me/messages?$filter={text}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in ("BadRequest", "RequestBroker--ParseUri")


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(["isRead eq true"] * 150),
        "not " * 200 + "isRead",
        "subject eq '" + "x" * 5000 + "'",
        "subject in (" + ",".join(["''"] * 1300) + ")",
        "isRead in (" + ",".join(["true"] * 800) + ")",
        " or ".join("subject in (" + ",".join(["''"] * 120) + ")" for _ in range(9)),
    ],
    ids=lambda text: f"{text[:20]}x{len(text)}",
)
def test_a_filter_that_asks_too_much_is_refused(alex: Graph, text: str) -> None:
    ask(alex, f"$filter={text}", *COMPLEX)


@pytest.mark.parametrize(
    "query",
    [
        "$filter=isRead eq true&$orderby=subject",
        "$filter=isRead eq true&$orderby=receivedDateTime desc",
        "$filter=isRead eq true and receivedDateTime ge 2017-04-01&$orderby=receivedDateTime",
        "$filter=receivedDateTime ge 2017-04-01&$orderby=receivedDateTime,subject",
        "$filter=subject eq 'x' and isRead eq true&$orderby=isRead,subject",
        "$filter=categories/any(c:c eq 'Red') and subject ge ''&$orderby=subject",
    ],
)
def test_an_order_that_does_not_lead_the_filter_is_refused(alex: Graph, query: str) -> None:
    ask(alex, query, *COMPLEX)


def test_an_order_may_go_on_after_all_that_the_filter_asks_for(alex: Graph) -> None:
    for is_read in (True, False):
        alex.draft(subject="Welcome", importance="high", isRead=is_read)
    asked = "$filter=Subject eq 'welcome' and importance eq 'high'&$orderby=subject,importance,isRead"
    assert [each["isRead"] for each in alex.values(f"/me/messages?{asked}")] == [False, True]
    assert [each["isRead"] for each in alex.values(f"/me/messages?{asked} desc")] == [True, False]


@pytest.mark.parametrize(
    "query",
    [
        "$filter=receivedDateTime ge 2017-04-01 and isRead eq true&$orderby=receivedDateTime",
        "$filter=subject ne 'x' and isRead eq true&$orderby=subject desc,isRead",
        "$filter=subject ne null and categories/any(c:c eq 'Red')&$orderby=subject desc",
        "$filter=isRead eq true or receivedDateTime ge 2017-04-01&$orderby=isRead,receivedDateTime desc",
    ],
)
def test_an_order_that_leads_the_filter_is_taken(alex: Graph, query: str) -> None:
    assert alex.get(f"/me/messages?{query}").status_code == 200


# --- Links to pages --------------------------------------------------------------------------------


def token_in(graph: Graph, query: str) -> str:
    """The page token in the link that a query answers with."""
    link: str = graph.read(query)["@odata.nextLink"]
    return link.partition("$skiptoken=")[2].partition("&")[0]


def test_a_page_token_opens_only_the_pages_it_was_made_for(alex: Graph, megan: Graph) -> None:
    for person in (alex, megan):
        for number in range(3):
            person.draft(subject=f"Number {number}")
    token = token_in(alex, "/me/messages?$top=1")
    assert alex.get(f"/me/messages?$top=1&$skiptoken={token}").status_code == 200
    for path in (
        "/me/mailFolders/drafts/messages?",
        "/me/messages?$orderby=subject&",
        "/me/messages?$filter=isRead%20eq%20true&",
    ):
        alex.refused("GET", f"{path}$skiptoken={token}", *BAD)
    megan.refused("GET", f"/me/messages?$skiptoken={token}", *BAD)
    megan.refused("GET", f"/users/{MEGAN}/messages?$skiptoken={token}", *BAD)


@pytest.mark.parametrize(
    "token",
    ["x", "AAAA", "A" * 5000, "%00", "%FF", "é", "=", "====", "null", quote('["2016",0]'), "e30", "-_-_"],
)
def test_a_forged_page_token_is_refused(alex: Graph, token: str) -> None:
    ask(alex, f"$skiptoken={token}", *BAD)


def test_a_page_token_with_one_letter_changed_is_refused(alex: Graph) -> None:
    alex.draft()
    alex.draft()
    token = token_in(alex, "/me/messages?$top=1")
    for at in range(0, len(token), 7):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        alex.refused("GET", f"/me/messages?$top=1&$skiptoken={other}", *BAD)


def test_a_page_token_of_one_search_opens_no_other(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=f"Lunch and pizza {number}")
    token = token_in(alex, '/me/messages?$search="lunch"&$top=1')
    assert alex.get(f'/me/messages?$search="lunch"&$top=1&$skiptoken={token}').status_code == 200
    for other in ('$search="pizza"&', ""):
        alex.refused("GET", f"/me/messages?{other}$top=1&$skiptoken={token}", *BAD)
    alex.refused("GET", f'/me/mailFolders/drafts/messages?$search="lunch"&$skiptoken={token}', *BAD)


def test_a_page_token_of_another_store_is_refused(alex: Graph, loop: Conversations) -> None:
    alex.draft()
    with book_of_three(":memory:") as other, stranger_at(other, loop) as nobody:
        elsewhere = nobody.holding(other.token(ALEX))
        for _ in range(2):
            elsewhere.draft()
        token = token_in(elsewhere, "/me/messages?$top=1")
        round_ = elsewhere.read("/me/mailFolders/drafts/messages/delta")["@odata.deltaLink"]
    alex.refused("GET", f"/me/messages?$top=1&$skiptoken={token}", *BAD)
    alex.refused("GET", round_, *BAD)


def test_a_page_token_whose_place_is_gone_still_opens_what_is_behind_it(alex: Graph) -> None:
    for number in range(3):
        alex.draft(subject=f"Number {number}")
    first = alex.read("/me/mailFolders/drafts/messages?$top=1")
    assert alex.post(f"/me/messages/{first['value'][0]['id']}/permanentDelete").status_code == 204
    assert len(alex.values(first["@odata.nextLink"])) == 1
    rest = alex.walk(first["@odata.nextLink"])
    assert [each["subject"] for page in rest for each in page] == ["Number 1", "Number 0"]
