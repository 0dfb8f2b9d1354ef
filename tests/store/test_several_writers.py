"""Several programs write to one store: each forgets what the others touched, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from letterbook import EmailAddress, Mailbox, open_book
from letterbook.adapters.book import Book
from letterbook.adapters.store import remembered
from letterbook.adapters.store.history import SqliteHistory
from letterbook.application.disturbances import _MOST as MOST_TOUCHED
from letterbook.application.disturbances import Disturbances
from letterbook.application.ports import Recorded
from letterbook.application.public_ids import Kind, private
from letterbook.domain.refusals import Held, MailboxUnknown, Refused

ALEX, MEGAN, ADELE = "alexw@contoso.com", "meganb@contoso.com", "adelev@contoso.com"

Told = list[UUID]
"""The aggregates of which somebody had to read the history, in order."""


@pytest.fixture
def here(file: Path) -> Iterator[Book]:
    """This program."""
    with open_book(file, deliver=False) as book:
        book.add_user(ALEX, name="Alex Wilber")
        book.add_user(MEGAN, name="Megan Bowen")
        yield book


@pytest.fixture
def there(here: Book, file: Path) -> Iterator[Book]:
    """Another one; both have noticed each other."""
    with open_book(file, deliver=False) as book:
        for each in (book, here, book, here):
            each.mailbox(ALEX).create_draft(subject="To begin with")
        yield book


@pytest.fixture
def told(there: Book, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Whose histories are read from now on."""
    read: Told = []
    of = SqliteHistory.of

    def noted(self: SqliteHistory, mailbox: UUID, aggregate: UUID, after: int = 0) -> tuple[Recorded, ...]:
        read.append(aggregate)
        return of(self, mailbox, aggregate, after)

    monkeypatch.setattr(SqliteHistory, "of", noted)
    return read


def draft_of(book: Book, owner: str = ALEX) -> tuple[Mailbox, str, UUID]:
    """A mailbox, a new draft in it, and its name."""
    mailbox = book.mailbox(owner)
    draft = mailbox.create_draft(subject="Offsite")
    return mailbox, draft.id, private(Kind.MESSAGE, draft.id)


def test_what_nobody_touched_is_still_known(here: Book, there: Book, told: Told) -> None:
    """Not even the ends of the mailbox are read again."""
    mailbox, draft, name = draft_of(here)
    there.mailbox(MEGAN).create_draft(subject="Lunch")
    there.mailbox(ALEX).create_draft(subject="Lunch")
    told.clear()
    mailbox.update_draft(draft, subject="Offsite in May")
    assert told == []
    assert [each.version for each in here.engine.history(mailbox.id, name)] == [1, 2]


def test_what_somebody_touched_is_read_again(here: Book, there: Book, told: Told) -> None:
    """And what is written follows on it."""
    mailbox, draft, name = draft_of(here)
    there.mailbox(ALEX).update_draft(draft, subject="Offsite in June")
    told.clear()
    mailbox.mention(draft, EmailAddress(address=MEGAN))
    assert told == [name]
    assert mailbox.message(draft).subject == "Offsite in June"
    assert [each.version for each in here.engine.history(mailbox.id, name)] == [1, 2, 3]


def test_a_rule_knows_what_another_program_did(here: Book, there: Book) -> None:
    """What was sent there is not changed here."""
    mailbox, draft, _ = draft_of(here)
    elsewhere = there.mailbox(ALEX)
    elsewhere.update_draft(draft, to=[MEGAN])
    elsewhere.send(draft)
    with pytest.raises(Refused):
        mailbox.send(draft)
    assert len(mailbox.sent_items()) == 1


def test_a_hold_that_another_program_placed_holds(here: Book, there: Book) -> None:
    """A mailbox is remembered as its messages are."""
    mailbox, draft, _ = draft_of(here)
    there.mailbox(ALEX).place_hold("Case 1", why="a case")
    with pytest.raises(Held):
        mailbox.delete_for_good(draft)


def test_somebody_new_is_known(here: Book, there: Book) -> None:
    """Also to whom nobody of that address was known a moment ago."""
    with pytest.raises(MailboxUnknown):
        here.engine.person(ADELE)
    mailbox, _, _ = draft_of(here)
    mailbox.create_draft(subject="Lunch", to=[ADELE])
    there.add_user(ADELE, name="Adele Vance")
    draft = mailbox.create_draft(subject="Lunch", to=[ADELE])
    assert [each.name for each in mailbox.state(draft).letter.to] == ["Adele Vance"]
    assert here.engine.person(ADELE).name == "Adele Vance"


def test_more_than_can_be_looked_through_is_all_forgotten(
    here: Book, there: Book, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had just been opened."""
    monkeypatch.setattr(remembered, "_TOO_MANY", 3)
    mailbox, draft, name = draft_of(here)
    for _ in range(3):
        there.mailbox(MEGAN).create_draft(subject="Lunch")
    told.clear()
    mailbox.update_draft(draft, subject="Offsite in May")
    assert set(told) == {name, mailbox.id}


def test_after_a_transaction_that_was_undone_all_is_read_again(here: Book, there: Book, told: Told) -> None:
    """And what others do then is noticed one by one again."""
    mailbox, draft, name = draft_of(here)

    def fail(_work: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        here.engine.run(fail)
    there.mailbox(ALEX).update_draft(draft, subject="Offsite in June")
    mailbox.mention(draft, MEGAN)
    there.mailbox(MEGAN).create_draft(subject="Lunch")
    told.clear()
    mailbox.update_draft(draft, body="Where?")
    assert (told, mailbox.message(draft).subject) == ([], "Offsite in June")
    assert [each.version for each in here.engine.history(mailbox.id, name)] == [1, 2, 3, 4]


def test_a_table_that_is_another_one_is_not_believed(here: Book, there: Book, told: Told) -> None:
    """The row behind which the others wrote has to be what it was."""
    mailbox, draft, _ = draft_of(here)
    there.mailbox(MEGAN).create_draft(subject="Lunch")
    known = here.engine.store.__dict__["_recorder"].remembered
    known._last = known._last[0], b"another seal"
    told.clear()
    mailbox.update_draft(draft, subject="Offsite in May")
    assert mailbox.id in told


def test_both_write_in_turns(here: Book, there: Book) -> None:
    """Each on what the other did; nothing is lost and nothing is refused."""
    one, draft, name = draft_of(here)
    other = there.mailbox(ALEX)
    for number in range(20):
        (one, other)[number % 2].update_draft(draft, subject=f"{number}")
    assert one.message(draft).subject == other.message(draft).subject == "19"
    assert [each.version for each in here.engine.history(one.id, name)] == list(range(1, 22))
    assert here.verify().good


def test_what_was_erased_elsewhere_is_not_remembered(tmp_path: Path) -> None:
    """In an encrypted store: neither states nor keys."""
    path = tmp_path / "sealed.db"
    with open_book(path, deliver=False, encrypted=True) as here, open_book(path, deliver=False) as there:
        here.add_user(ALEX, name="Alex Wilber")
        mailbox, draft, _ = draft_of(here)
        there.mailbox(ALEX).create_draft(subject="Noticed")
        mailbox.update_draft(draft, subject="Noticed, too")
        there.mailbox(ALEX).erase(draft, why="asked for")
        with pytest.raises(Refused):
            mailbox.update_draft(draft, subject="Still there?")


# --- What was touched ------------------------------------------------------------------------------


def test_what_was_touched_is_told_to_whoever_asks_since_when() -> None:
    """In order, and to each by what they know."""
    disturbances = Disturbances()
    disturbances.note([(1, 1), (1, 2)])
    disturbances.note([])
    disturbances.note([(1, 3)])
    assert disturbances.since(0) == [(1, 1), (1, 2), (1, 3)]
    assert disturbances.since(2) == [(1, 3)]
    assert disturbances.since(3) == []
    assert disturbances.since(-1) is None


def test_where_anything_may_have_been_touched_nothing_is_told() -> None:
    """But to whoever has forgotten everything since."""
    disturbances = Disturbances()
    disturbances.note([(1, 1)])
    disturbances.note_anything()
    forgotten = disturbances.count
    disturbances.note([(1, 2)])
    assert disturbances.since(0) is None
    assert disturbances.since(1) is None
    assert disturbances.since(forgotten) == [(1, 2)]


def test_no_more_is_remembered_than_is_useful() -> None:
    """Who asks too late has to forget everything."""
    disturbances = Disturbances()
    disturbances.note([(1, number) for number in range(MOST_TOUCHED + 1)])
    assert disturbances.since(0) is None
    assert disturbances.since(1) == [(1, number) for number in range(1, MOST_TOUCHED + 1)]
