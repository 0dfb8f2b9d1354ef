"""Notifications by themselves: soon after the commit, from any process, at any start."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from letterbook import Book, open_book
from letterbook.adapters import notifying
from letterbook.adapters.notifying import NotifierAtWork
from letterbook.application.notifying import Notifier
from letterbook.application.troubles import StoreBusy
from tests.graph.client import ALEX
from tests.notifying.receiver import Receiver


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Book]:
    """A book as programs open it, but that it may notify this machine."""
    with open_book(tmp_path / "mail.db", allow_local_webhooks=True) as book:
        book.mailbox(ALEX, name="Alex Wilber")
        yield book


def ids(endpoint: Receiver, count: int) -> list[str]:
    """The messages that are told of, once they are."""
    return [notice["resourceData"]["id"] for notice in endpoint.wait_for(count)]


def test_whoever_subscribes_is_told_soon_after_the_commit(running: Book, endpoint: Receiver) -> None:
    alex = running.mailbox(ALEX)
    running.subscriptions.begin(ALEX, endpoint.url, changes="created", client_state="secret")
    drafts = []
    for count in range(1, 4):
        drafts.append(alex.create_draft(subject="Offsite").id)
        assert ids(endpoint, count) == drafts
    assert {notice["clientState"] for notice in endpoint.notices} == {"secret"}


def test_what_another_process_writes_is_noticed(running: Book, endpoint: Receiver, tmp_path: Path) -> None:
    running.subscriptions.begin(ALEX, endpoint.url, changes="created")
    with open_book(tmp_path / "mail.db", deliver=False) as other:
        draft = other.mailbox(ALEX).create_draft(subject="From elsewhere")
        assert ids(endpoint, 1) == [draft.id]


def test_a_book_that_is_opened_again_goes_on_by_itself(tmp_path: Path, endpoint: Receiver) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, deliver=False, allow_local_webhooks=True) as book:
        alex = book.mailbox(ALEX, name="Alex Wilber")
        book.subscriptions.begin(ALEX, endpoint.url, changes="created")
        draft = alex.create_draft(subject="Offsite")
    with open_book(place, allow_local_webhooks=True):
        assert ids(endpoint, 1) == [draft.id]


def test_without_leave_this_machine_is_not_asked(tmp_path: Path, endpoint: Receiver) -> None:
    place = tmp_path / "mail.db"
    with open_book(place, deliver=False, allow_local_webhooks=True) as book:
        book.mailbox(ALEX, name="Alex Wilber")
        book.subscriptions.begin(ALEX, endpoint.url)
        book.mailbox(ALEX).create_draft(subject="Offsite")
    with open_book(place, deliver=False) as book:
        book.notify()
    assert endpoint.told == []


def test_where_nobody_subscribes_no_thread_is_started(tmp_path: Path) -> None:
    with open_book(tmp_path / "mail.db") as book:
        book.mailbox(ALEX, name="Alex Wilber").create_draft(subject="Offsite")
        assert "letterbook-notifier" not in {thread.name for thread in threading.enumerate()}


def test_closing_waits_for_nothing_but_what_is_on_its_way(running: Book, endpoint: Receiver) -> None:
    running.subscriptions.begin(ALEX, endpoint.url)
    begun = time.monotonic()
    running.close()
    assert time.monotonic() - begun < 10


def test_closing_does_not_wait_for_an_endpoint_that_takes_its_time(
    running: Book, endpoint: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up as if it had not been asked, and told at the next start."""
    monkeypatch.setattr(notifying, "PATIENCE", 0.1)
    endpoint.hearing.after = 20.0
    running.subscriptions.begin(ALEX, endpoint.url)
    draft = running.mailbox(ALEX).create_draft(subject="Offsite").id
    with running.engine.store.reading() as session:
        (before,) = session.subscriptions.all()
    assert ids(endpoint, 1) == [draft]
    begun = time.monotonic()
    running.close()
    assert time.monotonic() - begun < 10
    with open_book(tmp_path / "mail.db", deliver=False) as book, book.engine.store.reading() as session:
        (after,) = session.subscriptions.all()
        assert (after.news.attempts, after.position) == (0, before.position)
    endpoint.hearing.after = 0.0
    with open_book(tmp_path / "mail.db", allow_local_webhooks=True):
        assert ids(endpoint, 2) == [draft, draft]


def test_a_busy_store_is_tried_again(
    running: Book, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, asked = Notifier.notify_due, []

    def busy_at_first(self: Notifier, *said: object, **more: object) -> int:
        asked.append(1)
        if len(asked) == 1:
            raise StoreBusy("somebody else writes")
        return look(self)

    monkeypatch.setattr(Notifier, "notify_due", busy_at_first)
    running.subscriptions.begin(ALEX, endpoint.url)
    draft = running.mailbox(ALEX).create_draft(subject="Offsite")
    assert ids(endpoint, 1) == [draft.id]


def test_a_failure_nobody_foresaw_is_logged_and_tried_again(
    running: Book, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def broken(_self: Notifier, **_said: object) -> int:
        asked.append(1)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(Notifier, "notify_due", broken)
    at_work = NotifierAtWork(running._notifier, every=0.01)
    at_work.start()
    until = time.monotonic() + 60
    while len(asked) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    at_work.close()
    assert len(asked) >= 3
    assert "nobody foresaw this" in caplog.text
