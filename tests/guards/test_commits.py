"""How often a write waits for the disk: once when it is alone, far less when many come together."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from letterbook.adapters.book import Book
from tests.graph.client import ADELE, ALEX, BASE, MEGAN, Graph, to
from tests.guards.counting import Ear

WRITERS = 32
MOST_SHARED = 0.2
"""Commits per acknowledged write with 32 writers. Measured: 0.04 with threads, 0.03 in an event loop."""


def commits(ear: Ear) -> int:
    """Each is one fsync: the log is synced at every commit (``synchronous=FULL``), a reader rolls back."""
    return ear.count("COMMIT")


def test_every_write_alone_is_one_commit(ear: Ear, alex: Graph) -> None:
    """Over HTTP, whatever it writes."""
    draft = alex.lasting.draft()
    message, beta = f"/me/messages/{draft['id']}", alex.beta
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/me/messages", {"subject": "Alone"}),
        ("PATCH", message, {"subject": "Alone"}),
        ("POST", f"{message}/mentions", {"mentioned": {"address": MEGAN}}),
        ("POST", f"{message}/attachments", file),
        ("POST", f"{message}/send", None),
        ("POST", "/me/sendMail", {"message": {"subject": "Alone", "toRecipients": to(ADELE)}}),
        ("DELETE", message, None),
    ]
    for method, path, said in asked:
        ear.clear()
        answer = beta.request(method, path, json=said)
        assert answer.is_success, answer.text
        assert (method, path, commits(ear)) == (method, path, 1)


def test_a_read_commits_nothing(ear: Ear, alex: Graph) -> None:
    """It asks the disk for nothing."""
    draft = alex.draft()
    ear.clear()
    for path in ("/me/messages", f"/me/messages/{draft['id']}", "/me/mailFolders", "/me/messages/$count"):
        alex.get(path)
    assert commits(ear) == 0


def test_every_write_of_one_thread_is_one_commit(ear: Ear, book: Book) -> None:
    """In Python."""
    mailbox = book.mailbox(ALEX)
    ear.clear()
    for number in range(20):
        mailbox.create_draft(subject=f"{number}")
    assert commits(ear) == 20


def test_threads_share_commits(ear: Ear, book: Book) -> None:
    """32 threads that write one letter after the other."""
    mailbox, start = book.mailbox(ALEX), threading.Barrier(WRITERS)
    ear.clear()

    def write(thread: int) -> None:
        start.wait()
        for number in range(8):
            mailbox.create_draft(subject=f"{thread}-{number}")

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))
    assert len(mailbox.drafts()) == WRITERS * 8
    assert commits(ear) <= MOST_SHARED * WRITERS * 8


@pytest.mark.parametrize("owners", [1, 3])
def test_requests_of_an_event_loop_share_commits(ear: Ear, alex: Graph, owners: int) -> None:
    """32 clients that wait for their answer and ask again; also when they write to several mailboxes."""
    people = [alex.book.token(who) for who in (ALEX, MEGAN, ADELE)[:owners]]
    ear.clear()

    async def client(number: int) -> list[int]:
        headers = {"Authorization": f"Bearer {people[number % owners]}"}
        url = f"{BASE}/v1.0/me/messages"
        asked = [await alex.http.post(url, headers=headers, json={"subject": "Offsite"}) for _ in range(8)]
        return [answer.status_code for answer in asked]

    async def all_clients() -> list[list[int]]:
        return await asyncio.gather(*map(client, range(WRITERS)))

    assert alex.loop.run(all_clients()) == [[201] * 8] * WRITERS
    assert commits(ear) <= MOST_SHARED * WRITERS * 8


def test_a_shared_transaction_writes_four_rows_for_each_draft(ear: Ear, alex: Graph) -> None:
    """An event, a message, its body, a mark for the search index; count and position once for all of them."""
    alex.beta.get(f"/me/messages/{alex.draft()['id']}")
    ear.clear()

    async def all_at_once() -> None:
        url = f"{BASE}/v1.0/me/messages"
        asked = (alex.http.post(url, headers=alex.headers, json={}) for _ in range(WRITERS))
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {201}

    alex.loop.run(all_at_once())
    assert {told: ear.count(told) for told in ear.told} == {
        "BEGIN IMMEDIATE": 1,
        "PRAGMA data_version": 1,
        "INSERT events": WRITERS,
        "INSERT view_messages": WRITERS,
        "INSERT view_bodies": WRITERS,
        "UPDATE view_folders": 1,
        "INSERT view_positions": WRITERS + 1,
        "COMMIT": 1,
    }
