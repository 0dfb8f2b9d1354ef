"""What an aggregate is: told from its whole history, and held against what the views were told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from letterbook.application.completeness import check_own, check_shown
from letterbook.application.ports import Session
from letterbook.domain import mailbox as mailboxes
from letterbook.domain import message as messages
from letterbook.domain.mailbox import MailboxFact
from letterbook.domain.message import MessageFact

Key = tuple[UUID, UUID]
"""A mailbox, and an aggregate in it; a mailbox's own aggregate has the mailbox's id."""


@dataclass(frozen=True, slots=True)
class Known:
    """A state and the version it was told from."""

    state: Any
    version: int


NOTHING = Known(None, 0)


def tell(session: Session, key: Key) -> Known:
    """The state of an aggregate, from its whole history. Raises ``StoreDamaged`` if that lost its end."""
    mailbox, aggregate = key
    recorded = session.history.of(mailbox, aggregate)
    facts = (each.fact for each in recorded)
    if mailbox == aggregate:
        check_own(session.history, session.views, mailbox, recorded)
        state: object = mailboxes.fold(None, cast(Iterable[MailboxFact], facts))
    else:
        state = message = messages.fold(None, cast(Iterable[MessageFact], facts))
        check_shown(session.views, mailbox, aggregate, message)
    return Known(state, recorded[-1].version) if recorded else NOTHING
