"""How a letter arrives: in which folder, and what of it its reader may see. Its fact is ``Received``."""

import re
from uuid import UUID

from letterbook.domain.letter import Header, Letter
from letterbook.domain.mailbox import Mailbox, well_known_id
from letterbook.domain.message import DeletedMessage, Message, Receive, ReceivedMessage
from letterbook.domain.people import EmailAddress
from letterbook.domain.sorting import LOOP_HEADER

_CLAIMED = re.compile(r"from$|sender$|return-path$|received$|bcc$|resent-|x-letterbook-", re.IGNORECASE)
"""Headers that tell who sent a letter and how it came: the post office's to say, not the author's."""


def as_it_arrives(
    message: Message, reader: str, name: UUID, mailbox: Mailbox, redirected_by: EmailAddress | None
) -> Receive:
    """A letter as it arrives with a reader in the mailbox of this name: in the Inbox, or in Junk Email if its
    author is blocked there.
    """
    author = message.letter.author
    junk = author is not None and mailbox.trust.blocks(author.address)
    return Receive(
        folder=well_known_id(name, "junkemail" if junk else "inbox"),
        letter=as_seen_by(reader, message.letter, redirected_by),
        thread=message.thread,
        sent_at=message.sent_at,
        attachments=message.attachments,
        mentions=message.mentions,
    )


def as_seen_by(reader: str | None, letter: Letter, redirected_by: EmailAddress | None = None) -> Letter:
    """A letter as a recipient may see it: of the blind copies, only their own; ``None`` sees none of them."""
    mine = EmailAddress(address=reader or "")
    bcc = tuple(person for person in letter.bcc if reader and person.same_as(mine))
    headers = tuple(header for header in letter.headers if not _CLAIMED.match(header.name))
    if redirected_by:
        headers = (*headers, Header(name=LOOP_HEADER, value=redirected_by.address))
    return letter.model_copy(
        update={"bcc": bcc, "headers": headers, "delivery_receipt": None, "properties": ()}
    )


def redirected_by(owner: EmailAddress, message: Message) -> EmailAddress | None:
    """Whose rules send a letter on that they received; ``None`` for one that the owner sent."""
    gone = isinstance(message, DeletedMessage) and message.arrived
    return owner if isinstance(message, ReceivedMessage) or gone else None
