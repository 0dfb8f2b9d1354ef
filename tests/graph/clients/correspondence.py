"""A mailbox that holds one of everything, and all that it answers."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx

from tests.graph.client import ALEX, MEGAN, Graph, to

MB = 1024 * 1024
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
EXTENSION = {
    "@odata.type": "microsoft.graph.openTypeExtension",
    "extensionName": "com.contoso.theme",
    "theme": "dark",
}
MIME = (
    "Subject: From MIME\nContent-Type: multipart/mixed; boundary=x\n\n"
    "--x\nContent-Type: text/plain\n\nHello\n"
    "--x\nContent-Type: message/rfc822\n\nSubject: Enclosed\n\nHello\n--x--\n"
)


def full_of_mail(alex: Graph, adele: Graph) -> None:
    """Drafts from JSON and from MIME, a letter that arrived and its answer, attachments, an extension."""
    everything = {
        "flag": {"flagStatus": "flagged"},
        "importance": "high",
        "body": {"contentType": "HTML", "content": "<b>Hello</b>"},
        "categories": ["Lunch"],
        "ccRecipients": to(MEGAN),
        "attachments": [FILE],
        "extensions": [EXTENSION],
    }
    alex.draft(subject="Everything", **everything)
    alex.made("/me/messages", {})
    coded = base64.b64encode(MIME.encode())
    assert alex.post("/me/messages", content=coded, headers={"Content-Type": "text/plain"}).status_code == 201
    adele.sent(toRecipients=to(ALEX), attachments=[FILE])
    alex.book.deliver()
    (letter,) = alex.values("/me/mailFolders/inbox/messages")
    alex.made(f"/me/messages/{letter['id']}/createReply", {"comment": "Gladly."})


PLACES = (
    "/me/messages?$expand=attachments,extensions",
    "/me/messages?$select=body,uniqueBody,subject,flag,replyTo,from,sender",
    "/me/mailFolders/inbox/messages?$count=true",
    "/me/mailFolders/drafts/messages/delta",
    "/me/mailFolders",
    "/me/mailFolders/delta",
    "/me/mailFolders/inbox",
    "/me/mailboxSettings",
    "/me/mailboxSettings/automaticRepliesSetting",
    "/me/outlook/masterCategories",
    "/me",
)


def answers_of(owner: Graph) -> list[httpx.Response]:
    """What every kind of place answers, in both versions, each message on its own too."""
    alex = owner.holding(owner.book.token(ALEX, "Mail.ReadWrite MailboxSettings.ReadWrite User.Read"))
    found = [face.get(place) for face in (alex, alex.beta) for place in PLACES]
    for message in alex.values("/me/messages?$select=id"):
        place = f"/me/messages/{message['id']}"
        options = "?$expand=attachments,extensions"
        found += [face.get(f"{place}{options}") for face in (alex, alex.beta)]
        found += [alex.get(f"{place}/attachments"), alex.get(f"{place}/extensions")]
    assert [answer.text for answer in found if answer.status_code != 200] == []
    return found


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object in an answer."""
    if isinstance(value, dict):
        yield from value.items()
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members(inner)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in an answer."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def session(graph: Graph, draft: str, size: int) -> dict[str, Any]:
    """A new upload session."""
    item = {"attachmentType": "file", "name": "flower.jpg", "size": size}
    return graph.made(f"/me/messages/{draft}/attachments/createUploadSession", {"AttachmentItem": item})


def put(graph: Graph, url: str, start: int, data: bytes, total: int, **headers: str) -> httpx.Response:
    """A piece of a file."""
    said = {"Content-Range": f"bytes {start}-{start + len(data) - 1}/{total}"} | headers
    return graph.request("PUT", url, content=data, headers=said)
