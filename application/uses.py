"""When search folders were used last, as a Protocol beside those of ``ports``."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Uses(Protocol):
    """When search folders were used last."""

    def note(self, mailbox: UUID, folder: UUID, at: datetime) -> None:
        """A folder was used."""

    def last(self, mailbox: UUID, folder: UUID) -> datetime | None:
        """When a folder was used last; ``None``: nobody knows of any use."""

    def before(self, moment: datetime) -> list[tuple[UUID, UUID]]:
        """The folders that were used last before a moment, with their mailboxes."""

    def drop(self, mailbox: UUID, folder: UUID) -> None:
        """Forget a folder."""
