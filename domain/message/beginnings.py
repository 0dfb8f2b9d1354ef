"""How a message begins that is not written here: it arrives, is copied, or is brought in."""

from dataclasses import fields
from typing import Literal

from letterbook.domain.facts import Occasion
from letterbook.domain.meetings import ALONE
from letterbook.domain.message import limits
from letterbook.domain.message.commands import Copy, Import, Receive
from letterbook.domain.message.facts import Copied, Imported, MessageFact, Received
from letterbook.domain.message.guards import present
from letterbook.domain.message.state import Draft, Message, SentMessage


def receive(message: Message | None, ask: Receive, on: Occasion) -> tuple[MessageFact, ...]:
    """A letter arrives once: a second delivery of the same one says nothing new."""
    if message is not None:
        return ()
    return (
        Received(
            on=on,
            folder=ask.folder,
            letter=ask.letter,
            thread=ask.thread,
            sent_at=ask.sent_at,
            attachments=ask.attachments,
            mentions=ask.mentions,
        ),
    )


def copy(message: Message | None, ask: Copy, on: Occasion) -> tuple[MessageFact, ...]:
    """A copy says what the original says, is what the original is, and is made once."""
    if message is not None:
        return ()
    original = present(ask.original)
    stands = {} if original.standing == ALONE else {"standing": original.standing}
    return (
        Copied(
            on=on,
            source=ask.source,
            folder=ask.folder,
            kind=_kind(original),
            letter=original.letter,
            thread=original.thread,
            received_at=original.received_at,
            sent_at=original.sent_at,
            is_read=original.is_read,
            flag=original.flag,
            categories=original.categories,
            attachments=original.attachments,
            mentions=original.mentions,
            extensions=original.extensions,
            from_mime=original.from_mime,
            **stands,
        ),
    )


def take_over(message: Message | None, ask: Import, on: Occasion) -> tuple[MessageFact, ...]:
    """A letter is brought in once. How much it may hold was decided where it came from."""
    if message is not None:
        return ()
    limits.check_flag(ask.flag)
    for extension in ask.extensions:
        limits.check_values(extension.values)
    said = {each.name: getattr(ask, each.name) for each in fields(ask)}
    defaults = {name: info.default for name, info in Imported.model_fields.items()}
    return (Imported(on=on, **{name: what for name, what in said.items() if what != defaults[name]}),)


def _kind(message: Message) -> Literal["draft", "sent", "received"]:
    if isinstance(message, Draft):
        return "draft"
    return "sent" if isinstance(message, SentMessage) else "received"
