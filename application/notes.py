"""Checkpoints: the size and root of a mailbox's tree, as a signed note that other programs read too.

The forms are C2SP's: tlog-checkpoint for the text, signed-note for the signatures, Ed25519 for the keys. One
key signs for all mailboxes of a store, each time under the name of the mailbox.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from uuid import UUID

_ORIGIN = "letterbook/"
_ED25519 = b"\x01"
_NOTE = re.compile(r"(?:[^\n—][^\n]*\n)+\n(?:— [^\n]+\n)+")
_TEXT = re.compile(r"letterbook/([0-9a-f-]{36})\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")


class Notary(Protocol):
    """Signs checkpoints (Ed25519, RFC 8032), and knows whether others were signed."""

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""

    def sign(self, text: bytes) -> bytes:
        """The signature of a text, 64 bytes."""

    def signed(self, public: bytes, signature: bytes, text: bytes) -> bool:
        """Whether the holder of another key has signed a text."""


class NoCheckpoint(ValueError):
    """A text is no checkpoint of a mailbox, or no key; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a mailbox's tree, and the note that says so."""

    mailbox: UUID
    size: int
    root: bytes
    note: str

    @property
    def text(self) -> str:
        """What is signed."""
        return self.note.partition("\n\n")[0] + "\n"

    def signatures(self, public: bytes) -> Iterator[bytes]:
        """The signatures that say they were made with a key, under the name of the mailbox."""
        name, key_id = origin(self.mailbox), _key_id(origin(self.mailbox), public)
        for line in self.note.partition("\n\n")[2].splitlines():
            found = _SIGNATURE.fullmatch(line)
            raw = _decoded(found[2]) if found and found[1] == name else b""
            if raw[:4] == key_id:
                yield raw[4:]


def origin(mailbox: UUID) -> str:
    """The name under which the tree of a mailbox is known."""
    return f"{_ORIGIN}{mailbox}"


def sign(notary: Notary, mailbox: UUID, size: int, root: bytes) -> Checkpoint:
    """A checkpoint with the notary's signature."""
    name = origin(mailbox)
    text = f"{name}\n{size}\n{b64encode(root).decode()}\n"
    signature = _key_id(name, notary.public) + notary.sign(text.encode())
    return Checkpoint(mailbox, size, root, f"{text}\n— {name} {b64encode(signature).decode()}\n")


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint that a note is; nothing is said about who signed it. Raises :class:`NoCheckpoint`."""
    found = _TEXT.fullmatch(note.partition("\n\n")[0] + "\n")
    if not (found and _NOTE.fullmatch(note)):
        raise NoCheckpoint("A note is not a checkpoint of a mailbox.")
    try:
        mailbox = UUID(found[1])
    except ValueError:
        raise NoCheckpoint(f"{found[1]} is not the id of a mailbox.") from None
    return Checkpoint(mailbox, int(found[2]), b64decode(found[3]), note)


def read_checkpoints(text: str) -> list[Checkpoint]:
    """All checkpoints of a file in which they stand one after the other, with or without lines in between."""
    notes = _NOTE.findall(text)
    if not notes or _NOTE.sub("", text).strip():
        raise NoCheckpoint("The text is not made of checkpoints.")
    return [read_checkpoint(note) for note in notes]


def standing(notary: Notary, checkpoint: Checkpoint, keys: Iterable[bytes]) -> bool | None:
    """Whether a checkpoint was signed with one of these keys; ``None`` if it does not even say so."""
    claims = [(key, each) for key in keys for each in checkpoint.signatures(key)]
    if not claims:
        return None
    return all(notary.signed(key, each, checkpoint.text.encode()) for key, each in claims)


def verifier_key(public: bytes, mailbox: UUID) -> str:
    """A public key as a line, with the name it signs under: what C2SP calls a vkey."""
    name = origin(mailbox)
    return f"{name}+{_key_id(name, public).hex()}+{b64encode(_ED25519 + public).decode()}"


def read_key(line: str) -> bytes:
    """The public key in such a line. Raises :class:`NoCheckpoint`."""
    name, _, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if len(raw) != 33 or raw[:1] != _ED25519 or _key_id(name, raw[1:]).hex() != key_id:
        raise NoCheckpoint(f"{line.strip()!r} is not a key.")
    return raw[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NotBase64:
        return b""
