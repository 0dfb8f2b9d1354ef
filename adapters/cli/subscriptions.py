"""The command about who is notified."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import click

from letterbook.adapters.book import Book
from letterbook.adapters.cli.desk import Desk, at_desk
from letterbook.adapters.cli.telling import table
from letterbook.application.standing import LifecycleEvent
from letterbook.domain.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Reminder:
    """A subscription, and an event to tell its holder of."""

    name: UUID
    event: str


@click.command()
@click.option("--remove", type=click.UUID, metavar="ID", help="Take one away; its holder is told so.")
@click.option("--remind", type=click.UUID, metavar="ID", help="Tell the holder of one of an event.")
@click.option(
    "--event",
    type=click.Choice([event.value for event in LifecycleEvent]),
    default=LifecycleEvent.REAUTHORIZE.value,
    show_default=True,
    help="The event; goes with --remind.",
)
@at_desk
def subscriptions(desk: Desk, remove: UUID | None, remind: UUID | None, event: str) -> None:
    """Show who is notified of changes, or take a subscription away.

    Events are told by a server that runs; without one, by the next. That lets a test see whether the other
    side renews, begins anew or fetches what it missed.

    \b
    letterbook subscriptions
    letterbook subscriptions --remind 0199e3a0-7c1e-7a51-9f4e-2a9d6f1c8b30 --event missed
    """
    if remove and remind:
        raise click.UsageError("--remove and --remind do not go together.")
    with desk.book() as book:
        known = _changed(book, remove, Reminder(remind, event) if remind else None)
        names = {each.mailbox: each.address for each in book.users()}
    data = [_data(each, names[each.mailbox]) for each in known]
    desk.answer(data, lambda: _tell(data))


def _changed(book: Book, remove: UUID | None, reminder: Reminder | None) -> list[Subscription]:
    """Do what is asked; gives the subscriptions it is about."""
    if remove:
        about = book.subscriptions.find(remove)
        book.subscriptions.remove(remove)
        return [about]
    if reminder:
        about = book.subscriptions.find(reminder.name)
        book.subscriptions.remind(reminder.name, reminder.event)
        return [about]
    return book.subscriptions.all()


def _data(its: Subscription, address: str) -> dict[str, Any]:
    """What a program gets: everything but what only the subscriber knows."""
    return {
        "id": str(its.id),
        "address": address,
        "resource": its.resource,
        "changeType": its.change_type,
        "notificationUrl": its.notification_url,
        "lifecycleNotificationUrl": its.lifecycle_url,
        "expirationDateTime": its.expires_at.isoformat(),
        "includeResourceData": its.certificate is not None,
        "applicationId": its.by.application,
    }


def _tell(data: list[dict[str, Any]]) -> None:
    columns = ("id", "address", "resource", "changeType", "notificationUrl", "expirationDateTime")
    rows = [[each[name] for name in columns] for each in data]
    table(["id", "mailbox", "resource", "changes", "endpoint", "until"], rows, nothing="Nobody is notified.")
