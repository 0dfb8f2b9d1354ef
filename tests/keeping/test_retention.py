"""What has been kept as long as its folder says goes, and nothing else; what is held is passed over."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from letterbook import Book, Mailbox, Message
from letterbook.application.public_ids import Kind, public
from letterbook.application.retaining import BATCH, RETENTION
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.refusals import FolderIsASearch, NotFound, RetentionImpossible
from letterbook.domain.retention import RetentionAction
from tests.fakes import MONDAY, FakeClock
from tests.keeping.foldering import discard, new_folder, search_folder

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def subjects(mailbox: Mailbox, folder: str) -> list[str]:
    """What is in a folder."""
    return sorted(each.subject for each in mailbox.folder(folder))


def letter(book: Book, subject: str = "Lunch") -> Message:
    """A letter that Alex got from Megan just now."""
    book.mailbox("meganb@contoso.com").send_mail(subject=subject, to=["alexw@contoso.com"])
    book.deliver()
    found: Message = next(
        each for each in book.mailbox("alexw@contoso.com").folder("inbox") if each.subject == subject
    )
    return found


def done(book: Book) -> list[tuple[int, int]]:
    """What a round did: how many it removed, and how many it passed over, folder by folder."""
    return [(each.removed, each.held) for each in book.retain()]


def in_between(happens: Callable[[], object]) -> Callable[[], bool]:
    """Lets something happen when it was found what is to go, and before it goes; stops nothing."""
    asked = iter([lambda: None, happens])

    def stop() -> bool:
        next(asked)()
        return False

    return stop


# --- Rules -----------------------------------------------------------------------------------------


def test_a_rule_is_set_changed_and_cleared(alex: Mailbox, megan: Mailbox) -> None:
    alex.set_retention("inbox", days=30, by="danas@contoso.com")
    alex.set_retention("inbox", days=60, by="danas@contoso.com")
    (rule,) = alex.retention()
    assert (rule.folder, rule.days, rule.action) == (
        well_known_id(alex.id, "inbox"),
        60,
        RetentionAction.DELETE,
    )
    assert rule.on.actor == "danas@contoso.com"
    assert megan.retention() == []
    alex.clear_retention("inbox")
    assert alex.retention() == []


def test_a_rule_that_makes_no_sense_is_refused(alex: Mailbox, megan: Mailbox) -> None:
    for days in (0, -3, 24_856):
        with pytest.raises(RetentionImpossible):
            alex.set_retention("inbox", days=days)
    with pytest.raises(ValueError, match="archive"):
        alex.set_retention("inbox", days=30, action="archive")
    with pytest.raises(NotFound):
        alex.set_retention(public(Kind.FOLDER, well_known_id(megan.id, "inbox")), days=30)
    assert alex.retention() == []


# --- Age -------------------------------------------------------------------------------------------


def test_what_is_old_enough_goes_for_good_and_nothing_else(
    book: Book, alex: Mailbox, megan: Mailbox, clock: FakeClock
) -> None:
    alex.set_retention("inbox", days=30)
    old = letter(book, "Old")
    clock.pass_by(DAY)
    letter(book, "New")
    clock.pass_by(29 * DAY - HOUR)
    assert book.retain() == []
    clock.pass_by(HOUR)
    assert done(book) == [(1, 0)]
    assert subjects(alex, "inbox") == ["New"]
    assert subjects(alex, "deleteditems") == subjects(alex, "recoverableitemsdeletions") == []
    assert subjects(megan, "sentitems") == ["New", "Old"], "the sender has no rule"
    assert [type(fact).__name__ for fact in alex.history(old)] == ["Received", "Deleted"], "history stays"
    assert book.retain() == [], "a second time there is nothing to do"


def test_it_goes_in_the_name_of_the_rule(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("inbox", days=30)
    (order,) = [each for each in alex.changes() if type(each.fact).__name__ == "RetentionSet"]
    old = letter(book)
    clock.pass_by(31 * DAY)
    (what,) = book.retain()
    gone = alex.history(old)[-1]
    assert (gone.on.at, gone.on.actor) == (clock.now(), RETENTION)
    assert gone.on.cause == f"fact:{alex.id}/{order.seq}"
    assert (what.mailbox, what.folder, what.rule) == (alex.id, well_known_id(alex.id, "inbox"), order.fact)


def test_a_message_is_as_old_as_its_delivery_wherever_it_is_by_now(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    alex.set_retention("archive", days=30)
    old = letter(book)
    clock.pass_by(31 * DAY)
    alex.mark_read(alex.move(old, "archive"))
    assert done(book) == [(1, 0)]


def test_a_draft_is_as_old_as_its_beginning(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("drafts", days=30)
    draft = alex.create_draft(subject="Lunch")
    clock.pass_by(29 * DAY)
    alex.update_draft(draft, subject="Dinner")
    clock.pass_by(DAY)
    assert done(book) == [(1, 0)]


def test_what_was_thrown_away_can_be_fetched_back_for_as_long(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    alex.set_retention("deleteditems", days=30)
    alex.set_retention("recoverableitemsdeletions", days=14)
    old = letter(book)
    clock.pass_by(365 * DAY)
    alex.delete(old)
    clock.pass_by(29 * DAY)
    alex.mark_read(old)
    clock.pass_by(HOUR)
    assert book.retain() == []
    alex.delete(old)
    clock.pass_by(14 * DAY - HOUR)
    assert book.retain() == []
    clock.pass_by(HOUR)
    assert done(book) == [(1, 0)]


def test_what_lies_untouched_in_deleted_items_goes(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("deleteditems", days=30)
    alex.delete(letter(book, "Untouched"))
    read = letter(book, "Read")
    alex.delete(read)
    clock.pass_by(29 * DAY)
    alex.mark_read(read)
    clock.pass_by(DAY)
    assert done(book) == [(2, 0)]


def test_a_folder_that_was_thrown_away_takes_its_time_too(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    alex.set_retention("deleteditems", days=30)
    clubs = new_folder(book, alex, "Clubs", "archive")
    alex.move(letter(book), clubs)
    clock.pass_by(365 * DAY)
    discard(book, alex, clubs)
    clock.pass_by(30 * DAY - HOUR)
    assert book.retain() == []
    clock.pass_by(HOUR)
    assert done(book) == [(1, 0)]
    assert any(row.name == "Clubs" for row in alex.folders()), "only messages go"


# --- Folders ---------------------------------------------------------------------------------------


def test_the_nearest_rule_counts(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    clubs = new_folder(book, alex, "Clubs", "archive")
    chess = new_folder(book, alex, "Chess", clubs)
    for subject, folder in (("One", "archive"), ("Two", clubs), ("Three", chess), ("Four", "junkemail")):
        alex.move(letter(book, subject), folder)
    letter(book, "Five")
    alex.set_retention("archive", days=30)
    alex.set_retention(chess, days=60)
    alex.set_retention("msgfolderroot", days=90)
    for days, left in ((31, {"Three", "Four", "Five"}), (61, {"Four", "Five"}), (91, set())):
        clock.at = MONDAY + timedelta(days=days)
        book.retain()
        folders = ("archive", clubs, chess, "junkemail", "inbox")
        assert {subject for folder in folders for subject in subjects(alex, folder)} == left


def test_without_a_rule_nothing_ever_goes(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    letter(book)
    clock.pass_by(3650 * DAY)
    assert book.retain() == []
    alex.set_retention("inbox", days=30)
    alex.clear_retention("inbox")
    assert book.retain() == []
    assert subjects(alex, "inbox") == ["Lunch"]


def test_a_search_folder_has_no_rule_and_what_it_shows_is_not_its(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    found = search_folder(book, alex)
    with pytest.raises(FolderIsASearch):
        alex.set_retention(found, days=30)
    alex.set_retention("searchfolders", days=30)
    letter(book)
    clock.pass_by(31 * DAY)
    assert book.retain() == []


# --- Holds -----------------------------------------------------------------------------------------


def test_what_is_held_is_passed_over_and_counted(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("inbox", days=30)
    for subject in ("Fabrikam", "Weather", "Sports"):
        letter(book, subject)
    alex.place_hold("Fabrikam", why="They sue us.", search="fabrikam")
    clock.pass_by(30 * DAY)
    assert done(book) == [(2, 1)]
    assert done(book) == [(0, 1)]
    assert subjects(alex, "inbox") == ["Fabrikam"]
    assert alex.refused_removals() == [], "nobody asked for it"
    alex.release_hold("Fabrikam", why="They settled.")
    assert done(book) == [(1, 0)]


def test_of_a_mailbox_that_is_held_nothing_goes(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("inbox", days=30)
    alex.set_retention("deleteditems", days=30)
    _, two, _ = (letter(book, subject) for subject in ("One", "Two", "Three"))
    alex.place_hold("Fabrikam", why="They sue us.")
    clock.pass_by(30 * DAY)
    alex.delete(two)
    letter(book, "New")
    assert done(book) == [(0, 2)]
    clock.pass_by(29 * DAY)
    assert done(book) == [(0, 2)]
    clock.pass_by(DAY)
    assert done(book) == [(0, 1), (0, 3)], "what was thrown away, too"
    assert subjects(alex, "inbox") == ["New", "One", "Three"]
    assert subjects(alex, "deleteditems") == ["Two"]


# --- Many, and other moments -----------------------------------------------------------------------


def test_many_go_in_several_transactions(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("drafts", days=1)
    for number in range(BATCH + 5):
        alex.create_draft(subject=str(number))
    clock.pass_by(DAY)
    assert done(book) == [(BATCH + 5, 0)]
    assert alex.drafts() == []
    assert all(each.equal for each in book.rebuild(verify=True))


def test_a_round_that_is_stopped_goes_on_another_time(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("drafts", days=1)
    for number in range(BATCH + 5):
        alex.create_draft(subject=str(number))
    clock.pass_by(DAY)
    asked = iter([False, False, True])
    assert [each.removed for each in book.retain(lambda: next(asked))] == [BATCH]
    assert done(book) == [(5, 0)]


def test_a_rule_that_was_cleared_meanwhile_removes_nothing(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    alex.set_retention("drafts", days=1)
    alex.create_draft(subject="Lunch")
    clock.pass_by(DAY)

    assert book.retain(in_between(lambda: alex.clear_retention("drafts"))) == []
    assert subjects(alex, "drafts") == ["Lunch"]


def test_what_is_in_a_folder_that_was_thrown_away_meanwhile_can_be_fetched_back(
    book: Book, alex: Mailbox, clock: FakeClock
) -> None:
    clubs = new_folder(book, alex, "Clubs", "archive")
    alex.set_retention(clubs, days=1)
    alex.move(alex.create_draft(subject="Lunch"), clubs)
    clock.pass_by(DAY)
    assert book.retain(in_between(lambda: discard(book, alex, clubs))) == []
    assert subjects(alex, clubs) == ["Lunch"]


def test_what_was_moved_meanwhile_stays(book: Book, alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("drafts", days=1)
    draft = alex.create_draft(subject="Lunch")
    clock.pass_by(DAY)

    assert book.retain(in_between(lambda: alex.move(draft, "archive"))) == []
    assert subjects(alex, "archive") == ["Lunch"]


def test_rules_are_shown_as_of_any_moment_and_by_a_difference(alex: Mailbox, clock: FakeClock) -> None:
    alex.set_retention("inbox", days=30)
    then = clock.now()
    clock.pass_by(HOUR)
    alex.set_retention("inbox", days=60)
    assert [rule.days for rule in alex.at(then).retention()] == [30]
    (difference,) = alex.diff(then)
    (change,) = difference.changes
    assert (change.name, change.before[0]["days"], change.after[0]["days"]) == ("retention", 30, 60)
