"""After sending: who gets what, once, whatever goes wrong on the way."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock
from uuid import UUID

import pytest

from letterbook.adapters.mime import MimeCodec
from letterbook.application import delivery
from letterbook.application.delivery import GIVE_UP_AFTER, LONGEST_WAIT, Delivery
from letterbook.application.jobs import NewMessage, new_from_mime
from letterbook.application.ports import Parcel, Session, Store, TryLater, Undeliverable
from letterbook.application.rebuilding import rebuild
from letterbook.application.troubles import StoreBusy
from letterbook.application.work import Work
from letterbook.domain.attachments import Content, FileAttachment, ItemAttachment
from letterbook.domain.facts import Fact, Occasion
from letterbook.domain.letter import Header, Letter
from letterbook.domain.message import (
    Delivered,
    DeliveryFailed,
    DraftCreated,
    Message,
    NoteDelivery,
    Received,
    Sent,
)
from letterbook.domain.people import EmailAddress
from tests.fakes import (
    ADELE,
    ALEX,
    DANA,
    MEGAN,
    MONDAY,
    RANDI,
    FakeClock,
    FakeTransport,
    House,
    begun,
    letter,
    memory_store,
    sqlite_store,
)


@pytest.fixture
def transport() -> FakeTransport:
    """Takes everything."""
    return FakeTransport()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of either kind."""
    clock = FakeClock()
    made: Store = (
        memory_store(clock) if request.param == "memory" else sqlite_store(begun(tmp_path / "m.db"), clock)
    )
    yield made
    made.close()


@pytest.fixture
def house(store: Store, transport: FakeTransport) -> House:
    """Alex, Megan and Adele live here; Dana and Randi do not."""
    made = House(store, FakeClock(), transport)
    made.invite(ALEX, MEGAN, ADELE)
    return made


def inbox(house: House, owner: EmailAddress) -> list[Message]:
    """What somebody got, in full."""
    home = house.mailbox(owner)
    return [house.engine.message(home, row.message) for row in house.folder(owner, "inbox")]


def names(people: tuple[EmailAddress, ...]) -> list[str]:
    """Their addresses."""
    return [person.address for person in people]


def read(mime: bytes) -> EmailMessage:
    """A letter as a mail program reads it."""
    return message_from_bytes(mime, policy=policy.default)


def kinds(facts: list[Fact]) -> list[type[Fact]]:
    """What kinds of facts they are."""
    return [type(fact) for fact in facts]


# --- Inside ----------------------------------------------------------------------------------------


def test_everyone_gets_the_letter_once(house: House) -> None:
    """And nobody is left waiting; the sender's copy tells who was reached."""
    name = house.send(ALEX, letter(to=(MEGAN,), cc=(ADELE,)))
    assert house.delivery.waiting() == 2
    assert house.delivery.deliver_due() == 2
    assert house.delivery.waiting() == 0
    for reader in (MEGAN, ADELE):
        (got,) = inbox(house, reader)
        assert (got.letter.subject, got.letter.body.content) == ("Offsite", "Are we still on?")
        assert (got.letter.author, got.letter.sender) == (ALEX, ALEX)
        assert not got.is_read
    facts = house.facts(ALEX, name)
    assert kinds(facts) == [DraftCreated, Sent, Delivered, Delivered]
    assert {fact.recipient for fact in facts if isinstance(fact, Delivered)} == set(names((MEGAN, ADELE)))


def test_delivering_again_changes_nothing(house: House) -> None:
    """There is nothing left to do."""
    house.send(ALEX, letter(to=(MEGAN, DANA)))
    house.delivery.deliver_due()
    assert house.delivery.deliver_due() == 0
    assert house.subjects(MEGAN, "inbox") == ["Offsite"]


def test_a_parcel_that_two_hands_hold_arrives_once(house: House, transport: FakeTransport) -> None:
    """Two loops may have read it from the outbox at the same moment."""
    name = house.send(ALEX, letter(to=(MEGAN, DANA)))
    parcels = house.delivery._due(house.clock.now())
    for parcel in parcels * 2:
        house.delivery._deliver_all([parcel], lambda: False)
    assert house.subjects(MEGAN, "inbox") == ["Offsite"]
    assert len(transport.letters) == 1
    assert kinds(house.facts(ALEX, name))[2:] == [Delivered, Delivered]


def test_two_hands_in_one_transaction_count_once_too(house: House) -> None:
    """The second one sees what the first one did, before it is written."""
    house.send(ALEX, letter(to=(MEGAN,)))
    (parcel,) = house.delivery._due(house.clock.now())

    def twice(work: Work) -> list[bool]:
        before = work.awaits(parcel)
        work.delivered(parcel)
        work.put_off(parcel, parcel)
        return [before, work.awaits(parcel)]

    assert house.engine.run(twice) == [True, False]
    assert house.delivery.waiting() == 0


def test_a_late_failure_does_not_bring_a_delivered_parcel_back(
    house: House, transport: FakeTransport
) -> None:
    """One hand succeeded while the other's attempt was failing."""
    house.send(ALEX, letter(to=(DANA,)))
    (parcel,) = house.delivery._due(house.clock.now())

    def meanwhile_delivered(_: str) -> None:
        transport.trouble = lambda _: None
        house.delivery.deliver_due()
        raise TryLater("421 busy")

    transport.trouble = meanwhile_delivered
    house.delivery._deliver_all([parcel], lambda: False)
    assert (house.delivery.waiting(), len(transport.letters)) == (0, 1)


def test_blind_copies_are_seen_by_nobody_else(house: House) -> None:
    """Who is in Bcc sees themselves there and no other; To and Cc see none; the sender sees all."""
    house.send(ALEX, letter(to=(MEGAN,), bcc=(ADELE, DANA, ALEX)))
    house.delivery.deliver_due()
    assert [names(got.letter.bcc) for got in inbox(house, MEGAN)] == [[]]
    assert [names(got.letter.bcc) for got in inbox(house, ADELE)] == [["adelev@contoso.com"]]
    assert [names(got.letter.bcc) for got in inbox(house, ALEX)] == [["alexw@contoso.com"]]
    (kept,) = house.folder(ALEX, "sentitems")
    sent = house.engine.message(house.mailbox(ALEX), kept.message)
    assert names(sent.letter.bcc) == names((ADELE, DANA, ALEX))


@pytest.mark.parametrize("reader", [MEGAN, ADELE])
def test_no_trace_of_blind_copies_is_in_what_others_read(house: House, reader: EmailAddress) -> None:
    """Neither in the row, nor in the MIME, nor in the stored fact."""
    house.send(ALEX, letter(to=(MEGAN,), bcc=(DANA, ADELE)))
    house.delivery.deliver_due()
    home, (row,) = house.mailbox(reader), house.folder(reader, "inbox")
    mime = house.engine.mime.render(
        house.delivery._mail(inbox(house, reader)[0].letter, inbox(house, reader)[0])
    )
    stored = house.facts(reader, row.message)[0].model_dump_json().encode()
    for seen in (row.ready, mime, stored):
        assert b"danas@fabrikam.com" not in seen
        assert reader is ADELE or b"adelev@contoso.com" not in seen
    assert home != house.mailbox(ALEX)


def test_a_recipient_named_twice_gets_one_copy(house: House, transport: FakeTransport) -> None:
    """In To and Bcc, in any case; the copy keeps both lines for them."""
    twice = EmailAddress(address="MEGANB@contoso.com")
    house.send(ALEX, letter(to=(MEGAN, DANA), cc=(twice,), bcc=(MEGAN, DANA)))
    assert house.delivery.waiting() == 2
    house.delivery.deliver_due()
    (got,) = inbox(house, MEGAN)
    assert (names(got.letter.to), names(got.letter.bcc)) == (names((MEGAN, DANA)), names((MEGAN,)))
    assert len(transport.letters) == 1


def test_a_letter_to_oneself_is_in_both_folders(house: House) -> None:
    """Two messages: one sent, one received."""
    house.send(ALEX, letter(to=(ALEX,)))
    house.delivery.deliver_due()
    (sent,), (got,) = house.folder(ALEX, "sentitems"), house.folder(ALEX, "inbox")
    assert sent.message != got.message
    assert (sent.is_read, got.is_read) == (True, False)


def test_two_letters_are_two(house: House) -> None:
    """Also when they say the same."""
    for _ in range(3):
        house.send(ALEX, letter(to=(MEGAN,)))
    house.delivery.deliver_due()
    assert house.subjects(MEGAN, "inbox") == ["Offsite"] * 3


def test_a_letter_that_is_not_kept_is_delivered_all_the_same(house: House, transport: FakeTransport) -> None:
    """It is in no folder of its sender; its history stays."""
    name = house.send(ALEX, letter(to=(MEGAN, DANA)), keep=False)
    house.delivery.deliver_due()
    assert house.subjects(ALEX, "drafts") == house.subjects(ALEX, "sentitems") == []
    assert house.subjects(MEGAN, "inbox") == ["Offsite"]
    assert len(transport.letters) == 1
    assert kinds(house.facts(ALEX, name)) == [DraftCreated, Sent, Delivered, Delivered]
    assert all(each.equal for each in rebuild(house.store, verify=True))


def test_large_parts_arrive_whole(house: House, transport: FakeTransport) -> None:
    """A body and a file that are kept as blobs, inside and outside."""
    picture, words = bytes(range(256)) * 1024, "Long story. 会議 " * 20_000
    file = FileAttachment(
        id=UUID(int=1),
        name="plan.png",
        content_type="image/png",
        modified_at=MONDAY,
        content=Content(inline=picture),
    )
    house.send_new(ALEX, NewMessage(letter=letter(body=words, to=(MEGAN, DANA)), attachments=(file,)))
    house.delivery.deliver_due()
    (got,), (mime,) = inbox(house, MEGAN), transport.to("danas@fabrikam.com")
    attached = got.attachments[0]
    assert isinstance(attached, FileAttachment)
    assert attached.content.blob is not None
    assert house.engine.content(attached.content) == picture
    assert house.engine.whole_letter(got.letter).body.content == words
    outside = read(mime)
    assert [part.get_content() for part in outside.iter_attachments()] == [picture]
    body = outside.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == words.rstrip("\n")


def test_marks_of_the_author_do_not_travel(house: House) -> None:
    """Nor do extended properties; the author's own headers do."""
    said = letter(to=(MEGAN,)).model_copy(update={"headers": (Header(name="x-team", value="Marketing"),)})
    house.send(
        ALEX,
        Letter.model_validate({name: getattr(said, name) for name in said.model_fields_set | {"headers"}}),
    )
    house.delivery.deliver_due()
    (got,) = inbox(house, MEGAN)
    assert [(each.name, each.value) for each in got.letter.headers] == [("x-team", "Marketing")]
    assert (got.letter.properties, got.categories) == ((), ())


# --- Outside ---------------------------------------------------------------------------------------


def test_letters_to_the_outside_go_to_the_transport(house: House, transport: FakeTransport) -> None:
    """One for each recipient, from the sender, without a trace of the blind copies."""
    house.send(ALEX, letter(to=(DANA,), bcc=(RANDI, MEGAN)))
    house.delivery.deliver_due()
    assert sorted((sender, to) for sender, to, _ in transport.letters.values()) == [
        ("alexw@contoso.com", "danas@fabrikam.com"),
        ("alexw@contoso.com", "randiw@fabrikam.com"),
    ]
    for _, _, mime in transport.letters.values():
        assert read(mime)["Bcc"] is None
        assert read(mime)["To"] == "Dana Swope <danas@fabrikam.com>"
        assert b"randiw" not in mime
        assert b"meganb" not in mime


def test_what_became_of_a_letter_is_written_down_at_once(
    house: House, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendered once and read once, whatever became of each; another letter is another transaction."""
    house.send(ALEX, letter(to=(DANA, RANDI), cc=(EmailAddress(address="nobody@fabrikam.com"),)))
    house.send(ALEX, letter(subject="Another", to=(DANA,)))
    rendered, written = Mock(wraps=house.engine.mime.render), Mock(wraps=house.engine.store.writing)
    monkeypatch.setattr(house.engine.mime, "render", rendered)
    monkeypatch.setattr(house.engine.store, "writing", written)

    def refuse_one(recipient: str) -> None:
        if recipient.startswith("nobody"):
            raise Undeliverable("550 5.1.1 User unknown")

    transport.trouble = refuse_one
    assert house.delivery.deliver_due() == 4
    assert (rendered.call_count, written.call_count) == (2, 3)  # those for this store come first, of both
    assert (len(transport.letters), house.subjects(ALEX, "inbox")) == (3, ["Undeliverable: Offsite"])


def test_what_cannot_be_written_down_does_not_hold_up_the_others(
    house: House, transport: FakeTransport, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again later: those behind it go first."""

    def broken(work: Work, parcel: Parcel, note: NoteDelivery, on: Occasion) -> None:
        if parcel.recipient == "danas@fabrikam.com":
            raise ZeroDivisionError("nobody foresaw this")
        settle(work, parcel, note, on)

    settle = delivery._settle
    monkeypatch.setattr(delivery, "_settle", broken)
    house.send(ALEX, letter("first", to=(DANA, RANDI)))
    house.clock.pass_by(timedelta(seconds=1))
    house.send(ALEX, letter("second", to=(RANDI,)))
    assert house.delivery.deliver_due() == 3
    assert "nobody foresaw this" in caplog.text
    assert (house.delivery.waiting(), len(transport.to("randiw@fabrikam.com"))) == (1, 2)
    monkeypatch.undo()
    house.clock.pass_by(timedelta(hours=1))
    house.delivery.deliver_due()
    assert (house.delivery.waiting(), len(transport.letters)) == (0, 3)


def test_whoever_has_the_letter_is_written_down_when_the_store_gets_busy(
    house: House, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of the same letter are seen to when it is over."""

    def busy(post: Delivery, parcel: Parcel) -> bool:
        if parcel.recipient == "randiw@fabrikam.com":
            raise StoreBusy("too many read the store at once")
        return awaits(post, parcel)

    awaits = Delivery._awaits
    monkeypatch.setattr(Delivery, "_awaits", busy)
    name = house.send(ALEX, letter(to=(DANA, RANDI)))
    with pytest.raises(StoreBusy):
        house.delivery.deliver_due()
    assert kinds(house.facts(ALEX, name)) == [DraftCreated, Sent, Delivered]
    assert house.delivery.waiting() == 1
    assert transport.asked == ["danas@fabrikam.com"]
    monkeypatch.undo()
    assert house.delivery.deliver_due() == 1, "it is due as before"


def test_the_blind_copies_of_a_mime_message_are_hidden_too(house: House, transport: FakeTransport) -> None:
    """They came as a header, and it does not leave the house."""
    raw = (
        b"From: Alex Wilber <alexw@contoso.com>\r\nTo: danas@fabrikam.com, meganb@contoso.com\r\n"
        b"Bcc: randiw@fabrikam.com,\r\n adelev@contoso.com\r\nbCC: samanthab@fabrikam.com\r\n"
        b"Resent-Bcc: irvins@fabrikam.com\r\nSubject: Offsite\r\n\r\nAre we still on?\r\n"
    )
    new = new_from_mime(house.engine.mime.parse(raw, MONDAY))
    house.send_new(ALEX, new)
    house.delivery.deliver_due()
    secret = (b"randiw", b"adelev", b"samanthab", b"irvins")
    for _, _, mime in transport.letters.values():
        assert not [who for who in secret if who in mime]
    (got,) = inbox(house, MEGAN)
    assert not [who for who in secret if who.decode() in got.letter.model_dump_json()]
    assert house.subjects(ADELE, "inbox") == ["Offsite"]


def test_what_cannot_be_delivered_comes_back_once(house: House, transport: FakeTransport) -> None:
    """As a report that says who and why and encloses the letter; the others get theirs."""

    def unknown(recipient: str) -> None:
        if recipient == "danas@fabrikam.com":
            raise Undeliverable("550 5.1.1 User unknown")

    transport.trouble = unknown
    name = house.send(ALEX, letter(to=(DANA, RANDI, MEGAN)))
    for _ in range(3):
        house.delivery.deliver_due()
        house.clock.pass_by(timedelta(days=1))
    (report,) = inbox(house, ALEX)
    assert report.letter.subject == "Undeliverable: Offsite"
    assert "danas@fabrikam.com" in (report.letter.body.content or "")
    assert "550 5.1.1 User unknown" in (report.letter.body.content or "")
    (enclosed,) = report.attachments
    assert isinstance(enclosed, ItemAttachment)
    assert enclosed.item.body.content == "Are we still on?"
    failed = [fact for fact in house.facts(ALEX, name) if isinstance(fact, DeliveryFailed)]
    assert [(fact.recipient, fact.reason) for fact in failed] == [
        ("danas@fabrikam.com", "550 5.1.1 User unknown")
    ]
    assert house.subjects(MEGAN, "inbox") == ["Offsite"]
    assert len(transport.to("randiw@fabrikam.com")) == 1


def test_each_unreachable_recipient_is_reported(house: House, transport: FakeTransport) -> None:
    """Two failures are two reports, also of a letter that was not kept."""

    def unknown(_: str) -> None:
        raise Undeliverable("550 5.1.1 User unknown")

    transport.trouble = unknown
    house.send(ALEX, letter(to=(DANA, RANDI)), keep=False)
    house.delivery.deliver_due()
    bodies = sorted(got.letter.body.content or "" for got in inbox(house, ALEX))
    assert ["danas" in bodies[0], "randiw" in bodies[1]] == [True, True]
    assert len(bodies) == 2


def test_what_failed_for_now_is_tried_again(house: House, transport: FakeTransport) -> None:
    """Not before its time; then it arrives and no report is written."""

    def busy(_: str) -> None:
        raise TryLater("421 4.3.2 busy")

    transport.trouble = busy
    house.send(ALEX, letter(to=(DANA,)))
    house.delivery.deliver_due()
    assert (house.delivery.deliver_due(), len(transport.asked)) == (0, 1)
    transport.trouble = lambda _: None
    house.clock.pass_by(timedelta(minutes=1))
    assert house.delivery.deliver_due() == 1
    assert len(transport.to("danas@fabrikam.com")) == 1
    assert inbox(house, ALEX) == []
    assert house.delivery.waiting() == 0


def test_waits_grow_and_in_the_end_the_sender_is_told(house: House, transport: FakeTransport) -> None:
    """Up to an hour between attempts, about a day in all, then one report."""
    attempts = []

    def busy(_: str) -> None:
        attempts.append(house.clock.now())
        raise TryLater("421 4.3.2 busy")

    transport.trouble = busy
    name = house.send(ALEX, letter(to=(DANA,)))
    for _ in range(3 * 24 * 60 * 4):
        house.delivery.deliver_due()
        if not house.delivery.waiting():
            break
        house.clock.pass_by(timedelta(seconds=15))
    waits = [late - early for early, late in pairwise(attempts)]
    assert len(attempts) == GIVE_UP_AFTER
    assert waits == sorted(waits)
    assert (waits[0] < timedelta(minutes=1), waits[-1]) == (True, LONGEST_WAIT)
    assert timedelta(hours=20) < attempts[-1] - attempts[0] < timedelta(hours=30)
    (report,) = inbox(house, ALEX)
    assert "421 4.3.2 busy" in (report.letter.body.content or "")
    assert kinds(house.facts(ALEX, name)) == [DraftCreated, Sent, DeliveryFailed]


def test_a_letter_that_always_breaks_the_loop_comes_back(
    house: House, transport: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the reason: the sender is told in the end."""

    def broken(_: str) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    transport.trouble = broken
    name = house.send(ALEX, letter(to=(DANA,)))
    for _ in range(GIVE_UP_AFTER):
        house.delivery.deliver_due()
        house.clock.pass_by(LONGEST_WAIT)
    assert (house.delivery.waiting(), house.subjects(ALEX, "inbox")) == (0, ["Undeliverable: Offsite"])
    assert kinds(house.facts(ALEX, name)) == [DraftCreated, Sent, DeliveryFailed]
    assert "could not be delivered" in caplog.text


def test_what_a_letter_claims_of_its_sender_stays_behind(house: House) -> None:
    """The headers that tell who sent it and how it came are the post office's to say."""
    claims = ("From", "Sender", "Return-Path", "Received", "Resent-From", "X-Letterbook-Envelope-From")
    headers = tuple(Header(name=name, value="boss@contoso.com") for name in (*claims, "x-mine"))
    new = NewMessage(letter=letter(to=(MEGAN,)).model_copy(update={"headers": headers}), from_mime=True)
    house.send_new(ALEX, new)
    house.delivery.deliver_due()
    (got,) = inbox(house, MEGAN)
    assert [header.name for header in got.letter.headers] == ["x-mine"]


def test_a_letter_that_breaks_the_loop_does_not_hold_up_the_others(
    house: House, transport: FakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged and tried again."""

    def broken(recipient: str) -> None:
        if recipient == "danas@fabrikam.com":
            raise ZeroDivisionError("nobody foresaw this")

    transport.trouble = broken
    house.send(ALEX, letter("first", to=(DANA,)))
    house.clock.pass_by(timedelta(seconds=1))
    house.send(ALEX, letter("second", to=(RANDI, MEGAN)))
    house.delivery.deliver_due()
    assert "nobody foresaw this" in caplog.text
    assert (len(transport.to("randiw@fabrikam.com")), house.subjects(MEGAN, "inbox")) == (1, ["second"])
    transport.trouble = lambda _: None
    house.clock.pass_by(timedelta(hours=1))
    house.delivery.deliver_due()
    assert len(transport.to("danas@fabrikam.com")) == 1
    assert house.delivery.waiting() == 0


def test_delivery_stops_when_asked(house: House) -> None:
    """Between two parcels for the transport; what is left stays in the outbox."""
    outside = tuple(EmailAddress(address=f"{name}@fabrikam.com") for name in ("danas", "randiw", "garthf"))
    house.send(ALEX, letter(to=outside))
    answers = iter([False, False, True, True])
    assert house.delivery.deliver_due(stop=lambda: next(answers)) == 1
    assert house.delivery.waiting() == 2
    assert house.delivery.deliver_due() == 2


def test_more_than_a_batch_is_delivered(house: House) -> None:
    """The longest due first, until none is due."""
    crowd = tuple(EmailAddress(address=f"person{n}@fabrikam.com") for n in range(230))
    house.send(ALEX, letter(to=crowd))
    assert house.delivery.deliver_due() == 230
    assert house.delivery.waiting() == 0


# --- Crashes ---------------------------------------------------------------------------------------


class PowerCut(KeyboardInterrupt):
    """The machine stops; nobody catches it."""


class Fuse:
    """Counts steps and cuts the power at one of them."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        """One step further."""
        self.left -= 1
        if self.left == 0:
            raise PowerCut


class FusedStore:
    """A store on a circuit that may be cut before a transaction, in its middle, at its end, or after it."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse
        self.blobs = store.blobs
        self.secret = store.secret
        self.encrypted = store.encrypted

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction with three places to stop at."""
        self._fuse.step()
        with self._store.writing() as session:
            yield session
            self._fuse.step()
        self._fuse.step()

    def rebuilding(self) -> AbstractContextManager[None]:
        """Nobody does."""
        return self._store.rebuilding()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Reading may be cut, too."""
        self._fuse.step()
        with self._store.reading() as session:
            yield session

    def pulse(self) -> int:
        """As it is."""
        return self._store.pulse()

    def close(self) -> None:
        """Not ours to close."""


def run_until_the_cut(store: Store, transport: FakeTransport, fuse: Fuse, clock: FakeClock) -> bool:
    """A program delivers until the power is cut; tells whether it came to its end."""
    fused = FusedStore(store, fuse)
    wired = FakeTransport(letters=transport.letters)

    def hand_over(recipient: str) -> None:
        fuse.step()
        if recipient == "randiw@fabrikam.com":
            raise Undeliverable("550 5.1.1 User unknown")

    wired.trouble = hand_over
    with suppress(PowerCut):
        House(fused, clock, wired).delivery.deliver_due()
        return True
    return False


def test_a_crash_between_any_two_steps_neither_loses_nor_doubles(
    store: Store, transport: FakeTransport
) -> None:
    """Inside, outside and unreachable: every step of delivery is cut once, then a new program goes on."""
    clock = FakeClock()
    house = House(store, clock, transport)
    house.invite(ALEX, MEGAN)
    for step in range(1, 100):
        subject = f"Offsite {step}"
        name = house.send(ALEX, letter(subject, to=(MEGAN, DANA, RANDI)))
        finished = run_until_the_cut(store, transport, Fuse(step), clock)
        assert run_until_the_cut(store, transport, Fuse(-1), clock)
        house = House(store, clock, transport)
        assert house.subjects(MEGAN, "inbox").count(subject) == 1
        assert house.subjects(ALEX, "inbox").count(f"Undeliverable: {subject}") == 1
        assert kinds(house.facts(ALEX, name))[:2] == [DraftCreated, Sent]
        assert sorted(kind.__name__ for kind in kinds(house.facts(ALEX, name))[2:]) == [
            "Delivered",
            "Delivered",
            "DeliveryFailed",
        ]
        if finished:
            break
    assert step > 10, "there were more steps than that to be cut"
    assert len(transport.to("danas@fabrikam.com")) == step
    assert house.delivery.waiting() == 0
    assert all(each.equal for each in rebuild(store, verify=True))


def test_a_crash_before_sending_is_written_sends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fact and the parcels are in one transaction: both or neither."""
    with monkeypatch.context() as patch:
        patch.setattr(Work, "write", crash)
        with pytest.raises(MemoryError):
            house.send(ALEX, letter(to=(MEGAN,)))
    assert house.delivery.waiting() == 0
    assert house.subjects(ALEX, "drafts") == house.subjects(ALEX, "sentitems") == []
    house.send(ALEX, letter(to=(MEGAN,)))
    assert house.delivery.deliver_due() == 1


def crash(_: Work) -> None:
    """What happens at the worst moment."""
    raise MemoryError


def test_what_arrives_is_what_was_sent(house: House) -> None:
    """The received fact is complete: message id, thread and time of sending are the sender's."""
    name = house.send(ALEX, letter(to=(MEGAN,)))
    house.clock.pass_by(timedelta(minutes=5))
    house.delivery.deliver_due()
    sent = house.engine.message(house.mailbox(ALEX), name)
    (got,) = inbox(house, MEGAN)
    (fact,) = house.facts(MEGAN, house.folder(MEGAN, "inbox")[0].message)
    assert isinstance(fact, Received)
    assert got.letter.internet_message_id == sent.letter.internet_message_id
    assert (got.thread, got.sent_at) == (sent.thread, sent.sent_at)
    assert got.received_at == house.clock.now() > got.sent_at
    assert fact.on.actor == "system:delivery"
    assert fact.on.cause == f"message:{house.mailbox(ALEX)}/{name}"


def test_the_codec_in_these_tests_is_the_real_one(house: House) -> None:
    """What is said about MIME above is said of what people get."""
    assert isinstance(house.engine.mime, MimeCodec)
