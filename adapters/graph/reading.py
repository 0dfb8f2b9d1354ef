"""From what a request says to what the domain understands."""

import base64
import binascii
import mimetypes
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from letterbook.adapters.graph import errors
from letterbook.adapters.graph.folder_wire import WireFolder
from letterbook.adapters.graph.records import read_record
from letterbook.adapters.graph.types_said import ATTACHMENTS, FILE, ITEM, MESSAGES, kind_of
from letterbook.adapters.graph.wire import (
    READ_ONLY,
    WireAddress,
    WireAttachment,
    WireBody,
    WireExtension,
    WireFlag,
    WireMessage,
    WireMoment,
    WireRecipient,
    WireRecord,
)
from letterbook.application.jobs import NewMessage
from letterbook.application.ports import Ids
from letterbook.domain.attachments import (
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
    ReferenceAttachment,
)
from letterbook.domain.letter import (
    Body,
    DateTimeTimeZone,
    ExtendedProperty,
    Extension,
    Flag,
    FlagStatus,
    Header,
    Letter,
    write_body,
)
from letterbook.domain.message import Update
from letterbook.domain.people import EmailAddress

_ALIKE = {
    "subject": "subject",
    "importance": "importance",
    "internet_message_id": "internet_message_id",
    "is_delivery_receipt_requested": "delivery_receipt",
    "is_read_receipt_requested": "read_receipt",
    "inference_classification": "inference",
}
_PEOPLE = {"to_recipients": "to", "cc_recipients": "cc", "bcc_recipients": "bcc", "reply_to": "reply_to"}

_NOT_CHANGED_HERE = READ_ONLY | {"attachments", "mentions", "extensions"}

LONGEST_NAME = 128
"""Characters of the name of an open extension."""


def letter_of(said: WireMessage) -> Letter:
    """The letter a request writes; only what it says is set."""
    found: dict[str, Any] = {}
    for name in said.model_fields_set & _ALIKE.keys():
        if (value := getattr(said, name)) is not None:
            found[_ALIKE[name]] = value
    for name in said.model_fields_set & _PEOPLE.keys():
        if (people := getattr(said, name)) is not None:
            found[_PEOPLE[name]] = tuple(person(each) for each in people)
    if said.from_ is not None:
        found["author"] = person(said.from_)
    if said.sender is not None:
        found["sender"] = person(said.sender)
    if said.body is not None:
        found["body"] = body_of(said.body)
    if said.internet_message_headers is not None:
        found["headers"] = tuple(Header(name=h.name, value=h.value) for h in said.internet_message_headers)
    if properties := extended_properties(said):
        found["properties"] = properties
    return Letter(**found)


def extended_properties(said: WireMessage | WireFolder | WireRecord) -> tuple[ExtendedProperty, ...]:
    """The extended properties that a request gives values, each once."""
    single = [ExtendedProperty(id=p.id, value=p.value) for p in said.single_value_extended_properties or ()]
    multi = [
        ExtendedProperty(id=p.id, value=tuple(p.value)) for p in said.multi_value_extended_properties or ()
    ]
    return tuple({each.key: each for each in (*single, *multi)}.values())


def body_of(said: WireBody) -> Body:
    """A body; without a content type it is text."""
    return write_body(said.content_type or "text", said.content or "")


def person(said: WireRecipient) -> EmailAddress:
    """A recipient's address."""
    return address(said.email_address)


def address(said: WireAddress) -> EmailAddress:
    """An address."""
    return EmailAddress(name=said.name or "", address=(said.address or "").strip())


def flag_of(said: WireFlag | None) -> Flag | None:
    """A flag; without a status it is not set."""
    if said is None:
        return None
    return Flag(
        status=said.flag_status or FlagStatus.NOT_FLAGGED,
        start=_moment(said.start_date_time),
        due=_moment(said.due_date_time),
        completed=_moment(said.completed_date_time),
    )


def _moment(said: WireMoment | None) -> DateTimeTimeZone | None:
    if said is None:
        return None
    try:
        datetime.fromisoformat(said.date_time)
    except ValueError:
        text = f"Cannot convert the literal '{said.date_time[:40]}' to the expected type 'Edm.DateTime'."
        raise errors.body_unread(text) from None
    return DateTimeTimeZone(date_time=said.date_time, time_zone=said.time_zone)


def extension_of(said: WireExtension) -> Extension:
    """An open extension; refuses a name that could not be found again through a path."""
    name = said.extension_name or ""
    if "/" in name or len(name) > LONGEST_NAME:
        raise errors.body_unread("The property 'extensionName' is not valid.")
    return Extension(name=name, values=said.values)


def new_message(
    said: WireMessage, folder: UUID | None, ids: Ids, now: datetime, *, beta: bool, answers: bool = False
) -> NewMessage:
    """The draft that a JSON request makes. Mentions are for beta only, and for somebody.

    A draft that ``answers`` a message has its recipients from that one.
    """
    check_message(said, beta=beta)
    if said.mentions and not (said.to_recipients or answers):
        raise errors.body_unread("The property 'toRecipients' is required with 'mentions'.")
    return NewMessage(
        folder=folder,
        letter=letter_of(said),
        attachments=tuple(attachment_of(each, ids, now, beta=beta) for each in said.attachments or ()),
        mentioned=tuple((ids.new(), mentioned(each.mentioned)) for each in said.mentions or ()),
        extensions=tuple(extension_of(each) for each in said.extensions or ()),
        is_read=True if said.is_read is None else said.is_read,
        flag=flag_of(said.flag) or Flag(),
        categories=tuple(said.categories or ()),
    )


_OF_BETA = ("mentions", "mentions_preview", "unsubscribe_data", "unsubscribe_enabled")


def check_message(said: WireMessage, *, beta: bool) -> None:
    """Refuse what is said to be something else, and what messages of version 1.0 do not have."""
    kind_of(said.odata_type, "message", MESSAGES)
    for name in () if beta else _OF_BETA:
        if name in said.model_fields_set:
            raise errors.unknown_member(said.spelled(name), "message")


def mentioned(said: WireAddress) -> EmailAddress:
    """Who is called out: a mention without an address mentions nobody."""
    found = address(said)
    if not found.address:
        raise errors.body_unread("The property 'mentioned' requires an address.")
    return found


def update_of(said: WireMessage, *, beta: bool) -> Update:
    """The change that a PATCH asks for; refuses properties that only the server sets.

    What is null is taken away: it is what it was before anybody said it.
    """
    check_message(said, beta=beta)
    if said.model_fields_set & _NOT_CHANGED_HERE:
        raise errors.read_only()
    said.check_not_null("is_read", "internet_message_id")
    return Update(
        changes=letter_of(said).changed_by(_taken_away(said)),
        is_read=said.is_read,
        flag=Flag() if said.nulled("flag") else flag_of(said.flag),
        categories=None if said.categories is None else tuple(said.categories),
    )


_CLEARED = _ALIKE | {"from_": "author", "sender": "sender", "body": "body"}


def _taken_away(said: WireMessage) -> Letter:
    nulls = (ours for theirs, ours in _CLEARED.items() if said.nulled(theirs))
    blank = {name: Letter.model_fields[name].default for name in nulls}
    return Letter(**blank | dict.fromkeys(blank.keys() & {"delivery_receipt"}))


def decoded(text: bytes | str) -> bytes:
    """Base64 that may be folded into lines; refuses what is not base64, and nothing at all."""
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    try:
        found = base64.b64decode(b"".join(raw.split()), validate=True)
    except binascii.Error:
        raise errors.bad_mime() from None
    if not found:
        raise errors.bad_mime()
    return found


def attachment_of(said: WireAttachment, ids: Ids, now: datetime, *, beta: bool) -> Attachment:
    """An attachment inside a message: it may say what its type has, or what every attachment has."""
    if said.odata_type is None:
        for name in sorted(_OF_ITS_TYPE & said.model_fields_set):
            raise errors.unknown_member(said.spelled(name), "attachment")
    return one_attachment_of(said, ids, now, beta=beta)


_OF_ITS_TYPE = frozenset(WireAttachment.model_fields) - frozenset(
    ("odata_type", "id", "name", "content_type", "size", "is_inline", "last_modified_date_time")
)
"""Properties that not every attachment has."""


def one_attachment_of(said: WireAttachment, ids: Ids, now: datetime, *, beta: bool) -> Attachment:
    """An attachment of one of Graph's three kinds; there are none of no kind."""
    kind = kind_of(said.odata_type, "", ATTACHMENTS)
    if not kind:
        raise errors.abstract_type("attachment")
    if kind == ITEM:
        return _item(said, ids, now, beta=beta)
    if not said.name:
        raise errors.body_unread("The property 'name' is required for an attachment.")
    if kind == FILE:
        return _file(said, ids.new(), now)
    return _reference(said, ids.new(), now, beta=beta)


def _file(said: WireAttachment, name: UUID, now: datetime) -> FileAttachment:
    if said.content_bytes is None:
        raise errors.body_unread("The property 'contentBytes' is required for a file attachment.")
    try:
        content = base64.b64decode("".join(said.content_bytes.split()).encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise errors.body_unread(
            "Cannot convert the value of 'contentBytes' to the type 'Edm.Binary'."
        ) from None
    return FileAttachment(
        id=name,
        name=said.name or "",
        content_type=said.content_type or type_by_name(said.name or ""),
        is_inline=bool(said.is_inline),
        modified_at=now,
        content=Content(inline=content),
        content_id=said.content_id,
    )


def type_by_name(name: str) -> str:
    """The content type that a file name suggests (*Add attachment*: a missing one is derived)."""
    return mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"


def _item(said: WireAttachment, ids: Ids, now: datetime, *, beta: bool) -> Attachment:
    """A message, an event or a contact: which, has to be said."""
    match said.item:
        case None:
            raise errors.body_unread("The property 'item' is required for an item attachment.")
        case WireMessage(odata_type=None):
            raise errors.abstract_type("outlookItem")
        case WireRecord() as record:
            return _recorded(
                read_record(said, record, ids.new(), now, beta=beta), record, ids, now, beta=beta
            )
        case WireMessage() as message:
            return _enclosed(said, message, ids, now, beta=beta)


def _enclosed(
    said: WireAttachment, inner: WireMessage, ids: Ids, now: datetime, *, beta: bool
) -> ItemAttachment:
    check_message(inner, beta=beta)
    letter = letter_of(inner)
    brought = {
        "attachments": tuple(attachment_of(each, ids, now, beta=beta) for each in inner.attachments or ()),
        "is_read": inner.is_read,
        "flag": flag_of(inner.flag),
        "categories": tuple(inner.categories or ()),
        "mentions": tuple(mentioned(each.mentioned) for each in inner.mentions or ()),
        "extensions": tuple(extension_of(each) for each in inner.extensions or ()),
    }
    item = ItemAttachment(
        id=ids.new(),
        name=said.name or letter.subject or "Message",
        content_type=said.content_type,
        is_inline=bool(said.is_inline),
        modified_at=now,
        item=letter,
    )
    return item.model_copy(update={name: what for name, what in brought.items() if what not in (None, ())})


def _recorded(
    record: RecordAttachment, said: WireRecord, ids: Ids, now: datetime, *, beta: bool
) -> RecordAttachment:
    """An event or a contact with what is attached to it and hangs on it."""
    brought = {
        "attachments": tuple(attachment_of(each, ids, now, beta=beta) for each in said.attachments or ()),
        "extensions": tuple(extension_of(each) for each in said.extensions or ()),
        "properties": extended_properties(said),
    }
    return record.model_copy(update={name: what for name, what in brought.items() if what})


_OF_A_REFERENCE = ("source_url", "provider_type", "permission", "is_folder", "thumbnail_url", "preview_url")


def _reference(said: WireAttachment, name: UUID, now: datetime, *, beta: bool) -> ReferenceAttachment:
    """A link. In version 1.0 the type has no properties of its own, so none can be made (CSDL)."""
    for each in _OF_A_REFERENCE:
        if said.said(each) and not beta:
            kind = "microsoft.graph.referenceAttachment"
            raise errors.body_unread(f"The property '{to_camel(each)}' does not exist on type '{kind}'.")
    if not said.source_url:
        raise errors.body_unread("The property 'sourceUrl' is required for a reference attachment.")
    return ReferenceAttachment(
        id=name,
        name=said.name or "",
        content_type=said.content_type,
        is_inline=bool(said.is_inline),
        modified_at=now,
        source_url=said.source_url,
        provider_type=said.provider_type or "other",
        permission=said.permission or "other",
        is_folder=bool(said.is_folder),
        thumbnail_url=said.thumbnail_url,
        preview_url=said.preview_url,
    )
