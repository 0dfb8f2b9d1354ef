"""What every reason to say no is."""

from typing import ClassVar


class Refused(Exception):
    """A rule said no. ``code`` is stable; ``str(refusal)`` is a sentence for people."""

    code: ClassVar[str] = "refused"
