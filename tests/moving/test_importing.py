"""Bringing mail in: once, in spite of whatever stops it, and without acting on anybody."""

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from letterbook import Book, Mailbox, MoveRefused, Refused, open_book
from letterbook.application import importing
from letterbook.application.importing import import_mail
from letterbook.application.moving import Found, Unreadable
from letterbook.application.rows import PersonRow
from letterbook.domain.inbox_rules import Actions, DefineRule, InboxRule
from letterbook.domain.message import Draft, SentMessage
from letterbook.domain.settings import AutomaticReplies, ChangeSettings, RepliesStatus, Settings
from tests import warm
from tests.fakes import MONDAY
from tests.moving.letters import brought_in, held, letter, mbox, only
from tests.old_mail.story import want


class Letters:
    """Mail that is not in files; ``breaks`` after so many letters."""

    def __init__(self, *raw: bytes, breaks: int = -1) -> None:
        self._raw = raw
        self._breaks = breaks
        self.total = len(raw)

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every letter."""
        for number, raw in enumerate(self._raw):
            if number == self._breaks:
                raise OSError("the disk is gone")
            said = raw.partition(b"Message-ID: ")[2].partition(b"\n")[0].decode()
            yield Found(origin=f"shelf {number}", folder=("Inbox",), mail=raw, message_id=said)

    def folders(self) -> Iterator[tuple[str, ...]]:
        """The Inbox."""
        return iter((("Inbox",),))


def take(book: Book, box: Mailbox, source: Letters) -> importing.Report:
    """Bring them in."""
    return import_mail(book.engine, PersonRow(box.id, box.address, box.name), source, None)


# --- Once ------------------------------------------------------------------------------------------


def test_a_second_time_brings_in_nothing(book: Book, alex: Mailbox) -> None:
    source = Letters(letter(1), letter(2))
    take(book, alex, source)
    end = alex.changes()[-1].seq
    report = take(book, alex, source)
    assert (report.imported, report.already, report.duplicates, report.left_out) == (0, 2, 0, [])
    assert alex.changes()[-1].seq == end


def test_a_message_id_that_is_here_is_named_and_left_out(book: Book, alex: Mailbox) -> None:
    draft = alex.create_draft(subject="Lunch")
    taken = letter(7).replace(b"<7@contoso.com>", draft.internet_message_id.encode())
    report = take(book, alex, Letters(letter(1), letter(1), taken, letter(2)))
    assert (report.imported, report.duplicates, report.unreadable) == (2, 2, 0)
    first, second = report.left_out
    assert (first.origin, second.origin) == ("shelf 1", "shelf 2")
    assert "<1@contoso.com>" in first.why
    assert draft.internet_message_id in second.why


def test_the_same_letter_can_be_in_two_mailboxes(book: Book, alex: Mailbox, adele: Mailbox) -> None:
    for box in (alex, adele):
        assert take(book, box, Letters(letter(1))).imported == 1


def test_letters_without_a_message_id_are_told_apart_by_what_they_say(book: Book, alex: Mailbox) -> None:
    bare, other = b"Subject: Bare\n\nOne.\n", b"Subject: Bare\n\nTwo.\n"
    report = take(book, alex, Letters(bare, other, bare))
    assert (report.imported, report.duplicates) == (2, 1)


def test_what_was_deleted_for_good_does_not_come_back(book: Book, alex: Mailbox) -> None:
    take(book, alex, Letters(letter(1)))
    alex.delete_for_good(alex.folder("inbox")[0])
    report = take(book, alex, Letters(letter(1)))
    assert (report.imported, report.already) == (0, 1)
    assert held(alex) == {}


def test_a_report_names_a_thousand_letters_and_counts_all(book: Book, alex: Mailbox) -> None:
    report = take(book, alex, Letters(*[letter(1)] * 1_003))
    assert (report.imported, report.duplicates, len(report.left_out)) == (1, 1_002, 1_000)


# --- Stopped in the middle -------------------------------------------------------------------------


def test_whoever_is_stopped_goes_on_where_they_were(
    book: Book, alex: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    every = [letter(number) for number in range(7)]
    with pytest.raises(OSError, match="the disk is gone"):
        take(book, alex, Letters(*every, breaks=5))
    assert len(alex.folder("inbox")) == 4
    report = take(book, alex, Letters(*every))
    assert (report.imported, report.already) == (3, 4)
    assert len(brought_in(alex)) == 7


KILLED = """
import os, signal, sys
from letterbook import open_book
from letterbook.application import importing
importing.BATCH = 25
def tell(done, total):
    if done > total / 2:
        os.kill(os.getpid(), signal.SIGKILL)
with open_book(sys.argv[1], deliver=False) as book:
    book.mailbox("alexw@contoso.com").import_mail(sys.argv[2], progress=tell)
"""


def test_a_killed_import_is_finished_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "Inbox.mbox"
    large = b"Content-Type: text/plain\n"
    file.write_bytes(
        mbox(*(letter(n, large, b"long line\n" * 7_000 * (n % 50 == 0) + b"x\n") for n in range(400)))
    )
    killed = warm.run("-c", KILLED, str(tmp_path / "mail.db"), str(file))
    assert killed.returncode == -signal.SIGKILL
    with open_book(tmp_path / "mail.db", deliver=False) as book:
        alex = book.mailbox("alexw@contoso.com")
        before = len(alex.folder("inbox"))
        report = alex.import_mail(file)
        assert 200 <= before < 400
        assert (report.imported, report.already, report.duplicates) == (400 - before, before, 0)
        assert len(brought_in(alex)) == len(alex.folder("inbox")) == 400
        assert [each.equal for each in book.rebuild(verify=True)] == [True]


# --- Nothing is acted on ---------------------------------------------------------------------------


def test_nobody_is_written_to_and_no_rule_is_followed(book: Book, alex: Mailbox) -> None:
    rule = InboxRule(id=book.engine.ids.new(), name="All", sequence=1, actions=Actions(mark_as_read=True))
    away = AutomaticReplies(status=RepliesStatus.ALWAYS, internal="I am away.", external="We are closed.")
    for ask in (DefineRule(rule), ChangeSettings(Settings(replies=away))):
        book.engine.run(partial(want, alex.id, ask, book.engine.occasion(alex.address)))
    sent = b"X-Was: sent\n"
    take(book, alex, Letters(letter(1, b"Status: O\n"), letter(2, sent, author="alexw")))
    assert (book.waiting(), book.deliver()) == (0, 0)
    assert len(alex.folder("inbox")) == 2
    assert {fact.on.actor for fact in brought_in(alex)} == {"system:import"}
    assert {fact.on.at for fact in brought_in(alex)} == {MONDAY}


def test_an_imported_draft_is_a_draft(book: Book, alex: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "Drafts.mbox").write_bytes(mbox(letter(1, author="alexw")))
    alex.import_mail(tmp_path / "Drafts.mbox")
    assert isinstance(only(alex, "drafts"), Draft)
    book.mailbox("alexw@contoso.com").send(alex.drafts()[0])
    assert isinstance(only(alex, "sentitems"), SentMessage)
    assert book.waiting() == 1


# --- Where to --------------------------------------------------------------------------------------


def test_letters_can_be_put_below_a_folder(alex: Mailbox, tmp_path: Path) -> None:
    root = tmp_path / "mail"
    (root / "Sent").mkdir(parents=True)
    (root / "1.eml").write_bytes(letter(1))
    (root / "Sent" / "2.eml").write_bytes(letter(2))
    alex.import_mail(root, folder="archive")
    assert held(alex) == {"Archive": ["Letter 1"], "Sent": ["Letter 2"]}


def test_a_file_by_itself_goes_into_the_folder_that_is_named(alex: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "Inbox.mbox").write_bytes(mbox(letter(1)))
    alex.import_mail(tmp_path / "Inbox.mbox", folder="archive")
    assert held(alex) == {"Archive": ["Letter 1"]}


def test_a_folder_that_is_not_there_is_refused(alex: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "Inbox.mbox").write_bytes(mbox(letter(1)))
    with pytest.raises(Refused):
        alex.import_mail(tmp_path / "Inbox.mbox", folder="AAMkAQAA")
    assert brought_in(alex) == []


def test_conversations_are_kept_together(alex: Mailbox, tmp_path: Path) -> None:
    answer = b"In-Reply-To: <2@contoso.com>\nReferences: <1@contoso.com> <2@contoso.com>\n"
    second = b"In-Reply-To: <1@contoso.com>\n"
    (tmp_path / "a.mbox").write_bytes(mbox(letter(1), letter(2, second), letter(3, answer), letter(4)))
    alex.import_mail(tmp_path / "a.mbox")
    threads = {each.subject: each.conversation_id for each in alex.folder("inbox")}
    assert threads["Letter 1"] == threads["Letter 2"] == threads["Letter 3"] != threads["Letter 4"]


# --- What it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notes.txt", "empty"])
def test_what_does_not_look_like_mail_is_refused(alex: Mailbox, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MoveRefused, match="does not look like mail: say in which format it is, mbox"):
        alex.import_mail(tmp_path / name)


def test_an_unknown_format_and_a_missing_file_are_refused(alex: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(MoveRefused, match=r"no format 'pst' to read.*mbox, maildir, eml or graph"):
        alex.import_mail(tmp_path, format="pst")
    with pytest.raises(MoveRefused, match="no file or folder"):
        alex.import_mail(tmp_path / "nowhere.mbox")
    with pytest.raises(MoveRefused, match=r"no format 'pst' to write.*mbox, maildir or eml"):
        alex.export_mail(tmp_path / "out", format="pst")
    assert not (tmp_path / "out").exists()


def test_progress_goes_up_to_the_end(alex: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    (tmp_path / "a.mbox").write_bytes(mbox(letter(1), letter(2), letter(3)))
    told: list[tuple[int, int]] = []
    alex.import_mail(tmp_path / "a.mbox", progress=lambda done, total: told.append((done, total)))
    size = (tmp_path / "a.mbox").stat().st_size
    assert [total for _, total in told] == [size, size]
    assert 0 < told[0][0] < told[1][0] <= size


def test_what_was_brought_in_is_found(alex: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(mbox(letter(1, body=b"Lasagna.\n"), letter(2)))
    alex.import_mail(tmp_path / "a.mbox")
    assert [each.subject for each in alex.search("lasagna")] == ["Letter 1"]
