"""Forks: a new, independent store of what there was at some point, whole or not at all. It sends nothing."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from letterbook import Book, Mailbox, StoreDamaged, StoreFull, StoreRefused, StoreUnavailable, open_book
from letterbook.adapters import forking
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.application import forking as beginning
from letterbook.application.blobs import BlobDamaged, KeptBlob
from letterbook.application.standing import Line, Standing
from letterbook.domain import refusals
from letterbook.domain.attachments import FileAttachment
from letterbook.domain.letter import BlobRef
from letterbook.domain.subscriptions import Subscriber, Subscription
from tests import warm
from tests.fakes import MONDAY, FakeClock, FakeTransport

ALEX, ADELE, DANA = "alexw@contoso.com", "adelev@contoso.com", "danas@fabrikam.com"
HOUR = timedelta(hours=1)
BIG = b"x" * 100_000


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the first store is."""
    return tmp_path / "mail.db"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Where the fork is to be."""
    return tmp_path / "new.db"


@pytest.fixture
def book(path: Path, clock: FakeClock) -> Iterator[Book]:
    """Two people; Alex has sent a letter with a file to both worlds, which has not arrived."""
    with open_book(path, clock=clock, transport=FakeTransport(), deliver=False) as opened:
        opened.mailbox(ADELE, name="Adele Vance")
        alex = opened.mailbox(ALEX, name="Alex Wilber")
        draft = alex.create_draft(subject="Sent", to=[ADELE, DANA])
        alex.attach(draft, "big.bin", BIG)
        alex.send(draft)
        clock.pass_by(HOUR)
        alex.create_draft(subject="Later")
        clock.pass_by(HOUR)
        yield opened


def chain(book: Book) -> dict[str, list[bytes]]:
    """The seals of every history."""
    with book.engine.store.reading() as session:
        histories = {each: session.history.read(each, 0, 10_000) for each in session.history.mailboxes()}
    return {str(name): [each.hash for each in told] for name, told in histories.items()}


def names(box: Mailbox, folder: str = "drafts") -> list[str]:
    """The subjects in a folder."""
    return [each.subject for each in box.folder(folder)]


def ref_of(kept: KeptBlob) -> BlobRef:
    """What names a blob that is kept in clear."""
    return BlobRef(sha256=kept.name, size=kept.size)


def leftovers(folder: Path) -> list[str]:
    """What is in a folder beside the first store."""
    return sorted(each.name for each in folder.iterdir() if not each.name.startswith("mail.db"))


def test_a_whole_store_is_forked_as_it_is(book: Book, new: Path) -> None:
    with book.fork(new) as fork:
        assert chain(fork) == chain(book)
        assert names(fork.mailbox(ALEX)) == ["Later"]
        assert [each.equal for each in fork.rebuild(verify=True)] == [True, True]
        assert [each.subject for each in fork.mailbox(ALEX).search("later")] == ["Later"]
        (sent,) = fork.mailbox(ALEX).sent_items()
        (file,) = fork.mailbox(ALEX).state(sent).attachments
        assert isinstance(file, FileAttachment)
        assert fork.engine.content(file.content) == BIG
    assert new.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("at", [MONDAY + HOUR / 2, "2026-03-02T10:00Z"])
def test_a_store_is_forked_as_it_was(book: Book, new: Path, at: Any) -> None:
    with book.fork(new, at=at) as fork:
        assert names(fork.mailbox(ALEX)) == []
        assert names(fork.mailbox(ALEX), "sentitems") == ["Sent"]
        here, there = chain(book), chain(fork)
        assert all(here[name][: len(seals)] == seals for name, seals in there.items())
        assert sum(map(len, here.values())) == sum(map(len, there.values())) + 1
        assert [each.equal for each in fork.rebuild(verify=True)] == [True, True]
        assert len(fork.users()) == 2


def test_one_mailbox_is_forked_at_a_position(book: Book, new: Path) -> None:
    with book.fork(new, at=2, only=ALEX) as fork:
        assert [each.address for each in fork.users()] == [ALEX]
        assert names(fork.mailbox(ALEX)) == ["Sent"]
        assert not fork.mailbox(ALEX).drafts()[0].has_attachments
    assert not new.with_name("new.db.blobs").exists()


def test_one_mailbox_is_forked_although_another_one_lost_its_end(book: Book, path: Path, new: Path) -> None:
    adele = book.mailbox(ADELE)
    adele.create_draft(subject="Lost")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM events WHERE mailbox=? AND seq>1", (adele.id.bytes,))
    with book.fork(new, only=ALEX) as fork:
        assert names(fork.mailbox(ALEX)) == ["Later"]
    with pytest.raises(StoreDamaged, match=f"event 2 of mailbox {adele.id} is missing"):
        book.fork(new.with_name("whole.db"))


def test_a_fork_goes_its_own_way(book: Book, new: Path) -> None:
    with book.fork(new) as fork:
        before = chain(book)
        (sent,) = fork.mailbox(ALEX).sent_items()
        for _ in range(3):
            fork.mailbox(ALEX).delete(sent)
        fork.mailbox(ALEX).create_draft(subject="Only there")
        assert chain(book) == before
        for blob in list(fork.engine.store.blobs.kept()):
            assert fork.engine.store.blobs.discard(blob)
        assert names(book.mailbox(ALEX), "sentitems") == ["Sent"]
        (kept,) = book.engine.store.blobs.kept()
        assert book.engine.store.blobs.get(ref_of(kept)) == BIG
        assert fork.engine.store.secret != book.engine.store.secret


def test_blobs_are_shared_and_not_copied(book: Book, path: Path, new: Path) -> None:
    book.fork(new).close()

    (here,), (there,) = (
        [each for each in base.with_name(f"{base.name}.blobs").rglob("*") if each.is_file()]
        for base in (path, new)
    )
    assert here.samefile(there)


def test_a_disk_without_links_gets_copies(book: Book, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _raise(OSError(errno.EPERM, "no links here")))

    with book.fork(new) as fork:
        (kept,) = fork.engine.store.blobs.kept()
        assert fork.engine.store.blobs.get(ref_of(kept)) == BIG


def test_a_fork_never_sends(book: Book, new: Path, tmp_path: Path) -> None:
    """Not even if it is told to deliver; what it had was on its way from the other store."""
    assert book.waiting() == 2
    for number, at in enumerate((None, MONDAY)):
        with book.fork(tmp_path / f"{number}.db", at=at, deliver=True) as fork:
            assert (fork.waiting(), fork.deliver()) == (0, 0)
            assert fork.mailbox(ADELE).folder("inbox") == []
    assert book.waiting() == 2
    assert not list(tmp_path.glob("*.outgoing"))


def test_a_fork_signs_anew_and_notifies_nobody(book: Book, new: Path) -> None:
    """Subscriptions and checkpoints belong to the store that they were made in."""
    book.checkpoint()
    by = Subscriber(application="test", creator="test")
    asked = Subscription(
        id=book.engine.ids.new(),
        mailbox=book.mailbox(ALEX).id,
        resource="me/messages",
        change_type="created",
        notification_url="https://contoso.com/hook",
        begins_at=MONDAY,
        expires_at=MONDAY + 24 * HOUR,
        by=by,
    )
    with book.engine.store.writing() as session:
        line = Line(due=MONDAY)
        session.subscriptions.put(Standing(subscription=asked, position=0, news=line, lifecycle=line))
        session.subscriptions.keep_signing_key(b"a key")
    with book.fork(new) as fork:
        with fork.engine.store.reading() as session:
            assert (session.subscriptions.all(), session.subscriptions.signing_key()) == ([], None)
            assert session.evidence.latest(fork.mailbox(ALEX).id) is None
        assert fork.checkpoint()[0].size > 0
        assert fork.verify().good


def test_a_fork_takes_the_outbox_along_if_it_is_asked(book: Book, tmp_path: Path) -> None:
    for number, at in enumerate((None, MONDAY)):
        with book.fork(tmp_path / f"{number}.db", at=at, outbox=True) as fork:
            assert fork.waiting() == 2
            fork.deliver()
            assert len(fork.mailbox(ADELE).folder("inbox")) == 1
    book.deliver()
    with book.fork(tmp_path / "delivered.db", at=MONDAY + 3 * HOUR / 2, outbox=True) as fork:
        assert fork.waiting() == 2, "as of then, nobody had been reached"
    with book.fork(tmp_path / "now.db", outbox=True) as fork:
        assert fork.waiting() == 0
    with (
        open_book(tmp_path / "now.db", deliver=False) as now,
        now.fork(tmp_path / "again.db", at=MONDAY + 2 * HOUR, outbox=True) as fork,
    ):
        assert fork.waiting() == 0


@pytest.mark.parametrize("taken", ["new.db", "new.db-wal"])
def test_nothing_that_is_there_is_written_over(book: Book, new: Path, taken: str) -> None:
    new.with_name(taken).write_bytes(b"precious")

    with pytest.raises(StoreRefused, match="is there already"):
        book.fork(new)

    assert new.with_name(taken).read_bytes() == b"precious"
    assert leftovers(new.parent) == [taken]


def test_forks_that_cannot_be(book: Book, new: Path) -> None:
    with pytest.raises(StoreRefused, match="no folder"):
        book.fork(new.parent / "nowhere" / "new.db")
    with pytest.raises(StoreRefused, match="into a file"):
        book.fork(":memory:")
    with pytest.raises(refusals.MailboxUnknown):
        book.fork(new, only="nobody@contoso.com")
    for at in (2, "soon", "1999-01-01", MONDAY + 9 * HOUR):
        with pytest.raises(refusals.PointUnknown):
            book.fork(new, at=at)
    for at in (0, 99):
        with pytest.raises(refusals.PointUnknown):
            book.fork(new, at=at, only=ALEX)
    assert leftovers(new.parent) == []


def _raise(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_said: object, **_more: object) -> NoReturn:
        raise error

    return fail


FULL = OSError(errno.ENOSPC, "No space left on device")
STEPS = [
    (SqliteStore, "copy_events", MONDAY),
    (forking, "copy_whole", None),
    (forking, "finish", MONDAY),
    (forking, "_link_blobs", None),
    (forking, "_name", MONDAY),
]


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt(), OSError(errno.EIO, "I/O error")])
@pytest.mark.parametrize(("where", "step", "at"), STEPS)
def test_a_fork_that_fails_leaves_nothing(
    book: Book,
    new: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
    at: Any,
    error: BaseException,
) -> None:
    """Whatever step it comes to; and the next one succeeds."""
    with monkeypatch.context() as patched:
        patched.setattr(where, step, _raise(error))
        with pytest.raises((StoreFull, StoreUnavailable, KeyboardInterrupt)):
            book.fork(new, at=at)
    assert [each for each in leftovers(new.parent) if each != "new.db.blobs"] == []

    with book.fork(new, at=at) as fork:
        assert names(fork.mailbox(ALEX), "sentitems") == ["Sent"]
        assert len(list(fork.engine.store.blobs.kept())) == 1


@pytest.mark.parametrize("whole", [True, False])
def test_a_full_disk_is_told_and_leaves_nothing(
    book: Book, new: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """What SQLite itself says of it."""
    connect = sqlite3.connect

    def small(place: Any, *said: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(place, *said, **more)
        connection.execute("PRAGMA max_page_count=8")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(StoreFull):
        book.fork(new, at=None if whole else MONDAY)
    monkeypatch.undo()

    assert leftovers(new.parent) == []
    book.fork(new).close()


KILLED = """
import os, sys
from letterbook import open_book
from letterbook.adapters import forking
setattr(forking, sys.argv[3], lambda *said: os._exit(9))
with open_book(sys.argv[1], deliver=False) as book:
    book.fork(sys.argv[2])
"""


@pytest.mark.parametrize("step", ["_link_blobs", "_name"])
def test_a_fork_that_is_killed_can_be_made_again(
    book: Book, path: Path, new: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    done = warm.run("-c", KILLED, str(path), str(new), step)
    assert done.returncode == 9
    assert not new.exists()

    monkeypatch.setattr(forking, "_STALE", -1)
    with book.fork(new) as fork:
        assert names(fork.mailbox(ALEX), "sentitems") == ["Sent"]
    assert leftovers(new.parent) == ["new.db", "new.db.blobs"]


def test_a_blob_that_is_missing_is_told(book: Book, path: Path, new: Path) -> None:
    shutil.rmtree(path.with_name("mail.db.blobs"))

    with pytest.raises(BlobDamaged):
        book.fork(new, at=MONDAY)

    assert not new.exists()


def test_a_name_that_was_taken_meanwhile_stays_what_it_is(
    book: Book, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = forking._name

    def late(aside: Path, target: Path) -> None:
        target.write_bytes(b"faster")
        name(aside, target)

    monkeypatch.setattr(forking, "_name", late)
    with pytest.raises(StoreRefused, match="is there already"):
        book.fork(new)

    assert new.read_bytes() == b"faster"


def test_others_write_while_a_fork_is_made(book: Book, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they write is in it or not, and the fork is whole."""
    ends = beginning.ends

    def meanwhile(*asked: Any) -> Any:
        found = ends(*asked)
        book.mailbox(ALEX).create_draft(subject="Meanwhile")
        return found

    monkeypatch.setattr(beginning, "ends", meanwhile)
    with book.fork(new) as fork:
        assert [each.equal for each in fork.rebuild(verify=True)] == [True, True]


@pytest.mark.parametrize(("at", "only"), [(None, None), (MONDAY, None), (2, ALEX)])
def test_a_book_in_memory_is_forked_into_memory(clock: FakeClock, at: Any, only: str | None) -> None:
    with open_book(":memory:", clock=clock, deliver=False) as book:
        alex = book.mailbox(ALEX)
        draft = alex.create_draft(subject="First", body="x" * 100_000)
        clock.pass_by(HOUR)
        alex.update_draft(draft, subject="Second")
        with book.fork(":memory:", at=at, only=only) as fork:
            there = fork.mailbox(ALEX)
            assert names(there) == ["First" if at else "Second"]
            assert b"x" * 60 in there.mime(draft)
            there.update_draft(draft, subject="Third")
            assert names(alex) == ["Second"]
            assert len(chain(book)[str(alex.id)]) == 3
        with pytest.raises(StoreRefused, match="into memory"):
            book.fork("mail.db")


def test_a_fork_of_a_fork(book: Book, new: Path, tmp_path: Path) -> None:
    with book.fork(new, at=MONDAY) as fork, fork.fork(tmp_path / "third.db", at=2, only=ALEX) as third:
        assert names(third.mailbox(ALEX)) == ["Sent"]
