"""Reasons to say no to whoever asks about an earlier moment."""

from letterbook.domain.refused import Refused


class PastUnchangeable(Refused):
    """An earlier moment can be looked at; nothing can be done there."""

    code = "past-unchangeable"

    def __init__(self) -> None:
        super().__init__("What was cannot be changed: only reading can be asked as of an earlier moment.")


class PointUnknown(Refused):
    """The history has not come to this moment or position, or there is no such thing."""

    code = "point-unknown"

    def __init__(self, what: str) -> None:
        super().__init__(f"'{what[:60]}' is not a moment or a position that the history has come to.")
