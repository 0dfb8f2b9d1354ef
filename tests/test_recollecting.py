"""What is remembered of earlier moments: nothing twice, and nothing of what was forgotten meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from letterbook import Book, Mailbox, open_book
from letterbook.application import past_states
from letterbook.application.engine import Engine
from letterbook.application.past import position
from letterbook.application.past_folders import PastFolders
from letterbook.application.past_keeping import RowCache
from letterbook.application.querying import PageQuery
from letterbook.application.rows import FolderRow
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.mailbox_commands import (
    CreateFolder,
    DeleteFolder,
    DiscardFolder,
    MailboxCommand,
    MoveFolder,
    OrderResync,
    RenameFolder,
)
from tests.contracts.rows import HOME, row
from tests.fakes import MONDAY, FakeClock

ALEX = "alexw@contoso.com"


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """A book in which nothing happens by itself."""
    place = tmp_path / "mail.db" if request.param == "sqlite" else ":memory:"
    with open_book(place, deliver=False) as opened:
        yield opened


@pytest.fixture
def alex(book: Book) -> Mailbox:
    """Alex's mailbox."""
    return book.mailbox(ALEX)


def shown(book: Book, alex: Mailbox) -> list[FolderRow]:
    """The folders of now, which hold nothing."""
    return [replace(each, total=0, unread=0) for each in book.engine.folders(alex.id)]


def ask(book: Book, alex: Mailbox, command: MailboxCommand) -> int:
    """Something becomes of the folders; gives the position after that."""
    on = book.engine.occasion(ALEX)
    book.engine.run(lambda work: work.ask_mailbox(alex.id, command, on))
    return alex.changes()[-1].seq


CLUB, MINUTES = UUID(int=1), UUID(int=2)


def commands(home: UUID) -> list[MailboxCommand]:
    """Made, renamed, moved, thrown away, deleted for good; and something that no folder shows."""
    top, inbox = well_known_id(home, "msgfolderroot"), well_known_id(home, "inbox")
    return [
        CreateFolder(folder_id=CLUB, name="Club", parent=top),
        CreateFolder(folder_id=MINUTES, name="Minutes", parent=CLUB),
        RenameFolder(CLUB, "Society"),
        OrderResync(UUID(int=9)),
        MoveFolder(MINUTES, inbox),
        DiscardFolder(MINUTES),
        DeleteFolder(MINUTES),
    ]


def test_folders_are_told_as_they_were_whoever_asks_first(book: Book, alex: Mailbox) -> None:
    """Asked in any order, and again."""
    were = {alex.changes()[-1].seq: shown(book, alex)}
    for command in commands(alex.id):
        alex.create_draft(subject="Between")
        at = ask(book, alex, command)
        were[at] = shown(book, alex)
    told, ends = PastFolders(), sorted(were)
    assert len({repr(rows) for rows in were.values()}) == 7, "all of them but one show"
    for at in [*ends[2:4], *ends, *reversed(ends)]:
        with book.engine.store.reading() as session:
            assert told.rows(session, alex.id, at, told.era) == were[at]


def test_the_facts_of_a_mailbox_are_read_once(
    book: Book, alex: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    club, *_ = commands(alex.id)
    ask(book, alex, club)
    told, asked = PastFolders(), []
    with book.engine.store.reading() as session:
        kind = type(session.history)
        of = kind.of

        def counted(history: Any, mailbox: UUID, aggregate: UUID, after: int | None = None) -> object:
            asked.append(after)
            return of(history, mailbox, aggregate, after or 0)

        monkeypatch.setattr(kind, "of", counted)
        for at in (2, 1, 2):
            told.rows(session, alex.id, at, 0)
    ask(book, alex, RenameFolder(CLUB, "Society"))
    with book.engine.store.reading() as session:
        assert "Society" in {each.name for each in told.rows(session, alex.id, 3, 0)}
        assert "Club" in {each.name for each in told.rows(session, alex.id, 2, 0)}
    assert [after for after in asked if after is not None] == [0, 1], "whoever writes asks otherwise"


def test_what_was_read_before_is_not_taken_in_again(book: Book, alex: Mailbox) -> None:
    """However often somebody asks for the newest."""
    told = PastFolders()
    for _ in range(3):
        alex.create_draft(subject="One more")
        with book.engine.store.reading() as session:
            told.rows(session, alex.id, session.views.position(alex.id), 0)
    (story,) = told._known.values()
    assert len(story.changes) == len(story.rows(1))


def test_whoever_began_before_something_was_forgotten_adds_nothing(book: Book, alex: Mailbox) -> None:
    rows, folders = RowCache(10**6), PastFolders()
    with book.engine.store.reading() as session:
        for era, keeps in ((0, True), (0, False), (1, True)):
            if not keeps:
                rows.clear()
                folders.clear()
            rows.keep((HOME, row(1).message, 1), row(1), era)
            assert len(folders.rows(session, alex.id, 1, era)) > 10
            assert (rows.get((HOME, row(1).message, 1)) is not None) is keeps
            assert bool(folders._known) is keeps


@pytest.mark.parametrize("after", [0, 3])
def test_messages_that_were_only_moved_since_are_not_told_anew(
    book: Book, alex: Mailbox, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Or read: they are those of now, with that put back; however the lists were taken in."""
    drafts = [alex.create_draft(subject=f"{number} ☕", to=[ALEX]) for number in range(4)]
    alex.move(drafts[0], "archive")
    changes: list[Callable[[], object]] = [
        lambda: alex.move(drafts[1], "archive"),
        lambda: alex.mark_read(drafts[2], is_read=False),
        lambda: alex.move(drafts[1], "drafts"),
        lambda: alex.move(drafts[0], "inbox"),
        lambda: alex.mark_read(drafts[2]),
    ]
    were = {}
    for number, change in enumerate(changes):
        at = alex.changes()[-1].seq
        were[at] = pages(book.engine, alex)
        if number < after:
            assert told(book, alex, at) == were[at]
        change()
    with monkeypatch.context() as patched, book.engine.store.reading() as session:
        patched.setattr(type(session.history), "told_as_written", never)
        assert {at: told(book, alex, at) for at in were} == were
    alex.update_draft(drafts[3], subject="Other words")
    assert {at: told(book, alex, at) for at in were} == were


def never(*_: object, **__: object) -> None:
    """Nobody asks for this."""
    raise AssertionError("told from its facts")


def pages(engine: Engine, alex: Mailbox) -> list[tuple[Any, ...]]:
    """Everything that is shown of messages: all of them, and folder by folder."""
    queries = [PageQuery(top=9, folder=each) for each in (None, well_known_id(alex.id, "archive"))]
    return [tuple(leaf) for query in queries for leaf in engine.page(alex.id, query)]


def told(book: Book, alex: Mailbox, at: int) -> list[tuple[Any, ...]]:
    """The same as of a position."""
    engine, _ = book.travel.at(alex._owner, at)
    return pages(engine, alex)


def test_one_message_is_told_by_its_facts_where_somebody_has_emptied_the_lists(
    book: Book, alex: Mailbox
) -> None:
    """Nobody waits for it until they are there again."""
    draft = alex.create_draft(subject="Before")
    end = alex.changes()[-1].seq
    alex.update_draft(draft, subject="After")
    engine, _ = book.travel.at(alex._owner, end)
    name = alex._name(draft)
    told = [engine.page(alex.id, PageQuery()), engine.row(alex.id, name)]
    book.travel.lists.clear()
    assert engine.row(alex.id, name) == told[1]
    assert book.travel.lists.reached(alex.id).seq == 0
    assert engine.page(alex.id, PageQuery()) == told[0]


def test_moments_of_a_past_that_was_taken_in_are_looked_for_near_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And found where they were found before."""
    monkeypatch.setattr(past_states, "_MILE", 8)
    clock, told = FakeClock(), list[tuple[int, int | None]]()
    with open_book(tmp_path / "mail.db", clock=clock, deliver=False) as book:
        alex = book.mailbox(ALEX)
        for _ in range(60):
            clock.pass_by(timedelta(hours=1))
            alex.create_draft(subject="Every hour")
        moments = [MONDAY + timedelta(hours=hours) for hours in range(60)]
        before = [position(book.engine, alex.id, moment) for moment in moments]
        alex.at(61).drafts()
        with book.engine.store.reading() as session:
            find = type(session.history).position_at

            def noted(history: Any, mailbox: UUID, moment: datetime, between: Any) -> int:
                told.append(between)
                return find(history, mailbox, moment, between)

            monkeypatch.setattr(type(session.history), "position_at", noted)
        assert [book.travel.position(alex.id, moment) for moment in moments] == before == [*range(1, 61)]
    assert told[20] == (16, 24)
    assert all(high - low == 8 for low, high in told[:56] if high is not None)
    assert len([high for _, high in told if high is None]) == 5


@pytest.mark.parametrize("place", [":memory:", "file"])
def test_a_moment_stays_where_it_is(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once something was recorded behind it, nobody looks for it again; before that somebody has to."""
    clock = FakeClock()
    with open_book(tmp_path / "mail.db" if place == "file" else place, clock=clock, deliver=False) as book:
        alex, asked = book.mailbox(ALEX), list[datetime]()
        with book.engine.store.reading() as session:
            kind = type(session.history)
        find = kind.position_at

        def counted(history: Any, mailbox: UUID, moment: datetime, between: Any) -> int:
            asked.append(moment)
            return find(history, mailbox, moment, between)

        monkeypatch.setattr(kind, "position_at", counted)
        positions = []
        for _ in range(3):
            positions.append(book.travel.position(alex.id, MONDAY))
            alex.create_draft(subject="At the same moment")
        clock.pass_by(timedelta(hours=1))
        alex.create_draft(subject="Later")
        for _ in range(3):
            positions.append(book.travel.position(alex.id, MONDAY))
            alex.create_draft(subject="Later")
    assert positions == [1, 2, 3, 4, 4, 4]
    assert len(asked) == 4
