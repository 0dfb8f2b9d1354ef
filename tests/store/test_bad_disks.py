"""A disk that is full, forbidden or damaged: a clear error, nothing acknowledged lost, reads go on."""

import asyncio
import base64
import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from eventsourcing.persistence import ConnectionUnavailableError, InterfaceError

from letterbook import StoreBusy, StoreDamaged, StoreFull, StoreTrouble, StoreUnavailable, open_book
from letterbook.adapters.book import Book
from letterbook.adapters.graph import errors
from letterbook.adapters.store.sqlite import SqliteStore
from letterbook.adapters.store.troubles import trouble
from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, error_in, state_of, stranger_at, to
from tests.looping import Conversations

LONG = "Are we still on? " * 3000
"""A body that needs a dozen pages, and is not kept as a blob."""


def store_of(book: Book) -> SqliteStore:
    """The store below a book."""
    return cast(SqliteStore, book.engine.store)


@contextmanager
def full_disk(book: Book, *, room: int = 0) -> Iterator[None]:
    """The file may grow by some pages and no more."""
    writer = store_of(book)._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages + room}")
    try:
        yield
    finally:
        writer.execute("PRAGMA max_page_count=1073741823")


@contextmanager
def forbidden(book: Book) -> Iterator[None]:
    """The file may only be read, as on a disk that was mounted again because it fails."""
    writer = store_of(book)._writer
    writer.execute("PRAGMA query_only=ON")
    try:
        yield
    finally:
        writer.execute("PRAGMA query_only=OFF")


def text(content: str) -> dict[str, Any]:
    """A body in Graph's shape."""
    return {"contentType": "text", "content": content}


def subjects(who: Graph) -> list[str]:
    """The subjects of somebody's drafts, sorted."""
    return sorted(each["subject"] for each in who.values("/me/mailFolders/drafts/messages?$top=100"))


Condition = Callable[[Book], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("condition", "status", "code", "kind"),
    [
        (full_disk, 507, "ErrorInsufficientResources", StoreFull),
        (forbidden, 503, "ErrorMailboxStoreUnavailable", StoreUnavailable),
    ],
)
class TestADiskThatTakesNothing:
    """Full, or forbidden: in Graph's words and in Python's, and over when it is over."""

    def test_writes_are_refused_and_leave_no_trace(
        self,
        alex: Graph,
        caplog: pytest.LogCaptureFixture,
        condition: Condition,
        status: int,
        code: str,
        kind: type[StoreTrouble],
    ) -> None:
        """Each way to write; the log says why, the answer does not."""
        draft = alex.draft()
        long = {"body": text(LONG)}
        with condition(alex.book), caplog.at_level(logging.ERROR, "letterbook.graph"):
            for method, path, said in (
                ("POST", "/me/messages", long),
                ("PATCH", f"/me/messages/{draft['id']}", long),
                ("POST", "/me/sendMail", {"message": long | {"toRecipients": to(ADELE)}}),
            ):
                message = alex.refused(method, path, status, code, json=said)
                assert not {"database", "disk", "sqlite", "attempt"} & set(message.lower().split())
        assert [record.getMessage().count(kind.__name__) for record in caplog.records] == [1] * 3
        assert all(record.exc_info is None for record in caplog.records)

    def test_reads_go_on(
        self, alex: Graph, condition: Condition, status: int, code: str, kind: type[StoreTrouble]
    ) -> None:
        """Pages, messages, their MIME, and what was refused is nowhere."""
        draft = alex.draft(subject="Before")
        with condition(alex.book):
            assert alex.post("/me/messages", json={"body": text(LONG)}).status_code == status
            assert subjects(alex) == ["Before"]
            assert alex.read(f"/me/messages/{draft['id']}")["subject"] == "Before"
            assert b"Before" in alex.get(f"/me/messages/{draft['id']}/$value").content

    def test_python_is_told_by_type(
        self, book: Book, condition: Condition, status: int, code: str, kind: type[StoreTrouble]
    ) -> None:
        """One of the names that the package exports, never an error of sqlite3."""
        mailbox = book.mailbox(ALEX)
        draft = mailbox.create_draft(subject="Before")
        with condition(book):
            with pytest.raises(kind):
                mailbox.create_draft(subject="Meanwhile", body=LONG)
            with pytest.raises(kind):
                mailbox.update_draft(draft, body=LONG)
            assert [each.subject for each in mailbox.drafts()] == ["Before"]

    def test_writing_works_again_when_it_is_over(
        self, alex: Graph, condition: Condition, status: int, code: str, kind: type[StoreTrouble]
    ) -> None:
        """The same draft, the same mailbox, positions without a hole, views as from the history."""
        draft = alex.draft(subject="Before")
        for _ in range(3):
            with condition(alex.book):
                assert alex.patch(f"/me/messages/{draft['id']}", json={"body": text(LONG)}).is_error
            alex.changed(f"/me/messages/{draft['id']}", {"body": text(LONG)})
            alex.changed(f"/me/messages/{draft['id']}", {"body": text("Short")})
        home = alex.book.mailbox(ALEX)
        assert [each.version for each in home.records(draft["id"])] == [*range(1, 8)]
        assert all(each.equal for each in alex.book.rebuild(verify=True))


def all_at_once(alex: Graph, *bodies: dict[str, Any]) -> list[httpx.Response]:
    """Requests of one turn of the event loop, which share a transaction."""
    headers, url = alex.headers, f"{BASE}/v1.0/me/messages"

    async def ask() -> list[httpx.Response]:
        asked = (alex.http.post(url, headers=headers, json=body) for body in bodies)
        return await asyncio.gather(*asked)

    return alex.loop.run(ask())


def test_only_the_letter_that_does_not_fit_is_turned_away(alex: Graph) -> None:
    """Its neighbours in the transaction are written and acknowledged."""
    bodies: list[dict[str, object]] = [{"subject": f"{n}"} for n in range(8)]
    bodies[3] = {"subject": "Too long", "body": text(LONG)}
    with full_disk(alex.book, room=20):
        answers = all_at_once(alex, *bodies)
    assert [answer.status_code for answer in answers] == [201] * 3 + [507] + [201] * 4
    assert subjects(alex) == ["0", "1", "2", "4", "5", "6", "7"]


def test_where_nothing_fits_everyone_is_told(alex: Graph) -> None:
    """Nobody waits for ever, and nobody is told that it went well."""
    with full_disk(alex.book):
        answers = all_at_once(alex, *({"subject": f"{n}", "body": text(LONG)} for n in range(8)))
    assert {answer.status_code for answer in answers} == {507}
    assert {error_in(answer)["code"] for answer in answers} == {"ErrorInsufficientResources"}
    assert subjects(alex) == []


def test_what_was_acknowledged_before_and_after_survives_a_crash(alex: Graph, tmp_path: Path) -> None:
    """The files as a power cut would leave them, opened by another program."""
    acknowledged = []
    for number in range(12):
        with full_disk(alex.book, room=number):
            said = {"subject": f"{number}", "body": text(LONG[: 2000 * number])}
            if alex.post("/me/messages", json=said).status_code == 201:
                acknowledged.append(f"{number}")
        alex.draft(subject=f"{number} again")
        acknowledged.append(f"{number} again")
    assert 12 < len(acknowledged) < 24, "some were refused, some were not"
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{store_of(alex.book).path}{suffix}", crashed / f"mail.db{suffix}")
    with open_book(crashed / "mail.db", deliver=False) as found:
        assert sorted(each.subject for each in found.mailbox(ALEX).drafts()) == sorted(acknowledged)
        assert all(each.equal for each in found.rebuild(verify=True))


def test_a_store_on_a_full_disk_can_be_opened_and_read(book: Book, file: Path) -> None:
    """Opening a store that is complete writes nothing to it."""
    book.mailbox(ALEX).create_draft(subject="Before")
    book.close()
    before = file.read_bytes()
    with open_book(file, deliver=False) as again:
        assert [each.subject for each in again.mailbox(ALEX).drafts()] == ["Before"]
        assert file.with_name(f"{file.name}-wal").stat().st_size == 0
    assert file.read_bytes() == before


# --- Blobs and letters to the outside --------------------------------------------------------------


@contextmanager
def failing_sync(number: int) -> Iterator[None]:
    """No file is synced: the disk is full, or fails."""

    def fails(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        yield


@pytest.mark.parametrize(
    ("number", "status", "kind"),
    [(errno.ENOSPC, 507, StoreFull), (errno.EDQUOT, 507, StoreFull), (errno.EIO, 503, StoreUnavailable)],
)
def test_a_blob_that_cannot_be_kept_is_no_attachment(
    alex: Graph, file: Path, number: int, status: int, kind: type[StoreTrouble]
) -> None:
    """No fact names it, no half of it stays; the same request goes well when there is room."""
    content = os.urandom(100_000)
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    said = {"name": "plan.bin", "contentBytes": base64.b64encode(content).decode()}
    said["@odata.type"] = "#microsoft.graph.fileAttachment"
    mailbox = alex.book.mailbox(ALEX)
    before = state_of(alex.book)
    with failing_sync(number):
        answer = alex.post(path, json=said)
        with pytest.raises(kind):
            mailbox.create_draft(attachments=[mailbox.file("plan.bin", content)])
    assert (answer.status_code, state_of(alex.book)) == (status, before)
    assert [each for each in file.with_name("mail.db.blobs").rglob("*") if each.is_file()] == []
    attachment = alex.made(path, said)
    assert alex.get(f"{path}/{attachment['id']}/$value").content == content


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
@pytest.mark.parametrize("start", [0, 1_000_000])
def test_a_piece_of_an_upload_that_cannot_be_kept_is_sent_again(
    alex: Graph, file: Path, number: int, status: int, start: int
) -> None:
    """Also the last one, when the file cannot be put together: nothing of what was there is lost."""
    content = os.urandom(3_200_000)
    path = f"/me/messages/{alex.draft()['id']}/attachments"
    item = {"attachmentType": "file", "name": "plan.bin", "size": len(content)}
    url = alex.made(f"{path}/createUploadSession", {"AttachmentItem": item})["uploadUrl"]

    def put(begin: int, end: int) -> int:
        headers = {"Content-Range": f"bytes {begin}-{end - 1}/{len(content)}"}
        return alex.request("PUT", url, content=content[begin:end], headers=headers).status_code

    assert start == 0 or put(0, start) == 200
    before = state_of(alex.book)
    with failing_sync(number):
        assert put(start, len(content)) == status
        refused = alex.post(f"{path}/createUploadSession", json={"AttachmentItem": item})
    assert (refused.status_code, state_of(alex.book)) == (status, before)
    assert alex.read(url)["NextExpectedRanges"] == [str(start)]
    assert not list(file.with_name("mail.db.blobs").rglob("*.part"))
    assert put(start, len(content)) == 201
    (attachment,) = alex.values(path)
    assert base64.b64decode(attachment["contentBytes"]) == content


def test_a_blob_that_is_damaged_is_said_so(nobody: Graph, file: Path) -> None:
    """In an answer of Graph's shape; the message itself is still shown."""
    mailbox = nobody.book.mailbox(ALEX)
    draft = mailbox.create_draft(attachments=[mailbox.file("plan.bin", b"x" * 100_000)])
    (blob,) = (each for each in file.with_name("mail.db.blobs").rglob("*") if each.is_file())
    blob.write_bytes(b"y" * 100_000)
    answer = bare(nobody, ALEX, f"/me/messages/{draft.id}/attachments")
    assert (answer.status_code, error_in(answer)["code"]) == (500, "ErrorCorruptData")
    assert bare(nobody, ALEX, f"/me/messages/{draft.id}").status_code == 200
    with pytest.raises(StoreDamaged):
        mailbox.mime(draft)


def test_a_letter_that_does_not_fit_outside_is_sent_later(book: Book, file: Path) -> None:
    """It stays in the outbox while the disk is full."""
    book.mailbox(ALEX).send_mail(subject="Offsite", to=["danas@fabrikam.com"])
    with failing_sync(errno.ENOSPC):
        assert book.deliver() == 1
    assert book.waiting() == 1
    assert list(file.with_name("mail.db.outgoing").glob("*")) == []


# --- A damaged file --------------------------------------------------------------------------------


def damage(file: Path, of_table: bytes, with_text: bytes) -> None:
    """Write over the beginning of the page that holds a row of a table."""
    pages = bytearray(file.read_bytes())
    size = int.from_bytes(pages[16:18], "big")
    hits = [
        start
        for start in range(size, len(pages), size)
        if pages[start] == 0x0D and with_text in (page := pages[start : start + size]) and of_table in page
    ]
    assert len(hits) == 1, "one leaf of the table holds the text"
    pages[hits[0] : hits[0] + 8] = b"\xff" * 8
    file.write_bytes(pages)


VIEW, EVENTS = b'"@odata.etag"', b"message.draft-created"
"""What is in every row of the views' messages, and of the events that begin them."""


@contextmanager
def damaged(book: Book, file: Path, what: bytes, loop: Conversations) -> Iterator[tuple[Graph, list[str]]]:
    """The book again after a page of Alex's got lost; with the ids of her drafts."""
    ids = [
        book.mailbox(owner).create_draft(subject=f"{owner}-{number}-", body="word " * 300).id
        for owner in (ALEX, MEGAN)
        for number in range(20)
    ]
    book.close()
    damage(file, what, f'"{ALEX}-10-"'.encode())
    with open_book(file, deliver=False) as again, stranger_at(again, loop) as nobody:
        yield nobody, ids


def bare(nobody: Graph, who: str, path: str, method: str = "GET", **said: Any) -> httpx.Response:
    """An answer that may be a 500."""
    headers = {"Authorization": f"Bearer {nobody.book.token(who)}"}
    asked = nobody.http.request(method, f"{BASE}/v1.0{path}", headers=headers, **said)
    return nobody.loop.run(asked)


def test_a_damaged_page_is_said_so_and_the_rest_is_served(
    book: Book, file: Path, loop: Conversations, caplog: pytest.LogCaptureFixture
) -> None:
    """500 for the list that crosses the page, with a line in the log; every other message is there."""
    with damaged(book, file, VIEW, loop) as (nobody, ids):
        answer = bare(nobody, ALEX, "/me/messages?$top=20")
        assert (answer.status_code, error_in(answer)["code"]) == (500, "ErrorCorruptData")
        assert "StoreDamaged: a part of the store is not what was written there" in caplog.text
        assert "malformed" not in answer.text
        assert bare(nobody, ALEX, f"/me/messages/{ids[0]}").status_code == 200
        assert len(bare(nobody, MEGAN, "/me/messages?$top=20").json()["value"]) == 20
        assert bare(nobody, MEGAN, "/me/messages", "POST", json={"subject": "New"}).status_code == 201


def test_a_damaged_page_of_the_history_is_said_so(book: Book, file: Path, loop: Conversations) -> None:
    """Views still show the message; whoever needs its history is told, and others write on."""
    with damaged(book, file, EVENTS, loop) as (nobody, ids):
        mailbox = nobody.book.mailbox(ALEX)
        assert bare(nobody, ALEX, f"/me/messages/{ids[10]}").status_code == 200
        with pytest.raises(StoreDamaged):
            mailbox.history(ids[10])
        answer = bare(nobody, ALEX, f"/me/messages/{ids[10]}", "PATCH", json={"subject": "New"})
        assert (answer.status_code, error_in(answer)["code"]) == (500, "ErrorCorruptData")
        assert bare(nobody, MEGAN, "/me/messages", "POST", json={"subject": "New"}).status_code == 201
        assert mailbox.update_draft(ids[0], subject="New").subject == "New"


# --- Every error of SQLite's -----------------------------------------------------------------------


def sqlite_error(code: int) -> sqlite3.OperationalError:
    """An error as the sqlite3 module raises it."""
    error = sqlite3.OperationalError("in SQLite's words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        (sqlite3.SQLITE_BUSY, StoreBusy, 503),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy, 503),
        (sqlite3.SQLITE_LOCKED, StoreBusy, 503),
        (sqlite3.SQLITE_PROTOCOL, StoreBusy, 503),
        (sqlite3.SQLITE_FULL, StoreFull, 507),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreUnavailable, 503),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable, 503),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StoreUnavailable, 503),
        (sqlite3.SQLITE_CANTOPEN, StoreUnavailable, 503),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreDamaged, 500),
        (sqlite3.SQLITE_NOTADB, StoreDamaged, 500),
    ],
)
def test_every_trouble_has_its_kind_and_status(code: int, kind: type[StoreTrouble], status: int) -> None:
    """Extended codes count as the primary one below them."""
    known = trouble(sqlite_error(code))
    assert type(known) is kind
    answer = errors.troubled(known)
    assert answer.status == status
    assert ("Retry-After" in answer.headers) == (kind is StoreBusy)
    assert "SQLite" not in answer.message


def test_a_connection_that_cannot_be_had_is_a_trouble() -> None:
    """All are in use, or SQLite does not give one."""
    assert type(trouble(ConnectionUnavailableError("all in use"))) is StoreBusy
    refused = InterfaceError("no")
    refused.__cause__ = sqlite_error(sqlite3.SQLITE_CANTOPEN)
    assert type(trouble(refused)) is StoreUnavailable


@pytest.mark.parametrize(
    "mistake",
    [
        sqlite3.ProgrammingError("Cannot operate on a closed database."),
        sqlite_error(sqlite3.SQLITE_CONSTRAINT),
        sqlite_error(sqlite3.SQLITE_ERROR),
        InterfaceError("a mistake"),
    ],
)
def test_a_mistake_of_the_program_is_no_trouble(mistake: Exception) -> None:
    """It stays what it is, for those who mend it."""
    assert trouble(mistake) is None
