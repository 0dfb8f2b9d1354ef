"""Mail that is kept elsewhere: what is found there, what is put there, and who reads and writes it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Protocol

from letterbook.application.ports import Mail
from letterbook.domain.letter import Extension, Flag

FOLDERS = {
    "inbox": "inbox",
    "drafts": "drafts",
    "draft": "drafts",
    "sent": "sentitems",
    "sent items": "sentitems",
    "sent mail": "sentitems",
    "sent messages": "sentitems",
    "trash": "deleteditems",
    "bin": "deleteditems",
    "deleted": "deleteditems",
    "deleted items": "deleteditems",
    "deleted messages": "deleteditems",
    "junk": "junkemail",
    "junk email": "junkemail",
    "junk e-mail": "junkemail",
    "spam": "junkemail",
    "archive": "archive",
}
"""What mail programs call the folders that every mailbox has, in lower case."""

Progress = Callable[[int, int], None]
"""Is told how much has been done, and of how much."""


class MoveRefused(Exception):
    """What is to be read or written cannot be; the sentence says why. Nothing was changed."""


def refuse_keys(keys: Sequence[object]) -> None:
    """What is encrypted is of no use to a store that is not."""
    if keys:
        refuse_other(encrypted=True)


def refuse_other(*, encrypted: bool) -> NoReturn:
    """Facts that are encrypted or not do not go into a store that is the other."""
    if encrypted:
        raise MoveRefused("These facts are encrypted, and this store is not: they could not be read here.")
    raise MoveRefused(
        "These facts are not encrypted, and this store is: what they say could not be erased from it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a letter's owner had done to it. ``answered`` and ``forwarded`` say what with it was done last."""

    is_read: bool = True
    is_draft: bool = False
    answered: bool = False
    forwarded: bool = False
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A letter that is kept elsewhere, as MIME or read already.

    ``origin`` names its place, the same each time it is found there. ``folder`` are the names of folders
    from the top. ``weight`` is the part that it is of all there is.
    """

    origin: str
    folder: tuple[str, ...]
    mail: Mail | bytes = field(repr=False)
    message_id: str = ""
    received_at: datetime | None = None
    marks: Marks = Marks()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A letter that cannot be read, and why."""

    origin: str
    why: str
    weight: int = 1


class Source(Protocol):
    """Mail that is kept elsewhere. The letters come in the same order each time."""

    @property
    def total(self) -> int:
        """The weights of all letters together."""

    def letters(self) -> Iterator[Found | Unreadable]:
        """Every letter, one at a time."""

    def folders(self) -> Iterator[tuple[str, ...]]:
        """Every folder, empty ones too, by the names from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A letter that is taken elsewhere, as MIME. ``folder`` are the names of folders from the top."""

    key: str
    folder: tuple[str, ...]
    mime: bytes = field(repr=False)
    sender: str
    received_at: datetime
    marks: Marks = Marks()


class Target(Protocol):
    """A place elsewhere that mail is put into."""

    def folder(self, names: tuple[str, ...]) -> None:
        """There is such a folder, whatever is in it."""

    def put(self, letter: Taken) -> None:
        """Put a letter there."""


class MailFormats(Protocol):
    """The formats in which other programs keep mail."""

    def source(self, path: Path, format_: str | None, *, named: bool) -> Source:
        """The mail at a path, in a format or the one that it looks like. Raises :class:`MoveRefused`.

        ``named``: a file by itself is a folder if it is called like one that every mailbox has.
        """

    def target(self, path: Path, format_: str) -> AbstractContextManager[Target]:
        """A new place at a path, whole when the block ends, or not there. Raises :class:`MoveRefused`."""
