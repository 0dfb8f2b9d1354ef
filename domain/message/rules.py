"""The rules: what a message answers when it is asked. Pure; a refusal leaves no fact."""

from collections.abc import Iterable
from typing import assert_never
from uuid import UUID

from letterbook.domain import refusals
from letterbook.domain.conversation import ties_of
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Flag, Letter
from letterbook.domain.message import beginnings, guards, limits
from letterbook.domain.message.commands import (
    Attach,
    Copy,
    CreateDraft,
    Delete,
    DeleteForGood,
    Detach,
    Erase,
    Import,
    Mention,
    MessageCommand,
    Move,
    NoteDelivery,
    Receive,
    RemoveExtension,
    Replace,
    Report,
    Send,
    SetExtension,
    Stand,
    Unmention,
    Unsubscribe,
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
    DraftReplaced,
    DraftUpdated,
    Erased,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    MeetingFollowed,
    MeetingOvertaken,
    MentionAdded,
    MentionRemoved,
    MessageFact,
    Moved,
    ReadStateChanged,
    Remarked,
    Reported,
    Sent,
    Unsubscribed,
)
from letterbook.domain.message.fold import fold
from letterbook.domain.message.state import Draft, ErasedMessage, Message
from letterbook.domain.people import EmailAddress, check_ordered
from letterbook.domain.trust import SendingRight

_NO_FLAG = Flag()
OPEN_AFTER_SENDING = frozenset({"importance", "delivery_receipt", "read_receipt", "inference"})
"""Fields of a letter that its owner may still change when it has left (Graph: message-update, 2026)."""


def decide(message: Message | None, ask: MessageCommand, on: Occasion) -> tuple[MessageFact, ...]:
    """Answer a command with facts, or refuse. Asking for what is already so yields no fact."""
    match ask:
        case CreateDraft():
            return _begin(message, ask, on)
        case Receive():
            return beginnings.receive(message, ask, on)
        case Copy():
            return beginnings.copy(message, ask, on)
        case Import():
            return beginnings.take_over(message, ask, on)
        case NoteDelivery():
            return _note_delivery(guards.there(message), ask, on)
        case Update():
            return _update(guards.present(message), ask, on)
        case Replace():
            return _replace(guards.draft(message), ask, on)
        case Mention():
            return _mention(guards.draft(message), ask, on)
        case Unmention():
            return _unmention(guards.present(message), ask, on)
        case Attach():
            return _attach(guards.draft(message), ask, on)
        case Detach():
            return _detach(guards.draft(message), ask, on)
        case SetExtension():
            return _set_extension(guards.present(message), ask, on)
        case RemoveExtension():
            guards.present(message).extension(ask.name)
            return (ExtensionRemoved(on=on, name=ask.name),)
        case Send():
            return _send(guards.draft(message), ask, on)
        case Move():
            return _move(guards.present(message), ask.folder, on)
        case Delete():
            return _delete(guards.present(message), ask, on)
        case DeleteForGood():
            guards.present(message)
            return (Deleted(on=on),)
        case Report():
            known = guards.present(message).reported
            return () if known == ask.action else (Reported(on=on, action=ask.action),)
        case Erase():
            return _erase(message, ask, on)
        case Stand():
            return tuple(_stand(guards.present(message), ask, on))
        case Unsubscribe():
            return () if guards.present(message).unsubscribed else (Unsubscribed(on=on, via=ask.via),)
        case _:
            assert_never(ask)


def _begin(message: Message | None, ask: CreateDraft, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft begins with its letter; what came along follows as facts of its own."""
    if message is not None:
        return ()
    limits.check_letter(ask.letter)
    attachments = (*ask.carried, *ask.attachments)
    limits.check_amounts(ask.mentions, attachments, ask.extensions, ask.categories)
    if not ask.from_mime:
        limits.check_headers(ask.letter.headers)
    limits.check_flag(ask.flag)
    begun = _beginning(ask, on)
    carried = tuple(AttachmentAdded(on=on, attachment=attachment) for attachment in ask.carried)
    facts: list[MessageFact] = [begun, *carried]
    draft = fold(None, facts)
    for asked in _brought_along(ask):
        news = decide(draft, asked, on)
        draft = fold(draft, news)
        facts.extend(news)
    return tuple(facts)


def _beginning(ask: CreateDraft, on: Occasion) -> DraftCreated:
    """The first fact of a draft, saying no more than it must."""
    letter = (
        ask.letter.model_copy(update={"headers": (*ask.ties, *ask.letter.headers)})
        if ask.ties
        else ask.letter
    )
    begun = DraftCreated(on=on, folder=ask.folder, letter=letter, thread=ask.thread)
    more: dict[str, object] = {"answers": ask.answers} if ask.answers else {}
    if ask.from_mime:
        more |= {"from_mime": True, "sent_at": ask.sent_at}
    return begun.model_copy(update=more)


def _brought_along(ask: CreateDraft) -> Iterable[MessageCommand]:
    yield from ask.mentions
    yield from (Attach(attachment, uploaded=ask.uploaded) for attachment in ask.attachments)
    yield from (SetExtension(extension) for extension in ask.extensions)
    if not ask.is_read or ask.flag != _NO_FLAG or ask.categories:
        yield Update(is_read=ask.is_read, flag=ask.flag, categories=ask.categories)


def _update(message: Message, ask: Update, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft can be rewritten; of a letter that left or arrived, only the owner's marks can change."""
    facts: list[MessageFact] = []
    changes = message.letter.what_changes(_merged(message.letter, ask.changes))
    if isinstance(message, Draft):
        if changes:
            limits.check_changes(message.letter, changes)
            if "headers" in changes.model_fields_set:
                limits.check_headers(ask.changes.headers)
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


def _merged(letter: Letter, changes: Letter) -> Letter:
    """What of a field stays although the field changes.

    Extended properties are set one by one: those not named keep their value. An answer stays tied to its
    original, whatever headers its author sets. A receipt that is taken away is none; of mail that
    arrived nobody knows whether one was asked for, and nobody knows it then.
    """
    kept: dict[str, object] = {}
    if "properties" in changes.model_fields_set:
        kept["properties"] = tuple({p.key: p for p in (*letter.properties, *changes.properties)}.values())
    if "headers" in changes.model_fields_set:
        kept["headers"] = (*ties_of(letter), *changes.headers)
    if "delivery_receipt" in changes.model_fields_set and changes.delivery_receipt is None:
        kept["delivery_receipt"] = None if letter.delivery_receipt is None else False
    return changes.model_copy(update=kept) if kept else changes


def _replace(draft: Draft, ask: Replace, on: Occasion) -> tuple[MessageFact, ...]:
    """A MIME message takes the place of the letter; what is not in it (properties, a name) stays."""
    limits.check_letter(ask.letter)
    limits.check_attached(ask.attachments)
    kept: dict[str, object] = {"properties": draft.letter.properties} if draft.letter.properties else {}
    if not ask.letter.internet_message_id:
        kept["internet_message_id"] = draft.letter.internet_message_id
    if not ties_of(ask.letter) and (ties := ties_of(draft.letter)):
        kept["headers"] = (*ties, *ask.letter.headers)
    letter = ask.letter.model_copy(update=kept)
    if (letter, ask.attachments, True) == (draft.letter, draft.attachments, draft.from_mime):
        return ()
    for attachment in ask.attachments:
        limits.check_attachment(attachment)
    return (DraftReplaced(on=on, letter=letter, sent_at=ask.sent_at, attachments=ask.attachments),)


def _mention(draft: Draft, ask: Mention, on: Occasion) -> tuple[MessageFact, ...]:
    """Anyone can be mentioned in a draft; mentioning them again says nothing new."""
    limits.check_mentioned(ask.mentioned)
    if any(ask.mentioned.same_as(known.mentioned) for known in draft.mentions):
        return ()
    limits.check_amounts(mentions=(*draft.mentions, ask))
    return (
        MentionAdded(on=on, mention_id=ask.mention_id, mentioned=ask.mentioned, created_by=ask.created_by),
    )


def _unmention(message: Message, ask: Unmention, on: Occasion) -> tuple[MessageFact, ...]:
    """A mention can be taken back while the letter is a draft."""
    message.mention(ask.mention_id)
    guards.draft(message)
    return (MentionRemoved(on=on, mention_id=ask.mention_id),)


def _attach(draft: Draft, ask: Attach, on: Occasion) -> tuple[MessageFact, ...]:
    """The same attachment is attached once, if it is not too large and the letter not too full."""
    attachment = ask.attachment
    limits.check_attachment(attachment, uploaded=ask.uploaded)
    if any(known.id == attachment.id for known in draft.attachments):
        return ()
    limits.check_attached((*draft.attachments, attachment))
    return (AttachmentAdded(on=on, attachment=attachment),)


def _detach(draft: Draft, ask: Detach, on: Occasion) -> tuple[MessageFact, ...]:
    """Only what is attached can be taken off."""
    draft.attachment(ask.attachment_id)
    return (AttachmentRemoved(on=on, attachment_id=ask.attachment_id),)


def _set_extension(message: Message, ask: SetExtension, on: Occasion) -> tuple[MessageFact, ...]:
    """Given values are set or added; setting what is already so says nothing new."""
    extension = ask.extension
    limits.check_extension(extension)
    known = {e.name: e.values for e in message.extensions}
    if ask.must_exist and extension.name not in known:
        raise refusals.NotFound
    limits.check_amounts(extensions={*known, extension.name})
    if extension.name in known and known[extension.name] == known[extension.name] | extension.values:
        return ()
    return (ExtensionSet(on=on, extension=extension),)


def _send(draft: Draft, ask: Send, on: Occasion) -> tuple[MessageFact, ...]:
    """A draft with recipients can be sent, once."""
    limits.check_recipients(draft.letter)
    author, sender = _names_on(draft, ask)
    return (Sent(on=on, author=author, sender=sender, kept_in=ask.keep_in),)


def _names_on(draft: Draft, ask: Send) -> tuple[EmailAddress, EmailAddress]:
    """In whose name it is written, and who sends it.

    Asking to write in another's name needs a right (Graph: outlook-send-mail-from-other-user). The ``From``
    of a MIME message only claims a name: without a right the letter leaves in its owner's, whatever it says.
    """
    author = draft.letter.author
    if author is None or author.same_as(ask.owner):
        return author or ask.owner, ask.owner
    match ask.right:
        case SendingRight.AS:
            return author, author
        case SendingRight.ON_BEHALF:
            return author, ask.owner
        case None if draft.from_mime:
            return ask.owner, ask.owner
        case _:
            raise refusals.SendAsDenied


def _note_delivery(message: Message, ask: NoteDelivery, on: Occasion) -> tuple[MessageFact, ...]:
    """Each recipient's outcome is written down by the post office, which asks once for each.

    A letter that was received may be on its way to others, too: a rule of its owner can redirect it.
    """
    if isinstance(message, Draft):
        raise refusals.NotFound
    if ask.failure is not None:
        return (DeliveryFailed(on=on, recipient=ask.recipient, reason=ask.failure),)
    return (Delivered(on=on, recipient=ask.recipient, via=ask.via),)


def _stand(message: Message, ask: Stand, on: Occasion) -> Iterable[MessageFact]:
    """A message that was overtaken stays so: what overtook it happened, even if that is deleted since.

    A draft is not said yet, so it stands nowhere.
    """
    if isinstance(message, Draft):
        return
    known, told = message.standing, ask.standing
    if told.earlier is not None and told.earlier != known.earlier:
        yield MeetingFollowed(on=on, earlier=told.earlier)
    if told.overtaken_by is not None and known.overtaken_by is None:
        yield MeetingOvertaken(on=on, by=told.overtaken_by)


def _move(message: Message, folder: UUID, on: Occasion) -> tuple[MessageFact, ...]:
    """Moving a message to where it is says nothing new."""
    return () if message.folder == folder else (Moved(on=on, folder=folder),)


def _erase(message: Message | None, ask: Erase, on: Occasion) -> tuple[MessageFact, ...]:
    """Whatever was there once can be erased, deleted or not; it is erased once, and somebody must say why."""
    if message is None:
        raise refusals.NotFound
    if not ask.why.strip():
        raise refusals.ReasonMissing
    check_ordered(on)
    return () if isinstance(message, ErasedMessage) else (Erased(on=on, why=ask.why),)


def _delete(message: Message, ask: Delete, on: Occasion) -> tuple[MessageFact, ...]:
    """Deleting is done in three steps; only the last one cannot be undone by a move."""
    if message.folder == ask.beyond:
        return (Deleted(on=on),)
    return _move(message, ask.beyond if message.folder == ask.bin else ask.bin, on)
