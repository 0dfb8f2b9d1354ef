"""How much is written, encoded and called for each letter: bounds that a change has to argue with.

To raise one honestly: run the benchmark before and after, say in the commit what the bytes or calls buy, and
write the new measurement beside the bound.
"""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from letterbook.adapters.book import Book, MailboxHandle
from tests.graph.client import ADELE, ALEX, MEGAN, to
from tests.guards.counting import JSON_CALLS, calls, log_size
from tests.guards.wire import Wire
from tests.looping import Conversations

BODY = "<p>The <b>north region</b> grew by 4 % against last year; tell me what you think.</p>\r\n" * 24
NEW_BODY = BODY.replace("4 %", "5 %")
PAGE, FRAME = 4096, 24
"""Bytes of a page of the file, and of what the log adds to each."""
LIVES = 50


def live(mailbox: MailboxHandle) -> None:
    """The four facts of a letter's life: created, updated, mentioned, sent; 2 KB, three recipients."""
    people = [f"Adele Vance <{ADELE}>", f"Megan Bowen <{MEGAN}>", "Randi Welch <randiw@contoso.com>"]
    draft = mailbox.create_draft(subject="Quarterly figures", body=BODY, body_type="html", to=people)
    mailbox.update_draft(draft, subject="Quarterly figures, again", body=NEW_BODY, body_type="html")
    mailbox.mention(draft, people[1])
    mailbox.send(draft)


@pytest.fixture
def mailbox(book: Book, writer: sqlite3.Connection) -> MailboxHandle:
    """Alex's, in which a letter lived before; the log is not folded into the file while a test looks."""
    writer.execute("PRAGMA wal_autocheckpoint=0")
    mailbox = book.mailbox(ALEX)
    live(mailbox)
    return mailbox


def test_bytes_of_facts(mailbox: MailboxHandle, writer: sqlite3.Connection) -> None:
    """Measured: 2,088 bytes a life beside the two bodies; a fact says only what it must."""
    live(mailbox)
    facts, size = writer.execute(
        "SELECT COUNT(*), SUM(LENGTH(state)) FROM events WHERE topic LIKE 'message.%'"
    ).fetchone()
    assert facts == 2 * 4
    assert size / 2 - len(BODY) - len(NEW_BODY) <= 2_200


def test_pages_written_to_the_log(mailbox: MailboxHandle, file: Path) -> None:
    """Four commits of about eleven pages: an event and a message, each with its indexes; counts, marks."""
    before = log_size(file)
    for _ in range(LIVES):
        live(mailbox)
    pages = (log_size(file) - before) / (PAGE + FRAME)
    assert pages / LIVES <= 48, "measured: 44"


def test_an_update_writes_what_changed(mailbox: MailboxHandle, writer: sqlite3.Connection) -> None:
    """A fact about a subject does not repeat the body."""
    draft = mailbox.create_draft(body=BODY, body_type="html")
    mailbox.update_draft(draft, subject="New")
    (size,) = writer.execute(
        "SELECT LENGTH(state) FROM events WHERE topic LIKE 'message.draft-updated%' ORDER BY seq DESC"
    ).fetchone()
    assert size <= 256


def encodings(counted: Counter[str]) -> dict[str, int]:
    """How often JSON was written or read."""
    return {name: number for name, number in counted.items() if name in JSON_CALLS}


def test_encodings_in_python(mailbox: MailboxHandle) -> None:
    """Each of four writes: the fact once, two pieces of the row once. No answer is read back.

    Both bodies were written before; the JSON of a body is kept for as long as others do not push it out.
    """
    live(mailbox)
    with calls() as counted:
        live(mailbox)
    assert encodings(counted) == {"to_json": 4, "dumps": 4 * 2}


def test_encodings_of_a_new_body(mailbox: MailboxHandle) -> None:
    """Once more, and not again while other things of its message change."""
    with calls() as counted:
        draft = mailbox.create_draft(body="never written before")
        mailbox.mark_read(draft, is_read=False)
    assert encodings(counted) == {"to_json": 2, "dumps": (2 + 1) + 2}


# --- Over HTTP, without a client -------------------------------------------------------------------


@pytest.fixture
def wire(book: Book, loop: Conversations) -> Wire:
    """Alex at the application, after a first letter."""
    wire = Wire(book, loop)
    draft, _ = wire.ask("POST", "/messages", {"subject": "First", "toRecipients": to(ADELE)})
    wire.ask("GET", f"/messages/{draft['id']}")
    wire.ask("GET", "/messages")
    return wire


def test_encodings_of_requests(wire: Wire) -> None:
    """One read of the request; the fact and the answer's address; the pieces of the row; the ETag."""
    written = {"validate_json": 1, "to_json": 1 + 1, "dumps": 2, "from_json": 1}
    draft, counted = wire.ask("POST", "/messages", {"subject": "Offsite", "toRecipients": to(ADELE)})
    assert encodings(counted) == written
    message = f"/messages/{draft['id']}"
    assert encodings(wire.ask("PATCH", message, {"subject": "New"})[1]) == written
    assert encodings(wire.ask("GET", message)[1]) == {"to_json": 1, "from_json": 1}
    assert encodings(wire.ask("POST", f"{message}/send")[1]) == {"to_json": 1, "dumps": 2}


def test_a_page_encodes_no_message(wire: Wire) -> None:
    """Its bytes are copied: as many calls for JSON for a hundred as for one."""
    one = encodings(wire.ask("GET", "/messages?$top=1")[1])
    for _ in range(100):
        wire.ask("POST", "/messages", {"subject": "Offsite"})
    hundred = encodings(wire.ask("GET", "/messages?$top=100")[1])
    assert hundred.get("from_json", 0) == hundred.get("validate_json", 0) == 0
    assert hundred["to_json"] <= one["to_json"] + 4, "the link to the next page"


@pytest.mark.parametrize(
    ("method", "path", "said", "most"),
    [
        ("POST", "/messages", {"subject": "Offsite", "toRecipients": to(ADELE)}, 925),
        ("PATCH", "/messages/{id}", {"subject": "New"}, 820),
        ("GET", "/messages/{id}", None, 370),
        ("GET", "/messages?$top=25", None, 440),
    ],
)
def test_calls_of_a_request(wire: Wire, method: str, path: str, said: object, most: int) -> None:
    """The functions that are called for an answer, Python's and built-in ones.

    Measured: 739, 656, 297, 353; the bounds are a quarter above, for other versions of Python and libraries.
    """
    draft, _ = wire.ask("POST", "/messages", {"subject": "Offsite", "toRecipients": to(ADELE)})
    _, counted = wire.ask(method, path.replace("{id}", draft["id"]), said)
    assert counted.total() <= most, counted.most_common(20)


def test_a_repeated_page_is_a_few_calls(wire: Wire) -> None:
    """Whoever asks again is let in, and given what was said before. Measured: 79."""
    wire.ask("GET", "/messages?$top=25")
    _, counted = wire.ask("GET", "/messages?$top=25")
    assert counted.total() <= 100, counted.most_common(20)
    assert encodings(counted) == {}
