"""The Python face: a book of mailboxes, for programs that carry mail inside them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from letterbook.adapters.erasing import ErasingBook, ErasingHandle
from letterbook.adapters.handle import Person, check_writable, people, person
from letterbook.adapters.keeping import KeepingBook, KeepingHandle
from letterbook.adapters.looking_back import LookingBack
from letterbook.adapters.moving import MovingBook, MovingHandle
from letterbook.adapters.proving import ProvingHandle
from letterbook.adapters.reading import ReadingHandle
from letterbook.adapters.subscribed import Subscriptions
from letterbook.application import jobs
from letterbook.application.checkpoints import Checkpoints
from letterbook.application.delivery import Delivery
from letterbook.application.engine import Engine
from letterbook.application.forking import ForkAsk
from letterbook.application.jobs import NewMessage
from letterbook.application.moving import MailFormats
from letterbook.application.notes import Checkpoint
from letterbook.application.notifying import Notifier
from letterbook.application.past import Travel
from letterbook.application.past_following import follow
from letterbook.application.points import read_point
from letterbook.application.rebuilding import Progress, Rebuilt, rebuild
from letterbook.application.rows import PersonRow
from letterbook.application.shown import ShownMessage
from letterbook.application.tidying import Tidied, tidy
from letterbook.application.verifying import Report, Witnesses, verify
from letterbook.domain.attachments import Content, FileAttachment
from letterbook.domain.letter import BodyKind, Header, Importance, Letter, write_body
from letterbook.domain.message import Attach, Move, Unmention, Update
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import AddressTaken, MailboxUnknown, PointUnknown

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class Book(ErasingBook, KeepingBook, MovingBook):
    """A store of mailboxes. Any number of threads may share one; close it, or use it in a ``with`` block."""

    def __init__(
        self,
        engine: Engine,
        delivery: Delivery,
        checkpoints: Checkpoints,
        notifier: Notifier,
        subscriptions: Subscriptions,
        travel: Travel,
        *,
        make_asgi: Callable[["Book"], "ASGIApp"],
        make_token: Callable[[str, str | None, bool, timedelta], str],
        fork: Callable[[str | Path, ForkAsk], "Book"],
        wake: Callable[[], None],
        close: Callable[[], None],
        purge: Callable[[Callable[[], bool]], bool],
        formats: MailFormats,
    ) -> None:
        self.engine = engine
        self.formats = formats
        self._delivery = delivery
        self._notifier = notifier
        self.subscriptions = subscriptions
        """Who is notified of changes."""
        self.checkpoints = checkpoints
        self.travel = travel
        self._make_asgi = make_asgi
        self._make_token = make_token
        self._fork = fork
        self._close = close
        self._purge = purge
        self.wake_delivery = wake

    def mailbox(self, address: str, *, name: str = "") -> "MailboxHandle":
        """The mailbox of an address; a new one is opened if there is none.

        Raises :class:`letterbook.Refused` if the address could never receive mail.
        """
        check_writable(address)
        try:
            person = self.engine.person(address)
        except MailboxUnknown:
            person = self._opened(address, name)
        return MailboxHandle(self, person)

    def _opened(self, address: str, name: str) -> PersonRow:
        """A new mailbox, or the one that somebody else opened a moment ago."""
        try:
            return self.add_user(address, name=name)
        except AddressTaken:
            return self.engine.person(address)

    def add_user(self, address: str, *, name: str = "") -> PersonRow:
        """Open a mailbox. Raises :class:`letterbook.Refused` if the address has one."""
        check_writable(name)
        owner, on = EmailAddress(name=name, address=address), self.engine.occasion("system:book")
        return self.engine.run(lambda work: jobs.open_mailbox(work, owner, on))

    def users(self) -> list[PersonRow]:
        """Everyone who has a mailbox here."""
        return self.engine.people()

    def deliver(self) -> int:
        """Deliver what is due now, and wait for it; gives the number of recipients handled."""
        return self._delivery.deliver_due()

    def waiting(self) -> int:
        """How many recipients have yet to be reached."""
        return self._delivery.waiting()

    def notify(self) -> int:
        """Tell subscribers what is due now, and wait for it; gives the number of notifications handled."""
        return self._notifier.notify_due()

    def rebuild(self, progress: Progress | None = None, *, verify: bool = False) -> list[Rebuilt]:
        """Make all views again from the history, beside the live ones, which are read and written meanwhile.

        With ``verify`` each mailbox is compared with what was there. Raises :class:`letterbook.StoreBusy` if
        somebody else rebuilds this store.
        """
        return rebuild(self.engine.store, progress, verify=verify)

    def follow_past(self, progress: Progress | None = None) -> None:
        """Bring the lists of all earlier moments in step and wait for it: the next question does not."""
        follow(self.engine.store, self.travel.follower, progress or (lambda *_: None))

    def tidy(self) -> Tidied:
        """Remove what nothing needs any more: blobs that no fact names, uploads that took too long, search
        folders that nobody used for 45 days."""
        return tidy(self.engine)

    def checkpoint(self) -> list[Checkpoint]:
        """A signed checkpoint of every mailbox, as each is now."""
        with self.engine.store.reading() as session:
            mailboxes = session.history.mailboxes()
        return [self.checkpoints.sign(mailbox) for mailbox in mailboxes]

    def verify(
        self,
        witnesses: Witnesses | None = None,
        progress: Progress | None = None,
        *,
        only: UUID | None = None,
    ) -> Report:
        """Look at every event, blob and checkpoint of the store, or of ``only`` one mailbox.

        ``witnesses`` are checkpoints that were kept outside: without them nobody can tell whether the newest
        events were cut off together with all that signed them. Reads only; others may write meanwhile.
        """
        return verify(self.engine.store, self.checkpoints.notary, witnesses, progress, only=only)

    def fork(
        self,
        path: str | Path,
        *,
        at: datetime | int | str | None = None,
        only: str | None = None,
        outbox: bool = False,
        deliver: bool = False,
    ) -> "Book":
        """A new, independent store with what this one held at a moment, or holds now; open.

        With ``only`` it has one mailbox, named by address; then ``at`` may be a position, too. It never sends
        anything, unless it takes the ``outbox`` along and is told to ``deliver``. It signs its own tokens.
        A book in memory is forked into memory: ``book.fork(":memory:")``.
        Raises :class:`letterbook.StoreRefused` if there is such a file, and :class:`letterbook.Refused` if
        there was nothing at that point.
        """
        point = None if at is None else read_point(at)
        mailbox = self.engine.person(only).mailbox if only else None
        return self._fork(path, ForkAsk(point, mailbox, outbox, deliver))

    def asgi(self) -> "ASGIApp":
        """The Graph face as an ASGI application, which may be mounted below a path of another one."""
        self._check_open()
        return self._make_asgi(self)

    def token(
        self,
        who: str,
        scope: str | None = None,
        *,
        app: bool = False,
        lifetime: timedelta = timedelta(hours=24),
    ) -> str:
        """A bearer token for the Graph face, of a person or an ``app``. Without ``scope``: the usual one.

        Raises ``ValueError`` for a scope that can be none.
        """
        self._check_open()
        return self._make_token(who, scope, app, lifetime)

    def _check_open(self) -> None:
        self.engine.store.pulse()  # raises StoreClosed

    def close(self) -> None:
        """Stop delivering and let go of the file. What is asked afterwards raises ``StoreClosed``."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MailboxHandle(MovingHandle, ReadingHandle, LookingBack, ProvingHandle, ErasingHandle, KeepingHandle):
    """One person's mailbox."""

    def __init__(
        self, book: Book, person: PersonRow, engine: Engine | None = None, end: int | None = None
    ) -> None:
        """``engine`` is that of an earlier moment, ``end`` the last position it knows."""
        super().__init__(engine or book.engine, book.wake_delivery, person)
        self._book = book
        self._owner = person
        self._end = end
        now = book.checkpoints
        self._checkpoints = Checkpoints(engine.store, now.notary) if engine else now
        self._formats = book.formats
        self._purge = book._purge

    def at(self, point: datetime | int | str) -> "MailboxHandle":
        """The mailbox as it was at an earlier moment, or at a position of its history.

        ``alex.at("2026-01-31T12:00Z").drafts()``. A moment without a time zone is UTC. What it answers is
        what a store would that was stopped there. Raises :class:`letterbook.Refused` if the history has not
        come there, or the mailbox was not there yet; so does whatever would change something, sign or prove.
        """
        engine, position = self._book.travel.at(self._owner, read_point(point))
        if self._end is not None and position > self._end:
            raise PointUnknown(str(point))
        return MailboxHandle(self._book, self._owner, engine, position)

    # -- writing --

    def create_draft(
        self,
        *,
        subject: str = "",
        body: str = "",
        body_type: BodyKind = "text",
        to: Iterable[Person] = (),
        cc: Iterable[Person] = (),
        bcc: Iterable[Person] = (),
        reply_to: Iterable[Person] = (),
        importance: str = "normal",
        mentions: Iterable[Person] = (),
        headers: Mapping[str, str] | None = None,
        attachments: Iterable[FileAttachment] = (),
        folder: str | None = None,
    ) -> ShownMessage:
        """Begin a letter in Drafts (or another folder). ``headers`` are custom ones, ``x-…``."""
        letter = Letter(
            subject=subject,
            body=write_body(body_type, body),
            to=people(to),
            cc=people(cc),
            bcc=people(bcc),
            reply_to=people(reply_to),
            importance=Importance(importance),
            headers=tuple(Header(name=key, value=value) for key, value in (headers or {}).items()),
        )
        new = NewMessage(
            letter=letter,
            folder=self._folder_id(folder) if folder else None,
            mentioned=tuple((self._engine.ids.new(), each) for each in people(mentions)),
            attachments=tuple(attachments),
            uploaded=True,
        )
        return self._create(new)

    def create_draft_from_mime(self, mime: bytes) -> ShownMessage:
        """Begin a letter from a MIME message."""
        return self._create(self._from_mime(mime))

    def update_draft(
        self,
        draft: "ShownMessage | str",
        *,
        subject: str | None = None,
        body: str | None = None,
        body_type: BodyKind = "text",
        to: Iterable[Person] | None = None,
        cc: Iterable[Person] | None = None,
        bcc: Iterable[Person] | None = None,
        reply_to: Iterable[Person] | None = None,
        importance: str | None = None,
    ) -> ShownMessage:
        """Rewrite parts of a draft; what is not named keeps its value."""
        check_writable(subject, body)
        named = {"to": to, "cc": cc, "bcc": bcc, "reply_to": reply_to}
        changes: dict[str, object] = {key: people(who) for key, who in named.items() if who is not None}
        if subject is not None:
            changes["subject"] = subject
        if body is not None:
            changes["body"] = write_body(body_type, body)
        if importance is not None:
            changes["importance"] = Importance(importance)
        letter = self._engine.stowed_letter(Letter.model_validate(changes))
        return self._ask(draft, Update(changes=letter))

    def mention(self, draft: "ShownMessage | str", who: Person) -> ShownMessage:
        """Call someone out in a draft, one at a time; a second time says nothing new."""
        name, mention_id, on = self._name(draft), self._engine.ids.new(), self._on()
        named = person(who)
        answer = self._engine.run(lambda work: jobs.mention(work, self.id, name, mention_id, named, on))
        return self._shown(answer.row)

    def unmention(self, draft: "ShownMessage | str", who: Person) -> ShownMessage:
        """Take a mention back."""
        named = person(who)
        for mention in self.state(draft).mentions:
            if mention.mentioned.same_as(named):
                return self._ask(draft, Unmention(mention.mention_id))
        return self.message(draft)

    def attach(
        self,
        draft: "ShownMessage | str",
        name: str,
        content: bytes,
        *,
        content_type: str = "application/octet-stream",
        content_id: str | None = None,
    ) -> ShownMessage:
        """Attach a file of up to 150 MB; with a ``content_id`` it is shown inside an HTML body."""
        file = self.file(name, content, content_type=content_type, content_id=content_id)
        return self._ask(draft, Attach(self._engine.stowed_attachment(file), uploaded=True))

    def file(
        self, name: str, content: bytes, *, content_type: str = "", content_id: str | None = None
    ) -> FileAttachment:
        """A file, ready to be attached. Raises ``TypeError`` for text: say in which encoding it is."""
        if not isinstance(content, bytes):
            raise TypeError("the content of a file is bytes")
        check_writable(name, content_type, content_id)
        return FileAttachment(
            id=self._engine.ids.new(),
            name=name,
            content_type=content_type or "application/octet-stream",
            is_inline=content_id is not None,
            modified_at=self._engine.clock.now(),
            content=Content(inline=content),
            content_id=content_id,
        )

    def send(self, draft: "ShownMessage | str") -> None:
        """Send a draft: it leaves Drafts, is kept in Sent Items, and is on its way when this returns."""
        name, on = self._name(draft), self._on()
        self._engine.run(lambda work: jobs.send(work, self.id, name, on))
        self._wake_delivery()

    def send_mail(
        self,
        *,
        subject: str = "",
        body: str = "",
        body_type: BodyKind = "text",
        to: Iterable[Person] = (),
        cc: Iterable[Person] = (),
        bcc: Iterable[Person] = (),
        save_to_sent_items: bool = True,
    ) -> None:
        """Write and send a letter in one go, or neither."""
        letter = Letter(
            subject=subject, body=write_body(body_type, body), to=people(to), cc=people(cc), bcc=people(bcc)
        )
        self._send_new(NewMessage(letter=letter), keep=save_to_sent_items)

    def send_mime(self, mime: bytes) -> None:
        """Send a MIME message as it is."""
        self._send_new(self._from_mime(mime), keep=True)

    def mark_read(self, message: "ShownMessage | str", *, is_read: bool = True) -> ShownMessage:
        """Mark a message as read, or unread."""
        return self._ask(message, Update(is_read=is_read))

    def move(self, message: "ShownMessage | str", folder: str) -> ShownMessage:
        """Put a message into another folder, named by id or well-known name."""
        target = self._engine.folder(self.id, self._folder_id(folder)).folder
        return self._ask(message, Move(target))

    def delete(self, message: "ShownMessage | str") -> None:
        """Delete a message: to Deleted Items, from there beyond, from there for good."""
        name, on = self._name(message), self._on()
        self._engine.run(lambda work: jobs.delete(work, self.id, name, on))

    def order_resync(self) -> None:
        """Let whoever follows what changes begin anew: delta links given out so far are answered 410."""
        order, on = self._engine.ids.new(), self._on()
        self._engine.run(lambda work: jobs.order_resync(work, self.id, order, on))
