"""Earlier moments in Python: a mailbox as it was, which can be read and not changed."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from letterbook import Book, Mailbox, Refused, open_book
from letterbook.adapters.views import past_lesson
from letterbook.application import past_lists, past_states
from letterbook.application.points import read_point
from letterbook.application.querying import Compare, Field, Is, PageQuery
from letterbook.domain import refusals
from letterbook.domain.mailbox import well_known_id
from tests.fakes import MONDAY, FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Book]:
    """A new book of either kind."""
    path = tmp_path / "mail.db" if request.param == "sqlite" else ":memory:"
    with open_book(path, clock=clock, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox("alexw@contoso.com", name="Alex Wilber")


def head(box: Mailbox) -> int:
    """Where a history ends."""
    return box.changes()[-1].seq


def names(box: Mailbox, folder: str = "drafts") -> list[str]:
    """The subjects in a folder."""
    return [each.subject for each in box.folder(folder)]


def test_a_mailbox_at_a_moment(alex: Mailbox, clock: FakeClock) -> None:
    draft = alex.create_draft(subject="Before", to=["adelev@contoso.com"])
    clock.pass_by(HOUR)
    alex.update_draft(draft, subject="After")
    alex.send(draft)
    clock.pass_by(HOUR)

    then = alex.at(MONDAY + HOUR / 2)

    assert names(then) == ["Before"]
    assert then.message(draft).subject == "Before"
    assert then.message(draft) != alex.message(draft)
    assert b"Subject: Before" in then.mime(draft)
    assert len(then.history(draft)) == 1
    assert {each.name: each.total for each in then.folders()}["Drafts"] == 1
    assert (names(alex), names(alex, "sentitems")) == ([], ["After"])
    assert names(alex.at(MONDAY + HOUR)) == []
    assert alex.at(MONDAY + HOUR).message(draft) == alex.message(draft)


@pytest.mark.parametrize(
    "said", ["2026-03-02T09:30Z", "2026-03-02T10:30:00+01:00", "2026-03-02T09:30", MONDAY, 2, "2"]
)
def test_a_point_may_be_said_in_many_ways(alex: Mailbox, clock: FakeClock, said: Any) -> None:
    alex.create_draft(subject="Before")
    clock.pass_by(HOUR)
    alex.create_draft(subject="After")

    assert names(alex.at(said)) == ["Before"]


def test_what_was_is_what_a_stopped_store_shows(alex: Mailbox, clock: FakeClock) -> None:
    """The fingerprint of a past does not depend on what came after it."""
    draft = alex.create_draft(subject="Before")
    alex.attach(draft, "a.txt", b"x" * 100_000)
    before, shown = head(alex), alex.message(draft)
    engine, _ = alex._book.travel.at(alex._owner, before)
    with engine.store.reading() as session:
        fingerprint = session.views.fingerprint(alex.id)
    for _ in range(3):
        alex.delete(draft)

    again, _ = alex._book.travel.at(alex._owner, before)
    with again.store.reading() as session:
        assert session.views.fingerprint(alex.id) == fingerprint
        assert session.views.position(alex.id) == before == session.history.head(alex.id).seq
    assert alex.at(before).message(draft) == shown


CHANGES: list[Callable[[Mailbox, str], object]] = [
    lambda box, _: box.create_draft(subject="x" * 200_000, body="y" * 200_000),
    lambda box, _: box.create_draft_from_mime(b"Subject: x\r\n\r\nx"),
    lambda box, draft: box.update_draft(draft, subject="x"),
    lambda box, draft: box.mention(draft, "adelev@contoso.com"),
    lambda box, draft: box.attach(draft, "a", b"x" * 200_000),
    lambda box, draft: box.send(draft),
    lambda box, _: box.send_mail(to=["adelev@contoso.com"]),
    lambda box, draft: box.mark_read(draft),
    lambda box, draft: box.move(draft, "archive"),
    lambda box, draft: box.delete(draft),
    lambda box, _: box.order_resync(),
    lambda box, _: box.checkpoint(),
    lambda box, draft: box.prove(draft),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_past_cannot_be_changed(
    book: Book, alex: Mailbox, change: Callable[[Mailbox, str], object]
) -> None:
    """And trying leaves neither a fact nor a blob."""
    draft = alex.create_draft(subject="Before", to=["adelev@contoso.com"]).id
    then = alex.at(head(alex))

    with pytest.raises(refusals.PastUnchangeable):
        change(then, draft)

    assert head(alex) == 2
    assert list(book.engine.store.blobs.kept()) == []
    assert book.waiting() == 0


def test_an_earlier_moment_signs_and_proves_nothing_of_now(book: Book, alex: Mailbox) -> None:
    """A proof is of a history as it is stored, whole; nor is a checkpoint of now kept on the way."""
    draft = alex.create_draft(subject="Before")
    older = alex.checkpoint()
    alex.update_draft(draft, subject="After")
    then, before = alex.at(2), signed(book, alex)

    with pytest.raises(refusals.PastUnchangeable):
        then.prove_growth(older)
    with pytest.raises(refusals.PastUnchangeable):
        then.checkpoint()

    assert signed(book, alex) == before == older.note
    assert then.checkpoint_key() == alex.checkpoint_key()


def signed(book: Book, box: Mailbox) -> str | None:
    """The checkpoint that the store keeps of a mailbox."""
    with book.engine.store.reading() as session:
        return session.evidence.latest(box.id)


def test_an_earlier_moment_knows_none_that_came_after_it(alex: Mailbox) -> None:
    """As a store that was stopped there would not."""
    alex.create_draft(subject="Before")
    alex.create_draft(subject="After")
    assert [message.subject for message in alex.at(3).at(2).drafts()] == ["Before"]
    assert alex.at(2).at(2).drafts() == alex.at(2).drafts()
    with pytest.raises(refusals.PointUnknown):
        alex.at(2).at(3)


def test_nothing_else_of_a_past_store_can_be_changed(alex: Mailbox) -> None:
    engine, _ = alex._book.travel.at(alex._owner, 1)
    store = engine.store
    with store.reading() as session:
        for refused in (
            lambda: session.history.append([]),
            lambda: session.views.apply(alex.id, 1, []),
            lambda: session.views.clear(alex.id),
            lambda: session.views.index([]),
            lambda: session.fresh,
            lambda: session.outbox,
            lambda: store.blobs.uploads,
            lambda: store.blobs.keep([b""]),
            lambda: store.blobs.clear(MONDAY),
            lambda: store.rebuilding(),
        ):
            with pytest.raises(refusals.PastUnchangeable):
                refused()


def test_what_is_different_is_told(alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Lunch")
    alex.update_draft(draft, subject="Dinner")

    (found,) = alex.diff(2, message=draft)
    assert [(each.name, each.before, each.after) for each in found.changes] == [
        ("subject", "Lunch", "Dinner")
    ]
    assert (found.what, found.how, found.name, found.id) == ("message", "changed", "Dinner", draft.id)
    assert alex.diff(2, 3, folder="drafts") == alex.diff(2) == alex.at(3).diff(2) == [found]
    assert alex.diff(2, folder="inbox") == alex.at(2).diff(2) == alex.diff(3, 3) == []
    assert [len(each.changes) for each in alex.timeline(draft)][1:] == [1]
    with pytest.raises(refusals.NotFound):
        alex.at(1).diff(0, message=draft)


@pytest.mark.parametrize("point", ["soon", 99, "99", -1, MONDAY + HOUR, True, "", "2026-02-30"])
def test_points_that_are_none(alex: Mailbox, point: Any) -> None:
    with pytest.raises(refusals.PointUnknown):
        alex.at(point)


@pytest.mark.parametrize("point", [0, "2000-01-01", datetime(1, 1, 1, tzinfo=UTC)])
def test_before_there_was_a_mailbox(alex: Mailbox, point: Any) -> None:
    with pytest.raises(refusals.MailboxUnknown):
        alex.at(point)


def test_a_point_keeps_its_zone() -> None:
    assert read_point("2026-01-31T12:00:00 01:00") == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert read_point("2026-01-31 12:00") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    with pytest.raises(Refused):
        read_point("0001-01-01T00:00+14:00")


def test_a_clock_that_was_set_back_leaves_each_moment_one_answer(alex: Mailbox, clock: FakeClock) -> None:
    """The times of recording are not in order; every point asked for is still a position."""
    for minutes in (10, 5, 20, 1):
        clock.at = MONDAY + timedelta(minutes=minutes)
        alex.create_draft(subject=f"{minutes}")
    clock.at = MONDAY + HOUR

    assert len(names(alex.at(MONDAY + HOUR))) == 4
    assert names(alex.at(MONDAY)) == []


def test_lists_are_followed_in_slices(
    alex: Mailbox, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With states forgotten in between, and epochs that end soon."""
    monkeypatch.setattr(past_lists, "_SLICE", 3)
    monkeypatch.setattr(past_states, "_REMEMBERED", 2)
    monkeypatch.setattr(past_lesson, "_SHORTEST", 4)
    seen: dict[int, list[str]] = {}
    drafts = [alex.create_draft(subject=f"{number}") for number in range(6)]
    for turn in range(24):
        clock.pass_by(HOUR)
        each = drafts[turn * 5 % 6]
        alex.move(each, "archive" if turn % 3 else "drafts")
        alex.mark_read(each, is_read=turn % 2 == 0)
        seen[head(alex)] = names(alex)

    assert {at: names(alex.at(at)) for at in seen} == seen
    unread = Compare(Field.IS_READ, Is.EQUAL, False)
    engine, _ = alex._book.travel.at(alex._owner, head(alex))
    asked = PageQuery(folder=well_known_id(alex.id, "drafts"), where=unread, top=99)
    assert engine.page(alex.id, asked) == alex._book.engine.page(alex.id, asked)


def test_many_may_ask_about_the_past_at_once(alex: Mailbox) -> None:
    for number in range(40):
        alex.create_draft(subject=f"{number}")
    told: list[int] = []

    def ask(at: int) -> None:
        told.append(len(names(alex.at(at))) - at)

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(2, 42)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == [-1] * 40


def test_a_store_that_a_backup_replaced_has_another_past(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    with open_book(path, deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com")
        alex.create_draft(subject="Kept")
        book.fork(tmp_path / "backup.db").close()
        alex.create_draft(subject="Lost")
        assert len(names(alex.at(3))) == 2
    (tmp_path / "backup.db").replace(path)

    with open_book(path, deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com")
        alex.create_draft(subject="Instead")
        assert sorted(names(alex.at(3))) == ["Instead", "Kept"]


def test_another_program_may_have_asked_before(tmp_path: Path) -> None:
    """And the file may be thrown away between two openings."""
    path = tmp_path / "mail.db"
    for number in range(1, 4):
        with open_book(path, deliver=False) as one, open_book(path, deliver=False) as other:
            one.mailbox("alexw@contoso.com").create_draft(subject="x")
            for book in (one, other, one):
                assert len(names(book.mailbox("alexw@contoso.com").at(number + 1))) == number
        if number == 2:
            path.with_name("mail.db.past").unlink()


def test_nothing_is_written_before_somebody_asks(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com")
        draft = alex.create_draft(subject="x")
        assert alex.at(2).message(draft) == alex.message(draft)

    assert [each.name for each in tmp_path.iterdir()] == ["mail.db"]
