"""What is held is not erased, and what has been kept long enough is, where the store can do it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, open_book
from letterbook.application.erasing import Trace
from letterbook.application.retaining import RETENTION
from letterbook.domain.facts import Forgotten
from letterbook.domain.holds import HoldPlaced, HoldReleased, Removal, RemovalRefused
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Erased
from letterbook.domain.refusals import Held, StoreUnencrypted
from letterbook.domain.retention import RetentionAction, SetRetention
from tests.fakes import FakeClock

ALEX, MEGAN = "alexw@contoso.com", "meganb@contoso.com"
WHY, ORDER = "Fabrikam sues us.", "Article 17, request 4711"
DAY = timedelta(days=1)


@pytest.fixture
def book(tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """An encrypted book."""
    with open_book(tmp_path / "mail.db", clock=clock, deliver=False, encrypted=True) as book:
        for address in (ALEX, MEGAN):
            book.add_user(address)
        yield book


def tried(mailbox: Mailbox) -> list[tuple[object, Removal, str]]:
    """What was refused: of which message, how, and who asked."""
    facts = [each.fact for each in mailbox.refused_removals()]
    assert all(isinstance(fact, RemovalRefused) for fact in facts)
    return [(fact.message, fact.removal, fact.on.actor) for fact in facts if isinstance(fact, RemovalRefused)]


# --- Holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("search", [None, "subject:fabrikam"])
def test_a_message_that_is_held_is_not_erased(alex: Mailbox, search: str | None) -> None:
    draft = alex.create_draft(subject="Fabrikam")
    alex.place_hold("Fabrikam", why=WHY, search=search)
    with pytest.raises(Held):
        alex.erase(draft, why=ORDER, by="danas@contoso.com")
    assert alex.message(draft).subject == "Fabrikam"
    assert tried(alex) == [(alex._name(draft), Removal.ERASE, "danas@contoso.com")]
    alex.release_hold("Fabrikam", why="They settled.")
    alex.erase(draft, why=ORDER)
    assert isinstance(alex.history(draft)[-1], Erased)


def test_what_was_deleted_before_the_hold_is_not_erased_either(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Fabrikam")
    alex.delete_for_good(draft)
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    with pytest.raises(Held):
        alex.erase(draft, why=ORDER)
    assert not any(isinstance(fact, Forgotten) for fact in alex.history(draft))


def test_what_is_not_held_can_be_erased(alex: Mailbox) -> None:
    weather = alex.create_draft(subject="Weather")
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    alex.erase(weather, why=ORDER)
    assert alex.refused_removals() == []
    assert alex.holds_on(weather) == [], "nobody knows any more what it said"


def test_of_somebody_who_is_erased_what_is_held_stays(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    for subject in ("Fabrikam", "Weather"):
        alex.send_mail(subject=subject, to=[MEGAN])
    book.deliver()
    megan.place_hold("Fabrikam", why=WHY, search="fabrikam")
    erasure = book.erase_people([ALEX], why=ORDER, by="danas@contoso.com")
    assert (erasure.mailboxes, erasure.messages, erasure.held_messages) == ((ALEX,), 1, 1)
    assert [each.subject for each in megan.folder("inbox")] == ["Fabrikam"]
    kept = megan._name(megan.folder("inbox")[0])
    assert tried(megan) == [(kept, Removal.ERASE, "danas@contoso.com")]


@pytest.mark.parametrize("search", [None, "subject:fabrikam"])
def test_a_mailbox_in_which_something_is_held_is_not_erased(
    book: Book, alex: Mailbox, megan: Mailbox, search: str | None
) -> None:
    alex.send_mail(subject="Fabrikam", to=[MEGAN])
    book.deliver()
    alex.delete_for_good(alex.sent_items()[0])
    alex.place_hold("Fabrikam", why=WHY, search=search)
    erasure = book.erase_people([ALEX], why=ORDER, by="danas@contoso.com")
    assert (erasure.mailboxes, erasure.held_mailboxes, erasure.messages) == ((), (ALEX,), 1)
    assert tried(alex) == [(None, Removal.ERASE, "danas@contoso.com")]
    assert len(alex.drafts()) == 0
    alex.create_draft(subject="Still there")
    assert megan.folder("inbox") == [], "what she got is not held"


def test_a_mailbox_in_which_a_search_finds_nothing_is_erased(book: Book, alex: Mailbox) -> None:
    alex.create_draft(subject="Weather")
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    assert book.erase_people([ALEX], why=ORDER).mailboxes == (ALEX,)


def test_who_held_what_stays_readable_when_the_mailbox_is_erased(book: Book, alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    alex.release_hold("Fabrikam", why="They settled.")
    alex.set_retention("inbox", days=30)
    home = alex.id
    book.erase_people([ALEX], why=ORDER)
    with book.engine.store.reading() as session:
        facts = [each.fact for each in session.history.of(home, home)]
    assert isinstance(facts[0], Forgotten)
    (placed,) = [fact for fact in facts if isinstance(fact, HoldPlaced)]
    (released,) = [fact for fact in facts if isinstance(fact, HoldReleased)]
    assert (placed.why, released.why) == (WHY, "They settled.")
    assert book.retain() == []


def test_where_the_history_of_holds_still_names_them_is_told(book: Book, alex: Mailbox) -> None:
    """It is in clear, and stays when the mailbox is erased."""
    draft = alex.create_draft(subject="Fabrikam")
    alex.place_hold("Fabrikam", why=WHY, by="danas@contoso.com")
    with pytest.raises(Held):
        alex.delete_for_good(draft)
    alex.release_hold("Fabrikam", why="They settled.", by="danas@contoso.com")
    erasure = book.erase_people([ALEX], why=ORDER)
    assert erasure.mailboxes == (ALEX,)
    assert erasure.traces == (Trace(alex.id, None, RemovalRefused.stored_name, ALEX),)


# --- Retention -------------------------------------------------------------------------------------


def test_what_has_been_kept_long_enough_is_erased(
    book: Book, alex: Mailbox, clock: FakeClock, tmp_path: Path
) -> None:
    alex.set_retention("drafts", days=30, action="erase")
    old = alex.create_draft(subject="Zanzibar old")
    held = alex.create_draft(subject="Fabrikam")
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    clock.pass_by(29 * DAY)
    alex.create_draft(subject="New")
    clock.pass_by(DAY)
    (done,) = book.retain()
    assert (done.removed, done.held, done.impossible) == (1, 1, 0)
    assert sorted(each.subject for each in alex.drafts()) == ["Fabrikam", "New"]
    forgotten, erased = alex.history(old)
    assert isinstance(forgotten, Forgotten)
    assert isinstance(erased, Erased)
    assert (erased.why, erased.on.actor) == ("kept 30 days", RETENTION)
    assert alex.message(held).subject == "Fabrikam"
    assert all(b"Zanzibar" not in each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert alex.search("zanzibar") == []
    assert book.verify().good


def test_what_an_erased_letter_was_to_send_is_not_sent(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("sentitems", days=1, action="erase")
    alex.send_mail(subject="Lunch", to=["adelev@contoso.com"])
    assert book.waiting() == 1
    clock.pass_by(DAY)
    book.retain()
    assert book.waiting() == 0


# --- A store that cannot erase ---------------------------------------------------------------------


def test_a_store_that_is_not_encrypted_promises_no_erasure(tmp_path: Path, clock: FakeClock) -> None:
    with open_book(tmp_path / "clear.db", clock=clock, deliver=False) as book:
        alex = book.mailbox(ALEX)
        with pytest.raises(StoreUnencrypted):
            alex.set_retention("drafts", days=30, action="erase")
        assert alex.retention() == []


def test_where_it_was_promised_elsewhere_what_cannot_be_erased_is_counted(
    tmp_path: Path, clock: FakeClock
) -> None:
    with open_book(tmp_path / "clear.db", clock=clock, deliver=False) as book:
        alex = book.mailbox(ALEX)
        ask = SetRetention(well_known_id(alex.id, "drafts"), 30, RetentionAction.ERASE)
        on = book.engine.occasion(ALEX)
        book.engine.run(lambda work: work.ask_mailbox(alex.id, ask, on))
        alex.create_draft(subject="Old")
        clock.pass_by(30 * DAY)
        (done,) = book.retain()
        assert (done.removed, done.held, done.impossible) == (0, 0, 1)
        assert len(alex.drafts()) == 1
