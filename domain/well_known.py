"""The folders that every mailbox is born with, and their ids."""

from functools import lru_cache
from uuid import UUID, uuid5

from letterbook.domain.folders import Folder

ROOT = "msgfolderroot"
BIN = "deleteditems"

WELL_KNOWN: tuple[tuple[str, str, str | None, bool], ...] = (
    ("msgfolderroot", "Top of Information Store", None, False),
    ("archive", "Archive", ROOT, False),
    ("clutter", "Clutter", ROOT, True),
    ("conflicts", "Conflicts", "syncissues", False),
    ("conversationhistory", "Conversation History", ROOT, False),
    ("deleteditems", "Deleted Items", ROOT, False),
    ("drafts", "Drafts", ROOT, False),
    ("inbox", "Inbox", ROOT, False),
    ("junkemail", "Junk Email", ROOT, False),
    ("localfailures", "Local Failures", "syncissues", False),
    ("outbox", "Outbox", ROOT, False),
    ("recoverableitemsdeletions", "Deletions", None, True),
    ("scheduled", "Scheduled", ROOT, True),
    ("searchfolders", "Finder", None, True),
    ("sentitems", "Sent Items", ROOT, False),
    ("serverfailures", "Server Failures", "syncissues", False),
    ("syncissues", "Sync Issues", ROOT, True),
)
"""The 17 well-known folders (Graph: mailFolder resource): name, display name, parent, hidden."""


def well_known_id(mailbox: UUID, well_known: str) -> UUID:
    """The id of a well-known folder of a mailbox; the same every time it is asked for."""
    return _well_known_id(mailbox.int, well_known)


@lru_cache(maxsize=8192)
def _well_known_id(mailbox: int, well_known: str) -> UUID:
    """By number, which has a faster hash than a UUID."""
    return uuid5(UUID(int=mailbox), well_known)


def born_with(mailbox: UUID) -> tuple[Folder, ...]:
    """The folders of a new mailbox."""
    return tuple(
        Folder(
            id=well_known_id(mailbox, name),
            name=shown,
            parent=well_known_id(mailbox, parent) if parent else None,
            well_known=name,
            hidden=hidden,
        )
        for name, shown, parent, hidden in WELL_KNOWN
    )
