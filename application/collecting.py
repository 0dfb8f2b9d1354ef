"""Python's collector of cycles, out of the way of whoever handles many things that have none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """For a moment, nobody looks for cycles: facts, letters and states have none.

    Looking through all that is remembered, over and over, took two fifths of the time in which earlier lists
    are made, and a sixth of an import (ADR 53).
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
