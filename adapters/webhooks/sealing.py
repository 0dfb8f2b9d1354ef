"""Encrypting what goes along with notifications, and vouching for them, as subscribers of Graph expect it.

Each notice has a fresh key. With it, the data is encrypted (AES-256 in CBC mode, PKCS #7 padding, the first
16 bytes of the key as initialization vector) and signed (HMAC-SHA256 over the encrypted bytes); the key
itself is encrypted for the subscriber's certificate (RSA-OAEP with SHA-1). Source: *Set up change
notifications that include resource data*, "Decrypting resource data".
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from os import urandom
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from letterbook.application.ports import Store
from letterbook.domain.refusals import CertificateUnfit
from letterbook.domain.subscriptions import Certificate

PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
"""The application that publishes Graph's notifications; subscribers look for it in ``appid``."""
SMALLEST_KEY, LARGEST_KEY = 2048, 4096
LONGEST_CERTIFICATE = 32_768
VALID = timedelta(hours=1)
_KEY = 32
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Recipient:
    """The owner of a certificate, as far as it matters: whom a key can be encrypted for."""

    key: rsa.RSAPublicKey
    thumbprint: str


@lru_cache(maxsize=256)
def recipient_of(text: str) -> Recipient:
    """Whom a certificate stands for: X.509 in base64, as PEM or as what stands between its lines."""
    if len(text) > LONGEST_CERTIFICATE:
        raise CertificateUnfit("The certificate is too large.")
    try:
        certificate = x509.load_der_x509_certificate(_unwrapped(text))
        key = certificate.public_key()
    except Exception:  # the parser raises what it likes for what is no certificate
        raise CertificateUnfit("Cannot find the requested object.") from None
    if not isinstance(key, rsa.RSAPublicKey) or not SMALLEST_KEY <= key.key_size <= LARGEST_KEY:
        raise CertificateUnfit(f"The key must be RSA, from {SMALLEST_KEY} to {LARGEST_KEY} bits.")
    return Recipient(key, certificate.fingerprint(hashes.SHA1()).hex().upper())  # noqa: S303


def _unwrapped(text: str) -> bytes:
    """The certificate itself. Some wrap the whole PEM in base64 once more."""
    lines = [line for line in text.split() if line]
    raw = text if "-----" in text else "".join(lines)
    if "-----" not in raw:
        decoded = base64.b64decode(raw, validate=True)
        if not decoded.startswith(b"-----"):
            return decoded
        raw = decoded.decode("ascii")
    inner = raw.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
    try:
        return base64.b64decode("".join(inner.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def sealed(data: bytes, certificate: Certificate, key: Callable[[int], bytes] = urandom) -> dict[str, str]:
    """*changeNotificationEncryptedContent*: data that only the owner of a certificate can read."""
    recipient, secret = recipient_of(certificate.text), key(_KEY)
    encrypted = _encrypted(data, secret)
    oaep = rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    return {
        "data": _text(encrypted),
        "dataKey": _text(recipient.key.encrypt(secret, oaep)),
        "dataSignature": _text(hmac.digest(secret, encrypted, sha256)),
        "encryptionCertificateId": certificate.id,
        "encryptionCertificateThumbprint": recipient.thumbprint,
    }


def _encrypted(data: bytes, secret: bytes) -> bytes:
    padder = padding.PKCS7(_BLOCK * 8).padder()
    padded = padder.update(data) + padder.finalize()
    cipher = Cipher(algorithms.AES256(secret), modes.CBC(secret[:_BLOCK])).encryptor()
    return cipher.update(padded) + cipher.finalize()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


# --- Vouching --------------------------------------------------------------------------------------


def new_signing_key() -> bytes:
    """A key for validation tokens, as it is kept."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass(frozen=True, slots=True)
class StoreSeals:
    """Keeps :class:`letterbook.application.heralding.Seals`, with a signing key that the store keeps."""

    store: Store
    tenant: UUID

    def check(self, certificate: Certificate) -> None:
        """Look whom it stands for."""
        recipient_of(certificate.text)

    def sealed(self, data: bytes, certificate: Certificate) -> dict[str, str]:
        """With a fresh key each time."""
        return sealed(data, certificate)

    def token(self, application: str, now: datetime) -> str:
        """A validation token (claims: page quoted above, "Example JWT token")."""
        begins = int(now.timestamp())
        authority = f"https://sts.windows.net/{self.tenant}/"
        claims = {
            "aud": application,
            "iss": authority,
            "iat": begins,
            "nbf": begins,
            "exp": begins + int(VALID.total_seconds()),
            "appid": PUBLISHER,
            "appidacr": "2",
            "idp": authority,
            "tid": str(self.tenant),
            "uti": _text(uuid4().bytes),
            "ver": "1.0",
        }
        private, name = self._opened()
        return jwt.encode(claims, private, algorithm="RS256", headers={"kid": name})

    def keys(self) -> Mapping[str, Any]:
        """The public half."""
        private, name = self._opened()
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name} | _numbers(public)]}

    def _opened(self) -> tuple[rsa.RSAPrivateKey, str]:
        """The key of the store; it is made when it is needed for the first time."""
        with self.store.reading() as session:
            kept = session.subscriptions.signing_key()
        if kept is None:
            fresh = new_signing_key()
            with self.store.writing() as session:
                session.subscriptions.keep_signing_key(fresh)
                kept = session.subscriptions.signing_key()
        assert kept is not None, "it was just kept"
        return _opened(kept)


def _numbers(public: Mapping[str, Any]) -> dict[str, Any]:
    return {name: public[name] for name in ("n", "e")}


@lru_cache(maxsize=8)
def _opened(kept: bytes) -> tuple[rsa.RSAPrivateKey, str]:
    """A kept key, and the name that follows from its public half."""
    key = serialization.load_der_private_key(kept, password=None)
    assert isinstance(key, rsa.RSAPrivateKey), "no other is ever made"
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, base64.urlsafe_b64encode(sha256(public).digest()[:20]).rstrip(b"=").decode("ascii")
