"""How a message is shown: the properties that Graph gives it, with their values worked out.

The names are Graph's, in our spelling; :func:`pydantic.alias_generators.to_camel` makes
``received_date_time`` into ``receivedDateTime``. The order of the members is that of Graph's own samples.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from letterbook.application.public_ids import Kind, change_key, conversation_id, public
from letterbook.application.rows import MessageRow
from letterbook.domain import text
from letterbook.domain.letter import BlobRef, Body, DateTimeTimeZone, Flag
from letterbook.domain.message import Draft, Message
from letterbook.domain.people import EmailAddress

ReadBlob = Callable[[BlobRef], bytes]


class Shown(BaseModel):
    """Something that is shown to a reader. Moments are UTC in whole seconds: ``2017-12-23T07:29:58Z``."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class ShownAddress(Shown):
    """A mail address with its name."""

    name: str | None = None
    address: str | None = None


class ShownRecipient(Shown):
    """Graph wraps an address once more."""

    email_address: ShownAddress


class ShownBody(Shown):
    """A body, HTML as a whole document."""

    content_type: str
    content: str


class ShownMoment(Shown):
    """A wall-clock time in a named zone."""

    date_time: str
    time_zone: str


class ShownFlag(Shown):
    """A follow-up flag."""

    flag_status: str
    start_date_time: ShownMoment | None = None
    due_date_time: ShownMoment | None = None
    completed_date_time: ShownMoment | None = None


class ShownMentionsPreview(Shown):
    """Whether the reader is among the mentioned."""

    is_mentioned: bool


class MessageHead(Shown):
    """The members before those that only beta has."""

    etag: str = Field(alias="@odata.etag")
    id: str
    created_date_time: str
    last_modified_date_time: str
    change_key: str
    categories: tuple[str, ...]
    received_date_time: str
    sent_date_time: str
    has_attachments: bool
    internet_message_id: str
    subject: str
    body_preview: str
    importance: str
    parent_folder_id: str
    conversation_id: str
    conversation_index: str
    is_delivery_receipt_requested: bool | None
    is_read_receipt_requested: bool
    is_read: bool
    is_draft: bool
    web_link: str
    inference_classification: str


class MessageBeta(Shown):
    """The members that only beta has."""

    unsubscribe_data: tuple[str, ...]
    unsubscribe_enabled: bool
    mentions_preview: ShownMentionsPreview | None


class MessageTail(Shown):
    """The members behind those that only beta has. A draft in JSON has neither sender nor from."""

    body: ShownBody
    sender: ShownRecipient | None = None
    from_: ShownRecipient | None = Field(default=None, alias="from")
    to_recipients: tuple[ShownRecipient, ...]
    cc_recipients: tuple[ShownRecipient, ...]
    bcc_recipients: tuple[ShownRecipient, ...]
    reply_to: tuple[ShownRecipient, ...]
    flag: ShownFlag


class ShownMessage(MessageTail, MessageBeta, MessageHead):
    """A message as its mailbox shows it."""


def show(
    mailbox: UUID, name: UUID, message: Message, owner: EmailAddress, beyond: UUID, read_blob: ReadBlob
) -> MessageRow:
    """The row that views keep for a message. ``beyond`` is the folder that whole-mailbox lists leave out."""
    letter = message.letter
    assert message.folder is not None, "only messages in a folder are shown"
    mentions_owner = any(mention.mentioned.same_as(owner) for mention in message.mentions)
    author = letter.author or EmailAddress()
    return MessageRow(
        message=name,
        folder=message.folder,
        received_at=message.received_at,
        sent_at=message.sent_at,
        created_at=message.created_at,
        modified_at=message.modified_at,
        subject=letter.subject,
        from_address=author.address,
        from_name=author.name,
        importance=letter.importance.value,
        is_read=message.is_read,
        is_draft=isinstance(message, Draft),
        has_attachments=message.has_attachments,
        flag_status=message.flag.status.value,
        inference=letter.inference.value,
        conversation=letter_conversation(message),
        internet_message_id=letter.internet_message_id,
        mentions_owner=mentions_owner,
        in_mailbox=message.folder != beyond,
        head=_json(_head(mailbox, name, message))[:-1] + b",",
        beta=_json(_beta(message, mentions_owner), keep_none=True)[1:-1] + b",",
        tail=_json(_tail(message, read_blob))[1:],
    )


def letter_conversation(message: Message) -> str:
    """The public id of the conversation a message belongs to."""
    return conversation_id(message.thread.conversation)


def _json(part: Shown, *, keep_none: bool = False) -> bytes:
    return part.__pydantic_serializer__.to_json(part, by_alias=True, exclude_unset=not keep_none)


def shown_time(moment: datetime) -> str:
    """A moment as Graph writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _head(mailbox: UUID, name: UUID, message: Message) -> MessageHead:
    letter = message.letter
    assert message.folder is not None
    key = change_key(mailbox, name, message.revision)
    public_id = public(Kind.MESSAGE, name)
    return MessageHead.model_construct(
        etag=f'W/"{key}"',
        id=public_id,
        created_date_time=shown_time(message.created_at),
        last_modified_date_time=shown_time(message.modified_at),
        change_key=key,
        categories=message.categories,
        received_date_time=shown_time(message.received_at),
        sent_date_time=shown_time(message.sent_at),
        has_attachments=message.has_attachments,
        internet_message_id=letter.internet_message_id,
        subject=letter.subject,
        body_preview=letter.body.preview,
        importance=letter.importance.value,
        parent_folder_id=public(Kind.FOLDER, message.folder),
        conversation_id=letter_conversation(message),
        conversation_index=message.thread.index,
        is_delivery_receipt_requested=letter.delivery_receipt,
        is_read_receipt_requested=letter.read_receipt,
        is_read=message.is_read,
        is_draft=isinstance(message, Draft),
        web_link=web_link(public_id),
        inference_classification=letter.inference.value,
    )


def web_link(public_id: str) -> str:
    """Where Outlook on the web would show the message (form: samples of *Create message*)."""
    item = quote(public_id, safe="")
    return f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"


def _beta(message: Message, mentions_owner: bool) -> MessageBeta:
    links = unsubscribe_links(message)
    preview = ShownMentionsPreview(is_mentioned=mentions_owner) if message.mentions else None
    return MessageBeta(unsubscribe_data=links, unsubscribe_enabled=bool(links), mentions_preview=preview)


_LINK = re.compile(r"<\s*((?:mailto|https?):[^<>\s]+)\s*>", re.IGNORECASE)


def unsubscribe_links(message: Message) -> tuple[str, ...]:
    """The links of the List-Unsubscribe header (RFC 2369 section 2)."""
    for header in message.letter.headers:
        if header.name.lower() == "list-unsubscribe":
            return tuple(_LINK.findall(header.value))
    return ()


def _tail(message: Message, read_blob: ReadBlob) -> MessageTail:
    letter = message.letter
    known = {"sender": letter.sender, "from_": letter.author}
    shown: dict[str, Any] = {key: _recipient(person) for key, person in known.items() if person}
    shown |= {
        "body": shown_body(letter.body, read_blob),
        "to_recipients": _recipients(letter.to),
        "cc_recipients": _recipients(letter.cc),
        "bcc_recipients": _recipients(letter.bcc),
        "reply_to": _recipients(letter.reply_to),
        "flag": shown_flag(message.flag),
    }
    return MessageTail.model_construct(**shown)


def shown_body(body: Body, read_blob: ReadBlob) -> ShownBody:
    """A body as it is answered: a fragment of HTML inside a whole document."""
    content = read_blob(body.blob).decode() if body.blob else body.content or ""
    return ShownBody.model_construct(
        content_type=body.kind, content=text.as_document(content) if body.kind == "html" else content
    )


def _recipient(person: EmailAddress) -> ShownRecipient:
    address = ShownAddress.model_construct(name=person.name, address=person.address)
    return ShownRecipient.model_construct(email_address=address)


def _recipients(people: tuple[EmailAddress, ...]) -> tuple[ShownRecipient, ...]:
    return tuple(_recipient(person) for person in people)


def shown_flag(flag: Flag) -> ShownFlag:
    """A flag; dates it does not have are left out."""
    dates = {"start_date_time": flag.start, "due_date_time": flag.due, "completed_date_time": flag.completed}
    given: dict[str, Any] = {key: _moment(date) for key, date in dates.items() if date}
    return ShownFlag.model_construct(flag_status=flag.status.value, **given)


def _moment(moment: DateTimeTimeZone) -> ShownMoment:
    return ShownMoment(date_time=moment.date_time, time_zone=moment.time_zone)
