"""Whether the history still tells all that happened to a message.

An event that was changed shows by its seal, and one that is missing between others by their versions. That
the newest are missing only shows beside what was made of them: what the lists show of the message now.
"""

from typing import cast
from uuid import UUID

from letterbook.application.ports import Recorded, Views
from letterbook.application.public_ids import change_key
from letterbook.application.troubles import StoreDamaged
from letterbook.domain import message as messages
from letterbook.domain.message import Message, MessageFact


def check_shown(views: Views, mailbox: UUID, name: UUID, message: Message | None) -> None:
    """Raise ``StoreDamaged`` if the lists of now show another state of a message than its history tells."""
    row = views.message(mailbox, name)
    shown = message is not None and message.folder is not None
    key = change_key(mailbox, name, message.revision) if message else ""
    if shown != (row is not None) or (row is not None and key.encode() not in row.head):
        raise StoreDamaged(f"the history of message {name} is not all that was shown of it")


def check_whole(views: Views, mailbox: UUID, name: UUID, told: tuple[Recorded, ...]) -> None:
    """The same of all facts of a message; those of the mailbox itself are believed."""
    if name != mailbox:
        facts = (cast(MessageFact, each.fact) for each in told)
        check_shown(views, mailbox, name, messages.fold(None, facts))
