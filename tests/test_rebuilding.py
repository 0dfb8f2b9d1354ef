"""Views are disposable: made again from the history, they are what they were."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import cast
from uuid import UUID

import pytest

from letterbook import open_book
from letterbook.adapters.views import fresh
from letterbook.application import jobs, rebuilding, slices
from letterbook.application.ports import Store, Views
from letterbook.application.querying import PageQuery
from letterbook.application.rebuilding import make_missing, rebuild
from letterbook.application.redrawing import Redrawing
from letterbook.application.rows import Count, DropMessage, PutMessage
from letterbook.application.searching import Part, Says, SearchQuery
from letterbook.application.troubles import StoreBusy
from letterbook.application.work import Work
from letterbook.domain.letter import Flag, FlagStatus, Importance, Letter, write_body
from letterbook.domain.mailbox import DeleteFolder, MailboxCommand, MoveFolder, RenameFolder, well_known_id
from letterbook.domain.message import Mention, MessageCommand, Move, Update
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import Refused
from tests import warm
from tests.fakes import (
    ADELE,
    ALEX,
    DANA,
    MEGAN,
    FakeClock,
    FakeTransport,
    House,
    letter,
    memory_store,
    opened_sqlite,
)

CLUB = UUID("cccccccc-cccc-4ccc-8ccc-cccccccccccc")
ATTIC = UUID("dddddddd-dddd-4ddd-8ddd-dddddddddddd")


@pytest.fixture(params=["memory", "sqlite"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A store of either kind with three people in it."""
    clock = FakeClock()
    if request.param == "memory":
        yield inhabited(memory_store(clock), clock)
        return
    with opened_sqlite(tmp_path / "mail.db", clock) as store:
        yield inhabited(store, clock)


def inhabited(store: Store, clock: FakeClock) -> House:
    """Alex, Megan and Adele move in."""
    made = House(store, clock, FakeTransport())
    made.invite(ALEX, MEGAN, ADELE)
    return made


def tell(house: House, owner: EmailAddress, name: UUID, ask: MessageCommand) -> None:
    """Put a command to a message."""
    home, on = house.mailbox(owner), house.engine.occasion(owner.address)
    house.engine.run(lambda work: jobs.ask_message(work, home, name, ask, on))


def tell_mailbox(house: House, owner: EmailAddress, ask: MailboxCommand) -> None:
    """Put a command to a mailbox."""
    home, on = house.mailbox(owner), house.engine.occasion(owner.address)
    house.engine.run(lambda work: work.ask_mailbox(home, ask, on))


def make_folder(house: House, owner: EmailAddress, folder: UUID, shown: str, parent: UUID) -> None:
    """A folder of one's own."""
    home, on = house.mailbox(owner), house.engine.occasion(owner.address)
    house.engine.run(lambda work: jobs.create_folder(work, home, folder, shown, parent, on))


def delete(house: House, owner: EmailAddress, name: UUID) -> None:
    """Delete a message, one step further."""
    home, on = house.mailbox(owner), house.engine.occasion(owner.address)
    house.engine.run(lambda work: jobs.delete(work, home, name, on))


def everything_shown(house: House) -> object:
    """All that anybody can see."""
    with house.store.reading() as session:
        return [shown_of(session.views, person.mailbox) for person in session.views.people()]


def shown_of(views: Views, mailbox: UUID) -> object:
    """All that one mailbox shows, its fingerprint and position included."""
    pages = [
        views.page(mailbox, PageQuery(folder=folder.folder, top=1000)) for folder in views.folders(mailbox)
    ]
    return (views.folders(mailbox), pages, views.fingerprint(mailbox), views.position(mailbox))


def test_a_new_store_has_nothing_to_rebuild(tmp_path: Path) -> None:
    """And says so."""
    with opened_sqlite(tmp_path / "mail.db") as store:
        assert rebuild(store) == []


def test_every_step_of_a_message_s_life_is_rebuilt(house: House) -> None:
    """Drafts, sent, received, marked, moved, deleted by one, two and three steps."""
    home = house.mailbox(ALEX)
    kept = house.draft(ALEX, letter("kept", to=(MEGAN,)))
    tell(house, ALEX, kept, Update(changes=Letter(subject="rewritten", importance=Importance.HIGH)))
    tell(house, ALEX, kept, Update(is_read=False, flag=Flag(status=FlagStatus.FLAGGED), categories=("Red",)))
    tell(house, ALEX, kept, Mention(mention_id=UUID(int=1), mentioned=ALEX, created_by=ALEX))
    house.send(ALEX, letter("sent", to=(MEGAN, ADELE, DANA), bcc=(ALEX,)))
    house.send(ALEX, letter("not kept", to=(MEGAN,)), keep=False)
    house.delivery.deliver_due()
    for steps in (1, 2, 3):
        name = house.draft(ALEX, letter(f"deleted {steps}"))
        for _ in range(steps):
            delete(house, ALEX, name)
    tell(house, ALEX, house.draft(ALEX, letter("moved")), Move(well_known_id(home, "archive")))
    large = house.draft(ALEX, letter("large", body="Long story. " * 10_000))
    assert house.engine.message(home, large).letter.body.blob is not None
    before = everything_shown(house)
    assert [each.equal for each in rebuild(house.store, verify=True)] == [True] * 3
    assert everything_shown(house) == before


def test_folders_are_rebuilt(house: House) -> None:
    """Made, renamed, moved and deleted, in the order they were made."""
    home = house.mailbox(ALEX)
    make_folder(house, ALEX, CLUB, "Club", well_known_id(home, "inbox"))
    make_folder(house, ALEX, ATTIC, "Attic", CLUB)
    tell_mailbox(house, ALEX, RenameFolder(CLUB, "Chess club"))
    tell_mailbox(house, ALEX, MoveFolder(ATTIC, well_known_id(home, "archive")))
    tell(house, ALEX, house.draft(ALEX, letter("minutes")), Move(CLUB))
    make_folder(house, ALEX, UUID(int=7), "For a day", CLUB)
    tell_mailbox(house, ALEX, DeleteFolder(UUID(int=7)))
    before = everything_shown(house)
    assert all(each.equal for each in rebuild(house.store, verify=True))
    assert everything_shown(house) == before


def test_any_story_is_rebuilt(house: House) -> None:
    """Hundreds of random steps of three people."""
    chance = Random(20260302)
    for _ in range(150):
        random_step(house, chance)
    house.delivery.deliver_due()
    before = everything_shown(house)
    assert [each.equal for each in rebuild(house.store, verify=True)] == [True] * 3
    assert everything_shown(house) == before


def random_step(house: House, chance: Random) -> None:
    """Somebody does something; what is refused is passed over."""
    owner = chance.choice((ALEX, MEGAN, ADELE))
    home = house.mailbox(owner)
    folder = chance.choice(("drafts", "sentitems", "inbox", "deleteditems", "recoverableitemsdeletions"))
    rows = house.folder(owner, folder)
    name = (
        chance.choice(rows).message if rows else house.draft(owner, letter(f"{chance.random()}", to=(MEGAN,)))
    )
    on = house.engine.occasion(owner.address)
    steps: list[Callable[[], object]] = [
        lambda: house.send(owner, letter(f"{chance.random()}", to=(chance.choice((ALEX, MEGAN)), ADELE))),
        lambda: house.delivery.deliver_due(),
        lambda: delete(house, owner, name),
        lambda: house.engine.run(lambda work: jobs.send(work, home, name, on)),
        lambda: tell(house, owner, name, Update(is_read=chance.random() < 0.5, categories=("Red",))),
        lambda: tell(
            house, owner, name, Update(changes=Letter(body=write_body("html", f"<b>{chance.random()}")))
        ),
        lambda: tell(
            house, owner, name, Move(well_known_id(home, chance.choice(("archive", "inbox", "drafts"))))
        ),
    ]
    try:
        chance.choice(steps)()
    except Refused:
        return


def test_wrong_views_are_found_and_made_right(house: House) -> None:
    """Whatever is wrong: a row that is missing, a count that is off; the other mailboxes are equal."""
    name, home = house.draft(ALEX, letter("kept")), house.mailbox(ALEX)
    right = everything_shown(house)
    for damage in (DropMessage(name), Count(well_known_id(home, "drafts"), 1, 0)):
        with house.store.writing() as session:
            session.views.apply(home, session.views.position(home), [damage])
        assert everything_shown(house) != right
        assert {each.mailbox: each.equal for each in rebuild(house.store, verify=True)} == {
            home: False,
            house.mailbox(MEGAN): True,
            house.mailbox(ADELE): True,
        }
        assert everything_shown(house) == right


def test_views_that_were_lost_are_made_again(house: House) -> None:
    """All of them; the engine goes on as if nothing had happened."""
    house.draft(ALEX, letter("kept"))
    right = everything_shown(house)
    for owner in (ALEX, MEGAN, ADELE):
        home = house.mailbox(owner)
        with house.store.writing() as session:
            session.views.clear(home)
    assert [each.equal for each in rebuild(house.store, verify=True)] == [False] * 3
    assert everything_shown(house) == right
    house.draft(ALEX, letter("another"))
    assert all(each.equal for each in rebuild(house.store, verify=True))


def test_rebuilding_counts_the_events_and_tells_how_far_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In slices; in the end every event of every mailbox was told."""
    monkeypatch.setattr(slices, "_EVENTS", 5)
    for number in range(20):
        house.draft(ALEX, letter(f"{number}"))
    told: list[tuple[UUID, int]] = []
    rebuilt = rebuild(house.store, lambda mailbox, events: told.append((mailbox, events)), verify=True)
    alex = house.mailbox(ALEX)
    assert {each.mailbox: each.events for each in rebuilt} == {
        alex: 21,
        house.mailbox(MEGAN): 1,
        house.mailbox(ADELE): 1,
    }
    assert sum(events for mailbox, events in told if mailbox == alex) == 21
    assert len(told) > 5
    assert all(each.equal for each in rebuilt)


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE view_messages DROP COLUMN size",
        "DROP TABLE view_bodies",
        "DROP TABLE view_search_keys",
        "DROP TABLE view_positions",
        "ALTER TABLE view_folders ADD COLUMN colour",
    ],
)
def test_views_of_another_shape_are_made_anew_when_a_file_is_opened(tmp_path: Path, damage: str) -> None:
    """An earlier version kept them; the history is all that is needed."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX.address, name=ALEX.name)
        alex.create_draft(subject="Offsite", body="pizza")
        alex.send_mail(subject="Sent", to=[MEGAN])
        before = (alex.drafts(), alex.sent_items(), alex.folders(), alex.search("pizza"))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(damage)
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX.address)
        assert (alex.drafts(), alex.sent_items(), alex.folders(), alex.search("pizza")) == before
    assert len(before[-1]) == 1


def test_rebuilding_that_fails_leaves_the_views_as_they_were(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was half built is cleared away, and the next one goes well."""
    house.draft(ALEX, letter("kept"))
    before = everything_shown(house)
    with monkeypatch.context() as patched:
        patched.setattr(Redrawing, "draw", fail)
        with pytest.raises(ZeroDivisionError):
            rebuild(house.store)
    assert everything_shown(house) == before
    with house.store.reading() as session:
        assert not session.fresh.leftovers()
    assert all(each.equal for each in rebuild(house.store, verify=True))


def test_others_write_and_read_while_the_views_are_rebuilt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two slices, to any mailbox, a new one too: nothing of it is missing afterwards."""
    chance, meanwhile = Random(7), 0
    for _ in range(60):
        random_step(house, chance)

    def breathe() -> None:
        nonlocal meanwhile
        meanwhile += 1
        if meanwhile == 3:
            house.invite(DANA)
        if meanwhile < 40:
            for _ in range(5):
                random_step(house, chance)
            shown = everything_shown(house)
            assert len(cast(list[object], shown)) == (3 if meanwhile < 3 else 4)

    monkeypatch.setattr(slices, "_EVENTS", 20)
    monkeypatch.setattr(rebuilding, "_SLICE", 20)
    monkeypatch.setattr(rebuilding, "_NEARLY_THERE", 3)
    monkeypatch.setattr(rebuilding, "_breathe", breathe)
    rebuilt = rebuild(house.store, verify=True)
    assert [each.equal for each in rebuilt] == [True] * 4
    assert meanwhile > 20
    monkeypatch.undo()
    before = everything_shown(house)
    assert all(each.equal for each in rebuild(house.store, verify=True))
    assert everything_shown(house) == before


def test_whatever_is_written_in_the_last_moment_is_shown_and_compared(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is wrong among those that changed last is found out all the same."""
    home = house.mailbox(ALEX)
    name = house.draft(ALEX, letter("kept"))

    def compare(self: object) -> None:
        """In place of the comparison before: somebody writes, and a row goes wrong."""
        tell(house, ALEX, name, Update(categories=("Red",)))
        with house.store.writing() as session:
            row = session.views.message(home, name)
            assert row is not None
            wrong = PutMessage(row._replace(subject="wrong"))
            session.views.apply(home, session.views.position(home), [wrong])

    monkeypatch.setattr("letterbook.application.rebuilding._Rebuild._compare", compare)
    equal = {each.mailbox: each.equal for each in rebuild(house.store, verify=True)}
    assert equal == {home: False, house.mailbox(MEGAN): True, house.mailbox(ADELE): True}
    assert house.subjects(ALEX, "drafts") == ["kept"]


def test_only_one_rebuilds_at_a_time(house: House) -> None:
    """The other is told so, and the first goes on; opening the store does not disturb it either."""
    house.draft(ALEX, letter("kept"))
    told: list[str] = []

    def again(_mailbox: UUID, _events: int) -> None:
        make_missing(house.store)
        with pytest.raises(StoreBusy, match="rebuilt already"):
            rebuild(house.store)
        told.append("busy")

    assert all(each.equal for each in rebuild(house.store, again, verify=True))
    assert told


@pytest.mark.parametrize("moment", ["filling", "swept"])
def test_a_rebuild_that_is_killed_leaves_the_views_as_they_were(tmp_path: Path, moment: str) -> None:
    """Half built, or just taken over: whoever opens the file next finds the views right, and cleans up."""
    file = tmp_path / "mail.db"
    with open_book(file, deliver=False) as book:
        alex = book.mailbox(ALEX.address, name=ALEX.name)
        for number in range(30):
            alex.create_draft(subject=f"Offsite {number}", body="pizza")
        before = (alex.drafts(), alex.folders(), alex.search("pizza"))
    done = warm.run("-c", _KILLED, str(file), moment)
    assert done.returncode == 9
    assert tables(file, "fresh_*") if moment == "filling" else tables(file, "old_*")
    with open_book(file, deliver=False) as book:
        assert tables(file, "fresh_*") + tables(file, "old_*") == []
        alex = book.mailbox(ALEX.address)
        assert (alex.drafts(), alex.folders(), alex.search("pizza")) == before
        assert [each.equal for each in book.rebuild(verify=True)] == [True]
        assert (alex.drafts(), alex.folders(), alex.search("pizza")) == before


_KILLED = """
import os, sys
from letterbook import open_book
from letterbook.application import rebuilding
rebuilding._SLICE = 10
sweeps = []
def kill(*_):
    os._exit(9)
def sweep(store, known=rebuilding.sweep):
    kill() if sweeps else sweeps.append(known(store))
if sys.argv[2] == "swept":
    rebuilding.sweep = sweep
with open_book(sys.argv[1], deliver=False) as book:
    book.rebuild(kill if sys.argv[2] == "filling" else None)
"""


def tables(file: Path, names: str) -> list[str]:
    """The tables of a file whose names are like this."""
    with closing(sqlite3.connect(file)) as connection:
        statement = "SELECT name FROM sqlite_master WHERE type='table' AND name GLOB ?"
        return [name for (name,) in connection.execute(statement, (names,))]


def test_large_views_are_cleared_away_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that others need not wait for all of it; the file is sound afterwards, and searched as before."""
    monkeypatch.setattr(fresh, "_SWEPT", 10)
    file = tmp_path / "mail.db"
    with opened_sqlite(file) as store:
        house = House(store, FakeClock(), FakeTransport())
        house.invite(ALEX)
        for number in range(50):
            house.draft(ALEX, letter(f"{number}"))
        assert all(each.equal for each in rebuild(store, verify=True))
        assert all(each.equal for each in rebuild(store, verify=True))
        with store.writing() as session:
            session.fresh.begin()
            session.fresh.sweep()
            assert not session.fresh.leftovers()
        home = house.mailbox(ALEX)
        sought = SearchQuery(sought=Says((Part.SUBJECT,), ("17",)))
        assert len(house.engine.search(home, sought)) == 1
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO view_search (view_search) VALUES ('integrity-check')")


def fail(*_: object, **_more: object) -> None:
    """A projection with a mistake in it."""
    raise ZeroDivisionError


def test_views_and_history_hold_the_same_position(house: House) -> None:
    """After every kind of transaction."""
    house.send(ALEX, letter(to=(MEGAN, DANA)))
    house.delivery.deliver_due()
    with house.store.reading() as session:
        for mailbox in session.history.mailboxes():
            assert session.views.position(mailbox) == session.history.head(mailbox).seq


def test_all_views_can_be_dropped_from_the_file(tmp_path: Path) -> None:
    """They are made again when the store is opened, and filled by rebuilding."""
    file = tmp_path / "mail.db"
    with opened_sqlite(file) as store:
        house = House(store, FakeClock(), FakeTransport())
        house.invite(ALEX)
        house.draft(ALEX, letter("kept"))
        right = everything_shown(house)
    with closing(sqlite3.connect(file)) as connection, connection:
        views = "SELECT name FROM sqlite_master WHERE name GLOB 'view_*' AND type='table'"
        for (table,) in connection.execute(views).fetchall():
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    with opened_sqlite(file) as store:
        house = House(store, FakeClock(), FakeTransport())
        rebuild(store)
        assert everything_shown(house) == right


def test_a_job_may_do_many_things_to_one_message(house: House) -> None:
    """Facts and rows are gathered; the row is the last one, the counts add up."""
    home, on, name = house.mailbox(ALEX), house.engine.occasion("alexw@contoso.com"), UUID(int=99)

    def much(work: Work) -> None:
        jobs.create_draft(work, home, name, jobs.NewMessage(letter=letter("much", to=(MEGAN,))), on)
        jobs.ask_message(work, home, name, Update(is_read=False), on)
        jobs.ask_message(work, home, name, Update(is_read=True), on)
        jobs.send(work, home, name, on)
        jobs.delete(work, home, name, on)

    house.engine.run(much)
    counted = {folder.well_known: (folder.total, folder.unread) for folder in house.engine.folders(home)}
    assert (counted["drafts"], counted["sentitems"], counted["deleteditems"]) == ((0, 0), (0, 0), (1, 0))
    assert house.subjects(ALEX, "deleteditems") == ["much"]
    assert all(each.equal for each in rebuild(house.store, verify=True))
