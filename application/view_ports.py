"""What the views promise: rows made from the history, and their like made anew beside them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from letterbook.application.querying import PageQuery, Where
from letterbook.application.rows import FolderRow, Leaf, MessageRow, PersonRow, ViewChange
from letterbook.application.searching import Backlog, Hit, HitQuery, SearchQuery, Worded, Wording


class Views(Protocol):
    """What the folders show: rows made from the history. Disposable."""

    def apply(self, mailbox: UUID, position: int, changes: Iterable[ViewChange]) -> None:
        """Keep what the facts up to ``position`` changed."""

    def position(self, mailbox: UUID) -> int:
        """The position of the history that the views of a mailbox hold."""

    def ends(self, mailbox: UUID) -> tuple[int, int]:
        """The positions of the newest fact, and of the newest about the mailbox itself, that they were told
        of; 0 if of none."""

    def message(self, mailbox: UUID, message: UUID) -> MessageRow | None:
        """One message."""

    def head(self, mailbox: UUID, message: UUID) -> bytes | None:
        """The head of its ready answer alone, which has its change key in it."""

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """The messages of a folder, or of the whole mailbox, that a query asks for, in its order."""

    def leaves(self, mailbox: UUID, names: Sequence[bytes], bodies: bool) -> list[Leaf]:
        """Those of some messages that are shown, whatever the folder, in no order and sorted by nothing."""

    def count(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query finds, whatever its page."""

    def names(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> list[UUID]:
        """The messages that a query finds, in no order."""

    def message_ids(self, mailbox: UUID) -> Iterator[str]:
        """The Message-ID of every message that some folder holds, in no order."""

    def search(self, mailbox: UUID, query: SearchQuery) -> list[Leaf]:
        """What a search finds, newest first, once everything :meth:`noted` is in the index."""

    def hits(self, mailbox: UUID, asked: HitQuery) -> list[Hit]:
        """Who says something, as a search finds it, wherever they are: for whoever knows where they were."""

    def noted(self, mailbox: UUID | None, limit: int) -> Backlog:
        """Up to ``limit`` messages (fewer if they are large), of a mailbox or of all, yet to be indexed."""

    def index(self, ready: Iterable[Worded]) -> None:
        """Write the words of noted messages into the index."""

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder of a mailbox, in the order they were made."""

    def person(self, who: str) -> PersonRow | None:
        """The owner of a mailbox of this store, by address in any case or by mailbox id."""

    def people(self) -> list[PersonRow]:
        """The owners of all mailboxes of this store, by address."""

    def mailboxes(self) -> list[UUID]:
        """Every mailbox of which they hold anything, whether it has an owner or not."""

    def clear(self, mailbox: UUID) -> None:
        """Forget all rows of a mailbox; they can be made again from its history."""

    def fingerprint(self, mailbox: UUID) -> str:
        """SHA-256 over every value of every row of a mailbox: equal views, equal fingerprints."""


FreshRow = tuple[MessageRow, Wording | None]
"""A message with its words for the search index; ``None``: whoever searches makes them."""


class FreshViews(Protocol):
    """Views that are made anew beside the live ones. Nobody is shown them until they take over."""

    @property
    def views(self) -> Views:
        """These views themselves."""

    def begin(self) -> None:
        """Empty ones, where there are none."""

    def fill(self, mailbox: UUID, position: int, rows: Iterable[FreshRow]) -> None:
        """Put in messages that were not there, before there are indexes."""

    def make_index(self) -> bool:
        """Make one of the indexes; ``True`` if there are more to make. Nothing is found before."""

    def different(self, mailbox: UUID) -> Iterator[UUID]:
        """The messages that these views show otherwise than the live ones, or only one of them does.

        And those of the live ones that no search looks at: neither in the index, nor noted to be put there.
        """

    def take_over(self) -> None:
        """Become the live views; those that were are left over."""

    def leftovers(self) -> bool:
        """Whether there are views that are not live."""

    def sweep(self) -> None:
        """Drop some of what is not live: a slice, as others wait meanwhile."""
