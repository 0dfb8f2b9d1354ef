"""The event that messages about a meeting tell of, as a calendar would hold it for the owner of a mailbox.

A request puts it there, a newer request changes it, answers say who comes. It is gone when its owner declined
it, or had invited to it and cancelled it; whoever was invited to what is cancelled still sees that it is.
One of a series that was only answered, or cancelled, alone is told from the request for the series.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
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


def event_of(asked: MeetingLetter, others: Iterable[MeetingLetter], owner: EmailAddress) -> Event | None:
    """The event that a message is about; ``None`` if a calendar would hold none."""
    organizer = asked.organizer or owner
    letters = [asked, *others]
    inviting = _of_organizer(letters, organizer)
    occurrence = asked.meeting.occurrence
    own = [each for each in inviting if _is_request(each, occurrence)]
    requests = own or list(_of_series(inviting, occurrence))
    if not requests:
        return None
    said = max(requests, key=_newness)
    heard = {occurrence} if own else {occurrence, None}
    cancelling = [each for each in inviting if _cancels(each, said)]
    asked_of = [owner, *(each.person for each in said.meeting.attendees)]
    answers = sorted((each for each in letters if _answers(each, said, asked_of, heard)), key=_newness)
    is_organizer = organizer.same_as(owner)
    response = Response("organizer") if is_organizer else _own(said, answers, owner)
    if response.answer == "declined" or (is_organizer and cancelling):
        return None
    telling = (said, *answers, *cancelling)
    return Event(
        said=said,
        organizer=organizer,
        is_organizer=is_organizer,
        is_cancelled=bool(cancelling),
        response=response,
        attendees=tuple((each, _of(each, answers)) for each in said.meeting.attendees),
        told_by=tuple(each.name for each in telling),
        created_at=min(each.sent_at for each in requests),
        modified_at=max(each.sent_at for each in telling),
    )


def _newness(each: MeetingLetter) -> tuple[int, datetime, datetime, UUID]:
    """What letters of one meeting are sorted by, so that any two have an order: the newest is the last."""
    return *each.age, each.sent_at, each.name


def _of_organizer(letters: Sequence[MeetingLetter], organizer: EmailAddress) -> list[MeetingLetter]:
    """What whoever invites wrote; if nothing is in their own name, what others wrote for them."""
    inviting = [
        each
        for each in letters
        if not each.meeting.news.is_an_answer and each.organizer and each.organizer.same_as(organizer)
    ]
    own = [each for each in inviting if each.letter.author and each.letter.author.same_as(organizer)]
    return own or inviting


def _is_request(each: MeetingLetter, occurrence: str | None) -> bool:
    return each.meeting.news is MeetingNews.REQUEST and each.meeting.occurrence == occurrence


def _of_series(inviting: Iterable[MeetingLetter], occurrence: str | None) -> Iterator[MeetingLetter]:
    """What requests for a series say of one of it."""
    for each in inviting:
        if occurrence and _is_request(each, None) and (one := _one_of(each.meeting, occurrence)):
            yield replace(each, meeting=one)


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


def _answers(
    each: MeetingLetter, said: MeetingLetter, asked_of: Sequence[EmailAddress], heard: Collection[str | None]
) -> bool:
    """Whether it is an answer to this request, or to a later one, by somebody who was asked.

    ``heard`` are the occurrences whose answers count.
    """
    author = each.letter.author
    return (
        each.meeting.news.is_an_answer
        and author is not None
        and any(author.same_as(person) for person in asked_of)
        and each.meeting.occurrence in heard
        and each.meeting.sequence >= said.meeting.sequence
    )


def _own(said: MeetingLetter, answers: Sequence[MeetingLetter], owner: EmailAddress) -> Response:
    """What the owner answered: in a letter, or as whoever invites knew when the request was written."""
    invited = next((each for each in said.meeting.attendees if each.person.same_as(owner)), None)
    found = _of(invited or Attendee(person=owner), answers)
    return Response("notResponded") if found.answer == "none" else found


def _of(attendee: Attendee, answers: Sequence[MeetingLetter]) -> Response:
    """The last answer of somebody who is invited."""
    for each in reversed(answers):
        if each.letter.author and each.letter.author.same_as(attendee.person):
            return Response(SAYS[each.meeting.news], each.sent_at)
    return Response(attendee.answer)
