"""Letters from and to the outside: read however damaged, written to the letter, never a way to do harm."""

import email
import email.policy
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letterbook.adapters.mime import MimeCodec, MimeTooComplex, bounds
from letterbook.application.ports import Mail
from letterbook.domain.attachments import (
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    ReferenceAttachment,
)
from letterbook.domain.conversation import begin_thread
from letterbook.domain.letter import Header, Importance, Letter, Thread, write_body
from letterbook.domain.people import EmailAddress
from letterbook.domain.text import as_document
from tests.chance import examples

NOW = datetime(2024, 3, 5, 16, 20, tzinfo=UTC)
LETTERS = Path(__file__).parent / "mail"

ALEX = EmailAddress(name="Alex Wilber", address="AlexW@contoso.com")
MEGAN = EmailAddress(name="Megan Bowen", address="MeganB@contoso.com")
ADELE = EmailAddress(name="Adele Vance", address="AdeleV@contoso.com")
DANA = EmailAddress(name="Dana Swope", address="DanaS@contoso.com")
RANDI = EmailAddress(name="Welch, Randi", address="RandiW@contoso.com")
SAMANTHA = EmailAddress(name="Booth, Samantha", address="SamanthaB@contoso.com")

DRAFT_OF_A_CREATED_MESSAGE = b64decode(
    "RnJvbTogQWxleCBXaWxiZXIgPEFsZXhXQGNvbnRvc28uY29tPgpUbzogTWVnYW4gQm93ZW4gPE1lZ2FuQkBjb250b3NvLmNvbT4KU3Vi"
    "amVjdDogSW50ZXJuYWwgUmVzdW1lIFN1Ym1pc3Npb246IFNhbGVzIEFzc29jaWF0ZQpUaHJlYWQtVG9waWM6IEludGVybmFsIFJlc3Vt"
    "ZSBTdWJtaXNzaW9uOiBTYWxlcyBBc3NvY2lhdGUKVGhyZWFkLUluZGV4OiBjb2RlY29kZWNvZGVoZXJlaGVyZWhlcmUKRGF0ZTogU3Vu"
    "LCAyOCBGZWIgMjAyMSAwNzoxNTowMCArMDAwMApNZXNzYWdlLUlEOgoJPE1XSFBSMTMwMU1CMjAwMDAwMDAwRDc2RDlDMjgyMjAwMDA5"
    "QUQ5QTlASFdIUFIxMzAxTUIwMDAwLmNvZGVudW0ucHJvZC5vdXRsb29rLmNvbT4KQ29udGVudC1MYW5ndWFnZTogZW4tVVMKWC1NUy1I"
    "YXMtQXR0YWNoOgpYLU1TLVRORUYtQ29ycmVsYXRv"
)
"""The request of *Create message*, example 4: LF, folded and empty headers, the last one cut off."""

SENT_AS_MIME = (
    b"From: Adele Vance <AdeleV@contoso.com>\nTo: Alex Wilber <AlexW@contoso.com>\nSubject:Test Message\n"
    b'Content-Type: multipart/mixed;\n\tboundary="_004_outer_"\nMIME-Version: 1.0\n\n--_004_outer_\n'
    b'Content-Type: multipart/alternative;\n\tboundary="_000_inner_"\n\n--_000_inner_\n'
    b'Content-Type: text/plain; charset="iso-8859-1"\nContent-Transfer-Encoding: quoted-printable\n\n'
    b"test text body\n\n\n--_000_inner_\n"
    b'Content-Type: text/html; charset="iso-8859-1"\nContent-Transfer-Encoding: quoted-printable\n\n'
    b"<html>\n<head>\n</head>\n<body>\ntest html body\n</body>\n</html>\n\n--_000_inner_--\n\n--_004_outer_\n"
    b'Content-Type: text/plain;\nContent-Disposition: attachment;\n        filename="test.txt"\n\n'
    b"this is the attachment text\n\n--_004_outer_--"
)
"""The request of *Send mail*, example 4, with shorter boundaries."""


def codec() -> MimeCodec:
    """A codec that names attachments 1, 2, 3."""
    numbers = count(1)
    return MimeCodec(lambda: UUID(int=next(numbers)))


def parse(raw: bytes | str) -> Mail:
    """Read a message; one given as text is UTF-8."""
    return codec().parse(raw.encode() if isinstance(raw, str) else raw, NOW)


def render(mail: Mail) -> bytes:
    """Write a message."""
    return codec().render(mail)


def kept(name: str) -> Mail:
    """One of the letters in tests/mail."""
    return parse((LETTERS / name).read_bytes())


def files(mail: Mail) -> list[FileAttachment]:
    """The attachments, all of which must be files."""
    found = [attachment for attachment in mail.attachments if isinstance(attachment, FileAttachment)]
    assert len(found) == len(mail.attachments)
    return found


def item(mail: Mail) -> ItemAttachment:
    """The only attachment, which must be a message."""
    (attachment,) = mail.attachments
    assert isinstance(attachment, ItemAttachment)
    return attachment


def file(name: str, data: bytes, content_type: str | None = "text/plain", **more: object) -> FileAttachment:
    """A file to attach."""
    known = {"id": UUID(int=1), "modified_at": NOW, "name": name, "content_type": content_type}
    return FileAttachment.model_validate(known | {"content": Content(inline=data)} | more)


def header(mail: Mail, name: str) -> str:
    """The value of the only header of this name."""
    (value,) = [header.value for header in mail.letter.headers if header.name == name]
    return value


def as_others_read(raw: bytes) -> EmailMessage:
    """What another reader, the standard library's, makes of a message."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def bytes_of_lines(written: bytes) -> Iterator[bytes]:
    """The single bytes of all lines: an end of line other than CRLF is one of them."""
    return (bytes((byte,)) for byte in set(written.replace(b"\r\n", b"")))


# --- The examples of the documentation -------------------------------------------------------------


def test_a_message_that_breaks_off_in_a_header_still_says_who_and_when() -> None:
    mail = parse(DRAFT_OF_A_CREATED_MESSAGE)
    assert mail.letter.subject == "Internal Resume Submission: Sales Associate"
    assert (mail.letter.author, mail.letter.sender, mail.letter.to) == (ALEX, ALEX, (MEGAN,))
    assert mail.sent_at == datetime(2021, 2, 28, 7, 15, tzinfo=UTC)
    assert mail.letter.body == write_body("text", "")
    assert mail.thread is None
    assert mail.letter.delivery_receipt is None


def test_a_header_may_begin_on_its_second_line() -> None:
    mail = parse(DRAFT_OF_A_CREATED_MESSAGE)
    expected = "<MWHPR1301MB200000000D76D9C282200009AD9A9@HWHPR1301MB0000.codenum.prod.outlook.com>"
    assert mail.letter.internet_message_id == expected
    assert header(mail, "X-MS-Has-Attach") == ""


def test_html_wins_over_text_and_the_file_is_attached() -> None:
    mail = parse(SENT_AS_MIME)
    assert (mail.letter.subject, mail.letter.author, mail.letter.to) == ("Test Message", ADELE, (ALEX,))
    assert (mail.letter.body.kind, mail.letter.body.preview) == ("html", "test html body")
    (attached,) = files(mail)
    assert (attached.name, attached.content_type, attached.is_inline) == ("test.txt", "text/plain", False)
    assert attached.content.inline == b"this is the attachment text\n"
    assert attached.modified_at == NOW


# --- The letters in tests/mail ---------------------------------------------------------------------


def test_a_letter_with_two_files() -> None:
    mail = kept("attachment.eml")
    assert mail.letter.author == SAMANTHA
    assert (mail.letter.to, mail.letter.cc) == ((ADELE, RANDI), (ALEX,))
    assert mail.letter.importance is Importance.HIGH
    assert "café line are <b>final</b> – see both" in (mail.letter.body.content or "")
    pdf, table = files(mail)
    assert (pdf.name, pdf.content_type, pdf.size) == ("Quarterly figures.pdf", "application/pdf", 544)
    assert (table.name, table.content_type) == ("Café-Zahlen.csv", "text/csv")
    assert table.content.inline == b"month,cups\r\nJanuary,4210\r\nFebruary,3987\r\n"
    assert mail.thread == Thread(
        conversation="56a4713b49ca43999680dd2c6346f76c", index="AdpvFx8gVqRxO0nKQ5mWgN0sY0b3bA=="
    )


def test_a_letter_in_japanese_with_an_emoji() -> None:
    mail = kept("japanese-and-emoji.eml")
    assert mail.letter.subject == "明日の打ち合わせの時間が変わりました 🎉 よろしくお願いします"
    assert mail.letter.author == EmailAddress(name="アデル・ヴァンス", address="AdeleV@contoso.com")
    assert mail.letter.to == (EmailAddress(name="ミーガン", address="MeganB@contoso.com"),)
    assert mail.letter.body.preview.endswith("会議室は「富士」です 🗻\r\n\r\nアデル")
    assert mail.sent_at == datetime(2024, 11, 14, 0, 30, 12, tzinfo=UTC)


def test_a_letter_with_an_image_inside() -> None:
    mail = kept("inline-image.eml")
    (logo,) = files(mail)
    assert mail.letter.body.kind == "html"
    assert f'src="cid:{logo.content_id}"' in (mail.letter.body.content or "")
    assert (logo.name, logo.content_type, logo.is_inline) == ("logo.png", "image/png", True)
    assert (logo.content.inline or b"").startswith(b"\x89PNG\r\n\x1a\n")


def test_a_letter_from_a_mailing_list() -> None:
    mail = kept("mailing-list.eml")
    assert mail.letter.sender == EmailAddress(address="book-club-bounces@lists.contoso.com")
    assert mail.letter.reply_to == (EmailAddress(name="Randi Welch", address="RandiW@contoso.com"),)
    assert mail.letter.to == (EmailAddress(name="The book club", address="book-club@lists.contoso.com"),)
    assert header(mail, "List-Id") == "The book club <book-club.lists.contoso.com>"
    assert header(mail, "List-Unsubscribe") == (
        "<https://lists.contoso.com/options/book-club>, "
        "<mailto:book-club-request@lists.contoso.com?subject=unsubscribe>"
    )
    assert [header.name for header in mail.letter.headers][:3] == ["Return-Path", "Received", "Received"]
    assert mail.attachments == ()
    assert (mail.letter.body.content or "").endswith("book-club-leave@lists.contoso.com\r\n")


def test_a_letter_that_encloses_another() -> None:
    mail = kept("forwarded.eml")
    enclosed = item(mail)
    assert mail.letter.bcc == (MEGAN,)
    assert all(header.name != "Bcc" for header in mail.letter.headers)
    assert mail.letter.read_receipt
    assert enclosed.name == "Keys for the new office.eml"
    assert (enclosed.item.author, enclosed.item.to) == (ADELE, (DANA,))
    assert enclosed.item.body.preview.startswith("The keys are ready at the front desk, from 9 to 5 – bring")
    assert enclosed.sent_at == datetime(2024, 5, 16, 13, 40, tzinfo=UTC)
    original = enclosed.mime.inline if enclosed.mime else None
    assert original
    assert original in (LETTERS / "forwarded.eml").read_bytes()
    assert files(parse(original))[0].name == "who.txt"


@pytest.mark.parametrize("letter", sorted(LETTERS.glob("*.eml")), ids=lambda letter: letter.stem)
def test_other_programs_read_what_is_written_here(letter: Path) -> None:
    mail = parse(letter.read_bytes())
    read = as_others_read(render(mail))
    assert read["Subject"] == mail.letter.subject
    assert [address.addr_spec for address in read["To"].addresses] == [one.address for one in mail.letter.to]
    assert [address.display_name for address in read["To"].addresses] == [one.name for one in mail.letter.to]
    body = read.get_body(("html", "plain"))
    assert body is not None
    assert body.get_content().split() == (mail.letter.body.content or "").split()
    assert {part.get_filename() for part in read.walk()} >= {one.name for one in mail.attachments}


@pytest.mark.parametrize("letter", sorted(LETTERS.glob("*.eml")), ids=lambda letter: letter.stem)
def test_a_letter_read_and_written_does_not_change_any_more(letter: Path) -> None:
    once = render(parse(letter.read_bytes()))
    assert render(parse(once)) == once


# --- Damage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(line_end: str) -> None:
    mail = parse("Subject: Good\n morning\nTo: AlexW@contoso.com\n\none\ntwo\n".replace("\n", line_end))
    assert mail.letter.subject == "Good morning"
    assert mail.letter.to == (EmailAddress(address="AlexW@contoso.com"),)
    assert mail.letter.body.content == "one\r\ntwo\r\n"


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\r\n\r\n", b"\x00", b"\xff\xfe", b":", b"Subject", b" folded", b"-"]
)
def test_next_to_nothing_is_a_message_too(raw: bytes) -> None:
    assert parse(raw).letter.to == ()


def test_a_header_without_a_blank_line_after_it_is_followed_by_the_body() -> None:
    mail = parse("Subject: Lunch\nAt noon, as always\nat the usual place")
    assert (mail.letter.subject, mail.letter.body.content) == (
        "Lunch",
        "At noon, as always\r\nat the usual place",
    )


def test_the_mark_of_a_mailbox_file_is_no_header() -> None:
    mail = parse("From alexw Tue Mar  5 16:20:00 2024\nSubject: Found\n\n")
    assert [header.name for header in mail.letter.headers] == ["Subject"]


def test_a_missing_last_boundary_loses_nothing() -> None:
    mail = parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo")
    assert mail.letter.body.content == "one\r\ntwo"


def test_an_outer_boundary_ends_what_is_inside() -> None:
    mail = parse(
        "Content-Type: multipart/mixed; boundary=out\n\n"
        "--out\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\ntext\n"
        "--out\nContent-Disposition: attachment; filename=a.txt\n\nfile\n--out--\n"
    )
    assert mail.letter.body.content == "text"
    assert [attached.content.inline for attached in files(mail)] == [b"file"]


@pytest.mark.parametrize("parameter", ["", "; boundary", "; boundary=", '; boundary=""', "; boundary=other"])
def test_a_multipart_without_its_boundary_is_text(parameter: str) -> None:
    assert (
        parse(f"Content-Type: multipart/mixed{parameter}\n\n--b\n\nx").letter.body.content == "--b\r\n\r\nx"
    )


@pytest.mark.parametrize(
    ("encoded", "read"),
    [(b"SGVsbG8gV29ybGQh", b"Hello World!"), (b"SGVsb*G8*g", b"Hello "), (b"SGVsbG8", b"Hello"), (b"S", b"")],
)
def test_base64_is_read_as_far_as_it_goes(encoded: bytes, read: bytes) -> None:
    mail = parse(b"Content-Type: image/png\nContent-Transfer-Encoding: BASE64\n\n" + encoded)
    assert files(mail)[0].content.inline == read


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sun, 28 Feb 9999999", "Mon, 32 Jan 2024 25:61:61 +0000", "1 Jan 1 00:00 +9999"]
)
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert parse(f"Date: {date}\n\n").sent_at is None


def test_a_date_with_a_comment_and_a_zone_is_told_in_utc() -> None:
    at = parse("Date: Tue, 5 Mar 2024 11:20:01 -0500 (EST)\n\n").sent_at
    assert at == NOW + timedelta(seconds=1)
    assert at.tzinfo is UTC


@settings(max_examples=examples(60))
@given(st.sampled_from(sorted(LETTERS.glob("*.eml"))), st.data())
def test_no_damage_makes_a_letter_unreadable_or_unwritable(letter: Path, data: st.DataObject) -> None:
    raw = bytearray(letter.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw)))
        until = at + data.draw(st.integers(0, 40))
        raw[at:until] = data.draw(
            st.sampled_from((b"", b'"', b"\n", b"\r", b"\0", b"=?", b"\xff", b"--", b";", b"("))
        )
    written = render(parse(bytes(raw)))
    assert not {b"\r", b"\n"} & set(bytes_of_lines(written))
    assert render(parse(written)) == written


# --- Words and letters -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("=?utf-8?Q?Caf=C3=A9_at_9?=", "Café at 9"),
        ("=?ISO-8859-1?q?Caf=E9?=", "Café"),
        ("=?utf-8?B?8J+OiQ==?= =?utf-8?B?8J+OiQ?=", "🎉🎉"),
        ("=?utf-8?B?8J8=?=\n =?utf-8?B?jok=?=", "🎉"),
        ("=?utf-8*en?q?two?= and =?utf-8?q?two?=", "two and two"),
        ("=?iso-2022-jp?B?GyRCJDMkcxsoQg==?=", "こん"),
        ("=?no-such-charset?q?plain?=", "plain"),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        ("=?utf-8?x?what?=", "=?utf-8?x?what?="),
        ("=?utf-8?q?Hi=0D=0ABcc:_MeganB@contoso.com?=", "Hi  Bcc: MeganB@contoso.com"),
        ("=?unicode_escape?q?=5Cud800?=", "\\ud800"),
        ("=?utf-7?q?+2AA-?=", "?"),
        ("a\n\tlong\n subject", "a long subject"),
        ("Café", "Café"),
    ],
)
def test_subjects_are_decoded(said: str, subject: str) -> None:
    assert parse(f"Subject: {said}\n\n").letter.subject == subject


def test_headers_in_eight_bits_are_read_as_what_they_most_likely_are() -> None:
    assert parse(b"Subject: Caf\xe9 \x96 5\x80\n\n").letter.subject == "Café – 5€"


@pytest.mark.parametrize(
    ("charset", "data", "content"),
    [
        ("iso-2022-jp", b"\x1b$B$3$s$K$A$O\x1b(B!", "こんにちは!"),
        ("us-ascii", b"caf\xe9 \x93quoted\x94", "café “quoted”"),
        ("us-ascii", "café".encode(), "café"),
        ("ISO-8859-1", b"5 \x80", "5 €"),
        ("windows-1252", "naïve".encode("cp1252"), "naïve"),
        ("windows-874", b"\xa1", "ก"),
        ("gb2312", "囍".encode("gbk"), "囍"),
        ("ks_c_5601-1987", "안녕".encode("euc-kr"), "안녕"),
        ("koi8-u", "Київ".encode("koi8-u"), "Київ"),
        ("x-nobody-knows", "für".encode(), "für"),
        ("utf-8", b"cut \xe2\x82", "cut \ufffd"),
        ("utf-8", b"\xef\xbb\xbfmarked", "marked"),
        ("punycode", b"caf-dma", "caf-dma"),
        ("", b"plain", "plain"),
    ],
)
def test_bodies_are_decoded_whatever_their_label(charset: str, data: bytes, content: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n".encode()
    assert parse(raw + b64encode(data)).letter.body.content == content


def test_html_may_name_its_charset_itself() -> None:
    page = '<html><head><meta charset="shift_jis"></head><body>こんにちは</body></html>'
    mail = parse(b"Content-Type: text/html\n\n" + page.encode("shift_jis"))
    assert mail.letter.body.preview == "こんにちは"


# --- People ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ('"Booth, Samantha" <SamanthaB@contoso.com>', [SAMANTHA]),
        ("=?utf-8?q?Booth=2C_Samantha?= <SamanthaB@contoso.com>", [SAMANTHA]),
        ('"=?utf-8?q?Booth=2C_Samantha?=" <SamanthaB@contoso.com>', [SAMANTHA]),
        ("Alex Wilber <AlexW@contoso.com>, Megan Bowen <MeganB@contoso.com>", [ALEX, MEGAN]),
        ("Alex Wilber<AlexW@contoso.com>;Megan Bowen<MeganB@contoso.com>;", [ALEX, MEGAN]),
        ("Us: Alex Wilber <AlexW@contoso.com>, Megan Bowen <MeganB@contoso.com>;, AdeleV@contoso.com",
         [ALEX, MEGAN, EmailAddress(address="AdeleV@contoso.com")]),
        ("undisclosed-recipients:;", []),
        ("AlexW@contoso.com (Alex Wilber)", [ALEX]),
        ("<@relay.contoso.com,@mx.contoso.com:AlexW@contoso.com> (Alex Wilber)", [ALEX]),
        ("Alex Wilber AlexW@contoso.com", [ALEX]),
        ("Alex Wilber", [EmailAddress(name="Alex Wilber")]),
        ("root", [EmailAddress(address="root")]),
        ("Alex :( <AlexW@contoso.com>, Megan Bowen <MeganB@contoso.com>",
         [EmailAddress(name="(", address="AlexW@contoso.com"), MEGAN]),
        ('"Alex <AlexW@contoso.com>, Megan Bowen <MeganB@contoso.com>',
         [EmailAddress(name='"Alex', address="AlexW@contoso.com"), MEGAN]),
        ('"Al \\"Lex\\" W." <AlexW@contoso.com>',
         [EmailAddress(name='Al "Lex" W.', address="AlexW@contoso.com")]),
        ('"a,b"@contoso.com, <"c,d"@contoso.com>',
         [EmailAddress(address='"a,b"@contoso.com'), EmailAddress(address='"c,d"@contoso.com')]),
        (", ,;<>", []),
    ],
)  # fmt: skip
def test_people_are_found_in_every_form(said: str, people: list[EmailAddress]) -> None:
    assert parse(f"To: {said}\n\n").letter.to == tuple(people)


def test_every_list_of_people_is_read_even_if_it_comes_twice() -> None:
    letter = parse(
        f"From: {'Alex Wilber <AlexW@contoso.com>'}\nSender: Dana Swope <DanaS@contoso.com>\n"
        "To: Megan Bowen <MeganB@contoso.com>\nTO: Adele Vance <AdeleV@contoso.com>\n"
        'CC: Dana Swope <DanaS@contoso.com>\nBCC: "Welch, Randi" <RandiW@contoso.com>\n'
        'reply-to: "Booth, Samantha" <SamanthaB@contoso.com>\n\n'
    ).letter
    assert (letter.author, letter.sender, letter.to) == (ALEX, DANA, (MEGAN, ADELE))
    assert (letter.cc, letter.bcc, letter.reply_to) == ((DANA,), (RANDI,), (SAMANTHA,))


# --- Marks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "importance"),
    [
        ("Importance: High", Importance.HIGH),
        ("X-Priority: 5 (Lowest)", Importance.LOW),
        ("X-Priority: 3\nPriority: urgent", Importance.HIGH),
        ("X-MSMail-Priority: Low", Importance.LOW),
        ("Importance: normal\nX-Priority: 1", Importance.NORMAL),
        ("Importance: whatever", Importance.NORMAL),
    ],
)
def test_importance_has_several_headers(said: str, importance: Importance) -> None:
    assert parse(f"{said}\n\n").letter.importance is importance


def test_only_what_a_message_says_is_set() -> None:
    """What is not set is not stored."""
    assert parse("Subject: Hi\n\n").letter.model_fields_set == {"subject", "headers", "delivery_receipt"}


# --- Bodies and attachments ------------------------------------------------------------------------


def mixed(*parts: str, kind: str = "mixed") -> str:
    """A multipart of these parts."""
    inside = "".join(f"--=b{kind}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary==b{kind}\n\n{inside}--=b{kind}--\n"


TEXT, HTML = "Content-Type: text/plain\n\nthe text", "Content-Type: text/html\n\n<p>the page</p>"
IMAGE = "Content-Type: image/png; name=i.png\nContent-ID: <i@contoso.com>\n\nx"
SHEET = "Content-Type: text/csv; name=s.csv\n\na,b"


@pytest.mark.parametrize(
    ("message", "kind", "content"),
    [
        (TEXT, "text", "the text"),
        (mixed(HTML, TEXT, kind="alternative"), "html", "<p>the page</p>"),
        (mixed(TEXT, mixed(HTML, IMAGE, kind="related"), kind="alternative"), "html", "<p>the page</p>"),
        (mixed(mixed(TEXT, HTML, kind="alternative"), IMAGE, kind="related"), "html", "<p>the page</p>"),
        (mixed(TEXT, mixed(HTML, SHEET), kind="alternative"), "html", "<p>the page</p>"),
        (mixed(TEXT, SHEET, TEXT), "text", "the text\r\nthe text"),
        (mixed(HTML, "\na < b"), "html", "<p>the page</p>\r\n<pre>a &lt; b</pre>"),
        (mixed(mixed(TEXT, HTML, kind="alternative"), SHEET, kind="signed"), "html", "<p>the page</p>"),
        ("Content-Type: text/markdown\n\n*Hi*", "text", "*Hi*"),
        (SHEET, "text", ""),
    ],
)
def test_the_body_is_what_people_would_read(message: str, kind: str, content: str) -> None:
    body = parse(message).letter.body
    assert (body.kind, body.content) == (kind, content)


@pytest.mark.parametrize(
    ("message", "attached"),
    [
        (mixed(mixed(TEXT, HTML, kind="alternative"), IMAGE, kind="related"),
         [("i.png", "i@contoso.com", True)]),
        (mixed(HTML, IMAGE), [("i.png", "i@contoso.com", False)]),
        (mixed(HTML, "Content-Disposition: inline\n" + IMAGE), [("i.png", "i@contoso.com", True)]),
        (mixed(HTML, SHEET, kind="related"), [("s.csv", None, True)]),
        (mixed(HTML, "Content-Disposition: attachment\n" + SHEET, kind="related"), [("s.csv", None, False)]),
        (mixed(TEXT, "Content-Disposition: attachment\n" + TEXT), [("attachment.txt", None, False)]),
        (mixed(TEXT, "Content-Type: text/calendar\n\nx", kind="alternative"),
         [("attachment.ics", None, False)]),
        (mixed(HTML, "Content-Type: text/x-amp-html\n\nx", kind="alternative"), []),
        (mixed(TEXT, "Content-Type: application/pkcs7-signature\n\nx", kind="signed"),
         [("smime.p7s", None, False)]),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx",
         [("smime.p7m", None, False)]),
    ],
)  # fmt: skip
def test_everything_else_is_attached(message: str, attached: list[tuple[str, str | None, bool]]) -> None:
    found = [(one.name, one.content_id, one.is_inline) for one in files(parse(message))]
    assert found == attached


@pytest.mark.parametrize(
    "said",
    [
        "Content-Disposition: attachment; filename*=utf-8''%E6%97%A5%E8%A8%98.txt",
        "Content-Disposition: attachment; filename=x; filename*=utf-8'ja'%E6%97%A5%E8%A8%98.txt",
        "Content-Disposition: attachment; filename*1=txt; filename*0*=utf-8''%E6%97%A5%E8%A8%98.",
        "Content-Disposition: attachment; filename*0*=iso-2022-jp''%1B$BF%7C; filename*1*=5-%1B%28B.txt",
        'Content-Disposition: attachment; filename="=?utf-8?B?5pel6KiYLnR4dA==?="',
        'Content-Disposition: attachment; filename="日記.txt"',
        'Content-Type: image/png; name="日記.txt";',
        "Content-Disposition: attachment; filename=日記.txt ; size=1; ;",
        "Content-Disposition: attachment; FileName*=no-such''%E6%97%A5%E8%A8%98.txt",
    ],
)
def test_file_names_are_found_in_every_form(said: str) -> None:
    assert files(parse(f"X: y\n{said}\n\nx"))[0].name == "日記.txt"


def test_an_enclosed_message_may_come_encoded() -> None:
    inside = b64encode(b"Subject: Inside\n\nHi").decode()
    mail = parse(f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inside}")
    assert (item(mail).item.subject, item(mail).name) == ("Inside", "Inside")


def test_a_digest_holds_messages() -> None:
    mail = parse(mixed("\nSubject: One\n\nHi", kind="digest"))
    assert item(mail).item.subject == "One"


# --- Messages built to exhaust the reader ----------------------------------------------------------


def nested(levels: int, inside: bytes = b"\nin the middle") -> bytes:
    """A multipart in a multipart in a multipart."""
    return (
        b"".join(b"Content-Type: multipart/mixed; boundary=%dx\n\n--%dx\n" % (at, at) for at in range(levels))
        + inside
    )


def dry(message: bytes) -> str:
    """Why a message is refused."""
    with pytest.raises(MimeTooComplex) as refused:
        parse(message)
    assert refused.value.code == "mime-too-complex"
    return str(refused.value)


def test_fifty_levels_are_read() -> None:
    assert parse(nested(50)).letter.body.content == "in the middle"
    assert item(parse(b"Content-Type: message/rfc822\n\n" * 50)).item.subject == ""


@pytest.mark.parametrize(
    "message",
    [
        nested(51),
        nested(100_000),
        b"Content-Type: message/rfc822\n\n" * 100_000,
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n" * 100_000,
    ],
    ids=["51", "parts", "messages", "encoded messages"],
)
def test_more_than_fifty_levels_are_not(message: bytes) -> None:
    assert "levels" in dry(message)


def test_a_thousand_parts_are_read_and_one_more_is_not() -> None:
    start = b"Content-Type: multipart/mixed; boundary=b\n\n"
    assert parse(start + b"--b\n\nx\n" * 999 + b"--b\n\nx").letter.body.content == "\r\n".join("x" * 1000)
    assert "parts" in dry(start + b"--b\n\nx\n" * 1001)


def test_millions_of_boundaries_are_not_even_counted() -> None:
    assert "parts" in dry(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 5_000_000)


@pytest.mark.parametrize(
    "message",
    [
        b"Subject: " + b"x" * 40_000_000,
        b"Subject: x\n" + b" x\n" * 10_000_000,
        b"x:\n" * 10_000_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\nX: " + b"x" * 1000 + b"\n\n") * 300,
    ],
    ids=["one line", "folded", "many", "in parts"],
)
def test_headers_have_256_kib_altogether(message: bytes) -> None:
    assert "headers" in dry(message)


def test_millions_of_short_lines_are_read() -> None:
    body = parse(b"Subject: x\n\n" + b"a\n" * 5_000_000).letter.body
    assert len(body.content or "") == 15_000_000


def test_every_level_of_a_large_message_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for the boundaries of 50 multiparts means to read what is inside 50 times."""
    monkeypatch.setattr(bounds, "MOST_READING", 10_000_000)
    assert parse(nested(5, b"\n" + b"a\n" * 500_000)).letter.body.kind == "text"
    assert "levels" in dry(nested(50, b"\n" + b"a\n" * 500_000))


def test_lines_that_almost_are_boundaries_count_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_READING", 10_000_000)
    assert "levels" in dry(nested(1, b"\n" + b"--0x0\n" * 10_000))


@pytest.mark.parametrize(
    "piece", [b"(", b"a:", b",", b"<", b'"', b'"\\', b'\\"', b"((x)", b"=?a?q?", b"<@", b';a="']
)
def test_hostile_headers_are_read_in_one_go(piece: bytes) -> None:
    """Each of these keeps a reader busy that starts anew where it failed, or goes one level deeper."""
    many = piece * (60_000 // len(piece))
    mail = parse(b"To: %b\nSubject: %b\nContent-Type: text/plain; name=%b\n\n" % (many, many, many))
    assert len(mail.letter.headers) == 3


def test_the_number_of_a_piece_of_a_file_name_has_no_million_digits() -> None:
    mail = parse(b"Content-Disposition: attachment; filename=a.txt; filename*" + b"9" * 100_000 + b"=x\n\nx")
    assert files(mail)[0].name == "a.txt"


# --- Writing ---------------------------------------------------------------------------------------


def letter(**said: object) -> Mail:
    """A letter from Alex to Megan."""
    return Mail(letter=Letter.model_validate({"author": ALEX, "to": (MEGAN,)} | said), sent_at=NOW)


def test_a_short_letter_is_written_like_this() -> None:
    mail = letter(subject="Lunch", body=write_body("text", "At noon?\n"), sender=ALEX)
    assert render(mail) == (
        b"From: Alex Wilber <AlexW@contoso.com>\r\n"
        b"To: Megan Bowen <MeganB@contoso.com>\r\n"
        b"Subject: Lunch\r\n"
        b"Date: Tue, 05 Mar 2024 16:20:00 +0000\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"At noon?\r\n"
    )


def test_every_header_is_written() -> None:
    thread = begin_thread(UUID(int=7), NOW)
    said = letter(
        subject="RE: Plan",
        sender=DANA,
        cc=(ADELE,),
        bcc=(RANDI,),
        reply_to=(SAMANTHA,),
        importance=Importance.LOW,
        internet_message_id="<1@contoso.com>",
        read_receipt=True,
        headers=(
            Header(name="X-Own", value="1"),
            Header(name="X-Own", value="2"),
            Header(name="Auto-Submitted", value="no"),
            Header(name="To", value="somebody@contoso.com"),
            Header(name="X-Priority", value="1"),
            Header(name="Content-Type", value="text/html"),
            Header(name="MIME-Version", value="2.0"),
        ),
    )
    mail = Mail(
        letter=said.letter, thread=thread, sent_at=NOW, extra_headers={"Auto-Submitted": "auto-replied"}
    )
    read = as_others_read(render(mail))
    assert [(name, str(value)) for name, value in read.items()] == [
        ("From", "Alex Wilber <AlexW@contoso.com>"),
        ("Sender", "Dana Swope <DanaS@contoso.com>"),
        ("To", "Megan Bowen <MeganB@contoso.com>"),
        ("Cc", "Adele Vance <AdeleV@contoso.com>"),
        ("Bcc", '"Welch, Randi" <RandiW@contoso.com>'),
        ("Reply-To", '"Booth, Samantha" <SamanthaB@contoso.com>'),
        ("Subject", "RE: Plan"),
        ("Date", "Tue, 05 Mar 2024 16:20:00 +0000"),
        ("Message-ID", "<1@contoso.com>"),
        ("Importance", "low"),
        ("Thread-Index", thread.index),
        ("Thread-Topic", "Plan"),
        ("Disposition-Notification-To", "Dana Swope <DanaS@contoso.com>"),
        ("MIME-Version", "1.0"),
        ("Auto-Submitted", "auto-replied"),
        ("X-Own", "1"),
        ("X-Own", "2"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "7bit"),
    ]


def structure(message: EmailMessage) -> list[str]:
    """The kinds of all parts, from the outside in."""
    return [part.get_content_type() for part in message.walk()]


def test_images_lie_beside_the_page_and_files_after_both() -> None:
    image = file("i.png", b"x", "image/png", is_inline=True, content_id="i@contoso.com")
    said = letter(body=write_body("html", "<b>Hi</b>"))
    read = as_others_read(render(Mail(letter=said.letter, attachments=(file("a.txt", b"a"), image))))
    assert structure(read) == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "text/plain",
    ]


def test_an_enclosed_message_is_written_as_it_came() -> None:
    mail = kept("forwarded.eml")
    original = item(mail).mime
    assert original
    assert (original.inline or b"-") in render(mail)


def test_an_enclosed_message_without_an_original_is_written_from_its_letter() -> None:
    said = letter(subject="Inside", body=write_body("text", "Hi"))
    enclosed = ItemAttachment(
        id=UUID(int=1), name="Inside", content_type=None, modified_at=NOW, item=said.letter, sent_at=NOW
    )
    found = item(parse(render(Mail(letter=Letter(), attachments=(enclosed,)))))
    assert (found.item.subject, found.item.author, found.sent_at) == ("Inside", ALEX, NOW)


def test_a_link_is_written_as_a_page_and_never_as_a_script() -> None:
    links = [
        ReferenceAttachment(id=UUID(int=1), name="<P>", content_type=None, modified_at=NOW, source_url=url)
        for url in ("https://contoso.com/?a&b", "javascript:alert(1)")
    ]
    web, script = files(parse(render(Mail(letter=Letter(), attachments=tuple(links)))))
    assert b'<a href="https://contoso.com/?a&amp;b">&lt;P&gt;</a>' in (web.content.inline or b"")
    assert b"<a" not in (script.content.inline or b"")


def test_what_claims_to_be_made_of_parts_is_written_as_bytes() -> None:
    files_of_parts = (
        file("a.eml", b"Subject: x", "message/rfc822"),
        file("b", b"--", "multipart/mixed; boundary=b"),
    )
    found = files(parse(render(Mail(letter=Letter(), attachments=files_of_parts))))
    assert [(one.name, one.content_type) for one in found] == [
        ("a.eml", "application/octet-stream"),
        ("b", "application/octet-stream"),
    ]


def test_the_same_mail_gives_the_same_bytes() -> None:
    mail = kept("attachment.eml")
    assert render(mail) == render(mail)


def test_a_boundary_is_never_found_inside() -> None:
    """Not even in a letter that quotes the boundary of itself."""
    mail = Mail(letter=Letter(), attachments=(file("a", b"a"),))
    boundary = as_others_read(render(mail)).get_boundary()
    assert boundary
    quoting = Mail(
        letter=Letter(body=write_body("text", f"\n--{boundary}--\n")), attachments=mail.attachments
    )
    assert len(files(parse(render(quoting)))) == 1


EVIL = "x\r\nBcc: DanaS@contoso.com\r\n\r\n<p>\n\rX-Evil: 1\0\x85\u2028\ud800"


def evil_attachments() -> Iterator[Attachment]:
    """One attachment of each kind, evil in every field."""
    common: dict[str, Any] = {
        "id": UUID(int=1),
        "modified_at": NOW,
        "name": EVIL + '";\\',
        "content_type": EVIL,
    }
    yield FileAttachment.model_construct(**common, content=Content(inline=b"x"), content_id=EVIL)
    yield ItemAttachment.model_construct(**common, item=Letter.model_construct(subject=EVIL))
    yield ReferenceAttachment.model_construct(**common, source_url=EVIL)


def test_no_value_can_smuggle_a_header_in() -> None:
    person = EmailAddress.model_construct(name=EVIL, address=f"a@contoso.com>,{EVIL}")
    own = [
        Header.model_construct(name=name, value=EVIL)
        for name in ("X-Own", EVIL, "X-Own: a\r\nX-Evil", "", "X y")
    ]
    said = Letter.model_construct(
        subject=EVIL,
        author=person,
        to=(person,),
        internet_message_id=EVIL,
        headers=tuple(own),
        read_receipt=True,
    )
    mail = Mail(
        letter=said,
        attachments=tuple(evil_attachments()),
        thread=Thread.model_construct(conversation=EVIL, index=EVIL),
        extra_headers={EVIL: EVIL, "X-More": EVIL, "Subject": EVIL, "Content-Type": EVIL},
    )
    written = render(mail)
    assert not {b"\r", b"\n", b"\0"} & set(bytes_of_lines(written))
    for read in as_others_read(written).walk():
        assert not {"bcc", "x-evil"} & {name.lower() for name in read}
    assert parse(written).letter.bcc == ()
    assert len(parse(written).letter.to) == 1


def test_no_line_is_too_long() -> None:
    long = "x" * 5000
    person = EmailAddress(name=long, address="a@contoso.com")
    said = letter(
        subject=long, to=(person,) * 3, internet_message_id=long, body=write_body("text", long),
        headers=(Header(name="X-Own", value=f"{long} {long}"),),
    )  # fmt: skip
    mail = Mail(letter=said.letter, attachments=(file(long, b"x" * 5000, content_id=long),))
    assert max(map(len, render(mail).split(b"\r\n"))) <= 998
    assert parse(render(mail)).letter.subject == long
    assert files(parse(render(mail)))[0].name == long


# --- There and back --------------------------------------------------------------------------------

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=200)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60).map(str.strip)
TRICKY = st.sampled_from(
    ["=?utf-8?q?x?=", "a  b", '"', "\\", "Booth, Samantha", "a;b=c", "日本 🎉", "<x>", "(x", "%41''"]
)
SAID = WORDS | TRICKY | st.builds("{} {}".format, TRICKY, TRICKY)
ADDRESSES = st.from_regex(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,20}@[a-z]{1,10}\.com", fullmatch=True)
PEOPLE = st.builds(EmailAddress, name=SAID, address=ADDRESSES)
LISTS = st.lists(PEOPLE, max_size=3).map(tuple)
NAMES = SAID.filter(bool)
CONTENT_IDS = st.none() | st.from_regex(r"[a-zA-Z0-9.$_-]{1,90}@[a-z]{1,10}", fullmatch=True)
FILES = st.builds(
    file,
    NAMES,
    st.binary(max_size=200),
    st.sampled_from(["text/plain", "text/html", "image/png", "application/x-a.b+c", "text/calendar"]),
    is_inline=st.booleans(),
    content_id=CONTENT_IDS,
)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HEADERS = st.builds(Header, name=st.from_regex(r"[Xx]-[a-zA-Z0-9]{1,20}", fullmatch=True), value=SAID)
LETTERS_TO_WRITE = st.builds(
    Letter,
    subject=SAID,
    body=st.builds(write_body, st.sampled_from(("text", "html")), LINES),
    importance=st.sampled_from(Importance),
    to=LISTS,
    cc=LISTS,
    bcc=LISTS,
    reply_to=LISTS,
    author=st.none() | PEOPLE,
    internet_message_id=st.just("") | ADDRESSES.map("<{}>".format),
    headers=st.lists(HEADERS, max_size=3).map(tuple),
)
MAILS = st.builds(
    Mail,
    letter=LETTERS_TO_WRITE,
    attachments=st.lists(FILES, max_size=3).map(tuple),
    thread=st.none() | st.builds(begin_thread, st.uuids(), MOMENTS),
    sent_at=st.none() | MOMENTS,
)


def content_of(mail: Mail, kind: str) -> str:
    """The body as it arrives: a whole document, lines ending in CRLF."""
    content = mail.letter.body.content or ""
    document = as_document(content) if kind == "html" else content
    return document.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def spoken(attachments: list[FileAttachment]) -> list[tuple[object, ...]]:
    """What must not change about files; those inside the body come first."""
    ordered = sorted(attachments, key=lambda one: not one.is_inline)
    return [
        (one.name, one.content_type, one.content.inline, one.content_id, one.is_inline) for one in ordered
    ]


@settings(max_examples=examples(120))
@given(MAILS)
def test_what_is_written_reads_as_it_was(mail: Mail) -> None:
    written = render(mail)
    read = parse(written)
    for field in ("subject", "importance", "to", "cc", "bcc", "reply_to", "author", "internet_message_id"):
        assert getattr(read.letter, field) == getattr(mail.letter, field), field
    assert read.letter.body.kind == mail.letter.body.kind
    assert read.letter.body.content == content_of(mail, mail.letter.body.kind)
    assert spoken(files(read)) == spoken(files(mail))
    assert read.thread == mail.thread
    assert read.sent_at == (mail.sent_at and mail.sent_at.replace(microsecond=0))
    own = [header for header in read.letter.headers if header.name.lower().startswith("x-")]
    assert tuple(own) == mail.letter.headers
    assert not {b"\r", b"\n", b"\0"} & set(bytes_of_lines(written))
    assert max(map(len, written.split(b"\r\n"))) <= 998
