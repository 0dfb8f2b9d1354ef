"""Whether something may be removed: asked before anything is erased, or deleted for good."""

from uuid import UUID

from letterbook.application.work import Work


def held(work: Work, mailbox: UUID, message: UUID | None = None) -> str | None:
    """The name of a hold that keeps a message from being removed, or (``None``) anything in a mailbox."""
    del work, mailbox, message  # no hold can be placed yet
    return None
