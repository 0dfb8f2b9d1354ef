"""create message (S1, S4): calling somebody out, example 2. Beta only."""

import re

import pytest

from tests.documents.talking import GraphClient, Office, to
from tests.documents.ticking import ticks
from tests.documents.wire import GUID, Json, Sample, differences, error_of

CREATE = "/beta/me/messages"


@pytest.fixture
def randi(office: Office) -> GraphClient:
    """Randi Welch, the author of example 2."""
    return office.client("randiw@contoso.com")


@pytest.fixture
def party(randi: GraphClient, sample: dict[str, Sample]) -> Json:
    """What example 2 is answered."""
    answered: Json = randi.say(sample["create-draft-with-mention"]).json()
    return answered


def mentioning(*addresses: str) -> list[Json]:
    return [{"mentioned": {"address": address}} for address in addresses]


@ticks("S1-4", "S1-22", "S1-44", "S4-4", "S4-19", "S4-24")
def test_example_2_is_answered_as_it_is_printed(randi: GraphClient, sample: dict[str, Sample]) -> None:
    printed = sample["create-draft-with-mention"]

    answer = randi.say(printed)

    assert answer.status_code == printed.status == 201
    compared_below = ["body", "sender", "from"]
    assert differences(answer.json(), printed.answer, cut=True, but=compared_below) == []


@ticks("S1-43", "S4-24")
def test_randi_mentions_dana_who_is_no_recipient(party: Json) -> None:
    (mention,) = party["mentions"]
    assert [who["emailAddress"]["name"] for who in party["toRecipients"]] == ["Samantha Booth"]
    assert mention["mentioned"] == {"name": "Dana Swope", "address": "danas@contoso.com"}
    assert mention["createdBy"] == {"name": "Randi Welch", "address": "randiw@contoso.com"}


@ticks("S1-45", "Across-7")
def test_without_a_body_there_is_an_empty_one_of_type_text(party: Json) -> None:
    assert party["body"] == {"contentType": "text", "content": ""}
    assert party["bodyPreview"] == ""


@ticks("S1-46", "Across-6")
def test_the_draft_has_neither_sender_nor_from(party: Json) -> None:
    assert party.get("sender") is None
    assert party.get("from") is None


@ticks("S1-47", "Across-5")
def test_the_preview_tells_whether_the_caller_is_mentioned(randi: GraphClient) -> None:
    nobody = randi.draft(CREATE)
    another = randi.draft(CREATE, mentions=mentioning("danas@contoso.com"))
    herself = randi.draft(CREATE, mentions=mentioning("danas@contoso.com", "RandiW@contoso.com"))

    assert nobody["mentionsPreview"] is None
    assert another["mentionsPreview"] == {"isMentioned": False}
    assert herself["mentionsPreview"] == {"isMentioned": True}


@ticks("S1-47")
def test_whoever_reads_the_letter_sees_whether_they_are_mentioned(randi: GraphClient, office: Office) -> None:
    people = to("danas@contoso.com", "samanthab@contoso.com")
    draft = randi.draft(CREATE, toRecipients=people, mentions=mentioning("danas@contoso.com"))
    randi.post(f"{CREATE}/{draft['id']}/send")
    office.book.deliver()

    (danas,) = office.client("danas@contoso.com").folder("inbox")
    (samanthas,) = office.client("samanthab@contoso.com").folder("inbox")

    assert danas["mentionsPreview"] == {"isMentioned": True}
    assert samanthas["mentionsPreview"] == {"isMentioned": False}


@ticks("S1-48", "S4-24")
def test_mentions_are_answered_at_once_and_later_only_when_expanded(randi: GraphClient, party: Json) -> None:
    path = f"{CREATE}/{party['id']}"

    assert list(party)[-1] == "mentions"
    assert "mentions" not in randi.read(path)
    assert randi.read(f"{path}?$expand=mentions")["mentions"] == party["mentions"]


@ticks("S1-49")
def test_a_mention_has_an_author_and_one_moment_written_twice(party: Json, sample: dict[str, Sample]) -> None:
    (mention,) = party["mentions"]

    assert list(mention) == list(sample["create-draft-with-mention"].answer["mentions"][0])
    assert re.fullmatch(GUID, mention["id"])
    assert mention["createdDateTime"] == "2021-04-23T18:13:44Z"
    assert mention["serverCreatedDateTime"] == "2021-04-23T18:13:44.201Z"
    for not_for_messages in ("mentionText", "clientReference", "deepLink", "application"):
        assert mention[not_for_messages] is None


@ticks("S1-50")
def test_a_mention_lies_below_its_message(party: Json) -> None:
    (mention,) = party["mentions"]
    assert mention["@odata.id"] == f"{party['@odata.id']}/mentions('{mention['id']}')"


@ticks("S1-51")
def test_the_message_names_user_and_tenant_and_the_context_names_the_user(
    party: Json, office: Office
) -> None:
    randi = office.user_id("randiw@contoso.com")
    base = "https://graph.microsoft.com/beta"

    assert list(party)[:4] == ["@odata.context", "@odata.id", "@odata.etag", "id"]
    assert party["@odata.context"] == f"{base}/$metadata#users('{randi}')/messages/$entity"
    assert re.fullmatch(
        rf"{re.escape(base)}/users\('{randi}@{GUID}'\)/messages\('{re.escape(party['id'])}'\)",
        party["@odata.id"],
    )


@ticks("S1-50", "S1-51")
def test_both_odata_ids_can_be_followed(randi: GraphClient, party: Json) -> None:
    (mention,) = party["mentions"]

    assert randi.read(party["@odata.id"])["id"] == party["id"]
    assert randi.read(mention["@odata.id"])["mentioned"] == mention["mentioned"]


@ticks("S1-52")
def test_the_names_that_were_given_are_kept(randi: GraphClient) -> None:
    dana = {"name": "Dana from Sales", "address": "DanaS@contoso.com"}

    draft = randi.draft(CREATE, mentions=[{"mentioned": dana}])

    assert draft["mentions"][0]["mentioned"] == dana


@ticks("S1-22", "S4-19")
@pytest.mark.parametrize("recipients", [{}, {"toRecipients": None}, {"toRecipients": []}])
def test_a_draft_with_mentions_needs_recipients(randi: GraphClient, recipients: Json) -> None:
    said = {"subject": "Party planning", "mentions": mentioning("danas@contoso.com"), **recipients}

    assert error_of(randi.post(CREATE, json=said)) == (400, "RequestBodyRead")
    assert randi.folder("drafts") == []


@ticks("S1-22", "S4-19")
def test_writable_properties_may_come_along_with_mentions(randi: GraphClient) -> None:
    draft = randi.draft(CREATE, importance="high", mentions=mentioning("danas@contoso.com"))

    assert (draft["importance"], len(draft["mentions"])) == ("high", 1)


@ticks("S1-23", "S4-19")
@pytest.mark.parametrize(
    "mention", [{}, {"mentioned": None}, {"mentioned": {}}, {"mentioned": {"name": "Dana Swope"}}]
)
def test_a_mention_that_mentions_nobody_is_refused(randi: GraphClient, mention: Json) -> None:
    said = {"toRecipients": to("samanthab@contoso.com"), "mentions": [mention]}

    assert error_of(randi.post(CREATE, json=said)) == (400, "RequestBodyRead")
    assert randi.folder("drafts") == []


def test_mentions_may_be_sent_in_one_step(randi: GraphClient, office: Office) -> None:
    message = {"toRecipients": to("danas@contoso.com"), "mentions": mentioning("danas@contoso.com")}

    assert randi.post("/beta/me/sendMail", json={"message": message}).status_code == 202
    office.book.deliver()

    dana = office.client("danas@contoso.com")
    found = dana.read("/beta/me/messages?$filter=MentionsPreview/IsMentioned eq true")["value"]
    assert [each["id"] for each in found] == [each["id"] for each in dana.folder("inbox")]
    assert len(found) == 1


def test_mentions_are_listed_newest_first_and_taken_back_one_by_one(
    randi: GraphClient, office: Office
) -> None:
    path = f"{CREATE}/{randi.draft(CREATE, mentions=mentioning('danas@contoso.com'))['id']}/mentions"
    office.clock.let_pass(seconds=1)
    later = randi.post(path, json=mentioning("samanthab@contoso.com")[0])
    assert later.status_code == 201

    def names() -> list[str]:
        return [each["mentioned"]["name"] for each in randi.read(path)["value"]]

    assert names() == ["Samantha Booth", "Dana Swope"]
    assert randi.delete(f"{path}/{later.json()['id']}").status_code == 204
    assert names() == ["Dana Swope"]


@ticks("S1-59", "Across-8")
def test_v1_knows_no_mentions(randi: GraphClient) -> None:
    said = {"toRecipients": to("samanthab@contoso.com"), "mentions": mentioning("danas@contoso.com")}

    assert randi.post("/v1.0/me/messages", json=said).status_code == 400
    assert randi.folder("drafts") == []
