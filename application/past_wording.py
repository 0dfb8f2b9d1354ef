"""What messages said once and say no more: told from their facts, for whoever searches earlier moments."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, cast
from uuid import UUID

from letterbook.application.moments import microseconds
from letterbook.application.ports import Session
from letterbook.application.projection import row_of
from letterbook.application.searching import Wording, row_wording
from letterbook.application.showing import ReadBlob
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.mailbox import Mailbox, MailboxFact
from letterbook.domain.message import Message, MessageFact


class Due(NamedTuple):
    """A message that said the same from the position ``worded`` until before ``ended``."""

    message: UUID
    worded: int
    ended: int


class Saying(NamedTuple):
    """What a message said, and the microsecond at which it was sent."""

    sent_at: int
    wording: Wording


def sayings(
    session: Session, mailbox: UUID, wanted: Sequence[Due], read_blob: ReadBlob
) -> Iterator[tuple[Due, Saying | None]]:
    """What messages said; those about one message follow each other. ``None``: nobody can tell any more."""
    first = session.history.read(mailbox, 0, 1)
    owner = mailboxes.evolve(None, cast(MailboxFact, first[0].fact))
    for name, some in groupby(wanted, key=_message):
        lived = _life(session, mailbox, name)
        message: Message | None = None
        seq, after = 0, next(lived, None)
        for each in some:
            while after and after[0] <= each.worded:
                (seq, message), after = after, next(lived, None)
            is_known = seq == each.worded
            yield each, _saying(mailbox, name, owner, message, read_blob) if message and is_known else None


def _message(due: Due) -> UUID:
    return due.message


def _life(session: Session, mailbox: UUID, name: UUID) -> Iterator[tuple[int, Message]]:
    """What a message was from each position on at which something happened to it."""
    message: Message | None = None
    for each in session.history.of(mailbox, name):
        message = messages.evolve(message, cast(MessageFact, each.fact))
        yield each.seq, message


def _saying(
    mailbox: UUID, name: UUID, owner: Mailbox, message: Message, read_blob: ReadBlob
) -> Saying | None:
    row = row_of(mailbox, name, owner, message, read_blob)
    return Saying(microseconds(row.sent_at), row_wording(row)) if row else None
