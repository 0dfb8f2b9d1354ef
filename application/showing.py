"""How a message is shown: the properties that Graph gives it, with their values worked out.

The order of the members is that of Graph's own samples. ``shown`` reads an answer back.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from orjson import dumps

from letterbook.application.marks import marks_of
from letterbook.application.meetings import shown_news, shown_times, shown_type
from letterbook.application.moments import EPOCH, microseconds
from letterbook.application.public_ids import Kind, change_key, conversation_id, public
from letterbook.application.rows import MessageRow
from letterbook.domain import text
from letterbook.domain.letter import BlobRef, Body, Flag
from letterbook.domain.message import Draft, Message
from letterbook.domain.people import EmailAddress

ReadBlob = Callable[[BlobRef], bytes]
Json = dict[str, Any]
"""Members of a JSON object, in the order they are shown."""


_NOBODY = EmailAddress()


def show(
    mailbox: UUID, name: UUID, message: Message, owner: EmailAddress, beyond: UUID, read_blob: ReadBlob
) -> MessageRow:
    """The row that views keep for a message. ``beyond`` is the folder that whole-mailbox lists leave out."""
    body = message.letter.body
    mentions_owner = bool(message.mentions) and _mentions(message, owner)
    return listed(
        name,
        message,
        mentions_owner,
        beyond,
        dumps(_head(mailbox, name, message))[:-1] + b",",
        _beta(message, mentions_owner),
        _stowed_body(body, read_blob) if body.blob else _body(body),
        dumps(_tail(message))[1:],
    )


def show_bare(name: UUID, message: Message, owner: EmailAddress, beyond: UUID) -> MessageRow:
    """How lists find and sort a message: its row without the ready answer."""
    mentions_owner = bool(message.mentions) and _mentions(message, owner)
    return listed(name, message, mentions_owner, beyond, b"", b"", b"", b"")


def listed(
    name: UUID,
    message: Message,
    mentions_owner: bool,
    beyond: UUID,
    head: bytes,
    beta: bytes,
    body: bytes,
    tail: bytes,
) -> MessageRow:
    """What lists find and sort a message by, beside the four parts of its answer."""
    letter = message.letter
    assert message.folder is not None, "only messages in a folder are shown"
    author = letter.author or _NOBODY
    sender = letter.sender or _NOBODY
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
        importance=str(letter.importance),
        is_read=message.is_read,
        is_draft=isinstance(message, Draft),
        has_attachments=message.has_attachments,
        flag_status=str(message.flag.status),
        inference=str(letter.inference),
        conversation=letter_conversation(message),
        internet_message_id=letter.internet_message_id,
        mentions_owner=mentions_owner,
        size=_size(message),
        attachment_names="\n".join(attachment.name for attachment in message.attachments),
        sender_address=None if sender.address == author.address else sender.address,
        sender_name=None if sender.name == author.name else sender.name,
        marks=marks_of(message),
        in_mailbox=message.folder != beyond,
        head=head,
        beta=beta,
        body=body,
        tail=tail,
    )


def _mentions(message: Message, who: EmailAddress) -> bool:
    return any(mention.mentioned.same_as(who) for mention in message.mentions)


def _size(message: Message) -> int:
    """Bytes of the body and of the attachments, as far as they are known."""
    body = message.letter.body
    of_body = body.blob.size if body.blob else len(body.content or "")
    return of_body + sum(attachment.size for attachment in message.attachments)


def letter_conversation(message: Message) -> str:
    """The public id of the conversation a message belongs to."""
    return conversation_id(message.thread.conversation)


def shown_time(moment: datetime) -> str:
    """A moment as Graph writes it: UTC, whole seconds, ``2017-12-23T07:29:58Z``."""
    return _shown_second(microseconds(moment) // 1_000_000)


@lru_cache(maxsize=4096)
def _shown_second(second: int) -> str:
    return (EPOCH + timedelta(seconds=second)).isoformat()[:19] + "Z"


def _head(mailbox: UUID, name: UUID, message: Message) -> Json:
    """The members before those that only beta has."""
    letter = message.letter
    assert message.folder is not None, "only messages in a folder are shown"
    head = head_of(
        change_key(mailbox, name, message.revision),
        public(Kind.MESSAGE, name, message.moves),
        shown_time(message.created_at),
        shown_time(message.modified_at),
        message.categories,
        shown_time(message.received_at),
        shown_time(message.sent_at),
        message.has_attachments,
        letter.internet_message_id,
        letter.subject,
        letter.body.preview,
        str(letter.importance),
        public(Kind.FOLDER, message.folder),
        letter_conversation(message),
        message.thread.index,
        letter.delivery_receipt,
        letter.read_receipt,
        message.is_read,
        isinstance(message, Draft),
        str(letter.inference),
    )
    if letter.meeting is None:
        return head
    return {**shown_type(letter.meeting), **head, **shown_news(letter.meeting, message.standing)}


def head_of(
    key: str,
    public_id: str,
    created: str,
    modified: str,
    categories: Sequence[str],
    received: str,
    sent: str,
    has_attachments: bool,
    internet_message_id: str,
    subject: str,
    preview: str,
    importance: str,
    folder: str,
    conversation: str,
    index: str,
    delivery_receipt: bool | None,
    read_receipt: bool,
    is_read: bool,
    is_draft: bool,
    inference: str,
) -> Json:
    """The members before those that only beta has, of a message that is about no meeting."""
    return {
        "@odata.etag": f'W/"{key}"',
        "id": public_id,
        "createdDateTime": created,
        "lastModifiedDateTime": modified,
        "changeKey": key,
        "categories": categories,
        "receivedDateTime": received,
        "sentDateTime": sent,
        "hasAttachments": has_attachments,
        "internetMessageId": internet_message_id,
        "subject": subject,
        "bodyPreview": preview,
        "importance": importance,
        "parentFolderId": folder,
        "conversationId": conversation,
        "conversationIndex": index,
        "isDeliveryReceiptRequested": delivery_receipt,
        "isReadReceiptRequested": read_receipt,
        "isRead": is_read,
        "isDraft": is_draft,
        "webLink": web_link(public_id),
        "inferenceClassification": inference,
    }


_ID, _LINK_MEMBER = b'"id":"', b'"webLink":"'
"""Names of members with the quotes around them, which nothing that an author wrote can hold in JSON."""


def default_id(head: bytes) -> str:
    """The id in the head of a ready answer, which is the default one."""
    start = head.index(_ID) + len(_ID)
    return head[start : head.index(b'"', start)].decode()


def with_immutable_id(head: bytes, name: UUID) -> bytes:
    """The head of a ready answer with the immutable id of the message in the two places that have one."""
    known, lasting = default_id(head), public(Kind.MESSAGE, name)
    start = head.index(_ID) + len(_ID)
    link = head.index(_LINK_MEMBER, start) + len(_LINK_MEMBER)
    after_id, after_link = start + len(known), link + len(web_link(known))
    parts = (head[:start], lasting.encode(), head[after_id:link], web_link(lasting).encode())
    return b"".join((*parts, head[after_link:]))


@lru_cache(maxsize=8192)
def web_link(public_id: str) -> str:
    """Where Outlook on the web would show the message (form: samples of *Create message*)."""
    item = public_id.replace("=", "%3D")
    return f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"


def _beta(message: Message, mentions_owner: bool) -> bytes:
    """The members that only beta has."""
    links = unsubscribe_links(message) if message.letter.headers else ()
    preview = {"isMentioned": mentions_owner} if message.mentions else None
    return _stowed_beta(links, preview) if links else USUAL_BETA[(preview is not None) + mentions_owner]


def _stowed_beta(links: tuple[str, ...], preview: Json | None) -> bytes:
    members = {"unsubscribeData": links, "unsubscribeEnabled": bool(links), "mentionsPreview": preview}
    return dumps(members)[1:-1] + b","


USUAL_BETA = tuple(_stowed_beta((), said) for said in (None, {"isMentioned": False}, {"isMentioned": True}))
"""What only beta has of a message that no list sent: nobody is mentioned, only others are, the owner is."""


_LINK = re.compile(r"<\s*((?:mailto|https?):[^<>\s]+)\s*>", re.IGNORECASE)


def unsubscribe_links(message: Message) -> tuple[str, ...]:
    """The links of the List-Unsubscribe header (RFC 2369 section 2)."""
    for header in message.letter.headers:
        if header.name.lower() == "list-unsubscribe":
            return tuple(_LINK.findall(header.value))
    return ()


def _tail(message: Message) -> Json:
    """The members behind the body. A draft in JSON has neither sender nor from."""
    letter = message.letter
    tail = tail_of(
        shown_recipient(letter.sender) if letter.sender else None,
        shown_recipient(letter.author) if letter.author else None,
        [shown_recipient(person) for person in letter.to],
        [shown_recipient(person) for person in letter.cc],
        [shown_recipient(person) for person in letter.bcc],
        [shown_recipient(person) for person in letter.reply_to],
        shown_flag(message.flag),
    )
    return {**tail, **shown_times(letter.meeting, message.standing)} if letter.meeting else tail


def tail_of(
    sender: Json | None,
    author: Json | None,
    to: list[Json],
    cc: list[Json],
    bcc: list[Json],
    reply_to: list[Json],
    flag: Json,
) -> Json:
    """The members behind the body, of a message that is about no meeting."""
    tail: Json = {}
    if sender:
        tail["sender"] = sender
    if author:
        tail["from"] = author
    tail["toRecipients"], tail["ccRecipients"], tail["bccRecipients"] = to, cc, bcc
    tail["replyTo"], tail["flag"] = reply_to, flag
    return tail


def _stowed_body(body: Body, read_blob: ReadBlob) -> bytes:
    return dumps({"body": shown_body(body, read_blob)})[1:-1] + b","


@lru_cache(maxsize=128)
def _body(body: Body) -> bytes:
    """A body that stays what it is while other things of its message change, as most changes go."""
    return ready_body(body.kind, body.content or "")


def ready_body(kind: str, content: str) -> bytes:
    """The member of the answer that holds a body."""
    return dumps({"body": _wrapped(kind, content)})[1:-1] + b","


def shown_body(body: Body, read_blob: ReadBlob) -> Json:
    """A body as it is answered."""
    return _wrapped(body.kind, read_blob(body.blob).decode() if body.blob else body.content or "")


def _wrapped(kind: str, content: str) -> Json:
    """A fragment of HTML is put inside a whole document."""
    return {"contentType": kind, "content": text.as_document(content) if kind == "html" else content}


def shown_recipient(person: EmailAddress) -> Json:
    """A person; Graph wraps an address once more."""
    return {"emailAddress": {"name": person.name, "address": person.address}}


def shown_flag(flag: Flag) -> Json:
    """A flag; dates it does not have are left out."""
    dates = (("startDateTime", flag.start), ("dueDateTime", flag.due), ("completedDateTime", flag.completed))
    given = {key: {"dateTime": d.date_time, "timeZone": d.time_zone} for key, d in dates if d}
    return {"flagStatus": str(flag.status), **given}
