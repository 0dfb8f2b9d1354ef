"""Mentions, which only beta knows, and open extensions."""

from typing import Any
from uuid import UUID

import pytest

from tests.graph.client import ADELE, ALEX, MEGAN, Graph, to

PREFIX = "microsoft.graph.openTypeExtension."
EXTENSION = {
    "@odata.type": "microsoft.graph.openTypeExtension",
    "extensionName": "Com.Contoso.Referral",
    "companyName": "Wingtip Toys",
    "dealValue": 500050,
    "expirationDate": "2015-12-03T10:00:00.000Z",
    "tags": ["a", "b"],
}


def mentioning(*addresses: str) -> dict[str, Any]:
    """Mentions of people."""
    return {"mentions": [{"mentioned": {"address": address}} for address in addresses]}


# --- Mentions --------------------------------------------------------------------------------------


def test_mentions_come_along_with_a_new_draft(alex: Graph) -> None:
    draft = alex.beta.draft(**mentioning(MEGAN, "danas@contoso.com"))
    people = {mention["mentioned"]["address"]: mention["mentioned"]["name"] for mention in draft["mentions"]}
    assert people == {MEGAN: "Megan Bowen", "danas@contoso.com": "danas@contoso.com"}
    assert draft["mentionsPreview"] == {"isMentioned": False}
    for mention in draft["mentions"]:
        assert str(UUID(mention["id"])) == mention["id"]
        assert mention["createdBy"] == {"name": "Alex Wilber", "address": ALEX}


def test_mentions_can_be_added_read_and_taken_back(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}"
    assert alex.beta.read(path)["mentionsPreview"] is None
    made = alex.beta.made(f"{path}/mentions", {"mentioned": {"address": ALEX}})
    assert alex.beta.read(path)["mentionsPreview"] == {"isMentioned": True}
    (listed,) = alex.beta.values(f"{path}/mentions")
    assert listed == {name: value for name, value in made.items() if name != "@odata.context"}
    one = alex.beta.read(f"{path}/mentions/{made['id']}")
    assert one["mentioned"] == {"name": "Alex Wilber", "address": ALEX}
    assert alex.beta.delete(f"{path}/mentions/{made['id']}").status_code == 204
    assert alex.beta.values(f"{path}/mentions") == []
    assert alex.beta.read(path)["mentionsPreview"] is None


def test_mentions_are_shown_on_request(alex: Graph) -> None:
    draft = alex.beta.draft(**mentioning(MEGAN))
    path = f"/me/messages/{draft['id']}"
    assert "mentions" not in alex.beta.read(path)
    expanded = alex.beta.read(f"{path}?$expand=mentions")
    assert expanded["mentions"] == draft["mentions"]
    assert expanded["mentions@odata.context"].endswith("/mentions")
    (who,) = alex.beta.read(f"{path}?$expand=mentions($select=mentioned)")["mentions"]
    assert set(who) == {"@odata.id", "id", "mentioned"}
    alex.beta.refused("GET", f"{path}?$expand=mentions($select=x)", 400, "RequestBroker--ParseUri")


def test_mentioning_somebody_twice_says_nothing_new(alex: Graph) -> None:
    draft = alex.beta.draft(**mentioning(MEGAN, MEGAN.upper()))
    assert len(draft["mentions"]) == 1
    path = f"/me/messages/{draft['id']}"
    etag = alex.read(path)["@odata.etag"]
    again = alex.beta.made(f"{path}/mentions", {"mentioned": {"name": "M", "address": MEGAN}})
    assert again["id"] == draft["mentions"][0]["id"]
    assert alex.read(path)["@odata.etag"] == etag


def test_v1_0_does_not_show_what_beta_knows(alex: Graph) -> None:
    draft = alex.beta.draft(**mentioning(MEGAN))
    shown = alex.read(f"/me/messages/{draft['id']}")
    assert not {"mentions", "mentionsPreview", "unsubscribeData", "unsubscribeEnabled"} & set(shown)
    assert {"mentionsPreview", "unsubscribeData", "unsubscribeEnabled"} <= set(draft)


def test_the_mentioned_see_that_they_are(alex: Graph, adele: Graph, megan: Graph) -> None:
    alex.beta.sent(toRecipients=to(ADELE, MEGAN), **mentioning(MEGAN))
    alex.book.deliver()
    (to_adele,) = adele.beta.values("/me/mailFolders/inbox/messages")
    (to_megan,) = megan.beta.values(
        "/me/messages?$filter=mentionsPreview/isMentioned eq true&$expand=mentions"
    )
    assert to_adele["mentionsPreview"] == {"isMentioned": False}
    assert to_megan["mentionsPreview"] == {"isMentioned": True}
    assert to_megan["mentions"][0]["createdBy"]["address"] == ALEX


def test_send_mail_takes_mentions(alex: Graph, megan: Graph) -> None:
    message = {"subject": "Party", "toRecipients": to(MEGAN)} | mentioning(MEGAN)
    assert alex.beta.post("/me/sendMail", json={"Message": message}).status_code == 202
    alex.book.deliver()
    (received,) = megan.beta.values("/me/messages?$expand=mentions")
    assert received["mentions"][0]["mentioned"]["address"] == MEGAN


# --- Open extensions -------------------------------------------------------------------------------


def test_an_extension_is_set_read_changed_and_removed(alex: Graph) -> None:
    path = f"/me/messages/{alex.draft()['id']}/extensions"
    made = alex.made(path, EXTENSION)
    assert made["@odata.type"] == "#microsoft.graph.openTypeExtension"
    assert made["id"] == f"{PREFIX}Com.Contoso.Referral"
    assert (made["companyName"], made["dealValue"], made["tags"]) == ("Wingtip Toys", 500050, ["a", "b"])
    older = "Microsoft.OutlookServices.OpenTypeExtension.Com.Contoso.Referral"
    for name in ("Com.Contoso.Referral", made["id"], older):
        assert alex.read(f"{path}/{name}")["dealValue"] == 500050
        assert alex.read(f"{path}('{name}')")["dealValue"] == 500050
    (listed,) = alex.values(path)
    assert listed == {name: value for name, value in made.items() if name != "@odata.context"}
    news = {"@odata.type": "microsoft.graph.openTypeExtension", "dealValue": 1, "color": "red"}
    changed = alex.changed(f"{path}/{made['id']}", news | {"extensionName": "Com.Contoso.Referral"})
    assert (changed["dealValue"], changed["color"], changed["companyName"]) == (1, "red", "Wingtip Toys")
    assert alex.delete(f"{path}/Com.Contoso.Referral").status_code == 204
    assert alex.values(path) == []


def test_an_extension_comes_along_with_a_new_message(alex: Graph) -> None:
    draft = alex.draft(extensions=[EXTENSION])
    assert draft["extensions"][0]["companyName"] == "Wingtip Toys"
    path = f"/me/messages/{draft['id']}"
    assert "extensions" not in alex.read(path)
    assert alex.read(f"{path}?$expand=extensions")["extensions"] == draft["extensions"]


@pytest.mark.parametrize(
    "name",
    [
        "Com.Contoso.Referral",
        f"{PREFIX}Com.Contoso.Referral",
        "Microsoft.OutlookServices.OpenTypeExtension.Com.Contoso.Referral",
    ],
)
def test_one_extension_of_many_is_shown_by_a_filter(alex: Graph, name: str) -> None:
    draft = alex.draft(extensions=[EXTENSION, EXTENSION | {"extensionName": "Com.Contoso.Other"}])
    query = f"$expand=Extensions($filter=id eq '{name}')"
    (shown,) = alex.read(f"/me/messages/{draft['id']}?{query}")["extensions"]
    assert shown["extensionName"] == "Com.Contoso.Referral"


def test_an_extension_can_be_set_on_what_was_sent(alex: Graph) -> None:
    path = f"/me/messages/{alex.sent()['id']}/extensions"
    assert alex.made(path, EXTENSION)["companyName"] == "Wingtip Toys"


def test_an_extension_stays_with_its_owner(alex: Graph, adele: Graph) -> None:
    alex.sent(extensions=[EXTENSION])
    alex.book.deliver()
    (received,) = adele.values("/me/messages?$expand=extensions")
    assert received["extensions"] == []


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, 2**53, "", "💌", [], [None, 1], {"deep": {"er": [1]}}]
)
def test_values_of_extensions_come_back_as_they_were(alex: Graph, value: object) -> None:
    path = f"/me/messages/{alex.draft()['id']}/extensions"
    made = alex.made(path, {"extensionName": "com.contoso.x", "value": value})
    assert made["value"] == value
    assert alex.read(f"{path}/com.contoso.x")["value"] == value
