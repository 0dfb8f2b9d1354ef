"""Letters that the rules of an inbox pass on to others."""

import html
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from letterbook.application import jobs
from letterbook.application.engine import Engine
from letterbook.application.jobs import NewMessage
from letterbook.application.whole import whole_mail
from letterbook.application.work import Work
from letterbook.domain.attachments import Content, ItemAttachment
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Body, Header, Letter, write_body
from letterbook.domain.message import Receive
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import Refused
from letterbook.domain.sorting import LOOP_HEADER, PassOn

log = logging.getLogger("letterbook.delivery")


def forward(
    engine: Engine, work: Work, mailbox: UUID, name: UUID, received: Receive, wanted: PassOn, on: Occasion
) -> None:
    """Send a letter on to others in its owner's name; no copy of that is kept, as in Exchange.

    A letter that cannot be forwarded, such as one with too many attachments, has arrived all the same.
    """
    owner = work.mailbox(mailbox).owner
    enclosed = wanted.how == "forward_as_attachment_to"
    said = _enclosing(engine, name, received, on) if enclosed else _quoting(engine, received)
    written = {"to": wanted.people, "headers": marks(received.letter, owner)}
    new = replace(said, letter=said.letter.model_copy(update=written), from_mime=True, uploaded=True)
    try:
        jobs.send_mail(work, mailbox, name, engine.stowed(new), on, keep=False)
    except Refused as no:
        log.warning("a letter could not be forwarded: %s", no)


def _subject(letter: Letter) -> str:
    return letter.subject if letter.subject.lower().startswith("fw:") else f"FW: {letter.subject}"


def _enclosing(engine: Engine, name: UUID, received: Receive, on: Occasion) -> NewMessage:
    """The whole letter as an attachment."""
    mail = whole_mail(engine, received.letter, received.attachments, received.thread, received.sent_at)
    item = ItemAttachment(
        id=name,
        name=received.letter.subject or "Message",
        content_type="message/rfc822",
        modified_at=on.at,
        item=received.letter,
        sent_at=received.sent_at,
        mime=Content(inline=engine.mime.render(mail)),
    )
    letter = Letter(subject=_subject(received.letter))
    return NewMessage(letter=letter, attachments=(item,), thread=received.thread)


def _quoting(engine: Engine, received: Receive) -> NewMessage:
    """The letter below the lines that tell where it comes from, with its attachments."""
    old = engine.whole_letter(received.letter)
    letter = Letter(subject=_subject(old), body=_quoted(old, received.sent_at), importance=old.importance)
    return NewMessage(letter=letter, attachments=received.attachments, thread=received.thread)


def _quoted(old: Letter, sent_at: datetime) -> Body:
    """The old body with the lines that Outlook puts before it."""
    lines = (
        ("From", _names((old.author,) if old.author else ())),
        ("Sent", f"{sent_at:%A, %B %d, %Y %H:%M} UTC"),
        ("To", _names(old.to)),
        *((("Cc", _names(old.cc)),) if old.cc else ()),
        ("Subject", old.subject),
    )
    if old.body.kind == "html":
        top = "<br>\r\n".join(f"<b>{name}:</b> {html.escape(said)}" for name, said in lines)
        return write_body("html", f"<hr>\r\n<div>{top}</div>\r\n<br>\r\n{old.body.content}")
    top = "\r\n".join(f"{name}: {said}" for name, said in lines)
    return write_body("text", f"________________________________\r\n{top}\r\n\r\n{old.body.content}")


def _names(people: Iterable[EmailAddress]) -> str:
    return "; ".join(f"{person.name} <{person.address}>".strip() for person in people)


def marks(letter: Letter, owner: EmailAddress) -> tuple[Header, ...]:
    """The marks of everyone who passed a letter on by a rule, and the owner's; none gets it twice."""
    earlier = tuple(h for h in letter.headers if h.name.lower() == LOOP_HEADER.lower())
    return (*earlier, Header(name=LOOP_HEADER, value=owner.address))
