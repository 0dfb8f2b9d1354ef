"""Commands that read: drafts, sent, folder, search, folders, show."""

import re

import click

from letterbook.adapters.book import MailboxHandle
from letterbook.adapters.cli import telling
from letterbook.adapters.cli.desk import Desk, as_option, at_desk, at_option
from letterbook.adapters.kql import Unreadable
from letterbook.application.public_ids import Kind, public
from letterbook.application.shown import ShownMessage, ShownRecipient
from letterbook.domain import text
from letterbook.domain.message import Message

top_option = click.option(
    "--top", type=click.IntRange(1), default=100, show_default=True, help="At most so many messages."
)
ARRIVED = frozenset({"inbox", "junkemail", "clutter"})
"""Folders in which one asks who wrote, not to whom."""


@click.command()
@top_option
@at_option
@as_option
@at_desk
def drafts(desk: Desk, who: str | None, at: str | None, top: int) -> None:
    """What is in Drafts, newest first."""
    _list(desk, who, at, "drafts", top)


@click.command()
@top_option
@at_option
@as_option
@at_desk
def sent(desk: Desk, who: str | None, at: str | None, top: int) -> None:
    """What is in Sent Items, newest first."""
    _list(desk, who, at, "sentitems", top)


@click.command()
@click.argument("name")
@top_option
@at_option
@as_option
@at_desk
def folder(desk: Desk, who: str | None, at: str | None, name: str, top: int) -> None:
    """What is in one folder, newest first.

    NAME is the name that people or Graph give it, or its id.

    \b
    letterbook folder inbox --as adelev@contoso.com
    letterbook folder "Sent Items"
    """
    _list(desk, who, at, name, top)


@click.command()
@click.argument("query")
@click.option("--in", "name", metavar="FOLDER", help="Only in this folder.")
@top_option
@at_option
@as_option
@at_desk
def search(desk: Desk, who: str | None, at: str | None, name: str | None, query: str, top: int) -> None:
    """What is found for some words, newest first.

    Words are looked for in author, subject and body, or in the property that is named.

    \b
    letterbook search 'pizza "next week"'
    letterbook search 'subject:offsite AND (from:meganb OR received>=2026-01-01)'
    """
    with desk.mailbox(who, at) as box:
        try:
            found = box.search(query, top=top, folder=folder_key(box, name) if name else None)
        except Unreadable as no:
            raise click.UsageError(str(no)) from None
    data = [telling.message_data(each) for each in found]
    desk.answer(data, lambda: telling.messages(found, arrived=True))


def _list(desk: Desk, who: str | None, at: str | None, name: str, top: int) -> None:
    with desk.mailbox(who, at) as box:
        found = box.folder(folder_key(box, name), top=top)
    arrived = name.lower() in ARRIVED
    data = [telling.message_data(each) for each in found]
    desk.answer(data, lambda: telling.messages(found, arrived=arrived))


def folder_key(box: MailboxHandle, name: str) -> str:
    """The id of a folder that people call by this name; else the name, which may be one Graph knows."""
    for each in box.folders():
        if each.name.casefold() == name.casefold():
            return public(Kind.FOLDER, each.folder)
    return name


@click.command()
@at_option
@as_option
@at_desk
def folders(desk: Desk, who: str | None, at: str | None) -> None:
    """Every folder of a mailbox, with its counts."""
    with desk.mailbox(who, at) as box:
        found = box.folders()
    rows = [[each.name, each.well_known or "", str(each.total), str(each.unread)] for each in found]
    data = [telling.folder_data(each) for each in found]
    desk.answer(data, lambda: telling.table(["folder", "name in graph", "total", "unread"], rows))


@click.command()
@click.argument("message", metavar="ID")
@click.option("--mime", is_flag=True, help="The message as MIME, as a .eml file would hold it.")
@at_option
@as_option
@at_desk
def show(desk: Desk, message: str, mime: bool, at: str | None, who: str | None) -> None:
    """One message.

    \b
    letterbook show AAMk...
    letterbook show AAMk... --mime > letter.eml
    letterbook show AAMk... --at 2026-01-31T12:00Z
    """
    if mime and desk.as_json:
        raise click.UsageError("--mime and --json are two ways to show the same: choose one.")
    with desk.holding(message, who, at) as (_, box):
        found, state = box.message(message), box.state(message)
        raw = box.mime(message) if mime else b""
    if mime:
        click.echo(raw, nl=False)
    else:
        data = telling.message_data(found) | telling.details_data(state)
        desk.answer(data, lambda: _tell(found, state))


def _tell(found: ShownMessage, state: Message) -> None:
    for name, value in _facts_of(found, state):
        if value:
            telling.say(f"{name + ':':<13}{value}")
    telling.say()
    body = found.body.content if found.body.content_type == "text" else text.plain(found.body.content)
    click.echo(telling.clean(re.sub(r"\r\n?", "\n", body), keep="\n\t\u200c\u200d"))


def _facts_of(found: ShownMessage, state: Message) -> list[tuple[str, str]]:
    return [
        ("Subject", found.subject),
        ("From", _people((found.from_,) if found.from_ else ())),
        ("To", _people(found.to_recipients)),
        ("Cc", _people(found.cc_recipients)),
        ("Bcc", _people(found.bcc_recipients)),
        ("Reply to", _people(found.reply_to)),
        ("Mentions", ", ".join(telling.in_full(each.mentioned) for each in state.mentions)),
        ("Attachments", ", ".join(f"{each.name} ({each.size:,} bytes)" for each in state.attachments)),
        ("Marks", telling.marks(found)),
        ("Written" if found.is_draft else "Sent", telling.moment(state.sent_at)),
    ]


def _people(people: tuple[ShownRecipient, ...]) -> str:
    each = (person.email_address for person in people)
    return ", ".join(
        f"{one.name} <{one.address}>" if one.name != one.address else f"{one.name}" for one in each
    )
