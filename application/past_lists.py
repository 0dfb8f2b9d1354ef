"""What lists held at every earlier position of a mailbox: the port, and who keeps it up to date.

Nothing of it is written when mail is: whoever first asks about the past has it caught up with the history,
and from then on it follows by itself when nobody writes. It can be thrown away at any time and is made again.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from letterbook.application.collecting import uncollected
from letterbook.application.past_states import NOTHING_YET as NOTHING_YET
from letterbook.application.past_states import PastStates
from letterbook.application.past_states import Turn as Turn
from letterbook.application.past_wording import Due, Saying, sayings
from letterbook.application.ports import Head, Store, Views
from letterbook.application.querying import PageQuery, Where
from letterbook.application.rows import MessageRow
from letterbook.application.searching import SearchQuery
from letterbook.application.troubles import StoreDamaged, StoreTrouble

T = TypeVar("T")

_SLICE = 4000
"""Events that are taken in at once."""
_LITTLE = 200
"""Events that are taken in though they are not asked about: less than a fiftieth of a second."""
_SPELLED = 5000
"""Sayings whose words are told one after the other: a message that is read for them is read once."""
_SPELLED_AT_ONCE = 500
"""Of these, how many are taken in together."""

Progress = Callable[[int, int], None]
"""Is told how many events were looked at, and of how many."""


def nobody_watches(_done: int, _of: int) -> None:
    """Nobody wants to know."""


class Then(NamedTuple):
    """What was different of a message that was only moved since, or read: moments in microseconds."""

    revision: int
    moves: int
    modified: int
    folder: bytes
    is_read: bool


class Found(NamedTuple):
    """A message of an earlier list: where it stood, and since which position it was shown as it was.

    ``lasts``: it was shown so ever since, up to the position up to which whoever asked had to know. Or
    ``then`` is all of it that was different.
    """

    name: bytes
    since: int
    lasts: bool
    place: tuple[str | int, ...]
    then: Then | None = None

    @property
    def message(self) -> UUID:
        """The message's name."""
        return UUID(bytes=self.name)


class Present(NamedTuple):
    """What a search of an earlier moment is told from besides the lists."""

    position: int
    views: Views
    then: Callable[[UUID], MessageRow | None]
    """How a message was shown at the earlier moment; ``None``: nowhere."""


class NotReached(Exception):
    """The lists have not come to the position that was asked about, or somebody has emptied them."""


class EarlierLists(Protocol):
    """Lists of mailboxes at some of their positions, for whoever asks about those.

    Every question is answered by one moment of them, or raises :class:`NotReached`.
    """

    def page(self, mailbox: UUID, at: int, query: PageQuery, now: int = 0) -> list[Found]:
        """The messages that a query asked for at a position, in its order.

        Only lists that have come to ``now`` know what has lasted until then.
        """

    def count(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query found."""

    def names(self, mailbox: UUID, at: int, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query found, in no order."""

    def tallies(self, mailbox: UUID, at: int, folders: Sequence[UUID]) -> list[tuple[int, int]]:
        """How many messages each of these folders held, and how many of them were unread."""

    def search(self, mailbox: UUID, at: int, query: SearchQuery, now: Present) -> list[Found]:
        """What a search found at a position, by when it was sent, the last first, and by name.

        Raises :class:`NotReached` also where not all is taken in that has happened until ``now``.
        """


class PastLists(EarlierLists, Protocol):
    """The lists of mailboxes at every position up to the one they have come to. Disposable."""

    def one(self, mailbox: UUID, at: int, message: UUID, now: int = 0) -> Found | None:
        """A message that some list held at a position; it stands nowhere."""

    def begun(self) -> bool:
        """Whether they hold anything of any mailbox; to look makes nothing."""

    def reached(self, mailbox: UUID) -> Head:
        """Up to which event they are right; ``NOTHING_YET`` if they never began."""

    def around(self, mailbox: UUID, moment: datetime) -> tuple[int, int | None]:
        """A position that was recorded at a moment or before, and one that was later, if any is known."""

    def learn(
        self,
        mailbox: UUID,
        after: int,
        end: Head,
        turns: Iterable[Turn],
        times: Sequence[tuple[int, datetime]] = (),
    ) -> None:
        """Take in what happened behind the position ``after``; nothing, if they are elsewhere by now.

        ``times``: when some of the events were recorded, by position.
        """

    def due(self, mailbox: UUID, limit: int) -> list[Due]:
        """Some of what is said no more, and whose words they have yet to be told."""

    def unspelled(self, mailbox: UUID) -> int:
        """How many there are of these."""

    def spell(self, mailbox: UUID, told: Iterable[tuple[Due, Saying | None]]) -> None:
        """Take in the words of what was due; once, however often they are told."""

    def forget(self, mailbox: UUID) -> None:
        """Begin anew."""

    def clear(self) -> None:
        """Begin anew with all of them; nothing of what they held is left in any file."""

    def close(self) -> None:
        """Let go of files and connections."""


class _SomethingErased(Exception):
    """What was read may be just that."""


class Follower:
    """Keeps the lists of a store up to date: as far as somebody asks, or further when there is time."""

    def __init__(self, store: Store, lists: PastLists) -> None:
        self._store = store
        self._lists = lists
        self._one = threading.Lock()
        self._checked: dict[UUID, int] = {}
        self._spelled: dict[UUID, int] = {}
        """Positions of mailboxes at which no words were left to be told."""
        self._at_hand: PastStates | None = None
        self._forgotten = 0
        self.wanted: set[UUID] = set()
        """Mailboxes that somebody has asked about; whoever follows takes them in, too."""

    def has(self, mailbox: UUID, end: int) -> bool:
        """Whether the lists of a mailbox are known to be at ``end`` or behind it."""
        return self.known(mailbox) >= end

    def known(self, mailbox: UUID) -> int:
        """The position up to which the lists of a mailbox are known to be there; they may be further."""
        return self._checked.get(mailbox, 0)

    def has_begun(self, mailbox: UUID | None = None) -> bool:
        """Whether anybody has ever had the past of a mailbox taken in, or of any."""
        return self._lists.begun() and (mailbox is None or self.reached(mailbox) > 0)

    def reached(self, mailbox: UUID) -> int:
        """The position up to which the lists of a mailbox are there."""
        return self._lists.reached(mailbox).seq

    def is_wanted(self, mailbox: UUID | None = None) -> bool:
        """Whether anybody has ever asked about the past of a mailbox, or of any."""
        asked = bool(self.wanted) if mailbox is None else mailbox in self.wanted
        return asked or self.has_begun(mailbox)

    def forget(self) -> None:
        """Look again how far the lists are; what was read before, and is in none yet, stays out of them."""
        self._forgotten += 1
        self._checked.clear()
        self._spelled.clear()

    def catch_up(self, mailbox: UUID, end: int, progress: Progress = nobody_watches) -> None:
        """Have the lists of a mailbox at ``end`` or behind it."""
        while not self.has(mailbox, end):
            self.advance(mailbox, end)
            progress(self.known(mailbox), end)

    def come_near(self, mailbox: UUID, end: int, now: int, progress: Progress = nobody_watches) -> None:
        """Have the lists of a mailbox at ``end``; what little has happened since is taken in if it can be."""
        self.catch_up(mailbox, end, progress)
        if 0 < now - self.known(mailbox) <= _LITTLE:
            with suppress(StoreTrouble):
                self.advance(mailbox, now, waits=False)

    def ask(self, mailbox: UUID, end: int, question: Callable[[PastLists, int], T]) -> T:
        """What the lists say of a position; asked once more, if somebody has emptied them meanwhile."""
        while True:
            self.catch_up(mailbox, end)
            try:
                return question(self._lists, end)
            except NotReached:
                self.forget()

    def search(
        self,
        mailbox: UUID,
        end: int,
        now: int,
        question: Callable[[PastLists, int], T],
        progress: Progress = nobody_watches,
    ) -> T:
        """What the lists say of the words of a position; they must know all that was said until ``now``."""
        while True:
            self.catch_up(mailbox, now, progress)
            damage: StoreDamaged | None = None
            try:
                self.spell_all(mailbox, progress)
            except StoreDamaged as found:  # it matters to whoever asks of a position at which that was said
                damage = found
            try:
                return question(self._lists, end)
            except NotReached:
                if damage:
                    raise damage from None
                self.forget()

    def unspelled(self, mailbox: UUID) -> int:
        """How many sayings there are whose words the lists have yet to be told."""
        known = self.known(mailbox)
        if self._spelled.get(mailbox) == known:
            return 0
        left = self._lists.unspelled(mailbox)
        if not left:
            self._spelled[mailbox] = known
        return left

    def spell_all(self, mailbox: UUID, progress: Progress = nobody_watches) -> None:
        """Have the lists told all words that are said no more."""
        total = left = self.unspelled(mailbox)
        while left:
            before, damage = left, self.spell(mailbox)
            left = self.unspelled(mailbox)
            progress(max(0, total - left), total)
            if damage and left >= before:
                raise damage

    def spell(self, mailbox: UUID, most: int | None = None) -> StoreDamaged | None:
        """Have the lists told some of the words that are said no more; gives what was damaged."""
        with self._one:
            wanted = self._lists.due(mailbox, most or _SPELLED)
            return self._spell(mailbox, wanted) if wanted else None

    def _spell(self, mailbox: UUID, wanted: Sequence[Due]) -> StoreDamaged | None:
        damages: list[StoreDamaged] = []
        with self._store.reading():  # which notices what was erased before
            forgotten = self._forgotten
        with uncollected(), suppress(_SomethingErased):
            told = sayings(self._store, mailbox, wanted, damages)
            while some := list(islice(told, _SPELLED_AT_ONCE)):
                self._lists.spell(mailbox, self._unerased(some, forgotten))
        return damages[0] if damages else None

    def advance(self, mailbox: UUID, end: int, most: int | None = None, *, waits: bool = True) -> None:
        """Take in some, or ``most``, of the events that lead to ``end``: nobody waits longer.

        Unless it ``waits``, nothing is done while somebody else takes something in.
        """
        if not self._one.acquire(blocking=waits):
            return
        try:
            reached = self._checked_head(mailbox)
            if reached.seq < end:
                reached = self._step(mailbox, reached, most or _SLICE)
            self._checked[mailbox] = reached.seq
            if reached.seq >= end:
                self._at_hand = None
        finally:
            self._one.release()

    def _checked_head(self, mailbox: UUID) -> Head:
        """Where the lists are. Those of another history, which a backup has replaced, are of no use."""
        reached = self._lists.reached(mailbox)
        if reached == NOTHING_YET or (self._at_hand and self._at_hand.follows(mailbox, reached)):
            return reached
        with self._store.reading() as session:
            there = session.history.read(mailbox, reached.seq - 1, 1)
        if there and there[0].hash == reached.hash:
            return reached
        self._lists.forget(mailbox)
        return NOTHING_YET

    def _step(self, mailbox: UUID, reached: Head, most: int) -> Head:
        states = self._at_hand
        if states is None or not states.follows(mailbox, reached):
            states = self._at_hand = PastStates(mailbox)
        with uncollected(), suppress(_SomethingErased):
            with self._store.reading() as session:
                forgotten = self._forgotten
                turns = states.read_on(session, reached, most)
            if states.head == reached:
                raise StoreDamaged(f"the history of mailbox {mailbox} ends before it did")
            unerased = self._unerased(turns, forgotten)
            self._lists.learn(mailbox, reached.seq, states.head, unerased, states.times)
        return self._lists.reached(mailbox)

    def _unerased(self, read: Iterable[T], forgotten: int) -> Iterator[T]:
        """The same, unless something was erased since they were read.

        That is asked while the lists are being written, when nobody can empty them: whoever erases something
        later empties them after this.
        """
        with self._store.reading():  # which notices it
            pass
        if self._forgotten != forgotten:
            self._at_hand = None
            raise _SomethingErased
        yield from read
