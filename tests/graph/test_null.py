"""``null`` in a change: what can be taken away is, what cannot is refused; the old value never stays unsaid.

That Graph refuses null for a collection was observed; SDKs write it for whatever was set to nothing.
"""

from typing import Any

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, state_of, to

DANA = "danas@contoso.com"
UNREAD = (400, "RequestBodyRead")
NOT_SETTABLE = (400, "ErrorInvalidPropertySet")
CATEGORIES = "/me/outlook/masterCategories"
OVERRIDES = "/me/inferenceClassification/overrides"
RULES = "/me/mailFolders/inbox/messageRules"
SETTINGS = "/me/mailboxSettings"
FULL: dict[str, Any] = {
    "subject": "Lunch",
    "body": {"contentType": "html", "content": "<p>At noon?</p>"},
    "importance": "high",
    "inferenceClassification": "other",
    "isDeliveryReceiptRequested": True,
    "isReadReceiptRequested": True,
    "flag": {"flagStatus": "flagged"},
    "from": to(DANA)[0],
    "sender": to(DANA)[0],
}


@pytest.fixture
def owner(alex: Graph) -> Graph:
    """Alex, who may read and write mail and settings."""
    return alex.holding(alex.book.token(ALEX, "MailboxSettings.ReadWrite Mail.ReadWrite"))


def position(graph: Graph) -> int:
    """The end of the longest history: that of the only mailbox which something happened in."""
    return max(end for end, _ in state_of(graph.book)[0].values())


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("subject", ""),
        ("body", {"contentType": "text", "content": ""}),
        ("importance", "normal"),
        ("inferenceClassification", "focused"),
        ("isDeliveryReceiptRequested", False),
        ("isReadReceiptRequested", False),
        ("flag", {"flagStatus": "notFlagged"}),
        ("from", None),
        ("sender", None),
    ],
)
def test_null_takes_it_off_a_draft(alex: Graph, name: str, left: Any) -> None:
    draft = alex.draft(**FULL)
    path = f"/me/messages/{draft['id']}"
    assert draft[name] != left
    changed = alex.changed(path, {name: None})
    assert changed.get(name) == left
    assert alex.read(path) == changed
    told = alex.read(f"{path}?asOf={position(alex)}&$select={name}")
    assert told.get(name) == left, "its history tells the same"
    others = FULL.keys() - {name}
    assert {other: changed[other] for other in others} == {other: draft[other] for other in others}
    assert alex.changed(path, {name: None})["@odata.etag"] == changed["@odata.etag"], "that is so already"


def test_a_wrong_author_can_be_taken_off_a_draft(alex: Graph, adele: Graph) -> None:
    path = f"/me/messages/{alex.draft(**{'from': to(MEGAN)[0]})['id']}"
    alex.refused("POST", f"{path}/send", 403, "ErrorSendAsDenied")
    alex.changed(path, {"from": None})
    assert alex.post(f"{path}/send").status_code == 202
    alex.book.deliver()
    (arrived,) = adele.values("/me/mailFolders/inbox/messages")
    assert arrived["from"]["emailAddress"]["address"] == arrived["sender"]["emailAddress"]["address"] == ALEX


def test_null_in_a_letter_that_left(alex: Graph) -> None:
    path = f"/me/messages/{alex.sent(importance='high', flag={'flagStatus': 'flagged'})['id']}"
    alex.lasting.refused("PATCH", path, *NOT_SETTABLE, json={"subject": None})
    alex.lasting.refused("PATCH", path, *NOT_SETTABLE, json={"from": None})
    changed = alex.lasting.changed(path, {"importance": None, "flag": None})
    assert (changed["importance"], changed["flag"]) == ("normal", {"flagStatus": "notFlagged"})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *(({name: None}, "RequestBodyRead") for name in ("isRead", "internetMessageId", "nonsense")),
        *(
            ({name: None}, "RequestBodyRead")
            for name in ("toRecipients", "categories", "replyTo", "internetMessageHeaders", "attachments")
        ),
        *(({name: None}, "ErrorInvalidPropertySet") for name in ("id", "isDraft", "receivedDateTime")),
        ({"subject": "x", "nonsense": None}, "RequestBodyRead"),
        ({"from": {"emailAddress": None}}, "RequestBodyRead"),
        ({"from": {"emailAddress": {"address": ADELE, "nonsense": None}}}, "RequestBodyRead"),
    ],
    ids=str,
)
def test_null_where_there_is_always_a_value_is_refused(alex: Graph, said: object, code: str) -> None:
    alex.refused("PATCH", f"/me/messages/{alex.draft()['id']}", 400, code, json=said)


def test_the_refusal_of_null_names_the_property(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    for name in ("isRead", "toRecipients"):
        assert f"null value was found for the property named '{name}'" in alex.refused(
            "PATCH", path, *UNREAD, json={name: None}
        )


@pytest.mark.parametrize("name", [name for name in FULL if name != "flag"])
def test_a_new_draft_may_say_that_it_has_nothing(alex: Graph, name: str) -> None:
    plain, draft = alex.draft(subject=None), alex.draft(**({"subject": None} | {name: None}))
    assert draft.get(name) == plain.get(name)


def test_no_collection_of_a_new_letter_is_null(alex: Graph) -> None:
    for name in ("ccRecipients", "bccRecipients", "attachments", "extensions", "categories"):
        message = {"toRecipients": to(ADELE), name: None}
        assert f"'{name}'" in alex.refused("POST", "/me/messages", *UNREAD, json=message)
        assert f"'{name}'" in alex.refused("POST", "/me/sendMail", *UNREAD, json={"message": message})


# --- Elsewhere -------------------------------------------------------------------------------------


def test_null_takes_a_colour_away(owner: Graph) -> None:
    path = f"{CATEGORIES}/{owner.made(CATEGORIES, {'displayName': 'Chess', 'color': 'preset3'})['id']}"
    assert owner.changed(path, {"color": None})["color"] == "none"
    owner.refused("PATCH", path, *NOT_SETTABLE, json={"displayName": None})
    owner.refused("PATCH", path, *NOT_SETTABLE, json={"id": None})
    owner.refused("PATCH", path, *UNREAD, json={"nonsense": None})


def test_an_override_always_classifies(owner: Graph) -> None:
    said = {"classifyAs": "other", "senderEmailAddress": {"address": MEGAN}}
    path = f"{OVERRIDES}/{owner.made(OVERRIDES, said)['id']}"
    owner.refused("PATCH", path, *UNREAD, json={"classifyAs": None})
    owner.refused("PATCH", path, *NOT_SETTABLE, json={"senderEmailAddress": None})
    owner.refused("PATCH", path, *UNREAD, json={"classifyAs": "focused", "id": None})


def test_a_rule_keeps_its_name_and_place_but_not_its_conditions(owner: Graph) -> None:
    said = {"displayName": "Read", "sequence": 1, "actions": {"markAsRead": True}}
    made = owner.made(RULES, said | {"conditions": {"subjectContains": ["x"]}, "isEnabled": False})
    path = f"{RULES}/{made['id']}"
    for name in ("displayName", "sequence", "isEnabled", "isReadOnly", "id"):
        owner.refused("PATCH", path, *UNREAD, json={name: None})
    owner.refused("PATCH", path, *NOT_SETTABLE, json={"hasError": None})
    owner.refused("PATCH", path, 400, "ErrorInvalidArgument", json={"actions": None})
    owner.refused("PATCH", path, *UNREAD, json={"conditions": {"subjectContains": None}})
    assert "conditions" not in owner.changed(path, {"conditions": None})


@pytest.mark.parametrize(
    "said",
    [
        *({name: None} for name in ("timeZone", "language", "workingHours", "automaticRepliesSetting")),
        *({name: None} for name in ("dateFormat", "timeFormat", "delegateMeetingMessageDeliveryOptions")),
        *({"workingHours": {name: None}} for name in ("daysOfWeek", "startTime", "endTime", "timeZone")),
        *({"automaticRepliesSetting": {name: None}} for name in ("status", "externalAudience")),
        {"nonsense": None},
        {"@odata.context": None, "timeZone": None},
    ],
    ids=str,
)
def test_a_setting_always_has_a_value(owner: Graph, said: object) -> None:
    owner.refused("PATCH", SETTINGS, *UNREAD, json=said)


def test_what_only_the_server_settles_is_not_null_either(owner: Graph) -> None:
    for name in ("archiveFolder", "userPurpose"):
        owner.refused("PATCH", SETTINGS, *NOT_SETTABLE, json={name: None})


def test_annotations_are_passed_over_whatever_they_say(owner: Graph) -> None:
    said = {"@odata.context": None, "@odata.nonsense": None}
    owner.changed(SETTINGS, said | {"timeZone": "Romance Standard Time"})
    assert owner.changed(f"/me/messages/{owner.draft()['id']}", said | {"subject": "x"})["subject"] == "x"
    file = {"@odata.type": None, "@odata.mediaContentType": None, "name": "x"}
    owner.refused("POST", "/me/messages", 422, "UnprocessableType", json={"attachments": [file]})


def test_null_takes_an_automatic_reply_away(owner: Graph) -> None:
    where = f"{SETTINGS}/automaticRepliesSetting"
    usual = owner.read(where)
    moments = {"dateTime": "2099-01-01T00:00:00", "timeZone": "UTC"}, {"dateTime": "2099-02-01T00:00:00"}
    said = {
        "internalReplyMessage": "Away",
        "externalReplyMessage": "Away, too",
        "scheduledStartDateTime": moments[0],
        "scheduledEndDateTime": moments[1],
    }
    owner.changed(SETTINGS, {"automaticRepliesSetting": said})
    assert owner.read(where)["scheduledStartDateTime"]["dateTime"].startswith("2099")
    owner.changed(SETTINGS, {"automaticRepliesSetting": dict.fromkeys(said)})
    left = owner.read(where)
    assert owner.read(f"{where}?asOf={position(owner)}") == left, "its history tells the same"
    assert {name: left[name] for name in said} == {name: usual[name] for name in said}


def test_null_in_a_search_folder(alex: Graph) -> None:
    said = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Unread",
        "includeNestedFolders": True,
        "sourceFolderIds": ["inbox"],
        "filterQuery": "isRead eq false",
    }
    path = f"/me/mailFolders/{alex.made('/me/mailFolders/searchfolders/childFolders', said)['id']}"
    kind = {"@odata.type": said["@odata.type"]}
    changed = alex.changed(path, kind | {"includeNestedFolders": None})
    assert (changed["includeNestedFolders"], changed["filterQuery"]) == (False, "isRead eq false")
    alex.refused("PATCH", path, 400, "ErrorInvalidArgument", json=kind | {"filterQuery": None})
    alex.refused("PATCH", path, *UNREAD, json=kind | {"sourceFolderIds": None})


def test_nobody_knows_of_a_receipt_what_nobody_knew(alex: Graph, adele: Graph) -> None:
    alex.post("/me/sendMail", json={"message": {"subject": "x", "toRecipients": to(ADELE)}})
    alex.book.deliver()
    (got,) = adele.values("/me/mailFolders/inbox/messages")
    before = state_of(adele.book)
    changed = adele.changed(f"/me/messages/{got['id']}", {"isDeliveryReceiptRequested": None})
    assert (changed["isDeliveryReceiptRequested"], state_of(adele.book)) == (None, before)
    changed = adele.changed(f"/me/messages/{got['id']}", {"isDeliveryReceiptRequested": False})
    assert changed["isDeliveryReceiptRequested"] is False


def test_no_collection_of_what_is_attached_is_null(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    extended = ("singleValueExtendedProperties", "multiValueExtendedProperties")
    for name in ("attachments", "extensions", "attendees", "categories", *extended):
        event = {"@odata.type": "#microsoft.graph.event", "subject": "Lunch", name: None}
        said = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Lunch", "item": event}
        assert f"'{name}'" in alex.refused("POST", path, *UNREAD, json=said)


def test_a_slip_of_an_sdk_is_passed_over(alex: Graph) -> None:
    message = {"toRecipients": to(ADELE)}
    said = {"message": message, "save_to_sent_items": None}
    assert alex.post("/me/sendMail", json=said).status_code == 202
    alex.refused("POST", "/me/sendMail", *UNREAD, json={"message": message, "saveToSent": None})
