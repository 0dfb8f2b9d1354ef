"""create message (S1, S4): where a draft is asked for, by whom, and what may come along."""

import re

import pytest

from tests.documents.talking import GraphClient, Office, to
from tests.documents.ticking import ticks
from tests.documents.wire import GUID, error_of, is_empty

CREATE = "/beta/me/messages"
HELLO = {"subject": "Hello", "toRecipients": to("meganb@contoso.com")}
MIME = "VG86IG1lZ2FuYkBjb250b3NvLmNvbQ0KU3ViamVjdDogSGVsbG8NCg0KSGkh"
"""To: meganb@contoso.com, Subject: Hello, and "Hi!"."""


@ticks("S1-2", "S1-25", "S4-2", "S4-21")
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_json_and_mime_both_make_a_draft(alex: GraphClient, version: str) -> None:
    from_json = alex.post(f"/{version}/me/messages", json=HELLO)
    from_mime = alex.post(f"/{version}/me/messages", content=MIME, headers={"Content-Type": "text/plain"})

    for answer in (from_json, from_mime):
        assert answer.status_code == 201
        assert answer.json()["subject"] == "Hello"
        assert answer.json()["isDraft"] is True
        assert [who["emailAddress"]["name"] for who in answer.json()["toRecipients"]] == ["Megan Bowen"]


@ticks("S1-3", "S4-3")
def test_json_may_bring_attachments(alex: GraphClient) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "menu.txt", "contentBytes": "U291cA=="}

    draft = alex.draft(CREATE, attachments=[file])

    assert draft["hasAttachments"] is True
    (attached,) = alex.read(f"{CREATE}/{draft['id']}/attachments")["value"]
    assert (attached["name"], attached["contentBytes"]) == ("menu.txt", "U291cA==")


@ticks("S1-5", "S4-5")
def test_a_draft_is_updated_later(alex: GraphClient, office: Office) -> None:
    draft = alex.draft(CREATE)
    office.clock.let_pass(seconds=7)
    news = {
        "subject": "Supper",
        "importance": "High",
        "body": {"contentType": "HTML", "content": "At <b>8</b>"},
    }

    answer = alex.patch(f"{CREATE}/{draft['id']}", json=news)

    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["subject"], changed["importance"]) == ("Supper", "high")
    assert changed["bodyPreview"] == "At 8"
    assert changed["toRecipients"] == draft["toRecipients"]
    assert changed["changeKey"] != draft["changeKey"]
    assert changed["createdDateTime"] == draft["createdDateTime"]
    assert changed["lastModifiedDateTime"] == "2021-04-23T18:13:51Z"


@ticks("S1-7", "S1-13", "S4-8", "S4-14")
def test_a_draft_lands_in_drafts(alex: GraphClient, office: Office) -> None:
    draft = alex.draft(CREATE)

    assert draft["parentFolderId"] == office.folder_id("alexw@contoso.com", "drafts")
    assert [message["id"] for message in alex.folder("drafts")] == [draft["id"]]


@ticks("S1-8", "S4-9")
def test_a_draft_goes_nowhere_until_it_is_sent_by_a_later_call(alex: GraphClient, office: Office) -> None:
    draft_id = alex.draft(CREATE)["id"]
    assert office.book.waiting() == 0

    answer = alex.post(f"{CREATE}/{draft_id}/send")

    assert answer.status_code == 202
    assert is_empty(answer)
    assert office.book.waiting() == 1


@ticks("S1-14", "S4-14")
@pytest.mark.parametrize("user", ["{id}", "alexw@contoso.com", "ALEXW@contoso.com"])
def test_a_user_is_named_by_id_or_by_principal_name(alex: GraphClient, office: Office, user: str) -> None:
    named = user.format(id=office.user_id("alexw@contoso.com"))

    draft = alex.draft(f"/beta/users/{named}/messages")

    assert [message["id"] for message in alex.folder("drafts")] == [draft["id"]]


@ticks("S1-15", "S1-16", "S4-14")
@pytest.mark.parametrize("user", ["me", "users/alexw@contoso.com", "users('alexw@contoso.com')"])
@pytest.mark.parametrize("by_name", [True, False], ids=["by name", "by id"])
def test_a_draft_lands_in_the_folder_of_the_path(
    alex: GraphClient, office: Office, user: str, by_name: bool
) -> None:
    archive = office.folder_id("alexw@contoso.com", "archive")

    draft = alex.draft(f"/beta/{user}/mailFolders/{'Archive' if by_name else archive}/messages")

    assert draft["parentFolderId"] == archive
    assert [message["id"] for message in alex.folder("archive")] == [draft["id"]]
    assert alex.folder("drafts") == []


@ticks("S1-12", "S4-13")
def test_a_person_needs_mail_read_write_and_nothing_else(alex: GraphClient, office: Office) -> None:
    for too_little in ("Mail.Send", "Mail.Read", "Mail.ReadBasic"):
        refused = office.client("alexw@contoso.com", scope=too_little).post(CREATE, json=HELLO)
        assert error_of(refused) == (403, "ErrorAccessDenied")
    assert alex.folder("drafts") == []

    assert (
        office.client("alexw@contoso.com", scope="Mail.ReadWrite").post(CREATE, json=HELLO).status_code == 201
    )


@ticks("S1-12", "S4-13")
def test_an_application_needs_mail_read_write_and_nothing_else(alex: GraphClient, office: Office) -> None:
    path = "/beta/users/alexw@contoso.com/messages"

    assert error_of(office.program("Mail.Send").post(path, json=HELLO)) == (403, "ErrorAccessDenied")
    assert office.program("Mail.ReadWrite").post(path, json=HELLO).status_code == 201


@ticks("S1-17", "S4-15")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer not.a.token"}])
def test_without_a_good_token_no_draft_is_made(
    alex: GraphClient, office: Office, headers: dict[str, str]
) -> None:
    answer = office.stranger().post(CREATE, json=HELLO, headers=headers)

    assert error_of(answer) == (401, "InvalidAuthenticationToken")
    assert re.fullmatch(GUID, answer.headers["request-id"])
    assert alex.folder("drafts") == []


@ticks("S1-18", "S4-16")
@pytest.mark.parametrize("kind", ["application/xml", "text/html", "application/x-www-form-urlencoded"])
def test_other_content_types_are_not_supported(alex: GraphClient, kind: str) -> None:
    answer = alex.post(CREATE, content='{"subject": "Hello"}', headers={"Content-Type": kind})

    assert answer.status_code == 415
    assert alex.folder("drafts") == []


@ticks("S1-18", "S4-16")
def test_a_content_type_is_required(alex: GraphClient) -> None:
    answer = alex.post(CREATE, content='{"subject": "Hello"}')

    assert "content-type" not in answer.request.headers
    assert answer.status_code == 415


@ticks("S1-18", "S4-16")
@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_the_content_type_is_read_in_any_case_and_with_parameters(alex: GraphClient, kind: str) -> None:
    answer = alex.post(CREATE, content='{"subject": "Hello"}', headers={"content-TYPE": kind})

    assert answer.status_code == 201


@ticks("S1-19", "Across-2")
@pytest.mark.parametrize("without", [(), ("Content-Length",)], ids=["announced", "not announced"])
def test_a_content_length_of_zero_is_not_demanded(alex: GraphClient, without: tuple[str, ...]) -> None:
    answer = alex.post(CREATE, json=HELLO, without=without)

    assert answer.request.headers.get("content-length") != "0"
    assert answer.status_code == 201


@ticks("S1-20", "S4-17")
def test_the_body_is_a_message_object_with_any_writable_property(alex: GraphClient) -> None:
    answer = alex.post(
        CREATE,
        json={
            "subject": "Hello",
            "body": {"contentType": "text", "content": "Hi!"},
            "ccRecipients": to("danas@contoso.com"),
            "bccRecipients": to("randiw@contoso.com"),
            "replyTo": to("samanthab@contoso.com"),
            "categories": ["Blue category"],
            "isReadReceiptRequested": True,
            "inferenceClassification": "Other",
        },
    )

    assert answer.status_code == 201
    draft = answer.json()
    people = {
        name: draft[name][0]["emailAddress"]["name"] for name in ("ccRecipients", "bccRecipients", "replyTo")
    }
    assert people == {
        "ccRecipients": "Dana Swope",
        "bccRecipients": "Randi Welch",
        "replyTo": "Samantha Booth",
    }
    assert draft["body"] == {"contentType": "text", "content": "Hi!"}
    assert (draft["categories"], draft["inferenceClassification"]) == (["Blue category"], "other")
    assert draft["isReadReceiptRequested"] is True


@ticks("S1-20", "S4-17")
@pytest.mark.parametrize("body", ["", "[]", '"Hello"', '{"subject": 5}', '{"subjekt": "Hello"}', "{"])
def test_what_is_no_message_object_makes_no_draft(alex: GraphClient, body: str) -> None:
    answer = alex.post(CREATE, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "innerError"}
    assert alex.folder("drafts") == []


@ticks("S1-24", "S4-20")
def test_open_extensions_come_along_and_are_answered(alex: GraphClient) -> None:
    extension = {
        "@odata.type": "microsoft.graph.openTypeExtension",
        "extensionName": "com.contoso.referral",
        "companyName": "Wingtip Toys",
        "dealValue": 10000,
    }

    draft = alex.draft(CREATE, extensions=[extension])

    (answered,) = draft["extensions"]
    assert answered["id"] == "microsoft.graph.openTypeExtension.com.contoso.referral"
    assert (answered["companyName"], answered["dealValue"]) == ("Wingtip Toys", 10000)
    kept = alex.read(f"{CREATE}/{draft['id']}/extensions/com.contoso.referral")
    assert (kept["extensionName"], kept["dealValue"]) == ("com.contoso.referral", 10000)


@ticks("Across-8")
def test_both_versions_show_the_same_draft_and_only_beta_its_own_members(alex: GraphClient) -> None:
    made = alex.draft("/beta/me/messages")

    seen = alex.read(f"/v1.0/me/messages/{made['id']}")

    only_beta = {"unsubscribeData", "unsubscribeEnabled", "mentionsPreview"}
    assert set(made) - set(seen) == only_beta
    ours = {name: value for name, value in made.items() if name not in only_beta | {"@odata.context"}}
    assert {name: value for name, value in seen.items() if name != "@odata.context"} == ours
    assert seen["@odata.context"] == made["@odata.context"].replace("/beta/", "/v1.0/")
