"""From one file to another: all of a store, or the events of some mailboxes up to a position."""

import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

from letterbook.adapters.store.evidence import SqliteEvidence
from letterbook.adapters.store.opening import PROOF
from letterbook.adapters.store.outbox import SqliteOutbox
from letterbook.adapters.store.recorder import MailboxRecorder
from letterbook.adapters.store.subscriptions import SqliteSubscriptions
from letterbook.adapters.store.troubles import troubles_told


def copy_events(path: Path, recorder: MailboxRecorder, other: Path, ends: Mapping[UUID, int]) -> None:
    """Put the history of some mailboxes, each up to a position, into another store that has none."""
    with troubles_told(), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS other", (str(other),))
        is_encrypted = connection.execute("SELECT 1 FROM letterbook WHERE key=?", (PROOF,)).fetchone()
        connection.execute("BEGIN")
        for mailbox, end in ends.items():
            recorder.copy(connection, "other", mailbox, end)
            if is_encrypted:
                connection.execute(
                    "INSERT INTO other.keys SELECT * FROM main.keys WHERE mailbox=?", (mailbox.bytes,)
                )
        connection.execute("COMMIT")


def copy_whole(path: Path, other: Path, *, outbox: bool) -> None:
    """Make another store with all that one holds at one moment, but for its secret.

    Nor does it take along who is notified, or what was signed with that secret. Unless it takes the
    ``outbox`` along, nothing is on its way there.
    """
    with (
        troubles_told(),
        closing(sqlite3.connect(path)) as connection,
        closing(sqlite3.connect(other, isolation_level=None)) as copy,
    ):
        other.chmod(0o600)
        connection.backup(copy)
        copy.execute("BEGIN")
        copy.execute("UPDATE letterbook SET value=? WHERE key='secret'", (secrets.token_bytes(32),))
        SqliteSubscriptions(copy).clear()
        SqliteEvidence.clear(copy)
        if not outbox:
            SqliteOutbox(copy).clear()
        copy.execute("COMMIT")
