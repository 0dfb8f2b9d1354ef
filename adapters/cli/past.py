"""Commands about the past: history, diff, fork."""

from pathlib import Path

import click

from letterbook.adapters.chronicle import changes_data, difference_data
from letterbook.adapters.cli import chronicle, telling
from letterbook.adapters.cli.desk import STORE, Desk, as_option, at_desk, at_option, person
from letterbook.adapters.cli.reading import folder_key


@click.command()
@click.argument("message", metavar="ID")
@at_option
@as_option
@at_desk
def history(desk: Desk, message: str, at: str | None, who: str | None) -> None:
    """Everything that happened to a message.

    First to last, each with what it changed; also after the message was deleted.

    \b
    letterbook history AAMk...
    letterbook history AAMk... --json | jq '.[].changes'
    """
    with desk.holding(message, who, at) as (_, box):
        moments = box.timeline(message)
        data = [
            telling.fact_data(each.recorded) | {"changes": changes_data(each.changes)} for each in moments
        ]
        desk.answer(data, lambda: chronicle.history(box, moments))


@click.command()
@click.option("--from", "since", metavar="POINT", required=True, help="The earlier moment or position.")
@click.option("--to", "until", metavar="POINT", help="The later one; now, if it is not said.")
@click.option("--message", metavar="ID", help="Only of this message.")
@click.option("--in", "folder", metavar="FOLDER", help="Only of this folder.")
@as_option
@at_desk
def diff(
    desk: Desk, since: str, until: str | None, message: str | None, folder: str | None, who: str | None
) -> None:
    """What is different at one moment from another.

    Of a mailbox, a folder or a message: what came, what went, and of all else the properties that changed.

    \b
    letterbook diff --from 2026-01-31T12:00Z
    letterbook diff --from 120 --to 140 --in inbox
    letterbook diff --from 2026-01-31 --message AAMk... --json
    """
    if message and folder:
        raise click.UsageError("--message and --in are two things to look at: choose one.")
    with desk.holding(message, who) if message else desk.mailbox(who) as opened:
        box = opened[1] if isinstance(opened, tuple) else opened
        key = folder_key(box, folder) if folder else None
        found = box.diff(since, until, message=message, folder=key)
        desk.answer([difference_data(each) for each in found], lambda: chronicle.differences(box, found))


@click.command()
@click.argument("new", metavar="NEW", type=STORE)
@at_option
@click.option("--outbox", is_flag=True, help="Take along what was on its way; else nothing will be sent.")
@click.option("--only", metavar="ADDRESS", help="Only this mailbox; then --at may be a position.")
@at_desk
def fork(desk: Desk, new: Path, at: str | None, outbox: bool, only: str | None) -> None:
    """Make a new store of what this one held at a moment, or holds now.

    It is independent: what happens in one of them does not happen in the other. It can be thrown away as a
    file can.

    \b
    letterbook fork what-if.db
    letterbook fork --at 2026-01-31T12:00Z january.db
    letterbook fork --at 120 --only alexw@contoso.com alex.db
    """
    with desk.book() as book:
        whose = person(book, only).address if only else None
        with book.fork(new, at=at, only=whose, outbox=outbox) as made:
            people = made.users()
    data = {"store": str(new), "mailboxes": [telling.person_data(each) for each in people]}
    desk.answer(data, lambda: telling.say(f"{new} holds {', '.join(each.address for each in people)}."))
