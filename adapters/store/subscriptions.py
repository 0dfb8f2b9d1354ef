"""Who wants to be notified: in a table beside the outbox, or in memory."""

import sqlite3
from dataclasses import dataclass, field
from uuid import UUID

from letterbook.application.standing import Standing

_KEY = "signing-key"


class SqliteSubscriptions:
    """A row for each subscription. Keeps :class:`letterbook.application.ports.Subscriptions`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @staticmethod
    def create(connection: sqlite3.Connection) -> None:
        """Make the table."""
        connection.execute(
            "CREATE TABLE IF NOT EXISTS subscriptions "
            "(id BLOB PRIMARY KEY, mailbox BLOB NOT NULL, standing TEXT NOT NULL) WITHOUT ROWID"
        )

    def clear(self) -> None:
        """Forget all of them, and the key that signs for them."""
        self._connection.execute("DELETE FROM subscriptions")
        self._connection.execute("DELETE FROM letterbook WHERE key=?", (_KEY,))

    def put(self, standing: Standing) -> None:
        """Keep how it stands with a subscription."""
        its = standing.subscription
        row = (its.id.bytes, its.mailbox.bytes, standing.model_dump_json())
        self._connection.execute("INSERT OR REPLACE INTO subscriptions VALUES (?,?,?)", row)

    def drop(self, name: UUID) -> None:
        """Forget a subscription."""
        self._connection.execute("DELETE FROM subscriptions WHERE id=?", (name.bytes,))

    def find(self, name: UUID) -> Standing | None:
        """How it stands with one."""
        statement = "SELECT standing FROM subscriptions WHERE id=?"
        found = self._connection.execute(statement, (name.bytes,)).fetchone()
        return Standing.model_validate_json(found[0]) if found else None

    def all(self, mailbox: UUID | None = None) -> list[Standing]:
        """How it stands with each."""
        whose = mailbox.bytes if mailbox else None
        statement = "SELECT standing FROM subscriptions WHERE ? IS NULL OR mailbox=? ORDER BY id"
        found = self._connection.execute(statement, (whose, whose))
        return [Standing.model_validate_json(standing) for (standing,) in found]

    def signing_key(self) -> bytes | None:
        """Kept beside the secret of the store."""
        statement = "SELECT value FROM letterbook WHERE key=?"
        found = self._connection.execute(statement, (_KEY,)).fetchone()
        return bytes(found[0]) if found else None

    def keep_signing_key(self, fresh: bytes) -> None:
        """Keep a key, unless there is one."""
        self._connection.execute("INSERT OR IGNORE INTO letterbook VALUES (?, ?)", (_KEY, fresh))


@dataclass(slots=True)
class Subscribed:
    """What is kept in memory."""

    standings: dict[UUID, Standing] = field(default_factory=dict)
    key: bytes | None = None

    def copy(self) -> "Subscribed":
        """A copy that can be changed without changing this one."""
        return Subscribed(dict(self.standings), self.key)


class MemorySubscriptions:
    """Subscriptions in a dictionary. Keeps :class:`letterbook.application.ports.Subscriptions`."""

    def __init__(self, kept: Subscribed) -> None:
        self._kept = kept

    def put(self, standing: Standing) -> None:
        """Keep how it stands with a subscription."""
        self._kept.standings[standing.subscription.id] = standing

    def drop(self, name: UUID) -> None:
        """Forget a subscription."""
        self._kept.standings.pop(name, None)

    def find(self, name: UUID) -> Standing | None:
        """How it stands with one."""
        return self._kept.standings.get(name)

    def all(self, mailbox: UUID | None = None) -> list[Standing]:
        """How it stands with each."""
        found = sorted(self._kept.standings.items())
        return [each for _, each in found if mailbox in (None, each.subscription.mailbox)]

    def signing_key(self) -> bytes | None:
        """The first one that was kept."""
        return self._kept.key

    def keep_signing_key(self, fresh: bytes) -> None:
        """Keep a key, unless there is one."""
        self._kept.key = self._kept.key or fresh
