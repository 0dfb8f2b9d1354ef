"""Holds and retention at a terminal: placed, listed, released; what was tried; what went."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from letterbook import Book, open_book
from letterbook.application.retaining import Retained
from letterbook.domain.refusals import Held
from tests.cli.terminal import ADELE, ALEX, Terminal
from tests.fakes import FakeClock
from tests.keeping.foldering import discard, new_folder

WHY = ("--why", "Fabrikam v. Contoso")
DANA = ("--by", "danas@contoso.com")


def delete_for_good(office: Terminal, message: str) -> None:
    """Alex deletes a message, which a hold may refuse."""
    with open_book(office.store, deliver=False) as book:
        book.mailbox(ALEX).delete_for_good(message)


# --- Holds -----------------------------------------------------------------------------------------


def test_a_hold_is_placed_listed_and_released(office: Terminal) -> None:
    placed = office.ask("hold", "place", "Fabrikam", *WHY, *DANA, "--search", "offer", "--as", ALEX)
    assert placed.keys() == {"mailbox", "hold", "search", "why", "since", "by", "id"}
    assert (placed["mailbox"], placed["hold"], placed["search"]) == (ALEX, "Fabrikam", "offer")
    assert (placed["why"], placed["by"]) == ("Fabrikam v. Contoso", "danas@contoso.com")
    assert office.tell("hold", "place", "Audit", *WHY, "--as", ADELE) == (
        f"Audit holds everything in the mailbox of {ADELE}.\n"
    )
    audit, fabrikam = office.ask("hold", "list")
    assert (audit["hold"], audit["search"], audit["by"]) == ("Audit", None, "system:book")
    assert fabrikam == placed
    assert office.ask("hold", "list", "--as", ALEX) == [placed]
    assert f"{ALEX}" in office.tell("hold", "release", "FABRIKAM", "--why", "Settled", "--as", ALEX)
    assert office.ask("hold", "list") == [audit]
    assert office.ask("hold", "release", audit["id"], "--why", "Over", "--as", ADELE) == audit
    assert office.ask("hold", "list") == []


def test_holds_are_a_table_for_people(office: Terminal) -> None:
    assert office.tell("hold", "list") == "Nothing is held.\n"
    office.tell("hold", "place", "Fabrikam", *WHY, "--as", ALEX)
    head, line = office.tell("hold", "list").splitlines()
    assert head.split() == ["MAILBOX", "HOLD", "SEARCH", "SINCE", "BY", "WHY"]
    assert line.startswith(f"{ALEX}  Fabrikam  everything  20")
    assert line.endswith("system:book  Fabrikam v. Contoso")


def test_what_was_held_and_kept_then_can_be_asked(office: Terminal) -> None:
    """Of all mailboxes, those that were there; positions are those of each."""
    before = datetime.now(UTC) - timedelta(days=1)
    placed = office.ask("hold", "place", "Fabrikam", *WHY, "--as", ALEX)
    office.tell("retention", "set", "drafts", "--days", "9", "--as", ALEX)
    office.tell("hold", "release", "Fabrikam", "--why", "Settled", "--as", ALEX)
    mine = ("--as", ALEX)
    assert office.ask("hold", "list", *mine) == office.ask("hold", "list", *mine, "--at", "1") == []
    assert office.ask("hold", "list", *mine, "--at", "2") == [placed]
    assert office.ask("retention", "list", *mine, "--at", "2") == []
    assert [each["days"] for each in office.ask("retention", "list", *mine, "--at", "3")] == [9]
    assert office.ask("hold", "refusals", *mine, "--at", "3") == []
    assert office.ask("hold", "list", "--at", "1") == office.ask("hold", "list", "--at", str(before)) == []
    assert ALEX in office.refused("hold", "list", *mine, "--at", str(before))
    assert "99" in office.refused("hold", "list", "--at", "99")


def test_a_hold_that_cannot_be_is_refused(office: Terminal) -> None:
    place = ("hold", "place", "Fabrikam", "--as", ALEX)
    assert "--why" in office.refused(*place, code=2)
    assert "needs a reason" in office.refused(*place, "--why", " ")
    assert "quotation mark" in office.refused(*place, *WHY, "--search", '"open', code=2)
    office.tell(*place, *WHY)
    assert "already" in office.refused(*place, *WHY)
    assert "no hold 'Audit'" in office.refused("hold", "release", "Audit", "--why", "Over", "--as", ALEX)
    assert "Whose mailbox?" in office.refused("hold", "place", "Audit", *WHY, code=2)


def test_what_was_tried_is_listed_with_the_names_of_holds_that_are_released_since(office: Terminal) -> None:
    assert office.tell("hold", "refusals") == "Nobody tried to remove what is held.\n"
    draft = office.draft("--as", ALEX, "--subject", "Offer")
    office.tell("hold", "place", "Fabrikam", *WHY, "--as", ALEX)
    with pytest.raises(Held):
        delete_for_good(office, draft)
    office.tell("hold", "release", "Fabrikam", "--why", "Settled", "--as", ALEX)
    (tried,) = office.ask("hold", "refusals")
    assert tried.pop("when").startswith("20")
    assert tried.pop("why").startswith("request:")
    assert tried == {
        "mailbox": ALEX,
        "tried": "delete",
        "by": ALEX,
        "holds": ["Fabrikam"],
        "message": draft,
    }
    assert office.ask("hold", "refusals", "--as", ADELE) == []
    assert draft in office.tell("hold", "refusals", "--as", ALEX)
    delete_for_good(office, draft)


# --- Retention -------------------------------------------------------------------------------------


def test_a_rule_is_set_listed_and_cleared(office: Terminal) -> None:
    assert office.tell("retention", "list") == "No folder says how long messages are kept.\n"
    (rule,) = office.ask("retention", "set", "deleteditems", "--days", "30", *DANA, "--as", ALEX)
    assert rule.pop("id").startswith("AAMk")
    assert rule == {
        "mailbox": ALEX,
        "folder": "Deleted Items",
        "days": 30,
        "action": "delete",
        "by": "danas@contoso.com",
    }
    said = office.tell("retention", "set", "Drafts", "--days", "7", "--as", ADELE)
    assert said == f"Messages are kept 7 days in Drafts of {ADELE}, then they are deleted for good.\n"
    listed = {(each["mailbox"], each["folder"]): each["days"] for each in office.ask("retention", "list")}
    assert listed == {(ALEX, "Deleted Items"): 30, (ADELE, "Drafts"): 7}
    assert len(office.ask("retention", "list", "--as", ADELE)) == 1
    office.tell("retention", "clear", "Deleted Items", "--as", ALEX)
    assert [each["mailbox"] for each in office.ask("retention", "list")] == [ADELE]


@pytest.mark.parametrize("days", ["0", "-1", "many", "24856"])
def test_days_are_counted(office: Terminal, days: str) -> None:
    assert "--days" in office.refused("retention", "set", "inbox", "--days", days, "--as", ALEX, code=2)


def test_what_has_been_kept_long_enough_goes_and_what_is_held_is_counted(office: Terminal) -> None:
    assert office.tell("retain") == "Nothing has been kept long enough.\n"
    office.tell("retention", "set", "drafts", "--days", "1", "--as", ALEX)
    days_ago = FakeClock(datetime.now(UTC) - timedelta(days=2))
    with open_book(office.store, clock=days_ago, deliver=False) as book:
        for subject in ("Offer", "Lunch", "Dinner"):
            book.mailbox(ALEX).create_draft(subject=subject)
    office.draft("--as", ALEX, "--subject", "Breakfast")
    office.tell("hold", "place", "Fabrikam", *WHY, "--search", "offer", "--as", ALEX)
    (done,) = office.ask("retain")
    assert done.pop("id").startswith("AAMk")
    rule = {"mailbox": ALEX, "folder": "Drafts", "days": 1, "action": "delete"}
    assert done == rule | {"removed": 2, "held": 1, "impossible": 0}
    head, line = office.tell("retain").splitlines()
    assert head.split() == ["MAILBOX", "FOLDER", "DAYS", "ACTION", "REMOVED", "HELD", "IMPOSSIBLE"]
    assert line.split() == [ALEX, "Drafts", "1", "delete", "0", "1", "0"]
    assert [each["subject"] for each in office.ask("drafts", "--as", ALEX)] == [
        "Breakfast",
        "Offer",
    ]


def test_a_folder_that_is_deleted_while_retention_is_at_work_is_called_by_its_id(
    office: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    days_ago = FakeClock(datetime.now(UTC) - timedelta(days=2))
    with open_book(office.store, clock=days_ago, deliver=False) as book:
        alex = book.mailbox(ALEX)
        folder = new_folder(book, alex, "Offers", "inbox")
        alex.set_retention(folder, days=1)
        alex.create_draft(subject="Offer", folder=folder)
    retain = Book.retain

    def and_then_discarded(book: Book, **how: Any) -> list[Retained]:
        done = retain(book, **how)
        for _ in ("to Deleted Items", "for good"):
            discard(book, book.mailbox(ALEX), folder)
        return done

    monkeypatch.setattr(Book, "retain", and_then_discarded)
    (done,) = office.ask("retain")

    assert (done["folder"], done["id"], done["removed"]) == (folder, folder, 1)
