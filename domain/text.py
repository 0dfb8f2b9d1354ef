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
_FIRST_SLICE = 2048
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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
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
        self._space_due = False
        if self._mid_line():
            self._put("\r\n")

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def plain(html: str) -> str:
    """The text a reader of the HTML would see, lines ending in CRLF."""
    words = _Words()
    words.feed(html)
    words.close()
    return words.text()


def preview(kind: str, content: str) -> str:
    """The first 255 characters of the text of a body; tags do not count, line ends do."""
    if kind != "html":
        return content.strip()[:PREVIEW_LENGTH]
    words = _Words(limit=PREVIEW_LENGTH + 1)
    start, slice_ = 0, _FIRST_SLICE  # growing slices: an unclosed comment is rescanned, at twice its length
    while start < min(len(content), _PREVIEWED) and not words.full:
        words.feed(content[start : start + slice_])
        start, slice_ = start + slice_, slice_ * 2
    if not words.full:
        words.close()
    return words.text()[:PREVIEW_LENGTH]
