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

_collecting = gc.isenabled()
gc.disable()  # what is imported stays: to look it over for garbage again and again takes a tenth of the time
try:
    from letterbook.adapters.book import Book
    from letterbook.adapters.book import MailboxHandle as Mailbox
    from letterbook.adapters.checkpoint_file import CheckpointFile
    from letterbook.adapters.notary import Ed25519Notary
    from letterbook.adapters.store.opening import StoreRefused
    from letterbook.adapters.wiring import Limits, open_book
    from letterbook.application.importing import Report as ImportReport
    from letterbook.application.moving import MoveRefused
    from letterbook.application.notes import Checkpoint
    from letterbook.application.ports import SealBroken
    from letterbook.application.retaining import Retained
    from letterbook.application.shown import ShownMessage as Message
    from letterbook.application.troubles import (
        StoreBusy,
        StoreClosed,
        StoreDamaged,
        StoreFull,
        StoreTrouble,
        StoreUnavailable,
    )
    from letterbook.application.verifying import Finding, Report, Witnesses
    from letterbook.domain.holds import HoldPlaced as Hold
    from letterbook.domain.people import EmailAddress
    from letterbook.domain.refusals import Refused
finally:
    if _collecting:
        gc.enable()

__all__ = [
    "Book",
    "Checkpoint",
    "CheckpointFile",
    "Ed25519Notary",
    "EmailAddress",
    "Finding",
    "Hold",
    "ImportReport",
    "Limits",
    "Mailbox",
    "Message",
    "MoveRefused",
    "Refused",
    "Report",
    "Retained",
    "SealBroken",
    "StoreBusy",
    "StoreClosed",
    "StoreDamaged",
    "StoreFull",
    "StoreRefused",
    "StoreTrouble",
    "StoreUnavailable",
    "Witnesses",
    "open_book",
]
__version__ = "0.1.0"
