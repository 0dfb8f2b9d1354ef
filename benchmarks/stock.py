"""The same life with the stock ``eventsourcing`` application: an aggregate, JSON, its SQLite module."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Recording

from benchmarks import sample

Follow = Callable[[Sequence[Recording[UUID]]], None]
"""Told what was saved, before anything else is done."""


class StockLetter(Aggregate):
    """A letter as the library's documentation would write it."""

    @event("DraftCreated")
    def __init__(self, subject: str, body: str, to: list[list[str]]) -> None:
        self.subject = subject
        self.body = body
        self.to = to
        self.mentions: list[list[str]] = []
        self.is_draft = True

    @event("DraftUpdated")
    def update(self, subject: str, body: str) -> None:
        """Rewrite the draft."""
        self.subject = subject
        self.body = body

    @event("MentionAdded")
    def mention(self, who: list[str]) -> None:
        """Call somebody out."""
        self.mentions.append(who)

    @event("Sent")
    def send(self) -> None:
        """It leaves."""
        self.is_draft = False


class StockMail(Application[UUID]):
    """Its application: every step gets the aggregate from the repository and saves it."""

    def live(self, follow: Follow | None = None) -> None:
        """The life of a letter, every step acknowledged."""
        told = follow or _nobody
        letter = begin()
        told(self.save(letter))
        for step in (_update, _mention, StockLetter.send):
            known: StockLetter = self.repository.get(letter.id)
            step(known)
            told(self.save(known))

    def fill(self, lives: int) -> None:
        """Many lives, many of them in each save."""
        for start in range(0, lives, 100):
            letters = [begin() for _ in range(min(100, lives - start))]
            for letter in letters:
                for step in (_update, _mention, StockLetter.send):
                    step(letter)
            self.save(*letters)


def _nobody(_saved: Sequence[Recording[UUID]]) -> None:
    """Follows."""


def begin() -> StockLetter:
    """A new draft."""
    return StockLetter(sample.SUBJECT, sample.BODY, [list(who) for who in sample.TO])


def _update(letter: StockLetter) -> None:
    letter.update(sample.NEW_SUBJECT, sample.NEW_BODY)


def _mention(letter: StockLetter) -> None:
    letter.mention(list(sample.MEGAN))


def settings(folder: Path) -> dict[str, str]:
    """One SQLite file, WAL, as many connections as threads ask for."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(folder / "stock.db"),
        "SQLITE_LOCK_TIMEOUT": "60",
        "SQLITE_POOL_SIZE": "64",
        "SQLITE_POOL_TIMEOUT": "60",
    }


@contextmanager
def stock_mail(folder: Path) -> Iterator[StockMail]:
    """The application on a file of its own."""
    app = StockMail(settings(folder))
    try:
        yield app
    finally:
        app.close()
