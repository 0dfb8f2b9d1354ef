"""Why a store could not do what it was asked: nothing of it was kept, and what was kept before still is.

Unlike a refusal of the domain, the same may be asked again when the trouble is over.
"""


class StoreTrouble(Exception):
    """The store could not do it. Catch one of the kinds below, or this one for all of them."""


class StoreBusy(StoreTrouble):
    """Somebody else writes for too long, or too many wait already. Trying again in a moment may go well."""


class StoreFull(StoreTrouble):
    """There is no room left. What is there can be read; writing goes on as soon as there is room."""


class StoreUnavailable(StoreTrouble):
    """The file cannot be read or written: forbidden by now, moved away, or on a disk that fails."""


class StoreDamaged(StoreTrouble):
    """A part of the file is not what was written there. Other parts may be good."""


class StoreClosed(StoreTrouble):
    """The book was closed, and is asked all the same. What is there can be read and written by a new one."""

    def __init__(self) -> None:
        super().__init__("the book is closed")
