"""The structure of a message: which part lies where.

The standard library's parser is not used for this: it reads line by line, at every level again, and does
not keep the source, which an enclosed message must not lose. Here a part is a place in the bytes as they
came, found by searching for boundaries, and its content is only decoded when somebody asks for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from letterbook.adapters.mime.bounds import COPY, MISS, Allowance
from letterbook.adapters.mime.decoding import decoded, untransferred
from letterbook.adapters.mime.fields import parameters, tidy, unfolded, unworded

_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_NAMED = re.compile(rb"([!-9;-~]++)[ \t]*+:")
_BLANK = re.compile(rb"\r*\n")
_NAME_CUT_OFF = re.compile(rb"[!-9;-~]+\Z")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*+\r?(?:\n|\Z)")
_KIND = re.compile(r"\s*([!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;|\Z)", re.IGNORECASE)
_ENCLOSED = frozenset(("message/rfc822", "message/global"))
_META_CHARSET = re.compile(rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of bytes."""

    source: bytes = field(repr=False)
    start: int
    end: int

    def bytes(self) -> bytes:
        """The bytes, as they came."""
        return self.source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Part:
    """A message or a part of one: its headers, and either the parts inside it or its content."""

    headers: tuple[tuple[str, bytes], ...]
    named: dict[str, list[bytes]] = field(repr=False)
    """The headers again, by their names in lower case."""
    kind: str
    """Its media type in lower case, such as ``text/plain``."""
    kind_parameters: dict[str, str]
    disposition: str
    file_name: str
    content_id: str
    encoding: str
    """How the body was encoded for the way, in lower case: ``base64``, ``quoted-printable`` or another."""
    body: Place
    parts: "tuple[Part, ...]" = ()

    @property
    def encloses(self) -> bool:
        """Whether this part is a message, which is then its only part."""
        return self.kind in _ENCLOSED and bool(self.parts)

    def said(self, name: str) -> list[str]:
        """The values of all headers of this name (in lower case), unfolded but not decoded."""
        return [unfolded(raw) for raw in self.named.get(name, ())]

    def first(self, name: str) -> str:
        """The decoded value of the first header of this name, or nothing."""
        return unworded(next(iter(self.said(name)), ""))

    def original(self) -> bytes:
        """The body as it was before it was encoded for the way."""
        return untransferred(self.body.bytes(), self.encoding)

    def text(self) -> str:
        """The body as text, its lines ending in CRLF."""
        data = self.original()
        text = decoded(data, self._charset(data))
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")

    def _charset(self, data: bytes) -> str | None:
        charset = self.kind_parameters.get("charset", "")
        if not charset and self.kind == "text/html":
            meta = _META_CHARSET.search(data, 0, 2048)
            return meta[1].decode("ascii") if meta else None
        return charset or None


def read(raw: bytes) -> Part:
    """Find the parts of a message. Refuses (:class:`MimeTooComplex`) only what makes too much work."""
    source = raw if b"\n" in raw else raw.replace(b"\r", b"\n")
    before = _BEFORE.match(source)
    return _Reader().part(Place(source, before.end() if before else 0, len(source)), 0, "text/plain")


class _Reader:
    """Reads one message, the messages it encloses too, on one allowance."""

    def __init__(self) -> None:
        self._allowance = Allowance()

    def part(self, place: Place, depth: int, default_kind: str) -> Part:
        """Read the part at a place, ``depth`` levels down."""
        headers, start = self._headers(place)
        part = _described(headers, Place(place.source, start, place.end), default_kind)
        if part.kind.startswith("multipart/"):
            return self._multipart(part, depth + 1)
        if part.kind in _ENCLOSED:
            return self._enclosing(part, depth + 1)
        return part

    def _multipart(self, part: Part, depth: int) -> Part:
        """A multipart none of whose boundaries is there is text (RFC 2045 section 5.2)."""
        self._allowance.descend(depth)
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        parts = tuple(self.part(place, depth, default) for place in self._places(part))
        return replace(part, parts=parts) if parts else replace(part, kind="text/plain")

    def _enclosing(self, part: Part, depth: int) -> Part:
        """An enclosed message; some come encoded, although RFC 2046 section 5.2.1 forbids it."""
        self._allowance.descend(depth)
        self._allowance.spend_part()
        place = part.body
        if part.encoding in ("base64", "quoted-printable"):
            self._allowance.spend_reading(COPY * (place.end - place.start))
            inside = part.original()
            place = Place(inside, 0, len(inside))
        return replace(part, parts=(self.part(place, depth, "text/plain"),))

    def _headers(self, place: Place) -> tuple[tuple[tuple[str, bytes], ...], int]:
        """The headers at the start of a place, and where the body begins."""
        found: list[tuple[str, int, int]] = []
        at = place.start
        while at < place.end:
            after = place.source.find(b"\n", at, place.end) + 1 or place.end
            if _BLANK.match(place.source, at, after):
                at = after
                break
            named = _NAMED.match(place.source, at, after)
            if named:
                found.append((named[1].decode("ascii"), named.end(), after))
            elif found and place.source[at] in b" \t":
                found[-1] = (*found[-1][:2], after)
            elif not self._skipped(place, at, after, bool(found)):
                break
            self._allowance.spend_headers(after - at)
            at = after
        return tuple((name, place.source[start:end].rstrip(b"\r\n")) for name, start, end in found), at

    def _skipped(self, place: Place, at: int, after: int, begun: bool) -> bool:
        """Whether a line that is no header may stand among headers: damage, or a mailbox file's mark."""
        source = place.source
        if begun:
            return after == place.end and bool(_NAME_CUT_OFF.match(source, at, after))
        return source.startswith((b" ", b"\t", b":", b"From ", b">From "), at, after)

    def _places(self, part: Part) -> list[Place]:
        """Where the parts of a multipart lie (RFC 2046 section 5.1.1); the last boundary may be missing."""
        places: list[Place] = []
        source, opened = part.body.source, None
        for found, after, last in self._boundaries(part):
            if opened is not None and opened <= found:
                end = found - (source[found - 1 : found] == b"\r")
                places.append(Place(source, opened, max(opened, end)))
            opened = None if last else after
        if opened is not None:
            places.append(Place(source, opened, part.body.end))
        return places

    def _boundaries(self, part: Part) -> Iterator[tuple[int, int, bool]]:
        """Each boundary: where the line end before it is, where its line ends, and whether it closes."""
        boundary = part.kind_parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        source, at, end = part.body.source, max(0, part.body.start - 1), part.body.end
        self._allowance.spend_reading(end - at)
        while boundary and (found := source.find(b"\n--" + boundary, at, end)) >= 0:
            at = found + len(boundary) + 3
            if not (line := _AFTER_BOUNDARY.match(source, at, end)):
                self._allowance.spend_reading(MISS)
                continue
            self._allowance.spend_part()
            yield found, line.end(), line[1] is not None
            if line[1]:
                return
            at = max(at, line.end() - 1)


def _described(headers: tuple[tuple[str, bytes], ...], body: Place, default_kind: str) -> Part:
    """A part as its headers describe it; what is inside is yet to be read."""
    named: dict[str, list[bytes]] = {}
    for name, raw in headers:
        named.setdefault(name.lower(), []).append(raw)
    known = {name: unfolded(raws[0]) for name, raws in named.items() if name.startswith("content-")}
    said_kind, said_disposition = known.get("content-type", ""), known.get("content-disposition", "")
    kind, kind_parameters = _KIND.match(said_kind), parameters(said_kind)
    disposition = said_disposition.partition(";")[0].strip().lower()
    file_name = parameters(said_disposition).get("filename") or kind_parameters.get("name", "")
    return Part(
        headers=headers,
        named=named,
        kind=kind[1].lower() if kind else default_kind,
        kind_parameters=kind_parameters,
        disposition=disposition,
        file_name=tidy(file_name),
        content_id=unworded(known.get("content-id", "")).strip("<> "),
        encoding=unworded(known.get("content-transfer-encoding", "")).lower(),
        body=body,
    )
