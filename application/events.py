"""The event behind a message about a meeting, told from all messages about it in the same mailbox."""

from uuid import UUID, uuid5

from letterbook.application.engine import Engine
from letterbook.application.meeting_news import kin, letter_about, newest_first
from letterbook.application.work import tell
from letterbook.domain.meeting_events import Correspondence, Event, event_of
from letterbook.domain.meeting_order import MeetingLetter
from letterbook.domain.message import Message
from letterbook.domain.people import EmailAddress


class Events:
    """The events of one mailbox as one request is told of them: what is read of a meeting is read once."""

    def __init__(self, engine: Engine, mailbox: UUID) -> None:
        self._engine = engine
        self._mailbox = mailbox
        self._owner: EmailAddress | None = None
        self._letters: dict[str, Correspondence] = {}
        self._told: dict[tuple[str, str | None, str | None], Event | None] = {}

    def about(self, name: UUID, message: Message) -> Event | None:
        """The event that a message is about, as its mailbox knows it now; ``None`` if there is none."""
        asked = letter_about(name, message)
        if asked is None:
            return None
        letters = self._kin(asked.meeting.uid)
        if name not in letters.names:  # it is beyond what the mailbox shows
            return self._event(asked, Correspondence((asked, *letters.letters)))
        organizer = asked.organizer.key if asked.organizer else None
        key = asked.meeting.uid, asked.meeting.occurrence, organizer
        if key not in self._told:
            self._told[key] = self._event(asked, letters)
        return self._told[key]

    def _event(self, asked: MeetingLetter, letters: Correspondence) -> Event | None:
        self._owner = self._owner or self._engine.mailbox(self._mailbox).owner
        return event_of(asked, letters, self._owner)

    def _kin(self, uid: str) -> Correspondence:
        """All letters of the mailbox about a meeting."""
        if uid not in self._letters:
            with self._engine.store.reading() as session:
                names = kin(session.views, self._mailbox, uid)
                found = [letter_about(each, tell(session, (self._mailbox, each)).state) for each in names]
            letters = newest_first(each for each in found if each and each.meeting.uid == uid)
            self._letters[uid] = Correspondence(letters)
        return self._letters[uid]


def event_name(mailbox: UUID, uid: str, occurrence: str | None) -> UUID:
    """The name of an event: it follows from the meeting, so it stays whatever comes and goes about it."""
    return uuid5(mailbox, f"event {uid} {occurrence or ''}")
