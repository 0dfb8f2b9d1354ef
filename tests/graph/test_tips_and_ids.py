"""getMailTips and translateExchangeIds; and the schema, which anybody may read."""

import base64
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph

TIPS = "/me/getMailTips"
TRANSLATE = "/me/translateExchangeIds"


def tips(graph: Graph, *people: str, options: str | None = None) -> list[dict[str, Any]]:
    """What to know before writing to people."""
    said: dict[str, Any] = {"EmailAddresses": people}
    answer = graph.post(TIPS, json=said | ({"MailTipsOptions": options} if options else {}))
    assert answer.status_code == 200, answer.text
    assert answer.json()["@odata.context"] == f"{BASE}/v1.0/$metadata#Collection(microsoft.graph.mailTips)"
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


def away(graph: Graph) -> None:
    """Adele is away, and tells colleagues and others different things."""
    owner = graph.holding(graph.book.token(ADELE, "MailboxSettings.ReadWrite"))
    said = {
        "status": "alwaysEnabled",
        "internalReplyMessage": "<p>On vacation.</p>",
        "externalReplyMessage": "Closed.",
    }
    owner.changed("/me/mailboxSettings", {"automaticRepliesSetting": said, "language": {"locale": "de-DE"}})


# --- Tips ------------------------------------------------------------------------------------------


def test_the_tips_of_graphs_sample(alex: Graph) -> None:
    away(alex)
    assert tips(alex, ADELE, MEGAN, options="automaticReplies, mailboxFullStatus") == [
        {
            "emailAddress": {"name": "", "address": ADELE},
            "automaticReplies": {
                "message": "<p>On vacation.</p>",
                "messageLanguage": {"locale": "de-DE", "displayName": "Deutsch (Deutschland)"},
            },
            "mailboxFull": False,
        },
        {
            "emailAddress": {"name": "", "address": MEGAN},
            "automaticReplies": {"message": ""},
            "mailboxFull": False,
        },
    ]


def test_asking_tells_nobody_that_the_owner_is_away(alex: Graph) -> None:
    away(alex)
    tips(alex, ADELE)
    alex.sent()
    alex.book.deliver()
    alex.book.deliver()
    assert len(alex.values("/me/mailFolders/inbox/messages")) == 1


def test_all_tips_are_given_to_those_who_name_none(alex: Graph) -> None:
    (tip,) = tips(alex, MEGAN)
    assert tip == {
        "emailAddress": {"name": "", "address": MEGAN},
        "automaticReplies": {"message": ""},
        "mailboxFull": False,
        "customMailTip": "",
        "externalMemberCount": 0,
        "totalMemberCount": 1,
        "maxMessageSize": 35 * 1024 * 1024,
        "deliveryRestricted": False,
        "isModerated": False,
        "recipientScope": "internal",
        "recipientSuggestions": [],
    }


def test_people_of_other_organisations_are_outside(alex: Graph) -> None:
    (tip,) = tips(alex, "randiw@adatum.onmicrosoft.com", options="RecipientScope,externalmembercount")
    assert (tip["recipientScope"], tip["externalMemberCount"]) == ("external", 1)


@pytest.mark.parametrize("stranger", ["danas@contoso.com", "nobody", "", "two@people@contoso.com "])
def test_somebody_who_cannot_be_written_to_has_an_error_instead(alex: Graph, stranger: str) -> None:
    wrong, right = tips(alex, stranger, MEGAN, options="mailboxFullStatus")
    assert wrong.keys() == {"emailAddress", "error"}
    assert wrong["error"]["code"] == "ErrorMailRecipientNotFound"
    assert right["mailboxFull"] is False


def test_an_application_asks_in_somebodys_name(robot: Graph) -> None:
    answer = robot.post(f"/users/{ALEX}/getMailTips", json={"emailAddresses": [MEGAN]})
    assert answer.json()["value"][0]["recipientScope"] == "internal"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "RequestBodyRead"),
        ({"EmailAddresses": MEGAN}, "RequestBodyRead"),
        ({"EmailAddresses": []}, "ErrorInvalidArgument"),
        ({"EmailAddresses": [MEGAN] * 101}, "ErrorInvalidArgument"),
        ({"EmailAddresses": [MEGAN], "MailTipsOptions": "automaticReplies, weather"}, "RequestBodyRead"),
    ],
)
def test_tips_that_make_no_sense_are_refused(alex: Graph, said: dict[str, Any], code: str) -> None:
    alex.refused("POST", TIPS, 400, code, json=said)


# --- Ids -------------------------------------------------------------------------------------------


@pytest.fixture
def caller(alex: Graph) -> Graph:
    """Alex, who may read mail and look at himself."""
    return alex.holding(alex.book.token(ALEX, "Mail.ReadWrite User.Read"))


def translated(graph: Graph, source: str, target: str, *ids: str) -> list[dict[str, Any]]:
    """Ids in another format."""
    said = {"inputIds": ids, "sourceIdType": source, "targetIdType": target}
    answer = graph.post(TRANSLATE, json=said)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


FORMATS = {
    "restId": r"[\w-]+=*",
    "restImmutableEntryId": r"[\w-]+=*",
    "ewsId": r"[A-Za-z0-9+/]+=*",
    "entryId": r"[\w-]+[012]",
    "immutableEntryId": r"[\w-]+[012]",
}


@pytest.mark.parametrize("target", FORMATS)
def test_an_id_comes_back_from_every_format(caller: Graph, target: str) -> None:
    ids = [caller.draft()["id"], caller.read("/me/mailFolders/inbox")["id"]]
    there = translated(caller, "restId", target, *ids)
    assert [each["sourceId"] for each in there] == ids
    written = [each["targetId"] for each in there]
    assert all(re.fullmatch(FORMATS[target], each) for each in written)
    back = translated(caller, target, "restId", *written)
    assert [each["targetId"] for each in back] == ids
    assert caller.read(f"/me/messages/{back[0]['targetId']}")["id"] == ids[0]


def test_binary_ids_are_written_as_graphs_page_says(caller: Graph) -> None:
    draft = caller.draft()["id"]
    ((entry,), (ews,)) = (translated(caller, "restId", kind, draft) for kind in ("entryId", "ewsId"))
    bare = ews["targetId"].replace("+", "-").replace("/", "_")
    assert entry["targetId"] == f"{bare.rstrip('=')}{bare.count('=')}"
    assert base64.b64decode(ews["targetId"]) == base64.urlsafe_b64decode(draft)


def test_formats_may_be_written_in_any_case(caller: Graph) -> None:
    draft = caller.draft()["id"]
    (found,) = translated(caller, "RestId", "RESTIMMUTABLEENTRYID", draft)
    assert found["targetId"]


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("restId", "x"),
        ("restId", ""),
        ("restId", "AAMkAQ=="),
        ("ewsId", "AAMk-_=="),
        ("entryId", "AAMkAQ=="),
        ("entryId", "AAMkAQ9"),
        ("immutableEntryId", "ä1"),
    ],
)
def test_an_id_that_cannot_be_read_has_an_error_instead(caller: Graph, source: str, wrong: str) -> None:
    draft = caller.draft()["id"]
    good = translated(caller, "restId", source, draft)[0]["targetId"]
    bad, right = translated(caller, source, "ewsId", wrong, good)
    assert bad["sourceId"] == wrong
    assert bad["errorDetails"]["code"] == "ErrorInvalidIdMalformed"
    assert "targetId" in right


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "RequestBodyRead"),
        ({"inputIds": ["x"], "sourceIdType": "restId"}, "RequestBodyRead"),
        ({"inputIds": "x", "sourceIdType": "restId", "targetIdType": "ewsId"}, "RequestBodyRead"),
        ({"inputIds": ["x"], "sourceIdType": "popId", "targetIdType": "ewsId"}, "RequestBodyRead"),
        (
            {"inputIds": ["x"] * 1001, "sourceIdType": "restId", "targetIdType": "ewsId"},
            "ErrorInvalidArgument",
        ),
    ],
)
def test_a_translation_that_makes_no_sense_is_refused(caller: Graph, said: dict[str, Any], code: str) -> None:
    caller.refused("POST", TRANSLATE, 400, code, json=said)


def test_default_and_immutable_ids_are_those_of_the_messages(caller: Graph) -> None:
    draft = caller.draft()["id"]
    lasting = caller.lasting.read(f"/me/messages/{draft}")["id"]
    assert translated(caller, "restId", "restImmutableEntryId", draft)[0]["targetId"] == lasting
    moved = caller.made(f"/me/messages/{draft}/move", {"destinationId": "archive"})["id"]
    assert translated(caller, "restImmutableEntryId", "restId", lasting)[0]["targetId"] == moved
    (entry,) = translated(caller, "restImmutableEntryId", "entryId", lasting)
    assert translated(caller, "entryId", "restId", entry["targetId"])[0]["targetId"] == moved


def test_an_id_that_is_no_longer_good_has_an_error_instead(caller: Graph, alex: Graph) -> None:
    draft = caller.draft()["id"]
    lasting = caller.lasting.read(f"/me/messages/{draft}")["id"]
    alex.delete(f"/me/messages/{draft}")
    assert code_of(translated(caller, "restId", "restImmutableEntryId", draft)) == "ErrorItemNotFound"
    alex.post(f"/me/messages/{lasting}/permanentDelete")
    assert code_of(translated(caller, "restImmutableEntryId", "restId", lasting)) == "ErrorItemNotFound"
    assert code_of(translated(caller, "restImmutableEntryId", "ewsId", lasting)) == "ErrorItemNotFound"


def test_what_is_dead_is_dead_in_every_format(caller: Graph, alex: Graph) -> None:
    """Also from one format to another of the same form."""
    draft, folder = caller.draft()["id"], caller.made("/me/mailFolders", {"displayName": "Projects"})["id"]
    lasting = caller.lasting.read(f"/me/messages/{draft}")["id"]
    moved = caller.made(f"/me/messages/{draft}/move", {"destinationId": "archive"})["id"]
    assert code_of(translated(caller, "restId", "ewsId", draft)) == "ErrorItemNotFound"
    assert "targetId" in translated(caller, "restId", "ewsId", moved)[0]
    for path in (f"/me/messages/{moved}", f"/me/mailFolders/{folder}"):
        alex.post(f"{path}/permanentDelete")
    assert code_of(translated(caller, "restId", "restId", moved)) == "ErrorItemNotFound"
    assert code_of(translated(caller, "restId", "entryId", folder)) == "ErrorItemNotFound"
    assert (
        code_of(translated(caller, "restImmutableEntryId", "immutableEntryId", lasting))
        == "ErrorItemNotFound"
    )


def test_ids_of_somebody_else_are_not_good_here(caller: Graph, megan: Graph) -> None:
    others = [megan.draft()["id"], megan.read("/me/mailFolders/inbox")["id"]]
    found = translated(caller, "restId", "ewsId", *others)
    assert [each["errorDetails"]["code"] for each in found] == ["ErrorItemNotFound"] * 2


@pytest.mark.parametrize("kind", ["restId", "restImmutableEntryId"])
def test_an_id_is_not_taken_for_one_of_the_other_form(caller: Graph, kind: str) -> None:
    other = caller if kind == "restImmutableEntryId" else caller.lasting
    assert code_of(translated(caller, kind, "ewsId", other.draft()["id"])) == "ErrorInvalidIdMalformed"


def test_ids_of_attachments_stay_in_their_form(caller: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    (shown,) = caller.values(f"/me/messages/{caller.draft(attachments=[file])['id']}/attachments")
    assert "targetId" in translated(caller, "restId", "entryId", shown["id"])[0]
    found = translated(caller, "restId", "restImmutableEntryId", shown["id"])
    assert code_of(found) == "ErrorInvalidIdMalformed"


def code_of(found: list[dict[str, Any]]) -> str:
    """What is wrong with the one id that was translated."""
    (only,) = found
    assert "targetId" not in only
    return str(only["errorDetails"]["code"])


def test_a_thousand_ids_are_translated_at_once(caller: Graph) -> None:
    draft = caller.draft()["id"]
    assert len(translated(caller, "restId", "ewsId", *[draft] * 1000)) == 1000


# --- The schema ------------------------------------------------------------------------------------

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def schema(graph: Graph, version: str) -> ElementTree.Element:
    """The schema of a version."""
    answer = graph.get(f"/{version}/$metadata")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    return ElementTree.fromstring(answer.content)  # noqa: S314 -- our own document


def members(root: ElementTree.Element, kind: str, name: str) -> set[str]:
    """The names of what a type has."""
    (found,) = root.findall(f".//{EDM}{kind}[@Name='{name}']")
    return {child.attrib["Name"] for child in found if "Name" in child.attrib}


def test_anybody_may_read_the_schema(nobody: Graph) -> None:
    for version in ("v1.0", "beta"):
        root = schema(nobody, version)
        assert members(root, "EntityType", "message") >= {"subject", "toRecipients", "attachments"}
        assert members(root, "Action", "sendMail") == {"bindingParameter", "Message", "SaveToSentItems"}
    assert nobody.get(f"{BASE}/BETA/$metadata").content == nobody.get("/beta/$metadata").content
    assert "mentions" in members(schema(nobody, "beta"), "EntityType", "message")
    assert "mentions" not in members(schema(nobody, "v1.0"), "EntityType", "message")
    nobody.refused("POST", "/v1.0/$metadata", 401, "InvalidAuthenticationToken")
    nobody.refused("GET", "/v2.0/$metadata", 401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_every_type_that_the_schema_names_is_in_it(nobody: Graph, version: str) -> None:
    root = schema(nobody, version)
    defined = {
        each.attrib["Name"]
        for kind in ("EntityType", "ComplexType", "EnumType")
        for each in root.iter(EDM + kind)
    }
    named = (each.get(name, "") for each in root.iter() for name in ("Type", "BaseType", "EntityType"))
    ours = {kind for each in named for kind in re.findall(r"microsoft\.graph\.(\w+)", each)}
    assert ours <= defined


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_what_is_answered_is_in_the_schema(alex: Graph, version: str) -> None:
    root, graph = schema(alex, version), alex.beta if version == "beta" else alex
    owner = graph.holding(graph.book.token(ALEX, "MailboxSettings.Read Mail.ReadWrite User.Read"))
    for path, kind, name, inherited in (
        ("/me/mailboxSettings", "ComplexType", "mailboxSettings", set[str]()),
        ("/me/mailboxSettings/automaticRepliesSetting", "ComplexType", "automaticRepliesSetting", set()),
        ("/me/mailboxSettings/workingHours", "ComplexType", "workingHours", set()),
        (
            f"/me/messages/{graph.draft()['id']}",
            "EntityType",
            "message",
            members(root, "EntityType", "outlookItem"),
        ),
    ):
        shown = {member for member in owner.read(path) if "@" not in member} - {"id"}
        assert shown <= members(root, kind, name) | inherited, path
