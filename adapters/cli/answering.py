"""Commands that work with messages that are there: reply, forward, move, copy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from letterbook.adapters.book import Book, MailboxHandle
from letterbook.adapters.cli.desk import Desk, as_option, at_desk
from letterbook.adapters.cli.reading import folder_key
from letterbook.adapters.cli.telling import message_data, say
from letterbook.adapters.cli.writing import FILE, attach_all, sent_now
from letterbook.application.shown import ShownMessage

Command = TypeVar("Command", bound=Callable[..., Any])


def answer_options(command: Command) -> Command:
    """What an answer can be told to say."""
    for option in (
        click.option("--draft", "as_draft", is_flag=True, help="Begin it in Drafts, and print its id."),
        click.option("--attach", "files", type=FILE, multiple=True, help="A file to attach. Repeatable."),
        click.option(
            "--body", default="", help="What stands above the quoted message; HTML where that is HTML."
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("message", metavar="ID")
@click.option("--all", "to_all", is_flag=True, help="Answer everyone who got the message.")
@answer_options
@as_option
@at_desk
def reply(desk: Desk, message: str, who: str | None, to_all: bool, body: str, **said: Any) -> None:
    """Answer a message, deliver the answer, and say who got it.

    \b
    letterbook reply AAMk... --body "At noon."
    letterbook reply AAMk... --all --body "At noon." --draft
    """
    with desk.holding(message, who) as (book, box):
        begin = box.create_reply_all if to_all else box.create_reply
        _answer(desk, book, box, begin(message, body), **said)


@click.command()
@click.argument("message", metavar="ID")
@click.option("--to", multiple=True, required=True, metavar="WHO", help="A recipient. Repeatable.")
@answer_options
@as_option
@at_desk
def forward(desk: Desk, message: str, who: str | None, to: Sequence[str], body: str, **said: Any) -> None:
    """Send a message on with all that is attached to it, deliver it, and say who got it.

    \b
    letterbook forward AAMk... --to adelev@contoso.com --body "For you."
    """
    with desk.holding(message, who) as (book, box):
        _answer(desk, book, box, box.create_forward(message, to, body), **said)


def _answer(
    desk: Desk, book: Book, box: MailboxHandle, begun: ShownMessage, files: Sequence[Path], as_draft: bool
) -> None:
    begun = attach_all(box, begun, files)
    if as_draft:
        desk.answer(message_data(begun), lambda: click.echo(begun.id))
    else:
        sent_now(desk, book, box, begun.id)


@click.command()
@click.argument("message", metavar="ID")
@click.argument("folder")
@as_option
@at_desk
def move(desk: Desk, message: str, folder: str, who: str | None) -> None:
    """Put a message into another folder.

    FOLDER is the name that people or Graph give it, or its id.

    \b
    letterbook move AAMk... archive
    """
    with desk.holding(message, who) as (_, box):
        after = box.move(message, folder_key(box, folder))
    desk.answer(message_data(after), lambda: say(f'Moved "{after.subject}".'))


@click.command()
@click.argument("message", metavar="ID")
@click.argument("folder")
@as_option
@at_desk
def copy(desk: Desk, message: str, folder: str, who: str | None) -> None:
    """Put a copy of a message into a folder, and print its id.

    FOLDER is the name that people or Graph give it, or its id.

    \b
    letterbook copy AAMk... archive
    """
    with desk.holding(message, who) as (_, box):
        made = box.copy(message, folder_key(box, folder))
    desk.answer(message_data(made), lambda: click.echo(made.id))
