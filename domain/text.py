"""The text of a body: how HTML is wrapped, and the first words a list shows."""

import re
from html.parser import HTMLParser

PREVIEW_LENGTH = 255
"""Characters of ``bodyPreview`` (Graph: message resource)."""

_OPENING = (
    "<html>\r\n<head>\r\n"
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
    '<meta content="text/html; charset=us-ascii">\r\n'
    "</head>\r\n<body>\r\n"
)
_CLOSING = "\r\n</body>\r\n</html>\r\n"
_DOCUMENT = re.compile(r"<(?:html|!doctype|body)[\s>]", re.IGNORECASE)
_SILENT = frozenset({"head", "script", "style", "title", "template"})
_BREAKS = frozenset(
    "address article blockquote br dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tr ul".split()
)
_ABSURD = re.compile(r"&#x?[0-9a-f]{20,};?", re.IGNORECASE)
"""No character has such a number, and Python refuses to read one of more than 4,300 digits."""
_END = "<br>"
"""Fed last, so that text held back comes out; the parser's own ``close`` is quadratic on ``<!<!<!…``."""
_FIRST_SLICE = 512
_PREVIEWED = 256 * 1024


def as_document(html: str) -> str:
    """Put a fragment of HTML into a whole document; leave a document as it is.

    Source: the answers of *Create message*, examples 1 and 3, to the letter.
    """
    return html if _DOCUMENT.search(html, 0, 1024) else f"{_OPENING}{html}{_CLOSING}"


class _Words(HTMLParser):
    """Collects what a reader would see, up to ``limit`` characters if one is given."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self._limit = limit
        self._parts: list[str] = []
        self._length = 0
        self._silence = 0
        self._space_due = False

    @property
    def full(self) -> bool:
        return self._limit is not None and self._length >= self._limit

    def text(self) -> str:
        return "".join(self._parts).strip()

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """``<![if …]>`` and its like are comments (HTML, 13.2.5.42); Python's parser fails on some."""
        return self.parse_bogus_comment(i, report)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._silence = 0  # a head need not be closed (HTML, section 13.1.2.4)
        elif tag in _SILENT:
            self._silence += 1
        elif tag in _BREAKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silence = max(0, self._silence - 1)
        elif tag in _BREAKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._silence or self.full:
            return
        words = data.split()
        if not words:
            self._space_due = True
            return
        lead = " " if self._space_due or data[0].isspace() else ""
        self._put((lead if self._mid_line() else "") + " ".join(words))
        self._space_due = data[-1].isspace()

    def _mid_line(self) -> bool:
        return bool(self._parts) and not self._parts[-1].endswith("\n")

    def _break(self) -> None:
        if self._silence:
            return
        self._space_due = False
        if self._mid_line():
            self._put("\r\n")

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _readable(html: str) -> str:
    return _ABSURD.sub("\N{REPLACEMENT CHARACTER}", html)


def plain(html: str) -> str:
    """The text a reader of the HTML would see, lines ending in CRLF."""
    words = _Words()
    words.feed(_readable(html) + _END)
    return words.text()


def preview(kind: str, content: str) -> str:
    """The first 255 characters of the text of a body; tags do not count, line ends do."""
    if kind != "html":
        return content.strip()[:PREVIEW_LENGTH]
    words = _Words(limit=PREVIEW_LENGTH + 1)
    content = _readable(content[:_PREVIEWED])
    start, slice_ = 0, _FIRST_SLICE  # growing slices: an unclosed comment is rescanned, at twice its length
    while start < len(content) and not words.full:
        words.feed(content[start : start + slice_])
        start, slice_ = start + slice_, slice_ * 2
    if not words.full:
        words.feed(_END)
    return words.text()[:PREVIEW_LENGTH]
