"""What has to be true of a stored event before anybody is told of it: it is what was sealed.

Each event is read together with the hash of the one before it, so that its own can be worked out again.
"""

from collections.abc import Callable, Iterable
from struct import error as NotPacked
from typing import NoReturn, TypeVar
from uuid import UUID

from letterbook.adapters.store.chain import beginning, seal
from letterbook.application.moments import moment
from letterbook.application.ports import Recorded
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.facts import Fact

LinkedRow = tuple[bytes, int, bytes, int, str, bytes, int, bytes, bytes | None]
"""mailbox, seq, aggregate, version, topic, state, recorded, hash, and the hash before it"""
ReadFact = Callable[[LinkedRow], Fact]
"""What a row says."""
Told = TypeVar("Told")


def check(row: LinkedRow) -> None:
    """Raise ``StoreDamaged`` for an event that is not what was recorded."""
    mailbox, seq, aggregate, version, topic, state, recorded, sealed, previous = row
    try:
        before = previous or beginning(UUID(bytes=mailbox)).hash
        if seal(before, mailbox, seq, aggregate, version, recorded, topic, state) == sealed:
            return
    except (TypeError, AttributeError, ValueError, NotPacked):
        pass  # a value of another kind than ever was written
    damaged(mailbox, seq)


def told(rows: Iterable[LinkedRow], read: Callable[[LinkedRow], Told]) -> list[Told]:
    """The facts of one aggregate from its first one on, each of them checked, and none of them missing."""
    facts: list[Told] = []
    for row in rows:
        check(row)
        if row[3] != len(facts) + 1:
            incomplete(row[2])
        facts.append(read(row))
    return facts


def recorded(row: LinkedRow, read: ReadFact) -> Recorded:
    """A fact in its place, checked."""
    check(row)
    mailbox, seq, aggregate, version, _topic, _state, at, sealed, _ = row
    return Recorded(
        mailbox=UUID(bytes=mailbox),
        seq=seq,
        aggregate=named(aggregate),
        version=version,
        recorded_at=moment(at),
        hash=sealed,
        fact=read(row),
    )


def named(aggregate: bytes) -> UUID:
    """The name of an aggregate. One that is too short is sealed as if it were filled up."""
    try:
        return UUID(bytes=aggregate)
    except ValueError:
        raise StoreDamaged(
            f"events are kept under the name {aggregate.hex()}, which nothing can have"
        ) from None


def damaged(mailbox: bytes, seq: int) -> NoReturn:
    """Say which event is not what it was."""
    raise StoreDamaged(f"event {seq} of mailbox {UUID(bytes=mailbox)} is not what was recorded")


def incomplete(aggregate: bytes) -> NoReturn:
    """Say of what something is missing."""
    raise StoreDamaged(f"some of what happened to {named(aggregate)} is missing")
