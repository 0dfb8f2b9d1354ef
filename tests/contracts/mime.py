"""What every codec of mail promises; each adapter runs it with its own ``mime``."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest

from letterbook.application.ports import Mail, Mime
from letterbook.domain.attachments import Content, FileAttachment, RecordAttachment
from letterbook.domain.letter import Letter, write_body
from letterbook.domain.people import EmailAddress

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ALEX = EmailAddress(name="Alex Wilber", address="alexw@contoso.com")
MEGAN = EmailAddress(name="Megan Bowen", address="meganb@contoso.com")
ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")


def mail() -> Mail:
    """A letter with somebody in each list, a text with lines, and a file."""
    letter = Letter(
        subject="会議 – offsite",
        body=write_body("text", "Are we still on?\nAlex\n"),
        author=ALEX,
        sender=ALEX,
        to=(MEGAN,),
        bcc=(ADELE,),
    )
    content = Content(inline=bytes(range(256)))
    file = FileAttachment(
        id=UUID(int=1),
        name="a.bin",
        content_type="application/octet-stream",
        modified_at=NOW,
        content=content,
    )
    return Mail(letter=letter, attachments=(file,), sent_at=NOW)


class MimeContract:
    """What every codec of mail promises; each adapter runs it with its own ``mime``."""

    def test_every_line_ends_in_crlf(self, mime: Mime) -> None:
        """RFC 5322 section 2.1; no line has 1000 bytes."""
        written = mime.render(mail())
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", written)
        assert max(map(len, written.split(b"\r\n"))) <= 998

    def test_what_is_written_can_be_read_by_others(self, mime: Mime) -> None:
        """Every header that the letter has, those in blind copy too."""
        read = message_from_bytes(mime.render(mail()), policy=policy.default)
        assert (read["Subject"], read["Bcc"]) == ("会議 – offsite", "Adele Vance <adelev@contoso.com>")
        (file,) = read.iter_attachments()
        assert (file.get_filename(), file.get_content()) == ("a.bin", bytes(range(256)))

    def test_what_is_written_is_read_again(self, mime: Mime) -> None:
        """People, text, time and bytes."""
        sent = mail()
        again = mime.parse(mime.render(sent), NOW)
        assert (again.letter.author, again.letter.to, again.letter.bcc) == (ALEX, (MEGAN,), (ADELE,))
        assert (again.letter.body.content or "").split() == (sent.letter.body.content or "").split()
        assert again.sent_at == NOW
        (file,) = again.attachments
        assert isinstance(file, FileAttachment)
        assert file.content.inline == bytes(range(256))

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\0",
            b"Subject",
            b"Subject: \xff\xfe\n\n\xff",
            b"Content-Type: multipart/mixed\n\n--",
            b"\n" * 99,
        ],
    )
    def test_whatever_is_damaged_is_read(self, mime: Mime, raw: bytes) -> None:
        """And can be written."""
        assert mime.render(mime.parse(raw, NOW))

    def test_an_enclosed_event_is_written_as_icalendar(self, mime: Mime) -> None:
        """RFC 5545; its content is at hand."""
        said = b'{"subject": "Offsite", "start": {"dateTime": "2026-03-02T09:30:00", "timeZone": "UTC"}}'
        record = RecordAttachment(
            id=UUID(int=2),
            name="Offsite",
            content_type=None,
            modified_at=NOW,
            kind="event",
            content=Content(inline=said),
        )
        written = mime.render_record(record)
        assert written.startswith(b"BEGIN:VCALENDAR\r\n")
        assert b"SUMMARY:Offsite\r\n" in written
