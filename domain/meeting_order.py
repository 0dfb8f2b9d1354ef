"""Which of several messages about a meeting is newer, and what the newer ones are to the older (RFC 5546).

Only whoever invites can overtake: with a request or a cancellation that has a higher ``SEQUENCE``, or the
same and a later ``DTSTAMP`` (section 2.1.4). An answer is out of date when what it answers is, which is told
by ``SEQUENCE`` alone: a request that was only written anew asks for no new answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from letterbook.domain.letter import Letter
from letterbook.domain.meetings import ALONE, Earlier, Meeting, MeetingNews, Standing, UpdateKind
from letterbook.domain.people import EmailAddress


@dataclass(frozen=True, slots=True)
class MeetingLetter:
    """A message about a meeting: its name, what it says, and when it was sent."""

    name: UUID
    letter: Letter
    meeting: Meeting
    sent_at: datetime
    has_files: bool = False
    """Whether anything is attached to it besides the calendar part itself."""
    stands: Standing = ALONE
    """Where it is known to stand."""

    @property
    def age(self) -> tuple[int, datetime]:
        """What is compared: the later one is newer."""
        return self.meeting.sequence, self.meeting.stamp or self.sent_at

    @property
    def organizer(self) -> EmailAddress | None:
        """Who invites: as the part says, else whoever wrote it, if it is not an answer."""
        return self.meeting.organizer or (None if self.meeting.news.is_an_answer else self.letter.author)


def standing(its: MeetingLetter, others: Sequence[MeetingLetter]) -> Standing:
    """Where a message stands among the others about its meeting."""
    newer = sorted((each for each in others if overtakes(each, its)), key=age_of)
    return Standing(earlier=_earlier(its, others), overtaken_by=newer[0].name if newer else None)


def is_news_to(new: MeetingLetter, known: MeetingLetter) -> bool:
    """Whether one that has just come may change where another one stands: what was overtaken stays so."""
    follows = known.meeting.news is MeetingNews.REQUEST and overtakes(known, new)
    return follows or (known.stands.overtaken_by is None and overtakes(new, known))


def age_of(report: MeetingLetter) -> tuple[int, datetime]:
    """What messages are sorted by."""
    return report.age


def is_from_organizer(newer: MeetingLetter, older: MeetingLetter) -> bool:
    """Whether whoever invited wrote this: whom the older one names, or whoever wrote that invitation.

    Anybody can write somebody else's name into a calendar part; who wrote a letter is not theirs to say.
    """
    author = newer.letter.author
    if author is None or newer.meeting.news.is_an_answer:
        return False
    inviting = None if older.meeting.news.is_an_answer else older.letter.author
    return any(each is not None and each.same_as(author) for each in (older.organizer, inviting))


def overtakes(newer: MeetingLetter, older: MeetingLetter) -> bool:
    """Whether what a message says about a meeting no longer holds because of another one."""
    return (
        newer.meeting.uid == older.meeting.uid
        and _covers(newer.meeting, older.meeting)
        and is_from_organizer(newer, older)
        and (
            newer.meeting.sequence > older.meeting.sequence
            if older.meeting.news.is_an_answer
            else newer.age > older.age
        )
    )


def _covers(newer: Meeting, older: Meeting) -> bool:
    """The same occurrence; with a series that is cancelled all of its occurrences are."""
    return newer.occurrence == older.occurrence or (
        newer.occurrence is None and newer.news is MeetingNews.CANCELLED
    )


def _earlier(its: MeetingLetter, others: Sequence[MeetingLetter]) -> Earlier | None:
    """What a request follows on: the newest that is older."""
    if its.meeting.news is not MeetingNews.REQUEST:
        return None
    older = [
        each
        for each in others
        if not each.meeting.news.is_an_answer
        and each.meeting.occurrence == its.meeting.occurrence
        and overtakes(its, each)
    ]
    if not older:
        return None
    last = max(older, key=age_of)
    return Earlier(message=last.name, update=_update(last, its))


def _update(last: MeetingLetter, its: MeetingLetter) -> UpdateKind:
    """How much a request changes; after a cancellation everything is new."""
    if last.meeting.news is MeetingNews.CANCELLED or _when(last.meeting) != _when(its.meeting):
        return "fullUpdate"
    return "silentUpdate" if _what(last) == _what(its) else "informationalUpdate"


def _when(meeting: Meeting) -> tuple[object, ...]:
    return meeting.start, meeting.end, meeting.all_day, meeting.recurrence


def _what(report: MeetingLetter) -> tuple[object, ...]:
    """What a request says besides when; not who answered what since."""
    meeting, body = report.meeting, report.letter.body
    people = tuple((each.person.key, each.role) for each in meeting.attendees)
    said = (report.letter.subject, body.kind, (body.content or "").strip(), body.blob)
    return (*said, meeting.location, people, meeting.busy, meeting.sensitivity)
