"""Erasing: a message, or people with everything that was ever theirs, made unreadable for ever.

One transaction records that it was done, by whom and why, and destroys the keys: from then on the history
holds bytes that nobody can read. What was told from them elsewhere (views, index, blobs, free pages) is
purged after that, and again at the next opening if somebody pulls the plug (``purging``).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from letterbook.application import holding
from letterbook.application.engine import Engine
from letterbook.application.ports import History, Recorded
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import Fact, Forgotten, Occasion
from letterbook.domain.mailbox import EraseOwner
from letterbook.domain.message import Erase, Erased
from letterbook.domain.people import EmailAddress, check_ordered
from letterbook.domain.refused import Refused

_HELD = "held"
"""The code of the refusal for what a legal hold keeps."""
_ADDRESS = re.compile(r"""[^\s"'<>()\[\]{},;:\\]+@[^\s"'<>()\[\]{},;:\\]+""")
"""What looks like an address in any text; a dot that ends a sentence is cut off."""

Progress = Callable[[UUID, int], None]
"""Is told of every mailbox, and how many of its events were just read."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that still names somebody who was erased: it is no letter of theirs, and others need it.

    ``fact`` is the stored name of what names them: a rule of an inbox, or the words of a letter.
    """

    mailbox: UUID
    message: UUID | None
    fact: str
    address: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, what a legal hold kept, and what still names whom.

    ``purged``: nothing of it is left in any file of the store. Otherwise the rest is done when it is opened
    next, as somebody else keeps the store busy, or the disk is full.
    """

    messages: int = 0
    mailboxes: tuple[str, ...] = ()
    held_messages: int = 0
    held_mailboxes: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()
    purged: bool = False


# --- One message -----------------------------------------------------------------------------------


def erase_message(engine: Engine, mailbox: UUID, name: UUID, why: str, on: Occasion) -> Erasure:
    """Make unreadable what a message says and ever said. Refuses one that is held, or never was."""
    _check_order(engine, on)
    erased = engine.run(partial(_erase_one, mailbox, name, why, on))
    engine.forget()
    return Erasure(messages=int(erased))


def _erase_one(mailbox: UUID, name: UUID, why: str, on: Occasion, work: Work) -> bool:
    """Erase a message; ``False`` if it was erased before."""
    if name == mailbox:
        raise refusals.NotFound
    holding.check_message(work, mailbox, name, on)
    _, facts = work.ask_message(mailbox, name, Erase(why), on)
    work.recall(mailbox, name)
    return bool(facts)


def _check_order(engine: Engine, on: Occasion) -> None:
    """Before anything is looked at: who is refused because of a hold is written down, too."""
    if not engine.store.encrypted:
        raise refusals.StoreUnencrypted
    check_ordered(on)


# --- People ----------------------------------------------------------------------------------------


def erase_people(
    engine: Engine, addresses: Iterable[str], why: str, on: Occasion, progress: Progress | None = None
) -> Erasure:
    """Erase people: their own mailboxes whole, and in all others every message that ever named them.

    One look at the history for all of them, and one transaction: all of it, or nothing.
    """
    _check_order(engine, on)
    people = _People(engine, addresses)
    with engine.store.reading() as session:
        people.look_on(session.history, progress)
    erasure = engine.run(partial(_erase_all, people, why, on))
    engine.forget()
    return erasure


class _People:
    """Whom to erase, and where the history names them."""

    def __init__(self, engine: Engine, addresses: Iterable[str]) -> None:
        self.keys = {_key(each) for each in addresses}
        self.homes = {
            person.mailbox: person.address
            for person in engine.people()
            if EmailAddress(address=person.address).key in self.keys
        }
        self.letters: dict[tuple[UUID, UUID], None] = {}
        self._traces: dict[Trace, None] = {}
        self._read_to: dict[UUID, int] = {}

    def look_on(self, history: History, progress: Progress | None = None) -> None:
        """Look at what was recorded since the last look."""
        for mailbox in history.mailboxes():
            while facts := history.read(mailbox, self._read_to.get(mailbox, 0)):
                for recorded in facts:
                    if mailbox not in self.homes or recorded.fact.in_clear:
                        self._look_at(recorded)
                self._read_to[mailbox] = facts[-1].seq
                if progress:
                    progress(mailbox, len(facts))

    def _look_at(self, recorded: Recorded) -> None:
        fact, place = recorded.fact, (recorded.mailbox, recorded.aggregate)
        if isinstance(fact, (Forgotten, Erased, OwnerErased)) or place in self.letters:
            return
        is_letter = recorded.aggregate != recorded.mailbox
        if is_letter and not self.keys.isdisjoint(person.key for person in people_in(fact)):
            self.letters[place] = None
            return
        for key in self.keys & set(_addresses_in(fact)):
            name = recorded.aggregate if is_letter else None
            self._traces[Trace(recorded.mailbox, name, fact.stored_name, key)] = None

    def traces(self) -> tuple[Trace, ...]:
        """What names them and is no letter that goes."""
        return tuple(
            trace
            for trace in self._traces
            if trace.message is None or (trace.mailbox, trace.message) not in self.letters
        )


def _key(address: str) -> str:
    """Whom an address means; refuses what is none, which might mean everybody without an address."""
    person = EmailAddress(address=address.strip())
    if not person.deliverable:
        raise refusals.AddressImpossible(address)
    return person.key


def people_in(value: object) -> Iterator[EmailAddress]:
    """Everyone whom a fact, or a value in it, names as somebody who writes, reads or is mentioned."""
    if isinstance(value, EmailAddress):
        yield value
    elif isinstance(value, BaseModel):
        for each in value.__dict__.values():
            yield from people_in(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from people_in(each)


def _addresses_in(fact: Fact) -> Iterator[str]:
    """Whatever looks like an address in a fact, be it in a text."""
    for found in _ADDRESS.findall(fact.model_dump_json(exclude_unset=True)):
        yield found.rstrip(".").casefold()


def _erase_all(people: _People, why: str, on: Occasion, work: Work) -> Erasure:
    """The job: what was recorded up to this moment counts."""
    people.look_on(work.session.history)
    kept_homes = [mailbox for mailbox in people.homes if not _erase_home(work, mailbox, why, on)]
    kept = [place for place in people.letters if not _erase_letter(work, place, why, on)]
    for mailbox in people.homes.keys() - set(kept_homes):
        _unsubscribe(work, mailbox)
    return Erasure(
        messages=len(people.letters) - len(kept),
        mailboxes=_named(people, (each for each in people.homes if each not in kept_homes)),
        held_messages=len(kept),
        held_mailboxes=_named(people, kept_homes),
        traces=people.traces(),
    )


def _named(people: _People, homes: Iterable[UUID]) -> tuple[str, ...]:
    return tuple(sorted(people.homes[mailbox] for mailbox in homes))


def _erase_home(work: Work, mailbox: UUID, why: str, on: Occasion) -> bool:
    """Erase a mailbox; ``False`` if something in it is held."""
    if _is_held(partial(holding.check_mailbox, work, mailbox, on)):
        return False
    work.ask_mailbox(mailbox, EraseOwner(why), on)
    work.recall(mailbox)
    return True


def _erase_letter(work: Work, place: tuple[UUID, UUID], why: str, on: Occasion) -> bool:
    """Erase a message in somebody else's mailbox; ``False`` if it is held."""
    if _is_held(partial(holding.check_message, work, *place, on)):
        return False
    work.ask_message(*place, Erase(why), on)
    work.recall(*place)
    return True


def _is_held(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused as no:
        if no.code != _HELD:
            raise
        return True
    return False


def _unsubscribe(work: Work, mailbox: UUID) -> None:
    """Nobody is notified any more of what happens where nothing happens."""
    for standing in work.session.subscriptions.all(mailbox):
        work.session.subscriptions.drop(standing.subscription.id)
