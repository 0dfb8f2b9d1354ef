"""Jobs that put a message elsewhere: moved, copied, deleted for good, reported, taken for junk or not."""

from uuid import UUID

from letterbook.application.jobs import Answer, ask_message
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import ReportAction
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Copy, DeleteForGood, Message, Move, Report
from letterbook.domain.trust import BlockSender, UnblockSender

_REPORTED_TO = {
    ReportAction.JUNK: "junkemail",
    ReportAction.PHISH: "deleteditems",
    ReportAction.NOT_JUNK: "inbox",
}
"""Where Outlook puts what is reported."""


def move(work: Work, mailbox: UUID, name: UUID, folder: UUID, on: Occasion) -> Answer:
    """Put a message into another folder of its mailbox."""
    target = work.mailbox(mailbox).folder(folder)
    return ask_message(work, mailbox, name, Move(target.id), on)


def copy(work: Work, mailbox: UUID, name: UUID, new_name: UUID, folder: UUID, on: Occasion) -> Answer:
    """Put a copy of a message, under a new name, into a folder of its mailbox."""
    target = work.mailbox(mailbox).folder(folder)
    original = _present(work, mailbox, name)
    work.expect_new(mailbox, new_name)
    ask = Copy(source=name, original=original, folder=target.id)
    return ask_message(work, mailbox, new_name, ask, on)


def _present(work: Work, mailbox: UUID, name: UUID) -> Message:
    message = work.message(mailbox, name)
    if message is None or message.folder is None:
        raise refusals.NotFound
    return message


def delete_for_good(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Delete a message, wherever it is, so that its owner cannot get it back."""
    work.ask_message(mailbox, name, DeleteForGood(), on)


def mark_junk(work: Work, mailbox: UUID, name: UUID, on: Occasion, *, is_junk: bool, moved: bool) -> Answer:
    """Block (or no longer block) the author of a message, and move it if that is asked for."""
    author = _present(work, mailbox, name).letter.author
    if author is not None and author.address:
        ask = BlockSender(author.address) if is_junk else UnblockSender(author.address)
        work.ask_mailbox(mailbox, ask, on)
    return _filed(work, mailbox, name, ("junkemail" if is_junk else "inbox") if moved else None, on)


def report(
    work: Work, mailbox: UUID, name: UUID, action: ReportAction, on: Occasion, *, moved: bool
) -> Answer:
    """Write down what the owner says the message really is, and move it if that is asked for."""
    ask_message(work, mailbox, name, Report(action), on)
    return _filed(work, mailbox, name, _REPORTED_TO.get(action) if moved else None, on)


def _filed(work: Work, mailbox: UUID, name: UUID, folder: str | None, on: Occasion) -> Answer:
    """The message as it is, in a well-known folder if one is named."""
    target = well_known_id(mailbox, folder) if folder else _present(work, mailbox, name).folder
    assert target is not None, "a message that is there is in a folder"
    return ask_message(work, mailbox, name, Move(target), on)
