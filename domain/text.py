"""The text of a body: how HTML is wrapped, and the first words a list shows."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

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
_INLINE = frozenset(
    "a abbr b big center code em font i img s small span strike strong sub sup tbody td th thead u".split()
)
_LEFT = {
    f"{end}{tag}": left for tags, left in ((_BREAKS, " "), (_INLINE, "")) for tag in tags for end in ("", "/")
}
"""What a tag leaves between words, if it is a usual one."""
_NAME = re.compile(r"/?[a-z][^\s/>]*+", re.IGNORECASE)
_WHOLE_TAG = re.compile(
    r"""(/?[a-z][^\s/>]*+)(?:[^="']++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*["']))*+""", re.IGNORECASE
)
_REFERENCES = (("&nbsp;", "\xa0"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"))
_PREVIEWED = 256 * 1024
_PIECE = re.compile(
    r"""
    <!--.*?(?:-->|\Z)                                               # a comment
    | <(?P<raw>script|style)\b[^>]*+
        (?:>.*?(?:</(?P=raw)\b[^>]*+(?:>|\Z)|\Z)|\Z)               # what is for programs alone
    | <(?P<end>/?)(?P<tag>[a-z][^\s/>]*+)
        (?:=\s*+"[^"]*+(?:"|\Z)|=\s*+'[^']*+(?:'|\Z)|[^>=]++|=)*+(?:>|\Z)  # a tag
    | <[!?/][^>]*+(?:>|\Z)                                          # a declaration
    | (?P<words>[^<]++|<)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
"""HTML in pieces, each character looked at once; what is never closed ends with the text (HTML, 13.2.5).

Python's own ``html.parser`` needs quadratic time for some damaged HTML and fails on some (see the ADR).
"""
_END, _TAG, _WORDS = (_PIECE.groupindex[name] for name in ("end", "tag", "words"))
_ABSURD = re.compile(r"&#(?:x[0-9a-f]{9,}+|[0-9]{9,}+);?", re.IGNORECASE)
"""No character has such a number, and Python refuses to read one of more than 4,300 digits."""


def as_document(html: str) -> str:
    """Put a fragment of HTML into a whole document; leave a document as it is.

    Source: the answers of *Create message*, examples 1 and 3, to the letter.
    """
    return html if _begins_a_document(html) else f"{_OPENING}{html}{_CLOSING}"


def _begins_a_document(html: str) -> bool:
    """Most HTML is told by what it has not, in a tenth of the time."""
    begin = html[:1024].lower()
    seems_so = "<html" in begin or "<body" in begin or "<!doctype" in begin
    return seems_so and _DOCUMENT.search(html, 0, 1024) is not None


def _words(pieces: Iterable[re.Match[str]]) -> Iterator[str]:
    """What a reader would see, bit by bit: words with one space between, CRLF between blocks."""
    silence, space_due, mid_line = 0, False, False
    for piece in pieces:
        last = piece.lastindex
        if last == _WORDS:
            if silence:
                continue
            text = _readable(piece[0])
            words = " ".join(text.split())
            if words:
                yield f" {words}" if mid_line and (space_due or text[0].isspace()) else words
                mid_line, space_due = True, text[-1].isspace()
            else:
                space_due = True
        elif last == _TAG:
            tag = piece[_TAG].lower()
            if tag == "body":
                silence = 0  # a head need not be closed (HTML, section 13.1.2.4)
            elif tag in _SILENT:
                silence = max(0, silence - 1) if piece[_END] else silence + 1
            elif mid_line and not silence and tag in _BREAKS:
                yield "\r\n"
                space_due = mid_line = False


def _readable(words: str) -> str:
    """Words with every character reference (``&amp;``) resolved."""
    if "&" not in words:
        return words
    return unescape(_ABSURD.sub("\N{REPLACEMENT CHARACTER}", words) if "&#" in words else words)


def plain(html: str) -> str:
    """The text a reader of the HTML would see, lines ending in CRLF."""
    return "".join(_words(_PIECE.finditer(html))).strip()


def fragment(document: str) -> str:
    """What :func:`as_document` has put into a document; any other as it is."""
    if document.startswith(_OPENING) and document.endswith(_CLOSING):
        return document[len(_OPENING) : -len(_CLOSING)]
    return document


def pieces(html: str) -> Iterator[re.Match[str]]:
    """HTML in pieces that come to the whole; a tag has its name in ``tag``, and in ``end`` if it ends."""
    return _PIECE.finditer(html)


def spoken(html: str) -> str:
    """The words a reader of the HTML would see, for whoever does not care about spaces and lines between."""
    simple = _simply_spoken(html)
    return _thoroughly_spoken(html) if simple is None else simple


def _simply_spoken(html: str) -> str | None:
    """The same in half of the time for HTML of nothing but words and usual tags; ``None`` for any other."""
    first, *pieces = html.split("<")
    found = [first]
    end: str | None = ""
    if pieces and ">" not in pieces[-1]:
        begun = _NAME.match(pieces.pop())
        end = _LEFT.get(begun[0].lower()) if begun else None
    for piece in pieces:
        tag, closed, words = piece.partition(">")
        left = _LEFT.get(tag)
        if left is None:
            left = _left_by(tag)
        if left is None or not closed:
            return None
        found.append(left)
        found.append(words)
    return None if end is None else _simply_readable("".join((*found, end)))


def _left_by(tag: str) -> str | None:
    """What a tag with attributes leaves; ``None`` also if the end of it may not be its end."""
    named = _WHOLE_TAG.fullmatch(tag)
    return _LEFT.get(named[1].lower()) if named else None


def _simply_readable(words: str) -> str:
    """What :func:`_readable` gives; most often there are few kinds of references."""
    if "&" not in words:
        return words
    read = words
    for reference, character in _REFERENCES:
        read = read.replace(reference, character)
    return read.replace("&amp;", "&") if read.count("&") == read.count("&amp;") else _readable(words)


def _thoroughly_spoken(html: str) -> str:
    silence, found = 0, list[str]()
    for _raw, end, tag, said in _PIECE.findall(html):
        if said:
            if not silence:
                found.append(said)
        elif tag:
            tag = tag.lower()
            if tag == "body":
                silence = 0
            elif tag in _SILENT:
                silence = max(0, silence - 1) if end else silence + 1
            elif tag in _BREAKS:
                found.append(" ")
    return _readable("".join(found))


def preview(kind: str, content: str) -> str:
    """The first 255 characters of the text of a body; tags do not count, line ends do."""
    if kind != "html":
        return content.strip()[:PREVIEW_LENGTH]
    found, length = [], 0
    for words in _words(_PIECE.finditer(content, 0, _PREVIEWED)):
        found.append(words)
        length += len(words)
        if length > PREVIEW_LENGTH:
            break
    return "".join(found).strip()[:PREVIEW_LENGTH]
