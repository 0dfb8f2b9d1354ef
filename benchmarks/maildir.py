"""The same life in a Maildir, with Python's ``mailbox`` and every step synced."""

import mailbox
import os
from pathlib import Path

from benchmarks import sample

DRAFT = sample.mime()
UPDATED = sample.mime(updated=True)


class DurableMaildir:
    """Drafts and Sent as two Maildirs; the library syncs files, folders are synced here."""

    def __init__(self, folder: Path) -> None:
        self._drafts = mailbox.Maildir(folder / "Drafts", create=True)
        self._sent = mailbox.Maildir(folder / "Sent", create=True)
        self._folders = [folder / "Drafts" / "cur", folder / "Drafts" / "new"]
        self._sent_folder = folder / "Sent" / "cur"

    def live(self) -> None:
        """Add a draft, replace it, flag it, move it."""
        key = self._drafts.add(_letter(DRAFT))
        self._sync(*self._folders)
        self._drafts[key] = _letter(UPDATED)
        self._sync(*self._folders)
        letter = self._drafts[key]
        letter.add_flag("F")
        self._drafts[key] = letter
        self._sync(*self._folders)
        self._sent.add(letter)
        self._sync(self._sent_folder)
        self._drafts.remove(key)
        self._sync(*self._folders)

    def _sync(self, *folders: Path) -> None:
        for folder in folders:
            handle = os.open(folder, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)


def _letter(raw: bytes) -> mailbox.MaildirMessage:
    letter = mailbox.MaildirMessage(raw)
    letter.set_subdir("cur")
    return letter
