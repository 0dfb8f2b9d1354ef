"""Headers as they go over the wire: encoded, folded, and never more than one header from one value."""

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from letterbook.adapters.mime.fields import tidy
from letterbook.domain.people import EmailAddress

_LINE = 78
"""Characters of a line that should not be exceeded (RFC 5322 section 2.1.1)."""
_UNBROKEN = 900
"""Characters without a chance to break; a line must not have more than 998."""
_WORD = 42
"""Bytes in an encoded word, which must not be longer than 75 characters (RFC 2047 section 2)."""

_NAME = re.compile(r"[!-9;-~]{1,76}")
_CHANCES = re.compile(r"(?<=[^ ])(?= )")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LOCAL = re.compile(r'[^\s"(),:;<>@\[\\\]]+|"(?:[^"\\]|\\.)*"')
_NOT_IN_ADDRESS = re.compile(r"[\s<>]")
_SEGMENT = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,20}")


def is_name(name: str) -> bool:
    """Whether a header can have this name (RFC 5322 section 2.2)."""
    return _NAME.fullmatch(name) is not None


def field(name: str, value: str) -> bytes:
    """A header with a value that is free text."""
    text = tidy(value)
    plain = text.isascii() and "=?" not in text and all(len(piece) < _UNBROKEN for piece in _split(text))
    return _folded(f"{name}: {text if plain else _worded(text)}")


def field_of_people(name: str, people: Iterable[EmailAddress]) -> bytes:
    """A header that names people; nothing if there are none."""
    mailboxes = ", ".join(filter(None, map(_mailbox, people)))
    return _folded(f"{name}: {mailboxes}") if mailboxes else b""


def field_with(header: str, value: str, /, **parameters: str) -> bytes:
    """A header with parameters; those without a value are left out."""
    pieces = (piece for key, text in parameters.items() for piece in _parameter(key, tidy(text)))
    return _folded("; ".join((f"{header}: {value}", *pieces)))


def _split(text: str) -> list[str]:
    """The text in pieces that start where a line may be broken."""
    return _CHANCES.split(text)


def _folded(line: str) -> bytes:
    """Break a line before spaces, so that taking the line ends out gives it back."""
    lines = [""]
    for piece in _split(line):
        if lines[-1] and len(lines[-1]) + len(piece) > _LINE:
            lines.append(piece)
        else:
            lines[-1] += piece
    return "\r\n".join((*lines, "")).encode()


def _chunks(text: str) -> Iterator[bytes]:
    """UTF-8 in chunks of whole characters."""
    chunk = b""
    for data in (character.encode() for character in text):
        if len(chunk) + len(data) > _WORD:
            yield chunk
            chunk = b""
        chunk += data
    yield chunk


def _worded(text: str) -> str:
    return " ".join(f"=?utf-8?B?{base64.b64encode(chunk).decode()}?=" for chunk in _chunks(text))


def _phrase(name: str) -> str:
    if not name.isascii() or "=?" in name or any(len(piece) >= _UNBROKEN // 2 for piece in _split(name)):
        return _worded(name)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _address(address: str) -> str:
    """An address that cannot end before it should: its local part is quoted if it must be."""
    clean = _NOT_IN_ADDRESS.sub("", tidy(address))
    local, at, domain = clean.rpartition("@")
    if at and not _LOCAL.fullmatch(local):
        local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{local}{at}{domain}" if len(clean) < _UNBROKEN // 2 else ""


def _mailbox(person: EmailAddress) -> str:
    """A person as a mailbox (RFC 5322 section 3.4)."""
    name, address = tidy(person.name), _address(person.address)
    if not name and not address:
        return ""
    return f"{_phrase(name)} <{address}>" if name else f"<{address}>"


def _parameter(name: str, value: str) -> list[str]:
    """A parameter: quoted if it is short and ASCII, else encoded and in segments (RFC 2231)."""
    if not value:
        return []
    if value.isascii() and len(value) <= 60 and "=?" not in value:
        return [f'{name}="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"']
    segments = _SEGMENT.findall(quote(value, safe=""))
    if len(segments) == 1:
        return [f"{name}*=utf-8''{segments[0]}"]
    return [f"{name}*{at}*={'' if at else chr(39) * 2}{segment}" for at, segment in enumerate(segments)]
