"""Answers to a message: the draft that a reply or a forward begins with."""

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from uuid import UUID

from letterbook.application.engine import Engine
from letterbook.application.jobs import NewMessage
from letterbook.domain.answering import answering_people, answering_subject, joined, quote
from letterbook.domain.conversation import answer_in, ties_of, ties_to
from letterbook.domain.letter import AnswerKind, Answers, Body, Importance, Letter, write_body
from letterbook.domain.message import Message
from letterbook.domain.people import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What is asked for: which message is answered, how, and what the author adds.

    ``new`` holds what the author says besides; the fields that its letter sets take the place of those that
    are worked out. ``zone`` is the one in which the time of the original is told.
    """

    original: UUID
    how: AnswerKind
    comment: str = ""
    new: NewMessage = NewMessage(letter=Letter())
    zone: tzinfo = UTC


def answer(engine: Engine, mailbox: UUID, name: UUID, owner: EmailAddress, ask: Answering) -> NewMessage:
    """The draft, to be called ``name``, that answers a message; large parts are on disk when this returns."""
    original = engine.message(mailbox, ask.original)
    begun = _with_mime(original, owner, ask) if ask.new.from_mime else _quoting(engine, original, owner, ask)
    thread = answer_in(original.thread, engine.clock.now(), name.int & 0xFF)
    answers = Answers(message=ask.original, how=ask.how)
    return engine.stowed(replace(begun, answers=answers, thread=thread))


def _with_mime(original: Message, owner: EmailAddress, ask: Answering) -> NewMessage:
    """A MIME message says everything itself; who has to get it is added (Graph: message-reply)."""
    said = ask.new.letter
    to, cc = answering_people(ask.how, original.letter, owner)
    letter = said.changed_by(Letter(to=joined(said.to, to), cc=joined(said.cc, cc)))
    if not said.subject:
        letter = letter.changed_by(Letter(subject=answering_subject(ask.how, original.letter.subject)))
    ties = () if ties_of(said) else ties_to(original.letter)
    return replace(ask.new, letter=letter, ties=ties)


def _quoting(engine: Engine, original: Message, owner: EmailAddress, ask: Answering) -> NewMessage:
    """Subject, people and body follow from the original, as far as the author does not say otherwise."""
    was, said = original.letter, ask.new.letter
    to, cc = answering_people(ask.how, was, owner)
    begun = Letter(subject=answering_subject(ask.how, was.subject), to=to, cc=cc, sender=owner)
    if ask.how is AnswerKind.FORWARD and was.importance is not Importance.NORMAL:
        begun = begun.changed_by(Letter(importance=was.importance))
    quotes = "body" not in said.model_fields_set
    if quotes:
        begun = begun.changed_by(Letter(body=_quoted(engine, original, ask)))
    carried = tuple(
        attachment.model_copy(update={"id": engine.ids.new()})
        for attachment in original.attachments
        if ask.how is AnswerKind.FORWARD or (quotes and attachment.is_inline)
    )
    return replace(ask.new, letter=begun.changed_by(said), carried=carried, ties=ties_to(was))


def _quoted(engine: Engine, original: Message, ask: Answering) -> Body:
    """The comment, and the original under it."""
    content = engine.whole_letter(original.letter).body.content or ""
    kind, whole = quote(original.letter, content, original.sent_at.astimezone(ask.zone), ask.comment)
    return write_body(kind, whole)
