"""Where tests keep their files: on every change in memory, in ``make test-all`` on the disk.

A store waits for the disk at every commit, and nearly all tests are about something else. What becomes of a
store whose disk is full, or whose program is killed, is the same in both places.
"""

import os
import shutil
import tempfile
from pathlib import Path

from tests.chance import WHOLE, profile_of

MEMORY = Path("/dev/shm")
"""Where Linux has files in memory."""
ROOM = 1 << 30
"""Bytes that have to be free there; a run takes some hundred million."""


def place_of(marks: str, memory: Path = MEMORY, room: int = ROOM) -> Path | None:
    """Where a run that picks tests by these marks keeps its files; ``None``: where everybody does."""
    if profile_of(marks) == WHOLE or not (memory.is_dir() and os.access(memory, os.W_OK | os.X_OK)):
        return None
    return memory if shutil.disk_usage(memory).free >= room else None


def settle(marks: str) -> None:
    """Let this process, and all that it starts, keep temporary files there, unless somebody said where."""
    place = place_of(marks)
    if place and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)
