"""Pages that were answered already, good for as long as nobody writes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_BYTES = 64 * 1024 * 1024

_ENTRY = 1024
"""Bytes that an answer costs beside its body and the words of its question."""

Answer = tuple[bytes, dict[str, str]]


@dataclass(slots=True)
class Memo:
    """The last answers, the oldest forgotten first; each with the pulse it was read at, so without a lock."""

    most: int = MOST_BYTES
    _pulse: int = -1
    _bytes: int = 0
    _kept: OrderedDict[Sequence[object], tuple[int, Answer]] = field(default_factory=OrderedDict)

    def get(self, asked: Sequence[object], pulse: int) -> Answer | None:
        """The body and headers of an answer to the same question, if nobody has written since."""
        if pulse != self._pulse:
            self._kept.clear()
            self._pulse, self._bytes = pulse, 0
        read_at, answer = self._kept.get(asked, (-1, None))
        return answer if read_at == pulse else None

    def keep(self, asked: Sequence[object], pulse: int, body: bytes, headers: dict[str, str]) -> None:
        """Remember an answer that was read when the store's pulse was ``pulse``."""
        size = _size(asked, body)
        if pulse != self._pulse or size > self.most // 8:
            return
        self._forget(asked)
        self._kept[asked] = (pulse, (body, headers))
        self._bytes += size
        while self._bytes > self.most:
            self._forget(next(iter(self._kept)))

    def _forget(self, asked: Sequence[object]) -> None:
        if known := self._kept.pop(asked, None):
            self._bytes -= _size(asked, known[1][0])


def _size(asked: Sequence[object], body: bytes) -> int:
    """What an answer costs; a question may be longer than its answer."""
    return _ENTRY + len(body) + sum(len(word) for word in asked if isinstance(word, (str, bytes)))
