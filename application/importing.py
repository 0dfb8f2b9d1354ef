"""Bringing in mail that was kept elsewhere: many letters in each transaction, each of them once.

A letter's name follows from where it was found, so whoever was stopped in the middle runs it again: what is
there already is passed over. Nothing is delivered, no rule is followed, nobody is answered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Literal
from uuid import UUID

from letterbook.application import meeting_news
from letterbook.application.collecting import uncollected
from letterbook.application.engine import Engine
from letterbook.application.jobs import introduced
from letterbook.application.moving import FOLDERS, Found, Marks, Progress, Source, Unreadable
from letterbook.application.names import imported_name
from letterbook.application.ports import Mail
from letterbook.application.rows import PersonRow
from letterbook.application.work import Work
from letterbook.domain.conversation import begin_thread, first_of_conversation
from letterbook.domain.facts import Occasion
from letterbook.domain.folders import LONGEST_NAME
from letterbook.domain.letter import ExtendedProperty, Letter, Thread
from letterbook.domain.mailbox import CreateFolder, Mailbox, well_known_id
from letterbook.domain.message import Import
from letterbook.domain.refusals import Refused

BATCH = 500
"""Letters in one transaction."""
BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of MIME that end a batch early: it is in memory as a whole."""
MOST_TOLD = 1000
"""Letters that were not brought in which a report names; all are counted."""
ACTOR = "system:import"

LAST_VERB = "Integer 0x1081"
"""What was last done with a message (MS-OXOMAIL PidTagLastVerbExecuted)."""
REPLIED, FORWARDED = "102", "104"

Kind = Literal["draft", "sent", "received"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A letter that was not brought in: where it is, and why."""

    origin: str
    why: str


@dataclass(slots=True)
class Report:
    """What became of the letters: how many were brought in, were here from the same place before, have the
    Message-ID of another message of the mailbox, or cannot be read.

    ``left_out`` names the last two kinds, up to a thousand of them.
    """

    imported: int = 0
    already: int = 0
    duplicates: int = 0
    unreadable: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def tell(self, origin: str, why: str) -> None:
        """A letter was not brought in."""
        if len(self.left_out) < MOST_TOLD:
            self.left_out.append(LeftOut(_as_text(origin), why))


def import_mail(
    engine: Engine, person: PersonRow, source: Source, into: UUID | None, progress: Progress | None = None
) -> Report:
    """Bring mail into a mailbox, below one of its folders if one is named, and into the search index."""
    importing = _Importing(engine, person, into)
    importing.make_folders(source.folders())
    done = 0
    for batch in _batches(source.letters()):
        importing.take(batch)
        done += sum(each.weight for each in batch)
        if progress:
            progress(done, source.total)
    engine.catch_up_search(person.mailbox)
    return importing.report


def _batches(letters: Iterator[Found | Unreadable]) -> Iterator[list[Found | Unreadable]]:
    batch: list[Found | Unreadable] = []
    size = 0
    for each in letters:
        batch.append(each)
        size += len(each.mail) if isinstance(each, Found) and isinstance(each.mail, bytes) else 0
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class _Ready:
    """A letter that is ready to be brought in."""

    found: Found
    key: int
    name: UUID
    ask: Import


class _Importing:
    """One import at work."""

    def __init__(self, engine: Engine, person: PersonRow, into: UUID | None) -> None:
        self.report = Report()
        self._engine = engine
        self._home = person.mailbox
        self._owner = person.address.casefold()
        self._into = into
        self._run = engine.ids.new()
        self._folders: dict[tuple[str, ...], UUID] = {}
        with engine.store.reading() as session:
            self._known = {_key(each) for each in session.views.message_ids(person.mailbox)}

    def take(self, batch: list[Found | Unreadable]) -> None:
        """Bring in some letters, in one transaction; each that is refused is left out alone."""
        with uncollected():
            self._take(batch)
        self._engine.forget()  # nobody will ask for these soon, and they may be large

    def _take(self, batch: list[Found | Unreadable]) -> None:
        on = self._engine.occasion(ACTOR, str(self._run))
        ready = [each for found in batch for each in self._prepared(found, on)]
        jobs: list[Callable[[Work], bool]] = [
            partial(_take_over, mailbox=self._home, name=each.name, ask=each.ask, on=on) for each in ready
        ]
        for each, ticket in zip(ready, self._engine.run_all(jobs), strict=True):
            try:
                self._count(ticket.outcome())
            except Refused as no:
                self._known.discard(each.key)
                self._leave_out(each.found.origin, str(no))

    def make_folders(self, folders: Iterator[tuple[str, ...]]) -> None:
        """Make the folders that are not there yet, whatever is in them."""
        for names in filter(None, folders):
            try:
                self._folder(names)
            except Refused as no:
                self._leave_out("/".join(names), str(no))

    def _count(self, is_new: bool) -> None:
        self.report.imported += is_new
        self.report.already += not is_new

    def _leave_out(self, origin: str, why: str) -> None:
        self.report.unreadable += 1
        self.report.tell(origin, why)

    def _prepared(self, found: Found | Unreadable, on: Occasion) -> Iterator[_Ready]:
        """The letter, if it can be read and is not here yet."""
        if isinstance(found, Unreadable):
            self._leave_out(found.origin, found.why)
            return
        message_id = found.message_id or _made_up(found, self._owner)
        name = imported_name(self._home, found.origin, message_id, found.received_at)
        key = _key(message_id)
        if key in self._known:
            self._double(found, name, message_id)
            return
        try:
            ask = self._ask(found, name, message_id, on)
        except Refused as no:
            self._leave_out(found.origin, str(no))
            return
        self._known.add(key)
        yield _Ready(found, key, name, ask)

    def _double(self, found: Found, name: UUID, message_id: str) -> None:
        """A letter with a Message-ID that is here: brought in from this very place before, or a duplicate."""
        with self._engine.store.reading() as session:
            if session.history.of(self._home, name):
                self.report.already += 1
                return
        self.report.duplicates += 1
        self.report.tell(found.origin, f"duplicate of the message {message_id}")

    def _ask(self, found: Found, name: UUID, message_id: str, on: Occasion) -> Import:
        from_mime = isinstance(found.mail, bytes)
        mail = self._engine.mime.parse(found.mail, on.at) if isinstance(found.mail, bytes) else found.mail
        folder = self._folder(found.folder or self._guessed(mail.letter, found.marks))
        kind = self._kind(mail.letter, found.marks, folder)
        sent_at = mail.sent_at or found.received_at or on.at
        letter = self._engine.stowed_letter(_lettered(mail.letter, message_id, found.marks))
        return Import(
            origin=_as_text(found.origin),
            folder=folder,
            kind=kind,
            letter=letter,
            thread=mail.thread or _thread(self._home, letter, name, sent_at),
            received_at=(found.received_at or sent_at) if kind == "received" else sent_at,
            sent_at=sent_at,
            is_read=found.marks.is_read,
            flag=found.marks.flag,
            categories=found.marks.categories,
            attachments=tuple(self._engine.stowed_attachment(each) for each in mail.attachments),
            extensions=found.marks.extensions,
            from_mime=from_mime,
        )

    def _kind(self, letter: Letter, marks: Marks, folder: UUID) -> Kind:
        """A draft if it is marked as one or among them; what its owner wrote and did not receive was sent."""
        if marks.is_draft or folder == well_known_id(self._home, "drafts"):
            return "draft"
        if folder == well_known_id(self._home, "sentitems"):
            return "sent"
        in_inbox = folder == well_known_id(self._home, "inbox")
        return "sent" if self._by_owner(letter) and not in_inbox else "received"

    def _by_owner(self, letter: Letter) -> bool:
        return letter.author is not None and letter.author.key == self._owner

    # -- folders --

    def _guessed(self, letter: Letter, marks: Marks) -> tuple[str, ...]:
        """Where a letter belongs that was in no folder."""
        if self._into:
            return ()
        if marks.is_draft:
            return ("drafts",)
        return ("sent",) if self._by_owner(letter) else ("inbox",)

    def _folder(self, names: tuple[str, ...]) -> UUID:
        """The folder for these names, made where it is not there."""
        if names not in self._folders:
            self._folders[names] = self._found_folder(names)
        return self._folders[names]

    def _found_folder(self, names: tuple[str, ...]) -> UUID:
        if not names:
            assert self._into, "where no folder was named, one was guessed"
            return self._into
        if len(names) == 1 and not self._into and (well_known := FOLDERS.get(names[0].strip().casefold())):
            return well_known_id(self._home, well_known)
        top = self._into or well_known_id(self._home, "msgfolderroot")
        parent = self._folder(names[:-1]) if len(names) > 1 else top
        return self._below(parent, _as_text(names[-1]).strip()[:LONGEST_NAME] or "(no name)")

    def _below(self, parent: UUID, name: str) -> UUID:
        mailbox = self._engine.mailbox(self._home)
        if known := _child(mailbox, parent, name):
            return known
        folder, on = self._engine.ids.new(), self._engine.occasion(ACTOR, str(self._run))
        ask = CreateFolder(folder_id=folder, name=name, parent=parent)
        self._engine.run(lambda work: work.ask_mailbox(self._home, ask, on))
        return folder


def _child(mailbox: Mailbox, parent: UUID, name: str) -> UUID | None:
    """The folder with this name that holds messages."""
    alike = (each for each in mailbox.children(parent) if each.name.casefold() == name.casefold())
    return next((each.id for each in alike if each.search is None), None)


def _take_over(work: Work, *, mailbox: UUID, name: UUID, ask: Import, on: Occasion) -> bool:
    """The job that brings in one letter; ``False`` if it was here already, be it deleted since."""
    named = replace(ask, letter=introduced(ask.letter, work.name_of))
    _, facts = work.ask_message(mailbox, name, named, on)
    if facts:
        meeting_news.place(work, mailbox, name, on)
    return bool(facts)


def _lettered(letter: Letter, message_id: str, marks: Marks) -> Letter:
    """The letter with a Message-ID, and what was done with it last."""
    more: dict[str, object] = {}
    if letter.internet_message_id != message_id:
        more["internet_message_id"] = message_id
    if marks.answered or marks.forwarded:
        verb = ExtendedProperty(id=LAST_VERB, value=REPLIED if marks.answered else FORWARDED)
        more["properties"] = (*letter.properties, verb)
    return letter.model_copy(update=more) if more else letter


def _made_up(found: Found, owner: str) -> str:
    """A Message-ID for a letter without one: it follows from what the letter says."""
    raw = found.mail if isinstance(found.mail, bytes) else _said(found.mail)
    return f"<{sha256(raw).hexdigest()[:32]}@{owner.rpartition('@')[2]}>"


def _said(mail: Mail) -> bytes:
    return mail.letter.model_dump_json().encode()


def _as_text(name: str) -> str:
    """A name of a file as text that can be kept: it may hold bytes that are none."""
    return name.encode("utf-8", "backslashreplace").decode()


def _key(message_id: str) -> int:
    """A Message-ID as a number of 64 bits: a large mailbox has many of them in memory."""
    return int.from_bytes(sha256(message_id.encode("utf-8", "replace")).digest()[:8], "big")


def _thread(mailbox: UUID, letter: Letter, name: UUID, at: datetime) -> Thread:
    """The conversation that begins with the first message this one is tied to, or with itself."""
    first = first_of_conversation(letter)
    if first is None:
        return begin_thread(name, at)
    return begin_thread(
        UUID(bytes=sha256(mailbox.bytes + first.encode("utf-8", "replace")).digest()[:16]), at
    )
