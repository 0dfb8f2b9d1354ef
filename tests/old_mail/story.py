"""The story that a frozen store tells: every kind of fact once, with a fixed clock and fixed names.

``python -m tests.old_mail.story tests/old_mail/0.1`` makes the store of a release, which is then never
changed again. A kind of fact that is new belongs into this story, and into the store of the next release.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

from letterbook import Book, Message, open_book
from letterbook.adapters.mime import MimeCodec
from letterbook.application import filing, jobs
from letterbook.application.ports import Undeliverable
from letterbook.application.work import Work
from letterbook.domain.categories import Category, DefineCategory, RecolourCategory, RemoveCategory
from letterbook.domain.facts import Occasion
from letterbook.domain.folder_properties import SetFolderProperties
from letterbook.domain.folders import FolderSearch
from letterbook.domain.inbox_rules import (
    Actions,
    Conditions,
    DefineRule,
    InboxRule,
    RemoveRule,
    ReviseRule,
)
from letterbook.domain.letter import (
    DateTimeTimeZone,
    ExtendedProperty,
    Extension,
    Flag,
    FlagStatus,
    Importance,
    Inference,
    Letter,
    ReportAction,
)
from letterbook.domain.mailbox import (
    ChangeSearch,
    CopyFolder,
    CreateFolder,
    DeleteFolder,
    EraseOwner,
    MailboxCommand,
    MoveFolder,
    RenameFolder,
    well_known_id,
)
from letterbook.domain.message import (
    Detach,
    Erase,
    MessageCommand,
    RemoveExtension,
    SetExtension,
    Unsubscribe,
    Update,
)
from letterbook.domain.overrides import RemoveOverride, SetOverride
from letterbook.domain.people import EmailAddress
from letterbook.domain.refusals import Held
from letterbook.domain.settings import AutomaticReplies, ChangeSettings, RepliesStatus, Settings
from letterbook.domain.trust import BlockSender, UnblockSender
from tests.fakes import FakeClock, FakeTransport
from tests.old_mail.shown import views

ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")
MIME = (
    b"From: Alex Wilber <alexw@contoso.com>\r\nTo: Megan Bowen <meganb@contoso.com>\r\n"
    b"Subject: =?utf-8?B?5Lya6K2w?=\r\nMessage-ID: <mime@contoso.com>\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Are we <b>still</b> on?</p>\r\n"
)
INVITATION = (
    b"To: alexw@contoso.com\r\nSubject: Debrief\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:debrief\r\nSEQUENCE:0\r\n"
    b"DTSTART:202603%sT090000Z\r\nDURATION:PT30M\r\nLOCATION:Mt. Hood\r\n"
    b"ORGANIZER;CN=Megan Bowen:mailto:meganb@contoso.com\r\n"
    b"ATTENDEE;RSVP=TRUE:mailto:alexw@contoso.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
MBOX = (
    b"From danas@fabrikam.com Tue Jun 30 18:45:00 2009\n"
    b"Received: from mx.fabrikam.com; Tue, 30 Jun 2009 18:45:01 +0000\n"
    b"From: Dana Swope <danas@fabrikam.com>\nTo: Alex Wilber <alexw@contoso.com>\nSubject: Long ago\n"
    b"Date: Tue, 30 Jun 2009 18:44:00 +0000\nMessage-ID: <old@fabrikam.com>\nStatus: RO\n\nThis is kept.\n\n"
)


class Counted:
    """Names that are the same whenever the story is told."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> UUID:
        """The next name, in the form of a UUID of version 7."""
        return UUID(int=0x019CACF0_0000_7000_8000_000000000000 + next(self._numbers))


class Storyteller:
    """Alex Wilber's mailbox, to which things happen one minute after the other."""

    def __init__(self, book: Book, clock: FakeClock, folder: Path) -> None:
        self.book = book
        self.clock = clock
        self.folder = folder
        self.new = book.engine.ids.new
        self.alex = book.mailbox("alexw@contoso.com", name="Alex Wilber")
        self.megan = book.mailbox("meganb@contoso.com", name="Megan Bowen")

    def tell(self) -> None:
        """All of it."""
        parts = (self.drafts, self.letters, self.marks, self.folders, self.wishes, self.trust, self.away)
        for part in (*parts, self.ends, self.old_mail, self.keeping, self.meetings):
            self.clock.pass_by(timedelta(minutes=1))
            part()
        self.book.deliver()

    def ask(self, message: Message, *asks: MessageCommand) -> None:
        """Ask something of a message."""
        for ask in asks:
            self.alex._ask(message, ask)

    def want(self, *asks: MailboxCommand) -> None:
        """Ask something of the mailbox."""
        for ask in asks:
            on = self.book.engine.occasion(self.alex.address)
            self.book.engine.run(partial(want, self.alex.id, ask, on))

    def drafts(self) -> None:
        """Drafts are begun, rewritten and replaced; things are attached and taken off."""
        draft = self.alex.create_draft(subject="Offsite", body="Are we on?", to=["meganb@contoso.com"])
        self.alex.update_draft(
            draft, subject="Offsite in May", body="<p>Are we <i>on</i>?</p>", body_type="html"
        )
        self.alex.mention(draft, "Megan Bowen <meganb@contoso.com>")
        self.alex.mention(draft, ADELE)
        self.alex.unmention(draft, ADELE)
        self.alex.attach(draft, "menu.txt", b"Lasagna\r\n", content_type="text/plain")
        self.alex.attach(draft, "large.bin", b"large " * 11_000)
        kept = self.alex.attach(draft, "logo.png", b"\x89PNG", content_type="image/png", content_id="logo")
        self.ask(kept, Detach(self.alex.state(draft).attachments[0].id))
        data = Extension(name="Com.Contoso.Referral", values={"dealValue": 500050, "tags": ["a", None]})
        self.ask(draft, SetExtension(data), SetExtension(Extension(name="gone", values={})))
        self.ask(draft, RemoveExtension("gone"))
        from_mime = self.alex.create_draft_from_mime(MIME)
        new = jobs.new_from_mime(
            self.book.engine.mime.parse(MIME.replace(b"still", b"all"), self.clock.now())
        )
        name, on = self.alex._name(from_mime), self.book.engine.occasion(self.alex.address)
        self.book.engine.run(lambda work: jobs.replace_draft(work, self.alex.id, name, new, on))

    def letters(self) -> None:
        """Letters are sent, delivered, answered, copied, and cannot be delivered."""
        self.alex.send(self.alex.drafts()[-1])
        self.alex.send_mail(subject="Nobody there", to=["nobody@contoso.invalid"])
        self.megan.send_mail(
            subject="会議", body="明日 " * 9_400, to=["alexw@contoso.com", "meganb@contoso.com"]
        )
        self.book.deliver()
        self.alex.create_reply_all(self.alex.folder("inbox")[0], "Yes.")
        self.alex.copy(self.alex.sent_items()[0], "archive")

    def marks(self) -> None:
        """A letter that arrived is read, flagged, filed, remarked, reported and unsubscribed from."""
        letter = self.alex.folder("inbox")[-1]
        self.alex.mark_read(letter)
        start = DateTimeTimeZone(date_time="2026-03-03T09:00:00", time_zone="UTC")
        self.ask(
            letter,
            Update(flag=Flag(status=FlagStatus.FLAGGED, start=start, due=start)),
            Update(categories=("Red category", "House")),
            Update(changes=Letter(importance=Importance.HIGH)),
            Unsubscribe("leave@contoso.com"),
        )
        name, on = self.alex._name(letter), self.book.engine.occasion(self.alex.address)
        say, home = ReportAction.NOT_JUNK, self.alex.id
        self.book.engine.run(lambda work: filing.report(work, home, name, say, on, moved=False))
        self.alex.move(letter, "archive")

    def folders(self) -> None:
        """Folders are made, renamed, moved, copied and deleted; one searches."""
        top, archive = (well_known_id(self.alex.id, name) for name in ("msgfolderroot", "archive"))
        clubs, gone, found = self.new(), self.new(), self.new()
        search = FolderSearch(sources=(archive,), nested=True, condition="isRead eq true")
        self.want(
            CreateFolder(folder_id=clubs, name="Clubs", parent=top),
            RenameFolder(clubs, "Chess clubs"),
            SetFolderProperties(clubs, (ExtendedProperty(id="String 0x3001", value="kept"),)),
            MoveFolder(clubs, archive),
            CopyFolder(clubs, top, {clubs: self.new()}),
            CreateFolder(folder_id=gone, name="Gone", parent=top),
            DeleteFolder(gone),
            CreateFolder(
                folder_id=found,
                name="Read",
                parent=well_known_id(self.alex.id, "searchfolders"),
                search=search,
            ),
            ChangeSearch(found, search.model_copy(update={"condition": "isRead eq false"})),
        )

    def wishes(self) -> None:
        """Settings, categories, overrides and rules."""
        house, gone, override, rule = (self.new() for _ in range(4))
        mine = InboxRule(
            id=rule,
            name="From Megan",
            sequence=1,
            conditions=Conditions(from_addresses=(EmailAddress(address="meganb@contoso.com"),)),
            actions=Actions(mark_as_read=True),
        )
        self.want(
            ChangeSettings(Settings(time_zone="Romance Standard Time", locale="fr-FR")),
            DefineCategory(Category(id=house, name="House", colour="preset3")),
            RecolourCategory(house, "preset5"),
            DefineCategory(Category(id=gone, name="Gone")),
            RemoveCategory(gone),
            SetOverride(override, ADELE, Inference.OTHER),
            SetOverride(
                self.new(), EmailAddress(name="Dana", address="danas@fabrikam.com"), Inference.FOCUSED
            ),
            RemoveOverride(override),
            DefineRule(mine),
            ReviseRule(rule, {"name": "Of Megan"}),
            RemoveRule(rule),
        )

    def trust(self) -> None:
        """Senders are blocked, somebody may write in Alex's name, followers begin anew."""
        self.want(
            BlockSender("danas@fabrikam.com"), BlockSender("x@fabrikam.com"), UnblockSender("x@fabrikam.com")
        )
        self.alex.allow_sending("meganb@contoso.com", on_behalf=True)
        self.alex.allow_sending(ADELE)
        self.alex.forbid_sending(ADELE)
        self.alex.order_resync()

    def keeping(self) -> None:
        """Things have to be kept, whoever asks or for some days; somebody tries to remove one."""
        letter = self.alex.create_draft(subject="Evidence")
        self.alex.place_hold("Fabrikam", why="They sue us.", by="danas@contoso.com")
        self.alex.place_hold("Audit", why="Tax", search="subject:evidence", by="danas@contoso.com")
        with suppress(Held):
            self.alex.delete_for_good(letter)
        self.alex.release_hold("Fabrikam", why="They settled.", by="danas@contoso.com")
        self.alex.set_retention("deleteditems", days=30)
        self.alex.set_retention("junkemail", days=10)
        self.alex.clear_retention("junkemail")

    def meetings(self) -> None:
        """Megan invites to a meeting, and puts it off."""
        for sequence, day in ((0, "02"), (1, "03")):
            self.megan.send_mime(INVITATION.replace(b"SEQUENCE:0", b"SEQUENCE:%d" % sequence) % day.encode())
            self.book.deliver()

    def away(self) -> None:
        """Alex is away, and Megan is told."""
        replies = AutomaticReplies(
            status=RepliesStatus.ALWAYS, internal="I am away.", external="We are closed."
        )
        self.want(ChangeSettings(Settings(replies=replies)))
        self.megan.send_mail(subject="Lunch?", body="At noon?", to=["alexw@contoso.com"])
        self.book.deliver()

    def ends(self) -> None:
        """A draft is thrown away, another is gone for good."""
        self.alex.delete(self.alex.create_draft(subject="To the bin"))
        self.alex.delete_for_good(self.alex.create_draft(subject="Never mind"))
        name, on = self.alex._name(self.alex.create_draft(subject="Not to be kept")), self._on()
        self.book.engine.run(
            lambda work: work.ask_message(self.alex.id, name, Erase("It was asked for."), on)
        )
        randi = self.book.mailbox("randiw@contoso.com", name="Randi Welch")
        self.book.engine.run(partial(want, randi.id, EraseOwner("She left."), on))

    def _on(self) -> Occasion:
        return self.book.engine.occasion(self.alex.address)

    def old_mail(self) -> None:
        """Mail of another program is brought in."""
        path = self.folder / "Archive.mbox"
        path.write_bytes(MBOX)
        self.alex.import_mail(path)
        path.unlink()


def want(mailbox: UUID, ask: MailboxCommand, on: Occasion, work: Work) -> None:
    """The job that asks something of a mailbox."""
    work.ask_mailbox(mailbox, ask, on)


@contextmanager
def told(path: Path, *, encrypted: bool = False) -> Iterator[Book]:
    """A store in which the story was told."""
    clock, ids = FakeClock(), Counted()
    transport = FakeTransport(trouble=_nobody_there)
    with open_book(path, clock=clock, transport=transport, deliver=False, encrypted=encrypted) as book:
        book.engine.ids, book.engine.mime = ids, MimeCodec(ids.new)
        Storyteller(book, clock, path.parent).tell()
        yield book


def _nobody_there(recipient: str) -> None:
    raise Undeliverable(f"550 5.1.2 The domain of {recipient!r} does not exist.")


def freeze(folder: Path) -> None:
    """Make the frozen store of a release: the file, its facts as JSON Lines, and what its views show."""
    folder.mkdir(parents=True)
    with told(folder / "mail.db") as book:
        book.engine.catch_up_search()
        book.export_facts(folder / "facts.jsonl")
        expected = json.dumps(views(book), ensure_ascii=False, indent=1)
    with closing(sqlite3.connect(folder / "mail.db")) as connection:
        connection.execute("VACUUM")
    (folder / "expected.json").write_text(expected + "\n", encoding="utf-8")


if __name__ == "__main__":
    freeze(Path(sys.argv[1]))
