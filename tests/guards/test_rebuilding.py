"""What a rebuild does and writes for each message; bounds as in ``test_sizes``."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from letterbook.adapters.book import Book, MailboxHandle
from tests.graph.client import ALEX
from tests.guards.counting import JSON_CALLS, Ear, calls, log_size
from tests.guards.test_sizes import FRAME, PAGE, live

FEW, MORE = 10, 40


@pytest.fixture
def mailbox(book: Book, writer: sqlite3.Connection) -> MailboxHandle:
    """Alex's, in which some letters lived; the log is not folded into the file while a test looks."""
    writer.execute("PRAGMA wal_autocheckpoint=0")
    mailbox = book.mailbox(ALEX)
    for _ in range(FEW):
        live(mailbox)
    book.rebuild()
    return mailbox


def counted(book: Book) -> Counter[str]:
    """What is called in the thread that reads."""
    with calls() as found:
        book.rebuild()
    return found


def test_what_is_called_for_each_message(book: Book, mailbox: MailboxHandle) -> None:
    """Four facts are read once, three parts of an answer are written once, and no model is made."""
    before = counted(book)
    for _ in range(MORE):
        live(mailbox)
    after = counted(book)
    more = {name: (after[name] - before[name]) / MORE for name in JSON_CALLS}
    assert {name: each for name, each in more.items() if each} == {"loads": 4, "dumps": 3}
    assert (after.total() - before.total()) / MORE <= 700, "measured: 636, 440 of them for words of HTML"


def test_rows_are_written_many_at_a_time(book: Book, mailbox: MailboxHandle, ear: Ear) -> None:
    """Hundreds, where there are so many: 43 are 32, 8, 2 and 1."""
    for _ in range(43 - FEW):
        live(mailbox)
    ear.clear()
    book.rebuild()
    for table in ("messages", "bodies", "search_keys"):
        assert ear.count(f"INSERT fresh_{table}") == 4
    assert ear.count("INSERT fresh_search") == 4 + 1, "and a setting"


def test_pages_written_for_each_message(book: Book, mailbox: MailboxHandle, file: Path) -> None:
    """A body has a page, two rows share one, and what was there before is not written again to be free."""
    before = log_size(file)
    book.rebuild()
    few = log_size(file) - before
    for _ in range(MORE):
        live(mailbox)
    before = log_size(file)
    book.rebuild()
    more = log_size(file) - before
    assert (more - few) / (PAGE + FRAME) / MORE <= 2.3, "measured: 2.1"
