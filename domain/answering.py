"""Answers: what a reply or a forward begins with, worked out from the message that it answers."""

import re
from datetime import UTC, datetime
from html import escape

from letterbook.domain.letter import AnswerKind, BodyKind, Letter
from letterbook.domain.people import EmailAddress

_PREFIXES = {AnswerKind.REPLY: "RE: ", AnswerKind.REPLY_ALL: "RE: ", AnswerKind.FORWARD: "FW: "}
_PREFIX = re.compile(r"\A\s*[^\W\d_]{1,3}:\s+")
"""At most three letters, a colon and a space: what counts as a prefix (MS-OXCMSG, PidTagSubjectPrefix)."""

_BODY = re.compile(r"<body\b", re.IGNORECASE)
_RULE = '<hr tabindex="-1" style="display:inline-block; width:98%">\r\n'
_LINE = "_" * 40
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()

People = tuple[EmailAddress, ...]


def answering_subject(how: AnswerKind, subject: str) -> str:
    """The subject of an answer: one prefix, which takes the place of the one that was there."""
    return _PREFIXES[how] + _PREFIX.sub("", subject, count=1)


def answering_people(how: AnswerKind, original: Letter, owner: EmailAddress) -> tuple[People, People]:
    """To whom an answer goes, and who gets a copy.

    A reply goes to whoever the author named for replies, else to the author. A reply to all goes to everyone
    else who got the original, too, but not to the owner unless nobody is left (Graph: message-replyAll).
    """
    authors = original.reply_to or ((original.author,) if original.author else ())
    if how is AnswerKind.FORWARD:
        return (), ()
    if how is AnswerKind.REPLY:
        return _each_once(authors), ()
    to = _each_once((*authors, *original.to), but=(owner,)) or _each_once(authors)
    return to, _each_once(original.cc, but=(owner, *to))


def joined(*groups: People) -> People:
    """Everyone in these groups, each once."""
    return _each_once(tuple(person for group in groups for person in group))


def _each_once(people: People, but: People = ()) -> People:
    left_out = {person.key for person in but}
    known: dict[str, EmailAddress] = {}
    for person in people:
        if person.key not in left_out:
            known.setdefault(person.key or person.name, person)
    return tuple(known.values())


def quote(original: Letter, content: str, sent_at: datetime, comment: str) -> tuple[BodyKind, str]:
    """The body of an answer: the comment, then the original under a few lines about it.

    It is in the format of the original; ``content`` is that body, ``sent_at`` is shown in its own zone. In
    HTML the comment is HTML, too, as in Graph.
    """
    about = _about(original, sent_at)
    if original.body.kind == "text":
        lines = (f"{label}: {value}" for label, value in about)
        return "text", "\r\n".join((comment, "", _LINE, *lines, "", content))
    labels = "<br>\r\n".join(f"<b>{label}:</b> {escape(value, quote=False)}" for label, value in about)
    above = (
        f'{comment}\r\n{_RULE}<div id="divRplyFwdMsg" dir="ltr">{labels}\r\n<div>&nbsp;</div>\r\n</div>\r\n'
    )
    at = _inside_body(content)
    return "html", f"{content[:at]}\r\n{above}{content[at:]}" if at else f"{above}{content}"


def _inside_body(html: str) -> int:
    """Where the body of an HTML document begins; 0 for a fragment."""
    tag = _BODY.search(html)
    return html.find(">", tag.end()) + 1 if tag else 0


def _about(original: Letter, sent_at: datetime) -> list[tuple[str, str]]:
    """The lines above a quoted message, as in the samples of *createReply*; blind copies stay blind."""
    author = (original.author,) if original.author else ()
    lines = [
        ("From", _names(author)),
        ("Sent", in_words(sent_at)),
        ("To", _names(original.to)),
        ("Cc", _names(original.cc)),
        ("Subject", original.subject),
    ]
    return [(label, value) for label, value in lines if value or label != "Cc"]


def _names(people: People) -> str:
    return "; ".join(person.name or person.address for person in people)


def in_words(moment: datetime) -> str:
    """A moment as Outlook writes it: ``Friday, March 4, 2016 12:23:35 AM``."""
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    hour, half = at.hour % 12 or 12, "AM" if at.hour < 12 else "PM"
    day = f"{_DAYS[at.weekday()]}, {_MONTHS[at.month - 1]} {at.day}, {at.year}"
    return f"{day} {hour}:{at.minute:02}:{at.second:02} {half}"
