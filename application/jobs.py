"""What can be asked of a store, each as one job inside one transaction.

A job loads states, puts commands to them, and leaves facts, rows and parcels behind, or is refused whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from letterbook.application import meeting_news
from letterbook.application.ports import Mail, Parcel
from letterbook.application.rows import MessageRow, PersonRow
from letterbook.application.work import Work
from letterbook.domain import overrides, refusals
from letterbook.domain.attachments import Attachment
from letterbook.domain.conversation import begin_thread
from letterbook.domain.facts import Occasion
from letterbook.domain.folder_properties import SetFolderProperties
from letterbook.domain.folders import FolderSearch
from letterbook.domain.letter import Answers, ExtendedProperty, Extension, Flag, Header, Letter, Thread
from letterbook.domain.mailbox import CreateFolder, Folder, OpenMailbox, OrderResync, well_known_id
from letterbook.domain.message import (
    CreateDraft,
    Delete,
    Mention,
    Message,
    MessageCommand,
    Replace,
    Send,
    Update,
    limits,
)
from letterbook.domain.overrides import Override, SetOverride
from letterbook.domain.people import Directory, EmailAddress, introduce, introduce_all
from letterbook.domain.trust import SendingRight

MAILBOXES = UUID("6f0b5e1c-6c5f-5d4a-9a55-6d61696c626f")
"""The namespace of mailbox ids: a mailbox's id follows from its address, so no address has two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """Everything that can come along when a draft is made; names are not yet looked up."""

    letter: Letter
    folder: UUID | None = None
    """``None``: Drafts."""
    attachments: tuple[Attachment, ...] = ()
    mentioned: tuple[tuple[UUID, EmailAddress], ...] = ()
    extensions: tuple[Extension, ...] = ()
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    thread: Thread | None = None
    sent_at: datetime | None = None
    from_mime: bool = False
    answers: Answers | None = None
    ties: tuple[Header, ...] = ()
    """The headers that tie an answer to the message that it answers."""
    carried: tuple[Attachment, ...] = ()
    """What was attached to the message that it answers."""
    uploaded: bool = False
    """Whether its files need not fit into one request."""


def new_from_mime(mail: Mail, folder: UUID | None = None) -> NewMessage:
    """The draft that a MIME message makes."""
    return NewMessage(
        folder=folder,
        letter=mail.letter,
        attachments=mail.attachments,
        thread=mail.thread,
        sent_at=mail.sent_at,
        from_mime=True,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A message after a job: its name, its state, and its row in the views."""

    name: UUID
    message: Message
    row: MessageRow


def open_mailbox(work: Work, owner: EmailAddress, on: Occasion) -> PersonRow:
    """Give somebody a mailbox; refuses an address that has one."""
    if not owner.deliverable:
        raise refusals.AddressImpossible(owner.address)
    mailbox = uuid5(MAILBOXES, owner.key)
    named = introduce(owner, lambda _: None)
    if work.person(owner.address) is not None or work.is_open(mailbox):
        raise refusals.AddressTaken(owner.address)
    work.ask_mailbox(mailbox, OpenMailbox(mailbox, named), on)
    return PersonRow(mailbox, named.address, named.name)


def create_folder(
    work: Work,
    mailbox: UUID,
    folder_id: UUID,
    name: str,
    parent: UUID,
    on: Occasion,
    *,
    hidden: bool = False,
    search: FolderSearch | None = None,
    properties: tuple[ExtendedProperty, ...] = (),
) -> Folder:
    """Make a folder below another one; with a ``search`` it is a search folder."""
    ask = CreateFolder(folder_id=folder_id, name=name, parent=parent, hidden=hidden, search=search)
    work.ask_mailbox(mailbox, ask, on)
    if search is not None:
        work.session.uses.note(mailbox, folder_id, on.at)
    return work.ask_mailbox(mailbox, SetFolderProperties(folder_id, properties), on).folder(folder_id)


def set_override(work: Work, mailbox: UUID, ask: SetOverride, on: Occasion) -> Override:
    """Say where letters of a sender belong; gives the override, which may be an earlier one."""
    named = replace(ask, sender=introduce(ask.sender, work.name_of))
    after = work.ask_mailbox(mailbox, named, on).preferences
    override = overrides.about(after.overrides, ask.sender)
    assert override is not None, "it was just set"
    return override


def order_resync(work: Work, mailbox: UUID, order: UUID, on: Occasion) -> None:
    """Let whoever follows what changes in a mailbox begin anew."""
    work.ask_mailbox(mailbox, OrderResync(order), on)


def create_draft(work: Work, mailbox: UUID, name: UUID, new: NewMessage, on: Occasion) -> Answer:
    """Begin a letter in Drafts or another folder."""
    limits.check_letter(new.letter)  # before anybody is looked up
    attachments = (*new.carried, *new.attachments)
    limits.check_amounts(new.mentioned, attachments, new.extensions, new.categories)
    home = work.mailbox(mailbox)
    work.expect_new(mailbox, name)
    folder = home.folder(new.folder).id if new.folder else well_known_id(mailbox, "drafts")
    ask = CreateDraft(
        folder=folder,
        letter=_with_message_id(introduced(new.letter, work.name_of), name, home.owner),
        thread=new.thread or begin_thread(name, on.at),
        sent_at=new.sent_at,
        is_read=new.is_read,
        flag=new.flag,
        categories=new.categories,
        attachments=new.attachments,
        mentions=tuple(_mentions(new.mentioned, home.owner, work.name_of)),
        extensions=new.extensions,
        from_mime=new.from_mime,
        answers=new.answers,
        ties=new.ties,
        carried=new.carried,
        uploaded=new.uploaded,
    )
    return ask_message(work, mailbox, name, ask, on)


def _mentions(
    mentioned: Iterable[tuple[UUID, EmailAddress]], owner: EmailAddress, directory: Directory
) -> Iterable[Mention]:
    for mention_id, person in mentioned:
        yield Mention(mention_id=mention_id, mentioned=introduce(person, directory), created_by=owner)


def _with_message_id(letter: Letter, name: UUID, owner: EmailAddress) -> Letter:
    """The server's Message-ID where the author gave none (RFC 5322 section 3.6.4)."""
    if letter.internet_message_id:
        return letter
    host = owner.address.rpartition("@")[2]
    return letter.model_copy(update={"internet_message_id": f"<{name.hex}@{host}>"})


def introduced(letter: Letter, directory: Directory) -> Letter:
    """The letter with a name for everyone in it; fields that are not set stay so."""
    named: dict[str, object] = {}
    for name in ("to", "cc", "bcc", "reply_to"):
        people: tuple[EmailAddress, ...] = getattr(letter, name)
        if not all(person.name for person in people):
            named[name] = introduce_all(people, directory)
    for name in ("author", "sender"):
        if (person := getattr(letter, name)) and not person.name:
            named[name] = introduce(person, directory)
    return letter.model_copy(update=named) if named else letter


def ask_message(work: Work, mailbox: UUID, name: UUID, ask: MessageCommand, on: Occasion) -> Answer:
    """Put one command to a message that stays in the mailbox."""
    if isinstance(ask, Update):
        limits.check_letter(ask.changes)
        ask = replace(ask, changes=introduced(ask.changes, work.name_of))
    after, _ = work.ask_message(mailbox, name, ask, on)
    row = work.row(mailbox, name)
    if after is None or row is None:
        raise refusals.NotFound
    return Answer(name, after, row)


def mention(
    work: Work, mailbox: UUID, name: UUID, mention_id: UUID, person: EmailAddress, on: Occasion
) -> Answer:
    """Call someone out in a draft."""
    named = introduce(person, work.name_of)
    owner = work.mailbox(mailbox).owner
    ask = Mention(mention_id=mention_id, mentioned=named, created_by=owner)
    return ask_message(work, mailbox, name, ask, on)


def delete(work: Work, mailbox: UUID, name: UUID, on: Occasion) -> None:
    """Delete a message, one step further at each time of asking."""
    bin_, beyond = (well_known_id(mailbox, each) for each in ("deleteditems", "recoverableitemsdeletions"))
    message = work.message(mailbox, name)
    if message and message.folder and work.mailbox(mailbox).is_discarded(message.folder):
        bin_ = message.folder  # a folder that was put into Deleted Items counts as that
    work.ask_message(mailbox, name, Delete(bin=bin_, beyond=beyond), on)


def send(work: Work, mailbox: UUID, name: UUID, on: Occasion, *, keep: bool = True) -> None:
    """Send a draft; one parcel for every recipient goes into the outbox in the same transaction."""
    owner = work.mailbox(mailbox).owner
    kept_in = well_known_id(mailbox, "sentitems") if keep else None
    ask = Send(owner=owner, keep_in=kept_in, right=_right_to_send(work, owner, work.message(mailbox, name)))
    after, facts = work.ask_message(mailbox, name, ask, on)
    if after is not None and facts:
        recipients = {person.key: person.address for person in after.letter.recipients}
        work.post(Parcel(mailbox, name, address, due=on.at) for address in recipients.values())
        meeting_news.place(work, mailbox, name, on)


def _right_to_send(work: Work, owner: EmailAddress, message: Message | None) -> SendingRight | None:
    """How the owner may write in the name of a draft's author: only a mailbox of this store gives rights."""
    author = message.letter.author if message else None
    if author is None or author.same_as(owner):
        return None
    person = work.person(author.address)
    return work.mailbox(person.mailbox).trust.right_of(owner) if person else None


def replace_draft(work: Work, mailbox: UUID, name: UUID, new: NewMessage, on: Occasion) -> Answer:
    """Put what a MIME message makes in the place of a draft."""
    letter = introduced(new.letter, work.name_of)
    ask = Replace(letter=letter, sent_at=new.sent_at, attachments=new.attachments)
    return ask_message(work, mailbox, name, ask, on)


def send_mail(
    work: Work, mailbox: UUID, name: UUID, new: NewMessage, on: Occasion, *, keep: bool = True
) -> None:
    """Make a draft and send it, or neither."""
    create_draft(work, mailbox, name, new, on)
    send(work, mailbox, name, on, keep=keep)
