"""Letterbook: an event-sourced mailbox engine that speaks the mail part of Microsoft Graph.

>>> from letterbook import open_book
>>> with open_book(":memory:") as book:
...     alex = book.mailbox("alex@contoso.com", name="Alex Wilber")
...     draft = alex.create_draft(subject="Hello", to=["adele@contoso.com"])
...     alex.send(draft)
...     [message.subject for message in alex.sent_items()]
['Hello']
"""

import gc
from typing import TYPE_CHECKING

_collecting = gc.isenabled()
gc.disable()  # what is imported stays: to look it over for garbage again and again takes a tenth of the time
try:
    from letterbook.adapters.book import Book
    from letterbook.adapters.book import MailboxHandle as Mailbox
    from letterbook.adapters.checkpoint_file import CheckpointFile
    from letterbook.adapters.notary import Ed25519Notary
    from letterbook.adapters.store.opening import StoreRefused
    from letterbook.adapters.subscribed import Subscriptions
    from letterbook.adapters.webhooks.late import WebhookRefused
    from letterbook.adapters.wiring import Limits, open_book
    from letterbook.application.admitting import Gatekeeper, NotAdmitted, Visitor
    from letterbook.application.checkpoints import Witness
    from letterbook.application.erasing import Erasure, Trace
    from letterbook.application.importing import Report as ImportReport
    from letterbook.application.moving import MoveRefused
    from letterbook.application.notes import Checkpoint, NoCheckpoint, Notary
    from letterbook.application.ports import Clock, Recorded, SealBroken, Transport, TryLater, Undeliverable
    from letterbook.application.rebuilding import Rebuilt
    from letterbook.application.retaining import Retained
    from letterbook.application.rows import FolderRow as Folder
    from letterbook.application.rows import PersonRow as User
    from letterbook.application.shown import ShownMessage as Message
    from letterbook.application.tidying import Tidied
    from letterbook.application.timeline import Difference, Moment
    from letterbook.application.transcribing import Restored
    from letterbook.application.troubles import (
        StoreBusy,
        StoreClosed,
        StoreDamaged,
        StoreFull,
        StoreTrouble,
        StoreUnavailable,
    )
    from letterbook.application.verifying import Finding, Report, Witnesses
    from letterbook.domain.attachments import FileAttachment
    from letterbook.domain.facts import Fact, UnknownFact
    from letterbook.domain.holds import HoldPlaced as Hold
    from letterbook.domain.message import Message as MessageState
    from letterbook.domain.people import EmailAddress
    from letterbook.domain.refusals import Refused
    from letterbook.domain.retention import RetentionSet as Retention
    from letterbook.domain.subscriptions import Subscription
finally:
    if _collecting:
        gc.enable()

if TYPE_CHECKING:
    from letterbook.adapters.tokens import Keeper, ProviderTokens

__all__ = [
    "Book",
    "Checkpoint",
    "CheckpointFile",
    "Clock",
    "Difference",
    "Ed25519Notary",
    "EmailAddress",
    "Erasure",
    "Fact",
    "FileAttachment",
    "Finding",
    "Folder",
    "Gatekeeper",
    "Hold",
    "ImportReport",
    "Keeper",
    "Limits",
    "Mailbox",
    "Message",
    "MessageState",
    "Moment",
    "MoveRefused",
    "NoCheckpoint",
    "NotAdmitted",
    "Notary",
    "ProviderTokens",
    "Rebuilt",
    "Recorded",
    "Refused",
    "Report",
    "Restored",
    "Retained",
    "Retention",
    "SealBroken",
    "StoreBusy",
    "StoreClosed",
    "StoreDamaged",
    "StoreFull",
    "StoreRefused",
    "StoreTrouble",
    "StoreUnavailable",
    "Subscription",
    "Subscriptions",
    "Tidied",
    "Trace",
    "Transport",
    "TryLater",
    "Undeliverable",
    "UnknownFact",
    "User",
    "Visitor",
    "WebhookRefused",
    "Witness",
    "Witnesses",
    "open_book",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """What reads an identity provider's tokens: with the libraries behind it, imported if it is needed."""
    if name not in ("Keeper", "ProviderTokens"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from letterbook.adapters import tokens

    found: object = getattr(tokens, name)
    return found
