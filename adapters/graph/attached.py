"""How attachments are shown: files with their bytes, enclosed messages with what is attached to them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from letterbook.adapters.graph.hanging import extension_object, shown_mention
from letterbook.adapters.graph.inlays import Inlays
from letterbook.adapters.graph.options import Expand
from letterbook.adapters.graph.records import shown_record
from letterbook.application.enclosing import opened
from letterbook.application.engine import Engine
from letterbook.application.ports import Mail
from letterbook.application.public_ids import Kind, conversation_id, public
from letterbook.application.showing import (
    shown_body,
    shown_flag,
    shown_recipient,
    shown_time,
    web_link,
)
from letterbook.domain.attachments import (
    Attachment,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
    ReferenceAttachment,
)
from letterbook.domain.message.limits import NESTING_LIMIT

_ITEM = "microsoft.graph.itemAttachment/item"
_TYPES = {"file": "file", "item": "item", "event": "item", "contact": "item", "reference": "reference"}
"""What Graph calls each kind: an event and a contact are items, as messages are."""


@dataclass(frozen=True, slots=True)
class AttachmentAnswers:
    """How the attachments of one request are shown.

    ``members`` are those that are wanted, in lower case (``None``: all), ``item`` whether enclosed messages
    are opened. In version 1.0 a reference attachment has no members of its own.
    """

    engine: Engine
    inlays: Inlays
    beta: bool

    def object(
        self,
        attachment: Attachment,
        context: str,
        *,
        moves: int | None,
        members: Collection[str] | None = None,
        item: Expand | None = None,
        levels: int = NESTING_LIMIT,
    ) -> dict[str, Any]:
        """One attachment; ``context`` is where the attachments of its message are described.

        ``moves`` tells how often the message moved, for its default id; ``None``: the immutable one.
        """
        id_ = public(Kind.ATTACHMENT, attachment.id, moves)
        shown = self._members(attachment, id_, members is None or "contentbytes" in members)
        if members is not None:
            wanted = {"@odata.type", "@odata.mediacontenttype", "id", *members}
            shown = {name: value for name, value in shown.items() if name.lower() in wanted}
        if item and levels and isinstance(attachment, ItemAttachment | RecordAttachment):
            here = f"{context}('{id_.replace('=', '%3D')}')/{_ITEM}"
            inside = self._inside(attachment, here, id_, moves, item, levels)
            shown |= {"item@odata.context": f"{here}/$entity", "item": _chosen(inside, item)}
        return shown

    def _members(self, attachment: Attachment, id_: str, content: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "@odata.type": f"#microsoft.graph.{_TYPES[attachment.kind]}Attachment",
            **_media_type(attachment),
            "id": id_,
            "lastModifiedDateTime": shown_time(attachment.modified_at),
            "name": attachment.name,
            "contentType": attachment.content_type,
            "size": attachment.size,
            "isInline": attachment.is_inline,
        }
        match attachment:
            case FileAttachment():
                shown |= {"contentId": attachment.content_id, "contentLocation": None}
                if content:
                    shown["contentBytes"] = self.inlays.base64(attachment.content)
            case ReferenceAttachment() if self.beta:
                shown |= _reference(attachment)
        return shown

    def _inside(
        self,
        item: ItemAttachment | RecordAttachment,
        here: str,
        id_: str,
        moves: int | None,
        wanted: Expand,
        levels: int,
    ) -> dict[str, Any]:
        """What is enclosed, which has no id of its own, and all that is attached to it."""
        if isinstance(item, RecordAttachment):
            return shown_record(item, self.engine.content(item.content), beta=self.beta)
        mail = opened(self.engine, item)
        body = shown_body(mail.letter.body, self.engine.store.blobs.get)
        shown = _message(item, id_, mail) | {"body": body} | self._hanging(item)
        if mail.attachments:
            inside = f"{here}/attachments"
            shown["attachments@odata.context"] = inside
            shown["attachments"] = [
                self.object(
                    each,
                    inside,
                    moves=moves,
                    members=wanted.inside.members if wanted.inside else None,
                    item=wanted.deeper,
                    levels=levels - 1,
                )
                for each in mail.attachments
            ]
        return shown

    def _hanging(self, item: ItemAttachment) -> dict[str, Any]:
        """Mentions and open extensions of an enclosed message; version 1.0 knows no mentions."""
        shown: dict[str, Any] = {}
        if item.mentions and self.beta:
            shown["mentions"] = [shown_mention(item, place) for place in range(len(item.mentions))]
        if item.extensions:
            shown["extensions"] = [extension_object(each) for each in item.extensions]
        return shown


def _chosen(shown: dict[str, Any], wanted: Expand) -> dict[str, Any]:
    """The members of an item that are wanted, with its type; what is attached to it, if that is asked for."""
    if wanted.members is None:
        return shown
    names = wanted.members | {"@odata.type", "id"} | ({"attachments"} if wanted.inside else set())
    return {name: it for name, it in shown.items() if name.partition("@odata.context")[0].lower() in names}


def _media_type(attachment: Attachment) -> dict[str, Any]:
    """The type of what ``$value`` answers, of things that have a stream (*Get attachment*, samples)."""
    is_stream = isinstance(attachment, FileAttachment) and attachment.content_type
    return {"@odata.mediaContentType": attachment.content_type} if is_stream else {}


def _reference(attachment: ReferenceAttachment) -> dict[str, Any]:
    """What beta knows of a link."""
    return {
        "sourceUrl": attachment.source_url,
        "providerType": attachment.provider_type,
        "thumbnailUrl": attachment.thumbnail_url,
        "previewUrl": attachment.preview_url,
        "permission": attachment.permission,
        "isFolder": attachment.is_folder,
    }


def _message(item: ItemAttachment, id_: str, mail: Mail) -> dict[str, Any]:
    """An enclosed message without its body and attachments, in the order of Graph's samples.

    One that was never sent has the time of its attachment for all of its times, as a new draft has.
    """
    letter, at = mail.letter, item.modified_at
    sent_at = mail.sent_at or at
    named = (("sender", letter.sender), ("from", letter.author))
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": "",
        "createdDateTime": shown_time(at),
        "lastModifiedDateTime": shown_time(at),
        "receivedDateTime": shown_time(sent_at),
        "sentDateTime": shown_time(sent_at),
        "hasAttachments": any(not each.is_inline for each in mail.attachments),
        "internetMessageId": letter.internet_message_id,
        "subject": letter.subject,
        "bodyPreview": letter.body.preview,
        "importance": letter.importance.value,
        **_thread(mail),
        "isDeliveryReceiptRequested": letter.delivery_receipt,
        "isReadReceiptRequested": letter.read_receipt,
        "isRead": item.is_read,
        "isDraft": mail.sent_at is None,
        "webLink": web_link(id_).replace("ReadMessageItem", "ItemAttachment"),
        "internetMessageHeaders": [{"name": h.name, "value": h.value} for h in letter.headers],
        "categories": item.categories,
        "body": None,
        **{name: shown_recipient(person) for name, person in named if person},
        "toRecipients": [shown_recipient(person) for person in letter.to],
        "ccRecipients": [shown_recipient(person) for person in letter.cc],
        "bccRecipients": [shown_recipient(person) for person in letter.bcc],
        "replyTo": [shown_recipient(person) for person in letter.reply_to],
        "flag": shown_flag(item.flag),
    }


def _thread(mail: Mail) -> dict[str, Any]:
    thread = mail.thread
    if thread is None:
        return {}
    return {"conversationId": conversation_id(thread.conversation), "conversationIndex": thread.index}
