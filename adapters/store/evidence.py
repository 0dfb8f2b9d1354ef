"""The rows of the store as evidence. The statements that read events are all in :class:`EventRows`."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from struct import error as NotPacked
from typing import Any
from uuid import UUID

from letterbook.adapters.store.chain import beginning, covered
from letterbook.adapters.store.mapper import FactMapper
from letterbook.adapters.store.troubles import troubles_told
from letterbook.application.evidence import ProvenEvent, SealedEvent, Tile
from letterbook.application.moments import microseconds
from letterbook.application.notes import Checkpoint
from letterbook.application.ports import Recorded
from letterbook.application.tidying import blobs_in
from letterbook.application.troubles import StoreDamaged
from letterbook.domain.facts import Fact
from letterbook.domain.letter import BlobRef

Raw = tuple[Any, Any, Any, Any, Any, Any, Any]
"""seq, aggregate, version, recorded, topic, state, hash: whatever SQLite finds there"""

_TILES = (
    "CREATE TABLE IF NOT EXISTS tiles (mailbox BLOB NOT NULL, number INTEGER NOT NULL, root BLOB NOT NULL, "
    "hashes BLOB NOT NULL, PRIMARY KEY (mailbox, number))"
)
_CHECKPOINTS = (
    "CREATE TABLE IF NOT EXISTS checkpoints (mailbox BLOB NOT NULL, size INTEGER NOT NULL, "
    "note TEXT NOT NULL, PRIMARY KEY (mailbox, size)) WITHOUT ROWID"
)
_PUBLISHED = (
    "CREATE TABLE IF NOT EXISTS published (url TEXT NOT NULL, mailbox BLOB NOT NULL, size INTEGER NOT NULL, "
    "PRIMARY KEY (url, mailbox)) WITHOUT ROWID"
)
_RAW = (
    "SELECT seq, aggregate, version, recorded, CASE typeof(topic) WHEN 'text' THEN CAST(topic AS BLOB) END, "
    "state, hash FROM events WHERE mailbox=? "
)
_BLOB_KEY = b'"sha256"'
"""Every fact that names a blob has this in its JSON."""


class EventRows:
    """The table of events, read without belief: any value may be there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def mailboxes(self) -> list[bytes]:
        """Every mailbox that has events, as it is written."""
        return [name for (name,) in self._connection.execute("SELECT DISTINCT mailbox FROM events")]

    def read(self, mailbox: bytes, after: int | None = None) -> Iterator[Raw]:
        """The events of a mailbox by position."""
        if after is None:
            return self._connection.execute(_RAW + "ORDER BY seq", (mailbox,))
        return self._connection.execute(_RAW + "AND seq>? ORDER BY seq", (mailbox, after))

    def of(self, mailbox: bytes, aggregate: bytes) -> list[Raw]:
        """The events of one aggregate by position."""
        return self._connection.execute(
            _RAW + "AND aggregate=? ORDER BY seq", (mailbox, aggregate)
        ).fetchall()

    def hash_at(self, mailbox: bytes, seq: int) -> bytes | None:
        """The hash of the event at a position."""
        statement = "SELECT hash FROM events WHERE mailbox=? AND seq=?"
        found = self._connection.execute(statement, (mailbox, seq)).fetchone()
        return found[0] if found else None

    def damages(self) -> list[str]:
        """What SQLite finds wrong with the table and its indexes."""
        found = [told for (told,) in self._connection.execute("PRAGMA integrity_check(events)")]
        return [] if found == ["ok"] else [f"the table of events is damaged: {told}" for told in found]


class SqliteEvidence:
    """What one SQLite file holds as evidence, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, mapper: FactMapper) -> None:
        self._connection = connection
        self._rows = EventRows(connection)
        self._mapper = mapper

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the tables."""
        connection.execute(_TILES)
        connection.execute(_CHECKPOINTS)
        connection.execute(_PUBLISHED)

    @staticmethod
    def clear(connection: sqlite3.Connection) -> None:
        """Forget what was signed: a fork has a key of its own."""
        connection.execute("DELETE FROM tiles")
        connection.execute("DELETE FROM checkpoints")
        connection.execute("DELETE FROM published")

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that has events or checkpoints."""
        with troubles_told():
            names = {UUID(bytes=name) for name in self._rows.mailboxes() if _is_name(name)}
        return sorted({*names, *self.signed()})

    def signed(self) -> list[UUID]:
        """Every mailbox that has checkpoints."""
        with troubles_told():
            found = self._connection.execute("SELECT DISTINCT mailbox FROM checkpoints").fetchall()
        return sorted(UUID(bytes=name) for (name,) in found if _is_name(name))

    def beginning(self, mailbox: UUID) -> bytes:
        """The hash before the first event."""
        return beginning(mailbox).hash

    def events(self, mailbox: UUID, after: int | None = None) -> Iterator[SealedEvent]:
        """The events of a mailbox by position."""
        home = mailbox.bytes
        with troubles_told():
            for seq, aggregate, version, recorded, topic, state, sealed in self._rows.read(home, after):
                try:
                    covers = covered(home, seq, aggregate, version, recorded, topic, state)
                except (NotPacked, TypeError):
                    covers = None
                if not _is_name(aggregate):  # packed as if it were cut off or filled up
                    covers = None
                if not isinstance(seq, int):
                    raise StoreDamaged(f"an event of mailbox {mailbox} is kept at {seq!r}, which is no place")
                yield SealedEvent(seq, covers, sealed, topic, state)

    def about(self, mailbox: UUID, aggregate: UUID) -> list[ProvenEvent]:
        """All events of one aggregate by position."""
        with troubles_told():
            return [
                ProvenEvent(
                    seq,
                    version,
                    recorded,
                    (topic or b"").decode(errors="replace"),
                    state,
                    self._rows.hash_at(mailbox.bytes, seq - 1) or self.beginning(mailbox),
                )
                for seq, _, version, recorded, topic, state, _ in self._rows.of(
                    mailbox.bytes, aggregate.bytes
                )
            ]

    def fact(self, event: SealedEvent) -> Fact:
        """What an event says."""
        return self._mapper.to_fact(event.topic.decode(), event.state)

    def blobs(self, event: SealedEvent) -> Iterable[BlobRef]:
        """The blobs that an event names."""
        return blobs_of(self._mapper, event)

    def damages(self) -> list[str]:
        """What SQLite finds, and mailboxes that can be none."""
        with troubles_told():
            strangers = sum(not _is_name(name) for name in self._rows.mailboxes())
            told = [f"events are kept under {strangers} names that no mailbox can have"] if strangers else []
            return told + self._rows.damages()

    def tile_roots(self, mailbox: UUID) -> list[bytes]:
        """The roots of the full tiles, as far as they follow each other."""
        statement = (
            "SELECT number, root FROM tiles WHERE mailbox=? AND typeof(root)='blob' AND root<>x'' "
            "ORDER BY number"
        )
        with troubles_told():
            found = self._connection.execute(statement, (mailbox.bytes,)).fetchall()
        return [root for place, (number, root) in takewhile(_in_place, enumerate(found))]

    def tile(self, mailbox: UUID, number: int) -> bytes:
        """The hashes in a tile."""
        statement = "SELECT hashes FROM tiles WHERE mailbox=? AND number=? AND typeof(hashes)='blob'"
        with troubles_told():
            found = self._connection.execute(statement, (mailbox.bytes, number)).fetchone()
        return bytes(found[0]) if found else b""

    def keep_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep tiles; one that is there already only ever becomes longer."""
        self._connection.executemany(
            "INSERT INTO tiles VALUES (?,?,?,?) ON CONFLICT (mailbox, number) DO UPDATE "
            "SET root=excluded.root, hashes=excluded.hashes WHERE LENGTH(excluded.hashes)>LENGTH(hashes)",
            [(mailbox.bytes, *tile) for tile in tiles],
        )

    def replace_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep these tiles of a mailbox, and no others."""
        self._connection.execute("DELETE FROM tiles WHERE mailbox=?", (mailbox.bytes,))
        self.keep_tiles(mailbox, tiles)

    def checkpoints(self, mailbox: UUID) -> list[str]:
        """The notes of the checkpoints, by size."""
        statement = "SELECT note FROM checkpoints WHERE mailbox=? ORDER BY size"
        with troubles_told():
            return [str(note) for (note,) in self._connection.execute(statement, (mailbox.bytes,))]

    def latest(self, mailbox: UUID) -> str | None:
        """The note of the largest checkpoint."""
        statement = "SELECT note FROM checkpoints WHERE mailbox=? ORDER BY size DESC LIMIT 1"
        with troubles_told():
            found = self._connection.execute(statement, (mailbox.bytes,)).fetchone()
        return str(found[0]) if found else None

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        row = (checkpoint.mailbox.bytes, checkpoint.size, checkpoint.note)
        self._connection.execute("INSERT OR REPLACE INTO checkpoints VALUES (?,?,?)", row)

    def published(self, url: str) -> dict[UUID, int]:
        """What an endpoint has accepted."""
        statement = "SELECT mailbox, size FROM published WHERE url=?"
        with troubles_told():
            return {UUID(bytes=name): size for name, size in self._connection.execute(statement, (url,))}

    def keep_published(self, url: str, checkpoint: Checkpoint) -> None:
        """Keep that an endpoint has accepted a checkpoint."""
        row = (url, checkpoint.mailbox.bytes, checkpoint.size)
        self._connection.execute("INSERT OR REPLACE INTO published VALUES (?,?,?)", row)


def _in_place(counted: tuple[int, tuple[int, bytes]]) -> bool:
    place, (number, _) = counted
    return number == place


def _is_name(name: object) -> bool:
    return isinstance(name, bytes) and len(name) == 16


def blobs_of(mapper: FactMapper, event: SealedEvent) -> Iterable[BlobRef]:
    """The blobs that an event names. What cannot name one is not read for it."""
    if not (mapper.cipher or mapper.compressor) and _BLOB_KEY not in event.state:
        return ()
    return blobs_in(mapper.to_fact(event.topic.decode(), event.state))


@dataclass(slots=True)
class Kept:
    """The tiles and checkpoints of a book in memory."""

    tiles: dict[UUID, dict[int, Tile]] = field(default_factory=dict)
    checkpoints: dict[UUID, dict[int, str]] = field(default_factory=dict)
    published: dict[str, dict[UUID, int]] = field(default_factory=dict)

    def copy(self) -> "Kept":
        """A copy that can be changed by itself."""
        return Kept(
            {mailbox: dict(tiles) for mailbox, tiles in self.tiles.items()},
            {mailbox: dict(notes) for mailbox, notes in self.checkpoints.items()},
            {url: dict(sizes) for url, sizes in self.published.items()},
        )


class MemoryEvidence:
    """The same of a book in memory, whose events pass through their stored form again."""

    def __init__(self, events: Mapping[UUID, Sequence[Recorded]], kept: Kept, mapper: FactMapper) -> None:
        self._events = events
        self._kept = kept
        self._mapper = mapper

    def mailboxes(self) -> list[UUID]:
        """Every mailbox that has events or checkpoints."""
        return sorted({*(name for name, events in self._events.items() if events), *self.signed()})

    def signed(self) -> list[UUID]:
        """Every mailbox that has checkpoints."""
        return sorted(self._kept.checkpoints)

    def beginning(self, mailbox: UUID) -> bytes:
        """The hash before the first event."""
        return beginning(mailbox).hash

    def events(self, mailbox: UUID, after: int | None = None) -> Iterator[SealedEvent]:
        """The events of a mailbox by position."""
        for each in self._events.get(mailbox, [])[after or 0 :]:
            topic, state = self._mapper.to_state(each.fact)
            place = (
                mailbox.bytes,
                each.seq,
                each.aggregate.bytes,
                each.version,
                microseconds(each.recorded_at),
            )
            yield SealedEvent(
                each.seq, covered(*place, topic.encode(), state), each.hash, topic.encode(), state
            )

    def about(self, mailbox: UUID, aggregate: UUID) -> list[ProvenEvent]:
        """All events of one aggregate by position."""
        events = self._events.get(mailbox, [])
        hashes = [self.beginning(mailbox), *(each.hash for each in events)]
        return [
            ProvenEvent(
                each.seq,
                each.version,
                microseconds(each.recorded_at),
                *self._mapper.to_state(each.fact),
                hashes[each.seq - 1],
            )
            for each in events
            if each.aggregate == aggregate
        ]

    def fact(self, event: SealedEvent) -> Fact:
        """What an event says."""
        return self._mapper.to_fact(event.topic.decode(), event.state)

    def blobs(self, event: SealedEvent) -> Iterable[BlobRef]:
        """The blobs that an event names."""
        return blobs_of(self._mapper, event)

    def damages(self) -> list[str]:
        """Nothing is stored that could break."""
        return []

    def tile_roots(self, mailbox: UUID) -> list[bytes]:
        """The roots of the full tiles."""
        tiles = self._kept.tiles.get(mailbox, {})
        return [tiles[number].root for number in sorted(tiles) if tiles[number].root]

    def tile(self, mailbox: UUID, number: int) -> bytes:
        """The hashes in a tile."""
        tile = self._kept.tiles.get(mailbox, {}).get(number)
        return tile.hashes if tile else b""

    def keep_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep tiles; one that is there already only ever becomes longer."""
        known = self._kept.tiles.setdefault(mailbox, {})
        known.update(
            {tile.number: tile for tile in tiles if len(tile.hashes) > len(self.tile(mailbox, tile.number))}
        )

    def replace_tiles(self, mailbox: UUID, tiles: Sequence[Tile]) -> None:
        """Keep these tiles of a mailbox, and no others."""
        self._kept.tiles[mailbox] = {tile.number: tile for tile in tiles}

    def checkpoints(self, mailbox: UUID) -> list[str]:
        """The notes of the checkpoints, by size."""
        return [note for _, note in sorted(self._kept.checkpoints.get(mailbox, {}).items())]

    def latest(self, mailbox: UUID) -> str | None:
        """The note of the largest checkpoint."""
        notes = self.checkpoints(mailbox)
        return notes[-1] if notes else None

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        self._kept.checkpoints.setdefault(checkpoint.mailbox, {})[checkpoint.size] = checkpoint.note

    def published(self, url: str) -> dict[UUID, int]:
        """What an endpoint has accepted."""
        return dict(self._kept.published.get(url, {}))

    def keep_published(self, url: str, checkpoint: Checkpoint) -> None:
        """Keep that an endpoint has accepted a checkpoint."""
        self._kept.published.setdefault(url, {})[checkpoint.mailbox] = checkpoint.size
