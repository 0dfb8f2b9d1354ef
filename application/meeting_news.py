"""What a message about a meeting means to the others about it in its mailbox, when it comes there.

Decided once, in the transaction that brings the message in, and kept as facts of the messages themselves: so
whatever is told from a message's own history (views, the past, forks, copies) tells the same.
"""

from collections.abc import Iterator
from uuid import UUID

from letterbook.application.marks import about_meeting
from letterbook.application.ports import Views
from letterbook.application.querying import PageQuery
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.meeting_order import MeetingLetter, overtakes, standing
from letterbook.domain.message import Draft, Message, Stand

MOST = 100
"""Messages about one meeting that are looked at: those that came last."""


def place(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Tell a message that has just come into a mailbox, and its kin there, where they stand."""
    new = letter_about(name, work.message(mailbox, name))
    if new is None:
        return
    every = [new, *_about(work, mailbox, new)]
    for each in every:
        if each is new or overtakes(new, each) or overtakes(each, new):  # nothing else is new to it
            others = [other for other in every if other is not each]
            work.ask_message(mailbox, each.name, Stand(standing(each, others)), on)


def letter_about(name: UUID, message: Message | None) -> MeetingLetter | None:
    """A message as one about a meeting; ``None`` for what is none, is no more, or was not sent yet."""
    if message is None or message.folder is None or isinstance(message, Draft):
        return None
    meeting = message.letter.meeting
    if meeting is None:
        return None
    files = any(each.content_type != "text/calendar" and not each.is_inline for each in message.attachments)
    return MeetingLetter(name, message.letter, meeting, message.sent_at, files)


def kin(views: Views, mailbox: UUID, uid: str) -> list[UUID]:
    """The messages of a mailbox about a meeting that came last, as its views know them."""
    query = PageQuery(folder=None, where=about_meeting(uid), top=MOST, bodies=False)
    return [leaf.message for leaf in views.page(mailbox, query)]


def _about(work: Work, mailbox: UUID, new: MeetingLetter) -> Iterator[MeetingLetter]:
    """The other messages about the same meeting, those of this transaction too."""
    written = kin(work.session.views, mailbox, new.meeting.uid)
    beyond = well_known_id(mailbox, "recoverableitemsdeletions")
    for name in dict.fromkeys((*written, *work.names_looked_at(mailbox))):
        message = work.message(mailbox, name) if name != new.name else None
        found = letter_about(name, message) if message and message.folder != beyond else None
        if found and found.meeting.uid == new.meeting.uid:
            yield found
