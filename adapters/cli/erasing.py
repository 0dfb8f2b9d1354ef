"""The command that erases: a message, or people."""

import sys
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click

from letterbook.adapters.book import Book
from letterbook.adapters.cli.desk import Desk, as_option, at_desk
from letterbook.adapters.cli.keeping import count_events, progress_bar
from letterbook.adapters.cli.telling import say
from letterbook.adapters.erasing import BOOK
from letterbook.application.erasing import Erasure, Trace
from letterbook.application.public_ids import Kind, public


@click.command()
@click.argument("message", metavar="[ID]", required=False)
@click.option("--person", "people", metavar="ADDRESS", multiple=True, help="Erase somebody; may be repeated.")
@click.option("--why", metavar="TEXT", required=True, help="Which law, order or wish demands it.")
@click.option("--by", metavar="ADDRESS", default=BOOK, show_default=True, help="Who orders it.")
@as_option
@at_desk
def erase(
    desk: Desk, message: str | None, people: tuple[str, ...], why: str, by: str, who: str | None
) -> None:
    """Make a message, or all that is about people, unreadable for ever.

    The history stays whole and can still be verified; what it says there can be read by nobody any more, and
    all traces are cleared out of the files of the store. Who ordered it and why is written down in clear. A
    person's own mailbox goes whole, and in all others every message that ever named them. What is on hold
    stays; exit code 1 if anything did. Only an encrypted store can forget.

    \b
    letterbook erase AAMk... --why "Sent to the wrong person"
    letterbook erase --person alexw@contoso.com --why "Article 17, request 4711" --by danas@contoso.com
    """
    if (message is None) == (not people):
        raise click.UsageError("Say which message, or --person who.")
    if message is not None:
        with desk.holding(message, who) as (book, box):
            whose = _addresses(book)
            erasure = box.erase(message, why=why, by=by)
    else:
        with desk.book() as book, progress_bar(desk, "Looking", count_events(book)) as tell:
            whose = _addresses(book)
            erasure = book.erase_people(people, why=why, by=by, progress=tell)
    desk.answer(_data(erasure, whose), lambda: _tell(erasure, whose))
    sys.exit(1 if erasure.held_messages or erasure.held_mailboxes else 0)


def _addresses(book: Book) -> dict[UUID, str]:
    return {each.mailbox: each.address for each in book.users()}


def _data(erasure: Erasure, whose: dict[UUID, str]) -> dict[str, Any]:
    return asdict(erasure) | {"traces": [_trace_data(each, whose) for each in erasure.traces]}


def _trace_data(trace: Trace, whose: dict[UUID, str]) -> dict[str, str | None]:
    return {
        "mailbox": whose.get(trace.mailbox, str(trace.mailbox)),
        "message": public(Kind.MESSAGE, trace.message) if trace.message else None,
        "fact": trace.fact,
        "address": trace.address,
    }


def _tell(erasure: Erasure, whose: dict[UUID, str]) -> None:
    say(f"Erased: {_counted(erasure.messages, 'message')}, {_counted(len(erasure.mailboxes), 'mailbox')}.")
    for address in erasure.mailboxes:
        say(f"  all of {address}")
    for address in erasure.held_mailboxes:
        say(f"  {address} stays: something in it is on hold", "bold red")
    if erasure.held_messages:
        say(f"  on hold, and still there: {_counted(erasure.held_messages, 'message')}", "bold red")
    if erasure.traces:
        say("Still named, for you to look at:")
    for each in (_trace_data(trace, whose) for trace in erasure.traces):
        where = f" {each['message']}" if each["message"] else ""
        say(f"  {each['address']} in {each['mailbox']}: {each['fact']}{where}")
    if not erasure.purged:
        say("The files cannot be cleared now: it is done when the store is opened next.", "bold red")


def _counted(count: int, what: str) -> str:
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what}{'es' if what.endswith('x') else 's'}"
