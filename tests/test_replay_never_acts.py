"""Whoever tells the history again acts on nobody: every way out of the store is trapped while it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook import Book, open_book
from letterbook.adapters.webhooks.late import LateCourier
from letterbook.application.standing import Line, Standing
from letterbook.domain.subscriptions import Subscriber, Subscription
from tests.fakes import MONDAY, FakeClock, FakeTransport

ALEX, ADELE, DANA = "alexw@contoso.com", "adelev@contoso.com", "danas@fabrikam.com"


class Trap:
    """A transport that remembers who stepped into it."""

    name = "trap"

    def __init__(self) -> None:
        self.caught: list[str] = []

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Nobody is to come here."""
        self.caught.append(recipient)


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Trap:
    """In front of the mail and of every endpoint."""
    trap = Trap()

    def post(_courier: LateCourier, url: str, _body: bytes, _content_type: str, _seconds: float) -> None:
        trap.caught.append(url)

    monkeypatch.setattr(LateCourier, "post", post)
    return trap


@pytest.fixture
def lived(tmp_path: Path) -> Path:
    """A store in which a letter went to both worlds, another is on its way, and an endpoint listens."""
    path, clock = tmp_path / "mail.db", FakeClock()
    with open_book(path, clock=clock, transport=FakeTransport(), deliver=False) as book:
        book.mailbox(ADELE, name="Adele Vance")
        alex = book.mailbox(ALEX, name="Alex Wilber")
        alex.send_mail(subject="Offsite", to=[ADELE, DANA])
        book.deliver()
        alex.send_mail(subject="Lunch", to=[ADELE, DANA])
        with book.engine.store.writing() as session:
            session.subscriptions.put(_listening(book))
    return path


def _listening(book: Book) -> Standing:
    """Somebody who wants to know of everything, and knows of nothing yet."""
    asked = Subscription(
        id=book.engine.ids.new(),
        mailbox=book.mailbox(ALEX).id,
        resource="me/messages",
        change_type="created,updated,deleted",
        notification_url="https://contoso.com/hook",
        begins_at=MONDAY,
        expires_at=MONDAY.replace(year=MONDAY.year + 100),
        by=Subscriber(application="test", creator="test"),
    )
    return Standing(subscription=asked, position=0, news=Line(due=MONDAY), lifecycle=Line(due=MONDAY))


@pytest.fixture
def book(lived: Path, trap: Trap) -> Iterator[Book]:
    """The store opened again, behind the traps; by itself it does nothing."""
    with open_book(lived, transport=trap, deliver=False) as book:
        yield book


def test_the_traps_would_catch_somebody(book: Book, trap: Trap) -> None:
    """Whoever does act steps into them."""
    book.deliver()
    book.notify()
    assert set(trap.caught) == {DANA, "https://contoso.com/hook"}


def test_rebuilding_verifying_and_looking_back_call_nobody(book: Book, trap: Trap) -> None:
    waiting = book.waiting()
    assert all(each.equal for each in book.rebuild(verify=True))
    assert book.verify().good
    alex = book.mailbox(ALEX)
    for position in range(1, alex.changes()[-1].seq + 1):
        alex.at(position).sent_items()
    alex.diff(1)
    alex.timeline(alex.sent_items()[0])
    assert (trap.caught, book.waiting()) == ([], waiting)


def test_a_fork_calls_nobody_even_if_it_may(book: Book, trap: Trap, tmp_path: Path) -> None:
    for name, at in (("whole.db", None), ("then.db", MONDAY)):
        book.fork(tmp_path / name, at=at).close()
        with open_book(tmp_path / name, transport=trap) as fork:
            assert (fork.deliver(), fork.notify()) == (0, 0)
    assert trap.caught == []


def test_what_is_brought_in_is_sent_to_nobody(book: Book, trap: Trap, tmp_path: Path) -> None:
    """Neither a store's facts, nor letters of another program."""
    book.export_facts(tmp_path / "facts.jsonl")
    book.mailbox(ALEX).export_mail(tmp_path / "mail.mbox", format="mbox")
    with open_book(tmp_path / "new.db", transport=trap) as new:
        new.import_facts(tmp_path / "facts.jsonl")
        new.mailbox(ADELE).import_mail(tmp_path / "mail.mbox")
        assert (new.deliver(), new.notify()) == (0, 0)
    assert trap.caught == []
