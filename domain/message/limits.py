"""How much a message can hold, and what may stand in it."""

from collections.abc import Sequence, Sized
from math import isfinite

from pydantic import JsonValue

from letterbook.domain import refusals
from letterbook.domain.attachments import (
    FILE_LIMIT,
    UPLOAD_LIMIT,
    Attachment,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
    depth,
    events_deep,
)
from letterbook.domain.letter import Extension, Flag, Header, Letter
from letterbook.domain.people import EmailAddress

RECIPIENT_LIMIT = 500
"""To, Cc and Bcc together (Graph: message resource); Reply-To by itself."""
HEADER_LIMIT = 5
"""Custom headers of one message (observed: ``InvalidInternetMessageHeaderCollection``)."""
MENTION_LIMIT = 500
"""As many as there can be recipients; Graph names no number."""
ATTACHMENT_LIMIT = 250
"""Attachments of one message (Exchange Online limits)."""
ATTACHED_LIMIT = 150 * 1024 * 1024
"""Bytes of all attachments of one message together (Exchange Online limits: the largest message)."""
NESTING_LIMIT = 30
"""Messages enclosed in one another: as deep as they can be read (Graph: attachment-get)."""
EVENT_NESTING_LIMIT = 4
"""Events attached to one another: iCalendar writes each into the next in base64, a third larger each time."""
EXTENSION_LIMIT = 100
"""Open extensions of one message; Graph names no number for messages."""
CATEGORY_LIMIT = 250
"""Categories of one message; Graph names no number."""
PROPERTY_LIMIT = 250
"""Extended properties of one message; Graph names no number."""
DEPTH_LIMIT = 32
"""How deep the values of an open extension may nest: far less than a reader of the history can follow."""


def check_letter(letter: Letter) -> None:
    """Not more people and properties than a message can hold."""
    count = len(letter.to) + len(letter.cc) + len(letter.bcc)
    if count > RECIPIENT_LIMIT:
        raise refusals.TooManyRecipients(count, RECIPIENT_LIMIT)
    _check("reply-to addresses", letter.reply_to, RECIPIENT_LIMIT)
    _check("extended properties", letter.properties, PROPERTY_LIMIT)


def check_changes(letter: Letter, changes: Letter) -> None:
    """The same of a letter with changes."""
    if not _COUNTED.isdisjoint(changes.model_fields_set):
        check_letter(letter.changed_by(changes))


_COUNTED = frozenset({"to", "cc", "bcc", "reply_to", "properties"})


def check_amounts(
    mentions: Sized = (), attachments: Sized = (), extensions: Sized = (), categories: Sized = ()
) -> None:
    """Not more of what hangs on a message than it can hold."""
    _check("mentions", mentions, MENTION_LIMIT)
    _check("attachments", attachments, ATTACHMENT_LIMIT)
    _check("open extensions", extensions, EXTENSION_LIMIT)
    _check("categories", categories, CATEGORY_LIMIT)


def _check(what: str, given: Sized, limit: int) -> None:
    if len(given) > limit:
        raise refusals.TooMany(what, len(given), limit)


def check_attachment(attachment: Attachment, *, uploaded: bool = False) -> None:
    """A file fits into a request, or was uploaded in pieces; what is enclosed in a message fits as well."""
    if isinstance(attachment, FileAttachment):
        _check_file(attachment, uploaded=uploaded)
    elif depth(attachment) > NESTING_LIMIT:
        raise refusals.NestedTooDeeply("Messages", NESTING_LIMIT)
    elif events_deep(attachment) > EVENT_NESTING_LIMIT:
        raise refusals.NestedTooDeeply("Events", EVENT_NESTING_LIMIT)
    elif isinstance(attachment, RecordAttachment):
        _check_record(attachment, uploaded=uploaded)
    elif isinstance(attachment, ItemAttachment) and attachment.mime is None:
        _check_enclosed(attachment)


def _check_record(record: RecordAttachment, *, uploaded: bool) -> None:
    """An event or a contact has to fit into a request with all that is attached to it, as a file has."""
    if not uploaded and record.size >= FILE_LIMIT:
        raise refusals.AttachmentTooLarge(FILE_LIMIT)
    _check("extended properties", record.properties, PROPERTY_LIMIT)
    _check("people in an event or a contact", record.people, RECIPIENT_LIMIT)
    _check_hanging(record)


def _check_enclosed(item: ItemAttachment) -> None:
    check_amounts(mentions=item.mentions, categories=item.categories)
    check_letter(item.item)
    for mentioned in item.mentions:
        check_mentioned(mentioned)
    check_flag(item.flag)
    _check_hanging(item)


def _check_hanging(item: ItemAttachment | RecordAttachment) -> None:
    """What hangs on an item has the limits of what hangs on a message."""
    check_amounts(attachments=item.attachments, extensions=item.extensions)
    for extension in item.extensions:
        check_extension(extension)
    for each in item.attachments:
        check_attachment(each)


def _check_file(file: FileAttachment, *, uploaded: bool) -> None:
    if uploaded and file.size > UPLOAD_LIMIT:
        raise refusals.UploadTooLarge(UPLOAD_LIMIT)
    if not uploaded and file.size >= FILE_LIMIT:
        raise refusals.AttachmentTooLarge(FILE_LIMIT)


def check_attached(attachments: Sequence[Attachment], more: int = 0) -> None:
    """Not more attachments, nor more bytes in them, than a message can hold; ``more`` bytes are to come."""
    check_amounts(attachments=attachments)
    if sum(each.size for each in attachments) + more > ATTACHED_LIMIT:
        raise refusals.MessageTooLarge(ATTACHED_LIMIT)


def check_headers(headers: tuple[Header, ...]) -> None:
    """Authors set only ``x-`` headers: printable ASCII names, one-line values (RFC 5322 section 2.2)."""
    if len(headers) > HEADER_LIMIT:
        raise refusals.TooManyHeaders(HEADER_LIMIT)
    for header in headers:
        if not header.name.lower().startswith("x-"):
            raise refusals.HeaderNotCustom(header.name)
        if not all(33 <= ord(c) <= 126 and c != ":" for c in header.name) or _has_controls(header.value):
            raise refusals.HeaderMalformed(header.name)


def _has_controls(value: str) -> bool:
    """Whether a header's value would break its line or hide something in it; a tab is a space."""
    return any(c != "\t" and (c < " " or c == "\x7f") for c in value)


def check_flag(flag: Flag) -> None:
    """What is due has to start (Graph: followupFlag resource)."""
    if flag.due and not flag.start:
        raise refusals.DueWithoutStart


def check_values(value: JsonValue, depth: int = 0) -> None:
    """JSON has no infinite numbers (RFC 8259 section 6) and must be readable again."""
    if depth > DEPTH_LIMIT or (isinstance(value, float) and not isfinite(value)):
        raise refusals.ExtensionMalformed(DEPTH_LIMIT)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        check_values(each, depth + 1)


def check_extension(extension: Extension) -> None:
    """It has a name to be found by, and values that can be read again."""
    if not extension.name:
        raise refusals.ExtensionNameMissing
    check_values(extension.values)


def check_mentioned(person: EmailAddress) -> None:
    """Whoever is called out could be written to."""
    if not person.deliverable:
        raise refusals.AddressImpossible(person.address or person.name)


def check_recipients(letter: Letter) -> None:
    """Somebody to send it to, and addresses that mail could be sent to."""
    if not letter.recipients:
        raise refusals.NoRecipients
    for person in letter.recipients:
        if not person.deliverable:
            raise refusals.RecipientUnresolved(person.address or person.name)
