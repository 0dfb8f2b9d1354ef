"""The part of a mailbox's Python face that reads: folders, messages, and what a search finds."""

from letterbook.adapters.handle import Handle, how_many
from letterbook.adapters.kql import read_query
from letterbook.application.delivery import whole
from letterbook.application.querying import PageQuery
from letterbook.application.rows import FolderRow
from letterbook.application.searching import MOST_HITS, SearchQuery
from letterbook.application.shown import ShownMessage
from letterbook.domain.message import Message


class ReadingHandle(Handle):
    """A hold on one person's mailbox, for whoever reads in it."""

    def drafts(self, *, top: int = 1000) -> list[ShownMessage]:
        """What is in Drafts, newest first."""
        return self.folder("drafts", top=top)

    def sent_items(self, *, top: int = 1000) -> list[ShownMessage]:
        """What is in Sent Items, newest first."""
        return self.folder("sentitems", top=top)

    def folder(self, folder: str, *, top: int = 1000) -> list[ShownMessage]:
        """What is in a folder, named by id or well-known name, newest first; at most ``top`` messages."""
        found = self._engine.folder(self.id, self._folder_id(folder)).folder
        query = PageQuery(folder=found, top=how_many(top))
        return [self._shown(row) for row in self._engine.page(self.id, query)]

    def search(self, query: str, *, top: int = MOST_HITS, folder: str | None = None) -> list[ShownMessage]:
        """What is found for a query as people type it, newest first; at most 1,000 messages.

        ``pizza``, ``"quarterly report"``, ``rep*``, ``subject:offsite NOT from:alexw``,
        ``received>=2026-01-01``, joined by ``AND``, ``OR`` and ``NOT``. Words are looked for in author,
        subject and body. Raises ``ValueError`` if the query cannot be read.
        """
        sought = read_query(query, self._engine.clock.now())
        place = self._engine.folder(self.id, self._folder_id(folder)).folder if folder else None
        asked = SearchQuery(sought=sought, folder=place, top=min(how_many(top), MOST_HITS))
        return [self._shown(row) for row in self._engine.search(self.id, asked)]

    def folders(self) -> list[FolderRow]:
        """Every folder, with its counts."""
        return self._engine.folders(self.id)

    def message(self, message: "ShownMessage | str") -> ShownMessage:
        """One message as it is now."""
        return self._shown(self._engine.row(self.id, self._name(message)))

    def state(self, message: "ShownMessage | str") -> Message:
        """One message as the domain knows it, with attachments, mentions and extensions."""
        return self._engine.message(self.id, self._name(message))

    def mime(self, message: "ShownMessage | str") -> bytes:
        """One message as MIME."""
        state = self.state(message)
        return self._engine.mime.render(whole(self._engine, state.letter, state))
