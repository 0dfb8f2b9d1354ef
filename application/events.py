"""The event behind a message about a meeting, told from all messages about it in the same mailbox."""

from uuid import UUID, uuid5

from letterbook.application.engine import Engine
from letterbook.application.meeting_news import kin, letter_about
from letterbook.application.work import tell
from letterbook.domain.meeting_events import Event, event_of
from letterbook.domain.message import Message


def event_about(engine: Engine, mailbox: UUID, name: UUID, message: Message) -> Event | None:
    """The event that a message is about, as its mailbox knows it now; ``None`` if there is none."""
    asked = letter_about(name, message)
    if asked is None:
        return None
    owner = engine.mailbox(mailbox).owner
    with engine.store.reading() as session:
        names = [each for each in kin(session.views, mailbox, asked.meeting.uid) if each != name]
        found = [letter_about(each, tell(session, (mailbox, each)).state) for each in names]
    others = [each for each in found if each and each.meeting.uid == asked.meeting.uid]
    return event_of(asked, others, owner)


def event_name(mailbox: UUID, uid: str, occurrence: str | None) -> UUID:
    """The name of an event: it follows from the meeting, so it stays whatever comes and goes about it."""
    return uuid5(mailbox, f"event {uid} {occurrence or ''}")
