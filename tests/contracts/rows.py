"""Rows for the contracts of views, and short ways to put them in and ask for them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from letterbook.application.ports import Store, Views
from letterbook.application.querying import Order, PageQuery, Place, Where, sort_value
from letterbook.application.rows import Count, FolderRow, MessageRow, PutFolder, PutMessage, ViewChange
from tests.fakes import MONDAY

HOME = UUID("11111111-1111-4111-8111-111111111111")
AWAY = UUID("22222222-2222-4222-8222-222222222222")
INBOX = UUID("33333333-3333-4333-8333-333333333333")
DRAFTS = UUID("44444444-4444-4444-8444-444444444444")

T = TypeVar("T")


def row(number: int, **said: Any) -> MessageRow:
    """A message of the Inbox, ordinary but for what is said."""
    usual = MessageRow(
        message=UUID(int=number),
        folder=INBOX,
        received_at=MONDAY,
        sent_at=MONDAY,
        created_at=MONDAY,
        modified_at=MONDAY,
        subject="Offsite",
        from_address="meganb@contoso.com",
        from_name="Megan Bowen",
        importance="normal",
        is_read=False,
        is_draft=False,
        has_attachments=False,
        flag_status="notFlagged",
        inference="focused",
        conversation="AAQk",
        internet_message_id="<1@contoso.com>",
        mentions_owner=False,
        in_mailbox=True,
        head=b'{"id":"1",',
        beta=b'"unsubscribeEnabled":false,',
        body=b'"body":{},',
        tail=b'"toRecipients":[]}',
    )
    return usual._replace(**said)


def folder(name: UUID = INBOX, shown: str = "Inbox", **said: Any) -> FolderRow:
    """A folder with nothing in it."""
    return replace(FolderRow(folder=name, name=shown, parent=None, well_known=None, hidden=False), **said)


def keep(store: Store, *changes: ViewChange, mailbox: UUID = HOME, position: int = 1) -> None:
    """Apply changes in a transaction of their own."""
    with store.writing() as session:
        session.views.apply(mailbox, position, changes)


def keep_and_fail(store: Store, *changes: ViewChange) -> None:
    """Apply changes in a transaction that fails after that."""
    with store.writing() as session:
        session.views.apply(HOME, 9, changes)
        raise ZeroDivisionError


def put(store: Store, rows: Iterable[MessageRow]) -> None:
    """Show messages, counted."""
    shown = list(rows)
    counts = [Count(each.folder, 1, 1 - int(each.is_read)) for each in shown]
    keep(store, PutFolder(folder()), PutFolder(folder(DRAFTS, "Drafts")), *map(PutMessage, shown), *counts)


def ask(store: Store, question: Callable[[Views], T]) -> T:
    """Read from the views."""
    with store.reading() as session:
        return question(session.views)


def page(store: Store, mailbox: UUID = HOME, **query: Any) -> list[int]:
    """The numbers of the messages on a page of the Inbox."""
    asked = replace(PageQuery(folder=INBOX, top=1000), **query)
    return [each.message.int for each in ask(store, lambda views: views.page(mailbox, asked))]


def found(store: Store, where: Where) -> set[int]:
    """The numbers of the messages that a condition holds for; counting must agree."""
    numbers = page(store, where=where)
    assert ask(store, lambda views: views.count(HOME, INBOX, where)) == len(numbers)
    return set(numbers)


def various() -> list[MessageRow]:
    """Messages that differ in every field, with some ties in each."""
    return [
        row(
            number,
            received_at=MONDAY + timedelta(seconds=number % 3, microseconds=number % 2),
            sent_at=MONDAY - timedelta(days=number % 4),
            created_at=MONDAY + timedelta(microseconds=number % 5),
            modified_at=MONDAY + timedelta(days=number % 2),
            subject=("Offsite", "offsite", "Été", "", "Z\0", "会議")[number % 6],
            from_address=("meganb@contoso.com", "AdeleV@contoso.com", "danas@fabrikam.com")[number % 3],
            from_name=("Megan Bowen", "adele vance", "Dana Swope")[number % 3],
            importance=("low", "normal", "high")[number % 3],
            flag_status=("notFlagged", "flagged", "complete")[number % 3],
            inference=("focused", "other")[number % 2],
            conversation=("AAQk", "AAQl", "aaqk")[number % 3],
            internet_message_id=f"<{number % 4}@contoso.com>",
            is_read=number % 2 == 0,
            is_draft=number % 3 == 0,
            has_attachments=number % 4 == 0,
            mentions_owner=number % 5 == 0,
            size=number % 7,
            sender_address=(None, "danas@fabrikam.com", "")[number % 3 - number % 2],
            sender_name=(None, "Dana Swope", "")[number % 3 - number % 2],
        )
        for number in range(1, 25)
    ]


def place_of(shown: MessageRow, order: tuple[Order, ...]) -> Place:
    """The place of a message in an order."""
    return Place(tuple(sort_value(shown, each.by) for each in order), shown.message)
