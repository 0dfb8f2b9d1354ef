"""What every command works with: the store, the mailbox that is meant, and how the answer is given."""

import functools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from letterbook.adapters.book import Book, MailboxHandle
from letterbook.adapters.wiring import IN_MEMORY, StoreRefused, open_book
from letterbook.application.moving import MoveRefused
from letterbook.application.ports import SealBroken
from letterbook.application.public_ids import Kind, private
from letterbook.application.rows import PersonRow
from letterbook.application.troubles import StoreTrouble
from letterbook.domain import refusals
from letterbook.domain.facts import UnknownFact

FORESEEN = (
    *(refusals.Refused, StoreRefused, StoreTrouble, UnknownFact),
    *(MoveRefused, SealBroken, OSError, sqlite3.Error),
)
"""What may go wrong without anything being wrong with the program: said in one line, without a traceback."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One command at work."""

    store: Path
    as_json: bool

    @contextmanager
    def book(self, *, may_begin: bool = False, encrypted: bool = False) -> Iterator[Book]:
        """The store, open; only where it ``may_begin`` is one made that is not there yet."""
        if not may_begin and self.store.parent.is_dir() and not self.store.exists():
            raise click.ClickException(
                f'There is no store {self.store} yet; "letterbook user add ADDRESS" begins one.'
            )
        with open_book(self.store, deliver=False, encrypted=encrypted) as book:
            yield book

    @contextmanager
    def mailbox(self, who: str | None, at: str | None = None) -> Iterator[MailboxHandle]:
        """The mailbox of somebody, or the only one there is; as it is, or as it was."""
        with self.book() as book, self._watching(book):
            box = MailboxHandle(book, person(book, who) if who else _only(book))
            yield box if at is None else box.at(at)

    @contextmanager
    def holding(
        self, message: str, who: str | None, at: str | None = None
    ) -> Iterator[tuple[Book, MailboxHandle]]:
        """The mailbox that holds a message, as it is or as it was, and its book."""
        with self.book() as book, self._watching(book):
            box = MailboxHandle(book, person(book, who) if who else _holder(book, message))
            yield book, box if at is None else box.at(at)

    @contextmanager
    def _watching(self, book: Book) -> Iterator[None]:
        """Whoever has to wait for an earlier moment sees how far it is."""
        with ExitStack() as bar:
            tell: list[Callable[[float, float], None]] = []

            def watch(done: int, total: int) -> None:
                if not tell and (done >= total or self.as_json):
                    return
                from letterbook.adapters.cli import drawing  # see telling

                if not tell:
                    tell.append(bar.enter_context(drawing.sharing_told("Looking back", quiet=False)))
                tell[0](done, total)
                if done >= total:
                    bar.close()
                    tell.clear()

            book.travel.progress = watch
            yield

    def answer(self, data: object, show: Callable[[], None]) -> None:
        """Give the answer: as JSON if that is wanted, else ``show`` it to a person."""
        if self.as_json:
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            show()


def person(book: Book, who: str) -> PersonRow:
    """Whose mailbox an address names."""
    try:
        return book.engine.person(who)
    except refusals.MailboxUnknown:
        raise click.ClickException(
            f'{who} has no mailbox here; "letterbook user add {who}" opens one.'
        ) from None


def _only(book: Book) -> PersonRow:
    people = book.users()
    if not people:
        raise click.ClickException('Nobody has a mailbox here; "letterbook user add ADDRESS" opens one.')
    if len(people) > 1:
        raise click.UsageError(f"Whose mailbox? There are {len(people)} here: say it with --as ADDRESS.")
    return people[0]


def _holder(book: Book, message: str) -> PersonRow:
    """The person in whose mailbox something happened to a message; names are never given twice."""
    name = private(Kind.MESSAGE, message)
    with book.engine.store.reading() as session:
        for each in session.views.people():
            if session.history.of(each.mailbox, name):
                return each
    raise refusals.NotFound


# --- The options that commands share ---------------------------------------------------------------


def _on_disk(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and str(path) == IN_MEMORY:
        raise click.BadParameter("a store in memory would end with the command.")
    return path


STORE = click.Path(dir_okay=False, path_type=Path)

store_option = click.option(
    "--store",
    type=STORE,
    envvar="LETTERBOOK_STORE",
    default="letterbook.db",
    show_default=True,
    show_envvar=True,
    callback=_on_disk,
    help="The file that holds the mailboxes.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON, for programs.")
as_option = click.option(
    "--as",
    "who",
    metavar="ADDRESS",
    envvar="LETTERBOOK_AS",
    show_envvar=True,
    help="Whose mailbox; not needed where only one can be meant.",
)

encrypted_option = click.option(
    "--encrypted",
    is_flag=True,
    help="Make a new store an encrypted one, from which messages and people can be erased. Its key is in the "
    "file that $LETTERBOOK_KEY_FILE names, or beside it with the ending .key.",
)
at_option = click.option(
    "--at",
    metavar="POINT",
    help="As it was at a moment (2026-01-31T12:00Z), or at a position of the history.",
)


def at_desk(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its desk, and the options ``--store`` and ``--json``."""

    @store_option
    @json_option
    @functools.wraps(command)
    def with_desk(store: Path, as_json: bool, **said: Any) -> None:
        command(Desk(store, as_json), **said)

    return with_desk


class Verbs(click.Group):
    """A group of commands in the order they were written, whose refusals are one line and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what was asked."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read our answer has seen enough
        except FORESEEN as no:
            raise click.ClickException(" ".join(str(no).split())) from no
