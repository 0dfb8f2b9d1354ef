"""The part of a body that its author wrote, without the messages that mail programs quote in it."""

import re

from letterbook.domain import text

_LOOKED_AT = 2_000
"""Characters of a tag in which a mail program would name a quotation."""
_WORDS = re.compile("rplyfwdmsg|appendonsend|border-top|gmail_quote|moz-cite-prefix|cite", re.IGNORECASE)
"""HTML without any of these holds no quotation that is known here."""
_REST = re.compile(
    r"""\bid\s*=\s*["']?(?:x_)*(?:divRplyFwdMsg|appendonsend)\b"""
    r"""|border-top:\s*solid\s+\#(?:E1E1E1|B5C4DF)\s+1\.0pt""",
    re.IGNORECASE,
)
"""Outlook, on the web and at a desk: all that follows was said before."""
_INSIDE = re.compile(
    r"""\bclass\s*=\s*["']?(?:[\w-]+\s+)*(?:gmail_quote|moz-cite-prefix)\b|\btype\s*=\s*["']?cite\b""",
    re.IGNORECASE,
)
"""Gmail, Thunderbird, Apple Mail: what is in the element was said before, what follows it may be new."""
_QUOTING = frozenset({"div", "blockquote"})
_NEVER_CLOSED = frozenset(
    "area base basefont br col embed frame hr img input link meta param source track wbr".split()
)

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
    begun = (n for n in range(at - 1, max(at - 1 - _FOLDED, -1), -1) if lines[n].startswith("On "))
    return next(begun, len(lines))


# --- HTML ------------------------------------------------------------------------------------------


def _unique_html(content: str) -> str:
    return _Cutting().cut(content) if _WORDS.search(content) else content


class _Cutting:
    """HTML that is gone through once, and what is left of it."""

    def __init__(self) -> None:
        self._left = list[str]()
        self._open = list[str]()
        self._opened = dict[str, int]()

    def cut(self, html: str) -> str:
        """All that is in no quotation; whatever a cut leaves open is closed."""
        inside, depth = "", 0
        for piece in text.pieces(html):
            tag, step = (piece["tag"] or "").lower(), -1 if piece["end"] else 1
            if depth:
                depth += step if tag == inside else 0
            elif tag not in _QUOTING or step < 0:
                self._keep(piece[0], tag, step)
            elif _INSIDE.search(piece[0], 0, _LOOKED_AT):
                inside, depth = tag, 1
            elif _REST.search(piece[0], 0, _LOOKED_AT):
                self._take_off_rule()
                return self._closed()
            else:
                self._keep(piece[0], tag, step)
        return self._closed() if depth else "".join(self._left)

    def _keep(self, said: str, tag: str, step: int) -> None:
        self._left.append(said)
        if not tag or tag in _NEVER_CLOSED:
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
        return "".join((*self._left, *(f"</{tag}>" for tag in reversed(self._open))))
