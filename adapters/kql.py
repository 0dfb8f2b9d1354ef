"""What people type into a search box: Graph's part of the Keyword Query Language, read into a neutral query.

``pizza``, ``"quarterly report"``, ``rep*``, ``subject:offsite AND NOT (from:alexw OR size>1000)``. Words
beside each other must all be there; ``NOT`` binds closest, then ``AND``, then ``OR``, which are written in
capitals. What is no property is a word.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from letterbook.adapters.kql_values import RESTRICTIONS, Unreadable
from letterbook.application.searching import Both, Either, Part, Says, Sought, Without, saying

__all__ = ["Unreadable", "read_query"]

DEFAULT = (Part.AUTHOR, Part.SUBJECT, Part.BODY)
"""Where words are looked for that name no property (Graph: the $search query parameter)."""
PROPERTIES: dict[str, tuple[Part, ...]] = {
    "attachment": (Part.ATTACHMENTS,),
    "bcc": (Part.BCC,),
    "body": (Part.BODY,),
    "cc": (Part.CC,),
    "from": (Part.AUTHOR,),
    "participants": (Part.AUTHOR, Part.TO, Part.CC, Part.BCC),
    "recipients": (Part.TO, Part.CC, Part.BCC),
    "subject": (Part.SUBJECT,),
    "to": (Part.TO,),
}
LONGEST, DEEPEST, MOST_WORDS = 4096, 20, 200
"""Characters of a query, parentheses and ``NOT`` inside each other, and words: beyond that it is refused."""

_PIECE = re.compile(
    r"""\s*(?:
        (?P<sign>[()]) | (?P<minus>[-+](?=[\w("']))
        | "(?P<phrase>[^"]*)"(?P<on>\*?)
        | (?P<property>[A-Za-z]+)(?P<how>:|=|<>|<=|>=|<|>)(?=[^\s)])
        | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r'[^\s()"]+')


def read_query(text: str, now: datetime) -> Sought:
    """The question in a text; ``now`` says what ``today`` means. Raises :class:`Unreadable`."""
    if len(text) > LONGEST:
        raise Unreadable("The search text is too long.")
    reader = _Reader(list(_pieces(text)), now)
    sought = reader.either(DEFAULT) if reader.pieces else None
    if reader.next:
        raise Unreadable("A parenthesis is closed that was not opened.")
    if sought is None:
        raise Unreadable("The search text has no word to look for.")
    return sought


def _pieces(text: str) -> Iterator[dict[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        piece = _PIECE.match(text, at)
        if piece is None:
            raise Unreadable("A quotation mark is not closed.")
        if piece["property"] and piece["property"].lower() not in PROPERTIES.keys() | RESTRICTIONS.keys():
            word = _WORD.match(text, piece.start("property"))
            assert word is not None, "it begins with a letter"
            at = word.end()
            yield {"word": word[0]}
        else:
            at = piece.end()
            yield {name: value for name, value in piece.groupdict().items() if value is not None}


@dataclass(slots=True)
class _Reader:
    """Reads the pieces from left to right, each kind of question by a function of its own."""

    pieces: list[dict[str, str]]
    now: datetime
    depth: int = 0
    words: int = 0
    at: int = 0

    @property
    def next(self) -> dict[str, str]:
        """The piece that is to be read; empty at the end."""
        return self.pieces[self.at] if self.at < len(self.pieces) else {}

    def either(self, parts: tuple[Part, ...]) -> Sought | None:
        """Some alternatives."""
        found = [self.both(parts)]
        while self._take("word", "OR"):
            found.append(self.both(parts))
        return _joined(Either, found)

    def both(self, parts: tuple[Part, ...]) -> Sought | None:
        """Some things that must all be true."""
        found = [self.single(parts)]
        while self.next and self.next.get("sign") != ")" and self.next.get("word") != "OR":
            self._take("word", "AND")
            found.append(self.single(parts))
        return _joined(Both, found)

    def single(self, parts: tuple[Part, ...]) -> Sought | None:
        """One thing."""
        if self._take("minus", "+"):
            return self.single(parts)
        if self._take("word", "NOT") or self._take("minus", "-"):
            denied = self._inside(self.single, parts)
            return Without(denied) if denied else None
        if self._take("sign", "("):
            found = self._inside(self.either, parts)
            if not self._take("sign", ")"):
                raise Unreadable("A parenthesis is not closed.")
            return found
        return self._property() if "property" in self.next else self._said(parts)

    def _property(self) -> Sought | None:
        name, how = self.next["property"].lower(), self.next["how"]
        self.at += 1
        if name in RESTRICTIONS:
            return RESTRICTIONS[name](how, self._value(), self.now)
        if how not in (":", "=", "<>"):
            raise Unreadable(f"The property '{name}' cannot be compared by '{how}'.")
        opened = self.next.get("sign") == "("
        found = self._inside(self.single, PROPERTIES[name]) if opened else self._said(PROPERTIES[name])
        return Without(found) if found and how == "<>" else found

    def _value(self) -> str:
        piece = self.next
        self.at += 1
        return piece.get("word", piece.get("phrase", "")).strip().strip("'")

    def _said(self, parts: tuple[Part, ...]) -> Sought | None:
        """A word or a phrase; ``None`` if it is punctuation alone."""
        piece = self.next
        if piece.get("word") in ("AND", "OR", "NOT") or not piece.keys() & {"word", "phrase"}:
            self._expected()
        self.at += 1
        text = piece.get("phrase", piece.get("word", ""))
        found = saying(text, parts)
        if found is None:
            return None
        if (piece.get("on") or text.endswith("*")) and not found.begins:
            found = _begun(found)
        self.words += len(found.words)
        if self.words > MOST_WORDS:
            raise Unreadable("The search text has too many words.")
        return found

    def _expected(self) -> NoReturn:
        here = next(iter(self.next.values()), "")
        where = f"before '{here}'" if here else "at the end of the search text"
        raise Unreadable(f"A word is missing {where}.")

    def _inside(
        self, read: Callable[[tuple[Part, ...]], Sought | None], parts: tuple[Part, ...]
    ) -> Sought | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("The search text is nested too deeply.")
        found = read(parts)
        self.depth -= 1
        return found

    def _take(self, kind: str, value: str) -> bool:
        taken = self.next.get(kind) == value
        self.at += taken
        return taken


def _joined(how: type[Both] | type[Either], found: list[Sought | None]) -> Sought | None:
    """What is punctuation alone asks for nothing; what is in parentheses without need is joined too."""
    parts: list[Sought] = []
    for part in found:
        if isinstance(part, how) and part.of:
            parts += part.of
        elif part is not None:
            parts.append(part)
    return how(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _begun(says: Says) -> Says:
    """The same words, the last of which may go on. A single letter would ask for half of everything."""
    if len(says.words[-1]) < 2:
        raise Unreadable("The beginning of a word needs at least two characters.")
    return replace(says, begins=True)
