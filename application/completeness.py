"""Whether the history still tells all that happened to a message.

An event that was changed shows by its seal, and one that is missing between others by their versions. That
the newest are missing only shows beside what was made of them: what the lists show of the message now, where
they end, and which fact of the mailbox itself they were last told of.
"""

from typing import cast
from uuid import UUID

from letterbook.application.ports import History, Recorded, Session, Views
from letterbook.application.public_ids import change_key
from letterbook.application.troubles import StoreDamaged
from letterbook.domain import message as messages
from letterbook.domain.message import Message, MessageFact


def check_shown(views: Views, mailbox: UUID, name: UUID, message: Message | None) -> None:
    """Raise ``StoreDamaged`` if the lists of now show another state of a message than its history tells."""
    head = views.head(mailbox, name)
    shown = message is not None and message.folder is not None
    key = change_key(mailbox, name, message.revision) if message else ""
    if shown != (head is not None) or (head is not None and key.encode() not in head):
        raise StoreDamaged(f"the history of message {name} is not all that was shown of it")


def check_whole(views: Views, mailbox: UUID, name: UUID, told: tuple[Recorded, ...]) -> None:
    """The same of all facts of a message."""
    if name != mailbox:
        facts = (cast(MessageFact, each.fact) for each in told)
        check_shown(views, mailbox, name, messages.fold(None, facts))


def check_known(name: UUID, told: tuple[Recorded, ...], version: int) -> None:
    """Raise ``StoreDamaged`` if these are not all facts of a message whose version is known."""
    if len(told) != version:
        raise StoreDamaged(f"the history of message {name} is not all that was known of it")


def read_all(history: History, mailbox: UUID, after: int, count: int) -> tuple[Recorded, ...]:
    """So many facts behind a position, all of which have been recorded."""
    news = history.read(mailbox, after, count)
    if len(news) != count:
        raise StoreDamaged(f"event {after + len(news) + 1} of mailbox {mailbox} is missing")
    return news


def check_end(history: History, views: Views, mailbox: UUID) -> None:
    """Raise ``StoreDamaged`` if the history of a mailbox does not end where its views do; of views that hold
    nothing nobody can say."""
    _check_end(history, mailbox, views.ends(mailbox)[0])


def _check_end(history: History, mailbox: UUID, known: int) -> None:
    end = history.head(mailbox).seq
    if known and end < known:
        raise StoreDamaged(f"event {end + 1} of mailbox {mailbox} is missing")
    if known and end > known:
        raise StoreDamaged(f"event {end} of mailbox {mailbox} is in none of its lists")


def check_own(history: History, views: Views, mailbox: UUID, told: tuple[Recorded, ...]) -> None:
    """The same, and if the newest of these facts of the mailbox itself is not the last that they know."""
    end, known = views.ends(mailbox)
    _check_end(history, mailbox, end)
    newest = told[-1].seq if told else 0
    if known in (newest, 0):
        return
    there = history.stored(mailbox, known - 1, 1)
    if not there or there[0].seq != known:
        raise StoreDamaged(f"event {known} of mailbox {mailbox} is missing")
    history.read(mailbox, known - 1, 1)  # if it is not what was recorded, this says so
    raise StoreDamaged(
        f"mailbox {mailbox} itself changed last at event {newest}, and was shown so at {known}"
    )


def check_ends(session: Session, mailbox: UUID) -> None:
    """Raise ``StoreDamaged`` if a history, or that of the mailbox itself, does not end where its views do.

    It is read as evidence: no fact has to be known.
    """
    own = session.evidence.about(mailbox, mailbox)
    end, known = session.views.ends(mailbox)
    _check_end(session.history, mailbox, end)
    newest = own[-1].seq if own else 0
    if known not in (newest, 0):
        raise StoreDamaged(f"mailbox {mailbox} itself changed last at {newest}, and was shown so at {known}")


def check_current(session: Session, mailbox: UUID, version: int) -> None:
    """The same of a mailbox that is remembered as it was at a version."""
    told = session.history.of(mailbox, mailbox, max(version - 1, 0))
    check_own(session.history, session.views, mailbox, told)
    if version != (told[-1].version if told else 0):
        raise StoreDamaged(f"the history of mailbox {mailbox} itself is not all that was known of it")


def check_all(session: Session, mailbox: UUID, name: UUID) -> tuple[Recorded, ...]:
    """All facts of a message, or of the mailbox itself, also those of which no list shows anything: such as
    whom a letter reached. Raises ``StoreDamaged`` if one is missing."""
    if name == mailbox:
        return own_facts(session, mailbox)
    told = session.history.of(mailbox, name)
    check_whole(session.views, mailbox, name, told)
    session.history.seek_strays(mailbox, name)
    return told


def own_facts(session: Session, mailbox: UUID, since: int = 0) -> tuple[Recorded, ...]:
    """The facts of a mailbox itself from a version on, none of the newest missing; none of a version that
    the mailbox has not come to."""
    told = session.history.of(mailbox, mailbox, max(since - 1, 0))
    newest = told or session.history.of(mailbox, mailbox)
    check_own(session.history, session.views, mailbox, newest)
    return told
