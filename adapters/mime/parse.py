"""From a MIME message to a letter with its attachments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

from letterbook.adapters.mime.fields import SEEN_BY_NOBODY_ELSE, moment, people, unfolded, unworded
from letterbook.adapters.mime.meetings import meeting_in
from letterbook.adapters.mime.parts import Part, read
from letterbook.application.ports import Mail
from letterbook.domain.attachments import Attachment, Content, FileAttachment, ItemAttachment
from letterbook.domain.conversation import join_thread
from letterbook.domain.letter import Body, Header, Importance, Letter, write_body
from letterbook.domain.people import EmailAddress

_READABLE = frozenset(("text/plain", "text/html"))
_KEPT_BESIDE = frozenset(("text/calendar",))
"""Texts that are more than another form of the body: an invitation is to be answered."""

_IMPORTANCE = {
    "importance": {"high": Importance.HIGH, "low": Importance.LOW, "normal": Importance.NORMAL},
    "x-priority": {"1": Importance.HIGH, "2": Importance.HIGH, "4": Importance.LOW, "5": Importance.LOW},
    "x-msmail-priority": {"high": Importance.HIGH, "low": Importance.LOW},
    "priority": {"urgent": Importance.HIGH, "non-urgent": Importance.LOW},
}
"""RFC 4021 section 2.1.54 and 2.1.53, and what mail programs write besides."""

_NAMES = {
    "application/pdf": "attachment.pdf",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "image/gif": "attachment.gif",
    "image/jpeg": "attachment.jpg",
    "image/png": "attachment.png",
    "image/svg+xml": "attachment.svg",
    "message/delivery-status": "attachment.dsn",
    "message/global": "attachment.eml",
    "message/rfc822": "attachment.eml",
    "text/calendar": "attachment.ics",
    "text/csv": "attachment.csv",
    "text/html": "attachment.html",
    "text/plain": "attachment.txt",
    "text/rfc822-headers": "attachment.txt",
    "text/vcard": "attachment.vcf",
    "text/x-vcard": "attachment.vcf",
    "application/zip": "attachment.zip",
}
"""What an attachment without a name is called; S/MIME names its own (RFC 8551 section 3.2.1)."""


def parsed(raw: bytes, now: datetime, new_id: Callable[[], UUID]) -> Mail:
    """The mail that the bytes of a message make."""
    message = read(raw)
    contents = _Contents.of(message)
    letter = _letter(message, contents)
    if meeting := meeting_in(message):
        letter = letter.model_copy(update={"meeting": meeting})
    return Mail(
        letter=letter,
        attachments=tuple(_attachment(part, beside, now, new_id()) for part, beside in contents.attached),
        thread=join_thread("".join(message.first("thread-index").split())),
        sent_at=moment(message.first("date")),
    )


# --- Where the body and the attachments are --------------------------------------------------------


@dataclass(slots=True)
class _Contents:
    """The parts that make up the body, and those that are attached (and whether beside an HTML root)."""

    body: list[Part] = field(default_factory=list)
    attached: list[tuple[Part, bool]] = field(default_factory=list)

    @classmethod
    def of(cls, message: Part) -> "_Contents":
        """Look through a message. If it has only one part, any text will do for a body."""
        contents = cls()
        if message.kind.startswith("text/") and message.disposition != "attachment" and not message.file_name:
            contents.body.append(message)
        else:
            contents.visit(message)
        return contents

    def visit(self, part: Part, *, shown: bool = True, beside: bool = False) -> None:
        """Take in a part: ``shown`` unless a better form is, ``beside`` if an HTML root refers to it."""
        if not part.parts or part.encloses:
            self._leaf(part, shown, beside)
        elif beside:
            self._each(part.parts, shown, beside)
        elif part.kind == "multipart/alternative":
            self._alternative(part, shown)
        elif part.kind == "multipart/related":
            self._related(part, shown)
        else:
            self._each(part.parts, shown, beside)

    def _each(self, parts: tuple[Part, ...], shown: bool, beside: bool) -> None:
        for part in parts:
            self.visit(part, shown=shown, beside=beside)

    def _alternative(self, part: Part, shown: bool) -> None:
        """The best form is the last (RFC 2046 section 5.1.4), except that HTML beats what is not."""
        best = max(enumerate(part.parts), key=lambda place: (_richness(place[1]), place[0]))[1]
        for child in part.parts:
            self.visit(child, shown=shown and child is best)

    def _related(self, part: Part, shown: bool) -> None:
        """The root is the one named, or the first that can be read (RFC 2387 section 3.2)."""
        start = part.kind_parameters.get("start", "").strip("<> ")
        named = [child for child in part.parts if start and child.content_id == start]
        readable = [child for child in part.parts if _richness(child)]
        root = (named or readable or part.parts)[0]
        for child in part.parts:
            self.visit(child, shown=shown, beside=child is not root)

    def _leaf(self, part: Part, shown: bool, beside: bool) -> None:
        unnamed = part.disposition != "attachment" and not part.file_name and not beside
        if unnamed and shown and part.kind in _READABLE:
            self.body.append(part)
        elif unnamed and not shown and part.kind.startswith("text/") and part.kind not in _KEPT_BESIDE:
            return  # another form of what is shown
        else:
            self.attached.append((part, beside))


def _richness(part: Part) -> int:
    """2 for a part with HTML in it, 1 with plain text, 0 with nothing to read."""
    if part.parts and not part.encloses:
        return max(_richness(child) for child in part.parts)
    return {"text/html": 2, "text/plain": 1}.get(part.kind, 0)


# --- The letter ------------------------------------------------------------------------------------


def _letter(message: Part, contents: _Contents) -> Letter:
    """What a message says. Only what differs from an empty draft is set, so that no more is stored."""
    authors = _people(message, "from")
    said = {
        "subject": message.first("subject"),
        "body": _body(contents.body),
        "importance": _importance(message),
        "to": _people(message, "to"),
        "cc": _people(message, "cc"),
        "bcc": _people(message, "bcc"),
        "reply_to": _people(message, "reply-to"),
        "author": next(iter(authors), None),
        "sender": next(iter((*_people(message, "sender"), *authors)), None),
        "internet_message_id": message.first("message-id"),
        "headers": _headers(message),
        "delivery_receipt": None,
        "read_receipt": bool(message.first("disposition-notification-to")),
    }
    fields = Letter.model_fields
    return Letter.model_validate({name: what for name, what in said.items() if what != fields[name].default})


def _people(message: Part, header: str) -> tuple[EmailAddress, ...]:
    return people(", ".join(message.said(header)))


def _headers(message: Part) -> tuple[Header, ...]:
    """Every header in its order, except those nobody else should see."""
    return tuple(
        Header(name=name, value=unworded(unfolded(raw)))
        for name, raw in message.headers
        if name.lower() not in SEEN_BY_NOBODY_ELSE
    )


def _importance(message: Part) -> Importance:
    """The first header that says how important it is."""
    for header, meanings in _IMPORTANCE.items():
        word = message.first(header).lower().partition(" ")[0]
        if word in meanings:
            return meanings[word]
    return Importance.NORMAL


def _body(parts: list[Part]) -> Body:
    """The body: its parts one after the other, as HTML if any of them is."""
    texts = [(part.kind == "text/html", part.text()) for part in parts]
    texts = texts[:1] + [(is_html, text) for is_html, text in texts[1:] if text.strip()]
    if not any(is_html for is_html, _ in texts):
        return write_body("text", "\r\n".join(text for _, text in texts))
    pieces = (text if is_html else f"<pre>{escape(text)}</pre>" for is_html, text in texts)
    return write_body("html", "\r\n".join(pieces))


# --- The attachments -------------------------------------------------------------------------------


def _attachment(part: Part, beside: bool, now: datetime, name: UUID) -> Attachment:
    common: dict[str, Any] = {
        "id": name,
        "content_type": part.kind,
        "is_inline": _is_inline(part, beside),
        "modified_at": now,
    }
    return _item(part, common) if part.encloses else _file(part, common)


def _is_inline(part: Part, beside: bool) -> bool:
    """Whether it is shown in the body: beside an HTML root, or inline under an id the body can name."""
    if part.disposition == "attachment":
        return beside and bool(part.content_id)
    return beside or (part.disposition == "inline" and bool(part.content_id))


def _file(part: Part, common: dict[str, Any]) -> FileAttachment:
    return FileAttachment(
        **common,
        name=part.file_name or _NAMES.get(part.kind, "attachment"),
        content=Content(inline=part.original()),
        content_id=part.content_id or None,
    )


def _item(part: Part, common: dict[str, Any]) -> ItemAttachment:
    """An enclosed message: what it says, and its bytes for whoever must see all of it."""
    message = part.parts[0]
    letter = _letter(message, _Contents.of(message))
    return ItemAttachment(
        **common,
        name=part.file_name or letter.subject or _NAMES[part.kind],
        item=letter,
        sent_at=moment(message.first("date")),
        mime=Content(inline=part.original()),
    )
