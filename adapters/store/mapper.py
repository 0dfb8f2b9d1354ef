"""Facts to stored bytes and back, with the library's hooks for compression and encryption.

The library's own mapper stores the path of a class as the topic. Here the topic is the fact's stored name,
so that classes can move, and the state is the fact's own JSON, in which only what was set is written.
"""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from orjson import JSONDecodeError, loads
from pydantic import ValidationError

from letterbook.domain.facts import Fact
from letterbook.domain.versions import TODAY, Fields, UnreadableFact, unreadable


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact and its place in an aggregate, in the library's words."""

    originator_id: UUID
    originator_version: int
    fact: Fact


class FactTranscoder(Transcoder):
    """A fact as JSON bytes."""

    def encode(self, obj: Any) -> bytes:
        """The bytes of a fact."""
        return cast(Fact, obj).__pydantic_serializer__.to_json(obj, exclude_unset=True)

    def decode(self, data: bytes) -> Any:
        """Not used: bytes alone do not tell which fact they are; see :meth:`FactMapper.to_fact`."""
        raise TypeError("a fact is decoded by its stored name")


class FactMapper(Mapper[UUID]):
    """Between facts and stored events."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The stored form of a :class:`Placed` fact."""
        placed = cast(Placed, domain_event)
        topic, state = self.to_state(placed.fact)
        return StoredEvent(placed.originator_id, placed.originator_version, topic, state)

    def to_state(self, fact: Fact) -> tuple[str, bytes]:
        """The stored name of a fact, and its bytes."""
        state = self.transcoder.encode(fact)
        if self.compressor:
            state = self.compressor.compress(state)
        if self.cipher:
            state = self.cipher.encrypt(state)
        return fact.stored_name, state

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The :class:`Placed` fact behind its stored form."""
        fact = self.to_fact(stored_event.topic, stored_event.state)
        return Placed(cast(UUID, stored_event.originator_id), stored_event.originator_version, fact)

    def to_fields(self, topic: str, state: bytes) -> Fields:
        """The JSON of a fact as it is, for whoever makes something else of it than the fact.

        Raises :class:`letterbook.domain.versions.UnreadableFact`.
        """
        try:
            return cast(Fields, loads(self._opened(state)))
        except JSONDecodeError as error:
            raise UnreadableFact(topic, str(error)) from error

    def to_fact(self, topic: str, state: bytes) -> Fact:
        """A fact, by its stored name; an old one is told in today's words.

        Raises :class:`letterbook.domain.facts.UnknownFact`.
        """
        state = self._opened(state)
        kind = TODAY.kinds.get(topic)
        if kind is None:
            return TODAY.read(topic, state)
        try:
            fact: Fact = kind.__pydantic_validator__.validate_json(state)
        except ValidationError as error:
            raise unreadable(topic, error) from error
        return fact

    def _opened(self, state: bytes) -> bytes:
        if self.cipher:
            state = self.cipher.decrypt(state)
        return self.compressor.decompress(state) if self.compressor else state
