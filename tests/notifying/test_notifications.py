"""What subscribers are told, and in what shape."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from letterbook.adapters.graph.tenant import TENANT
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, Graph, to
from tests.notifying.receiver import Receiver, receiving
from tests.notifying.subscribing import ending, subscribed, subscribed_for_good


def told(graph: Graph, endpoint: Receiver) -> list[tuple[str, str]]:
    """What is told now: kinds of change and ids."""
    before = len(endpoint.notices)
    graph.book.notify()
    return [(each["changeType"], each["resourceData"]["id"]) for each in endpoint.notices[before:]]


def test_a_notification_is_shaped_as_in_graphs_sample(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    made = subscribed(alex, endpoint, clock)
    draft = alex.draft()

    assert alex.book.notify() == 1

    (asked,) = endpoint.told
    assert asked.headers["content-type"].startswith("application/json")
    (notice,) = asked.notices
    assert str(UUID(notice.pop("id")))
    where = f"Users/{alex.book.engine.person(ALEX).mailbox}/Messages/{draft['id']}"
    assert notice == {
        "subscriptionId": made["id"],
        "subscriptionExpirationDateTime": ending(clock),
        "clientState": "secretClientValue",
        "tenantId": str(TENANT),
        "changeType": "created",
        "resource": where,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": where,
            "@odata.etag": draft["@odata.etag"],
            "id": draft["id"],
        },
    }
    assert "validationTokens" not in asked.body.decode()
    assert alex.read(f"/{where}")["id"] == draft["id"], "it can be asked for as it is told"


def test_what_was_there_before_is_not_told(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    draft = alex.draft()
    subscribed(alex, endpoint, clock)
    assert told(alex, endpoint) == []

    alex.changed(f"/me/messages/{draft['id']}", {"subject": "Later"})
    assert told(alex, endpoint) == [("updated", draft["id"])]


def test_nothing_is_told_twice(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    subscribed(alex, endpoint, clock)
    alex.draft()
    assert len(told(alex, endpoint)) == 1
    assert told(alex, endpoint) == []


def test_a_letter_that_arrives_is_created_in_the_inbox(
    alex: Graph, adele: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    inbox = "me/mailFolders('inbox')/messages"
    subscribed(adele, endpoint, clock, resource=inbox, changeType="created")
    alex.sent(toRecipients=to(ADELE))
    assert told(adele, endpoint) == []

    adele.book.deliver()

    (letter,) = adele.values("/me/mailFolders/inbox/messages")
    assert told(adele, endpoint) == [("created", letter["id"])]


def test_only_the_kinds_that_were_asked_for_are_told(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed(alex, endpoint, clock, changeType="deleted")
    draft = alex.draft()
    alex.changed(f"/me/messages/{draft['id']}", {"subject": "Later"})
    alex.post(f"/me/messages/{draft['id']}/permanentDelete")

    assert told(alex, endpoint) == [("deleted", draft["id"])]


def test_moving_away_deletes_and_moving_in_creates(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    for place in ("drafts", "archive"):
        subscribed(alex, endpoint, clock, resource=f"me/mailFolders('{place}')/messages")
    draft = alex.draft()
    moved = alex.made(f"/me/messages/{draft['id']}/move", {"destinationId": "archive"})
    assert moved["id"] != draft["id"]

    said = sorted(told(alex, endpoint))

    expected = [("created", draft["id"]), ("created", moved["id"]), ("deleted", draft["id"])]
    assert said == sorted(expected), "each by the id that it had there"


def test_in_the_whole_mailbox_a_move_is_an_update_until_it_is_beyond_deleted_items(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed_for_good(alex, endpoint, clock)
    lasting = alex.book.mailbox(ALEX).create_draft().id
    assert told(alex, endpoint) == [("created", lasting)]
    for expected in ("updated", "deleted"):
        alex.delete(f"/me/messages/{lasting}")
        assert told(alex, endpoint) == [(expected, lasting)]
    alex.delete(f"/me/messages/{lasting}")
    assert told(alex, endpoint) == [], "whoever was told that it is gone is not told again"


def test_unread_messages_come_and_go_with_a_filter(
    alex: Graph, adele: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    alex.sent(toRecipients=to(ADELE))
    unread = "me/mailFolders('inbox')/messages?$filter=isRead eq false"
    subscribed(adele, endpoint, clock, resource=unread)
    adele.book.deliver()
    (letter,) = adele.values("/me/mailFolders/inbox/messages")
    path = f"/me/messages/{letter['id']}"
    assert told(adele, endpoint) == [("created", letter["id"])]

    changes: list[tuple[dict[str, Any], list[str]]] = [
        ({"categories": ["Blue"]}, ["updated"]),
        ({"isRead": True}, ["deleted"]),
        ({"categories": ["Red"]}, []),
        ({"isRead": False}, ["created"]),
    ]
    for change, expected in changes:
        adele.changed(path, change)
        assert [kind for kind, _ in told(adele, endpoint)] == expected


def test_several_changes_before_a_look_are_told_in_order_the_same_in_a_row_once(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed(alex, endpoint, clock)
    draft = alex.draft()
    for subject in ("One", "Two", "Three"):
        last = alex.changed(f"/me/messages/{draft['id']}", {"subject": subject})

    assert told(alex, endpoint) == [("created", draft["id"]), ("updated", draft["id"])]
    assert endpoint.notices[-1]["resourceData"]["@odata.etag"] == last["@odata.etag"]


def test_subscriptions_to_one_endpoint_share_a_request(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    one = subscribed(alex, endpoint, clock, changeType="created")
    two = subscribed(
        alex, endpoint, clock, changeType="created", resource="me/mailFolders('drafts')/messages"
    )
    alex.draft()

    alex.book.notify()

    (asked,) = endpoint.told
    assert {each["subscriptionId"] for each in asked.notices} == {one["id"], two["id"]}


def test_a_request_holds_a_hundred_notices_at_most(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    subscribed_for_good(alex, endpoint, clock, changeType="created")
    mailbox = alex.book.mailbox(ALEX)
    drafts = [mailbox.create_draft(subject=str(count)).id for count in range(230)]

    assert alex.book.notify() == 230

    assert [len(each.notices) for each in endpoint.told] == [100, 100, 30]
    assert [each["resourceData"]["id"] for each in endpoint.notices] == drafts


def test_endpoints_do_not_see_each_others(
    alex: Graph, megan: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    with receiving() as other:
        subscribed(alex, endpoint, clock)
        subscribed(megan, other, clock)
        mine, theirs = alex.draft(), megan.draft()
        alex.book.notify()

        assert [each["resourceData"]["id"] for each in endpoint.notices] == [mine["id"]]
        assert [each["resourceData"]["id"] for each in other.notices] == [theirs["id"]]


def test_after_its_end_nothing_is_told_but_what_happened_before(
    alex: Graph, endpoint: Receiver, clock: FakeClock
) -> None:
    subscribed(alex, endpoint, clock)
    draft = alex.draft()
    clock.pass_by(timedelta(days=1))
    alex.book.mailbox(ALEX).create_draft(subject="Too late")

    assert told(alex, endpoint) == [("created", draft["id"])]
    with alex.book.engine.store.reading() as session:
        assert session.subscriptions.all() == [], "nothing is kept of it"


@pytest.mark.parametrize("way", ["given up", "removed"])
def test_given_up_it_tells_nothing_more(alex: Graph, endpoint: Receiver, clock: FakeClock, way: str) -> None:
    made = subscribed(alex, endpoint, clock)
    alex.draft()
    if way == "given up":
        alex.delete(f"/subscriptions/{made['id']}")
    else:
        alex.book.subscriptions.remove(UUID(made["id"]))

    assert told(alex, endpoint) == []


def test_a_filter_looks_at_each_message_as_it_was(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    resource = "me/mailfolders('Drafts')/messages?$filter=hasAttachments eq true AND importance eq 'High'"
    subscribed(alex, endpoint, clock, resource=resource, changeType="created")
    alex.draft(importance="high")
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    wanted = alex.draft(importance="high", attachments=[file])
    alex.made("/me/mailFolders/archive/messages", {"importance": "high", "attachments": [file]})

    assert told(alex, endpoint) == [("created", wanted["id"])]


def test_replaying_and_rebuilding_tell_nobody(alex: Graph, endpoint: Receiver, clock: FakeClock) -> None:
    subscribed(alex, endpoint, clock)
    alex.draft()
    alex.book.notify()
    asked = len(endpoint.asked)

    alex.book.rebuild(verify=True)
    alex.book.tidy()
    for recorded in alex.book.mailbox(ALEX).changes():
        assert recorded.seq
    assert alex.book.notify() == 0

    assert len(endpoint.asked) == asked
