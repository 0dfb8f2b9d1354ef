"""What a header says: words, people, parameters, moments. Reading only, in time linear in its length."""

import re
from binascii import a2b_qp
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby
from urllib.parse import unquote_to_bytes

from letterbook.adapters.mime.decoding import decoded, unbase64
from letterbook.domain.people import EmailAddress

SEEN_BY_NOBODY_ELSE = frozenset(("bcc", "resent-bcc"))
"""Headers that only their author should see (RFC 5322 sections 3.6.3, 3.6.6)."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD = r"=\?([\w.:+-]{1,40}+)(?:\*[\w-]*+)?\?([bBqQ])\?([^?]*+)\?="
_ONE_WORD = re.compile(_WORD, re.ASCII)
_WORDS = re.compile(rf"{_WORD}(?:\s*+{_WORD})*", re.ASCII)

_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,60}+\?[bBqQ]\?[^?\s]*+\?=)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*+)"'
    r"|\((?P<comment>(?:[^()]|\([^()]*+\))*+)\)"
    r'|<(?:@[^<>:]*+:)?(?P<angle>(?:"[^"<>]*+"|[^<>,;])*+)>?'
    r"|(?P<mark>[,;:])"
    r'|(?P<plain>(?:\\.|[^"<,;:(=\\])++|.)',
    re.DOTALL,
)
_ESCAPED = re.compile(r'\\(["\\])')

_PARAMETER = re.compile(
    r';\s*+(?P<name>[^\s=;"]++)\s*+=\s*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"?|(?P<plain>[^;]*+))', re.DOTALL
)
_FREE_TEXT = frozenset(("name", "filename"))
"""Parameters that some programs fill with encoded words (against RFC 2047 section 5)."""
_EXTENDED = re.compile(r"(?P<name>[^*]+)\*(?:(?P<place>[0-9]{1,5})(?P<encoded>\*)?)?")
_FIRST_PLACE = re.compile(r"(?P<charset>[^']*)'[^']*'(?P<text>.*)", re.DOTALL)


# --- Words -----------------------------------------------------------------------------------------


def unfolded(raw: bytes) -> str:
    """The value of a header on one line (RFC 5322 section 2.2.3), 8-bit letters read as what they may be."""
    line = raw.replace(b"\r\n", b"").replace(b"\n", b"") if b"\n" in raw else raw
    return line.decode("ascii") if line.isascii() else decoded(line, None)


def tidy(text: str) -> str:
    """Text that stays on its line: control characters become spaces, and none of those at its ends."""
    return (text if text.isprintable() else _CONTROL.sub(" ", text)).strip()


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return a2b_qp(data, header=True) if encoding in "qQ" else unbase64(data)


def _decoded_run(run: re.Match[str]) -> str:
    """Words that follow one another are joined first: a letter may be cut in two (against RFC 2047 5.3)."""
    words = _ONE_WORD.findall(run.group())
    return "".join(
        decoded(b"".join(_word_bytes(encoding, text) for _, encoding, text in group), charset)
        for charset, group in groupby(words, key=lambda word: word[0].lower())
    )


def unworded(text: str) -> str:
    """The text with its encoded words decoded (RFC 2047); what is not one stays as it is."""
    return tidy(_WORDS.sub(_decoded_run, text) if "=?" in text else text)


# --- People ----------------------------------------------------------------------------------------


def _mailboxes(value: str) -> Iterator[list[re.Match[str]]]:
    """The tokens of each mailbox of a list; the names of groups are dropped (RFC 5322 section 3.4)."""
    tokens: list[re.Match[str]] = []
    for token in _TOKEN.finditer(value):
        match token["mark"]:
            case None:
                tokens.append(token)
            case ":":
                tokens = []
            case _:
                yield tokens
                tokens = []
    yield tokens


def _said(token: re.Match[str]) -> str:
    """What a token adds to a name."""
    if token["quoted"] is not None:
        return _ESCAPED.sub(r"\1", token["quoted"])
    return token["word"] or token["plain"] or ""


def _bare(tokens: list[re.Match[str]], comment: str) -> EmailAddress:
    """A mailbox without angle brackets: an address, perhaps with a name before or in a comment after it."""
    text = tidy("".join(token.group() for token in tokens if token["comment"] is None))
    name, _, address = text.rpartition(" ")
    if name and "@" not in address:
        return EmailAddress(name=unworded("".join(map(_said, tokens))))
    return EmailAddress(name=unworded(name) or comment, address=unworded(address))


def _person(tokens: list[re.Match[str]]) -> EmailAddress:
    comment = unworded(" ".join(token["comment"] for token in tokens if token["comment"]))
    angles = [token["angle"] for token in tokens if token["angle"] is not None]
    if not angles:
        return _bare(tokens, comment)
    name = unworded("".join(map(_said, tokens)))
    return EmailAddress(name=name or comment, address=unworded(angles[-1]))


def people(value: str) -> tuple[EmailAddress, ...]:
    """Everyone a header names (RFC 5322 section 3.4), with the old forms of its section 4.4."""
    if not value:
        return ()
    found = (_person(tokens) for tokens in _mailboxes(value) if tokens)
    return tuple(person for person in found if person.name or person.address)


# --- Parameters ------------------------------------------------------------------------------------


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    for found in _PARAMETER.finditer(value):
        plain = found["plain"]
        text = _ESCAPED.sub(r"\1", found["quoted"]) if plain is None else plain.strip()
        name = found["name"].lower()
        yield name, unworded(text) if name in _FREE_TEXT else text


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    """One value from its numbered pieces; the first may name the charset (RFC 2231 section 4.1)."""
    ordered = [pieces[place] for place in sorted(pieces)]
    first = _FIRST_PLACE.fullmatch(ordered[0][1]) if ordered[0][0] else None
    if first:
        ordered[0] = (True, first["text"])
    data = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace") for encoded, text in ordered
    )
    return decoded(data, first["charset"] if first else None)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, under their names in lower case (RFC 2231)."""
    simple: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, text in _pairs(value):
        extended = _EXTENDED.fullmatch(name)
        if not extended:
            simple.setdefault(name, text)
            continue
        encoded = extended["place"] is None or extended["encoded"] is not None
        pieces.setdefault(extended["name"], {}).setdefault(int(extended["place"] or 0), (encoded, text))
    return simple | {name: _joined(known) for name, known in pieces.items()}


# --- Moments ---------------------------------------------------------------------------------------


def moment(value: str) -> datetime | None:
    """The moment that a Date header names, in UTC; ``None`` if it names none."""
    try:
        at = parsedate_to_datetime(value[:100])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
