"""The Python face of subscriptions."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from letterbook import Refused
from letterbook.adapters.book import Book
from tests.fakes import FakeClock
from tests.graph.client import ADELE, ALEX, Graph
from tests.notifying.receiver import Reader, Receiver


def test_a_program_that_holds_the_book_subscribes_for_anybody(book: Book, endpoint: Receiver) -> None:
    made = book.subscriptions.begin(ALEX, endpoint.url, condition="importance eq 'high'", folder="drafts")
    assert book.subscriptions.all() == [made]
    assert book.subscriptions.find(made.id) == made
    alex = book.mailbox(ALEX)
    alex.create_draft(subject="Not this one")
    wanted = alex.create_draft(subject="This one", importance="high")

    assert book.notify() == 1
    assert endpoint.notices[0]["resourceData"]["id"] == wanted.id


def test_the_data_of_messages_comes_along(book: Book, endpoint: Receiver, owner: Reader) -> None:
    book.subscriptions.begin(
        ALEX, endpoint.url, changes="created", certificate=owner.text, select=("subject", "isDraft")
    )
    book.mailbox(ALEX).create_draft(subject="Offsite")
    book.notify()
    (notice,) = endpoint.notices
    content = owner.read(notice["encryptedContent"])
    assert (content["subject"], content["isDraft"]) == ("Offsite", True)


def test_it_is_renewed_and_given_up(book: Book, endpoint: Receiver, clock: FakeClock) -> None:
    made = book.subscriptions.begin(ALEX, endpoint.url, lasting=timedelta(hours=2))
    clock.pass_by(timedelta(hours=1))
    renewed = book.subscriptions.renew(made.id, timedelta(hours=3))
    assert renewed.expires_at == clock.now() + timedelta(hours=3)
    book.subscriptions.end(made.id)
    assert book.subscriptions.all() == []
    with pytest.raises(Refused, match="not found"):
        book.subscriptions.end(made.id)


def test_people_do_not_see_it_over_the_graph_face(alex: Graph, endpoint: Receiver) -> None:
    alex.book.subscriptions.begin(ALEX, endpoint.url)
    assert alex.values("/subscriptions") == []


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"folder": "nowhere"}, ValueError),
        ({"condition": "colour eq 'blue'"}, ValueError),
        ({"condition": "((("}, ValueError),
        ({"select": ("colour",)}, ValueError),
        ({"changes": "moved"}, Refused),
        ({"lasting": timedelta(days=8)}, Refused),
        ({"certificate": "nonsense", "select": ("subject",)}, Refused),
        ({"client_state": "x" * 129}, Refused),
    ],
)
def test_what_is_refused_over_http_is_refused_here(
    book: Book, endpoint: Receiver, said: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        book.subscriptions.begin(ALEX, endpoint.url, **said)
    assert book.subscriptions.all() == []
    assert endpoint.asked == []


def test_strangers_cannot_be_watched(book: Book, endpoint: Receiver) -> None:
    with pytest.raises(Refused):
        book.subscriptions.begin("nobody@contoso.com", endpoint.url)


def test_an_event_must_be_one_that_there_is(book: Book, endpoint: Receiver) -> None:
    made = book.subscriptions.begin(ADELE, endpoint.url, lifecycle_url=endpoint.url)
    with pytest.raises(ValueError, match="never"):
        book.subscriptions.remind(made.id, "never")
    with pytest.raises(Refused):
        book.subscriptions.remind(uuid4(), "missed")
