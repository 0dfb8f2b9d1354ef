"""Messages inside messages: what they keep, and how they are opened."""

import base64
import email
import email.policy
from email.message import EmailMessage
from typing import Any, cast

import pytest

from tests.graph.client import Graph, to

OPEN = "$expand=microsoft.graph.itemattachment/item"
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "Info.txt", "contentBytes": "SGVsbG8="}
LARGE = bytes(range(256)) * 400
LOGO = {
    "@odata.type": "#microsoft.graph.fileAttachment",
    "name": "logo.png",
    "contentBytes": base64.b64encode(LARGE).decode(),
    "isInline": True,
    "contentId": "logo",
}
LINK = {
    "@odata.type": "#microsoft.graph.referenceAttachment",
    "name": "Pictures",
    "sourceUrl": "https://contoso.com/personal/pictures",
}


def enclosed(name: str, *attachments: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A message to be enclosed, with what is attached to it."""
    item = {"@odata.type": "#microsoft.graph.message", "subject": name, "attachments": [*attachments]} | said
    return {"@odata.type": "#microsoft.graph.itemAttachment", "name": name, "item": item}


def nested(levels: int) -> dict[str, Any]:
    """Messages enclosed in one another, a file in the innermost."""
    inside: dict[str, Any] = FILE
    for level in range(levels, 0, -1):
        inside = enclosed(f"Level {level}", inside)
    return inside


def attached(graph: Graph, said: dict[str, Any]) -> str:
    """A new draft with this attachment: where it is."""
    path = f"/me/messages/{graph.draft()['id']}/attachments"
    return f"{path}/{graph.made(path, said)['id']}"


def opened(graph: Graph, path: str) -> dict[str, Any]:
    """The message inside an attachment."""
    item: dict[str, Any] = graph.read(f"{path}?{OPEN}")["item"]
    return item


def test_an_enclosed_message_keeps_what_was_attached_to_it(alex: Graph) -> None:
    path = attached(alex.beta, enclosed("The plan", FILE, LOGO, enclosed("Older", FILE), LINK))
    item = opened(alex.beta, path)
    file, logo, older, link = item["attachments"]
    assert (file["name"], file["contentBytes"], file["contentType"]) == ("Info.txt", "SGVsbG8=", "text/plain")
    assert base64.b64decode(logo["contentBytes"]) == LARGE
    assert (logo["isInline"], logo["contentId"]) == (True, "logo")
    assert older["item"]["attachments"][0]["contentBytes"] == "SGVsbG8="
    assert link["sourceUrl"] == LINK["sourceUrl"]
    assert item["hasAttachments"]
    assert not older["item"]["attachments"][0].keys() & {"item"}
    assert len({each["id"] for each in (file, logo, older, link)}) == 4


def test_an_enclosed_message_has_the_members_of_graphs_sample(alex: Graph) -> None:
    """*Get attachment*, example of an expanded item."""
    path = attached(alex, enclosed("Reminder", FILE, toRecipients=to("alexw@contoso.com"), importance="high"))
    whole = alex.read(f"{path}?{OPEN}")
    assert whole["@odata.context"].endswith("/attachments/$entity")
    assert whole["item@odata.context"].endswith("/microsoft.graph.itemAttachment/item/$entity")
    item = whole["item"]
    wanted = (
        "@odata.type id createdDateTime lastModifiedDateTime receivedDateTime sentDateTime hasAttachments "
        "internetMessageId subject bodyPreview importance conversationId conversationIndex "
        "isDeliveryReceiptRequested isReadReceiptRequested isRead isDraft webLink internetMessageHeaders "
        "body toRecipients ccRecipients flag attachments@odata.context attachments"
    )
    assert set(wanted.split()) <= set(item)
    assert (item["@odata.type"], item["id"], item["isDraft"]) == ("#microsoft.graph.message", "", True)
    assert (item["subject"], item["importance"], item["flag"]) == (
        "Reminder",
        "high",
        {"flagStatus": "notFlagged"},
    )
    assert "@odata.etag" not in item
    assert base64.b64decode(item["conversationIndex"])
    assert item["webLink"].endswith("viewmodel=ItemAttachment")
    assert item["attachments@odata.context"].endswith("/microsoft.graph.itemAttachment/item/attachments")


def test_an_enclosed_message_keeps_its_marks(alex: Graph) -> None:
    flag = {"flagStatus": "flagged", "startDateTime": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"}}
    item = opened(alex, attached(alex, enclosed("Marked", isRead=False, flag=flag, categories=["Red"])))
    assert (item["isRead"], item["flag"], item["categories"]) == (False, flag, ["Red"])
    assert (item["hasAttachments"], "attachments" in item) == (False, False)


def test_an_enclosed_message_keeps_mentions_and_extensions(alex: Graph) -> None:
    said = {"extensionName": "Com.Contoso.Referral", "dealValue": 5, "tags": ["a"]}
    mention = {"mentioned": {"address": "danas@contoso.com"}}
    path = attached(alex.beta, enclosed("Both", extensions=[said], mentions=[mention], **{"from": _FROM}))
    item = opened(alex.beta, path)
    (shown,) = item["extensions"]
    assert {name: shown[name] for name in said} == said
    (called,) = item["mentions"]
    assert called["mentioned"] == {"name": "danas@contoso.com", "address": "danas@contoso.com"}
    assert called["createdBy"]["address"] == "meganb@contoso.com"
    assert opened(alex.beta, path)["mentions"] == [called], "its id stays"
    assert "mentions" not in opened(alex, path), "version 1.0 has none"
    chosen = alex.read(f"{path}?{OPEN}($select=extensions)")["item"]
    assert set(chosen) == {"@odata.type", "id", "extensions"}


_FROM = {"emailAddress": {"address": "meganb@contoso.com", "name": "Megan Bowen"}}


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"mentions": [{"mentioned": {"address": "nobody"}}]}, 400, "ErrorInvalidArgument"),
        ({"mentions": [{"mentioned": {"name": "Nobody"}}]}, 400, "RequestBodyRead"),
        ({"extensions": [{"extensionName": "a/b"}]}, 400, "RequestBodyRead"),
        ({"extensions": [{"extensionName": str(n)} for n in range(101)]}, 400, "ErrorInvalidArgument"),
    ],
)
def test_an_enclosed_message_keeps_no_others(
    alex: Graph, said: dict[str, Any], status: int, code: str
) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    alex.beta.refused("POST", path, status, code, json=enclosed("Outer", **said))
    only_beta = enclosed("Outer", mentions=[{"mentioned": {"address": "danas@contoso.com"}}])
    alex.refused("POST", path, 400, "RequestBodyRead", json=only_beta)


def test_a_large_body_of_an_enclosed_message_comes_back(alex: Graph) -> None:
    body = {"contentType": "text", "content": "Are we still on? " * 10_000}
    assert opened(alex, attached(alex, enclosed("Long", body=body)))["body"] == body


def test_messages_are_opened_30_levels_deep(alex: Graph) -> None:
    item = opened(alex, attached(alex, nested(30)))
    for level in range(1, 30):
        assert item["subject"] == f"Level {level}"
        item = item["attachments"][0]["item"]
    assert item["attachments"][0]["contentBytes"] == "SGVsbG8="
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    alex.refused("POST", path, 400, "ErrorInvalidArgument", json=nested(31))


@pytest.mark.parametrize("levels", [100, 1000, 10_000])
def test_a_body_nested_beyond_all_reason_is_refused(alex: Graph, levels: int) -> None:
    head = '{"@odata.type":"#microsoft.graph.itemAttachment","item":{"attachments":['
    content = (head * levels + "]}}" * levels).encode()
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    answer = alex.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert alex.values(path) == []


def test_an_enclosed_message_has_the_limits_of_others(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    many = to(*(f"p{number}@contoso.com" for number in range(501)))
    alex.refused("POST", path, 400, "ErrorInvalidRecipients", json=enclosed("All", toRecipients=many))
    nameless = enclosed("Outer", {"@odata.type": "#microsoft.graph.fileAttachment", "contentBytes": ""})
    alex.refused("POST", path, 400, "RequestBodyRead", json=nameless)
    nameless = enclosed("Outer", enclosed("In", extensions=[{}]))
    alex.refused("POST", path, 400, "ErrorInvalidArgument", json=nameless)


def test_the_mime_of_an_enclosed_message_holds_its_attachments(alex: Graph) -> None:
    path = attached(alex, enclosed("The plan", FILE, LOGO, enclosed("Older", FILE)))
    raw = alex.get(f"{path}/$value")
    assert raw.headers["content-type"].startswith("text/plain")
    mime = email.message_from_bytes(raw.content, policy=email.policy.default)
    assert isinstance(mime, EmailMessage)
    assert mime["subject"] == "The plan"
    names = {
        part.get_filename(): part.get_payload(decode=True) for part in mime.walk() if part.get_filename()
    }
    assert (names["Info.txt"], names["logo.png"]) == (b"Hello", LARGE)
    (older,) = (part for part in mime.walk() if part.get_content_type() == "message/rfc822")
    assert cast(EmailMessage, older.get_payload(0))["subject"] == "Older"
    whole = alex.get(f"{path.partition('/attachments')[0]}/$value").content
    assert b"Info.txt" in whole


def test_an_enclosed_message_travels_with_its_attachments(alex: Graph, adele: Graph) -> None:
    alex.sent(attachments=[enclosed("The plan", FILE, LOGO)])
    alex.book.deliver()
    (received,) = adele.values(f"/me/mailFolders/inbox/messages?$expand=attachments({OPEN})")
    (item,) = received["attachments"]
    assert [each["name"] for each in item["item"]["attachments"]] == ["Info.txt", "logo.png"]
    assert base64.b64decode(item["item"]["attachments"][1]["contentBytes"]) == LARGE


# --- Messages that came as MIME --------------------------------------------------------------------


def original() -> bytes:
    """A message that encloses one which encloses another, with a file in each."""
    messages: list[EmailMessage] = []
    for subject in ("Innermost", "Inner", "Outer"):
        message = EmailMessage()
        message["From"], message["To"] = "Adele Vance <adelev@contoso.com>", "alexw@contoso.com"
        message["Subject"], message["Date"] = subject, "Fri, 21 Jul 2017 00:19:52 +0000"
        message.set_content(f"This is the {subject.lower()} one.")
        message.add_attachment(f"{subject} file", filename=f"{subject}.txt")
        if messages:
            message.add_attachment(messages[-1])
        messages.append(message)
    return messages[-1].as_bytes()


def from_mime(graph: Graph) -> str:
    """A draft made of it: where its attachments are."""
    body, headers = base64.b64encode(original()), {"Content-Type": "text/plain"}
    return (
        f"/me/messages/{graph.post('/me/messages', content=body, headers=headers).json()['id']}/attachments"
    )


def test_what_is_attached_inside_a_mime_message_is_found(alex: Graph) -> None:
    file, inner = alex.values(f"{from_mime(alex)}?{OPEN}")
    assert file["name"] == "Outer.txt"
    assert (inner["item"]["subject"], inner["item"]["isDraft"]) == ("Inner", False)
    assert inner["item"]["sentDateTime"] == "2017-07-21T00:19:52Z"
    assert inner["item"]["from"]["emailAddress"]["name"] == "Adele Vance"
    inside, innermost = inner["item"]["attachments"]
    assert base64.b64decode(inside["contentBytes"]).strip() == b"Inner file"
    assert innermost["item"]["subject"] == "Innermost"
    assert innermost["item"]["attachments"][0]["name"] == "Innermost.txt"


def test_ids_of_what_is_found_inside_stay_the_same(alex: Graph) -> None:
    path = from_mime(alex)
    assert alex.values(f"{path}?{OPEN}") == alex.values(f"{path}?{OPEN}")


# --- How it is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        OPEN,
        "$expand=Microsoft.Graph.ItemAttachment/item",
        f"{OPEN}($expand=microsoft.graph.message/attachments)",
        f"{OPEN}($expand=attachments($expand=microsoft.graph.itemattachment/item($expand=attachments)))",
    ],
)
def test_an_item_is_asked_for_in_several_ways(alex: Graph, asked: str) -> None:
    path = attached(alex, enclosed("Outer", enclosed("Inner", FILE)))
    item = alex.read(f"{path}?{asked}")["item"]
    assert item["attachments"][0]["item"]["attachments"][0]["contentBytes"] == "SGVsbG8="
    (listed,) = alex.values(f"{path.rpartition('/')[0]}?{asked}")
    assert listed["item"] == item


def test_items_are_opened_inside_a_message(alex: Graph) -> None:
    draft = alex.draft(attachments=[FILE, enclosed("Outer", FILE)])
    asked = f"$expand=attachments({OPEN};$select=name)"
    file, item = alex.read(f"/me/messages/{draft['id']}?{asked}")["attachments"]
    assert set(file) == {"@odata.type", "@odata.mediaContentType", "id", "name"}
    assert item["item"]["attachments"][0]["name"] == "Info.txt"


def test_without_being_asked_an_item_stays_closed(alex: Graph) -> None:
    path = attached(alex, enclosed("Outer", FILE))
    assert "item" not in alex.read(path)
    assert "item" not in alex.values(path.rpartition("/")[0])[0]
    assert (
        "item" not in alex.read(f"{path.partition('/attachments')[0]}?$expand=attachments")["attachments"][0]
    )


def test_what_cannot_be_expanded_is_refused(alex: Graph) -> None:
    path = attached(alex, enclosed("Outer", FILE))
    draft = path.partition("/attachments")[0]
    for wrong in ("attachments", "mentions", "extensions", "item", "nonsense"):
        alex.refused("GET", f"{path}?$expand={wrong}", 400, "ExpandNotSupported")
    alex.refused("GET", f"{draft}?{OPEN}", 400, "ExpandNotSupported")
    for wrong in (
        f"{OPEN}(",
        f"{OPEN})",
        f"{OPEN}($expand=attachments",
        "$expand=attachments(')",
        f"{OPEN},,",
    ):
        alex.refused("GET", f"{path}?{wrong}", 400, "BadRequest")
    alex.refused("GET", f"{path}?{OPEN}($top=1)", 400, "BadRequest")
    alex.refused("GET", f"{draft}?$expand=attachments($select=nonsense)", 400, "RequestBroker--ParseUri")


# --- Links -----------------------------------------------------------------------------------------


def test_version_1_knows_a_link_only_as_an_attachment(alex: Graph) -> None:
    """Its type has no properties of its own there, so none can be made, and little is shown (CSDL)."""
    path = attached(alex.beta, LINK)
    assert set(alex.read(path)) == {
        *("@odata.context", "@odata.type", "id", "lastModifiedDateTime"),
        *("name", "contentType", "size", "isInline"),
    }
    posting = path.rpartition("/")[0]
    said = alex.refused("POST", posting, 400, "RequestBodyRead", json=LINK)
    assert "'sourceUrl' does not exist on type 'microsoft.graph.referenceAttachment'" in said
    bare = {"@odata.type": LINK["@odata.type"], "name": "Pictures"}
    alex.refused("POST", posting, 400, "RequestBodyRead", json=bare)
    alex.beta.refused("POST", posting, 400, "RequestBodyRead", json=bare)
    alex.refused("POST", "/me/messages", 400, "RequestBodyRead", json={"attachments": [LINK]})


@pytest.mark.parametrize(
    ("name", "said", "shown"),
    [
        ("providerType", "OneDriveBusiness", "oneDriveBusiness"),
        ("providerType", "dropbox", "dropbox"),
        ("permission", "ORGANIZATIONVIEW", "organizationView"),
        ("permission", "Edit", "edit"),
    ],
)
def test_words_of_a_link_are_read_in_any_case(alex: Graph, name: str, said: str, shown: str) -> None:
    assert alex.beta.read(attached(alex.beta, LINK | {name: said}))[name] == shown


@pytest.mark.parametrize("name", ["providerType", "permission"])
def test_words_that_a_link_does_not_know_are_refused(alex: Graph, name: str) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    alex.beta.refused("POST", path, 400, "RequestBodyRead", json=LINK | {name: "nonsense"})
