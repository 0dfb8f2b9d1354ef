"""The engine: runs jobs, answers questions. One for each open store; any number of threads may use it."""

import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from letterbook.application.completeness import check_all
from letterbook.application.group_commit import GroupCommit, Ticket
from letterbook.application.held import ReadSearch, unread
from letterbook.application.jobs import NewMessage
from letterbook.application.ports import Clock, Ids, Mime, Recorded, Session, Store
from letterbook.application.querying import PageQuery, Where
from letterbook.application.rows import FolderRow, Leaf, MessageRow, PersonRow
from letterbook.application.searching import SearchQuery, Worded, worded
from letterbook.application.troubles import StoreDamaged
from letterbook.application.work import Memory, Work, tell
from letterbook.domain import refusals
from letterbook.domain.attachments import (
    Attachment,
    Content,
    FileAttachment,
    ItemAttachment,
    RecordAttachment,
)
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import Body, Letter
from letterbook.domain.mailbox import Mailbox
from letterbook.domain.meetings import Meeting
from letterbook.domain.message import Message

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

SEARCH_BATCH = 128
"""Messages put into the search index in one transaction: other writers wait some milliseconds for it."""
_SOON, _TRIES = 0.001, 20
"""Seconds between looks of an event loop whether another program is through, and how often it looks."""
BLOB_LIMIT = 64 * 1024
"""Bytes from which bodies and attachments are kept beside the history instead of in it."""


class Engine:
    """Everything that can be asked of a store."""

    def __init__(
        self, store: Store, *, clock: Clock, ids: Ids, mime: Mime, read_search: ReadSearch = unread
    ) -> None:
        self.store = store
        self.clock = clock
        self.ids = ids
        self.mime = mime
        self.read_search = read_search
        self._memory = Memory()
        self._disturbances = -1
        self._commit: GroupCommit[Work] = GroupCommit(self._transact)
        self._people: dict[str, PersonRow] = {}
        self._flushes = threading.local()
        self.after_commit: Callable[[], None] = _nothing
        """Called after every transaction that writes: there may be something to tell."""

    # -- writing --

    def run(self, job: Callable[[Work], T]) -> T:
        """Do a job; on disk when this returns. Raises :class:`letterbook.domain.refusals.Refused`."""
        return self._commit.run(job)

    def run_all(self, jobs: Iterable[Callable[[Work], T]]) -> list[Ticket[Work, T]]:
        """Do some jobs, each by itself; settled when this returns. Each ``outcome()`` tells how it went."""
        return self._commit.run_all(jobs)

    def run_async(self, job: Callable[[Work], T]) -> Awaitable[T]:
        """Do a job from an event loop; the jobs of one turn of the loop share a transaction."""
        import asyncio  # most programs that open a store have no event loop, and it brings half the network

        loop = asyncio.get_running_loop()
        settled: asyncio.Future[None] = loop.create_future()
        here = threading.get_ident()

        def look() -> None:
            if not ticket.settled:
                self._flush()
            elif not settled.done():
                settled.set_result(None)

        def call() -> bool:
            if loop.is_closed():
                return False
            if threading.get_ident() == here and ticket.settled:
                look()
                return True
            with suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(look)
                return True
            return False

        ticket = self._commit.queue(job, call)
        if getattr(self._flushes, "due_in", None) is not loop:
            self._flushes.due_in = loop
            loop.call_soon(self._flush)
        return self._outcome(ticket, settled)

    @staticmethod
    async def _outcome(ticket: Ticket[Work, T], settled: "asyncio.Future[None]") -> T:
        await settled
        return ticket.outcome()

    def _flush(self) -> None:
        """Serve the line from this thread's event loop."""
        self._flushes.due_in = None
        self._flushes.is_busy = False
        self._commit.flush(self._come_again)
        if not self._flushes.is_busy:
            self._flushes.tried = 0

    def _come_again(self) -> bool:
        """Another program writes: the loop goes on meanwhile, and more may come to share a transaction."""
        import asyncio

        self._flushes.is_busy = True
        self._flushes.tried = getattr(self._flushes, "tried", 0) + 1
        if self._flushes.tried > _TRIES:
            return False
        asyncio.get_running_loop().call_later(_SOON, self._flush)
        return True

    def _transact(self, attempt_all: Callable[[Work], None]) -> None:
        work: Work | None = None
        try:
            with self.store.writing() as session:
                self._forget_if_disturbed(session)
                work = Work(session, self._memory, self.store.blobs.get, self.read_search)
                attempt_all(work)
                work.write()
            work.remember()
        except BaseException:
            if work is not None:  # else nothing has begun
                self._memory.forget()
            raise
        self.after_commit()

    def _forget_if_disturbed(self, session: Session) -> None:
        """What somebody else touched is read again."""
        disturbances = session.disturbances
        if disturbances.count == self._disturbances:
            return
        touched = disturbances.since(self._disturbances)
        self._disturbances = disturbances.count
        if touched is None:
            self._memory.forget()
            self._people.clear()
            return
        self._memory.forget_these(touched)
        if any(mailbox == aggregate for mailbox, aggregate in touched):
            self._people.clear()

    def forget(self) -> None:
        """Believe nothing that was remembered: the next transaction reads what it needs to know."""
        self._disturbances = -1
        self._people.clear()

    def occasion(self, actor: str, request: str | None = None) -> Occasion:
        """Who asks, and now."""
        return Occasion(at=self.clock.now(), actor=actor, cause=f"request:{request or self.ids.new()}")

    def stowed(self, new: NewMessage) -> NewMessage:
        """The same message with its large parts kept as blobs, on disk when this returns."""
        letter = self.stowed_letter(new.letter)
        if letter is new.letter and not new.attachments:
            return new
        attachments = tuple(self.stowed_attachment(each) for each in new.attachments)
        return replace(new, letter=letter, attachments=attachments)

    def stowed_letter(self, letter: Letter) -> Letter:
        """The same letter, a large body kept as a blob."""
        body = letter.body
        if body.content is None or len(body.content) * 4 < BLOB_LIMIT:
            return letter
        raw = body.content.encode()
        if len(raw) < BLOB_LIMIT:
            return letter
        kept = Body(kind=body.kind, content=None, blob=self.store.blobs.put(raw), preview=body.preview)
        return letter.model_copy(update={"body": kept})

    def stowed_attachment(self, attachment: Attachment) -> Attachment:
        """The same attachment, large bytes kept as a blob."""
        match attachment:
            case FileAttachment():
                return attachment.model_copy(update={"content": self._stowed(attachment.content)})
            case RecordAttachment():
                content, inside = self._stowed(attachment.content), self._inside(attachment)
                kept: dict[str, object] = {"content": content, "attachments": inside}
            case ItemAttachment():
                mime = self._stowed(attachment.mime) if attachment.mime else None
                item = self.stowed_letter(attachment.item)
                kept = {"item": item, "mime": mime, "attachments": self._inside(attachment)}
            case _:
                return attachment
        return attachment.model_copy(update={name: value for name, value in kept.items() if value})

    def _inside(self, item: ItemAttachment | RecordAttachment) -> tuple[Attachment, ...]:
        return tuple(self.stowed_attachment(each) for each in item.attachments)

    def _stowed(self, content: Content) -> Content:
        if content.inline is None or len(content.inline) < BLOB_LIMIT:
            return content
        return Content(blob=self.store.blobs.put(content.inline))

    # -- reading --

    def person(self, who: str) -> PersonRow:
        """Whose mailbox an address or an id names; refuses a stranger."""
        known = self._people.get(who)
        if known is None:
            with self.store.reading() as session:
                known = session.views.person(who)
            if known is None:
                raise refusals.MailboxUnknown(who)
            if len(self._people) > 10_000:
                self._people.clear()
            self._people[who] = known
        return known

    def people(self) -> list[PersonRow]:
        """Everyone who has a mailbox."""
        with self.store.reading() as session:
            return session.views.people()

    def row(self, mailbox: UUID, name: UUID) -> MessageRow:
        """One message as its folder shows it."""
        with self.store.reading() as session:
            row = session.views.message(mailbox, name)
        if row is None:
            raise refusals.NotFound
        return row

    def page(self, mailbox: UUID, query: PageQuery) -> list[Leaf]:
        """A page of a folder, or of the whole mailbox."""
        with self.store.reading() as session:
            return session.views.page(mailbox, query)

    def search(self, mailbox: UUID, query: SearchQuery) -> list[Leaf]:
        """A page of what a search finds; everything that was written before is looked at."""
        self.catch_up_search(mailbox)
        with self.store.reading() as session:
            return session.views.search(mailbox, query)

    def catch_up_search(
        self, mailbox: UUID | None = None, *, batches: int | None = None, size: int = SEARCH_BATCH
    ) -> bool:
        """Put into the index what was written, of one mailbox or of all: ``True`` if nothing is left.

        Each batch is a transaction that other writers can join; ``size`` is how many messages it has.
        """
        for _ in count() if batches is None else range(batches):
            with self.store.reading() as session:
                backlog = session.views.noted(mailbox, size)
            ready = [worded(noted) for noted in backlog.notes]
            if ready:
                self.run(partial(_index, ready))
            if backlog.is_all:
                return True
        return False

    def count(self, mailbox: UUID, folder: UUID | None, where: Where | None) -> int:
        """How many messages a query finds."""
        with self.store.reading() as session:
            return session.views.count(mailbox, folder, where)

    def folders(self, mailbox: UUID) -> list[FolderRow]:
        """Every folder of a mailbox, with its counts."""
        with self.store.reading() as session:
            return session.views.folders(mailbox)

    def folder(self, mailbox: UUID, folder: UUID) -> FolderRow:
        """One folder with its counts; refuses one that is not there."""
        for each in self.folders(mailbox):
            if each.folder == folder:
                return each
        raise refusals.NotFound

    def message(self, mailbox: UUID, name: UUID) -> Message:
        """One message in full, told from its history; refuses one that no folder holds."""
        if name == mailbox:
            raise refusals.NotFound
        with self.store.reading() as session:
            message: Message | None = tell(session, (mailbox, name)).state
        if message is None or message.folder is None:
            raise refusals.NotFound
        return message

    def meeting(self, mailbox: UUID, name: UUID) -> Meeting | None:
        """The meeting that a message is about, also of one that was deleted; not of one that was erased.

        Raises ``StoreDamaged`` if there are no facts of the message: whoever asks was told of it.
        """
        with self.store.reading() as session:
            message: Message | None = tell(session, (mailbox, name)).state
        if message is None:
            raise StoreDamaged(f"the history of message {name} is not there")
        return message.letter.meeting

    def mailbox(self, mailbox: UUID) -> Mailbox:
        """What a mailbox is and what its owner wants, told from its history."""
        with self.store.reading() as session:
            state: Mailbox | None = tell(session, (mailbox, mailbox)).state
        if state is None:
            raise refusals.MailboxUnknown(str(mailbox))
        return state

    def history(self, mailbox: UUID, name: UUID) -> tuple[Recorded, ...]:
        """Everything that happened to a message."""
        with self.store.reading() as session:
            recorded = check_all(session, mailbox, name)
        if not recorded or name == mailbox:
            raise refusals.NotFound
        return recorded

    def content(self, content: Content) -> bytes:
        """The bytes of a file, wherever they are kept."""
        return self.store.blobs.get(content.blob) if content.blob else content.inline or b""

    def whole_letter(self, letter: Letter) -> Letter:
        """The letter with its body at hand, wherever that is kept."""
        if letter.body.blob is None:
            return letter
        content = self.store.blobs.get(letter.body.blob).decode()
        body = Body(kind=letter.body.kind, content=content, preview=letter.body.preview)
        return letter.model_copy(update={"body": body})


def _index(ready: list[Worded], work: Work) -> None:
    """The job that writes the words of some messages into the index."""
    work.session.views.index(ready)


def _nothing() -> None:
    """Nobody wants to know."""
