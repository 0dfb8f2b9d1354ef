"""Who is who: /me, /users and /users/{id}, and who may look."""

from typing import Any

import pytest

from letterbook.adapters.graph.routes import ROUTES
from tests.graph.client import ALEX, BASE, MEGAN, Graph

DEFAULT = [
    *("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
    *("preferredLanguage", "surname", "userPrincipalName", "id"),
]
"""What Graph shows of a user who is not asked for more (*Get a user*)."""


@pytest.fixture
def me(alex: Graph) -> Graph:
    """Alex, who may look at himself."""
    return alex.holding(alex.book.token(ALEX, "User.Read"))


@pytest.fixture
def clerk(alex: Graph) -> Graph:
    """Alex, who may look at everybody."""
    return alex.holding(alex.book.token(ALEX, "User.ReadBasic.All"))


def names(graph: Graph, query: str = "", **headers: str) -> list[str]:
    """The names in a list of people."""
    return [each["displayName"] for each in graph.values(f"/users{query}", headers=headers)]


# --- One person ------------------------------------------------------------------------------------


def test_everyone_can_see_who_they_are(me: Graph) -> None:
    shown = me.read("/me")
    assert list(shown) == ["@odata.context", *DEFAULT]
    assert shown["@odata.context"] == f"{BASE}/v1.0/$metadata#users/$entity"
    assert (shown["displayName"], shown["mail"], shown["userPrincipalName"]) == ("Alex Wilber", ALEX, ALEX)
    assert shown["id"] == str(me.book.mailbox(ALEX).id)
    assert shown["businessPhones"] == []


@pytest.mark.parametrize("who", [ALEX, ALEX.upper(), "me-token-to-replace", "id"])
def test_everyone_finds_themselves_under_every_name(me: Graph, who: str) -> None:
    key = str(me.book.mailbox(ALEX).id) if who == "id" else who
    assert me.read(f"/users/{key}") == me.read("/me") == me.read(f"/users('{key}')")


def test_with_a_scope_for_it_others_can_be_seen(me: Graph, clerk: Graph, robot: Graph) -> None:
    assert clerk.read(f"/users/{MEGAN}")["displayName"] == "Megan Bowen"
    daemon = robot.holding(robot.book.token("a-daemon", "User.Read.All", app=True))
    assert daemon.read(f"/users/{MEGAN}")["displayName"] == "Megan Bowen"
    daemon.refused("GET", "/me", 400, "BadRequest")
    me.refused("GET", f"/users/{MEGAN}", 403, "Authorization_RequestDenied")


def test_a_stranger_is_not_found(me: Graph, clerk: Graph) -> None:
    said = clerk.refused("GET", "/users/danas@contoso.com", 404, "Request_ResourceNotFound")
    assert said.startswith("Resource 'danas@contoso.com' does not exist")
    stranger = me.holding(me.book.token("danas@contoso.com", "User.Read"))
    stranger.refused("GET", "/me", 404, "MailboxNotEnabledForRESTAPI")


def test_seeing_somebody_opens_no_mailbox(clerk: Graph) -> None:
    clerk.refused("GET", f"/users/{MEGAN}/messages", 403, "ErrorAccessDenied")
    both = clerk.holding(clerk.book.token(ALEX, "User.Read.All Mail.ReadWrite"))
    both.refused("GET", f"/users/{MEGAN}/messages", 404, "ErrorInvalidUser")


def test_more_is_shown_to_those_who_ask(me: Graph) -> None:
    shown = me.read("/me?$select=mail,mailNickname,proxyAddresses,userType")
    assert {name: value for name, value in shown.items() if name != "@odata.context"} == {
        "mail": ALEX,
        "mailNickname": "alexw",
        "proxyAddresses": [f"SMTP:{ALEX}"],
        "userType": "Member",
    }
    assert shown["@odata.context"].endswith("#users(mail,mailNickname,proxyAddresses,userType)/$entity")
    me.refused("GET", "/me?$select=height", 400, "RequestBroker--ParseUri")


def test_settings_are_shown_to_those_who_may_read_them(me: Graph, clerk: Graph) -> None:
    me.refused("GET", "/me?$select=mailboxSettings", 403, "ErrorAccessDenied")
    both = me.holding(me.book.token(ALEX, "User.ReadBasic.All MailboxSettings.Read"))
    shown = both.read("/me?$select=displayName,mailboxSettings")
    settings = both.read("/me/mailboxSettings")
    del settings["@odata.context"], settings["automaticRepliesSetting"]
    assert shown["mailboxSettings"].items() >= settings.items()
    both.refused("GET", f"/users/{MEGAN}?$select=mailboxSettings", 403, "ErrorAccessDenied")


# --- Everybody -------------------------------------------------------------------------------------


def test_everybody_is_listed_by_name(clerk: Graph, me: Graph) -> None:
    answer = clerk.read("/users")
    assert answer["@odata.context"] == f"{BASE}/v1.0/$metadata#users"
    assert [each["displayName"] for each in answer["value"]] == ["Adele Vance", "Alex Wilber", "Megan Bowen"]
    assert all(list(each) == DEFAULT for each in answer["value"])
    assert names(clerk, "?$orderby=displayName desc") == ["Megan Bowen", "Alex Wilber", "Adele Vance"]
    me.refused("GET", "/users", 403, "ErrorAccessDenied")


def test_an_application_can_list_everybody(robot: Graph) -> None:
    daemon = robot.holding(robot.book.token("a-daemon", "User.Read.All", app=True))
    assert len(daemon.values("/users")) == 3


def test_the_list_has_pages(clerk: Graph) -> None:
    for number in range(7):
        clerk.book.add_user(f"reader{number}@contoso.com", name=f"Reader {number}")
    pages = clerk.walk("/users?$top=4&$select=mail")
    assert [len(page) for page in pages] == [4, 4, 2]
    assert len({each["mail"] for page in pages for each in page}) == 10
    assert clerk.read("/users?$count=true&$top=1")["@odata.count"] == 10


def test_a_page_link_fits_only_its_own_list(clerk: Graph) -> None:
    link = clerk.read("/users?$top=1")["@odata.nextLink"]
    token = link.partition("$skiptoken=")[2]
    for query in (f"$skiptoken={token}&$filter=mail ne 'x'", "$skiptoken=MQ", f"$skiptoken={token[:-2]}xx"):
        clerk.refused("GET", f"/users?$top=1&{query}", 400, "BadRequest")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("mail eq 'adelev@contoso.com'", ["Adele Vance"]),
        ("mail eq 'ADELEV@contoso.com'", ["Adele Vance"]),
        ("userPrincipalName ne 'adelev@contoso.com'", ["Alex Wilber", "Megan Bowen"]),
        ("startswith(displayName, 'a')", ["Adele Vance", "Alex Wilber"]),
        ("endswith(mail,'@contoso.com')", ["Adele Vance", "Alex Wilber", "Megan Bowen"]),
        ("startswith(displayName,'A') and not endswith(displayName,'r')", ["Adele Vance"]),
        ("startswith(displayName,'Me') or mailNickname eq 'alexw'", ["Alex Wilber", "Megan Bowen"]),
        ("mail in ('meganb@contoso.com','x')", ["Megan Bowen"]),
        ("mail eq 'o''brien@contoso.com'", []),
        ("startsWith(displayName,'A') and ENDSWITH(displayName,'r')", ["Alex Wilber"]),
        ("startswith(givenName, 'A')", []),
        ("jobTitle ne 'Auditor' and mail eq 'adelev@contoso.com'", ["Adele Vance"]),
        ("not (surname eq 'Vance')", ["Adele Vance", "Alex Wilber", "Megan Bowen"]),
    ],
)
def test_people_are_found_by_a_filter(clerk: Graph, condition: str, found: list[str]) -> None:
    assert names(clerk, f"?$filter={condition}") == found


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ('"displayName:adele"', ["Adele Vance"]),
        ('"displayName:van"', ["Adele Vance"]),
        ('"displayName:ance"', []),
        ('"mail:alexw" OR "displayName:megan bowen"', ["Alex Wilber", "Megan Bowen"]),
        ('"mail:contoso" AND "displayName:al"', ["Alex Wilber"]),
    ],
)
def test_people_are_found_by_a_search(clerk: Graph, term: str, found: list[str]) -> None:
    assert names(clerk, f"?$search={term}", ConsistencyLevel="eventual") == found


def test_a_search_needs_its_header(clerk: Graph) -> None:
    said = clerk.refused("GET", '/users?$search="displayName:adele"', 400, "Request_UnsupportedQuery")
    assert "'ConsistencyLevel: eventual'" in said


WRONG: list[tuple[str, str]] = [
    ("$filter=height eq 'tall'", "RequestBroker--ParseUri"),
    ("$filter=contains(displayName,'a')", "Request_UnsupportedQuery"),
    ("$filter=displayName gt 'a'", "Request_UnsupportedQuery"),
    ("$filter=displayName", "Request_UnsupportedQuery"),
    ("$filter=mail in (1,2)", "Request_UnsupportedQuery"),
    ("$filter=height in ('tall','small')", "RequestBroker--ParseUri"),
    ("$filter=height in (1,2)", "Request_UnsupportedQuery"),
    ("$filter=", "Request_UnsupportedQuery"),
    ("$filter=((", "Request_UnsupportedQuery"),
    ("$filter=" + "(" * 2000, "Request_UnsupportedQuery"),
    ("$search=adele", "Request_UnsupportedQuery"),
    ('$search="height:tall"', "Request_UnsupportedQuery"),
    ("$orderby=mail", "Request_UnsupportedQuery"),
    ("$top=1000", "Request_UnsupportedQuery"),
    ("$skip=1", "BadRequest"),
]


@pytest.mark.parametrize(("query", "code"), WRONG, ids=[query[:40] for query, _ in WRONG])
def test_what_the_directory_cannot_answer_is_refused(clerk: Graph, query: str, code: str) -> None:
    clerk.saying(ConsistencyLevel="eventual").refused("GET", f"/users?{query}", 400, code)


@pytest.mark.parametrize("name", ["skills", "AboutMe", "displayName,mailboxSettings"])
def test_what_no_directory_keeps_of_people_is_not_listed(clerk: Graph, name: str) -> None:
    assert "not yet supported" in clerk.refused("GET", f"/users?$select={name}", 501, "NotImplemented")


def test_the_scopes_are_those_of_graphs_pages() -> None:
    guarded = [route for route in ROUTES if not route.by_url]
    table: dict[tuple[str, str], Any] = {(route.method, route.path): route.scopes for route in guarded}
    everyone = {"User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"}
    assert table["GET", "users"] == everyone
    assert (
        table["GET", "U"]
        == table["POST", "U/translateExchangeIds"]
        == everyone | {"User.Read", "User.ReadWrite"}
    )
    assert table["GET", "U/outlook/supportedLanguages"] == {
        "User.Read",
        "User.ReadBasic.All",
        "User.Read.All",
    }
    assert table["POST", "U/getMailTips"] == {"Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared"}
    assert table["POST", "$batch"] == frozenset().union(*(s for (m, p), s in table.items() if p != "$batch"))


def test_whoever_has_the_usual_token_may_ask_who_they_are(alex: Graph) -> None:
    """The first thing that most programs ask."""
    assert alex.read("/me")["mail"] == ALEX
