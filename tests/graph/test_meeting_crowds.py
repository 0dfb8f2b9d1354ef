"""Meetings that very many messages are about: every one of them counts, and ordinary mail pays nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest

from letterbook.adapters.graph import messages
from letterbook.application.meeting_news import letter_about
from letterbook.application.querying import PageQuery
from letterbook.application.work import Work, tell
from letterbook.domain import meeting_order
from letterbook.domain.meeting_order import MeetingLetter, standing
from tests.graph.client import ALEX, MEGAN, Graph
from tests.graph.invitations import mime, shown
from tests.graph.test_meeting_events import EXPAND, event, event_of
from tests.guards.counting import calls

T = TypeVar("T")

MANY = 101
DAY = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""When the meeting begins."""


def answers(graph: Graph, count: int, said: str = "ACCEPTED", days: Sequence[int] = ()) -> None:
    """Alex answers so often, on each of these days for that day alone, and Megan has it all."""
    alex = graph.book.mailbox(ALEX)
    invited = f"ATTENDEE;PARTSTAT={said}:mailto:{ALEX}"
    for day in days or range(count):
        alone = (f"RECURRENCE-ID:{DAY + timedelta(day):%Y%m%dT%H%M%SZ}",) if days else ()
        raw = mime("REPLY", *event(0)[:-1], invited, *alone).replace(b"To: alexw@", b"To: meganb@")
        alex.send_mime(raw)
    graph.book.deliver()


def inbox(graph: Graph, query: str = "") -> list[dict[str, Any]]:
    """Everything that arrived."""
    return graph.values(f"/me/mailFolders/inbox/messages?$top=1000{query}")


def test_the_event_is_told_however_many_answered(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    answers(alex, MANY)
    every = inbox(megan)
    assert len(every) == MANY
    for answer in (every[0], every[-1]):
        assert event_of(megan, answer)["attendees"][0]["status"]["response"] == "accepted"


def test_all_answers_are_out_of_date_once_everybody_is_asked_anew(alex: Graph, megan: Graph) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    answers(alex, MANY)
    assert {each["isOutOfDate"] for each in inbox(megan)} == {False}
    shown(alex, megan, "REQUEST", *event(1, 11))
    assert {each["isOutOfDate"] for each in inbox(megan)} == {True}
    assert event_of(megan, inbox(megan)[0])["attendees"][0]["status"]["response"] == "none"
    alex.book.rebuild()
    assert event_of(megan, inbox(megan)[0])["start"]["dateTime"][11:16] == "19:00"


def test_the_first_of_very_many_requests_still_counts(alex: Graph, megan: Graph) -> None:
    book = alex.book.mailbox(MEGAN)
    for sequence in range(MANY):
        stamp = (f"SEQUENCE:{sequence}", "DTSTAMP:20260301T080000Z")
        book.send_mime(b"To: alexw@contoso.com\r\n" + mime("REQUEST", *_but_stamped(*stamp)))
    alex.book.deliver()
    every = inbox(alex)
    assert [each["isOutOfDate"] for each in every].count(False) == 1
    assert sum(each["meetingRequestType"] == "silentUpdate" for each in every) == 1
    first = min(every, key=_sent)
    assert event_of(alex, first)["createdDateTime"] == first["sentDateTime"]
    shown(alex, megan, "CANCEL", *_but_stamped(f"SEQUENCE:{MANY}"))
    assert {each["isOutOfDate"] for each in inbox(alex)[1:]} == {True}


def _but_stamped(*stamp: str) -> tuple[str, ...]:
    return tuple(line for line in event(0) if not line.startswith(("SEQUENCE", "DTSTAMP"))) + stamp


def _sent(message: dict[str, Any]) -> str:
    return str(message["sentDateTime"])


def test_a_list_reads_a_meeting_once(alex: Graph, megan: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    answers(alex, 10)
    told = list[UUID]()

    def watched(session: Any, key: tuple[UUID, UUID]) -> Any:
        told.append(key[1])
        return tell(session, key)

    monkeypatch.setattr("letterbook.application.events.tell", watched)
    assert all(each["event"] for each in inbox(megan, f"&{EXPAND}"))
    assert len(told) == len(set(told)) == 11


@pytest.mark.parametrize("of_a_series", [False, True], ids=["of one meeting", "of as many in a series"])
def test_each_further_answer_in_a_list_costs_what_the_others_cost(
    alex: Graph, megan: Graph, monkeypatch: pytest.MonkeyPatch, of_a_series: bool
) -> None:
    """However many there are: each event is told, and put into words, once."""

    async def at_once(question: Callable[[], T]) -> T:
        return question()

    monkeypatch.setattr(messages, "aside", at_once)
    shown(alex, megan, "REQUEST", *event(0, 9, *(("RRULE:FREQ=DAILY",) if of_a_series else ())))
    costs, count = list[int](), 0
    for goal in (10, 20, 40, 80):
        answers(alex, goal - count, days=range(count, goal) if of_a_series else ())
        count = goal
        with calls() as counted:
            every = inbox(megan, f"&{EXPAND}")
        costs.append(counted.total())
        assert len({each["event"]["id"] for each in every}) == (count if of_a_series else 1)
    first, last = (costs[2] - costs[1]) / 20, (costs[3] - costs[2]) / 40
    assert last < first * 1.02, costs


def test_an_answer_looks_at_no_other_answer_and_an_ordinary_letter_at_nothing(
    alex: Graph, megan: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(alex, megan, "REQUEST", *event(0))
    answers(alex, 20)
    looked = list[UUID]()

    def watched(work: Work, mailbox: UUID, where: Any) -> list[UUID]:
        found = names_found(work, mailbox, where)
        looked.extend(found)
        return found

    names_found = Work.names_found
    monkeypatch.setattr(Work, "names_found", watched)
    answers(alex, 1)
    assert len(looked) == 2, "the request, as each of both has it"
    looked.clear()
    alex.sent(toRecipients=[{"emailAddress": {"address": MEGAN}}])
    alex.book.deliver()
    assert looked == []
    shown(alex, megan, "REQUEST", *event(1, 11))
    assert len(looked) == 21 + 1 + 21 + 1
    looked.clear()
    shown(alex, megan, "REQUEST", *event(2, 12))
    assert len(looked) == 2 + 2, "an answer that is out of date stays so"


def test_a_further_request_is_compared_with_each_of_the_others_once(
    alex: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not each of these with each again: nobody else can write meanwhile."""
    compared: list[tuple[UUID, UUID]] = []

    def watched(newer: MeetingLetter, older: MeetingLetter) -> bool:
        compared.append((newer.name, older.name))
        return overtakes(newer, older)

    overtakes = meeting_order.overtakes
    monkeypatch.setattr(meeting_order, "overtakes", watched)
    book = alex.book.mailbox(MEGAN)
    for sequence in (*range(30), *range(90, 60, -1), *range(30, 60)):
        compared.clear()
        stamp = (f"SEQUENCE:{sequence}", "DTSTAMP:20260301T080000Z")
        book.send_mime(b"To: alexw@contoso.com\r\n" + mime("REQUEST", *_but_stamped(*stamp)))
        alex.book.deliver()
        assert len(compared) <= 2 * 5 * 90, "what was sent, and what arrived"
    assert [each["isOutOfDate"] for each in inbox(alex)].count(False) == 1
    engine, home = alex.book.engine, alex.book.engine.person(ALEX).mailbox
    rows = engine.page(home, PageQuery(folder=None, top=1000, bodies=False))
    told = {row.message: engine.message(home, row.message) for row in rows}
    letters = [found for name, message in told.items() if (found := letter_about(name, message))]
    for each in letters:
        others = [other for other in letters if other is not each]
        assert each.stands.earlier == standing(each, others).earlier
