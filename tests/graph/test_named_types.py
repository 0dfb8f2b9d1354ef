"""Whoever says what a type does not have reads which type that is."""

from typing import Any

import pytest

from tests.graph.client import ALEX, Graph

UNREAD = (400, "RequestBodyRead")
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGVsbG8="}
UPLOAD = {"attachmentType": "file", "name": "film.mp4", "size": 4_000_000}
BY = {"emailAddress": {"address": "adelev@contoso.com"}}
RULE: dict[str, Any] = {"displayName": "Old", "sequence": 1, "actions": {"markAsRead": True}}


@pytest.fixture
def place() -> str:
    """In memory: what is refused here would never reach a file."""
    return ":memory:"


@pytest.mark.parametrize(
    ("said", "of"),
    [
        ({"height": 1}, "message"),
        ({"attachments": [FILE | {"height": 1}]}, "fileAttachment"),
        (
            {"attachments": [FILE | {"@odata.type": "microsoft.graph.ITEMattachment", "height": 1}]},
            "itemAttachment",
        ),
        ({"attachments": [FILE | {"@odata.type": "#microsoft.graph.other", "height": 1}]}, "attachment"),
        ({"body": {"content": "x", "height": 1}}, "itemBody"),
        ({"toRecipients": [BY | {"height": 1}]}, "recipient"),
        ({"toRecipients": [{"emailAddress": {"address": "x@contoso.com", "height": 1}}]}, "emailAddress"),
        ({"flag": {"height": 1}}, "followupFlag"),
        ({"flag": {"dueDateTime": {"dateTime": "2026-03-04T12:00:00", "height": 1}}}, "dateTimeTimeZone"),
        ({"internetMessageHeaders": [{"name": "x-a", "value": "b", "height": 1}]}, "internetMessageHeader"),
    ],
)
def test_of_a_message_and_what_is_in_it(alex: Graph, said: dict[str, Any], of: str) -> None:
    text = alex.refused("POST", "/me/messages", *UNREAD, json=said)

    assert f"'height' does not exist on type 'microsoft.graph.{of}'" in text


def test_of_what_is_attached_later(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"

    text = alex.refused("POST", path, *UNREAD, json=FILE | {"height": 1})
    assert "type 'microsoft.graph.fileAttachment'" in text
    said = {"AttachmentItem": UPLOAD | {"height": 1}}
    text = alex.refused("POST", f"{path}/createUploadSession", *UNREAD, json=said)
    assert "type 'microsoft.graph.attachmentItem'" in text


@pytest.mark.parametrize(
    ("said", "of"),
    [
        ({"height": 1}, "messageRule"),
        ({"actions": {"height": 1}}, "messageRuleActions"),
        ({"conditions": {"height": 1}}, "messageRulePredicates"),
        ({"exceptions": {"withinSizeRange": {"height": 1}}}, "sizeRange"),
    ],
)
def test_of_a_rule_and_its_parts(alex: Graph, said: dict[str, Any], of: str) -> None:
    owner = alex.holding(alex.book.token(ALEX, "MailboxSettings.ReadWrite"))

    text = owner.refused("POST", "/me/mailFolders/inbox/messageRules", *UNREAD, json=RULE | said)
    assert f"'height' does not exist on type 'microsoft.graph.{of}'" in text


# --- And what cannot be done -----------------------------------------------------------------------


@pytest.mark.parametrize("action", ["move", "copy"])
def test_a_folder_does_not_go_into_itself(alex: Graph, action: str) -> None:
    outer = alex.made("/me/mailFolders", {"displayName": "Outer"})["id"]
    inner = alex.made(f"/me/mailFolders/{outer}/childFolders", {"displayName": "Inner"})["id"]
    path = f"/me/mailFolders/{outer}/{action}"

    text = alex.refused("POST", path, 400, "ErrorInvalidArgument", json={"destinationId": inner})

    assert text == "A folder cannot be put into itself or one of its subfolders."
