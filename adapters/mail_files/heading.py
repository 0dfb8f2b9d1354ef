"""The header block of a letter, looked at before the letter is read."""

import re
from datetime import datetime

from letterbook.adapters.mime.fields import moment, unfolded, unworded

_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?", re.MULTILINE)
_MOST = 256 * 1024


class Heading:
    """The headers of a letter by their names in lower case."""

    def __init__(self, raw: bytes) -> None:
        end = _END.search(raw, 0, _MOST)
        self._raw = raw
        self._end = end.start() + 1 if end else len(raw)
        self._fields: dict[bytes, bytes] = {}
        for name, value in _FIELD.findall(raw, 0, self._end):
            self._fields.setdefault(name.lower(), value)

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: bytes) -> bool:
        return name in self._fields

    def first(self, name: bytes) -> str:
        """The value of the first header of a name, decoded."""
        value = self._fields.get(name)
        return unworded(unfolded(value)) if value else ""

    def received_at(self) -> datetime | None:
        """When the last mail system took the letter in (RFC 5321 section 4.4); ``None`` if none says so."""
        return (
            moment(self.first(b"received").rpartition(";")[2].strip())
            if b"received" in self._fields
            else None
        )

    def without(self, names: frozenset[bytes]) -> bytes:
        """The letter without some of its headers."""
        if names.isdisjoint(self._fields):
            return self._raw
        head = _FIELD.sub(
            lambda found: b"" if found[1].lower() in names else found[0], self._raw[: self._end]
        )
        return head + self._raw[self._end :]
