"""Subscriptions over the Graph face: made, shown, renewed, given up; and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import FakeClock
from tests.graph.client import ALEX, Graph
from tests.notifying.receiver import Answer, Reader, Receiver, reader
from tests.notifying.subscribing import asking, ending, ends, subscribed


@pytest.fixture(scope="module")
def owner() -> Reader:
    """Somebody with a certificate."""
    return reader()


def test_a_subscription_is_answered_as_in_graphs_sample(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed(
        alex, endpoint, clock, resource="me/mailFolders('Inbox')/messages", changeType="created"
    )

    assert made["@odata.context"].endswith("/v1.0/$metadata#subscriptions/$entity")
    assert made == made | {
        "resource": "me/mailFolders('Inbox')/messages",
        "changeType": "created",
        "clientState": "secretClientValue",
        "notificationUrl": endpoint.url,
        "lifecycleNotificationUrl": None,
        "expirationDateTime": ending(clock),
        "creatorId": str(alex.book.engine.person(ALEX).mailbox),
        "latestSupportedTlsVersion": "v1_2",
        "includeResourceData": False,
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationQueryOptions": None,
        "notificationUrlAppId": None,
    }
    assert made["applicationId"]
    assert made["id"] in {each["id"] for each in alex.values("/subscriptions")}


def test_the_endpoint_is_asked_with_a_token_to_be_decoded(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed(alex, endpoint, clock, notificationUrl=f"{endpoint.url}?tenant=contoso&x=%20")

    (asked,) = endpoint.asked
    assert asked.path == "/api/notifications"
    assert asked.query["tenant"] == ["contoso"]
    assert asked.headers["content-type"] == "text/plain; charset=utf-8"
    assert asked.body == b""
    assert " " in asked.query["validationToken"][0], "an answer that is not decoded is found out"


def test_both_endpoints_are_asked(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock, lifecycleNotificationUrl=f"{endpoint.url}/lifecycle")

    assert [each.path for each in endpoint.greeted] == ["/api/notifications", "/api/notifications/lifecycle"]
    assert made["lifecycleNotificationUrl"] == f"{endpoint.url}/lifecycle"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(202), "Notification endpoint must respond with 200 OK to validation request."),
        (Answer(302, location="http://127.0.0.1:9/"), "Notification endpoint must respond with 200 OK"),
        (Answer(content_type="text/html"), "content type text/plain"),
        (Answer(body=b"Validation%3A+Testing"), "must exactly match validationToken"),
        (Answer(body=b""), "must exactly match validationToken"),
        (Answer(body=b"x" * 100_000), "must exactly match validationToken"),
    ],
)
def test_an_endpoint_that_does_not_answer_as_it_should_gets_nothing(
    alex: Graph, endpoint: Receiver, clock: FakeClock, answer: Answer, why: str
) -> None:
    endpoint.greeting = answer

    said = alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=asking(endpoint, clock))

    assert said.startswith("Subscription validation request failed.")
    assert why in said
    assert alex.values("/subscriptions") == []


def test_a_lifecycle_endpoint_that_does_not_answer_is_a_reason_to_refuse(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    nowhere = asking(endpoint, clock, lifecycleNotificationUrl="http://127.0.0.1:9/")

    alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=nowhere)

    assert alex.values("/subscriptions") == []


def test_an_endpoint_that_takes_too_long_is_not_waited_for(
    alex: Graph, endpoint: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("letterbook.adapters.graph.herald.TO_GREET", 0.1)
    endpoint.greeting = Answer(after=0.5)

    said = alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=asking(endpoint, clock))

    assert said == "Subscription validation request timed out."


# --- What can be asked for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        "me/messages",
        "/me/messages",
        "ME/Messages/",
        "me/mailfolders('inbox')/messages",
        "/me/mailFolders/SentItems/messages",
        "me/mailFolders('inbox')/messages?$filter=isRead eq false",
        "users/alexw@contoso.com/messages",
        "users/me-token-to-replace/mailFolders('drafts')/messages",
        "me/messages?$select=subject&$filter=hasAttachments%20eq%20true",
        "me/mailfolders('Drafts')/messages?$filter=hasAttachments eq true AND importance eq 'High'",
    ],
)
def test_messages_of_a_mailbox_or_a_folder_can_be_subscribed_to(
    alex: Graph, endpoint: Receiver, clock: FakeClock, resource: str
) -> None:
    assert subscribed(alex, endpoint, clock, resource=resource)["resource"] == resource


def test_a_folder_of_ones_own_can_be_subscribed_to(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    above = alex.made("/me/mailFolders", {"displayName": "Projects"})["id"]
    below = alex.made(f"/me/mailFolders/{above}/childFolders", {"displayName": "Offsite"})["id"]

    path = f"me/mailFolders('{above}')/childFolders('{below}')/messages"
    assert subscribed(alex, endpoint, clock, resource=path)["id"]


@pytest.mark.parametrize(
    "resource",
    [
        "me",
        "me/events",
        "me/mailFolders",
        "me/mailFolders('inbox')",
        "me/mailFolders('inbox')/childFolders",
        "me/childFolders('inbox')/messages",
        "me/mailFolders('Projects')/messages",
        "me/messages/AAMkAAAA",
        "users",
        "https://graph.microsoft.com/v1.0/me/messages",
        "?",
    ],
)
def test_nothing_else_can_be(alex: Graph, endpoint: Receiver, clock: FakeClock, resource: str) -> None:
    said = alex.refused(
        "POST", "/subscriptions", 400, "ExtensionError", json=asking(endpoint, clock, resource=resource)
    )

    assert "parameter 'Resource' is invalid." in said
    assert endpoint.asked == [], "nobody is asked before the request is looked at"


def test_the_messages_of_a_search_folder_cannot_be_followed(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    search = {
        "@odata.type": "microsoft.graph.mailSearchFolder",
        "displayName": "Unread",
        "includeNestedFolders": True,
        "sourceFolderIds": [alex.read("/me/mailFolders/inbox")["id"]],
        "filterQuery": "isRead eq false",
    }
    found = alex.made("/me/mailFolders/searchfolders/childFolders", search)["id"]

    body = asking(endpoint, clock, resource=f"me/mailFolders('{found}')/messages")
    alex.refused("POST", "/subscriptions", 400, "ExtensionError", json=body)


MALFORMED: list[dict[str, Any]] = [
    {"changeType": None},
    {"changeType": ""},
    {"changeType": "created,moved"},
    {"notificationUrl": None},
    {"resource": None},
    {"expirationDateTime": None},
    {"clientState": "x" * 129},
    {"latestSupportedTlsVersion": "v1_0"},
    {"notificationUrl": "not a URL"},
    {"notificationUrl": "ftp://127.0.0.1/"},
    {"notificationUrl": "http://alex:secret@127.0.0.1/"},
    {"notificationUrl": "http://127.0.0.1/#top"},
    {"notificationUrl": f"http://127.0.0.1/{'x' * 2048}"},
    {"notificationUrl": "http://10.0.0.1/"},
    {"lifecycleNotificationUrl": "https://10.0.0.1/"},
    {"includeResourceData": True},
    {"includeResourceData": True, "encryptionCertificate": "MIIB"},
]


@pytest.mark.parametrize("wrong", MALFORMED, ids=str)
def test_what_is_missing_or_wrong_is_refused(
    alex: Graph, endpoint: Receiver, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    body = asking(endpoint, clock, **wrong)

    alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=body)

    assert alex.values("/subscriptions") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"expirationDateTime": "tomorrow"},
        {"expirationDateTime": "2026-03-03T09:30:00"},
        {"expirationDateTime": 17},
        {"includeResourceData": "yes"},
        {"colour": "blue"},
        {"resource": ["me/messages"]},
    ],
    ids=str,
)
def test_what_does_not_fit_the_type_is_refused(
    alex: Graph, endpoint: Receiver, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    alex.refused("POST", "/subscriptions", 400, "RequestBodyRead", json=asking(endpoint, clock, **wrong))


@pytest.mark.parametrize("options", ["$top=5", "$orderby=subject", "$skip=1", "$search=pizza", "$count=true"])
def test_options_that_do_not_belong_to_subscriptions_are_refused(
    alex: Graph, endpoint: Receiver, clock: FakeClock, options: str
) -> None:
    body = asking(endpoint, clock, resource=f"me/messages?{options}")
    alex.refused("POST", "/subscriptions", 400, "BadRequest", json=body)


def test_files_do_not_come_along_with_notifications(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    body = asking(endpoint, clock, resource="me/messages?$expand=attachments")
    alex.refused("POST", "/subscriptions", 400, "BadRequest", json=body)


@pytest.mark.parametrize("select", ["", "$select=body", "$select=subject,uniqueBody"])
def test_data_needs_a_selection_without_the_body(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader, select: str
) -> None:
    body = asking(
        endpoint,
        clock,
        resource=f"me/messages?{select}",
        includeResourceData=True,
        encryptionCertificate=owner.text,
        encryptionCertificateId="one",
    )
    alex.refused("POST", "/subscriptions", 400, "InvalidRequest", json=body)


# --- How long it lasts -----------------------------------------------------------------------------


def test_a_subscription_lasts_a_week_at_most(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    longest = ending(clock, minutes=10_080)
    assert subscribed(alex, endpoint, clock, expirationDateTime=longest)["expirationDateTime"] == longest

    body = asking(endpoint, clock, changeType="created", expirationDateTime=ending(clock, minutes=10_081))
    said = alex.refused("POST", "/subscriptions", 400, "ExtensionError", json=body)
    assert said == "Subscription expiration can only be 10080 minutes in the future."


def test_with_data_it_lasts_a_day_at_most(
    alex: Graph, endpoint: Receiver, clock: FakeClock, owner: Reader
) -> None:
    body = asking(
        endpoint,
        clock,
        resource="me/messages?$select=subject",
        includeResourceData=True,
        encryptionCertificate=owner.text,
        encryptionCertificateId="one",
    )
    made = alex.made("/subscriptions", body | {"expirationDateTime": ending(clock, minutes=1_440)})
    assert made["includeResourceData"] is True

    late = {"expirationDateTime": ending(clock, minutes=1_441)}
    alex.refused("POST", "/subscriptions", 400, "ExtensionError", json=body | late)
    alex.refused("PATCH", f"/subscriptions/{made['id']}", 400, "ExtensionError", json=late)


@pytest.mark.parametrize("minutes", [-60, 0, 44])
def test_one_that_would_end_at_once_gets_three_quarters_of_an_hour(
    alex: Graph, endpoint: Receiver, clock: FakeClock, minutes: int
) -> None:
    made = subscribed(alex, endpoint, clock, expirationDateTime=ending(clock, minutes=minutes))
    assert made["expirationDateTime"] == ending(clock, minutes=45)


def test_a_moment_is_given_back_to_the_microsecond(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    asked = (clock.now() + timedelta(days=1, microseconds=935_691)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "3Z"
    made = subscribed(alex, endpoint, clock, expirationDateTime=asked)
    assert made["expirationDateTime"] == ends(clock.now() + timedelta(days=1, microseconds=935_691))


def test_it_ends_by_itself(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock)
    clock.pass_by(timedelta(days=1))
    alex = alex.holding(alex.book.token(ALEX))

    assert alex.values("/subscriptions") == []
    for method in ("GET", "DELETE"):
        alex.refused(method, f"/subscriptions/{made['id']}", 404, "ResourceNotFound")
    late = {"expirationDateTime": ending(clock)}
    alex.refused("PATCH", f"/subscriptions/{made['id']}", 404, "ResourceNotFound", json=late)


def test_renewed_it_lasts_longer(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock)
    clock.pass_by(timedelta(hours=23))
    alex = alex.holding(alex.book.token(ALEX))

    renewed = alex.changed(f"/subscriptions/{made['id']}", {"expirationDateTime": ending(clock, days=2)})

    assert renewed == made | {"expirationDateTime": ending(clock, days=2)}
    assert len(endpoint.greeted) == 1, "the same endpoint is not asked again"
    clock.pass_by(timedelta(hours=2))
    alex = alex.holding(alex.book.token(ALEX))
    assert alex.read(f"/subscriptions/{made['id']}") == renewed


def test_another_endpoint_is_asked_before_it_is_told(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed(alex, endpoint, clock)
    elsewhere = f"{endpoint.url}/elsewhere"

    assert alex.changed(f"/subscriptions/{made['id']}", {"notificationUrl": elsewhere})
    assert [each.path for each in endpoint.greeted][1:] == ["/api/notifications/elsewhere"]

    endpoint.greeting = Answer(404)
    other = {"notificationUrl": f"{endpoint.url}/wrong"}
    alex.refused("PATCH", f"/subscriptions/{made['id']}", 400, "InvalidRequest", json=other)
    assert alex.read(f"/subscriptions/{made['id']}")["notificationUrl"] == elsewhere


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"expirationDateTime": None},
        {"expirationDateTime": "2026-03-03T09:30:00Z", "notificationUrl": None},
        {"expirationDateTime": "2026-03-03T09:30:00Z", "clientState": None},
        {"clientState": "another"},
        {"resource": "me/messages", "expirationDateTime": "2026-03-03T09:30:00Z"},
        {"lifecycleNotificationUrl": "https://contoso.com/"},
        {"encryptionCertificate": "MIIB"},
        {"encryptionCertificate": "MIIB", "encryptionCertificateId": "two"},
    ],
    ids=str,
)
def test_a_renewal_changes_nothing_else(
    alex: Graph, endpoint: Receiver, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    made = subscribed(alex, endpoint, clock)
    alex.refused("PATCH", f"/subscriptions/{made['id']}", 400, "InvalidRequest", json=wrong)
    assert alex.read(f"/subscriptions/{made['id']}") == made


def test_reauthorizing_does_not_extend(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock)
    answer = alex.post(f"/subscriptions/{made['id']}/reauthorize")
    assert (answer.status_code, answer.content) == (204, b"")
    assert alex.read(f"/subscriptions/{made['id']}") == made


def test_given_up_it_is_gone(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    made = subscribed(alex, endpoint, clock)
    answer = alex.delete(f"/subscriptions('{made['id']}')")
    assert (answer.status_code, answer.content) == (204, b"")
    alex.refused("DELETE", f"/subscriptions/{made['id']}", 404, "ResourceNotFound")
    alex.refused("POST", f"/subscriptions/{made['id']}/reauthorize", 404, "ResourceNotFound")


@pytest.mark.parametrize("name", ["7f105c7d-2dc5-4530-97cd-4e7ae6534c07", "no-id", "AAMk"])
def test_one_that_never_was_is_not_found(alex: Graph, name: str) -> None:
    alex.refused("GET", f"/subscriptions/{name}", 404, "ResourceNotFound")
