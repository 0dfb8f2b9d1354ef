"""Lists of which there are few entries: filtered, sorted and never searched, each by its own properties."""

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph

CATEGORIES = "/me/outlook/masterCategories"
OVERRIDES = "/me/inferenceClassification/overrides"
RULES = "/me/mailFolders/inbox/messageRules"
ZONES = "/me/outlook/supportedTimeZones"
LANGUAGES = "/me/outlook/supportedLanguages"
UNKNOWN = (400, "RequestBroker--ParseUri")
BAD = (400, "BadRequest")
SCOPES = "MailboxSettings.ReadWrite Mail.ReadWrite User.Read"


@pytest.fixture
def owner(alex: Graph) -> Graph:
    """Alex, with some of each."""
    owner = alex.holding(alex.book.token(ALEX, SCOPES))
    owner.made(CATEGORIES, {"displayName": "Chess", "color": "preset9"})
    for address, how in ((MEGAN, "other"), (ADELE, "focused")):
        owner.made(OVERRIDES, {"classifyAs": how, "senderEmailAddress": {"name": "X", "address": address}})
    for name, sequence, enabled in (("Read", 2, True), ("Archive", 1, False)):
        rule = {"displayName": name, "sequence": sequence, "isEnabled": enabled}
        owner.made(RULES, rule | {"actions": {"markAsRead": True}})
    return owner


def found(graph: Graph, path: str, name: str, **options: str) -> list[str]:
    """One property of what a list shows."""
    asked = {f"${option}": value for option, value in options.items()}
    return [each[name] for each in graph.values(path, params=asked)]


@pytest.mark.parametrize(
    ("path", "name", "text", "expected"),
    [
        (CATEGORIES, "displayName", "displayName eq 'chess'", ["Chess"]),
        (CATEGORIES, "displayName", "displayName eq 'Nothing'", []),
        (CATEGORIES, "displayName", "color eq microsoft.graph.categoryColor'preset9'", ["Chess"]),
        (CATEGORIES, "displayName", "startswith(displayName,'Che') and not(color eq 'none')", ["Chess"]),
        (OVERRIDES, "classifyAs", f"senderEmailAddress/address eq '{MEGAN}'", ["other"]),
        (OVERRIDES, "classifyAs", "senderEmailAddress/address eq 'nobody@contoso.com'", []),
        (OVERRIDES, "classifyAs", "classifyAs eq 'focused'", ["focused"]),
        (RULES, "displayName", "displayName eq 'read'", ["Read"]),
        (RULES, "displayName", "isEnabled eq false", ["Archive"]),
        (RULES, "displayName", "sequence ge 2 or hasError", ["Read"]),
        (ZONES, "alias", "alias eq 'Pacific Standard Time'", ["Pacific Standard Time"]),
        (f"{ZONES}(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')", "alias", "alias eq 'x'", []),
        (LANGUAGES, "locale", "startswith(locale,'en-U')", ["en-US"]),
    ],
)
def test_a_filter_finds_some(owner: Graph, path: str, name: str, text: str, expected: list[str]) -> None:
    assert found(owner, path, name, filter=text) == expected
    assert len(found(owner, path, name)) > len(expected)
    assert owner.read(path, params={"$filter": text, "$count": "true"})["@odata.count"] == len(expected)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *((CATEGORIES, name) for name in ("displayName", "color")),
        *((RULES, name) for name in ("displayName", "sequence")),
        (OVERRIDES, "classifyAs"),
        (LANGUAGES, "locale"),
    ],
)
def test_a_list_is_sorted(owner: Graph, path: str, name: str) -> None:
    def key(value: str | int) -> str | int:
        return value.casefold() if isinstance(value, str) else value

    every = found(owner, path, name)
    assert found(owner, path, name, orderby=name) == sorted(every, key=key)
    assert found(owner, path, name, orderby=f"{name} desc") == sorted(every, key=key, reverse=True)


def test_pages_go_on_in_the_same_order(owner: Graph) -> None:
    pages = owner.walk(f"{CATEGORIES}?$orderby=displayName desc&$filter=displayName ne 'Chess'&$top=4")
    names = [each["displayName"] for page in pages for each in page]
    assert names == sorted(names, reverse=True)
    assert [len(page) for page in pages] == [4, 2]
    assert "Chess" not in names


@pytest.mark.parametrize("path", [CATEGORIES, OVERRIDES, RULES, ZONES, LANGUAGES])
def test_what_a_list_cannot_do_is_refused(owner: Graph, path: str) -> None:
    for option in (
        "$filter=nonsense eq 1",
        "$orderby=nonsense",
        "$select=nonsense",
        "$filter=isRead eq true",
    ):
        owner.refused("GET", f"{path}?{option}", *UNKNOWN)
    for option in ("$filter=", "$filter=((", "$filter=id", "$orderby=id sideways", "$search=chess"):
        answer = owner.get(f"{path}?{option}")
        assert answer.status_code == 400, option
    owner.refused("GET", f"{path}?$search=chess", *BAD)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CATEGORIES, "color eq microsoft.graph.categoryColor'nope'"),
        (CATEGORIES, "color in ('preset9','nope')"),
        (CATEGORIES, "color gt 'preset1'"),
        (CATEGORIES, "startswith(color,'preset')"),
        (OVERRIDES, "classifyAs ne 'neither'"),
        (OVERRIDES, "classifyAs le 'focused'"),
    ],
)
def test_one_of_a_few_words_is_one_of_them(owner: Graph, path: str, text: str) -> None:
    owner.refused("GET", f"{path}?$filter={text}", *BAD)


def test_words_are_read_in_any_case_and_may_be_null(owner: Graph) -> None:
    assert found(owner, CATEGORIES, "displayName", filter="color eq 'PRESET9'") == ["Chess"]
    assert found(owner, CATEGORIES, "displayName", filter="color eq null") == []


def test_mentions_and_extensions_are_not_searched(alex: Graph) -> None:
    path = f"/beta/me/messages/{alex.draft()['id']}"
    for what in ("mentions", "extensions"):
        alex.refused("GET", f"{path}/{what}?$search=x", *BAD)


def test_a_timeline_is_filtered_and_sorted(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft(isRead=False)['id']}/letterbook.timeline"
    facts = found(alex, path, "fact")
    assert len(facts) == 2
    assert found(alex, path, "fact", filter="version ge 2") == facts[1:]
    assert found(alex, path, "fact", orderby="position desc") == facts[::-1]
    assert found(alex, path, "fact", filter="when lt 2001-01-01") == []
    alex.refused("GET", f"{path}?$filter=subject eq 'x'", *UNKNOWN)
    assert alex.values("/me/letterbook.diff?from=1&$filter=what eq 'message'") != []
    assert alex.values("/me/letterbook.diff?from=1&$filter=what eq 'nothing'") == []


# --- Folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "$filter=wellKnownName eq 'inbox'",
        "$filter=not(wellKnownName eq null)",
        "$orderby=wellKnownName",
        "$select=wellKnownName",
        "$expand=childFolders($filter=wellKnownName eq 'inbox')",
        "$expand=childFolders($orderby=wellKnownName)",
        "$expand=childFolders($select=wellKnownName)",
    ],
)
def test_version_1_knows_no_well_known_names(alex: Graph, query: str) -> None:
    for path in ("/me/mailFolders", "/me/mailFolders/msgfolderroot/childFolders"):
        alex.refused("GET", f"{path}?{query}", *UNKNOWN)
        assert alex.beta.get(f"{path}?{query}").status_code == 200


def test_a_new_folder_of_version_1_does_not_say_one(alex: Graph) -> None:
    said = {"displayName": "Clubs", "wellKnownName": "inbox"}
    for name in ("inbox", None):
        alex.refused("POST", "/me/mailFolders", 400, "RequestBodyRead", json=said | {"wellKnownName": name})
    assert alex.beta.made("/me/mailFolders", said)["wellKnownName"] is None


def test_beta_does_not_change_the_well_known_name(alex: Graph) -> None:
    path = f"/me/mailFolders/{alex.made('/me/mailFolders', {'displayName': 'Clubs'})['id']}"
    for name in ("inbox", None):
        said = {"wellKnownName": name}
        alex.beta.refused("PATCH", path, 400, "ErrorInvalidPropertySet", json=said)
