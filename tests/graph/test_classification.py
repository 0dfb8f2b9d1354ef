"""Overrides of the focused inbox: made, changed, removed, and looked at when a letter arrives."""

from uuid import UUID

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph

LIST = "/me/inferenceClassification/overrides"
ANYTHING = "98f5bdef-576a-404d-a2ea-07a3cf11a9b9"
SAMANTHA = {"name": "Samantha Booth", "address": "samanthab@adatum.onmicrosoft.com"}


def about(address: str, classify_as: str, name: str = "") -> dict[str, object]:
    """An override as it is asked for."""
    return {"classifyAs": classify_as, "senderEmailAddress": {"name": name, "address": address}}


def test_a_mailbox_begins_without_overrides(alex: Graph) -> None:
    answer = alex.read(LIST)
    assert answer["value"] == []
    assert answer["@odata.context"].endswith("/inferenceClassification/overrides")


def test_an_override_is_made_as_in_graphs_sample(alex: Graph) -> None:
    made = alex.made(LIST, {"classifyAs": "focused", "senderEmailAddress": SAMANTHA})
    assert made["senderEmailAddress"] == SAMANTHA
    assert made["classifyAs"] == "focused"
    assert str(UUID(made["id"])) == made["id"]
    (listed,) = alex.values(LIST)
    assert made.items() >= listed.items()
    assert alex.read(f"{LIST}/{made['id']}") == made


def test_a_second_override_of_a_sender_changes_the_first(alex: Graph) -> None:
    made = alex.made(LIST, {"classifyAs": "focused", "senderEmailAddress": SAMANTHA})
    other = about(SAMANTHA["address"].upper(), "Other", "Sam Booth")
    again = alex.made(LIST, other)
    assert again["id"] == made["id"]
    assert again["senderEmailAddress"] == {"name": "Sam Booth", "address": SAMANTHA["address"].upper()}
    assert [each["classifyAs"] for each in alex.values(LIST)] == ["other"]


def test_a_sender_without_a_name_gets_the_one_of_the_directory(alex: Graph) -> None:
    made = alex.made(LIST, {"classifyAs": "other", "senderEmailAddress": {"address": MEGAN}})
    assert made["senderEmailAddress"]["name"] == "Megan Bowen"


def test_an_override_is_changed_and_removed(alex: Graph) -> None:
    made = alex.made(LIST, about(MEGAN, "other"))
    path = f"{LIST}/{made['id']}"
    assert alex.changed(path, {"classifyAs": "Focused"}) == made | {"classifyAs": "focused"}
    assert alex.changed(path, {}) == made | {"classifyAs": "focused"}
    assert alex.delete(path).status_code == 204
    assert alex.values(LIST) == []
    alex.refused("DELETE", path, 404, "ErrorItemNotFound")


def test_letters_are_classified_as_they_arrive(alex: Graph, megan: Graph, adele: Graph) -> None:
    def inference() -> list[str]:
        listed = adele.values("/me/mailFolders/inbox/messages?$orderby=receivedDateTime")
        return [message["inferenceClassification"] for message in listed]

    alex.sent(inferenceClassification="other")
    alex.book.deliver()
    assert inference() == ["focused"], "how its author marked it is not the reader's mark"
    override = adele.made(LIST, about(ALEX.upper(), "other"))
    alex.sent()
    megan.sent()
    alex.book.deliver()
    assert sorted(inference()) == ["focused", "focused", "other"], "only mail to come, only of this sender"
    adele.delete(f"{LIST}/{override['id']}")
    alex.sent()
    alex.book.deliver()
    assert inference().count("focused") == 3
    (other,) = adele.values("/me/messages?$filter=inferenceClassification eq 'other'")
    assert other["from"]["emailAddress"]["address"] == ALEX


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "RequestBodyRead"),
        ({"classifyAs": "other"}, "RequestBodyRead"),
        ({"senderEmailAddress": SAMANTHA}, "RequestBodyRead"),
        ({"classifyAs": "spam", "senderEmailAddress": SAMANTHA}, "RequestBodyRead"),
        ({"classifyAs": "other", "senderEmailAddress": {"name": "Samantha"}}, "ErrorInvalidArgument"),
        ({"classifyAs": "other", "senderEmailAddress": {"address": "samantha"}}, "ErrorInvalidArgument"),
        ({"classifyAs": "other", "senderEmailAddress": SAMANTHA, "until": "noon"}, "RequestBodyRead"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(alex: Graph, said: dict[str, object], code: str) -> None:
    alex.refused("POST", LIST, 400, code, json=said)


def test_only_the_class_of_an_override_can_be_changed(alex: Graph) -> None:
    path = f"{LIST}/{alex.made(LIST, about(MEGAN, 'other'))['id']}"
    for said in (about(ADELE, "focused"), {"id": ANYTHING}):
        alex.refused("PATCH", path, 400, "ErrorInvalidPropertySet", json=said)
    alex.refused("PATCH", path, 400, "RequestBodyRead", json={"classifyAs": "spam"})


def test_an_override_that_is_not_there_is_not_found(alex: Graph) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        said = {"classifyAs": "other"}
        alex.refused(method, f"{LIST}/{ANYTHING}", 404, "ErrorItemNotFound", json=said)
        alex.refused(method, f"{LIST}/x", 400, "ErrorInvalidIdMalformed", json=said)


def test_overrides_need_the_scopes_for_mail(alex: Graph) -> None:
    reader = alex.holding(alex.book.token(ALEX, "Mail.Read"))
    assert reader.values(LIST) == []
    reader.refused("POST", LIST, 403, "ErrorAccessDenied", json=about(MEGAN, "other"))
