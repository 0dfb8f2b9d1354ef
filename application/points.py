"""How people write an earlier point: a moment, or a position of a mailbox's history."""

import re
from datetime import UTC, datetime

from letterbook.domain import refusals

_POSITION = re.compile(r"[0-9]{1,15}", re.ASCII)
_SPACE_FOR_PLUS = re.compile(r"(T[^ ]*) (\d\d:?\d\d)")
"""A ``+`` in a URL that was not escaped arrives as a space."""


def read_point(said: datetime | int | str) -> datetime | int:
    """The moment, in UTC, or the position. One without a time zone is UTC. Refuses what is neither."""
    if isinstance(said, bool):
        raise refusals.PointUnknown(str(said))
    if isinstance(said, int):
        return said
    if isinstance(said, datetime):
        return _in_utc(said)
    if not isinstance(said, str):
        raise refusals.PointUnknown(str(said))
    text = said.strip()
    if _POSITION.fullmatch(text):
        return int(text)
    try:
        return _in_utc(datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"\1+\2", text)))
    except (ValueError, OverflowError):
        raise refusals.PointUnknown(text) from None


def check_position(said: object, end: int) -> int:
    """A position of a history that ends there. Refuses what is none, or has not come yet."""
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= end:
        raise refusals.PointUnknown(str(said))
    return said


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
