"""Making the views again from the history, and proving that they are what they were."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from letterbook.application.ports import Session, Store
from letterbook.application.projection import counts_of, project_mailbox, row_of
from letterbook.application.rows import PutMessage, ViewChange
from letterbook.application.showing import ReadBlob
from letterbook.application.work import tell
from letterbook.domain import message as messages
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import Message, MessageFact

_SLICE = 2000

Progress = Callable[[UUID, int], None]
"""Is told of every mailbox, and how many of its events were just read."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the views of one mailbox. ``equal``: the new rows are what the old ones were."""

    mailbox: UUID
    events: int
    equal: bool


def rebuild(store: Store, progress: Progress | None = None) -> list[Rebuilt]:
    """Drop and make again the views of every mailbox, each in one transaction of its own."""
    with store.reading() as session:
        mailboxes = session.history.mailboxes()
    return [_rebuild_mailbox(store, mailbox, progress or _quiet) for mailbox in mailboxes]


def make_missing(store: Store) -> None:
    """Make the views of a store that has none yet: one that an earlier version kept in another shape."""
    with store.reading() as session:
        known = session.views.people() or not session.history.mailboxes()
    if not known:
        rebuild(store)


def _quiet(_mailbox: UUID, _events: int) -> None:
    """Nobody wants to know."""


def _rebuild_mailbox(store: Store, mailbox: UUID, progress: Progress) -> Rebuilt:
    with store.writing() as session:
        before = session.views.fingerprint(mailbox)
        session.views.clear(mailbox)
        head = session.history.head(mailbox)
        _make(session, mailbox, head.seq, store.blobs.get, progress)
        return Rebuilt(mailbox, head.seq, equal=session.views.fingerprint(mailbox) == before)


def _make(session: Session, mailbox: UUID, end: int, read_blob: ReadBlob, progress: Progress) -> None:
    owner = cast(Mailbox, tell(session, (mailbox, mailbox)).state)
    facts = [each.fact for each in session.history.of(mailbox, mailbox)]
    session.views.apply(mailbox, 0, project_mailbox(mailbox, owner, cast(list[MailboxFact], facts)))
    changes: list[ViewChange] = []
    events = 0
    for recorded in session.history.told(mailbox):
        events += len(recorded)
        if recorded[0].aggregate != mailbox:
            message = messages.fold(None, (cast(MessageFact, each.fact) for each in recorded))
            assert message is not None, "an aggregate has at least one fact"
            changes += _news(mailbox, recorded[0].aggregate, owner, message, read_blob)
        if events >= _SLICE:
            session.views.apply(mailbox, end, changes)
            progress(mailbox, events)
            changes, events = [], 0
    session.views.apply(mailbox, end, changes)
    progress(mailbox, events)


def _news(
    mailbox: UUID, name: UUID, owner: Mailbox, message: Message, read_blob: ReadBlob
) -> Iterator[ViewChange]:
    """What a message adds to views that do not know it."""
    row = row_of(mailbox, name, owner, message, read_blob)
    if row is not None:
        yield PutMessage(row)
        yield from counts_of(None, message)
