"""What is held, over the Graph face: thrown away as ever, but not for good; the refusal is written down."""

from typing import Any

import pytest

from letterbook.domain.holds import Removal, RemovalRefused
from tests.graph.client import ALEX, MEGAN, Graph, error_in, state_of, to
from tests.graph.test_batch import statuses, write

WHY = "Fabrikam sues us."
CODE = (403, "ErrorCannotDeleteObject")


@pytest.fixture
def letter(megan: Graph, alex: Graph) -> dict[str, Any]:
    """A letter from Megan that Alex got, under the id that stays the same."""
    megan.sent(subject="Fabrikam", toRecipients=to(ALEX))
    alex.book.deliver()
    found: dict[str, Any] = alex.lasting.values("/me/mailFolders/inbox/messages")[0]
    return found


def refused(graph: Graph, method: str, path: str) -> RemovalRefused:
    """Ask for something that a hold forbids: nothing happens but that this is written down."""
    box = graph.book.mailbox(ALEX)
    before = state_of(graph.book)[0]
    error = error_in(answer := graph.request(method, path))
    assert (answer.status_code, error["code"]) == CODE
    assert error["message"] == "The item is on hold and cannot be removed."
    (news,) = box.changes(before[box.id][0])
    assert isinstance(news.fact, RemovalRefused)
    assert news.fact.on.cause == f"request:{answer.headers['request-id']}"
    assert state_of(graph.book)[0] == before | {box.id: (news.seq, news.hash)}, "in no other mailbox"
    return news.fact


def delta_link(graph: Graph, path: str) -> str:
    """Where to ask what is new, behind the last page of a first round."""
    page = graph.read(path)
    while "@odata.nextLink" in page:
        page = graph.read(page["@odata.nextLink"])
    return str(page["@odata.deltaLink"])


@pytest.mark.parametrize("path", ["/me/messages", "/me/mailFolders/inbox/messages"])
@pytest.mark.parametrize("search", [None, "subject:fabrikam"])
def test_a_message_that_is_held_is_not_deleted_for_good(
    alex: Graph, letter: dict[str, Any], path: str, search: str | None
) -> None:
    box, where = alex.book.mailbox(ALEX), f"{path}/{letter['id']}"
    before = alex.lasting.read(where)
    hold = box.place_hold("Fabrikam", why=WHY, search=search)
    noted = refused(alex, "POST", f"{where}/permanentDelete")
    assert (noted.message, noted.removal) == (box._name(letter["id"]), Removal.DELETE)
    assert (noted.holds, noted.on.actor) == ((hold.hold_id,), ALEX)
    assert alex.lasting.read(where) == before


def test_delete_goes_two_steps_and_not_the_third(alex: Graph, letter: dict[str, Any]) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    for _ in range(2):
        assert alex.delete(f"/me/messages/{letter['id']}").status_code == 204
    refused(alex, "DELETE", f"/me/messages/{letter['id']}")
    beyond = alex.values("/me/mailFolders/recoverableitemsdeletions/messages")
    assert [each["subject"] for each in beyond] == ["Fabrikam"]


def test_a_folder_with_anything_that_is_held_is_not_deleted_for_good(
    alex: Graph, letter: dict[str, Any]
) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY, search="fabrikam")
    clubs = alex.made("/me/mailFolders", {"displayName": "Clubs"})["id"]
    chess = alex.made(f"/me/mailFolders/{clubs}/childFolders", {"displayName": "Chess"})["id"]
    free = alex.made(f"/me/mailFolders/{clubs}/messages", {"subject": "Weather"})
    alex.made(f"/me/messages/{letter['id']}/move", {"destinationId": chess})
    noted = refused(alex, "POST", f"/me/mailFolders/{clubs}/permanentDelete")
    assert noted.message == alex.book.mailbox(ALEX)._name(letter["id"])
    assert alex.get(f"/me/mailFolders/{chess}").status_code == 200
    assert alex.get(f"/me/messages/{free['id']}").status_code == 200, "all of it or nothing"


def test_a_folder_is_thrown_away_and_emptied_as_ever(alex: Graph, letter: dict[str, Any]) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    clubs = alex.made("/me/mailFolders", {"displayName": "Clubs"})["id"]
    alex.made(f"/me/messages/{letter['id']}/move", {"destinationId": clubs})
    for _ in range(2):
        assert alex.delete(f"/me/mailFolders/{clubs}").status_code == 204
    beyond = alex.values("/me/mailFolders/recoverableitemsdeletions/messages")
    assert [each["subject"] for each in beyond] == ["Fabrikam"], "it went where it can be fetched back from"


def test_a_folder_without_anything_that_is_held_is_deleted_for_good(alex: Graph) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY, search="fabrikam")
    clubs = alex.made("/me/mailFolders", {"displayName": "Clubs"})["id"]
    alex.made(f"/me/mailFolders/{clubs}/messages", {"subject": "Weather"})
    assert alex.post(f"/me/mailFolders/{clubs}/permanentDelete").status_code == 204


def test_in_a_batch_only_what_is_held_is_refused(alex: Graph, letter: dict[str, Any]) -> None:
    free = alex.draft(subject="Weather")
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY, search="fabrikam")
    asks = [
        write(number, "POST", f"/me/messages/{each['id']}/permanentDelete", {})
        for number, each in enumerate((letter, free), 1)
    ]
    assert statuses(alex.lasting, *asks) == [403, 204]
    assert len(alex.book.mailbox(ALEX).refused_removals()) == 1


def test_an_application_is_refused_too_and_named(robot: Graph, letter: dict[str, Any]) -> None:
    robot.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    noted = refused(robot, "POST", f"/users/{ALEX}/messages/{letter['id']}/permanentDelete")
    assert noted.on.actor == "app:a-daemon"


def test_nobody_who_follows_the_mailbox_notices(alex: Graph, letter: dict[str, Any]) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    paths = ("/me/mailFolders/inbox/messages/delta", "/me/mailFolders/delta")
    links = [delta_link(alex, path) for path in paths]
    refused(alex, "POST", f"/me/messages/{letter['id']}/permanentDelete")
    assert [alex.values(link) for link in links] == [[], []]


def test_nobody_elses_mailbox_is_held(alex: Graph, megan: Graph) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    draft = megan.draft()
    assert megan.post(f"/me/messages/{draft['id']}/permanentDelete").status_code == 204
    assert megan.book.mailbox(MEGAN).refused_removals() == []


def test_what_is_not_there_is_not_found_and_nothing_is_written_down(alex: Graph) -> None:
    alex.book.mailbox(ALEX).place_hold("Fabrikam", why=WHY)
    draft = alex.draft()["id"]
    stale = alex.draft()["id"]
    alex.made(f"/me/messages/{stale}/move", {"destinationId": "archive"})
    alex.refused("POST", f"/me/messages/{stale}/permanentDelete", 404, "ErrorItemNotFound")
    wrong = {"headers": {"If-Match": 'W/"AAAA"'}}
    alex.refused("POST", f"/me/messages/{draft}/permanentDelete", 412, "ErrorIrresolvableConflict", **wrong)
