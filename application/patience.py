"""How long a write may wait for another program that writes: long, unless others wait for this thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_hurried: ContextVar[bool] = ContextVar("hurried", default=False)


def in_a_hurry() -> bool:
    """Whether the store should rather say :class:`StoreBusy` soon than wait for another program."""
    return _hurried.get()


@contextmanager
def hurrying(*, yes: bool = True) -> Iterator[None]:
    """What the block asks of a store is in a hurry; or, with ``yes=False``, no longer is."""
    before = _hurried.set(yes)
    try:
        yield
    finally:
        _hurried.reset(before)
