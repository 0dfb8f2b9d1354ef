"""Ed25519 keys that sign checkpoints, on `cryptography`."""

import hmac
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Ed25519Notary:
    """Signs with a private key. Keeps :class:`letterbook.application.notes.Notary`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def of_store(cls, secret: bytes) -> "Ed25519Notary":
        """The key of a store, which follows from its secret: whoever holds the file can sign with it."""
        seed = hmac.digest(secret, b"letterbook checkpoint key v1", sha256)
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, password: bytes | None = None) -> "Ed25519Notary":
        """A key kept elsewhere, in PEM (PKCS #8). Raises ``ValueError`` if it is no Ed25519 key."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # reads SSH keys, too

        key = load_pem_private_key(pem, password)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("checkpoints are signed with Ed25519, and this is another kind of key")
        return cls(key)

    @cached_property
    def public(self) -> bytes:
        """The public key."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """The signature of a text."""
        return self._key.sign(text)

    def signed(self, public: bytes, signature: bytes, text: bytes) -> bool:
        """Whether the holder of another key has signed a text."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True
