"""A certificate authority for one test, which vouches for this machine."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_SIGNS = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
"""What the key of an authority is for (RFC 5280, which Python keeps to the letter from 3.13 on)."""


@dataclass(frozen=True)
class Vouched:
    """Files in PEM: whom clients trust, and what a server on this machine shows them."""

    authority: Path
    chain: Path
    key: Path
    locked_key: Path

    def trusting(self) -> ssl.SSLContext:
        """What a client believes that trusts the authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.authority))


def vouched_in(folder: Path) -> Vouched:
    """Found an authority, let it vouch for ``localhost`` and ``127.0.0.1``, and forget its key."""
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name, here = _name("Contoso Test Authority"), _name("localhost")
    places = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    authority = _unsigned(name, name, root.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    authority = authority.add_extension(_SIGNS, critical=True).add_extension(
        x509.SubjectKeyIdentifier.from_public_key(root.public_key()), critical=False
    )
    leaf = _unsigned(name, here, own.public_key()).add_extension(places, critical=False)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False
    )
    files = Vouched(*(folder / file for file in ("authority.pem", "localhost.pem", "key.pem", "locked.pem")))
    files.authority.write_bytes(authority.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM))
    files.chain.write_bytes(leaf.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM))
    files.key.write_bytes(_key(own))
    files.locked_key.write_bytes(_key(own, b"secret"))
    return files


def _name(said: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])


def _unsigned(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _key(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
