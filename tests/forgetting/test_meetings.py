"""An earlier invitation is erased: when and where it said the meeting would be is nowhere any more."""

from pathlib import Path
from typing import Any

from letterbook import Mailbox, open_book
from letterbook.application.public_ids import Kind, private
from tests.forgetting.canaries import found
from tests.graph.client import ALEX, Graph
from tests.graph.invitations import shown
from tests.graph.test_meeting_updates import event, was

WHY = "Article 17, request 4711"
ROOM, TIME = "Xylophone", "2026-03-02T07:00"


def invited(alex: Graph, megan: Graph) -> tuple[dict[str, Any], dict[str, Any]]:
    """An invitation, and one that puts the meeting off and elsewhere."""
    return shown(alex, megan, "REQUEST", *event(0, 7, ROOM)), shown(alex, megan, "REQUEST", *event(1, 11))


def test_what_follows_on_an_erased_invitation_no_longer_tells_what_was(
    alex: Graph, megan: Graph, alexs: Mailbox, megans: Mailbox, file: Path
) -> None:
    first, second = invited(alex, megan)
    path = f"/me/messages/{second['id']}"
    assert was(second) == (ROOM, "07:00", "07:30")
    megans.erase(megans.sent_items()[-1], why=WHY)
    assert was(alex.read(path)) == (ROOM, "07:00", "07:30")
    alexs.erase(alexs.message(first["id"]), why=WHY)
    after = alex.read(path)
    assert was(after) == (None, None, None)
    assert after["changeKey"] == second["changeKey"]
    assert after["meetingRequestType"] == "fullUpdate"
    end = alexs.changes()[-1].seq
    assert was(alex.read(f"{path}?asOf={end}")) == (None, None, None)
    assert found(file, (ROOM, TIME)) == set()
    assert all(each.equal for each in alex.book.rebuild(verify=True))
    alex.book.close()
    with open_book(file, deliver=False) as book:
        assert book.verify().good
    assert found(file, (ROOM, TIME)) == set()


def test_what_follows_on_a_deleted_invitation_still_tells_what_was(
    alex: Graph, megan: Graph, alexs: Mailbox
) -> None:
    """It is not shown any more, and its history is there."""
    first, second = invited(alex, megan)
    alexs.delete_for_good(alexs.message(first["id"]))
    (listed,) = alex.values("/me/mailFolders/inbox/messages")
    assert was(listed) == was(alex.read(f"/me/messages/{second['id']}")) == (ROOM, "07:00", "07:30")


def test_the_row_of_what_follows_only_says_on_what(alex: Graph, megan: Graph) -> None:
    first, second = invited(alex, megan)
    name = private(Kind.MESSAGE, first["id"])
    with alex.book.engine.store.reading() as session:
        home = alex.book.mailbox(ALEX).id
        row = session.views.message(home, private(Kind.MESSAGE, second["id"]))
    assert row is not None
    assert ROOM.encode() not in row.ready
    assert str(name).encode() in row.tail
