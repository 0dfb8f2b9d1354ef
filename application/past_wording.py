"""What messages said once and say no more: told from their facts, for whoever searches earlier moments."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, cast
from uuid import UUID

from letterbook.application.moments import microseconds
from letterbook.application.ports import Store
from letterbook.application.projection import row_of
from letterbook.application.searching import Wording, row_wording
from letterbook.application.showing import ReadBlob
from letterbook.application.troubles import StoreDamaged
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
    store: Store, mailbox: UUID, wanted: Sequence[Due], damages: list[StoreDamaged]
) -> Iterator[tuple[Due, Saying | None]]:
    """What messages said; those about one message follow each other. ``None``: nobody can tell any more.

    Each message is read once, and nothing is kept open meanwhile. What is damaged is passed over, and told in
    ``damages``.
    """
    with store.reading() as session:
        owner = mailboxes.evolve(None, cast(MailboxFact, session.history.read(mailbox, 0, 1)[0].fact))
    for name, some in groupby(wanted, key=_message):
        try:
            with store.reading() as session:
                facts = deque(session.history.of(mailbox, name))
        except StoreDamaged as damage:
            damages.append(damage)
            continue
        seq, message = 0, cast(Message | None, None)
        for each in some:
            while facts and facts[0].seq <= each.worded:
                seq = facts[0].seq
                message = messages.evolve(message, cast(MessageFact, facts.popleft().fact))
            then = message if seq == each.worded else None
            try:
                said = _saying(mailbox, name, owner, then, store.blobs.get) if then else None
            except StoreDamaged as damage:
                damages.append(damage)
                continue
            yield each, said


def _message(due: Due) -> UUID:
    return due.message


def _saying(
    mailbox: UUID, name: UUID, owner: Mailbox, message: Message, read_blob: ReadBlob
) -> Saying | None:
    row = row_of(mailbox, name, owner, message, read_blob)
    return Saying(microseconds(row.sent_at), row_wording(row)) if row else None
