"""Large bytes in files that only a key opens, and in which no byte is changed, moved or missed (ADR 56)."""

import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from letterbook.adapters.file_forms import Unreadable, Writing
from letterbook.adapters.files import PIECE
from letterbook.adapters.store.keys import SIZE, unwrap, wrap
from letterbook.domain.letter import BlobRef

TAG = 16
"""Bytes by which a piece grows when it is sealed."""
WRAPPED = 12 + SIZE + TAG
"""Bytes of a wrapped key: those with which a sealed file ends, and a sealed label begins."""
_NUMBER = 11
"""Bytes of a nonce that count the pieces; the twelfth says whether it is the last one."""


class Sealed:
    """Bytes are written so that nothing but a key opens them.

    Keeps :class:`letterbook.adapters.file_forms.Form`. The key of a blob follows from its hash and the master
    key. The hash is said by the facts that name the blob, each sealed with the key of its message: with the
    last of those keys goes the key of the blob.
    """

    sealed = True

    def __init__(self, master: bytes) -> None:
        self._names, self._keys, self._uploads = (
            HKDFExpand(SHA256(), SIZE, b"letterbook %s v1" % use).derive(master)
            for use in (b"blob names", b"blob keys", b"uploads")
        )

    def name(self, ref: BlobRef) -> str:
        """It follows from the hash, and tells nobody the hash."""
        return hmac.digest(self._names, bytes.fromhex(ref.sha256), "sha256").hex()

    def key(self, ref: BlobRef) -> bytes:
        """Whoever knows no fact that names the blob does not know it."""
        return hmac.digest(self._keys, bytes.fromhex(ref.sha256), "sha256")

    def size(self, written: int) -> int:
        """Without the tags and the wrapped key."""
        pieces = written - WRAPPED
        return pieces - TAG * max(1, -(-pieces // (PIECE + TAG)))

    def writing(self) -> Writing:
        """A key for this file alone."""
        return _Sealing()

    def read(self, path: Path, key: bytes) -> Iterator[bytes]:
        """Each piece once it is known to be whole, in its place, and the last one if it is that."""
        with path.open("rb") as file:
            left = os.fstat(file.fileno()).st_size - WRAPPED
            file.seek(max(0, left))
            own = unwrap(key, file.read(WRAPPED), b"file")
            if own is None or left < TAG:
                raise Unreadable
            cipher, number = AESGCM(own), 0
            file.seek(0)
            while left > 0:
                length = min(left, PIECE + TAG)
                left -= length
                yield _opened(cipher, _nonce(number, last=not left), file.read(length))
                number += 1

    def label(self, name: UUID, said: bytes) -> bytes:
        """A new key for all that arrives, wrapped, and behind it what was said, sealed with that key."""
        key, nonce = os.urandom(SIZE), os.urandom(12)
        return wrap(self._uploads, key, name.bytes) + nonce + AESGCM(key).encrypt(nonce, said, name.bytes)

    def read_label(self, name: UUID, label: bytes) -> tuple[bytes, bytes]:
        """As it was written."""
        key, rest = unwrap(self._uploads, label[:WRAPPED], name.bytes), label[WRAPPED:]
        if key is None:
            raise Unreadable
        return _opened(AESGCM(key), rest[:12], rest[12:], name.bytes), key

    def piece_key(self, key: bytes, start: int) -> bytes:
        """Another one for each place, so that no piece can be put into another's."""
        return hmac.digest(key, b"letterbook piece v1\0" + start.to_bytes(8), "sha256")


class _Sealing:
    """Pieces of a mebibyte, each sealed as the one with its number, and the last as the last (STREAM)."""

    def __init__(self) -> None:
        self._key = os.urandom(SIZE)
        self._cipher = AESGCM(self._key)
        self._number = 0
        self._held = bytearray()

    def add(self, data: bytes) -> bytes:
        """The pieces that are full; one is held back, as it may be the last."""
        ready, view = [], memoryview(data)
        while view:
            if len(self._held) == PIECE:
                ready.append(self._seal(last=False))
            taken = view[: PIECE - len(self._held)]
            self._held += taken
            view = view[len(taken) :]
        return b"".join(ready)

    def end(self, key: bytes) -> bytes:
        """The last piece, and the wrapped key, which comes last as nobody knows the name of a blob before."""
        return self._seal(last=True) + wrap(key, self._key, b"file")

    def _seal(self, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), self._held, None)
        self._number += 1
        self._held.clear()
        return sealed


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER) + bytes((last,))


def _opened(cipher: AESGCM, nonce: bytes, sealed: bytes, place: bytes | None = None) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, place)
    except (InvalidTag, ValueError):
        raise Unreadable from None
