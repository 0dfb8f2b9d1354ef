"""A subscriber's endpoint on this machine: answers the validation request, keeps what it is told."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def notices(self) -> list[dict[str, Any]]:
        """The notifications in it."""
        value: list[dict[str, Any]] = json.loads(self.body)["value"]
        return value


@dataclass
class Answer:
    """What the endpoint says; ``None`` as a body: the validation token, as it was sent."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes | None = None
    location: str = ""
    after: float = 0.0


@dataclass
class Receiver:
    """An endpoint. ``greeting`` and ``hearing`` are how it answers."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    greeting: Answer = field(default_factory=Answer)
    hearing: Answer = field(default_factory=lambda: Answer(202, body=b""))

    @property
    def told(self) -> list[Asked]:
        """The requests with notifications."""
        return [each for each in self.asked if "validationToken" not in each.query]

    @property
    def greeted(self) -> list[Asked]:
        """The validation requests."""
        return [each for each in self.asked if "validationToken" in each.query]

    @property
    def notices(self) -> list[dict[str, Any]]:
        """Every notification, in the order of arrival."""
        return [notice for each in self.told for notice in each.notices]

    def changes(self) -> list[str]:
        """The kinds of change that were told."""
        return [notice["changeType"] for notice in self.notices]

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """So many notifications, which have to come within some seconds."""
        until = time.monotonic() + 10
        while len(self.notices) < count:
            assert time.monotonic() < until, f"only {len(self.notices)} notifications came"
            time.sleep(0.01)
        return self.notices


@contextmanager
def receiving() -> Iterator[Receiver]:
    """An endpoint that listens."""
    receiver = Receiver("")

    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(parts.path, parse_qs(parts.query), headers, body)
            receiver.asked.append(asked)
            self._say(receiver.greeting if "validationToken" in asked.query else receiver.hearing, asked)

        def _say(self, answer: Answer, asked: Asked) -> None:
            time.sleep(answer.after)
            body = asked.query["validationToken"][0].encode() if answer.body is None else answer.body
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            if answer.location:
                self.send_header("Location", answer.location)
            with suppress(OSError):  # whoever asked may have heard enough
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/api/notifications"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Reader:
    """Somebody with a certificate, who reads what was encrypted for it by the steps that Graph documents."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def text(self) -> str:
        """The certificate as it is given to Graph: DER in base64."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def key_of(self, content: dict[str, str]) -> bytes:
        """Step 3 of *Decrypting resource data*: the symmetric key."""
        oaep = rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
        return self.key.decrypt(base64.b64decode(content["dataKey"]), oaep)

    def read(self, content: dict[str, str]) -> dict[str, Any]:
        """Steps 3 to 6."""
        symmetric = self.key_of(content)
        assert len(symmetric) == 32, "AES-256"
        data = base64.b64decode(content["data"])
        signature = hmac.new(symmetric, data, sha256).digest()
        assert base64.b64encode(signature).decode() == content["dataSignature"]
        decryptor = Cipher(algorithms.AES(symmetric), modes.CBC(symmetric[:16])).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        found: dict[str, Any] = json.loads(unpadder.update(padded) + unpadder.finalize())
        return found


def reader(key: rsa.RSAPrivateKey | None = None) -> Reader:
    """Somebody with a certificate of their own making."""
    key = key or rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "subscriber.contoso.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    dated = builder.not_valid_before(now).not_valid_after(now + timedelta(days=3650))
    return Reader(key, dated.sign(key, hashes.SHA256()))
