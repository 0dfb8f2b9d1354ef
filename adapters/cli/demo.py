"""The main job, on real letters: created, updated, mentioned, sent, delivered, and looked at."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from letterbook.adapters.book import Book, MailboxHandle
from letterbook.adapters.cli import chronicle, telling
from letterbook.adapters.cli.desk import STORE, Desk, json_option
from letterbook.adapters.cli.in_process import Client, Reply
from letterbook.adapters.cli.telling import say
from letterbook.adapters.wiring import open_book
from letterbook.application.shown import ShownMessage
from letterbook.application.timeline import Moment

SAMPLES = files("letterbook.adapters.cli") / "samples"

PEOPLE = {
    "alexw@contoso.com": "Alex Wilber",
    "adelev@contoso.com": "Adele Vance",
    "meganb@contoso.com": "Megan Bowen",
    "danas@contoso.com": "Dana Swope",
    "randiw@contoso.com": "Randi Welch",
    "samanthab@contoso.com": "Samantha Booth",
}
ALEX, ADELE = "alexw@contoso.com", "adelev@contoso.com"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of the documents, and what became of it."""

    page: str
    name: str
    request: str
    documented: int
    answered: int

    @property
    def as_documented(self) -> bool:
        """Whether the answer is the one that the page promises."""
        return self.answered == self.documented


@dataclass(frozen=True, slots=True)
class Tale:
    """Everything the demo has to show."""

    exchanges: list[Exchange]
    letters: dict[str, ShownMessage]
    drafts_before: list[ShownMessage]
    sent_by_hand: int
    reached: int
    drafts_after: list[ShownMessage]
    sent: list[ShownMessage]
    inbox: list[ShownMessage]
    story: list[Moment]

    @property
    def went_well(self) -> bool:
        """Whether every document was kept to, and every draft left."""
        return all(each.as_documented for each in self.exchanges) and not self.drafts_after


# --- The work --------------------------------------------------------------------------------------


def play(book: Book) -> Tale:
    """Do the whole job in a fresh book."""
    for address, name in PEOPLE.items():
        book.add_user(address, name=name)
    alex = book.mailbox(ALEX)
    letters = {name: alex.create_draft_from_mime(raw) for name, raw in eml_files()}
    exchanges = _converse(book)
    star = letters["japanese-and-emoji.eml"]
    alex.update_draft(star, subject=f"{star.subject} (18:30)", importance="high")
    alex.mention(star, "Megan Bowen <meganb@contoso.com>")
    alex.mention(star, ADELE)
    before = alex.drafts()
    for each in reversed(before):
        alex.send(each)
    reached = book.deliver()
    return Tale(
        exchanges=exchanges,
        letters=letters,
        drafts_before=before,
        sent_by_hand=len(before),
        reached=reached,
        drafts_after=alex.drafts(),
        sent=alex.sent_items(),
        inbox=book.mailbox(ADELE).folder("inbox"),
        story=alex.timeline(star),
    )


def eml_files() -> Iterator[tuple[str, bytes]]:
    """The letters that ship with the program, by name."""
    for file in sorted(SAMPLES.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".eml"):
            yield file.name, file.read_bytes()


def wire_samples() -> list[dict[str, Any]]:
    """The requests of the documents."""
    read: list[dict[str, Any]] = json.loads((SAMPLES / "wire.json").read_bytes())["samples"]
    return read


def _converse(book: Book) -> list[Exchange]:
    """Put every request of the documents to the Graph face; ``{id}`` is a draft that an earlier one made."""
    app = book.asgi()
    drafts: list[str] = []
    exchanges: list[Exchange] = []
    for sample in wire_samples():
        path = sample["path"].replace("{id}", drafts.pop(0) if "{id}" in sample["path"] else "")
        reply = _ask(Client(app, book.token(sample.get("as", ALEX))), sample, path)
        if reply.status == 201:
            drafts.append(reply.data["id"])
        request = f"{sample['method']} {sample['path']}"
        exchanges.append(Exchange(sample["page"], sample["name"], request, sample["status"], reply.status))
    return exchanges


def _ask(client: Client, sample: dict[str, Any], path: str) -> Reply:
    body = sample.get("body", "")
    raw = body if isinstance(body, str) else json.dumps(body)
    return client.ask(sample["method"], path, raw.encode(), sample.get("contentType"))


# --- The telling -----------------------------------------------------------------------------------


@click.command()
@click.option(
    "--store",
    type=STORE,
    help="Keep the demo's mailboxes in this new file; without it, they are gone afterwards.",
)
@json_option
def demo(store: Path | None, as_json: bool) -> None:
    """Take real letters through the whole job.

    Then show what the folders and the history say.

    \b
    letterbook demo
    letterbook demo --store demo.db && letterbook sent --store demo.db --as alexw@contoso.com
    """
    if store is not None and store.exists():
        raise click.UsageError(f"{store} is there already; the demo needs a new file.")
    with _place(store) as file, open_book(file, deliver=False) as book:
        tale = play(book)
        Desk(file, as_json).answer(_data(tale), lambda: _tell(tale, book.mailbox(ALEX)))
    sys.exit(0 if tale.went_well else 1)


@contextmanager
def _place(store: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="letterbook-demo-") as folder:
        yield store or Path(folder) / "demo.db"


def _tell(tale: Tale, alex: MailboxHandle) -> None:
    say(
        "A new book with six mailboxes. Alex Wilber writes: as the pages of Graph show it, and by .eml files."
    )
    say()
    _tell_requests(tale.exchanges)
    _tell_letters(tale.letters)
    say('"来週の歓迎会…" is updated (subject, importance); Megan Bowen and Adele Vance are mentioned in it.')
    say()
    _tell_folder("Drafts, before sending", tale.drafts_before)
    say(f"Sent: {tale.sent_by_hand} drafts. Delivered: {tale.reached} copies.", "bold green")
    say()
    _tell_folder("Drafts, after sending", tale.drafts_after)
    _tell_folder("Sent Items", tale.sent)
    _tell_folder("Adele Vance's Inbox", tale.inbox, arrived=True)
    chronicle.history(alex, tale.story, title="The history of one message", drawn=True)


def _tell_requests(exchanges: list[Exchange]) -> None:
    rows = [
        [
            each.page,
            each.name,
            each.request,
            f"{each.answered} {'as documented' if each.as_documented else f'instead of {each.documented}'}",
        ]
        for each in exchanges
    ]
    columns = ["page", "sample", "request", "answer"]
    telling.table(columns, rows, title="The requests of the five documents", drawn=True)
    say()


def _tell_letters(letters: dict[str, ShownMessage]) -> None:
    rows = [
        [name, each.subject, telling.names((*each.to_recipients, *each.cc_recipients)), telling.marks(each)]
        for name, each in letters.items()
    ]
    telling.table(["file", "subject", "to and cc", "marks"], rows, title="Drafts from .eml files", drawn=True)
    say()


def _tell_folder(title: str, found: list[ShownMessage], *, arrived: bool = False) -> None:
    telling.messages(found, title=title, arrived=arrived, ids=False, drawn=True)
    say()


def _data(tale: Tale) -> dict[str, Any]:
    return {
        "requests": [
            {
                "page": e.page,
                "sample": e.name,
                "request": e.request,
                "documented": e.documented,
                "answered": e.answered,
            }
            for e in tale.exchanges
        ],
        "letters": {name: telling.message_data(each) for name, each in tale.letters.items()},
        "draftsBefore": [telling.message_data(each) for each in tale.drafts_before],
        "draftsAfter": [telling.message_data(each) for each in tale.drafts_after],
        "sentItems": [telling.message_data(each) for each in tale.sent],
        "inboxOfAdele": [telling.message_data(each) for each in tale.inbox],
        "history": [telling.fact_data(each.recorded) for each in tale.story],
    }
