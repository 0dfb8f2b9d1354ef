"""Letters that other programs keep, and what is told of them when they are brought in."""

from datetime import UTC, datetime

from letterbook import Mailbox
from letterbook.application.public_ids import Kind, public
from letterbook.domain.message import Imported, Message

LONG_AGO = datetime(2009, 6, 30, 18, 45, tzinfo=UTC)
MARK = b"From danas@fabrikam.com Tue Jun 30 18:45:00 2009\n"


def no_mail(recipient: str) -> None:
    """A transport that must not be asked."""
    raise AssertionError(f"{recipient} was sent a letter")


def letter(number: int, headers: bytes = b"", body: bytes = b"Are we on?\n", author: str = "danas") -> bytes:
    """A letter as MIME, with line ends as files have them."""
    return (
        f"From: Somebody <{author}@contoso.com>\nTo: Alex Wilber <alexw@contoso.com>\n"
        f"Subject: Letter {number}\nDate: Tue, 30 Jun 2009 18:44:{number % 60:02d} +0000\n"
        f"Message-ID: <{number}@contoso.com>\n"
    ).encode() + (headers + b"\n" + body)


def mbox(*letters: bytes, mark: bytes = MARK) -> bytes:
    """An mbox file."""
    return b"".join(mark + each + b"\n" for each in letters)


def held(box: Mailbox) -> dict[str, list[str]]:
    """The subjects in each folder that holds any, sorted."""
    found = {
        folder.name: sorted(message.subject for message in box.folder(public(Kind.FOLDER, folder.folder)))
        for folder in box.folders()
    }
    return {name: subjects for name, subjects in found.items() if subjects}


def only(box: Mailbox, folder: str = "inbox") -> Message:
    """The one message of a folder, as the domain knows it."""
    (message,) = box.folder(folder)
    return box.state(message)


def brought_in(box: Mailbox) -> list[Imported]:
    """Every fact that says a letter was brought in."""
    return [each.fact for each in box.changes(limit=100_000) if isinstance(each.fact, Imported)]
