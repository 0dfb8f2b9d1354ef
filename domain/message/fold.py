"""The fold: the state of a message, told from what happened to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, assert_never

from letterbook.domain.facts import Forgotten
from letterbook.domain.letter import Extension, Letter, Thread
from letterbook.domain.meetings import ALONE, Standing
from letterbook.domain.message.facts import (
    AttachmentAdded,
    AttachmentRemoved,
    Categorised,
    Copied,
    Deleted,
    Delivered,
    DeliveryFailed,
    DraftCreated,
    DraftReplaced,
    DraftUpdated,
    Erased,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    Imported,
    MeetingFollowed,
    MeetingOvertaken,
    MentionAdded,
    MentionRemoved,
    MessageFact,
    Moved,
    ReadStateChanged,
    Received,
    Remarked,
    Reported,
    Sent,
    Unsubscribed,
)
from letterbook.domain.message.state import (
    DeletedMessage,
    Draft,
    ErasedMessage,
    Message,
    ReceivedMessage,
    SentMessage,
)

State = TypeVar("State", bound=Message)


def fold(message: Message | None, facts: Iterable[MessageFact | Forgotten]) -> Message | None:
    """Tell the state from what happened, in the order it happened."""
    for fact in facts:
        message = evolve(message, fact)
    return message


def evolve(message: Message | None, fact: MessageFact | Forgotten) -> Message:
    """Believe a fact. Never refuses: history is not up for debate."""
    if isinstance(fact, DraftCreated):
        return _begun(fact)
    if isinstance(fact, Received):
        return _arrived(fact)
    if isinstance(fact, Copied):
        return _whole(fact, fact.mentions, fact.standing)
    if isinstance(fact, Imported):
        return _whole(fact)
    if message is None:
        assert isinstance(fact, Forgotten), "the first fact of a message creates it"
        return _forgotten(message, fact)
    match fact:
        case DraftUpdated() | Remarked():
            claimed = message.from_mime and "author" not in fact.changes.model_fields_set
            letter = message.letter.changed_by(fact.changes)
            return _with(message, fact, letter=letter, from_mime=claimed)
        case DraftReplaced():
            return _replaced(message, fact)
        case MentionAdded():
            return _with(message, fact, mentions=(*message.mentions, fact))
        case MentionRemoved():
            left = tuple(m for m in message.mentions if m.mention_id != fact.mention_id)
            return _with(message, fact, mentions=left)
        case AttachmentAdded():
            return _with(message, fact, attachments=(*message.attachments, fact.attachment))
        case AttachmentRemoved():
            kept = tuple(a for a in message.attachments if a.id != fact.attachment_id)
            return _with(message, fact, attachments=kept)
        case Sent():
            return _left(message, fact)
        case Delivered() | DeliveryFailed():
            return message
        case Moved():
            return _with(message, fact, folder=fact.folder, moves=message.moves + 1)
        case ReadStateChanged():
            return _with(message, fact, is_read=fact.is_read)
        case Flagged():
            return _with(message, fact, flag=fact.flag)
        case Categorised():
            return _with(message, fact, categories=fact.categories)
        case Reported():
            return _with(message, fact, reported=fact.action)
        case Unsubscribed():
            return _with(message, fact, unsubscribed=True)
        case MeetingFollowed():
            stands = message.standing.model_copy(update={"earlier": fact.earlier})
            return _with(message, fact, standing=stands)
        case MeetingOvertaken():
            stands = message.standing.model_copy(update={"overtaken_by": fact.by})
            return _with(message, fact, standing=stands)
        case ExtensionSet():
            return _with(message, fact, extensions=_merged(message.extensions, fact.extension))
        case ExtensionRemoved():
            others = tuple(e for e in message.extensions if e.name != fact.name)
            return _with(message, fact, extensions=others)
        case Deleted():
            arrived = isinstance(message, ReceivedMessage)
            return _become(DeletedMessage, message, fact.on.at, folder=None, arrived=arrived)
        case Erased():
            return _unknown(fact.on.at)
        case Forgotten():
            return _forgotten(message, fact)
        case _:
            assert_never(fact)


def _begun(fact: DraftCreated) -> Draft:
    at = fact.on.at
    return Draft(
        folder=fact.folder,
        letter=fact.letter,
        thread=fact.thread,
        created_at=at,
        modified_at=at,
        received_at=at,
        sent_at=fact.sent_at or at,
        from_mime=fact.from_mime,
    )


def _arrived(fact: Received) -> ReceivedMessage:
    at = fact.on.at
    return ReceivedMessage(
        folder=fact.folder,
        letter=fact.letter,
        thread=fact.thread,
        created_at=at,
        modified_at=at,
        received_at=at,
        sent_at=fact.sent_at,
        is_read=False,
        attachments=fact.attachments,
        mentions=fact.mentions,
    )


_KINDS: dict[str, type[Message]] = {"draft": Draft, "sent": SentMessage, "received": ReceivedMessage}


def _whole(
    fact: Copied | Imported, mentions: tuple[MentionAdded, ...] = (), standing: Standing = ALONE
) -> Message:
    return _KINDS[fact.kind](
        folder=fact.folder,
        letter=fact.letter,
        thread=fact.thread,
        created_at=fact.on.at,
        modified_at=fact.on.at,
        received_at=fact.received_at,
        sent_at=fact.sent_at,
        is_read=fact.is_read,
        flag=fact.flag,
        categories=fact.categories,
        attachments=fact.attachments,
        mentions=mentions,
        extensions=fact.extensions,
        from_mime=fact.from_mime,
        standing=standing,
    )


def _replaced(message: Message, fact: DraftReplaced) -> Message:
    """What was not in the MIME message (thread, mentions, extensions, marks) stays as it was."""
    return _with(
        message,
        fact,
        letter=fact.letter,
        attachments=fact.attachments,
        sent_at=fact.sent_at or message.sent_at,
        from_mime=True,
    )


def _left(message: Message, fact: Sent) -> SentMessage:
    """What was said stays; the moment of sending counts as the moment of receiving, as in Graph."""
    at = fact.on.at
    changes = {
        "letter": message.letter.model_copy(update={"author": fact.author, "sender": fact.sender}),
        "folder": fact.kept_in,
        "moves": message.moves + (fact.kept_in != message.folder),
    }
    return _become(SentMessage, message, at, sent_at=at, received_at=at, **changes)


def _forgotten(message: Message | None, fact: Forgotten) -> ErasedMessage:
    """All that is known is how often it moved, by which followers know it; sending moves it, too."""
    moved = fact.kind in (Moved.stored_name, Sent.stored_name)
    return replace(_unknown(fact.on.at), moves=(message.moves if message else 0) + moved)


def _unknown(at: datetime) -> ErasedMessage:
    """The same whatever was before: nothing of that is left."""
    return ErasedMessage(
        folder=None,
        letter=Letter(),
        thread=Thread(conversation="", index=""),
        created_at=at,
        modified_at=at,
        received_at=at,
        sent_at=at,
    )


def _with(message: Message, fact: MessageFact, **changes: Any) -> Message:
    return replace(message, modified_at=fact.on.at, revision=message.revision + 1, **changes)


def _become(kind: type[State], message: Message, at: datetime, **changes: object) -> State:
    was = {name: getattr(message, name) for name in Message.__dataclass_fields__}
    return kind(**was | changes | {"modified_at": at, "revision": message.revision + 1})


def _merged(extensions: tuple[Extension, ...], given: Extension) -> tuple[Extension, ...]:
    """Values given before under other keys stay."""
    if all(known.name != given.name for known in extensions):
        return (*extensions, given)
    return tuple(
        Extension(name=e.name, values=e.values | given.values) if e.name == given.name else e
        for e in extensions
    )
