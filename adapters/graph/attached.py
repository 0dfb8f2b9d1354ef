"""How attachments are shown: files with their bytes, enclosed messages with what is attached to them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from letterbook.adapters.graph.expanding import ITEM, Expand
from letterbook.adapters.graph.hanging import (
    extension_object,
    shown_extensions,
    shown_mention,
    shown_properties,
    shown_several,
)
from letterbook.adapters.graph.inlays import Inlays
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
from letterbook.domain.letter import ExtendedProperty
from letterbook.domain.message.limits import NESTING_LIMIT

Json = dict[str, Any]

_ITEM = "microsoft.graph.itemAttachment/item"
_OF = re.compile(r"(?<=.)@.*")
"""An annotation of a member, which belongs to it."""
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

    def several(
        self,
        attachments: Sequence[Attachment],
        context: str,
        *,
        moves: int | None,
        wanted: Expand,
        levels: int = NESTING_LIMIT,
    ) -> Json:
        """Those that are wanted, inside what they are attached to; ``context``: where they are described."""
        chosen = self._chosen(attachments, moves, wanted)
        page = [
            self.object(
                each,
                context,
                moves=moves,
                members=wanted.members,
                item=wanted.leading_to(ITEM),
                levels=levels,
            )
            for each in wanted.page(chosen)
        ]
        return wanted.inlined(context, page, len(chosen))

    def page(
        self, attachments: Sequence[Attachment], moves: int | None, wanted: Expand
    ) -> Sequence[Attachment]:
        """Those that are wanted."""
        return wanted.page(self._chosen(attachments, moves, wanted))

    def _chosen(
        self, attachments: Sequence[Attachment], moves: int | None, wanted: Expand
    ) -> list[Attachment]:
        def shown(attachment: Attachment) -> Json:
            return self._members(attachment, public(Kind.ATTACHMENT, attachment.id, moves), content=False)

        return wanted.chosen(attachments, shown)

    def object(
        self,
        attachment: Attachment,
        context: str,
        *,
        moves: int | None,
        members: Collection[str] | None = None,
        item: Expand | None = None,
        levels: int = NESTING_LIMIT,
    ) -> Json:
        """One attachment; ``context`` is where the attachments of its message are described.

        ``moves`` tells how often the message moved, for its default id; ``None``: the immutable one.
        """
        id_ = public(Kind.ATTACHMENT, attachment.id, moves)
        shown = self._members(attachment, id_, content=members is None or "contentbytes" in members)
        if members is not None:
            wanted = {"@odata.type", "@odata.mediacontenttype", "id", *members}
            shown = {name: value for name, value in shown.items() if name.lower() in wanted}
        if item and levels and isinstance(attachment, ItemAttachment | RecordAttachment):
            here = f"{context}('{id_.replace('=', '%3D')}')/{_ITEM}"
            inside = self._inside(attachment, here, id_, moves, item, levels)
            shown |= {"item@odata.context": f"{here}/$entity", "item": _chosen(inside, item)}
        return shown

    def _members(self, attachment: Attachment, id_: str, *, content: bool) -> Json:
        shown: Json = {
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
    ) -> Json:
        """What is enclosed, which has no id of its own, and all that is attached to it and hangs on it."""
        if isinstance(item, RecordAttachment):
            shown, attachments = self._record(item), item.attachments
        else:
            mail = opened(self.engine, item)
            body = shown_body(mail.letter.body, self.engine.store.blobs.get)
            shown, attachments = _message(item, id_, mail) | {"body": body}, mail.attachments
        asked = wanted.leading_to("attachments") or Expand("attachments")
        if attachments or asked in wanted.inside:
            below = replace(asked, inside=(asked.deeper,) if asked.deeper else ())
            where = f"{here}/attachments"
            shown |= self.several(attachments, where, moves=moves, wanted=below, levels=levels - 1)
        return shown | self._hanging(item, wanted, here)

    def _record(self, record: RecordAttachment) -> Json:
        return shown_record(record, self.engine.content(record.content), beta=self.beta)

    def _hanging(self, item: ItemAttachment | RecordAttachment, wanted: Expand, here: str) -> Json:
        """Mentions and open extensions of an item, and the extended properties that are asked for."""
        shown: Json = {}
        if isinstance(item, ItemAttachment) and item.mentions and self.beta:
            shown["mentions"] = [shown_mention(item, place) for place in range(len(item.mentions))]
        if item.extensions:
            shown["extensions"] = [extension_object(each) for each in item.extensions]
        for each in wanted.inside:
            where = f"{here}/{each.name}"
            match each.name:
                case "mentions":
                    shown |= shown_several(each, where, shown.get("mentions", ()))
                case "extensions":
                    shown |= shown_extensions(item.extensions, each, where)
                case "attachments":
                    pass  # shown before
                case _:
                    shown |= shown_properties(_properties(item), each, where)
        return shown


def _properties(item: ItemAttachment | RecordAttachment) -> tuple[ExtendedProperty, ...]:
    return item.properties if isinstance(item, RecordAttachment) else item.item.properties


def _chosen(shown: Json, wanted: Expand) -> Json:
    """The members of an item that are wanted, with its type; what hangs on it, if that is asked for."""
    if wanted.members is None:
        return shown
    names = wanted.members | {"@odata.type", "id"} | {each.name.lower() for each in wanted.inside}
    return {name: it for name, it in shown.items() if _OF.sub("", name).lower() in names}


def _media_type(attachment: Attachment) -> Json:
    """The type of what ``$value`` answers, of things that have a stream (*Get attachment*, samples)."""
    is_stream = isinstance(attachment, FileAttachment) and attachment.content_type
    return {"@odata.mediaContentType": attachment.content_type} if is_stream else {}


def _reference(attachment: ReferenceAttachment) -> Json:
    """What beta knows of a link."""
    return {
        "sourceUrl": attachment.source_url,
        "providerType": attachment.provider_type,
        "thumbnailUrl": attachment.thumbnail_url,
        "previewUrl": attachment.preview_url,
        "permission": attachment.permission,
        "isFolder": attachment.is_folder,
    }


def _message(item: ItemAttachment, id_: str, mail: Mail) -> Json:
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


def _thread(mail: Mail) -> Json:
    thread = mail.thread
    if thread is None:
        return {}
    return {"conversationId": conversation_id(thread.conversation), "conversationIndex": thread.index}
