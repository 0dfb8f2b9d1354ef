"""The rules: what a message answers when it is asked. Pure; a refusal leaves no fact."""

from collections.abc import Iterable
from typing import assert_never
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.attachments import FILE_LIMIT, FileAttachment
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Flag, Letter
from letterbook.domain.message import limits
from letterbook.domain.message.commands import (
    Attach,
    CreateDraft,
    Delete,
    Detach,
    Mention,
    MessageCommand,
    Move,
    NoteDelivery,
    Receive,
    RemoveExtension,
    Send,
    SetExtension,
    Unmention,
    Update,
)
from letterbook.domain.message.facts import (
    AttachmentAdded,
    AttachmentRemoved,
    Categorised,
    Deleted,
    Delivered,
    DeliveryFailed,
    DraftCreated,
    DraftUpdated,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    MentionAdded,
    MentionRemoved,
    MessageFact,
    Moved,
    ReadStateChanged,
    Received,
    Remarked,
    Sent,
)
from letterbook.domain.message.fold import evolve, fold
from letterbook.domain.message.state import Draft, Message

_NO_FLAG = Flag()
OPEN_AFTER_SENDING = frozenset({"importance", "delivery_receipt", "read_receipt", "inference"})
"""Fields of a letter that its owner may still change when it has left (Graph: message-update, 2026)."""


def decide(message: Message | None, ask: MessageCommand, on: Occasion) -> tuple[MessageFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case CreateDraft():
            return _begin(message, ask, on)
        case Receive():
            return _receive(message, ask, on)
        case NoteDelivery():
            return _note_delivery(_any(message), ask, on)
        case Update():
            return _update(_present(message), ask, on)
        case Mention():
            return _mention(_draft(message), ask, on)
        case Unmention():
            return _unmention(_present(message), ask, on)
        case Attach():
            return _attach(_draft(message), ask, on)
        case Detach():
            return _detach(_draft(message), ask, on)
        case SetExtension():
            return _set_extension(_present(message), ask, on)
        case RemoveExtension():
            _present(message).extension(ask.name)
            return (ExtensionRemoved(on=on, name=ask.name),)
        case Send():
            return _send(_draft(message), ask, on)
        case Move():
            return _move(_present(message), ask.folder, on)
        case Delete():
            return _delete(_present(message), ask, on)
        case _:
            assert_never(ask)


def _any(message: Message | None) -> Message:
    if message is None:
        raise refusals.NotFound
    return message


def _present(message: Message | None) -> Message:
    """A message that its owner can still see."""
    if message is None or message.folder is None:
        raise refusals.NotFound
    return message


def _draft(message: Message | None) -> Draft:
    """Only a draft can be rewritten or sent."""
    if not isinstance(_present(message), Draft):
        raise refusals.NotADraft
    assert isinstance(message, Draft)
    return message


def _begin(message: Message | None, ask: CreateDraft, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft begins with its letter; what came along follows as facts of its own."""
    if message is not None:
        return ()
    limits.check_letter(ask.letter)
    limits.check_amounts(ask.mentions, ask.attachments, ask.extensions, ask.categories)
    if not ask.from_mime:
        limits.check_headers(ask.letter.headers)
    limits.check_flag(ask.flag)
    begun = DraftCreated(on=on, folder=ask.folder, letter=ask.letter, thread=ask.thread)
    if ask.from_mime:
        begun = begun.model_copy(update={"from_mime": True, "sent_at": ask.sent_at})
    facts: list[MessageFact] = [begun]
    draft: Message | None = evolve(None, begun)
    for asked in _brought_along(ask):
        news = decide(draft, asked, on)
        draft = fold(draft, news)
        facts.extend(news)
    return tuple(facts)


def _brought_along(ask: CreateDraft) -> Iterable[MessageCommand]:
    yield from ask.mentions
    yield from (Attach(attachment) for attachment in ask.attachments)
    yield from (SetExtension(extension) for extension in ask.extensions)
    if not ask.is_read or ask.flag != _NO_FLAG or ask.categories:
        yield Update(is_read=ask.is_read, flag=ask.flag, categories=ask.categories)


def _update(message: Message, ask: Update, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft can be rewritten; of a letter that left or arrived, only the owner's marks can change."""
    facts: list[MessageFact] = []
    changes = message.letter.what_changes(_with_properties_merged(message.letter, ask.changes))
    if isinstance(message, Draft):
        if changes:
            limits.check_changes(message.letter, changes)
            if "headers" in changes.model_fields_set:
                limits.check_headers(changes.headers)
            facts.append(DraftUpdated(on=on, changes=changes))
    elif ask.changes.model_fields_set - OPEN_AFTER_SENDING:
        raise refusals.NotADraft
    elif changes:
        facts.append(Remarked(on=on, changes=changes))
    if ask.is_read is not None and ask.is_read != message.is_read:
        facts.append(ReadStateChanged(on=on, is_read=ask.is_read))
    if ask.flag is not None and ask.flag != message.flag:
        limits.check_flag(ask.flag)
        facts.append(Flagged(on=on, flag=ask.flag))
    if ask.categories is not None and ask.categories != message.categories:
        limits.check_amounts(categories=ask.categories)
        facts.append(Categorised(on=on, categories=ask.categories))
    return tuple(facts)


def _with_properties_merged(letter: Letter, changes: Letter) -> Letter:
    """Extended properties are set one by one: those not named keep their value."""
    if "properties" not in changes.model_fields_set:
        return changes
    merged = {p.id: p for p in (*letter.properties, *changes.properties)}
    return changes.model_copy(update={"properties": tuple(merged.values())})


def _mention(draft: Draft, ask: Mention, on: Occasion) -> tuple[MessageFact, ...]:
    """Anyone can be mentioned in a draft; mentioning them again says nothing new."""
    if not ask.mentioned.deliverable:
        raise refusals.AddressImpossible(ask.mentioned.address or ask.mentioned.name)
    if any(ask.mentioned.same_as(known.mentioned) for known in draft.mentions):
        return ()
    limits.check_amounts(mentions=(*draft.mentions, ask))
    return (
        MentionAdded(on=on, mention_id=ask.mention_id, mentioned=ask.mentioned, created_by=ask.created_by),
    )


def _unmention(message: Message, ask: Unmention, on: Occasion) -> tuple[MessageFact, ...]:
    """A mention can be taken back while the letter is a draft."""
    message.mention(ask.mention_id)
    _draft(message)
    return (MentionRemoved(on=on, mention_id=ask.mention_id),)


def _attach(draft: Draft, ask: Attach, on: Occasion) -> tuple[MessageFact, ...]:
    """Files fit into a request up to the limit; the same attachment is attached once."""
    attachment = ask.attachment
    if isinstance(attachment, FileAttachment) and attachment.size >= FILE_LIMIT:
        raise refusals.AttachmentTooLarge(FILE_LIMIT)
    if any(known.id == attachment.id for known in draft.attachments):
        return ()
    limits.check_amounts(attachments=(*draft.attachments, attachment))
    return (AttachmentAdded(on=on, attachment=attachment),)


def _detach(draft: Draft, ask: Detach, on: Occasion) -> tuple[MessageFact, ...]:
    """Only what is attached can be taken off."""
    draft.attachment(ask.attachment_id)
    return (AttachmentRemoved(on=on, attachment_id=ask.attachment_id),)


def _set_extension(message: Message, ask: SetExtension, on: Occasion) -> tuple[MessageFact, ...]:
    """Given values are set or added; setting what is already so says nothing new."""
    extension = ask.extension
    if not extension.name:
        raise refusals.ExtensionNameMissing
    limits.check_values(extension.values)
    known = {e.name: e.values for e in message.extensions}
    if ask.must_exist and extension.name not in known:
        raise refusals.NotFound
    limits.check_amounts(extensions={*known, extension.name})
    if extension.name in known and known[extension.name] == known[extension.name] | extension.values:
        return ()
    return (ExtensionSet(on=on, extension=extension),)


def _send(draft: Draft, ask: Send, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft with recipients can be sent, once, in its owner's name.

    Asking to write in another's name is refused. The ``From`` of a MIME message only claims a name: the
    letter leaves in its owner's, whatever it claims.
    """
    limits.check_recipients(draft.letter)
    author = draft.letter.author or ask.owner
    if not author.same_as(ask.owner):
        if not draft.from_mime:
            raise refusals.SendAsDenied
        author = ask.owner
    return (Sent(on=on, author=author, sender=ask.owner, kept_in=ask.keep_in),)


def _receive(message: Message | None, ask: Receive, on: Occasion) -> tuple[MessageFact, ...]:
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


def _note_delivery(message: Message, ask: NoteDelivery, on: Occasion) -> tuple[MessageFact, ...]:
    """Each recipient's outcome is written down by the post office, which asks once for each.

    A letter that was received may be on its way to others, too: a rule of its owner can redirect it.
    """
    if isinstance(message, Draft):
        raise refusals.NotFound
    if ask.failure is not None:
        return (DeliveryFailed(on=on, recipient=ask.recipient, reason=ask.failure),)
    return (Delivered(on=on, recipient=ask.recipient, via=ask.via),)


def _move(message: Message, folder: UUID, on: Occasion) -> tuple[MessageFact, ...]:
    """Moving a message to where it is says nothing new."""
    return () if message.folder == folder else (Moved(on=on, folder=folder),)


def _delete(message: Message, ask: Delete, on: Occasion) -> tuple[MessageFact, ...]:
    """Deleting is done in three steps; only the last one cannot be undone by a move."""
    if message.folder == ask.beyond:
        return (Deleted(on=on),)
    return _move(message, ask.beyond if message.folder == ask.bin else ask.bin, on)
