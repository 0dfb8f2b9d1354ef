"""The folders of mailboxes at every position: told from what their owners did, which is read once."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from letterbook.application.completeness import own_facts
from letterbook.application.ports import Session
from letterbook.application.projection import project_mailbox
from letterbook.application.rows import DropFolder, FolderRow, PutFolder
from letterbook.domain import mailbox as mailboxes
from letterbook.domain.mailbox import Mailbox, MailboxFact

_KEPT = 100
"""Mailboxes whose folders are remembered."""


@dataclass(slots=True)
class _Story:
    """What became of the folders of one mailbox, as far as its history was read."""

    read_to: int = 0
    version: int = 0
    owner: Mailbox | None = None
    changes: list[tuple[int, PutFolder | DropFolder]] = field(default_factory=list)

    def read_on(self, session: Session, mailbox: UUID) -> None:
        """Up to now."""
        for each in own_facts(session, mailbox, self.version):
            if each.version <= self.version:  # told once more, so that a newest one that is lost is missed
                continue
            fact = cast(MailboxFact, each.fact)
            self.owner, self.version = mailboxes.evolve(self.owner, fact), each.version
            for change in project_mailbox(mailbox, self.owner, [fact], each.seq):
                if isinstance(change, PutFolder | DropFolder):
                    self.changes.append((each.seq, change))
        self.read_to = session.views.position(mailbox)

    def rows(self, at: int) -> list[FolderRow]:
        """The folders at a position, in the order they were made; nothing is counted."""
        rows: dict[UUID, FolderRow] = {}
        for seq, change in self.changes:
            if seq > at:
                break
            if isinstance(change, PutFolder):
                rows[change.row.folder] = change.row
            else:
                rows.pop(change.folder, None)
        return list(rows.values())


class PastFolders:
    """Stories of the mailboxes that were asked about last; any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[UUID, _Story] = OrderedDict()
        self.era = 0
        """How often all was forgotten: whoever began to look before that has nothing to add."""

    def rows(self, session: Session, mailbox: UUID, at: int, era: int) -> list[FolderRow]:
        """The folders of a mailbox at a position."""
        with self._lock:
            story = self._known.get(mailbox) if era == self.era else None
            story = story or _Story()
            if story.read_to < at:
                story.read_on(session, mailbox)
            if era == self.era:
                self._known[mailbox] = story
                self._known.move_to_end(mailbox)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return story.rows(at)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._known.clear()
            self.era += 1
