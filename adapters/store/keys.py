"""The keys of an encrypted store: one outside of it, one for each mailbox, one for each message.

Whoever destroys the key of a message destroys what it says, wherever a copy of the bytes may lie. The key
outside, the master key, only wraps those of mailboxes, and these only wrap those of messages (ADR 48).
"""

import os
import sqlite3
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from letterbook.application.troubles import StoreDamaged

SIZE = 32
"""Bytes of every key: AES-256."""
_NONCE = 12
_SEALED = b"\x01"
"""How a state begins that is encrypted; one in clear is JSON, and begins otherwise."""
_OWN = b""
"""The name under which a mailbox's own key is kept; no aggregate has it."""
_REMEMBERED = 20_000
_PUT = "INSERT OR REPLACE INTO keys VALUES (?,?,?)"
"""An aggregate that has no event yet may have a key: one that came with the history of another store."""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS keys (mailbox BLOB NOT NULL, aggregate BLOB NOT NULL, "
    "wrapped BLOB NOT NULL, PRIMARY KEY (mailbox, aggregate)) WITHOUT ROWID"
)


def create(connection: sqlite3.Connection) -> None:
    """Make the table of wrapped keys."""
    connection.execute(_TABLE)


def wrap(master: bytes, key: bytes, what: bytes) -> bytes:
    """A key that only another one opens, and only as ``what`` it is."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, b"letterbook key v1\0" + what)


def unwrap(master: bytes, wrapped: bytes, what: bytes) -> bytes | None:
    """The key that was wrapped; ``None`` if these bytes are not that."""
    try:
        return AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], b"letterbook key v1\0" + what)
    except (InvalidTag, ValueError):
        return None


def is_sealed(state: bytes) -> bool:
    """Whether a stored state is encrypted."""
    return state[:1] == _SEALED


def seal_state(key: bytes, place: bytes, state: bytes) -> bytes:
    """A state as it is stored: readable with this key, and only in this place."""
    nonce = os.urandom(_NONCE)
    return _SEALED + nonce + AESGCM(key).encrypt(nonce, state, place)


def open_state(key: bytes, place: bytes, sealed: bytes) -> bytes:
    """What was sealed. Raises ``StoreDamaged`` if it was not sealed with this key for this place."""
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place)
    except (InvalidTag, ValueError):
        raise StoreDamaged("a fact cannot be read with the key of its message") from None


def place_of(mailbox: bytes, aggregate: bytes, version: int, topic: str) -> bytes:
    """Where a state belongs, as its encryption is bound to it."""
    return b"letterbook state v1\0" + mailbox + aggregate + version.to_bytes(8) + topic.encode()


class Keyring:
    """The keys that one connection has at hand; those it made are written when :meth:`write` is called."""

    def __init__(self, connection: sqlite3.Connection, master: bytes) -> None:
        self._connection = connection
        self._master = master
        self._known: dict[tuple[bytes, bytes], bytes] = {}
        self._fresh: list[tuple[bytes, bytes, bytes]] = []

    def find(self, mailbox: bytes, aggregate: bytes) -> bytes | None:
        """The key of an aggregate; ``None`` if there is none, or none any more."""
        known = self._known.get((mailbox, aggregate))
        if known is not None:
            return known
        home = self._of_mailbox(mailbox)
        return None if home is None else self._read(mailbox, aggregate, home)

    def make(self, mailbox: bytes, aggregate: bytes, *, begins: bool) -> bytes | None:
        """A new key for a new aggregate; ``None`` if its mailbox has none any more.

        With the first aggregate, with which a mailbox ``begins``, the mailbox gets a key, too.
        """
        home = self._of_mailbox(mailbox)
        if home is None and begins:
            home = self._fresh_key(mailbox, _OWN, self._master)
        return None if home is None else self._fresh_key(mailbox, aggregate, home)

    def write(self) -> None:
        """Write down the keys that were made."""
        if self._fresh:
            self._connection.executemany(_PUT, self._fresh)
            self._fresh.clear()

    def kept(self, mailbox: bytes) -> list[tuple[bytes, bytes]]:
        """The keys of a mailbox and of what is in it, as they are kept, its own first."""
        statement = "SELECT aggregate, wrapped FROM keys WHERE mailbox=? ORDER BY aggregate"
        return self._connection.execute(statement, (mailbox,)).fetchall()

    def keep(self, mailbox: bytes, aggregate: bytes, wrapped: bytes) -> bool:
        """Keep a key as it is; ``False`` if nothing here opens it."""
        home = self._master if aggregate == _OWN else self._of_mailbox(mailbox)
        if home is None or unwrap(home, wrapped, mailbox + aggregate) is None:
            return False
        self._connection.execute(_PUT, (mailbox, aggregate, wrapped))
        return True

    def destroy(self, mailbox: bytes, aggregate: bytes | None) -> None:
        """Destroy the key of an aggregate, or (``None``) of a mailbox and of all that is in it."""
        self.forget()
        if aggregate is None:
            self._connection.execute("DELETE FROM keys WHERE mailbox=?", (mailbox,))
        else:
            statement = "DELETE FROM keys WHERE mailbox=? AND aggregate=?"
            self._connection.execute(statement, (mailbox, aggregate))

    def forget(self) -> None:
        """Have nothing at hand any more."""
        self._known.clear()
        self._fresh.clear()

    def _of_mailbox(self, mailbox: bytes) -> bytes | None:
        return self._known.get((mailbox, _OWN)) or self._read(mailbox, _OWN, self._master)

    def _read(self, mailbox: bytes, aggregate: bytes, home: bytes) -> bytes | None:
        statement = "SELECT wrapped FROM keys WHERE mailbox=? AND aggregate=?"
        found = self._connection.execute(statement, (mailbox, aggregate)).fetchone()
        if found is None:
            return None
        key = unwrap(home, found[0], mailbox + aggregate)
        if key is None:
            whose = UUID(bytes=aggregate or mailbox)
            raise StoreDamaged(f"the key of {whose} is not the one that was kept")
        self._learn(mailbox, aggregate, key)
        return key

    def _fresh_key(self, mailbox: bytes, aggregate: bytes, home: bytes) -> bytes:
        key = os.urandom(SIZE)
        self._fresh.append((mailbox, aggregate, wrap(home, key, mailbox + aggregate)))
        self._learn(mailbox, aggregate, key)
        return key

    def _learn(self, mailbox: bytes, aggregate: bytes, key: bytes) -> None:
        if len(self._known) > _REMEMBERED and not self._fresh:  # a fresh one is nowhere else yet
            self._known.clear()
        self._known[mailbox, aggregate] = key
