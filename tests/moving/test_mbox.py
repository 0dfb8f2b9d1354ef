"""mbox files, read as other programs write them, and written so that other programs read them."""

import mailbox
from datetime import UTC, datetime
from pathlib import Path

import pytest

from letterbook import Mailbox, MoveRefused
from letterbook.domain.letter import FlagStatus
from letterbook.domain.message import Draft, ReceivedMessage, SentMessage
from tests.moving.letters import LONG_AGO, MARK, brought_in, held, letter, mbox, only


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file is that is brought in."""
    return tmp_path / "Old mail.mbox"


def test_letters_are_brought_in_as_they_were_received(alex: Mailbox, file: Path) -> None:
    file.write_bytes(mbox(letter(1), letter(2)))
    report = alex.import_mail(file)
    assert (report.imported, report.already, report.duplicates, report.unreadable) == (2, 0, 0, 0)
    assert held(alex) == {"Inbox": ["Letter 1", "Letter 2"]}
    message = alex.state(alex.folder("inbox")[0])
    assert isinstance(message, ReceivedMessage)
    assert (message.received_at, message.sent_at.minute) == (LONG_AGO, 44)
    assert [fact.origin for fact in brought_in(alex)] == ["Old mail.mbox:0", f"Old mail.mbox:{_second()}"]


def _second() -> int:
    return len(mbox(letter(1)))


def test_the_last_mail_system_knows_best_when_it_was_received(alex: Mailbox, file: Path) -> None:
    trace = (
        b"Received: from a by b;\n Wed, 1 Jul 2009 08:00:00 +0200\nReceived: x; 1 Jan 2001 00:00:00 +0000\n"
    )
    file.write_bytes(mbox(letter(1, trace)))
    alex.import_mail(file)
    assert only(alex).received_at == datetime(2009, 7, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "read", "flag", "kind"),
    [
        (b"Status: RO\n", True, FlagStatus.NOT_FLAGGED, ReceivedMessage),
        (b"Status: O\n", False, FlagStatus.NOT_FLAGGED, ReceivedMessage),
        (b"", False, FlagStatus.NOT_FLAGGED, ReceivedMessage),
        (b"Status: R\nX-Status: F\n", True, FlagStatus.FLAGGED, ReceivedMessage),
        (b"Status: R\nX-Status: T\n", True, FlagStatus.NOT_FLAGGED, Draft),
    ],
)
def test_marks_are_kept(
    alex: Mailbox, file: Path, headers: bytes, read: bool, flag: FlagStatus, kind: type
) -> None:
    file.write_bytes(mbox(letter(1, headers)))
    alex.import_mail(file)
    message = only(alex, "drafts" if kind is Draft else "inbox")
    assert (message.is_read, message.flag.status, type(message)) == (read, flag, kind)
    assert not [each for each in message.letter.headers if "status" in each.name.lower()]


def test_what_was_answered_says_so_as_outlook_does(alex: Mailbox, file: Path) -> None:
    file.write_bytes(mbox(letter(1, b"X-Status: A\n")))
    alex.import_mail(file)
    (verb,) = only(alex).letter.properties
    assert (verb.id, verb.value) == ("Integer 0x1081", "102")


def test_what_its_owner_wrote_was_sent(alex: Mailbox, file: Path) -> None:
    file.write_bytes(mbox(letter(1, author="AlexW")))
    alex.import_mail(file)
    message = only(alex, "sentitems")
    assert isinstance(message, SentMessage)
    assert message.received_at == message.sent_at


def test_a_line_in_a_letter_does_not_cut_it(alex: Mailbox, file: Path) -> None:
    body = b"One.\nFrom here on it is easy.\n\nFrom now on, too.\n\n>From a quote.\n>>From two.\n"
    file.write_bytes(mbox(letter(1, body=body), letter(2)))
    assert alex.import_mail(file).imported == 2
    said = (only_body(alex, "Letter 1")).replace("\r\n", "\n").encode()
    assert said == body.replace(b">From", b"From").replace(b">>From", b">From")


def only_body(box: Mailbox, subject: str) -> str:
    """The body of a letter in the Inbox."""
    (message,) = (each for each in box.folder("inbox") if each.subject == subject)
    return message.body.content


def test_labels_of_gmail_are_folders_marks_and_categories(alex: Mailbox, file: Path) -> None:
    labels = b"X-Gmail-Labels: Inbox,Unread,Starred,Chess club,Important\n"
    trash = b"X-Gmail-Labels: Trash,Opened\n"
    file.write_bytes(mbox(letter(1, labels), letter(2, trash), letter(3, b"X-Gmail-Labels: Archived\n")))
    alex.import_mail(file)
    message = only(alex)
    assert (message.is_read, message.flag.status, message.categories) == (
        False,
        FlagStatus.FLAGGED,
        ("Chess club",),
    )
    assert held(alex) == {"Inbox": ["Letter 1"], "Deleted Items": ["Letter 2"], "Archive": ["Letter 3"]}


def test_the_notes_of_a_mail_server_are_no_letter(alex: Mailbox, file: Path) -> None:
    notes = b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1 2\n\nData.\n"
    file.write_bytes(mbox(notes, letter(1)))
    assert alex.import_mail(file).imported == 1


@pytest.mark.parametrize(
    "mark",
    [
        b"From 1700000000000000@xxx Tue Jun 30 18:45:00 +0000 2009\n",
        b"From - Tue Jun 30 18:45:00 2009\r\n",
        b"From danas@fabrikam.com Tue Jun 30 18:45:00 GMT 2009\n",
        b"From danas@fabrikam.com Tue Jun 30 20:45 2009 +0200 remote from x\n",
        b"From danas@fabrikam.com Tue Jun 30 14:45:00 -0400 2009\n",
    ],
)
def test_the_line_before_a_letter_is_read_in_all_its_forms(alex: Mailbox, file: Path, mark: bytes) -> None:
    file.write_bytes(mbox(letter(1), mark=mark))
    alex.import_mail(file)
    assert only(alex).received_at == LONG_AGO


def test_a_file_that_begins_otherwise_is_refused(alex: Mailbox, file: Path) -> None:
    file.write_bytes(mbox(letter(1), mark=b"From here on, all is easy.\n"))
    with pytest.raises(MoveRefused, match="no mbox file"):
        alex.import_mail(file, format="mbox")


def test_a_moment_that_never_was_is_passed_over(alex: Mailbox, file: Path) -> None:
    file.write_bytes(mbox(letter(1), mark=b"From x@y Tue Foo 31 99:45:00 2009\n"))
    alex.import_mail(file)
    assert only(alex).received_at == only(alex).sent_at


def test_a_broken_letter_is_named_and_the_rest_goes_on(alex: Mailbox, file: Path) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(60))
    broken = b"\x00\x01 no headers at all\n"
    file.write_bytes(mbox(letter(1), broken, b"Subject: Deep\n" + deep, letter(2)))
    report = alex.import_mail(file)
    assert (report.imported, report.unreadable) == (2, 2)
    first, second = report.left_out
    assert first.origin == f"Old mail.mbox:{_second()}"
    assert first.why == "it has no headers"
    assert "more than 50 levels" in second.why


def test_a_folder_of_files_is_a_tree_of_folders(alex: Mailbox, tmp_path: Path) -> None:
    root = tmp_path / "mail"
    (root / "Clubs").mkdir(parents=True)
    (root / "Sent.mbox").write_bytes(mbox(letter(1)))
    (root / "Clubs.mbox").write_bytes(mbox(letter(2)))
    (root / "Clubs" / "Chess.mbox").write_bytes(mbox(letter(3)))
    (root / "Empty.mbox").write_bytes(b"")
    alex.import_mail(root)
    assert held(alex) == {"Sent Items": ["Letter 1"], "Clubs": ["Letter 2"], "Chess": ["Letter 3"]}
    parents = {each.folder: each.name for each in alex.folders()}
    (chess,) = (each for each in alex.folders() if each.name == "Chess")
    assert chess.parent is not None
    assert parents[chess.parent] == "Clubs"


def test_what_python_writes_is_read(alex: Mailbox, file: Path) -> None:
    written = mailbox.mbox(file)
    message = mailbox.mboxMessage(letter(1, body=b"From the start.\n"))
    message.set_flags("RFA")
    written.add(message)
    written.close()
    alex.import_mail(file)
    state = only(alex)
    assert (state.is_read, state.flag.status, bool(state.letter.properties)) == (
        True,
        FlagStatus.FLAGGED,
        True,
    )
    assert "From the start." in only_body(alex, "Letter 1")


def test_what_is_written_is_read_by_python(alex: Mailbox, adele: Mailbox, tmp_path: Path) -> None:
    body = b"One.\n\nFrom here on.\n>From a quote.\n"
    (tmp_path / "a.mbox").write_bytes(mbox(letter(1, b"Status: R\nX-Status: F\n", body), letter(2)))
    alex.import_mail(tmp_path / "a.mbox")
    assert alex.export_mail(tmp_path / "out", format="mbox") == 2
    read = mailbox.mbox(tmp_path / "out" / "Inbox.mbox", create=False)
    flags = {message["subject"]: "".join(sorted(message.get_flags())) for message in read}
    assert flags == {"Letter 1": "FOR", "Letter 2": "O"}
    read.close()
    adele.import_mail(tmp_path / "out")
    assert only_body(adele, "Letter 1").replace("\r\n", "\n").encode() == body.replace(
        b"\n>From a", b"\nFrom a"
    )
    assert {each.received_date_time for each in adele.folder("inbox")} == {LONG_AGO}
    assert (tmp_path / "out" / "Inbox.mbox").read_bytes().startswith(MARK[:5])
