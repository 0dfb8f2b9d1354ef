"""What can be asked inside ``$expand``: which, in what order, how many, and how many there are."""

import base64
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from letterbook.adapters.graph.errors import GraphError
from letterbook.adapters.graph.expanding import expanded, parted
from tests.chance import examples
from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

NAMES = {"b.txt": 3, "A.txt": 1, "logo.png": 200_000, "c.txt": 2}
EXTENSIONS = ("Com.Contoso.Referral", "Com.Contoso.Other", "Com.Contoso.Third")
COLORS = tuple(f"String {{66f5a359-4659-4830-9070-00047ec6ac6e}} Name Color{n}" for n in range(3))


@pytest.fixture
def path(alex: Graph) -> str:
    """A draft with several of everything."""
    files = [
        {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": name,
            "contentBytes": base64.b64encode(bytes(size)).decode(),
            "isInline": name == "logo.png",
            "contentId": name.partition(".")[0],
        }
        for name, size in NAMES.items()
    ]
    draft = alex.beta.draft(
        toRecipients=to(MEGAN),
        attachments=files,
        extensions=[{"extensionName": name, "n": n} for n, name in enumerate(EXTENSIONS)],
        mentions=[{"mentioned": {"address": address}} for address in (MEGAN, ADELE, ALEX)],
        singleValueExtendedProperties=[{"id": id_, "value": id_[-1]} for id_ in COLORS],
    )
    return f"/me/messages/{draft['id']}"


def inside(graph: Graph, path: str, what: str, asked: str, **said: Any) -> list[dict[str, Any]]:
    """What is shown inside a message."""
    shown = graph.read(f"{path}?$expand={what}({quote(asked, safe='$=;,')})", **said)
    found: list[dict[str, Any]] = shown[what]
    return found


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("$top=2", ["b.txt", "A.txt"]),
        ("$skip=1;$top=2", ["A.txt", "logo.png"]),
        ("$skip=9", []),
        ("$orderby=name", ["A.txt", "b.txt", "c.txt", "logo.png"]),
        ("$orderby=size desc;$top=1", ["logo.png"]),
        ("$orderby=isInline desc,name desc", ["logo.png", "c.txt", "b.txt", "A.txt"]),
        ("$filter=isInline eq false", ["b.txt", "A.txt", "c.txt"]),
        ("$filter=isInline", ["logo.png"]),
        ("$filter=not isInline and size gt 1", ["b.txt", "c.txt"]),
        ("$filter=endswith(name,'.PNG') or contentId eq 'a'", ["A.txt", "logo.png"]),
        ("$filter=name in ('c.txt','none')", ["c.txt"]),
        ("$filter=contentType eq 'image/png'", ["logo.png"]),
        ("$filter=lastModifiedDateTime ge 2017-01-01", [*NAMES]),
        ("$filter=lastModifiedDateTime lt 2017-01-01T00:00:00Z", []),
        ("$filter=contentId eq null", []),
        ("filter=size le 2;ORDERBY=size;Skip=1", ["c.txt"]),
    ],
)
def test_attachments_are_chosen_sorted_and_cut(alex: Graph, path: str, asked: str, names: list[str]) -> None:
    assert [each["name"] for each in inside(alex, path, "attachments", asked)] == names
    (listed,) = alex.values(f"/me/messages?$expand=attachments({quote(asked, safe='$=;,')})")
    assert [each["name"] for each in listed["attachments"]] == names


def test_an_attachment_is_found_by_its_id(alex: Graph, path: str) -> None:
    wanted = inside(alex, path, "attachments", "$skip=2;$top=1")[0]["id"]
    assert inside(alex, path, "attachments", f"$filter=id eq '{wanted}'")[0]["name"] == "logo.png"
    lasting = inside(alex.lasting, path, "attachments", "$skip=2;$top=1")[0]["id"]
    assert lasting != wanted
    (found,) = inside(alex.lasting, path, "attachments", f"$filter=id eq '{lasting}'")
    assert found["id"] == lasting


def test_the_count_is_of_all_pages(alex: Graph, path: str) -> None:
    shown = alex.read(f"{path}?$select=subject&$expand=attachments($count=true;$top=1;$filter=size lt 9)")
    assert (shown["attachments@odata.count"], len(shown["attachments"])) == (3, 1)
    assert shown["attachments@odata.context"].endswith("/attachments")
    shown = alex.read(f"{path}?$expand=attachments($count=false;$top=1)")
    assert "attachments@odata.count" not in shown


def test_mentions_are_chosen_sorted_and_cut(alex: Graph, path: str) -> None:
    def addresses(asked: str) -> list[str]:
        return [each["mentioned"]["address"] for each in inside(alex.beta, path, "mentions", asked)]

    assert addresses("$orderby=mentioned/address") == [ADELE, ALEX, MEGAN]
    assert addresses("$orderby=mentioned/address desc;$top=1") == [MEGAN]
    assert addresses(f"$filter=Mentioned/Address eq '{ADELE.upper()}'") == [ADELE]
    assert addresses("$filter=createdBy/address eq null") == []
    assert addresses("$filter=createdDateTime gt 2017-01-01T00:00:00Z and deepLink eq null;$skip=3") == []
    shown = alex.beta.read(f"{path}?$expand=mentions($top=1;$count=true;$select=mentioned)")
    assert shown["mentions@odata.count"] == 3
    assert [set(each) for each in shown["mentions"]] == [{"@odata.id", "id", "mentioned"}]


def test_extensions_and_properties_are_sorted_and_cut(alex: Graph, path: str) -> None:
    found = inside(alex, path, "extensions", "$orderby=extensionName desc;$top=2")
    assert [each["extensionName"] for each in found] == sorted(EXTENSIONS, reverse=True)[:2]
    either = " or ".join(f"id eq '{name}'" for name in EXTENSIONS[:2])
    assert len(inside(alex, path, "extensions", f"$filter={either};$skip=1")) == 1
    both = " or ".join(f"id eq '{id_}'" for id_ in COLORS)
    asked = f"$filter={both};$orderby=value desc;$top=2;$count=true"
    assert [each["value"] for each in inside(alex, path, "singleValueExtendedProperties", asked)] == [
        "2",
        "1",
    ]


def test_items_are_looked_into_with_the_same_words(alex: Graph) -> None:
    files = [
        {"@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentBytes": "YQ=="}
        for name in ("b.txt", "a.txt")
    ]
    kind = {"@odata.type": "#microsoft.graph.message"}
    item = kind | {"attachments": files, "extensions": [{"extensionName": "Com.Contoso.X"}]}
    enclosed = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Inner", "item": item}
    draft = alex.draft(attachments=[enclosed])
    asked = "attachments($orderby=name;$top=1;$count=true),extensions($filter=id eq 'Com.Contoso.X')"
    opened = f"microsoft.graph.itemattachment/item($expand={asked})"
    for way in (f"?$expand=attachments($expand={opened})", f"/attachments?$expand={opened}"):
        whole = alex.read(f"/me/messages/{draft['id']}{way}")
        (shown,) = whole["attachments"] if "attachments" in whole else whole["value"]
        assert [each["name"] for each in shown["item"]["attachments"]] == ["a.txt"]
        assert shown["item"]["attachments@odata.count"] == 2
        assert [each["extensionName"] for each in shown["item"]["extensions"]] == ["Com.Contoso.X"]


def test_members_may_be_named_by_the_type_that_has_them(alex: Graph, path: str) -> None:
    always = {"@odata.type", "@odata.mediaContentType", "id"}
    select = "$select=name,microsoft.graph.fileAttachment/contentId"
    for each in (
        alex.values(f"{path}/attachments?{select}")[0],
        inside(alex, path, "attachments", select.replace("Attachment/", "attachment/"))[0],
    ):
        assert set(each) == always | {"name", "contentId"}
    select = "$select=microsoft.graph.referenceAttachment/sourceUrl"
    alex.refused("GET", f"{path}/attachments?{select}", 400, "RequestBroker--ParseUri")
    assert set(alex.beta.values(f"{path}/attachments?{select}")[0]) == always


def test_pages_hold_more_messages_if_fewer_files_are_asked_for(
    alex: Graph, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("letterbook.adapters.graph.answers.ANSWER_LIMIT", 150_000)
    alex.draft()
    alex.refused("GET", f"{path}?$expand=attachments($orderby=nonsense)", 400, "RequestBroker--ParseUri")
    assert len(alex.walk("/me/messages?$expand=attachments")) == 2
    assert len(alex.walk("/me/messages?$expand=attachments($filter=isInline eq false)")) == 1


# --- Lists by themselves ---------------------------------------------------------------------------


def test_the_list_of_mentions_takes_the_same_options(alex: Graph, path: str) -> None:
    beta = alex.beta
    page = beta.read(f"{path}/mentions?$orderby=mentioned/address&$top=2&$select=mentioned&$count=true")
    assert [each["mentioned"]["address"] for each in page["value"]] == [ADELE, ALEX]
    assert (page["@odata.count"], set(page["value"][0])) == (3, {"@odata.id", "id", "mentioned"})
    (rest,) = beta.values(page["@odata.nextLink"])
    assert rest["mentioned"]["address"] == MEGAN
    (found,) = beta.values(f"{path}/mentions?$filter=mentioned/address eq '{MEGAN}'")
    assert beta.read(f"{path}/mentions/{found['id']}").items() >= found.items()
    assert set(beta.read(f"{path}/mentions/{found['id']}?$select=id")) == {
        "@odata.context",
        "@odata.id",
        "id",
    }
    for wrong, code in (("$orderby=colour", "RequestBroker--ParseUri"), ("$filter=id", "BadRequest")):
        beta.refused("GET", f"{path}/mentions?{wrong}", 400, code)
    beta.refused("GET", f"{path}/mentions?$expand=attachments", 400, "ExpandNotSupported")


def test_the_list_of_extensions_takes_the_same_options(alex: Graph, path: str) -> None:
    always = {"@odata.type", "id"}
    page = alex.read(f"{path}/extensions?$orderby=extensionName&$top=1&$select=n,extensionName&$count=true")
    assert (page["@odata.count"], page["value"][0]["extensionName"]) == (3, sorted(EXTENSIONS)[0])
    assert set(page["value"][0]) == always | {"n", "extensionName"}
    assert len(alex.walk(f"{path}/extensions?$top=2")) == 2
    (found,) = alex.values(f"{path}/extensions?$filter=id eq '{EXTENSIONS[2]}'")
    assert found["n"] == 2
    one = alex.read(f"{path}/extensions/{EXTENSIONS[2]}?$select=n")
    assert set(one) == {"@odata.context", *always, "n"}
    alex.refused("GET", f"{path}/extensions?$filter=n eq 2", 400, "BadRequest")


# --- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("attachments($top=0)", "BadRequest"),
        ("attachments($top=1001)", "BadRequest"),
        ("attachments($top=x)", "BadRequest"),
        ("attachments($skip=-1)", "BadRequest"),
        ("attachments($count=maybe)", "BadRequest"),
        ("attachments($top=1;$top=2)", "BadRequest"),
        ("attachments($search=x)", "BadRequest"),
        ("attachments($levels=2)", "BadRequest"),
        ("attachments(nonsense)", "BadRequest"),
        ("attachments($filter=)", "BadRequest"),
        ("attachments($filter=size eq 'x')", "BadRequest"),
        ("attachments($filter=isInline gt false)", "BadRequest"),
        ("attachments($filter=contains(size,1))", "BadRequest"),
        ("attachments($filter=lastModifiedDateTime eq 'x')", "BadRequest"),
        ("attachments($filter=colour eq 'x')", "RequestBroker--ParseUri"),
        ("attachments($filter=contentBytes eq 'x')", "RequestBroker--ParseUri"),
        ("attachments($filter=tolower(name) eq 'x')", "ErrorInvalidUrlQueryFilter"),
        ("attachments($filter=categories/any(c:c eq 'x'))", "ErrorInvalidUrlQueryFilter"),
        ("attachments($orderby=colour)", "RequestBroker--ParseUri"),
        ("attachments($orderby=name up)", "BadRequest"),
        ("attachments($orderby=)", "BadRequest"),
        ("attachments($expand=item)", "ExpandNotSupported"),
        ("attachments($expand=extensions)", "ExpandNotSupported"),
        ("mentions($filter=mentioned eq 'x')", "RequestBroker--ParseUri"),
        ("mentions($expand=attachments)", "ExpandNotSupported"),
        ("extensions($filter=theme eq 'dark')", "BadRequest"),
        ("extensions($expand=attachments)", "ExpandNotSupported"),
        ("singleValueExtendedProperties($top=1)", "BadRequest"),
        ("microsoft.graph.eventMessage/event($top=1)", "BadRequest"),
        ("microsoft.graph.eventMessage/event($expand=calendar)", "ExpandNotSupported"),
    ],
)
def test_what_cannot_be_asked_is_refused(alex: Graph, asked: str, code: str) -> None:
    alex.beta.refused("GET", f"/me/messages?$expand={quote(asked, safe='$=;,/()')}", 400, code)


def test_whatever_is_nested_ends(alex: Graph) -> None:
    asked = "attachments($expand=microsoft.graph.itemattachment/item($expand="
    deep = asked * 100 + "attachments" + "))" * 100
    assert alex.values(f"/me/messages?$expand={deep}") == []
    alex.refused("GET", f"/me/messages?$expand={asked * 200}", 400, "BadRequest")
    either = " or ".join(["not isInline"] * 200)
    path = f"/me/messages?$expand=attachments($filter={quote(either)})"
    alex.refused("GET", path, 400, "InefficientFilter")


WORDS = [
    *(
        "attachments",
        "mentions",
        "extensions",
        "singleValueExtendedProperties",
        "id",
        "name",
        "size",
        "value",
    ),
    *(
        "microsoft.graph.itemattachment/item",
        "microsoft.graph.eventMessage/event",
        "isInline",
        "mentioned/name",
    ),
    *(
        "$filter=",
        "$orderby=",
        "$select=",
        "$expand=",
        "$top=",
        "$skip=",
        "$count=",
        "true",
        "1",
        "null",
        "'x'",
    ),
    *(
        "(",
        ")",
        ";",
        ",",
        " ",
        " eq ",
        " and ",
        "not ",
        " desc",
        "lastModifiedDateTime",
        "2017-01-01",
        "in ('a')",
    ),
]
CLAUSES = some.recursive(
    some.sampled_from(WORDS[:12]),
    lambda inner: some.builds(
        "{}({}{};{}{})".format,
        some.sampled_from(WORDS[:4]),
        some.sampled_from(WORDS[12:19]),
        inner | some.sampled_from(WORDS),
        some.sampled_from(WORDS[12:19]),
        some.lists(inner | some.sampled_from(WORDS), max_size=4).map("".join),
    ),
    max_leaves=6,
)


def test_anything_can_be_asked_for(alex: Graph, path: str) -> None:
    @settings(max_examples=examples(300), derandomize=True, database=None)
    @given(text=CLAUSES | some.lists(some.sampled_from(WORDS), max_size=9).map("".join))
    def asked(text: str) -> None:
        for way in (path, f"{path}/attachments", "/me/mailFolders/inbox"):
            assert alex.beta.get(f"{way}?$expand={quote(text)}").status_code in (200, 400), text

    asked()


def test_what_is_asked_for_again_and_again_is_shown_once() -> None:
    """As it was asked for last."""
    (once,) = expanded("attachments,Attachments($top=1),attachments($top=2)", "message", beta=False)
    assert once.top == 2
    items = "microsoft.graph.itemattachment/item,microsoft.graph.itemattachment/item($select=subject)"
    (outer,) = expanded(f"attachments($expand={items})", "message", beta=False)
    assert [each.members for each in outer.inside] == [frozenset({"subject"})]


def test_what_is_asked_many_levels_deep_is_read_quickly() -> None:
    """All that one request may say is no reason for others to wait."""
    deep = "attachments"
    while len(deep) < 8000:
        deep = f"attachments(expand=microsoft.graph.itemattachment/item(expand={deep}))"

    def seconds(work: Callable[[], object]) -> float:
        began = process_time()
        work()
        return process_time() - began

    reading = min(seconds(partial(expanded, deep, "message", beta=False)) for _ in range(5))
    counting = min(seconds(lambda: [each == "(" for each in deep * 600]) for _ in range(5))
    assert reading < counting


@settings(max_examples=examples(300), derandomize=True, database=None)
@given(text=some.text("a'(),;", max_size=12))
def test_what_is_in_quotes_and_parentheses_is_no_mark(text: str) -> None:
    depth, quoted, parts = 0, False, [""]
    for char in text:
        quoted ^= char == "'"
        depth += 0 if quoted else (char == "(") - (char == ")")
        if depth < 0:
            break
        parts = [*parts, ""] if char == "," and not (depth or quoted) else [*parts[:-1], parts[-1] + char]
    if depth or quoted:
        with pytest.raises(GraphError):
            parted(text, ",")
    else:
        assert parted(text, ",") == parts
