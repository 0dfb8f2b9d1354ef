"""Doubles of the world for tests: a clock that is set by hand, a transport that does what it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from letterbook.adapters.blobs import FolderBlobs, MemoryBlobs
from letterbook.adapters.file_forms import CLEAR
from letterbook.adapters.ids import TimeOrderedIds
from letterbook.adapters.mime import MimeCodec
from letterbook.adapters.store.encrypted import Vault
from letterbook.adapters.store.memory import MemoryStore
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.adapters.views.fresh import SqliteFreshViews
from letterbook.adapters.views.memory import MemoryFreshViews, MemoryViews, Rows
from letterbook.adapters.views.sqlite import SqliteViews
from letterbook.application import jobs
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.jobs import NewMessage
from letterbook.application.ports import Clock, Store, Transport
from letterbook.application.querying import PageQuery
from letterbook.application.rows import MessageRow
from letterbook.application.work import Work
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.people import EmailAddress

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ALEX = EmailAddress(name="Alex Wilber", address="alexw@contoso.com")
MEGAN = EmailAddress(name="Megan Bowen", address="meganb@contoso.com")
ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")
DANA = EmailAddress(name="Dana Swope", address="danas@fabrikam.com")
RANDI = EmailAddress(name="Randi Welch", address="randiw@fabrikam.com")


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time it was set to."""
        return self.at

    def pass_by(self, time: timedelta) -> None:
        """Some time goes by."""
        self.at += time


@dataclass
class FakeTransport:
    """Keeps what it is given; ``trouble`` is asked first and may raise."""

    name: str = "fake"
    letters: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: Callable[[str], None] = lambda _: None

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Take a letter; the same key replaces."""
        self.asked.append(recipient)
        self.trouble(recipient)
        self.letters[key] = (sender, recipient, mime)

    def to(self, recipient: str) -> list[bytes]:
        """Every letter that somebody got."""
        return [mime for _, to, mime in self.letters.values() if to == recipient]


def memory_store(clock: Clock) -> MemoryStore[Rows]:
    """A store in memory."""
    return MemoryStore(
        rows=Rows(), views=MemoryViews, fresh=MemoryFreshViews, blobs=MemoryBlobs(), clock=clock
    )


def sqlite_store(path: Path, clock: Clock, key: bytes | None = None) -> SqliteStore:
    """A store in a file; an encrypted one, if it has a key."""
    vault = Vault(key) if key else None
    blobs = FolderBlobs(path.with_name(f"{path.name}.blobs"), vault.form if vault else CLEAR)
    return SqliteStore(
        path,
        views=SqliteViews,
        fresh=SqliteFreshViews,
        blobs=blobs,
        clock=clock,
        protection=vault,
    )


@contextmanager
def opened_sqlite(path: Path, clock: Clock | None = None, key: bytes | None = None) -> Iterator[SqliteStore]:
    """A store in a file, closed at the end; an encrypted one, if it has a key."""
    store = sqlite_store(path, clock or FakeClock(), key)
    try:
        yield store
    finally:
        store.close()


def begun(path: Path) -> Path:
    """A file with a store in it, of which nothing was asked yet: made once and copied."""
    path.write_bytes(_begun())
    return path


@cache
def _begun() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "mail.db")
        sqlite_store(path, FakeClock()).close()
        return path.read_bytes()


def _open(owner: EmailAddress, on: Occasion, work: Work) -> None:
    """The job that gives somebody a mailbox."""
    jobs.open_mailbox(work, owner, on)


class House:
    """A store with an engine and a post office; people have a mailbox when they are invited."""

    def __init__(self, store: Store, clock: FakeClock, transport: Transport) -> None:
        self.store = store
        self.clock = clock
        ids = TimeOrderedIds()
        self.engine = Engine(store, clock=clock, ids=ids, mime=MimeCodec(ids.new))
        self.delivery = Delivery(self.engine, transport)

    def invite(self, *people: EmailAddress) -> None:
        """Give people a mailbox."""
        for person in people:
            on = self.engine.occasion("system:test")
            self.engine.run(partial(_open, person, on))

    def mailbox(self, owner: EmailAddress) -> UUID:
        """The id of somebody's mailbox."""
        return self.engine.person(owner.address).mailbox

    def draft(self, owner: EmailAddress, letter: Letter) -> UUID:
        """Begin a letter."""
        name, on = self.engine.ids.new(), self.engine.occasion(owner.address)
        new, home = self.engine.stowed(NewMessage(letter=letter)), self.mailbox(owner)
        self.engine.run(lambda work: jobs.create_draft(work, home, name, new, on))
        return name

    def send(self, owner: EmailAddress, letter: Letter, *, keep: bool = True) -> UUID:
        """Begin a letter and send it."""
        return self.send_new(owner, NewMessage(letter=letter), keep=keep)

    def send_new(self, owner: EmailAddress, new: NewMessage, *, keep: bool = True) -> UUID:
        """Begin a letter with all that comes along, and send it."""
        name, on = self.engine.ids.new(), self.engine.occasion(owner.address)
        stowed, home = self.engine.stowed(new), self.mailbox(owner)
        self.engine.run(lambda work: jobs.send_mail(work, home, name, stowed, on, keep=keep))
        return name

    def folder(self, owner: EmailAddress, folder: str) -> list[MessageRow]:
        """What somebody finds in a folder."""
        home = self.mailbox(owner)
        query = PageQuery(folder=well_known_id(home, folder), top=10_000)
        return [self.engine.row(home, leaf.message) for leaf in self.engine.page(home, query)]

    def subjects(self, owner: EmailAddress, folder: str) -> list[str]:
        """The subjects in a folder, sorted."""
        return sorted(row.subject for row in self.folder(owner, folder))

    def facts(self, owner: EmailAddress, name: UUID) -> list[Fact]:
        """What happened to a message."""
        return [each.fact for each in self.engine.history(self.mailbox(owner), name)]


def letter(
    subject: str = "Offsite", body: str = "Are we still on?", **people: tuple[EmailAddress, ...]
) -> Letter:
    """A letter: ``letter("Offsite", to=(MEGAN,))``."""
    return Letter.model_validate({"subject": subject, "body": write_body("text", body), **people})
