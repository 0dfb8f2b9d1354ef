"""Released Graph clients, unmodified, do the main job and whatever else they can."""

from collections.abc import Callable

import pytest

from letterbook import Book, Mailbox, Message, open_book
from letterbook.domain.attachments import FileAttachment
from letterbook.domain.facts import Fact
from letterbook.domain.message import MentionAdded
from tests.authority import Vouched, vouched_in
from tests.clients.known import CLIENTS
from tests.clients.plot import ADELE, ALEX, DANA, FINAL, FLOWER, MENU
from tests.clients.running import Client, Done, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def vouched(tmp_path_factory: pytest.TempPathFactory) -> Vouched:
    """A certificate for this machine."""
    return vouched_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, vouched: Vouched) -> Callable[[Client], Done]:
    """Runs a client, once for all tests that ask what it did."""
    known: dict[str, Done] = {}

    def done(client: Client) -> Done:
        if client.name not in known:
            known[client.name] = run(client, tmp_path_factory.mktemp("client"), vouched)
        return known[client.name]

    return done


EVERY = pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
EVERY_STEP = pytest.mark.parametrize(
    ("client", "step"),
    [pytest.param(client, step, id=f"{client.name}-{step}") for client in CLIENTS for step in client.steps],
)


@EVERY_STEP
def test_a_client_takes_a_step(client: Client, step: str, done: Callable[[Client], Done]) -> None:
    told = done(client)
    wrong = told.wrong.get(step, told.ended)
    assert wrong is None, wrong


@EVERY
def test_a_client_takes_no_step_that_nobody_knows_of(client: Client, done: Callable[[Client], Done]) -> None:
    assert set(done(client).wrong) == set(client.steps)


@EVERY
def test_the_letter_is_what_the_client_made_of_it(client: Client, done: Callable[[Client], Done]) -> None:
    """Sent from Drafts, kept in Sent Items, and with its recipient, as Letterbook itself sees it."""
    with open_book(done(client).store, deliver=False) as book:
        book.deliver()
        alex, adele = book.mailbox(ALEX), book.mailbox(ADELE)
        (sent,) = [each for each in alex.sent_items() if each.subject == FINAL]
        (got,) = [each for each in adele.folder("inbox") if each.subject == FINAL]
        assert FINAL not in {each.subject for each in alex.drafts()}
        facts = [type(fact).__name__ for fact in alex.history(sent)]
        assert facts[-2:] == ["Sent", "Delivered"]
        assert facts[0] == "DraftCreated"
        assert ("DraftUpdated" in facts) == client.drafts
        assert _mentioned(alex.history(sent)) == ([DANA] if client.mentions else [])
        assert got.importance == ("high" if client.drafts else "normal")
        assert _files(book, adele, got) == _attached_by(client)


def _attached_by(client: Client) -> dict[str, bytes]:
    small = {"menu.txt": MENU} if client.attaches else {}
    return small | ({"flower.jpg": FLOWER} if client.uploads else {})


def _mentioned(history: tuple[Fact, ...]) -> list[str]:
    return [fact.mentioned.address for fact in history if isinstance(fact, MentionAdded)]


def _files(book: Book, adele: Mailbox, message: Message) -> dict[str, bytes]:
    """What is attached to a message of Adele's, by name."""
    files = [each for each in adele.state(message).attachments if isinstance(each, FileAttachment)]
    return {file.name: book.engine.content(file.content) for file in files}
