"""Somebody who may write to the file: six ways to tamper with a history, clumsily or with hashes made anew.

The statements that know how events are kept are in :class:`Forger`; the ways are about lists of events.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from letterbook.adapters.store.chain import beginning, seal


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the table of events."""

    seq: int
    aggregate: bytes
    version: int
    topic: str
    state: bytes
    recorded: int
    hash: bytes


class Forger:
    """Rewrites the events of one mailbox inside an open transaction."""

    def __init__(self, connection: sqlite3.Connection, mailbox: UUID, chance: Random) -> None:
        self.connection = connection
        self.mailbox = mailbox.bytes
        self.chance = chance
        (self.size,) = connection.execute(
            "SELECT MAX(seq) FROM events WHERE mailbox=?", (self.mailbox,)
        ).fetchone()

    def take(self, first: int, last: int | None = None) -> list[Event]:
        """Take events out of the table."""
        bounds = (self.mailbox, first, self.size if last is None else last)
        where = "FROM events WHERE mailbox=? AND seq BETWEEN ? AND ?"
        fields = "seq, aggregate, version, topic, state, recorded, hash"
        found = self.connection.execute(f"SELECT {fields} {where} ORDER BY seq", bounds).fetchall()
        self.connection.execute(f"DELETE {where}", bounds)
        return [Event(*row) for row in found]

    def put(self, events: list[Event]) -> None:
        """Put events into the table, wherever they say they are."""
        self.connection.executemany(
            "INSERT INTO events (mailbox, seq, aggregate, version, topic, state, recorded, hash) "
            "VALUES (?,?,?,?,?,?,?,?)",
            [
                (self.mailbox, e.seq, e.aggregate, e.version, e.topic, e.state, e.recorded, e.hash)
                for e in events
            ],
        )

    def hash_before(self, seq: int) -> bytes:
        """The hash that an event follows on."""
        found = self.connection.execute(
            "SELECT hash FROM events WHERE mailbox=? AND seq=?", (self.mailbox, seq - 1)
        ).fetchone()
        return bytes(found[0]) if found else beginning(UUID(bytes=self.mailbox)).hash

    # -- what is done to a list of events --

    def sealed(self, events: list[Event], most: int | None = None) -> list[Event]:
        """The same events with hashes that fit, or only the first ``most`` of them."""
        count = len(events) if most is None else most
        previous, made = self.hash_before(events[0].seq) if events else b"", []
        for event in events[:count]:
            place = (self.mailbox, event.seq, event.aggregate, event.version, event.recorded)
            previous = seal(previous, *place, event.topic, event.state)
            made.append(replace(event, hash=previous))
        return made + events[count:]

    def numbered(self, events: list[Event], first: int) -> list[Event]:
        """The same events, one position after the other."""
        return [replace(event, seq=seq) for seq, event in enumerate(events, start=first)]

    def covered_up(self, events: list[Event]) -> list[Event]:
        """As much of the traces covered up as this forger cares to: nothing, one hash, or all of them."""
        return self.sealed(events, self.chance.choice([0, 1, None]))

    def invented(self, seq: int) -> Event:
        """Something that never happened."""
        state = b'{"on":{"at":"2026-03-02T09:30:00Z","actor":"alexw@contoso.com","cause":"request:1"}}'
        name = self.chance.randbytes(16)
        return Event(
            seq, name, 1, "message.deleted.v1", state, 1_772_443_800_000_000, self.chance.randbytes(32)
        )


Tampering = Callable[[Forger, int], None]
"""Tampers with a history so that the event at this position is the first bad one."""


def edit(forger: Forger, at: int) -> None:
    """Another content, author, time or place in its message."""
    event, *rest = forger.take(at)
    position = forger.chance.randrange(len(event.state))
    flipped = bytes([event.state[position] ^ 1 << forger.chance.randrange(8)])
    changed = forger.chance.choice(
        [
            replace(event, state=event.state[:position] + flipped + event.state[position + 1 :]),
            replace(event, topic="message.deleted.v1"),
            replace(event, recorded=event.recorded + 1),
            replace(event, aggregate=forger.chance.randbytes(16)),
            replace(event, version=event.version + 100_000),
        ]
    )
    forger.put(forger.covered_up([changed, *rest]))


def delete(forger: Forger, at: int) -> None:
    """Gone, with or without a gap."""
    rest = forger.take(at)[1:]
    if forger.chance.random() < 0.3:
        forger.put(rest)
    else:
        forger.put(forger.covered_up(forger.numbered(rest, at)))


def insert(forger: Forger, at: int) -> None:
    """Something that never happened, and all that follows one position later."""
    rest = forger.take(at)
    forger.put(forger.covered_up(forger.numbered([forger.invented(at), *rest], at)))


def reorder(forger: Forger, at: int) -> None:
    """Two events change places."""
    rest = forger.take(at)
    other = forger.chance.randrange(1, len(rest))
    rest[0], rest[other] = rest[other], rest[0]
    forger.put(forger.covered_up(forger.numbered(rest, at)))


def truncate(forger: Forger, at: int) -> None:
    """As if nothing had happened from then on."""
    forger.take(at)


def fork(forger: Forger, at: int) -> None:
    """Another history from then on: shorter, as long, or longer than the real one, with every hash right."""
    length = max(1, forger.size + 1 - at + forger.chance.choice([-3, 0, 3]))
    forger.take(at)
    forger.put(forger.sealed([forger.invented(seq) for seq in range(at, at + length)]))


KINDS: dict[str, Tampering] = {
    "edit": edit,
    "delete": delete,
    "insert": insert,
    "reorder": reorder,
    "truncate": truncate,
    "fork": fork,
}
