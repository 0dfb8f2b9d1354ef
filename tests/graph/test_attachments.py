"""Attachments: files, messages and links, added, listed, read and taken off."""

import base64
import email
import email.policy
from typing import Any

import pytest

from tests.graph.client import ADELE, Graph, to

FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt", "contentBytes": "SGVsbG8="}
ITEM = {
    "@odata.type": "#microsoft.graph.itemAttachment",
    "name": "The old one",
    "item": {
        "@odata.type": "microsoft.graph.message",
        "subject": "Enclosed",
        "body": {"contentType": "html", "content": "<b>Inside</b>"},
        "toRecipients": to("danas@contoso.com"),
    },
}
LINK = {
    "@odata.type": "#microsoft.graph.referenceAttachment",
    "name": "Personal pictures",
    "sourceUrl": "https://contoso.com/personal/mario_contoso_net/Documents/Pics",
    "providerType": "oneDriveConsumer",
    "permission": "Edit",
    "isFolder": "True",
}


def attached(graph: Graph, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A new draft with this attachment: the path of its attachments, and the attachment."""
    path = f"/me/messages/{graph.draft()['id']}/attachments"
    return path, graph.made(path, said)


def test_a_file_is_attached_listed_read_and_taken_off(alex: Graph) -> None:
    path, made = attached(alex, FILE)
    assert made["@odata.type"] == "#microsoft.graph.fileAttachment"
    assert made["@odata.context"].endswith("/attachments/$entity")
    assert (made["name"], made["size"], made["contentType"]) == ("menu.txt", 5, "text/plain")
    assert (made["isInline"], made["contentId"], made["contentLocation"]) == (False, None, None)
    (listed,) = alex.values(path)
    assert listed == {name: value for name, value in made.items() if name != "@odata.context"}
    assert alex.read(f"{path}/{made['id']}")["contentBytes"] == "SGVsbG8="
    raw = alex.get(f"{path}/{made['id']}/$value")
    assert (raw.content, raw.headers["content-type"].partition(";")[0]) == (b"Hello", "text/plain")
    assert alex.delete(f"{path}/{made['id']}").status_code == 204
    assert alex.values(path) == []
    alex.refused("GET", f"{path}/{made['id']}", 404, "ErrorItemNotFound")


def test_a_new_attachment_says_where_it_is(alex: Graph) -> None:
    answer = alex.post(f"/me/messages/{alex.draft()['id']}/attachments", json=FILE)
    assert alex.read(answer.headers["location"])["id"] == answer.json()["id"]


def test_attachments_are_found_through_the_folder(alex: Graph) -> None:
    path, made = attached(alex, FILE)
    through = path.replace("/me/messages", "/me/mailFolders/drafts/messages")
    assert alex.read(f"{through}/{made['id']}")["id"] == made["id"]


def test_a_list_leaves_the_bytes_out_if_they_are_not_selected(alex: Graph) -> None:
    path, made = attached(alex, FILE)
    (listed,) = alex.values(f"{path}?$select=name,size,isInline")
    assert set(listed) == {"@odata.type", "@odata.mediaContentType", "id", "name", "size", "isInline"}
    assert listed["@odata.mediaContentType"] == made["contentType"]
    (listed,) = alex.values(f"{path}?$select=contentBytes")
    assert listed["contentBytes"] == "SGVsbG8="
    assert "contentBytes" not in alex.read(f"{path}/{made['id']}?$select=id,name")
    assert [each["id"] for each in alex.values(f"{path}?$filter=isInline eq true")] == [made["id"]], (
        "passed over"
    )
    alex.refused("GET", f"{path}?$select=nonsense", 400, "RequestBroker--ParseUri")


OLDER = "#Microsoft.OutlookServices.FileAttachment"
"""As a page of Graph's documentation prints it (*Add attachment*, eventMessage, beta)."""


@pytest.mark.parametrize("kind", ["#microsoft.graph.fileAttachment", "microsoft.graph.FileAttachment", OLDER])
def test_the_kind_of_a_file_is_written_in_many_ways(alex: Graph, kind: str) -> None:
    _, made = attached(alex, FILE | {"@odata.type": kind})
    assert made["@odata.type"] == "#microsoft.graph.fileAttachment"


@pytest.mark.parametrize("said", [{"name": "a"}, {"name": "a", "contentBytes": "YQ=="}, {}], ids=str)
def test_an_attachment_of_no_type_is_refused(alex: Graph, said: dict[str, Any]) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    text = alex.refused("POST", path, 422, "UnprocessableType", json=said)
    assert text == "Cannot process input of abstract type 'microsoft.graph.attachment'"
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "a", "item": {"subject": "a"}}
    text = alex.refused("POST", path, 422, "UnprocessableType", json=item)
    assert text == "Cannot process input of abstract type 'microsoft.graph.outlookItem'"


def test_an_attachment_of_no_type_inside_a_letter_has_no_bytes(alex: Graph) -> None:
    message = {"toRecipients": to(ADELE), "attachments": [{"name": "a", "contentBytes": "YQ=="}]}
    for path, said in (("/me/messages", message), ("/me/sendMail", {"message": message})):
        text = alex.refused("POST", path, 400, "RequestBodyRead", json=said)
        assert text.startswith(
            "The property 'contentBytes' does not exist on type 'microsoft.graph.attachment'"
        )
    message["attachments"] = [{"name": "a"}]
    alex.refused("POST", "/me/messages", 422, "UnprocessableType", json=message)


@pytest.mark.parametrize(
    "kind",
    ["#contoso.fileAttachment", "fileAttachment", "#microsoft.graph.message", "#microsoft.graph", "#", ""],
)
def test_an_attachment_of_another_type_is_refused(alex: Graph, kind: str) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    text = alex.refused("POST", path, 400, "RequestBodyRead", json=FILE | {"@odata.type": kind})
    assert text == f'Invalid OData type specified: "{kind}"'


@pytest.mark.parametrize(
    "kind",
    ["#microsoft.graph.message", "microsoft.graph.eventMessageRequest", "#Microsoft.OutlookServices.Message"],
)
def test_a_message_may_say_that_it_is_one(alex: Graph, kind: str) -> None:
    draft = alex.draft(**{"@odata.type": kind})
    assert (
        alex.changed(f"/me/messages/{draft['id']}", {"@odata.type": kind, "subject": "x"})["subject"] == "x"
    )


@pytest.mark.parametrize("kind", ["#microsoft.graph.event", "#foo.bar", "#contoso.message", "message"])
def test_a_message_is_nothing_else(alex: Graph, kind: str) -> None:
    path, message = f"/me/messages/{alex.draft()['id']}", {"@odata.type": kind, "subject": "x"}
    alex.refused("POST", "/me/messages", 400, "RequestBodyRead", json=message)
    alex.refused("POST", "/me/sendMail", 400, "RequestBodyRead", json={"message": message})
    alex.refused("PATCH", path, 400, "RequestBodyRead", json=message)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.gif", "image/gif"),
        ("a.pdf", "application/pdf"),
        ("a", "application/octet-stream"),
        ("A.PNG", "image/png"),
    ],
)
def test_a_missing_content_type_follows_from_the_name(alex: Graph, name: str, kind: str) -> None:
    assert attached(alex, FILE | {"name": name})[1]["contentType"] == kind


@pytest.mark.parametrize(
    "kind", ["text/html", "日本/語", "text/plain\r\nX-Evil: yes", "nonsense", 'a/b; c="ü"', "x" * 20_000, " "]
)
def test_a_strange_content_type_breaks_no_header(alex: Graph, kind: str) -> None:
    path, made = attached(alex, FILE | {"contentType": kind})
    raw = alex.get(f"{path}/{made['id']}/$value")
    assert (raw.status_code, raw.content) == (200, b"Hello")
    assert "x-evil" not in raw.headers
    assert raw.headers["content-type"].isascii()
    assert "\n" not in raw.headers["content-type"]
    assert raw.headers["x-content-type-options"] == "nosniff"


def test_base64_of_an_attachment_may_be_folded_or_empty(alex: Graph) -> None:
    content = bytes(range(256)) * 4
    path, made = attached(alex, FILE | {"contentBytes": base64.encodebytes(content).decode()})
    assert alex.get(f"{path}/{made['id']}/$value").content == content
    path, made = attached(alex, FILE | {"contentBytes": ""})
    assert alex.get(f"{path}/{made['id']}/$value").content == b""


def test_a_large_file_comes_back_whole(alex: Graph) -> None:
    content = bytes(range(256)) * 4_000
    path, made = attached(alex, FILE | {"contentBytes": base64.b64encode(content).decode()})
    assert alex.get(f"{path}/{made['id']}/$value").content == content
    assert made["size"] == len(content)


def test_an_inline_image_does_not_count_as_attachment(alex: Graph) -> None:
    path, made = attached(alex, FILE | {"name": "logo.png", "isInline": True, "contentId": "logo"})
    message = path.removesuffix("/attachments")
    assert (made["isInline"], made["contentId"]) == (True, "logo")
    assert not alex.read(message)["hasAttachments"]
    alex.made(path, FILE)
    assert alex.read(message)["hasAttachments"]
    assert len(alex.values(path)) == 2


def test_the_etag_follows_the_attachments(alex: Graph) -> None:
    draft = alex.draft()
    made = alex.made(f"/me/messages/{draft['id']}/attachments", FILE)
    after = alex.read(f"/me/messages/{draft['id']}")
    assert (after["hasAttachments"], after["@odata.etag"] != draft["@odata.etag"]) == (True, True)
    alex.delete(f"/me/messages/{draft['id']}/attachments/{made['id']}")
    assert not alex.read(f"/me/messages/{draft['id']}")["hasAttachments"]


def test_a_message_can_be_enclosed(alex: Graph) -> None:
    path, made = attached(alex, ITEM)
    assert made["@odata.type"] == "#microsoft.graph.itemAttachment"
    assert "item" not in alex.read(f"{path}/{made['id']}")
    shown = alex.read(f"{path}/{made['id']}?$expand=microsoft.graph.itemattachment/item")["item"]
    assert (shown["id"], shown["subject"]) == ("", "Enclosed")
    assert shown["toRecipients"][0]["emailAddress"]["address"] == "danas@contoso.com"
    raw = alex.get(f"{path}/{made['id']}/$value")
    enclosed = email.message_from_bytes(raw.content, policy=email.policy.default)
    assert enclosed["subject"] == "Enclosed"


def test_a_link_can_be_attached_and_has_no_bytes(alex: Graph) -> None:
    path, made = attached(alex.beta, LINK)
    assert made["@odata.type"] == "#microsoft.graph.referenceAttachment"
    assert (made["permission"], made["isFolder"], made["providerType"]) == ("edit", True, "oneDriveConsumer")
    assert alex.beta.read(f"{path}/{made['id']}")["sourceUrl"] == LINK["sourceUrl"]
    alex.beta.refused("GET", f"{path}/{made['id']}/$value", 405, "BadRequest")


def test_all_kinds_come_along_with_a_new_message(alex: Graph) -> None:
    draft = alex.beta.draft(attachments=[FILE, ITEM, LINK])
    assert draft["hasAttachments"]
    assert "attachments" not in draft
    kinds = [each["@odata.type"] for each in alex.beta.values(f"/me/messages/{draft['id']}/attachments")]
    assert kinds == [FILE["@odata.type"], ITEM["@odata.type"], LINK["@odata.type"]]


def test_attachments_travel_with_the_letter(alex: Graph, adele: Graph) -> None:
    alex.sent(attachments=[FILE, ITEM])
    alex.book.deliver()
    (received,) = adele.values("/me/mailFolders/inbox/messages?$expand=attachments")
    file, item = received["attachments"]
    assert (file["name"], file["contentBytes"], item["name"]) == ("menu.txt", "SGVsbG8=", "The old one")
    assert adele.get(f"/me/messages/{received['id']}/attachments/{file['id']}/$value").content == b"Hello"
