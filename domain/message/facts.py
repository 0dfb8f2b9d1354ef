"""What can happen to a message.

The stored names *are* the storage format. Never rename one, never change what one means; a fact whose
meaning must change gets a new name with the next version.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from letterbook.domain.attachments import Attachment
from letterbook.domain.facts import Fact
from letterbook.domain.letter import Answers, Extension, Flag, Letter, ReportAction, Thread
from letterbook.domain.meetings import ALONE, Earlier, Standing
from letterbook.domain.people import EmailAddress


class DraftCreated(Fact, stored_as="message.draft-created.v1"):
    """Somebody began a letter."""

    folder: UUID
    letter: Letter
    thread: Thread
    sent_at: datetime | None = None
    """The ``Date`` of a MIME message; a draft in JSON has none."""
    from_mime: bool = False
    """Whether it came as MIME, whose ``From`` is a claim and not an order."""
    answers: Answers | None = None
    """The message that it answers, if it began as a reply or a forward."""


class DraftUpdated(Fact, stored_as="message.draft-updated.v1"):
    """The author rewrote parts of the draft; only what changed is here."""

    changes: Letter


class DraftReplaced(Fact, stored_as="message.draft-replaced.v1"):
    """The author put a whole MIME message in the place of what the draft said and had attached."""

    letter: Letter
    sent_at: datetime | None
    """Its ``Date``, if it had one."""
    attachments: tuple[Attachment, ...] = ()


class MentionAdded(Fact, stored_as="message.mention-added.v1"):
    """The author called someone out in the message."""

    mention_id: UUID
    mentioned: EmailAddress
    created_by: EmailAddress


class MentionRemoved(Fact, stored_as="message.mention-removed.v1"):
    """The author took a mention back."""

    mention_id: UUID


class AttachmentAdded(Fact, stored_as="message.attachment-added.v1"):
    """Something was attached."""

    attachment: Attachment


class AttachmentRemoved(Fact, stored_as="message.attachment-removed.v1"):
    """Something was taken off again."""

    attachment_id: UUID


class Sent(Fact, stored_as="message.sent.v1"):
    """The letter left. ``kept_in`` is the folder of the sender's copy; ``None`` if none was kept."""

    author: EmailAddress
    sender: EmailAddress
    kept_in: UUID | None


class Received(Fact, stored_as="message.received.v1"):
    """A letter arrived, complete, as this recipient may see it."""

    folder: UUID
    letter: Letter
    thread: Thread
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[MentionAdded, ...] = ()


class Copied(Fact, stored_as="message.copied.v1"):
    """Another message of this mailbox was copied: this one begins as all that the other one was."""

    source: UUID
    folder: UUID
    kind: Literal["draft", "sent", "received"]
    letter: Letter
    thread: Thread
    received_at: datetime
    sent_at: datetime
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[MentionAdded, ...] = ()
    extensions: tuple[Extension, ...] = ()
    from_mime: bool = False
    standing: Standing = ALONE
    """Where the other one stood among the messages about its meeting."""


class Imported(Fact, stored_as="message.imported.v1"):
    """A letter was brought in that was kept elsewhere; it was written, sent or received there, not here."""

    origin: str
    """Where it was found: a file, and the place in it."""
    folder: UUID
    kind: Literal["draft", "sent", "received"]
    letter: Letter
    thread: Thread
    received_at: datetime
    sent_at: datetime
    is_read: bool = True
    flag: Flag = Flag()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    extensions: tuple[Extension, ...] = ()
    from_mime: bool = False


class Delivered(Fact, stored_as="message.delivered.v1"):
    """The letter reached one recipient: a mailbox of this store, or the transport for all others."""

    recipient: str
    via: str


class DeliveryFailed(Fact, stored_as="message.delivery-failed.v1"):
    """The letter will not reach one recipient, and why."""

    recipient: str
    reason: str


class Moved(Fact, stored_as="message.moved.v1"):
    """The message went to another folder."""

    folder: UUID


class ReadStateChanged(Fact, stored_as="message.read-state-changed.v1"):
    """The owner read it, or marked it unread."""

    is_read: bool


class Flagged(Fact, stored_as="message.flagged.v1"):
    """The owner set, changed or cleared the follow-up flag."""

    flag: Flag


class Categorised(Fact, stored_as="message.categorised.v1"):
    """The owner filed it under other categories."""

    categories: tuple[str, ...]


class Remarked(Fact, stored_as="message.remarked.v1"):
    """The owner changed a mark that stays open after sending: importance, receipts, focused or other."""

    changes: Letter


class Reported(Fact, stored_as="message.reported.v1"):
    """The owner said what the message really is: junk, not junk, or bait."""

    action: ReportAction


class Unsubscribed(Fact, stored_as="message.unsubscribed.v1"):
    """The owner asked the mailing list it came from to send no more."""

    via: str
    """The address that was asked."""


class MeetingFollowed(Fact, stored_as="message.meeting-followed.v1"):
    """This request follows on an earlier message about its meeting, and changes what that one said."""

    earlier: Earlier


class MeetingOvertaken(Fact, stored_as="message.meeting-overtaken.v1"):
    """Whoever invites has said something newer about the meeting: this message is out of date."""

    by: UUID
    """The newer message of the same mailbox."""


class ExtensionSet(Fact, stored_as="message.extension-set.v1"):
    """A program left data with the message; values given before under other keys stay."""

    extension: Extension


class ExtensionRemoved(Fact, stored_as="message.extension-removed.v1"):
    """A program took its data away."""

    name: str


class Deleted(Fact, stored_as="message.deleted.v1"):
    """The message left the mailbox for good. Its history stays."""


class Erased(Fact, stored_as="message.erased.v1", in_clear=True):
    """Everything that the message ever said was made unreadable; that it was there stays known."""

    why: str
    """Which law, order or wish demanded it."""


MessageFact = (
    DraftCreated
    | DraftUpdated
    | DraftReplaced
    | MentionAdded
    | MentionRemoved
    | AttachmentAdded
    | AttachmentRemoved
    | Sent
    | Received
    | Copied
    | Imported
    | Delivered
    | DeliveryFailed
    | Moved
    | ReadStateChanged
    | Flagged
    | Categorised
    | Remarked
    | Reported
    | Unsubscribed
    | MeetingFollowed
    | MeetingOvertaken
    | ExtensionSet
    | ExtensionRemoved
    | Deleted
    | Erased
)
