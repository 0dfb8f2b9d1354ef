"""Following what changes: where a follower is in the history of a mailbox, and whether that still counts.

A follower goes in rounds. A round tells what happened up to one position, which is fixed when the round
begins; the first one tells what is there instead. What a page tells is looked up when it is made, so it may
be newer than the position; it is told again in the next round, which begins at that position. So nothing is
lost, whatever happens between two pages, and telling twice does no harm: the last word counts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar, cast
from uuid import UUID

from letterbook.application.completeness import own_facts, read_all
from letterbook.application.ports import History, Recorded, Session
from letterbook.application.projection import row_of
from letterbook.application.querying import Place
from letterbook.application.rows import MessageRow
from letterbook.application.work import tell
from letterbook.domain import message as messages
from letterbook.domain.facts import Fact
from letterbook.domain.letter import BlobRef
from letterbook.domain.mailbox import Mailbox, ResyncOrdered
from letterbook.domain.message import (
    AttachmentAdded,
    AttachmentRemoved,
    Categorised,
    Delivered,
    DeliveryFailed,
    DraftReplaced,
    DraftUpdated,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    MentionAdded,
    MentionRemoved,
    Message,
    MessageFact,
    Remarked,
    Reported,
    Unsubscribed,
)

T = TypeVar("T")

MOST_FACTS = 2000
"""Facts looked at for one page: it may tell little of them, or nothing, and say that there is more."""

UNSEEN = (Delivered, DeliveryFailed)
"""What happens to a message without its folder showing it differently."""

RESTING = (
    *UNSEEN,
    *(DraftUpdated, DraftReplaced, Remarked, Flagged, Categorised, Reported, Unsubscribed),
    *(MentionAdded, MentionRemoved, AttachmentAdded, AttachmentRemoved, ExtensionSet, ExtensionRemoved),
)
"""What leaves a message where it is, and as read as it is."""

_SLICE = 200


class Change(StrEnum):
    """What can happen to something that is followed."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Why(StrEnum):
    """Why something is gone: deleted, or only moved elsewhere."""

    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that left what is followed. ``moves`` tells which of a message's default ids it had there."""

    name: UUID
    why: Why
    moves: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a follower is.

    The round ends at the position ``until``, when the mailbox's own facts were at ``version``. Everything up
    to the position ``after`` has been told; ``None``: nothing yet, this is the first round. Within a list, a
    page begins behind ``place``, and ``told`` things have been told before it.
    """

    until: int
    version: int
    after: int | None = None
    place: Place | None = None
    told: int = 0

    @property
    def is_end(self) -> bool:
        """Whether the round is over."""
        return self.after == self.until

    def end(self) -> "Spot":
        """The end of this round, where the next one begins."""
        return Spot(until=self.until, version=self.version, after=self.until)


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One page of a round, and where the follower is after it."""

    found: list[T | Gone]
    spot: Spot


class LostTrack(Exception):
    """The follower cannot go on from where it is, and has to begin anew."""


class ResyncWasOrdered(LostTrack):
    """Every follower was told to begin anew."""


class AheadOfHistory(LostTrack):
    """The follower knows more than the history holds: it followed one that was lost."""


def begin(session: Session, mailbox: UUID) -> Spot:
    """The beginning of a first round."""
    own = own_facts(session, mailbox)
    return Spot(until=session.history.head(mailbox).seq, version=own[-1].version if own else 0)


class SearchTurned(LostTrack):
    """A search folder looks elsewhere, or for something else: what it showed before cannot be told apart."""


def resume(session: Session, mailbox: UUID, spot: Spot, turns: Callable[[Fact], bool] | None = None) -> Spot:
    """The same spot, or where it ends a round, the beginning of the next. Raises :class:`LostTrack`.

    ``turns`` tells the facts of the mailbox after which a search folder cannot be followed any further.
    """
    head = session.history.head(mailbox).seq
    if spot.until > head:
        raise AheadOfHistory
    own = own_facts(session, mailbox, spot.version)
    if spot.version and not own:
        raise AheadOfHistory
    news = [each for each in own if each.version > spot.version]
    if any(isinstance(each.fact, ResyncOrdered) for each in news):
        raise ResyncWasOrdered
    if turns is not None and any(turns(each.fact) for each in news):
        raise SearchTurned
    if not spot.is_end:
        return spot
    return replace(spot, until=head, version=news[-1].version if news else spot.version)


def facts_between(
    history: History, mailbox: UUID, after: int, until: int, most: int = MOST_FACTS
) -> Iterator[Recorded]:
    """The facts of a mailbox behind one position and up to another, at most so many."""
    last = min(until, after + most)
    while after < last:
        yield from read_all(history, mailbox, after, min(_SLICE, last - after))
        after += _SLICE


class Lives:
    """What messages were before and after each of their facts."""

    def __init__(self, session: Session, mailbox: UUID) -> None:
        self._history = session.history
        self._mailbox = mailbox
        self._known: dict[UUID, list[Message | None]] = {}

    def around(self, recorded: Recorded) -> tuple[Message | None, Message]:
        """A message before and after a fact."""
        if recorded.version == 1:
            return None, messages.evolve(None, cast(MessageFact, recorded.fact))
        name = recorded.aggregate
        if name not in self._known:
            self._known[name] = list(_states(self._history.of(self._mailbox, name)))
        before, after = self._known[name][recorded.version - 1 : recorded.version + 1]
        return before, cast(Message, after)


class Shown:
    """How a folder would show messages in any of their states, without their bodies."""

    def __init__(self, session: Session, mailbox: UUID) -> None:
        self._session = session
        self._mailbox = mailbox
        self._owner: Mailbox | None = None

    def row(self, name: UUID, message: Message) -> MessageRow | None:
        """The row of a message in a state; ``None`` for one that no folder shows."""
        if self._owner is None:
            self._owner = cast(Mailbox, tell(self._session, (self._mailbox, self._mailbox)).state)
        return row_of(self._mailbox, name, self._owner, message, _no_body)


def _no_body(_blob: BlobRef) -> bytes:
    """Nobody asks for the body, and one that was removed meanwhile is not missed."""
    return b""


def _states(recorded: Iterable[Recorded]) -> Iterator[Message | None]:
    """A message before its first fact, and after each."""
    message: Message | None = None
    yield message
    for each in recorded:
        message = messages.evolve(message, cast(MessageFact, each.fact))
        yield message
