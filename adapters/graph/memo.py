"""Pages that were answered already, good for as long as nobody writes."""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Memo:
    """The last answers, the oldest forgotten first; of one event loop, so without a lock."""

    most: int = MOST_BYTES
    _pulse: int = -1
    _bytes: int = 0
    _kept: OrderedDict[object, tuple[bytes, dict[str, str]]] = field(default_factory=OrderedDict)

    def get(self, asked: object, pulse: int) -> tuple[bytes, dict[str, str]] | None:
        """The body and headers of an answer to the same question, if nobody has written since."""
        if pulse != self._pulse:
            self._kept.clear()
            self._pulse, self._bytes = pulse, 0
        return self._kept.get(asked)

    def keep(self, asked: object, pulse: int, body: bytes, headers: dict[str, str]) -> None:
        """Remember an answer that was read when the store's pulse was ``pulse``."""
        if pulse != self._pulse or len(body) > self.most // 8:
            return
        self._kept[asked] = (body, headers)
        self._bytes += len(body)
        while self._bytes > self.most:
            _, (forgotten, _) = self._kept.popitem(last=False)
            self._bytes -= len(forgotten)
