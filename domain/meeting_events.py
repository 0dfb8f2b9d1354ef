"""The event that messages about a meeting tell of, as a calendar would hold it for the owner of a mailbox.

A request puts it there, a newer request changes it, answers say who comes. It is gone when its owner declined
it, or had invited to it and cancelled it; whoever was invited to what is cancelled still sees that it is.
One of a series that was only answered, or cancelled, alone is told from the request for the series.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from letterbook.domain.meeting_order import MeetingLetter, overtakes
from letterbook.domain.meetings import Attendee, Meeting, MeetingNews
from letterbook.domain.people import EmailAddress

SAYS = {
    MeetingNews.ACCEPTED: "accepted",
    MeetingNews.TENTATIVE: "tentativelyAccepted",
    MeetingNews.DECLINED: "declined",
}
"""What an answer says (Graph: responseType, whose words these are)."""
Groups = dict[str | None, list[MeetingLetter]]
"""Letters about a meeting by the occurrence that they are about; ``None``: by none."""
Newest = Mapping[str, MeetingLetter]
"""The last answer of everybody, by the key of their address."""


@dataclass(frozen=True, slots=True)
class Response:
    """What somebody answered, and when; ``None``: nobody knows when."""

    answer: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A meeting as its mailbox knows it."""

    said: MeetingLetter
    """The newest request."""
    organizer: EmailAddress
    is_organizer: bool
    is_cancelled: bool
    response: Response
    """The owner's own."""
    attendees: tuple[tuple[Attendee, Response], ...]
    told_by: tuple[UUID, ...]
    """The messages that it is told from."""

    created_at: datetime
    modified_at: datetime
    """When the first request was sent, and when the last message that it is told from was."""

    @property
    def busy(self) -> str:
        """How the time shows in the owner's calendar (Graph: freeBusyStatus)."""
        wanted = self.said.meeting.busy
        if self.is_cancelled or wanted == "free":
            return "free"
        return wanted if self.response.answer in ("organizer", "accepted") else "tentative"


class Correspondence:
    """All letters of a mailbox about one meeting, in the groups that its events are told from.

    Each letter is put into its group once, however many events are told.
    """

    def __init__(self, letters: Iterable[MeetingLetter]) -> None:
        self.letters = tuple(letters)
        self.names = frozenset(each.name for each in self.letters)
        self._answers: Groups = {}
        self._inviting: dict[str, list[MeetingLetter]] = {}
        self._invited: dict[str, Groups] = {}
        for each in self.letters:
            if each.meeting.news.is_an_answer:
                self._answers.setdefault(each.meeting.occurrence, []).append(each)
            elif each.organizer:
                self._inviting.setdefault(each.organizer.key, []).append(each)

    def of_organizer(self, organizer: EmailAddress) -> Groups:
        """What whoever invites wrote, by occurrence; if nothing is in their own name, what others wrote for
        them."""
        if organizer.key not in self._invited:
            inviting = self._inviting.get(organizer.key, [])
            own = [each for each in inviting if each.letter.author and each.letter.author.same_as(organizer)]
            groups = self._invited[organizer.key] = {}
            for each in own or inviting:
                groups.setdefault(each.meeting.occurrence, []).append(each)
        return self._invited[organizer.key]

    def answers(self, occurrences: Iterable[str | None]) -> list[MeetingLetter]:
        """The answers to these occurrences (``None``: to all of them), the newest last."""
        return sorted((each for one in occurrences for each in self._answers.get(one, ())), key=_newness)


def event_of(asked: MeetingLetter, letters: Correspondence, owner: EmailAddress) -> Event | None:
    """The event that a message, one of these letters, is about; ``None`` if a calendar would hold none."""
    organizer = asked.organizer or owner
    inviting = letters.of_organizer(organizer)
    occurrence = asked.meeting.occurrence
    own = [each for each in inviting.get(occurrence, ()) if _is_request(each)]
    requests = own or list(_of_series(inviting, occurrence))
    if not requests:
        return None
    said = max(requests, key=_newness)
    heard = {occurrence} if own else {occurrence, None}
    cancelling = [each for each in _beside(inviting, occurrence) if _cancels(each, said)]
    asked_of = {owner.key, *(each.person.key for each in said.meeting.attendees)}
    answers = [each for each in letters.answers(heard) if _answers(each, said, asked_of)]
    newest = {each.letter.author.key: each for each in answers if each.letter.author}
    is_organizer = organizer.same_as(owner)
    response = Response("organizer") if is_organizer else _own(said, newest, owner)
    if response.answer == "declined" or (is_organizer and cancelling):
        return None
    telling = (said, *answers, *cancelling)
    return Event(
        said=said,
        organizer=organizer,
        is_organizer=is_organizer,
        is_cancelled=bool(cancelling),
        response=response,
        attendees=tuple((each, _of(each, newest)) for each in said.meeting.attendees),
        told_by=tuple(each.name for each in telling),
        created_at=min(each.sent_at for each in requests),
        modified_at=max(each.sent_at for each in telling),
    )


def _newness(each: MeetingLetter) -> tuple[int, datetime, datetime, UUID]:
    """What letters of one meeting are sorted by, so that any two have an order: the newest is the last."""
    return *each.age, each.sent_at, each.name


def _is_request(each: MeetingLetter) -> bool:
    return each.meeting.news is MeetingNews.REQUEST


def _of_series(inviting: Groups, occurrence: str | None) -> Iterator[MeetingLetter]:
    """What requests for a series say of one of it."""
    for each in inviting.get(None, ()):
        if occurrence and _is_request(each) and (one := _one_of(each.meeting, occurrence)):
            yield replace(each, meeting=one)


def _beside(inviting: Groups, occurrence: str | None) -> Iterator[MeetingLetter]:
    """What was said of one of a series, and of the series as a whole."""
    for one in dict.fromkeys((occurrence, None)):
        yield from inviting.get(one, ())


def _one_of(series: Meeting, occurrence: str) -> Meeting | None:
    """One of a series, at its own time; ``None`` if that is before the first or behind the last day of it."""
    if series.kind != "seriesMaster":
        return None
    alone: dict[str, object] = {"occurrence": occurrence, "kind": "exception", "recurrence": None}
    if series.start is None or series.end is None:
        return series.model_copy(update={**alone, "start": None, "end": None})
    first, begins, last = _at(series.start), _at(occurrence), series.recurrence and series.recurrence.ends
    try:
        if begins < first or (last and begins.date() - timedelta(days=1) > date.fromisoformat(last)):
            return None
        ends = begins + (_at(series.end) - first)
    except OverflowError:  # that close to the last moment there is nothing
        return None
    return series.model_copy(update={**alone, "start": _written(begins), "end": _written(ends)})


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment[:19])


def _written(at: datetime) -> str:
    return f"{at.isoformat(timespec='seconds')}.0000000"


def _cancels(each: MeetingLetter, said: MeetingLetter) -> bool:
    return each.meeting.news is MeetingNews.CANCELLED and overtakes(each, said)


def _answers(each: MeetingLetter, said: MeetingLetter, asked_of: Collection[str]) -> bool:
    """Whether it is an answer to this request, or to a later one, by somebody who was asked."""
    author = each.letter.author
    return author is not None and author.key in asked_of and each.meeting.sequence >= said.meeting.sequence


def _own(said: MeetingLetter, newest: Newest, owner: EmailAddress) -> Response:
    """What the owner answered: in a letter, or as whoever invites knew when the request was written."""
    invited = next((each for each in said.meeting.attendees if each.person.same_as(owner)), None)
    found = _of(invited or Attendee(person=owner), newest)
    return Response("notResponded") if found.answer == "none" else found


def _of(attendee: Attendee, newest: Newest) -> Response:
    """The last answer of somebody who is invited."""
    each = newest.get(attendee.person.key)
    return Response(SAYS[each.meeting.news], each.sent_at) if each else Response(attendee.answer)
