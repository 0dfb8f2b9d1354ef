"""Checkpoints are taken to a webhook: each of them, in order, until it is accepted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest

from letterbook import Book, open_book
from letterbook.adapters.webhooks.late import LateCourier
from letterbook.application.heralding import Answered, TooSlow
from letterbook.application.publishing import Publisher
from letterbook.application.standing import FIRST_WAIT, LONGEST_WAIT
from tests.cli.terminal import Terminal
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX
from tests.notifying.receiver import Receiver

URL = "https://contoso.com/audit"


@dataclass
class Postman:
    """A courier that keeps what it is given, and answers as it is told."""

    status: int = 202
    silent: bool = False
    taken: list[str] = field(default_factory=list)

    def post(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """Take a note there."""
        assert (url, content_type, seconds <= 60) == (URL, "text/plain; charset=utf-8", True)
        self.taken.append(body.decode())
        if self.silent:
            raise TooSlow("no answer in time")
        return Answered(self.status, "text/plain", b"")

    async def ask(self, url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        """The same from an event loop."""
        return self.post(url, body, content_type, seconds)


@pytest.fixture
def postman() -> Postman:
    """Somebody whose notes are accepted."""
    return Postman()


@pytest.fixture
def publisher(book: Book, postman: Postman) -> Publisher:
    """Whoever publishes the checkpoints of the book."""
    return Publisher(book.engine.store, postman, book.engine.clock, URL)


def signed(book: Book, address: str = ALEX) -> str:
    """Something happens, and is signed."""
    box = book.mailbox(address)
    box.create_draft(subject="Lunch")
    return box.checkpoint().note


def test_every_checkpoint_is_taken_there_once(book: Book, publisher: Publisher, postman: Postman) -> None:
    notes = [signed(book), signed(book), signed(book, ADELE)]

    assert publisher.notify_due() == 3
    assert publisher.notify_due() == 0

    assert sorted(postman.taken) == sorted(notes)
    assert [note for note in postman.taken if note in notes[:2]] == notes[:2]
    last = signed(book)
    assert (publisher.notify_due(), postman.taken[-1]) == (1, last)


def test_nothing_is_left_out_after_a_crash(book: Book, publisher: Publisher, postman: Postman) -> None:
    """What was accepted is known to whoever opens the store next."""
    first = signed(book)
    publisher.notify_due()
    second = signed(book)

    assert Publisher(book.engine.store, postman, book.engine.clock, URL).notify_due() == 1

    assert postman.taken == [first, second]


def refuse(postman: Postman) -> None:
    """An endpoint that does not want it."""
    postman.status = 503


def keep_silent(postman: Postman) -> None:
    """An endpoint that does not answer."""
    postman.silent = True


@pytest.mark.parametrize("fail", [refuse, keep_silent])
def test_what_is_not_accepted_is_tried_again_later_and_later(
    book: Book,
    publisher: Publisher,
    postman: Postman,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    fail: Callable[[Postman], None],
) -> None:
    note = signed(book)
    fail(postman)
    waits = []
    for _ in range(9):
        tried, waited = len(postman.taken), timedelta()
        while publisher.notify_due() == 0 and len(postman.taken) == tried:
            clock.pass_by(timedelta(seconds=5))
            waited += timedelta(seconds=5)
        waits.append(waited)

    assert waits[:3] == [timedelta(), FIRST_WAIT, 2 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
    assert set(postman.taken) == {note}
    assert f"a checkpoint did not get to {URL}" in caplog.text
    clock.pass_by(LONGEST_WAIT)
    postman.status, postman.silent = 200, False
    assert publisher.notify_due() == 1


def test_an_earlier_one_is_never_overtaken(book: Book, publisher: Publisher, postman: Postman) -> None:
    notes = [signed(book), signed(book)]
    postman.status = 404
    publisher.notify_due()

    assert postman.taken == notes[:1]
    assert publisher.notify_due() == 0
    assert postman.taken == notes[:1]


def test_one_that_is_signed_meanwhile_is_taken_next(
    book: Book, publisher: Publisher, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the one before it is on its way."""
    post = postman.post

    def post_and_sign(url: str, body: bytes, content_type: str, seconds: float) -> Answered:
        monkeypatch.setattr(postman, "post", post)
        signed(book)
        return post(url, body, content_type, seconds)

    monkeypatch.setattr(postman, "post", post_and_sign)
    signed(book)

    assert [publisher.notify_due() for _ in range(3)] == [1, 1, 0]


def test_telling_the_history_again_takes_nothing_there(
    book: Book, publisher: Publisher, postman: Postman
) -> None:
    note, alex = signed(book), book.mailbox(ALEX)
    publisher.notify_due()

    assert all(each.equal for each in book.rebuild(verify=True))
    assert book.verify().good
    assert alex.at(2).drafts()
    book.follow_past()

    assert (publisher.notify_due(), postman.taken) == (0, [note])


def test_it_is_stopped_between_two(book: Book, publisher: Publisher, postman: Postman) -> None:
    signed(book)
    assert publisher.notify_due(lambda: True) == 0
    assert postman.taken == []
    assert publisher.notify_due() == 1


def test_it_happens_in_the_background(tmp_path: Path, endpoint: Receiver) -> None:
    """A real request to a real endpoint on this machine."""
    place, url = tmp_path / "mail.db", f"{endpoint.url}/audit"
    with open_book(place, allow_local_webhooks=True, checkpoint_webhook=url) as book:
        note, until = signed(book), monotonic() + 20
        while not endpoint.asked and monotonic() < until:
            sleep(0.02)
    assert [asked.body.decode() for asked in endpoint.asked] == [note]


def test_a_fork_takes_nothing_there(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what its origin has signed, nor by itself what it signs."""
    asked: list[str] = []
    monkeypatch.setattr(LateCourier, "post", partial(_note, asked))
    signed(book)
    with book.fork(tmp_path / "fork.db", deliver=True) as fork:
        signed(fork)
        with fork.engine.store.reading() as session:
            assert session.evidence.published(URL) == {}
    assert asked == []


def _note(asked: list[str], url: str, *_said: object) -> None:
    asked.append(url)


@pytest.mark.parametrize(
    "url", ["http://contoso.com/audit", "ftp://contoso.com", "contoso.com", "https://a@b.com"]
)
def test_an_address_that_cannot_be_asked_is_refused_at_once(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="cannot be used: the URL must"):
        open_book(tmp_path / "mail.db", checkpoint_webhook=url)
    assert not (tmp_path / "mail.db").exists()
    said = Terminal(tmp_path / "mail.db").refused("serve", "--port", "0", "--checkpoint-webhook", url)
    assert said.startswith(f"{url} cannot be used: the URL must")
