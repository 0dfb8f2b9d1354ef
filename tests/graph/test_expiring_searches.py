"""Search folders that nobody uses for 45 days go (Graph: *mailSearchFolder*, search folder lifecycle)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from letterbook import open_book
from letterbook.adapters.book import Book
from letterbook.adapters.housekeeping import Expiry
from letterbook.application.expiring import ACTOR, LIFE
from letterbook.application.troubles import StoreBusy, StoreDamaged
from tests.fakes import FakeClock
from tests.graph.client import ALEX, MEGAN, Graph, state_of
from tests.graph.test_delta_searches import searching
from tests.proof.test_verifying import flipped, put, value

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is set by hand."""
    return FakeClock()


@pytest.fixture
def book(place: str, clock: FakeClock) -> Iterator[Book]:
    """A book with Alex in it."""
    with open_book(place, deliver=False, clock=clock) as book:
        book.add_user(ALEX)
        yield book


@pytest.fixture
def alex(nobody: Graph) -> Graph:
    """Alex, with a token that lasts as long as any story here."""
    return nobody.holding(nobody.book.token(ALEX, lifetime=timedelta(days=400)))


def is_there(alex: Graph, path: str) -> bool:
    """Whether a folder is listed, which is no use of it."""
    listed = alex.values("/me/mailFolders/searchfolders/childFolders?$top=1000")
    return path.rpartition("/")[2] in {each["id"] for each in listed}


def test_one_that_nobody_uses_goes_after_45_days(alex: Graph, clock: FakeClock) -> None:
    path, letter = searching(alex), alex.draft()["id"]
    assert timedelta(days=45) == LIFE
    clock.pass_by(LIFE)
    assert alex.book.tidy().searches == 0
    clock.pass_by(timedelta(microseconds=1))
    assert is_there(alex, path), "it stays until somebody keeps house"
    assert (alex.book.tidy().searches, alex.book.tidy().searches) == (1, 0)
    alex.refused("GET", path, 404, "ErrorItemNotFound")
    assert alex.read(f"/me/messages/{letter}"), "what it showed is kept elsewhere"
    with alex.book.engine.store.reading() as session:
        mailbox = alex.book.engine.person(ALEX).mailbox
        last = session.history.of(mailbox, mailbox)[-1].fact
    assert (type(last).__name__, last.on.actor) == ("FolderDeleted", ACTOR)


LOOKS: dict[str, Callable[[Graph, str], Any]] = {
    "its messages": lambda alex, path: alex.read(f"{path}/messages"),
    "some of them": lambda alex, path: alex.read(f"{path}/messages?$search=offsite"),
    "how many": lambda alex, path: alex.get(f"{path}/messages/$count"),
    "what changed": lambda alex, path: alex.read(f"{path}/messages/delta"),
    "itself": lambda alex, path: alex.read(path),
    "another condition": lambda alex, path: alex.changed(
        path, {"@odata.type": "microsoft.graph.mailSearchFolder", "filterQuery": "isRead eq true"}
    ),
    "all are read": lambda alex, path: alex.beta.post(
        f"{path}/updateAllMessagesReadState", json={"isRead": True}
    ),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looking_into_it_is_using_it(alex: Graph, clock: FakeClock, look: str) -> None:
    path = searching(alex)
    clock.pass_by(LIFE - DAY)
    LOOKS[look](alex, path)
    clock.pass_by(LIFE - DAY)
    assert (alex.book.tidy().searches, is_there(alex, path)) == (0, True)
    clock.pass_by(2 * DAY)
    assert (alex.book.tidy().searches, is_there(alex, path)) == (1, False)


def test_looking_at_another_folder_or_at_an_earlier_moment_is_not(alex: Graph, clock: FakeClock) -> None:
    path = searching(alex)
    before = clock.now().isoformat().replace("+00:00", "Z")
    clock.pass_by(LIFE + DAY)
    alex.read("/me/mailFolders/inbox/messages")
    alex.read(f"{path}/messages?asOf={before}")
    alex.get(path, headers={"Prefer": f'letterbook.as-of="{before}"'})
    assert alex.book.tidy().searches == 1


def test_who_looks_every_day_is_always_seen(alex: Graph, clock: FakeClock) -> None:
    """Also where nothing else happens, so that the same answer could be given again."""
    path = searching(alex)
    for _ in range(100):
        clock.pass_by(DAY)
        alex.read(f"{path}/messages")
    assert alex.book.tidy().searches == 0


def test_looking_leaves_no_trace_in_the_history(alex: Graph, clock: FakeClock) -> None:
    path = searching(alex)
    before = state_of(alex.book)
    clock.pass_by(30 * DAY)
    alex.read(f"{path}/messages")
    assert state_of(alex.book) == before


def test_a_copy_lasts_as_long_as_any(alex: Graph, clock: FakeClock) -> None:
    path = searching(alex)
    clock.pass_by(LIFE - DAY)
    copied = alex.post(f"{path}/copy", json={"destinationId": "archive"}).json()["id"]
    clock.pass_by(2 * DAY)
    assert alex.book.tidy().searches == 1
    assert alex.read(f"/me/mailFolders/{copied}")["id"] == copied


def test_one_that_is_gone_already_is_forgotten(alex: Graph, clock: FakeClock) -> None:
    alex.delete(searching(alex))
    clock.pass_by(LIFE + DAY)
    before = state_of(alex.book)
    assert (alex.book.tidy().searches, state_of(alex.book)) == (0, before)


def test_one_that_was_used_meanwhile_stays(
    alex: Graph, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = searching(alex)
    clock.pass_by(LIFE + DAY)
    engine, occasion = alex.book.engine, alex.book.engine.occasion

    def look_first(actor: str) -> Any:
        alex.read(path)
        return occasion(actor)

    monkeypatch.setattr(engine, "occasion", look_first)
    assert (alex.book.tidy().searches, is_there(alex, path)) == (0, True)


def test_in_the_background_it_is_looked_for_every_hour(
    alex: Graph, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, expiry = searching(alex), Expiry(alex.book.engine)
    assert expiry()
    clock.pass_by(timedelta(minutes=59))
    looked = list[str]()
    monkeypatch.setattr("letterbook.adapters.housekeeping.expire", lambda _: looked.append("again"))
    assert (expiry(), looked) == (True, [])
    clock.pass_by(timedelta(minutes=1))
    assert (expiry(), looked) == (True, ["again"])
    monkeypatch.undo()
    clock.pass_by(LIFE)
    assert (expiry(), is_there(alex, path)) == (True, False)


def test_a_store_that_is_busy_is_looked_at_again_later(
    alex: Graph, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, expiry = searching(alex), Expiry(alex.book.engine)
    clock.pass_by(LIFE + DAY)

    def busy(_engine: Any) -> int:
        raise StoreBusy("somebody else writes")

    with monkeypatch.context() as patched:
        patched.setattr("letterbook.adapters.housekeeping.expire", busy)
        assert expiry()
    assert "search folders were not removed" in caplog.text
    clock.pass_by(timedelta(hours=1))
    assert (expiry(), is_there(alex, path)) == (True, False)


def test_a_damaged_mailbox_keeps_no_other_search_folder(nobody: Graph, file: Path, clock: FakeClock) -> None:
    book, path = nobody.book, {}
    book.add_user(MEGAN)
    for who in (ALEX, MEGAN):
        path[who] = searching(nobody.holding(book.token(who, lifetime=timedelta(days=400))))
    first, second = sorted((ALEX, MEGAN), key=lambda who: book.mailbox(who).id)
    clock.pass_by(LIFE + DAY)
    home = book.mailbox(first).id.bytes
    put(file, "state", flipped(value(file, "state", home, 1), Random(1)), home, 1)

    with pytest.raises(StoreDamaged, match="event 1 "):
        book.tidy()

    there = nobody.holding(book.token(second))
    there.refused("GET", path[second], 404, "ErrorItemNotFound")
