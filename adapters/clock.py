"""The clock on the wall."""

from datetime import UTC, datetime


class SystemClock:
    """Tells the time of this machine. Keeps :class:`letterbook.application.ports.Clock`."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)
