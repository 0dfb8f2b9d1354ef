"""Whose mailbox a request means, and whether whoever asks may open it."""

from letterbook.adapters.graph import errors
from letterbook.application.engine import Engine
from letterbook.application.ports import Visitor
from letterbook.application.rows import PersonRow
from letterbook.domain.refusals import MailboxUnknown

ME = frozenset({"me", "me-token-to-replace"})
"""How a caller names itself; the second is what the official Python SDK sends for ``/me``."""


def owner_asked(engine: Engine, visitor: Visitor, asked: str | None) -> PersonRow:
    """Whose mailbox is asked: a person's token opens their own, an application's opens all."""
    if visitor.is_app:
        if asked is None:
            raise errors.not_me()
        return engine.person(asked)
    try:
        own = engine.person(visitor.subject)
    except MailboxUnknown:
        raise errors.no_mailbox() from None
    if asked is not None and asked.casefold() not in (own.address.casefold(), str(own.mailbox)):
        raise MailboxUnknown(asked)
    return own
