"""What can be searched for, and the words of a text.

Text becomes words here and nowhere else, so that every view finds the same: accents, case and width do not
count, and scripts that put no spaces between words are cut into overlapping pairs of characters, so that any
stretch of at least two of them can be found.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Any as AnyValue
from typing import NamedTuple, Protocol
from uuid import UUID

from pydantic_core import from_json

from letterbook.application.querying import All, Among, Any, Compare, Marked, Not, Outside, Place, Where
from letterbook.domain import text as texts

MOST_HITS = 1000
"""A search finds at most so many messages, the newest (Graph: what's new, July 2025)."""


class Part(StrEnum):
    """The parts of a message that hold words."""

    SUBJECT = "subject"
    BODY = "body"
    AUTHOR = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    ATTACHMENTS = "attachments"


# --- Questions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Says:
    """One of the parts has these words, one behind the other; ``begins``: the last may go on."""

    parts: tuple[Part, ...]
    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """Every one of these is true of the message."""

    of: tuple["Sought", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these is true."""

    of: tuple["Sought", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """This is not true."""

    of: "Sought"


Sought = Says | Compare | Marked | Among | Outside | Both | Either | Without


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A page of what a search finds, sorted by the date of sending, newest first.

    In a folder, or (``None``) in the whole mailbox but what is beyond Deleted Items. ``after`` continues
    behind a place; ``skip`` counts from there.
    """

    sought: Sought
    folder: UUID | None = None
    top: int = MOST_HITS
    skip: int = 0
    after: Place | None = None


def about_text(sought: Sought) -> bool:
    """Whether nothing but words is asked for."""
    match sought:
        case Says():
            return True
        case Compare() | Marked() | Among() | Outside():
            return False
        case Both(parts) | Either(parts):
            return all(map(about_text, parts))
        case Without(part):
            return about_text(part)


def sought_where(where: Where) -> Sought:
    """The same condition as a search asks it."""
    match where:
        case All(parts):
            return Both(tuple(map(sought_where, parts)))
        case Any(parts):
            return Either(tuple(map(sought_where, parts)))
        case Not(part):
            return Without(sought_where(part))
        case Compare() | Marked() | Among() | Outside():
            return where


EVER = 2**62
"""A microsecond that never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitQuery:
    """The ``limit`` newest messages that a search finds, of those sent until the microsecond ``until``.

    Wherever they are. Of each is told, too, which of some other things are true, that are ``besides`` asked.
    """

    sought: Sought
    until: int
    limit: int
    besides: tuple[Sought, ...] = ()


class Hit(NamedTuple):
    """A message that says what is sought: its name, and the microsecond at which it was sent.

    Hits come in groups, the newest first, and inside one in any order; ``group`` is the last microsecond at
    which one of it may have been sent.
    """

    name: bytes
    sent_at: int
    group: int
    truths: tuple[bool, ...]


def whole_groups(hits: list[Hit], limit: int) -> tuple[list[Hit], int | None]:
    """Those that are told whole, if at most ``limit`` were told; and until when to ask for the others."""
    if len(hits) < limit:
        return hits, None
    last = hits[-1].group
    return [hit for hit in hits if hit.group != last], last


# --- Keeping an index ------------------------------------------------------------------------------


class Spoken(Protocol):
    """What the words of a message are made from: a row of the views, or so much of it."""

    @property
    def subject(self) -> str: ...
    @property
    def from_name(self) -> str: ...
    @property
    def from_address(self) -> str: ...
    @property
    def attachment_names(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def tail(self) -> bytes: ...


class Shown(NamedTuple):
    """A message that is shown, as far as an index looks at it; folder and moment as the views keep them."""

    folder: bytes
    sent_at: int
    subject: str
    from_name: str
    from_address: str
    attachment_names: str
    tail: bytes
    body: bytes


class Noted(NamedTuple):
    """A message whose words may have changed. ``shown`` is as it was read; ``None`` if it is gone.

    ``position`` tells this note from a later one about the same message. Names are UUIDs as bytes.
    """

    mailbox: bytes
    message: bytes
    position: int
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Noted messages that are to be read at once; ``is_all``: there are no others."""

    notes: tuple[Noted, ...]
    is_all: bool


Wording = dict[Part, str]
"""The words of every part, in order."""


class Worded(NamedTuple):
    """A noted message with its words, ready to be written into an index that splits ASCII text itself."""

    noted: Noted
    wording: Wording


def worded(noted: Noted) -> Worded:
    """A noted message with its words."""
    return Worded(noted, wording(noted.shown, _splittable) if noted.shown else {})


def row_wording(said: Spoken) -> Wording:
    """The words of a message that is at hand, for an index that splits ASCII text itself."""
    return wording(said, _splittable)


# --- The words of a message ------------------------------------------------------------------------

_READ_OF_BODY = 1024 * 1024
"""Characters of a body that are looked at: more than anybody has written by hand."""


def joined_words(text: str) -> str:
    """The words of a text with one space between."""
    return " ".join(words(text))


def wording(said: Spoken, spelled: Callable[[str], str] = joined_words) -> Wording:
    """The words of a message."""
    return _wording(said, from_json(b"{" + said.body + said.tail), spelled)


def told_wording(said: Spoken, body: dict[str, str], tail: dict[str, AnyValue]) -> Wording:
    """The words of a message that was just drawn, for an index that splits ASCII text itself; ``body`` and
    ``tail`` are what its ready answer says."""
    return _wording(said, tail | {"body": body}, _splittable)


def _wording(said: Spoken, rest: dict[str, AnyValue], spelled: Callable[[str], str]) -> Wording:
    return {
        Part.SUBJECT: spelled(said.subject),
        Part.BODY: spelled(_body(rest["body"])),
        Part.AUTHOR: spelled(f"{said.from_name} {said.from_address}"),
        Part.TO: spelled(_people(rest.get("toRecipients"))),
        Part.CC: spelled(_people(rest.get("ccRecipients"))),
        Part.BCC: spelled(_people(rest.get("bccRecipients"))),
        Part.ATTACHMENTS: spelled(said.attachment_names),
    }


def _body(body: dict[str, str]) -> str:
    content = body.get("content", "")[:_READ_OF_BODY]
    return texts.spoken(texts.fragment(content)) if body.get("contentType") == "html" else content


def _people(recipients: list[dict[str, dict[str, str | None]]] | None) -> str:
    known = (person["emailAddress"] for person in recipients or ())
    return " ".join(f"{each.get('name') or ''} {each.get('address') or ''}" for each in known)


def holds_words(found: Wording, says: Says) -> bool:
    """Whether the words of a message are what is asked for."""
    phrase = f" {' '.join(says.words)}{'' if says.begins else ' '}"
    return any(phrase in f" {found[part]} " for part in says.parts)


# --- Words -----------------------------------------------------------------------------------------

_UNSPACED = (
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u108f\u1780-\u17d3\u1950-\u19df"
    r"\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f"
    r"\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c"
    r"\uac00-\ud7fb\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Letters and vowel signs of scripts without spaces between words, or (Korean) between word and particle."""
_SILENT = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u200b-\u200f\u2060\ufeff]+"
)
"""What does not count: accents, points, and characters that are not seen."""
_PLAIN_RUNS = re.compile(r"[a-z0-9]+")
_EUROPEAN_RUNS = re.compile(r"[^\W_]+")
_NOT_EUROPEAN = re.compile("[^\0-\u0482\u2000-\u206f]")
_UNSPACED_ONE = rf"[{_UNSPACED}]"


@cache
def _runs() -> re.Pattern[str]:
    """Runs without spaces, and words; made for the first text beyond Europe, as that takes a moment."""
    # vowel signs belong to their words; those beyond U+FFFF would make this five times slower
    signs = (chr(each) for each in (*range(0x483, 0x1E00), *range(0xA66F, 0xAC00)))
    vowels = "".join(sign for sign in signs if unicodedata.category(sign)[0] == "M")
    return re.compile(rf"([{_UNSPACED}]+)|((?:(?![_{_UNSPACED}])[\w{vowels}])+)")


def words(text: str) -> list[str]:
    """The words of a text, as an index keeps them. A run without spaces gives every pair, and its end."""
    if text.isascii():
        return _PLAIN_RUNS.findall(text.lower())
    folded = _folded(text)
    if not _NOT_EUROPEAN.search(folded):
        return _EUROPEAN_RUNS.findall(folded)
    found: list[str] = []
    for run, word in _runs().findall(folded):
        if word:
            found.append(word)
        else:
            found += map("".join, pairwise(run))
            found.append(run[-1])
    return found


def _splittable(text: str) -> str:
    """Text in which every run of ASCII letters and digits, or of anything beyond ASCII, is one word."""
    return text if text.isascii() else joined_words(text)


def _folded(text: str) -> str:
    """Without accents, case and width (Unicode, annex 15 and section 3.13)."""
    bare = _SILENT.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", bare)


def saying(text: str, parts: tuple[Part, ...], *, begins: bool = False) -> Says | None:
    """The question for a text as somebody typed it; ``None`` if there is no word in it."""
    found = words(text)
    if not found:
        return None
    if not re.fullmatch(_UNSPACED_ONE, found[-1]):
        return Says(parts, tuple(found), begins)
    if len(found) > 1 and len(found[-2]) == 2 and found[-2][1] == found[-1]:  # a text may go on behind it
        return Says(parts, tuple(found[:-1]))
    return Says(parts, tuple(found), begins=True)
