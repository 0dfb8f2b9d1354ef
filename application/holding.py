"""What is held is not erased: asked before it is, of a message or of all that a mailbox is."""

from uuid import UUID

from letterbook.application.work import Work
from letterbook.domain.facts import Occasion


def check_message(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Refuse to erase a message that is held; that is written down."""
    del work, mailbox, name, on  # no hold can be placed yet


def check_mailbox(work: Work, mailbox: UUID, on: Occasion) -> None:
    """Refuse to erase a mailbox in which anything is held; that is written down."""
    del work, mailbox, on
