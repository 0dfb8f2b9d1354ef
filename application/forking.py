"""What a fork of a store begins with: how far each history goes, which blobs it names, what it would send."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from letterbook.application.completeness import check_end
from letterbook.application.engine import Engine
from letterbook.application.past import Point, Travel
from letterbook.application.ports import Addition, History, Parcel, Recorded, Store
from letterbook.application.rebuilding import make_missing
from letterbook.application.tidying import blobs_in
from letterbook.domain import message as messages
from letterbook.domain import refusals
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import Fact
from letterbook.domain.message import Delivered, DeliveryFailed, Erased, MessageFact, Sent

_SLICE = 1000


@dataclass(frozen=True, slots=True)
class ForkAsk:
    """What a fork is to be.

    Up to the point ``at``, or all there is; of every mailbox, or ``only`` of one. It sends nothing, unless it
    takes the ``outbox`` along and is told to ``deliver`` what is in it.
    """

    at: Point | None = None
    only: UUID | None = None
    outbox: bool = False
    deliver: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is a copy of all there is."""
        return self.at is None and self.only is None


def ends(engine: Engine, travel: Travel, ask: ForkAsk) -> dict[UUID, int]:
    """How far the history of each mailbox of a fork goes.

    A position is one of a mailbox: it goes with ``only``. Refuses a point at which there was nothing.
    """
    at, only = ask.at, ask.only
    if isinstance(at, int) and only is None:
        raise refusals.PointUnknown(str(at))
    with engine.store.reading() as session:
        history = session.history
        wanted = [mailbox for mailbox in history.mailboxes() if only in (None, mailbox)]
        for mailbox in wanted:
            check_end(history, session.views, mailbox)
        found = {mailbox: history.head(mailbox).seq for mailbox in wanted}
    if at is not None:
        found = {mailbox: travel.position(mailbox, at) for mailbox in found}
    if not any(found.values()):
        raise refusals.PointUnknown("now" if at is None else str(at))
    return {mailbox: end for mailbox, end in found.items() if end}


def blobs_of(store: Store, ends: Mapping[UUID, int]) -> set[str]:
    """The name of every blob that the facts of a fork name."""
    with store.reading() as session:
        return {store.blobs.name(ref) for fact in _facts(session.history, ends) for ref in blobs_in(fact)}


def _facts(history: History, ends: Mapping[UUID, int]) -> Iterator[Fact]:
    for mailbox, end in ends.items():
        for after in range(0, end, _SLICE):
            yield from (each.fact for each in history.read(mailbox, after, min(_SLICE, end - after)))


def carry_erasures(source: Store, made: Store, ends: Mapping[UUID, int]) -> None:
    """What was erased behind the end of a fork is erased in it, too: it says so at once, with who and why."""
    with source.reading() as session:
        late = [
            Addition(mailbox, each.aggregate, len(begun), (each.fact,))
            for mailbox, end in ends.items()
            for each in recorded_after(session.history, mailbox, end)
            if isinstance(each.fact, (Erased, OwnerErased))
            and (begun := session.history.told(mailbox, each.aggregate, end))
        ]
    if late:
        with made.writing() as session:
            session.history.append(late)


def recorded_after(history: History, mailbox: UUID, after: int) -> Iterator[Recorded]:
    """What came behind a position."""
    while news := history.read(mailbox, after):
        yield from news
        after = news[-1].seq


def finish(store: Store, ends: Mapping[UUID, int], ask: ForkAsk, now: datetime) -> None:
    """Make of a history a store: views, and what it may have to send."""
    make_missing(store)
    if ask.outbox:
        _refill_outbox(store, ends, now)


def _refill_outbox(store: Store, ends: Mapping[UUID, int], due: datetime) -> None:
    """Have a fork send what was on its way: each sent letter to those whom it had not reached."""
    with store.writing() as session:
        for mailbox, end in ends.items():
            for name, facts in session.history.stories(mailbox, end):
                if any(isinstance(fact, Sent) for fact in facts):
                    waiting = _unreached(cast(list[MessageFact], facts))
                    session.outbox.put(Parcel(mailbox, name, address, due) for address in waiting)


def _unreached(facts: Iterable[MessageFact]) -> list[str]:
    told = list(facts)
    message = messages.fold(None, told)
    assert message is not None, "it was sent"
    settled = {fact.recipient for fact in told if isinstance(fact, (Delivered, DeliveryFailed))}
    return [
        address
        for address in {person.key: person.address for person in message.letter.recipients}.values()
        if address not in settled
    ]
