"""A folder of ``.eml`` files: where letters to the outside go when there is no mail server."""

import re
from hashlib import sha256
from pathlib import Path

from letterbook.adapters.files import make_folder, write_durably
from letterbook.application.ports import TryLater, Undeliverable

_LETTER = r"A-Za-z0-9\u0080-\U0010ffff"
_ATOM = rf"[{_LETTER}!#$%&'*+/=?^_`{{|}}~-]+"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_MAILBOX = (
    rf'(?P<local>{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\]|\\.)*")@(?P<domain>{_LABEL}(?:\.{_LABEL})*|\[[\w.:-]+\])'
)
"""RFC 5321 section 4.1.2, labels as short as RFC 1035 asks, and the letters beyond ASCII of RFC 6531."""

_LONGEST = 254
"""Octets of an address: a path has 256, two of them its angle brackets (RFC 5321 section 4.5.3.1.3)."""


class EmlFolder:
    """Writes each letter to a file that any mail program opens.

    Keeps :class:`letterbook.application.ports.Transport`. The letter itself is written as it came; two
    headers above it say who sent it to whom, which its own need not (they are silent about a Bcc). It may
    carry headers of the same names: the topmost ones are true.
    """

    name = "eml-folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, key: str, sender: str, recipient: str, mime: bytes) -> None:
        """Write the letter, on disk when this returns; the same key again replaces the file.

        Raises Undeliverable for an address that nobody can have, TryLater when the disk is full or refuses.
        """
        file = _envelope(sender, recipient) + _letter(mime)
        try:
            make_folder(self._folder)
            write_durably(self._folder / _file_name(key), file)
        except OSError as error:
            raise TryLater(
                f"451 4.3.0 The letter could not be written: {error.strerror or error}."
            ) from error


def _file_name(key: str) -> str:
    """A name that is safe on every file system, whatever the key holds."""
    return f"{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}.eml"


def _envelope(sender: str, recipient: str) -> bytes:
    """The trace headers, in angle brackets like Return-Path (RFC 5321 section 4.4): ``<>`` sent a report."""
    _check_sender(sender)
    _check_recipient(recipient)
    return f"X-Letterbook-Envelope-From: <{sender}>\r\nX-Letterbook-Envelope-To: <{recipient}>\r\n".encode()


def _letter(mime: bytes) -> bytes:
    """The letter, unless its first line would continue the header above it (RFC 5322 section 2.2.3)."""
    if mime[:1] in (b" ", b"\t"):
        raise Undeliverable("554 5.6.0 The letter does not begin with a header.")
    return mime


def _check_sender(sender: str) -> None:
    """A report has no sender; everyone else has an address (RFC 3463 section 3.2, X.1.7)."""
    if sender and _domain(sender) is None:
        raise Undeliverable("553 5.1.7 The sender's address is not a mail address.")


def _check_recipient(recipient: str) -> None:
    """Refuse what cannot be an address (RFC 3463 X.1.3), and what never leads anywhere (X.1.2)."""
    domain = _domain(recipient)
    if domain is None:
        raise Undeliverable(f"553 5.1.3 {_shown(recipient)} is not a mail address.")
    if _never_resolves(domain):
        raise Undeliverable(f"550 5.1.2 The domain of {_shown(recipient)} does not exist.")


def _domain(address: str) -> str | None:
    """The domain of a mail address; ``None`` if it is not one, is too long, or hides a control character."""
    possible = address.isprintable() and len(address.encode()) <= _LONGEST
    found = re.fullmatch(_MAILBOX, address) if possible else None
    if not found or len(found["local"].encode()) > 64:
        return None
    return found["domain"]


def _never_resolves(domain: str) -> bool:
    """Whether the domain is promised never to exist (RFC 2606 section 2, RFC 6761 section 6.4)."""
    return domain.casefold().rpartition(".")[2] == "invalid"


def _shown(address: str) -> str:
    """An address for a sentence that people read: on one line, and not without end."""
    return ascii(address[:100]) if not address.isprintable() else f"'{address[:100]}'"
