"""A history that is encrypted: what it keeps can be read only with keys that can be destroyed.

What an event says is sealed with the key of its message. The chain and all proofs are about the sealed bytes,
so they stay what they are when a key is gone; the facts are then forgotten (ADR 48, ADR 49).
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast
from uuid import UUID

from letterbook.adapters.file_forms import Form
from letterbook.adapters.sealed_files import Sealed
from letterbook.adapters.store import keys, shredding
from letterbook.adapters.store.belief import LinkedRow
from letterbook.adapters.store.evidence import SqliteEvidence
from letterbook.adapters.store.history import SqliteHistory
from letterbook.adapters.store.keys import Keyring
from letterbook.adapters.store.mapper import FactMapper
from letterbook.adapters.store.opening import PROOF, StoreRefused
from letterbook.adapters.store.recorder import MailboxRecorder, NewEvent
from letterbook.application.blobs import BlobDamaged
from letterbook.application.disturbances import Numbers
from letterbook.application.evidence import Evidence, SealedEvent
from letterbook.application.moments import moment
from letterbook.application.moving import MoveRefused, refuse_other
from letterbook.application.ports import Addition, Clock, StoredFact, WrappedKey
from letterbook.application.tidying import blobs_in
from letterbook.application.troubles import StoreDamaged, StoreUnavailable
from letterbook.domain.erasing import OwnerErased
from letterbook.domain.facts import Fact, Forgotten, forgotten, kind_of
from letterbook.domain.letter import BlobRef
from letterbook.domain.message import Copied, Erased, Received
from letterbook.domain.message.retelling import Written
from letterbook.domain.refusals import Conflict

_ALL, _FACTS_ALONE = b"encrypted with blobs", b"encrypted"
"""What is said to be encrypted where the master key is proved."""
_MAY_NAME_BLOBS = b'"sha256"'
"""What a state has in it that names a blob: to look for that is quicker than to look through the fact."""
_REPEATING = (Received, Copied)
"""What names no other blobs than a message does that was read in the same transaction. If one is missing
there already, that is told where it is read, and keeps no report of it from whoever sent it."""
_OF_MAILBOX = "SELECT aggregate, version, topic, state, recorded FROM events WHERE mailbox=?"
_OF_ONE = f"{_OF_MAILBOX} AND aggregate=?"
_ERASED = "SELECT 1 FROM events WHERE mailbox=? AND aggregate=? AND topic=? LIMIT 1"


class Vault:
    """What makes a store an encrypted one: its master key."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._seen = 0
        self.form: Form = Sealed(master)
        """How what is kept beside the file is written."""
        self.forget: Callable[[], None] = _nothing
        """Called when somebody, in any process, has erased something: what was remembered may be that."""
        self.look_for: Callable[[BlobRef], object] = _anywhere
        """Looks for a blob. Raises :class:`BlobDamaged` if it is not there."""

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new store, and the proof that tells the right key from a wrong one."""
        keys.create(connection)
        shredding.create(connection)
        proof = keys.wrap(self._master, bytes(keys.SIZE), _ALL)
        connection.execute("INSERT OR IGNORE INTO letterbook VALUES (?, ?)", (PROOF, proof))

    def opens(self, proof: bytes) -> bool:
        """Whether this is the master key of a store with such a proof.

        Raises :class:`StoreRefused` if it is, and blobs are in clear there, as no release ever kept them.
        """
        if keys.unwrap(self._master, proof, _FACTS_ALONE) is not None:
            raise StoreRefused(
                "This store is encrypted, but for the large parts of its messages: it was made before any "
                "release, and is not opened any more. Make a new one."
            )
        return keys.unwrap(self._master, proof, _ALL) is not None

    def another(self) -> "Vault":
        """The same key for another store, which has something of its own to forget."""
        return Vault(self._master)

    def look(self, connection: sqlite3.Connection) -> None:
        """Notice erasures, at the beginning of whatever reads."""
        count = shredding.erasures(connection)
        if count != self._seen:
            self.forget()
            self._seen = count  # not before: another thread believes what it is told as soon as it sees this

    def history(
        self, connection: sqlite3.Connection, recorder: MailboxRecorder, mapper: FactMapper, clock: Clock
    ) -> "EncryptedHistory":
        """The history inside one transaction."""
        ring = Keyring(connection, self._master)
        return EncryptedHistory(connection, recorder, mapper, clock, ring, self.form.name, self.look_for)


def _nothing() -> None:
    """Nobody remembers anything yet."""


def _anywhere(_ref: BlobRef) -> None:
    """There are no blobs yet."""


class EncryptedHistory(SqliteHistory):
    """The history inside one transaction, sealed."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        recorder: MailboxRecorder,
        mapper: FactMapper,
        clock: Clock,
        ring: Keyring,
        blob_name: Callable[[BlobRef], str],
        look_for: Callable[[BlobRef], object],
    ) -> None:
        super().__init__(connection, recorder, mapper, clock)
        self._blob_name = blob_name
        self._look_for = look_for
        self._reader = SealedFacts(connection, mapper, ring)
        self._ring = ring
        self._erasures = -1

    def catch_up(self) -> list[Numbers] | None:
        """What others have added; ``None``: nothing may be believed, as somebody erased something."""
        self._ring.forget()
        self._reader.doubt()
        touched, erased = super().catch_up(), shredding.erasures(self._connection)
        if erased != self._erasures:
            self._erasures = erased
            return None
        return touched

    def forget(self) -> None:
        """Believe nothing that was remembered, keys included."""
        super().forget()
        self._ring.forget()
        self._reader.doubt()

    # -- writing --

    def append(self, additions: Sequence[Addition]) -> dict[UUID, int]:
        """Add facts; where one says that something was erased, the key goes in the same transaction."""
        ends = super().append(additions)
        self._ring.write()
        for addition in additions:
            for fact in addition.facts:
                if isinstance(fact, OwnerErased):
                    self._erase(addition.mailbox, None)
                elif isinstance(fact, Erased):
                    self._erase(addition.mailbox, addition.aggregate)
        return ends

    def _new_events(self, addition: Addition) -> Iterator[NewEvent]:
        for version, fact in enumerate(addition.facts, start=addition.after + 1):
            topic, state = self._mapper.to_state(fact)
            if not fact.in_clear:
                if _MAY_NAME_BLOBS in state and not isinstance(fact, _REPEATING):
                    self._check_blobs(fact)
                state = self._sealed(addition, version, topic, state)
            yield addition.aggregate, version, topic, state

    def _check_blobs(self, fact: Fact) -> None:
        """A purge lets go of blobs that no fact names, also of one that was put there for a fact to come.

        It does so in a transaction, as this is one: what is there now stays.
        """
        try:
            for ref in blobs_in(fact):
                self._look_for(ref)
        except BlobDamaged as gone:
            raise StoreUnavailable(f"{gone} If it was erased at this moment, bring it once more.") from None

    def _sealed(self, addition: Addition, version: int, topic: str, state: bytes) -> bytes:
        mailbox, aggregate = addition.mailbox.bytes, addition.aggregate.bytes
        if version == 1:
            begins = self._recorder.head(self._connection, addition.mailbox).seq == 0
            key = self._ring.make(mailbox, aggregate, begins=begins)
        else:
            key = self._ring.find(mailbox, aggregate)
        if key is None:  # it was erased since somebody read it
            raise Conflict
        return keys.seal_state(key, keys.place_of(mailbox, aggregate, version, topic), state)

    def _erase(self, mailbox: UUID, aggregate: UUID | None) -> None:
        """Destroy keys, and write down what has to be purged: the blobs that could be read with them."""
        home = mailbox.bytes
        rows = (
            self._connection.execute(_OF_ONE, (home, aggregate.bytes))
            if aggregate
            else self._connection.execute(_OF_MAILBOX, (home,))
        )
        named: set[str] = set()
        for row in rows:
            named.update(map(self._blob_name, blobs_in(self._reader.fact(home, *row))))
        shredding.condemn(self._connection, named)
        self._ring.destroy(home, aggregate.bytes if aggregate else None)
        self._reader.doubt()

    def restore(self, facts: Sequence[StoredFact]) -> None:
        """Add facts as another history kept them, which has to be an encrypted one, too."""
        if any(not (keys.is_sealed(fact.state) or kind_of(fact.topic).in_clear) for fact in facts):
            refuse_other(encrypted=False)
        super().restore(facts)

    def keys(self, mailbox: UUID) -> list[WrappedKey]:
        """As they are kept."""
        return [
            WrappedKey(mailbox, UUID(bytes=aggregate) if aggregate else None, wrapped)
            for aggregate, wrapped in self._ring.kept(mailbox.bytes)
        ]

    def restore_keys(self, given: Sequence[WrappedKey]) -> None:
        """Keep keys that this store's own key opens, or that one of those opens."""
        for key in given:
            name = key.aggregate.bytes if key.aggregate else b""
            if not self._ring.keep(key.mailbox.bytes, name, key.wrapped):
                raise MoveRefused("These facts are encrypted with the key of another store than this one.")

    # -- reading --

    def evidence(self) -> Evidence:
        """The rows themselves."""
        return EncryptedEvidence(self._connection, self._mapper, self._reader)

    def _fact(self, row: LinkedRow) -> Fact:
        mailbox, _, aggregate, version, topic, state, recorded, _, _ = row
        return self._reader.fact(mailbox, aggregate, version, topic, state, recorded)

    def _written(self, row: LinkedRow) -> Written:
        mailbox, _, aggregate, version, topic, state, _, _, _ = row
        clear = self._reader.opened(mailbox, aggregate, version, topic, state)
        return (Forgotten.stored_name, {}) if clear is None else (topic, self._mapper.to_fields(topic, clear))


class SealedFacts:
    """Reads sealed facts of one connection."""

    def __init__(self, connection: sqlite3.Connection, mapper: FactMapper, ring: Keyring) -> None:
        self._connection = connection
        self._mapper = mapper
        self._ring = ring
        self._erased: set[tuple[bytes, bytes]] = set()

    def fact(
        self, mailbox: bytes, aggregate: bytes, version: int, topic: str, state: bytes, recorded: int
    ) -> Fact:
        """A fact; a forgotten one if its key was destroyed when somebody erased it."""
        clear = self.opened(mailbox, aggregate, version, topic, state)
        return forgotten(topic, moment(recorded)) if clear is None else self._mapper.to_fact(topic, clear)

    def opened(
        self, mailbox: bytes, aggregate: bytes, version: int, topic: str, state: bytes
    ) -> bytes | None:
        """What is sealed; ``None`` if its key was destroyed when somebody erased it."""
        if not keys.is_sealed(state):
            return state
        key = self._ring.find(mailbox, aggregate)
        if key is None:
            self._check_erased(mailbox, aggregate)
            return None
        return keys.open_state(key, keys.place_of(mailbox, aggregate, version, topic), state)

    def doubt(self) -> None:
        """Look again at what was erased: somebody may have given up a transaction."""
        self._erased.clear()

    def _check_erased(self, mailbox: bytes, aggregate: bytes) -> None:
        """A key that is missing although nobody erased anything is damage, and not taken for an erasure."""
        if (mailbox, aggregate) in self._erased:
            return
        places = ((aggregate, Erased.stored_name), (mailbox, OwnerErased.stored_name))
        if not any(self._connection.execute(_ERASED, (mailbox, *place)).fetchone() for place in places):
            raise StoreDamaged(f"the key of {UUID(bytes=aggregate)} is missing, and it was not erased")
        self._erased.add((mailbox, aggregate))


class EncryptedEvidence(SqliteEvidence):
    """The rows as evidence. Whoever verifies looks whether each fact can be read, or was erased."""

    def __init__(self, connection: sqlite3.Connection, mapper: FactMapper, reader: SealedFacts) -> None:
        super().__init__(connection, mapper)
        self._reader = reader

    def blobs(self, event: SealedEvent) -> Iterable[BlobRef]:
        """The blobs that an event names. Raises ``StoreDamaged`` if it cannot be read, and must be."""
        return blobs_in(self.fact(event))

    def fact(self, event: SealedEvent) -> Fact:
        """What an event says."""
        covers = cast(bytes, event.covered)
        mailbox, aggregate, version = covers[:16], covers[24:40], int.from_bytes(covers[40:48])
        return self._reader.fact(mailbox, aggregate, version, event.topic.decode(), event.state, 0)
