"""The people, folders, letters and facts that the specs speak of."""

from datetime import UTC, datetime
from uuid import UUID

from letterbook.domain.attachments import Content, FileAttachment, ItemAttachment, ReferenceAttachment
from letterbook.domain.conversation import begin_thread
from letterbook.domain.facts import Occasion
from letterbook.domain.letter import (
    AnswerKind,
    Answers,
    DateTimeTimeZone,
    Extension,
    Flag,
    FlagStatus,
    Header,
    Importance,
    Letter,
    ReportAction,
    Thread,
    write_body,
)
from letterbook.domain.mailbox import well_known_id
from letterbook.domain.meetings import Earlier
from letterbook.domain.message import (
    AttachmentAdded,
    AttachmentRemoved,
    Categorised,
    Copied,
    Copy,
    CreateDraft,
    Delete,
    Deleted,
    Delivered,
    DeliveryFailed,
    Draft,
    DraftCreated,
    DraftReplaced,
    DraftUpdated,
    Erase,
    Erased,
    ErasedMessage,
    ExtensionRemoved,
    ExtensionSet,
    Flagged,
    Import,
    Imported,
    MeetingFollowed,
    MeetingOvertaken,
    Mention,
    MentionAdded,
    MentionRemoved,
    Moved,
    ReadStateChanged,
    Receive,
    Received,
    ReceivedMessage,
    Remarked,
    Replace,
    Reported,
    Send,
    Sent,
    Unsubscribed,
)
from letterbook.domain.people import EmailAddress


def numbered(number: int) -> UUID:
    """A name for a thing in a test."""
    return UUID(int=number, version=4)


ALEX = EmailAddress(name="Alex Wilber", address="alexw@contoso.com")
MEGAN = EmailAddress(name="Megan Bowen", address="meganb@contoso.com")
ADELE = EmailAddress(name="Adele Vance", address="adelev@contoso.com")
SAMANTHA = EmailAddress(name="Samantha Booth", address="samanthab@contoso.com")
SAMANTHA_IN_CAPITALS = EmailAddress(name="S. Booth", address="SamanthaB@CONTOSO.com")

EARLIER = Occasion(
    at=datetime(2017, 12, 23, 9, 30, tzinfo=UTC), actor="alexw@contoso.com", cause="request:earlier"
)
NOW = Occasion(
    at=datetime(2017, 12, 23, 9, 45, 0, 123456, tzinfo=UTC), actor="alexw@contoso.com", cause="request:now"
)

MAILBOX = numbered(1)
DRAFTS, SENT_ITEMS, INBOX, ARCHIVE, BIN, BEYOND = (
    well_known_id(MAILBOX, name)
    for name in ("drafts", "sentitems", "inbox", "archive", "deleteditems", "recoverableitemsdeletions")
)

LETTER = Letter(
    subject="Did you see last night's game?",
    body=write_body("html", "They were <b>awesome</b>!"),
    importance=Importance.LOW,
    to=(ADELE,),
    internet_message_id="<1@contoso.com>",
)
ADDRESSLESS = EmailAddress(name="Somebody")
THREAD = begin_thread(numbered(2), EARLIER.at)

MENTION = Mention(mention_id=numbered(3), mentioned=SAMANTHA, created_by=ALEX)
MENU = FileAttachment(
    id=numbered(4),
    name="menu.txt",
    content_type="text/plain",
    modified_at=EARLIER.at,
    content=Content(inline=b"Lasagna\r\n"),
)
LOGO = FileAttachment(
    id=numbered(5),
    name="logo.png",
    content_type="image/png",
    is_inline=True,
    modified_at=EARLIER.at,
    content=Content(inline=b"\x89PNG"),
    content_id="logo",
)
ENCLOSED = ItemAttachment(
    id=numbered(6), name="Re: game", content_type="message/rfc822", modified_at=EARLIER.at, item=LETTER
)
LINKED = ReferenceAttachment(
    id=numbered(7),
    name="Personal pictures",
    content_type=None,
    modified_at=EARLIER.at,
    source_url="https://contoso.com/personal/pictures",
)
REFERRAL = Extension(name="Com.Contoso.Referral", values={"companyName": "Wingtip Toys", "dealValue": 500050})
START = DateTimeTimeZone(date_time="2017-12-24T09:00:00", time_zone="UTC")
DUE = DateTimeTimeZone(date_time="2017-12-29T17:00:00", time_zone="UTC")
FOLLOW_UP = Flag(status=FlagStatus.FLAGGED, start=START, due=DUE)

BEGIN = CreateDraft(folder=DRAFTS, letter=LETTER, thread=THREAD)
SEND = Send(owner=ALEX, keep_in=SENT_ITEMS)
SEND_AND_KEEP_NOTHING = Send(owner=ALEX, keep_in=None)
RECEIVE = Receive(
    folder=INBOX,
    letter=LETTER,
    thread=THREAD,
    sent_at=EARLIER.at,
    attachments=(MENU,),
    mentions=(),
)
ANSWERS = Answers(message=numbered(8), how=AnswerKind.REPLY)
TIES = (
    Header(name="In-Reply-To", value="<1@contoso.com>"),
    Header(name="References", value="<1@contoso.com>"),
)
WHOLE = Letter(subject="As MIME", to=(MEGAN,), internet_message_id="<3@contoso.com>")
REPLACE = Replace(letter=WHOLE, sent_at=NOW.at, attachments=(MENU,))
DELETE = Delete(bin=BIN, beyond=BEYOND)

begun = DraftCreated(on=EARLIER, folder=DRAFTS, letter=LETTER, thread=THREAD)
rewritten = DraftUpdated(on=EARLIER, changes=Letter(subject="Next week's game"))
samantha_mentioned = MentionAdded(
    on=EARLIER, mention_id=MENTION.mention_id, mentioned=SAMANTHA, created_by=ALEX
)
mention_taken_back = MentionRemoved(on=EARLIER, mention_id=MENTION.mention_id)
menu_attached = AttachmentAdded(on=EARLIER, attachment=MENU)
logo_attached = AttachmentAdded(on=EARLIER, attachment=LOGO)
menu_taken_off = AttachmentRemoved(on=EARLIER, attachment_id=MENU.id)
sent = Sent(on=EARLIER, author=ALEX, sender=ALEX, kept_in=SENT_ITEMS)
sent_and_not_kept = Sent(on=EARLIER, author=ALEX, sender=ALEX, kept_in=None)
received = Received(
    on=EARLIER,
    folder=INBOX,
    letter=LETTER,
    thread=THREAD,
    sent_at=EARLIER.at,
    attachments=(MENU,),
    mentions=(),
)
delivered = Delivered(on=EARLIER, recipient="adelev@contoso.com", via="mailbox")
not_delivered = DeliveryFailed(on=EARLIER, recipient="adelev@contoso.com", reason="550 no such user")
archived = Moved(on=EARLIER, folder=ARCHIVE)
thrown_away = Moved(on=EARLIER, folder=BIN)
thrown_further = Moved(on=EARLIER, folder=BEYOND)
marked_unread = ReadStateChanged(on=EARLIER, is_read=False)
marked_read = ReadStateChanged(on=EARLIER, is_read=True)
flagged = Flagged(on=EARLIER, flag=FOLLOW_UP)
filed = Categorised(on=EARLIER, categories=("Red category",))
remarked = Remarked(on=EARLIER, changes=Letter(importance=Importance.HIGH))
referral_set = ExtensionSet(on=EARLIER, extension=REFERRAL)
referral_removed = ExtensionRemoved(on=EARLIER, name=REFERRAL.name)
replaced = DraftReplaced(on=EARLIER, letter=WHOLE, sent_at=NOW.at, attachments=(MENU,))
reported = Reported(on=EARLIER, action=ReportAction.PHISH)
unsubscribed = Unsubscribed(on=EARLIER, via="unsubscribe@contoso.com")
BEFORE = Earlier(message=numbered(20), update="fullUpdate")
followed = MeetingFollowed(on=EARLIER, earlier=BEFORE)
overtaken = MeetingOvertaken(on=EARLIER, by=numbered(22))
deleted = Deleted(on=EARLIER)
ERASE = Erase("Article 17, request 4711")
erased = Erased(on=EARLIER, why=ERASE.why)


def nothing_known_since(moment: datetime) -> ErasedMessage:
    """What a message is that was erased at a moment, or of whose last fact only its moment is known."""
    return ErasedMessage(
        folder=None,
        letter=Letter(),
        thread=Thread(conversation="", index=""),
        created_at=moment,
        modified_at=moment,
        received_at=moment,
        sent_at=moment,
    )


DRAFT = Draft(
    folder=DRAFTS,
    letter=LETTER,
    thread=THREAD,
    created_at=EARLIER.at,
    modified_at=EARLIER.at,
    received_at=EARLIER.at,
    sent_at=EARLIER.at,
)
ARRIVED = ReceivedMessage(
    folder=INBOX,
    letter=LETTER,
    thread=THREAD,
    created_at=EARLIER.at,
    modified_at=EARLIER.at,
    received_at=EARLIER.at,
    sent_at=EARLIER.at,
    is_read=False,
    attachments=(MENU,),
)

COPY = Copy(source=numbered(9), original=ARRIVED, folder=ARCHIVE)
copied = Copied(
    on=EARLIER,
    source=COPY.source,
    folder=ARCHIVE,
    kind="received",
    letter=LETTER,
    thread=THREAD,
    received_at=EARLIER.at,
    sent_at=EARLIER.at,
    is_read=False,
    flag=ARRIVED.flag,
    categories=(),
    attachments=(MENU,),
    mentions=(),
    extensions=(),
    from_mime=False,
)

LONG_AGO = datetime(2009, 6, 30, 18, 45, tzinfo=UTC)
IMPORT = Import(
    origin="Inbox.mbox:4711",
    folder=ARCHIVE,
    kind="received",
    letter=LETTER,
    thread=THREAD,
    received_at=LONG_AGO,
    sent_at=EARLIER.at,
    is_read=False,
    categories=("Red category",),
    attachments=(MENU,),
)
imported = Imported(
    on=EARLIER,
    origin="Inbox.mbox:4711",
    folder=ARCHIVE,
    kind="received",
    letter=LETTER,
    thread=THREAD,
    received_at=LONG_AGO,
    sent_at=EARLIER.at,
    is_read=False,
    categories=("Red category",),
    attachments=(MENU,),
)
