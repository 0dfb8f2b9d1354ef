"""Moments to the fraction of a second, where Graph gives back what it was given."""

from datetime import UTC, datetime


def exact_time(at: datetime) -> str:
    """A moment in UTC, ``2016-11-20T18:23:45.935691Z``; whole seconds without a fraction."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
