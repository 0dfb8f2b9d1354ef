"""Commands that write: draft, update, mention, send."""

import mimetypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from letterbook.adapters.book import Book, MailboxHandle
from letterbook.adapters.cli.desk import Desk, as_option, at_desk
from letterbook.adapters.cli.telling import message_data, say
from letterbook.application.shown import ShownMessage
from letterbook.domain.attachments import FileAttachment
from letterbook.domain.message import Delivered, DeliveryFailed

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def letter_options(command: Command) -> Command:
    """What a letter can be told to say."""
    for option in reversed(
        (
            click.option("--subject", help="The subject line."),
            click.option("--body", help="The body."),
            click.option(
                "--body-file",
                type=click.File(encoding="utf-8"),
                help="A file with the body; - is standard input.",
            ),
            click.option("--html", is_flag=True, help="The body is HTML."),
            click.option(
                "--to",
                multiple=True,
                metavar="WHO",
                help='A recipient: a@b.com or "Name <a@b.com>". Repeatable.',
            ),
            click.option("--cc", multiple=True, metavar="WHO", help="A recipient of a copy. Repeatable."),
            click.option(
                "--bcc", multiple=True, metavar="WHO", help="A recipient nobody else sees. Repeatable."
            ),
            click.option(
                "--reply-to", multiple=True, metavar="WHO", help="Where answers should go. Repeatable."
            ),
            click.option(
                "--importance", type=click.Choice(["low", "normal", "high"]), help="How much it matters."
            ),
            click.option("--attach", "files", type=FILE, multiple=True, help="A file to attach. Repeatable."),
        )
    ):
        command = option(command)
    return command


def letter_of(said: dict[str, Any]) -> dict[str, Any]:
    """What was said about the letter, and nothing that was not."""
    text, from_file, html = said.pop("body"), said.pop("body_file"), said.pop("html")
    if text is not None and from_file is not None:
        raise click.UsageError("Give --body or --body-file, not both.")
    body = from_file.read() if from_file is not None else text
    if html and body is None:
        raise click.UsageError("--html says what kind of body it is: give --body or --body-file too.")
    letter = {name: value for name, value in said.items() if value not in (None, ())}
    if body is not None:
        letter |= {"body": body, "body_type": "html" if html else "text"}
    return letter


def attached(box: MailboxHandle, files: Sequence[Path]) -> list[FileAttachment]:
    """Files, ready to be attached."""
    return [box.file(file.name, file.read_bytes(), content_type=kind_of(file)) for file in files]


def kind_of(file: Path) -> str:
    """The content type of a file, going by its name."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


@click.command()
@letter_options
@click.option("--mention", "mentions", multiple=True, metavar="WHO", help="Somebody to call out. Repeatable.")
@click.option(
    "--mime",
    type=click.File("rb"),
    help="A .eml file to make the draft from, instead of all the above; - is standard input.",
)
@as_option
@at_desk
def draft(
    desk: Desk, who: str | None, mime: Any, files: Sequence[Path], mentions: Sequence[str], **said: Any
) -> None:
    """Begin a letter in Drafts, and print its id.

    \b
    letterbook draft --to adelev@contoso.com --subject Lunch --body "At noon?"
    letterbook draft --to adelev@contoso.com --body-file news.html --html --attach plan.pdf
    letterbook draft --mime letter.eml
    """
    letter = letter_of(said)
    if mime is not None and (letter or files or mentions):
        raise click.UsageError("A MIME message says everything itself: --mime goes with none of the others.")
    with desk.mailbox(who) as box:
        if mime is not None:
            made = box.create_draft_from_mime(mime.read())
        else:
            made = box.create_draft(**letter, mentions=mentions, attachments=attached(box, files))
    desk.answer(message_data(made), lambda: click.echo(made.id))


@click.command()
@click.argument("message", metavar="ID")
@letter_options
@as_option
@at_desk
def update(desk: Desk, message: str, who: str | None, files: Sequence[Path], **said: Any) -> None:
    """Rewrite parts of a draft; what is not named keeps its value.

    \b
    letterbook update AAMk... --subject "Lunch on Friday"
    letterbook update AAMk... --to adelev@contoso.com --to meganb@contoso.com
    """
    letter = letter_of(said)
    if not letter and not files:
        raise click.UsageError("Say what should change, for example --subject.")
    with desk.holding(message, who) as (_, box):
        after = box.update_draft(message, **letter) if letter else box.message(message)
        after = attach_all(box, after, files)
    desk.answer(message_data(after), lambda: say(f'Updated "{after.subject}".'))


def attach_all(box: MailboxHandle, draft: ShownMessage, files: Sequence[Path]) -> ShownMessage:
    """The draft with files attached to it."""
    for file in files:
        draft = box.attach(draft, file.name, file.read_bytes(), content_type=kind_of(file))
    return draft


@click.command()
@click.argument("message", metavar="ID")
@click.argument("mentioned", metavar="WHO")
@click.option("--remove", is_flag=True, help="Take the mention back.")
@as_option
@at_desk
def mention(desk: Desk, message: str, mentioned: str, remove: bool, who: str | None) -> None:
    """Call somebody out in a draft.

    Mentioning somebody a second time says nothing new.

    \b
    letterbook mention AAMk... "Dana Swope <danas@contoso.com>"
    letterbook mention AAMk... danas@contoso.com --remove
    """
    with desk.holding(message, who) as (_, box):
        after = box.unmention(message, mentioned) if remove else box.mention(message, mentioned)
    verb = "No longer mentioned" if remove else "Mentioned"
    desk.answer(message_data(after), lambda: say(f'{verb} in "{after.subject}": {mentioned}'))


@click.command()
@click.argument("message", metavar="ID")
@as_option
@at_desk
def send(desk: Desk, message: str, who: str | None) -> None:
    """Send a draft, deliver it, and say who got it.

    \b
    letterbook send AAMk...
    """
    with desk.holding(message, who) as (book, box):
        sent_now(desk, book, box, message)


def sent_now(desk: Desk, book: Book, box: MailboxHandle, message: str) -> None:
    """Send a draft, deliver it, and say who got it."""
    box.send(message)
    book.deliver()
    after, outcome, waiting = box.message(message), _outcome(box, message), book.waiting()
    data = {"message": message_data(after), "deliveries": outcome, "waiting": waiting}
    desk.answer(data, lambda: _tell_sent(after, outcome, waiting))


def _outcome(box: MailboxHandle, message: str) -> list[dict[str, str]]:
    """What became of the letter for each recipient, as far as it is known."""
    outcome = []
    for fact in box.history(message):
        match fact:
            case Delivered():
                outcome.append({"recipient": fact.recipient, "via": fact.via})
            case DeliveryFailed():
                outcome.append({"recipient": fact.recipient, "failure": fact.reason})
            case _:
                pass
    return outcome


def _tell_sent(sent: ShownMessage, outcome: Sequence[dict[str, str]], waiting: int) -> None:
    say(f'Sent "{sent.subject}".')
    for each in outcome:
        how = f"not delivered: {each['failure']}" if "failure" in each else f"delivered via {each['via']}"
        say(f"  {each['recipient']}  {how}", "red" if "failure" in each else "green")
    if waiting:
        say(f"  {waiting} still waiting; a running server tries again.", "yellow")
