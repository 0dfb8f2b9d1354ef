"""From a letter with its attachments to a MIME message."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from letterbook.adapters.mime.fields import SEEN_BY_NOBODY_ELSE, unfolded, unworded
from letterbook.adapters.mime.records import Enclosure, written_record
from letterbook.adapters.mime.writing import field, field_of_people, field_with, is_name
from letterbook.application.ports import Mail
from letterbook.domain.attachments import (
    Attachment,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
    ReferenceAttachment,
)
from letterbook.domain.letter import Body, Header, Importance, Letter
from letterbook.domain.text import as_document, plain

_SAID_BY_THE_LETTER = frozenset(
    "from sender to cc bcc reply-to subject date message-id importance priority x-priority x-msmail-priority "
    "thread-index thread-topic disposition-notification-to mime-version".split()
)
"""Headers that are written from the letter itself, so an old one must not contradict it."""

_ANSWERED = re.compile(r"(?:(?:re|fw|fwd|aw|wg)\s*:\s*)+", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*", re.ASCII)
_LONG_LINE = re.compile(rb"[^\n]{998}")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def rendered(mail: Mail) -> bytes:
    """The whole message, lines ending in CRLF."""
    return b"".join(_fields(mail)) + _content(mail)


# --- Headers ---------------------------------------------------------------------------------------


def _fields(mail: Mail) -> Iterator[bytes]:
    """The headers of the message, in the order of RFC 5322 section 3.6."""
    yield from _people(mail.letter)
    yield field("Subject", mail.letter.subject)
    if mail.sent_at:
        yield field("Date", format_datetime(mail.sent_at.astimezone(UTC)))
    if mail.letter.internet_message_id:
        yield field("Message-ID", mail.letter.internet_message_id)
    yield from _marks(mail)
    yield field("MIME-Version", "1.0")
    for header in _others(mail):
        yield field(header.name, header.value)


def headers_written(mail: Mail) -> Iterator[Header]:
    """The headers as whoever gets the message reads them, however long: each is read by itself."""
    for line in filter(None, _fields(mail)):
        name, _, value = unfolded(line).partition(":")
        if name.lower() not in SEEN_BY_NOBODY_ELSE:
            yield Header(name=name, value=unworded(value))


def _people(letter: Letter) -> Iterator[bytes]:
    author, sender = letter.author, letter.sender
    yield field_of_people("From", [author] if author else [])
    if sender and not (author and sender.same_as(author)):
        yield field_of_people("Sender", [sender])
    yield field_of_people("To", letter.to)
    yield field_of_people("Cc", letter.cc)
    yield field_of_people("Bcc", letter.bcc)
    yield field_of_people("Reply-To", letter.reply_to)


def _marks(mail: Mail) -> Iterator[bytes]:
    letter = mail.letter
    if letter.importance is not Importance.NORMAL:
        yield field("Importance", letter.importance.value)
    if mail.thread:
        yield field("Thread-Index", mail.thread.index)
        yield field("Thread-Topic", _topic(letter))
    asking = letter.sender or letter.author
    if letter.read_receipt and asking:
        yield field_of_people("Disposition-Notification-To", [asking])


def _topic(letter: Letter) -> str:
    """What the thread was about when it began (MS-OXOMSG, PidTagConversationTopic)."""
    known = (header.value for header in letter.headers if header.name.lower() == "thread-topic")
    return next(known, _ANSWERED.sub("", letter.subject, count=1))


def _others(mail: Mail) -> Iterator[Header]:
    """The headers that were added, and those the letter came with that nothing else says."""
    added = {name.lower() for name in mail.extra_headers}
    for name, value in mail.extra_headers.items():
        if _is_free(name):
            yield Header(name=name, value=value)
    for header in mail.letter.headers:
        if _is_free(header.name) and header.name.lower() not in added:
            yield header


def _is_free(name: str) -> bool:
    """Whether a header says neither what the letter says nor what the structure is."""
    lower = name.lower()
    return is_name(name) and lower not in _SAID_BY_THE_LETTER and not lower.startswith("content-")


# --- Content ---------------------------------------------------------------------------------------


def _content(mail: Mail) -> bytes:
    """Body and attachments: what is inline beside the body, the rest after both (RFC 2387, RFC 2046)."""
    inline = [_attached(one) for one in mail.attachments if one.is_inline]
    after = [_attached(one) for one in mail.attachments if not one.is_inline]
    whole = _body(mail.letter.body)
    if inline:
        whole = _multipart("related", [whole, *inline])
    return _multipart("mixed", [whole, *after]) if after else whole


def _body(body: Body) -> bytes:
    content = body.content or ""
    if body.kind == "text":
        return _text("text/plain", content)
    html = as_document(content)
    return _multipart("alternative", [_text("text/plain", plain(content)), _text("text/html", html)])


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    """Parts in one. The boundary is their hash, so it cannot be in any of them, and never changes."""
    boundary = f"=_{sha256(b''.join(parts)).hexdigest()[:40]}"
    line = f"\r\n--{boundary}".encode()
    inside = b"".join(line + b"\r\n" + part for part in parts)
    fields = field_with("Content-Type", f"multipart/{subtype}", boundary=boundary)
    if not inside.isascii():
        fields += field("Content-Transfer-Encoding", _encoding(inside))
    return fields + inside + line + b"--\r\n"


def _encoding(data: bytes) -> str:
    """What passes unchanged, as RFC 2045 section 6.2 calls it."""
    if b"\0" in data:
        return "binary"
    return "7bit" if data.isascii() else "8bit"


def _entity(fields: bytes, encoding: str, body: bytes) -> bytes:
    return fields + field("Content-Transfer-Encoding", encoding) + b"\r\n" + body


def _text(media_type: str, text: str) -> bytes:
    """Text in the plainest encoding that carries it (RFC 2045 section 6)."""
    fields = field_with("Content-Type", media_type, charset="utf-8")
    data = _with_crlf(text.encode("utf-8", "replace"))
    if data.isascii() and b"\0" not in data and not _LONG_LINE.search(data):
        return _entity(fields, "7bit", data)
    quoted = _with_crlf(binascii.b2a_qp(data))
    if len(quoted) <= 1.4 * len(data):
        return _entity(fields, "quoted-printable", quoted)
    return _entity(fields, "base64", _base64(data))


def _with_crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _attached(attachment: Attachment) -> bytes:
    match attachment:
        case FileAttachment():
            return _file(attachment)
        case ItemAttachment():
            return _item(attachment)
        case RecordAttachment():
            return _record(attachment)
        case ReferenceAttachment():
            return _reference(attachment)


def _labels(attachment: Attachment, media_type: str, file_name: str) -> bytes:
    """What kind of part this is, and under which name it is kept (RFC 2183)."""
    disposition = "inline" if attachment.is_inline else "attachment"
    return field_with("Content-Type", media_type, name=file_name) + field_with(
        "Content-Disposition", disposition, filename=file_name
    )


def _file(file: FileAttachment) -> bytes:
    fields = _labels(file, _media_type(file.content_type), file.name)
    if file.content_id:
        fields += field("Content-ID", f"<{file.content_id}>")
    return _entity(fields, "base64", _base64(file.content.inline or b""))


def _media_type(said: str | None) -> str:
    """The type of a file. What claims to be made of parts is not one that base64 can carry (RFC 2045 6.4)."""
    bare = (said or "").partition(";")[0].strip().lower()
    whole = _MEDIA_TYPE.fullmatch(bare) and not bare.startswith(("multipart/", "message/"))
    return bare if whole and len(bare) <= 127 else "application/octet-stream"


def _item(item: ItemAttachment) -> bytes:
    """An enclosed message: the original if there is one. Only its line ends are made those of the wire."""
    data = _message(item)
    return _entity(_labels(item, "message/rfc822", item.name), _encoding(data), data)


def _message(item: ItemAttachment) -> bytes:
    original = item.mime.inline if item.mime else None
    if original is None:
        original = rendered(Mail(letter=item.item, attachments=item.attachments, sent_at=item.sent_at))
    return _with_crlf(original)


def _record(record: RecordAttachment) -> bytes:
    """An event or a contact as a file of it."""
    kind, name = _file_of(record)
    return _entity(
        _labels(record, f"{kind}; charset=utf-8", name), "base64", _base64(rendered_record(record))
    )


def _file_of(record: RecordAttachment) -> tuple[str, str]:
    """The type and the name of a file with an event or a contact."""
    kind, suffix = ("text/calendar", "ics") if record.kind == "event" else ("text/vcard", "vcf")
    return kind, f"{record.name}.{suffix}"


def rendered_record(record: RecordAttachment) -> bytes:
    """An event as iCalendar with what is attached to it, a contact as vCard."""
    return written_record(record, map(_enclosure, record.attachments))


def _enclosure(attachment: Attachment) -> Enclosure:
    """What is attached to an event, as iCalendar holds it."""
    match attachment:
        case FileAttachment():
            content = attachment.content.inline or b""
            return Enclosure(attachment.name, _media_type(attachment.content_type), content)
        case ItemAttachment():
            return Enclosure(f"{attachment.name}.eml", "message/rfc822", _message(attachment))
        case RecordAttachment():
            kind, name = _file_of(attachment)
            return Enclosure(name, kind, rendered_record(attachment))
        case ReferenceAttachment():
            return Enclosure(attachment.name, link=attachment.source_url)


def _reference(reference: ReferenceAttachment) -> bytes:
    """A link as a small page, because mail has no part for one that programs agree on."""
    name, url = escape(reference.name), escape(reference.source_url)
    link = f'<a href="{url}">{name or url}</a>' if _WEB.match(reference.source_url) else f"{name} {url}"
    page = as_document(f"<p>{link}</p>")
    fields = _labels(reference, "text/html; charset=utf-8", f"{reference.name or 'link'}.html")
    return _entity(fields, "base64", _base64(page.encode("utf-8", "replace")))
