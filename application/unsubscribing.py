"""Leaving a mailing list: the letter that asks for it, as the list's own header says (RFC 2369)."""

from urllib.parse import parse_qsl, unquote
from uuid import UUID

from letterbook.application.filing import move
from letterbook.application.jobs import NewMessage, send_mail
from letterbook.application.showing import unsubscribe_links
from letterbook.application.work import Work
from letterbook.domain import refusals
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.message import Message, Unsubscribe
from letterbook.domain.people import EmailAddress

SUBJECT = "Unsubscribe"
"""What the letter is about if the list does not say."""


def unsubscribe(work: Work, mailbox: UUID, name: UUID, letter_name: UUID, on: Occasion) -> None:
    """Ask a list, once, for no more letters, and throw this one away."""
    message = work.message(mailbox, name)
    if message is None or message.folder is None:
        raise refusals.NotFound
    letter = unsubscribing_letter(message)
    _, news = work.ask_message(mailbox, name, Unsubscribe(letter.to[0].address), on)
    if news:
        send_mail(work, mailbox, letter_name, NewMessage(letter=letter), on)
        move(work, mailbox, name, well_known_id(mailbox, "deleteditems"), on)


def unsubscribing_letter(message: Message) -> Letter:
    """The letter that the first usable ``mailto:`` link asks for; refuses a message without one."""
    for link in unsubscribe_links(message):
        letter = _letter(link)
        if letter is not None:
            return letter
    raise refusals.NoWayToUnsubscribe


def _letter(link: str) -> Letter | None:
    """The letter that a link stands for: one recipient, subject and body (RFC 6068 sections 2 and 7)."""
    scheme, _, rest = link.partition(":")
    path, _, query = rest.partition("?")
    to = EmailAddress(address=unquote(path))
    if scheme.lower() != "mailto" or not to.deliverable:
        return None
    said = {key.lower(): value for key, value in reversed(parse_qsl(query.replace("+", "%2B")))}
    return Letter(
        subject=_on_one_line(said.get("subject", SUBJECT)),
        body=write_body("text", said.get("body", "")),
        to=(to,),
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
