"""Files of JSON objects, however many: one object is in memory at once."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any, BinaryIO

JsonObject = dict[str, Any]

PIECE = 1024 * 1024
LARGEST = 512 * 1024 * 1024
"""Characters of one object."""

_STRING = r'"(?:[^"\\]|\\.)*+"'
_PAGE = re.compile(
    rf'\s*\{{\s*(?:{_STRING}\s*:\s*(?:{_STRING}|[\d.]++|true|false|null)\s*,\s*)*+"value"\s*:\s*\['
)
"""The beginning of a page of Graph, up to its list."""
_BEFORE = re.compile(r"[\s,\ufeff]*")
_NEXT_LINE = re.compile(r"\n\s*(?=\{)")
_READER = json.JSONDecoder()
_CUT_OFF = 100
"""Characters before the end of what was read in which an object may only seem to be broken."""


def objects(file: BinaryIO) -> Iterator[tuple[JsonObject | str, int]]:
    """The objects of a list, of a page (``{"value": [...]}``), or one behind the other, and how many
    characters each has; instead of one that cannot be read, why.
    """
    text = _Text(file)
    text.begin()
    while not text.ended():
        yield text.next()


class _Text:
    """A file that is read piece by piece; what was looked at is let go with the next piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._at = 0
        self._all_read = False
        self._in_list = False

    def begin(self) -> None:
        """Go to the first object."""
        self._more()
        if page := _PAGE.match(self._text):
            self._in_list, self._at = True, page.end()
            return
        self._skip()
        if self._text.startswith("[", self._at):
            self._in_list, self._at = True, self._at + 1

    def ended(self) -> bool:
        """Whether no object is left."""
        self._skip()
        while self._at == len(self._text) and not self._all_read:
            self._more()
            self._skip()
        return self._at == len(self._text) or (self._in_list and self._text.startswith("]", self._at))

    def next(self) -> tuple[JsonObject | str, int]:
        """The next object, or why it cannot be read."""
        while True:
            try:
                found, end = _READER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as wrong:
                if not self._may_go_on(wrong):
                    return f"it is no JSON: {wrong.msg}{self._give_up()}", 0
                self._more()
            except RecursionError:
                return f"it is nested too deeply{self._give_up()}", 0
            else:
                begin, self._at = self._at, end
                return (found if isinstance(found, dict) else "it is no JSON object"), end - begin

    def _may_go_on(self, wrong: json.JSONDecodeError) -> bool:
        """Whether the object is perhaps only not read to its end."""
        at_end = wrong.pos > len(self._text) - _CUT_OFF or wrong.msg.startswith("Unterminated string")
        return at_end and not self._all_read and len(self._text) - self._at < LARGEST

    def _give_up(self) -> str:
        """Go on behind an object that cannot be read: in the next line that begins one, if it is no list."""
        while not self._in_list:
            if line := _NEXT_LINE.search(self._text, self._at):
                self._at = line.end()
                return ""
            if self._all_read:
                break
            self._at = max(self._at, len(self._text) - _CUT_OFF)
            self._more()
        self._text, self._at, self._all_read = "", 0, True
        return ", nor can what follows be read"

    def _skip(self) -> None:
        skipped = _BEFORE.match(self._text, self._at)
        self._at = skipped.end() if skipped else self._at

    def _more(self) -> None:
        """Read as much again as is left, so that a large object is not looked through too often."""
        piece = self._file.read(max(PIECE, len(self._text) - self._at))
        self._all_read = not piece
        self._text = self._text[self._at :] + self._decoder.decode(piece, not piece)
        self._at = 0
