"""After sending: who must get the letter, retried, exactly once in effect.

The outbox holds one parcel for each recipient, put there in the transaction that recorded ``Sent``. A parcel
leaves it in the transaction that records what became of it. A crash in between leaves the parcel where it
is; delivering it again changes nothing: a recipient's copy has the same name each time, and the transport is
given the same key.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from inspect import isawaitable, iscoroutine
from itertools import groupby
from uuid import UUID

from letterbook.application.arrivals import arrive
from letterbook.application.engine import Engine
from letterbook.application.group_commit import Ticket
from letterbook.application.names import received_name
from letterbook.application.ports import Mail, Parcel, SealBroken, Transport, TryLater, Undeliverable
from letterbook.application.tidying import Stop
from letterbook.application.troubles import StoreBusy, StoreDamaged
from letterbook.application.whole import whole_mail
from letterbook.application.work import Work, tell
from letterbook.domain.arriving import as_it_arrives, as_seen_by, redirected_by
from letterbook.domain.attachments import ItemAttachment
from letterbook.domain.conversation import begin_thread
from letterbook.domain.facts import Occasion, UnknownFact
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import (
    ErasedMessage,
    Message,
    NoteDelivery,
    Receive,
    SentMessage,
)
from letterbook.domain.people import EmailAddress

log = logging.getLogger("letterbook.delivery")

ACTOR = "system:delivery"
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = 30
"""Failed attempts (about a day) until the sender is told that the letter will not arrive."""
BATCH = 200
_DAMAGE = (StoreDamaged, SealBroken, UnknownFact)
_UNREAD = "the letter cannot be read"


_Became = list[tuple[Parcel, Callable[[Work], None]]]
"""Parcels, each with the job that writes down what became of it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The post office of one store."""

    engine: Engine
    transport: Transport

    def deliver_due(self, stop: Stop = lambda: False) -> int:
        """Take every parcel whose time has come one step further; gives how many there were.

        ``stop`` is asked now and then; the parcels that are left stay in the outbox.
        """
        handled = 0
        while (parcels := self._due(self.engine.clock.now())) and not stop():
            handled += self._deliver_all(parcels, stop)
        return handled

    def waiting(self) -> int:
        """How many parcels are in the outbox."""
        with self.engine.store.reading() as session:
            return session.outbox.waiting()

    def _due(self, now: datetime) -> list[Parcel]:
        with self.engine.store.reading() as session:
            return session.outbox.due(now, BATCH)

    def _deliver_all(self, parcels: list[Parcel], stop: Stop) -> int:
        """First those for mailboxes of this store, together; then the others, one letter after the other."""
        tickets = self.engine.run_all(self._deliver_here(parcel) for parcel in parcels)
        handled = 0
        for _, of_letter in groupby(zip(parcels, tickets, strict=True), key=_letter_of):
            handled += self._see_through(of_letter, stop)
        return handled

    def _deliver_here(self, parcel: Parcel) -> Callable[[Work], bool]:
        on = self._occasion(parcel)
        return lambda work: _deliver_here(self.engine, work, parcel, on)

    def _see_through(self, of_letter: Iterable[tuple[Parcel, Ticket[Work, bool]]], stop: Stop) -> int:
        """The parcels of one letter, until somebody says stop; gives how many those were.

        What became of them is written down together: after a crash the transport gets the same keys again.
        """
        outside, became, handled = self._rendered(), _Became(), 0
        try:
            for parcel, ticket in of_letter:
                if stop():
                    break
                handled += 1
                self._see(parcel, ticket, outside, became)
        finally:  # whoever has the letter has it, whatever happened then
            self._write_down(became)
        return handled

    def _see(
        self,
        parcel: Parcel,
        ticket: Ticket[Work, bool],
        outside: "Callable[[Parcel], _Outside | None]",
        became: _Became,
    ) -> None:
        """See a parcel through that is not for this store; ``became`` takes the job that writes down how."""
        try:
            if not ticket.outcome():
                became.append((parcel, self._deliver_elsewhere(parcel, outside, self._occasion(parcel))))
        except StoreBusy:
            raise  # no fault of the parcel's, and putting it off would be a write, too
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and _may_be_stopped():
                raise  # whoever stops the program means no letter
            became.append((parcel, self._failed(parcel, error)))
            if not isinstance(error, Exception):  # a transport that ends the program: it has had its turn
                raise

    def _write_down(self, became: _Became) -> None:
        """A parcel of which nothing can be written down is put off, and does not stop those behind it."""
        tickets = self.engine.run_all(job for _, job in became)
        for (parcel, _), ticket in zip(became, tickets, strict=True):
            try:
                ticket.outcome()
            except StoreBusy:
                raise
            except Exception as error:
                self.engine.run(self._failed(parcel, error))

    def _failed(
        self, parcel: Parcel, error: BaseException, damage: tuple[type[Exception], ...] = _DAMAGE
    ) -> Callable[[Work], None]:
        """What is done with a parcel that fails for a reason nobody foresaw.

        Its sender is told the kind of error. What it says may be for nobody but whoever reads the log.
        """
        log.exception("a letter could not be delivered; it will be tried again", exc_info=error)
        reason = _UNREAD if isinstance(error, damage) else f"delivery failed: {type(error).__name__}"
        return self._postponed(parcel, reason, self._occasion(parcel))

    def _rendered(self) -> Callable[[Parcel], "_Outside | None"]:
        """Renders a letter for the outside, when the first of its parcels asks; ``None``: it was erased."""

        @cache
        def render(_letter: tuple[UUID, UUID]) -> _Outside | None:
            mailbox, name = _letter
            message = self._sent(mailbox, name)
            if isinstance(message, ErasedMessage):
                return None
            sender = message.letter.sender.address if message.letter.sender else ""
            letter = self._for_outside(mailbox, message)
            return _Outside(sender, self.engine.mime.render(self._mail(letter, message)))

        return lambda parcel: render((parcel.mailbox, parcel.message))

    def _deliver_elsewhere(
        self, parcel: Parcel, rendered: Callable[[Parcel], "_Outside | None"], on: Occasion
    ) -> Callable[[Work], None]:
        """Hand the letter to the transport; gives the job that writes down how it went."""
        key = f"{parcel.mailbox}/{parcel.message}/{parcel.recipient.casefold()}"
        outside = rendered(parcel)
        if outside is None or not self._awaits(parcel):
            return _nothing_to_write_down
        via = _writable(self.transport.name)  # before anybody has the letter
        try:
            _done(self.transport.deliver, key, outside.sender, parcel.recipient, outside.mime)
        except Undeliverable as never:
            reason = _writable(never)
            return lambda work: _give_up(work, parcel, reason, on)
        except TryLater as not_now:
            return self._postponed(parcel, _writable(not_now), on)
        except Exception as theirs:  # what is wrong with a store of the transport's own is none of this one
            return self._failed(parcel, theirs, damage=())
        return lambda work: _settle(work, parcel, NoteDelivery(recipient=parcel.recipient, via=via), on)

    def _for_outside(self, mailbox: UUID, message: Message) -> Letter:
        if isinstance(message, SentMessage):
            return as_seen_by(None, message.letter)
        owner = self.engine.mailbox(mailbox).owner
        return as_seen_by(None, message.letter, redirected_by(owner, message))

    def _postponed(self, parcel: Parcel, reason: str, on: Occasion) -> Callable[[Work], None]:
        if parcel.attempts + 1 >= GIVE_UP_AFTER:
            return lambda work: _give_up(work, parcel, f"451 4.4.7 {reason}", on)
        return lambda work: work.put_off(parcel, self._later(parcel, on.at))

    @staticmethod
    def _later(parcel: Parcel, now: datetime) -> Parcel:
        wait = min(FIRST_WAIT * 2 ** min(parcel.attempts, 10), LONGEST_WAIT)
        return replace(parcel, attempts=parcel.attempts + 1, due=now + wait)

    def _sent(self, mailbox: UUID, name: UUID) -> Message:
        with self.engine.store.reading() as session:
            message: Message = tell(session, (mailbox, name)).state
        return message

    def _awaits(self, parcel: Parcel) -> bool:
        """Whether a parcel is still to be delivered: its letter may have been erased after it was read."""
        with self.engine.store.reading() as session:
            return session.outbox.holds(parcel)

    def _mail(self, letter: Letter, message: Message) -> Mail:
        """The letter with all of its bytes."""
        return whole(self.engine, letter, message)

    def _occasion(self, parcel: Parcel) -> Occasion:
        cause = f"message:{parcel.mailbox}/{parcel.message}"
        return Occasion(at=self.engine.clock.now(), actor=ACTOR, cause=cause)


@dataclass(frozen=True, slots=True)
class _Outside:
    """A letter on its way out: whom replies to the envelope reach, and the letter as it travels."""

    sender: str
    mime: bytes


def _letter_of(handed: tuple[Parcel, Ticket[Work, bool]]) -> tuple[UUID, UUID]:
    """Parcels come in the order in which they are due, those of one letter one after the other."""
    return handed[0].mailbox, handed[0].message


def _may_be_stopped() -> bool:
    """Whether this is where Ctrl-C arrives: in any other thread a transport has raised it by itself."""
    return threading.current_thread() is threading.main_thread()


def _done(deliver: Callable[..., object], *letter: object) -> None:
    """Have it done now. What is only promised is not: nobody here would wait for it."""
    answer = deliver(*letter)
    if iscoroutine(answer):
        answer.close()
    if isawaitable(answer):
        raise TypeError("a transport delivers before it returns: its deliver() must not be async")


def _writable(said: object) -> str:
    """What a transport says, as UTF-8 can hold it."""
    return str(said).encode("utf-8", "replace").decode()


def _nothing_to_write_down(work: Work) -> None:
    """The letter was erased after somebody had looked what is due; its parcels went with it."""
    del work


def whole(engine: Engine, letter: Letter, message: Message) -> Mail:
    """A message as mail, complete: what was kept as blobs is read back."""
    return whole_mail(engine, letter, message.attachments, message.thread, message.sent_at)


def _deliver_here(engine: Engine, work: Work, parcel: Parcel, on: Occasion) -> bool:
    """Deliver into a mailbox of this store; ``False`` if the recipient has none here."""
    if not work.awaits(parcel):
        return True
    person = work.person(parcel.recipient)
    if person is None:
        return False
    message = work.message(parcel.mailbox, parcel.message)
    assert message is not None, "a parcel belongs to a sent message"
    if isinstance(message, ErasedMessage):
        work.delivered(parcel)
        return True
    name = received_name(parcel.mailbox, parcel.message, person.mailbox)
    home, passed_on = work.mailbox(person.mailbox), redirected_by(work.mailbox(parcel.mailbox).owner, message)
    letter = as_it_arrives(message, person.address, person.mailbox, home, passed_on)
    arrive(engine, work, person, name, letter, on)
    _settle(work, parcel, NoteDelivery(recipient=parcel.recipient, via="mailbox"), on)
    return True


def _settle(work: Work, parcel: Parcel, note: NoteDelivery, on: Occasion) -> None:
    """Write down what became of a parcel, once, and take it out."""
    if work.awaits(parcel):
        work.ask_message(parcel.mailbox, parcel.message, note, on)
        work.delivered(parcel)


def _give_up(work: Work, parcel: Parcel, reason: str, on: Occasion) -> None:
    """The letter will not arrive: tell its sender."""
    if not work.awaits(parcel):
        return
    message = work.message(parcel.mailbox, parcel.message)
    assert message is not None, "a parcel belongs to a sent message"
    name = received_name(parcel.mailbox, parcel.message, _report_for(parcel))
    report = _non_delivery_report(message, parcel, reason, on, work.mailbox(parcel.mailbox).owner, name)
    work.ask_message(parcel.mailbox, name, report, on)
    _settle(work, parcel, NoteDelivery(recipient=parcel.recipient, failure=reason), on)


def _report_for(parcel: Parcel) -> UUID:
    return received_name(parcel.mailbox, parcel.message, well_known_id(parcel.mailbox, parcel.recipient))


def _non_delivery_report(
    message: Message, parcel: Parcel, reason: str, on: Occasion, owner: EmailAddress, name: UUID
) -> Receive:
    """What the sender finds in the Inbox (content after RFC 3464: who, why, and the letter itself)."""
    host = owner.address.rpartition("@")[2]
    postmaster = EmailAddress(name="Mail Delivery System", address=f"postmaster@{host}")
    text = (
        f"Your message could not be delivered.\r\n\r\nRecipient: {parcel.recipient}\r\n"
        f"Reason: {reason}\r\nSubject: {message.letter.subject}\r\n"
    )
    letter = Letter(
        subject=f"Undeliverable: {message.letter.subject}",
        body=write_body("text", text),
        to=(owner,),
        author=postmaster,
        sender=postmaster,
        internet_message_id=f"<{name.hex}@{host}>",
        delivery_receipt=None,
    )
    enclosed = ItemAttachment(
        id=name,
        name=message.letter.subject or "Message",
        content_type="message/rfc822",
        modified_at=on.at,
        item=message.letter,
        sent_at=message.sent_at,
    )
    inbox = well_known_id(parcel.mailbox, "inbox")
    thread = begin_thread(UUID(message.thread.conversation), on.at)
    return Receive(folder=inbox, letter=letter, thread=thread, sent_at=on.at, attachments=(enclosed,))
