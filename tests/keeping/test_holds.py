"""What is held stays, whoever asks, until the hold is released; and whoever tried is on record."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, Message, open_book
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.application.held import Life, unread
from letterbook.application.work import Work
from letterbook.domain.holds import Removal, RemovalRefused
from letterbook.domain.inbox_rules import Actions, DefineRule, InboxRule
from letterbook.domain.letter import Letter
from letterbook.domain.message import DeleteForGood, MessageCommand, Update
from letterbook.domain.refusals import (
    Held,
    HoldAmbiguous,
    HoldNameTaken,
    HoldUnexplained,
    HoldUnknown,
    NotFound,
)
from tests.fakes import FakeClock

WHY = "Fabrikam sues us."
DANA = "danas@contoso.com"


def subjects(mailbox: Mailbox, folder: str = "drafts") -> list[str]:
    """What is in a folder."""
    return [each.subject for each in mailbox.folder(folder)]


def facts_of(mailbox: Mailbox, message: Message) -> list[str]:
    """What happened to a message."""
    return [type(fact).__name__ for fact in mailbox.history(message)]


def asking(mailbox: Mailbox, message: Message, *asks: MessageCommand) -> Callable[[Work], None]:
    """The job that asks something of a message."""
    name, on = mailbox._name(message), mailbox._on()

    def job(work: Work) -> None:
        for ask in asks:
            work.ask_message(mailbox.id, name, ask, on)

    return job


def refused(mailbox: Mailbox, message: Message) -> None:
    """It cannot be deleted for good, nothing happens to it, and that it was tried is written down."""
    before, tried = facts_of(mailbox, message), len(mailbox.refused_removals())
    with pytest.raises(Held):
        mailbox.delete_for_good(message)
    assert facts_of(mailbox, message) == before
    assert len(mailbox.refused_removals()) == tried + 1


def deleted(mailbox: Mailbox, message: Message) -> None:
    """It can be deleted for good."""
    mailbox.delete_for_good(message)
    assert facts_of(mailbox, message)[-1] == "Deleted"


# --- Placing and releasing -------------------------------------------------------------------------


def test_a_hold_is_placed_by_somebody_for_a_reason(alex: Mailbox, megan: Mailbox, clock: FakeClock) -> None:
    hold = alex.place_hold("Fabrikam", why=WHY, search="fabrikam", by=DANA)
    assert alex.holds() == [hold]
    assert (hold.name, hold.why, hold.search) == ("Fabrikam", WHY, "fabrikam")
    assert (hold.on.actor, hold.on.at) == (DANA, clock.now())
    assert megan.holds() == []


def test_a_hold_without_name_or_reason_or_with_a_name_that_is_taken_is_refused(alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    for name, why, kind in (("Audit", "", HoldUnexplained), ("fabrikam", WHY, HoldNameTaken)):
        with pytest.raises(kind):
            alex.place_hold(name, why=why)
    assert [hold.name for hold in alex.holds()] == ["Fabrikam"]


@pytest.mark.parametrize("search", ["", '"open', "received:someday", "(a", "AND"])
def test_a_hold_for_a_search_that_cannot_be_read_is_refused(alex: Mailbox, search: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        alex.place_hold("Fabrikam", why=WHY, search=search)
    assert alex.holds() == []


def test_a_hold_is_released_by_name(alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    draft = alex.create_draft()
    with pytest.raises(HoldUnexplained):
        alex.release_hold("Fabrikam", why="")
    alex.release_hold("FABRIKAM", why="They settled.", by=DANA)
    assert alex.holds() == []
    with pytest.raises(HoldUnknown):
        alex.release_hold("Fabrikam", why="They settled.")
    deleted(alex, draft)


def test_a_hold_is_released_by_its_id_too(alex: Mailbox) -> None:
    kept, other = alex.place_hold("Fabrikam", why=WHY), alex.place_hold("Audit", why=WHY)
    taken = alex.place_hold(str(other.hold_id), why=WHY)
    assert alex.release_hold(str(kept.hold_id), why="They settled.") == kept
    before = alex.changes()
    with pytest.raises(HoldAmbiguous):
        alex.release_hold(str(other.hold_id), why="Done.")
    assert alex.changes() == before
    assert alex.release_hold(str(taken.hold_id), why="Called so by mistake.") == taken
    assert alex.holds() == [other]


# --- What is held ----------------------------------------------------------------------------------


def test_nothing_in_a_mailbox_that_is_held_is_deleted_for_good(alex: Mailbox, megan: Mailbox) -> None:
    mine, hers = alex.create_draft(subject="Mine"), megan.create_draft(subject="Hers")
    alex.place_hold("Fabrikam", why=WHY)
    refused(alex, mine)
    refused(alex, alex.create_draft(subject="Begun later"))
    deleted(megan, hers)


def test_what_is_held_can_be_thrown_away_but_not_the_last_step(alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    draft = alex.create_draft(subject="Lunch")
    alex.delete(draft)
    assert subjects(alex, "deleteditems") == ["Lunch"]
    alex.delete(draft)
    assert subjects(alex, "recoverableitemsdeletions") == ["Lunch"]
    with pytest.raises(Held):
        alex.delete(draft)
    assert subjects(alex, "recoverableitemsdeletions") == ["Lunch"]
    assert facts_of(alex, draft) == ["DraftCreated", "Moved", "Moved"]


def test_what_is_held_can_be_changed_as_its_history_keeps_what_it_was(alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    draft = alex.update_draft(alex.create_draft(subject="Lunch"), subject="Dinner")
    assert facts_of(alex, draft) == ["DraftCreated", "DraftUpdated"]


@pytest.mark.parametrize(
    "search",
    [
        "fabrikam",
        "subject:offer",
        "participants:danas",
        "to:danas",
        "body:price*",
        "attachment:offer.txt",
        "hasattachment:true",
        "received:2026-03-02",
        "received:today",
        "importance:high OR size>4",
        "NOT weather",
        "kind:email",
    ],
)
def test_a_search_holds_what_it_finds(alex: Mailbox, search: str) -> None:
    offer = alex.create_draft(subject="Our offer", body="The price for Fabrikam", to=["danas@fabrikam.com"])
    offer = alex.attach(offer, "offer.txt", b"1,000")
    alex.place_hold("Fabrikam", why=WHY, search=search)
    assert [found.id for found in alex.search(search)] == [offer.id]
    assert [hold.name for hold in alex.holds_on(offer)] == ["Fabrikam"]
    refused(alex, offer)


@pytest.mark.parametrize(
    "search",
    ["wingtip", "subject:price", "from:megan", "received<2026-03-02", "NOT offer", "kind:tasks", "size>900"],
)
def test_a_search_holds_nothing_else(alex: Mailbox, search: str) -> None:
    offer = alex.create_draft(subject="Our offer", body="The price for Fabrikam", to=["danas@fabrikam.com"])
    alex.place_hold("Fabrikam", why=WHY, search=search)
    assert alex.search(search) == alex.holds_on(offer) == []
    deleted(alex, offer)
    assert alex.refused_removals() == []


def test_what_is_there_is_held_wherever_it_is(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Fabrikam")
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    for folder in ("archive", "junkemail", "deleteditems", "recoverableitemsdeletions"):
        refused(alex, alex.move(draft, folder))


def test_today_is_the_day_on_which_the_hold_was_placed(alex: Mailbox, clock: FakeClock) -> None:
    monday = alex.create_draft()
    alex.place_hold("Fabrikam", why=WHY, search="received:today")
    clock.pass_by(timedelta(days=1))
    refused(alex, monday)
    deleted(alex, alex.create_draft())


def test_writing_something_else_over_it_frees_nothing(alex: Mailbox) -> None:
    before = alex.create_draft(subject="Fabrikam")
    alex.update_draft(before, subject="Weather")
    alex.place_hold("Fabrikam", why=WHY, search="subject:fabrikam")
    after = alex.create_draft(subject="Fabrikam")
    for subject in ("Sports", "Weather"):
        alex.update_draft(after, subject=subject)
    for draft in (before, after):
        refused(alex, draft)


def test_what_it_said_for_a_moment_within_one_transaction_counts_too(book: Book, alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY, search="subject:fabrikam")
    draft = alex.create_draft(subject="Weather")
    asks: tuple[MessageCommand, ...]
    asks = (*(Update(changes=Letter(subject=said)) for said in ("Fabrikam", "Sports")), DeleteForGood())
    *rewritten, gone = book.engine.run_all([asking(alex, draft, ask) for ask in asks])
    for ticket in rewritten:
        ticket.outcome()
    with pytest.raises(Held):
        gone.outcome()
    assert subjects(alex) == ["Sports"]
    assert facts_of(alex, draft) == ["DraftCreated", "DraftUpdated", "DraftUpdated"]


def test_what_has_a_large_body_is_looked_through(alex: Mailbox) -> None:
    long = alex.create_draft(body="At noon? " * 10_000 + "fabrikam")
    alex.place_hold("Fabrikam", why=WHY, search="body:fabrikam")
    refused(alex, long)


def test_each_hold_that_is_on_it_is_named_and_one_is_enough(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Fabrikam")
    for name, search in (("First", "fabrikam"), ("Second", None), ("Third", "wingtip")):
        alex.place_hold(name, why=WHY, search=search)
    first, second, _ = alex.holds()
    refused(alex, draft)
    alex.release_hold("Second", why="Over.")
    refused(alex, draft)
    assert [tried(each.fact).holds for each in alex.refused_removals()] == [
        (first.hold_id, second.hold_id),
        (first.hold_id,),
    ]


def test_what_was_deleted_before_is_held_still(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Fabrikam")
    alex.delete_for_good(draft)
    hold = alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    assert alex.holds_on(draft) == [hold], "it can still be erased"


def test_a_message_that_never_was_has_no_holds(alex: Mailbox, megan: Mailbox) -> None:
    hers = megan.create_draft()
    with pytest.raises(NotFound):
        alex.holds_on(hers)


def test_a_search_that_nobody_can_read_any_more_holds_everything(book: Book, alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    draft = alex.create_draft(subject="Weather")
    assert alex.holds_on(draft) == []

    book.engine.read_search = unread
    refused(alex, draft)


def test_where_nothing_is_held_nothing_is_looked_at(
    alex: Mailbox, megan: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    megan.place_hold("Fabrikam", why=WHY)
    mine, hers = alex.create_draft(), megan.create_draft()
    monkeypatch.delattr(Life, "holds")
    deleted(alex, mine)
    with pytest.raises(AttributeError, match="holds"):
        megan.delete_for_good(hers)


def test_a_hold_that_another_process_placed_counts_at_once(tmp_path: Path) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, deliver=False) as server, open_book(place, deliver=False) as terminal:
        here, there = (each.mailbox("alexw@contoso.com") for each in (server, terminal))
        draft = here.create_draft(subject="Fabrikam")
        there.place_hold("Fabrikam", why=WHY)
        refused(here, draft)
        there.release_hold("Fabrikam", why="Over.")
        deleted(here, draft)


# --- What is written down --------------------------------------------------------------------------


def tried(fact: object) -> RemovalRefused:
    """What somebody tried."""
    assert isinstance(fact, RemovalRefused)
    return fact


def test_who_tried_what_and_when_is_written_down(alex: Mailbox, clock: FakeClock) -> None:
    hold = alex.place_hold("Fabrikam", why=WHY)
    draft = alex.create_draft()
    clock.pass_by(timedelta(hours=1))
    for _ in range(2):
        refused(alex, draft)
    first, second = alex.refused_removals()
    fact = tried(first.fact)
    assert (fact.message, fact.removal, fact.holds) == (alex._name(draft), Removal.DELETE, (hold.hold_id,))
    assert (fact.on.actor, fact.on.at) == (alex.address, clock.now())
    assert first.fact.on.cause != second.fact.on.cause


def test_it_is_written_down_for_good_before_anybody_is_told(book: Book, alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    draft = alex.create_draft()
    refused(alex, draft)
    book.engine.forget()
    with book.engine.store.reading() as session:
        assert session.history.read(alex.id)[-1] == alex.refused_removals()[-1]
    assert all(each.equal for each in book.rebuild(verify=True))


def test_a_refusal_takes_nothing_of_its_neighbours_along(book: Book, alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    kept, free = alex.create_draft(subject="Fabrikam"), alex.create_draft(subject="Weather")
    bad, good = (asking(alex, each, DeleteForGood()) for each in (kept, free))

    def both(work: Work) -> None:
        good(work)
        bad(work)

    *failed, done = book.engine.run_all([both, bad, good])
    for ticket in failed:
        with pytest.raises(Held):
            ticket.outcome()
    done.outcome()
    assert (facts_of(alex, kept), facts_of(alex, free)) == (["DraftCreated"], ["DraftCreated", "Deleted"])
    assert len(alex.refused_removals()) == 1, "the same was asked twice, on the same occasion"


# --- What else removes -----------------------------------------------------------------------------


def test_a_rule_that_destroys_what_arrives_stops_before_the_last_step(
    book: Book, alex: Mailbox, megan: Mailbox
) -> None:
    rule = InboxRule(id=book.engine.ids.new(), name="All", sequence=1, actions=Actions(permanent_delete=True))
    on = book.engine.occasion(alex.address)
    book.engine.run(lambda work: work.ask_mailbox(alex.id, DefineRule(rule), on))
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    for subject in ("Fabrikam", "Weather"):
        megan.send_mail(subject=subject, to=["alexw@contoso.com"])
    book.deliver()
    assert subjects(alex, "recoverableitemsdeletions") == ["Fabrikam"]
    assert subjects(alex, "inbox") == []
    gone = [each for each in alex.changes() if type(each.fact).__name__ == "Deleted"]
    assert len(gone) == 1, "what is not held is destroyed as ever"


def test_holds_are_shown_as_of_any_moment(alex: Mailbox, clock: FakeClock) -> None:
    before = clock.now()
    clock.pass_by(timedelta(hours=1))
    hold = alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    draft, other = alex.create_draft(subject="Fabrikam"), alex.create_draft(subject="Weather")
    then = clock.now()
    clock.pass_by(timedelta(hours=1))
    alex.release_hold("Fabrikam", why="Over.")
    assert alex.at(before).holds() == alex.holds() == []
    assert alex.at(then).holds() == alex.at(then).holds_on(draft) == [hold]
    assert alex.at(then).holds_on(other) == []


def test_a_difference_tells_of_holds(alex: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    alex.place_hold("Audit", why=WHY)
    (difference,) = alex.diff(1)
    assert difference.what == "settings"
    assert [(each.name, each.before, each.after) for each in difference.changes] == [
        ("holds", None, {"Fabrikam": "fabrikam", "Audit": "everything"})
    ]


def test_a_hold_stops_nobody_from_reading_or_writing(book: Book, alex: Mailbox, megan: Mailbox) -> None:
    alex.place_hold("Fabrikam", why=WHY)
    megan.send_mail(subject="Lunch", to=["alexw@contoso.com"])
    book.deliver()
    alex.reply(alex.mark_read(alex.folder("inbox")[0]), "Yes")
    book.deliver()
    assert len(megan.folder("inbox")) == 1
    assert alex.refused_removals() == []


def test_a_fork_is_held_as_its_original_was(book: Book, alex: Mailbox, tmp_path: Path) -> None:
    in_file = isinstance(book.engine.store, SqliteStore)
    draft = alex.create_draft(subject="Fabrikam")
    alex.place_hold("Fabrikam", why=WHY, search="fabrikam")
    with book.fork(tmp_path / "fork.db" if in_file else ":memory:") as fork:
        refused(fork.mailbox(alex.address), draft)
        fork.mailbox(alex.address).release_hold("Fabrikam", why="Only here.")
    refused(alex, draft)
