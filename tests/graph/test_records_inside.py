"""What is attached to an attached event, and what hangs on an attached event or contact."""

import base64
from typing import Any

import pytest
from icalendar import Calendar

from tests.graph.client import ALEX, MEGAN, Graph, to
from tests.graph.test_enclosed import FILE, LARGE, LINK, LOGO, enclosed
from tests.graph.test_enclosed_records import ITEM, LUNCH, OPEN, PAVEL, attached, opened

LIMIT = 3 * 1024 * 1024
MESSAGE = {"@odata.type": "#microsoft.graph.message"}
REFERRAL = {
    "@odata.type": "microsoft.graph.openTypeExtension",
    "extensionName": "Com.Contoso.Referral",
    "dealValue": 10000,
}
COLOR = {"id": "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color", "value": "Green"}
PALETTE = {
    "id": "StringArray {66f5a359-4659-4830-9070-00049ec6ac6e} Name Palette",
    "value": ["Green", "Aqua"],
}
HANGING = {
    "extensions": [REFERRAL],
    "singleValueExtendedProperties": [COLOR],
    "multiValueExtendedProperties": [PALETTE],
}
ONE_COLOR = f"singleValueExtendedProperties($filter=id eq '{COLOR['id']}')"
MENU = {
    "@odata.type": ITEM,
    "name": "Menu",
    "item": {"@odata.type": "#microsoft.graph.event", "subject": "Tea"},
}


def event(*attachments: dict[str, Any], **said: Any) -> dict[str, Any]:
    """An event with something attached to it."""
    return LUNCH | {"attachments": [*attachments]} | said


def inner(graph: Graph, path: str, asked: str) -> dict[str, Any]:
    """The item, with something asked of what is inside it."""
    item: dict[str, Any] = graph.read(f"{path}?{OPEN}({asked})")["item"]
    return item


# --- Kept and given back ---------------------------------------------------------------------------


def test_an_event_keeps_all_kinds_of_attachments(alex: Graph) -> None:
    path = attached(alex.beta, event(FILE, LOGO, LINK, enclosed("Older", FILE), MENU))
    item = opened(alex.beta, path)
    file, logo, link, older, menu = item["attachments"]
    assert (file["name"], file["contentBytes"], file["contentType"]) == ("Info.txt", "SGVsbG8=", "text/plain")
    assert base64.b64decode(logo["contentBytes"]) == LARGE
    assert (link["sourceUrl"], item["hasAttachments"]) == (LINK["sourceUrl"], True)
    assert older["item"]["attachments"][0]["name"] == "Info.txt"
    assert menu["item"]["subject"] == "Tea"
    assert item["attachments@odata.context"].endswith("/microsoft.graph.itemAttachment/item/attachments")
    assert alex.beta.read(path)["size"] > len(LARGE)


@pytest.mark.parametrize(("files", "has"), [([], False), ([LOGO], False), ([LOGO, FILE], True)])
def test_an_event_has_attachments_if_one_is_not_inline(
    alex: Graph, files: list[dict[str, Any]], has: bool
) -> None:
    item = opened(alex, attached(alex, event(*files, hasAttachments=not has)))
    assert item["hasAttachments"] is has
    assert len(item.get("attachments", [])) == len(files)


@pytest.mark.parametrize("said", [LUNCH, PAVEL], ids=["event", "contact"])
def test_extensions_and_extended_properties_are_kept(alex: Graph, said: dict[str, Any]) -> None:
    path = attached(alex, said | HANGING)
    item = opened(alex, path)
    (shown,) = item["extensions"]
    assert {name: shown[name] for name in ("extensionName", "dealValue")} == {
        name: REFERRAL[name] for name in ("extensionName", "dealValue")
    }
    assert "singleValueExtendedProperties" not in item, "only shown to those who ask"
    many = ONE_COLOR.replace("single", "multi").replace(COLOR["id"], str(PALETTE["id"]))
    item = inner(alex, path, f"$expand={ONE_COLOR},{many}")
    assert item["singleValueExtendedProperties"] == [COLOR]
    assert item["multiValueExtendedProperties"] == [PALETTE]


def test_an_enclosed_message_shows_its_extended_properties_too(alex: Graph) -> None:
    path = attached(alex, {**MESSAGE, "subject": "Outer", "singleValueExtendedProperties": [COLOR]})
    assert "singleValueExtendedProperties" not in opened(alex, path)
    assert inner(alex, path, f"$expand={ONE_COLOR}")["singleValueExtendedProperties"] == [COLOR]


def test_they_arrive_with_all_that_is_attached(alex: Graph, megan: Graph) -> None:
    said = {"@odata.type": ITEM, "name": "Lunch", "item": event(FILE, LOGO, **HANGING)}
    letter = {"subject": "Lunch", "toRecipients": to(MEGAN), "attachments": [said]}
    assert alex.post("/me/sendMail", json={"message": letter}).status_code == 202
    alex.book.deliver()
    assert alex.book.tidy().blobs == 0, "nothing that is needed"
    (arrived,) = megan.values(f"/me/messages?$expand=attachments({OPEN})")
    item = arrived["attachments"][0]["item"]
    assert [each["name"] for each in item["attachments"]] == ["Info.txt", "logo.png"]
    assert base64.b64decode(item["attachments"][1]["contentBytes"]) == LARGE
    assert item["extensions"][0]["dealValue"] == 10000


# --- Some of it ------------------------------------------------------------------------------------


def test_members_and_what_is_inside_are_chosen_together(alex: Graph) -> None:
    path = attached(alex, event(FILE, LOGO, **HANGING))
    always = {"@odata.type", "id"}
    files = "attachments($select=name;$filter=isInline eq false)"
    for cast in ("", "microsoft.graph.event/", "Microsoft.Graph.Event/"):
        item = inner(alex, path, f"$select=subject;$expand={cast}{files}")
        assert set(item) == always | {"subject", "attachments", "attachments@odata.context"}
        (file,) = item["attachments"]
        assert set(file) == always | {"@odata.mediaContentType", "name"}
    item = inner(alex, path, "$select=subject;$expand=extensions($select=dealValue;$count=true)")
    assert item["extensions@odata.count"] == 1
    assert item["extensions"][0]["dealValue"] == 10000
    assert inner(alex, path, "$expand=extensions($filter=id eq 'Com.Contoso.Other')")["extensions"] == []


def test_items_in_events_are_opened_as_far_as_that_is_asked(alex: Graph) -> None:
    path = attached(alex, event(MENU))
    assert inner(alex, path, "$expand=attachments")["attachments"][0]["item"]["subject"] == "Tea"
    (menu,) = inner(alex, path, "$expand=attachments($select=name)")["attachments"]
    assert set(menu) == {"@odata.type", "id", "name"}
    (menu,) = inner(alex, path, f"$expand=attachments({OPEN}($select=type))")["attachments"]
    assert menu["item"] == {"@odata.type": "#microsoft.graph.event", "id": "", "type": "singleInstance"}


# --- Other programs --------------------------------------------------------------------------------


def test_the_calendar_holds_what_is_attached(alex: Graph) -> None:
    path = attached(alex.beta, event(FILE, LOGO, LINK, enclosed("Older", FILE), MENU))
    raw = alex.get(f"{path}/$value").content
    (lunch,) = Calendar.from_ical(raw).walk("VEVENT")
    files: Any = lunch["ATTACH"]
    file, logo, link, older, menu = files
    assert (file.params["FMTTYPE"], file.params["FILENAME"], file.bytes) == (
        "text/plain",
        "Info.txt",
        b"Hello",
    )
    assert (logo.params["FMTTYPE"], logo.bytes) == ("image/png", LARGE)
    assert (str(link), link.params["FILENAME"]) == (LINK["sourceUrl"], "Pictures")
    assert (older.params["FMTTYPE"], older.params["FILENAME"]) == ("message/rfc822", "Older.eml")
    assert b"Subject: Older" in older.bytes
    assert b"Info.txt" in older.bytes
    (tea,) = Calendar.from_ical(menu.bytes).walk("VEVENT")
    assert str(tea["SUMMARY"]) == "Tea"
    whole = alex.get(f"{path.partition('/attachments')[0]}/$value").content
    assert b"Let's go for lunch.ics" in whole


# --- What is refused -------------------------------------------------------------------------------


def refused(graph: Graph, status: int, code: str, said: dict[str, Any]) -> None:
    """It cannot be attached, and nothing is."""
    path = f"/me/messages/{graph.draft()['id']}/attachments"
    graph.refused("POST", path, status, code, json={"@odata.type": ITEM, "item": said})
    assert graph.values(path) == []


def text_of(size: int) -> str:
    """Base64 of so many bytes."""
    return base64.b64encode(bytes(size)).decode()


def long(size: int) -> dict[str, Any]:
    """An event whose kept words are of about that size."""
    return LUNCH | {"body": {"contentType": "text", "content": "x" * size}}


@pytest.mark.parametrize("kind", ["event", "contact"])
def test_one_of_3_mb_is_too_large(alex: Graph, kind: str) -> None:
    member = "subject" if kind == "event" else "personalNotes"
    said = {"@odata.type": f"#microsoft.graph.{kind}", member: "x" * LIMIT}
    refused(alex, 413, "ErrorMessageSizeExceeded", said)
    fits = said | {member: "x" * (LIMIT - len(f'{{"{member}":""}}') - 1)}
    assert alex.read(attached(alex, fits))["size"] == LIMIT - 1


def test_what_is_attached_to_it_counts(alex: Graph) -> None:
    half = {**FILE, "contentBytes": text_of(LIMIT // 2)}
    assert opened(alex, attached(alex, event(half)))["hasAttachments"]
    refused(alex, 413, "ErrorMessageSizeExceeded", event(half, **long(LIMIT // 2)))
    letter = {"subject": "x", "toRecipients": to(ALEX)}
    over = {"@odata.type": ITEM, "name": "x", "item": event(half, **long(LIMIT // 2))}
    alex.refused(
        "POST", "/me/messages", 413, "ErrorMessageSizeExceeded", json=letter | {"attachments": [over]}
    )
    in_a_message = {**MESSAGE, "subject": "Outer", "attachments": [over]}
    refused(alex, 413, "ErrorMessageSizeExceeded", in_a_message)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"attachments": [FILE] * 251}, "ErrorInvalidArgument"),
        ({"extensions": [REFERRAL | {"extensionName": str(n)} for n in range(101)]}, "ErrorInvalidArgument"),
        (
            {"singleValueExtendedProperties": [{"id": f"String {n}", "value": ""} for n in range(1, 252)]},
            "ErrorInvalidArgument",
        ),
        ({"extensions": [{"extensionName": ""}]}, "ErrorInvalidArgument"),
        ({"attendees": to(*(f"p{number}@contoso.com" for number in range(501)))}, "ErrorInvalidArgument"),
        ({"attachments": [{"@odata.type": ITEM}]}, "RequestBodyRead"),
        ({"attachments": [{"@odata.type": ITEM, "item": PAVEL | {"colour": "red"}}]}, "RequestBodyRead"),
        ({"location": {"displayName": "Harry's Bar", "attachments": []}}, "RequestBodyRead"),
    ],
)
def test_what_hangs_on_it_has_the_limits_of_a_message(alex: Graph, said: dict[str, Any], code: str) -> None:
    refused(alex, 400, code, LUNCH | said)


def test_events_in_events_are_4_levels_deep(alex: Graph) -> None:
    """Each is written into the next in base64: thirty of 2 MB were 25 GB as MIME."""

    def nested(levels: int) -> dict[str, Any]:
        inside: dict[str, Any] = FILE
        for level in range(levels, 0, -1):
            inside = {"@odata.type": ITEM, "name": "In", "item": event(inside, subject=f"Level {level}")}
        return inside

    path = f"/me/messages/{alex.draft()['id']}/attachments"
    item = alex.read(f"{path}/{alex.made(path, nested(4))['id']}?{OPEN}")["item"]
    for level in range(1, 4):
        assert item["subject"] == f"Level {level}"
        item = item["attachments"][0]["item"]
    assert item["attachments"][0]["contentBytes"] == "SGVsbG8="
    alex.refused("POST", path, 400, "ErrorInvalidArgument", json=nested(5))


@pytest.mark.parametrize(
    "asked",
    ["$expand=mentions", "$expand=item", "$expand=calendar", "$expand=microsoft.graph.event/instances"],
)
def test_nothing_else_is_inside(alex: Graph, asked: str) -> None:
    alex.refused("GET", f"{attached(alex, LUNCH)}?{OPEN}({asked})", 400, "ExpandNotSupported")
