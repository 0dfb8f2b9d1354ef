"""How much work one message may make. What costs more was built to exhaust the reader."""

from letterbook.domain.refusals import Refused

DEEPEST = 50
"""How many multiparts and enclosed messages may lie inside one another."""

MOST_PARTS = 1_000
"""Parts of a message, those of enclosed messages too."""

MOST_HEADERS = 256 * 1024
"""Bytes of all header blocks together."""

MOST_READING = 384 * 1024 * 1024
"""Bytes looked through in search of boundaries: those of a part count once for each multipart around it."""

MISS = 1024
"""What a line that only looks like a boundary costs, in bytes looked through."""

COPY = 16
"""What a byte costs that must be kept a second time, in bytes looked through."""


class MimeTooComplex(Refused):
    """The message is nested too deeply, or has too many parts or headers, to be mail."""

    code = "mime-too-complex"

    def __init__(self, what: str) -> None:
        super().__init__(f"The MIME content is too complex: it has {what}.")


class Allowance:
    """What is left of the work that one message may make; refuses as soon as it is spent."""

    def __init__(self) -> None:
        self._parts = MOST_PARTS
        self._headers = MOST_HEADERS
        self._reading = MOST_READING

    def descend(self, depth: int) -> None:
        """Go into a multipart or an enclosed message, the ``depth``-th inside one another."""
        if depth > DEEPEST:
            raise MimeTooComplex(f"more than {DEEPEST} levels")

    def spend_part(self) -> None:
        """Find one more part."""
        self._parts -= 1
        if self._parts < 0:
            raise MimeTooComplex(f"more than {MOST_PARTS} parts")

    def spend_headers(self, size: int) -> None:
        """Read ``size`` bytes of headers."""
        self._headers -= size
        if self._headers < 0:
            raise MimeTooComplex(f"more than {MOST_HEADERS} bytes of headers")

    def spend_reading(self, size: int) -> None:
        """Look through ``size`` bytes in search of a boundary."""
        self._reading -= size
        if self._reading < 0:
            raise MimeTooComplex("too many levels for its size")
