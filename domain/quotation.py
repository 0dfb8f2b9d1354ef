"""The part of a body that its author wrote, without the messages that mail programs quote in it."""

import re
from enum import Enum, auto

from letterbook.domain import text

_LOOKED_AT = 2_000
"""Characters of a tag in which a mail program would name a quotation."""
_WORDS = re.compile("rplyfwdmsg|appendonsend|border-top|gmail_quote|moz-cite-prefix|cite", re.IGNORECASE)
"""HTML without any of these holds no quotation that is known here."""
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s/>=]++)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)|'(?P<single>[^']*+)|(?P<bare>[^\s>]*+)))?+["']?"""
)
"""A name and what it is given, which is passed over as a whole (HTML, section 13.2.5.32 and on)."""
_REST_IDS = re.compile(r"(?:x_)*(?:divrplyfwdmsg|appendonsend)")
_REST_STYLE = re.compile(r"border-top:\s*solid\s+#(?:e1e1e1|b5c4df)\s+1\.0pt")
"""Outlook, on the web and at a desk: all that follows was said before."""
_INSIDE_CLASSES = frozenset({"gmail_quote", "moz-cite-prefix"})
"""Gmail, Thunderbird, Apple Mail: what is in the element was said before, what follows it may be new."""
_QUOTING = frozenset({"div", "blockquote"})
_NEVER_CLOSED = frozenset(
    "area base basefont br col embed frame hr img input link meta param source track wbr".split()
)
_END_IS_OPTIONAL = frozenset("colgroup dd dt li optgroup option p rp rt tbody td tfoot th thead tr".split())
"""Whatever comes next ends them (HTML, section 13.1.2.4); many that stand open may be closed already."""
_WITHOUT_TAGS = frozenset({"textarea", "title"})
"""What is in them is text (HTML, section 13.1.2, *escapable raw text elements*)."""

_WHEN_OR_WHO = re.compile(
    r"[@<]|\b(?:19|20)\d\d\b|\b\d{1,2}([/.-])\d{1,2}\1\d\d\b|\b\d{1,2}(?::\d\d|\s?[ap]m)\b",
    re.ASCII | re.IGNORECASE,
)
"""An address, a year or a time: without any, people may have written *On … wrote:* themselves."""
_MARK = re.compile(r"-{2,}+\s*(?:original|forwarded) message\s*-{2,}+", re.IGNORECASE)
_UNDERLINE = re.compile(r"_{30,}+")
_FOLDED = 3
"""Lines that *On … wrote:* is folded into at most."""


def unique(kind: str, content: str) -> str:
    """A body without what it quotes (Graph: *message*, ``uniqueBody``); the rest of it as it stands."""
    return _unique_html(content) if kind == "html" else _unique_text(content)


# --- Text ------------------------------------------------------------------------------------------


def _unique_text(content: str) -> str:
    lines = content.splitlines(keepends=True)
    end = min(_announced(lines), _attributed(lines))
    return "".join(lines[:end]).rstrip() if end < len(lines) else content


def _announced(lines: list[str]) -> int:
    """The line that says a message follows; if there is none, the end."""
    said = [line.strip() for line in lines]
    for at, (line, below) in enumerate(zip(said, [*said[1:], ""], strict=False)):
        if _MARK.fullmatch(line) or (below.startswith("From:") and _UNDERLINE.fullmatch(line)):
            return at
    return len(lines)


def _attributed(lines: list[str]) -> int:
    """The line *On … wrote:* with nothing but quoted lines below it; if there is none, the end."""
    at = len(lines)
    while at and (lines[at - 1].startswith(">") or not lines[at - 1].strip()):
        at -= 1
    is_quoted = any(line.startswith(">") for line in lines[at:])
    if not (at and is_quoted and lines[at - 1].rstrip().endswith("wrote:")):
        return len(lines)
    begun = range(at - 1, max(at - 1 - _FOLDED, -1), -1)
    return next((n for n in begun if _says_who("".join(lines[n:at]))), len(lines))


def _says_who(said: str) -> bool:
    return said.startswith("On ") and _WHEN_OR_WHO.search(said) is not None


# --- HTML ------------------------------------------------------------------------------------------


def _unique_html(content: str) -> str:
    return _Cutting().cut(content) if _WORDS.search(content) else content


class _Cutting:
    """HTML that is gone through once, and what is left of it."""

    def __init__(self) -> None:
        self._left = list[str]()
        self._open = list[str]()
        self._opened = dict[str, int]()
        self._text_of = ""

    def cut(self, html: str) -> str:
        """All that is in no quotation; whatever a cut leaves open is closed."""
        inside, depth = "", 0
        for piece in text.pieces(html):
            tag, step = self._element(piece)
            how = _quotation(piece) if tag in _QUOTING and step > 0 and not depth else None
            if depth:
                depth += step if tag == inside else 0
            elif how is _Quotation.INSIDE:
                inside, depth = tag, 1
            elif how is _Quotation.REST:
                self._take_off_rule()
                return self._closed()
            else:
                self._keep(piece[0], tag, step)
        return self._closed() if depth else "".join(self._left)

    def _element(self, piece: re.Match[str]) -> tuple[str, int]:
        """What a piece begins (1) or ends (-1); nothing if it is, or stands in, text."""
        tag, step = (piece["tag"] or "").lower(), -1 if piece["end"] else 1
        if self._text_of:
            if (tag, step) != (self._text_of, -1):
                return "", 1
            self._text_of = ""
        elif tag in _WITHOUT_TAGS and step > 0:
            self._text_of = tag
        return tag, step

    def _keep(self, said: str, tag: str, step: int) -> None:
        self._left.append(said)
        if not tag.isalnum() or tag in _NEVER_CLOSED:  # nobody but a mistake opens a <div<p>
            return
        if step > 0:
            self._open.append(tag)
            self._opened[tag] = self._opened.get(tag, 0) + 1
        elif self._opened.get(tag):
            self._close(tag)

    def _close(self, tag: str) -> None:
        """An end tag also ends what was opened since (HTML, section 13.2.6.4.7)."""
        last = ""
        while last != tag:
            last = self._open.pop()
            self._opened[last] -= 1

    def _take_off_rule(self) -> None:
        """The line above a quotation goes with it."""
        while self._left and (self._left[-1].isspace() or self._left[-1][:3].lower() == "<hr"):
            self._left.pop()

    def _closed(self) -> str:
        ends = (f"</{tag}>" for tag in reversed(self._open) if tag not in _END_IS_OPTIONAL)
        return "".join((*self._left, *ends))


class _Quotation(Enum):
    """How far what a tag quotes goes."""

    INSIDE = auto()
    REST = auto()


def _quotation(tag: re.Match[str]) -> _Quotation | None:
    """How much a tag says to be quoted; nothing, mostly."""
    if not _WORDS.search(tag[0], 0, _LOOKED_AT):
        return None
    said = _said(tag[0], tag.end("tag") - tag.start())
    if said.get("type") == "cite" or not _INSIDE_CLASSES.isdisjoint(said.get("class", "").split()):
        return _Quotation.INSIDE
    if _REST_IDS.fullmatch(said.get("id", "")) or _REST_STYLE.search(said.get("style", "")):
        return _Quotation.REST
    return None


def _said(tag: str, start: int) -> dict[str, str]:
    """The attributes of a tag in lower case. Of two with one name the first counts."""
    said = dict[str, str]()
    for each in _ATTRIBUTE.finditer(tag[:_LOOKED_AT].lower(), start):
        said.setdefault(each["name"], (each["double"] or each["single"] or each["bare"] or "").strip())
    return said
