"""What is held is not erased: asked before it is, of a message or of all that a mailbox is."""

from uuid import UUID

from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.holds import NoteRefusal, Removal


def check_message(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Refuse to erase a message that is held; that is written down."""
    work.check_held(mailbox, name, Removal.ERASE, on)


def check_mailbox(work: Work, mailbox: UUID, on: Occasion) -> None:
    """Refuse to erase a mailbox in which anything is held; that is written down."""
    if holds := held_in(work, mailbox):
        work.refuse_removal(mailbox, NoteRefusal(None, Removal.ERASE, holds), on)


def held_in(work: Work, mailbox: UUID) -> tuple[UUID, ...]:
    """The holds that keep a mailbox: those on all of it, and those whose search finds any message in it.

    What this transaction itself has changed does not count.
    """
    placed = work.mailbox(mailbox).keeping.holds.placed.values()
    found = {hold.hold_id for hold in placed if hold.search is None}
    if not placed or found:
        return tuple(found)
    history = work.session.history
    for name, story in history.stories(mailbox, history.head(mailbox).seq):
        if name != mailbox:
            found.update(work.holds_on(mailbox, name, story))
    return tuple(hold.hold_id for hold in placed if hold.hold_id in found)
