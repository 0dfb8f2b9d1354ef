"""What every clock promises; each adapter runs it with its own ``clock``."""

from datetime import UTC, timedelta
from itertools import pairwise

from letterbook.application.ports import Clock


class ClockContract:
    """What every clock promises; each adapter runs it with its own ``clock``."""

    def test_the_time_is_told_in_utc(self, clock: Clock) -> None:
        """A moment without a zone is a bug in a history."""
        assert clock.now().tzinfo is UTC
        assert clock.now().utcoffset() == timedelta(0)

    def test_time_does_not_run_backwards_while_nobody_sets_it(self, clock: Clock) -> None:
        """It may stand still."""
        readings = [clock.now() for _ in range(100)]
        assert all(early <= late for early, late in pairwise(readings))
