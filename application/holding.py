"""What is held is not erased: asked before it is, of a message or of all that a mailbox is."""

from uuid import UUID

from letterbook.application.troubles import StoreDamaged
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
    on_all = tuple(hold.hold_id for hold in placed if hold.search is None)
    return on_all or _found_in(work, mailbox) if placed else ()


def _found_in(work: Work, mailbox: UUID) -> tuple[UUID, ...]:
    history = work.session.history
    found: dict[UUID, None] = {}
    end = left = history.head(mailbox).seq
    for name, story in history.stories(mailbox, end):
        left -= len(story)
        if name != mailbox:
            found |= dict.fromkeys(work.holds_on(mailbox, name, story))
    if left:
        raise StoreDamaged(f"of the {end} events of mailbox {mailbox}, {left} are missing")
    return tuple(found)
