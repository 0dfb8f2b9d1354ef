"""Automatic replies: whoever writes to an absent owner is told so, once in each period.

What is answered, and what is not, follows RFC 3834 and what Exchange says of ``X-Auto-Response-Suppress``.
"""

import logging
import re
from datetime import datetime
from uuid import UUID, uuid5

from letterbook.application import jobs
from letterbook.application.engine import Engine
from letterbook.application.jobs import NewMessage
from letterbook.application.names import received_name
from letterbook.application.work import Work
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Header, Letter, write_body
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.message import Receive
from letterbook.domain.people import EmailAddress
from letterbook.domain.preferences import NoteAutomaticReply
from letterbook.domain.refusals import Refused
from letterbook.domain.settings import Audience

log = logging.getLogger("letterbook.delivery")

ACTOR = "system:automatic-replies"
_SUPPRESSED = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list"})
_LISTS = frozenset({"list-id", "list-post", "list-unsubscribe", "mailing-list"})
_MACHINES = re.compile(
    r"(?:postmaster|mailer-daemon|no-?reply|owner-.*|.*-(?:request|owner|bounces?))@", re.I
)
_TAG = re.compile(r"<[a-z!/][^>]*>", re.IGNORECASE)
_LONGEST_SUBJECT = 200


def reply(engine: Engine, work: Work, mailbox: UUID, name: UUID, received: Receive, on: Occasion) -> None:
    """Answer a letter that has just arrived in its owner's stead, if the owner wants that."""
    home = work.mailbox(mailbox)
    sender = received.letter.author
    if sender is None or not home.preferences.settings.replies.active(on.at):
        return
    if not _answerable(received.letter, sender, home):
        return
    inside = is_inside(sender, home.owner) or work.person(sender.address) is not None
    said = reply_for(home, sender, on.at, inside=inside)
    if said is not None and not home.preferences.has_told(sender):
        by_reply = Occasion(at=on.at, actor=ACTOR, cause=on.cause)
        _send(engine, work, mailbox, name, received, said, by_reply)


def is_inside(person: EmailAddress, owner: EmailAddress) -> bool:
    """Whether two are of one organisation, as far as their addresses tell."""
    return person.key.rpartition("@")[2] == owner.key.rpartition("@")[2]


def reply_for(home: Mailbox, sender: EmailAddress, now: datetime, *, inside: bool) -> str | None:
    """What somebody who writes now is told, if anything. There are no contacts here to look up."""
    replies = home.preferences.settings.replies
    if not replies.active(now) or sender.same_as(home.owner):
        return None
    if not inside and replies.audience is not Audience.ALL:
        return None
    return (replies.internal if inside else replies.external).strip() or None


def _answerable(letter: Letter, sender: EmailAddress, home: Mailbox) -> bool:
    """Only a person who wrote to the owner is answered: no machine, no list, nothing that asks not to be."""
    said = {header.name.lower(): header.value.strip().lower() for header in letter.headers}
    return (
        sender.deliverable
        and not _MACHINES.match(sender.address)
        and any(home.owner.same_as(person) for person in letter.recipients)
        and said.get("auto-submitted", "no").partition(";")[0].strip() == "no"
        and not _SUPPRESSED.search(said.get("x-auto-response-suppress", ""))
        and said.get("precedence") not in _BULK
        and not _LISTS & said.keys()
    )


def _send(
    engine: Engine, work: Work, mailbox: UUID, name: UUID, received: Receive, said: str, on: Occasion
) -> None:
    sender = received.letter.author
    assert sender is not None, "somebody is answered"
    new = engine.stowed(_written(received, sender, said))
    try:
        jobs.send_mail(
            work, mailbox, received_name(mailbox, name, uuid5(mailbox, ACTOR)), new, on, keep=False
        )
    except Refused as no:
        log.warning("an automatic reply could not be sent: %s", no)
        return
    work.ask_mailbox(mailbox, NoteAutomaticReply(sender.address), on)


def _written(received: Receive, sender: EmailAddress, said: str) -> NewMessage:
    """The reply, with the headers that keep machines from answering it (RFC 3834 section 3.1)."""
    answered = received.letter.internet_message_id
    headers = {
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        **({"In-Reply-To": answered, "References": answered} if answered else {}),
    }
    letter = Letter(
        subject=f"Automatic reply: {received.letter.subject[:_LONGEST_SUBJECT]}",
        body=write_body("html" if _TAG.search(said) else "text", said),
        to=(sender,),
        headers=tuple(Header(name=key, value=value) for key, value in headers.items()),
    )
    return NewMessage(letter=letter, thread=received.thread, from_mime=True)
