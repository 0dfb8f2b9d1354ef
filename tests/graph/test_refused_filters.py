"""What Graph does not find or sort mail by, in its own words; sources are in ADR 37."""

import pytest

from tests.graph.client import Graph

BAD = (400, "BadRequest")
COMPLEX = (400, "InefficientFilter")
LISTS = ("/me/messages", "/me/mailFolders/inbox/messages")


def ask(graph: Graph, query: str, status: int, code: str) -> str:
    """The query is refused on every list of messages: the message."""
    (message,) = {graph.refused("GET", f"{path}?{query}", status, code) for path in LISTS}
    return message


@pytest.mark.parametrize("name", ["body", "toRecipients", "categories", "flag", "from/emailAddress"])
def test_what_is_not_one_value_is_refused(alex: Graph, name: str) -> None:
    ask(alex, f"$orderby={name}", *BAD)
    ask(alex, f"$filter={name} eq 'x'", *BAD)
    ask(alex, f"$filter={name} ne null", *BAD)


def test_people_of_a_list_have_no_single_address(alex: Graph) -> None:
    """The answer that clients report for it."""
    said = ask(alex, "$filter=toRecipients/emailAddress/address eq 'x'", *BAD)
    assert said.startswith("Invalid filter clause")


@pytest.mark.parametrize("name", ["bodyPreview", "webLink", "changeKey", "parentFolderId", "body/content"])
def test_not_everything_can_be_sorted_by(alex: Graph, name: str) -> None:
    ask(alex, f"$orderby={name}", *COMPLEX)


SINGLE = "singleValueExtendedProperties/any(p:{})"
MULTI = "multiValueExtendedProperties/any(p:{})"


@pytest.mark.parametrize(
    "text",
    [
        "bodyPreview eq 'x'",
        "contains(body/content,'x')",
        "id eq 'x'",
        "flag/dueDateTime ne null",
        "isReadReceiptRequested eq true",
        "length(subject) eq 5",
        "tolower(subject) eq 'x'",
        "toupper(subject) eq 'X'",
        "startswith(tolower(subject),'x')",
        "year(receivedDateTime) eq 2017",
        "now() gt receivedDateTime",
        "geo.distance(a,b) lt 5",
        "cast(subject,Edm.String) eq 'x'",
        "subject add 'x' eq 'y'",
        "subject eq from/emailAddress/name",
        "contains(subject,isRead)",
        "toRecipients/any(r:r/emailAddress/address eq 'x')",
        "ccRecipients/any(r:r/emailAddress/address eq 'x')",
        "bccRecipients/any(r:r/emailAddress/address eq 'x')",
        "replyTo/any(r:r/emailAddress/address eq 'x')",
        "toRecipients/any()",
        "internetMessageHeaders/any(h:h/name eq 'x-a' and h/value eq 'b')",
        "attachments/any(a:a/name eq 'x')",
        "mentions/any(m:m/mentioned/address eq 'x')",
        "nonsense/any(n:n eq 'x')",
        "categories/all(c:c eq 'Red')",
        "categories/any(c:c/name eq 'Red')",
        "categories/any(c:subject eq 'Red')",
        "categories/any(c:tolower(c) eq 'red')",
        "categories/any(c:c eq 'Red' and categories/any(d:d eq 'x'))",
        "extensions/any()",
        "extensions/any(f:f/id ne 'x')",
        "extensions/any(f:not (f/id eq 'x'))",
        "extensions/any(f:f/extensionName eq 'x')",
        "extensions/any(f:f/id eq 'x' and f/dealValue eq 5)",
        "singleValueExtendedProperties/any()",
        SINGLE.format("p/value eq 'y'"),
        SINGLE.format("p/id ne 'x' and p/value eq 'y'"),
        SINGLE.format("p/id eq 'x' or p/value eq 'y'"),
        SINGLE.format("p/id eq 'x' and p/nonsense eq 'y'"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Stream) eq 'y'"),
        SINGLE.format("p/id eq 'x' and cast(p/value,'Edm.Int32') eq 5"),
        SINGLE.format("startswith(p/id,'x')"),
        MULTI.format("p/id eq 'x' and p/value eq 'y'"),
        MULTI.format("p/id eq 'x' and p/value/all(v:v eq 'y')"),
        MULTI.format("p/id eq 'x' and not p/value/any(v:v eq 'y')"),
        MULTI.format("p/id eq 'x' and p/value/any()"),
        MULTI.format("p/value/any(v:v eq 'y')"),
    ],
)
def test_what_graph_does_not_filter_mail_by_is_refused(alex: Graph, text: str) -> None:
    said = ask(alex, f"$filter={text}", 400, "ErrorInvalidUrlQueryFilter")
    assert said == "The query filter contains one or more invalid nodes."


@pytest.mark.parametrize(
    "text",
    [
        "startswith(subject,null)",
        "null eq null",
        "importance eq 'urgent'",
        "startswith(importance,'NO')",
        "parentFolderId gt 'x'",
        "parentFolderId eq 5",
        "categories/any(c:c eq 5)",
        "categories/any(c:c eq null)",
        "categories/any(c:c)",
        "categories/any(c:)",
        SINGLE.format("p/id eq 'x' and p/value eq 12"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Int32) eq '12'"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Int32) eq 1.5"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Int64) eq 9223372036854775808"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Boolean) gt true"),
        SINGLE.format("p/id eq 'x' and startswith(cast(p/value,Edm.Int32),'1')"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.Guid) eq 'x'"),
        SINGLE.format("p/id eq 'x' and cast(p/value,Edm.DateTimeOffset) ge 2016-02-30"),
    ],
)
def test_what_cannot_be_compared_is_refused(alex: Graph, text: str) -> None:
    ask(alex, f"$filter={text}", *BAD)


def test_a_folder_is_named_by_an_id_that_can_be_one(alex: Graph) -> None:
    ask(alex, "$filter=parentFolderId eq 'x'", 400, "ErrorInvalidIdMalformed")
    folder = alex.read("/me/mailFolders/inbox")["id"]
    ask(alex, f"$filter=parentFolderId eq '{folder}' and subject ge ''&$orderby=subject", *COMPLEX)


@pytest.mark.parametrize(
    "text",
    [
        "categories/any(c:" + " and ".join(["(c eq 'a' or c eq 'b')"] * 9) + ")",
        "categories/any(c:" + " or ".join(["c eq 'a'"] * 210) + ")",
        "categories/any(c:" + "not (" * 110 + "c eq 'a'" + ")" * 111,
        " or ".join(["categories/any(c:c eq 'a' and c ne 'b')"] * 80),
    ],
    ids=lambda text: text[:40],
)
def test_an_any_that_asks_too_much_is_refused(alex: Graph, text: str) -> None:
    ask(alex, f"$filter={text}", *COMPLEX)
