"""Delivery through somebody else's transport, whatever that does."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from letterbook import (
    Book,
    SealBroken,
    StoreBusy,
    StoreDamaged,
    Transport,
    TryLater,
    Undeliverable,
    open_book,
)
from letterbook.adapters.post_office import PostOffice
from letterbook.application.delivery import GIVE_UP_AFTER, LONGEST_WAIT
from letterbook.domain.message import Delivered, DeliveryFailed
from tests.fakes import FakeClock, FakeTransport

DANA, RANDI = "danas@fabrikam.com", "randiw@fabrikam.com"


class Rude:
    """Raises what it is told to at letters for Dana; takes all others."""

    name = "rude"

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error
        self.taken = FakeTransport()

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Take a letter, or fail."""
        if self.error and recipient == DANA:
            raise self.error
        self.taken.deliver(key, sender, recipient, mime)


@pytest.fixture
def clock() -> FakeClock:
    """Monday morning."""
    return FakeClock()


Opened = Callable[..., Book]


@pytest.fixture
def opened(tmp_path: Path, clock: FakeClock) -> Iterator[Opened]:
    """Opens one book with a transport of its own."""
    books: list[Book] = []

    def with_transport(transport: Transport, deliver: bool = True) -> Book:
        books.append(open_book(tmp_path / "mail.db", clock=clock, transport=transport, deliver=deliver))
        return books[-1]

    yield with_transport
    for book in books:
        book.close()


def try_until_given_up(book: Book, clock: FakeClock) -> None:
    """Deliver as often as it takes."""
    for _ in range(GIVE_UP_AFTER):
        book.deliver()
        clock.pass_by(LONGEST_WAIT)
    assert book.waiting() == 0


def said_of(book: Book) -> tuple[str, str]:
    """What the fact says of a letter that never arrived, and what its sender is told."""
    alex = book.mailbox("alexw@contoso.com")
    (sent,), (report,) = alex.sent_items(), alex.folder("inbox")
    failed = alex.history(sent)[-1]
    assert isinstance(failed, DeliveryFailed)
    return failed.reason, report.body.content or ""


def test_an_error_of_the_transport_is_told_by_its_kind(opened: Opened, clock: FakeClock) -> None:
    """And not in its words, which may hold a password: those are in the log."""
    book = opened(Rude(ConnectionRefusedError("alex:secret@smarthost is down")), deliver=False)
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=[DANA])
    try_until_given_up(book, clock)
    reason, report = said_of(book)
    assert reason == "451 4.4.7 delivery failed: ConnectionRefusedError"
    assert reason in report
    assert "secret" not in report


def test_a_letter_that_cannot_be_read_is_told_as_that(
    opened: Opened, clock: FakeClock, tmp_path: Path
) -> None:
    """What was kept beside the store is gone; the transport is never asked."""
    transport = FakeTransport()
    book = opened(transport, deliver=False)
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", body="Long. " * 20_000, to=[DANA])
    for blob in (tmp_path / "mail.db.blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    try_until_given_up(book, clock)
    assert transport.asked == []
    alex = book.mailbox("alexw@contoso.com")
    (sent,) = alex.sent_items()
    failed = alex.history(sent)[-1]
    assert isinstance(failed, DeliveryFailed)
    assert failed.reason == "451 4.4.7 the letter cannot be read"


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit()])
def test_a_transport_that_ends_the_program_has_had_its_turn(
    opened: Opened, clock: FakeClock, error: BaseException
) -> None:
    """Whoever delivers by hand is told; those behind it are seen to next, and it is tried again later."""
    transport = Rude(error)
    book = opened(transport, deliver=False)
    alex = book.mailbox("alexw@contoso.com")
    alex.send_mail(subject="Offsite", to=[DANA])
    clock.pass_by(timedelta(seconds=1))
    alex.send_mail(subject="Lunch", to=[RANDI])
    with pytest.raises(type(error)):
        book.deliver()
    book.deliver()
    assert (transport.taken.asked, book.waiting()) == ([RANDI], 1)
    transport.error = None
    clock.pass_by(LONGEST_WAIT)
    book.deliver()
    assert (transport.taken.asked, book.waiting()) == ([RANDI, DANA], 0)


def test_whoever_stops_the_program_is_no_fault_of_the_letter(opened: Opened) -> None:
    """Ctrl-C during delivery: it is due as before."""
    transport = Rude(KeyboardInterrupt())
    book = opened(transport, deliver=False)
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=[DANA])
    with pytest.raises(KeyboardInterrupt):
        book.deliver()
    transport.error = None
    assert (book.deliver(), book.waiting()) == (1, 0)


@pytest.mark.parametrize("error", [StoreBusy("locked"), StoreDamaged("torn"), SealBroken("torn")])
def test_trouble_with_a_store_of_the_transport_is_none_of_this_one(
    opened: Opened, clock: FakeClock, error: Exception
) -> None:
    """It is an error of the transport like any other, and holds nobody else up."""
    transport = Rude(error)
    book = opened(transport, deliver=False)
    alex = book.mailbox("alexw@contoso.com")
    alex.send_mail(subject="Offsite", to=[DANA, RANDI])
    assert (book.deliver(), transport.taken.asked) == (2, [RANDI])
    try_until_given_up(book, clock)
    assert said_of(book)[0] == f"451 4.4.7 delivery failed: {type(error).__name__}"


@pytest.mark.parametrize("error", [Undeliverable("550 \udcff"), TryLater("451 \udcff")])
def test_a_reason_that_is_no_text_is_told_as_far_as_it_is(
    opened: Opened, clock: FakeClock, error: Exception
) -> None:
    book = opened(Rude(error), deliver=False)
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=[DANA])
    try_until_given_up(book, clock)
    reason, report = said_of(book)
    assert reason.endswith(str(error).replace("\udcff", "?"))
    assert reason in report


class Promising:
    """Promises to deliver, and leaves it to somebody else to wait for that."""

    name = "promising"

    async def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Nobody ever gets here."""
        raise NotImplementedError(key, sender, recipient, mime)


def test_what_is_promised_is_not_delivered(opened: Opened, clock: FakeClock) -> None:
    book = opened(cast("Transport", Promising()), deliver=False)
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=[DANA])
    assert (book.deliver(), book.waiting()) == (1, 1)
    try_until_given_up(book, clock)
    assert said_of(book)[0] == "451 4.4.7 delivery failed: TypeError"


@pytest.mark.parametrize("name", [None, 5, b"smtp"])
def test_a_transport_has_a_name(opened: Opened, tmp_path: Path, name: object) -> None:
    """Else nobody could write down how a letter left, and it would leave again and again."""
    transport = Rude(OSError())
    vars(transport)["name"] = name
    with pytest.raises(TypeError, match="a transport needs a name"):
        opened(transport)
    assert not any(tmp_path.iterdir())


class Forgetful:
    """Has a name for a while."""

    def __init__(self) -> None:
        self.is_known = True
        self.taken = FakeTransport()

    @property
    def name(self) -> str:
        """Its name, as long as it is known."""
        if self.is_known:
            return "forgetful"
        raise LookupError

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Take a letter."""
        self.taken.deliver(key, sender, recipient, mime)


def test_a_transport_that_loses_its_name_gets_no_letters(opened: Opened) -> None:
    """The name is asked for before a letter is handed over."""
    transport = Forgetful()
    book = opened(cast("Transport", transport), deliver=False)
    transport.is_known = False
    book.mailbox("alexw@contoso.com").send_mail(subject="Offsite", to=[DANA])
    book.deliver()
    assert (transport.taken.asked, book.waiting()) == ([], 1)


@pytest.mark.usefixtures("hasty_post_office")
@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_delivery_in_the_background_outlives_every_error(
    opened: Opened, clock: FakeClock, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """Letters behind it go on arriving, and the one that ended it is tried again by itself."""
    transport = Rude(error)
    book = opened(transport)
    alex = book.mailbox("alexw@contoso.com")
    alex.send_mail(subject="Offsite", to=[DANA])
    wait_until(lambda: "delivery failed; it will be tried again" in caplog.text)
    alex.send_mail(subject="Lunch", to=["alexw@contoso.com", RANDI])
    wait_until(lambda: book.waiting() == 1)
    assert transport.taken.asked == [RANDI]
    assert [message.subject for message in alex.folder("inbox")] == ["Lunch"]
    transport.error = None
    clock.pass_by(LONGEST_WAIT)
    wait_until(lambda: book.waiting() == 0)
    (sent,) = [message for message in alex.sent_items() if message.subject == "Offsite"]
    assert isinstance(alex.history(sent)[-1], Delivered)


def test_a_thread_that_ended_all_the_same_is_followed_by_another(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends next wakes it."""
    book = opened(FakeTransport())
    alex = book.mailbox("alexw@contoso.com")
    with monkeypatch.context() as patch:
        ended = threading.Event()
        patch.setattr(PostOffice, "_work", lambda _: ended.set())
        alex.send_mail(subject="Offsite", to=[DANA])
        assert ended.wait(10)
        wait_until(lambda: not any(each.name == "letterbook-delivery" for each in threading.enumerate()))
    assert book.waiting() == 1
    alex.send_mail(subject="Lunch", to=["alexw@contoso.com"])
    wait_until(lambda: book.waiting() == 0)


def wait_until(true: Callable[[], bool]) -> None:
    """Until it is so; ten seconds at most."""
    pause = threading.Event()
    assert any(true() or pause.wait(0.01) for _ in range(1000))
