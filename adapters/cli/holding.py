"""Commands about what has to be kept, and for how long: hold, retention, retain."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from letterbook.adapters.book import Book, MailboxHandle
from letterbook.adapters.cli.desk import Desk, Verbs, as_option, at_desk, at_option, person
from letterbook.adapters.cli.keeping import sharing_bar
from letterbook.adapters.cli.reading import folder_key
from letterbook.adapters.cli.telling import moment, say, table
from letterbook.adapters.erasing import BOOK
from letterbook.adapters.kql import Unreadable
from letterbook.application.keeping import names_of_holds
from letterbook.application.ports import Recorded
from letterbook.application.public_ids import Kind, public
from letterbook.application.retaining import Retained
from letterbook.domain.holds import HoldPlaced, RemovalRefused
from letterbook.domain.refusals import MailboxUnknown
from letterbook.domain.retention import LONGEST, RetentionAction, RetentionSet

Data = dict[str, Any]

why_option = click.option(
    "--why", required=True, metavar="TEXT", help="For which reason; it is kept for ever."
)
by_option = click.option("--by", metavar="ADDRESS", default=BOOK, show_default=True, help="Who orders it.")


def _boxes(book: Book, who: str | None, at: str | None = None) -> list[MailboxHandle]:
    """The mailbox of somebody, or everyone's; ``at`` an earlier point, of whoever had one then."""
    people = [person(book, who)] if who else book.users()
    boxes = [MailboxHandle(book, each) for each in people]
    return boxes if at is None else [then for each in boxes for then in _then(each, at, alone=bool(who))]


def _then(box: MailboxHandle, at: str, *, alone: bool) -> list[MailboxHandle]:
    try:
        return [box.at(at)]
    except MailboxUnknown:
        if alone:
            raise
        return []


def _table(columns: dict[str, str], data: list[Data], nothing: str) -> None:
    """A table of what programs get as JSON: columns by what people call them."""
    rows = [[str(each[name]) for name in columns.values()] for each in data]
    table(list(columns), rows, nothing=nothing)


def _short(at: str) -> str:
    return moment(datetime.fromisoformat(at))


# --- Holds -----------------------------------------------------------------------------------------


@click.group(cls=Verbs)
def hold() -> None:
    """Legal holds: what must not be removed, whoever asks."""


@hold.command()
@click.argument("name")
@why_option
@click.option("--search", metavar="QUERY", help="Hold only what this search finds, or would have found.")
@by_option
@as_option
@at_desk
def place(desk: Desk, name: str, why: str, search: str | None, by: str, who: str | None) -> None:
    """Place a hold on a mailbox, or on what a search finds in it.

    What is held can be thrown away, but neither be deleted for good nor erased, and retention passes it over.

    \b
    letterbook hold place Fabrikam --why "Fabrikam v. Contoso" --as alexw@contoso.com
    letterbook hold place Audit --why "Tax audit" --search 'subject:invoice received>=2026-01-01'
    """
    with desk.mailbox(who) as box:
        try:
            placed = box.place_hold(name, why=why, search=search, by=by)
        except Unreadable as no:
            raise click.UsageError(str(no)) from None
    what = "everything" if search is None else f"what '{search}' finds"
    desk.answer(_hold_data(box, placed), lambda: say(f"{name} holds {what} in the mailbox of {box.address}."))


@hold.command()
@click.argument("which", metavar="NAME")
@why_option
@by_option
@as_option
@at_desk
def release(desk: Desk, which: str, why: str, by: str, who: str | None) -> None:
    """Release a hold, named by its name or by its id.

    \b
    letterbook hold release Fabrikam --why "They settled." --as alexw@contoso.com
    letterbook hold list --json | jq '.[].id'
    """
    with desk.mailbox(who) as box:
        released = box.release_hold(which, why=why, by=by)
    say_so = f"{released.name} no longer holds anything in the mailbox of {box.address}."
    desk.answer(_hold_data(box, released), lambda: say(say_so))


@hold.command(name="list")
@at_option
@as_option
@at_desk
def list_holds(desk: Desk, who: str | None, at: str | None) -> None:
    """The holds on one mailbox, or on all."""
    with desk.book() as book:
        data = [_hold_data(box, each) for box in _boxes(book, who, at) for each in box.holds()]
    shown = [_shortened(each) for each in data]
    columns = {name: name for name in ("mailbox", "hold", "search", "since", "by", "why")}
    desk.answer(data, lambda: _table(columns, shown, "Nothing is held."))


def _shortened(its: Data) -> Data:
    return its | {"search": its["search"] or "everything", "since": _short(its["since"])}


def _hold_data(box: MailboxHandle, its: HoldPlaced) -> Data:
    said = {"mailbox": box.address, "hold": its.name, "search": its.search, "why": its.why}
    return said | {"since": its.on.at.isoformat(), "by": its.on.actor, "id": str(its.hold_id)}


@hold.command()
@at_option
@as_option
@at_desk
def refusals(desk: Desk, who: str | None, at: str | None) -> None:
    """What somebody tried to remove, and stayed because it is held."""
    with desk.book() as book:
        data = [each for box in _boxes(book, who, at) for each in _refusals(book, box)]
    shown = [
        each
        | {"holds": ", ".join(each["holds"]), "when": _short(each["when"])}
        | {"message": each["message"] or "everything"}
        for each in data
    ]
    columns = {name: name for name in ("mailbox", "tried", "when", "by", "holds", "message")}
    desk.answer(data, lambda: _table(columns, shown, "Nobody tried to remove what is held."))


def _refusals(book: Book, box: MailboxHandle) -> list[Data]:
    names = names_of_holds(book.engine, box.id)
    return [_refusal_data(box, each, names) for each in box.refused_removals()]


def _refusal_data(box: MailboxHandle, recorded: Recorded, names: dict[UUID, str]) -> Data:
    fact = recorded.fact
    assert isinstance(fact, RemovalRefused), "nothing else is asked for"
    return {
        "mailbox": box.address,
        "tried": str(fact.removal),
        "when": fact.on.at.isoformat(),
        "by": fact.on.actor,
        "why": fact.on.cause,
        "holds": [names[each] for each in fact.holds],
        "message": public(Kind.MESSAGE, fact.message) if fact.message else None,
    }


# --- Retention -------------------------------------------------------------------------------------


@click.group(cls=Verbs)
def retention() -> None:
    """For how long the messages of folders are kept."""


@retention.command(name="set")
@click.argument("folder")
@click.option("--days", type=click.IntRange(1, LONGEST), required=True, help="For how many days.")
@click.option(
    "--action",
    type=click.Choice([each.value for each in RetentionAction]),
    default=RetentionAction.DELETE.value,
    show_default=True,
    help="What becomes of messages then: deleted for good, or made unreadable.",
)
@by_option
@as_option
@at_desk
def set_(desk: Desk, folder: str, days: int, action: str, by: str, who: str | None) -> None:
    """Keep messages so many days in a folder, and in the folders below it.

    Days count from when a message was received, or came into Deleted Items. msgfolderroot is for every folder
    that says nothing else. Messages go when "letterbook retain" is called, and once an hour from a server.

    \b
    letterbook retention set deleteditems --days 30 --as alexw@contoso.com
    letterbook retention set Invoices --days 3650 --action erase
    """
    with desk.mailbox(who) as box:
        box.set_retention(folder_key(box, folder), days=days, action=action, by=by)
        said = [_rule_data(box, each) for each in box.retention()]
    then = {"delete": "then they are deleted for good", "erase": "then they are erased"}[action]
    desk.answer(said, lambda: say(f"Messages are kept {days} days in {folder} of {box.address}, {then}."))


@retention.command()
@click.argument("folder")
@by_option
@as_option
@at_desk
def clear(desk: Desk, folder: str, by: str, who: str | None) -> None:
    """Let a folder no longer say how long messages are kept."""
    with desk.mailbox(who) as box:
        box.clear_retention(folder_key(box, folder), by=by)
        said = [_rule_data(box, each) for each in box.retention()]
    desk.answer(said, lambda: say(f"{folder} of {box.address} says nothing of how long messages are kept."))


@retention.command(name="list")
@at_option
@as_option
@at_desk
def list_rules(desk: Desk, who: str | None, at: str | None) -> None:
    """How long messages are kept, in one mailbox or in all."""
    with desk.book() as book:
        data = [_rule_data(box, each) for box in _boxes(book, who, at) for each in box.retention()]
    columns = {name: name for name in ("mailbox", "folder", "days", "action", "by")}
    desk.answer(data, lambda: _table(columns, data, "No folder says how long messages are kept."))


def _rule_data(box: MailboxHandle, rule: RetentionSet) -> Data:
    days = {"days": rule.days, "action": str(rule.action), "by": rule.on.actor}
    return _folder_data(box, rule.folder) | days


def _folder_data(box: MailboxHandle, folder: UUID) -> Data:
    """A folder; one that was deleted meanwhile is called by its id."""
    names, key = {each.folder: each.name for each in box.folders()}, public(Kind.FOLDER, folder)
    return {"mailbox": box.address, "folder": names.get(folder, key), "id": key}


@click.command()
@at_desk
def retain(desk: Desk) -> None:
    """Remove what has been kept as long as its folder says.

    What is held is passed over and counted, and so is what cannot be erased, as the store is not encrypted. A
    server does this by itself, once an hour.
    """
    with desk.book() as book:
        boxes = {box.id: box for box in _boxes(book, None)}
        with sharing_bar(desk, "Removing") as tell:
            done = book.retain(progress=tell)
        data = [_retained_data(boxes[each.mailbox], each) for each in done]
    columns = {
        name: name for name in ("mailbox", "folder", "days", "action", "removed", "held", "impossible")
    }
    desk.answer(data, lambda: _table(columns, data, "Nothing has been kept long enough."))


def _retained_data(box: MailboxHandle, what: Retained) -> Data:
    counts = {"removed": what.removed, "held": what.held, "impossible": what.impossible}
    rule = {"days": what.rule.days, "action": str(what.rule.action)}
    return _folder_data(box, what.folder) | rule | counts
