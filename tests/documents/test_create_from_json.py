"""create message (S1, S4): the answers to examples 1 and 3, member by member."""

import base64
from urllib.parse import quote

import pytest

from tests.documents.talking import GraphClient, Office, to
from tests.documents.ticking import ticks
from tests.documents.wire import Json, Sample, differences

OPENING = (
    '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
    '<meta content="text/html; charset=us-ascii">\r\n</head>\r\n<body>\r\n'
)
CLOSING = "\r\n</body>\r\n</html>\r\n"


@pytest.fixture
def awesome(alex: GraphClient, sample: dict[str, Sample]) -> Json:
    """What example 1 is answered."""
    answered: Json = alex.say(sample["create-draft-json"]).json()
    return answered


@pytest.fixture
def concert(alex: GraphClient, sample: dict[str, Sample]) -> Json:
    """What example 3 is answered."""
    answered: Json = alex.say(sample["create-draft-with-internet-headers"]).json()
    return answered


@ticks("S1-25", "S1-27", "S1-33", "S4-21", "S4-23")
def test_example_1_is_answered_as_it_is_printed(alex: GraphClient, sample: dict[str, Sample]) -> None:
    printed = sample["create-draft-json"]

    answer = alex.say(printed)

    assert answer.status_code == printed.status == 201
    assert answer.headers["content-type"].startswith("application/json")
    assert differences(answer.json(), printed.answer) == []


@ticks("S1-41", "S4-23")
def test_the_members_of_example_1_come_in_the_order_printed(awesome: Json, sample: dict[str, Sample]) -> None:
    assert list(awesome) == list(sample["create-draft-json"].answer)
    assert len(awesome) == 32
    silent = {"sender", "from", "attachments", "mentions", "internetMessageHeaders", "extensions"}
    assert not silent & awesome.keys()


@ticks("S1-28")
@pytest.mark.parametrize(("said", "answered"), [("Low", "low"), ("HIGH", "high"), ("normal", "normal")])
def test_importance_is_read_in_any_case(alex: GraphClient, said: str, answered: str) -> None:
    assert alex.draft(importance=said)["importance"] == answered


@ticks("S1-29", "Across-7")
@pytest.mark.parametrize(
    ("said", "answered"), [("HTML", "html"), ("Html", "html"), ("Text", "text"), ("TEXT", "text")]
)
def test_content_types_are_read_in_any_case(alex: GraphClient, said: str, answered: str) -> None:
    assert alex.draft(body={"contentType": said, "content": "Hi"})["body"]["contentType"] == answered


@ticks("S1-30")
def test_a_fragment_of_html_is_put_into_a_document(awesome: Json) -> None:
    assert awesome["body"]["content"] == f"{OPENING}They were <b>awesome</b>!{CLOSING}"


@ticks("S1-31")
def test_the_preview_has_no_tags(awesome: Json) -> None:
    assert awesome["bodyPreview"] == "They were awesome!"


@ticks("S1-32")
def test_who_is_unknown_is_named_by_the_address(awesome: Json) -> None:
    (adele,) = awesome["toRecipients"]
    assert adele == {"emailAddress": {"name": "AdeleV@contoso.com", "address": "AdeleV@contoso.com"}}


@ticks("S1-33")
def test_the_context_names_the_user_by_id(awesome: Json, office: Office) -> None:
    user = office.user_id("alexw@contoso.com")
    expected = f"https://graph.microsoft.com/beta/$metadata#users('{user}')/messages/$entity"
    assert awesome["@odata.context"] == expected


@ticks("S1-34", "S1-63")
def test_the_etag_is_made_of_the_change_key(awesome: Json) -> None:
    assert awesome["@odata.etag"] == f'W/"{awesome["changeKey"]}"'


@ticks("S1-35", "S1-36")
def test_a_draft_has_all_four_times_in_whole_seconds(awesome: Json) -> None:
    later = ("lastModifiedDateTime", "receivedDateTime", "sentDateTime")
    assert {awesome[name] for name in later} == {"2021-04-23T18:13:44Z"}
    assert awesome["createdDateTime"] <= awesome["lastModifiedDateTime"]


DEFAULTS = {
    "categories": [],
    "hasAttachments": False,
    "importance": "normal",
    "isDeliveryReceiptRequested": False,
    "isReadReceiptRequested": False,
    "isRead": True,
    "isDraft": True,
    "inferenceClassification": "focused",
    "flag": {"flagStatus": "notFlagged"},
    "toRecipients": [],
    "ccRecipients": [],
    "bccRecipients": [],
    "replyTo": [],
}
BETA_DEFAULTS = {"unsubscribeData": [], "unsubscribeEnabled": False, "mentionsPreview": None}


@ticks("S1-37", "S1-57")
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_what_is_not_said_has_its_default(alex: GraphClient, version: str) -> None:
    empty = alex.post(f"/{version}/me/messages", json={}).json()

    assert {name: empty[name] for name in DEFAULTS} == DEFAULTS


@ticks("S1-38", "Across-5")
def test_beta_has_defaults_of_its_own(alex: GraphClient) -> None:
    in_beta = alex.post("/beta/me/messages", json={}).json()
    in_v1 = alex.post("/v1.0/me/messages", json={}).json()

    assert {name: in_beta[name] for name in BETA_DEFAULTS} == BETA_DEFAULTS
    assert not BETA_DEFAULTS.keys() & in_v1.keys()


@ticks("S1-39")
def test_the_server_makes_names_that_nobody_else_has(alex: GraphClient) -> None:
    one, other = alex.draft(), alex.draft()

    assert one["id"].endswith("=")
    assert one["parentFolderId"].endswith("=")
    assert one["parentFolderId"] == other["parentFolderId"]
    for made in ("id", "changeKey", "conversationId", "conversationIndex", "internetMessageId"):
        assert one[made] != other[made]
    index = base64.b64decode(one["conversationIndex"], validate=True)
    assert (index[0], len(index)) == (1, 22)
    assert one["internetMessageId"].startswith("<")
    assert one["internetMessageId"].endswith("@contoso.com>")


@ticks("S1-40", "S1-63")
def test_the_web_link_holds_the_id(awesome: Json) -> None:
    item = quote(awesome["id"], safe="")
    assert item.endswith("%3D")
    link = f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"
    assert awesome["webLink"] == link


@ticks("S1-46", "Across-6")
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_draft_in_json_has_neither_sender_nor_from(alex: GraphClient, version: str) -> None:
    draft_id = alex.draft()["id"]

    seen = alex.read(f"/{version}/me/messages/{draft_id}")

    assert seen.get("sender") is None
    assert seen.get("from") is None


@ticks("S1-54", "S1-57", "S1-58", "S4-25")
def test_example_3_is_answered_as_it_is_printed(alex: GraphClient, sample: dict[str, Sample]) -> None:
    printed = sample["create-draft-with-internet-headers"]

    answer = alex.say(printed)

    assert answer.status_code == printed.status == 201
    assert differences(answer.json(), printed.answer, but=["conversationIndex"]) == []
    shown = [member for member in answer.json() if member != "conversationIndex"]
    assert shown == list(printed.answer)
    assert len(shown) == 31


@ticks("S1-57")
def test_all_four_times_may_agree(concert: Json) -> None:
    times = ("createdDateTime", "lastModifiedDateTime", "receivedDateTime", "sentDateTime")
    assert {concert[name] for name in times} == {"2021-04-23T18:13:44Z"}
    assert concert["conversationIndex"]


@ticks("S1-58")
def test_a_fragment_without_tags_is_wrapped_and_is_its_own_preview(concert: Json) -> None:
    assert concert["body"]["content"] == f"{OPENING}The group represents Washington.{CLOSING}"
    assert concert["bodyPreview"] == "The group represents Washington."


@ticks("S1-56", "S4-25")
def test_who_is_in_the_directory_is_named_from_there(concert: Json) -> None:
    (alex,) = concert["toRecipients"]
    assert alex == {"emailAddress": {"name": "Alex Wilber", "address": "AlexW@contoso.com"}}


@ticks("S1-55", "S4-25")
def test_custom_headers_are_read_by_name_only(
    alex: GraphClient, concert: Json, sample: dict[str, Sample]
) -> None:
    said = sample["create-draft-with-internet-headers"].body["internetMessageHeaders"]
    path = f"/beta/me/messages/{concert['id']}"

    assert "internetMessageHeaders" not in concert
    assert "internetMessageHeaders" not in alex.read(path)
    assert alex.read(f"{path}?$select=internetMessageHeaders")["internetMessageHeaders"] == said


@ticks("S1-54")
def test_headers_that_do_not_start_with_x_are_refused(alex: GraphClient) -> None:
    headers = [{"name": "Received", "value": "from nowhere"}]

    answer = alex.post("/beta/me/messages", json={"internetMessageHeaders": headers})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidInternetMessageHeader"
    assert alex.folder("drafts") == []


@ticks("S1-52")
def test_a_name_that_was_given_is_kept(alex: GraphClient) -> None:
    megan = {"emailAddress": {"name": "Meg", "address": "MeganB@contoso.com"}}

    draft = alex.draft(toRecipients=[megan, *to("danas@contoso.com")])

    dana = {"emailAddress": {"name": "Dana Swope", "address": "danas@contoso.com"}}
    assert draft["toRecipients"] == [megan, dana]
