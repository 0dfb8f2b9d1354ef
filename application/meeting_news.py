"""What a message about a meeting means to the others about it in its mailbox, when it comes there.

Decided once, in the transaction that brings the message in, and kept as facts of the messages themselves: so
whatever is told from a message's own history (views, the past, forks, copies) tells the same.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from letterbook.application.marks import ANSWERED, ANSWERS, INVITES, about_meeting
from letterbook.application.ports import Views
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.meeting_order import MeetingLetter, is_news_to, standing
from letterbook.domain.message import Draft, Message, Stand


def place(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Tell a message that has just come into a mailbox, and its kin there, where they stand."""
    new = letter_about(name, work.message(mailbox, name))
    if new is None:
        return
    every = [new, *newest_first(_about(work, mailbox, new))]
    inviting = {each.name: each for each in every if not each.meeting.news.is_an_answer}
    for each in every:
        if each is new or (new.name in inviting and is_news_to(new, each)):
            others = _beside(each, new, inviting)
            work.ask_message(mailbox, each.name, Stand(standing(each, others)), on)


def _beside(
    each: MeetingLetter, new: MeetingLetter, inviting: dict[UUID, MeetingLetter]
) -> list[MeetingLetter]:
    """What one is to be compared with: the new one with all, another with the new one and what it follows.

    The others were compared with one another before; to do that again each time takes as long as there are
    triples of them, and everybody else waits.
    """
    follows = each.stands.earlier
    if each is new or (follows and follows.message not in inviting):
        return [other for other in inviting.values() if other is not each]
    return [new, inviting[follows.message]] if follows else [new]


def letter_about(name: UUID, message: Message | None) -> MeetingLetter | None:
    """A message as one about a meeting; ``None`` for what is none, is no more, or was not sent yet."""
    if message is None or message.folder is None or isinstance(message, Draft):
        return None
    meeting = message.letter.meeting
    if meeting is None:
        return None
    files = any(each.content_type != "text/calendar" and not each.is_inline for each in message.attachments)
    return MeetingLetter(name, message.letter, meeting, message.sent_at, files, message.standing)


def newest_first(letters: Iterable[MeetingLetter]) -> list[MeetingLetter]:
    """Letters about a meeting in an order that is always the same: what was sent last comes first."""
    return sorted(letters, key=_sent, reverse=True)


def _sent(letter: MeetingLetter) -> tuple[datetime, UUID]:
    return letter.sent_at, letter.name


def kin(views: Views, mailbox: UUID, uid: str) -> list[UUID]:
    """All messages of a mailbox about a meeting, as its views know them, in no order."""
    return views.names(mailbox, None, about_meeting(uid, INVITES, ANSWERS, ANSWERED))


def _about(work: Work, mailbox: UUID, new: MeetingLetter) -> Iterator[MeetingLetter]:
    """The other messages that may be news to this one or it to them, those of this transaction too.

    An answer is none to another, and an answer that is out of date stays so: however many there are, they
    are looked at until then.
    """
    parts = (INVITES,) if new.meeting.news.is_an_answer else (INVITES, ANSWERS)
    written = work.names_found(mailbox, about_meeting(new.meeting.uid, *parts))
    beyond = well_known_id(mailbox, "recoverableitemsdeletions")
    for name in dict.fromkeys((*written, *work.names_looked_at(mailbox))):
        message = work.message(mailbox, name) if name != new.name else None
        found = letter_about(name, message) if message and message.folder != beyond else None
        if found and found.meeting.uid == new.meeting.uid:
            yield found
